"""The checker of supply plans: no solver, the plan's own records against registry and scenario.

It follows every unit from stock, gift or purchase to the shelter, and every
truck through its day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil
from typing import Any, Final

from dispatch.errors import InvalidPlanError
from dispatch.geo import haversine_m
from dispatch.i18n import _
from dispatch.plan.supply import DeliveryRoute, Goods, Round, SupplyPlan
from dispatch.plan.supply_check_shelters import wrong_wants, wrong_ways
from dispatch.plan.supply_hub import DUTY_S
from dispatch.plan.supply_lanes import SHIFT_S
from dispatch.registry import Registry
from dispatch.scenario import Scenario

FASTEST_KMH: Final = 330.0
"""Nothing that brings goods is faster than this along the straight line."""

S_PER_H: Final = 3600
LITRES: Final = 1000
ROUNDED: Final = 1e-3


def ensure_supply(registry: Registry, scenario: Scenario, plan: SupplyPlan) -> None:
    """Refuse a plan that breaks any rule.

    Raises
    ------
    InvalidPlanError
        With one sentence for each broken rule.
    """
    faults = check_supply(registry, scenario, plan)
    if faults:
        raise InvalidPlanError(faults)


def check_supply(registry: Registry, scenario: Scenario, plan: SupplyPlan) -> tuple[str, ...]:
    """Return one sentence for each rule that a plan breaks, none if it is valid."""
    unknown = tuple(_unknown(plan))
    return unknown or (
        *_wrong_stocks(registry, plan),
        *_wrong_sales(plan),
        *_wrong_hubs(plan),
        *_wrong_hauls(registry, plan),
        *_wrong_balance(plan),
        *_wrong_routes(registry, scenario, plan),
        *_wrong_fleets(registry, plan),
        *wrong_wants(plan),
        *wrong_ways(plan),
    )


def _unknown(plan: SupplyPlan) -> Iterator[str]:
    """Yield names that the plan uses and does not tell; nothing else can be judged before."""
    places = {place.place_id for place in plan.places}
    items = {item.item_code for item in plan.items}
    named = {name for move in plan.movements for name in (move.origin, move.destination)}
    named |= {drop.shelter for _route, _round, drop in _drops(plan)}
    named |= {row.hub for row in plan.supplied} | {row.depot for row in plan.stocks}
    named |= {one.shelter for one in plan.wanted}
    named |= {name for way in plan.ways for name in (way.origin, way.destination)}
    codes = {goods.item_code for move in plan.movements for goods in move.goods}
    codes |= {goods.item_code for _r, _o, drop in _drops(plan) for goods in drop.goods}
    for name in sorted((named - places) | (codes - items)):
        yield _("{name} is not among the places and items of the plan").format(name=name)


def _drops(plan: SupplyPlan) -> Iterator[tuple[DeliveryRoute, Round, Any]]:
    for route in plan.routes:
        for one in route.rounds:
            for drop in one.drops:
                yield route, one, drop


def _moved(plan: SupplyPlan) -> tuple[Counter[Any], Counter[Any]]:
    """Return units that leave and arrive by place, item and day."""
    gone, come = Counter[tuple[str, str, int]](), Counter[tuple[str, str, int]]()
    for move in plan.movements:
        for goods in move.goods:
            gone[move.origin, goods.item_code, move.day] += goods.quantity
            come[move.destination, goods.item_code, move.arrive_day] += goods.quantity
    return gone, come


def _wrong_stocks(registry: Registry, plan: SupplyPlan) -> Iterator[str]:
    """Yield stocks that are not the first morning's with gifts and arrivals less departures."""
    gone, come = _moved(plan)
    held = {
        (row.depot_id, row.item_code): int(row.quantity)
        for row in registry["depots/stocks"].itertuples()
    }
    for gift in plan.donations:
        come[gift.depot, gift.item_code, gift.day] += gift.quantity
    depots = {place.place_id for place in plan.places if place.kind == "depot"}
    told = {(row.depot, row.item_code): row for row in plan.stocks}
    keys = {key[:2] for key in (*gone, *come) if key[0] in depots} | set(told)
    for key in sorted(keys):
        row = told.get(key)
        there = held.get(key, 0)
        if row is not None and row.before != there:
            yield _("{place}: there are {found} of {item} before, not {told}").format(
                place=key[0], item=key[1], found=there, told=row.before
            )
        for day in range(1, plan.days + 1):
            there += come[*key, day] - gone[*key, day]
            said = row.by_day[day - 1] if row is not None else 0
            if there != said or there < 0:
                yield _("{place}: {found} of {item} lie there after day {day}, not {told}").format(
                    place=key[0], item=key[1], found=there, told=said, day=day
                )
                break


