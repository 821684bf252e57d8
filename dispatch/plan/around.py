"""The ground around the incidents of a scenario that a fire engine crosses within some times."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd

from dispatch.network.closures import closures_of
from dispatch.network.od import Driving
from dispatch.network.reach import isochrones
from dispatch.plan.vehicles import driver, roads_of
from dispatch.registry import Registry
from dispatch.scenario import Scenario

VEHICLE: Final = "fire_engine"
"""The main force drives it (assumption: others are not much slower)."""

MINUTES: Final = (30, 60, 120)


def around_incidents(registry: Registry, scenario: Scenario) -> gpd.GeoDataFrame:
    """Return what lies within some minutes of driving of the nearest incident.

    Free of toll, by day, outward from the incidents: where roads are one-way
    the way in may take longer. Closures that come and go with the clock are
    left out, those that hold for good are kept.

    Parameters
    ----------
    registry : Registry
    scenario : Scenario

    Returns
    -------
    GeoDataFrame, a row for each of :data:`MINUTES`
        As :func:`dispatch.network.reach.isochrones` returns it (EPSG:4326).
    """
    roads = roads_of(registry)
    lasting = [c for c in scenario.closures if c.from_min <= 0 and c.until_min is None]
    shut = closures_of(roads.network, lasting)
    driving = Driving(roads.network, driver(registry, roads, VEHICLE, pays=False, closures=shut))
    places = pd.DataFrame(
        {"lon": [i.lon for i in scenario.incidents], "lat": [i.lat for i in scenario.incidents]}
    )
    return isochrones(driving, places, MINUTES)
