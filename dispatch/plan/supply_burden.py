"""What each hub has to bring on its heaviest day, and what still waits for want of vehicles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from dispatch.network.snap import snap
from dispatch.plan.supply_days import VAIN, Deliveries, hours_of
from dispatch.plan.supply_hub import DUTY_S
from dispatch.plan.supply_lanes import SUPPLIER_TYPE, hub_id
from dispatch.plan.supply_lend import Burden, FloatArray, Load
from dispatch.plan.supply_roads import TruckRoads
from dispatch.plan.supply_routes import Delivered
from dispatch.registry import Registry
from dispatch.scenario.supply import ShelterSpec

WAYS: Final = ("light", "road", "air")
"""How goods reach a shelter: by light trucks alone, by any truck, by air."""


def burdens_of(work: Deliveries) -> tuple[Burden, ...]:
    """Return what each hub has to bring on its heaviest day, by who may bring it."""
    registry, days = work.trucks.registry, work.supply.days
    way = ways_of(registry, work.supply.shelters)
    sizes = _sizes(work)
    loads = {one.id: np.zeros((days, 2)) for one in work.supply.shelters}
    for (day, shelter), goods in work.goods.items():
        for code, units in goods.items():
            loads[shelter][day] += units * sizes[code]
    profile = str(registry["depots/truck_types"].loc[SUPPLIER_TYPE, "profile"])
    found = []
    for adcode, row in work.task.hubs.iterrows():
        hub, lon, lat = hub_id(str(adcode)), float(row["lon"]), float(row["lat"])
        mine = [one for one in work.supply.shelters if hub_id(one.county) == hub]
        by_day = {
            kind: sum((loads[one.id] for one in mine if way[one.id] == kind), np.zeros((days, 2)))
            for kind in WAYS
        }
        day = int((by_day["light"] + by_day["road"])[:, 0].argmax())
        _midnight_s, on_hand_s, ends_s = hours_of(work.task, hub, day, work.arrived)
        driven = [one for one in mine if way[one.id] != "air"]
        weight = np.array([loads[one.id][day, 0] for one in driven], float)
        drive_s = _mean_drive_s(work.trucks, profile, (lon, lat), driven, weight, on_hand_s)
        light, road, air = (Load(*by_day[kind].max(axis=0).tolist()) for kind in WAYS)
        window_s = min(DUTY_S, ends_s - on_hand_s)
        found.append(Burden(hub, lon, lat, light, road, air, window_s, drive_s))
    return tuple(found)


def lacking(work: Deliveries, hub: Burden, days: Sequence[Delivered]) -> Burden:
    """Return what more vehicles would have to bring: the most that waits at the end of a day.

    One round of each is reckoned with, as those there were had no time for more.
    """
    way, sizes = ways_of(work.trucks.registry, work.supply.shelters), _sizes(work)
    most = {kind: np.zeros(2) for kind in WAYS}
    for done in days:
        today = {kind: np.zeros(2) for kind in WAYS}
        for left in done.undelivered:
            if left.reason not in VAIN:
                today[way[left.shelter]] += sum(g.quantity * sizes[g.item_code] for g in left.goods)
        most = {kind: np.maximum(most[kind], today[kind]) for kind in WAYS}
    light, road, air = (Load(*most[kind].tolist()) for kind in WAYS)
    return replace(hub, light=light, road=road, air=air, window_s=0)


def ways_of(registry: Registry, shelters: Sequence[ShelterSpec]) -> dict[str, str]:
    """Return what brings goods to each shelter: one of :data:`WAYS`."""
    profile = str(registry["depots/truck_types"].loc[SUPPLIER_TYPE, "profile"])
    cargo = registry["network/profiles"].loc[profile]
    mass_kg, height_m = float(cargo["mass_kg"]), float(cargo["height_m"])
    return {one.id: _way(one, mass_kg, height_m) for one in shelters}


def _sizes(work: Deliveries) -> dict[str, FloatArray]:
    """Return kg and litres of a unit of each item, shape (2,) each."""
    items = work.task.items
    return {
        str(code): np.array([float(kg), 1000 * float(m3)])
        for code, kg, m3 in zip(items.index, items["mass_kg"], items["volume_m3"], strict=True)
    }


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
