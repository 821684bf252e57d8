"""The options of the dispatch problem: all ways of all teams, and the lift that they use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.network.itinerary import MODES
from dispatch.network.paced import PacedDrives
from dispatch.network.rail import RailNetwork
from dispatch.network.rides import RailLeg, legs_of
from dispatch.network.route import lengths_m
from dispatch.network.shuttle import Shuttle, last_drive
from dispatch.network.snap import Snaps
from dispatch.plan.journeys import BUS, Journeys, buses
from dispatch.plan.travel import Travel
from dispatch.registry import Registry

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ROAD, RAIL, AIR = range(len(MODES))

SEATS: Final = 120
"""Seats of a scheduled train that can be cleared for rescuers (assumption)."""
SPECIAL_SEATS: Final = 560
"""Seats of an emergency train of eight cars (assumption)."""
FARE_YUAN_PER_KM: Final = 0.46
"""Second class at 300 km/h, for each person (assumption: a usual fare)."""
HOUR_S: Final = 3600


@dataclass(frozen=True)
class Use:
    """So much of a lift from one moment until another."""

    lift: str
    capacity: int
    quantity: int
    from_s: int
    until_s: int


@dataclass(frozen=True, eq=False)
class Options:
    """O options, in the order of team, incident, mode and arrival.

    Parameters
    ----------
    team, incident : IntArray, shape (O,)
    mode : IntArray, shape (O,)
        Row of :data:`dispatch.network.itinerary.MODES`.
    journey : IntArray, shape (O,)
        By rail the party, by air the mission, by road -1.
    arrive_s, cost_yuan : IntArray, shape (O,)
    uses : tuple of tuple of Use, length O
    """

    team: IntArray
    incident: IntArray
    mode: IntArray
    journey: IntArray
    arrive_s: IntArray
    cost_yuan: IntArray
    uses: tuple[tuple[Use, ...], ...]


@dataclass(frozen=True, eq=False)
class _Block:
    """The options of one mode."""

    team: IntArray
    incident: IntArray
    journey: IntArray
    arrive_s: FloatArray
    cost_yuan: FloatArray
    uses: Sequence[tuple[Use, ...]]


def options_of(
    registry: Registry,
    teams: pd.DataFrame,
    way: Travel,
    found: Journeys | None,
    *,
    by_road: bool = True,
) -> Options:
    """Gather the options of all modes.

    Parameters
    ----------
    registry : Registry
    teams : DataFrame
        T rows, as in the problem.
    way : Travel
    found : Journeys or None
    by_road : bool
        Whether the policy allows the road.
    """
    blocks = {ROAD: _by_road(way, by_road)}
    if found is not None and found.rail is not None:
        blocks[RAIL] = _by_rail(registry, found)
    if found is not None and found.air is not None:
        blocks[AIR] = _by_air(registry, found)
    day_yuan = teams["compensation_yuan_per_day"].to_numpy(float)
    columns = {
        name: np.concatenate([getattr(block, name) for block in blocks.values()])
        for name in ("team", "incident", "journey", "arrive_s", "cost_yuan")
    }
    mode = np.concatenate([np.full(len(block.team), m) for m, block in blocks.items()])
    uses = [use for block in blocks.values() for use in block.uses]
    team, incident = columns["team"], columns["incident"]
    order = np.lexsort((columns["journey"], columns["arrive_s"], mode, incident, team))
    cost_yuan = columns["cost_yuan"] + day_yuan[team]
    return Options(
        team=team[order],
        incident=incident[order],
        mode=mode[order],
        journey=columns["journey"][order],
        arrive_s=columns["arrive_s"][order].astype(np.int64),
        cost_yuan=np.rint(cost_yuan[order]).astype(np.int64),
        uses=tuple(uses[k] for k in order),
    )


def _by_road(way: Travel, allowed: bool) -> _Block:
    arrive_s = way.ready_s + way.time_s
    team, incident = np.nonzero(np.isfinite(arrive_s) & allowed)
    toll_yuan = np.where(way.free[:, None], 0.0, way.toll_yuan)
    return _Block(
        team=team,
        incident=incident,
        journey=np.full(len(team), -1),
        arrive_s=arrive_s[team, incident],
        cost_yuan=(way.running_yuan + toll_yuan)[team, incident],
        uses=[()] * len(team),
    )


def _by_rail(registry: Registry, found: Journeys) -> _Block:
    ways = found.rail_ways
    rides = ways.rides
    party, incident = np.nonzero(np.isfinite(ways.arrive_s))
    station = ways.onward.stop[party, incident]
    personnel = found.parties.personnel
    ridden = [
        [leg for leg in legs_of(rides, r, s) if leg.kind == "ride"]
        for r, s in zip(party.tolist(), station.tolist(), strict=True)
    ]
    per_hour = _trains_per_hour(rides.rail)
    uses = [
        tuple(_seats(leg, per_hour, size) for leg in legs)
        for legs, size in zip(ridden, personnel[party].tolist(), strict=True)
    ]
    fits = np.array([all(u.quantity <= u.capacity for u in use) for use in uses], bool)
    first = np.array([legs[0].origin for legs in ridden], np.int64)
    there_s = rides.arrive_s[party, station]
    rail_km = np.array([sum(leg.length_m for leg in legs) / 1000 for legs in ridden])
    bus_km = _bus_km(found, ways.access, ways.stations, party, first, station, incident, there_s)
    yuan = bus_km @ _bus_rate(registry, found.pays) * buses(personnel[party])
    yuan = yuan + rail_km * FARE_YUAN_PER_KM * personnel[party]
    kept = np.flatnonzero(fits)
    return _Block(
        team=found.team[party[kept]],
        incident=incident[kept],
        journey=party[kept],
        arrive_s=ways.arrive_s[party, incident][kept],
        cost_yuan=yuan[kept],
        uses=[uses[k] for k in kept],
    )


def _trains_per_hour(rail: RailNetwork) -> dict[tuple[str, int], int]:
    """Return how many trains of one label leave a station within an hour: of the rarest."""
    found: dict[tuple[str, int], int] = {}
    for arc in np.flatnonzero(~rail.special).tolist():
        key, headway_s = (rail.label[arc], int(rail.tail[arc])), float(rail.headway_s[arc])
        trains = max(1, int(HOUR_S // headway_s)) if headway_s else 1
        found[key] = min(trains, found.get(key, trains))
    return found


def _seats(leg: RailLeg, per_hour: dict[tuple[str, int], int], people: int) -> Use:
    """Take seats of the trains that leave a station over the same lines within an hour."""
    hour = int(leg.start_s) // HOUR_S
    kind, capacity = "special", SPECIAL_SEATS
    if not leg.special:
        kind, capacity = "train", SEATS * per_hour[leg.label, leg.origin]
    lift = f"{kind}/{leg.label}/{leg.origin}/{hour}"
    return Use(lift, capacity, people, hour * HOUR_S, (hour + 1) * HOUR_S)


def _by_air(registry: Registry, found: Journeys) -> _Block:
    ways = found.air_ways
    count = len(ways.fields.link)
    here = ways.aircraft, ways.party, ways.incident
    pickup, landing = np.zeros_like(ways.party), np.zeros_like(ways.party)
    last_s = np.zeros(len(ways.party))
    for w, flown in enumerate(ways.waves):
        rows = np.flatnonzero(ways.wave == w)
        at = tuple(index[rows] for index in here)
        pickup[rows], landing[rows] = flown.pickup[at], flown.landing[at]
        by_bus = landing[rows] < count
        road_s = flown.places.sites.road_s[np.where(by_bus, landing[rows], 0), at[2]]
        last_s[rows] = flown.arrive_s[at] - np.where(by_bus, road_s, 0.0)
    bus_km = _bus_km(
        found, ways.access, ways.fields, ways.party, pickup, landing, ways.incident, last_s
    )
    personnel = found.parties.personnel[ways.party]
    yuan = bus_km @ _bus_rate(registry, found.pays) * buses(personnel) + ways.cost_yuan
    fleet = ways.waves[0].fleet.aircraft_id
    return _Block(
        team=found.team[ways.party],
        incident=ways.incident,
        journey=np.arange(len(ways.party)),
        arrive_s=ways.arrive_s,
        cost_yuan=yuan,
        uses=[
            (Use(f"aircraft/{fleet[a]}", 1, 1, int(start_s), int(end_s)),)
            for a, start_s, end_s in zip(
                ways.aircraft.tolist(), ways.busy_from_s, ways.busy_until_s, strict=True
            )
        ],
    )


def _bus_rate(registry: Registry, pays: bool) -> FloatArray:
    """Return yuan for a km and for a tolled km of one bus, shape (2,)."""
    profile = registry["network/profiles"].loc[BUS]
    toll = registry["network/toll_rates"].at[profile["toll_class"], "yuan_per_km"]
    return np.array([profile["cost_yuan_per_km"], toll if pays else 0.0], float)


def _bus_km(
    found: Journeys,
    access: PacedDrives,
    stops: Snaps,
    party: IntArray,
    first: IntArray,
    last: IntArray,
    incident: IntArray,
    there_s: FloatArray,
) -> FloatArray:
    """Return km and tolled km by bus at both ends, shape (K, 2); no bus from the spot itself."""
    metres = _metres(access, party, first)
    by_bus = last < len(stops.link)
    for i in np.unique(incident).tolist():
        rows = np.flatnonzero((incident == i) & by_bus)
        if rows.size:
            driven = _last(found.shuttle, stops, last[rows], i, there_s[rows])
            metres[rows] += _metres(driven, np.arange(len(rows)), np.zeros(len(rows), np.int64))
    return metres / 1000


def _last(
    shuttle: Shuttle, stops: Snaps, stop: IntArray, incident: int, there_s: FloatArray
) -> PacedDrives:
    return last_drive(shuttle, stops, stop, incident, there_s)


def _metres(drive: PacedDrives, p: IntArray, q: IntArray) -> FloatArray:
    """Return whole and tolled length of some pairs, shape (K, 2)."""
    metres = np.zeros((len(p), 2))
    dark = drive.by_night[p, q]
    for found, rows in (
        (drive.day, np.flatnonzero(~dark)),
        (drive.night, np.flatnonzero(dark)),
    ):
        if rows.size:
            metres[rows] = np.stack(lengths_m(found, p[rows], q[rows]), axis=1)
    return metres
