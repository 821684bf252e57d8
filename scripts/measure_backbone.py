"""Measure the road tables against a reference network, over all pairs of county seats.

::

    python scripts/measure_backbone.py --reference roads.gpkg --json errors.json

Every seat is put onto the reference by itself, at the nearest point of the nearest road of
its largest part, motorways left out, and onto the backbone by itself, at the junction of that
county or else the nearest point. Both networks get the same speeds. Of the fastest times the
relative error is taken, and of the drawn routes the distance: points along the backbone's
fastest route between two seats, each to the *fastest route of the reference* between the same
two, so that a different road counts in full.
"""

from __future__ import annotations

import argparse
import json
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
from scipy.spatial import cKDTree

from dispatch.errors import InputError
from dispatch.geo import EARTH_RADIUS_M, haversine_m
from dispatch.network.osm import MAIN_CLASSES, largest_component, read_extract

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

DATA: Final = Path(__file__).parents[1] / "data"

SAMPLE_M: Final = 1_000.0
"""Distance between the points of a backbone route whose offset is taken."""

TRACK_M: Final = 200.0
"""Distance between the points that stand for a route of the reference."""


@dataclass(frozen=True, eq=False)
class Network:
    """Edges with times and lines over numbered nodes.

    Parameters
    ----------
    size : int
        Number of nodes.
    tail, head : IntArray, shape (E,)
    oneway, motorway : BoolArray, shape (E,)
    time_s : FloatArray, shape (E,)
    lines : tuple of FloatArray, length E
        Each of shape (K, 2): longitude and latitude from tail to head.
    """

    size: int
    tail: IntArray
    head: IntArray
    oneway: BoolArray
    motorway: BoolArray
    time_s: FloatArray
    lines: tuple[FloatArray, ...]


@dataclass(frozen=True)
class Errors:
    """What the coarsening costs.

    Parameters
    ----------
    pairs, unreachable_pairs : int
    median_abs_error_pct, p95_abs_error_pct, max_abs_error_pct, mean_error_pct : float
        Of the fastest times of the pairs that both networks connect.
    mean_offset_km, p95_offset_km : float
        Of points along the backbone's routes from the reference's routes.
    """

    pairs: int
    unreachable_pairs: int
    median_abs_error_pct: float
    p95_abs_error_pct: float
    max_abs_error_pct: float
    mean_error_pct: float
    mean_offset_km: float
    p95_offset_km: float


def read_speeds(path: Path, profile: str) -> dict[str, float]:
    """Return the speed in km/h by road class, ramps one class below their road."""
    table = pd.read_csv(path)
    table = table[table["profile"].eq(profile)]
    speeds = dict(zip(table["road_class"], table["speed_kmh"].astype(float), strict=True))
    order = ["motorway", "trunk", "primary", "secondary", "secondary"]
    return speeds | {f"{a}_link": speeds[b] for a, b in pairwise(order)}


def read_reference(path: Path, speeds: dict[str, float]) -> Network:
    """Read the main roads of an extract, its largest part."""
    extract = largest_component(read_extract(path, MAIN_CLASSES))
    edges = extract.edges
    return Network(
        size=len(extract.nodes),
        tail=edges["tail"].to_numpy(np.int64),
        head=edges["head"].to_numpy(np.int64),
        oneway=edges["oneway"].to_numpy(bool),
        motorway=edges["road_class"].str.startswith("motorway").to_numpy(bool),
        time_s=(edges["length_m"] * 3.6 / edges["road_class"].map(speeds)).to_numpy(float),
        lines=tuple(shapely.get_coordinates(line) for line in edges.geometry),
    )


def read_backbone(
    junctions: pd.DataFrame, links: pd.DataFrame, speeds: dict[str, float]
) -> Network:
    """Turn the two tables into a network; nodes are rows of `junctions`."""
    row = pd.Series(np.arange(len(junctions)), index=junctions["junction_id"])
    return Network(
        size=len(junctions),
        tail=row.loc[links["from_junction"]].to_numpy(np.int64),
        head=row.loc[links["to_junction"]].to_numpy(np.int64),
        oneway=links["direction"].eq("forward").to_numpy(bool),
        motorway=links["road_class"].eq("motorway").to_numpy(bool),
        time_s=(links["length_m"] * 3.6 / links["road_class"].map(speeds)).to_numpy(float),
        lines=tuple(shapely.get_coordinates(shapely.from_wkt(text)) for text in links["geometry"]),
    )


