"""Isochrones on the interactive map: what lies within some minutes of an incident."""

from __future__ import annotations

from typing import Any, Final

import shapely
from geopandas import GeoDataFrame

from dispatch.render.background import pack

TOLERANCE_DEG: Final = 0.002


def drawn_reach(reach: GeoDataFrame | None) -> list[dict[str, Any]]:
    """Return what the page draws of isochrones; those that reach nothing are left out.

    Parameters
    ----------
    reach : GeoDataFrame or None
        Of :func:`dispatch.plan.around.around_incidents`: minutes, and areas as
        geometry (EPSG:4326).

    Returns
    -------
    list of dict
        minutes, areas (a list of packed rings for each part) and at, (lat, lon)
        of the northernmost point of the largest part.
    """
    if reach is None:
        return []
    rows = zip(reach["minutes"], reach.geometry.simplify(TOLERANCE_DEG), strict=True)
    return [
        {
            "minutes": round(minutes),
            "areas": [
                [pack(ring.coords) for ring in (part.exterior, *part.interiors)]
                for part in shapely.get_parts(ground)
            ],
            "at": _top(max(shapely.get_parts(ground), key=lambda part: part.area)),
        }
        for minutes, ground in rows
        if not ground.is_empty
    ]


def _top(part: shapely.Polygon) -> list[float]:
    lon, lat = max(part.exterior.coords, key=lambda point: point[1])
    return [round(lat, 4), round(lon, 4)]
