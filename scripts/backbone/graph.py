"""A road graph that is made coarser step by step without losing its lengths.

::

    contract            prune              gather                 pair
    a--x--b             a---b---c          a--x-y--b              a===b
                            |                 | |                 twin roads
    a-----b             a-------c          a---x---b              a---b
    x joined            dead end gone      |xy| given to b        one road
                                              and to the others
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from dispatch.geo import haversine_m
from dispatch.network.osm import RoadExtract

Line = NDArray[np.float64]
Tally = Mapping[tuple[str, str], float]

M_PER_DEG: Final = 111_195.0
"""Metres in a degree of latitude on the sphere of :mod:`dispatch.geo`."""


@dataclass(frozen=True, eq=False)
class Road:
    """A piece of road between two nodes.

    Parameters
    ----------
    tail, head : int
    oneway : bool
        Traffic from tail to head only.
    length_m : float
    line : Line, shape (K, 2)
        Longitude and latitude from tail to head, EPSG:4326.
    tally : Tally
        Metres for which an attribute has a value: ``("class", "trunk"): 812.5``.
    """

    tail: int
    head: int
    oneway: bool
    length_m: float
    line: Line
    tally: Tally

    def most(self, attribute: str) -> str:
        """Return the value that holds for most of the length, empty if for less than half."""
        values = {v: m for (key, v), m in self.tally.items() if key == attribute}
        if not values:
            return ""
        best = max(values, key=lambda v: (values[v], v))
        return best if values[best] >= 0.5 * self.length_m else ""

    @property
    def road_class(self) -> str:
        """The class of the greatest length."""
        values = {v: m for (key, v), m in self.tally.items() if key == "class"}
        return max(values, key=lambda v: (values[v], v))

    def metres(self, attribute: str) -> float:
        """Return the length for which a yes-or-no attribute is yes."""
        return self.tally.get((attribute, "yes"), 0.0)

    def other(self, node: int) -> int:
        """Return the end that is not `node`."""
        return self.head if node == self.tail else self.tail


@dataclass
class RoadGraph:
    """Nodes and the roads between them.

    Parameters
    ----------
    places : dict of int to (lon, lat)
    roads : dict of int to Road
    at : dict of int to list of int
        Roads that end at each node; a loop stands there twice.
    """

    places: dict[int, tuple[float, float]] = field(default_factory=dict)
    roads: dict[int, Road] = field(default_factory=dict)
    at: dict[int, list[int]] = field(default_factory=dict)
    fresh_node: int = 0
    fresh_road: int = 0

    def add_node(self, lon: float, lat: float) -> int:
        """Add a node and return its number."""
        node = self.fresh_node
        self.fresh_node += 1
        self.places[node] = (lon, lat)
        self.at[node] = []
        return node

    def add(self, road: Road) -> int:
        """Add a road and return its number."""
        number = self.fresh_road
        self.fresh_road += 1
        self.roads[number] = road
        self.at[road.tail].append(number)
        self.at[road.head].append(number)
        return number

    def remove(self, number: int) -> Road:
        """Take a road out, with the ends that it leaves bare."""
        road = self.roads.pop(number)
        for node in (road.tail, road.head):
            if node in self.at and number in self.at[node]:
                self.at[node] = [n for n in self.at[node] if n != number]
                if not self.at[node]:
                    del self.at[node], self.places[node]
        return road


def from_extract(extract: RoadExtract) -> RoadGraph:
    """Turn an extract into a graph of roads."""
    graph = RoadGraph()
    for lon, lat in zip(extract.nodes["lon"], extract.nodes["lat"], strict=True):
        graph.add_node(float(lon), float(lat))
    edges = extract.edges.assign(
        lanes=extract.edges["lanes"].astype("string").fillna(""),
        toll=extract.edges["toll"].map({True: "yes", False: "no"}).fillna(""),
    )
    for edge in edges.itertuples():
        if edge.tail == edge.head:
            continue
        length = float(edge.length_m)
        values = {"class": edge.road_class, "ref": edge.ref, "name": edge.name}
        values |= {"lanes": edge.lanes, "toll": edge.toll}
        values |= {k: "yes" if getattr(edge, k) else "" for k in ("bridge", "tunnel", "bridged")}
        tally = {(key, value): length for key, value in values.items() if value}
        line = shapely.get_coordinates(edge.geometry)
        graph.add(Road(int(edge.tail), int(edge.head), bool(edge.oneway), length, line, tally))
    return graph


def mend(graph: RoadGraph, gap_m: float) -> int:
    """Join dead ends of the same class that lie closer than `gap_m`; return how many.

    Extracts that went through map tiles break roads at tile borders. Ends that hang
    together over a few gaps' length already are left alone. What is drawn counts as
    ``bridged``.
    """
    ends = [n for n, roads in sorted(graph.at.items()) if len(roads) == 1]
    at = np.array([graph.places[n] for n in ends]).reshape(-1, 2)
    tree = cKDTree(_flat(at))
    pairs = tree.query_pairs(gap_m, output_type="ndarray")
    away = haversine_m(*at[pairs[:, 0]].T, *at[pairs[:, 1]].T)
    mended = 0
    for i in np.lexsort([pairs[:, 1], pairs[:, 0], away.round(3)]).tolist():
        tail, head = (ends[k] for k in pairs[i].tolist())
        if len(graph.at[tail]) > 1 or len(graph.at[head]) > 1:
            continue
        one, two = (graph.roads[graph.at[n][0]] for n in (tail, head))
        near = _within(graph, tail, 5 * gap_m)
        if one.road_class != two.road_class or head in near:
            continue
        length = max(float(away[i]), 1.0)
        tally = {("class", one.road_class): length, ("bridged", "yes"): length}
        line = np.array([graph.places[tail], graph.places[head]])
        graph.add(Road(tail, head, False, length, line, tally))
        mended += 1
    return mended


def _within(graph: RoadGraph, start: int, reach_m: float) -> dict[int, float]:
    """Return the nodes no farther than `reach_m` along the roads, with the way to each."""
    done: dict[int, float] = {}
    queue = [(0.0, start)]
    while queue:
        so_far, node = heapq.heappop(queue)
        if node in done:
            continue
        done[node] = so_far
        for number in graph.at[node]:
            road = graph.roads[number]
            if so_far + road.length_m <= reach_m:
                heapq.heappush(queue, (so_far + road.length_m, road.other(node)))
    return done


def reverse(road: Road) -> Road:
    """Return a road told from its other end; a one-way road then runs against its line."""
    return replace(road, tail=road.head, head=road.tail, line=road.line[::-1])


def join(first: Road, second: Road, at: int) -> Road:
    """Return the road that runs along two roads which meet in a node."""
    a = first if first.head == at else reverse(first)
    b = second if second.tail == at else reverse(second)
    tally = dict(a.tally)
    for key, metres in b.tally.items():
        tally[key] = tally.get(key, 0.0) + metres
    line = np.concatenate([a.line, b.line[1:]])
    return Road(a.tail, b.head, False, a.length_m + b.length_m, line, tally)


def passes(first: Road, second: Road, at: int) -> Road | None:
    """Join two roads if traffic at the node between them has no choice, else return None."""
    if not (first.oneway or second.oneway):
        return join(first, second, at)
    if first.oneway and second.oneway:
        if first.head == at and second.tail == at:
            return replace(join(first, second, at), oneway=True)
        if second.head == at and first.tail == at:
            return replace(join(second, first, at), oneway=True)
    return None


def contract(graph: RoadGraph, keep: Collection[int], blend_m: float) -> None:
    """Join the roads at every node of degree two that need not be kept.

    Roads of different class are joined only if one of them is shorter than
    `blend_m`: shortest first, so that slips of a class vanish into what they lie in.
    """
    for limit in (0.0, blend_m):
        for node in sorted(graph.places, key=lambda n: (_shortest(graph, n), n)):
            if node not in keep:
                _join_at(graph, node, limit)


def _shortest(graph: RoadGraph, node: int) -> float:
    return min((graph.roads[n].length_m for n in graph.at[node]), default=0.0)


def _join_at(graph: RoadGraph, node: int, blend_m: float) -> None:
    if len(graph.at[node]) != 2 or len(set(graph.at[node])) != 2:
        return
    one, two = graph.at[node]
    first, second = graph.roads[one], graph.roads[two]
    short = min(first.length_m, second.length_m) < blend_m
    if first.road_class != second.road_class and not short:
        return
    road = passes(first, second, node)
    if road is not None:
        graph.add(road)
        graph.remove(one)
        graph.remove(two)


def prune(graph: RoadGraph, keep: Collection[int], leads: Callable[[Road], bool]) -> None:
    """Remove loops and dead ends that lead nowhere, until none is left."""
    tips = sorted(graph.places)
    while tips:
        node = tips.pop()
        if node not in graph.at or node in keep or len(graph.at[node]) != 1:
            continue
        number = graph.at[node][0]
        road = graph.roads[number]
        if not leads(road):
            tips.append(road.other(node))
            graph.remove(number)


def gather(graph: RoadGraph, rank: Mapping[int, int], reach: Callable[[Road], float]) -> None:
    """Merge nodes joined by a road no longer than its reach into one, shortest road first.

    The node of the higher rank stays, else the busier one; two ranked nodes are never
    merged. What met at the other node is led on along the road between them, so that
    ways through both keep their length. A merged node grows no wider than the reach.
    """
    width: dict[int, float] = {}
    for number in sorted(graph.roads, key=lambda n: (graph.roads[n].length_m, n)):
        road = graph.roads.get(number)
        if road is None or road.tail == road.head or road.length_m > reach(road):
            continue
        stays, goes = sorted(
            (road.tail, road.head), key=lambda n: (-rank.get(n, 0), -len(graph.at[n]), n)
        )
        if goes in rank:
            continue
        wide = width.get(stays, 0.0) + width.get(goes, 0.0) + road.length_m
        if wide > 2 * reach(road):
            continue
        width[stays] = wide
        _lead_on(graph, number, stays, goes)


def _lead_on(graph: RoadGraph, number: int, stays: int, goes: int) -> None:
    between = graph.roads[number]
    for other in list(dict.fromkeys(graph.at[goes])):
        road = graph.roads[other]
        if other == number or {road.tail, road.head} <= {stays, goes}:
            continue
        longer = join(road, between, goes) if road.head == goes else join(between, road, goes)
        graph.add(replace(longer, oneway=road.oneway))
    for other in list(dict.fromkeys(graph.at[goes])):
        graph.remove(other)


def pair(graph: RoadGraph, apart_m: float) -> None:
    """Make one road of twins: same ends, same class, never farther apart than `apart_m`.

    Two carriageways become one road both ways, with the lanes of both.
    """
    by_ends: dict[tuple[int, int], list[int]] = {}
    for number, road in sorted(graph.roads.items()):
        by_ends.setdefault((min(road.tail, road.head), max(road.tail, road.head)), []).append(
            number
        )
    for ends, numbers in by_ends.items():
        if ends[0] == ends[1]:
            continue
        kept: list[int] = []
        for number in sorted(numbers, key=lambda n: (graph.roads[n].length_m, n)):
            for i, twin in enumerate(kept):
                if _twins(graph.roads[twin], graph.roads[number], apart_m):
                    kept[i] = graph.add(_both(graph.roads[twin], graph.roads[number]))
                    graph.remove(twin)
                    graph.remove(number)
                    break
            else:
                kept.append(number)


def _twins(a: Road, b: Road, apart_m: float) -> bool:
    if a.road_class != b.road_class:
        return False
    one, two = (shapely.LineString(_flat(r.line)) for r in (a, b))
    return bool(shapely.hausdorff_distance(one, two, densify=0.25) <= apart_m)


def _both(a: Road, b: Road) -> Road:
    opposed = a.oneway and b.oneway and a.tail == b.head
    if not opposed:
        return a if b.oneway or not a.oneway else b
    tally = {k: v for k, v in a.tally.items() if k[0] != "lanes"}
    lanes = [road.most("lanes") for road in (a, b)]
    if all(lanes):
        tally["lanes", str(sum(int(n) for n in lanes))] = a.length_m
    return replace(a, oneway=False, tally=tally)


def _flat(line: Line) -> Line:
    """Scale degrees to metres around the line; good to 1 % over a road's extent."""
    scale = np.array([np.cos(np.radians(line[:, 1].mean())), 1.0]) * M_PER_DEG
    flat: Line = line * scale
    return flat


