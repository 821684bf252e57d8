"""Vehicles of the registry as drivers on the road: pace, limits, toll and cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.network.closures import Closure
from dispatch.network.driver import Driver, driver_of
from dispatch.network.engine import Engine, build_engine
from dispatch.network.paced import Drivers
from dispatch.network.road import RoadNetwork, build_road_network, link_times_ms
from dispatch.plan.pace import is_night, speeds_kmh
from dispatch.registry import Registry
from dispatch.scenario import Scenario

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Roads:
    """The road network with its engine."""

    network: RoadNetwork
    engine: Engine


def roads_of(registry: Registry, *, backend: str = "auto") -> Roads:
    """Build the road network of a registry, and the engine for it."""
    network = build_road_network(registry.junctions, registry.links)
    return Roads(network, build_engine(network.topology, backend=backend))


def driver(
    registry: Registry,
    roads: Roads,
    profile: str,
    *,
    pays: bool,
    closures: Sequence[Closure] = (),
    mass_kg: float | None = None,
    height_m: float | None = None,
    weather: str = "clear",
    night: bool = False,
) -> Driver:
    """Put one kind of vehicle on the roads.

    Parameters
    ----------
    registry : Registry
    roads : Roads
    profile : str
        Of ``network/profiles``.
    pays : bool
        Whether it pays toll, and waits for that at the plazas.
    closures : sequence of Closure
    mass_kg : float, optional
        Of the heaviest vehicle that it travels with; its own by default.
    height_m : float, optional
        Of the tallest, likewise.
    weather, night
        What its pace suffers from, see :func:`dispatch.plan.pace.speeds_kmh`.
    """
    vehicle = registry["network/profiles"].loc[profile]
    speeds = speeds_kmh(registry, profile, weather=weather, night=night)
    toll = registry["network/toll_rates"].loc[vehicle["toll_class"]]
    return driver_of(
        roads.network,
        roads.engine,
        link_times_ms(roads.network, speeds),
        access_kmh=speeds["access"],
        plaza_delay_s=int(toll["plaza_delay_s"]) if pays else 0,
        closures=closures,
        mass_kg=float(vehicle["mass_kg"]) if mass_kg is None else mass_kg,
        height_m=float(vehicle["height_m"]) if height_m is None else height_m,
    )


def drivers(
    registry: Registry,
    scenario: Scenario,
    roads: Roads,
    profile: str,
    *,
    pays: bool,
    closures: Sequence[Closure] = (),
    mass_kg: float | None = None,
    height_m: float | None = None,
) -> Drivers:
    """Put one kind of vehicle on the roads, by day and by night, in the scenario's weather."""
    put = partial(
        driver,
        registry,
        roads,
        profile,
        pays=pays,
        closures=closures,
        mass_kg=mass_kg,
        height_m=height_m,
        weather=scenario.conditions.weather,
    )
    return Drivers(put(night=False), put(night=True), partial(is_night, scenario.start))


def vehicle_counts(registry: Registry, teams: pd.DataFrame) -> pd.DataFrame:
    """Return the vehicles of each team by profile, shape (T, K)."""
    counts: pd.DataFrame = (
        registry["teams/vehicles"]
        .pivot_table(index="team_id", columns="profile", values="quantity", aggfunc="sum")
        .reindex(teams.index)
        .fillna(0)
        .astype(int)
    )
    return counts


def largest(registry: Registry, vehicles: pd.DataFrame, column: str) -> FloatArray:
    """Return the mass (``mass_kg``) or height (``height_m``) that rules each convoy, shape (T,)."""
    measure = registry["network/profiles"][column].loc[vehicles.columns].to_numpy(float)
    most: FloatArray = np.where(vehicles.to_numpy() > 0, measure, 0.0).max(axis=1)
    return most


def rates(registry: Registry, vehicles: pd.DataFrame) -> pd.DataFrame:
    """Return what each whole convoy costs in yuan per km: columns toll and running."""
    profiles = registry["network/profiles"].loc[vehicles.columns]
    toll = registry["network/toll_rates"]["yuan_per_km"].loc[profiles["toll_class"]]
    return pd.DataFrame(
        {
            "toll": vehicles.to_numpy() @ toll.to_numpy(float),
            "running": vehicles.to_numpy() @ profiles["cost_yuan_per_km"].to_numpy(float),
        },
        index=vehicles.index,
    )
