"""Better a large plan part by part: neighbouring routes are planned anew, the others stay.

For engines whose steps grow dearer with the whole plan, not with what they change.
Source: Taillard & Voss (2002), POPMUSIC: partial optimization metaheuristic under
special intensification conditions, doi:10.1007/978-1-4615-1507-4_27.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_check import evaluate_routes
from dispatch.optimise.route_fleet import with_rows
from dispatch.optimise.route_times import timed_route
from dispatch.optimise.routes import RoutingProblem, Tour

Plan = Callable[[RoutingProblem, IntArray], list[Tour]]


def better_by_parts(
    problem: RoutingProblem,
    lots: IntArray,
    tours: list[Tour],
    plan: Plan,
    size: int,
    until_s: float,
) -> list[Tour]:
    """Plan parts anew until time is over, or each route has been tried in vain.

    Parameters
    ----------
    problem : RoutingProblem
    lots : IntArray, shape (S,)
        What should be brought; what the tours leave behind belongs to every part.
    tours : list of Tour
        Feasible ones.
    plan : callable
        Returns tours for the lots of a part by its vehicles.
    size : int
        A part is as many routes as bring so many lots.
    until_s : float
        By ``time.perf_counter``.

    Returns
    -------
    list of Tour
    """
    waiting, vain = list(tours), 0
    while vain < len(waiting) and time.perf_counter() < until_s:
        near = _near(problem, waiting, size)
        part = [waiting[row] for row in near]
        others = [tour for row, tour in enumerate(waiting) if row not in near]
        missing = lots - _brought(problem, waiting)
        found = _anew(problem, others, _brought(problem, part) + missing, plan)
        if rank_of(problem, found) < rank_of(problem, part):
            waiting, vain = others + found, 0
        else:
            waiting, vain = [*waiting[1:], waiting[0]], vain + 1
    return waiting


def _near(problem: RoutingProblem, tours: list[Tour], size: int) -> list[int]:
    """Return the rows of the first tour and of those nearest to it, as many as make a part."""
    places = [problem.stop_place[_stops(tour)] for tour in tours]
    metres = problem.travel_m[problem.vehicle_profile[tours[0].vehicle]]
    away_m = [float(metres[np.ix_(places[0], there)].min(axis=1).mean()) for there in places]
    away_m[0] = -1.0
    chosen: list[int] = []
    for row in np.argsort(away_m, kind="stable").tolist():
        chosen.append(row)
        if sum(len(places[one]) for one in chosen) >= size:
            break
    return chosen


def _stops(tour: Tour) -> list[int]:
    return [stop for load in tour.loads for stop in load.stops]


def _brought(problem: RoutingProblem, tours: list[Tour]) -> IntArray:
    stops = [stop for tour in tours for stop in _stops(tour)]
    return np.bincount(np.array(stops, dtype=np.int64), minlength=len(problem.stop_id))


def _anew(problem: RoutingProblem, others: list[Tour], lots: IntArray, plan: Plan) -> list[Tour]:
    """Plan these lots with the vehicles that the other tours leave."""
    vehicles = np.array([tour.vehicle for tour in others], dtype=np.int64)
    free = problem.vehicle_count - np.bincount(vehicles, minlength=len(problem.vehicle_id))
    rows = np.flatnonzero(free)
    found = plan(with_rows(replace(problem, vehicle_count=free), rows), lots)
    return [tour._replace(vehicle=int(rows[tour.vehicle])) for tour in found]


def rank_of(problem: RoutingProblem, tours: list[Tour]) -> tuple[int, ...]:
    """Return the key by which the better of two plans is the smaller."""
    routes = [route for tour in tours if (route := timed_route(problem, tour))]
    return evaluate_routes(problem, tuple(routes)).rank
