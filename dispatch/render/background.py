"""The ground of a map: county and city borders, roads and their labels, made small."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import shapely
from geopandas import GeoDataFrame, GeoSeries
from pandas import DataFrame
from shapely import LineString, MultiPolygon, Point, Polygon

from dispatch.i18n import pick

SCALE: Final = 10_000
"""Coordinates are drawn to 1/10,000 of a degree, about 10 m."""

ROAD_CLASSES: Final = ("motorway", "trunk", "primary")
"""Classes drawn on the ground, the greatest first."""

_BORDER_TOLERANCE_DEG: Final = 0.002
_ROAD_TOLERANCE_DEG: Final = 0.0005
_SHIELD_SPACING_DEG: Final = 0.12

Packed = list[int]


def pack(points: Any) -> Packed:
    """Write a line as whole numbers: the first point, then the step to each next one.

    Parameters
    ----------
    points : array-like, shape (n, 2)
        Longitude and latitude (EPSG:4326).

    Returns
    -------
    list of int, length 2 m, m ≤ n
        In units of 1 / :data:`SCALE` degree; points that fall together are
        left out, but a line keeps at least its two ends.
    """
    grid = np.rint(np.asarray(points, dtype=float).reshape(-1, 2) * SCALE).astype(np.int64)
    steps = np.diff(grid, axis=0)
    moved = steps.any(axis=1)
    moved[-1:] |= not moved.any()
    return [int(n) for n in np.vstack([grid[:1], steps[moved]]).ravel()]


def borders(counties: DataFrame, areas: GeoDataFrame) -> dict[str, list[list[list[Packed]]]]:
    """Draw counties and cities, common borders thinned out alike.

    Parameters
    ----------
    counties : DataFrame
        Column city, indexed by adcode.
    areas : GeoDataFrame
        Polygons (EPSG:4326), indexed by adcode.

    Returns
    -------
    dict
        ``counties`` and ``cities``: areas, each a list of polygons, each a
        list of packed rings.
    """
    ordered = areas.sort_index()
    thinned = shapely.coverage_simplify(ordered.geometry.to_numpy(), _BORDER_TOLERANCE_DEG)
    cities = _cities(counties, GeoDataFrame(index=ordered.index, geometry=thinned))
    return {"counties": [_rings(a) for a in thinned], "cities": [_rings(a) for a in cities]}


def road_lines(roads: GeoDataFrame) -> dict[str, list[Packed]]:
    """Draw the main roads of each class, joined into long lines and thinned out.

    Parameters
    ----------
    roads : GeoDataFrame
        Columns ref (empty where unknown), road_class and geometry (lines, EPSG:4326).

    Returns
    -------
    dict
        Packed lines of each of :data:`ROAD_CLASSES`.
    """
    return {
        name: [
            pack(part.coords)
            for _ref, group in _by_ref(roads[roads["road_class"] == name])
            for part in _joined(group)
        ]
        for name in ROAD_CLASSES
    }


def place_labels(counties: DataFrame, areas: GeoDataFrame) -> list[dict[str, Any]]:
    """Name the cities and counties, in the language in use.

    A county is named at its seat, a city in its midst. Columns of the
    counties: name, name_en, city, city_en, lon, lat.
    """
    english = dict(zip(counties["city"], counties["city_en"], strict=True))
    middles = _cities(counties, areas).representative_point()
    cities = [_label("city", pick(c, english[c]), at.x, at.y) for c, at in middles.items()]
    seats = [
        _label("county", pick(row["name"], row["name_en"]), row["lon"], row["lat"])
        for row in counties.sort_index().to_dict("records")
    ]
    return cities + seats


def road_labels(roads: GeoDataFrame) -> list[dict[str, Any]]:
    """Give road numbers at even spacing; the page picks those that find room."""
    return [
        _label(name, ref.replace(";", "/"), point.x, point.y)
        for name in ROAD_CLASSES
        for ref, group in _by_ref(roads[roads["road_class"] == name])
        if ref
        for part in _joined(group)
        for point in _spaced(part)
    ]


def _cities(counties: DataFrame, areas: GeoDataFrame) -> GeoSeries:
    cities = counties["city"].reindex(areas.index)
    return areas.sort_index().dissolve(cities, sort=True).geometry


def _by_ref(roads: GeoDataFrame) -> Iterable[tuple[str, GeoDataFrame]]:
    return ((str(ref), group) for ref, group in roads.groupby("ref", sort=True))


def _joined(roads: GeoDataFrame) -> list[LineString]:
    merged = shapely.line_merge(shapely.union_all(shapely.force_2d(roads.geometry.to_numpy())))
    parts = shapely.get_parts(shapely.simplify(merged, _ROAD_TOLERANCE_DEG))
    return sorted(parts, key=lambda part: (-part.length, part.wkb))


def _spaced(line: LineString) -> list[Point]:
    count = max(1, round(line.length / _SHIELD_SPACING_DEG))
    fractions = (np.arange(count) + 0.5) / count
    return list(shapely.line_interpolate_point(line, fractions, normalized=True))


def _rings(area: Polygon | MultiPolygon) -> list[list[Packed]]:
    return [
        [pack(ring.coords) for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in shapely.get_parts(area)
    ]


def _label(kind: str, text: str, lon: float, lat: float) -> dict[str, Any]:
    return {"kind": kind, "text": text, "at": [round(float(lat), 4), round(float(lon), 4)]}
