"""The best flight of every aircraft with every team to every incident, in arrays.

An aircraft flies from its base to a field that the team can reach, takes it
aboard, and sets it down at a field or at the incident itself::

    base ~~~> field with fuel ~~~> pick-up ~~~> field with fuel ~~~> field ---> incident
                                   ^                                      by road
                            team --+  by road

The earliest arrival is exact for these rules: the tank is filled as far as
the load allows wherever there is fuel; a landing without fuel must leave
enough to reach a field that has it; take-offs and landings wait for daylight
where they need it. A team that doesn't fit is flown in the fewest sorties with
which it can be brought there; such a shuttle runs straight between a pick-up
field with fuel and its landing, there and back on one tank unless both ends
have fuel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dispatch.network.carry import Carried, board, carry
from dispatch.network.flight import (
    AircraftType,
    Fields,
    Fleet,
    Sites,
    Weather,
    grounded_by,
    range_m,
)
from dispatch.network.sky import (
    NOWHERE,
    Places,
    Sky,
    approach,
    build_places,
    build_sky,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

MAX_SORTIES: Final = 3
"""More flights to and fro for one team than this are not planned."""

PERSON_KG: Final = 100.0
"""Mass of a rescuer with clothing and what is worn (assumption)."""

ROWS_AT_ONCE: Final = 2_048
"""Ways of picking teams up that are worked on at once, to stay within the cache."""


@dataclass(frozen=True, eq=False)
class Lifts:
    """T teams that could be flown, without their vehicles.

    Parameters
    ----------
    personnel : IntArray, shape (T,)
    kit_kg : FloatArray, shape (T,)
    field_s : FloatArray, shape (T, F)
        When each can be at each field, mobilisation and road included, whole
        seconds after the start; inf where it can't.
    """

    personnel: IntArray
    kit_kg: FloatArray
    field_s: FloatArray


@dataclass(frozen=True, eq=False)
class Flights:
    """Best flights of A aircraft with T teams to I incidents.

    Whether a drive would be sooner is not looked at: near a pick-up field the
    best flight may even be one by a stop for fuel back to that field.

    Parameters
    ----------
    places, fleet, lifts
        As they were asked for.
    skies : tuple of Sky or None
        By type; None where no aircraft of the type flies.
    grounded : tuple of str or None, length A
        What in the weather keeps each aircraft down.
    arrive_s : FloatArray, shape (A, T, I)
        When the whole team is at the incident, seconds after the start; inf
        where there is no flight.
    sorties : IntArray, shape (A, T, I)
        0 where there is no flight.
    pickup, via, landing : IntArray, shape (A, T, I)
        Pick-up field, where the tank was filled last before it, and where the
        team leaves the aircraft: a field, or F + i for incident i itself.
    stops : IntArray, shape (A, T, N)
        The stop before each place for a team carried in one sortie.
    before : IntArray, shape (A, N)
        The stop before each place for the empty aircraft.
    ready_s : FloatArray, shape (A,)
        When each aircraft, ordered as soon as it is free, may take off.
    busy_until_s : FloatArray, shape (A, T, I)
        When the aircraft, busy from its order on, stands ready at its base
        again; light on its way home is not checked at stops. inf where it
        can't return or there is no flight.
    air_s : FloatArray, shape (A, T, I)
        Time in the air from base to base; to the landing only where the
        aircraft can't return.
    """

    places: Places
    fleet: Fleet
    lifts: Lifts
    skies: tuple[Sky | None, ...]
    grounded: tuple[str | None, ...]
    arrive_s: FloatArray
    sorties: IntArray
    pickup: IntArray
    via: IntArray
    landing: IntArray
    stops: IntArray
    before: IntArray
    ready_s: FloatArray
    busy_until_s: FloatArray
    air_s: FloatArray

    def cost_yuan(self) -> FloatArray:
        """Cost of the time in the air, shape (A, T, I)."""
        rate = np.array([kind.cost_yuan_per_h for kind in self.fleet.kinds])[self.fleet.kind]
        cost: FloatArray = self.air_s / 3600 * rate[:, None, None]
        return cost


def flights(
    fleet: Fleet,
    fields: Fields,
    sites: Sites,
    lifts: Lifts,
    start: datetime,
    weather: Weather | None = None,
) -> Flights:
    """Find the earliest arrival of every team at every incident by every aircraft.

    Parameters
    ----------
    fleet : Fleet
    fields : Fields
    sites : Sites
    lifts : Lifts
    start : datetime
        With its zone; all times count from it.
    weather : Weather, optional
        By default nothing is known against flying.
    """
    places = build_places(fields, sites, start)
    weather = Weather() if weather is None else weather
    grounded = tuple(grounded_by(fleet.kinds[k], weather) for k in fleet.kind)
    flying = {int(k) for k, reason in zip(fleet.kind, grounded, strict=True) if reason is None}
    skies = tuple(
        build_sky(places, kind) if k in flying else None for k, kind in enumerate(fleet.kinds)
    )
    found = _blank(places, fleet, lifts, skies, grounded)
    for k, sky in enumerate(skies):
        if sky is not None:
            _fly_type(found, sky, np.flatnonzero(fleet.kind == k))
    return found


def mobilised_s(places: Places, fleet: Fleet) -> FloatArray:
    """Return when each aircraft, ordered as soon as it is free, may take off, shape (A,).

    It is ordered by day if there is daylight at its base.
    """
    dawn_s, dusk_s = places.dawn_s[:, fleet.base], places.dusk_s[:, fleet.base]
    by_day = ((dawn_s <= fleet.free_s) & (fleet.free_s <= dusk_s)).any(axis=0)
    return fleet.free_s + np.where(by_day, fleet.mobilise_day_s, fleet.mobilise_night_s)


def share(kind: AircraftType, lifts: Lifts, sorties: int) -> tuple[BoolArray, FloatArray]:
    """Return whether each team fits in so many sorties, and the heaviest load, both (T,)."""
    persons = -(-lifts.personnel // sorties)
    load_kg = np.asarray(persons * PERSON_KG + np.ceil(lifts.kit_kg / sorties), np.float64)
    return (persons <= kind.seats) & (range_m(kind, load_kg) >= 0), load_kg


def pickups(sky: Sky, lifts: Lifts) -> BoolArray:
    """Tell at which fields each team can meet an aircraft, shape (T, F)."""
    usable = np.isfinite(sky.flight_s.min(axis=1))[: lifts.field_s.shape[1]]
    return np.asarray(np.isfinite(lifts.field_s) & usable)


def why_not(found: Flights, aircraft: int, team: int, incident: int) -> str | None:
    """Name what keeps a team from an incident by one aircraft, None where it flies.

    Returns
    -------
    {"visibility", "cloud", "wind", "load", "pickup", "reach"} or None
        Weather; too many or too heavy for :data:`MAX_SORTIES`; no field that
        both team and aircraft can use; range, daylight or no place to land.
    """
    if np.isfinite(found.arrive_s[aircraft, team, incident]):
        return None
    sky = found.skies[found.fleet.kind[aircraft]]
    if sky is None:
        return found.grounded[aircraft]
    one = replace(
        found.lifts,
        personnel=found.lifts.personnel[[team]],
        kit_kg=found.lifts.kit_kg[[team]],
        field_s=found.lifts.field_s[[team]],
    )
    if not any(share(sky.kind, one, n)[0][0] for n in range(1, MAX_SORTIES + 1)):
        return "load"
    return "reach" if pickups(sky, one).any() else "pickup"


def _blank(
    places: Places,
    fleet: Fleet,
    lifts: Lifts,
    skies: tuple[Sky | None, ...],
    grounded: tuple[str | None, ...],
) -> Flights:
    shape = len(fleet.kind), len(lifts.personnel), len(places.sites.lon)
    count = len(places.distance_m)
    return Flights(
        places=places,
        fleet=fleet,
        lifts=lifts,
        skies=skies,
        grounded=grounded,
        arrive_s=np.full(shape, np.inf),
        sorties=np.zeros(shape, np.int64),
        pickup=np.full(shape, NOWHERE),
        via=np.full(shape, NOWHERE),
        landing=np.full(shape, NOWHERE),
        stops=np.full((*shape[:2], count), NOWHERE),
        before=np.full((shape[0], count), NOWHERE),
        ready_s=mobilised_s(places, fleet),
        busy_until_s=np.full(shape, np.inf),
        air_s=np.zeros(shape),
    )


def _fly_type(found: Flights, sky: Sky, aircraft: IntArray) -> None:
    """Fill in the flights of all aircraft of one type, the fewest sorties first."""
    lifts, base = found.lifts, found.fleet.base[aircraft]
    ways = approach(sky, base, found.ready_s[aircraft], lifts.field_s.shape[1])
    found.before[aircraft] = ways.before
    last_leg_s = _last_leg_s(found.places.sites)
    met = pickups(sky, lifts)
    for sorties in range(1, MAX_SORTIES + 1):
        fits, load_kg = share(sky.kind, lifts, sorties)
        missing = (found.sorties[aircraft] == 0).any(axis=2)
        wanted = (met & fits[:, None])[:, ways.pickup] & missing[ways.aircraft].T
        if sorties > 1:
            wanted &= sky.fuel[ways.pickup]
        reach_m = range_m(sky.kind, load_kg)
        for teams in _blocks(wanted):
            at = board(sky, ways, lifts.field_s, wanted, reach_m, teams)
            _write(found, aircraft, carry(sky, at, base, last_leg_s, sorties), sorties)


def _blocks(wanted: BoolArray) -> list[IntArray]:
    """Split the teams with anything wanted (T, S) into blocks of bounded work."""
    teams = np.flatnonzero(wanted.any(axis=1))
    work = np.cumsum(wanted[teams].sum(axis=1)) // ROWS_AT_ONCE
    blocks = np.split(teams, np.flatnonzero(np.diff(work)) + 1)
    return [block for block in blocks if block.size]


def _last_leg_s(sites: Sites) -> FloatArray:
    """From each place to each incident by road, and from each incident to itself, (N, I)."""
    count = sites.road_s.shape[1]
    on_the_spot = np.where(np.eye(count, dtype=bool), 0.0, np.inf)
    return np.concatenate([sites.road_s, on_the_spot])


def _write(found: Flights, aircraft: IntArray, got: Carried, sorties: int) -> None:
    """Keep what was not reached with fewer sorties."""
    pair = aircraft[got.aircraft], got.team
    better = np.isfinite(got.arrive_s) & (found.sorties[pair] == 0)
    for name in ("arrive_s", "pickup", "via", "landing", "busy_until_s", "air_s"):
        kept = getattr(found, name)
        kept[pair] = np.where(better, getattr(got, name), kept[pair])
    found.sorties[pair] = np.where(better, sorties, found.sorties[pair])
    if sorties == 1:
        found.stops[pair] = got.stops
