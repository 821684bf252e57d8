"""The last mile of all hubs: lend vehicles, plan the hubs side by side, lend what stays idle."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple

from dispatch.optimise.route_solve import solve_routes
from dispatch.optimise.side_by_side import side_by_side
from dispatch.optimise.sourcing import SourcingSolution
from dispatch.plan.supply import DeliveryRoute, Goods, Undelivered, Wanted, Way
from dispatch.plan.supply_burden import burdens_of, lacking
from dispatch.plan.supply_days import Deliveries, deliveries, hub_days, lacks, waiting_worth
from dispatch.plan.supply_lend import Burden, Lending, Lent, lend_aircraft, lend_trucks
from dispatch.plan.supply_problem import SupplyTask
from dispatch.plan.supply_roads import TruckRoads
from dispatch.plan.supply_routes import Delivered, WayBook, routes_of
from dispatch.registry import Registry
from dispatch.scenario import Scenario
from dispatch.scenario.supply import SupplySpec

PATIENCE: Final = 200
WORK: Final = 100_000
"""Rounds without a better plan, and rounds times lots, after which the search for a hub's day
ends: measured, more of them save little."""

LENDINGS: Final = 3
"""How often more vehicles are lent to hubs where goods wait."""


class LastMile(NamedTuple):
    """Each hub's days, their routes, the ways driven, the engines, and who could still be lent."""

    days: tuple[Delivered, ...]
    routes: tuple[DeliveryRoute, ...]
    ways: tuple[Way, ...]
    solver: str
    spare: tuple[Lent, ...]

    @property
    def undelivered(self) -> tuple[Undelivered, ...]:
        """What stays behind, by hub and day."""
        return tuple(row for day in self.days for row in day.undelivered)


HubDays = dict[str, tuple[Delivered, ...]]


def last_mile(
    registry: Registry,
    scenario: Scenario,
    supply: SupplySpec,
    task: SupplyTask,
    solution: SourcingSolution,
    trucks: TruckRoads,
    *,
    busy: Mapping[str, int],
    solver: str,
    time_limit_s: float,
    seed: int,
    processes: int = 1,
) -> LastMile:
    """Bring what each hub is served with to its shelters, day by day.

    Where goods wait for want of vehicles, what other hubs leave idle and what nobody
    was lent is lent to them, and such days are planned anew.

    Parameters
    ----------
    busy : mapping of aircraft to seconds
        Until when they have other work.
    solver : {"auto", "ortools", "pyvrp"}
    time_limit_s : float
        For OR-Tools with the routes of one hub on one day; PyVRP's work is limited by
        :data:`WORK`, which is the same on any machine.
    processes : int
        How many hubs are planned side by side; PyVRP's plan does not depend on it.
    """
    work = deliveries(trucks, supply, task, solution)
    hubs = burdens_of(work)
    solve = partial(
        solve_routes,
        solver=solver,
        time_limit_s=time_limit_s,
        seed=seed,
        patience=PATIENCE,
        work=WORK,
    )

    def lend(burdens: tuple[Burden, ...], kept: tuple[Lent, ...]) -> Lending:
        begin_s = task.days.begins_s[0]
        by_road = lend_trucks(registry, trucks, burdens, begin_s, kept)
        by_air = lend_aircraft(registry, scenario, burdens, begin_s, busy, kept)
        return Lending((*by_road.lent, *by_air.lent), (*by_road.spare, *by_air.spare))

    def plan(hubs: tuple[Burden, ...], lending: Lending, known: HubDays) -> HubDays:
        heaviest = sorted(hubs, key=lambda hub: -hub.road.kg)
        chains = [
            hub_days(work, hub, _of(lending.lent, hub), known.get(hub.hub, ())) for hub in heaviest
        ]
        found = side_by_side(chains, solve, processes)
        return {hub.hub: days for hub, days in zip(heaviest, found, strict=True)}

    lending, known = _lent_as_long_as_it_helps(work, hubs, lend, plan)
    every = tuple(day for hub in hubs for day in known[hub.hub])
    ways: WayBook = {}
    first = _first(lending.lent)
    routes = tuple(route for day in every for route in routes_of(day, ways, first))
    engines = sorted({day.solution.solver for day in every if day.solution})
    return LastMile(every, routes, tuple(ways), ", ".join(engines), lending.spare)


def _lent_as_long_as_it_helps(
    work: Deliveries,
    hubs: tuple[Burden, ...],
    lend: Callable[[tuple[Burden, ...], tuple[Lent, ...]], Lending],
    plan: Callable[[tuple[Burden, ...], Lending, HubDays], HubDays],
) -> tuple[Lending, HubDays]:
    """Plan all hubs, lend what they leave idle where goods wait, and plan those anew."""
    lending, known, again = lend(hubs, ()), HubDays(), hubs
    for turn in range(1 + LENDINGS):
        better = {
            hub: days
            for hub, days in plan(again, lending, known).items()
            if hub not in known or waiting_worth(days) < waiting_worth(known[hub])
        }
        known |= better
        needy = tuple(hub for hub in hubs if hub.hub in better and lacks(known[hub.hub]))
        if turn == LENDINGS or not needy:
            break
        kept = [one for hub in hubs for one in _kept(_of(lending.lent, hub), known[hub.hub])]
        short = [lacking(work, hub, known[hub.hub] if hub in needy else ()) for hub in hubs]
        before, lending = lending, lend(tuple(short), tuple(kept))
        again = tuple(h for h in needy if _of(lending.lent, h) != _of(before.lent, h))
    return lending, known


def _of(lent: Sequence[Lent], hub: Burden) -> tuple[Lent, ...]:
    return tuple(one for one in lent if one.hub == hub.hub)


def _kept(lent: Sequence[Lent], days: Sequence[Delivered]) -> Iterator[Lent]:
    """Yield the vehicles that a hub keeps: those that it uses, all where anything stays behind."""
    most: dict[tuple[str, str], int] = {}
    for day in days:
        routes = day.solution.routes if day.solution else ()
        used = Counter(day.task.lent[route.vehicle] for route in routes)
        for one, count in used.items():
            key = one.home, one.vehicle
            most[key] = max(most.get(key, 0), count)
    needy = any(day.undelivered for day in days)
    for one in lent:
        count = one.count if needy else most.get((one.home, one.vehicle), 0)
        if count:
            yield replace(one, count=count)


def _first(lent: Sequence[Lent]) -> dict[tuple[str, str, str], int]:
    """Return the number of the first vehicle of each home and kind at each hub."""
    number, told = dict[tuple[str, str, str], int](), Counter[tuple[str, str]]()
    for one in lent:
        number[one.hub, one.home, one.vehicle] = 1 + told[one.home, one.vehicle]
        told[one.home, one.vehicle] += one.count
    return number


def wanted_of(task: SupplyTask) -> tuple[Wanted, ...]:
    """Return what each shelter needs from each day on, by shelter and day."""
    found: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for need in task.needs:
        for shelter, quantity in need.shelters:
            found[shelter, need.key.day + 1][need.key.item_code] += quantity
    return tuple(
        Wanted(*key, tuple(Goods(code, units) for code, units in sorted(goods.items())))
        for key, goods in sorted(found.items())
    )
