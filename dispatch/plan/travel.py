"""Every team to every incident by road: time, length, toll and cost, in arrays.

A convoy that pays toll takes the fastest way of all, or the fastest on which
it pays nothing, whichever costs less when an hour of a vehicle counts
:data:`VEHICLE_YUAN_PER_H`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.network.closures import Closure, closures_of
from dispatch.network.drive import Drives
from dispatch.network.paced import PacedDrives, paced_drives
from dispatch.network.road import RoadNetwork
from dispatch.network.route import lengths_m
from dispatch.network.snap import Snaps, snap
from dispatch.plan.vehicles import Roads, drivers, largest, rates, vehicle_counts
from dispatch.registry import Registry
from dispatch.scenario import Scenario

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

VEHICLE_YUAN_PER_H: Final = 300.0
"""What an hour of one requisitioned vehicle with its crew is worth to its owner (assumption)."""


class Way(NamedTuple):
    """Whose drives, and on which terms.

    ``limits`` is one number for the limits of mass and height that the convoy
    exceeds; ``shuns`` marks the way on which no toll is due.
    """

    profile: str
    pays: bool
    shuns: bool
    limits: int


@dataclass(frozen=True, eq=False)
class Terms:
    """Drives of T teams to I incidents on terms as they hold: with or without the policy.

    Parameters
    ----------
    pays : BoolArray, shape (T,)
    shuns : BoolArray, shape (T, I)
        Whether the convoy goes where no toll is due.
    time_s : FloatArray, shape (T, I)
        inf where there is no way.
    slowest : IntArray, shape (T, I)
        Row of the slowest profile of each convoy.
    length_m, toll_m : IntArray, shape (T, I)
        Of the way of that profile; 0 where there is no way.
    """

    pays: BoolArray
    shuns: BoolArray
    time_s: FloatArray
    slowest: IntArray
    length_m: IntArray
    toll_m: IntArray


@dataclass(frozen=True, eq=False)
class Travel:
    """How T teams reach I incidents by road, each in convoy at its slowest vehicle's pace.

    Parameters
    ----------
    road : RoadNetwork
    destinations : Snaps
        The incidents, joined to the road.
    closures : tuple of Closure
        What closes, slows or limits the roads.
    ready_s : FloatArray, shape (T, I)
        When each team may leave for each incident: the times hold for then.
    drives : dict of Way to PacedDrives
    profiles : tuple of str
    mass_kg : FloatArray, shape (T,)
        Of the heaviest vehicle of each team.
    limits : IntArray, shape (T,)
        Which limits of mass and height each convoy exceeds, in one number.
    free : BoolArray, shape (T,)
        Whether the team passes free of toll under the policy.
    terms : Terms
        Under the policy.
    without_policy_s : FloatArray, shape (T, I)
        As if toll-free passage were not granted.
    toll_yuan, running_yuan : FloatArray, shape (T, I)
        Toll of the whole convoy whether or not it is waived, and running cost.
    """

    road: RoadNetwork
    destinations: Snaps
    closures: tuple[Closure, ...]
    ready_s: FloatArray
    drives: dict[Way, PacedDrives]
    profiles: tuple[str, ...]
    mass_kg: FloatArray
    limits: IntArray
    free: BoolArray
    terms: Terms
    without_policy_s: FloatArray
    toll_yuan: FloatArray
    running_yuan: FloatArray

    @property
    def time_s(self) -> FloatArray:
        """Under the policy, waits for roads to open included, (T, I); inf where there is no way."""
        return self.terms.time_s

    def shut_to(self, team: int) -> tuple[Closure, ...]:
        """Return the closures that concern a team: the mass limits of lighter vehicles do not."""
        return tuple(c for c in self.closures if c.concerns(float(self.mass_kg[team])))

    def profile(self, team: int, incident: int) -> str:
        """Return the slowest profile of a convoy on its way."""
        return self.profiles[int(self.terms.slowest[team, incident])]

    def way(self, team: int, incident: int) -> Drives:
        """Return the drives that hold the way of this team to this incident."""
        way = Way(
            self.profile(team, incident),
            bool(self.terms.pays[team]),
            bool(self.terms.shuns[team, incident]),
            int(self.limits[team]),
        )
        return self.drives[way].at(team, incident)


def travel(
    registry: Registry,
    scenario: Scenario,
    roads: Roads,
    teams: pd.DataFrame,
    destinations: Snaps,
    ready_s: FloatArray,
) -> Travel:
    """Measure every team's way to every incident.

    Parameters
    ----------
    registry : Registry
    scenario : Scenario
        Policy, closures, weather and hour.
    roads : Roads
    teams : DataFrame
        Rows of ``registry.teams`` in the order of the result.
    destinations : Snaps
        The I incidents.
    ready_s : FloatArray, shape (T, I)
        When each team may leave, in whole seconds after the start of the
        scenario; teams that never may (inf) are judged as if at the start.
    """
    road = roads.network
    base = snap(road, teams["lon"].to_numpy(float), teams["lat"].to_numpy(float))
    vehicles = vehicle_counts(registry, teams)
    shut = closures_of(road, scenario.closures)
    mass_kg, height_m = (largest(registry, vehicles, name) for name in ("mass_kg", "height_m"))
    limits = _limits_exceeded(road, shut, mass_kg, height_m)
    exempt = teams["toll_exempt"].eq("yes").to_numpy(bool)
    free = exempt | scenario.policy.toll_free
    found = {
        way: paced_drives(
            road,
            drivers(
                registry,
                scenario,
                roads,
                way.profile,
                pays=way.pays,
                closures=(*shut, _tolled(road)) if way.shuns else shut,
                mass_kg=float(mass_kg[limits == way.limits].max()),
                height_m=float(height_m[limits == way.limits].max()),
            ),
            base,
            destinations,
            ready_s,
        )
        for way in _ways(vehicles, limits, exempt, free)
    }
    rate = rates(registry, vehicles)
    convoys = _Convoys(found, ready_s.shape, vehicles, limits, rate["toll"].to_numpy())
    terms = convoys.terms(~free)
    return Travel(
        road=road,
        destinations=destinations,
        closures=shut,
        ready_s=ready_s,
        drives=found,
        profiles=tuple(vehicles.columns),
        mass_kg=mass_kg,
        limits=limits,
        free=free,
        terms=terms,
        without_policy_s=convoys.terms(~exempt).time_s if (free & ~exempt).any() else terms.time_s,
        toll_yuan=terms.toll_m / 1000 * rate["toll"].to_numpy()[:, None],
        running_yuan=terms.length_m / 1000 * rate["running"].to_numpy()[:, None],
    )


def _ways(
    vehicles: pd.DataFrame, limits: IntArray, exempt: BoolArray, free: BoolArray
) -> Iterator[Way]:
    """Yield the ways that some convoy takes or might take."""
    for profile in vehicles.columns:
        member = vehicles[profile].to_numpy() > 0
        for level in np.unique(limits[member]).tolist():
            here = member & (limits == level)
            if (here & free).any():
                yield Way(profile, False, False, level)
            if (here & ~exempt).any():
                yield Way(profile, True, False, level)
                yield Way(profile, True, True, level)


def _tolled(road: RoadNetwork) -> Closure:
    """Close every tolled link, for those who will not pay."""
    link = np.flatnonzero(road.link_toll)
    return Closure(
        name="toll",
        link=link,
        begin=np.zeros(len(link)),
        end=np.ones(len(link)),
        node=np.empty(0, np.int64),
        factor=0.0,
        max_mass_kg=0.0,
        from_s=0.0,
        until_s=np.inf,
    )


@dataclass(frozen=True, eq=False)
class _Convoys:
    """Drives of all ways, vehicles by profile (T, K), limits and toll per km of convoys (T,)."""

    found: dict[Way, PacedDrives]
    shape: tuple[int, ...]
    vehicles: pd.DataFrame
    limits: IntArray
    toll_yuan_per_km: FloatArray

    def terms(self, pays: BoolArray) -> Terms:
        """Return the drives where some pay; those choose by time and money."""
        fast = self._terms(pays, shuns=False)
        if not pays.any():
            return fast
        slow = self._terms(pays, shuns=True)
        shuns = pays[:, None] & (self._yuan(slow) < self._yuan(fast))
        chosen = {
            name: np.where(shuns, getattr(slow, name), getattr(fast, name))
            for name in ("time_s", "slowest", "length_m", "toll_m")
        }
        return Terms(pays=pays, shuns=shuns, **chosen)

    def _yuan(self, terms: Terms) -> FloatArray:
        count = np.maximum(self.vehicles.to_numpy().sum(axis=1)[:, None], 1)
        hours_yuan = terms.time_s / 3600 * count * VEHICLE_YUAN_PER_H
        yuan: FloatArray = hours_yuan + terms.toll_m / 1000 * self.toll_yuan_per_km[:, None]
        return yuan

    def _terms(self, pays: BoolArray, shuns: bool) -> Terms:
        """Return each convoy's drives at the pace of its slowest vehicle."""
        by_profile = np.stack(
            [self._times_of(k, pays, shuns) for k in range(len(self.vehicles.columns))]
        )
        slowest = by_profile.argmax(axis=0)
        length_m, toll_m = self._lengths(slowest, pays, shuns)
        return Terms(
            pays=pays,
            shuns=np.broadcast_to(shuns & pays[:, None], self.shape),
            # whoever has no vehicle does not drive
            time_s=np.where(
                self.vehicles.to_numpy().sum(axis=1, keepdims=True) > 0,
                by_profile.max(axis=0),
                np.inf,
            ),
            slowest=slowest,
            length_m=length_m,
            toll_m=toll_m,
        )

    def _times_of(self, k: int, pays: BoolArray, shuns: bool) -> FloatArray:
        """Return the time of one profile for each team, (T, I); -1 for teams without it."""
        time_s = np.full(self.shape, -1.0)
        for rows, drive in self._drives_of(k, pays, shuns):
            time_s[rows] = drive.time_s[rows]
        return time_s

    def _drives_of(
        self, k: int, pays: BoolArray, shuns: bool
    ) -> Iterator[tuple[BoolArray, PacedDrives]]:
        """Yield which teams, (T,), have the profile k and go by which drives."""
        member = self.vehicles.to_numpy()[:, k] > 0
        for way, drive in self.found.items():
            if way.profile == self.vehicles.columns[k] and way.shuns == (shuns and way.pays):
                yield member & (pays == way.pays) & (self.limits == way.limits), drive

    def _lengths(
        self, slowest: IntArray, pays: BoolArray, shuns: bool
    ) -> tuple[IntArray, IntArray]:
        """Return whole and tolled length of the slowest vehicle's way, both (T, I)."""
        whole, tolled = np.zeros_like(slowest), np.zeros_like(slowest)
        for k in range(len(self.vehicles.columns)):
            for rows, drive in self._drives_of(k, pays, shuns):
                for found, dark in ((drive.day, False), (drive.night, True)):
                    mine = (slowest == k) & rows[:, None] & (drive.by_night == dark)
                    p, q = np.nonzero(mine & np.isfinite(found.time_s))
                    whole[p, q], tolled[p, q] = lengths_m(found, p, q)
        return whole, tolled


def _limits_exceeded(
    road: RoadNetwork, closures: Sequence[Closure], mass_kg: FloatArray, height_m: FloatArray
) -> IntArray:
    """Return a number for the limits of mass and height that each convoy exceeds, (T,).

    A convoy stays together: where its heaviest or tallest vehicle may not pass,
    none does.
    """
    told_kg = [closure.max_mass_kg for closure in closures if closure.max_mass_kg > 0]
    masses = np.unique([*told_kg, *road.link_max_mass_kg[np.isfinite(road.link_max_mass_kg)]])
    heights = np.unique(road.link_max_height_m[np.isfinite(road.link_max_height_m)])
    too_heavy = np.searchsorted(masses, mass_kg, side="left")
    too_tall = np.searchsorted(heights, height_m, side="left")
    return (too_heavy * (len(heights) + 1) + too_tall).astype(np.int64)
