"""Buses at both ends of a journey: from the base to a stop, and from a stop to the incident.

A *party* is a team that leaves its own vehicles behind. A *stop* is a railway
station or an airfield::

    base ----bus----> stop ~~ train or aircraft ~~> stop --bus--> incident
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dispatch.network.drive import drives
from dispatch.network.paced import Drivers, PacedDrives, paced_drives
from dispatch.network.road import RoadNetwork
from dispatch.network.snap import Snaps

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LOAD_S: Final = 600
"""From mobilised to under way: what is carried goes into the bus (assumption)."""

LOCAL_S: Final = 1200
"""Until the bus that the county sends to the stop has been boarded (assumption)."""

TRIED: Final = 3
"""Stops tried for the last stretch where roads open and close with the clock."""


@dataclass(frozen=True, eq=False)
class Parties:
    """R teams, each at the moment at which it may leave without its vehicles.

    Parameters
    ----------
    base : Snaps
        Where they are, shape (R,).
    mobilised_s : FloatArray, shape (R,)
        Whole seconds after the start.
    personnel : IntArray, shape (R,)
    kit_kg : FloatArray, shape (R,)
    """

    base: Snaps
    mobilised_s: FloatArray
    personnel: IntArray
    kit_kg: FloatArray

    @property
    def leave_s(self) -> FloatArray:
        """When the loaded bus leaves, shape (R,)."""
        leave: FloatArray = self.mobilised_s + LOAD_S
        return leave


@dataclass(frozen=True, eq=False)
class Shuttle:
    """The buses of a scenario.

    Parameters
    ----------
    road : RoadNetwork
    bus : Drivers
        With every closure.
    hopeful : Drivers
        The same without the closures that come and go: never slower.
    destinations : Snaps
        The I incidents.
    """

    road: RoadNetwork
    bus: Drivers
    hopeful: Drivers
    destinations: Snaps

    @property
    def by_clock(self) -> bool:
        """Whether roads open and close with the clock."""
        return bool(self.bus.day.timed_links.size)


@dataclass(frozen=True, eq=False)
class Onward:
    """The last stretch of R parties to I incidents.

    Parameters
    ----------
    arrive_s : FloatArray, shape (R, I)
        inf where there is no way.
    stop : IntArray, shape (R, I)
        Where the bus is taken; of no meaning without a way.
    """

    arrive_s: FloatArray
    stop: IntArray


def to_stops(shuttle: Shuttle, parties: Parties, stops: Snaps) -> PacedDrives:
    """Drive every party to every stop, shape (R, S)."""
    leave_s = parties.leave_s[:, None]
    return paced_drives(shuttle.road, shuttle.bus, parties.base, stops, leave_s)


def onward(shuttle: Shuttle, stops: Snaps, there_s: FloatArray) -> Onward:
    """Find the stop from which each party is at each incident first.

    Where the clock decides about roads, the :data:`TRIED` stops that would be
    best if they were open are tried in earnest.

    Parameters
    ----------
    shuttle : Shuttle
    stops : Snaps
    there_s : FloatArray, shape (R, S)
        When each party steps out at each stop; inf where it doesn't.
    """
    hoped_s = _hoped(shuttle, stops, there_s)
    if not shuttle.by_clock:
        stop = hoped_s.argmin(axis=1)
        return Onward(np.take_along_axis(hoped_s, stop[:, None], axis=1)[:, 0], stop)
    order = np.argsort(hoped_s, axis=1, kind="stable")[:, :TRIED]
    tried = [_through(shuttle, stops, there_s, order[:, k]) for k in range(order.shape[1])]
    arrive_s = np.stack(tried)
    best = arrive_s.argmin(axis=0)[None]
    stop = np.take_along_axis(order.transpose(1, 0, 2), best, axis=0)[0]
    return Onward(np.take_along_axis(arrive_s, best, axis=0)[0], stop)


def last_drive(
    shuttle: Shuttle, stops: Snaps, stop: IntArray, incident: int, there_s: FloatArray
) -> PacedDrives:
    """Drive K parties from the stops at which they step out to one incident, shape (K, 1)."""
    return paced_drives(
        shuttle.road,
        shuttle.bus,
        _rows(stops, stop),
        _rows(shuttle.destinations, np.array([incident])),
        (there_s + LOCAL_S)[:, None],
    )


def _hoped(shuttle: Shuttle, stops: Snaps, there_s: FloatArray) -> FloatArray:
    """Return the earliest arrivals through each stop if no road opens or closes, (R, S, I)."""
    road, goals = shuttle.road, shuttle.destinations
    leave_s = there_s + LOCAL_S
    dark = shuttle.hopeful.dark(np.where(np.isfinite(leave_s), leave_s, 0.0))
    day, night = (
        drives(road, driver, stops, goals).time_s
        for driver in (shuttle.hopeful.day, shuttle.hopeful.night)
    )
    return leave_s[:, :, None] + np.where(dark[:, :, None], night, day)


def _through(shuttle: Shuttle, stops: Snaps, there_s: FloatArray, stop: IntArray) -> FloatArray:
    """Return when each party is at each incident through given stops, (R, I)."""
    at_s = np.take_along_axis(there_s, stop, axis=1)
    arrive_s = np.full(stop.shape, np.inf)
    for incident in range(stop.shape[1]):
        rows = np.flatnonzero(np.isfinite(at_s[:, incident]))
        if rows.size:
            leave_s = at_s[rows, incident]
            driven = last_drive(shuttle, stops, stop[rows, incident], incident, leave_s)
            arrive_s[rows, incident] = leave_s + LOCAL_S + driven.time_s[:, 0]
    return arrive_s


def _rows(places: Snaps, rows: IntArray) -> Snaps:
    return Snaps(
        lon=places.lon[rows],
        lat=places.lat[rows],
        link=places.link[rows],
        fraction=places.fraction[rows],
        access_m=places.access_m[rows],
    )