def _wrong_sales(plan: SupplyPlan) -> Iterator[str]:
    """Yield suppliers that send more than has been bought of them by a day."""
    gone, _come = _moved(plan)
    sold = Counter[tuple[str, str, int]]()
    for one in plan.bought:
        sold[one.supplier, one.item_code, one.day] += one.quantity
    suppliers = {place.place_id for place in plan.places if place.kind == "supplier"}
    for site, code in sorted({key[:2] for key in gone if key[0] in suppliers}):
        left = 0
        for day in range(1, plan.days + 1):
            left += sold[site, code, day] - gone[site, code, day]
            if left < 0:
                yield _("{place} sends {item} on day {day} that nobody has bought").format(
                    place=site, item=code, day=day
                )
                break


def _wrong_hubs(plan: SupplyPlan) -> Iterator[str]:
    """Yield hubs that hand out more than has come to them by a day."""
    _gone, come = _moved(plan)
    served, later = Counter[tuple[str, str, int]](), Counter[tuple[str, str]]()
    for row in plan.supplied:
        served[row.hub, row.item_code, row.day] += row.on_time
        later[row.hub, row.item_code] += row.late
        if min(row.on_time, row.late, row.unmet) < 0:
            yield _("{place}: what it gets of {item} on day {day} does not add up").format(
                place=row.hub, item=row.item_code, day=row.day
            )
    for hub, code in sorted(later):
        there = 0
        for day in range(1, plan.days + 1):
            there += come[hub, code, day] - served[hub, code, day]
            last = later[hub, code] if day == plan.days else 0
            if there < last:
                yield _("{place} hands out more of {item} by day {day} than came").format(
                    place=hub, item=code, day=day
                )
                break


def _wrong_hauls(registry: Registry, plan: SupplyPlan) -> Iterator[str]:
    """Yield loads that do not fit their trucks, and depots that use more trucks than they have."""
    kinds = registry["depots/truck_types"]
    owned = {
        (row.depot_id, row.truck_type): int(row.quantity)
        for row in registry["depots/trucks"].itertuples()
    }
    used: defaultdict[tuple[str, str], defaultdict[int, float]]
    used = defaultdict(lambda: defaultdict(float))
    for move in plan.movements:
        kind = kinds.loc[move.carrier]
        kg, litres = _size(plan, move.goods)
        room = move.truck_loads + ROUNDED
        if kg > room * kind["payload_kg"] or litres > room * kind["volume_m3"] * LITRES:
            yield _("day {day}, {origin} to {place}: the load does not fit its trucks").format(
                day=move.day, origin=move.origin, place=move.destination
            )
        duty_s = int(kind["load_s"]) + int(kind["unload_s"])
        least_s = move.leave_s + move.drive_s + int(kind["unload_s"])
        if move.arrive_s < least_s or move.leave_s < plan.day_begins_s[move.day - 1]:
            yield _("day {day}, {origin} to {place}: the times do not add up").format(
                day=move.day, origin=move.origin, place=move.destination
            )
        days = max(1, ceil((duty_s + 2 * move.drive_s) / SHIFT_S))
        if move.owned:
            for day in range(move.day, min(plan.days, move.day + days - 1) + 1):
                used[move.origin, move.carrier][day] += move.truck_loads
    for key, by_day in sorted(used.items()):
        most = max(by_day.values())
        if most > owned.get(key, 0) + ROUNDED * len(plan.movements):
            yield _("{place} has {owned} trucks of type {kind}, not {used}").format(
                place=key[0], kind=key[1], owned=owned.get(key, 0), used=round(most, 1)
            )


