"""The last mile over all days: what stays behind at a hub goes out on the next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

from dispatch.optimise.sourcing import SourcingSolution
from dispatch.plan.supply import DeliveryRoute, Goods, Undelivered, Wanted, Way
from dispatch.plan.supply_bundles import Allotment, allotments
from dispatch.plan.supply_hub import HubDay, put_up_for
from dispatch.plan.supply_lanes import SUPPLIER_TYPE, hub_id
from dispatch.plan.supply_lend import Burden, Lent, lend_aircraft, lend_trucks
from dispatch.plan.supply_problem import SupplyTask
from dispatch.plan.supply_roads import ON_HAND_H, S_PER_H, TruckRoads
from dispatch.plan.supply_routes import Delivered, WayBook, deliver
from dispatch.registry import Registry
from dispatch.scenario import Scenario
from dispatch.scenario.supply import ShelterSpec, SupplySpec

BACK_H: Final = 22
"""Hour of local time by which every vehicle of the last mile is back (assumption)."""


class LastMile(NamedTuple):
    """Each hub's days, the ways driven, which engines found them, and who could still be lent."""

    days: tuple[Delivered, ...]
    ways: tuple[Way, ...]
    solver: str
    spare: tuple[Lent, ...]

    @property
    def routes(self) -> tuple[DeliveryRoute, ...]:
        """Routes by hub and day."""
        return tuple(route for day in self.days for route in day.routes)

    @property
    def undelivered(self) -> tuple[Undelivered, ...]:
        """What stays behind, by hub and day."""
        return tuple(row for day in self.days for row in day.undelivered)


class Due(NamedTuple):
    """Goods of one priority for a shelter."""

    shelter: ShelterSpec
    priority: int
    goods: Counter[str]


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
) -> LastMile:
    """Bring what each hub is served with to its shelters, day by day.

    Parameters
    ----------
    busy : mapping of aircraft to seconds
        Until when they have other work.
    solver : {"auto", "ortools", "pyvrp"}
    time_limit_s : float
        For the routes of one hub on one day.
    """
    goods = allotments(task, solution)
    burdens = _burdens(registry, supply, task, goods)
    begin_s = task.days.begins_s[0]
    by_road = lend_trucks(registry, trucks, burdens, begin_s)
    by_air = lend_aircraft(registry, scenario, burdens, begin_s, busy)
    lent = (*by_road.lent, *by_air.lent)
    arrived = arrivals_s(task, solution)
    urgency: dict[str, int] = {}
    for need in task.needs:
        code = need.key.item_code
        urgency[code] = min(urgency.get(code, 9), need.key.priority)
    driven: list[Delivered] = []
    ways: WayBook = {}
    for burden in burdens:
        mine = tuple(one for one in lent if one.hub == burden.hub)
        shelters = [one for one in supply.shelters if hub_id(one.county) == burden.hub]
        waiting: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for day in range(supply.days):
            today = _today(shelters, goods, waiting, urgency, day)
            if not today:
                continue
            hub_day = _hub_day(task, burden, day, today, mine, arrived)
            done = deliver(
                trucks, hub_day, ways, solver=solver, time_limit_s=time_limit_s, seed=seed
            )
            driven.append(done)
            waiting = defaultdict(Counter)
            for row in done.undelivered:
                waiting[row.shelter].update({g.item_code: g.quantity for g in row.goods})
    engines = {done.solution.solver for done in driven if done.solution}
    spare = (*by_road.spare, *by_air.spare)
    return LastMile(tuple(driven), tuple(ways), ", ".join(sorted(engines)), spare)


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


def arrivals_s(task: SupplyTask, solution: SourcingSolution) -> dict[tuple[str, int], int]:
    """Return when the last goods of each day are unloaded at each place."""
    found: defaultdict[tuple[str, int], int] = defaultdict(int)
    for shipment in solution.shipments:
        lane = task.lanes[shipment.lane]
        key = lane.destination, shipment.day + lane.taken_days
        found[key] = max(found[key], lane.arrive_s[shipment.day - lane.opens])
    return found


def _today(
    shelters: list[ShelterSpec],
    goods: Allotment,
    waiting: Mapping[str, Counter[str]],
    urgency: Mapping[str, int],
    day: int,
) -> list[Due]:
    """Return what each shelter is to get by priority: the goods of the day, and what waits."""
    found = []
    for shelter in shelters:
        both = goods.get((day, shelter.id), Counter()) + waiting.get(shelter.id, Counter())
        for priority in sorted({urgency[code] for code in both}):
            some = Counter({code: both[code] for code in both if urgency[code] == priority})
            found.append(Due(shelter, priority, some))
    return found


def _hub_day(
    task: SupplyTask,
    burden: Burden,
    day: int,
    today: list[Due],
    lent: tuple[Lent, ...],
    arrived: Mapping[tuple[str, int], int],
) -> HubDay:
    midnight_s = task.days.on_hand_s[day] - ON_HAND_H * S_PER_H
    on_hand_s = max(task.days.begins_s[day], arrived.get((burden.hub, day), 0))
    ends_s = max(on_hand_s, midnight_s + BACK_H * S_PER_H)
    here = tuple(one for one in lent if one.ready_s < ends_s)
    return HubDay(
        day=day,
        hub=burden.hub,
        lon=burden.lon,
        lat=burden.lat,
        on_hand_s=on_hand_s,
        ends_s=ends_s,
        midnight_s=midnight_s,
        shelters=tuple(due.shelter for due in today),
        priorities=tuple(due.priority for due in today),
        put_up=tuple(put_up_for(due.goods, due.shelter, here, task.items) for due in today),
        lent=here,
        s_per_kg=max((one.unload_s / one.payload_kg for one in here if one.profile), default=0.6),
    )


def _burdens(
    registry: Registry, supply: SupplySpec, task: SupplyTask, goods: Allotment
) -> tuple[Burden, ...]:
    """Return what each hub has to bring on its heaviest day, by who may bring it."""
    kg = task.items["mass_kg"].to_dict()
    profile = registry["depots/truck_types"].loc[SUPPLIER_TYPE, "profile"]
    cargo = registry["network/profiles"].loc[profile]
    by_day: defaultdict[tuple[str, str], defaultdict[int, float]]
    by_day = defaultdict(lambda: defaultdict(float))
    for shelter in supply.shelters:
        way = _way(shelter, float(cargo["mass_kg"]), float(cargo["height_m"]))
        for day in range(supply.days):
            for code, units in goods.get((day, shelter.id), Counter()).items():
                heavier = float(kg[code]) * units
                by_day[hub_id(shelter.county), way][day] += heavier

    def heaviest_kg(hub: str, way: str) -> float:
        return float(max(by_day[hub, way].values(), default=0))

    return tuple(
        Burden(
            hub_id(str(code)),
            float(row["lon"]),
            float(row["lat"]),
            *(heaviest_kg(hub_id(str(code)), way) for way in ("light", "road", "air")),
        )
        for code, row in task.hubs.iterrows()
    )


def _way(shelter: ShelterSpec, mass_kg: float, height_m: float) -> str:
    """Tell what brings goods to a shelter: aircraft, light trucks, or any truck."""
    if shelter.access == "helicopter":
        return "air"
    heavy = shelter.max_mass_kg is not None and mass_kg > shelter.max_mass_kg
    high = shelter.max_height_m is not None and height_m > shelter.max_height_m
    return "light" if heavy or high else "road"
