"""Road numbers given to links along known corridors.

A corridor is a numbered road told by points along it. Between two points it follows the
cheapest way over the network: a metre on a link of its classes costs 1, on any other, or on
foot between dead ends and from a point to its junctions, :data:`STRAY`. Links of its classes
on that way get its number. A stretch on which the way is much longer than the straight line,
or mostly of other classes, is left without a number, and said so.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from backbone.graph import M_PER_DEG
from backbone.tables import Tables
from dispatch.geo import haversine_m

STRAY: Final = 4.0

SNAP_M: Final = 3_000.0
"""A point of a corridor may lie this far from its road."""

BESIDE_M: Final = 1_000.0
"""A point as near as this to a junction is taken to mean the junction."""

GAP_M: Final = 5_000.0
"""What is nearer than this to a dead end may be the other side of a gap in the extract."""

WINDING: Final = 1.6
SLACK_M: Final = 5_000.0
"""A stretch may be this much longer than its straight line, in ratio and on top."""

FITTING_SHARE: Final = 0.75
"""So much of a stretch must be of the classes of its corridor."""

NO_LINK: Final = -1

Step = tuple[float, int, int, int]
"""Cost, the two nodes and the link or :data:`NO_LINK`."""

SEPARATOR: Final = ";"
"""Between the numbers of a road that has several, as OpenStreetMap does it."""


@dataclass(frozen=True)
class Corridor:
    """A numbered road: its number, name, classes and points (lon, lat) in order."""

    key: str
    ref: str
    name: str
    road_classes: tuple[str, ...]
    points: tuple[tuple[float, float], ...]


def read(path: Path) -> list[Corridor]:
    """Read the corridor table."""
    table = pd.read_csv(path, dtype=str)
    return [
        Corridor(
            key=row["corridor_id"],
            ref=row["ref"],
            name=row["name"],
            road_classes=tuple(row["road_classes"].split()),
            points=tuple(map(tuple, shapely.from_wkt(row["waypoints"]).coords)),
        )
        for row in table.to_dict("records")
    ]


def number(rows: Tables, corridors: list[Corridor]) -> Tables:
    """Return the tables with the numbers and names of corridors on links that have none.

    A number that the extract gives is kept, unless it can't be that of a motorway.
    """
    links = rows.links.copy()
    wrong = links["road_class"].eq("motorway") & links["ref"].map(_is_trunk_number)
    links.loc[wrong, ["ref", "name"]] = ""
    given: dict[int, list[Corridor]] = {}
    for corridor in corridors:
        for link in _course(rows.junctions, links, corridor):
            if not links["ref"].iloc[link]:
                given.setdefault(link, []).append(corridor)
    for link, found in sorted(given.items()):
        links.loc[link, "ref"] = SEPARATOR.join(dict.fromkeys(c.ref for c in found))
        links.loc[link, "name"] = SEPARATOR.join(dict.fromkeys(c.name for c in found))
        links.loc[link, "source"] = f"{links['source'].iloc[link]}; number from network/corridors"
    return Tables(rows.junctions, links)


def _is_trunk_number(ref: str) -> bool:
    """Say whether a number is that of an ordinary national road, which has three digits."""
    return re.fullmatch(r"G\d{3}", ref) is not None


def _course(junctions: pd.DataFrame, links: pd.DataFrame, corridor: Corridor) -> Iterator[int]:
    """Yield the rows of the links along a corridor, each once."""
    length = links["length_m"].to_numpy(float)
    fits = links["road_class"].isin(corridor.road_classes).to_numpy()
    graph, link_of = _graph(junctions, links, fits, corridor.points)
    seen: set[int] = set()
    doubtful = []
    for stop, (here, there) in enumerate(pairwise(corridor.points), start=len(junctions)):
        path = np.array(_path(graph, link_of, stop, stop + 1), np.int64)
        whole, fitting = length[path].sum(), length[path[fits[path]]].sum()
        straight = float(haversine_m(*here, *there))
        if whole > WINDING * straight + SLACK_M or fitting < FITTING_SHARE * straight:
            doubtful.append(f"{here} to {there}")
            continue
        yield from (link for link in path[fits[path]].tolist() if link not in seen)
        seen.update(path.tolist())
    if doubtful:
        where = f" from {', '.join(doubtful)}" if seen else ""
        print(f"{corridor.key}: not found{where}", file=sys.stderr)


def _graph(
    junctions: pd.DataFrame,
    links: pd.DataFrame,
    fits: NDArray[np.bool_],
    points: tuple[tuple[float, float], ...],
) -> tuple[csr_array, dict[tuple[int, int], int]]:
    """Return the costs between neighbours and the link of each step, if it is one.

    Nodes are the junctions, then the points.
    """
    row = pd.Series(np.arange(len(junctions)), index=junctions["junction_id"])
    tail, head = (row.loc[links[end]].to_numpy() for end in ("from_junction", "to_junction"))
    at = junctions[["lon", "lat"]].astype(float).to_numpy()
    degree = np.bincount(np.concatenate([tail[fits], head[fits]]), minlength=len(at))
    cost = links["length_m"].to_numpy(float) * np.where(fits, 1.0, STRAY)
    steps: list[Step] = [
        (float(c), int(a), int(b), i)
        for i, (c, a, b) in enumerate(zip(cost, tail, head, strict=True))
    ]
    steps += _gaps(at, np.flatnonzero(degree == 1), np.flatnonzero(degree))
    lines = shapely.from_wkt(links["geometry"])
    for i, point in enumerate(points, start=len(at)):
        steps += _entries(i, point, lines, np.flatnonzero(fits), tail, head)
    best: dict[tuple[int, int], tuple[float, int]] = {}
    for price, a, b, link in sorted(steps, reverse=True):
        best[a, b] = best[b, a] = (max(price, 1.0), link)
    starts, ends = np.array(list(best)).T
    size = len(at) + len(points)
    graph = csr_array(([price for price, _link in best.values()], (starts, ends)), (size, size))
    return graph, {step: link for step, (_price, link) in best.items()}


def _gaps(
    at: NDArray[np.float64], ends: NDArray[np.int64], others: NDArray[np.int64]
) -> list[Step]:
    """Return the steps from dead ends to other junctions over a gap."""
    away = haversine_m(at[ends, 0][:, None], at[ends, 1][:, None], at[others, 0], at[others, 1])
    near = np.argwhere((away <= GAP_M) & (ends[:, None] != others)).tolist()
    return [(STRAY * float(away[i, j]), int(ends[i]), int(others[j]), NO_LINK) for i, j in near]


def _entries(
    node: int,
    point: tuple[float, float],
    lines: NDArray[np.object_],
    fitting: NDArray[np.int64],
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
) -> list[Step]:
    """Return the steps from a point to either end of each road it may lie on."""
    scale = np.array([np.cos(np.radians(point[1])), 1.0]) * M_PER_DEG
    spot = shapely.Point(point * scale)
    steps: list[Step] = []
    reach_deg = 1.5 * SNAP_M / M_PER_DEG
    for link in fitting[shapely.dwithin(lines[fitting], shapely.Point(point), reach_deg)].tolist():
        line = shapely.transform(lines[link], lambda xy: xy * scale)
        away = float(line.distance(spot))
        if away <= SNAP_M:
            along = float(line.project(spot))
            for part, end in ((along, tail[link]), (line.length - along, head[link])):
                # a point beside a junction does not say which of its roads is meant
                known = link if part > BESIDE_M else NO_LINK
                steps.append((STRAY * away + part, node, int(end), known))
    return steps


def _path(graph: csr_array, link_of: dict[tuple[int, int], int], start: int, end: int) -> list[int]:
    """Return the links of the cheapest way between two nodes."""
    before = dijkstra(graph, indices=np.array([start]), return_predecessors=True)[1][0]
    path, node = [], end
    while (previous := int(before[node])) >= 0:
        path.append(link_of[previous, node])
        node = previous
    return [link for link in dict.fromkeys(path) if link != NO_LINK]
