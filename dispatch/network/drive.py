"""Driving between places: times for all pairs, lengths of some, one route in full.

A place lies somewhere along a link, so that a way between two places leaves
by one end of the first link and comes in by one end of the last, or never
leaves the link at all::

      tail ===x========= head ~ ~ ~ ~ tail =========o=== head
              |--------->            ------------->|
              leave by head (1)      enter by tail (0)
"""

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
STAYS: Final = -1
"""Marks a drive along one link, which leaves it by neither end."""


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


@dataclass(frozen=True, eq=False)
class Drives:
    """Fastest drives from P origins to Q destinations by one driver.

    Parameters
    ----------
    road : RoadNetwork
    driver : Driver
    origins, destinations : Snaps
    time_s : FloatArray, shape (P, Q)
        Whole seconds door to door, rounded up; inf where there is no way.
    leave, enter : IntArray, shape (P, Q)
        End of the first link by which the drive leaves, and of the last by
        which it enters: 0 first junction, 1 second, :data:`STAYS`.
    """

    road: RoadNetwork
    driver: Driver
    origins: Snaps
    destinations: Snaps
    time_s: FloatArray
    leave: IntArray
    enter: IntArray


@dataclass(frozen=True)
class Route:
    """One way by road, door to door.

    Parameters
    ----------
    length_m, toll_m : int
        Whole length, access at both ends included, and the length on tolled links.
    roads : tuple of str
        Road numbers in the order driven, each once in a row; unnumbered roads
        are left out.
    links : tuple of int
        Rows of the links in the order driven.
    line : tuple of (lon, lat)
    """

    length_m: int
    toll_m: int
    roads: tuple[str, ...]
    links: tuple[int, ...]
    line: tuple[Point, ...]


def drives(road: RoadNetwork, driver: Driver, origins: Snaps, destinations: Snaps) -> Drives:
    """Find the fastest drives between all pairs of places."""
    out_ms, in_ms = _departing_ms(road, driver, origins), _arriving_ms(road, driver, destinations)
    out_nodes, out_row = np.unique(_ends(road, origins), return_inverse=True)
    in_nodes, in_row = np.unique(_ends(road, destinations), return_inverse=True)
    between = driver.metric.matrix(out_nodes, in_nodes)
    best = _staying_ms(road, driver, origins, destinations)
    leave, enter = np.full(best.shape, STAYS), np.full(best.shape, STAYS)
    for i in range(2):
        for j in range(2):
            via = (
                out_ms[:, i, None]
                + between[out_row[:, i][:, None], in_row[:, j][None, :]]
                + in_ms[None, :, j]
            )
            better = via < best
            best = np.where(better, via, best)
            leave, enter = np.where(better, i, leave), np.where(better, j, enter)
    access = _access_ms(driver, origins)[:, None] + _access_ms(driver, destinations)[None, :]
    return Drives(
        road=road,
        driver=driver,
        origins=origins,
        destinations=destinations,
        time_s=np.ceil((best + access) / MS_PER_S),
        leave=leave,
        enter=enter,
    )


def lengths_m(found: Drives, p: IntArray, q: IntArray) -> tuple[IntArray, IntArray]:
    """Return the whole and the tolled length of the drives of some pairs.

    Parameters
    ----------
    found : Drives
    p, q : IntArray, shape (K,)
        Rows of origins and destinations; each pair must be reachable.

    Returns
    -------
    length_m, toll_m : IntArray, shape (K,)
    """
    road = found.road
    paths = _paths(found, p, q)
    row = np.repeat(np.arange(len(paths)), [len(arcs) for arcs in paths])
    link = road.arc_link[np.concatenate([np.empty(0, np.int64), *paths])]
    row, link = row[link != NO_LINK], link[link != NO_LINK]
    # bincount of nothing counts in whole numbers
    total = np.bincount(row, road.link_length_m[link], len(paths)).astype(float)
    toll = np.bincount(row, road.link_length_m[link] * road.link_toll[link], len(paths))
    for places, at, end in ((found.origins, p, found.leave), (found.destinations, q, found.enter)):
        moving = end[p, q] != STAYS
        part = np.abs(places.fraction[at] - end[p, q]) * road.link_length_m[places.link[at]]
        total += np.where(moving, part, 0.0) + places.access_m[at]
    staying = found.leave[p, q] == STAYS
    along = np.abs(found.origins.fraction[p] - found.destinations.fraction[q])
    total += np.where(staying, along * road.link_length_m[found.origins.link[p]], 0.0)
    return np.rint(total).astype(np.int64), np.rint(toll).astype(np.int64)


