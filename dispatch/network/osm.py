"""Road extracts of OpenStreetMap, read into two plain tables.

Two forms are understood: ``.osm``, ``.osm.pbf`` and their compressed kin, read by
pyosmium (extra ``osm``), and a GeoPackage whose layers ``nodes`` and ``edges`` hold a
network that was cut at its junctions before::

    way 1  a---b---c          edges   a-b, b-c, d-b     nodes  a, b, c, d
    way 2      d---b          b is shared by two ways, so both end there
"""

from __future__ import annotations

import importlib
import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dispatch.errors import Fault, InputError
from dispatch.geo import haversine_m
from dispatch.i18n import _

CRS: Final = "EPSG:4326"

MAIN_CLASSES: Final = (
    *("motorway", "motorway_link", "trunk", "trunk_link"),
    *("primary", "primary_link", "secondary", "secondary_link"),
)
"""Classes of roads between places, with their ramps."""

DRIVABLE_CLASSES: Final = (
    *MAIN_CLASSES,
    *("tertiary", "tertiary_link", "unclassified", "residential", "living_street"),
    *("service", "road"),
)
"""Every class that an ordinary vehicle drives on."""

KM_PER_MILE: Final = 1.609344
KG_PER_TONNE: Final = 1000.0
KG_PER_POUND: Final = 0.45359237
M_PER_FOOT: Final = 0.3048
M_PER_INCH: Final = 0.0254

_COLUMNS: Final = {
    "tail": "int64",
    "head": "int64",
    "road_class": "object",
    "ref": "object",
    "name": "object",
    "oneway": "bool",
    "lanes": "Int64",
    "maxspeed_kmh": "float64",
    "access": "object",
    "toll": "boolean",
    "bridge": "bool",
    "tunnel": "bool",
    "max_mass_kg": "float64",
    "max_height_m": "float64",
    "bridged": "bool",
    "length_m": "float64",
}


@dataclass(frozen=True, eq=False)
class RoadExtract:
    """A road network as OpenStreetMap knows it, cut at its junctions.

    Parameters
    ----------
    nodes : DataFrame
        One row per junction or end, in the order of the numbers that edges use;
        columns lon, lat (EPSG:4326).
    edges : GeoDataFrame
        One row per piece of road between two nodes: ``tail``, ``head`` (rows of
        nodes), ``road_class`` (the highway tag), ``ref`` and ``name`` (empty where
        not tagged), ``oneway`` (traffic from tail to head only), ``lanes``,
        ``maxspeed_kmh``, ``access`` (tag value, empty where not tagged), ``toll``
        (missing where not tagged), ``bridge``, ``tunnel``, ``max_mass_kg``,
        ``max_height_m``, ``bridged`` (drawn to close a gap, not a mapped road),
        ``length_m`` and ``geometry`` (line from tail to head, EPSG:4326).
    """

    nodes: pd.DataFrame
    edges: gpd.GeoDataFrame


class _Piece(NamedTuple):
    """A piece of a way, from one node of the network to the next."""

    points: list[tuple[float, float]]
    ends: tuple[int, int]
    tags: dict[str, str]


def read_extract(path: Path, classes: Collection[str] = DRIVABLE_CLASSES) -> RoadExtract:
    """Read the roads of some classes from an extract.

    Parameters
    ----------
    path : Path
        ``.gpkg``, or whatever pyosmium reads: ``.osm``, ``.osm.pbf``, ``.osm.bz2`` …
    classes : collection of str
        Values of the highway tag to keep.

    Returns
    -------
    RoadExtract

    Raises
    ------
    InputError
        If the file is missing, unreadable or holds no such road, or if pyosmium is
        needed and not installed.
    """
    if not path.is_file():
        raise _fault(path, _("there is no such file"), _("give the path of a road extract"))
    extract = _read_gpkg(path) if path.suffix == ".gpkg" else _read_osm(path, classes)
    extract = subset(extract, extract.edges["road_class"].isin(list(classes)).to_numpy())
    if extract.edges.empty:
        raise _fault(
            path,
            _("the extract holds no road of the classes asked for"),
            _("check that the file is a road extract of the right region"),
        )
    return extract


def subset(extract: RoadExtract, keep: np.ndarray[Any, np.dtype[np.bool_]]) -> RoadExtract:
    """Return the extract with the edges for which `keep` is true, and their nodes."""
    edges = extract.edges.loc[keep].reset_index(drop=True)
    used = np.unique(np.concatenate([edges["tail"].to_numpy(), edges["head"].to_numpy()]))
    edges["tail"] = np.searchsorted(used, edges["tail"])
    edges["head"] = np.searchsorted(used, edges["head"])
    return RoadExtract(extract.nodes.iloc[used].reset_index(drop=True), edges)


def largest_component(extract: RoadExtract) -> RoadExtract:
    """Return the largest part in which every node can be reached from every other."""
    tail, head = (extract.edges[end].to_numpy() for end in ("tail", "head"))
    back = ~extract.edges["oneway"].to_numpy()
    size = len(extract.nodes)
    rows, columns = np.concatenate([tail, head[back]]), np.concatenate([head, tail[back]])
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    label = connected_components(graph.tocsr(), directed=True, connection="strong")[1]
    largest = np.bincount(label).argmax()
    return subset(extract, (label[tail] == largest) & (label[head] == largest))


