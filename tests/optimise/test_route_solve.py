"""Routes from end to end: both engines, what they leave behind, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import pytest
from routes_small import (
    DEPOT2,
    FARM,
    HALL,
    HELI,
    MILL,
    MINUTE,
    SCHOOL,
    STORE,
    TRUCK,
    little_valley,
    valley_routes,
    whole,
)
from small import ints

from dispatch.errors import InputError
from dispatch.optimise import route_pyvrp, route_solve
from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_check import check_routes, evaluate_routes, route_faults
from dispatch.optimise.route_fill import delivered_lots, fill, trips_from
from dispatch.optimise.route_lots import MOST_LOTS, cut_into_lots
from dispatch.optimise.route_prices import prices
from dispatch.optimise.route_solve import solve_routes
from dispatch.optimise.route_times import timed_route, tour_of
from dispatch.optimise.route_why import reason_text
from dispatch.optimise.routes import (
    MICROYUAN,
    Load,
    Route,
    RoutingProblem,
    RoutingSolution,
    Tour,
    microyuan_per_s,
)

needs_pyvrp = pytest.mark.skipif(
    not route_pyvrp.available(), reason="PyVRP (extra routes) is not installed"
)
ENGINES = ["ortools", pytest.param("pyvrp", marks=needs_pyvrp)]


def solve(problem: RoutingProblem, engine: str = "ortools") -> RoutingSolution:
    return solve_routes(problem, solver=engine, time_limit_s=10, patience=100)


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_find_the_best_plan_of_the_valley(engine: str) -> None:
    problem = little_valley()
    plan = solve(problem, engine)
    assert plan.solver == engine
    assert plan.unserved == ()
    assert plan.figures.cost_microyuan == 1694 * MICROYUAN
    assert plan.figures.served == plan.figures.wanted == (4, 1)
    assert {tour_of(route) for route in plan.routes} == {
        Tour(TRUCK, (Load(STORE, (MILL,)), Load(DEPOT2, (FARM,)))),
        Tour(TRUCK, (Load(STORE, (HALL, HALL)),)),
        Tour(HELI, (Load(STORE, (SCHOOL,)),)),
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_same_seed_gives_the_same_plan(engine: str) -> None:
    assert solve(little_valley(), engine) == solve(little_valley(), engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_first_priority_is_served_whatever_it_costs(engine: str) -> None:
    """One truck, one trip: the farm (8 kg) or one lot of the hall (5 kg), not both."""
    one = little_valley(
        vehicle_count=ints(1, 1), vehicle_trips=ints(1, 1), stop_lots=ints(1, 1, 1, 1)
    )
    far = one.travel_toll_microyuan.copy()
    far[:, :, 2] = 10**12
    np.einsum("rpp->rp", far)[:] = 0
    plan = solve(replace(one, travel_toll_microyuan=far), engine)
    assert plan.figures.served == (3, 0)
    plan = solve(replace(one, stop_priority=ints(2, 1, 2, 1)), engine)
    assert [row.stop for row in plan.unserved] == [HALL, MILL]
    plan = solve(replace(one, stop_priority=ints(2, 1, 1, 1)), engine)
    assert [row.stop for row in plan.unserved] == [FARM]  # the mill leaves room for the hall


@pytest.mark.parametrize("engine", ENGINES)
def test_worth_decides_within_a_priority(engine: str) -> None:
    one = little_valley(
        vehicle_count=ints(1, 1),
        vehicle_trips=ints(1, 1),
        stop_lots=ints(1, 1, 1, 1),
        stop_priority=ints(1, 1, 1, 1),
        stop_worth=ints(1, 3, 1, 1),
    )
    plan = solve(one, engine)
    assert [row.stop for row in plan.unserved] == [HALL, MILL]
    assert {(row.reason, row.proved) for row in plan.unserved} == {("fleet_too_small", True)}


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_to_do_and_nobody_to_do_it(engine: str) -> None:
    nowhere = little_valley(vehicle_access=np.zeros((2, 4), dtype=bool))
    plan = solve(nowhere, engine)
    assert plan.routes == ()
    assert [row.reason for row in plan.unserved] == ["no_access"] * 4
    assert plan.figures.rank == (0, 0, 0)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_weighs_nothing_and_takes_no_time_is_brought(engine: str) -> None:
    """No load, no seconds, no metres: engines have nothing to measure excess by."""
    problem = little_valley()
    nothing = replace(
        problem,
        stop_load=problem.stop_load * 0,
        travel_s=np.where(np.isinf(problem.travel_s), np.inf, 0),
        travel_m=np.where(np.isinf(problem.travel_m), np.inf, 0),
        vehicle_fixed_microyuan=ints(0, 0),
    )
    plan = solve(nothing, engine)
    assert check_routes(nothing, plan) == ()
    assert plan.unserved == ()


def test_auto_takes_the_stronger_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def found(name: str) -> object:
        def engine(*_: object, **__: object) -> list[Tour]:
            asked.append(name)
            return []

        return engine

    monkeypatch.setattr(route_solve, "search_pyvrp", found("pyvrp"))
    monkeypatch.setattr(route_solve, "search_ortools", found("ortools"))
    monkeypatch.setattr(route_solve, "available", lambda: True)
    assert solve_routes(little_valley()).solver == "pyvrp"
    # too many goals for the numbers of PyVRP, not for those of OR-Tools
    worthy = little_valley(stop_worth=ints(10**8, 1, 10**8, 1))
    assert solve_routes(worthy).solver == "ortools"
    monkeypatch.setattr(route_solve, "available", lambda: False)
    assert solve_routes(little_valley()).solver == "ortools"
    assert asked == ["pyvrp", "ortools", "ortools"]
    with pytest.raises(InputError, match="no such routing solver"):
        solve_routes(little_valley(), solver="pyvrp")


def test_an_unknown_solver_is_refused() -> None:
    with pytest.raises(InputError, match="no such routing solver"):
        solve_routes(little_valley(), solver="vroom")


# What is left behind, and why.


@pytest.mark.parametrize(
    ("stop", "reason", "change"),
    [
        (SCHOOL, "no_access", {"vehicle_access": whole((1, 1, 1, 0), (1, 1, 1, 0)) > 0}),
        (SCHOOL, "no_way", {"vehicle_profile": ints(0, 0)}),
        (SCHOOL, "too_large", {"vehicle_capacity": whole((10, 20), (2, 10))}),
        (SCHOOL, "too_late", {"stop_close_s": ints(120, 120, 60, 29) * MINUTE}),
        (MILL, "too_late", {"vehicle_open_s": ints(31, 0) * MINUTE}),
        (SCHOOL, "shift_too_short", {"vehicle_shift_s": ints(120, 54) * MINUTE}),
        (SCHOOL, "shift_too_short", {"vehicle_close_s": ints(240, 54) * MINUTE}),
    ],
)
def test_a_hopeless_stop_is_left_with_its_proof(
    stop: int, reason: str, change: dict[str, object]
) -> None:
    plan = solve(little_valley(**change))
    assert [(row.stop, row.lots, row.reason, row.proved) for row in plan.unserved] == [
        (stop, 1, reason, True)
    ]


def test_a_stop_beyond_another_is_not_hopeless() -> None:
    """No arc leads from the store to the farm, but one over the hall."""
    problem = little_valley()
    travel_s, travel_m = problem.travel_s.copy(), problem.travel_m.copy()
    for matrix in (travel_s, travel_m):
        matrix[0, [0, 3], [3, 0]] = np.inf
    plan = solve(replace(problem, travel_s=travel_s, travel_m=travel_m))
    assert plan.unserved == () or plan.unserved[0].reason == "no_time"
    assert route_faults(replace(problem, travel_s=travel_s), plan.routes) == ()


def test_a_full_fleet_has_no_room_and_a_busy_one_no_time() -> None:
    """The trucks could carry all in two trips each, but have no time for a second."""
    busy = little_valley(vehicle_shift_s=ints(60, 60) * MINUTE)
    plan = solve(busy)
    assert {row.reason for row in plan.unserved} == {"no_time"}
    # 3 lots of 6 kg on 2 trucks of 10 kg: 18 of 20 kg, but none fits beside another
    full = little_valley(
        vehicle_trips=ints(1, 1),
        stop_load=whole((6, 1), (6, 1), (1, 1), (3, 5)),
        stop_priority=ints(1, 1, 1, 1),
    )
    plan = solve(full)
    assert [(row.lots, row.reason, row.proved) for row in plan.unserved] == [(1, "no_room", False)]


def test_every_reason_is_told_in_a_sentence() -> None:
    plan = solve(little_valley(vehicle_profile=ints(0, 0)))
    assert reason_text(little_valley(), plan.unserved[0]) == (
        "school goes without 1 of its lots: no vehicle allowed there has a way."
    )


# Filling up.


def routes_of(problem: RoutingProblem, *tours: Tour) -> list[Route]:
    routes = [timed_route(problem, tour) for tour in tours]
    assert None not in routes
    return cast("list[Route]", routes)


def test_fill_uses_idle_vehicles_and_new_trips() -> None:
    problem = little_valley()
    filled = fill(problem, [], problem.stop_lots)
    assert (delivered_lots(problem, filled) == problem.stop_lots).all()
    begun = routes_of(problem, Tour(TRUCK, (Load(STORE, (HALL, HALL)),)))
    one = replace(problem, vehicle_count=ints(1, 1), stop_close_s=ints(240, 240, 60, 120) * MINUTE)
    filled = fill(one, begun, one.stop_lots)
    # the mill before the hall: a new first trip, and the hall's lots are loaded again
    assert delivered_lots(one, filled).tolist() == [2, 0, 1, 1]
    assert route_faults(one, tuple(filled)) == ()


def test_fill_gives_up_what_counts_less() -> None:
    """The one trip of the one truck goes to the farm (priority 2) in place of the hall (1)."""
    problem = little_valley(vehicle_count=ints(1, 1), vehicle_trips=ints(1, 1))
    begun = routes_of(problem, Tour(TRUCK, (Load(STORE, (FARM,)),)))
    filled = fill(problem, begun, problem.stop_lots)
    assert delivered_lots(problem, filled).tolist() == [2, 0, 0, 1]


def test_fill_hands_a_trip_over_to_an_idle_vehicle() -> None:
    """The one truck brings the hall; the school, by air alone, waits for the busy helicopter.

    The helicopter has brought the mill (2 kg) on its one trip, which the second truck can do.
    """
    problem = little_valley()
    begun = routes_of(
        problem, Tour(TRUCK, (Load(STORE, (HALL, HALL)),)), Tour(HELI, (Load(STORE, (MILL,)),))
    )
    filled = fill(problem, begun, ints(2, 0, 1, 1))
    assert delivered_lots(problem, filled).tolist() == [2, 0, 1, 1]
    assert route_faults(problem, tuple(sorted(filled, key=lambda route: route.vehicle))) == ()


def test_a_trip_without_a_stop_is_left_out() -> None:
    loads = [Load(STORE, ()), Load(DEPOT2, (FARM,)), Load(DEPOT2, ())]
    assert trips_from(little_valley(), TRUCK, loads) == (Load(STORE, (FARM,)),)
    assert trips_from(little_valley(), TRUCK, [Load(STORE, ())]) == ()


# Times, prices and lots.


def test_the_day_starts_late_and_ends_early() -> None:
    problem = little_valley(stop_open_s=ints(0, 50, 30, 0) * MINUTE)
    route = timed_route(problem, Tour(TRUCK, (Load(STORE, (FARM,)),)))
    assert route is not None
    assert (route.start_s, route.end_s) == (20 * MINUTE, 75 * MINUTE)
    assert timed_route(problem, Tour(TRUCK, (Load(STORE, (SCHOOL,)),))) is None
    assert timed_route(problem, Tour(TRUCK, (Load(STORE, (FARM, MILL)),))) is None
    assert tour_of(valley_routes(problem)[0]).loads[1] == Load(DEPOT2, (HALL, HALL))


def test_a_price_outweighs_all_that_counts_less() -> None:
    problem = little_valley()
    price = prices(problem, 2**56)
    hall, farm, mill, school = price.lots
    assert hall == mill == school > farm
    unit = price.arcs[0][0, 3] / (20 * 2000 * 1000)  # 20 km to the farm
    assert farm > 1720 * MICROYUAN * unit
    assert hall > farm + 1720 * MICROYUAN * unit
    assert price.per_s[0] / price.per_s[1] == pytest.approx(0.1, rel=0.01)
    with pytest.raises(InputError, match="too large"):
        prices(problem, 2**20)
    small = prices(problem, 4 * hall)  # a lot is worth a trip, not a plan
    assert small.lots[HALL] < hall


def test_a_price_per_hour_is_one_per_second() -> None:
    assert microyuan_per_s(36) == 10_000


def test_deliveries_are_cut_to_the_smallest_vehicle() -> None:
    access = whole((1, 1, 1, 0, 1), (1, 1, 0, 0, 1), (0, 0, 0, 0, 1)) > 0
    capacity = whole((10, 100), (4, 50), (0, 10))
    wanted = whole((10, 40), (4, 50), (25, 10), (7, 7), (1000, 1))
    service_s = ints(900, 600, 600, 60, 60)
    lots, load, lot_s = cut_into_lots(wanted, service_s, access, capacity)
    assert lots.tolist() == [3, 1, 3, 1, 100]  # 1,000 kg: 10 kg each for the largest
    assert load.tolist() == [[4, 14], [4, 50], [9, 4], [7, 7], [10, 1]]
    assert lot_s.tolist() == [300, 600, 200, 60, 1]
    many, _, _ = cut_into_lots(whole((100, 0)), ints(0), whole((1,), (1,)) > 0, capacity[:2])
    assert many.tolist() == [MOST_LOTS]
    nothing: IntArray = whole((0, 0))
    assert cut_into_lots(nothing, ints(5), access[:, :1], capacity)[0].tolist() == [1]


def test_lots_of_a_stop_come_on_several_vehicles() -> None:
    """The hall wants 3 lots of 5 kg; a truck holds two."""
    problem = little_valley(stop_lots=ints(3, 1, 1, 1))
    plan = solve(problem)
    assert plan.unserved == ()
    brought = [
        visit.lots
        for route in plan.routes
        for trip in route.trips
        for visit in trip.visits
        if visit.stop == HALL
    ]
    assert sorted(brought) in ([1, 2], [1, 1, 1])
    assert plan.figures == evaluate_routes(problem, plan.routes)


@pytest.mark.parametrize("engine", ENGINES)
def test_large_vehicles_are_found_behind_many_small_ones(engine: str) -> None:
    """Thirty stops an hour away, ten vehicles for three lots each, then one that holds all.

    depot ---- 60 km ---- 1 - 2 - 3 - ... - 30     one vehicle drives 60 + 29 + 89 = 178 km
    """
    km = np.concatenate([[0.0], 60.0 + np.arange(30)])
    metres = np.abs(km - km[:, None])[None] * 1000
    one, many = ints(1), np.ones(30, dtype=np.int64)
    day = 24 * 60 * MINUTE
    problem = little_valley(
        travel_s=metres / 20,
        travel_m=metres,
        travel_toll_microyuan=np.zeros((1, 31, 31), dtype=np.int64),
        dimension_id=("kg",),
        depot_id=("depot",),
        depot_place=ints(0),
        depot_load_s=ints(0),
        depot_open_s=ints(0),
        depot_close_s=day * one,
        stop_id=tuple(f"stop {number}" for number in range(1, 31)),
        stop_place=np.arange(1, 31),
        stop_lots=many,
        stop_load=many[:, None],
        stop_open_s=0 * many,
        stop_close_s=day * many,
        stop_service_s=0 * many,
        stop_priority=many,
        stop_worth=many,
        vehicle_id=("small", "large"),
        vehicle_count=ints(10, 1),
        vehicle_profile=ints(0, 0),
        vehicle_start=ints(0, 0),
        vehicle_end=ints(0, 0),
        vehicle_capacity=np.array([[3], [30]]),
        vehicle_open_s=ints(0, 0),
        vehicle_close_s=ints(day, day),
        vehicle_shift_s=ints(day, day),
        vehicle_trips=ints(1, 1),
        vehicle_access=np.ones((2, 30), dtype=bool),
        vehicle_reload=np.ones((2, 1), dtype=bool),
        vehicle_fixed_microyuan=ints(0, 0),
        vehicle_microyuan_per_m=ints(100, 100),
        vehicle_microyuan_per_s=ints(0, 0),
    )
    plan = solve(problem, engine)
    assert not plan.unserved
    assert plan.figures.cost_microyuan == 178_000 * 100
