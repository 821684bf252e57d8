"""A routing problem as OR-Tools' routing library wants it, and its answer as tours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from ortools.constraint_solver import pywrapcp  # type: ignore[import-untyped]

from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_fill import trips_from
from dispatch.optimise.route_prices import Prices
from dispatch.optimise.routes import Load, RoutingProblem, Tour

SPARE: Final = 1.5, 3
"""Of a row of many equal vehicles, the engine sees so many times what the loads need, the
second where stops have windows, which may ask for more vehicles ..."""

SPARE_VEHICLES: Final = 4
"""... and so many more, but never more than there are or lots to bring."""


class Fleet(NamedTuple):
    """Nodes and vehicles as the engine counts them.

    Nodes are lots, then places to load again, then depots where a day begins or ends.
    """

    lot_stop: list[int]
    reload_depot: list[int]
    end_depot: list[int]
    vehicle_row: list[int]

    @property
    def lots(self) -> int:
        """How many lots there are; their nodes come first."""
        return len(self.lot_stop)

    @property
    def first_depot(self) -> int:
        """Node of the first depot where a day begins or ends."""
        return len(self.lot_stop) + len(self.reload_depot)

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return self.first_depot + len(self.end_depot)


def model_of(problem: RoutingProblem, fleet: Fleet, price: Prices) -> tuple[Any, Any]:
    """Return index manager and model of the problem with these vehicles and lots."""
    manager, model = _priced(problem, fleet, price)
    _limit_time(problem, fleet, manager, model, price)
    _limit_loads(problem, fleet, manager, model)
    _limit_access(problem, fleet, manager, model)
    for node in range(fleet.first_depot):
        left = price.lots[fleet.lot_stop[node]] if node < fleet.lots else 0
        model.AddDisjunction([manager.NodeToIndex(node)], left)
    return manager, model


def fleet_of(problem: RoutingProblem, lots: IntArray) -> Fleet:
    """Return the nodes and vehicles that so many lots of each stop, shape (S,), ask for."""
    total = int(lots.sum())
    load = lots @ problem.stop_load
    windows_s = problem.stop_close_s - problem.stop_open_s
    spare = SPARE[bool((windows_s < problem.vehicle_shift_s.max()).any())]
    rows: list[int] = []
    for row, count in enumerate(problem.vehicle_count.tolist()):
        capacity = problem.vehicle_capacity[row]
        needed = max(
            (-(-a // b) for a, b in zip(load.tolist(), capacity.tolist(), strict=True) if b),
            default=1,
        )
        useful = min(total, int(spare * needed) + SPARE_VEHICLES)
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
    return Fleet(np.repeat(np.arange(len(lots)), lots).tolist(), reloads, ends, rows)


def _priced(problem: RoutingProblem, fleet: Fleet, price: Prices) -> tuple[Any, Any]:
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


def _places(problem: RoutingProblem, fleet: Fleet) -> IntArray:
    return np.concatenate(
        [
            problem.stop_place[fleet.lot_stop],
            problem.depot_place[fleet.reload_depot],
            problem.depot_place[fleet.end_depot],
        ]
    )


def _limit_time(
    problem: RoutingProblem, fleet: Fleet, manager: Any, model: Any, price: Prices
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


def _limit_loads(problem: RoutingProblem, fleet: Fleet, manager: Any, model: Any) -> None:
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


def _limit_access(problem: RoutingProblem, fleet: Fleet, manager: Any, model: Any) -> None:
    rows = np.array(fleet.vehicle_row)
    allowed = [problem.vehicle_access[rows, stop] for stop in fleet.lot_stop]
    allowed += [problem.vehicle_reload[rows, depot] for depot in fleet.reload_depot]
    for node, may in enumerate(allowed):
        if not may.all():
            vehicles = np.flatnonzero(may).tolist()
            model.VehicleVar(manager.NodeToIndex(node)).SetValues([-1, *vehicles])


def tours_of(
    problem: RoutingProblem, fleet: Fleet, manager: Any, model: Any, best: Any
) -> Iterator[Tour]:
    """Yield the tours of an answer, by vehicle; those that bring nothing are left out."""
    for vehicle, row in enumerate(fleet.vehicle_row):
        loads = [Load(int(problem.vehicle_start[row]), ())]
        for index in indices_of(model, best, vehicle):
            node = manager.IndexToNode(index)
            if node < fleet.lots:
                stops = (*loads[-1].stops, fleet.lot_stop[node])
                loads[-1] = loads[-1]._replace(stops=stops)
            else:
                loads.append(Load(fleet.reload_depot[node - fleet.lots], ()))
        trips = trips_from(problem, row, loads)
        if trips:
            yield Tour(row, trips)


def indices_of(model: Any, found: Any, vehicle: int) -> Iterator[int]:
    """Yield what a vehicle visits in an answer, as indices of the model."""
    index = found.Value(model.NextVar(model.Start(vehicle)))
    while not model.IsEnd(index):
        yield index
        index = found.Value(model.NextVar(index))
