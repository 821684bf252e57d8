"""The linear relaxation of the sourcing flow, with bounds that hold whatever the solver says.

Duals are found in floating point, for narrow boxes by HiGHS (Q. Huangfu and
J. A. J. Hall, doi:10.1007/s12532-017-0130-5, by way of SciPy), for wide ones by
an interior point that knows the blocks of the items (``sourcing_interior``). A
bound is worked out from them over all columns by weak duality, which holds for
any duals (A. Neumaier and O. Shcherbina, doi:10.1007/s10107-003-0433-3).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Final, Literal

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from dispatch.optimise.sourcing_interior import Inside, Programme, interior
from dispatch.optimise.sourcing_model import Flow
from dispatch.optimise.sourcing_network import BoolArray
from dispatch.optimise.sourcing_rows import FloatArray

FAILED: Final = "failed"

_Found = tuple[FloatArray, FloatArray] | Literal["failed"] | None
"""Columns and duals of rows."""

_Method = Callable[[Programme, float], _Found]

_OPTIMAL, _OUT_OF_TIME, _NOTHING_THERE = 0, 1, 2
"""SciPy's numbers for how a search ended."""

_ROUND: Final = 8
"""Decimals to which duals are rounded: nearly all of them are whole numbers."""

_NOTHING: Final = 1e-6
"""A reduced cost, or what a bound lacks to the next whole number, is nothing below this."""

_SLACK: Final = 1e-3
"""A reduced cost must exceed the gap by this before its column is fixed."""

MANY: Final = 20_000
"""Free columns beyond which an interior point is quicker than the simplex method."""


@dataclass(frozen=True, eq=False)
class Box:
    """Bounds of rows (``low``, ``high``) and of columns (``least``, ``most``).

    Columns without room between their bounds are constants; the others begin at 0.
    """

    low: FloatArray
    high: FloatArray
    least: FloatArray
    most: FloatArray


@dataclass(frozen=True, eq=False)
class Relaxed:
    """Optimum of one stage over the relaxation.

    Parameters
    ----------
    x : FloatArray
        Columns.
    bound : int
        No whole plan in the box is better, in the sense of the stage.
    gap : float
        From the proved bound to that whole number, 0 where it is whole itself.
    reduced, dual : FloatArray
        Of columns and rows, for the objective as it is minimised.
    """

    x: FloatArray
    bound: int
    gap: float
    reduced: FloatArray
    dual: FloatArray


def relax(
    model: Flow, box: Box, name: str, sense: str, until: float, *, vertex: bool = True
) -> Relaxed | None:
    """Solve one stage in a box; None where time runs out or there is nothing in it.

    Without need of a ``vertex`` an optimum amid others will do where there are
    :data:`MANY` columns. With that need a vertex is sought among those optima.
    """
    if int((box.least < box.most).sum()) <= MANY:
        found = _solved(model, box, name, sense, until, _simplex)
    else:
        found = _solved(model, box, name, sense, until, _amid)
        if isinstance(found, Relaxed) and vertex:
            corner = _solved(model, narrowed(box, found), name, sense, until, _simplex)
            found = replace(found, x=corner.x) if isinstance(corner, Relaxed) else corner or FAILED
        if found == FAILED:
            found = _solved(model, box, name, sense, until, _crossed_over)
    return None if found == FAILED else found


def _solved(
    model: Flow, box: Box, name: str, sense: str, until: float, method: _Method
) -> Relaxed | Literal["failed"] | None:
    """Return None where there is nothing in the box or no time for it."""
    signed = -model.objectives[name] if sense == "max" else model.objectives[name]
    scale = float(np.abs(signed).max(initial=0.0)) or 1.0
    x, dual = np.where(box.least < box.most, 0.0, box.least), np.zeros_like(box.low)
    raised = _raised(model, box, signed)
    x[raised] = box.most[raised]
    free = np.flatnonzero((box.least < box.most) & ~raised)
    base, matrix = model.matrix @ x, csr_array(model.matrix[:, free])
    low, high = box.low - base, box.high - base
    low[matrix.minimum(0) @ box.most[free] >= low] = -np.inf
    high[matrix.maximum(0) @ box.most[free] <= high] = np.inf
    row = np.flatnonzero(np.isfinite(low) | np.isfinite(high))
    programme = Programme(
        matrix=csr_array(matrix[row]),
        low=low[row],
        high=high[row],
        cost=signed[free] / scale,
        most=box.most[free],
        bounded=free >= model.columns.starts[2],  # rows bound what is carried and kept
        group=model.items[free],
        day=model.row_day[row],
    )
    if until <= time.monotonic() or bool((np.diff(programme.matrix.indptr) == 0).any()):
        return None
    found = method(programme, until)
    if found is None or found == FAILED:
        return found
    x[free], dual[row] = found
    return _relaxed(model, box, signed, np.round(scale * dual, _ROUND), x, sense)


