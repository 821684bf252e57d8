"""Where an order can be given another way once its own no longer holds.

By road at the next junction, or at the one behind where the way ahead is closed
or there is none. Who goes by train or aircraft is in a bus, and turns with it;
stands at a station or airfield, and goes on from there; or is aboard, and keeps to
the next stop. An aircraft whose landing is shut lands at the nearest field open to it instead,
the one that it left included; that its fuel lasts so far is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil, inf
from typing import Any

from dispatch.geo import haversine_m
from dispatch.network.flight import build_fields, build_fleet, usable_fields
from dispatch.network.shuttle import LOCAL_S
from dispatch.plan.plan import Leg, Order, Point
from dispatch.plan.position import Position, junction_ahead, position_of, turned_back
from dispatch.registry import Registry
from dispatch.scenario import Scenario

Open = Callable[[Order], bool]
"""Tells whether the way of an order holds after the events."""

PLACES = ("network/stations", "airbases/airbases")


def stranded(
    registry: Registry, told: Scenario, order: Order, at_s: int, is_open: Open
) -> Position:
    """Return where an order whose way is lost can be given another.

    ``carried`` if it is on the last flight or change before its incident.

    Parameters
    ----------
    registry : Registry
        With what is lost, since people may be aboard of it.
    told : Scenario
        After the events.
    order : Order
    at_s : int
        After the start of the scenario.
    is_open : callable
    """
    place = position_of(registry, order, at_s)
    if place.state in ("waiting", "arrived"):
        return place
    if order.mode == "road":
        return _driven(registry, order, len(order.legs) - 1, at_s, is_open)
    number = next(k for k, leg in enumerate(order.legs) if leg.end_s > at_s)
    if order.legs[number].kind == "wait" and number + 1 < len(order.legs):
        # a wait on the road is for the drive that follows
        number += order.legs[number + 1].kind == "drive"
    leg = order.legs[number]
    if leg.kind == "drive":
        return _driven(registry, order, number, at_s, is_open)
    if leg.kind == "ride":
        return _stopped(registry, order, number, _next_stop(registry, told, leg, at_s))
    if leg.kind == "fly" and leg.destination_id:
        return _stopped(registry, order, number, *_landed(registry, told, leg, at_s))
    if leg.origin_id:
        return _standing(registry, order, number, at_s)
    return place


def shut(told: Scenario, place: str, time_s: float) -> bool:
    """Tell whether a station or airfield is closed at a time."""
    return any(
        place in (spec.station, spec.airfield)
        and spec.from_min * 60 <= time_s
        and (spec.until_min is None or time_s < spec.until_min * 60)
        for spec in told.closures
    )


def _driven(registry: Registry, order: Order, number: int, at_s: int, is_open: Open) -> Position:
    """Turn at the next junction, drive on to the stop, or turn round on the spot."""
    legs, leg = order.legs[: number + 1], order.legs[number]
    party = order.mode != "road"
    found = junction_ahead(registry, legs, at_s)
    if found is None and leg.destination_id and is_open(replace(order, legs=legs)):
        return _stopped(registry, order, number, leg, bus_s=leg.end_s)
    if found is None or not is_open(replace(order, legs=found.done)):
        found = turned_back(registry, legs, at_s)
    if found is None:
        return Position("carried", order.arrive_s)
    return replace(found, party=party, bus_s=found.ready_s if party else -1)


def _standing(registry: Registry, order: Order, number: int, at_s: int) -> Position:
    """Step out again, or leave the aircraft that has landed; a bus ordered before still comes."""
    leg, last = order.legs[number], order.legs[number - 1]
    leaves = leg.kind == "transfer" and last.kind == "fly"
    aboard_s = _load_s(registry, last.service) if leg.kind == "load" and last.kind == "fly" else 0
    end_s = leg.end_s if leaves else at_s + aboard_s
    ahead = order.legs[number + 1 + leaves : number + 2 + leaves]
    bus_s = next((max(end_s, drive.start_s) for drive in ahead if drive.kind == "drive"), -1)
    short = replace(leg, kind="transfer" if aboard_s else leg.kind, end_s=end_s)
    return _stopped(registry, order, number, short, bus_s=bus_s)


def _stopped(
    registry: Registry, order: Order, number: int, *legs: Leg, bus_s: int = -1
) -> Position:
    """Return a party at the end of some legs, a county bus there if none is."""
    end = legs[-1]
    done = tuple(leg for leg in (*order.legs[:number], *legs) if leg.end_s > leg.start_s)
    at = _place(registry, end.destination_id)
    at_s = end.end_s
    there_s = at_s + LOCAL_S if bus_s < 0 else bus_s
    spot = float(at["lon"]), float(at["lat"])
    return Position("stopped", at_s, spot, done, party=True, bus_s=min(there_s, at_s + LOCAL_S))


def _next_stop(registry: Registry, told: Scenario, leg: Leg, at_s: int) -> Leg:
    """Return a ride as far as the next stop of the train that is open.

    Where no timetable tells the stops, it is where the ride ends.
    """
    calls = _calls(registry, leg) if leg.service else []
    station, end_s = next(
        ((name, s) for name, s in calls if s >= at_s and not shut(told, name, s)),
        (leg.destination_id, leg.end_s),
    )
    share = (end_s - leg.start_s) / max(leg.end_s - leg.start_s, 1)
    return _ended(registry, leg, station, end_s, round(leg.distance_m * share))


def _calls(registry: Registry, leg: Leg) -> list[tuple[str, int]]:
    """Return where and when a timetabled train stops after the ride has begun."""
    trains = registry["network/trains"]
    stops = trains[trains["train"] == leg.service].sort_values("stop")
    left: datetime | None = None
    found = []
    for stop in stops.itertuples():
        if left is not None and stop.arrival:
            after = (_clock(stop.arrival) - left) % timedelta(days=1)
            found.append((str(stop.station_id), leg.start_s + round(after.total_seconds())))
        if stop.station_id == leg.origin_id and stop.departure:
            left = _clock(stop.departure)
    return found


def _clock(text: str) -> datetime:
    return datetime.strptime(text, "%H:%M")


def _landed(registry: Registry, told: Scenario, leg: Leg, at_s: int) -> tuple[Leg, Leg]:
    """Return a flight to its landing, or to the nearest field open instead; and the leaving."""
    load_s = _load_s(registry, leg.service)
    flown = leg
    if shut(told, leg.destination_id, leg.end_s):
        flown = _diverted(registry, told, leg, at_s)
    place, place_en, key = flown.destination, flown.destination_en, flown.destination_id
    leave = Leg("transfer", flown.end_s, flown.end_s + load_s, 0, 0.0, 0.0, place, place)
    leave = replace(leave, origin_id=key, origin_en=place_en)
    return flown, replace(leave, destination_id=key, destination_en=place_en)


def _diverted(registry: Registry, told: Scenario, leg: Leg, at_s: int) -> Leg:
    fields = build_fields(registry["airbases/airbases"])
    kind = _kind(registry, leg.service)
    (lon_a, lat_a), (lon_b, lat_b) = leg.line[0], leg.line[-1]
    share = (at_s - leg.start_s) / max(leg.end_s - leg.start_s, 1)
    here = lon_a + share * (lon_b - lon_a), lat_a + share * (lat_b - lat_a)
    away_m = haversine_m(*here, fields.lon, fields.lat)
    best = leg.end_s + inf, leg.destination_id, 0
    for row, able in enumerate(usable_fields(kind, fields).tolist()):
        end_s = at_s + ceil(float(away_m[row]) * 3.6 / kind.cruise_kmh)
        if able and not shut(told, fields.field_id[row], end_s):
            best = min(best, (end_s, fields.field_id[row], round(float(away_m[row]))))
    if best[0] == inf:
        return leg
    flown = _ended(registry, leg, best[1], int(best[0]), round(leg.distance_m * share) + best[2])
    return replace(flown, line=(leg.line[0], here, *flown.line[-1:]))


def _ended(registry: Registry, leg: Leg, place: str, end_s: int, distance_m: int) -> Leg:
    """Return a ride or flight that ends at some stop."""
    stop = _place(registry, place)
    spot: Point = float(stop["lon"]), float(stop["lat"])
    return replace(
        leg,
        end_s=end_s,
        distance_m=distance_m,
        line=(leg.line[0], spot),
        destination=str(stop["name"]),
        destination_en=str(stop["name_en"]),
        destination_id=place,
    )


def _place(registry: Registry, key: str) -> Any:
    return next(registry[t].loc[key] for t in PLACES if key in registry[t].index)


def _kind(registry: Registry, aircraft: str) -> Any:
    fields = build_fields(registry["airbases/airbases"])
    fleet = build_fleet(registry["airbases/aircraft"], registry["airbases/aircraft_types"], fields)
    return fleet.kinds[fleet.kind[fleet.aircraft_id.index(aircraft)]]


def _load_s(registry: Registry, aircraft: str) -> int:
    return int(_kind(registry, aircraft).load_s)
