"""Routes by OR-Tools' routing library: the engine that is always there.

Source: Perron & Furnon, OR-Tools, https://developers.google.com/optimization/routing.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from operator import itemgetter
from typing import Any, Final, NamedTuple

import numpy as np
from ortools.constraint_solver import pywrapcp  # type: ignore[import-untyped]

from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_fill import trips_from
from dispatch.optimise.route_ortools_search import descend, search, wide
from dispatch.optimise.route_prices import Prices, prices
from dispatch.optimise.routes import Load, RoutingProblem, Tour

MOST: Final = 2**56
"""What the prices of all lots may reach, so that the engine can add to them."""

SPARE: Final = 1.5
"""Of a row of many equal vehicles, the engine sees so many times what the loads need ..."""

SPARE_VEHICLES: Final = 4
"""... and so many more, but never more than there are or lots to bring."""


MOST_KINDS: Final = 12
"""Up to so many kinds of vehicle are tried alone ..."""

APART_SHARE: Final = 1 / 5
"""... in this share of the time."""


class _Fleet(NamedTuple):
    """Nodes and vehicles as the engine counts them.

    Nodes are lots, then places to load again, then depots where a day begins or ends.
    """

    lot_stop: list[int]
    reload_depot: list[int]
    end_depot: list[int]
    vehicle_row: list[int]

    @property
    def lots(self) -> int:
        return len(self.lot_stop)

    @property
    def first_depot(self) -> int:
        return len(self.lot_stop) + len(self.reload_depot)

    @property
    def nodes(self) -> int:
        return self.first_depot + len(self.end_depot)


def search_ortools(
    problem: RoutingProblem,
    lots: IntArray,
    *,
    time_limit_s: float,
    seed: int,
    patience: int | None,
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

    Raises
    ------
    InputError
        If priorities and costs are too large.
    """
    del seed
    fleet = _fleet(problem, lots)
    if not fleet.lots or not fleet.vehicle_row:
        return []
    price = prices(problem, MOST)
    manager, model = _model(problem, fleet, price)
    chosen = _first_vehicles(problem, fleet, price, APART_SHARE * time_limit_s)
    left_s = time_limit_s * (1 - APART_SHARE * (len(chosen) < len(fleet.vehicle_row)))
    routes = None
    if len(chosen) < len(fleet.vehicle_row):
        alone = fleet._replace(vehicle_row=[fleet.vehicle_row[vehicle] for vehicle in chosen])
        _manager, narrow = _model(problem, alone, price)
        found = wide(narrow, left_s, patience)
        routes = _routes(narrow, found, chosen, len(fleet.vehicle_row))
    best = search(model, left_s, patience, routes)
    return [] if best is None else list(_tours(problem, fleet, manager, model, best))


