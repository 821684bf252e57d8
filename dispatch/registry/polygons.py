"""The counties as polygons, read from GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any, Final

import geopandas as gpd
import shapely

from dispatch.errors import Fault
from dispatch.i18n import _

POLYGONS: Final = "places/county_polygons"
POLYGONS_FILE: Final = "places/counties.geojson"


def read_polygons(data: bytes) -> gpd.GeoDataFrame | None:
    """Read a GeoJSON of counties.

    Parameters
    ----------
    data : bytes
        A FeatureCollection with the property ``adcode``, in WGS84.

    Returns
    -------
    GeoDataFrame or None
        Indexed by adcode, EPSG:4326; None if this is no such collection.
    """
    try:
        frame = gpd.GeoDataFrame.from_features(json.loads(data)["features"], crs=4326)
        frame = frame.astype({"adcode": "str"}).set_index("adcode")
        return frame[[*(name for name in frame if name != "geometry"), "geometry"]]
    except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError):
        return None


def polygon_faults(
    polygons: gpd.GeoDataFrame | None,
    adcodes: frozenset[str],
    torn: frozenset[str],
    file: str = POLYGONS_FILE,
) -> Iterator[Fault]:
    """Yield a fault for each county without one usable polygon, and the reverse.

    Parameters
    ----------
    polygons : GeoDataFrame or None
        As :func:`read_polygons` returns it.
    adcodes : frozenset of str
        All counties.
    torn : frozenset of str
        Cells of torn rows, which may be counties too.
    file : str
        Name of the file for the faults.
    """
    if polygons is None:
        problem = _("this is no GeoJSON collection of counties")
        remedy = _("give a FeatureCollection of polygons with the property adcode")
        yield Fault(file, None, None, None, problem, remedy)
        return
    seen: set[str] = set()
    for code, geometry in polygons.geometry.items():
        for problem in _polygon_problems(str(code), geometry, adcodes | torn, seen):
            yield Fault(file, None, "adcode", str(code), problem, _("put it right"))
        seen.add(str(code))
    for code in sorted(adcodes - seen):
        problem = _("the county has no polygon")
        yield Fault(file, None, "adcode", code, problem, _("add its polygon"))


def _polygon_problems(
    code: str, geometry: Any, adcodes: Collection[str], seen: Collection[str]
) -> Iterator[str]:
    if code not in adcodes:
        yield _("the table of counties has no such code")
    elif code in seen:
        yield _("the county has two polygons")
    if not isinstance(geometry, shapely.Polygon | shapely.MultiPolygon) or geometry.is_empty:
        yield _("this is no polygon")
    elif not geometry.is_valid:
        yield _("the polygon is not valid: {why}").format(why=shapely.is_valid_reason(geometry))


def usable_polygons(polygons: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Return what can be measured against: valid polygons, one for a county."""
    if polygons is None:
        return gpd.GeoDataFrame({"geometry": []}, index=[], crs=4326)
    areal = polygons.geom_type.isin(["Polygon", "MultiPolygon"]) & polygons.is_valid
    kept = polygons[areal & ~polygons.is_empty]
    return kept[~kept.index.duplicated()]
