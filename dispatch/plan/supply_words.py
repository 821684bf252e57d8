"""What is wrong with the supply block of a scenario, seen with registry and map."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from dispatch.errors import Fault, InputError
from dispatch.network.road import RoadNetwork
from dispatch.network.snap import snap
from dispatch.registry import Registry
from dispatch.scenario import Scenario
from dispatch.scenario.supply import remote_faults, supply_faults

NEAR_DEG: Final = 0.05
"""How far from a county's border a shelter may lie and still belong to it, about 5 km."""


def supply_troubles(registry: Registry, scenario: Scenario) -> Iterator[Fault]:
    """Yield every fault; none where nobody is to be supplied."""
    if scenario.supply is None:
        return
    items = registry["depots/items"]
    units = zip(items["unit"], items["unit_en"], strict=True)
    yield from supply_faults(
        scenario,
        dict(zip(items.index, units, strict=True)),
        registry.depots.index.tolist(),
        registry["depots/suppliers"].index.tolist(),
        partial(counties_near, registry.county_polygons),
    )


def counties_near(polygons: gpd.GeoDataFrame, lon: float, lat: float) -> list[str]:
    """Return the codes of the counties in or next to which a point lies."""
    rows = polygons.sindex.query(shapely.Point(lon, lat), predicate="dwithin", distance=NEAR_DEG)
    return sorted(str(polygons.index[row]) for row in rows)


def refuse_remote_shelters(road: RoadNetwork, scenario: Scenario, most_m: float) -> None:
    """Raise if a shelter on a road lies too far from every road.

    Raises
    ------
    InputError
    """
    if scenario.supply is None:
        return
    shelters = scenario.supply.shelters
    lon, lat = (np.array([getattr(one, axis) for one in shelters]) for axis in ("lon", "lat"))
    faults = list(remote_faults(scenario, snap(road, lon, lat).access_m.tolist(), most_m))
    if faults:
        raise InputError(faults)
