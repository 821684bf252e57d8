"""Who drives the last mile: trucks and helicopters lent to the hubs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.geo import haversine_m
from dispatch.network.snap import snap
from dispatch.plan.plan import Plan
from dispatch.plan.supply_lanes import LAST_MILE_TYPES, haul_fleets, rows_of
from dispatch.plan.supply_roads import S_PER_H, TruckRoads
from dispatch.registry import Registry
from dispatch.scenario import Scenario

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TRIPS: Final = 3
"""How often a vehicle of the last mile loads on one day at most."""

LEGS: Final = 3
"""Drives that a round is thought to have: to a shelter, on to a second one, and back."""

GENEROUS: Final = 2.0
"""Trucks are lent for so many times what there is to bring: what stays idle costs nothing, and
routes do not fill every truck on every round."""

FARTHEST_S: Final = 6 * S_PER_H
"""No truck is lent farther away than this drive."""


class Load(NamedTuple):
    """Mass and volume of goods."""

    kg: float
    litres: float


@dataclass(frozen=True)
class Burden:
    """What a hub has to bring to its shelters on its heaviest day.

    ``light`` goes to shelters that only light trucks reach, ``air`` to those
    that only a helicopter does, ``road`` to the others. On that day there are
    ``window_s`` for it, and a shelter is ``drive_s`` away, in the mean of loads.
    """

    hub: str
    lon: float
    lat: float
    light: Load
    road: Load
    air: Load
    window_s: int
    drive_s: float


@dataclass(frozen=True)
class Lent:
    """Equal vehicles of one home that serve a hub from ``ready_s`` on.

    ``profile`` is that of the road; empty for an aircraft, which keeps
    ``cruise_kmh`` along the straight line.
    """

    hub: str
    vehicle: str
    home: str
    count: int
    ready_s: int
    profile: str
    cruise_kmh: float
    mass_kg: float
    height_m: float
    payload_kg: int
    litres: int
    load_s: int
    unload_s: int
    yuan_per_km: float
    status: str


class Lending(NamedTuple):
    """Vehicles lent to the hubs, and the nearest of each type that could still be lent to each."""

    lent: tuple[Lent, ...]
    spare: tuple[Lent, ...]


def lend_trucks(
    registry: Registry,
    trucks: TruckRoads,
    burdens: tuple[Burden, ...],
    begin_s: int,
    kept: tuple[Lent, ...] = (),
) -> Lending:
    """Lend trucks until every hub can bring what it has, the neediest first, from nearby.

    They are lent generously. What only light trucks may bring is seen to before the rest.
    Trucks ``kept`` are lent already; the burdens are those of further ones then.
    """
    idle = _idle(registry)
    starts = registry.depots.loc[[truck.home for truck in idle], ["lon", "lat"]]
    if not idle or not burdens:
        return Lending((), ())
    drive_s = _drive_s(trucks, idle, starts, burdens, begin_s)
    count = np.array([truck.count for truck in idle])
    light = np.array([truck.vehicle in LAST_MILE_TYPES for truck in idle])
    near = np.where(drive_s <= FARTHEST_S, drive_s, np.inf)
    daily = np.array([[_daily(truck, burden) for burden in burdens] for truck in idle])
    given = _given(idle, burdens, kept)
    for wanted, may in (("light", light), ("road", np.ones(len(idle), bool))):
        short = np.array([getattr(burden, wanted) for burden in burdens], float)
        reach_s = np.where(may[:, None], near, np.inf)
        given += share_out(reach_s, count - given.sum(1), daily, GENEROUS * short)
    left = count - given.sum(1)

    def at(row: int, hub: int, count: int) -> Lent:
        ready_s = begin_s + int(drive_s[row, hub])
        return replace(idle[row], hub=burdens[hub].hub, count=count, ready_s=ready_s)

    lent = (at(row, hub, int(given[row, hub])) for hub, row in np.argwhere(given.T > 0).tolist())
    spare = []
    for hub in range(len(burdens)):
        for kind in sorted({truck.vehicle for truck in idle}):
            mine = np.array([truck.vehicle == kind for truck in idle]) & (left > 0)
            row = int(np.where(mine, near[:, hub], np.inf).argmin())
            if mine[row] and np.isfinite(near[row, hub]):
                spare.append(at(row, hub, int(left[row])))
    return Lending(tuple(lent), tuple(spare))


def _given(idle: list[Lent], burdens: tuple[Burden, ...], kept: tuple[Lent, ...]) -> IntArray:
    """Return how many trucks of each row each hub has already, shape (R, H)."""
    counts = {(one.home, one.vehicle, one.hub): one.count for one in kept}
    return np.array(
        [[counts.get((truck.home, truck.vehicle, b.hub), 0) for b in burdens] for truck in idle]
    )


def share_out(
    reach_s: FloatArray, count: IntArray, daily: FloatArray, short: FloatArray
) -> IntArray:
    """Give trucks to hubs one by one, the next to the hub that lacks most, from nearby.

    Parameters
    ----------
    reach_s : FloatArray, shape (R, H)
        Drive of trucks of a row to a hub, ``inf`` where they can't come.
    count : IntArray, shape (R,)
        Equal trucks of a row.
    daily : FloatArray, shape (R, H, 2)
        Kg and litres that one of them brings out in a day.
    short : FloatArray, shape (H, 2)
        Kg and litres to bring out. A hub lacks by mass until both are brought.

    Returns
    -------
    IntArray, shape (R, H)
    """
    left, short, given = count.copy(), short.copy(), np.zeros(reach_s.shape, int)
    able = np.array([bool((lacks > 0).any()) for lacks in short])
    while able.any():
        hub = int(np.where(able, short[:, 0], -np.inf).argmax())
        nearest = int(np.where(left > 0, reach_s[:, hub], np.inf).argmin())
        if left[nearest] == 0 or not np.isfinite(reach_s[nearest, hub]):
            able[hub] = False
            continue
        left[nearest] -= 1
        given[nearest, hub] += 1
        short[hub] -= daily[nearest, hub]
        able[hub] = bool((short[hub] > 0).any())
    return given


def trips(truck: Lent, burden: Burden) -> int:
    """Return how often a truck can load at a hub on its heaviest day, at least once."""
    round_s = truck.load_s + truck.unload_s + LEGS * burden.drive_s
    return int(min(max(burden.window_s // round_s, 1), TRIPS))


def _daily(truck: Lent, burden: Burden) -> tuple[float, float]:
    times = trips(truck, burden)
    return float(times * truck.payload_kg), float(times * truck.litres)


def _idle(registry: Registry) -> list[Lent]:
    """Return the trucks that do not drive to the hubs, by depot and type."""
    hauling = {(fleet.depot, fleet.truck_type): fleet.trucks for fleet in haul_fleets(registry)}
    rows = []
    for row in rows_of(registry["depots/trucks"].sort_values(["depot_id", "truck_type"])):
        count = int(row.quantity) - hauling.get((row.depot_id, row.truck_type), 0)
        truck = truck_of(registry, row.truck_type)
        if count:
            rows.append(replace(truck, home=row.depot_id, count=count, status=str(row.status)))
    return rows


def truck_of(registry: Registry, truck_type: str) -> Lent:
    """Return a truck of a type that stands nowhere yet."""
    kind = registry["depots/truck_types"].loc[truck_type]
    profile = registry["network/profiles"].loc[kind["profile"]]
    return Lent(
        hub="",
        vehicle=truck_type,
        home="",
        count=1,
        ready_s=0,
        profile=str(kind["profile"]),
        cruise_kmh=0.0,
        mass_kg=float(profile["mass_kg"]),
        height_m=float(profile["height_m"]),
        payload_kg=int(kind["payload_kg"]),
        litres=int(kind["volume_m3"] * 1000),
        load_s=int(kind["load_s"]),
        unload_s=int(kind["unload_s"]),
        yuan_per_km=float(profile["cost_yuan_per_km"]),
        status=str(kind["status"]),
    )


def _drive_s(
    trucks: TruckRoads,
    idle: list[Lent],
    starts: pd.DataFrame,
    burdens: tuple[Burden, ...],
    begin_s: int,
) -> np.ndarray:
    """Return the drive of each truck from home to each hub, shape (trucks, hubs)."""
    road = trucks.roads.network
    origins = snap(road, starts["lon"].to_numpy(float), starts["lat"].to_numpy(float))
    ends = snap(
        road,
        np.array([burden.lon for burden in burdens], float),
        np.array([burden.lat for burden in burdens], float),
    )
    times = {
        profile: trucks.drives(profile, origins, ends, float(begin_s)).time_s
        for profile in sorted({truck.profile for truck in idle})
    }
    return np.array([times[truck.profile][row] for row, truck in enumerate(idle)])


def flying_until_s(plan: Plan) -> dict[str, int]:
    """Return until when the aircraft of a dispatch plan are its own: the end of their last day.

    Seconds after its start; so each has the night to fly home, turn round and refuel.
    """
    start, until = datetime.fromisoformat(plan.start), dict[str, int]()
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    for leg in (leg for order in plan.orders for leg in order.legs if leg.kind == "fly"):
        days = (start + timedelta(seconds=leg.end_s) - midnight).days + 1
        ends_s = (midnight + timedelta(days=days) - start) // timedelta(seconds=1)
        until[leg.service] = max(until.get(leg.service, 0), ends_s)
    return until


def lend_aircraft(
    registry: Registry,
    scenario: Scenario,
    burdens: tuple[Burden, ...],
    begin_s: int,
    busy: Mapping[str, int],
    kept: tuple[Lent, ...] = (),
) -> Lending:
    """Lend helicopters to the hubs with shelters that nothing else reaches, from nearby.

    Aircraft below their weather minima stay where they are; those that are ``busy``
    until some second after the start come from then on; those ``kept`` are lent already.
    """
    kinds, bases = registry["airbases/aircraft_types"], registry.airbases
    given = {one.vehicle for one in kept}
    free = [
        row
        for row in rows_of(registry["airbases/aircraft"].sort_index())
        if row.Index not in given and _flies(kinds.loc[row.aircraft_type], scenario)
    ]

    def nearest(burden: Burden) -> Lent:
        kind_of = [kinds.loc[row.aircraft_type] for row in free]
        ready = [
            _arrive_s(row, kind, bases, burden, max(begin_s, busy.get(row.Index, begin_s)))
            for row, kind in zip(free, kind_of, strict=True)
        ]
        at = int(np.argmin(ready))
        return _lent_aircraft(free[at], kind_of[at], burden.hub, ready[at])

    lent = [one for one in kept if not one.profile]
    for burden in sorted(burdens, key=lambda burden: (-burden.air.kg, burden.hub)):
        short_kg = burden.air.kg
        while short_kg > 0 and free:
            lent.append(nearest(burden))
            short_kg -= 2 * TRIPS * lent[-1].payload_kg
            free = [row for row in free if row.Index != lent[-1].vehicle]
    spare = tuple(nearest(burden) for burden in burdens) if free else ()
    return Lending(tuple(sorted(lent, key=lambda one: (one.hub, one.vehicle))), spare)


def _flies(kind: pd.Series, scenario: Scenario) -> bool:
    now = scenario.conditions
    return bool(
        str(kind["category"]).startswith("helicopter")
        and kind["payload_kg"] > 0
        and (now.visibility_m is None or now.visibility_m >= kind["min_visibility_m"])
        and (now.ceiling_m is None or now.ceiling_m >= kind["min_cloud_base_m"])
        and (now.wind_ms is None or now.wind_ms <= kind["max_wind_ms"])
    )


def _arrive_s(row: Any, kind: pd.Series, bases: pd.DataFrame, burden: Burden, begin_s: int) -> int:
    base = bases.loc[row.airbase_id]
    far_m = haversine_m(float(base["lon"]), float(base["lat"]), burden.lon, burden.lat)
    fly_s = float(far_m) / (float(kind["cruise_kmh"]) / 3.6)
    return begin_s + int(row.mobilise_day_s) + int(np.ceil(fly_s))


def _lent_aircraft(row: Any, kind: pd.Series, hub: str, ready_s: int) -> Lent:
    cruise = float(kind["cruise_kmh"])
    return Lent(
        hub=hub,
        vehicle=row.Index,
        home=row.airbase_id,
        count=1,
        ready_s=ready_s,
        profile="",
        cruise_kmh=cruise,
        mass_kg=0.0,
        height_m=0.0,
        payload_kg=int(kind["payload_kg"]),
        litres=int(kind["payload_kg"]) * 8,
        load_s=int(kind["load_s"]),
        unload_s=int(kind["load_s"]),
        yuan_per_km=float(kind["cost_yuan_per_h"]) / cruise,
        status=row.status,
    )
