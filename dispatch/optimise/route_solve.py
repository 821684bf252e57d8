"""Solve a routing problem: pick an engine, fill up, give times and reasons, check."""

from __future__ import annotations

from typing import NamedTuple

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_check import ensure_routes, evaluate_routes
from dispatch.optimise.route_fill import delivered_lots, fill
from dispatch.optimise.route_fleet import needed_rows, with_rows
from dispatch.optimise.route_join import join
from dispatch.optimise.route_ortools import search_ortools
from dispatch.optimise.route_prices import prices
from dispatch.optimise.route_pyvrp import MOST as PYVRP_MOST
from dispatch.optimise.route_pyvrp import available, search_pyvrp
from dispatch.optimise.route_times import timed_route
from dispatch.optimise.route_validate import validate_routes
from dispatch.optimise.route_why import hopeless_stops, why_unserved
from dispatch.optimise.routes import SOLVERS, Route, RoutingProblem, RoutingSolution

PATIENCE = 10_000
"""Tries without a better plan after which an engine stops, unless told otherwise."""


def solve_routes(
    problem: RoutingProblem,
    *,
    solver: str = "auto",
    time_limit_s: float = 30.0,
    seed: int = 0,
    patience: int | None = PATIENCE,
    work: int | None = None,
) -> RoutingSolution:
    """Return good routes, what they leave behind and why.

    The plan is a heuristic's: feasible for certain, best not for certain. The
    same problem, solver, seed and patience give the same plan unless the time
    limit ends the search.

    Parameters
    ----------
    problem : RoutingProblem
    solver : {"auto", "ortools", "pyvrp"}
        ``auto`` is PyVRP where it is installed and its numbers can hold the
        priorities; where it leaves lots behind, or can't be had, OR-Tools. Of
        two plans the better one is returned.
    time_limit_s : float
        For each of them.
    seed : int
        From 0; OR-Tools has one of its own.
    patience : int or None
        Tries without a better plan after which the search ends; None leaves
        only the time limit.

    Raises
    ------
    InputError
        If the problem is malformed, or its numbers too large.
    InvalidPlanError
        If the checker refuses the plan; that is a fault of this package.
    """
    validate_routes(problem)
    engines = _engines(problem, solver)
    hopeless = hopeless_stops(problem)
    lots = problem.stop_lots.copy()
    lots[list(hopeless)] = 0
    limits = _Limits(time_limit_s, seed, patience, work)
    found = []
    for name in engines:
        routes = _found(problem, name, lots, limits)
        found.append((evaluate_routes(problem, tuple(routes)), name, routes))
        if found[-1][0].served == found[-1][0].wanted:
            break
    figures, name, filled = min(found, key=lambda one: one[0].rank)
    routes = sorted(filled, key=lambda route: (route.vehicle, route.start_s))
    missing = problem.stop_lots - delivered_lots(problem, filled)
    unserved = why_unserved(problem, filled, missing, hopeless)
    solution = RoutingSolution(tuple(routes), unserved, figures, name)
    ensure_routes(problem, solution)
    return solution


class _Limits(NamedTuple):
    """What ends a search, as :func:`solve_routes` takes it."""

    time_limit_s: float
    seed: int
    patience: int | None
    work: int | None


def _found(problem: RoutingProblem, name: str, lots: IntArray, limits: _Limits) -> list[Route]:
    """Return the routes that an engine finds, joined and filled."""
    engine = search_pyvrp if name == "pyvrp" else search_ortools
    rows = needed_rows(problem)
    tours = engine(with_rows(problem, rows), lots, **limits._asdict())
    own = [tour._replace(vehicle=int(rows[tour.vehicle])) for tour in tours]
    routes = [route for tour in own if (route := timed_route(problem, tour))]
    return fill(problem, join(problem, routes), lots)


def _engines(problem: RoutingProblem, solver: str) -> tuple[str, ...]:
    """Return the engines to ask, each where those before it leave lots behind."""
    name = _engine(problem, solver)
    return (name,) if solver != "auto" or name == "ortools" else (name, "ortools")


def _engine(problem: RoutingProblem, solver: str) -> str:
    if solver not in ("auto", *SOLVERS) or (solver == "pyvrp" and not available()):
        known = [name for name in SOLVERS if name != "pyvrp" or available()]
        raise InputError(
            Fault(
                "solver",
                None,
                None,
                solver,
                _("no such routing solver is installed"),
                _("use auto or one of: {known}").format(known=", ".join(known)),
            )
        )
    if solver != "auto":
        return solver
    return "pyvrp" if available() and _within(problem, PYVRP_MOST) else "ortools"


def _within(problem: RoutingProblem, most: int) -> bool:
    try:
        prices(problem, most)
    except InputError:
        return False
    return True
