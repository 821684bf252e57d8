"""How trucks drive between depots, suppliers, hubs and shelters, day by day."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.network.closures import Closure, closures_of
from dispatch.network.paced import PacedDrives, paced_drives
from dispatch.network.route import lengths_m, route
from dispatch.network.snap import Snaps
from dispatch.plan.pace import is_night
from dispatch.plan.vehicles import Roads, drivers
from dispatch.registry import Registry
from dispatch.scenario import Scenario

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

S_PER_H: Final = 3600
DAY_BEGINS_H: Final = 6
"""Trucks leave from this hour of local time on, the first day as soon as the plan starts."""

ON_HAND_H: Final = 14
"""Goods that reach a hub by this hour can be brought to the shelters on the same day."""

REST_AFTER_S: Final = 4 * S_PER_H
REST_S: Final = 20 * 60
"""Rest of 20 minutes after 4 hours at the wheel (Regulation on the Implementation of the
Road Traffic Safety Law, article 62)."""


@dataclass(frozen=True)
class Calendar:
    """The days of a supply plan in seconds after the start of the scenario."""

    begins_s: tuple[int, ...]
    on_hand_s: tuple[int, ...]

    def day_of_arrival(self, arrive_s: float) -> int | None:
        """Return the first day on which goods that arrive then are on hand; None after the last."""
        for day, limit_s in enumerate(self.on_hand_s):
            if arrive_s <= limit_s:
                return day
        return None


def calendar(scenario_start: datetime, start: datetime, days: int) -> Calendar:
    """Lay out the days: the first begins with the plan, each other at :data:`DAY_BEGINS_H`."""
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)

    def seconds(day: int, hour: int) -> int:
        return int((midnight + timedelta(days=day, hours=hour) - scenario_start).total_seconds())

    first = int((start - scenario_start).total_seconds())
    return Calendar(
        begins_s=(first, *(seconds(day, DAY_BEGINS_H) for day in range(1, days))),
        on_hand_s=tuple(seconds(day, ON_HAND_H) for day in range(days)),
    )


class DrivenWay(NamedTuple):
    """A way by road as it is drawn (lon and lat in EPSG:4326), and the numbers of its roads."""

    line: tuple[tuple[float, float], ...]
    roads: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TruckDrives:
    """Drives of one kind of truck from P places to Q places.

    Parameters
    ----------
    found : PacedDrives
    time_s : FloatArray, shape (P, Q)
        Rests included; inf where there is no way.
    length_m, toll_m : IntArray, shape (P, Q)
        0 where there is no way.
    """

    found: PacedDrives
    time_s: FloatArray
    length_m: IntArray
    toll_m: IntArray

    def way(self, p: int, q: int) -> DrivenWay:
        """Return the way of one pair."""
        found = route(self.found.at(p, q), p, q)
        return DrivenWay(tuple((lon, lat) for lon, lat in found.line), found.roads)


@dataclass(frozen=True, eq=False)
class TruckRoads:
    """The roads of a scenario, with what closes them, for any kind of truck.

    Drives that have been looked for are kept, as hubs ask for the same ones day after day.
    """

    registry: Registry
    scenario: Scenario
    roads: Roads
    shut: tuple[Closure, ...]
    known: dict[Hashable, TruckDrives] = field(default_factory=dict, init=False, repr=False)

    @property
    def pays(self) -> bool:
        """Whether trucks with supplies pay toll."""
        return not self.scenario.policy.toll_free

    @property
    def changes(self) -> bool:
        """Whether any road opens or closes with the clock."""
        return any(c.from_s > 0 or np.isfinite(c.until_s) for c in self.shut)

    def drives(
        self, profile: str, origins: Snaps, destinations: Snaps, ready_s: float
    ) -> TruckDrives:
        """Find the drives of a profile that begin at a time."""
        moment = ready_s if self.changes else bool(is_night(self.scenario.start, ready_s))
        ends = tuple(a.tobytes() for s in (origins, destinations) for a in (s.lon, s.lat))
        key = profile, moment, ends
        if key not in self.known:
            self.known[key] = self._drives(profile, origins, destinations, ready_s)
        return self.known[key]

    def _drives(
        self, profile: str, origins: Snaps, destinations: Snaps, ready_s: float
    ) -> TruckDrives:
        found = paced_drives(
            self.roads.network,
            drivers(
                self.registry,
                self.scenario,
                self.roads,
                profile,
                pays=self.pays,
                closures=self.shut,
            ),
            origins,
            destinations,
            ready_s,
        )
        length_m, toll_m = _lengths(found)
        return TruckDrives(found, rested_s(found.time_s), length_m, toll_m)


def truck_roads(registry: Registry, scenario: Scenario, roads: Roads) -> TruckRoads:
    """Take up the closures of a scenario."""
    return TruckRoads(registry, scenario, roads, closures_of(roads.network, scenario.closures))


def rested_s(drive_s: FloatArray) -> FloatArray:
    """Add the rests that drivers must take on the way; the last stretch needs none after it."""
    rests = np.maximum(np.ceil(drive_s / REST_AFTER_S) - 1, 0)
    return np.where(np.isfinite(drive_s), drive_s + REST_S * rests, np.inf)


def _lengths(found: PacedDrives) -> tuple[IntArray, IntArray]:
    whole, tolled = (np.zeros(found.by_night.shape, np.int64) for _ in range(2))
    for drives, dark in ((found.day, False), (found.night, True)):
        p, q = np.nonzero((found.by_night == dark) & np.isfinite(drives.time_s))
        whole[p, q], tolled[p, q] = lengths_m(drives, p, q)
    return whole, tolled


def joined(snaps: Sequence[Snaps]) -> Snaps:
    """Put places one behind the other."""
    names = ("lon", "lat", "link", "fraction", "access_m")
    return Snaps(*(np.concatenate([getattr(one, name) for one in snaps]) for name in names))
