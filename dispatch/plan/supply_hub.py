"""A hub's day in the last mile as a routing problem: who may bring what to which shelter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.geo import haversine_m
from dispatch.network.daylight import daylight_s
from dispatch.network.snap import snap
from dispatch.optimise.routes import MICROYUAN, RoutingProblem, microyuan_per_s
from dispatch.plan.supply_bundles import Bundles, bundles
from dispatch.plan.supply_lanes import hub_id
from dispatch.plan.supply_lend import TRIPS, Lent
from dispatch.plan.supply_roads import S_PER_H, DrivenWay, TruckDrives, TruckRoads
from dispatch.scenario.supply import ShelterSpec

FloatArray = NDArray[np.float64]

DUTY_S: Final = 12 * S_PER_H
"""Longest day of a crew (assumption)."""

USED_YUAN: Final = 100
CREW_YUAN_PER_H: Final = 60
"""What a vehicle costs on a day on which it is used, and its crew by the hour (assumptions)."""

AIR_TRIPS: Final = 2 * TRIPS
WORTH_KG: Final = 100
"""Deliveries of one priority are worth as much as they weigh, in these steps."""

HANDLING_S: Final = 300
"""Least time at a shelter."""


@dataclass(frozen=True, eq=False)
class HubDay:
    """What one hub has to bring on one day, and who may.

    Parameters
    ----------
    day : int
        From 0.
    hub : str
    lon, lat : float
        Of the hub.
    on_hand_s, ends_s : int
        When all goods of the day are there; when every vehicle must be back.
    shelters : tuple of ShelterSpec
        A row for each shelter and priority of goods.
    priorities : tuple of int
    put_up : tuple of Bundles
        In the same rows.
    lent : tuple of Lent
    midnight_s : int
        Of local time on that day.
    s_per_kg : float
        Time to unload.
    """

    day: int
    hub: str
    lon: float
    lat: float
    on_hand_s: int
    ends_s: int
    midnight_s: int
    shelters: tuple[ShelterSpec, ...]
    priorities: tuple[int, ...]
    put_up: tuple[Bundles, ...]
    lent: tuple[Lent, ...]
    s_per_kg: float

    @property
    def kinds(self) -> tuple[tuple[str, float, int], ...]:
        """Kinds of vehicles: profile, cruising speed, time to load."""
        every = ((one.profile, one.cruise_kmh, one.load_s) for one in self.lent)
        return tuple(dict.fromkeys(every))


class Travel(NamedTuple):
    """Between the hub, place 0, and its shelters, for each of R kinds of vehicles.

    Seconds and metres, ``inf`` where there is no way, and toll, each of shape
    (R, P, P); the drives between distinct places tell the ways of trucks, None
    those of aircraft, and ``spot`` of shape (P,) which of these a place is: a
    shelter stands in a row for each priority of its goods.
    """

    time_s: FloatArray
    length_m: FloatArray
    toll_microyuan: NDArray[np.int64]
    drives: tuple[TruckDrives | None, ...]
    spot: NDArray[np.int64]

    def way(self, kind: int, a: int, b: int) -> DrivenWay | None:
        """Return the way between two places; None by air."""
        drives = self.drives[kind]
        return None if drives is None else drives.way(int(self.spot[a]), int(self.spot[b]))


def hub_travel(trucks: TruckRoads, task: HubDay) -> Travel:
    """Measure the ways between a hub and its shelters on a day."""
    spots = {task.hub: (task.lon, task.lat)}
    # of all that the hub serves, so that each of its days asks for the same drives
    served = trucks.scenario.supply.shelters if trucks.scenario.supply else ()
    mine = [one for one in served if hub_id(one.county) == task.hub]
    spots |= {one.id: (one.lon, one.lat) for one in (*mine, *task.shelters)}
    row = {name: number for number, name in enumerate(spots)}
    spot = np.array([row[name] for name in place_ids(task)])
    lon, lat = np.array(list(spots.values())).T
    places = snap(trucks.roads.network, lon, lat)
    straight = np.array(haversine_m(lon[:, None], lat[:, None], lon[None, :], lat[None, :]), float)
    drives: list[TruckDrives | None] = []
    cells = []
    for profile, cruise_kmh, _load_s in task.kinds:
        if not profile:
            fly_s = np.ceil(straight / (cruise_kmh / 3.6))
            cells.append((fly_s, np.rint(straight), np.zeros(straight.shape, np.int64)))
            drives.append(None)
            continue
        found = trucks.drives(profile, places, places, float(task.on_hand_s))
        open_way = np.isfinite(found.time_s)
        metres = np.where(open_way, found.length_m, np.inf)
        toll = np.where(open_way, found.toll_m * _toll_microyuan_per_m(trucks, profile), 0)
        cells.append((np.ceil(found.time_s), metres, np.rint(toll).astype(np.int64)))
        drives.append(found)
    inside = np.arange(len(spots))
    for part in (part for cell in cells for part in cell):
        part[inside, inside] = 0
    time_s, length_m, toll = (
        np.stack(part)[:, spot][:, :, spot] for part in zip(*cells, strict=True)
    )
    return Travel(time_s, length_m, toll, tuple(drives), spot)


def hub_problem(trucks: TruckRoads, task: HubDay, travel: Travel) -> RoutingProblem:
    """Make the routing problem of one hub on one day.

    The hub is a depot for each kind of vehicle, as each takes its own time to load.
    """
    kind = {key: row for row, key in enumerate(task.kinds)}
    lent, shelters = task.lent, task.shelters
    dawn_s, dusk_s = _daylight(trucks, task)
    opens = [max(one.ready_s, task.on_hand_s, 0 if one.profile else dawn_s) for one in lent]
    closes = [min(task.ends_s, task.ends_s if one.profile else dusk_s) for one in lent]
    row = [kind[one.profile, one.cruise_kmh, one.load_s] for one in lent]

    def ints(values: Any) -> NDArray[np.int64]:
        return np.array(list(values), np.int64)

    return RoutingProblem(
        travel_s=travel.time_s,
        travel_m=travel.length_m,
        travel_toll_microyuan=travel.toll_microyuan,
        dimension_id=("kg", "litre"),
        depot_id=tuple(f"{task.hub}/{number}" for number in range(len(kind))),
        depot_place=ints(0 for _kind in kind),
        depot_load_s=ints(load_s for _profile, _cruise, load_s in kind),
        depot_open_s=ints(task.on_hand_s for _kind in kind),
        depot_close_s=ints(max(task.ends_s, task.on_hand_s) for _kind in kind),
        stop_id=tuple(f"{s.id}/{p}" for s, p in zip(shelters, task.priorities, strict=True)),
        stop_place=ints(range(1, len(shelters) + 1)),
        stop_lots=ints(len(one.loads) for one in task.put_up),
        stop_load=ints(x for one in task.put_up for x in (one.kg, one.litres)).reshape(-1, 2),
        stop_open_s=ints(max(0, task.midnight_s + int(one.opens_h * S_PER_H)) for one in shelters),
        stop_close_s=ints(
            max(0, task.midnight_s + int(one.closes_h * S_PER_H)) for one in shelters
        ),
        stop_service_s=ints(max(HANDLING_S, int(one.kg * task.s_per_kg)) for one in task.put_up),
        stop_priority=ints(task.priorities),
        stop_worth=ints(max(1, one.kg // WORTH_KG) for one in task.put_up),
        vehicle_id=tuple(f"{one.home}/{one.vehicle}" for one in lent),
        vehicle_count=ints(one.count for one in lent),
        vehicle_profile=ints(row),
        vehicle_capacity=ints(x for one in lent for x in (one.payload_kg, one.litres)).reshape(
            -1, 2
        ),
        vehicle_start=ints(row),
        vehicle_end=ints(row),
        vehicle_reload=np.eye(len(kind), dtype=np.bool_)[row],
        vehicle_trips=ints(TRIPS if one.profile else AIR_TRIPS for one in lent),
        vehicle_access=np.array([[may_go(one, shelter) for shelter in shelters] for one in lent]),
        vehicle_open_s=ints(opens),
        vehicle_close_s=ints(np.maximum(opens, closes).tolist()),
        vehicle_shift_s=ints(DUTY_S for _one in lent),
        vehicle_fixed_microyuan=ints(USED_YUAN * MICROYUAN for _one in lent),
        vehicle_microyuan_per_m=ints(round(one.yuan_per_km * MICROYUAN / 1000) for one in lent),
        vehicle_microyuan_per_s=ints(microyuan_per_s(CREW_YUAN_PER_H) for _one in lent),
    )


def place_ids(task: HubDay) -> tuple[str, ...]:
    """Return the ids of the places of a hub's day: the hub, then the shelters row by row."""
    return (task.hub, *(shelter.id for shelter in task.shelters))


