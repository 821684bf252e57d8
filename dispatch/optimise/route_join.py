"""Let one vehicle drive what two drive, where that is cheaper.

Engines move a few lots at a time; a whole trip seldom finds its way from one
vehicle to another that would load again for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, permutations

import numpy as np

from dispatch.optimise.route_fill import fits
from dispatch.optimise.route_insert import Tours
from dispatch.optimise.route_times import timed_route, tour_of
from dispatch.optimise.routes import Route, RoutingProblem, Tour


def join(problem: RoutingProblem, routes: list[Route]) -> list[Route]:
    """Put the trips of one route after or before those of another as long as that saves anything.

    Parameters
    ----------
    routes : list of Route
        Feasible ones.

    Returns
    -------
    list of Route
    """
    known = Tours(problem)
    tours = [tour_of(route) for route in routes]
    fresh = count()  # a tour has a name of its own, by which pairs are known
    names = [next(fresh) for _tour in tours]
    pairs: dict[tuple[int, int], tuple[int, Tour] | None] = {}
    while True:
        best: tuple[int, int, int, Tour] | None = None
        for first, second in permutations(range(len(tours)), 2):
            key = names[first], names[second]
            if key not in pairs:
                pairs[key] = _saving(known, tours[first], tours[second])
            found = pairs[key]
            if found is not None and found[0] > (best[0] if best else 0):
                best = found[0], first, second, found[1]
        if best is None:
            timed = [timed_route(problem, tour) for tour in tours]
            return [route for route in timed if route is not None]
        _saved, first, second, tours[first] = best
        names[first] = next(fresh)
        del tours[second], names[second]


def _saving(known: Tours, first: Tour, second: Tour) -> tuple[int, Tour] | None:
    """Return what it saves most if the first vehicle drives both, and how; None if nothing."""
    apart = known.cost_microyuan(first) + known.cost_microyuan(second)
    best: tuple[int, Tour] | None = None
    for tour in _together(known.problem, first, second):
        if known.day(tour) is not None:
            saved = apart - known.cost_microyuan(tour)
            if saved > (best[0] if best else 0):
                best = saved, tour
    return best


def _together(problem: RoutingProblem, first: Tour, second: Tour) -> Iterator[Tour]:
    """Yield the first vehicle's tour and the second's trips, in either order, loaded anywhere."""
    vehicle = first.vehicle
    again = problem.vehicle_reload[vehicle]
    stops = [stop for load in second.loads for stop in load.stops]
    possible = (
        len(first.loads) + len(second.loads) <= problem.vehicle_trips[vehicle]
        and problem.vehicle_access[vehicle, stops].all()
        and all(again[load.depot] for load in second.loads[1:])
        and all(fits(problem, vehicle, load) for load in second.loads)
    )
    if possible:
        for depot in np.flatnonzero(again).tolist():
            for early, late in ((first.loads, second.loads), (second.loads, first.loads)):
                start = early[0]._replace(depot=int(problem.vehicle_start[vehicle]))
                turn = late[0]._replace(depot=depot)
                yield Tour(vehicle, (start, *early[1:], turn, *late[1:]))
