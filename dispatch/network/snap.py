"""Places joined to the road: the nearest usable link, and the way up to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from dispatch.geo import haversine_m
from dispatch.network.road import RoadNetwork

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DETOUR: Final = 1.4
"""Length of the way up to the road over the straight line (assumption)."""


@dataclass(frozen=True, eq=False)
class Snaps:
    """Where P places meet the road network.

    Parameters
    ----------
    lon, lat : FloatArray, shape (P,)
        The places themselves, EPSG:4326.
    link : IntArray, shape (P,)
    fraction : FloatArray, shape (P,)
        Where on the link, 0 at its first junction and 1 at its second.
    access_m : IntArray, shape (P,)
        Way from the place to that point: the straight line times :data:`DETOUR`.
    """

    lon: FloatArray
    lat: FloatArray
    link: IntArray
    fraction: FloatArray
    access_m: IntArray


def snap(road: RoadNetwork, lon: FloatArray, lat: FloatArray) -> Snaps:
    """Join places to their nearest free link.

    Tolled links are not joined in their middle: a motorway is entered at its
    plazas.

    Parameters
    ----------
    road : RoadNetwork
    lon, lat : FloatArray, shape (P,)
        EPSG:4326.

    Returns
    -------
    Snaps
    """
    usable = np.flatnonzero(~road.link_toll)
    scale = road.east_scale
    lines = shapely.transform(
        np.array([road.link_line[i] for i in usable]), lambda xy: xy * (scale, 1.0)
    )
    points = shapely.points(lon * scale, lat)
    nearest = shapely.STRtree(lines).nearest(points)
    fraction = shapely.line_locate_point(lines[nearest], points, normalized=True)
    foot = shapely.get_coordinates(
        shapely.line_interpolate_point(lines[nearest], fraction, normalized=True)
    ) / (scale, 1.0)
    straight_m = haversine_m(lon, lat, foot[:, 0], foot[:, 1])
    return Snaps(
        lon=np.asarray(lon, float),
        lat=np.asarray(lat, float),
        link=usable[nearest],
        fraction=fraction,
        access_m=np.rint(straight_m * DETOUR).astype(np.int64),
    )
