"""The linear relaxation of the sourcing flow, with bounds that hold whatever the solver says.

HiGHS (Q. Huangfu and J. A. J. Hall, doi:10.1007/s12532-017-0130-5, by way of
SciPy) finds duals in floating point. A bound is worked out from them over all
columns by weak duality, which holds for any duals (A. Neumaier and
O. Shcherbina, doi:10.1007/s10107-003-0433-3).
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from math import ceil
from typing import Any, Final, Literal

import numpy as np
from scipy.optimize import OptimizeWarning, linprog
from scipy.sparse import vstack

from dispatch.optimise.sourcing_model import FloatArray, Flow

AMID: Final[dict[str, object]] = {"run_crossover": "off", "ipm_optimality_tolerance": 1e-10}
"""Options of HiGHS: stay amid the optimal plans, but come near to them."""

FAILED: Final = "failed"

_OPTIMAL, _OUT_OF_TIME, _NOTHING_THERE = 0, 1, 2
"""SciPy's numbers for how a search ended."""

_ROUND: Final = 8
"""Decimals to which duals are rounded: nearly all of them are whole numbers."""

_NOTHING: Final = 1e-6
"""A reduced cost, or what a bound lacks to the next whole number, is nothing below this."""

_SLACK: Final = 1e-3
"""A reduced cost must exceed the gap by this before its column is fixed."""

MANY: Final = 20_000
"""Free columns beyond which an interior point is quicker than the simplex method.

Its way on to a vertex takes as long as the optimum itself."""


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
    :data:`MANY` columns. Its bound is not the best to the last unit.
    """
    amid = not vertex and int((box.least < box.most).sum()) > MANY
    for options in (AMID, {}) if amid else ({},):
        found = _solved(model, box, name, sense, until, options)
        if found != FAILED:
            return found
    return None


def _solved(
    model: Flow, box: Box, name: str, sense: str, until: float, options: dict[str, object]
) -> Relaxed | Literal["failed"] | None:
    """Return None where there is nothing in the box or no time for it."""
    left_s = until - time.monotonic()
    if left_s <= 0:
        return None
    signed = -model.objectives[name] if sense == "max" else model.objectives[name]
    scale = float(np.abs(signed).max(initial=0.0)) or 1.0
    free = np.flatnonzero(box.least < box.most)
    x = np.where(box.least < box.most, 0.0, box.least)
    dual = np.zeros_like(box.low)
    if len(free):
        base, matrix = model.matrix @ x, model.matrix[:, free]
        equal = box.low == box.high
        below, above = np.isfinite(box.high) & ~equal, np.isfinite(box.low) & ~equal
        rows: Any = vstack([matrix[below], -matrix[above]])  # sparse, unknown to the stubs
        equal_rows: Any = matrix[equal]
        room: Any = np.stack((np.zeros(len(free)), box.most[free]), axis=1)
        # where faces are narrow an interior point has no room, and may never come to an end
        method: Any = "highs-ipm" if len(free) > MANY else "highs-ds"
        known: Any = {"time_limit": left_s, **options}  # the stubs know none that are handed on
        with warnings.catch_warnings():
            # SciPy hands on to HiGHS what it has no name for, and warns that it does
            warnings.simplefilter("ignore", OptimizeWarning)
            found = linprog(
                signed[free] / scale,
                A_ub=rows,
                b_ub=np.concatenate(((box.high - base)[below], (base - box.low)[above])),
                A_eq=equal_rows,
                b_eq=(box.low - base)[equal],
                bounds=room,
                method=method,
                options=known,
            )
        if found.status != _OPTIMAL:
            return None if found.status in (_OUT_OF_TIME, _NOTHING_THERE) else FAILED
        x[free] = found.x
        upper = np.asarray(found.ineqlin.marginals)
        dual[below] = upper[: int(below.sum())]
        dual[above] -= upper[int(below.sum()) :]
        dual[equal] = found.eqlin.marginals
    return _relaxed(model, box, signed, np.round(scale * dual, _ROUND), x, sense)


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
