"""Parties by air: bus to a field, aircraft in sequence, on the spot or by bus to the incident.

An aircraft may fly several missions. The first wave holds what each can do
when it is ordered at the start; a later wave what it can do once it is back
from half of the missions of the wave before. Which missions of one aircraft
follow one another is not decided here: each keeps it busy from one moment
until another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dispatch.network.air import Flights, Lifts, flights
from dispatch.network.drive import drives
from dispatch.network.flight import Fields, Fleet, Sites, Weather
from dispatch.network.paced import PacedDrives
from dispatch.network.shuttle import LOCAL_S, Parties, Shuttle, last_drive, to_stops
from dispatch.network.snap import Snaps, snap

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

WAVES: Final = 3
"""Missions looked at for each aircraft, one after the other."""

KEPT: Final = 3
"""Aircraft kept for each party, incident and wave: the first to arrive."""


@dataclass(frozen=True, eq=False)
class AirWays:
    """K missions, each bringing one party to one incident.

    Parameters
    ----------
    fields : Snaps
        Shape (F,).
    access : PacedDrives
        From the bases to the fields, shape (R, F).
    waves : tuple of Flights
    wave, aircraft, party, incident : IntArray, shape (K,)
    arrive_s : FloatArray, shape (K,)
    busy_from_s, busy_until_s : FloatArray, shape (K,)
        While the aircraft is at nobody else's disposal.
    cost_yuan : FloatArray, shape (K,)
        Of the time in the air.
    """

    fields: Snaps
    access: PacedDrives
    waves: tuple[Flights, ...]
    wave: IntArray
    aircraft: IntArray
    party: IntArray
    incident: IntArray
    arrive_s: FloatArray
    busy_from_s: FloatArray
    busy_until_s: FloatArray
    cost_yuan: FloatArray


def by_air(
    fleet: Fleet,
    fields: Fields,
    sites: Sites,
    shuttle: Shuttle,
    parties: Parties,
    worth_s: FloatArray,
    released: BoolArray,
    start: datetime,
    weather: Weather | None = None,
) -> AirWays:
    """Find the missions that bring a party to an incident early enough to be worth flying.

    Parameters
    ----------
    fleet : Fleet
    fields : Fields
    sites : Sites
        Their ``road_s`` is found here.
    shuttle : Shuttle
    parties : Parties
    worth_s : FloatArray, shape (R, I)
        Only earlier arrivals are kept.
    released : BoolArray, shape (A, I)
        Which aircraft may be had for which incident.
    start : datetime
        With its zone; all times count from it.
    weather : Weather, optional
    """
    stops = snap(shuttle.road, fields.lon, fields.lat)
    access = to_stops(shuttle, parties, stops)
    field_s = parties.leave_s[:, None] + access.time_s
    between = drives(shuttle.road, shuttle.hopeful.day, stops, shuttle.destinations).time_s
    sites = replace(sites, road_s=LOCAL_S + between)
    lifts = Lifts(parties.personnel, parties.kit_kg, field_s)
    waves: list[Flights] = []
    missions: list[tuple[IntArray, FloatArray]] = []
    for wave in range(WAVES):
        found = flights(fleet, fields, sites, lifts, start, weather)
        rows = _first_to_arrive(found, worth_s, released)
        missions.append((np.stack([np.full_like(rows[0], wave), *rows]), found.busy_until_s[rows]))
        waves.append(found)
        fleet = replace(
            fleet, free_s=_free_again(rows[0], found.busy_until_s[rows], len(fleet.base))
        )
    return _ways(shuttle, stops, access, tuple(waves), missions, worth_s)


def landed_s(ways: AirWays, k: int) -> float:
    """Return when the party of a mission has left the aircraft."""
    found, here = ways.waves[ways.wave[k]], (ways.aircraft[k], ways.party[k], ways.incident[k])
    return float(_landed_s(found, *(np.array([row]) for row in here))[0])


def _first_to_arrive(
    found: Flights, worth_s: FloatArray, released: BoolArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Return the aircraft, parties and incidents of the missions worth looking at."""
    useful = np.isfinite(found.busy_until_s) & (found.arrive_s < worth_s) & released[:, None, :]
    arrive_s = np.where(useful, found.arrive_s, np.inf)
    rank = arrive_s.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    aircraft, party, incident = np.nonzero(useful & (rank < KEPT))
    return aircraft, party, incident


def _free_again(aircraft: IntArray, until_s: FloatArray, count: int) -> FloatArray:
    """Return when each aircraft is back from half of its missions, (A,); inf without any."""
    return np.array(
        [
            np.quantile(until_s[aircraft == a], 0.5, method="lower") if a in aircraft else np.inf
            for a in range(count)
        ]
    )


def _landed_s(
    found: Flights, aircraft: IntArray, party: IntArray, incident: IntArray
) -> FloatArray:
    """Return when each party has left the aircraft; ``arrive_s`` where that is on the spot."""
    landing, road_s = found.landing[aircraft, party, incident], found.places.sites.road_s
    by_bus = landing < len(road_s)
    last_s = np.where(by_bus, road_s[np.where(by_bus, landing, 0), incident], 0.0)
    left_s: FloatArray = found.arrive_s[aircraft, party, incident] - last_s
    return left_s


def _ways(
    shuttle: Shuttle,
    stops: Snaps,
    access: PacedDrives,
    waves: tuple[Flights, ...],
    missions: list[tuple[IntArray, FloatArray]],
    worth_s: FloatArray,
) -> AirWays:
    rows = np.concatenate([found for found, _until in missions], axis=1)
    wave, aircraft, party, incident = rows
    parts = [(waves[w], *rows[1:, wave == w]) for w in range(len(waves))]
    arrive_s = np.concatenate([_arrivals(shuttle, stops, *part) for part in parts])
    cost_yuan = [found.cost_yuan()[a, r, i] for found, a, r, i in parts]
    from_s = np.stack([found.fleet.free_s for found in waves])[wave, aircraft]
    until_s = np.concatenate([until for _rows, until in missions])
    kept = np.flatnonzero(arrive_s < worth_s[party, incident])
    return AirWays(
        fields=stops,
        access=access,
        waves=waves,
        wave=wave[kept],
        aircraft=aircraft[kept],
        party=party[kept],
        incident=incident[kept],
        arrive_s=arrive_s[kept],
        busy_from_s=from_s[kept],
        busy_until_s=until_s[kept],
        cost_yuan=np.concatenate(cost_yuan)[kept],
    )


def _arrivals(
    shuttle: Shuttle,
    stops: Snaps,
    found: Flights,
    aircraft: IntArray,
    party: IntArray,
    incident: IntArray,
) -> FloatArray:
    """Return the arrivals of missions, the last stretch at the pace and hindrances of its hour."""
    arrive_s: FloatArray = found.arrive_s[aircraft, party, incident].copy()
    landing = found.landing[aircraft, party, incident]
    left_s = _landed_s(found, aircraft, party, incident)
    for i in np.unique(incident).tolist():
        rows = np.flatnonzero((incident == i) & (landing < len(stops.link)))
        if rows.size:
            driven = last_drive(shuttle, stops, landing[rows], i, left_s[rows])
            arrive_s[rows] = left_s[rows] + LOCAL_S + driven.time_s[:, 0]
    return arrive_s
