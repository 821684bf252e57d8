"""Vehicles that no plan needs: another does as well for no more, and there are enough of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dispatch.optimise.problem import IntArray
from dispatch.optimise.routes import RoutingProblem

SAME = ("vehicle_start", "vehicle_end", "vehicle_profile")
NOT_MORE = (
    "vehicle_open_s",
    "vehicle_fixed_microyuan",
    "vehicle_microyuan_per_m",
    "vehicle_microyuan_per_s",
)
NOT_LESS = (
    "vehicle_capacity",
    "vehicle_reload",
    "vehicle_trips",
    "vehicle_access",
    "vehicle_close_s",
    "vehicle_shift_s",
)


def needed_rows(problem: RoutingProblem) -> IntArray:
    """Return the rows of vehicles without which some plan could cost more, ascending.

    A row is spared where one that stays holds, may and lasts at least as much, costs
    no more, and has a vehicle for each lot. Engines search better among fewer kinds:
    their moves exchange stops, seldom the kind of vehicle of a whole route.
    """
    rows = range(len(problem.vehicle_id))
    kept = [row for row in rows if not any(_spares(problem, one, row) for one in rows)]
    return np.array(kept, dtype=np.int64)


def with_rows(problem: RoutingProblem, rows: IntArray) -> RoutingProblem:
    """Return the problem with these rows of vehicles alone."""
    names = (*SAME, *NOT_MORE, *NOT_LESS, "vehicle_count")
    fewer = {name: getattr(problem, name)[rows] for name in names}
    identities = tuple(problem.vehicle_id[row] for row in rows.tolist())
    return replace(problem, vehicle_id=identities, **fewer)


def _spares(problem: RoutingProblem, one: int, other: int) -> bool:
    """Return whether one row makes the other needless; of two that do, the first one stays."""
    enough = problem.vehicle_count >= problem.stop_lots.sum()
    if one == other or not enough[one] or not _does_as_well(problem, one, other):
        return False
    return one < other or not (enough[other] and _does_as_well(problem, other, one))


def _does_as_well(problem: RoutingProblem, one: int, other: int) -> bool:
    """Return whether a vehicle of one row can drive every route of the other for no more."""

    def both(name: str) -> tuple[IntArray, IntArray]:
        values = getattr(problem, name)
        return values[one], values[other]

    return (
        all(a == b for a, b in map(both, SAME))
        and all(a <= b for a, b in map(both, NOT_MORE))
        and all(np.all(a >= b) for a, b in map(both, NOT_LESS))
    )
