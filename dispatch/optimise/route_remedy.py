"""What one limit moved would bring of the lots that stay behind, with all else in the plan kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dispatch.errors import InvalidPlanError
from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_check import evaluate_routes, route_faults
from dispatch.optimise.route_fill import delivered_lots, fill
from dispatch.optimise.route_times import timed_route, tour_of
from dispatch.optimise.routes import BoolArray, Route, RoutingProblem


@dataclass(frozen=True)
class Gain:
    """What a relaxed problem allows on top of a plan.

    Parameters
    ----------
    lots : tuple of int
        Lots more of each stop asked for.
    microyuan : int
        What the better plan costs more.
    routes : tuple of Route
        Of the better plan; the checker accepts them for the relaxed problem.
    """

    lots: tuple[int, ...]
    microyuan: int
    routes: tuple[Route, ...]


def gain(relaxed: RoutingProblem, routes: Sequence[Route], stops: Sequence[int]) -> Gain | None:
    """Bring more lots of some stops along the routes there are, and on new ones.

    Every lot that the plan brings is still brought, and nothing else is added.

    Parameters
    ----------
    relaxed : RoutingProblem
        The plan's problem with a limit moved; rows of vehicles may be added after its own.
    routes : sequence of Route
        Of the plan.
    stops : sequence of int

    Returns
    -------
    Gain or None
        None where nothing more comes.

    Raises
    ------
    InvalidPlanError
        If the checker refuses the better plan: a fault of this package.
    """
    again = [timed_route(relaxed, tour_of(route)) for route in routes]
    before = [route for route in again if route is not None]
    if len(before) < len(again):
        return None
    had = delivered_lots(relaxed, before)
    asked = had.copy()
    asked[list(stops)] = relaxed.stop_lots[list(stops)]
    filled = fill(relaxed, before, asked)
    better = tuple(sorted(filled, key=lambda route: (route.vehicle, route.start_s)))
    more = delivered_lots(relaxed, filled) - had
    if (more < 0).any() or not more.any():
        return None
    faults = route_faults(relaxed, better)
    if faults:
        raise InvalidPlanError(faults)
    cost = evaluate_routes(relaxed, better).cost_microyuan
    cost -= evaluate_routes(relaxed, tuple(before)).cost_microyuan
    return Gain(tuple(int(more[stop]) for stop in stops), cost, better)


def allowing(problem: RoutingProblem, vehicles: BoolArray, stop: int) -> RoutingProblem:
    """Return the problem in which some vehicles may serve a stop."""
    access = problem.vehicle_access.copy()
    access[vehicles, stop] = True
    return replace(problem, vehicle_access=access)


def keeping(problem: RoutingProblem, vehicles: BoolArray) -> RoutingProblem:
    """Return the problem in which only some vehicles may serve anything."""
    return replace(problem, vehicle_access=problem.vehicle_access & vehicles[:, None])


def longer(problem: RoutingProblem, vehicles: BoolArray, more_s: int) -> RoutingProblem:
    """Return the problem in which some vehicles may be out for longer, and be back later."""
    extra: IntArray = np.where(vehicles, more_s, 0)
    return replace(
        problem,
        depot_close_s=problem.depot_close_s + more_s,
        vehicle_close_s=problem.vehicle_close_s + extra,
        vehicle_shift_s=problem.vehicle_shift_s + extra,
    )


def open_between(problem: RoutingProblem, stop: int, open_s: int, close_s: int) -> RoutingProblem:
    """Return the problem in which a stop takes goods from one time to another."""
    opens, closes = problem.stop_open_s.copy(), problem.stop_close_s.copy()
    opens[stop], closes[stop] = open_s, close_s
    return replace(problem, stop_open_s=opens, stop_close_s=closes)
