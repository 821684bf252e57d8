"""The list of teams beside a printed map: number, name and arrival in columns."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

from matplotlib.axes import Axes

from dispatch.i18n import _, pick
from dispatch.render.drawing import SOFT, extent_pt, fitting, write
from dispatch.render.view import Row, View

LEADING: Final = 1.45
"""Distance of lines of text over their size."""

SIZES_PT: Final = (8.5, 7.5, 6.5)
"""Sizes of type; the smaller ones for lists that have no room otherwise."""

MOST: Final = 0.6
"""Share of the names that a column is wide enough for where room is scarce."""

NUMBER_PT: Final = 18.0
GAP_PT: Final = 12.0


@dataclass(frozen=True)
class TeamList:
    """A list of teams laid into columns.

    Parameters
    ----------
    size_pt : float
        Size of type.
    columns, lines : int
        Of the list; what finds no place in them is counted at the end.
    """

    size_pt: float
    columns: int
    lines: int

    @property
    def height_pt(self) -> float:
        """Height of all lines, in points."""
        return self.lines * self.size_pt * LEADING


def lay_list(shown: View, width_pt: float, height_pt: float) -> TeamList:
    """Choose the largest type at which all teams find room with their whole names.

    Where there is none, the smallest, and columns as wide as most names need.
    """
    names = sorted(extent_pt(_name(row), 10)[0] / 10 for row in shown.rows) or [0.0]
    clock = max((extent_pt(_arrival(shown, row), 10)[0] / 10 for row in shown.rows), default=0.0)
    most = names[ceil(MOST * len(names)) - 1]
    for size_pt, name in [*((size_pt, names[-1]) for size_pt in SIZES_PT), (SIZES_PT[-1], most)]:
        pitch = NUMBER_PT + (name + clock) * size_pt + GAP_PT
        columns = max(1, int(width_pt // pitch))
        lines = max(1, int(height_pt // (size_pt * LEADING)))
        if columns * lines >= len(shown.rows):
            columns = min(columns, len(shown.rows) or 1)
            lines = max(1, ceil(len(shown.rows) / columns))
            break
    return TeamList(size_pt, columns, lines)


def draw_list(ax: Axes, shown: View, left: float, right: float, top: float) -> None:
    """Write the list into axes in points, from ``top`` down to zero."""
    laid = lay_list(shown, right - left, top)
    room = laid.lines * laid.columns
    rows = shown.rows if len(shown.rows) <= room else shown.rows[: room - 1]
    entries = [(f"{row.number}", _name(row), _arrival(shown, row)) for row in rows]
    if len(rows) < len(shown.rows):
        rest = len(shown.rows) - len(rows)
        entries.append(("", _("… {count} more in the orders").format(count=rest), ""))
    pitch, step = (right - left) / laid.columns, laid.size_pt * LEADING
    for index, (number, name, arrival) in enumerate(entries):
        column, line = divmod(index, laid.lines)
        x, y = left + column * pitch, top - (line + 0.5) * step
        clock_w = extent_pt(arrival, laid.size_pt)[0] if arrival else 0
        style = {"va": "center"}
        write(ax, x + NUMBER_PT - 4, y, number, laid.size_pt, ha="right", color=SOFT, **style)
        room_pt = pitch - NUMBER_PT - clock_w - GAP_PT + 4
        write(ax, x + NUMBER_PT, y, fitting(name, laid.size_pt, room_pt), laid.size_pt, **style)
        if arrival:
            write(ax, x + pitch - GAP_PT + 4, y, arrival, laid.size_pt, ha="right", **style)


def _name(row: Row) -> str:
    mark = "*" if row.illustrative else ""
    return f"{row.letter} {pick(row.order.team_name, row.order.team_name_en)}{mark}"


def _arrival(shown: View, row: Row) -> str:
    return shown.clock(row.order.arrive_s)