def place(network: Network, lon: FloatArray, lat: FloatArray) -> tuple[Network, IntArray]:
    """Put points onto the nearest road that is no motorway, as nodes of their own."""
    scale = np.cos(np.radians(lat.mean()))
    usable = np.flatnonzero(~network.motorway)
    flat = [shapely.LineString(network.lines[i] * (scale, 1.0)) for i in usable]
    points = shapely.points(lon * scale, lat)
    nearest = shapely.STRtree(flat).nearest(points)
    fraction = shapely.line_locate_point(np.array(flat)[nearest], points, normalized=True)
    return cut(network, usable[nearest], fraction)


def cut(network: Network, edges: IntArray, fractions: FloatArray) -> tuple[Network, IntArray]:
    """Cut edges at fractions of their length; return the new network and the new nodes."""
    nodes = network.size + np.arange(len(edges))
    whole = np.setdiff1d(np.arange(len(network.tail)), edges)
    tail, head = [network.tail[whole]], [network.head[whole]]
    parent, time_s = [whole], [network.time_s[whole]]
    lines = [network.lines[i] for i in whole]
    for edge in np.unique(edges):
        here = np.flatnonzero(edges == edge)
        here = here[np.argsort(fractions[here], kind="stable")]
        stops = np.concatenate([[network.tail[edge]], nodes[here], [network.head[edge]]])
        marks = np.concatenate([[0.0], fractions[here], [1.0]])
        tail.append(stops[:-1])
        head.append(stops[1:])
        parent.append(np.full(len(marks) - 1, edge))
        time_s.append(np.diff(marks) * network.time_s[edge])
        lines += [_part(network.lines[edge], a, b) for a, b in pairwise(marks)]
    owner = np.concatenate(parent)
    result = Network(
        size=network.size + len(edges),
        tail=np.concatenate(tail),
        head=np.concatenate(head),
        oneway=network.oneway[owner],
        motorway=network.motorway[owner],
        time_s=np.concatenate(time_s),
        lines=tuple(lines),
    )
    return result, nodes


def _along_m(line: FloatArray) -> FloatArray:
    steps = haversine_m(*line[:-1].T, *line[1:].T)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _part(line: FloatArray, start: float, stop: float) -> FloatArray:
    along = _along_m(line)
    marks = np.array([start, stop]) * along[-1]
    inner = along[(along > marks[0]) & (along < marks[1])]
    at = np.concatenate([marks[:1], inner, marks[1:]])
    return np.column_stack([np.interp(at, along, line[:, k]) for k in (0, 1)])


@dataclass(frozen=True, eq=False)
class Routes:
    """Fastest times from some nodes to all, and how to walk back.

    Parameters
    ----------
    time_s : FloatArray, shape (S, N)
    before : IntArray, shape (S, N)
        The node before each on the fastest route, negative where there is none.
    edge : dict of (int, int) to int
        The fastest edge between two neighbours.
    """

    time_s: FloatArray
    before: IntArray
    edge: dict[tuple[int, int], int]


