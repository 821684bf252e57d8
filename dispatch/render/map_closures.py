"""Closures on the interactive map: shapes to draw, each with its sentence and its times."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

import shapely
from geopandas import GeoDataFrame

from dispatch.render.background import Packed, pack


def drawn_closures(closures: GeoDataFrame | None, told: list[str]) -> list[dict[str, Any]]:
    """Return what the page draws of closures; those without a known place are left out.

    Parameters
    ----------
    closures : GeoDataFrame or None
        Of :func:`dispatch.plan.shut.closure_shapes` (EPSG:4326).
    told : list of str
        A sentence for each of them.

    Returns
    -------
    list of dict
        id, effect, tip, at (lat, lon), areas (rings) and lines (packed), from_s
        and until_s (seconds after the start, None without end).
    """
    if closures is None:
        return []
    rows = zip(closures.itertuples(), told, strict=True)
    return [
        _drawn(number, row, text)
        for number, (row, text) in enumerate(rows)
        if row.geometry is not None and not row.geometry.is_empty
    ]


def _drawn(number: int, row: Any, text: str) -> dict[str, Any]:
    parts = shapely.get_parts(row.geometry)
    middle = row.geometry.representative_point()
    return {
        "id": f"closure-{number}",
        "effect": row.effect,
        "tip": text,
        "at": [round(middle.y, 5), round(middle.x, 5)],
        "areas": [list(_rings(part)) for part in parts if part.geom_type == "Polygon"],
        "lines": [pack(part.coords) for part in parts if part.geom_type == "LineString"],
        "from_s": int(row.from_s),
        "until_s": int(row.until_s) if isfinite(row.until_s) else None,
    }


def _rings(area: shapely.Polygon) -> Iterator[Packed]:
    yield pack(area.exterior.coords)
    for hole in area.interiors:
        yield pack(hole.coords)
