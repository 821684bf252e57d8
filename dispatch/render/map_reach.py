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
        minutes, and areas (a list of packed rings for each part).
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
        }
        for minutes, ground in rows
        if not ground.is_empty
    ]
