"""Vehicles that another makes needless, on the little valley (drawn in ``routes_small``)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from routes_small import HELI, TRUCK, little_valley, random_routing
from small import ints
from test_route_brute_force import best_rank

from dispatch.optimise.route_check import check_routes
from dispatch.optimise.route_fleet import needed_rows, with_rows
from dispatch.optimise.route_solve import solve_routes
from dispatch.optimise.routes import RoutingProblem

LOTS = 5


def with_copy(problem: RoutingProblem, **changes: object) -> RoutingProblem:
    """Return the valley with five trucks, and a third row: as the trucks, but for the changes."""
    three = with_rows(problem, ints(TRUCK, HELI, TRUCK))
    three = replace(three, vehicle_count=ints(LOTS, 1, LOTS))
    changed = {}
    for name, value in changes.items():
        values = getattr(three, name).copy()
        values[2] = value
        changed[name] = values
    return replace(three, vehicle_id=("truck", "heli", "other"), **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "rows"),
    [
        ({}, [0, 1]),  # of two that are alike the first one stays
        ({"vehicle_capacity": (9, 20)}, [0, 1]),
        ({"vehicle_capacity": (11, 20)}, [1, 2]),
        ({"vehicle_capacity": (9, 21)}, [0, 1, 2]),
        ({"vehicle_fixed_microyuan": 101_000_000}, [0, 1]),
        ({"vehicle_fixed_microyuan": 99_000_000}, [1, 2]),
        ({"vehicle_fixed_microyuan": 99_000_000, "vehicle_trips": 1}, [0, 1, 2]),
        ({"vehicle_microyuan_per_m": 1999}, [1, 2]),
        ({"vehicle_close_s": 1}, [0, 1]),
        ({"vehicle_open_s": 1}, [0, 1]),
        ({"vehicle_shift_s": 7201}, [1, 2]),
        ({"vehicle_end": 1}, [0, 1, 2]),
        ({"vehicle_profile": 1}, [0, 1, 2]),
        ({"vehicle_access": True}, [1, 2]),
        ({"vehicle_reload": (True, False)}, [0, 1]),
        ({"vehicle_count": 1}, [0, 1]),
        ({"vehicle_count": 4, "vehicle_shift_s": 7201}, [0, 1, 2]),  # better, but not enough
    ],
)
def test_a_row_is_spared_where_another_does_as_well(
    changes: dict[str, object], rows: list[int]
) -> None:
    assert needed_rows(with_copy(little_valley(), **changes)).tolist() == rows


def test_the_best_plan_is_as_good_without_what_is_spared() -> None:
    """Counted out: vans in plenty of which some hold less, ask more or work shorter."""
    spared = 0
    for seed in range(40):
        problem = random_routing(seed)
        van = with_rows(problem, ints(0, 0))
        rng = np.random.default_rng(seed)
        problem = replace(
            van,
            vehicle_id=("van", "other"),
            vehicle_count=ints(6, 2),
            vehicle_capacity=van.vehicle_capacity - [[0, 0], rng.integers(0, 2, 2)],
            vehicle_fixed_microyuan=van.vehicle_fixed_microyuan + ints(0, rng.integers(-1, 2)),
            vehicle_shift_s=van.vehicle_shift_s - ints(0, rng.integers(0, 2)),
        )
        rows = needed_rows(problem)
        if len(rows) == 1:
            spared += 1
            if spared <= 3:
                assert best_rank(with_rows(problem, rows)) == best_rank(problem), seed
    assert spared >= 3


def test_plans_name_vehicles_of_the_whole_fleet() -> None:
    """The second row costs less than the first, which is left out: it must be named as row 2."""
    problem = with_copy(little_valley(), vehicle_fixed_microyuan=99_000_000)
    plan = solve_routes(problem, solver="ortools", time_limit_s=10, patience=100)
    assert check_routes(problem, plan) == ()
    assert plan.unserved == ()
    assert {route.vehicle for route in plan.routes} == {1, 2}
