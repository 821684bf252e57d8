"""The order in which rows of an interior point are eliminated, and where their entries stand.

Rows of one item meet those of another only in the rows and columns of the
border: fleets, the budget, stages held, shares. Within an item rows of a day
meet those of the days around it: taken day by day they make a band. The few
that meet rows of all days, as those of claims, come late, next to the border.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing_network import BoolArray

BORDER: Final = -1
"""Group of a column that belongs to no block."""

_FEW: Final = 12
"""Rows that meet no more others than these are eliminated first."""

_FAR: Final = 160
"""Rows of a block that meet one more than so many places before them come late."""

_PANEL: Final = 64
"""Rows of a band that are eliminated at once."""


@dataclass(frozen=True)
class Panel:
    """Rows ``first:last`` of a block, with the columns in which they have entries.

    Parameters
    ----------
    first, last : int
    reach : int
        End of the columns of the band, which begin at ``last``.
    right : int
        End of the columns beside the band: late rows, border, wide columns.
    """

    first: int
    last: int
    reach: int
    right: int


@dataclass(frozen=True)
class Block:
    """Rows ``start:start + size`` of those kept, the late ones after the first ``band``.

    Parameters
    ----------
    start, size, band : int
    offset : int
        Where its dense rows begin among the entries.
    panels : tuple of Panel
        Of the band.
    """

    start: int
    size: int
    band: int
    offset: int
    panels: tuple[Panel, ...]

    @property
    def rows(self) -> slice:
        """Which rows of those kept it has."""
        return slice(self.start, self.start + self.size)


@dataclass(frozen=True, eq=False)
class Layout:
    """Rows in the order of their elimination.

    Parameters
    ----------
    first : IntArray
        Rows that meet no other of these.
    kept : IntArray
        All others: those of the blocks, then those of the border.
    blocks : tuple of Block
    inner : int
        Number of rows kept that are in blocks.
    beside : int
        Number of rows and wide columns of the border.
    """

    first: IntArray
    kept: IntArray
    blocks: tuple[Block, ...]
    inner: int
    beside: int

    @property
    def offset(self) -> int:
        """Where the square of the border begins, one row larger than it has to be."""
        last = self.blocks[-1] if self.blocks else None
        return last.offset + last.size * (last.size + self.beside) if last else 0

    @property
    def length(self) -> int:
        """Number of all dense entries."""
        return self.offset + (self.beside + 1) ** 2

    @property
    def work(self) -> float:
        """Number of operations that one factor takes."""
        work = float(self.beside + 1) ** 3
        for block in self.blocks:
            for panel in block.panels:
                columns = panel.reach - panel.first + panel.right - block.band
                work += (panel.last - panel.first) * float(columns) ** 2
            late = block.size - block.band
            work += late * float(late + self.beside) ** 2
        return work

    def address(self, low: IntArray, high: IntArray) -> IntArray:
        """Return where entries of rows kept stand, ``low <= high``, in ascending order of ``low``.

        Wide columns are numbered on from the rows.
        """
        side, inner = self.beside + 1, self.inner
        at: IntArray = self.offset + (low - inner) * side + high - inner
        for block in self.blocks:
            own = slice(*np.searchsorted(low, (block.start, block.start + block.size)).tolist())
            row, column = low[own] - block.start, high[own] - block.start
            outside = column >= block.size
            column = np.where(outside, block.size + high[own] - inner, column)
            at[own] = block.offset + row * (block.size + self.beside) + column
        return at


def layout(thin: csr_array, wide: BoolArray, group: IntArray, day: IntArray) -> Layout:
    """Find the blocks, and an order that leaves as little as may be to work out.

    Parameters
    ----------
    thin : csr_array, shape (rows, columns)
        Without wide columns.
    wide : bool array, shape (rows, wide columns)
        Where these have entries.
    group : IntArray, shape (columns,)
        Block of each column.
    day : IntArray, shape (rows,)
        Order of the rows of a block, as far as they are not late, and of the border.
    """
    block = _block_of_rows(thin, group)
    apart = _apart(thin, (block != BORDER) & ~wide.any(axis=1))
    first, rest = np.flatnonzero(apart), np.flatnonzero(~apart)
    # blocks one after the other, the border last
    number = np.where(block == BORDER, block.max(initial=0) + 1, block)
    kept = rest[np.lexsort((rest, day[rest], number[rest]))]
    met = _meetings(thin, kept, first)
    inner = int((block[kept] != BORDER).sum())
    starts = [*np.unique(number[kept[:inner]], return_index=True)[1].tolist(), inner]
    late = _late(met[:, met[1] < inner], number[kept])
    order = np.lexsort((np.arange(len(kept)), late, number[kept]))
    kept, late = kept[order], late[order]
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    met = np.sort(place[met], axis=0)
    ends = _ends(met, late, inner, wide[kept])
    beside = len(kept) - inner + wide.shape[1]
    blocks, offset = [], 0
    for start, stop in pairwise(starts):
        blocks.append(_block(ends, start, stop, int((~late[start:stop]).sum()), offset))
        offset += blocks[-1].size * (blocks[-1].size + beside)
    return Layout(first, kept, tuple(blocks), inner, beside)


def _meetings(thin: csr_array, kept: IntArray, first: IntArray) -> IntArray:
    """Return pairs of rows kept that meet, the lower first, once the first are gone."""
    ones = csr_array((np.ones(thin.nnz), thin.indices, thin.indptr), shape=thin.shape)
    own, turned = csr_array(ones[kept]), csr_array(ones[kept].T)
    across = csr_array(ones[first] @ turned)
    meets = csr_array(own @ turned + across.T @ across)
    low = np.repeat(np.arange(len(kept)), np.diff(meets.indptr))
    met: IntArray = np.stack((low, meets.indices.astype(np.int64)))
    return met[:, low < met[1]]


def _late(met: IntArray, number: IntArray) -> BoolArray:
    """Say which rows meet one of their block that is far before them."""
    low, high = met[:, number[met[0]] == number[met[1]]]
    earliest = np.arange(len(number))
    np.minimum.at(earliest, high, low)
    late: BoolArray = np.arange(len(number)) - earliest > _FAR
    return late


def _ends(met: IntArray, late: BoolArray, inner: int, wide: BoolArray) -> IntArray:
    """Return the end of each row in its band and, as numbered from there, in the border."""
    reach, right = np.arange(len(late)) + 1, np.zeros(len(late), np.int64)
    low, high = met
    band = (high < inner) & ~late[high]
    np.maximum.at(reach, low[band], high[band] + 1)
    np.maximum.at(right, low[high >= inner], high[high >= inner] + 1 - inner)
    right[wide.any(axis=1)] = len(late) - inner + wide.shape[1]
    return np.stack((reach, right))


def _block(ends: IntArray, start: int, stop: int, band: int, offset: int) -> Block:
    """Cut the band of a block into panels; where one ends, all before it have ended."""
    size, panels, reach, right = stop - start, list[Panel](), 0, stop - start
    for first in range(0, band, _PANEL):
        last = min(first + _PANEL, band)
        row = slice(start + first, start + last)
        reach = max(reach, last, int(ends[0, row].max()) - start)
        right = max(right, int(ends[1, row].max()) + size)
        panels.append(Panel(first, last, reach, right))
    return Block(start, size, band, offset, tuple(panels))


def _block_of_rows(matrix: csr_array, group: IntArray) -> IntArray:
    """Return the group to which all columns of a row belong, the border where they differ."""
    of_entry = group[matrix.indices]
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    least = np.full(matrix.shape[0], group.max(initial=0) + 1)
    most = np.full(matrix.shape[0], BORDER)
    np.minimum.at(least, row, of_entry)
    np.maximum.at(most, row, of_entry)
    block: IntArray = np.where(least == most, least, BORDER)
    return block


def _apart(matrix: csr_array, allowed: BoolArray) -> BoolArray:
    """Return rows that meet few others, and none of them each other."""
    ones = csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    meets = csr_array(ones @ ones.T)
    count = np.diff(meets.indptr)
    apart, met = np.zeros(len(count), np.bool_), np.zeros(len(count), np.bool_)
    for row in np.argsort(count, kind="stable").tolist():
        if allowed[row] and not met[row] and count[row] <= _FEW:
            apart[row] = True
            met[meets.indices[meets.indptr[row] : meets.indptr[row + 1]]] = True
    return apart
