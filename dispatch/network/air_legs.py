"""One flight told leg by leg, for the aircraft and for the team aboard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.network.air import Flights
from dispatch.network.daylight import departure_s
from dispatch.network.sky import NOWHERE, Sky


@dataclass(frozen=True)
class AirLeg:
    """One timed piece of a flight.

    ``kind`` is mobilise, wait, load, fly or transfer as in a plan, ``purpose``
    tells more: mobilise: order; wait: team, aircraft, sorties or daylight;
    load: board or refuel (the rest of a turnaround); fly: position, carry or
    return; transfer: leave. Places are fields, or F + i for incident i;
    times are seconds after the start.
    """

    kind: str
    purpose: str
    start_s: int
    end_s: int
    origin: int
    destination: int
    distance_m: int = 0


def mission_of(found: Flights, aircraft: int, team: int, incident: int) -> tuple[AirLeg, ...]:
    """Tell what the aircraft does from its order until the last of the team has left it.

    Raises
    ------
    ValueError
        If there is no such flight.
    """
    here = aircraft, team, incident
    sky = found.skies[found.fleet.kind[aircraft]]
    if sky is None or not found.sorties[here]:
        raise ValueError(f"aircraft {aircraft} does not fly team {team} to incident {incident}")
    pickup, landing = int(found.pickup[here]), int(found.landing[here])
    log = _Log(sky, int(found.fleet.base[aircraft]), int(found.fleet.free_s[aircraft]))
    log.add("mobilise", "order", log.now_s + _mobilise_s(found, aircraft))
    for place in _way_to(found, aircraft, pickup, int(found.via[here])):
        log.fly(place, "position")
        if place != pickup:
            log.add("load", "refuel", log.now_s + sky.kind.turnaround_s)
    landed_s = log.now_s
    there_s = int(found.lifts.field_s[team, pickup])
    log.wait("team", max(landed_s, there_s))
    log.add("load", "board", log.now_s + sky.kind.load_s)
    if found.via[here] != NOWHERE:
        log.turn(landed_s)
    stops = _stops(found, aircraft, team, landing) if found.sorties[here] == 1 else []
    for place in [*stops, landing]:
        log.fly(place, "carry")
        if place != landing:
            log.add("load", "refuel", log.now_s + sky.kind.turnaround_s)
    for _ in range(int(found.sorties[here]) - 1):
        landed_s = log.now_s
        log.add("transfer", "leave", landed_s + sky.kind.load_s)
        log.turn(landed_s)
        log.fly(pickup, "return")
        landed_s = log.now_s
        log.add("load", "board", landed_s + sky.kind.load_s)
        log.turn(landed_s)
        log.fly(landing, "carry")
    log.add("transfer", "leave", log.now_s + sky.kind.load_s)
    return tuple(log.legs)


def legs_of(found: Flights, aircraft: int, team: int, incident: int) -> tuple[AirLeg, ...]:
    """Tell the way of those who fly last, from reaching the pick-up field to leaving the landing.

    The drives before and after are the caller's.

    Raises
    ------
    ValueError
        If there is no such flight.
    """
    mission = mission_of(found, aircraft, team, incident)
    boarding = max(k for k, leg in enumerate(mission) if leg.purpose == "board")
    aboard = mission[boarding:]
    pickup = aboard[0].origin
    there_s, boards_s = int(found.lifts.field_s[team, pickup]), aboard[0].start_s
    if there_s == boards_s:
        return aboard
    purpose = "aircraft" if found.sorties[aircraft, team, incident] == 1 else "sorties"
    return (AirLeg("wait", purpose, there_s, boards_s, pickup, pickup), *aboard)


class _Log:
    """Legs written so far; the clock and the place stand at the end of the last."""

    def __init__(self, sky: Sky, place: int, now_s: int) -> None:
        self.sky, self.place, self.now_s = sky, place, now_s
        self.legs: list[AirLeg] = []

    def add(self, kind: str, purpose: str, end_s: int) -> None:
        self.legs.append(AirLeg(kind, purpose, self.now_s, end_s, self.place, self.place))
        self.now_s = end_s

    def wait(self, purpose: str, until_s: int) -> None:
        if until_s > self.now_s:
            self.add("wait", purpose, until_s)

    def turn(self, landed_s: int) -> None:
        """Stay for the rest of the turnaround since a landing."""
        until_s = landed_s + self.sky.kind.turnaround_s
        if until_s > self.now_s:
            self.add("load", "refuel", until_s)

    def fly(self, place: int, purpose: str) -> None:
        flight = self.place, place
        ready_s = np.array(float(self.now_s))
        self.wait("daylight", int(departure_s(ready_s, self.sky.opens, self.sky.closes, flight)))
        end_s = self.now_s + int(self.sky.flight_s[flight])
        metres = int(self.sky.distance_m[flight])
        self.legs.append(AirLeg("fly", purpose, self.now_s, end_s, *flight, metres))
        self.now_s, self.place = end_s, place


def _mobilise_s(found: Flights, aircraft: int) -> int:
    return int(found.ready_s[aircraft] - found.fleet.free_s[aircraft])


def _way_to(found: Flights, aircraft: int, pickup: int, via: int) -> list[int]:
    """Return the landings of the empty aircraft up to the pick-up, its base left out."""
    if via == NOWHERE:
        return []
    way, base = [pickup], int(found.fleet.base[aircraft])
    while via != base:
        way.append(via)
        via = int(found.before[aircraft, via])
    return way[::-1]


def _stops(found: Flights, aircraft: int, team: int, landing: int) -> list[int]:
    """Return the stops for fuel with the team aboard, in the order flown."""
    stops: list[int] = []
    stop = int(found.stops[aircraft, team, landing])
    while stop != NOWHERE:
        stops.append(stop)
        stop = int(found.stops[aircraft, team, stop])
    return stops[::-1]