def _size(plan: SupplyPlan, goods: Sequence[Goods]) -> tuple[float, float]:
    """Return kilograms and litres."""
    items = {item.item_code: item for item in plan.items}
    kg = sum(items[one.item_code].mass_kg * one.quantity for one in goods)
    return kg, sum(items[one.item_code].volume_m3 * LITRES * one.quantity for one in goods)


def _wrong_balance(plan: SupplyPlan) -> Iterator[str]:
    """Yield hubs of which not all that is handed out is delivered or told to lie there."""
    hub_of = {place.place_id: place.hub for place in plan.places}
    handed, brought = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in plan.supplied:
        handed[row.hub, row.item_code] += row.on_time + row.late
    for _route, _round, drop in _drops(plan):
        for goods in drop.goods:
            brought[hub_of[drop.shelter], goods.item_code] += goods.quantity
    for left in plan.undelivered:
        if left.day == plan.days or not _goes_on(plan, hub_of[left.shelter], left.day):
            for goods in left.goods:
                brought[hub_of[left.shelter], goods.item_code] += goods.quantity
    for hub, code in sorted(handed.keys() | brought.keys()):
        if handed[hub, code] != brought[hub, code]:
            yield _("{place}: {handed} of {item} go out to shelters, {brought} are told").format(
                place=hub, item=code, handed=handed[hub, code], brought=brought[hub, code]
            )


def _goes_on(plan: SupplyPlan, hub: str, day: int) -> bool:
    """Tell whether a hub delivers, or tells what it cannot deliver, on a later day."""
    hub_of = {place.place_id: place.hub for place in plan.places}
    return any(route.hub == hub and route.day > day for route in plan.routes) or any(
        hub_of[left.shelter] == hub and left.day > day for left in plan.undelivered
    )


def _wrong_routes(registry: Registry, scenario: Scenario, plan: SupplyPlan) -> Iterator[str]:
    supply = scenario.supply
    shelters = {one.id: one for one in supply.shelters} if supply else {}
    for route in plan.routes:
        name = f"{route.home}/{route.vehicle}/{route.number}"
        begin, end = route.rounds[0].load_s, route.rounds[-1].back_s
        if end - begin > DUTY_S:
            yield _("day {day}, {name}: the crew's day is too long").format(
                day=route.day, name=name
            )
        told = [s for one in route.rounds for s in _times(one)]
        if any(b < a for a, b in pairwise(told)):
            yield _("day {day}, {name}: the times do not follow each other").format(
                day=route.day, name=name
            )
        capacity_kg, litres, truck = _vehicle(registry, route)
        for one in route.rounds:
            load = _size(plan, [goods for drop in one.drops for goods in drop.goods])
            if load[0] > capacity_kg + 1 or load[1] > litres + 1:
                yield _("day {day}, {name}: a round carries more than the vehicle can").format(
                    day=route.day, name=name
                )
            if _too_fast(plan, route, one):
                yield _("day {day}, {name}: nobody is that fast").format(day=route.day, name=name)
        for drop in (drop for one in route.rounds for drop in one.drops):
            if drop.shelter in shelters and not _may_unload(
                registry, plan, shelters[drop.shelter], route, drop.begin_s, truck
            ):
                yield _("day {day}, {name}: it may not unload at {place} then").format(
                    day=route.day, name=name, place=drop.shelter
                )


def _times(one: Round) -> Iterator[int]:
    yield from (one.load_s, one.leave_s)
    for drop in one.drops:
        yield from (drop.arrive_s, drop.begin_s, drop.leave_s)
    yield one.back_s


