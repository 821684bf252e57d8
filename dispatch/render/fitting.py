"""Tables cut to the room there is on a slide or a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

from rich.cells import cell_len

from dispatch.render.text import cut, plain

EM_PER_COLUMN: Final = 0.54
"""Width of half a Chinese character or of a Latin one over the size of type, and a little more."""

EM_PER_FIGURE: Final = 0.66
"""The same for columns of figures, which are never broken: as wide as bold Latin letters."""

MOST_COLUMNS: Final = 18
"""Widest column of figures, in half Chinese characters."""

MOST_FOR_FIGURES: Final = 0.7
"""Share of a table that its columns of figures take at most."""

MOST_LINES: Final = 3
"""A longer text in a cell is cut."""

SHORT: Final = 8
"""Rows of a table at most that are kept together on one sheet."""

NOTE_LINES: Final = 1.5

LINE: Final = 1.3
"""Distance of lines over the size of type."""


@dataclass(frozen=True)
class Table:
    """A table that may have to leave rows out.

    Parameters
    ----------
    headings : tuple of str
    rows : tuple of tuple of str
    widths : tuple of float
        Of the columns, in relation to each other.
    right : tuple of int
        Columns of figures, set to the right.
    title : str
    rest : str
        Said below where rows are left out, with blanks shown and rest. Without
        it none is left out.
    whole : bool
        Whether no text is cut either.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    right: tuple[int, ...] = ()
    title: str = ""
    rest: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Fitted:
    """A table cut to its room.

    Parameters
    ----------
    rows : tuple of tuple of str
    lines : tuple of int
        How many lines the heading and each row take.
    widths : tuple of float
        Of the columns, in points.
    note : str
        What is said below; empty where no row is left out.
    """

    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    widths: tuple[float, ...]
    note: str

    @property
    def short(self) -> bool:
        """Whether it is kept together on one sheet."""
        return len(self.rows) <= SHORT


def fit(table: Table, width_pt: float, size_pt: float, lines: float, pad: float = 0.4) -> Fitted:
    """Cut a table to a width and to so many lines, headings and note among them.

    Parameters
    ----------
    table : Table
    width_pt, size_pt : float
        Width of the table and size of its type, in points.
    lines : float
        Height there is for it, in lines of its type; a row takes ``pad`` lines more
        than its text.
    pad : float
    """
    widths = _widths(table, width_pt, size_pt)
    columns = [max(int((width - size_pt) / (size_pt * EM_PER_COLUMN)), 2) for width in widths]
    head = max(_lines(h, c) for h, c in zip(table.headings, columns, strict=True))
    cells = [
        tuple(
            plain(cell) if table.whole else cut(cell, MOST_LINES * c - 2)
            for cell, c in zip(row, columns, strict=True)
        )
        for row in table.rows
    ]
    heights = [max(_lines(cell, c) for cell, c in zip(r, columns, strict=True)) for r in cells]
    room = lines - head - pad - (1 + pad if table.title else 0)
    shown, used = 0, 0.0
    while shown < len(cells) and (not table.rest or used + heights[shown] + pad <= room):
        used += heights[shown] + pad
        shown += 1
    if shown < len(cells):
        while shown and used > room - NOTE_LINES:
            shown -= 1
            used -= heights[shown] + pad
    rest = len(cells) - shown
    note = table.rest.format(shown=shown, rest=rest) if rest else ""
    return Fitted(tuple(cells[:shown]), (head, *heights[:shown]), tuple(widths), note)


def _widths(table: Table, width_pt: float, size_pt: float) -> list[float]:
    """Give columns of figures what they need, and the others what is left."""
    need = {
        column: (min(max(_longest(table, column), 2), MOST_COLUMNS) * EM_PER_FIGURE + 1.2) * size_pt
        for column in table.right
    }
    others = sum(share for i, share in enumerate(table.widths) if i not in need)
    squeeze = min(1.0, width_pt * MOST_FOR_FIGURES / sum(need.values())) if need else 1.0
    left = width_pt - sum(need.values()) * squeeze
    return [
        need[i] * squeeze if i in need else left * share / others
        for i, share in enumerate(table.widths)
    ]


def _longest(table: Table, column: int) -> int:
    return max(
        cell_len(text) for text in (table.headings[column], *(r[column] for r in table.rows))
    )


def _lines(cell: str, columns: int) -> int:
    # a word too long for its column begins on a line of its own
    broken = any(cell_len(word) > columns for word in cell.split()[1:] if word[0].isascii())
    return max(ceil(cell_len(cell) / columns), 1) + broken