def route(found: Drives, p: int, q: int) -> Route:
    """Return the drive of one reachable pair in full."""
    road, origins, destinations = found.road, found.origins, found.destinations
    pair = np.array([p]), np.array([q])
    length_m, toll_m = lengths_m(found, *pair)
    first, last = int(origins.link[p]), int(destinations.link[q])
    start, end = float(origins.fraction[p]), float(destinations.fraction[q])
    if found.leave[p, q] == STAYS:
        pieces = [(first, start, end)]
    else:
        (arcs,) = _paths(found, *pair)
        pieces = [(first, start, float(found.leave[p, q]))]
        pieces += [
            (int(road.arc_link[a]), *((0.0, 1.0) if road.arc_forward[a] else (1.0, 0.0)))
            for a in arcs
            if road.arc_link[a] != NO_LINK
        ]
        pieces += [(last, float(found.enter[p, q]), end)]
    driven = [piece for piece in pieces if piece[1] != piece[2]]
    points: list[Point] = [(float(origins.lon[p]), float(origins.lat[p]))]
    for link, begin, stop in driven:
        part = substring(road.link_line[link], begin, stop, normalized=True)
        points += [(round(x, 5), round(y, 5)) for x, y in shapely.get_coordinates(part).tolist()]
    points.append((float(destinations.lon[q]), float(destinations.lat[q])))
    return Route(
        length_m=int(length_m[0]),
        toll_m=int(toll_m[0]),
        roads=_once([road.link_ref[link] for link, _, _ in driven if road.link_ref[link]]),
        links=_once([link for link, _, _ in driven]),
        line=_once(points),
    )


def _paths(found: Drives, p: IntArray, q: IntArray) -> list[IntArray]:
    """Arcs of each pair between the links of its ends; none where it stays on one link."""
    leave, enter = found.leave[p, q], found.enter[p, q]
    moving = np.flatnonzero(leave != STAYS)
    origin = _ends(found.road, found.origins)[p[moving], leave[moving]]
    destination = _ends(found.road, found.destinations)[q[moving], enter[moving]]
    paths = [np.empty(0, np.int64)] * len(p)
    for k, arcs in zip(moving, found.driver.metric.paths(origin, destination), strict=True):
        if arcs is None:
            raise ValueError(f"there is no way from origin {p[k]} to destination {q[k]}")
        paths[k] = arcs
    return paths


def _once(items: list[T]) -> tuple[T, ...]:
    """Drop what repeats its predecessor."""
    return tuple(items[:1] + [b for a, b in pairwise(items) if a != b])


def _ends(road: RoadNetwork, places: Snaps) -> IntArray:
    return np.stack([road.link_tail[places.link], road.link_head[places.link]], axis=1)


def _departing_ms(road: RoadNetwork, driver: Driver, places: Snaps) -> FloatArray:
    whole = driver.link_ms[places.link].astype(float)
    done = np.rint(places.fraction * whole)
    back = np.where(road.link_both[places.link], done, np.inf)
    return np.stack([back, whole - done], axis=1)


def _arriving_ms(road: RoadNetwork, driver: Driver, places: Snaps) -> FloatArray:
    whole = driver.link_ms[places.link].astype(float)
    along = np.rint(places.fraction * whole)
    back = np.where(road.link_both[places.link], whole - along, np.inf)
    return np.stack([along, back], axis=1)


def _staying_ms(
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
