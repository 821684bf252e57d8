"""What one limit moved would bring of the lots that stay behind, with all else in the plan kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dispatch.errors import InvalidPlanError
from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_check import route_cost_microyuan, route_faults
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
        Of the better plan.
    """

    lots: tuple[int, ...]
    microyuan: int
    routes: tuple[Route, ...]


def gain(
    relaxed: RoutingProblem,
    routes: Sequence[Route],
    stops: Sequence[int],
    fresh: BoolArray | None = None,
) -> Gain | None:
    """Bring more lots of some stops along the routes there are, and on new ones.

    Every lot that the plan brings is still brought, and nothing else is added.

    Parameters
    ----------
    relaxed : RoutingProblem
        The plan's problem with a limit moved; rows of vehicles may be added after its own.
    routes : sequence of Route
        Of the plan.
    stops : sequence of int
    fresh : BoolArray, shape (V,), optional
        Vehicles that bring it alone, where the others' routes stay as they are.

    Returns
    -------
    Gain or None
        None where nothing more comes. :func:`ensure_gain` has the checker look at it.
    """
    had = delivered_lots(relaxed, list(routes))
    asked = np.zeros_like(had)
    asked[list(stops)] = (relaxed.stop_lots - had)[list(stops)]
    if fresh is not None:
        before = list(routes)
        filled = [*before, *fill(keeping(relaxed, fresh), [], asked)]
    else:
        again = [timed_route(relaxed, tour_of(route)) for route in routes]
        before = [route for route in again if route is not None]
        if len(before) < len(again):
            return None
        filled = fill(relaxed, before, had + asked)
    more = delivered_lots(relaxed, filled) - had
    if (more < 0).any() or not more.any():
        return None
    better = tuple(sorted(filled, key=lambda route: (route.vehicle, route.start_s)))
    cost = _cost_microyuan(relaxed, better) - _cost_microyuan(relaxed, before)
    return Gain(tuple(int(more[stop]) for stop in stops), cost, better)


def ensure_gain(relaxed: RoutingProblem, found: Gain) -> None:
    """Refuse a better plan that breaks a rule of the relaxed problem.

    Raises
    ------
    InvalidPlanError
        With one sentence for each broken rule: a fault of this package.
    """
    faults = route_faults(relaxed, found.routes)
    if faults:
        raise InvalidPlanError(faults)


def _cost_microyuan(problem: RoutingProblem, routes: Sequence[Route]) -> int:
    return sum(route_cost_microyuan(problem, route) for route in routes)


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
