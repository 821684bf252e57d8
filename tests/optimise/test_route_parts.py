"""Large plans are bettered part by part, tried on a road with the depot in its middle.

::

    far west --1 km-- west --1 km-- depot --1 km-- east --1 km-- far east

Every stop wants one lot; two vans hold two lots each. One van for each side
drives 4 km; two that both go to both sides drive 6 km each.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from routes_small import little_valley, random_routing, whole
from small import ints

from dispatch.optimise import route_ortools
from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_check import check_routes
from dispatch.optimise.route_ortools import search_ortools
from dispatch.optimise.route_parts import better_by_parts
from dispatch.optimise.route_solve import solve_routes
from dispatch.optimise.routes import Load, RoutingProblem, Tour

FAR_WEST, WEST, EAST, FAR_EAST = range(4)
BOTH_SIDES = [Tour(0, (Load(0, (FAR_WEST, EAST)),)), Tour(0, (Load(0, (WEST, FAR_EAST)),))]


def road(**changes: object) -> RoutingProblem:
    at_km = np.array([0, -2, -1, 1, 2])
    away_m = np.abs(at_km[:, None] - at_km)[None] * 1000.0
    problem = replace(
        little_valley(),
        travel_s=away_m / 10,
        travel_m=away_m,
        travel_toll_microyuan=np.zeros((1, 5, 5), dtype=np.int64),
        depot_id=("depot",),
        depot_place=ints(0),
        depot_load_s=ints(600),
        depot_open_s=ints(0),
        depot_close_s=ints(14_400),
        stop_id=("far west", "west", "east", "far east"),
        stop_place=ints(1, 2, 3, 4),
        stop_lots=ints(1, 1, 1, 1),
        stop_load=whole((5, 5), (5, 5), (5, 5), (5, 5)),
        stop_open_s=ints(0, 0, 0, 0),
        stop_close_s=ints(*[7200] * 4),
        stop_priority=ints(1, 1, 1, 1),
        vehicle_id=("van",),
        vehicle_count=ints(2),
        vehicle_profile=ints(0),
        vehicle_capacity=whole((10, 10)),
        vehicle_start=ints(0),
        vehicle_end=ints(0),
        vehicle_reload=np.array([[False]]),
        vehicle_trips=ints(1),
        vehicle_access=np.ones((1, 4), dtype=bool),
        vehicle_open_s=ints(0),
        vehicle_close_s=ints(14_400),
        vehicle_shift_s=ints(7200),
        vehicle_fixed_microyuan=ints(0),
        vehicle_microyuan_per_m=ints(1),
        vehicle_microyuan_per_s=ints(0),
    )
    return replace(problem, **changes)  # type: ignore[arg-type]


def sides(tours: list[Tour]) -> set[frozenset[int]]:
    return {frozenset(stop for load in tour.loads for stop in load.stops) for tour in tours}


def anew(problem: RoutingProblem, lots: IntArray) -> list[Tour]:
    return search_ortools(problem, lots, time_limit_s=5, seed=0, patience=50)


def soon() -> float:
    return time.perf_counter() + 60


def test_a_part_is_planned_better_and_what_was_left_behind_comes_along() -> None:
    lots = ints(1, 1, 1, 1)
    for tours in (BOTH_SIDES, BOTH_SIDES[:1], [Tour(0, (Load(0, (WEST,)),))]):
        better = better_by_parts(road(), lots, tours, anew, 100, soon())
        assert sides(better) == {frozenset({FAR_WEST, WEST}), frozenset({EAST, FAR_EAST})}


def test_what_is_not_better_is_not_taken() -> None:
    """A part that comes back dearer, or without a lot, leaves the plan as it was."""
    good = [Tour(0, (Load(0, (FAR_WEST, WEST)),)), Tour(0, (Load(0, (EAST, FAR_EAST)),))]
    for worse in (BOTH_SIDES, good[:1], good):
        kept = better_by_parts(road(), ints(1, 1, 1, 1), good, lambda *_, w=worse: w, 100, soon())
        assert sorted(kept) == sorted(good)


def test_other_routes_keep_their_vehicles() -> None:
    """With parts of two lots each side is planned with one van and its own lots."""
    good = [Tour(0, (Load(0, (WEST, FAR_WEST)),)), Tour(0, (Load(0, (EAST, FAR_EAST)),))]
    asked: list[tuple[list[int], list[int]]] = []

    def plan(problem: RoutingProblem, lots: IntArray) -> list[Tour]:
        asked.append((problem.vehicle_count.tolist(), lots.tolist()))
        return []

    better_by_parts(road(), ints(1, 1, 1, 1), good, plan, 2, soon())
    assert asked == [([1], [1, 1, 0, 0]), ([1], [0, 0, 1, 1])]


def test_no_time_and_no_routes_change_nothing() -> None:
    assert better_by_parts(road(), ints(1, 1, 1, 1), BOTH_SIDES, anew, 100, 0.0) == BOTH_SIDES
    assert better_by_parts(road(), ints(1, 1, 1, 1), [], anew, 100, soon()) == []


@pytest.mark.parametrize("seed", range(6))
def test_plans_by_parts_keep_all_rules(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route_ortools, "LARGE", 0)
    monkeypatch.setattr(route_ortools, "PART", 3)
    problem = random_routing(seed)
    plan = solve_routes(problem, solver="ortools", time_limit_s=5, patience=50)
    assert check_routes(problem, plan) == ()
    assert plan == solve_routes(problem, solver="ortools", time_limit_s=5, patience=50)
