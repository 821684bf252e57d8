"""Make the road tables of ``data/network`` from an OpenStreetMap extract.

Run it again when a newer extract is at hand::

    python scripts/build_backbone.py --extract shanxi.osm.pbf --source "OpenStreetMap 2026-10" \
        --stations stations.csv --airfields airports.csv --towns geonames.json --out data/network

The extract is cut down to its motorways, trunk and primary roads (``--classes``). Places
are put onto their roads, chains between junctions become one link each, dead ends and
twin carriageways go, clusters of junctions become one, long links are cut. Lengths are
those of the extract; ``measure_backbone.py`` tells what the coarsening costs in minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from backbone import corridors, tables
from backbone.graph import (
    M_PER_DEG,
    Road,
    RoadGraph,
    components,
    contract,
    cut_long,
    drop_loops,
    from_extract,
    gather,
    mend,
    pair,
    prune,
)
from backbone.places import (
    RANK,
    Gazetteer,
    Place,
    attach,
    cut_gates,
    lies_in,
    read_airfields,
    read_seats,
    read_stations,
    read_towns,
)

from dispatch.errors import InputError
from dispatch.network.osm import RoadExtract, read_extract, subset

ROOT: Final = Path(__file__).parents[1]

CLASSES: Final = ("motorway", "trunk", "primary")

RIM_M: Final = 28_000.0
"""Roads of the neighbours this far from the province are kept: the fastest way may use them."""

BLEND_M: Final = 1_500.0
"""A slip of another class shorter than this vanishes into the road it lies in."""

CLUSTER_M: Final = 300.0
"""Junctions as near as this along a road are one."""

RAMP_M: Final = 1_200.0
"""Ramps as long as this shrink into their interchange."""

TWINS_M: Final = 600.0
"""Roads with the same ends that stay as near as this are one."""

STUB_M: Final = 4_000.0
"""A dead end inside the province shorter than this leads nowhere."""

LONGEST_M: Final = 10_000.0
"""Links are cut to be no longer than this."""


@dataclass(frozen=True, eq=False)
class Backbone:
    """The coarse graph and what stands at its nodes."""

    graph: RoadGraph
    place_at: dict[int, Place]
    gates: list[int]


def build(
    extract: RoadExtract, places: list[Place], province: shapely.Geometry, gap_m: float = 0.0
) -> Backbone:
    """Coarsen an extract to a backbone through the given places.

    Parameters
    ----------
    extract : RoadExtract
    places : list of Place
    province : Geometry
        Outline of the province, EPSG:4326.
    gap_m : float
        Dead ends of the same class closer than this are joined.
    """
    graph = from_extract(clip(extract, province))
    if gap_m:
        mend(graph, gap_m)
    keep_largest(graph)
    place_at = attach(graph, places)
    rank = {node: RANK[place.kind] for node, place in place_at.items()}
    coarsen(graph, rank, lambda road: road.length_m >= STUB_M)
    gates = cut_gates(graph, province)
    shapely.prepare(province)
    coarsen(
        graph,
        rank | dict.fromkeys(gates, RANK["gate"]),
        lambda road: road.length_m >= STUB_M and lies_in(road, province),
    )
    cut_long(graph, LONGEST_M)
    return Backbone(graph, place_at, [gate for gate in gates if gate in graph.at])


def clip(extract: RoadExtract, province: shapely.Geometry) -> RoadExtract:
    """Leave out roads that get farther than :data:`RIM_M` from the province."""
    scale = (np.cos(np.radians(shapely.centroid(province).y)), 1.0)
    flat = shapely.transform(province, lambda xy: xy * scale)
    area = shapely.buffer(flat, RIM_M / M_PER_DEG)
    shapely.prepare(area)
    lines = shapely.transform(extract.edges.geometry.to_numpy(), lambda xy: xy * scale)
    return subset(extract, shapely.covers(area, lines))


def _reach(road: Road) -> float:
    return RAMP_M if road.road_class.endswith("_link") else CLUSTER_M


def coarsen(graph: RoadGraph, rank: dict[int, int], leads: Callable[[Road], bool]) -> None:
    """Repeat every step of simplification until the graph stays as it is.

    Parameters
    ----------
    graph : RoadGraph
        Changed in place.
    rank : dict of int to int
        Nodes that must stay, and which of two is the more important.
    leads : callable
        Says of a dead end whether it leads somewhere.
    """
    size = (0, 0)
    while size != (len(graph.places), len(graph.roads)):
        size = len(graph.places), len(graph.roads)
        contract(graph, rank, BLEND_M)
        drop_loops(graph)
        prune(graph, rank, leads)
        gather(graph, rank, _reach)
        pair(graph, TWINS_M)
    keep_largest(graph)


def keep_largest(graph: RoadGraph) -> None:
    """Drop whatever does not hang together with the largest part."""
    parts = sorted(components(graph, graph.roads), key=len, reverse=True)
    for number in (n for part in parts[1:] for n in part):
        graph.remove(number)


def read_places(args: argparse.Namespace) -> tuple[list[Place], list[Place]]:
    """Return all places to attach, and the towns that give bearings."""
    seats = read_seats(args.places)
    towns = read_towns(args.towns, seats) if args.towns else []
    places = [*seats, *towns]
    places += read_stations(args.stations) if args.stations else []
    places += read_airfields(args.airfields) if args.airfields else []
    return places, towns


def main(argv: list[str] | None = None) -> int:
    """Run the script."""
    args = arguments(argv)
    try:
        extract = read_extract(args.extract, [c for k in args.classes for c in (k, f"{k}_link")])
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    counties = gpd.read_file(args.counties)
    places, towns = read_places(args)
    backbone = build(extract, places, counties.union_all().buffer(1e-4), args.close_gaps)
    seats = [place for place in places if place.kind == "county_seat"]
    rows = tables.rows(
        backbone.graph,
        backbone.place_at,
        backbone.gates,
        Gazetteer(seats, towns, counties, args.provinces and gpd.read_file(args.provinces)),
        args.source,
    )
    if args.corridors:
        rows = corridors.number(rows, corridors.read(args.corridors))
    tables.write(rows, args.out)
    print(tables.summary(rows))
    return 0


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--extract", type=Path, required=True, help="road extract")
    parser.add_argument("--out", type=Path, required=True, help="folder for the tables")
    parser.add_argument("--source", default="OpenStreetMap (ODbL)", help="what to name as source")
    parser.add_argument("--classes", nargs="+", default=CLASSES, help="highway classes to keep")
    parser.add_argument(
        "--close-gaps",
        type=float,
        default=0.0,
        metavar="METRES",
        help="join dead ends of one class closer than this, as map tiles leave them",
    )
    data = ROOT / "data"
    parser.add_argument("--places", type=Path, default=data / "places/counties.csv")
    parser.add_argument("--counties", type=Path, default=data / "places/counties.geojson")
    parser.add_argument("--corridors", type=Path, default=data / "network/corridors.csv")
    parser.add_argument("--stations", type=Path, help="CSV: name, lon, lat, kind")
    parser.add_argument("--airfields", type=Path, help="CSV in the form of OurAirports")
    parser.add_argument("--provinces", type=Path, help="polygons with a name, to name gates by")
    parser.add_argument("--towns", type=Path, help="JSON list in the form of GeoNames")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
