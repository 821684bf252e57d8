"""Rows of a programme, collected one kind after the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from dispatch.optimise.problem import IntArray

FloatArray = NDArray[np.float64]


class Rows:
    """Rows ``low <= terms <= high``, as they are added.

    Parameters
    ----------
    columns : int
        Number of columns.
    days : int
        Length of the horizon: what rows of all days say for their day.
    """

    def __init__(self, columns: int, days: int) -> None:
        self.columns, self.days, self.count = columns, days, 0
        self.row: list[IntArray] = []
        self.column: list[IntArray] = []
        self.value: list[IntArray] = []
        self.low: list[FloatArray] = []
        self.high: list[FloatArray] = []
        self.day: list[IntArray] = []

    def add(
        self,
        low: FloatArray | IntArray,
        high: FloatArray | IntArray,
        *terms: tuple[IntArray, IntArray, IntArray | int],
        day: IntArray | None = None,
    ) -> IntArray:
        """Add rows of a day or of all, with terms (row, column, value); return their numbers."""
        for row, column, value in terms:
            self.row.append(self.count + row)
            self.column.append(column)
            self.value.append(np.broadcast_to(np.asarray(value, np.int64), column.shape))
        numbers = self.count + np.arange(len(low))
        self.low.append(np.asarray(low, np.float64))
        self.high.append(np.asarray(high, np.float64))
        self.day.append(np.full(len(low), self.days) if day is None else day)
        self.count += len(low)
        return numbers

    def matrix(self) -> tuple[csr_array, FloatArray, FloatArray]:
        """Return the matrix, and what its rows may be at least and at most."""
        entries = (np.concatenate(self.row), np.concatenate(self.column))
        values = np.concatenate(self.value).astype(np.float64)
        matrix = coo_array((values, entries), shape=(self.count, self.columns))
        return matrix.tocsr(), np.concatenate(self.low), np.concatenate(self.high)