def parse_speed_kmh(text: str) -> float:
    """Return a maxspeed tag in km/h, NaN where it names no number; the least of several."""
    speeds = [
        float(number) * (KM_PER_MILE if unit == "mph" else 1.0)
        for number, unit in re.findall(r"(\d+(?:\.\d+)?)\s*(mph|km/h|kmh)?", text)
    ]
    return min(speeds, default=math.nan)


def parse_mass_kg(text: str) -> float:
    """Return a maxweight tag in kg (a bare number is tonnes), NaN where it names none."""
    match = re.match(r"\s*(\d+(?:\.\d+)?)\s*(t|kg|lbs)?", text)
    if match is None:
        return math.nan
    unit = {"kg": 1.0, "lbs": KG_PER_POUND}.get(match[2] or "t", KG_PER_TONNE)
    return float(match[1]) * unit


def parse_height_m(text: str) -> float:
    """Return a maxheight tag in metres (``4.5``, ``4.5 m``, ``14'6"``), NaN where none."""
    feet = re.match(r"\s*(\d+)\s*'\s*(?:(\d+)\s*\")?", text)
    if feet is not None:
        return int(feet[1]) * M_PER_FOOT + int(feet[2] or 0) * M_PER_INCH
    metres = re.match(r"\s*(\d+(?:\.\d+)?)", text)
    return math.nan if metres is None else float(metres[1])


def _fault(path: Path, problem: str, remedy: str) -> InputError:
    return InputError(Fault(path.name, None, None, None, problem, remedy))


def _length_m(points: Sequence[tuple[float, float]]) -> float:
    lon, lat = np.array(points).T
    return float(haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum())


# .osm and .osm.pbf


def _read_osm(path: Path, classes: Collection[str]) -> RoadExtract:
    pieces = list(_cut(list(_ways(path, frozenset(classes)))))
    number = {ref: i for i, ref in enumerate(sorted({end for p in pieces for end in p.ends}))}
    places = np.full((len(number), 2), np.nan)
    for piece in pieces:
        places[number[piece.ends[0]]] = piece.points[0]
        places[number[piece.ends[1]]] = piece.points[-1]
    rows = [_row(piece, number[piece.ends[0]], number[piece.ends[1]]) for piece in pieces]
    table = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)
    lines = [shapely.LineString(p.points[::-1] if _backward(p.tags) else p.points) for p in pieces]
    return RoadExtract(
        nodes=pd.DataFrame({"lon": places[:, 0], "lat": places[:, 1]}),
        edges=gpd.GeoDataFrame(table, geometry=lines, crs=CRS),
    )


def _ways(
    path: Path, classes: frozenset[str]
) -> Iterator[tuple[dict[str, str], list[tuple[int, float, float]]]]:
    """Yield the tags and the nodes (id, lon, lat) of each road, in the order of the file."""
    try:
        osmium = importlib.import_module("osmium")
    except ImportError as error:
        raise _fault(
            path,
            _("reading this form of extract needs pyosmium"),
            _("install the extra: pip install 'shanxi-dispatch[osm]'"),
        ) from error
    try:
        for item in osmium.FileProcessor(str(path)).with_locations():
            if not item.is_way() or item.tags.get("highway") not in classes:
                continue
            if item.tags.get("area") == "yes":
                continue
            # nodes beyond the border of a cut extract have no place
            nodes = [(n.ref, n.lon, n.lat) for n in item.nodes if n.location.valid()]
            if len(nodes) > 1:
                yield {tag.k: tag.v for tag in item.tags}, nodes
    except RuntimeError as error:
        raise _fault(
            path,
            _("the file can't be read as OpenStreetMap data: {}").format(error),
            _("give an .osm or .osm.pbf file, or the GeoPackage form"),
        ) from error


def _cut(
    ways: list[tuple[dict[str, str], list[tuple[int, float, float]]]],
) -> Iterator[_Piece]:
    """Cut ways where they meet one another or themselves."""
    uses = Counter(ref for _tags, nodes in ways for ref, _lon, _lat in nodes)
    for tags, nodes in ways:
        start = 0
        for i in range(1, len(nodes)):
            if i < len(nodes) - 1 and uses[nodes[i][0]] == 1:
                continue
            points = [(lon, lat) for _ref, lon, lat in nodes[start : i + 1]]
            if len(set(points)) > 1:
                yield _Piece(points, (nodes[start][0], nodes[i][0]), tags)
            start = i