def _raised(model: Flow, box: Box, signed: FloatArray) -> BoolArray:
    """Return the columns that can be at their most for nothing and in the way of no row."""
    up, down = model.matrix.maximum(0), -model.matrix.minimum(0)
    hurts = np.isfinite(box.high) @ up + np.isfinite(box.low) @ down
    raised: BoolArray = (hurts == 0) & (signed == 0) & (box.least < box.most)
    return raised


def _amid(programme: Programme, until: float) -> _Found:
    found = interior(programme, until)
    if isinstance(found, Inside):
        return FAILED if found is Inside.STUCK else None
    return found


def _simplex(programme: Programme, until: float) -> _Found:
    return _by_highs(programme, until, "highs-ds")


def _crossed_over(programme: Programme, until: float) -> _Found:
    return _by_highs(programme, until, "highs-ipm")


def _by_highs(programme: Programme, until: float, method: Any) -> _Found:
    dual = np.zeros_like(programme.low)
    if not len(programme.cost):
        return programme.cost, dual
    low, high, matrix = programme.low, programme.high, programme.matrix
    equal = low == high
    below, above = np.isfinite(high) & ~equal, np.isfinite(low) & ~equal
    rows: Any = vstack([matrix[below], -matrix[above]])  # sparse, unknown to the stubs
    equal_rows: Any = matrix[equal]
    room: Any = np.stack((np.zeros(len(programme.cost)), programme.most), axis=1)
    found = linprog(
        programme.cost,
        A_ub=rows,
        b_ub=np.concatenate((high[below], -low[above])),
        A_eq=equal_rows,
        b_eq=low[equal],
        bounds=room,
        method=method,
        options={"time_limit": max(until - time.monotonic(), 0.0)},
    )
    if found.status != _OPTIMAL:
        return None if found.status in (_OUT_OF_TIME, _NOTHING_THERE) else FAILED
    upper = np.asarray(found.ineqlin.marginals)
    dual[below] = upper[: int(below.sum())]
    dual[above] -= upper[int(below.sum()) :]
    dual[equal] = found.eqlin.marginals
    return np.asarray(found.x), dual


def _relaxed(
    model: Flow, box: Box, signed: FloatArray, dual: FloatArray, x: FloatArray, sense: str
) -> Relaxed:
    side = np.where(dual > 0, box.low, box.high)
    # a dual of the wrong sign, which only an inexact solver can give, is dropped
    dual = np.where(np.isfinite(side), dual, 0.0)
    tight = np.flatnonzero(dual)
    reduced = signed - model.matrix.T @ dual
    edge = np.where(reduced > 0, box.least, box.most)
    weak = float(dual[tight] @ side[tight] + reduced @ edge)
    bound = ceil(weak - _NOTHING)
    reduced[np.abs(reduced) < _NOTHING] = 0.0
    gap = max(0.0, bound - weak)
    return Relaxed(x, -bound if sense == "max" else bound, gap, reduced, dual)


def narrowed(box: Box, found: Relaxed, leeway: float = 0.0) -> Box:
    """Keep of a box what whole plans need that miss the bound found by no more than a leeway.

    A column or the slack of a row whose reduced cost exceeds the gap can't
    leave its edge, as it would do so by a whole lot.
    """
    room = found.gap + leeway + _SLACK
    low, high, least, most = (v.copy() for v in (box.low, box.high, box.least, box.most))
    held = np.flatnonzero(np.abs(found.dual) > room)
    low[held] = high[held] = np.where(found.dual[held] > 0, low[held], high[held])
    fixed = np.flatnonzero(np.abs(found.reduced) > room)
    least[fixed] = most[fixed] = np.where(found.reduced[fixed] > 0, least[fixed], most[fixed])
    return Box(low, high, least, most)


def spread(model: Flow, box: Box, found: Relaxed) -> float:
    """Return by how much the objective can differ between plans in a narrowed box."""
    loose = np.flatnonzero((box.low < box.high) & (found.dual != 0.0))
    rows, width = model.matrix[loose], box.most - box.least
    reach = (rows.maximum(0) - rows.minimum(0)) @ width
    return float(np.abs(found.dual[loose]) @ reach + np.abs(found.reduced) @ width)
