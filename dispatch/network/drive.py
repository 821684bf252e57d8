"""Driving between places: times for all pairs, at any hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from dispatch.network.driver import (
    MS_PER_S,
    Driver,
    FloatArray,
    IntArray,
    access_ms,
    arriving_ms,
    departing_ms,
    staying_ms,
)
from dispatch.network.road import RoadNetwork
from dispatch.network.snap import Snaps
from dispatch.network.timed import TimedWays, timed_ways

STAYS: Final = -1
"""Marks a drive along one link, which leaves it by neither end."""


@dataclass(frozen=True, eq=False)
class Drives:
    """Fastest drives from P origins to Q destinations by one driver.

    Parameters
    ----------
    road : RoadNetwork
    driver : Driver
    origins, destinations : Snaps
    ready_s : FloatArray, shape (P, Q)
        When each drive may begin, in seconds after the start of the scenario.
    time_s : FloatArray, shape (P, Q)
        Whole seconds door to door, waits on the way included, rounded up; inf
        where there is no way.
    leave, enter : IntArray, shape (P, Q)
        End of the first link by which the drive leaves, and of the last by
        which it enters: 0 first junction, 1 second, :data:`STAYS`. Of no
        meaning where ``timed`` is given.
    timed : TimedWays, optional
        The ways where the clock decides.
    """

    road: RoadNetwork
    driver: Driver
    origins: Snaps
    destinations: Snaps
    ready_s: FloatArray
    time_s: FloatArray
    leave: IntArray
    enter: IntArray
    timed: TimedWays | None = None


def drives(
    road: RoadNetwork,
    driver: Driver,
    origins: Snaps,
    destinations: Snaps,
    ready_s: FloatArray | float = 0.0,
) -> Drives:
    """Find the fastest drives between all pairs of places.

    Parameters
    ----------
    road : RoadNetwork
    driver : Driver
    origins, destinations : Snaps
        P and Q places.
    ready_s : FloatArray, shape (P, Q), or float
        When each drive may begin, in whole seconds after the start of the
        scenario; a drive that never begins (inf) is judged as if at the start.
    """
    shape = origins.link.size, destinations.link.size
    ready_s = np.broadcast_to(np.where(np.isfinite(ready_s), ready_s, 0.0), shape)
    if driver.timed_links.size:
        timed = timed_ways(road, driver, origins, destinations, ready_s * MS_PER_S)
        time_s = np.ceil(timed.arrive_ms / MS_PER_S) - ready_s
        leave = enter = np.full(shape, STAYS)
        return Drives(road, driver, origins, destinations, ready_s, time_s, leave, enter, timed)
    best, leave, enter = _by_ends(road, driver, origins, destinations)
    access = access_ms(driver, origins)[:, None] + access_ms(driver, destinations)[None, :]
    time_s = np.ceil((best + access) / MS_PER_S)
    return Drives(road, driver, origins, destinations, ready_s, time_s, leave, enter)


def _by_ends(
    road: RoadNetwork, driver: Driver, origins: Snaps, destinations: Snaps
) -> tuple[FloatArray, IntArray, IntArray]:
    """Return time on the road, end left by and end entered by of the fastest drives."""
    out_ms = departing_ms(road, driver, origins)
    in_ms = arriving_ms(road, driver, destinations)
    out_nodes, out_row = np.unique(road.link_ends[origins.link], return_inverse=True)
    in_nodes, in_row = np.unique(road.link_ends[destinations.link], return_inverse=True)
    between = driver.metric.matrix(out_nodes, in_nodes)
    best = staying_ms(road, driver, origins, destinations)
    leave, enter = np.full(best.shape, STAYS), np.full(best.shape, STAYS)
    for i in range(2):
        for j in range(2):
            via = (
                out_ms[:, i, None]
                + between[out_row[:, i][:, None], in_row[:, j][None, :]]
                + in_ms[None, :, j]
            )
            better = via < best
            best = np.where(better, via, best)
            leave, enter = np.where(better, i, leave), np.where(better, j, enter)
    return best, leave, enter
