"""The ground of a printed map: frame, borders and roads."""

from __future__ import annotations

from math import cos, radians
from typing import Final

import numpy as np
import shapely
from geopandas import GeoDataFrame
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from numpy.typing import NDArray
from pandas import DataFrame

from dispatch.plan.plan import Plan
from dispatch.render.background import SCALE, Packed, borders, road_lines
from dispatch.render.drawing import EDGE

LAND: Final = "#faf8f3"
ROAD_INK: Final = {"motorway": "#b3a68c", "trunk": "#c4baa6", "primary": "#d8d1c2"}
ROAD_WIDTH: Final = {"motorway": 1.3, "trunk": 0.9, "primary": 0.6}

MARGIN: Final = 0.07
LEAST_DEG: Final = 0.25
"""Least half of a frame, so that a plan at one point still shows where it is."""


def unpack(packed: Packed) -> NDArray[np.float64]:
    """Return the points (lon, lat) of a line packed for the web map."""
    points: NDArray[np.float64] = np.cumsum(np.reshape(packed, (-1, 2)), axis=0) / SCALE
    return points


def bounds(plan: Plan, areas: GeoDataFrame) -> tuple[float, float, float, float]:
    """Return west, south, east and north of all that the plan moves, with some rim."""
    points = [(i.lon, i.lat) for i in plan.incidents]
    points += [(order.origin.lon, order.origin.lat) for order in plan.orders]
    points += [point for o in plan.orders for leg in o.legs for point in leg.line]
    if points:
        (west, south), (east, north) = np.min(points, axis=0), np.max(points, axis=0)
    else:
        west, south, east, north = areas.total_bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    half_w = max((east - west) / 2 * (1 + 2 * MARGIN), LEAST_DEG)
    half_h = max((north - south) / 2 * (1 + 2 * MARGIN), LEAST_DEG)
    return lon - half_w, lat - half_h, lon + half_w, lat + half_h


def set_frame(ax: Axes, west: float, south: float, east: float, north: float) -> None:
    """Show a region (EPSG:4326), to scale at its middle latitude, and fill the axes."""
    lon, lat = (west + east) / 2, (south + north) / 2
    stretch = 1 / cos(radians(lat))
    box = ax.get_window_extent()
    half_w = max((east - west) / 2, (north - south) / 2 * stretch * box.width / box.height)
    half_h = half_w / stretch * box.height / box.width
    ax.set_xlim(lon - half_w, lon + half_w)
    ax.set_ylim(lat - half_h, lat + half_h)
    # axes that change their shape later shrink rather than bend the map
    ax.set_aspect(stretch, adjustable="box")
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_color(EDGE)


def frame_of(ax: Axes) -> tuple[float, float, float, float]:
    """Return west, south, east and north of what is shown."""
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    return west, south, east, north


def draw_ground(ax: Axes, *, counties: DataFrame, areas: GeoDataFrame, roads: GeoDataFrame) -> None:
    """Draw counties, cities and roads as far as they are in the frame."""
    seen = borders(counties, areas)
    land = [ring for area in seen["counties"] for polygon in area for ring in polygon]
    ax.add_collection(
        PolyCollection(
            _within(ax, land), facecolors=LAND, edgecolors=EDGE, linewidths=0.4, zorder=1
        )
    )
    lines = road_lines(roads)
    for name in reversed(ROAD_INK):
        ax.add_collection(
            LineCollection(
                _within(ax, lines[name]),
                colors=ROAD_INK[name],
                linewidths=ROAD_WIDTH[name],
                zorder=2,
            )
        )
    cities = [ring for area in seen["cities"] for polygon in area for ring in polygon]
    ax.add_collection(
        LineCollection(_within(ax, cities), colors="#8b949c", linewidths=0.9, zorder=3)
    )


def _within(ax: Axes, lines: list[Packed]) -> list[NDArray[np.float64]]:
    west, south, east, north = frame_of(ax)
    frame = shapely.box(west, south, east, north)
    found = [unpack(line) for line in lines]
    return [points for points in found if shapely.box(*_bounds(points)).intersects(frame)]


def _bounds(points: NDArray[np.float64]) -> tuple[float, float, float, float]:
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    return float(west), float(south), float(east), float(north)
