"""The last mile: each hub's goods to its shelters, day by day.

What no vehicle brings on its day lies at the hub and goes out on the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.geo import haversine_m
from dispatch.network.daylight import daylight_s
from dispatch.network.snap import snap
from dispatch.optimise.route_solve import solve_routes
from dispatch.optimise.routes import MICROYUAN, RoutingProblem, RoutingSolution, microyuan_per_s
from dispatch.plan.supply import DeliveryRoute, Drop, Goods, Round, Undelivered
from dispatch.plan.supply_bundles import Bundles, bundles
from dispatch.plan.supply_lend import TRIPS, Lent
from dispatch.plan.supply_roads import S_PER_H, TruckRoads
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

REASONS: Final = {
    "no_access": (
        "没有可派的车辆或飞机能进入",
        "no vehicle or aircraft that is there may go there",
    ),
    "no_way": ("道路不通，无路可达", "no road there is open"),
    "too_large": (
        "一批货超过所有可用车辆的载量",
        "one load is more than any vehicle there carries",
    ),
    "too_late": ("所有车辆都在其停止收货后才能到", "every vehicle would come after it closes"),
    "shift_too_short": ("没有车辆能在当班时限内返回", "no vehicle could be back within its shift"),
    "fleet_too_small": ("车辆全部满载也运不完", "its vehicles, all full, cannot carry it all"),
    "no_room": ("能去的车辆都已满载", "every vehicle that could bring it is full"),
    "no_time": ("能去的车辆当日已无时间", "no vehicle has the time besides what it does already"),
}


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


def deliver(
    trucks: TruckRoads, task: HubDay, *, solver: str, time_limit_s: float, seed: int
) -> tuple[tuple[DeliveryRoute, ...], tuple[Undelivered, ...], str]:
    """Return the routes of one hub on one day, what they leave behind, and the engine used."""
    if not task.lent:
        return (
            (),
            tuple(_left(task, row, "no_access", True) for row in range(len(task.shelters))),
            "",
        )
    problem = hub_problem(trucks, task)
    solution = solve_routes(
        problem, solver=solver, time_limit_s=time_limit_s, seed=seed, patience=1_000
    )
    given = Counter[int]()
    routes, numbers = [], Counter[int]()
    for route in solution.routes:
        numbers[route.vehicle] += 1
        routes.append((route, numbers[route.vehicle]))
    drops = _drops(task, solution, given)
    told = tuple(
        DeliveryRoute(
            day=task.day + 1,
            hub=task.hub,
            vehicle=task.lent[route.vehicle].vehicle,
            home=task.lent[route.vehicle].home,
            number=number,
            distance_m=_distance_m(problem, route),
            rounds=tuple(
                Round(
                    trip.begin_s,
                    trip.leave_s,
                    route.trips[at + 1].begin_s if at + 1 < len(route.trips) else route.end_s,
                    tuple(drops[id(visit)] for visit in trip.visits),
                )
                for at, trip in enumerate(route.trips)
            ),
        )
        for route, number in routes
    )
    left = tuple(
        _left(task, row.stop, row.reason, row.proved, given[row.stop]) for row in solution.unserved
    )
    return told, left, solution.solver


def _drops(task: HubDay, solution: RoutingSolution, given: Counter[int]) -> dict[int, Drop]:
    """Hand out the loads of each shelter in the order in which vehicles come."""
    visits = sorted(
        (visit for route in solution.routes for trip in route.trips for visit in trip.visits),
        key=lambda visit: (visit.begin_s, visit.stop),
    )
    drops = {}
    for visit in visits:
        first = given[visit.stop]
        loads = task.put_up[visit.stop].loads[first : first + visit.lots]
        given[visit.stop] += visit.lots
        drops[id(visit)] = Drop(
            shelter=task.shelters[visit.stop].id,
            arrive_s=visit.arrive_s,
            begin_s=visit.begin_s,
            leave_s=visit.leave_s,
            goods=together(loads),
        )
    return drops


def together(loads: tuple[tuple[Goods, ...], ...]) -> tuple[Goods, ...]:
    """Return the goods of several loads as one list, by item."""
    total = Counter[str]()
    for load in loads:
        for goods in load:
            total[goods.item_code] += goods.quantity
    return tuple(Goods(code, total[code]) for code in sorted(total))


def _left(task: HubDay, row: int, reason: str, proved: bool, given: int = 0) -> Undelivered:
    zh, en = REASONS[reason]
    return Undelivered(
        day=task.day + 1,
        shelter=task.shelters[row].id,
        goods=together(task.put_up[row].loads[given:]),
        reason=reason,
        proved=proved,
        text_zh=zh,
        text_en=en,
    )


def _distance_m(problem: RoutingProblem, route: Any) -> int:
    profile = int(problem.vehicle_profile[route.vehicle])
    metres = 0.0
    for at, trip in enumerate(route.trips):
        last = route.trips[at + 1].depot if at + 1 < len(route.trips) else trip.depot
        places = [
            int(problem.depot_place[trip.depot]),
            *(int(problem.stop_place[visit.stop]) for visit in trip.visits),
            int(problem.depot_place[last]),
        ]
        metres += sum(problem.travel_m[profile, a, b] for a, b in pairwise(places))
    return round(metres)


def hub_problem(trucks: TruckRoads, task: HubDay) -> RoutingProblem:
    """Make the routing problem of one hub on one day.

    The hub is a depot for each kind of vehicle, as each takes its own time to load.
    """
    kinds = sorted({(one.profile, one.cruise_kmh, one.load_s) for one in task.lent})
    kind = {key: row for row, key in enumerate(kinds)}
    travel_s, travel_m, toll = _travel(trucks, task, kinds)
    lent, shelters = task.lent, task.shelters
    dawn_s, dusk_s = _daylight(trucks, task)
    opens = [max(one.ready_s, task.on_hand_s, 0 if one.profile else dawn_s) for one in lent]
    closes = [min(task.ends_s, task.ends_s if one.profile else dusk_s) for one in lent]
    row = [kind[one.profile, one.cruise_kmh, one.load_s] for one in lent]
    per_kg = max((one.unload_s / one.payload_kg for one in lent if one.profile), default=0.6)

    def ints(values: Any) -> NDArray[np.int64]:
        return np.array(list(values), np.int64)

    return RoutingProblem(
        travel_s=travel_s,
        travel_m=travel_m,
        travel_toll_microyuan=toll,
        dimension_id=("kg", "litre"),
        depot_id=tuple(f"{task.hub}/{number}" for number in range(len(kinds))),
        depot_place=ints(0 for _kind in kinds),
        depot_load_s=ints(load_s for _profile, _cruise, load_s in kinds),
        depot_open_s=ints(task.on_hand_s for _kind in kinds),
        depot_close_s=ints(max(task.ends_s, task.on_hand_s) for _kind in kinds),
        stop_id=tuple(f"{s.id}/{p}" for s, p in zip(shelters, task.priorities, strict=True)),
        stop_place=ints(range(1, len(shelters) + 1)),
        stop_lots=ints(len(one.loads) for one in task.put_up),
        stop_load=ints(x for one in task.put_up for x in (one.kg, one.litres)).reshape(-1, 2),
        stop_open_s=ints(max(0, task.midnight_s + int(one.opens_h * S_PER_H)) for one in shelters),
        stop_close_s=ints(
            max(0, task.midnight_s + int(one.closes_h * S_PER_H)) for one in shelters
        ),
        stop_service_s=ints(max(HANDLING_S, int(one.kg * per_kg)) for one in task.put_up),
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
        vehicle_reload=np.eye(len(kinds), dtype=np.bool_)[row],
        vehicle_trips=ints(TRIPS if one.profile else AIR_TRIPS for one in lent),
        vehicle_access=np.array([[may_go(one, shelter) for shelter in shelters] for one in lent]),
        vehicle_open_s=ints(opens),
        vehicle_close_s=ints(np.maximum(opens, closes).tolist()),
        vehicle_shift_s=ints(DUTY_S for _one in lent),
        vehicle_fixed_microyuan=ints(USED_YUAN * MICROYUAN for _one in lent),
        vehicle_microyuan_per_m=ints(round(one.yuan_per_km * MICROYUAN / 1000) for one in lent),
        vehicle_microyuan_per_s=ints(microyuan_per_s(CREW_YUAN_PER_H) for _one in lent),
    )


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


def _travel(
    trucks: TruckRoads, task: HubDay, kinds: list[tuple[str, float, int]]
) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    """Return seconds, metres and toll between hub and shelters for each kind of vehicle."""
    lon = np.array([task.lon, *(shelter.lon for shelter in task.shelters)])
    lat = np.array([task.lat, *(shelter.lat for shelter in task.shelters)])
    places = snap(trucks.roads.network, lon, lat)
    size = len(lon)
    straight = np.array(haversine_m(lon[:, None], lat[:, None], lon[None, :], lat[None, :]), float)
    cells = []
    for profile, cruise_kmh, _load_s in kinds:
        if not profile:
            fly_s = np.ceil(straight / (cruise_kmh / 3.6))
            cells.append((fly_s, np.rint(straight), np.zeros((size, size), np.int64)))
            continue
        found = trucks.drives(profile, places, places, float(task.on_hand_s))
        open_way = np.isfinite(found.time_s)
        metres = np.where(open_way, found.length_m, np.inf)
        toll = np.where(open_way, found.toll_m * _toll_microyuan_per_m(trucks, profile), 0)
        cells.append((np.ceil(found.time_s), metres, np.rint(toll).astype(np.int64)))
    travel_s, travel_m, toll = (np.stack(part) for part in zip(*cells, strict=True))
    inside = np.arange(size)
    travel_s[:, inside, inside] = travel_m[:, inside, inside] = 0
    toll[:, inside, inside] = 0
    return travel_s, travel_m, toll


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