def drop_loops(graph: RoadGraph) -> None:
    """Remove roads that come back to where they left."""
    for number, road in sorted(graph.roads.items()):
        if road.tail == road.head:
            graph.remove(number)


def cut_road(graph: RoadGraph, number: int, fractions: list[float]) -> list[int]:
    """Cut a road at some fractions of its line and return the new nodes in order.

    Attributes are shared out by length. Fractions ascend strictly inside (0, 1).
    """
    road = graph.roads[number]
    lengths = haversine_m(*road.line[:-1].T, *road.line[1:].T)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    marks = [0.0, *fractions, 1.0]
    nodes = [graph.add_node(*_at(road.line, along, f)) for f in fractions]
    ends = [road.tail, *nodes, road.head]
    for i, (start, stop) in enumerate(pairwise(marks)):
        inside = (along > start * along[-1]) & (along < stop * along[-1])
        line = np.array(
            [_at(road.line, along, start), *road.line[inside], _at(road.line, along, stop)]
        )
        share = stop - start
        tally = {key: metres * share for key, metres in road.tally.items()}
        graph.add(Road(ends[i], ends[i + 1], road.oneway, road.length_m * share, line, tally))
    graph.remove(number)
    return nodes


def _at(line: Line, along: NDArray[np.float64], fraction: float) -> tuple[float, float]:
    mark = fraction * along[-1]
    return float(np.interp(mark, along, line[:, 0])), float(np.interp(mark, along, line[:, 1]))


def cut_long(graph: RoadGraph, longest_m: float) -> None:
    """Cut every road longer than `longest_m` into equal pieces, access roads apart."""
    for number, road in sorted(graph.roads.items()):
        pieces = int(np.ceil(road.length_m / longest_m))
        if pieces > 1 and road.road_class != "access":
            cut_road(graph, number, [i / pieces for i in range(1, pieces)])


def components(
    graph: RoadGraph, roads: Collection[int], walls: Collection[int] = ()
) -> Iterator[list[int]]:
    """Yield sets of roads that hang together, not through a node that is a wall."""
    left = set(roads)
    for seed in sorted(left):
        if seed not in left:
            continue
        left.remove(seed)
        found, stack = [seed], [seed]
        while stack:
            road = graph.roads[stack.pop()]
            for node in (road.tail, road.head):
                if node in walls:
                    continue
                for other in graph.at[node]:
                    if other in left:
                        left.remove(other)
                        found.append(other)
                        stack.append(other)
        yield sorted(found)
