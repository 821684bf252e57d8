"""How OR-Tools searches a routing model: which of its many options, measured, did best."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ortools.constraint_solver import pywrapcp  # type: ignore[import-untyped]
from ortools.constraint_solver.routing_enums_pb2 import (  # type: ignore[import-untyped]
    FirstSolutionStrategy,
    LocalSearchMetaheuristic,
)
from ortools.util.optional_boolean_pb2 import (  # type: ignore[import-untyped]
    BOOL_FALSE,
    BOOL_TRUE,
)

WIDE_SHARE: Final = 2 / 3
"""Share of the time for the wide search."""

REMOVED: Final = 10
"""About so many stops are taken out and put in again in each round."""

COSTLY_MOVES: Final = (
    "lin_kernighan",
    "relocate_expensive_chain",
    "global_cheapest_insertion_path_lns",
    "local_cheapest_insertion_path_lns",
    "relocate_path_global_cheapest_insertion_insert_unperformed",
    "global_cheapest_insertion_visit_types_lns",
    "local_cheapest_insertion_visit_types_lns",
    "shortest_path_two_opt",
    "shortest_path_swap_active",
    "swap_active_chain",
)


def search(
    model: Any, time_limit_s: float, patience: int | None, routes: list[list[int]] | None = None
) -> Any:
    """Search widely, then guided from the best found; each finds what the other misses.

    The first does better on large problems, the second where lots may stay
    behind and on small problems. With ``routes`` (indices of the model, vehicle
    by vehicle) the wide search is spared.
    """
    if routes is None:
        found = wide(model, time_limit_s, patience)
    else:
        found = model.ReadAssignmentFromRoutes(routes, True)
    guided = _guided(time_limit_s * (1 - WIDE_SHARE))
    if patience is not None:
        model.AddAtSolutionCallback(_impatience(model, patience))
    if found is None:
        return model.SolveWithParameters(guided)
    return model.SolveFromAssignmentWithParameters(found, guided) or found


def wide(model: Any, time_limit_s: float, patience: int | None) -> Any:
    """Search widely in its share of the time."""
    parameters = _wide(time_limit_s * WIDE_SHARE)
    if patience is not None:
        parameters.solution_limit = patience
    return model.SolveWithIteratedLocalSearch(parameters)


def descend(model: Any, time_limit_s: float) -> Any:
    """Return a first plan, bettered as long as single moves better it."""
    return model.SolveWithParameters(
        _parameters(time_limit_s, LocalSearchMetaheuristic.GREEDY_DESCENT)
    )


def _wide(time_limit_s: float) -> Any:
    """Return an iterated local search that removes strings of neighbouring stops.

    The costly moves are left out, as each round is quicker by more than they find.

    Source: Christiaens & Vanden Berghe (2020), Slack induction by string
    removals for vehicle routing problems, doi:10.1287/trsc.2019.0914.
    """
    parameters = _parameters(time_limit_s, LocalSearchMetaheuristic.GREEDY_DESCENT)
    parameters.use_iterated_local_search = True
    rounds = parameters.iterated_local_search_parameters
    sisr = rounds.ruin_recreate_parameters.ruin_strategies.add().sisr
    sisr.max_removed_sequence_size = sisr.avg_num_removed_visits = REMOVED
    sisr.bypass_factor = 0.01
    rounds.reference_solution_acceptance_strategy.simulated_annealing.automatic_temperatures = True
    for name in COSTLY_MOVES:
        setattr(parameters.local_search_operators, f"use_{name}", BOOL_FALSE)
    return parameters


def _guided(time_limit_s: float) -> Any:
    """Return a guided local search with all moves that were found to help."""
    parameters = _parameters(time_limit_s, LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH)
    more = parameters.local_search_operators
    more.use_cross_exchange = more.use_relocate_neighbors = more.use_tsp_opt = BOOL_TRUE
    return parameters


def _parameters(time_limit_s: float, metaheuristic: int) -> Any:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = metaheuristic
    parameters.time_limit.FromMilliseconds(round(time_limit_s * 1000))
    return parameters


def _impatience(model: Any, patience: int) -> Callable[[], None]:
    """Return what ends the search after so many plans that are not better."""
    best, tries = float("inf"), 0

    def seen() -> None:
        nonlocal best, tries
        cost = model.CostVar().Max()
        best, tries = (cost, 0) if cost < best else (best, tries + 1)
        if tries >= patience:
            model.solver().FinishCurrentSearch()

    return seen
