"""Bring what an engine left behind, wherever it still fits.

After this no lot stays behind that could be added to the routes as they are,
so no vehicle stands idle beside a stop that it could serve; and none stays
behind for a single lot that counts less.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_check import route_cost_microyuan
from dispatch.optimise.route_times import timed_route, tour_of
from dispatch.optimise.routes import Load, Route, RoutingProblem, Tour


def fill(problem: RoutingProblem, routes: list[Route], lots: IntArray) -> list[Route]:
    """Add lots one by one, the first priority first, each where it costs least.

    Parameters
    ----------
    routes : list of Route
        Feasible ones.
    lots : IntArray, shape (S,)
        Lots that should be brought, with those on the routes.

    Returns
    -------
    list of Route
        In the same order, new ones at the end.
    """
    filled = list(routes)
    missing = lots - delivered_lots(problem, routes)
    order = np.lexsort((-problem.stop_worth, problem.stop_priority))
    for stop in order.tolist():
        while missing[stop]:
            best = _cheapest(problem, filled, _added(problem, filled, stop))
            best = best or _cheapest(problem, filled, _exchanged(problem, filled, stop))
            if best is None:
                break  # what doesn't fit once doesn't fit again
            row, route = best
            filled[row : row + 1] = [route]
            missing = lots - delivered_lots(problem, filled)
    return filled


def delivered_lots(problem: RoutingProblem, routes: list[Route]) -> IntArray:
    """Return how many lots of each stop the routes bring, shape (S,)."""
    lots = np.zeros(len(problem.stop_id), dtype=np.int64)
    for route in routes:
        for trip in route.trips:
            for visit in trip.visits:
                lots[visit.stop] += visit.lots
    return lots


_Candidate = tuple[int, Tour, tuple[int, ...]]
"""Row to be replaced (or the next one), its new tour, and what is given up for it."""


def _cheapest(
    problem: RoutingProblem, routes: list[Route], candidates: Iterator[_Candidate]
) -> tuple[int, Route] | None:
    """Return the row and its new route that give up least, then cost least."""
    best: tuple[tuple[int, ...], int, Route] | None = None
    costs = [route_cost_microyuan(problem, route) for route in routes]
    for row, tour, loss in candidates:
        route = timed_route(problem, tour)
        if route is None:
            continue
        extra = route_cost_microyuan(problem, route) - (costs[row] if row < len(costs) else 0)
        if best is None or (*loss, extra) < best[0]:
            best = (*loss, extra), row, route
    return None if best is None else best[1:]


def _added(problem: RoutingProblem, routes: list[Route], stop: int) -> Iterator[_Candidate]:
    """Yield every way to bring one lot more."""
    used = np.zeros(len(problem.vehicle_id), dtype=np.int64)
    for row, route in enumerate(routes):
        used[route.vehicle] += 1
        if problem.vehicle_access[route.vehicle, stop]:
            for tour in with_lot(problem, tour_of(route), stop):
                yield row, tour, ()
    for vehicle in np.flatnonzero(used < problem.vehicle_count).tolist():
        if problem.vehicle_access[vehicle, stop]:
            for tour in with_lot(problem, Tour(vehicle, ()), stop):
                yield len(routes), tour, ()


def _exchanged(problem: RoutingProblem, routes: list[Route], stop: int) -> Iterator[_Candidate]:
    """Yield every way to bring one lot in place of one of lower priority."""
    for row, route in enumerate(routes):
        if not problem.vehicle_access[route.vehicle, stop]:
            continue
        tour = tour_of(route)
        for number, load in enumerate(tour.loads):
            for lesser in dict.fromkeys(load.stops):
                priority, worth = problem.stop_priority[lesser], problem.stop_worth[lesser]
                if priority > problem.stop_priority[stop]:
                    fewer = _without(problem, tour, number, load.stops.index(lesser))
                    for other in with_lot(problem, fewer, stop):
                        yield row, other, (-int(priority), int(worth))


def _without(problem: RoutingProblem, tour: Tour, number: int, at: int) -> Tour:
    """Return the tour without one lot, and without its trip if that is empty then."""
    load = tour.loads[number]
    fewer = load._replace(stops=(*load.stops[:at], *load.stops[at + 1 :]))
    loads = [*tour.loads[:number], fewer, *tour.loads[number + 1 :]]
    return Tour(tour.vehicle, trips_from(problem, tour.vehicle, loads))


def trips_from(problem: RoutingProblem, vehicle: int, loads: list[Load]) -> tuple[Load, ...]:
    """Return the trips that bring something; the first one loads where the day begins.

    A first trip without a stop only led to another depot, where as much could
    be loaded as at the first.
    """
    full = [load for load in loads if load.stops]
    if full:
        full[0] = full[0]._replace(depot=int(problem.vehicle_start[vehicle]))
    return tuple(full)


def with_lot(problem: RoutingProblem, tour: Tour, stop: int) -> Iterator[Tour]:
    """Yield the tour with one lot more: at each place of each trip, and on each new trip."""
    loads = tour.loads
    for number, load in enumerate(loads):
        if fits(problem, tour.vehicle, load._replace(stops=(*load.stops, stop))):
            for at in range(len(load.stops) + 1):
                if at and load.stops[at - 1] == stop:
                    continue  # the same halt as one place before
                more = load._replace(stops=(*load.stops[:at], stop, *load.stops[at:]))
                yield tour._replace(loads=(*loads[:number], more, *loads[number + 1 :]))
    if len(loads) >= problem.vehicle_trips[tour.vehicle]:
        return
    start = int(problem.vehicle_start[tour.vehicle])
    if not fits(problem, tour.vehicle, Load(start, (stop,))):
        return
    again = np.flatnonzero(problem.vehicle_reload[tour.vehicle]).tolist()
    for number in range(1, len(loads) + 1):
        for depot in again:
            yield tour._replace(loads=(*loads[:number], Load(depot, (stop,)), *loads[number:]))
    for depot in again if loads else [start]:
        # a new first trip sends the one before it to load again at any depot
        later = [loads[0]._replace(depot=depot), *loads[1:]] if loads else []
        yield tour._replace(loads=(Load(start, (stop,)), *later))


def fits(problem: RoutingProblem, vehicle: int, load: Load) -> bool:
    """Return whether the vehicle can carry the load, in every dimension."""
    carried = problem.stop_load[list(load.stops)].sum(axis=0)
    return bool((carried <= problem.vehicle_capacity[vehicle]).all())