def find_routes(network: Network, sources: IntArray) -> Routes:
    """Run Dijkstra's algorithm from each source."""
    back = np.flatnonzero(~network.oneway)
    number = np.concatenate([np.arange(len(network.tail)), back])
    rows = np.concatenate([network.tail, network.head[back]])
    columns = np.concatenate([network.head, network.tail[back]])
    # a zero weight would be no edge at all; of parallel edges the fastest counts
    weight = np.maximum(network.time_s[number], 1e-6)
    order = np.lexsort([number, weight, columns, rows])
    rows, columns, weight, number = (x[order] for x in (rows, columns, weight, number))
    first = np.ones(len(rows), bool)
    first[1:] = (np.diff(rows) != 0) | (np.diff(columns) != 0)
    rows, columns, weight, number = (x[first] for x in (rows, columns, weight, number))
    graph = csr_array((weight, (rows, columns)), shape=(network.size, network.size))
    time_s, before = dijkstra(graph, indices=sources, return_predecessors=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return Routes(time_s, before.astype(np.int64), dict(zip(pairs, number.tolist(), strict=True)))


def walk(routes: Routes, row: int, target: int) -> list[int]:
    """Return the edges of the fastest route to a node, last first."""
    before, edges, node = routes.before[row], [], target
    while (previous := int(before[node])) >= 0:
        edges.append(routes.edge[previous, node])
        node = previous
    return edges


def dots(network: Network, every_m: float) -> list[FloatArray]:
    """Return points on the unit sphere along each edge, no farther apart than stated."""
    result = []
    for line in network.lines:
        along = _along_m(line)
        count = max(1, int(np.ceil(along[-1] / every_m)))
        at = (np.arange(count) + 0.5) * along[-1] / count
        lon, lat = (np.radians(np.interp(at, along, line[:, k])) for k in (0, 1))
        result.append(
            np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
        )
    return result


def offsets_km(
    reference: tuple[Network, Routes, IntArray], backbone: tuple[Network, Routes, IntArray]
) -> Iterator[FloatArray]:
    """Yield, for each pair of seats, how far its backbone route lies from its reference route."""
    tracks, samples = dots(reference[0], TRACK_M), dots(backbone[0], SAMPLE_M)
    for i in range(len(reference[2])):
        for j in range(i + 1, len(reference[2])):
            track = walk(reference[1], i, int(reference[2][j]))
            drawn = walk(backbone[1], i, int(backbone[2][j]))
            if not track or not drawn:
                continue
            tree = cKDTree(np.concatenate([tracks[e] for e in track]))
            chord = tree.query(np.concatenate([samples[e] for e in drawn]))[0]
            yield np.asarray(chord) * EARTH_RADIUS_M / 1000.0


def measure(
    reference: Network, backbone: Network, seats: pd.DataFrame, junctions: pd.DataFrame
) -> Errors:
    """Compare two networks over all pairs of seats.

    Parameters
    ----------
    reference, backbone : Network
    seats : DataFrame
        Columns adcode, lon, lat.
    junctions : DataFrame
        Rows of the nodes of `backbone`; columns kind, adcode.
    """
    lon, lat = seats["lon"].to_numpy(float), seats["lat"].to_numpy(float)
    reference, on_reference = place(reference, lon, lat)
    backbone, on_backbone = place(backbone, lon, lat)
    is_seat = junctions["kind"].eq("county_seat")
    row = {code: i for i, code in junctions["adcode"][is_seat].items()}
    on_backbone = np.array(
        [row.get(code, node) for code, node in zip(seats["adcode"], on_backbone, strict=True)]
    )
    true, drawn = find_routes(reference, on_reference), find_routes(backbone, on_backbone)
    upper = np.triu_indices(len(seats), 1)
    real_s = true.time_s[:, on_reference][upper]
    coarse_s = drawn.time_s[:, on_backbone][upper]
    both = np.isfinite(real_s) & np.isfinite(coarse_s)
    error = 100.0 * (coarse_s[both] / np.maximum(real_s[both], 1.0) - 1.0)
    away_km = np.concatenate(
        list(offsets_km((reference, true, on_reference), (backbone, drawn, on_backbone)))
    )
    return Errors(
        pairs=len(real_s),
        unreachable_pairs=int((np.isfinite(real_s) & ~np.isfinite(coarse_s)).sum()),
        median_abs_error_pct=float(np.median(np.abs(error))),
        p95_abs_error_pct=float(np.percentile(np.abs(error), 95)),
        max_abs_error_pct=float(np.abs(error).max()),
        mean_error_pct=float(error.mean()),
        mean_offset_km=float(away_km.mean()),
        p95_offset_km=float(np.percentile(away_km, 95)),
    )


def main(argv: list[str] | None = None) -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reference", type=Path, required=True, help="road extract")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--network", type=Path, default=DATA / "network", help="folder of tables")
    parser.add_argument("--places", type=Path, default=DATA / "places/counties.csv")
    parser.add_argument("--profile", default="fire_engine")
    args = parser.parse_args(argv)
    speeds = read_speeds(DATA / "network/speeds.csv", args.profile)
    junctions = pd.read_csv(args.network / "junctions.csv", dtype={"adcode": str})
    links = pd.read_csv(args.network / "links.csv", dtype=str).astype({"length_m": float})
    seats = pd.read_csv(args.places, dtype={"adcode": str})
    try:
        reference = read_reference(args.reference, speeds)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    errors = measure(reference, read_backbone(junctions, links, speeds), seats, junctions)
    figures = {key: round(value, 4) for key, value in vars(errors).items()}
    for key, value in figures.items():
        print(f"{key}: {value}")
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
