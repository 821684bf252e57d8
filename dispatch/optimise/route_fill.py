"""Bring what an engine left behind, wherever it still fits.

After this no lot stays behind that could be added to the routes as they are,
so no vehicle stands idle beside a stop that it could serve; none stays behind
for a trip that a vehicle barred from its stop could drive as well; and none for a single lot
that counts less.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_insert import Tours
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
    known = Tours(problem)
    tours = [tour_of(route) for route in routes]
    missing = lots - delivered_lots(problem, routes)
    order = np.lexsort((-problem.stop_worth, problem.stop_priority))
    for stop in order.tolist():
        while missing[stop]:
            change = (
                _added(known, tours, stop)
                or _handed_over(known, tours, stop)
                or _exchanged(known, tours, stop)
            )
            if change is None:
                break  # what doesn't fit once doesn't fit again
            for row, tour in change.tours:
                tours[row : row + 1] = [tour]
            missing[stop] -= 1
            if change.lesser is not None:
                missing[change.lesser] += 1
    timed = [timed_route(problem, tour) for tour in tours]
    return [route for route in timed if route is not None]


def delivered_lots(problem: RoutingProblem, routes: list[Route]) -> IntArray:
    """Return how many lots of each stop the routes bring, shape (S,)."""
    lots = np.zeros(len(problem.stop_id), dtype=np.int64)
    for route in routes:
        for trip in route.trips:
            for visit in trip.visits:
                lots[visit.stop] += visit.lots
    return lots


class _Change(NamedTuple):
    """New tours by their row (or the next one), and the stop that loses a lot for it."""

    tours: tuple[tuple[int, Tour], ...]
    lesser: int | None = None


def _with_idle(problem: RoutingProblem, tours: list[Tour]) -> list[tuple[int, Tour]]:
    """Return the tours by their row, and in the next row one without a trip for each idle kind."""
    used = np.bincount([tour.vehicle for tour in tours], minlength=len(problem.vehicle_id))
    idle = np.flatnonzero(used < problem.vehicle_count).tolist()
    return [*enumerate(tours), *((len(tours), Tour(vehicle, ())) for vehicle in idle)]


def _added(known: Tours, tours: list[Tour], stop: int) -> _Change | None:
    """Return the cheapest way to bring one lot more."""
    problem = known.problem
    best: tuple[int, _Change] | None = None
    for row, tour in _with_idle(problem, tours):
        if not problem.vehicle_access[tour.vehicle, stop]:
            continue
        found = known.with_lot(tour, stop)
        if found is not None:
            extra = found.microyuan - known.cost_microyuan(tour)
            if best is None or extra < best[0]:
                best = extra, _Change(((row, found.tour),))
    return None if best is None else best[1]


def _handed_over(known: Tours, tours: list[Tour], stop: int) -> _Change | None:
    """Return the cheapest way to bring one lot once another vehicle has taken over a trip.

    That other one may not serve the stop itself: else the lot would rather go with it.
    """
    problem = known.problem
    best: tuple[int, _Change] | None = None
    takers = [
        (row, tour)
        for row, tour in _with_idle(problem, tours)
        if not problem.vehicle_access[tour.vehicle, stop]
        and len(tour.loads) < problem.vehicle_trips[tour.vehicle]
    ]
    if not takers:
        return None
    for row, tour in enumerate(tours):
        if not problem.vehicle_access[tour.vehicle, stop]:
            continue
        for number, load in enumerate(tour.loads):
            if stop in load.stops:
                continue
            rest = [*tour.loads[:number], *tour.loads[number + 1 :]]
            found = known.with_lot(
                Tour(tour.vehicle, trips_from(problem, tour.vehicle, rest)), stop
            )
            if found is None:
                continue
            saved = known.cost_microyuan(tour) - found.microyuan
            for other, taker in takers:
                if (whole := _with_trip(known, taker, load)) is not None:
                    cost = known.cost_microyuan(whole) - known.cost_microyuan(taker) - saved
                    if best is None or cost < best[0]:
                        best = cost, _Change(((row, found.tour), (other, whole)))
    return None if best is None else best[1]


def _with_trip(known: Tours, tour: Tour, load: Load) -> Tour | None:
    """Return the tour with one more trip at its end, None where it can't be driven."""
    problem, vehicle = known.problem, tour.vehicle
    depots = [int(problem.vehicle_start[vehicle])]
    if tour.loads:
        depots = np.flatnonzero(problem.vehicle_reload[vehicle]).tolist()
    may = problem.vehicle_access[vehicle, list(load.stops)].all()
    if not may or not fits(problem, vehicle, load):
        return None
    longer = [Tour(vehicle, (*tour.loads, load._replace(depot=depot))) for depot in depots]
    driven = [one for one in longer if known.day(one) is not None]
    return min(driven, key=known.cost_microyuan, default=None)


def _exchanged(known: Tours, tours: list[Tour], stop: int) -> _Change | None:
    """Return the way to bring one lot in place of one of lower priority that gives up least."""
    problem = known.problem
    best: tuple[tuple[int, ...], _Change] | None = None
    for row, tour in enumerate(tours):
        if not problem.vehicle_access[tour.vehicle, stop]:
            continue
        cost = known.cost_microyuan(tour)
        for number, load in enumerate(tour.loads):
            for lesser in dict.fromkeys(load.stops):
                priority, worth = problem.stop_priority[lesser], problem.stop_worth[lesser]
                if priority <= problem.stop_priority[stop]:
                    continue
                loss = -int(priority), int(worth)
                if best is not None and loss > best[0][:2]:
                    continue
                fewer = _without(problem, tour, number, load.stops.index(lesser))
                found = known.with_lot(fewer, stop)
                if found is not None:
                    rank = (*loss, found.microyuan - cost)
                    if best is None or rank < best[0]:
                        best = rank, _Change(((row, found.tour),), lesser)
    return None if best is None else best[1]


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


def fits(problem: RoutingProblem, vehicle: int, load: Load) -> bool:
    """Return whether the vehicle can carry the load, in every dimension."""
    carried = problem.stop_load[list(load.stops)].sum(axis=0)
    return bool((carried <= problem.vehicle_capacity[vehicle]).all())
