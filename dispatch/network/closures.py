"""Closures: which stretches of which links, and which nodes, they touch, when and for whom.

A polygon closes what lies inside it, and nothing beside it::

              +---------+
       a -----|=========|------ b       closed from 0.3 to 0.7 of the link
              |    c    |
              +----|----+               closed at the end c, and c itself
                   d

A place on the link beyond the stretch still leaves by its free end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from dispatch.network.road import RoadNetwork
from dispatch.scenario import ClosureSpec

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

S_PER_MIN: Final = 60
SAME: Final = 1e-9
"""Stretches of one link closer than this fraction of it are one."""


@dataclass(frozen=True, eq=False)
class Closure:
    """One closure on the road: K stretches of links and M nodes.

    Parameters
    ----------
    name, name_en : str
        ``name_en`` is empty where there is no English name.
    link : IntArray, shape (K,)
        Rows of the links touched; a link may stand more than once.
    begin, end : FloatArray, shape (K,)
        The stretch, 0 at the link's first junction and 1 at its second.
    node : IntArray, shape (M,)
        Nodes that nothing passes through.
    factor : float
        What is left of the speed; 0 where nothing passes.
    max_mass_kg : float
        Only vehicles heavier than this are concerned; 0 is everybody.
    from_s, until_s : float
        After the start of the scenario; ``until_s`` is inf where no end is known.
    """

    name: str
    link: IntArray
    begin: FloatArray
    end: FloatArray
    node: IntArray
    factor: float
    max_mass_kg: float
    from_s: float
    until_s: float
    name_en: str = ""

    def concerns(self, mass_kg: float) -> bool:
        """Whether a vehicle, or the heaviest of a convoy, is shut out or slowed."""
        return mass_kg > self.max_mass_kg


def closures_of(road: RoadNetwork, specs: Iterable[ClosureSpec]) -> tuple[Closure, ...]:
    """Find what the closures of a scenario touch on the road; those of rail and air are left out.

    Parameters
    ----------
    road : RoadNetwork
    specs : iterable of ClosureSpec

    Raises
    ------
    ValueError
        If there is no such link or junction: a scenario is checked before.
    """
    return tuple(
        Closure(
            spec.name,
            *_touched(road, spec),
            factor=spec.factor or 0.0,
            max_mass_kg=spec.max_mass_kg or 0.0,
            from_s=spec.from_min * S_PER_MIN,
            until_s=np.inf if spec.until_min is None else spec.until_min * S_PER_MIN,
            name_en=spec.name_en,
        )
        for spec in specs
        if spec.on_road
    )


def _touched(
    road: RoadNetwork, spec: ClosureSpec
) -> tuple[IntArray, FloatArray, FloatArray, IntArray]:
    """Return links, begins, ends and nodes."""
    if spec.polygon is not None:
        polygon = shapely.Polygon(spec.polygon)
        inside = shapely.contains_xy(polygon, road.topology.lon, road.topology.lat)
        stops = not spec.factor  # a slowed road is still passed through
        return *stretches_inside(road, polygon), np.flatnonzero(inside & stops)
    if spec.link is not None:
        return np.array([_row(road.link_id, spec.link)]), np.zeros(1), np.ones(1), _NONE
    junction = _row(road.junction_id, spec.junction)
    return _NONE, np.empty(0), np.empty(0), np.flatnonzero(road.node_junction == junction)


_NONE: Final = np.empty(0, np.int64)


def _row(ids: tuple[str, ...], name: str | None) -> int:
    if name not in ids:
        raise ValueError(f"a closure names {name}, which the road network does not know")
    return ids.index(name)


def stretches_inside(
    road: RoadNetwork, polygon: shapely.Polygon
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the parts of links inside a polygon: link, begin and end of each, in order.

    A link that only touches the border in a point is not inside.

    Parameters
    ----------
    road : RoadNetwork
    polygon : shapely.Polygon
        EPSG:4326; its sides are straight in degrees.
    """
    lines = np.array(road.link_line)
    shapely.prepare(polygon)
    near = np.flatnonzero(shapely.intersects(polygon, lines))
    # piece by piece, as a line may pass the same point twice
    link, first, last, piece_begin, piece_end = _pieces(road, lines, near)
    parts, piece = shapely.get_parts(
        shapely.intersection(shapely.linestrings(np.stack([first, last], axis=1)), polygon),
        return_index=True,
    )
    long = shapely.length(parts) > 0
    parts, piece = parts[long], piece[long]
    ends = [shapely.get_coordinates(shapely.get_point(parts, at)) - first[piece] for at in (0, -1)]
    along = (last - first)[piece]
    share = np.sort(
        np.stack([(end * along).sum(axis=1) / (along**2).sum(axis=1) for end in ends]), axis=0
    )
    width = (piece_end - piece_begin)[piece]
    begin, end = (np.clip(piece_begin[piece] + part * width, 0, 1) for part in share)
    return _joined(link[piece], begin, end)


def _pieces(
    road: RoadNetwork, lines: NDArray[np.object_], near: IntArray
) -> tuple[IntArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Cut lines at their vertices: link, first and last point, and the fractions where they lie."""
    points, row = shapely.get_coordinates(lines[near], return_index=True)
    step = np.diff(points, axis=0) * (road.east_scale, 1.0)
    length = np.where(row[1:] == row[:-1], np.hypot(step[:, 0], step[:, 1]), 0.0)
    done = np.concatenate([[0.0], np.cumsum(length)])
    start = done[np.searchsorted(row, np.arange(len(near)))]
    whole = np.bincount(row[1:], length, len(near))
    at = np.flatnonzero(length > 0)
    here = row[at]
    begin, end = ((done[at + k] - start[here]) / whole[here] for k in (0, 1))
    return near[here], points[at], points[at + 1], begin, end


def _joined(
    link: IntArray, begin: FloatArray, end: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Sort stretches and join those of one link that meet; they never overlap."""
    order = np.lexsort((begin, link))
    link, begin, end = link[order], begin[order], end[order]
    meets = (link[1:] == link[:-1]) & (begin[1:] <= end[:-1] + SAME)
    starts = np.flatnonzero(np.concatenate([[True], ~meets])[: len(link)])
    stops = np.append(starts[1:], len(link))[: len(starts)] - 1
    return link[starts], begin[starts], end[stops]
