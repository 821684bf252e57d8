"""Teams aboard: from the pick-up to the incident, for all pairs of one aircraft type.

G pairs of aircraft and team are worked on at once. A pair has several ways of
picking the team up (R in all, see :class:`Boardings`); which of them is best
depends on the place where the team is set down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.network.daylight import departure_s
from dispatch.network.sky import NOWHERE, Approaches, Sky, stopovers

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Boardings:
    """R ways of picking teams up, in the order of their G pairs of aircraft and team.

    Parameters
    ----------
    pair : IntArray, shape (R,)
        Ascending.
    pickup, via : IntArray, shape (R,)
    take_off_s, tank_m : FloatArray, shape (R,)
        When the aircraft could leave with the team aboard, and its range then.
    air_s : FloatArray, shape (R,)
        Time in the air until then.
    aircraft, team : IntArray, shape (G,)
    reach_m : FloatArray, shape (G,)
        Range with the team's load wherever there is fuel.
    """

    pair: IntArray
    pickup: IntArray
    via: IntArray
    take_off_s: FloatArray
    tank_m: FloatArray
    air_s: FloatArray
    aircraft: IntArray
    team: IntArray
    reach_m: FloatArray


@dataclass(frozen=True, eq=False)
class Carried:
    """Best flights of G pairs to I incidents; as in :class:`dispatch.network.air.Flights`."""

    aircraft: IntArray
    team: IntArray
    arrive_s: FloatArray
    pickup: IntArray
    via: IntArray
    landing: IntArray
    stops: IntArray
    busy_until_s: FloatArray
    air_s: FloatArray


def board(
    sky: Sky,
    ways: Approaches,
    field_s: FloatArray,
    wanted: BoolArray,
    reach_m: FloatArray,
    teams: IntArray,
) -> Boardings:
    """List the ways in which teams can get aboard.

    Parameters
    ----------
    sky : Sky
    ways : Approaches
    field_s : FloatArray, shape (T, F)
        When each team can be at each field.
    wanted : BoolArray, shape (T, S)
        Which team to try with which approach.
    reach_m : FloatArray, shape (T,)
        Range with each team's load.
    teams : IntArray
        Rows of the teams to list.
    """
    nth, way = np.nonzero(wanted[teams])
    team = teams[nth]
    order = np.lexsort((way, team, ways.aircraft[way]))
    team, way = team[order], way[order]
    aircraft, pickup = ways.aircraft[way], ways.pickup[way]
    first = np.ones(len(way), bool)
    first[1:] = (aircraft[1:] != aircraft[:-1]) | (team[1:] != team[:-1])
    meet_s = np.maximum(ways.there_s[way], field_s[team, pickup])
    return Boardings(
        pair=np.cumsum(first) - 1,
        pickup=pickup,
        via=ways.via[way],
        take_off_s=np.maximum(ways.ready_s[way], meet_s + sky.kind.load_s),
        tank_m=np.minimum(reach_m[team], ways.tank_m[way]),
        air_s=ways.air_s[way],
        aircraft=aircraft[first],
        team=team[first],
        reach_m=reach_m[team[first]],
    )


def carry(sky: Sky, at: Boardings, base: IntArray, last_leg_s: FloatArray, sorties: int) -> Carried:
    """Find where best to set each team down for each incident.

    Parameters
    ----------
    sky : Sky
    at : Boardings
    base : IntArray, shape (B,)
        Where each aircraft belongs.
    last_leg_s : FloatArray, shape (N, I)
        From each landing to each incident on the ground.
    sorties : int
        In how many flights to and fro the team is brought.
    """
    by_row = _straight(sky, at) if sorties == 1 else _shuttle(sky, at, sorties)
    landed_s, row = _soonest(by_row, at.pair)
    stops = np.full(landed_s.shape, NOWHERE)
    if sorties == 1:
        landed_s, stops = stopovers(sky, landed_s, at.reach_m)
    arrive_s = landed_s[:, :, None] + sky.kind.load_s + last_leg_s
    landing = arrive_s.argmin(axis=1)
    pair = np.arange(len(at.team))[:, None]
    chosen, air_s, left_m = _trace(sky, at, row, stops, landing, sorties)
    home_s, home_air_s = _home(sky, landing, left_m, base[at.aircraft][:, None], landed_s)
    return Carried(
        aircraft=at.aircraft,
        team=at.team,
        arrive_s=arrive_s.min(axis=1),
        pickup=at.pickup[chosen],
        via=at.via[chosen],
        landing=landing,
        stops=stops,
        busy_until_s=home_s,
        air_s=np.where(np.isfinite(landed_s[pair, landing]), air_s + home_air_s, 0.0),
    )


def _straight(sky: Sky, at: Boardings) -> FloatArray:
    """Return when each boarding lands at each place without a stop, shape (R, N)."""
    p = at.pickup
    take_off_s = departure_s(at.take_off_s[:, None], sky.opens, sky.closes, p)
    reached = sky.distance_m[p] + sky.escape_m <= at.tank_m[:, None]
    return np.where(reached, take_off_s + sky.flight_s[p], np.inf)


def _shuttle(sky: Sky, at: Boardings, sorties: int) -> FloatArray:
    """Return when the last of several sorties lands at each place, shape (R, N)."""
    p = at.pickup
    out = sky.opens, sky.closes, p
    back = sky.opens.transpose(0, 2, 1), sky.closes.transpose(0, 2, 1), p
    there_m = sky.distance_m[p]
    on_one_tank = 2 * there_m <= at.tank_m[:, None]
    by_fuel = (there_m <= at.tank_m[:, None]) & (there_m <= sky.empty_m) & sky.fuel
    landed_s = departure_s(at.take_off_s[:, None], *out) + sky.flight_s[p]
    for _ in range(sorties - 1):
        for leg in (back, out):
            landed_s = departure_s(landed_s + sky.kind.ground_s, *leg) + sky.flight_s[p]
    return np.where(on_one_tank | by_fuel, landed_s, np.inf)


def _soonest(by_row: FloatArray, pair: IntArray) -> tuple[FloatArray, IntArray]:
    """Return the best of each pair's rows at each place, and which row, both (G, N)."""
    first = np.flatnonzero(np.diff(pair, prepend=-1))
    best = np.minimum.reduceat(by_row, first, axis=0)
    rank = np.where(by_row == best[pair], np.arange(len(pair))[:, None], len(pair))
    return best, np.minimum.reduceat(rank, first, axis=0)


