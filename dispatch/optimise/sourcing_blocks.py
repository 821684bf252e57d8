"""Equations of an interior point, block by block.

Rows of one item meet those of another only in the rows and columns of the
border: fleets, the budget, stages held, shares. So ``A diag(d) A'`` is block
diagonal but for the border, and what is left for the border once the blocks
are eliminated is a small dense matrix (a Schur complement; J. Gondzio and
A. Grothey, doi:10.1007/s10287-006-0020-9). Rows that meet no other such row,
as those of needs and floors, are eliminated before.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.linalg import blas, lapack
from scipy.sparse import csr_array

from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing_model import FloatArray
from dispatch.optimise.sourcing_network import BoolArray

BORDER: Final = -1
"""Group of a column that belongs to no block."""

_FEW: Final = 12
"""Rows that meet no more others than these are eliminated first."""

_EXACT: Final = 1e-7
"""Part of a right-hand side that may be left over when it is solved."""

_STEPS: Final = 8
"""Most steps of conjugate gradients to come there."""

_LIFT: Final = 1e-13
"""What is added to a diagonal, as a part of it, before blocks are eliminated."""


class Blocks:
    """``A diag(d) A' + diag(e)`` for a sparse matrix whose columns fall into groups.

    Parameters
    ----------
    matrix : csr_array, shape (rows, columns)
        No row is empty.
    group : IntArray, shape (columns,)
        Block of each column, or :data:`BORDER`.
    """

    def __init__(self, matrix: csr_array, group: IntArray) -> None:
        self.matrix, self.turned = matrix, csr_array(matrix.T)
        self.wide = np.flatnonzero(group == BORDER)
        self.thin = np.flatnonzero(group != BORDER)
        thin = csr_array(matrix[:, self.thin])
        wide = matrix[:, self.wide].toarray()
        block = _block_of_rows(thin, group[self.thin])
        first = _apart(thin, (block != BORDER) & ~wide.any(axis=1))
        rest = np.flatnonzero(~first)
        # blocks one after the other, the border last
        order = np.where(block == BORDER, block.max(initial=0) + 1, block)
        self.kept = rest[np.argsort(order[rest], kind="stable")]
        self.first = np.flatnonzero(first)
        numbers, starts = np.unique(order[self.kept], return_index=True)
        ends = np.append(starts, len(self.kept))[1:].tolist()
        self.spans = [
            slice(start, end)
            for number, start, end in zip(numbers.tolist(), starts.tolist(), ends, strict=True)
            if number <= block.max(initial=0)
        ]
        self.inner = self.spans[-1].stop if self.spans else 0
        self.of_kept, self.of_first = csr_array(thin[self.kept]), csr_array(thin[self.first])
        self.kept_turned = csr_array(self.of_kept.T)
        self.wide_kept = wide[self.kept]

    @property
    def work(self) -> float:
        """Number of operations that one factor takes."""
        border = len(self.kept) - self.inner + len(self.wide)
        sizes = np.array([span.stop - span.start for span in self.spans], np.float64)
        return float((sizes**3 / 3 + sizes**2 * border + sizes * border**2).sum() + border**3)

    def factor(self, d: FloatArray, e: FloatArray) -> Factor:
        """Factorise for weights ``d`` of columns and ``e`` of rows, all positive.

        Raises
        ------
        FloatingPointError
            If the weights are beyond what can be factorised.
        """
        return Factor(self, d, e)


class Factor:
    """The factors, and the solutions that they give."""

    def __init__(self, blocks: Blocks, d: FloatArray, e: FloatArray) -> None:
        self.blocks, self.d, self.e = blocks, d, e
        weighted = _scaled(blocks.kept_turned, d[blocks.thin])
        both: csr_array = blocks.of_kept @ weighted
        full = both.diagonal() + e[blocks.kept]
        self.pivot = blocks.of_first.power(2) @ d[blocks.thin] + e[blocks.first]
        self.across = csr_array(blocks.of_first @ weighted)
        both = csr_array(both - self.across.T @ _scaled(self.across, 1 / self.pivot))
        lift = e[blocks.kept] + _LIFT * full
        inner, border = blocks.inner, len(blocks.kept) - blocks.inner
        self.border, end = border, border + len(blocks.wide)
        # one more that stands alone, so that there is always something to solve
        schur = np.zeros((end + 1,) * 2, order="F")
        schur[end, end] = 1.0
        schur[:border, :border] = both[inner:, inner:].toarray() + np.diag(lift[inner:])
        schur[:border, border:end] = blocks.wide_kept[inner:]
        schur[border:end, border:end] = -np.diag(1 / d[blocks.wide])
        self.lower, self.beside = [], []
        for span in blocks.spans:
            rows = both[span]
            own = _cholesky(rows[:, span].toarray(order="F"), lift[span], full[span])
            beside = np.zeros((len(own), end + 1), order="F")
            beside[:, :border] = rows[:, inner:].toarray()
            beside[:, border:end] = blocks.wide_kept[span]
            beside = lapack.dtrtrs(own, beside, lower=1, overwrite_b=1)[0]
            schur = blas.dsyrk(-1.0, beside, 1.0, schur, trans=1, overwrite_c=1)
            self.lower.append(own)
            self.beside.append(beside)
        schur = np.triu(schur) + np.triu(schur, 1).T
        if not np.isfinite(schur).all():
            raise FloatingPointError
        self.schur = lapack.dgetrf(schur)[:2]

    def solve(self, right: FloatArray) -> FloatArray:
        """Return y with ``(A diag(d) A' + diag(e)) y = right``, by conjugate gradients."""
        y = self._once(right)
        left = right - self._times(y)
        enough = _EXACT * float(np.linalg.norm(right))
        if np.linalg.norm(left) <= enough:
            return y
        way = better = self._once(left)
        gain = float(left @ better)
        for _ in range(_STEPS):
            image = self._times(way)
            length = gain / float(way @ image)
            y, left = y + length * way, left - length * image
            if np.linalg.norm(left) <= enough:
                break
            better = self._once(left)
            old, gain = gain, float(left @ better)
            way = better + gain / old * way
        return y

    def _times(self, y: FloatArray) -> FloatArray:
        blocks = self.blocks
        product: FloatArray = blocks.matrix @ (self.d * (blocks.turned @ y)) + self.e * y
        return product

    def _once(self, right: FloatArray) -> FloatArray:
        """Solve with the factors as they are."""
        blocks, inner = self.blocks, self.blocks.inner
        first = right[blocks.first] / self.pivot
        kept = right[blocks.kept] - self.across.T @ first
        last = np.zeros(self.border + len(blocks.wide) + 1)
        last[: self.border] = kept[inner:]
        half = []
        for span, own, beside in zip(blocks.spans, self.lower, self.beside, strict=True):
            half.append(lapack.dtrtrs(own, kept[span], lower=1)[0])
            last -= beside.T @ half[-1]
        last = lapack.dgetrs(*self.schur, last)[0]
        kept[inner:] = last[: self.border]
        for span, own, beside, part in zip(
            blocks.spans, self.lower, self.beside, half, strict=True
        ):
            kept[span] = lapack.dtrtrs(own, part - beside @ last, lower=1, trans=1)[0]
        y = np.empty_like(right)
        y[blocks.kept] = kept
        y[blocks.first] = first - (self.across @ kept) / self.pivot
        return y


def _scaled(matrix: csr_array, factor: FloatArray) -> csr_array:
    """Return the rows of a matrix times a factor each."""
    data = matrix.data * np.repeat(factor, np.diff(matrix.indptr))
    return csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def _cholesky(matrix: FloatArray, lift: FloatArray, full: FloatArray) -> FloatArray:
    """Factorise a block, lifting its diagonal as far as rounding makes it necessary."""
    at, lift = np.arange(len(matrix)), lift.copy()
    diagonal = matrix[at, at]
    for exponent in range(-11, -2, 2):
        matrix[at, at] = diagonal + lift
        lower, fault = lapack.dpotrf(matrix, lower=1, clean=0)
        if fault == 0:
            factor: FloatArray = lower
            return factor
        lift += 10.0**exponent * full
    raise FloatingPointError


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
