"""Routing problems small enough to be solved by hand or counted out.

The little valley: minutes of driving stand beside each road, a minute is 60 s
and 1,000 m for every vehicle; the school can only be reached by air::

                 10              10
    store -------------- hall ------------- farm
      |                                      |
      | 10                                   | 10
      |                  10                  |
    depot2 ------------------------------- mill        school (by air: 20 from store)

    vehicles              capacity     yuan: fixed, per km, per hour
    truck  (2 of them)    10 kg, 20 l        100     2         36    two trips each
    heli   (1)             3 kg, 10 l        500    10        360    one trip

    stop    lots   a lot       open          service  priority
    hall     2     5 kg  4 l   0 to 120 min    5 min   1
    farm     1     8 kg  9 l   0 to 120 min    5 min   2
    mill     1     2 kg 12 l  30 to 60 min     5 min   1
    school   1     3 kg  5 l   0 to 120 min    5 min   1, by helicopter only

Loading takes 10 min at both depots. The best plan (1,694 yuan) needs both
trucks: the farm and the mill together are too large for one (21 of 20 l), and
three trips too many.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, cast

import numpy as np
from small import ints

from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_times import timed_route
from dispatch.optimise.routes import (
    MICROYUAN,
    FloatArray,
    Load,
    Route,
    RoutingFigures,
    RoutingProblem,
    RoutingSolution,
    Tour,
    microyuan_per_s,
)

STORE, DEPOT2 = 0, 1
HALL, FARM, MILL, SCHOOL = 0, 1, 2, 3
TRUCK, HELI = 0, 1
MINUTE: Final = 60

ROADS: Final = ((0, 2, 10), (2, 3, 10), (3, 4, 10), (0, 1, 10), (1, 4, 10))
AIR: Final = ((0, 1, 8), (0, 2, 8), (0, 3, 12), (0, 4, 12), (0, 5, 20))


def shortest(places: int, ways: tuple[tuple[int, int, int], ...]) -> FloatArray:
    """Return minutes from place to place over two-way ways, ``inf`` where there is none."""
    minutes = np.full((places, places), np.inf)
    np.fill_diagonal(minutes, 0)
    for one, other, length in ways:
        minutes[one, other] = minutes[other, one] = length
    for via in range(places):
        minutes = np.minimum(minutes, minutes[:, via, None] + minutes[via])
    return minutes


def little_valley(**changes: object) -> RoutingProblem:
    minutes = np.stack([shortest(6, ROADS), shortest(6, AIR)])
    problem = RoutingProblem(
        travel_s=minutes * MINUTE,
        travel_m=minutes * 1000,
        travel_toll_microyuan=np.zeros((2, 6, 6), dtype=np.int64),
        dimension_id=("kg", "litre"),
        depot_id=("store", "depot2"),
        depot_place=ints(0, 1),
        depot_load_s=ints(10, 10) * MINUTE,
        depot_open_s=ints(0, 0),
        depot_close_s=ints(240, 240) * MINUTE,
        stop_id=("hall", "farm", "mill", "school"),
        stop_place=ints(2, 3, 4, 5),
        stop_lots=ints(2, 1, 1, 1),
        stop_load=np.array([[5, 4], [8, 9], [2, 12], [3, 5]]),
        stop_open_s=ints(0, 0, 30, 0) * MINUTE,
        stop_close_s=ints(120, 120, 60, 120) * MINUTE,
        stop_service_s=ints(5, 5, 5, 5) * MINUTE,
        stop_priority=ints(1, 2, 1, 1),
        stop_worth=ints(1, 1, 1, 1),
        vehicle_id=("truck", "heli"),
        vehicle_count=ints(2, 1),
        vehicle_profile=ints(0, 1),
        vehicle_capacity=np.array([[10, 20], [3, 10]]),
        vehicle_start=ints(STORE, STORE),
        vehicle_end=ints(STORE, STORE),
        vehicle_reload=np.array([[True, True], [False, False]]),
        vehicle_trips=ints(2, 1),
        vehicle_access=np.array([[True, True, True, False], [True, True, True, True]]),
        vehicle_open_s=ints(0, 0),
        vehicle_close_s=ints(240, 240) * MINUTE,
        vehicle_shift_s=ints(120, 60) * MINUTE,
        vehicle_fixed_microyuan=ints(100, 500) * MICROYUAN,
        vehicle_microyuan_per_m=ints(2000, 10000),
        vehicle_microyuan_per_s=ints(microyuan_per_s(36), microyuan_per_s(360)),
    )
    return replace(problem, **changes)  # type: ignore[arg-type]


def random_routing(seed: int) -> RoutingProblem:
    """Return a small problem made by chance, the same for the same seed.

    It has 2 rows of vehicles, 1 or 2 depots, 2 to 4 stops and at most 6 lots;
    times are seconds of a day of 60, so that every start can be tried.
    """
    rng = np.random.default_rng(seed)
    depots, stops = int(rng.integers(1, 3)), int(rng.integers(2, 5))
    places, profiles = depots + stops, int(rng.integers(1, 3))
    spots = rng.integers(0, 7, (places, 2))
    straight = np.abs(spots[:, None] - spots[None]).sum(axis=-1)
    travel_s = np.stack([straight + rng.integers(0, 4, straight.shape) for _ in range(profiles)])
    travel_s = travel_s.astype(np.float64)
    travel_m = travel_s * 10 + rng.integers(0, 30, travel_s.shape)
    lost = rng.random(travel_s.shape) < 0.4
    travel_s[lost] = travel_m[lost] = np.inf
    toll = rng.integers(0, 3, travel_s.shape) * 40
    for via in range(places):  # driving over another place is never quicker, as on any map
        travel_s = np.minimum(travel_s, travel_s[:, :, via, None] + travel_s[:, None, via])
    travel_m[np.isinf(travel_s)] = np.inf
    travel_m = np.where(np.isinf(travel_m), travel_s * 10, travel_m)
    for profile in range(profiles):
        np.fill_diagonal(travel_s[profile], 0)
        np.fill_diagonal(travel_m[profile], 0)
        np.fill_diagonal(toll[profile], 0)
    opens = rng.integers(0, 25, stops) * rng.integers(0, 2, stops)
    lots = rng.integers(1, 4, stops)
    while lots.sum() > 6:
        lots[int(lots.argmax())] -= 1
    home = rng.integers(0, depots, 2)
    return RoutingProblem(
        travel_s=travel_s,
        travel_m=travel_m.astype(np.float64),
        travel_toll_microyuan=toll,
        dimension_id=("kg", "litre"),
        depot_id=tuple(f"depot {row}" for row in range(depots)),
        depot_place=np.arange(depots),
        depot_load_s=rng.integers(0, 4, depots),
        depot_open_s=rng.integers(0, 5, depots),
        depot_close_s=rng.integers(45, 61, depots),
        stop_id=tuple(f"stop {row}" for row in range(stops)),
        stop_place=np.arange(depots, places),
        stop_lots=lots,
        stop_load=rng.integers(0, 5, (stops, 2)),
        stop_open_s=opens,
        stop_close_s=opens + rng.integers(8, 45, stops),
        stop_service_s=rng.integers(0, 4, stops),
        stop_priority=rng.integers(1, 3, stops),
        stop_worth=rng.integers(1, 3, stops),
        vehicle_id=("van", "truck"),
        vehicle_count=rng.choice([1, 1, 2], 2),
        vehicle_profile=rng.integers(0, profiles, 2),
        vehicle_capacity=rng.integers(4, 9, (2, 2)),
        vehicle_start=home,
        vehicle_end=np.where(rng.random(2) < 0.7, home, rng.integers(0, depots, 2)),
        vehicle_reload=rng.random((2, depots)) < 0.7,
        vehicle_trips=rng.integers(1, 4, 2),
        vehicle_access=rng.random((2, stops)) < 0.9,
        vehicle_open_s=rng.integers(0, 5, 2),
        vehicle_close_s=rng.integers(40, 61, 2),
        vehicle_shift_s=rng.integers(30, 61, 2),
        vehicle_fixed_microyuan=rng.integers(0, 4, 2) * 100,
        vehicle_microyuan_per_m=rng.integers(1, 4, 2),
        vehicle_microyuan_per_s=rng.integers(0, 3, 2) * 10,
    )


def whole(*rows: tuple[int, ...]) -> IntArray:
    return np.array(rows, dtype=np.int64)


def valley_routes(problem: RoutingProblem) -> tuple[Route, ...]:
    """Return a feasible plan of the valley, made by hand: all is brought, for 1,720 yuan.

    A truck goes to the mill (30 to 35 min), loads again at the second depot
    (45 to 55), and brings both lots to the hall (75 to 85): 60 km, 95 min,
    100 + 120 + 57 yuan. Another goes to the farm (30 to 35) and back: 40 km,
    55 min, 100 + 80 + 33 yuan. The helicopter goes to the school (30 to 35)
    and back: 40 km, 55 min, 500 + 400 + 330 yuan.
    """
    tours = (
        Tour(TRUCK, (Load(STORE, (MILL,)), Load(DEPOT2, (HALL, HALL)))),
        Tour(TRUCK, (Load(STORE, (FARM,)),)),
        Tour(HELI, (Load(STORE, (SCHOOL,)),)),
    )
    routes = tuple(timed_route(problem, tour) for tour in tours)
    assert None not in routes
    return cast("tuple[Route, ...]", routes)


def valley_plan(problem: RoutingProblem) -> RoutingSolution:
    figures = RoutingFigures((4, 1), (4, 1), 1720 * MICROYUAN, 140_000, (95 + 55 + 55) * MINUTE)
    return RoutingSolution(valley_routes(problem), (), figures, "ortools")
