"""Where a scenario's closures lie: shapes to draw, with what is shut and when."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from dispatch.plan.closures import TABLES
from dispatch.plan.retrace import S_PER_MIN
from dispatch.registry import Registry
from dispatch.scenario import ClosureSpec, Scenario

CRS: Final = "EPSG:4326"

COLUMNS: Final = (
    "name", "name_en", "place", "effect", "factor", "max_mass_kg", "from_s", "until_s",
    "reliability", "source", "source_en",
)  # fmt: skip


def closure_shapes(registry: Registry, scenario: Scenario) -> gpd.GeoDataFrame:
    """Return the closures of a scenario as shapes.

    Parameters
    ----------
    registry : Registry
    scenario : Scenario

    Returns
    -------
    GeoDataFrame, a row for each closure in the scenario's order
        Columns name, name_en, place (polygon, link, junction, line, station or
        airfield), effect, factor and max_mass_kg (NaN where they don't apply),
        from_s, until_s (seconds after the start; inf where no end is known),
        reliability, source, source_en, and geometry in EPSG:4326: areas, lines or points,
        missing where the registry does not know the place. A railway line is
        drawn straight from station to station.
    """
    rows = [_row(registry, spec) for spec in scenario.closures]
    shapes = [_shape(registry, spec) for spec in scenario.closures]
    frame, drawn = pd.DataFrame(rows, columns=list(COLUMNS)), gpd.GeoSeries(shapes, crs=CRS)
    return gpd.GeoDataFrame(frame, geometry=drawn)


def _row(registry: Registry, spec: ClosureSpec) -> tuple[Any, ...]:
    return (
        spec.name,
        spec.name_en,
        _place(spec),
        spec.effect,
        np.nan if spec.factor is None else spec.factor,
        np.nan if spec.max_mass_kg is None else spec.max_mass_kg,
        spec.from_min * S_PER_MIN,
        np.inf if spec.until_min is None else spec.until_min * S_PER_MIN,
        spec.reliability,
        spec.source,
        spec.source_en,
    )


def _place(spec: ClosureSpec) -> str:
    return next(key for key in ("polygon", *TABLES) if getattr(spec, key) is not None)


def _shape(registry: Registry, spec: ClosureSpec) -> shapely.Geometry | None:
    key = _place(spec)
    if key == "polygon":
        return shapely.Polygon(spec.polygon)
    name = getattr(spec, key)
    if key == "line":
        return _rails(registry, name)
    for table in TABLES[key]:
        if table in registry.tables and name in (frame := registry[table]).index:
            found: shapely.Geometry = frame.geometry.at[name]
            return found
    return None


def _rails(registry: Registry, line: str) -> shapely.Geometry | None:
    """Return the railway line as straight pieces between the stations of its services."""
    if not {"network/rail_services", "network/stations"} <= registry.tables.keys():
        return None
    services, at = registry["network/rail_services"], registry["network/stations"].geometry
    along = services[services["line"] == line]
    stops = sorted({*along["from_station"], *along["to_station"]})
    if len(stops) < 2:
        return None
    a, b = (np.searchsorted(stops, along[end]) for end in ("from_station", "to_station"))
    # trains skip stations: the shortest pieces that join all of them are the line itself
    km = along["length_km"].to_numpy(float)
    joined = minimum_spanning_tree(coo_array((km, (a, b)), shape=(len(stops), len(stops))))
    pieces = zip(*joined.nonzero(), strict=True)
    return shapely.multilinestrings(
        [shapely.LineString([at[stops[i]], at[stops[j]]]) for i, j in pieces]
    )
