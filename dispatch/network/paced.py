"""Drives by day and by night: each keeps the pace of the moment at which it may begin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.network.drive import Drives, drives
from dispatch.network.driver import Driver
from dispatch.network.road import RoadNetwork
from dispatch.network.snap import Snaps

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Dark = Callable[[FloatArray], BoolArray]
"""Tells which seconds after the start of the scenario lie in the night."""


@dataclass(frozen=True, eq=False)
class Drivers:
    """One kind of vehicle by day and by night, and when it is night."""

    day: Driver
    night: Driver
    dark: Dark


@dataclass(frozen=True, eq=False)
class PacedDrives:
    """Drives of which some keep the pace of the day and others that of the night.

    Parameters
    ----------
    day, night : Drives
        Both for all pairs; the same where no drive begins by night.
    by_night : BoolArray, shape (P, Q)
    """

    day: Drives
    night: Drives
    by_night: BoolArray

    @property
    def time_s(self) -> FloatArray:
        """Whole seconds door to door, shape (P, Q); inf where there is no way."""
        return np.where(self.by_night, self.night.time_s, self.day.time_s)

    def at(self, p: int, q: int) -> Drives:
        """Return the drives that hold the way of one pair."""
        return self.night if self.by_night[p, q] else self.day


def paced_drives(
    road: RoadNetwork,
    drivers: Drivers,
    origins: Snaps,
    destinations: Snaps,
    ready_s: FloatArray | float = 0.0,
) -> PacedDrives:
    """Find the fastest drives, see :func:`dispatch.network.drive.drives`."""
    shape = origins.link.size, destinations.link.size
    ready_s = np.broadcast_to(np.where(np.isfinite(ready_s), ready_s, 0.0), shape)
    by_night = drivers.dark(ready_s)
    if not by_night.any():
        day = drives(road, drivers.day, origins, destinations, ready_s)
        return PacedDrives(day, day, by_night)
    night = drives(road, drivers.night, origins, destinations, ready_s)
    if by_night.all():
        return PacedDrives(night, night, by_night)
    return PacedDrives(drives(road, drivers.day, origins, destinations, ready_s), night, by_night)
