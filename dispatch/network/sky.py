"""The sky of one aircraft type: which flights it can make between N places, and when.

The N places are the F fields and then the I incidents. A tank is refilled at
every field with fuel that a type lands on; a landing without fuel has to leave
enough to reach fuel afterwards. On a sphere a stop never shortens a way, so an
aircraft stops only for fuel, for its load, or where it delivers it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dispatch.network.daylight import daylight_s, departure_s, open_hours, windows
from dispatch.network.flight import (
    AircraftType,
    Fields,
    Sites,
    distances_m,
    flight_times_s,
    range_m,
    usable_fields,
    usable_sites,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

DAYS: Final = 3
"""Days looked ahead, the day of the start included; what takes longer is not flown."""

NOWHERE: Final = -1
"""Stands for no field."""


@dataclass(frozen=True, eq=False)
class Places:
    """All places of a scenario with what holds for every type.

    Parameters
    ----------
    fields : Fields
    sites : Sites
    distance_m : FloatArray, shape (N, N)
        Great circles, whole metres.
    dawn_s, dusk_s : FloatArray, shape (D, N)
        Civil dawn and dusk, seconds after the start.
    """

    fields: Fields
    sites: Sites
    distance_m: FloatArray
    dawn_s: FloatArray
    dusk_s: FloatArray


@dataclass(frozen=True, eq=False)
class Sky:
    """Flights that one type can make without a stop.

    Parameters
    ----------
    kind : AircraftType
    empty_m : float
        Range without a load.
    distance_m, flight_s : FloatArray, shape (N, N)
        ``flight_s`` is inf where the type may never take off or land, and from a
        place to itself.
    opens, closes : FloatArray, shape (W, N, N)
        When each flight may take off, see :func:`dispatch.network.daylight.windows`.
    fuel : BoolArray, shape (N,)
        Where the type may land and fill its tank.
    escape_m : FloatArray, shape (N,)
        From each place to the nearest other field with fuel; 0 where there is fuel.
    home_s, home_air_s : FloatArray, shape (N, N)
        Time on the way and in the air, empty, from fields with fuel; stops for
        fuel are counted, daylight and closed fields are not. inf from places without fuel.
    """

    kind: AircraftType
    empty_m: float
    distance_m: FloatArray
    flight_s: FloatArray
    opens: FloatArray
    closes: FloatArray
    fuel: BoolArray
    escape_m: FloatArray
    home_s: FloatArray
    home_air_s: FloatArray


@dataclass(frozen=True, eq=False)
class Approaches:
    """Ways of B aircraft, empty, from their bases to pick-up fields: S of them.

    Of all ways of one aircraft to one field those stand here that no other
    beats in both arrival and fuel left.

    Parameters
    ----------
    aircraft : IntArray, shape (S,)
        Ascending.
    pickup, via : IntArray, shape (S,)
        The field, and the place of the last filling before it;
        :data:`NOWHERE` where the aircraft stands at the field already.
    there_s, ready_s : FloatArray, shape (S,)
        When it has landed, and when it could take off again.
    tank_m : FloatArray, shape (S,)
        Range left at the field; inf where it can be filled for any load.
    air_s : FloatArray, shape (S,)
        Time in the air.
    before : IntArray, shape (B, N)
        Stop before each stop on the way of each empty aircraft.
    """

    aircraft: IntArray
    pickup: IntArray
    via: IntArray
    there_s: FloatArray
    ready_s: FloatArray
    tank_m: FloatArray
    air_s: FloatArray
    before: IntArray


def build_places(fields: Fields, sites: Sites, start: datetime) -> Places:
    """Measure distances and daylight between and at all fields and incidents."""
    lon = np.concatenate([fields.lon, sites.lon])
    lat = np.concatenate([fields.lat, sites.lat])
    dawn_s, dusk_s = daylight_s(lon, lat, start, DAYS)
    return Places(fields, sites, distances_m(lon, lat), dawn_s, dusk_s)


def build_sky(places: Places, kind: AircraftType) -> Sky:
    """Work out where and when one type may fly."""
    fields, sites = places.fields, places.sites
    usable = np.concatenate([usable_fields(kind, fields), usable_sites(kind, sites)])
    off_field = np.zeros(len(sites.lon), bool)
    flown = usable[:, None] & usable[None, :] & ~np.eye(len(usable), dtype=bool)
    flight_s = np.where(flown, flight_times_s(kind, places.distance_m), np.inf)
    lit = np.concatenate([fields.night, off_field]) & kind.night
    open_s, close_s = open_hours(places.dawn_s, places.dusk_s, ~lit, fields.closings)
    opens, closes = windows(open_s, close_s, flight_s)
    fuel = np.concatenate([fields.fuel, off_field]) & usable
    to_fuel = np.where(fuel[None, :] & flown, places.distance_m, np.inf)
    empty_m = float(range_m(kind, 0.0))
    legs_s = np.where((places.distance_m <= empty_m) & fuel[:, None], flight_s, np.inf)
    home_s, home_air_s = _ways_home(legs_s, np.flatnonzero(fuel), kind.turnaround_s)
    return Sky(
        kind=kind,
        empty_m=empty_m,
        distance_m=places.distance_m,
        flight_s=flight_s,
        opens=opens,
        closes=closes,
        fuel=fuel,
        escape_m=np.where(fuel, 0.0, to_fuel.min(axis=1, initial=np.inf)),
        home_s=home_s,
        home_air_s=home_air_s,
    )


def approach(sky: Sky, base: IntArray, ready_s: FloatArray, field_count: int) -> Approaches:
    """Find the ways of empty aircraft of one type to every field.

    Parameters
    ----------
    sky : Sky
    base : IntArray, shape (B,)
    ready_s : FloatArray, shape (B,)
        When each aircraft may take off from its base.
    field_count : int
        F, as nobody is picked up at an incident.
    """
    filled_s, air_s, before = _fill(sky, base, ready_s)
    landed_s = (departure_s(filled_s[:, :, None], sky.opens, sky.closes) + sky.flight_s)[
        :, :, :field_count
    ]
    distance_m = sky.distance_m[:, :field_count]
    landed_s[:, distance_m > sky.empty_m] = np.inf
    landed_s[np.arange(len(base)), :, base] = np.inf
    burnt_m = np.where(sky.fuel[:field_count], 0.0, distance_m)
    aircraft, pickup, via = np.nonzero(_unbeaten(landed_s, burnt_m).transpose(0, 2, 1))
    there_s = landed_s[aircraft, via, pickup]
    home = np.flatnonzero(np.isfinite(ready_s))
    order = np.argsort(np.concatenate([aircraft, home]), kind="stable")

    def joined(far: NDArray[Any], at_base: NDArray[Any] | float) -> NDArray[Any]:
        return np.concatenate([far, np.broadcast_to(at_base, home.shape)])[order]

    return Approaches(
        aircraft=joined(aircraft, home),
        pickup=joined(pickup, base[home]),
        via=joined(via, NOWHERE),
        there_s=joined(there_s, ready_s[home]),
        ready_s=joined(there_s + sky.kind.turnaround_s, ready_s[home]),
        tank_m=joined(
            np.where(sky.fuel[pickup], np.inf, sky.empty_m - distance_m[via, pickup]), np.inf
        ),
        air_s=joined(air_s[aircraft, via] + sky.flight_s[via, pickup], 0.0),
        before=before,
    )


def stopovers(sky: Sky, landed_s: FloatArray, reach_m: FloatArray) -> tuple[FloatArray, IntArray]:
    """Go on by way of fields with fuel, G journeys at once.

    Parameters
    ----------
    sky : Sky
    landed_s : FloatArray, shape (G, N)
        When each journey can be at each place without a stop.
    reach_m : FloatArray, shape (G,)
        Range with the journey's load on the fuel it leaves room for.

    Returns
    -------
    landed_s : FloatArray, shape (G, N)
        With stops for fuel where they bring it there sooner.
    before : IntArray, shape (G, N)
        The last stop before each place, :data:`NOWHERE` for none.
    """
    landed_s, before = landed_s.copy(), np.full(landed_s.shape, NOWHERE)
    fuel = np.flatnonzero(sky.fuel)
    while _relax(sky, landed_s, before, reach_m, fuel, fuel):
        pass
    _relax(sky, landed_s, before, reach_m, fuel, np.flatnonzero(~sky.fuel))
    return landed_s, before


def _ways_home(
    legs_s: FloatArray, stops: IntArray, turnaround_s: int
) -> tuple[FloatArray, FloatArray]:
    """Return the least time on the way by any stops, and the time in the air of that way."""
    total_s, air_s = legs_s, legs_s
    for stop in stops:
        by_stop_s = total_s[:, stop, None] + turnaround_s + total_s[None, stop]
        sooner = by_stop_s < total_s
        air_s = np.where(sooner, air_s[:, stop, None] + air_s[None, stop], air_s)
        total_s = np.where(sooner, by_stop_s, total_s)
    return total_s, air_s


def _fill(sky: Sky, base: IntArray, ready_s: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return when each empty aircraft is full at each place, its air time, and the stop before."""
    filled_s = np.full((len(base), len(sky.fuel)), np.inf)
    filled_s[np.arange(len(base)), base] = ready_s
    air_s, before = np.zeros(filled_s.shape), np.full(filled_s.shape, NOWHERE)
    reached = (sky.distance_m <= sky.empty_m) & sky.fuel[None, :]
    while True:
        take_off_s = departure_s(filled_s[:, :, None], sky.opens, sky.closes)
        by_stop = np.where(reached, take_off_s + sky.flight_s + sky.kind.turnaround_s, np.inf)
        stop, best = by_stop.argmin(axis=1), by_stop.min(axis=1)
        sooner = best < filled_s
        if not sooner.any():
            return filled_s, air_s, before
        longer_s = np.take_along_axis(air_s, stop, axis=1)
        longer_s = longer_s + sky.flight_s[stop, np.arange(len(sky.fuel))]
        air_s = np.where(sooner, longer_s, air_s)
        filled_s, before = np.where(sooner, best, filled_s), np.where(sooner, stop, before)


