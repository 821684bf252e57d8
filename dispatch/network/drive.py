"""Driving between places: times for all pairs at once, and one route in full."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from dispatch.network.engine import Metric
from dispatch.network.road import NO_LINK, RoadNetwork
from dispatch.network.snap import Snaps

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Point = tuple[float, float]
T = TypeVar("T")

MS_PER_S: Final = 1000


@dataclass(frozen=True, eq=False)
class Driver:
    """How one kind of vehicle moves: a metric for the roads and a pace off them.

    Parameters
    ----------
    metric : Metric
        The engine with this vehicle's weights, in milliseconds.
    link_ms : IntArray, shape (L,)
        Time along each link.
    access_kmh : float
        Pace between a place and the road.
    """

    metric: Metric
    link_ms: IntArray
    access_kmh: float


@dataclass(frozen=True)
class Route:
    """One way by road, door to door.

    Parameters
    ----------
    time_ms : int
    length_m : int
        Access at both ends included.
    toll_m : int
        Length on tolled links.
    roads : tuple of str
        Road numbers in the order driven, each once in a row; unnumbered roads
        are left out.
    links : tuple of str
        Link ids in the order driven.
    line : tuple of (lon, lat)
    """

    time_ms: int
    length_m: int
    toll_m: int
    roads: tuple[str, ...]
    links: tuple[str, ...]
    line: tuple[Point, ...]


@dataclass(frozen=True, eq=False)
class _Ends:
    """The nodes at both ends of each place's link and the time to or from them."""

    node: IntArray
    time_ms: FloatArray


def drive_times_s(
    road: RoadNetwork, driver: Driver, origins: Snaps, destinations: Snaps
) -> FloatArray:
    """Return the fastest times between all pairs of places.

    Parameters
    ----------
    road : RoadNetwork
    driver : Driver
    origins, destinations : Snaps
        P and Q places.

    Returns
    -------
    FloatArray, shape (P, Q)
        Whole seconds, rounded up; inf where there is no way.
    """
    out, into = _departing(road, driver, origins), _arriving(road, driver, destinations)
    out_nodes, out_row = np.unique(out.node, return_inverse=True)
    in_nodes, in_row = np.unique(into.node, return_inverse=True)
    between = driver.metric.matrix(out_nodes, in_nodes)
    best = _along_one_link(road, driver, origins, destinations)
    for i in range(2):
        for j in range(2):
            via = (
                out.time_ms[:, i, None]
                + between[out_row[:, i][:, None], in_row[:, j][None, :]]
                + into.time_ms[None, :, j]
            )
            best = np.minimum(best, via)
    access = _access_ms(driver, origins)[:, None] + _access_ms(driver, destinations)[None, :]
    seconds: FloatArray = np.ceil((best + access) / MS_PER_S)
    return seconds


def drive(
    road: RoadNetwork,
    driver: Driver,
    origins: Snaps,
    destinations: Snaps,
    pair: tuple[int, int],
) -> Route | None:
    """Return the fastest way from one origin to one destination, or None.

    Parameters
    ----------
    road : RoadNetwork
    driver : Driver
    origins, destinations : Snaps
    pair : (int, int)
        Rows of the origin and of the destination.
    """
    p, q = pair
    out, into = _departing(road, driver, origins), _arriving(road, driver, destinations)
    between = driver.metric.matrix(out.node[p], into.node[q])
    via = out.time_ms[p][:, None] + between + into.time_ms[q][None, :]
    direct = float(_along_one_link(road, driver, origins, destinations)[p, q])
    i, j = np.unravel_index(int(np.argmin(via)), via.shape)
    through = float(via[i, j])
    if not np.isfinite(min(direct, through)):
        return None
    start = (int(origins.link[p]), float(origins.fraction[p]))
    end = (int(destinations.link[q]), float(destinations.fraction[q]))
    if direct <= through:
        pieces = [(start[0], start[1], end[1])]
    else:
        arcs = driver.metric.path(int(out.node[p, i]), int(into.node[q, j]))
        if arcs is None:  # the matrix said otherwise a moment ago
            raise AssertionError("path and matrix disagree")
        pieces = [(start[0], start[1], float(i))]
        pieces += [
            (int(road.arc_link[a]), *((0.0, 1.0) if road.arc_forward[a] else (1.0, 0.0)))
            for a in arcs
            if road.arc_link[a] != NO_LINK
        ]
        pieces += [(end[0], float(j), end[1])]
    access_m = int(origins.access_m[p] + destinations.access_m[q])
    access_ms = float(_access_ms(driver, origins)[p] + _access_ms(driver, destinations)[q])
    doors = (
        (float(origins.lon[p]), float(origins.lat[p])),
        (float(destinations.lon[q]), float(destinations.lat[q])),
    )
    return _route(road, pieces, int(min(direct, through) + access_ms), access_m, doors)


