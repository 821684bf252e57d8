"""The backbone as rows of network/junctions and network/links."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import shapely

from backbone.graph import M_PER_DEG, Road, RoadGraph
from backbone.places import Gazetteer, Place

SIMPLIFY_M: Final = 100.0
"""How far a drawn line may stray from the line of the extract."""

ONE_CLASS_DOWN: Final = {
    "motorway_link": "trunk",
    "trunk_link": "primary",
    "primary_link": "secondary",
    "secondary_link": "secondary",
}
"""A ramp that stays a link of its own is driven like the class below its road."""

CLASSES: Final = frozenset({"motorway", "trunk", "primary", "secondary", "access"})

BRIDGED_SHARE: Final = 0.1
BRIDGED_M: Final = 500.0
"""A link with more gap than this share or length is `illustrative`."""

_BASE32: Final = "0123456789bcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True, eq=False)
class Tables:
    """The two tables as they are written, without index."""

    junctions: pd.DataFrame
    links: pd.DataFrame


def geohash(lon: float, lat: float, length: int) -> str:
    """Return the geohash of a point: an id that stays when the tables are made anew."""
    low, high = [-180.0, -90.0], [180.0, 90.0]
    point, letters, bits = (lon, lat), "", 0
    for i in range(5 * length):
        axis = i % 2
        middle = (low[axis] + high[axis]) / 2
        upper = point[axis] >= middle
        (low if upper else high)[axis] = middle
        bits = bits * 2 + upper
        if i % 5 == 4:
            letters, bits = letters + _BASE32[bits], 0
    return letters


def rows(
    graph: RoadGraph,
    place_at: dict[int, Place],
    gates: list[int],
    gazetteer: Gazetteer,
    source: str,
) -> Tables:
    """Turn a backbone into its tables.

    Parameters
    ----------
    graph : RoadGraph
    place_at : dict of int to Place
    gates : list of int
        Nodes at which roads leave the province.
    gazetteer : Gazetteer
    source : str
        What to name as the source of the roads.
    """
    nodes = sorted(graph.places, key=lambda n: (geohash(*graph.places[n], 12), n))
    ids = _unique([geohash(*graph.places[n], 8) for n in nodes])
    id_of = dict(zip(nodes, ids, strict=True))
    junctions = _junctions(graph, id_of, place_at, set(gates), gazetteer, source)
    return Tables(junctions, _links(graph, id_of, source))


def _unique(keys: list[str]) -> list[str]:
    """Tell equal keys apart by a number."""
    seen: Counter[str] = Counter()
    result = []
    for key in keys:
        seen[key] += 1
        result.append(key if seen[key] == 1 else f"{key}-{seen[key]}")
    return result


def _junctions(
    graph: RoadGraph,
    id_of: dict[int, str],
    place_at: dict[int, Place],
    gates: set[int],
    gazetteer: Gazetteer,
    source: str,
) -> pd.DataFrame:
    nodes = list(id_of)
    at = np.array([graph.places[n] for n in nodes]).round(5)
    adcodes = gazetteer.adcodes(at[:, 0], at[:, 1])
    table = []
    for node, (lon, lat), adcode in zip(nodes, at.tolist(), adcodes, strict=True):
        place = place_at.get(node)
        kind = place.kind if place else "gate" if node in gates else _kind(graph, node)
        name, name_en = (place.name, place.name_en) if place else ("", "")
        near, near_en = gazetteer.near(lon, lat)
        if kind == "gate":
            adcode = gazetteer.nearest_adcode(lon, lat)
            name, name_en = gazetteer.border(lon, lat)
        elif place and place.adcode:
            adcode = place.adcode
        table.append(
            {
                "junction_id": id_of[node],
                "kind": kind,
                "name": name,
                "name_en": name_en,
                "near": near,
                "near_en": near_en,
                "adcode": adcode,
                "lon": f"{lon:.5f}",
                "lat": f"{lat:.5f}",
                "status": "existing",
                "source": f"{place.source}; road: {source}" if place else source,
            }
        )
    return pd.DataFrame(table).sort_values("junction_id").reset_index(drop=True)


def _kind(graph: RoadGraph, node: int) -> str:
    roads = [graph.roads[n] for n in graph.at[node]]
    tolled = sum(_road_class(road) == "motorway" for road in roads)
    if len(roads) < 3:
        return "waypoint"
    return "interchange" if tolled else "crossing"


def _road_class(road: Road) -> str:
    name = ONE_CLASS_DOWN.get(road.road_class, road.road_class)
    return name if name in CLASSES else "secondary"


def _links(graph: RoadGraph, id_of: dict[int, str], source: str) -> pd.DataFrame:
    roads = sorted(
        (_oriented(road, id_of) for road in graph.roads.values()),
        key=lambda r: (id_of[r.tail], id_of[r.head], r.length_m, r.line.tolist()),
    )
    ids = _unique([f"{id_of[r.tail]}-{id_of[r.head]}" for r in roads])
    table = []
    for key, road in zip(ids, roads, strict=True):
        road_class, bridged_m = _road_class(road), round(road.metres("bridged"))
        invented = road_class == "access" or bridged_m > min(
            BRIDGED_M, BRIDGED_SHARE * road.length_m
        )
        table.append(
            {
                "link_id": key,
                "from_junction": id_of[road.tail],
                "to_junction": id_of[road.head],
                "direction": "forward" if road.oneway else "both",
                "ref": road.most("ref"),
                "name": road.most("name"),
                "road_class": road_class,
                "length_m": max(1, round(road.length_m)),
                "lanes": road.most("lanes"),
                "toll": road.most("toll") or ("yes" if road_class == "motorway" else "no"),
                "bridge_m": round(road.metres("bridge")),
                "tunnel_m": round(road.metres("tunnel")),
                "bridged_m": bridged_m,
                "geometry": _wkt(road),
                "status": "illustrative" if invented else "existing",
                "source": _source(road_class, bridged_m, source),
            }
        )
    return pd.DataFrame(table).sort_values("link_id").reset_index(drop=True)


def _oriented(road: Road, id_of: dict[int, str]) -> Road:
    """Tell a two-way road from the end whose id comes first, so that its own id is stable."""
    if road.oneway or id_of[road.tail] <= id_of[road.head]:
        return road
    return Road(road.head, road.tail, False, road.length_m, road.line[::-1], road.tally)


def _source(road_class: str, bridged_m: int, source: str) -> str:
    if road_class == "access":
        return "assumption: straight line × 1.3 between the site and the nearest road"
    if bridged_m:
        return f"{source}; {bridged_m} m drawn to close gaps in the extract"
    return source


def _wkt(road: Road) -> str:
    scale = np.array([np.cos(np.radians(road.line[:, 1].mean())), 1.0])
    line = shapely.LineString(road.line * scale).simplify(SIMPLIFY_M / M_PER_DEG)
    points = (shapely.get_coordinates(line) / scale).round(5).tolist()
    return "LINESTRING (" + ", ".join(f"{x:.5f} {y:.5f}" for x, y in points) + ")"


def write(tables: Tables, folder: Path) -> None:
    """Write both tables: UTF-8, LF, sorted by key."""
    folder.mkdir(parents=True, exist_ok=True)
    tables.junctions.to_csv(folder / "junctions.csv", index=False, lineterminator="\n")
    tables.links.to_csv(folder / "links.csv", index=False, lineterminator="\n")


def summary(tables: Tables) -> str:
    """Return counts by kind and class."""
    links = tables.links
    km = links.groupby("road_class")["length_m"].agg(["count", "sum"])
    lines = [f"{len(tables.junctions)} junctions, {len(links)} links"]
    lines += [f"  {k}: {n}" for k, n in tables.junctions["kind"].value_counts().items()]
    lines += [f"  {k}: {row['count']}, {row['sum'] / 1000:.0f} km" for k, row in km.iterrows()]
    numbered = links.loc[links["ref"].ne(""), "length_m"].sum() / links["length_m"].sum()
    lines += [
        f"  numbered: {numbered:.0%} of the length",
        f"  illustrative: {links['status'].eq('illustrative').sum()} links",
    ]
    return "\n".join(lines)
