"""Every team to every incident: time, length, toll and cost, in arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.network.closures import Closure, closures_of
from dispatch.network.drive import Drives, drives
from dispatch.network.driver import Driver, driver_of
from dispatch.network.engine import Engine, build_engine
from dispatch.network.road import RoadNetwork, build_road_network, link_times_ms
from dispatch.network.route import lengths_m
from dispatch.network.snap import Snaps, snap
from dispatch.registry import Registry
from dispatch.scenario import ClosureSpec

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Way = tuple[str, bool, int]
"""Vehicle profile, whether it pays toll, how many mass limits its convoy exceeds."""


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
    drives : dict of (str, bool, int) to Drives
        By vehicle profile, whether it pays toll, and how many of the mass
        limits on the roads the heaviest vehicle of its convoy exceeds.
    mass_kg : FloatArray, shape (T,)
        Of the heaviest vehicle of each team.
    limits : IntArray, shape (T,)
        How many of the mass limits each convoy exceeds.
    profile : tuple of tuple of str, shape (T, I)
        The slowest profile of each team on its way to each incident.
    free : BoolArray, shape (T,)
        Whether the team passes free of toll under the policy.
    exempt : BoolArray, shape (T,)
        Whether it would pass free by law without any policy.
    time_s, without_policy_s : FloatArray, shape (T, I)
        Under the policy, and as if toll-free passage were not granted, waits
        for roads to open included; inf where there is no way.
    length_m, toll_m : IntArray, shape (T, I)
        0 where there is no way.
    toll_yuan, running_yuan : FloatArray, shape (T, I)
        Toll of the whole convoy whether or not it is waived, and running cost.
    """

    road: RoadNetwork
    destinations: Snaps
    closures: tuple[Closure, ...]
    ready_s: FloatArray
    drives: dict[Way, Drives]
    mass_kg: FloatArray
    limits: IntArray
    profile: tuple[tuple[str, ...], ...]
    free: BoolArray
    exempt: BoolArray
    time_s: FloatArray
    without_policy_s: FloatArray
    length_m: IntArray
    toll_m: IntArray
    toll_yuan: FloatArray
    running_yuan: FloatArray

    def shut_to(self, team: int) -> tuple[Closure, ...]:
        """Return the closures that concern a team: the mass limits of lighter vehicles do not."""
        return tuple(c for c in self.closures if c.concerns(float(self.mass_kg[team])))

    def way(self, team: int, incident: int) -> Drives:
        """Return the drives that hold the way of this team to this incident."""
        profile, pays = self.profile[team][incident], not bool(self.free[team])
        return self.drives[profile, pays, int(self.limits[team])]


def travel(
    registry: Registry,
    teams: pd.DataFrame,
    incidents: pd.DataFrame,
    *,
    toll_free: bool,
    ready_s: FloatArray | float = 0.0,
    closures: Sequence[ClosureSpec] = (),
    backend: str = "auto",
) -> Travel:
    """Measure every team's way to every incident.

    Parameters
    ----------
    registry : Registry
    teams : DataFrame
        Rows of ``registry.teams`` in the order of the result.
    incidents : DataFrame
        With columns lon and lat, EPSG:4326.
    toll_free : bool
        Whether the policy frees every rescue vehicle of toll.
    ready_s : FloatArray, shape (T, I), or float
        When each team may leave, in whole seconds after the start of the
        scenario; teams that never may (inf) are judged as if at the start.
    closures : sequence of ClosureSpec
        Those of railways and airfields are of no interest here.
    backend : str
        Of the road engine, see :func:`dispatch.network.engine.build_engine`.
    """
    road = build_road_network(registry.junctions, registry.links)
    engine = build_engine(road.topology, backend=backend)
    origins = snap(road, teams["lon"].to_numpy(float), teams["lat"].to_numpy(float))
    places = snap(road, incidents["lon"].to_numpy(float), incidents["lat"].to_numpy(float))
    vehicles = _vehicle_counts(registry, teams)
    shut = closures_of(road, closures)
    mass_kg = _heaviest_kg(registry, vehicles)
    limits = _limits_exceeded(mass_kg, shut)
    found = {
        (profile, pays, level): drives(
            road,
            _driver(registry, road, engine, profile, pays, shut, mass_kg[limits == level].max()),
            origins,
            places,
            ready_s,
        )
        for profile in vehicles.columns
        for level in np.unique(limits[vehicles[profile] > 0]).tolist()
        for pays in (False, True)
    }
    exempt = teams["toll_exempt"].eq("yes").to_numpy(bool)
    free = exempt | toll_free
    shape = len(teams), len(incidents)
    convoy = _Convoys(found, shape, tuple(vehicles.columns), vehicles.to_numpy() > 0, limits)
    time_s, slowest = convoy.times(pays=~free)
    without_policy_s, _ = convoy.times(pays=~exempt)
    length_m, toll_m = convoy.lengths(slowest, pays=~free)
    rate = _rates(registry, vehicles)
    return Travel(
        road=road,
        destinations=places,
        closures=shut,
        ready_s=np.broadcast_to(np.asarray(ready_s, float), time_s.shape),
        drives=found,
        mass_kg=mass_kg,
        limits=limits,
        profile=tuple(tuple(vehicles.columns[k] for k in row) for row in slowest),
        free=free,
        exempt=exempt,
        time_s=time_s,
        without_policy_s=without_policy_s,
        length_m=length_m,
        toll_m=toll_m,
        toll_yuan=toll_m / 1000 * rate["toll"].to_numpy()[:, None],
        running_yuan=length_m / 1000 * rate["running"].to_numpy()[:, None],
    )


