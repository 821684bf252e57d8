r"""Isochrones: the ground that a set of depots reaches within a time.

Not circles around junctions. Every stretch of road is passed from either end,
until the two ways meet, and from each point reached the vehicle may leave the
road by the pace off it, as far as the time left allows::

                     ______
      depot        /        \__            reached until t
        o---------(------------->.........................   link
                   \ ______ /--'
                   time left × pace, at most ``off_road_m``

A tolled road carries the vehicle, but it is left at its junctions only, as
:mod:`dispatch.network.snap` joins no place to it in its middle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from dispatch.errors import Fault, InputError
from dispatch.geo import EARTH_RADIUS_M
from dispatch.i18n import _
from dispatch.network.arrivals import ramps
from dispatch.network.driver import Driver, FloatArray
from dispatch.network.od import MS_PER_MIN, WGS84, Driving, snap_places
from dispatch.network.road import RoadNetwork
from dispatch.network.snap import DETOUR, Snaps

KM2: Final = 1e6
GRID_DEG: Final = 1e-6
"""Coordinates of the answer are multiples of this, about 0.1 m."""
NEST_M: Final = 1.0
"""How far each polygon is grown beyond the smaller ones, so that it holds them rounded too."""
SHORTEST_MS: Final = 1e-9
"""Stands for no time at all where one is divided by."""
LONGEST_DEG: Final = 0.05
LONGEST_M: Final = 2000.0
"""Longer pieces of road and of border are cut, so that they stay straight when projected."""
N_SIDES: Final = 16
"""Of the polygon that stands for a circle, drawn around it: at most 2 % too wide."""
_ANGLE = np.arange(N_SIDES) * 2 * np.pi / N_SIDES
# a little wider yet, for what the projection does to distances
_DISC = np.stack([np.cos(_ANGLE), np.sin(_ANGLE)], axis=1) * 1.001 / np.cos(np.pi / N_SIDES)


def isochrones(
    driving: Driving,
    depots: pd.DataFrame,
    minutes: Iterable[float] = (30, 60, 120),
    *,
    off_road_m: float = 5000.0,
    fill_km2: float = 5.0,
) -> gpd.GeoDataFrame:
    """Return the ground reached from the nearest of some depots, for each of some times.

    A place that :func:`dispatch.network.od.od_table` finds within t of any
    depot, with at most ``off_road_m`` as the crow flies between it and the
    road, lies in the polygon of t. The other way about, a polygon goes beyond
    what its roads give by about 2 % of the way off the road and
    :data:`NEST_M` for each smaller polygon, except for holes filled. A place
    within it may still be later by the table, which takes it to the road
    nearest to it, even where another is reached sooner.

    Parameters
    ----------
    driving : Driving
        Its closures, if any, must hold for good.
    depots : DataFrame
        With columns lon and lat in EPSG:4326, or a GeoDataFrame of points;
        the more of them, the larger the polygons.
    minutes : iterable of float
        Positive.
    off_road_m : float
        How far from a road the polygons may reach, in a straight line.
    fill_km2 : float
        Holes smaller than this are filled.

    Returns
    -------
    GeoDataFrame, a row for each time in ascending order
        Columns ``minutes`` and ``geometry``, valid polygons or multipolygons
        in EPSG:4326 (empty where no road is reached), each within the next.

    Raises
    ------
    InputError
        If a time or ``off_road_m`` is not positive, a depot has no position, or
        closures come and go with the clock.
    """
    bounds = _checked(driving.driver, minutes, off_road_m)
    plane = _Plane.amid(driving.road)
    cones = _cones(driving, snap_places(driving.road, depots), plane)
    polygons = _polygons(cones, bounds, _pace_m_per_ms(driving.driver), off_road_m, fill_km2 * KM2)
    shown = [shapely.set_precision(plane.degrees(polygon), GRID_DEG) for polygon in polygons]
    return gpd.GeoDataFrame({"minutes": bounds}, geometry=shown, crs=WGS84)


def _checked(driver: Driver, minutes: Iterable[float], off_road_m: float) -> list[float]:
    bounds = sorted(set(minutes))
    given = [*(("minutes", m) for m in bounds), ("off_road_m", off_road_m)]
    problem, remedy = _("not above 0, or without end"), _("give a finite number above 0")
    faults = [
        Fault("isochrones", None, name, str(value), problem, remedy)
        for name, value in given
        if not 0 < value < np.inf
    ]
    if driver.timed_links.size:
        problem = _("some closures come and go with the clock")
        remedy = _("keep those that hold for good, without from and until")
        faults.append(Fault("isochrones", None, "closures", None, problem, remedy))
    if faults:
        raise InputError(faults)
    return bounds


def _pace_m_per_ms(driver: Driver) -> float:
    """Return how far the vehicle gets from the road in a straight line."""
    return driver.access_kmh / 3600.0 / DETOUR


@dataclass(frozen=True, eq=False)
class _Plane:
    """Metres on the sphere of :func:`dispatch.geo.haversine_m`, equal areas."""

    project: pyproj.Proj

    @classmethod
    def amid(cls, road: RoadNetwork) -> _Plane:
        lon, lat = (float(np.mean(axis)) for axis in (road.topology.lon, road.topology.lat))
        return cls(pyproj.Proj(proj="laea", lon_0=lon, lat_0=lat, R=EARTH_RADIUS_M))

    def metres(self, lon_lat: FloatArray) -> FloatArray:
        return np.stack(self.project(lon_lat[:, 0], lon_lat[:, 1]), axis=1)

    def degrees(self, polygon: shapely.Geometry) -> shapely.Geometry:
        def back(xy: FloatArray) -> FloatArray:
            return np.stack(self.project(xy[:, 0], xy[:, 1], inverse=True), axis=1)

        moved: shapely.Geometry = shapely.transform(shapely.segmentize(polygon, LONGEST_M), back)
        return moved


@dataclass(frozen=True, eq=False)
class _Cones:
    """Straight pieces of road, (K, 2) in metres, and the time of arrival at either end, (K,)."""

    a: FloatArray
    b: FloatArray
    a_ms: FloatArray
    b_ms: FloatArray

    def between(self, low_ms: float, high_ms: float) -> _Cones:
        """Return the parts reached after one time and until another."""
        rise = self.b_ms - self.a_ms
        rise = np.where(rise == 0, SHORTEST_MS, rise)
        at = [np.clip((bound - self.a_ms) / rise, 0.0, 1.0) for bound in (low_ms, high_ms)]
        return self.cut(np.minimum(*at), np.maximum(*at))

    def cut(self, begin: FloatArray, end: FloatArray) -> _Cones:
        """Return the parts between two fractions, without those of no length."""
        rows = np.flatnonzero(begin < end)
        a, b, a_ms, b_ms = self.a[rows], self.b[rows], self.a_ms[rows], self.b_ms[rows]
        s, e = begin[rows], end[rows]
        return _Cones(
            a=a + (b - a) * s[:, None],
            b=a + (b - a) * e[:, None],
            a_ms=a_ms + (b_ms - a_ms) * s,
            b_ms=a_ms + (b_ms - a_ms) * e,
        )

    def hulls(self, a_m: FloatArray, b_m: FloatArray) -> list[shapely.Geometry]:
        """Return the ground within a distance that goes evenly from one at a to one at b."""
        around = [
            xy[:, None, :] + radius[:, None, None] * _DISC
            for xy, radius in ((self.a, a_m), (self.b, b_m))
        ]
        # the discs between those at the ends fill their convex hull
        rings = np.asarray(shapely.linestrings(np.concatenate(around, axis=1)), object)
        hulls = shapely.convex_hull(rings)
        return list(hulls[shapely.area(hulls) > 0])


def _polygons(
    cones: _Cones, bounds: list[float], pace: float, off_road_m: float, fill_m2: float
) -> Iterator[shapely.Geometry]:
    """Yield the ground reached by each bound, in minutes, ascending."""
    held: list[shapely.Geometry] = []
    wide_until_ms = -np.inf
    for bound in bounds:
        end_ms = bound * MS_PER_MIN
        taper_ms = end_ms - off_road_m / pace
        wide = cones.between(wide_until_ms, taper_ms)
        narrow = cones.between(taper_ms, end_ms)
        everywhere_m = np.full(len(wide.a), off_road_m)
        left_m = [np.maximum((end_ms - ms) * pace, 0.0) for ms in (narrow.a_ms, narrow.b_ms)]
        parts = [*held, *wide.hulls(everywhere_m, everywhere_m), *narrow.hulls(*left_m)]
        grown = _without_holes(shapely.union_all(parts), fill_m2)
        if held:
            grown = shapely.buffer(grown, NEST_M, join_style="mitre")
        yield grown
        held, wide_until_ms = [grown], taper_ms


def _without_holes(ground: shapely.Geometry, fill_m2: float) -> shapely.Geometry:
    parts = [
        shapely.Polygon(
            part.exterior,
            [hole for hole in part.interiors if shapely.Polygon(hole).area >= fill_m2],
        )
        for part in shapely.get_parts(ground)
    ]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _cones(driving: Driving, origins: Snaps, plane: _Plane) -> _Cones:
    """Return the free roads that can be reached, with the time of arrival all along."""
    road, found = driving.road, ramps(driving.road, driving.driver, origins)
    lines = np.array(road.link_line)[found.link]
    lines = shapely.segmentize(
        shapely.transform(lines, lambda xy: xy * (road.east_scale, 1.0)), LONGEST_DEG
    )
    xy, row = shapely.get_coordinates(lines, return_index=True)
    metres = plane.metres(xy / (road.east_scale, 1.0))
    step = np.hypot(*np.diff(xy, axis=0).T)
    first = np.flatnonzero((row[:-1] == row[1:]) & (step > 0))
    row, length = row[first], step[first]
    total = np.bincount(row, length, len(lines))[row]
    before = np.cumsum(length) - length
    before -= before[np.searchsorted(row, row)]
    s, e = before / total, (before + length) / total
    begin, end = found.begin[row], found.end[row]
    rise = (found.end_ms - found.begin_ms)[row] / (end - begin)
    whole = _Cones(
        a=metres[first],
        b=metres[first + 1],
        a_ms=found.begin_ms[row] + (s - begin) * rise,
        b_ms=found.begin_ms[row] + (e - begin) * rise,
    )
    inside = [np.clip((bound - s) / (e - s), 0.0, 1.0) for bound in (begin, end)]
    return whole.cut(*inside)