def _row(piece: _Piece, first: int, last: int) -> list[object]:
    tags = piece.tags
    tail, head = (last, first) if _backward(tags) else (first, last)
    toll = {"yes": True, "no": False}.get(tags.get("toll", ""))
    return [
        *(tail, head, tags["highway"], tags.get("ref", ""), tags.get("name", "")),
        *(_oneway(tags), _lanes(tags), parse_speed_kmh(tags.get("maxspeed", "")), _access(tags)),
        *(toll, _present(tags, "bridge"), _present(tags, "tunnel")),
        *(parse_mass_kg(tags.get("maxweight", "")), parse_height_m(tags.get("maxheight", ""))),
        *(False, _length_m(piece.points)),
    ]


def _backward(tags: dict[str, str]) -> bool:
    return tags.get("oneway") in ("-1", "reverse")


def _oneway(tags: dict[str, str]) -> bool:
    """Say whether traffic runs one way, as tagged or as a motorway or roundabout implies."""
    implied = tags["highway"] == "motorway" or tags.get("junction") in ("roundabout", "circular")
    return tags.get("oneway", "yes" if implied else "no") in ("yes", "true", "1", "-1", "reverse")


def _lanes(tags: dict[str, str]) -> int | None:
    numbers = [int(n) for n in re.findall(r"\d+", tags.get("lanes", ""))]
    return max(numbers, default=None)


def _access(tags: dict[str, str]) -> str:
    """Return the access tag that says most about motor vehicles."""
    keys = ("motor_vehicle", "vehicle", "access")
    return next((tags[key] for key in keys if key in tags), "")


def _present(tags: dict[str, str], key: str) -> bool:
    return tags.get(key, "no") != "no"


# the GeoPackage form


def _read_gpkg(path: Path) -> RoadExtract:
    try:
        layers = {str(name) for name in pyogrio.list_layers(path)[:, 0]}
    except pyogrio.errors.DataSourceError as error:
        raise _fault(
            path, _("the file is no GeoPackage: {}").format(error), _("give a road extract")
        ) from error
    if not {"nodes", "edges"} <= layers:
        raise _fault(
            path,
            _("the GeoPackage lacks the layers nodes and edges"),
            _("give a network cut at its junctions, or an .osm.pbf file"),
        )
    nodes, edges = (gpd.read_file(path, layer=name).to_crs(CRS) for name in ("nodes", "edges"))
    missing = [f"nodes.{c}" for c in ("id",) if c not in nodes]
    missing += [f"edges.{c}" for c in ("u", "v", "cls", "len_m") if c not in edges]
    if missing:
        raise InputError(
            Fault(path.name, None, name, None, _("the column is missing"), _("add it"))
            for name in missing
        )
    extract = _from_layers(path, nodes, edges)
    if "ref_labels" in layers:
        _label(extract.edges, gpd.read_file(path, layer="ref_labels").to_crs(CRS))
    return extract


def _from_layers(path: Path, nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame) -> RoadExtract:
    row = pd.Series(np.arange(len(nodes)), index=nodes["id"])
    tail, head = row.reindex(edges["u"]), row.reindex(edges["v"])
    if tail.isna().any() or head.isna().any():
        raise _fault(path, _("an edge names a node that does not exist"), _("repair the network"))
    places = shapely.get_coordinates(nodes.geometry.to_numpy())
    lines = edges.geometry.to_numpy()
    start = shapely.get_coordinates(shapely.get_point(lines, 0))
    # lines may be drawn from v to u
    drawn = [np.hypot(*(start - places[end.to_numpy(np.int64)]).T) for end in (tail, head)]
    lines = np.where(drawn[0] <= drawn[1], lines, shapely.reverse(lines))
    brunnel = edges["brunnel"] if "brunnel" in edges else pd.Series("", index=edges.index)
    table = pd.DataFrame(
        {
            "tail": tail.to_numpy(),
            "head": head.to_numpy(),
            "road_class": edges["cls"],
            "ref": "",
            "name": "",
            "oneway": False,
            "lanes": pd.NA,
            "maxspeed_kmh": math.nan,
            "access": "",
            "toll": pd.NA,
            "bridge": brunnel.eq("bridge"),
            "tunnel": brunnel.eq("tunnel"),
            "max_mass_kg": math.nan,
            "max_height_m": math.nan,
            "bridged": edges["synthetic"].astype(bool) if "synthetic" in edges else False,
            "length_m": edges["len_m"],
        }
    )
    return RoadExtract(
        nodes=pd.DataFrame({"lon": places[:, 0], "lat": places[:, 1]}),
        edges=gpd.GeoDataFrame(table.astype(_COLUMNS), geometry=list(lines), crs=CRS),
    )


def _label(edges: gpd.GeoDataFrame, labels: gpd.GeoDataFrame, within_deg: float = 0.001) -> None:
    """Give edges the number and name of a labelled line that runs along them."""
    labels = labels[labels["ref"].fillna("").ne("")]
    for ref, name, road_class, line in zip(
        labels["ref"], labels["name"].fillna(""), labels["class"], labels.geometry, strict=True
    ):
        strip = shapely.buffer(line, within_deg)
        along = edges.index[edges.sindex.query(strip, predicate="covers")]
        along = along[(edges["road_class"].loc[along] == road_class).to_numpy()]
        edges.loc[along, "ref"] = ref
        edges.loc[along, "name"] = name
