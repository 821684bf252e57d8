"""The last mile over all days: what stays behind at a hub goes out on the next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from dispatch.network.snap import snap
from dispatch.optimise.sourcing import SourcingSolution
from dispatch.plan.supply import DeliveryRoute, Goods, Undelivered, Wanted, Way
from dispatch.plan.supply_bundles import Allotment, allotments
from dispatch.plan.supply_hub import DUTY_S, HubDay, put_up_for
from dispatch.plan.supply_lanes import SUPPLIER_TYPE, hub_id
from dispatch.plan.supply_lend import Burden, FloatArray, Lent, Load, lend_aircraft, lend_trucks
from dispatch.plan.supply_problem import SupplyTask
from dispatch.plan.supply_roads import ON_HAND_H, S_PER_H, TruckRoads
from dispatch.plan.supply_routes import Delivered, WayBook, deliver
from dispatch.registry import Registry
from dispatch.scenario import Scenario
from dispatch.scenario.supply import ShelterSpec, SupplySpec

BACK_H: Final = 22
"""Hour of local time by which every vehicle of the last mile is back (assumption)."""

WAYS: Final = ("light", "road", "air")
"""How goods reach a shelter: by light trucks alone, by any truck, by air."""


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
    arrived = arrivals_s(task, solution)
    burdens = _burdens(registry, supply, task, goods, trucks, arrived)
    begin_s = task.days.begins_s[0]
    by_road = lend_trucks(registry, trucks, burdens, begin_s)
    by_air = lend_aircraft(registry, scenario, burdens, begin_s, busy)
    lent = (*by_road.lent, *by_air.lent)
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
    midnight_s, on_hand_s, ends_s = _hours(task, burden.hub, day, arrived)
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


def _hours(
    task: SupplyTask, hub: str, day: int, arrived: Mapping[tuple[str, int], int]
) -> tuple[int, int, int]:
    """Return midnight, when the goods of a day are at a hub, and when vehicles must be back."""
    midnight_s = task.days.on_hand_s[day] - ON_HAND_H * S_PER_H
    on_hand_s = max(task.days.begins_s[day], arrived.get((hub, day), 0))
    return midnight_s, on_hand_s, max(on_hand_s, midnight_s + BACK_H * S_PER_H)


def _burdens(
    registry: Registry,
    supply: SupplySpec,
    task: SupplyTask,
    goods: Allotment,
    trucks: TruckRoads,
    arrived: Mapping[tuple[str, int], int],
) -> tuple[Burden, ...]:
    """Return what each hub has to bring on its heaviest day, by who may bring it."""
    profile = str(registry["depots/truck_types"].loc[SUPPLIER_TYPE, "profile"])
    cargo = registry["network/profiles"].loc[profile]
    way = {
        one.id: _way(one, float(cargo["mass_kg"]), float(cargo["height_m"]))
        for one in supply.shelters
    }
    loads = _loads(supply, task, goods)
    found = []
    for code, row in task.hubs.iterrows():
        hub, lon, lat = hub_id(str(code)), float(row["lon"]), float(row["lat"])
        mine = [one for one in supply.shelters if hub_id(one.county) == hub]
        by_day = {
            kind: sum(
                (loads[one.id] for one in mine if way[one.id] == kind), np.zeros((supply.days, 2))
            )
            for kind in WAYS
        }
        day = int((by_day["light"] + by_day["road"])[:, 0].argmax())
        _midnight_s, on_hand_s, ends_s = _hours(task, hub, day, arrived)
        driven = [one for one in mine if way[one.id] != "air"]
        weight = np.array([loads[one.id][day, 0] for one in driven], float)
        drive_s = _mean_drive_s(trucks, profile, (lon, lat), driven, weight, on_hand_s)
        light, road, air = (Load(*by_day[kind].max(axis=0).tolist()) for kind in WAYS)
        window_s = min(DUTY_S, ends_s - on_hand_s)
        found.append(Burden(hub, lon, lat, light, road, air, window_s, drive_s))
    return tuple(found)


def _loads(supply: SupplySpec, task: SupplyTask, goods: Allotment) -> dict[str, FloatArray]:
    """Return kg and litres of the goods of each shelter by day, shape (T, 2) each."""
    kg, m3 = task.items["mass_kg"].to_dict(), task.items["volume_m3"].to_dict()
    found = {one.id: np.zeros((supply.days, 2)) for one in supply.shelters}
    for (day, shelter), some in goods.items():
        for code, units in some.items():
            found[shelter][day] += units * np.array((float(kg[code]), 1000 * float(m3[code])))
    return found


def _mean_drive_s(
    trucks: TruckRoads,
    profile: str,
    hub: tuple[float, float],
    shelters: list[ShelterSpec],
    weight: FloatArray,
    ready_s: int,
) -> float:
    """Return the mean drive to a hub's shelters by what they get, 0 where none is reached."""
    if not weight.sum():
        return 0.0
    road = trucks.roads.network
    ends = snap(road, np.array([s.lon for s in shelters]), np.array([s.lat for s in shelters]))
    start = snap(road, np.array(hub[:1]), np.array(hub[1:]))
    drive_s = trucks.drives(profile, start, ends, float(ready_s)).time_s[0]
    reached = np.isfinite(drive_s) & (weight > 0)
    return float(np.average(drive_s[reached], weights=weight[reached])) if reached.any() else 0.0


def _way(shelter: ShelterSpec, mass_kg: float, height_m: float) -> str:
    """Tell what brings goods to a shelter: aircraft, light trucks, or any truck."""
    if shelter.access == "helicopter":
        return "air"
    heavy = shelter.max_mass_kg is not None and mass_kg > shelter.max_mass_kg
    high = shelter.max_height_m is not None and height_m > shelter.max_height_m
    return "light" if heavy or high else "road"
