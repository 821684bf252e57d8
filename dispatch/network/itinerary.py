"""Itineraries: the timed legs of a team from leaving its base to its arrival, by any mode.

Legs follow one another without a gap; every total is derived from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from dispatch.network import air_legs, rides
from dispatch.network.by_air import AirWays, landed_s
from dispatch.network.by_rail import RailWays
from dispatch.network.drive import Drives
from dispatch.network.paced import PacedDrives
from dispatch.network.route import Route, routes
from dispatch.network.shuttle import LOCAL_S, Parties, Shuttle, last_drive

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

Mode = Literal["road", "rail", "air"]
MODES: Final[tuple[Mode, ...]] = ("road", "rail", "air")


@dataclass(frozen=True)
class Stop:
    """A place of an itinerary: ``kind`` tells of which rows ``row`` is one.

    ``kind`` is base, incident, station, field or road; the row of a place on
    the road has no meaning.
    """

    kind: str
    row: int


@dataclass(frozen=True)
class TimedLeg:
    """One movement or one wait.

    Parameters
    ----------
    kind : {"wait", "load", "drive", "ride", "fly", "transfer"}
    start_s, end_s : int
        After the start of the scenario.
    origin, destination : Stop
    distance_m : int
    service : str
        Train or lines of a ride, id of an aircraft.
    route : Route, optional
        The way of a drive; of a wait on the road, the drive that it waits for.
    """

    kind: str
    start_s: int
    end_s: int
    origin: Stop
    destination: Stop
    distance_m: int = 0
    service: str = ""
    route: Route | None = None


def road_legs(
    found: Drives, p: int, q: int, ready_s: int, origin: Stop, destination: Stop
) -> tuple[TimedLeg, ...]:
    """Return the legs of a drive, from the time at which it may begin.

    Raises
    ------
    ValueError
        If there is no way.
    """
    driven = routes(found, p, q)
    road = Stop("road", 0)
    stops = [origin, *(road if stage.passages else destination for stage in driven[1:])]
    legs = [TimedLeg("wait", ready_s, driven[0].start_s, origin, origin, route=driven[0])]
    for number, (stage, stop) in enumerate(zip(driven, stops, strict=True)):
        last = number == len(driven) - 1
        ahead = destination if last else stops[number + 1]
        legs.append(
            TimedLeg("drive", stage.start_s, stage.end_s, stop, ahead, stage.length_m, route=stage)
        )
        if not last:
            following = driven[number + 1]
            wait = TimedLeg("wait", stage.end_s, following.start_s, ahead, ahead, route=following)
            legs.append(wait)
    return tuple(leg for leg in legs if leg.kind == "drive" or leg.end_s > leg.start_s)


def rail_legs(
    ways: RailWays, shuttle: Shuttle, parties: Parties, party: int, incident: int
) -> tuple[TimedLeg, ...]:
    """Return the legs of a party that goes by train.

    Raises
    ------
    ValueError
        If no train brings it there.
    """
    station = int(ways.onward.stop[party, incident])
    ridden = rides.legs_of(ways.rides, party, station)
    aboard = [
        TimedLeg(
            leg.kind,
            int(leg.start_s),
            int(leg.end_s),
            Stop("station", leg.origin),
            Stop("station", leg.destination),
            leg.length_m,
            leg.label,
        )
        for leg in ridden
    ]
    there_s = aboard[-1].end_s
    last = last_drive(shuttle, ways.stations, np.array([station]), incident, np.array([there_s]))
    return (
        *_access(ways.access, parties, party, aboard[0].origin),
        *aboard,
        *_local(last, there_s, aboard[-1].destination, Stop("incident", incident)),
    )


def air_legs_of(
    ways: AirWays, shuttle: Shuttle, parties: Parties, mission: int
) -> tuple[TimedLeg, ...]:
    """Return the legs of the party that a mission brings to its incident."""
    found = ways.waves[ways.wave[mission]]
    aircraft, party, incident = (
        int(rows[mission]) for rows in (ways.aircraft, ways.party, ways.incident)
    )
    count, service = len(ways.fields.link), found.fleet.aircraft_id[aircraft]

    def stop(place: int) -> Stop:
        return Stop("field", place) if place < count else Stop("incident", place - count)

    flown = [
        TimedLeg(
            leg.kind,
            leg.start_s,
            leg.end_s,
            stop(leg.origin),
            stop(leg.destination),
            leg.distance_m,
            service,
        )
        for leg in air_legs.legs_of(found, aircraft, party, incident)
    ]
    access = _access(ways.access, parties, party, flown[0].origin)
    landing = flown[-1].destination
    if landing.kind == "incident":
        return (*access, *flown)
    left_s = int(landed_s(ways, mission))
    at = np.array([landing.row]), incident, np.array([left_s])
    last = last_drive(shuttle, ways.fields, *at)
    return (*access, *flown, *_local(last, left_s, landing, Stop("incident", incident)))


def unbeaten(*criteria: Sequence[float] | FloatArray) -> BoolArray:
    """Tell which choices no other beats or equals in everything, shape (K,).

    Parameters
    ----------
    criteria : arrays, shape (K,)
        Arrival, cost, lift used and so on; less is better. Of equals the first
        stays.
    """
    value = np.array([np.asarray(column, float) for column in criteria]).T
    kept = np.ones(len(value), bool)
    for k, row in enumerate(value):
        no_worse = (value <= row).all(axis=1)
        better = no_worse & (value < row).any(axis=1)
        earlier = no_worse & (np.arange(len(value)) < k)
        kept[k] = not (better | earlier).any()
    return kept


def _access(found: PacedDrives, parties: Parties, party: int, stop: Stop) -> tuple[TimedLeg, ...]:
    """Load the bus, and drive it to the first stop."""
    base, leave_s = Stop("base", party), int(parties.leave_s[party])
    load = TimedLeg("load", int(parties.mobilised_s[party]), leave_s, base, base)
    return (load, *road_legs(found.at(party, stop.row), party, stop.row, leave_s, base, stop))


def _local(last: PacedDrives, there_s: int, stop: Stop, incident: Stop) -> tuple[TimedLeg, ...]:
    """Change into the bus that waits there, and drive on."""
    leave_s = there_s + LOCAL_S
    transfer = TimedLeg("transfer", there_s, leave_s, stop, stop)
    return (transfer, *road_legs(last.at(0, 0), 0, 0, leave_s, stop, incident))
