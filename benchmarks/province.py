"""A made-up province for benchmarks: cities, towns and the roads between them.

Nothing in it is real but its size and habit: settlements of Zipf's sizes,
each a grid of streets with gaps, dead ends, arterials and one-way streets,
joined by country roads and a net of motorways. The same seed gives the same
province.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay

from dispatch.geo import PROVINCE_BOUNDS, haversine_m
from dispatch.network.engine import Topology

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

METRES_PER_DEGREE: Final = 111_195.0
ARTERIAL_EVERY: Final = 6
"""Every so many streets of a grid is an arterial: two-way, without gaps."""
STREET_KEPT: Final = 0.68
ONE_WAY_STREETS: Final = 0.2
ROAD_KEPT: Final = 0.75
DETOUR: Final = 1.25
"""Road length over straight distance."""
BLOCK_M: Final = 110.0
STREET_KMH, ARTERIAL_KMH, COUNTRY_KMH, MOTORWAY_KMH = 20.0, 40.0, 50.0, 90.0
COUNTRY_STEP_M, MOTORWAY_STEP_M = 700.0, 1_500.0
"""A node of a country road, or of a motorway, stands every so many metres."""


@dataclass(frozen=True, eq=False)
class Province:
    """A road network and the time to drive each arc.

    Parameters
    ----------
    topology : Topology
        Every node reaches every other one.
    weight_ms : IntArray, shape (A,)
        Driving time of each arc in whole milliseconds.
    """

    topology: Topology
    weight_ms: IntArray


@dataclass(frozen=True, eq=False)
class _Part:
    """Nodes (lon, lat) and links between them; ``two_way`` links count twice."""

    lon: FloatArray
    lat: FloatArray
    tail: IntArray
    head: IntArray
    two_way: NDArray[np.bool_]
    kmh: FloatArray


def make_province(seed: int, *, settlements: int = 1_200, grid_nodes: int = 340_000) -> Province:
    """Draw a province.

    Parameters
    ----------
    seed : int
    settlements : int
        Number of cities and towns, at least 4.
    grid_nodes : int
        Street crossings in all of them; country roads come on top. The
        defaults give about 400,000 nodes and 1,000,000 arcs.
    """
    rng = np.random.default_rng(seed)
    rank = np.arange(1, settlements + 1)
    sides = np.maximum(3, np.sqrt(grid_nodes / rank / np.sum(1 / rank)).astype(np.int64))
    lon, lat = _centres(rng, settlements)
    first = np.concatenate([[0], np.cumsum(sides**2)])
    parts = [
        _grid(rng, x, y, int(side), int(start))
        for x, y, side, start in zip(lon, lat, sides, first, strict=False)
    ]
    n_nodes = int(first[-1])
    n_cities = max(4, settlements // 10)
    for count, step_m, kmh, kept in (
        (settlements, COUNTRY_STEP_M, COUNTRY_KMH, ROAD_KEPT),
        (n_cities, MOTORWAY_STEP_M, MOTORWAY_KMH, 1.0),
    ):
        part = _roads(rng, lon[:count], lat[:count], sides, first, n_nodes, step_m, kmh, kept)
        parts.append(part)
        n_nodes += len(part.lon)
    return _joined(rng, parts)


def _centres(rng: np.random.Generator, count: int) -> tuple[FloatArray, FloatArray]:
    """Scatter settlements over the province, no two in one cell of a lattice."""
    west, south, east, north = PROVINCE_BOUNDS
    n_x = int(np.ceil(np.sqrt(count * 0.65)))
    n_y = int(np.ceil(count / n_x))
    cell = rng.permutation(n_x * n_y)[:count]
    x = (cell % n_x + rng.uniform(0.2, 0.8, count)) / n_x
    y = (cell // n_x + rng.uniform(0.2, 0.8, count)) / n_y
    return west + x * (east - west), south + y * (north - south)


def _grid(rng: np.random.Generator, lon: float, lat: float, side: int, first: int) -> _Part:
    """Lay a square grid of streets around a centre."""
    node = np.arange(side * side).reshape(side, side)
    offset = (np.arange(side) - (side - 1) / 2) * BLOCK_M / METRES_PER_DEGREE
    jitter = rng.normal(0, 0.12 * BLOCK_M / METRES_PER_DEGREE, (2, side, side))
    x = lon + (offset[None, :] + jitter[0]) / np.cos(np.radians(lat))
    y = lat + offset[:, None] + jitter[1]
    streets = []
    for tail, head, line in (
        (node[:, :-1], node[:, 1:], np.repeat(np.arange(side), side - 1)),
        (node[:-1].T, node[1:].T, np.repeat(np.arange(side), side - 1)),
    ):
        arterial = line % ARTERIAL_EVERY == 0
        kept = arterial | (rng.random(line.size) < STREET_KEPT)
        one_way = ~arterial & (rng.random(side) < ONE_WAY_STREETS)[line]
        backward = one_way & (line % 2 == 1)
        ends = np.where(backward, [head.ravel(), tail.ravel()], [tail.ravel(), head.ravel()])
        streets.append((ends[:, kept], ~one_way[kept], arterial[kept]))
    ends, two_way, arterial = (np.concatenate(a, axis=-1) for a in zip(*streets, strict=True))
    kmh = np.where(arterial, ARTERIAL_KMH, STREET_KMH)
    return _Part(x.ravel(), y.ravel(), first + ends[0], first + ends[1], two_way, kmh)


def _roads(
    rng: np.random.Generator,
    lon: FloatArray,
    lat: FloatArray,
    sides: IntArray,
    first: IntArray,
    n_nodes: int,
    step_m: float,
    kmh: float,
    kept: float,
) -> _Part:
    """Join neighbouring settlements, each road a chain of nodes; new ids from ``n_nodes``."""
    triangles = Delaunay(np.column_stack([lon, lat])).simplices
    pairs = np.sort(
        np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])
    )
    pairs = np.unique(pairs, axis=0)
    pairs = pairs[rng.random(len(pairs)) < kept]
    a, b = pairs.T
    length_m = haversine_m(lon[a], lat[a], lon[b], lat[b])
    steps = np.maximum(2, (length_m / step_m).astype(np.int64))
    road = np.repeat(np.arange(len(pairs)), steps)
    position = np.arange(steps.sum()) - np.repeat(np.cumsum(steps) - steps, steps)
    new = n_nodes + np.arange(steps.sum()) - road  # a road of k steps has k - 1 new nodes
    tail = np.where(position == 0, _gate(lon, lat, sides, first, a, b)[road], new - 1)
    head = np.where(position == steps[road] - 1, _gate(lon, lat, sides, first, b, a)[road], new)
    inner = position < steps[road] - 1
    share = ((position + 1) / steps[road])[inner]
    wobble = rng.normal(0, 0.1 * step_m / METRES_PER_DEGREE, (2, share.size))
    x = lon[a][road[inner]] * (1 - share) + lon[b][road[inner]] * share + wobble[0]
    y = lat[a][road[inner]] * (1 - share) + lat[b][road[inner]] * share + wobble[1]
    return _Part(x, y, tail, head, np.ones(tail.size, dtype=bool), np.full(tail.size, kmh))


def _gate(
    lon: FloatArray, lat: FloatArray, sides: IntArray, first: IntArray, town: IntArray, to: IntArray
) -> IntArray:
    """Return the crossing of arterials at which ``town`` looks towards ``to``."""
    bearing = np.arctan2(lat[to] - lat[town], lon[to] - lon[town])
    side = sides[town]

    def line(component: FloatArray) -> IntArray:
        at = np.rint((component + 1) / 2 * (side - 1) / ARTERIAL_EVERY).astype(np.int64)
        return np.minimum(at, (side - 1) // ARTERIAL_EVERY) * ARTERIAL_EVERY

    gate: IntArray = first[town] + line(np.sin(bearing)) * side + line(np.cos(bearing))
    return gate


def _joined(rng: np.random.Generator, parts: list[_Part]) -> Province:
    """Put the parts together and keep what hangs together in both directions."""
    lon, lat, tail, head, two_way, kmh = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("lon", "lat", "tail", "head", "two_way", "kmh")
    )
    length_m = DETOUR * np.maximum(haversine_m(lon[tail], lat[tail], lon[head], lat[head]), 1.0)
    duration_ms = length_m / kmh * 3_600 * rng.uniform(0.8, 1.2, length_m.size)
    weight_ms = np.rint(duration_ms).astype(np.int64)
    tail, head = np.concatenate([tail, head[two_way]]), np.concatenate([head, tail[two_way]])
    weight_ms = np.concatenate([weight_ms, weight_ms[two_way]])

    graph = csr_array((np.ones(tail.size, dtype=np.int8), (tail, head)), shape=(lon.size,) * 2)
    label = connected_components(graph, connection="strong")[1]
    kept = label == np.bincount(label).argmax()
    arcs = kept[tail] & kept[head]
    new_id = np.cumsum(kept) - 1
    topology = Topology(
        n_nodes=int(kept.sum()),
        tail=new_id[tail[arcs]],
        head=new_id[head[arcs]],
        lon=lon[kept],
        lat=lat[kept],
    )
    return Province(topology, weight_ms[arcs])