def may_go(one: Lent, shelter: ShelterSpec) -> bool:
    """Tell whether a vehicle may serve a shelter: by air or road, mass and height."""
    if not one.profile or shelter.access == "helicopter":
        return not one.profile and shelter.access == "helicopter"
    return (shelter.max_mass_kg is None or one.mass_kg <= shelter.max_mass_kg) and (
        shelter.max_height_m is None or one.height_m <= shelter.max_height_m
    )


def _daylight(trucks: TruckRoads, task: HubDay) -> tuple[int, int]:
    dawn_s, dusk_s = daylight_s(
        np.array([task.lon]), np.array([task.lat]), trucks.scenario.start, 40
    )
    day = int(np.searchsorted(dusk_s[:, 0], task.midnight_s))
    return max(0, int(dawn_s[day, 0])), max(0, int(dusk_s[day, 0]))


def _toll_microyuan_per_m(trucks: TruckRoads, profile: str) -> float:
    if not trucks.pays:
        return 0.0
    kind = trucks.registry["network/profiles"].loc[profile, "toll_class"]
    yuan_per_km = trucks.registry["network/toll_rates"].loc[kind, "yuan_per_km"]
    return float(yuan_per_km) * MICROYUAN / 1000


def put_up_for(
    goods: Mapping[str, int],
    shelter: ShelterSpec,
    lent: tuple[Lent, ...],
    items: pd.DataFrame,
) -> Bundles:
    """Put up a shelter's goods for the vehicles that may come."""
    capacity = [[one.payload_kg, one.litres] for one in lent if may_go(one, shelter)]
    return bundles(goods, items, np.array(capacity, np.int64).reshape(-1, 2))