def _route(
    road: RoadNetwork,
    pieces: list[tuple[int, float, float]],
    time_ms: int,
    access_m: int,
    doors: tuple[Point, Point],
) -> Route:
    driven = [piece for piece in pieces if piece[1] != piece[2]] or pieces[:1]
    lengths = [abs(end - start) * int(road.link_length_m[link]) for link, start, end in driven]
    points: list[Point] = [doors[0]]
    for link, start, end in driven:
        part = substring(road.link_line[link], start, end, normalized=True)
        points += [(round(x, 5), round(y, 5)) for x, y in shapely.get_coordinates(part)]
    points.append(doors[1])
    refs = [road.link_ref[link] for link, _, _ in driven if road.link_ref[link]]
    return Route(
        time_ms=time_ms,
        length_m=round(sum(lengths)) + access_m,
        toll_m=round(
            sum(m for m, (link, _, _) in zip(lengths, driven, strict=True) if road.link_toll[link])
        ),
        roads=tuple(_without_repeats(refs)),
        links=tuple(_without_repeats([road.link_id[link] for link, _, _ in driven])),
        line=tuple(_without_repeats(points)),
    )


def _without_repeats(items: list[T]) -> list[T]:
    return items[:1] + [b for a, b in pairwise(items) if a != b]


def _departing(road: RoadNetwork, driver: Driver, places: Snaps) -> _Ends:
    whole = driver.link_ms[places.link].astype(float)
    back = np.where(road.link_both[places.link], np.rint(places.fraction * whole), np.inf)
    return _ends(road, places, back, whole - np.rint(places.fraction * whole))


def _arriving(road: RoadNetwork, driver: Driver, places: Snaps) -> _Ends:
    whole = driver.link_ms[places.link].astype(float)
    along = np.rint(places.fraction * whole)
    return _ends(road, places, along, np.where(road.link_both[places.link], whole - along, np.inf))


def _ends(road: RoadNetwork, places: Snaps, at_tail: FloatArray, at_head: FloatArray) -> _Ends:
    return _Ends(
        node=np.stack([road.link_tail[places.link], road.link_head[places.link]], axis=1),
        time_ms=np.stack([at_tail, at_head], axis=1),
    )


def _along_one_link(
    road: RoadNetwork, driver: Driver, origins: Snaps, destinations: Snaps
) -> FloatArray:
    """Time between places on the same link without leaving it, inf elsewhere."""
    same = origins.link[:, None] == destinations.link[None, :]
    ahead = destinations.fraction[None, :] - origins.fraction[:, None]
    allowed = same & ((ahead >= 0) | road.link_both[origins.link][:, None])
    whole = driver.link_ms[origins.link].astype(float)[:, None]
    return np.where(allowed, np.rint(np.abs(ahead) * whole), np.inf)


def _access_ms(driver: Driver, places: Snaps) -> FloatArray:
    ms: FloatArray = np.rint(places.access_m * 3600.0 / driver.access_kmh)
    return ms
