"""The checker of routes accepts a good plan and refuses it broken in any one way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from routes_small import (
    DEPOT2,
    FARM,
    HALL,
    MILL,
    MINUTE,
    SCHOOL,
    little_valley,
    valley_plan,
    whole,
)
from small import ints

from dispatch.errors import InvalidPlanError
from dispatch.optimise.route_check import (
    check_routes,
    ensure_routes,
    evaluate_routes,
    route_cost_microyuan,
    trip_load,
)
from dispatch.optimise.routes import (
    MICROYUAN,
    Route,
    RoutingSolution,
    Trip,
    Unserved,
    Visit,
)

ROUND, TO_FARM, BY_AIR = 0, 1, 2
"""Rows of the three routes of the plan."""

Broken = Callable[[RoutingSolution], RoutingSolution]


def with_route(plan: RoutingSolution, row: int, **changes: object) -> RoutingSolution:
    route = replace(plan.routes[row], **changes)  # type: ignore[arg-type]
    return replace(plan, routes=(*plan.routes[:row], route, *plan.routes[row + 1 :]))


def with_trip(plan: RoutingSolution, row: int, number: int, **changes: object) -> RoutingSolution:
    trips = plan.routes[row].trips
    trip = replace(trips[number], **changes)  # type: ignore[arg-type]
    return with_route(plan, row, trips=(*trips[:number], trip, *trips[number + 1 :]))


def with_visit(plan: RoutingSolution, row: int, number: int, **changes: object) -> RoutingSolution:
    visits = plan.routes[row].trips[number].visits
    visit = replace(visits[0], **changes)  # type: ignore[arg-type]
    return with_trip(plan, row, number, visits=(visit, *visits[1:]))


def later(plan: RoutingSolution, row: int, by_s: int) -> RoutingSolution:
    """Shift a whole route."""
    route = plan.routes[row]
    trips = tuple(
        Trip(
            trip.depot,
            trip.begin_s + by_s,
            trip.leave_s + by_s,
            tuple(
                Visit(v.stop, v.lots, v.arrive_s + by_s, v.begin_s + by_s, v.leave_s + by_s)
                for v in trip.visits
            ),
        )
        for trip in route.trips
    )
    return with_route(plan, row, trips=trips, end_s=route.end_s + by_s)


def test_accepts_the_plan_made_by_hand() -> None:
    problem = little_valley()
    plan = valley_plan(problem)
    assert check_routes(problem, plan) == ()
    ensure_routes(problem, plan)


def test_tells_the_figures_counted_by_hand() -> None:
    problem = little_valley()
    routes = valley_plan(problem).routes
    assert [route_cost_microyuan(problem, route) for route in routes] == [
        277 * MICROYUAN,
        213 * MICROYUAN,
        1230 * MICROYUAN,
    ]
    assert evaluate_routes(problem, routes[:2]).served == (3, 1)
    assert trip_load(problem, routes[ROUND].trips[1]) == (10, 8)
    tolls = problem.travel_toll_microyuan.copy()
    tolls[0, 0, 3] = 7
    dearer = replace(problem, travel_toll_microyuan=tolls)
    assert route_cost_microyuan(dearer, routes[TO_FARM]) == 213 * MICROYUAN + 7


BROKEN: list[tuple[str, Broken]] = [
    ("There is no vehicle 9.", lambda p: with_route(p, BY_AIR, vehicle=9)),
    ("There is no depot -1.", lambda p: with_trip(p, ROUND, 0, depot=-1)),
    ("There is no stop 4.", lambda p: with_visit(p, TO_FARM, 0, stop=4)),
    ("A route has no trip.", lambda p: replace(p, routes=(*p.routes, Route(1, (), 0)))),
    ("Routes are out of order.", lambda p: replace(p, routes=p.routes[::-1])),
    (
        "Vehicle truck drives 3 routes; there are 2.",
        lambda p: replace(p, routes=(*p.routes[:2], p.routes[TO_FARM], p.routes[BY_AIR])),
    ),
    (
        "Stop farm gets too many lots: 2; it wants 1.",
        lambda p: replace(p, routes=(p.routes[TO_FARM], p.routes[TO_FARM], p.routes[BY_AIR])),
    ),
    (
        "begins at another depot than its vehicle",
        lambda p: with_trip(p, TO_FARM, 0, depot=DEPOT2),
    ),
    ("has a trip without a visit", lambda p: with_trip(p, TO_FARM, 0, visits=())),
    ("brings no lot to farm", lambda p: with_visit(p, TO_FARM, 0, lots=0)),
    ("carries 15 kg; it holds 10", lambda p: with_visit(p, ROUND, 1, lots=3)),
    ("may not serve school", lambda p: with_visit(p, TO_FARM, 0, stop=SCHOOL)),
    ("cannot keep its times at farm", lambda p: with_visit(p, TO_FARM, 0, arrive_s=1799)),
    ("cannot keep its times at farm", lambda p: with_visit(p, TO_FARM, 0, begin_s=1799)),
    ("cannot keep its times at farm", lambda p: with_visit(p, TO_FARM, 0, leave_s=2099)),
    ("unloads at mill before it opens", lambda p: later(p, ROUND, -1)),
    ("starts before its vehicle is ready", lambda p: later(p, TO_FARM, -1)),
    ("unloads at mill after it closes", lambda p: later(p, ROUND, 31 * MINUTE)),
    (
        "loads at depot2 before it can be there",
        lambda p: with_trip(p, ROUND, 1, begin_s=p.routes[ROUND].trips[1].begin_s - 1),
    ),
    (
        "leaves store before it is loaded",
        lambda p: with_trip(p, TO_FARM, 0, leave_s=p.routes[TO_FARM].trips[0].leave_s - 1),
    ),
    (
        "ends before it can be at its depot",
        lambda p: with_route(p, TO_FARM, end_s=p.routes[TO_FARM].end_s - 1),
    ),
    ("ends while its depot is closed", lambda p: later(p, TO_FARM, 200 * MINUTE)),
    ("ends after its vehicle's day", lambda p: later(p, TO_FARM, 200 * MINUTE)),
    (
        "lasts 1 s longer than the shift",
        lambda p: with_route(p, BY_AIR, end_s=p.routes[BY_AIR].start_s + 60 * MINUTE + 1),
    ),
    ("The solver vroom is unknown.", lambda p: replace(p, solver="vroom")),
    (
        "The figures reported",
        lambda p: replace(p, figures=replace(p.figures, cost_microyuan=1)),
    ),
    (
        "The unserved lots reported",
        lambda p: replace(p, unserved=(Unserved(FARM, 1, "no_time", False),)),
    ),
]


@pytest.mark.parametrize(("sentence", "broken"), BROKEN)
def test_refuses_a_broken_plan(sentence: str, broken: Broken) -> None:
    problem = little_valley()
    violations = check_routes(problem, broken(valley_plan(problem)))
    assert any(sentence in violation for violation in violations), violations


NARROWER: list[tuple[str, dict[str, object]]] = [
    ("has too many trips: 2, not 1", {"vehicle_trips": ints(1, 1)}),
    ("may not load again at depot2", {"vehicle_reload": np.zeros((2, 2), dtype=bool)}),
    ("carries 12 litre; it holds 11", {"vehicle_capacity": whole((10, 11), (3, 10))}),
    ("carries 10 kg; it holds 9", {"vehicle_capacity": whole((9, 20), (3, 10))}),
    ("unloads at farm before", {"stop_open_s": ints(0, 31, 30, 0) * MINUTE}),
    # the second lot is what comes too late: unloading begins at 75 and at 80 min
    ("unloads at hall after", {"stop_close_s": ints(79, 120, 60, 120) * MINUTE}),
    ("loads at depot2 while it is closed", {"depot_close_s": ints(240, 44) * MINUTE}),
    ("loads at store while it is closed", {"depot_open_s": ints(1, 0) * MINUTE}),
    ("ends while its depot is closed", {"depot_close_s": ints(94, 240) * MINUTE}),
    ("ends after its vehicle's day", {"vehicle_close_s": ints(94, 240) * MINUTE}),
    ("lasts 60 s longer than the shift", {"vehicle_shift_s": ints(94, 60) * MINUTE}),
    ("Stop hall gets too many lots: 2; it wants 1.", {"stop_lots": ints(1, 1, 1, 1)}),
    ("Vehicle truck drives 2 routes; there are 1.", {"vehicle_count": ints(1, 1)}),
    ("begins at another depot than its vehicle", {"vehicle_start": ints(DEPOT2, 0)}),
    ("ends before it can be at its depot", {"vehicle_end": ints(0, DEPOT2)}),
]


@pytest.mark.parametrize(("sentence", "change"), NARROWER)
def test_refuses_the_plan_where_a_rule_is_narrower(
    sentence: str, change: dict[str, object]
) -> None:
    plan = valley_plan(little_valley())
    violations = check_routes(little_valley(**change), plan)
    assert any(sentence in violation for violation in violations), violations


def test_refuses_a_way_that_is_not_there() -> None:
    problem = little_valley()
    plan = valley_plan(problem)
    for origin, destination, sentence in (
        (0, 3, "cannot keep its times at farm"),
        (3, 0, "ends before it can be at its depot"),
        (4, 1, "loads at depot2 before it can be there"),
    ):
        travel_s = problem.travel_s.copy()
        travel_s[0, origin, destination] = np.inf
        violations = check_routes(replace(problem, travel_s=travel_s), plan)
        assert [violation for violation in violations if sentence in violation]


def test_refuses_missing_and_wrong_reasons() -> None:
    problem = little_valley()
    plan = valley_plan(problem)
    routes = plan.routes[:2]
    short = replace(plan, routes=routes, figures=evaluate_routes(problem, routes))
    assert check_routes(problem, short) == (
        "The unserved lots reported are not those the routes leave.",
    )
    told = replace(short, unserved=(Unserved(SCHOOL, 1, "no_room", False),))
    assert check_routes(problem, told) == ()
    wrong = replace(short, unserved=(Unserved(SCHOOL, 1, "lazy", False),))
    assert check_routes(problem, wrong) == ("The reason lazy is unknown.",)


def test_every_violation_is_told_at_once() -> None:
    problem = little_valley(vehicle_count=ints(1, 1), vehicle_trips=ints(1, 1))
    with pytest.raises(InvalidPlanError) as refused:
        ensure_routes(problem, valley_plan(little_valley()))
    assert len(refused.value.violations) == 2


def test_two_lots_are_unloaded_one_after_the_other() -> None:
    plan = valley_plan(little_valley())
    visit = plan.routes[ROUND].trips[1].visits[0]
    assert (visit.stop, visit.lots) == (HALL, 2)
    assert visit.leave_s - visit.begin_s == 2 * 5 * MINUTE
    mill = plan.routes[ROUND].trips[0].visits[0]
    assert (mill.stop, mill.begin_s, mill.leave_s) == (MILL, 30 * MINUTE, 35 * MINUTE)
