"""Routes by OR-Tools' routing library: the engine that is always there.

Source: Perron & Furnon, OR-Tools, https://developers.google.com/optimization/routing.
"""

from __future__ import annotations

import time
from math import inf
from operator import itemgetter
from typing import Any, Final

from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_ortools_model import Fleet, fleet_of, indices_of, model_of, tours_of
from dispatch.optimise.route_ortools_search import descend, search, wide
from dispatch.optimise.route_parts import better_by_parts, rank_of
from dispatch.optimise.route_prices import Prices, prices
from dispatch.optimise.routes import RoutingProblem, Tour

MOST: Final = 2**56
"""What the prices of all lots may reach, so that the engine can add to them."""

LARGE: Final = 200
"""With more lots than this, parts of a first plan are planned anew, ..."""

FIRST_SHARE: Final = 1 / 6
"""... which has this share of the time, ..."""

PART: Final = 60
"""... in parts of about so many lots, ..."""

PART_SHARE: Final = 1 / 30
"""... each in this one. The whole is searched in what time the parts leave."""

MOST_KINDS: Final = 12
"""Up to so many kinds of vehicle are tried alone ..."""

APART_SHARE: Final = 1 / 5
"""... in this share of the time."""


def search_ortools(
    problem: RoutingProblem,
    lots: IntArray,
    *,
    time_limit_s: float,
    seed: int,
    patience: int | None,
    work: int | None = None,
) -> list[Tour]:
    """Return the best tours found for so many lots of each stop.

    Parameters
    ----------
    lots : IntArray, shape (S,)
    time_limit_s : float
    seed : int
        Not used: the library offers none, and always starts from the same one.
    patience : int or None
        Rounds of the wide search, and plans that are not better of the guided one.
    work : int or None
        Not used: its rounds differ too much in length.

    Raises
    ------
    InputError
        If priorities and costs are too large.
    """
    del seed, work
    if not lots.any() or not problem.vehicle_id:
        return []
    if lots.sum() <= LARGE:
        return _small(problem, lots, time_limit_s, patience)

    def plan(part: RoutingProblem, its_lots: IntArray) -> list[Tour]:
        return _part(part, its_lots, time_limit_s * PART_SHARE, patience)

    until_s = time.perf_counter() + time_limit_s
    tours = _first(problem, lots, time_limit_s * FIRST_SHARE)
    last_s = until_s - time_limit_s * PART_SHARE
    tours = better_by_parts(problem, lots, tours, plan, PART, last_s)
    if time.perf_counter() >= last_s:
        return tours
    whole = _small(problem, lots, until_s - time.perf_counter(), patience)
    return min(tours, whole, key=lambda found: rank_of(problem, found))


def _small(
    problem: RoutingProblem, lots: IntArray, time_limit_s: float, patience: int | None
) -> list[Tour]:
    """Search for the whole plan at once."""
    fleet = fleet_of(problem, lots)
    price = prices(problem, MOST)
    manager, model = model_of(problem, fleet, price)
    chosen = _first_vehicles(problem, fleet, price, APART_SHARE * time_limit_s)
    routes, left_s = None, time_limit_s
    if len(chosen) < len(fleet.vehicle_row):
        left_s -= APART_SHARE * time_limit_s
        alone = fleet._replace(vehicle_row=[fleet.vehicle_row[vehicle] for vehicle in chosen])
        _manager, narrow = model_of(problem, alone, price)
        found = wide(narrow, left_s, patience)
        routes = _routes(narrow, found, chosen, len(fleet.vehicle_row))
    best = search(model, left_s, patience, routes)
    return [] if best is None else list(tours_of(problem, fleet, manager, model, best))


def _first(problem: RoutingProblem, lots: IntArray, time_limit_s: float) -> list[Tour]:
    """Return a first plan of a large problem; it may leave lots behind."""
    fleet = fleet_of(problem, lots)
    manager, model = model_of(problem, fleet, prices(problem, MOST))
    best = descend(model, time_limit_s)
    return [] if best is None else list(tours_of(problem, fleet, manager, model, best))


def _part(
    problem: RoutingProblem, lots: IntArray, time_limit_s: float, patience: int | None
) -> list[Tour]:
    fleet = fleet_of(problem, lots)
    manager, model = model_of(problem, fleet, prices(problem, MOST))
    best = search(model, time_limit_s, patience)
    return [] if best is None else list(tours_of(problem, fleet, manager, model, best))


def _first_vehicles(
    problem: RoutingProblem, fleet: Fleet, price: Prices, time_limit_s: float
) -> list[int]:
    """Return the vehicles to begin with: all, or those of one kind if that comes cheaper.

    The engine's moves exchange stops, never the kind of vehicle of a whole
    route: from a plan of small vehicles it hardly comes to one of large ones.
    """
    everybody = list(range(len(fleet.vehicle_row)))
    kinds = _kinds(problem, fleet)
    if not 1 < len(kinds) <= MOST_KINDS:
        return everybody
    costs = []
    for vehicles in (everybody, *kinds):
        some = fleet._replace(vehicle_row=[fleet.vehicle_row[vehicle] for vehicle in vehicles])
        _manager, model = model_of(problem, some, price)  # an answer lives as long as its model
        found = descend(model, time_limit_s / (len(kinds) + 1))
        costs.append((inf if found is None else found.ObjectiveValue(), vehicles))
    return min(costs, key=itemgetter(0))[1]


def _kinds(problem: RoutingProblem, fleet: Fleet) -> list[list[int]]:
    """Return the vehicles that hold and cost the same, wherever they stand.

    No kinds where access differs, since those of one could not bring everything.
    """
    if not problem.vehicle_access[fleet.vehicle_row][:, fleet.lot_stop].all():
        return []
    kinds: dict[tuple[object, ...], list[int]] = {}
    for vehicle, row in enumerate(fleet.vehicle_row):
        key = (
            *problem.vehicle_capacity[row].tolist(),
            problem.vehicle_fixed_microyuan[row],
            problem.vehicle_microyuan_per_m[row],
            problem.vehicle_microyuan_per_s[row],
        )
        kinds.setdefault(key, []).append(vehicle)
    return list(kinds.values())


def _routes(model: Any, found: Any, vehicles: list[int], count: int) -> list[list[int]] | None:
    """Return what the vehicles visit as indices of the model of all ``count`` vehicles."""
    if found is None:
        return None
    routes: list[list[int]] = [[] for _ in range(count)]
    for number, vehicle in enumerate(vehicles):
        routes[vehicle] = list(indices_of(model, found, number))
    return routes
