"""Road graphs as networkx and osmnx keep them, read into a :class:`RoadExtract`.

A street for both directions is two arcs there and one edge here::

    u ==> v   oneway False         u --- v   one edge, both ways
    u <== v   oneway False
    u ==> w   oneway True          u --> w   one edge, from u to w only

Nodes have ``x`` and ``y`` (or ``lon`` and ``lat``); edges have ``highway`` (or
``road_class``) and may have ``length`` (or ``length_m``), ``oneway``, ``geometry`` and the
tags of OpenStreetMap. Where simplification left a list of values, the slowest class, the
least limit and the nearest to closed count.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray

from dispatch.errors import Fault, InputError
from dispatch.geo import haversine_m
from dispatch.i18n import _
from dispatch.network.graphml import GraphTables, read_tables
from dispatch.network.osm import (
    CRS,
    DRIVABLE_CLASSES,
    RoadExtract,
    parse_height_m,
    parse_mass_kg,
    parse_speed_kmh,
    subset,
)

if TYPE_CHECKING:
    import networkx as nx

BoolArray = NDArray[np.bool_]

_YES: Final = ("true", "yes", "1")
_AGAINST: Final = ("-1", "reverse")


def read_graphml(path: Path) -> tuple[RoadExtract, str]:
    """Read a GraphML file, of osmnx or of networkx alone.

    Returns
    -------
    RoadExtract
    str
        Day on which osmnx fetched the roads (ISO 8601); empty where osmnx did not.

    Raises
    ------
    InputError
        If this is no GraphML, or no road graph.
    """
    graph = read_tables(path)
    return _from_tables(graph, path.name), fetched_on(graph.attributes)


def fetched_on(attributes: Mapping[str, Any]) -> str:
    """Return the day on which osmnx made a graph (ISO 8601), empty for other graphs."""
    return str(attributes.get("created_date", ""))[:10]


def read_osmnx_layers(path: Path) -> RoadExtract:
    """Read a GeoPackage that osmnx saved: layers nodes and edges.

    Raises
    ------
    InputError
        If columns are missing or an edge names a node that is not there.
    """
    nodes = pyogrio.read_dataframe(path, layer="nodes")
    edges = pyogrio.read_dataframe(path, layer="edges")
    missing = [f"nodes.{name}" for name in ("osmid", "geometry") if name not in nodes]
    missing += [f"edges.{name}" for name in ("u", "v", "geometry") if name not in edges]
    if missing:
        raise InputError(
            Fault(path.name, None, name, None, _("the column is missing"), _("add it"))
            for name in missing
        )
    if {"from", "to"} <= set(edges):  # told from the lesser to the greater id otherwise
        edges = edges.assign(u=edges["from"], v=edges["to"])
    nodes = nodes.set_index(nodes["osmid"].astype(str))
    lines = edges.geometry.to_crs(CRS).to_numpy()
    return _extract(path.name, nodes.geometry.to_crs(CRS), pd.DataFrame(edges), lines, True)


def from_graph(graph: nx.MultiDiGraph[Any], file: str) -> RoadExtract:
    """Turn a graph of osmnx into an extract.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        Positions in the ``crs`` of the graph.
    file : str
        What to name in faults.

    Raises
    ------
    InputError
        If there are no edges.
    """
    nodes = pd.DataFrame.from_records([data for _node, data in graph.nodes(data=True)])
    nodes.index = pd.Index([str(node) for node in graph.nodes])
    arcs = list(graph.edges(data=True))
    edges = pd.DataFrame.from_records([data for _u, _v, data in arcs])
    edges["u"], edges["v"] = [str(u) for u, _v, _data in arcs], [str(v) for _u, v, _data in arcs]
    return _from_tables(GraphTables(nodes, edges, graph.graph, graph.is_directed()), file)


def _from_tables(graph: GraphTables, file: str) -> RoadExtract:
    """Turn a graph into an extract; its positions are in its ``crs``, EPSG:4326 by default."""
    if graph.edges.empty:
        raise _fault(file, _("the graph has no edges"), _("give a road graph"))
    crs = graph.attributes.get("crs") or CRS
    x, y = (_numbers(graph.nodes, names) for names in (("x", "lon"), ("y", "lat")))
    if x.isna().any() or y.isna().any():
        raise _fault(file, _("nodes have no position"), _("give each node x and y, in degrees"))
    nodes = gpd.GeoSeries(gpd.points_from_xy(x, y), index=graph.nodes.index, crs=crs).to_crs(CRS)
    lines = None
    if "geometry" in graph.edges:
        shapes: Any = graph.edges["geometry"]
        if shapes.map(type).eq(str).any():
            shapes = shapely.from_wkt(shapes.where(shapes.ne(""), None).tolist(), "ignore")
        lines = gpd.GeoSeries(list(shapes), crs=crs).to_crs(CRS).to_numpy()
    return _extract(file, nodes, graph.edges, lines, graph.directed)


def _extract(
    file: str, nodes: gpd.GeoSeries, edges: pd.DataFrame, lines: Any, directed: bool
) -> RoadExtract:
    """Make an extract of nodes by id (text) and edges between ``u`` and ``v``."""
    at = np.column_stack([shapely.get_x(nodes.to_numpy()), shapely.get_y(nodes.to_numpy())])
    if not (np.isfinite(at) & (np.abs(at) <= (180.0, 90.0))).all():
        raise _fault(file, _("positions are not in degrees"), _("give longitude and latitude"))
    tail, head = (nodes.index.get_indexer(edges[end].astype(str)) for end in ("u", "v"))
    if (tail < 0).any() or (head < 0).any():
        raise _fault(file, _("an edge names a node that does not exist"), _("repair the network"))
    table = _attributes(file, edges)
    told = _texts(edges, "oneway").str.lower()
    against = told.isin(_AGAINST).to_numpy()
    tail, head = np.where(against, head, tail), np.where(against, tail, head)
    lines = _lines(lines, at[tail], at[head])
    table["length_m"] = _numbers(edges, ("length", "length_m"))
    table["length_m"] = table["length_m"].fillna(pd.Series(_length_m(lines), index=edges.index))
    table["tail"], table["head"] = tail, head
    known = (told.isin((*_YES, *_AGAINST, "false", "no", "0"))).to_numpy()
    one = told.isin((*_YES, *_AGAINST)).to_numpy()
    table["oneway"], kept = _pair(table, one, known, directed)
    whole = RoadExtract(
        nodes=pd.DataFrame({"lon": at[:, 0], "lat": at[:, 1]}),
        edges=gpd.GeoDataFrame(table, geometry=list(lines), crs=CRS),
    )
    return subset(whole, kept & table["road_class"].isin(DRIVABLE_CLASSES).to_numpy())


def _pair(
    table: pd.DataFrame, one: BoolArray, known: BoolArray, directed: bool
) -> tuple[BoolArray, BoolArray]:
    """Say which edges are one way, and which to keep of two that are one street both ways.

    Parameters
    ----------
    table : DataFrame
        With tail, head, road_class and length_m.
    one, known : BoolArray
        Whether each edge is told to be one way, and whether it is told at all.
    directed : bool
        Whether an edge that nothing is told of runs from tail to head only.
    """
    if not directed:
        return one, np.ones(len(table), bool)
    key = pd.DataFrame(
        {
            "low": table[["tail", "head"]].min(axis=1),
            "high": table[["tail", "head"]].max(axis=1),
            "road_class": table["road_class"],
            "mm": (table["length_m"] * 1000).round(),
            "one": one,
        }
    )
    names = list(key)
    # both arcs of a loop run from its node to itself: every other one is the way back
    turn = key.groupby(names).cumcount() % 2
    key["back"] = np.where(key["low"] == key["high"], turn == 1, table["tail"] > table["head"])
    key["copy"] = key.groupby([*names, "back"]).cumcount()
    twin = key.duplicated([*names, "copy"], keep=False).to_numpy() & ~one
    second = key.duplicated([*names, "copy"]).to_numpy() & ~one
    return one | (~known & ~twin), ~second


def _attributes(file: str, edges: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of an extract that tags tell."""
    classes = _first(edges, ("highway", "road_class"))
    if classes is None:
        raise _fault(
            file,
            _("the edges have no road class"),
            _("give each edge highway, a class of OpenStreetMap"),
        )
    rank = {name: i for i, name in enumerate(DRIVABLE_CLASSES)}
    table = pd.DataFrame(index=edges.index)
    table["road_class"] = _told(edges.assign(highway=classes), "highway").map(
        lambda values: max(values, key=lambda name: rank.get(name, len(rank)), default="")
    )
    for name in ("ref", "name"):
        table[name] = _told(edges, name).map(";".join)
    lanes = _told(edges, "lanes").map(" ".join).str.findall(r"\d+")
    table["lanes"] = lanes.map(lambda n: max(map(int, n), default=pd.NA)).astype("Int64")
    table["maxspeed_kmh"] = _least(edges, "maxspeed", parse_speed_kmh)
    access = pd.Series("", index=edges.index)
    for name in ("motor_vehicle", "vehicle", "access"):
        access = access.where(access.ne(""), _told(edges, name).map(";".join))
    table["access"] = access
    toll = _told(edges, "toll").map(lambda v: True if "yes" in v else False if "no" in v else pd.NA)
    table["toll"] = toll.astype("boolean")
    for name in ("bridge", "tunnel"):
        table[name] = _told(edges, name).map(lambda values: any(v != "no" for v in values))
    table["max_mass_kg"] = _least(edges, "maxweight", parse_mass_kg)
    table["max_height_m"] = _least(edges, "maxheight", parse_height_m)
    return table.assign(bridged=False)


