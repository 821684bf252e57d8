"""When the first of several vehicles is at each point of the road.

A link is passed from either end, and from each origin on it, until the ways
meet::

    12:00 ===>===>===>  12:20  <===<=== 12:10      one link, two ramps
      a                                   b

Tolled links carry vehicles too, but lead to no place along them, and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dispatch.network.driver import (
    Driver,
    FloatArray,
    IntArray,
    access_ms,
    departing_ms,
    part_ms,
)
from dispatch.network.road import RoadNetwork
from dispatch.network.snap import Snaps


@dataclass(frozen=True, eq=False)
class Ramps:
    """Stretches of links over which the time of arrival rises or falls evenly.

    Parameters
    ----------
    link : IntArray, shape (K,)
    begin, end : FloatArray, shape (K,)
        Fractions of the link, ``begin`` less than ``end``.
    begin_ms, end_ms : FloatArray, shape (K,)
        When the first vehicle is at either end.
    """

    link: IntArray
    begin: FloatArray
    end: FloatArray
    begin_ms: FloatArray
    end_ms: FloatArray


def ramps(road: RoadNetwork, driver: Driver, origins: Snaps) -> Ramps:
    """Return the stretches of free links that any origin reaches, and when the first is there.

    Parameters
    ----------
    road : RoadNetwork
    driver : Driver
        Its closures, if any, must hold for good.
    origins : Snaps
        All leave at once; the way to the road counts.

    Raises
    ------
    ValueError
        If roads of the driver open or close with the clock.
    """
    if driver.timed_links.size:
        raise ValueError("some roads open or close with the clock")
    node_ms = _node_ms(road, driver, origins)
    cut = np.union1d(origins.link, np.array(sorted(driver.hindrances.links), np.int64))
    plain = np.setdiff1d(np.flatnonzero(~road.link_toll), cut)
    back_ms = np.where(road.link_both, node_ms[road.link_head], np.inf)
    zero, one = np.zeros(plain.size), np.ones(plain.size)
    rows = [plain, zero, one, node_ms[road.link_tail[plain]], back_ms[plain], driver.link_ms[plain]]
    pieces = [
        piece
        for link in cut[~road.link_toll[cut]].tolist()
        for piece in _pieces(road, driver, link, origins, node_ms)
    ]
    columns = zip(rows, np.array(pieces).reshape(-1, 6).T, strict=True)
    return _meeting(*(np.concatenate(column) for column in columns))


def _node_ms(road: RoadNetwork, driver: Driver, origins: Snaps) -> FloatArray:
    """Return when the first vehicle is at each node."""
    out_ms = departing_ms(road, driver, origins) + access_ms(driver, origins)[:, None]
    nodes, row = np.unique(road.link_ends[origins.link], return_inverse=True)
    start_ms = np.full(nodes.size, np.inf)
    np.minimum.at(start_ms, row.ravel(), out_ms.ravel())
    between = driver.metric.matrix(nodes, np.arange(road.topology.n_nodes))
    first: FloatArray = (start_ms[:, None] + between).min(axis=0, initial=np.inf)
    return first


def _pieces(
    road: RoadNetwork, driver: Driver, link: int, origins: Snaps, node_ms: FloatArray
) -> list[tuple[float, ...]]:
    """Cut a link at origins and closures: link, begin, end, time at either, time between."""
    here = np.flatnonzero(origins.link == link)
    starts: dict[float, float] = {}
    for fraction, ms in zip(
        origins.fraction[here].tolist(), access_ms(driver, origins)[here].tolist(), strict=True
    ):
        starts[fraction] = min(ms, starts.get(fraction, np.inf))
    blocks = driver.hindrances.links.get(link, ())
    at = sorted({0.0, 1.0, *starts, *(x for block in blocks for x in (block.begin, block.end))})
    takes = [part_ms(driver, link, a, b) for a, b in pairwise(at)]
    ahead = _along(at, takes, starts, node_ms[road.link_tail[link]])
    back = _along(at[::-1], takes[::-1], starts, node_ms[road.link_head[link]])[::-1]
    if not road.link_both[link]:
        back = [np.inf] * len(at)
    return [
        (link, at[k], at[k + 1], ahead[k], back[k + 1], takes[k])
        for k in range(len(takes))
        if np.isfinite(takes[k])
    ]


def _along(
    at: list[float], takes: list[float], starts: dict[float, float], enter_ms: float
) -> list[float]:
    """Return the times of arrival at points along a link, entered by the first of them."""
    times = [min(float(enter_ms), starts.get(at[0], np.inf))]
    for point, ms in zip(at[1:], takes, strict=True):
        times.append(min(times[-1] + ms, starts.get(point, np.inf)))
    return times


def _meeting(
    link: FloatArray,
    begin: FloatArray,
    end: FloatArray,
    begin_ms: FloatArray,
    end_ms: FloatArray,
    takes_ms: FloatArray,
) -> Ramps:
    """Part each piece where the way from its begin meets the way from its end."""
    reached = np.flatnonzero(np.isfinite(np.minimum(begin_ms, end_ms)))
    link, begin, end, ahead, back, takes = (
        values[reached] for values in (link, begin, end, begin_ms, end_ms, takes_ms)
    )
    share = np.clip((back - ahead + takes) / (2 * np.maximum(takes, 1)), 0.0, 1.0)
    middle = begin + share * (end - begin)
    # a way that does not exist has no share, and is dropped
    there = [begin < middle, (share < 1) & (middle < end)]
    parts = [
        (link, begin, middle, ahead, ahead + share * takes),
        (link, middle, end, back + (1 - share) * takes, back),
    ]
    halves = zip(*([c[k] for c in part] for part, k in zip(parts, there, strict=True)), strict=True)
    columns = [np.concatenate(column) for column in halves]
    return Ramps(columns[0].astype(np.int64), *columns[1:])
