"""Factors of the equations of an interior point, and the solutions that they give."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.linalg import lapack

from dispatch.optimise.sourcing_blocks import Blocks
from dispatch.optimise.sourcing_layout import Block
from dispatch.optimise.sourcing_rows import FloatArray

_EXACT: Final = 1e-7
"""Part of a right-hand side that may be left over when it is solved."""

_STEPS: Final = 8
"""Most steps of conjugate gradients to come there."""

_LIFT: Final = 1e-13
"""What is added to a diagonal, as a part of it, before blocks are eliminated."""


class Factor:
    """Factorise ``A diag(d) A' + diag(e)`` for weights that are all positive.

    Parameters
    ----------
    blocks : Blocks
    d : FloatArray, shape (columns,)
    e : FloatArray, shape (rows,)

    Raises
    ------
    FloatingPointError
        If the weights are beyond what can be factorised.
    """

    def __init__(self, blocks: Blocks, d: FloatArray, e: FloatArray) -> None:
        self.blocks, self.d, self.e = blocks, d, e
        layout = blocks.layout
        dense, self.pivot, self.across = blocks.entries(d, e)
        full = blocks.diagonal(d) + e[layout.kept]
        side = layout.beside + 1
        border = dense[layout.offset :].reshape(side, side)
        outer = np.arange(len(layout.kept) - layout.inner)
        border[outer, outer] += _LIFT * full[layout.inner :]
        self.eliminated = []
        for block in layout.blocks:
            size = block.size * (block.size + layout.beside)
            rows = dense[block.offset : block.offset + size].reshape(block.size, -1)
            self.eliminated.append(_Eliminated(block, rows, full[block.rows], border))
        schur = np.triu(border) + np.triu(border, 1).T
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
        layout = self.blocks.layout
        first = right[layout.first] / self.pivot
        kept = right[layout.kept] - self.across.T @ first
        last = np.zeros(layout.beside + 1)
        last[: len(layout.kept) - layout.inner] = kept[layout.inner :]
        for one in self.eliminated:
            one.forward(kept[one.block.rows], last)
        last = lapack.dgetrs(*self.schur, last)[0]
        kept[layout.inner :] = last[: len(layout.kept) - layout.inner]
        for one in self.eliminated:
            one.backward(kept[one.block.rows], last)
        y = np.empty_like(right)
        y[layout.kept] = kept
        y[layout.first] = first - (self.across @ kept) / self.pivot
        return y


class _Eliminated:
    """The Cholesky factor of a block and its border, panel by panel, in the block's rows.

    The triangles on the diagonal are inverted: they are small, and all that is
    left to do with them are products.

    Parameters
    ----------
    block : Block
    rows : FloatArray, shape (size, size + beside)
        Upper triangle of the block and its columns in the border. Overwritten.
    full : FloatArray, shape (size,)
        Diagonal before anything was eliminated.
    border : FloatArray, shape (beside + 1, beside + 1)
        Its upper triangle loses what the block takes.
    """

    def __init__(
        self, block: Block, rows: FloatArray, full: FloatArray, border: FloatArray
    ) -> None:
        self.block, self.rows = block, rows
        band, size = block.band, block.size
        late = size - band
        self.inverse = []
        for panel in block.panels:
            own, after = slice(panel.first, panel.last), slice(panel.last, panel.reach)
            right = slice(band, panel.right)
            inverse = _inverse(rows[own, own], full[own])
            near, far = inverse @ rows[own, after], inverse @ rows[own, right]
            rows[own, after], rows[own, right] = near, far
            rows[after, after] -= near.T @ near
            rows[after, right] -= near.T @ far
            product, end = far.T @ far, panel.right - size
            rows[band:, right] -= product[:late]
            border[:end, :end] -= product[late:, late:]
            self.inverse.append(inverse)
        self.late = np.zeros((0, 0))
        if late:
            self.late = _inverse(rows[band:, band:size], full[band:])
            far = rows[band:, size:] = self.late @ rows[band:, size:]
            border[:-1, :-1] -= far.T @ far

    def forward(self, right: FloatArray, last: FloatArray) -> None:
        """Take the right-hand side of the block halfway, and that of the border along."""
        block, rows = self.block, self.rows
        band, size = block.band, block.size
        for panel, inverse in zip(block.panels, self.inverse, strict=True):
            own, after = slice(panel.first, panel.last), slice(panel.last, panel.reach)
            half = right[own] = inverse @ right[own]
            right[after] -= half @ rows[own, after]
            part = half @ rows[own, band : panel.right]
            right[band:] -= part[: size - band]
            last[: panel.right - size] -= part[size - band :]
        right[band:] = self.late @ right[band:]
        last[:-1] -= right[band:] @ rows[band:, size:]

    def backward(self, right: FloatArray, last: FloatArray) -> None:
        """Take it the other half, once the border is solved."""
        block, rows = self.block, self.rows
        band, size = block.band, block.size
        right[band:] = (right[band:] - rows[band:, size:] @ last[:-1]) @ self.late
        known = np.concatenate((right[band:], last))
        for panel, inverse in zip(reversed(block.panels), reversed(self.inverse), strict=True):
            own, after = slice(panel.first, panel.last), slice(panel.last, panel.reach)
            left = right[own] - rows[own, after] @ right[after]
            left -= rows[own, band : panel.right] @ known[: panel.right - band]
            right[own] = left @ inverse


def _inverse(upper: FloatArray, full: FloatArray) -> FloatArray:
    """Return the inverse of the lower Cholesky factor of an upper triangle.

    Its diagonal is lifted as far as rounding makes it necessary.
    """
    matrix = np.array(upper.T, order="F")
    at = np.arange(len(matrix))
    diagonal, lift = matrix[at, at], _LIFT * full
    for exponent in range(-11, -2, 2):
        matrix[at, at] = diagonal + lift
        lower, fault = lapack.dpotrf(matrix, lower=1, clean=1)
        if fault == 0:
            inverse: FloatArray = lapack.dtrtri(lower, lower=1)[0]
            return inverse
        lift = lift + 10.0**exponent * full
    raise FloatingPointError