def _first_vehicles(
    problem: RoutingProblem, fleet: _Fleet, price: Prices, time_limit_s: float
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
        _manager, model = _model(problem, some, price)  # an answer lives as long as its model
        found = descend(model, time_limit_s / (len(kinds) + 1))
        costs.append((inf if found is None else found.ObjectiveValue(), vehicles))
    return min(costs, key=itemgetter(0))[1]


def _kinds(problem: RoutingProblem, fleet: _Fleet) -> list[list[int]]:
    """Return the vehicles that hold and cost the same, wherever they stand."""
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
        routes[vehicle] = list(_indices(model, found, number))
    return routes


def _indices(model: Any, found: Any, vehicle: int) -> Iterator[int]:
    index = found.Value(model.NextVar(model.Start(vehicle)))
    while not model.IsEnd(index):
        yield index
        index = found.Value(model.NextVar(index))


def _model(problem: RoutingProblem, fleet: _Fleet, price: Prices) -> tuple[Any, Any]:
    manager, model = _priced(problem, fleet, price)
    _limit_time(problem, fleet, manager, model, price)
    _limit_loads(problem, fleet, manager, model)
    _limit_access(problem, fleet, manager, model)
    for node in range(fleet.first_depot):
        left = price.lots[fleet.lot_stop[node]] if node < fleet.lots else 0
        model.AddDisjunction([manager.NodeToIndex(node)], left)
    return manager, model


def _fleet(problem: RoutingProblem, lots: IntArray) -> _Fleet:
    total = int(lots.sum())
    load = lots @ problem.stop_load
    rows: list[int] = []
    for row, count in enumerate(problem.vehicle_count.tolist()):
        capacity = problem.vehicle_capacity[row]
        needed = max(
            (-(-a // b) for a, b in zip(load.tolist(), capacity.tolist(), strict=True) if b),
            default=1,
        )
        useful = min(total, int(SPARE * needed) + SPARE_VEHICLES)
        rows += [row] * min(count, useful)
    reloads = []
    for depot in range(len(problem.depot_id)):
        trips = sum(
            int(problem.vehicle_trips[row]) - 1
            for row in rows
            if problem.vehicle_reload[row, depot]
        )
        reloads += [depot] * min(trips, total)
    ends = sorted({*problem.vehicle_start[rows].tolist(), *problem.vehicle_end[rows].tolist()})
    return _Fleet(np.repeat(np.arange(len(lots)), lots).tolist(), reloads, ends, rows)


def _priced(problem: RoutingProblem, fleet: _Fleet, price: Prices) -> tuple[Any, Any]:
    """Return index manager and model, with the costs of metres and of vehicles used."""
    node = {depot: fleet.first_depot + number for number, depot in enumerate(fleet.end_depot)}
    starts = [node[depot] for depot in problem.vehicle_start[fleet.vehicle_row].tolist()]
    ends = [node[depot] for depot in problem.vehicle_end[fleet.vehicle_row].tolist()]
    manager = pywrapcp.RoutingIndexManager(fleet.nodes, len(starts), starts, ends)
    model = pywrapcp.RoutingModel(manager)
    square = np.ix_(*[_places(problem, fleet)] * 2)
    known: dict[int, int] = {}
    for vehicle, row in enumerate(fleet.vehicle_row):
        arcs = price.arcs[row]
        if id(arcs) not in known:
            known[id(arcs)] = model.RegisterTransitMatrix(arcs[square].tolist())
        model.SetArcCostEvaluatorOfVehicle(known[id(arcs)], vehicle)
        model.SetFixedCostOfVehicle(price.fixed[row], vehicle)
    return manager, model


def _places(problem: RoutingProblem, fleet: _Fleet) -> IntArray:
    return np.concatenate(
        [
            problem.stop_place[fleet.lot_stop],
            problem.depot_place[fleet.reload_depot],
            problem.depot_place[fleet.end_depot],
        ]
    )


def _limit_time(
    problem: RoutingProblem, fleet: _Fleet, manager: Any, model: Any, price: Prices
) -> None:
    """Keep windows and shifts; a missing way takes longer than the longest day."""
    horizon_s = int(problem.vehicle_close_s.max())
    takes_s = np.concatenate(
        [
            problem.stop_service_s[fleet.lot_stop],
            problem.depot_load_s[fleet.reload_depot],
            problem.depot_load_s[fleet.end_depot],
        ]
    )
    if horizon_s == 0 and not takes_s.any() and not problem.travel_s.any():
        return  # no clock: spares the engine to keep one
    square = np.ix_(*[_places(problem, fleet)] * 2)
    seconds = np.minimum(problem.travel_s, horizon_s + 1).astype(np.int64)
    transits = [
        model.RegisterTransitMatrix((travel[square] + takes_s[:, None]).tolist())
        for travel in seconds
    ]
    of_vehicle = [transits[problem.vehicle_profile[row]] for row in fleet.vehicle_row]
    closes = [int(problem.vehicle_close_s[row]) for row in fleet.vehicle_row]
    model.AddDimensionWithVehicleTransitAndCapacity(of_vehicle, horizon_s, closes, False, "time")
    clock = model.GetDimensionOrDie("time")
    for node, stop in enumerate(fleet.lot_stop):
        window = int(problem.stop_open_s[stop]), int(problem.stop_close_s[stop])
        clock.CumulVar(manager.NodeToIndex(node)).SetRange(*window)
    for node, depot in enumerate(fleet.reload_depot, fleet.lots):
        window = int(problem.depot_open_s[depot]), int(problem.depot_close_s[depot])
        clock.CumulVar(manager.NodeToIndex(node)).SetRange(*window)
    for vehicle, row in enumerate(fleet.vehicle_row):
        start, end = int(problem.vehicle_start[row]), int(problem.vehicle_end[row])
        begins, ends = clock.CumulVar(model.Start(vehicle)), clock.CumulVar(model.End(vehicle))
        opens_s = max(int(problem.depot_open_s[start]), int(problem.vehicle_open_s[row]))
        closes_s = min(int(problem.depot_close_s[end]), int(problem.vehicle_close_s[row]))
        begins.SetRange(opens_s, int(problem.depot_close_s[start]))
        ends.SetRange(int(problem.depot_open_s[end]), closes_s)
        clock.SetSpanUpperBoundForVehicle(int(problem.vehicle_shift_s[row]), vehicle)
        clock.SetSpanCostCoefficientForVehicle(price.per_s[row], vehicle)
        model.AddVariableMaximizedByFinalizer(begins)
        model.AddVariableMinimizedByFinalizer(ends)


def _limit_loads(problem: RoutingProblem, fleet: _Fleet, manager: Any, model: Any) -> None:
    """Keep capacities; where a vehicle loads again, what it has brought so far is forgotten."""
    reloads = range(fleet.lots, fleet.first_depot)
    for dimension, name in enumerate(problem.dimension_id):
        holds = [int(problem.vehicle_capacity[row, dimension]) for row in fleet.vehicle_row]
        most = max(holds)
        brings = problem.stop_load[fleet.lot_stop, dimension].tolist()
        brings += [-most] * len(reloads) + [0] * len(fleet.end_depot)
        transit = model.RegisterUnaryTransitVector(brings)
        slack = most if reloads else 0
        model.AddDimensionWithVehicleCapacity(transit, slack, holds, True, f"load {name}")
        if reloads:
            load = model.GetDimensionOrDie(f"load {name}")
            for node in range(fleet.lots):
                load.SlackVar(manager.NodeToIndex(node)).SetValue(0)
            for vehicle in range(len(holds)):
                load.SlackVar(model.Start(vehicle)).SetValue(0)
    if reloads:
        counts = [0] * fleet.lots + [1] * len(reloads) + [0] * len(fleet.end_depot)
        most_reloads = [int(problem.vehicle_trips[row]) - 1 for row in fleet.vehicle_row]
        transit = model.RegisterUnaryTransitVector(counts)
        model.AddDimensionWithVehicleCapacity(transit, 0, most_reloads, True, "reloads")


def _limit_access(problem: RoutingProblem, fleet: _Fleet, manager: Any, model: Any) -> None:
    rows = np.array(fleet.vehicle_row)
    allowed = [problem.vehicle_access[rows, stop] for stop in fleet.lot_stop]
    allowed += [problem.vehicle_reload[rows, depot] for depot in fleet.reload_depot]
    for node, may in enumerate(allowed):
        if not may.all():
            vehicles = np.flatnonzero(may).tolist()
            model.VehicleVar(manager.NodeToIndex(node)).SetValues([-1, *vehicles])


def _tours(
    problem: RoutingProblem, fleet: _Fleet, manager: Any, model: Any, best: Any
) -> Iterator[Tour]:
    for vehicle, row in enumerate(fleet.vehicle_row):
        loads = [Load(int(problem.vehicle_start[row]), ())]
        for index in _indices(model, best, vehicle):
            node = manager.IndexToNode(index)
            if node < fleet.lots:
                stops = (*loads[-1].stops, fleet.lot_stop[node])
                loads[-1] = loads[-1]._replace(stops=stops)
            else:
                loads.append(Load(fleet.reload_depot[node - fleet.lots], ()))
        trips = trips_from(problem, row, loads)
        if trips:
            yield Tour(row, trips)