def _least(edges: pd.DataFrame, name: str, parse: Callable[[str], float]) -> pd.Series[float]:
    """Return the least number that the values of a tag name, NaN where none does."""
    numbers = _told(edges, name).map(lambda values: [parse(value) for value in values])
    return numbers.map(lambda ns: min((n for n in ns if n == n), default=np.nan)).astype(float)


def _told(edges: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return the values of a tag on each edge as a tuple of texts, empty where not tagged."""
    return _texts(edges, name).map(_split)


def _texts(edges: pd.DataFrame, name: str) -> pd.Series[str]:
    if name not in edges:
        return pd.Series("", index=edges.index)
    return edges[name].map(lambda value: "" if value is None or value != value else str(value))


@cache  # tags repeat by the thousand
def _split(text: str) -> tuple[str, ...]:
    """Return one value, or those of a list as osmnx writes it into a file."""
    if not text.startswith("["):
        return (text,) if text else ()
    try:
        return tuple(str(value) for value in ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return tuple(re.findall(r"[^\[\]',\s]+", text))


def _numbers(table: pd.DataFrame, names: tuple[str, ...]) -> pd.Series[float]:
    """Return the first of some columns as numbers, NaN where it tells none."""
    found = _first(table, names)
    if found is None:
        return pd.Series(np.nan, index=table.index)
    return pd.to_numeric(found, errors="coerce").astype(float)


def _first(table: pd.DataFrame, names: tuple[str, ...]) -> pd.Series[Any] | None:
    return next((table[name] for name in names if name in table), None)


def _lines(lines: Any, start: NDArray[Any], end: NDArray[Any]) -> NDArray[Any]:
    """Return the lines from start to end, straight where none is drawn."""
    straight = np.asarray(shapely.linestrings(np.stack([start, end], axis=1)))
    if lines is None:
        return straight
    drawn = np.where(shapely.get_type_id(lines) == 1, lines, straight)
    first = shapely.get_coordinates(shapely.get_point(drawn, 0))
    nearer = np.hypot(*(first - start).T) <= np.hypot(*(first - end).T)
    return np.where(nearer, drawn, shapely.reverse(drawn))


def _length_m(lines: NDArray[Any]) -> NDArray[np.float64]:
    points, line = shapely.get_coordinates(lines, return_index=True)
    lon, lat = points.T
    step = haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    step = np.where(line[1:] == line[:-1], step, 0.0)
    return np.bincount(line[1:], step, len(lines)).astype(float)


def _fault(file: str, problem: str, remedy: str) -> InputError:
    return InputError(Fault(file, None, None, None, problem, remedy))