@dataclass(frozen=True, eq=False)
class _Convoys:
    """The drives of all ways, the profiles in each team's convoy, (T, K), and its limits, (T,)."""

    found: dict[Way, Drives]
    shape: tuple[int, int]
    profiles: tuple[str, ...]
    member: BoolArray
    limits: IntArray

    def times(self, pays: BoolArray) -> tuple[FloatArray, IntArray]:
        """Return each convoy's time and which profile is its slowest, both (T, I)."""
        by_profile = np.stack([self._times_of(k, pays) for k in range(len(self.profiles))])
        return by_profile.max(axis=0), by_profile.argmax(axis=0)

    def _times_of(self, k: int, pays: BoolArray) -> FloatArray:
        """Return the time of one profile for each team, (T, I); -1 for teams without it."""
        time_s = np.full(self.shape, -1.0)
        for way, drive in self.found.items():
            rows = self._rows(k, way, pays)
            time_s[rows] = drive.time_s[rows]
        return time_s

    def _rows(self, k: int, way: Way, pays: BoolArray) -> BoolArray:
        """Return which teams have the profile k and go that way, (T,)."""
        profile, paying, level = way
        same = profile == self.profiles[k]
        rows: BoolArray = same & self.member[:, k] & (pays == paying) & (self.limits == level)
        return rows

    def lengths(self, slowest: IntArray, pays: BoolArray) -> tuple[IntArray, IntArray]:
        """Return whole and tolled length of the slowest vehicle's way, both (T, I)."""
        whole, tolled = np.zeros_like(slowest), np.zeros_like(slowest)
        for way, drive in self.found.items():
            k = self.profiles.index(way[0])
            rows = self._rows(k, way, pays)
            p, q = np.nonzero((slowest == k) & rows[:, None] & np.isfinite(drive.time_s))
            whole[p, q], tolled[p, q] = lengths_m(drive, p, q)
        return whole, tolled


def _vehicle_counts(registry: Registry, teams: pd.DataFrame) -> pd.DataFrame:
    """Vehicles of each team by profile, shape (T, K)."""
    counts: pd.DataFrame = (
        registry["teams/vehicles"]
        .pivot_table(index="team_id", columns="profile", values="quantity", aggfunc="sum")
        .reindex(teams.index)
        .fillna(0)
        .astype(int)
    )
    return counts


def _heaviest_kg(registry: Registry, vehicles: pd.DataFrame) -> FloatArray:
    profile_kg = registry["network/profiles"]["mass_kg"].loc[vehicles.columns].to_numpy(float)
    heaviest: FloatArray = np.where(vehicles.to_numpy() > 0, profile_kg, 0.0).max(axis=1)
    return heaviest


def _limits_exceeded(mass_kg: FloatArray, closures: Sequence[Closure]) -> IntArray:
    """Count the mass limits that each convoy exceeds, (T,).

    A convoy stays together: where its heaviest vehicle may not pass, none does.
    """
    limits_kg = sorted({closure.max_mass_kg for closure in closures if closure.max_mass_kg > 0})
    return np.searchsorted(limits_kg, mass_kg, side="left").astype(np.int64)


def _driver(
    registry: Registry,
    road: RoadNetwork,
    engine: Engine,
    profile: str,
    pays: bool,
    closures: Sequence[Closure],
    mass_kg: float,
) -> Driver:
    speeds = registry["network/speeds"].query("profile == @profile").set_index("road_class")
    toll_class = registry["network/profiles"].at[profile, "toll_class"]
    delay_s = int(registry["network/toll_rates"].at[toll_class, "plaza_delay_s"]) if pays else 0
    return driver_of(
        road,
        engine,
        link_times_ms(road, speeds["speed_kmh"].to_dict()),
        access_kmh=float(speeds.at["access", "speed_kmh"]),
        plaza_delay_s=delay_s,
        closures=closures,
        mass_kg=mass_kg,
    )


def _rates(registry: Registry, vehicles: pd.DataFrame) -> pd.DataFrame:
    """Yuan per km of each team's whole convoy: toll and running."""
    profiles = registry["network/profiles"].loc[vehicles.columns]
    toll = registry["network/toll_rates"]["yuan_per_km"].loc[profiles["toll_class"]]
    return pd.DataFrame(
        {
            "toll": vehicles.to_numpy() @ toll.to_numpy(float),
            "running": vehicles.to_numpy() @ profiles["cost_yuan_per_km"].to_numpy(float),
        },
        index=vehicles.index,
    )
