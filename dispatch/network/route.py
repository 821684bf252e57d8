"""Routes: the lengths of many drives, one drive in full with its clock, its waits and its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import TypeVar

import numpy as np
import shapely
from shapely.ops import substring

from dispatch.network.drive import STAYS, Drives
from dispatch.network.driver import MS_PER_S, IntArray, access_ms, part_ms
from dispatch.network.hindrance import cuts
from dispatch.network.road import NO_LINK, RoadNetwork
from dispatch.network.timed import Hop, Way
from dispatch.network.timed_graph import Part

Point = tuple[float, float]
T = TypeVar("T")


@dataclass(frozen=True)
class Passage:
    """A piece of one link at one pace, on the clock of the scenario.

    Parameters
    ----------
    link : int
        Row of the link.
    begin, end : float
        Fractions of the link, in the order driven.
    enter_ms, leave_ms : float
    """

    link: int
    begin: float
    end: float
    enter_ms: float
    leave_ms: float


@dataclass(frozen=True)
class Route:
    """One way by road, or the part of it between two waits.

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
    start_s, end_s : int
        Door to door, after the start of the scenario.
    passages : tuple of Passage
    """

    length_m: int
    toll_m: int
    roads: tuple[str, ...]
    links: tuple[int, ...]
    line: tuple[Point, ...]
    start_s: int
    end_s: int
    passages: tuple[Passage, ...]


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
    hops = [_hops(found, int(a), int(b)) for a, b in zip(p, q, strict=True)]
    ways = [(k, hop) for k, pair in enumerate(hops) for hop in pair if isinstance(hop, Way)]
    parts = [
        (k, hop.link, abs(hop.end - hop.begin))
        for k, pair in enumerate(hops)
        for hop in pair
        if isinstance(hop, Part) and hop.link != NO_LINK
    ]
    arcs = _arcs(found, [hop for _k, hop in ways])
    row = np.repeat(np.array([k for k, _hop in ways], np.int64), [len(way) for way in arcs])
    link = road.arc_link[np.concatenate([np.empty(0, np.int64), *arcs])]
    row, link = row[link != NO_LINK], link[link != NO_LINK]
    part_row, part_link, share = np.array(parts, float).reshape(-1, 3).T
    row = np.concatenate([row, part_row.astype(np.int64)])
    link = np.concatenate([link, part_link.astype(np.int64)])
    metres = road.link_length_m[link] * np.concatenate([np.ones(len(row) - len(share)), share])
    access = found.origins.access_m[p] + found.destinations.access_m[q]
    total = np.bincount(row, metres, len(hops)) + access
    toll = np.bincount(row, metres * road.link_toll[link], len(hops))
    return np.rint(total).astype(np.int64), np.rint(toll).astype(np.int64)


def route(found: Drives, p: int, q: int) -> Route:
    """Return the drive of one reachable pair in full, waits and all."""
    stages = _stages(found, p, q)
    driven = tuple(passage for stage in stages for passage in stage.passages)
    (whole,) = _routes(found, p, q, [_Stage(stages[0].start_ms, stages[-1].end_ms, driven)])
    return whole


def routes(found: Drives, p: int, q: int) -> tuple[Route, ...]:
    """Return the drive of one reachable pair, cut where it waits for a road to open."""
    return tuple(_routes(found, p, q, _stages(found, p, q)))


@dataclass(frozen=True)
class _Stage:
    """What is driven between two waits."""

    start_ms: float
    end_ms: float
    passages: tuple[Passage, ...]


def _hops(found: Drives, p: int, q: int) -> list[Hop]:
    if not np.isfinite(found.time_s[p, q]):
        raise ValueError(f"there is no way from origin {p} to destination {q}")
    if found.timed is not None:
        return found.timed.hops(p, q)
    first, last = int(found.origins.link[p]), int(found.destinations.link[q])
    start, stop = float(found.origins.fraction[p]), float(found.destinations.fraction[q])
    leave, enter = int(found.leave[p, q]), int(found.enter[p, q])
    if leave == STAYS:
        return [Part(first, start, stop)]
    ends = found.road.link_ends
    way = Way(int(ends[first, leave]), int(ends[last, enter]))
    return [Part(first, start, float(leave)), way, Part(last, float(enter), stop)]


def _arcs(found: Drives, ways: Sequence[Way]) -> list[IntArray]:
    origin = np.array([way.origin for way in ways], np.int64)
    destination = np.array([way.destination for way in ways], np.int64)
    return [
        np.empty(0, np.int64) if arcs is None else arcs
        for arcs in found.driver.metric.paths(origin, destination)
    ]


def _parts(found: Drives, hops: Sequence[Hop]) -> Iterator[Part]:
    """Yield the way link by link, plazas included."""
    road = found.road
    arcs = iter(_arcs(found, [hop for hop in hops if isinstance(hop, Way)]))
    for hop in hops:
        if isinstance(hop, Part):
            yield hop
            continue
        for arc in next(arcs).tolist():
            begin, end = (0.0, 1.0) if road.arc_forward[arc] else (1.0, 0.0)
            yield Part(int(road.arc_link[arc]), begin, end)


def _stages(found: Drives, p: int, q: int) -> list[_Stage]:
    """Drive the way by the clock; a wait of a second or more begins another stage."""
    access = float(access_ms(found.driver, found.origins)[p])
    start = float(found.ready_s[p, q]) * MS_PER_S
    clock, stages, driven = start + access, [], list[Passage]()
    for part in _parts(found, _hops(found, p, q)):
        if part.enter_ms is not None and part.enter_ms >= clock + MS_PER_S:
            if driven:
                stages.append(_Stage(start, clock, tuple(driven)))
                start, driven = part.enter_ms, []
            else:  # whoever has not set out yet waits at home
                start = part.enter_ms - (0.0 if stages else access)
        for passage in _passages(found, part, clock):
            clock = passage.leave_ms
            if passage.link != NO_LINK and passage.begin != passage.end:
                driven.append(passage)
    end = float(found.ready_s[p, q] + found.time_s[p, q]) * MS_PER_S
    return [*stages, _Stage(start, end, tuple(driven))]


def _passages(found: Drives, part: Part, clock: float) -> Iterator[Passage]:
    """Yield a part at its clock, cut where the pace changes."""
    if part.enter_ms is not None and part.leave_ms is not None:
        yield Passage(part.link, part.begin, part.end, part.enter_ms, part.leave_ms)
        return
    if part.link == NO_LINK:
        yield Passage(NO_LINK, 0.0, 0.0, clock, clock + found.driver.plaza_ms)
        return
    blocks = found.driver.hindrances.links.get(part.link, ())
    for begin, end in pairwise(cuts(blocks, part.begin, part.end)):
        leave = clock + part_ms(found.driver, part.link, begin, end)
        yield Passage(part.link, begin, end, clock, leave)
        clock = leave


def _routes(found: Drives, p: int, q: int, stages: Sequence[_Stage]) -> Iterator[Route]:
    road, origins, destinations = found.road, found.origins, found.destinations
    metres = np.array([_metres(road, stage.passages) for stage in stages])
    metres[0, 0] += origins.access_m[p]
    metres[-1, 0] += destinations.access_m[q]
    # rounded in sum, so that the stages add up to the whole
    metres = np.diff(np.rint(np.cumsum(metres, axis=0)), axis=0, prepend=0).astype(np.int64)
    door = (float(origins.lon[p]), float(origins.lat[p]))
    goal = (float(destinations.lon[q]), float(destinations.lat[q]))
    for number, stage in enumerate(stages):
        line = [point for passage in stage.passages for point in _line(road, passage)]
        first, last = number == 0, number == len(stages) - 1
        yield Route(
            length_m=int(metres[number, 0]),
            toll_m=int(metres[number, 1]),
            roads=once([r for passage in stage.passages if (r := road.link_ref[passage.link])]),
            links=once([passage.link for passage in stage.passages]),
            line=once([door] * first + line + [goal] * last),
            start_s=int(stage.start_ms // MS_PER_S),
            end_s=ceil(stage.end_ms / MS_PER_S),
            passages=stage.passages,
        )


def _metres(road: RoadNetwork, passages: Sequence[Passage]) -> tuple[float, float]:
    parts = [
        (abs(part.end - part.begin) * float(road.link_length_m[part.link]), part.link)
        for part in passages
    ]
    return sum(m for m, _link in parts), sum(m for m, link in parts if road.link_toll[link])


def _line(road: RoadNetwork, part: Passage) -> list[Point]:
    """Return the points of a passage; fractions hold on the plane, see ``east_scale``."""
    line = road.link_line[part.link]
    if {part.begin, part.end} == {0.0, 1.0}:
        points = shapely.get_coordinates(line)[:: 1 if part.begin == 0 else -1]
    else:
        plane = shapely.transform(line, lambda xy: xy * (road.east_scale, 1.0))
        piece = substring(plane, part.begin, part.end, normalized=True)
        points = shapely.get_coordinates(piece) / (road.east_scale, 1.0)
    return [(round(x, 5), round(y, 5)) for x, y in points.tolist()]


def once(items: list[T]) -> tuple[T, ...]:
    """Drop what repeats its predecessor."""
    return tuple(items[:1] + [b for a, b in pairwise(items) if a != b])
