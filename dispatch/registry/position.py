"""Check where things are: order of the degrees, county, GCJ-02.

Each check returns the troubles by the index of the row. A position found
wrong is taken out before the next check, so that one mistake has one fault.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from dispatch.geo import PROVINCE_BOUNDS, gcj02_from_wgs84, haversine_m
from dispatch.i18n import _
from dispatch.registry.cell import Trouble
from dispatch.registry.check import sound_numbers
from dispatch.registry.contract import Contract
from dispatch.registry.sheet import Sheet

COUNTIES: Final = "places/counties"
JUNCTIONS: Final = "network/junctions"
PLACE_KINDS: Final = ("county_seat", "station", "airfield")
"""Junctions that are places people know, and may have from a web map."""

OUTSIDE_COUNTY_M: Final = 3_000
"""How far a point may lie outside its county: borders are generalised."""
RIM_M: Final = 40_000
"""How far a point without a county may lie outside the province."""
GCJ02_M: Final = 60
"""How close to a shifted place a point is taken for the shifted place."""

_UTM_49N: Final = 32649  # holds Shanxi with less than 0.1 % error of scale
_GCJ02_DEG: Final = 0.001  # wider than GCJ02_M at any latitude of the province

Floats = NDArray[np.float64]
Troubles = dict[int, Trouble]


@dataclass(frozen=True, eq=False)
class Positions:
    """The points of a table.

    Parameters
    ----------
    table : str
    lon, lat : ndarray of float, shape (rows,)
        EPSG:4326; NaN where a row has no usable position.
    adcode : ndarray of str, shape (rows,)
        County in which each row says that it lies; empty for none.
    name : list of str, length rows
        How to call the row.
    known : ndarray of bool, shape (rows,)
        Whether the row is a place that people know.
    """

    table: str
    lon: Floats
    lat: Floats
    adcode: NDArray[np.str_]
    name: list[str]
    known: NDArray[np.bool_]

    def without(self, rows: Collection[int]) -> Positions:
        """Return the same points, those of the given rows taken out."""
        lon, lat = self.lon.copy(), self.lat.copy()
        lon[list(rows)] = lat[list(rows)] = np.nan
        return replace(self, lon=lon, lat=lat)


def read_positions(sheet: Sheet, contract: Contract) -> Positions | None:
    """Return the points of a table, None if it has no two columns of degrees."""
    if contract.position is None or not set(contract.position) <= set(sheet.columns):
        return None
    lon, lat = (sound_numbers(sheet, contract.by_name[name]) for name in contract.position)
    blank = [""] * len(lon)
    home = next((c.name for c in contract.columns if c.reference == COUNTIES), "")
    adcode = sheet.columns.get(contract.key or "" if contract.table == COUNTIES else home, blank)
    known = np.full(len(lon), contract.table == COUNTIES)
    if contract.table == JUNCTIONS:
        known = np.isin(sheet.columns.get("kind", blank), PLACE_KINDS)
    name = sheet.columns.get("name", blank)
    return Positions(contract.table, lon, lat, np.array(adcode, dtype=str), name, known)


def place_troubles(points: Positions, polygons: gpd.GeoDataFrame) -> Troubles:
    """Find degrees exchanged, and points outside their county or the province.

    Parameters
    ----------
    points : Positions
    polygons : GeoDataFrame
        The counties by adcode, EPSG:4326.
    """
    west, south, east, north = PROVINCE_BOUNDS

    def near(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        return (lon > west - 0.2) & (lon < east + 0.2) & (lat > south - 0.2) & (lat < north + 0.2)

    there = near(points.lon, points.lat)
    swapped = near(points.lat, points.lon)
    away = np.isfinite(points.lon) & np.isfinite(points.lat) & ~there & ~swapped
    exchange = _("longitude and latitude are exchanged"), _("exchange the two values")
    troubles = dict.fromkeys(np.flatnonzero(swapped).tolist(), exchange)
    outside = _("the point lies outside the province"), _("give its degrees in WGS84")
    troubles |= dict.fromkeys(np.flatnonzero(away).tolist(), outside)
    return troubles | _county_troubles(points.without(troubles), polygons)


def _county_troubles(points: Positions, polygons: gpd.GeoDataFrame) -> Troubles:
    """Find points too far from their county or, without one, from the province."""
    own = polygons.geometry.reindex(points.adcode).to_numpy()
    inside = shapely.contains_xy(own, points.lon, points.lat)
    judged = shapely.is_geometry(own) | (points.adcode == "")
    rows = np.flatnonzero(~inside & judged & np.isfinite(points.lon) & np.isfinite(points.lat))
    if not rows.size or polygons.empty:
        return {}
    metric = polygons.geometry.to_crs(_UTM_49N)
    where = gpd.GeoSeries(gpd.points_from_xy(points.lon[rows], points.lat[rows]), crs=4326)
    where = where.to_crs(_UTM_49N).to_numpy()
    nearest, to_province = metric.sindex.nearest(where, return_all=False, return_distance=True)
    to_county = shapely.distance(where, metric.reindex(points.adcode[rows]).to_numpy())
    troubles: Troubles = {}
    for place, row in enumerate(rows.tolist()):
        code, found = points.adcode[row], str(metric.index[nearest[1][place]])
        if code == "" and to_province[place] > RIM_M:
            problem = _("the point lies {km:.0f} km outside the province")
            trouble = problem.format(km=to_province[place] / 1000), _("give its degrees in WGS84")
        elif code != "" and to_county[place] > OUTSIDE_COUNTY_M:
            problem = _("the point lies {km:.0f} km outside its county {code}, nearest to {found}")
            problem = problem.format(km=to_county[place] / 1000, code=code, found=found)
            trouble = problem, _("put the point or the code of the county right")
        else:
            continue
        troubles[row] = trouble
    return troubles


def gcj02_troubles(points: Positions, known: Positions) -> Troubles:
    """Find points that are a known place as web maps in China shift it.

    Of the junctions of roads only places people know are judged: the others
    are many, and one in some thousand lies there by chance.

    Parameters
    ----------
    points : Positions
    known : Positions
        Known places in WGS84.
    """
    if not len(known.lon):
        return {}
    pairs = zip(known.lon.tolist(), known.lat.tolist(), strict=True)
    lon, lat = np.array([gcj02_from_wgs84(*pair) for pair in pairs]).T
    judged = points.known if points.table == JUNCTIONS else np.isfinite(points.lon)
    rows = np.flatnonzero(judged & np.isfinite(points.lon) & np.isfinite(points.lat))
    tree = shapely.STRtree(shapely.points(lon, lat))
    here = shapely.points(points.lon[rows], points.lat[rows])
    found, place = tree.query(here, predicate="dwithin", distance=_GCJ02_DEG)
    rows = rows[found]
    close = haversine_m(points.lon[rows], points.lat[rows], lon[place], lat[place]) <= GCJ02_M
    problem = _("the point is {name} in GCJ-02, some 500 m off in WGS84")
    remedy = _("turn it to WGS84 (dispatch.geo.wgs84_from_gcj02)")
    return {
        int(row): (problem.format(name=known.name[which]), remedy)
        for row, which in zip(rows[close], place[close], strict=True)
    }


def join_known(tables: Mapping[str, Positions]) -> Positions:
    """Return all known places of all tables as one."""
    parts = [(points, points.known & np.isfinite(points.lon)) for points in tables.values()]
    names = [name for p, kept in parts for name, keep in zip(p.name, kept, strict=True) if keep]
    lon = np.concatenate([np.empty(0), *(p.lon[kept] for p, kept in parts)])
    lat = np.concatenate([np.empty(0), *(p.lat[kept] for p, kept in parts)])
    return Positions("", lon, lat, np.full(len(lon), ""), names, np.full(len(lon), True))
