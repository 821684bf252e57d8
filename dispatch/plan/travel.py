"""Every team to every incident: time, length, toll and cost, in arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.network.drive import Driver, Drives, drives, lengths_m
from dispatch.network.engine import Engine, build_engine
from dispatch.network.road import RoadNetwork, arc_times_ms, build_road_network, link_times_ms
from dispatch.network.snap import Snaps, snap
from dispatch.registry import Registry

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Travel:
    """How T teams reach I incidents by road, each in convoy at its slowest vehicle's pace.

    Parameters
    ----------
    road : RoadNetwork
    destinations : Snaps
        The incidents, joined to the road.
    drives : dict of (str, bool) to Drives
        By vehicle profile and whether it pays toll.
    profile : tuple of tuple of str, shape (T, I)
        The slowest profile of each team on its way to each incident.
    free : BoolArray, shape (T,)
        Whether the team passes free of toll under the policy.
    exempt : BoolArray, shape (T,)
        Whether it would pass free by law without any policy.
    time_s, without_policy_s : FloatArray, shape (T, I)
        Under the policy, and as if toll-free passage were not granted; inf
        where there is no way.
    length_m, toll_m : IntArray, shape (T, I)
        0 where there is no way.
    toll_yuan, running_yuan : FloatArray, shape (T, I)
        Toll of the whole convoy whether or not it is waived, and running cost.
    """

    road: RoadNetwork
    destinations: Snaps
    drives: dict[tuple[str, bool], Drives]
    profile: tuple[tuple[str, ...], ...]
    free: BoolArray
    exempt: BoolArray
    time_s: FloatArray
    without_policy_s: FloatArray
    length_m: IntArray
    toll_m: IntArray
    toll_yuan: FloatArray
    running_yuan: FloatArray

    def way(self, team: int, incident: int) -> Drives:
        """Return the drives that hold the way of this team to this incident."""
        return self.drives[self.profile[team][incident], not bool(self.free[team])]


def travel(
    registry: Registry,
    teams: pd.DataFrame,
    incidents: pd.DataFrame,
    *,
    toll_free: bool,
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
    backend : str
        Of the road engine, see :func:`dispatch.network.engine.build_engine`.
    """
    road = build_road_network(registry.junctions, registry.links)
    engine = build_engine(road.topology, backend=backend)
    origins = snap(road, teams["lon"].to_numpy(float), teams["lat"].to_numpy(float))
    places = snap(road, incidents["lon"].to_numpy(float), incidents["lat"].to_numpy(float))
    vehicles = _vehicle_counts(registry, teams)
    found = {
        (profile, pays): drives(
            road, _driver(registry, road, engine, profile, pays), origins, places
        )
        for profile in vehicles.columns
        for pays in (False, True)
    }
    exempt = teams["toll_exempt"].eq("yes").to_numpy(bool)
    free = exempt | toll_free
    convoy = _Convoys(found, tuple(vehicles.columns), vehicles.to_numpy() > 0)
    time_s, slowest = convoy.times(pays=~free)
    without_policy_s, _ = convoy.times(pays=~exempt)
    length_m, toll_m = convoy.lengths(slowest, pays=~free)
    rate = _rates(registry, vehicles)
    return Travel(
        road=road,
        destinations=places,
        drives=found,
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
    """The drives of each profile, and which profiles each team's convoy has, (T, K)."""

    found: dict[tuple[str, bool], Drives]
    profiles: tuple[str, ...]
    member: BoolArray

    def times(self, pays: BoolArray) -> tuple[FloatArray, IntArray]:
        """Return each convoy's time and which profile is its slowest, both (T, I)."""
        by_profile = np.stack(
            [
                np.where(
                    self.member[:, k, None],
                    np.where(
                        pays[:, None],
                        self.found[name, True].time_s,
                        self.found[name, False].time_s,
                    ),
                    -1.0,
                )
                for k, name in enumerate(self.profiles)
            ]
        )
        return by_profile.max(axis=0), by_profile.argmax(axis=0)

    def lengths(self, slowest: IntArray, pays: BoolArray) -> tuple[IntArray, IntArray]:
        """Return whole and tolled length of the slowest vehicle's way, both (T, I)."""
        whole, tolled = np.zeros_like(slowest), np.zeros_like(slowest)
        for k, name in enumerate(self.profiles):
            for paying in (False, True):
                drive = self.found[name, paying]
                p, q = np.nonzero(
                    (slowest == k) & (pays == paying)[:, None] & np.isfinite(drive.time_s)
                )
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


def _driver(
    registry: Registry, road: RoadNetwork, engine: Engine, profile: str, pays: bool
) -> Driver:
    speeds = registry["network/speeds"].query("profile == @profile").set_index("road_class")
    toll_class = registry["network/profiles"].at[profile, "toll_class"]
    delay_s = int(registry["network/toll_rates"].at[toll_class, "plaza_delay_s"]) if pays else 0
    link_ms = link_times_ms(road, speeds["speed_kmh"].to_dict())
    return Driver(
        metric=engine.customise(arc_times_ms(road, link_ms, delay_s)),
        link_ms=link_ms,
        access_kmh=float(speeds.at["access", "speed_kmh"]),
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
