"""Routes as lines on a map: each by itself, and all of a kind together."""

from __future__ import annotations

from collections import defaultdict
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
    return [(round(n), lines) for n, lines in weighed((route, 1) for route in routes)]


def weighed(
    routes: Iterable[tuple[Iterable[Point], float]],
) -> list[tuple[float, list[Packed]]]:
    """Lay routes over each other and sum up what they carry on each road.

    Parameters
    ----------
    routes : iterable of (route, weight)
        Points (lon, lat) of each (EPSG:4326), and what it carries.

    Returns
    -------
    list of (float, list of Packed)
        Weight, to a tenth, and the lines that so much takes, the least first.
    """
    total: defaultdict[tuple[Point, Point], float] = defaultdict(float)
    for route, weight in routes:
        for step in dict.fromkeys(_steps(route)):
            total[step] += weight
    by_weight: dict[float, list[tuple[Point, Point]]] = {}
    for step, weight in total.items():
        by_weight.setdefault(round(weight, 1), []).append(step)
    return [(weight, _chained(by_weight[weight])) for weight in sorted(by_weight)]


def _steps(route: Iterable[Point]) -> Iterable[tuple[Point, Point]]:
    return ((min(a, b), max(a, b)) for a, b in pairwise(route) if a != b)


def _chained(steps: list[tuple[Point, Point]]) -> list[Packed]:
    merged = shapely.line_merge(MultiLineString(sorted(steps)))
    parts = shapely.get_parts(shapely.simplify(merged, _TOLERANCE_DEG))
    return [pack(part.coords) for part in sorted(parts, key=lambda part: (-part.length, part.wkb))]
