"""Lanes of supply: by which trucks, how long and on which days goods go to the hubs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from dispatch.network.snap import snap
from dispatch.plan.supply_roads import Calendar, TruckDrives, TruckRoads
from dispatch.registry import Registry

HAUL_SHARE: Final = 0.5
"""Part of the two-axle trucks that drives to the hubs; the others, and all light trucks, are
lent to the hubs for the last mile (assumption)."""

LAST_MILE_TYPES: Final = ("light_box",)
SHARED_TYPES: Final = ("cargo",)
SUPPLIER_TYPE: Final = "cargo"
SHIFT_S: Final = 12 * 3600
"""Longest day of a truck: one that is back within it can leave again on the next day."""


def hub_id(adcode: str) -> str:
    """Return the id of the hub at the seat of a county."""
    return f"hub-{adcode}"


class Lane(NamedTuple):
    """A lane of the problem as the plan tells it; ``length_m`` is that of its first day.

    ``leave_s``, ``arrive_s`` and ``drives`` hold for each of the days from
    ``opens`` on: loaded and ready to go, unloaded at the other end, and the drive.
    """

    origin: str
    destination: str
    truck_type: str
    owned: bool
    profile: str
    p: int
    q: int
    leave_s: tuple[int, ...]
    arrive_s: tuple[int, ...]
    opens: int
    taken_days: int
    away_days: int
    length_m: int
    drives: tuple[TruckDrives, ...]


class Fleet(NamedTuple):
    """Trucks of one type at one depot that drive to the hubs."""

    depot: str
    truck_type: str
    profile: str
    trucks: int
    payload_kg: int
    litres: int
    load_s: int
    unload_s: int
    yuan_per_km: float
    mass_kg: float


def rows_of(table: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a table with their columns as attributes."""
    yield from table.itertuples()


def haul_fleets(registry: Registry) -> tuple[Fleet, ...]:
    """Return the trucks that drive from depots to hubs, by depot and type."""
    table = registry["depots/trucks"].sort_values(["depot_id", "truck_type"])
    rows = []
    for row in rows_of(table):
        if row.truck_type in LAST_MILE_TYPES:
            continue
        share = HAUL_SHARE if row.truck_type in SHARED_TYPES else 1.0
        if count := int(np.ceil(row.quantity * share)):
            rows.append(fleet_of(registry, row.depot_id, row.truck_type, count))
    return tuple(rows)


def fleet_of(registry: Registry, depot: str, truck_type: str, count: int) -> Fleet:
    """Return so many trucks of a type at a depot."""
    kind = registry["depots/truck_types"].loc[truck_type]
    profile = registry["network/profiles"].loc[kind["profile"]]
    return Fleet(
        depot,
        truck_type,
        str(kind["profile"]),
        count,
        int(kind["payload_kg"]),
        int(kind["volume_m3"] * 1000),
        int(kind["load_s"]),
        int(kind["unload_s"]),
        float(profile["cost_yuan_per_km"]),
        float(profile["mass_kg"]),
    )


def haul_lanes(
    registry: Registry,
    trucks: TruckRoads,
    days: Calendar,
    depots: pd.DataFrame,
    suppliers: pd.DataFrame,
    hubs: pd.DataFrame,
    fleets: tuple[Fleet, ...],
) -> Iterator[Lane]:
    """Yield the lanes: depot to hub, depot to regional center, supplier to hub."""
    centers = depots[depots["kind"] == "regional_center"]
    ends = pd.concat([hubs[["lon", "lat"]], centers[["lon", "lat"]]])
    names = [*(hub_id(code) for code in hubs.index), *centers.index]
    for truck_type in sorted({fleet.truck_type for fleet in fleets}):
        mine = [fleet for fleet in fleets if fleet.truck_type == truck_type]
        starts = depots.loc[[fleet.depot for fleet in mine], ["lon", "lat"]]
        by_day = _by_day(trucks, days, mine[0].profile, starts, ends)
        for p, fleet in enumerate(mine):
            for q, name in enumerate(names):
                if name != fleet.depot:
                    least = 0 if q < len(hubs) else 1
                    yield from _cut(days, by_day, fleet, name, p, q, owned=True, least=least)
    if len(suppliers):
        own = fleet_of(registry, "", SUPPLIER_TYPE, 1)
        by_day = _by_day(trucks, days, own.profile, suppliers[["lon", "lat"]], ends[: len(hubs)])
        for p, supplier in enumerate(suppliers.index):
            for q, name in enumerate(names[: len(hubs)]):
                carrier = own._replace(depot=str(supplier))
                yield from _cut(days, by_day, carrier, name, p, q, owned=False, least=0)


def _by_day(
    trucks: TruckRoads, days: Calendar, profile: str, starts: pd.DataFrame, ends: pd.DataFrame
) -> list[TruckDrives]:
    """Return the drives of each day; once for all where no road opens or closes."""
    road = trucks.roads.network
    origins, destinations = (
        snap(road, places["lon"].to_numpy(float), places["lat"].to_numpy(float))
        for places in (starts, ends)
    )

    def drives(begin_s: int) -> TruckDrives:
        return trucks.drives(profile, origins, destinations, float(max(begin_s, 0)))

    first = drives(days.begins_s[0])
    if len(days.begins_s) == 1:
        return [first]
    if trucks.changes:
        return [first, *(drives(begin_s) for begin_s in days.begins_s[1:])]
    return [first] + [drives(days.begins_s[1])] * (len(days.begins_s) - 1)


def _cut(
    days: Calendar,
    by_day: list[TruckDrives],
    fleet: Fleet,
    name: str,
    p: int,
    q: int,
    *,
    owned: bool,
    least: int,
) -> Iterator[Lane]:
    """Yield one lane for each run of days on which goods take equally many days."""
    runs: list[tuple[tuple[int, int], list[tuple[int, int, int]]]] = []
    for day, (begin_s, drives) in enumerate(zip(days.begins_s, by_day, strict=True)):
        drive_s = drives.time_s[p, q]
        if not np.isfinite(drive_s):
            continue
        leave_s = begin_s + fleet.load_s
        arrive_s = leave_s + int(drive_s) + fleet.unload_s
        on_hand = days.day_of_arrival(arrive_s)
        if on_hand is None:
            continue
        taken = max(on_hand - day, least)
        duty_s = fleet.load_s + fleet.unload_s + 2 * drive_s
        away = max(1, int(np.ceil(duty_s / SHIFT_S)))
        if runs and runs[-1][0] == (taken, away) and runs[-1][1][-1][0] == day - 1:
            runs[-1][1].append((day, leave_s, arrive_s))
        else:
            runs.append(((taken, away), [(day, leave_s, arrive_s)]))
    for (taken, away), told in runs:
        yield Lane(
            origin=fleet.depot,
            destination=name,
            truck_type=fleet.truck_type,
            owned=owned,
            profile=fleet.profile,
            p=p,
            q=q,
            leave_s=tuple(leave for _day, leave, _arrive in told),
            arrive_s=tuple(arrive for _day, _leave, arrive in told),
            opens=told[0][0],
            taken_days=taken,
            away_days=away,
            length_m=int(by_day[told[0][0]].length_m[p, q]),
            drives=tuple(by_day[day] for day, _leave, _arrive in told),
        )
