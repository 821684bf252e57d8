"""Whole plans of the sourcing flow: CP-SAT, or HiGHS where there are too many columns for it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

import numpy as np
from ortools.sat.python import cp_model
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack

from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing_model import Flow
from dispatch.optimise.sourcing_relax import Box
from dispatch.optimise.sourcing_rows import FloatArray

WIDE: Final = 8_000
"""Free columns beyond which branch and bound on the relaxation finds more than CP-SAT."""

_ROUNDING: Final = 1e-7
"""Share by which a bound of floating-point arithmetic is widened before it is believed."""


@dataclass(frozen=True)
class Effort:
    """What the solvers may spend: until a moment of the clock, and an amount of work."""

    until: float
    work: float
    seed: int
    workers: int

    def seconds(self, share: float) -> float:
        """Return a share of the seconds left."""
        return share * max(0.0, self.until - time.monotonic())

    def solver(self, share: float) -> cp_model.CpSolver:
        """Return a solver that may spend a share of the work and of the seconds left."""
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = self.seconds(share)
        solver.parameters.max_deterministic_time = share * self.work
        solver.parameters.random_seed = self.seed
        solver.parameters.num_workers = self.workers
        solver.parameters.interleave_search = True
        return solver


@dataclass(frozen=True, eq=False)
class Found:
    """A whole plan, and what no plan in its box is better than."""

    x: IntArray
    bound: int


def whole(
    model: Flow,
    box: Box,
    hint: FloatArray | IntArray,
    dual: FloatArray,
    effort: Effort,
    share: float,
    stage: tuple[str, str],
) -> Found | None:
    """Find a whole plan in a box, the best of a stage.

    Parameters
    ----------
    model : Flow
    box : Box
    hint : array, shape (columns,)
        Where to begin; rounded.
    dual : FloatArray, shape (rows,)
        Of the relaxation, or zeros.
    effort : Effort
    share : float
        Of the effort left that may be spent.
    stage : (name, sense)

    Returns
    -------
    Found or None
        None if there is none, or none was found in time.
    """
    if int((box.least < box.most).sum()) > WIDE:
        return _by_highs(model, box, dual, effort.seconds(share), stage)
    return _by_cp_sat(model, box, hint, effort.solver(share), stage)


def _by_highs(
    model: Flow, box: Box, dual: FloatArray, seconds: float, stage: tuple[str, str]
) -> Found | None:
    """Branch and bound on what a plan costs beyond the relaxation.

    The duals take nearly all of the objective out of the columns, as a
    constant: what is left is small, and so are its errors. A row that is no
    equation has a slack, which costs what its dual says. Duals are rounded:
    then values are whole, which spares HiGHS all that is better by less than 1.
    """
    free = np.flatnonzero(box.least < box.most)
    fixed = np.where(box.least < box.most, 0.0, box.least)
    base = model.matrix @ fixed
    sign = -1.0 if stage[1] == "max" else 1.0
    side = np.where(dual > 0, box.low, box.high)
    price = np.where(np.isfinite(side), np.rint(dual), 0.0)
    priced = np.flatnonzero(price)
    loose = priced[box.low[priced] < box.high[priced]]
    beyond = sign * model.objectives[stage[0]] - model.matrix.T @ price
    constant = float(price[priced] @ side[priced]) + float(beyond @ fixed)
    cost = np.concatenate((beyond[free], np.abs(price[loose])))
    low, high = box.low - base, box.high - base
    low[loose] = high[loose] = side[loose] - base[loose]
    slack = csr_array(
        (-np.sign(price[loose]), (loose, np.arange(len(loose)))), shape=(len(low), len(loose))
    )
    rows: Any = hstack([model.matrix[:, free], slack])  # sparse, unknown to the stubs
    found = milp(
        cost,
        integrality=np.ones(len(cost), np.int64),
        bounds=Bounds(
            np.zeros(len(cost)),
            np.concatenate((box.most[free], box.high[loose] - box.low[loose])),
        ),
        constraints=LinearConstraint(rows, low, high),
        options={"time_limit": max(seconds, 0.1), "mip_rel_gap": 0.0},
    )
    if found.x is None:
        return None
    x = np.rint(fixed).astype(np.int64)
    x[free] = np.rint(found.x[: len(free)]).astype(np.int64)
    level = model.matrix @ x
    if (level < box.low).any() or (level > box.high).any():
        return None  # rounding broke a rule
    least = float(found.mip_dual_bound)
    bound = ceil(least - abs(least) * _ROUNDING - 1e-6 + constant)
    return Found(x, int(sign) * bound)


def _by_cp_sat(
    model: Flow,
    box: Box,
    hint: FloatArray | IntArray,
    solver: cp_model.CpSolver,
    stage: tuple[str, str],
) -> Found | None:
    free = np.flatnonzero(box.least < box.most)
    fixed = np.where(box.least < box.most, 0.0, box.least)
    cp = cp_model.CpModel()
    variables = [cp.new_int_var(0, int(most), "") for most in box.most[free].tolist()]
    _state_rows(cp, model, box, free, variables, fixed)
    for variable, value in zip(variables, np.rint(hint[free]).astype(int).tolist(), strict=True):
        cp.add_hint(variable, value)
    coefficients = model.objectives[stage[0]]
    objective = cp_model.LinearExpr.weighted_sum(
        variables, np.rint(coefficients[free]).astype(int).tolist()
    )
    (cp.maximize if stage[1] == "max" else cp.minimize)(objective)
    status = solver.solve(cp)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    x = np.rint(fixed).astype(np.int64)
    x[free] = [solver.value(variable) for variable in variables]
    return Found(x, round(float(coefficients @ fixed)) + round(solver.best_objective_bound))


def _state_rows(
    cp: cp_model.CpModel,
    model: Flow,
    box: Box,
    free: IntArray,
    variables: list[cp_model.IntVar],
    fixed: FloatArray,
) -> None:
    matrix, base = model.matrix[:, free], model.matrix @ fixed
    start, column = matrix.indptr.tolist(), matrix.indices.tolist()
    value = np.rint(matrix.data).astype(int).tolist()
    bounded = np.isfinite(box.low) | np.isfinite(box.high)
    for row in np.flatnonzero(bounded).tolist():
        entries = slice(start[row], start[row + 1])
        low, high = box.low[row] - base[row], box.high[row] - base[row]
        cp.add_linear_constraint(
            cp_model.LinearExpr.weighted_sum(
                [variables[at] for at in column[entries]], value[entries]
            ),
            round(low) if np.isfinite(low) else cp_model.INT_MIN,
            round(high) if np.isfinite(high) else cp_model.INT_MAX,
        )
