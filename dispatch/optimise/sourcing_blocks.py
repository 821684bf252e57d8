"""Equations of an interior point, block by block.

``A diag(d) A'`` is block diagonal but for the border, and what is left for the
border once the blocks are eliminated is a small dense matrix (a Schur
complement; J. Gondzio and A. Grothey, doi:10.1007/s10287-006-0020-9). Which
products of the matrix make which entry is worked out once; the entries for
weights are then one product with a sparse matrix.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array

from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing_layout import BORDER, layout
from dispatch.optimise.sourcing_rows import FloatArray


class Blocks:
    """``A diag(d) A' + diag(e)`` for a sparse matrix whose columns fall into groups.

    Parameters
    ----------
    matrix : csr_array, shape (rows, columns)
        No row is empty.
    group : IntArray, shape (columns,)
        Block of each column, or :data:`~dispatch.optimise.sourcing_layout.BORDER`.
    day : IntArray, shape (rows,)
        Order of the rows within their blocks.
    """

    def __init__(self, matrix: csr_array, group: IntArray, day: IntArray) -> None:
        self.matrix, self.turned = matrix, csr_array(matrix.T)
        self.wide = np.flatnonzero(group == BORDER)
        self.thin = np.flatnonzero(group != BORDER)
        thin = csr_array(matrix[:, self.thin])
        wide = matrix[:, self.wide].toarray()
        self.layout = layout(thin, wide != 0, group[self.thin], day)
        self._find_entries(thin)
        self._state_wide(wide[self.layout.kept])

    def entries(self, d: FloatArray, e: FloatArray) -> tuple[FloatArray, FloatArray, csr_array]:
        """Return what there is to factorise for weights ``d`` of columns and ``e`` of rows.

        Returns
        -------
        dense : FloatArray
            Of blocks and border, as the layout has them, the upper triangles.
            The rows that are eliminated first are gone.
        pivot : FloatArray
            Of these.
        across : csr_array
            Where they meet rows kept.
        """
        made = self._products @ d[self.thin]
        pivot = made[self._pivot] + e[self.layout.first]
        across = csr_array(
            (made[self._across.data], self._across.indices, self._across.indptr),
            shape=self._across.shape,
        )
        one, other, row = self._gone
        value = np.zeros(len(self._at))
        value[self._made_at] = made[self._kept]
        gone = across.data[one] * across.data[other] / pivot[row]
        value -= np.bincount(self._filled, gone, len(value)).astype(np.float64, copy=False)
        dense = np.zeros(self.layout.length)
        dense[self._at] = value
        dense[self._wide_at] = self._wide_value
        dense[self._below_at] = -1.0 / d[self.wide]
        dense[-1] = 1.0  # stands alone, so that there is always something to solve
        dense[self._diagonal_at] += e[self.layout.kept]
        return dense, pivot, across

    def diagonal(self, d: FloatArray) -> FloatArray:
        """Return the diagonal of the rows kept, before others are eliminated."""
        whole: FloatArray = self._squares @ d[self.thin]
        return whole

    def _find_entries(self, thin: csr_array) -> None:
        kept, first = self.layout.kept, self.layout.first
        rows, count = np.concatenate((kept, first)), len(kept) + len(first)
        ordered = csr_array(thin[rows])
        self._squares = csr_array(ordered[: len(kept)].power(2))
        columns = csr_array(ordered.T)
        columns.sort_indices()
        one, other, column = _pairs(columns)
        keys, entry = np.unique(
            columns.indices[one].astype(np.int64) * count + columns.indices[other],
            return_inverse=True,
        )
        product = columns.data[one] * columns.data[other]
        shape = len(keys), len(self.thin)
        self._products = csr_array(coo_array((product, (entry, column)), shape=shape))
        low, high = np.divmod(keys, count)
        self._pivot = np.flatnonzero(low >= len(kept))
        self._kept = np.flatnonzero(high < len(kept))
        between = np.flatnonzero((low < len(kept)) & (high >= len(kept)))
        meets = (between, (high[between] - len(kept), low[between]))
        self._across = csr_array(coo_array(meets, shape=(len(first), len(kept))))
        self._across.sort_indices()
        self._gone = _pairs(self._across)
        one, other, _row = self._gone
        filled = self._across.indices[one].astype(np.int64) * count + self._across.indices[other]
        every = np.unique(np.concatenate((keys[self._kept], filled)))
        self._filled = np.searchsorted(every, filled)
        self._made_at = np.searchsorted(every, keys[self._kept])
        self._at = self.layout.address(*np.divmod(every, count))

    def _state_wide(self, wide: FloatArray) -> None:
        count = len(self.layout.kept)
        row, column = np.nonzero(wide)
        self._wide_at = self.layout.address(row, count + column)
        self._wide_value = wide[row, column]
        below = count + np.arange(wide.shape[1])
        self._below_at = self.layout.address(below, below)
        at = np.arange(count)
        self._diagonal_at = self.layout.address(at, at)


def _pairs(matrix: csr_array) -> tuple[IntArray, IntArray, IntArray]:
    """Return all pairs of entries in the same row of a matrix, each with itself too.

    Returns
    -------
    one, other, row : IntArray
        The entry that comes first, the other, and their row.
    """
    starts = matrix.indptr.astype(np.int64)
    lengths, parts = np.diff(starts), list[IntArray]()
    for length in np.unique(lengths[lengths > 0]).tolist():
        rows = np.flatnonzero(lengths == length)
        one, other = np.triu_indices(length)
        begin = starts[rows][:, None]
        of_row = np.broadcast_to(rows[:, None], (len(rows), len(one)))
        parts.append(np.stack(((begin + one).ravel(), (begin + other).ravel(), of_row.ravel())))
    one, other, row = np.concatenate([np.zeros((3, 0), np.int64), *parts], axis=1)
    return one, other, row
