"""Make a supply plan: source, deliver, explain what is short, check."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib.metadata import version

import pandas as pd

from dispatch.errors import InputError
from dispatch.i18n import _
from dispatch.optimise.sourcing import SourcingSolution, loads
from dispatch.optimise.sourcing_check import ensure, stock_by_day
from dispatch.optimise.sourcing_solve import solve
from dispatch.plan.available import available
from dispatch.plan.build import provenance_of
from dispatch.plan.plan import Stage
from dispatch.plan.prepare import MAX_ACCESS_M
from dispatch.plan.supply import (
    SUPPLY_VERSION,
    Bought,
    Donated,
    Goods,
    Movement,
    StockRow,
    SupplyItem,
    SupplyPlace,
    SupplyPlan,
)
from dispatch.plan.supply_bundles import supplied_of
from dispatch.plan.supply_check import ensure_supply
from dispatch.plan.supply_deliver import last_mile, wanted_of
from dispatch.plan.supply_lanes import hub_id, rows_of
from dispatch.plan.supply_problem import SupplyTask, supply_task
from dispatch.plan.supply_remedy import remedied
from dispatch.plan.supply_roads import truck_roads
from dispatch.plan.supply_short import shortages_of
from dispatch.plan.supply_used import aircraft_of, illustrative_of
from dispatch.plan.supply_words import refuse_remote_shelters, supply_troubles
from dispatch.plan.vehicles import roads_of
from dispatch.registry import Registry
from dispatch.scenario import Scenario
from dispatch.scenario.supply import SupplySpec


def make_supply(
    registry: Registry,
    scenario: Scenario,
    *,
    time_limit_s: float = 60.0,
    route_limit_s: float = 2.0,
    explain_s: float = 60.0,
    seed: int = 0,
    workers: int = 1,
    processes: int = 1,
    solver: str = "auto",
    busy: Mapping[str, int] | None = None,
    backend: str = "auto",
) -> SupplyPlan:
    """Plan who gets what, from where, on which day and by which vehicle.

    Parameters
    ----------
    registry : Registry
    scenario : Scenario
        With a supply block.
    time_limit_s : float
        For sourcing.
    route_limit_s : float
        For OR-Tools with the routes of one hub on one day.
    explain_s : float
        Seconds for explaining shortages, and as many for what stays at the hubs.
    seed, workers : int
        Of the solvers.
    processes : int
        How many hubs are looked at side by side; the plan does not depend on it where
        PyVRP plans the routes.
    solver : {"auto", "ortools", "pyvrp"}
        For the routes.
    busy : mapping of aircraft to seconds, optional
        Until when a dispatch plan uses them, after the start of the scenario.
    backend : str
        Of the road engine.

    Returns
    -------
    SupplyPlan
        Accepted by the independent checkers.

    Raises
    ------
    InputError
        If the scenario has nobody to supply, or does not fit registry and map.
    InvalidPlanError
        If a checker refuses what was found: a fault of this package.
    """
    supply = scenario.supply
    if supply is None:
        problem = _("the scenario has nobody to supply")
        raise InputError(scenario.fault(("supply",), None, problem, _("add a supply block")))
    faults = list(supply_troubles(registry, scenario))
    if faults:
        raise InputError(faults)
    registry = available(registry, scenario)
    roads = roads_of(registry, backend=backend)
    refuse_remote_shelters(roads.network, scenario, MAX_ACCESS_M)
    trucks = truck_roads(registry, scenario, roads)
    task = supply_task(registry, scenario, supply, trucks)
    solution = solve(task.problem, time_limit_s=time_limit_s, seed=seed, workers=workers)
    ensure(task.problem, solution)
    mile = last_mile(
        registry,
        scenario,
        supply,
        task,
        solution,
        trucks,
        busy=busy or {},
        solver=solver,
        time_limit_s=route_limit_s,
        seed=seed,
        processes=processes,
    )
    left = remedied(trucks, task, mile, budget_s=explain_s)
    supplied = supplied_of(task, solution)
    short = shortages_of(
        registry, task, solution, supplied, budget_s=explain_s, processes=processes
    )
    movements = tuple(_movements(task, solution))
    plan = SupplyPlan(
        schema_version=SUPPLY_VERSION,
        scenario=scenario.name,
        title=scenario.title,
        title_en=scenario.title_en,
        start=scenario.start.isoformat(timespec="seconds"),
        day_begins_s=task.days.begins_s,
        items=tuple(_items(task.items)),
        places=tuple(_places(task, supply)),
        supplied=supplied,
        movements=movements,
        bought=tuple(_bought(task, solution)),
        stocks=tuple(_stocks(task, solution)),
        shortages=short,
        routes=mile.routes,
        undelivered=left.undelivered,
        stages=_stages(solution),
        route_solver=mile.solver,
        illustrative=illustrative_of(registry, task, movements, mile.routes),
        provenance=provenance_of(
            registry, scenario, f"HiGHS, OR-Tools {version('ortools')}", seed, workers
        ),
        donations=tuple(_donations(task, supply)),
        wanted=wanted_of(task),
        ways=mile.ways,
        relief=left.relief,
        aircraft=aircraft_of(registry, mile.routes),
    )
    ensure_supply(registry, scenario, plan)
    return plan


def _stages(solution: SourcingSolution) -> tuple[Stage, ...]:
    return tuple(
        Stage(one.name, one.sense, one.value, one.bound, round(one.gap, 6), one.termination)
        for one in solution.stages
    )


def _items(items: pd.DataFrame) -> Iterator[SupplyItem]:
    for row in rows_of(items):
        yield SupplyItem(
            row.Index,
            row.name,
            row.name_en,
            row.unit,
            row.unit_en,
            float(row.mass_kg),
            float(row.volume_m3),
            int(row.units),
        )


def _places(task: SupplyTask, supply: SupplySpec) -> Iterator[SupplyPlace]:
    """Yield depots and suppliers of the problem, then hubs, then shelters."""
    for kind, table in (("depot", task.depots), ("supplier", task.suppliers)):
        for row in rows_of(table):
            yield SupplyPlace(
                row.Index, kind, row.name, row.name_en, float(row.lon), float(row.lat), row.status
            )
    people: defaultdict[str, int] = defaultdict(int)
    for shelter in supply.shelters:
        people[shelter.county] += shelter.people_displaced
    for row in rows_of(task.hubs):
        yield SupplyPlace(
            hub_id(row.Index),
            "hub",
            row.name,
            row.name_en,
            float(row.lon),
            float(row.lat),
            "scenario",
            people=people[row.Index],
        )
    for one in supply.shelters:
        yield SupplyPlace(
            one.id,
            "shelter",
            one.name,
            one.name_en or one.name,
            one.lon,
            one.lat,
            "scenario",
            hub=hub_id(one.county),
            people=one.people_displaced,
        )


def _movements(task: SupplyTask, solution: SourcingSolution) -> Iterator[Movement]:
    """Yield what leaves on each lane and day, with its way."""
    problem, slots = task.problem, loads(task.problem)
    gathered: defaultdict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for shipment in solution.shipments:
        gathered[shipment.day, shipment.lane].append((shipment.item, shipment.lots))
    for (day, number), told in sorted(gathered.items()):
        lane = task.lanes[number]
        at = day - lane.opens
        drives = lane.drives[at]
        way = drives.way(lane.p, lane.q)
        used = sum(int(slots[item]) * lots for item, lots in told)
        yield Movement(
            day=day + 1,
            arrive_day=day + lane.taken_days + 1,
            leave_s=lane.leave_s[at],
            arrive_s=lane.arrive_s[at],
            origin=lane.origin,
            destination=lane.destination,
            carrier=lane.truck_type,
            owned=lane.owned,
            truck_loads=round(used / task.slots_of[lane.truck_type], 3),
            drive_s=int(drives.time_s[lane.p, lane.q]),
            distance_m=int(drives.length_m[lane.p, lane.q]),
            cost_yuan=int(problem.lane_yuan[number]) * used,
            goods=tuple(
                Goods(problem.item_id[item], lots * int(task.items["units"].iloc[item]))
                for item, lots in sorted(told)
            ),
            line=way.line,
            roads=way.roads,
        )


def _bought(task: SupplyTask, solution: SourcingSolution) -> Iterator[Bought]:
    problem = task.problem
    for one in solution.purchases:
        item = int(problem.source_item[one.source])
        if problem.source_bought[one.source]:
            yield Bought(
                supplier=problem.site_id[int(problem.source_site[one.source])],
                item_code=problem.item_id[item],
                day=int(problem.source_day[one.source]) + 1,
                quantity=one.lots * int(task.items["units"].iloc[item]),
                yuan=one.lots * int(problem.source_yuan[one.source]),
            )


def _donations(task: SupplyTask, supply: SupplySpec) -> Iterator[Donated]:
    """Yield what is given to depots, in whole lots as the problem counts it."""
    for gift in supply.donations:
        if gift.at in task.depots.index and gift.item in task.items.index:
            units = int(task.items["units"].loc[gift.item])
            if quantity := gift.quantity // units * units:
                yield Donated(gift.at, gift.item, gift.day, quantity, gift.donor)


def _stocks(task: SupplyTask, solution: SourcingSolution) -> Iterator[StockRow]:
    """Yield what lies at each depot; units that make no whole lot stay where they are."""
    problem = task.problem
    levels = stock_by_day(problem, solution)
    site = {name: row for row, name in enumerate(problem.site_id)}
    kept = dict(
        zip(
            zip(problem.floor_site.tolist(), problem.floor_item.tolist(), strict=True),
            problem.floor_lots.tolist(),
            strict=True,
        )
    )
    for depot in task.depots.index:
        for item, code in enumerate(problem.item_id):
            units = int(task.items["units"].iloc[item])
            before = task.stocks.get((depot, code), 0)
            level = levels.get((site[depot], item), [0] * problem.days)
            by_day = tuple(before % units + lots * units for lots in level)
            if before or any(by_day):
                floor = kept.get((site[depot], item), 0) * units
                yield StockRow(depot, code, before, by_day, floor)