def _trace(
    sky: Sky, at: Boardings, row: IntArray, stops: IntArray, landing: IntArray, sorties: int
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Follow the flights back from their landings, (G, I).

    Returns the row of boarding, the time in the air until the landing, and the
    range left there.
    """
    pair = np.arange(len(landing))[:, None]
    air_s, place, last = np.zeros(landing.shape), landing, stops[pair, landing]
    while (moving := stops[pair, place] != NOWHERE).any():
        stop = stops[pair, place]
        air_s += np.where(moving, sky.flight_s[stop, place], 0.0)
        place = np.where(moving, stop, place)
    chosen = row[pair, place]
    pickup = at.pickup[chosen]
    air_s += at.air_s[chosen] + (2 * sorties - 1) * sky.flight_s[pickup, place]
    by_stop = at.reach_m[:, None] - sky.distance_m[last, landing]
    straight = at.tank_m[chosen] - sky.distance_m[pickup, landing]
    return chosen, air_s, np.where(last != NOWHERE, by_stop, straight)


def _home(
    sky: Sky, landing: IntArray, left_m: FloatArray, base: IntArray, landed_s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return when each aircraft is ready at its base again, and its time in the air, (G, I)."""
    left_m = np.where(sky.fuel[landing], sky.empty_m, left_m)
    fuel = np.flatnonzero(sky.fuel)
    onward_s, onward_air_s = (
        np.where(fuel == base[:, :, None], np.inf, table[fuel, base[:, :, None]])
        for table in (sky.home_s, sky.home_air_s)
    )
    to_stop_s = np.where(
        sky.distance_m[landing[:, :, None], fuel] <= left_m[:, :, None],
        sky.flight_s[landing[:, :, None], fuel],
        np.inf,
    )
    straight_s = np.where(
        sky.distance_m[landing, base] <= left_m, sky.flight_s[landing, base], np.inf
    )[:, :, None]
    way_s = np.concatenate([straight_s, to_stop_s + sky.kind.turnaround_s + onward_s], axis=2)
    way_air_s = np.concatenate([straight_s, to_stop_s + onward_air_s], axis=2)
    best = way_s.argmin(axis=2)[:, :, None]
    there = landing == base
    way_s = np.where(there, 0.0, np.take_along_axis(way_s, best, axis=2)[:, :, 0])
    way_air_s = np.where(there, 0.0, np.take_along_axis(way_air_s, best, axis=2)[:, :, 0])
    free_s = np.take_along_axis(landed_s, landing, axis=1) + sky.kind.ground_s
    leave_s = departure_s(free_s, sky.opens, sky.closes, (landing, base))
    ready_s = np.where(there, free_s, leave_s + way_s + sky.kind.turnaround_s)
    return ready_s, np.where(np.isfinite(ready_s), way_air_s, 0.0)
