"""Parties by rail: bus to a station, high-speed trains, bus to the incident."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.network.paced import PacedDrives
from dispatch.network.rail import RailNetwork
from dispatch.network.rides import RailPolicy, Rides, may_ride, rides
from dispatch.network.shuttle import Onward, Parties, Shuttle, onward, to_stops
from dispatch.network.snap import Snaps, snap

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RailWays:
    """Earliest arrivals by rail of R parties at I incidents.

    Parameters
    ----------
    stations : Snaps
        Shape (S,).
    access : PacedDrives
        From the bases to the stations, shape (R, S).
    rides : Rides
        Between the stations; parties whose kit is too heavy nowhere.
    onward : Onward
        From the stations to the incidents.
    """

    stations: Snaps
    access: PacedDrives
    rides: Rides
    onward: Onward

    @property
    def arrive_s(self) -> FloatArray:
        """Arrival at the incidents, shape (R, I); inf where there is no way."""
        return self.onward.arrive_s


def by_rail(
    rail: RailNetwork,
    shuttle: Shuttle,
    parties: Parties,
    *,
    start_clock_s: int,
    policy: RailPolicy | None = None,
) -> RailWays:
    """Find the earliest arrival of every party at every incident by rail.

    Parameters
    ----------
    rail : RailNetwork
    shuttle : Shuttle
    parties : Parties
    start_clock_s : int
        Time of day at which the scenario starts, in seconds after midnight.
    policy : RailPolicy, optional

    Raises
    ------
    InputError
        If the policy suspends what isn't there.
    """
    policy = RailPolicy() if policy is None else policy
    stations = snap(shuttle.road, rail.lon, rail.lat)
    access = to_stops(shuttle, parties, stations)
    allowed = may_ride(policy, parties.personnel, parties.kit_kg)
    at_station_s = np.where(allowed[:, None], parties.leave_s[:, None] + access.time_s, np.inf)
    found = rides(rail, at_station_s, start_clock_s=start_clock_s, policy=policy)
    return RailWays(stations, access, found, onward(shuttle, stations, found.arrive_s))