def _unbeaten(landed_s: FloatArray, burnt_m: FloatArray) -> BoolArray:
    """Tell which of the ways (B, via, pickup) no other beats in time and fuel."""
    time, burnt = landed_s[:, :, None, :], burnt_m[None, :, None, :]
    other_time, other_burnt = landed_s[:, None, :, :], burnt_m[None, None, :, :]
    rank = np.arange(landed_s.shape[1])
    earlier = (rank[None, :] < rank[:, None])[None, :, :, None]
    no_worse = (other_time <= time) & (other_burnt <= burnt)
    strictly = (other_time < time) | (other_burnt < burnt) | earlier
    beaten = np.any(no_worse & strictly, axis=2)
    return np.asarray(~beaten & np.isfinite(landed_s))


def _relax(
    sky: Sky,
    landed_s: FloatArray,
    before: IntArray,
    reach_m: FloatArray,
    stops: IntArray,
    goals: IntArray,
) -> bool:
    """Try one more stop on the way to the goals, in place; tell whether it helped."""
    if not (stops.size and goals.size):
        return False
    grid = stops[:, None], goals
    ready_s = landed_s[:, stops] + sky.kind.turnaround_s
    needed_m = (sky.distance_m[grid] + sky.escape_m[goals])[None]
    arrival_s = departure_s(ready_s[:, :, None], sky.opens, sky.closes, grid) + sky.flight_s[grid]
    arrival_s = np.where(needed_m <= reach_m[:, None, None], arrival_s, np.inf)
    best, stop = arrival_s.min(axis=1), stops[arrival_s.argmin(axis=1)]
    sooner = best < landed_s[:, goals]
    landed_s[:, goals] = np.where(sooner, best, landed_s[:, goals])
    before[:, goals] = np.where(sooner, stop, before[:, goals])
    return bool(sooner.any())
