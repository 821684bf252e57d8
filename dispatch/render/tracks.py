"""Routes as lines on a map: each by itself, and all of a kind together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

import shapely
from shapely import LineString, MultiLineString

from dispatch.plan.plan import Point
from dispatch.render.background import Packed, pack

_TOLERANCE_DEG: Final = 0.0005


def pack_route(points: Iterable[Point]) -> Packed:
    """Pack a line driven, with points left out that lie within 50 m of it."""
    line = list(points)
    return pack(LineString(line).simplify(_TOLERANCE_DEG).coords if len(line) > 1 else line)


def flows(routes: Iterable[Iterable[Point]]) -> list[tuple[int, list[Packed]]]:
    """Lay routes over each other and count how many take each road.

    Routes that share a road share its points, so a step from point to point
    is counted whichever way it is driven; a route counts once.

    Parameters
    ----------
    routes : iterable of routes
        Points (lon, lat) of each (EPSG:4326).

    Returns
    -------
    list of (int, list of Packed)
        Number of routes and the lines so many of them take, the fewest first.
    """
    count = Counter(step for route in routes for step in dict.fromkeys(_steps(route)))
    by_number: dict[int, list[tuple[Point, Point]]] = {}
    for step, number in count.items():
        by_number.setdefault(number, []).append(step)
    return [(number, _chained(by_number[number])) for number in sorted(by_number)]


def _steps(route: Iterable[Point]) -> Iterable[tuple[Point, Point]]:
    return ((min(a, b), max(a, b)) for a, b in pairwise(route) if a != b)


def _chained(steps: list[tuple[Point, Point]]) -> list[Packed]:
    merged = shapely.line_merge(MultiLineString(sorted(steps)))
    parts = shapely.get_parts(shapely.simplify(merged, _TOLERANCE_DEG))
    return [pack(part.coords) for part in sorted(parts, key=lambda part: (-part.length, part.wkb))]
