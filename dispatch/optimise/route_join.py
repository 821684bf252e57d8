"""Let one vehicle drive what two drive, where that is cheaper.

Engines move a few lots at a time; a whole trip seldom finds its way from one
vehicle to another that would load again for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from dispatch.optimise.route_check import route_cost_microyuan
from dispatch.optimise.route_fill import fits
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
    joined = list(routes)
    while True:
        best: tuple[int, int, int, Route] | None = None
        costs = [route_cost_microyuan(problem, route) for route in joined]
        for first, second in permutations(range(len(joined)), 2):
            for tour in _together(problem, tour_of(joined[first]), tour_of(joined[second])):
                route = timed_route(problem, tour)
                if route is not None:
                    saved = costs[first] + costs[second] - route_cost_microyuan(problem, route)
                    if saved > (best[0] if best else 0):
                        best = saved, first, second, route
        if best is None:
            return joined
        _saved, first, second, route = best
        joined[first] = route
        del joined[second]


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
