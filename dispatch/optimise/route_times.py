"""When a tour happens: the shortest day for a given order of loads and stops."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from dispatch.optimise.routes import Load, Route, RoutingProblem, Tour, Trip, Visit


class Halt(NamedTuple):
    """One thing a vehicle does: loading, unloading one lot, or ending its day.

    Parameters
    ----------
    travel_s : float
        From the halt before; ``inf`` where there is no way.
    open_s, close_s : int
        When it may begin.
    takes_s : int
    """

    travel_s: float
    open_s: int
    close_s: int
    takes_s: int


def timed_route(problem: RoutingProblem, tour: Tour) -> Route | None:
    """Return the tour with the earliest end, and of these the latest start.

    Returns
    -------
    Route or None
        None where the tour can't be driven within windows and shift.
        Capacity and access are not looked at.
    """
    halts = list(halts_of(problem, tour))
    begins = shortest_day(halts, int(problem.vehicle_open_s[tour.vehicle]))
    if begins is None or begins[-1] - begins[0] > problem.vehicle_shift_s[tour.vehicle]:
        return None
    return _route(problem, tour, halts, begins)


def shortest_day(halts: list[Halt], start_s: int) -> list[int] | None:
    """Return when each halt begins so that the day ends early, and then starts late.

    That is a shortest day as well: a later start could not shorten it, an
    earlier one only adds waiting.

    Returns
    -------
    list of int or None
        None where some window can't be kept.
    """
    earliest = _forward(halts, start_s)
    return None if earliest is None else _forward(halts, _latest_start(halts, earliest[-1]))


def halts_of(problem: RoutingProblem, tour: Tour) -> Iterator[Halt]:
    """Yield what the vehicle does, one by one: loading, unloading each lot, ending its day."""
    vehicle = tour.vehicle
    travel_s = problem.travel_s[problem.vehicle_profile[vehicle]]
    place = int(problem.depot_place[tour.loads[0].depot])
    for load in tour.loads:
        depot = int(problem.depot_place[load.depot])
        yield Halt(
            float(travel_s[place, depot]),
            int(problem.depot_open_s[load.depot]),
            int(problem.depot_close_s[load.depot]),
            int(problem.depot_load_s[load.depot]),
        )
        place = depot
        for stop in load.stops:
            here = int(problem.stop_place[stop])
            yield Halt(
                float(travel_s[place, here]),
                int(problem.stop_open_s[stop]),
                int(problem.stop_close_s[stop]),
                int(problem.stop_service_s[stop]),
            )
            place = here
    end = int(problem.vehicle_end[vehicle])
    close_s = min(int(problem.depot_close_s[end]), int(problem.vehicle_close_s[vehicle]))
    home = float(travel_s[place, problem.depot_place[end]])
    yield Halt(home, int(problem.depot_open_s[end]), close_s, 0)


def _forward(halts: list[Halt], start_s: int) -> list[int] | None:
    """Return when each halt begins if all begin as early as they can."""
    begins: list[int] = []
    ready_s = float(start_s)
    for halt in halts:
        begin_s = max(ready_s + halt.travel_s, halt.open_s)
        if begin_s > halt.close_s:
            return None
        begins.append(int(begin_s))
        ready_s = begin_s + halt.takes_s
    return begins


def _latest_start(halts: list[Halt], end_s: int) -> int:
    latest_s = float(end_s)
    for before, halt in zip(halts[-2::-1], halts[:0:-1], strict=True):
        latest_s = min(before.close_s, latest_s - halt.travel_s - before.takes_s)
    return int(latest_s)


def _route(problem: RoutingProblem, tour: Tour, halts: list[Halt], begins: list[int]) -> Route:
    trips: list[Trip] = []
    number = 0
    for load in tour.loads:
        begin_s = begins[number]
        leave_s = begin_s + halts[number].takes_s
        number += 1
        visits: list[Visit] = []
        now_s = leave_s
        for stop, group in groupby(load.stops):
            lots = len(list(group))
            arrive_s = now_s + int(halts[number].travel_s)
            now_s = begins[number] + lots * halts[number].takes_s
            visits.append(Visit(stop, lots, arrive_s, begins[number], now_s))
            number += lots
        trips.append(Trip(load.depot, begin_s, leave_s, tuple(visits)))
    return Route(tour.vehicle, tuple(trips), begins[-1])


def tour_of(route: Route) -> Tour:
    """Return a route without its times."""
    return Tour(
        route.vehicle,
        tuple(
            Load(trip.depot, tuple(v.stop for v in trip.visits for _ in range(v.lots)))
            for trip in route.trips
        ),
    )