def _vehicle(registry: Registry, route: DeliveryRoute) -> tuple[float, float, bool]:
    """Return kilograms, litres and whether it is a truck."""
    kinds = registry["depots/truck_types"]
    if route.vehicle in kinds.index:
        kind = kinds.loc[route.vehicle]
        return float(kind["payload_kg"]), float(kind["volume_m3"]) * LITRES, True
    craft = registry["airbases/aircraft"].loc[route.vehicle]
    kind = registry["airbases/aircraft_types"].loc[craft["aircraft_type"]]
    return float(kind["payload_kg"]), float("inf"), False


def _too_fast(plan: SupplyPlan, route: DeliveryRoute, one: Round) -> bool:
    spot = {place.place_id: (place.lon, place.lat) for place in plan.places}
    halts = [(route.hub, one.leave_s, one.leave_s)]
    halts += [(drop.shelter, drop.arrive_s, drop.leave_s) for drop in one.drops]
    halts.append((route.hub, one.back_s, one.back_s))
    for (a, _arrive, leave_s), (b, arrive_s, _leave) in pairwise(halts):
        far_m = float(haversine_m(*spot[a], *spot[b]))
        if far_m / (FASTEST_KMH / 3.6) > arrive_s - leave_s + 1:
            return True
    return False


def _may_unload(
    registry: Registry,
    plan: SupplyPlan,
    shelter: Any,
    route: DeliveryRoute,
    begin_s: int,
    truck: bool,
) -> bool:
    """Tell whether a shelter is open for a vehicle at a time, and the way bears it."""
    if truck == (shelter.access == "helicopter"):
        return False
    if truck:
        kind = registry["depots/truck_types"].loc[route.vehicle]
        profile = registry["network/profiles"].loc[kind["profile"]]
        heavy = shelter.max_mass_kg is not None and profile["mass_kg"] > shelter.max_mass_kg
        high = shelter.max_height_m is not None and profile["height_m"] > shelter.max_height_m
        if heavy or high:
            return False
    hour = (begin_s + _first_s(plan)) / S_PER_H % 24
    return bool(shelter.opens_h <= hour <= shelter.closes_h)


def _first_s(plan: SupplyPlan) -> int:
    """Return seconds from midnight to the start of the plan, in the plan's own time."""
    hour, minute, second = plan.start[11:19].split(":")
    return int(hour) * S_PER_H + int(minute) * 60 + int(second)


def _wrong_fleets(registry: Registry, plan: SupplyPlan) -> Iterator[str]:
    """Yield homes that lend more vehicles on a day than they have left, or one of them twice."""
    owned = {
        (row.depot_id, row.truck_type): int(row.quantity)
        for row in registry["depots/trucks"].itertuples()
    }
    away = _hauling(registry, plan)
    used = Counter((route.day, route.home, route.vehicle) for route in plan.routes)
    for (day, home, vehicle), count in sorted(used.items()):
        if count + ceil(away[home, vehicle, day] - ROUNDED) > owned.get((home, vehicle), 1):
            yield _("day {day}: {place} lends {used} of {kind}, and has fewer").format(
                day=day, place=home, used=count, kind=vehicle
            )
    each = Counter((one.day, one.home, one.vehicle, one.number) for one in plan.routes)
    for (day, home, vehicle, number), count in sorted(each.items()):
        if count > 1:
            yield _("day {day}: {place} lends its {kind} number {number} twice").format(
                day=day, place=home, kind=vehicle, number=number
            )


def _hauling(registry: Registry, plan: SupplyPlan) -> defaultdict[tuple[str, str, int], float]:
    """Return how many trucks of each depot and type are on the way to hubs on each day."""
    kinds = registry["depots/truck_types"]
    away: defaultdict[tuple[str, str, int], float] = defaultdict(float)
    for move in plan.movements:
        if move.owned:
            kind = kinds.loc[move.carrier]
            duty_s = int(kind["load_s"]) + int(kind["unload_s"]) + 2 * move.drive_s
            for day in range(move.day, move.day + max(1, ceil(duty_s / SHIFT_S))):
                away[move.origin, move.carrier, day] += move.truck_loads
    return away
