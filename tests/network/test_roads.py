"""Road networks of every form as junctions and links: see the town in ``town.py``."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import osmnx
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from town import PLACES, lonlat, overpass, write_osm

from dispatch.errors import InputError
from dispatch.geo import haversine_m
from dispatch.network.osm import DRIVABLE_CLASSES
from dispatch.network.road import build_road_network
from dispatch.network.road_source import FILTER, RoadSource, fetch_source, read_source
from dispatch.network.road_summary import summarise
from dispatch.network.roads import geohashes, parts, road_tables, usable
from dispatch.network.ways import cut_ways

SHARED = Path(__file__).parents[3] / "shared/data/roads/shanxi_roads_osm2021.gpkg"

Tables = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]


pytestmark = pytest.mark.usefixtures("english")


def tables(found: RoadSource) -> Tables:
    return road_tables(found.extract, found.source, documented=found.documented)


@pytest.fixture
def town(tmp_path: Path) -> Tables:
    return tables(read_source(write_osm(tmp_path / "town.osm")))


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Let osmnx work as ever, but have Overpass answer with the town; note what it is asked."""
    asked = []

    def answer(polygon: Any, network_type: str, custom_filter: str) -> Iterator[dict[str, Any]]:
        asked.append((polygon, custom_filter, sorted(osmnx.settings.useful_tags_way)))
        yield overpass(set(DRIVABLE_CLASSES))

    monkeypatch.setattr(osmnx._overpass, "_download_overpass_network", answer)
    return asked


@pytest.fixture
def area(tmp_path: Path) -> Path:
    box = shapely.box(*lonlat(-1, -1), *lonlat(6, 3))
    path = tmp_path / "area.geojson"
    gpd.GeoDataFrame(geometry=[box], crs="EPSG:4326").to_file(path)
    return path


def place(ref: int) -> str:
    """Return the id of the junction at a node of the town."""
    lon, lat = (np.array([degrees]) for degrees in lonlat(*PLACES[ref]))
    return str(geohashes(lon, lat, 10)[0])


def link(links: gpd.GeoDataFrame, start: int, end: int) -> Any:
    return links.loc[f"{place(start)}-{place(end)}"]


def either_way(links: gpd.GeoDataFrame, start: int, end: int) -> Any:
    return link(links, *sorted((start, end), key=place))


# what becomes of tags


def test_every_link_is_there_once(town: Tables) -> None:
    junctions, links = town
    # the trunk is cut at 4, the roundabout at 7, 8 and 9
    assert len(links) == 12
    assert len(junctions) == 13
    assert links.index.is_unique
    assert links.index.is_monotonic_increasing


@pytest.mark.parametrize(("start", "end"), [(1, 2), (2, 4), (7, 8), (8, 9), (9, 7), (10, 8)])
def test_one_way_runs_from_the_first_junction(town: Tables, start: int, end: int) -> None:
    row = link(town[1], start, end)
    assert row["direction"] == "forward"
    ends = shapely.get_coordinates(row["geometry"])[[0, -1]]
    assert ends.ravel().tolist() == [*lonlat(*PLACES[start]), *lonlat(*PLACES[end])]


@pytest.mark.parametrize(("start", "end"), [(4, 5), (4, 6), (4, 7), (9, 11)])
def test_other_streets_run_both_ways(town: Tables, start: int, end: int) -> None:
    row = either_way(town[1], start, end)
    assert row["direction"] == "both"
    first = town[0].loc[row["from_junction"]]
    assert shapely.get_coordinates(row["geometry"])[0].tolist() == [first["lon"], first["lat"]]


def test_classes_become_those_of_the_planner(town: Tables) -> None:
    classes = town[1].groupby("highway")["road_class"].unique().str[0]
    assert classes.to_dict() == {
        "motorway": "motorway",
        "motorway_link": "trunk",
        "trunk": "trunk",
        "primary": "primary",
        "tertiary": "secondary",
        "residential": "access",
        "service": "access",
    }


def test_motorways_and_their_ramps_are_tolled_others_where_tagged(town: Tables) -> None:
    tolled = town[1].loc[town[1]["toll"].eq("yes"), "highway"]
    assert sorted(tolled) == ["motorway", "motorway", "motorway_link", "primary"]


def test_limits_are_in_our_units(town: Tables) -> None:
    links = town[1]
    assert either_way(links, 4, 6)["maxspeed_kmh"] == pytest.approx(64.4)
    street = either_way(links, 4, 7)
    assert (street["maxspeed_kmh"], street["max_mass_kg"]) == (30, 20_000)
    assert link(links, 10, 8)["max_height_m"] == 4.5
    assert links["max_mass_kg"].notna().sum() == links["max_height_m"].notna().sum() == 1


def test_bridges_and_tunnels_count_in_full(town: Tables) -> None:
    links = town[1]
    assert links["bridge_m"].gt(0).sum() == 2
    assert link(links, 2, 3)["bridge_m"] == link(links, 2, 3)["length_m"] == 2000
    assert links.loc[links["tunnel_m"].gt(0), "highway"].tolist() == ["service"]


def test_lanes_beyond_reason_are_not_known(town: Tables) -> None:
    assert either_way(town[1], 4, 6)["lanes"] == 4
    assert pd.isna(either_way(town[1], 4, 7)["lanes"])


def test_kinds_of_junction(town: Tables) -> None:
    kind = town[0]["kind"]
    assert [kind[place(ref)] for ref in (1, 2, 4, 7, 11)] == [
        "waypoint",
        "interchange",
        "interchange",
        "crossing",
        "waypoint",
    ]


def test_two_nodes_at_one_place_stay_apart(town: Tables) -> None:
    junctions, links = town
    twins = [place(5), f"{place(5)}-2"]
    assert set(twins) <= set(junctions.index)
    assert links["from_junction"].isin(twins).sum() + links["to_junction"].isin(twins).sum() == 2


def test_rows_name_their_source(town: Tables, tmp_path: Path) -> None:
    for table in town:
        assert set(table["source"]) == {"OpenStreetMap (ODbL)"}
        assert set(table["status"]) == {"existing"}
    extract = read_source(tmp_path / "town.osm").extract
    for table in road_tables(extract, "sketch", documented=False):
        assert set(table["source"]) == {"origin not documented: sketch"}
        assert set(table["status"]) == {"illustrative"}


def test_the_day_of_an_extract_is_told(tmp_path: Path) -> None:
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2026-10-01T20:21:00Z")
    source, target = write_osm(tmp_path / "town.osm"), tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(target), header=header) as writer:
        for item in osmium.FileProcessor(str(source)):
            writer.add(item)
    found = read_source(target)
    assert found.source == "OpenStreetMap 2026-10-01 (ODbL)"
    assert (
        tables(found)[1]
        .drop(columns="source")
        .equals(tables(read_source(source))[1].drop(columns="source"))
    )


def test_the_engine_takes_the_tables_unchanged(town: Tables) -> None:
    road = build_road_network(*town)
    # 5 links both ways give two arcs; four junctions join tolled to free roads
    assert road.topology.n_arcs == 12 + 5 + 2 * sum(
        {"yes", "no"} <= set(_tolls_at(town[1], key)) for key in town[0].index
    )
    assert set(road.link_class) == {"motorway", "trunk", "primary", "secondary", "access"}


def _tolls_at(links: gpd.GeoDataFrame, junction: str) -> Any:
    meets = links["from_junction"].eq(junction) | links["to_junction"].eq(junction)
    return links.loc[meets, "toll"].tolist()


# what a plan may count on


def test_a_plan_counts_on_open_roads_that_lead_there_and_back(town: Tables) -> None:
    junctions, links = usable(*town)
    # the motorway and the primary run one way out of or into the map, 9-11 is private
    assert sorted(links["highway"]) == [*["residential"], *["tertiary"] * 3, *["trunk"] * 2]
    assert set(junctions.index) == {place(ref) for ref in (4, 5, 6, 7, 8, 9)}
    assert len(set(parts(junctions, links, strong=True))) == 1


@pytest.mark.parametrize(
    ("access", "open_"),
    [("", True), ("destination", True), ("permit", True), ("no", False), ("yes;military", False)],
)
def test_access_tags(town: Tables, access: str, open_: bool) -> None:
    junctions, links = town
    links = links.assign(access=links["access"].where(links["highway"] != "trunk", access))
    assert ("trunk" in set(usable(junctions, links)[1]["highway"])) is open_


def test_tables_without_access_are_open(town: Tables) -> None:
    junctions, links = town
    assert len(usable(junctions, links.drop(columns="access"))[1]) == 7


# graphs of osmnx and networkx


def same(one: Tables, other: Tables) -> None:
    """Compare tables but for source, a metre of length and the last digit of degrees."""
    for a, b in zip(one, other, strict=True):
        loose = ["source", "status", "geometry", "length_m", "bridge_m", "tunnel_m"]
        pd.testing.assert_frame_equal(
            pd.DataFrame(a.drop(columns=loose, errors="ignore")),
            pd.DataFrame(b.drop(columns=loose, errors="ignore")),
            check_dtype=False,
            atol=1e-9,
        )
        assert shapely.equals_exact(a.geometry.to_numpy(), b.geometry.to_numpy(), 1e-9).all()
    assert one[1]["length_m"].to_numpy() == pytest.approx(other[1]["length_m"].to_numpy(), abs=1)


def test_fetching_a_polygon_gives_what_importing_does(
    town: Tables, area: Path, answered: list[tuple[Any, ...]]
) -> None:
    before = osmnx.settings.useful_tags_way, osmnx.settings.use_cache
    found = fetch_source(str(area))
    same(tables(found), town)
    assert found.source.startswith("OpenStreetMap 20")
    assert found.documented
    ((polygon, asked, tags),) = answered
    assert asked == FILTER
    assert polygon.covers(shapely.box(*lonlat(-1, -1), *lonlat(6, 3)))
    assert {"toll", "bridge", "tunnel", "maxweight", "maxheight", "access"} <= set(tags)
    assert (osmnx.settings.useful_tags_way, osmnx.settings.use_cache) == before


def test_the_filter_asks_for_whole_classes() -> None:
    assert FILTER.startswith('["highway"~"^(motorway|motorway_link|')
    assert FILTER.endswith('|road)$"]["area"!~"yes"]')
    assert "footway" not in FILTER


def test_fetching_a_place_asks_osmnx_by_its_signature(
    town: Tables, area: Path, answered: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = inspect.signature(osmnx.graph_from_place), []
    polygon = gpd.read_file(area).union_all()

    def graph_from_place(*args: Any, **options: Any) -> Any:
        bound = real.bind(*args, **options)
        asked.append(bound.arguments)
        return osmnx.graph_from_polygon(polygon, **bound.kwargs)

    monkeypatch.setattr(osmnx, "graph_from_place", graph_from_place)
    same(tables(fetch_source("平遥县, 山西省")), town)
    assert asked[0]["query"] == "平遥县, 山西省"
    assert asked[0]["custom_filter"] == FILTER


@pytest.fixture
def graph(area: Path, answered: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the town as people keep it in osmnx, simplified without regard to tags."""
    polygon = gpd.read_file(area).union_all()
    tags = [*osmnx.settings.useful_tags_way, "toll", "maxweight", "maxheight"]
    monkeypatch.setattr(osmnx.settings, "useful_tags_way", tags)
    return osmnx.graph_from_polygon(polygon, retain_all=True, custom_filter=FILTER)


def test_graphml_of_osmnx(graph: Any, town: Tables, tmp_path: Path) -> None:
    osmnx.save_graphml(graph, tmp_path / "town.graphml")
    found = read_source(tmp_path / "town.graphml")
    assert found.source == f"OpenStreetMap {graph.graph['created_date'][:10]} (ODbL)"
    same(tables(found), town)


@pytest.mark.parametrize("directed", [False, True])
def test_geopackage_of_osmnx(graph: Any, town: Tables, tmp_path: Path, directed: bool) -> None:
    osmnx.save_graph_geopackage(graph, tmp_path / "town.gpkg", directed=directed)
    found = read_source(tmp_path / "town.gpkg")
    assert not found.documented
    same(tables(found), town)


def test_a_projected_graph_comes_back_to_degrees(graph: Any, town: Tables, tmp_path: Path) -> None:
    osmnx.save_graphml(osmnx.project_graph(graph), tmp_path / "town.graphml")
    links = tables(read_source(tmp_path / "town.graphml"))[1]
    assert len(links) == len(town[1])
    assert links.total_bounds == pytest.approx(town[1].total_bounds, abs=1e-7)


def test_lists_that_simplifying_left(tmp_path: Path) -> None:
    plain: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    plain.add_nodes_from([("a", {"x": 112.0, "y": 37.0}), ("b", {"x": 112.01, "y": 37.0})])
    tags = {
        "highway": "['primary', 'residential']",
        "maxspeed": "['60', '40 mph']",
        "maxweight": "['30', '20 t']",
        "ref": "['G108', 'S201']",
        "bridge": "['no', 'viaduct']",
        "access": "['yes', 'private']",
        "toll": "['no', 'yes']",
        "lanes": "['2', '3']",
        "name": "[迎泽大街, 并州路]",
    }
    plain.add_edge("a", "b", **tags)
    nx.write_graphml(plain, tmp_path / "plain.graphml")
    links = tables(read_source(tmp_path / "plain.graphml"))[1]
    row = links.iloc[0]
    assert (row["highway"], row["maxspeed_kmh"], row["max_mass_kg"]) == ("residential", 60, 20_000)
    assert (row["ref"], row["name"]) == ("G108;S201", "迎泽大街;并州路")
    assert (row["access"], row["toll"], row["lanes"]) == ("yes;private", "yes", 3)
    assert row["bridge_m"] == row["length_m"]
    assert row["direction"] == "forward"


def grid(kind: type[nx.Graph[Any]], *edges: tuple[int, int, dict[str, Any]]) -> Any:
    graph = kind()
    for number in range(3):
        graph.add_node(number, lon=112.0 + number / 100, lat=37.0)
    for tail, head, data in edges:
        graph.add_edge(tail, head, **({"highway": "primary"} | data))
    return graph


@pytest.mark.parametrize(
    ("graph", "ways"),
    [
        (grid(nx.Graph, (0, 1, {}), (1, 2, {})), ["0-1", "1-2"]),
        (grid(nx.Graph, (0, 1, {"oneway": True}), (1, 2, {"oneway": "no"})), ["0>1", "1-2"]),
        (grid(nx.DiGraph, (0, 1, {}), (1, 0, {}), (2, 1, {})), ["0-1", "2>1"]),
        (grid(nx.DiGraph, (0, 1, {"oneway": "-1"}), (1, 2, {"oneway": False})), ["1-2", "1>0"]),
        # two carriageways, and two streets between the same two nodes
        (
            grid(nx.DiGraph, (0, 1, {"oneway": "yes"}), (1, 0, {"oneway": "yes"})),
            ["0>1", "1>0"],
        ),
        (
            grid(nx.MultiDiGraph, (0, 1, {}), (0, 1, {}), (1, 0, {}), (1, 0, {"length": 950})),
            ["0-1", "0>1", "1>0"],
        ),
        # a street that comes back to its node, there and back
        (
            grid(nx.MultiDiGraph, (0, 0, {"length": 90}), (0, 0, {"length": 90}), (0, 1, {})),
            ["0-0", "0>1"],
        ),
    ],
)
def test_directions_of_plain_graphs(graph: Any, ways: list[str], tmp_path: Path) -> None:
    loop = "LINESTRING (112 37, 112.001 37, 112 37.001, 112 37)"
    for tail, head, data in graph.edges(data=True):
        if tail == head:
            data["geometry"] = loop
    nx.write_graphml(graph, tmp_path / "plain.graphml")
    links = tables(read_source(tmp_path / "plain.graphml"))[1]
    number = {place_of(n): n for n in range(3)}
    found = [
        f"{number[row.from_junction]}{'>' if row.direction == 'forward' else '-'}"
        f"{number[row.to_junction]}"
        for row in links.itertuples()
    ]
    assert sorted(found) == ways


def place_of(number: int) -> str:
    return str(geohashes(np.array([112.0 + number / 100]), np.array([37.0]), 10)[0])


def test_lengths_and_lines_of_plain_graphs(tmp_path: Path) -> None:
    bend = "LINESTRING (112.02 37, 112.015 37.01, 112.01 37)"  # drawn from 2 to 1
    graph = grid(nx.Graph, (0, 1, {"length": 1234.4}), (1, 2, {"geometry": bend}))
    nx.write_graphml(graph, tmp_path / "plain.graphml")
    links = tables(read_source(tmp_path / "plain.graphml"))[1]
    straight = links.loc[f"{place_of(0)}-{place_of(1)}"]
    assert (straight["length_m"], len(straight["geometry"].coords)) == (1234, 2)
    bent = links.loc[f"{place_of(1)}-{place_of(2)}"]
    lon, lat = shapely.get_coordinates(shapely.from_wkt(bend)).T
    assert bent["length_m"] == round(haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum())
    assert bent["geometry"].coords[0] == (112.01, 37)


# the reference roads


@pytest.mark.skipif(not SHARED.is_file(), reason="needs the reference roads of ../shared")
def test_the_reference_roads_of_the_province() -> None:
    junctions, links = tables(read_source(SHARED))
    told = summarise(junctions, links)
    assert (told.junctions, told.links) == (16_420, 18_899)
    # one component holds 98.45 % of the length, says the table that came with it
    assert told.largest_part_km / told.km == pytest.approx(0.9845, abs=1e-4)
    assert told.usable_km == pytest.approx(told.largest_part_km)
    assert set(links.loc[links["bridged_m"].gt(0), "status"]) == {"illustrative"}
    road = build_road_network(*usable(junctions, links))
    assert len(road.link_id) < 18_899


# summary


def test_a_summary_adds_up(town: Tables) -> None:
    told = summarise(*town)
    links = town[1]
    assert told.km == pytest.approx(links["length_m"].sum() / 1000)
    assert told.classes["km"].sum() == pytest.approx(told.km)
    assert told.classes["links"].to_dict()["tertiary"] == 3
    assert told.classes.index[0] == "trunk"
    assert told.parts == 2
    assert told.kinds["closed"] == either_way(links, 9, 11)["length_m"] / 1000
    assert told.kinds["tunnel"] == told.kinds["closed"]
    assert told.kinds["with_max_height"] == link(links, 10, 8)["length_m"] / 1000
    assert told.kinds["one_way"] < told.km
    assert told.usable_km == usable(*town)[1]["length_m"].sum() / 1000
    ((source, km),) = told.sources
    assert source == "OpenStreetMap (ODbL)"
    assert km == pytest.approx(told.km)
    assert told.bounds == pytest.approx((*lonlat(0, -0.1), *lonlat(5, 2)))


def test_a_summary_of_tables_without_tags(town: Tables) -> None:
    junctions, links = town
    bare = links.drop(columns=["highway", "access", "maxspeed_kmh", "max_mass_kg", "max_height_m"])
    told = summarise(junctions, bare)
    assert told.classes.loc["secondary", "links"] == 3
    assert told.kinds["closed"] == told.kinds["with_maxspeed"] == 0


# parts


def test_geohash_of_the_well_known_point() -> None:
    lon, lat = np.array([10.40744, -5.6, 180.0]), np.array([57.64911, 42.6, 90.0])
    assert geohashes(lon, lat, 10).tolist()[0] == "u4pruydqqv"
    assert [text[:4] for text in geohashes(lon, lat, 10)[1:]] == ["ezs4", "zzzz"]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.lists(st.integers(1, 9), min_size=2, max_size=7), min_size=1, max_size=6))
def test_cutting_ways(routes: list[list[int]]) -> None:
    """Pieces end exactly where ways meet, and every metre is in one piece."""
    at = {ref: lonlat(*PLACES[ref]) for ref in range(1, 10)}
    refs = [ref for route in routes for ref in route]
    lon, lat = np.array([at[ref] for ref in refs]).T
    pieces = cut_ways(np.array([len(route) for route in routes]), np.array(refs), lon, lat)
    ends = set(zip(pieces.lon.tolist(), pieces.lat.tolist(), strict=True))
    ids = [ref for ref in range(1, 10) if at[ref] in ends]
    assert len(ids) == len(pieces.lon)
    uses = pd.Series(refs).value_counts()
    for k, line in enumerate(pieces.line):
        points = [tuple(point) for point in shapely.get_coordinates(line).tolist()]
        assert points[0] == at[ids[pieces.tail[k]]]
        assert points[-1] == at[ids[pieces.head[k]]]
        inner = [ref for ref in range(1, 10) for point in points[1:-1] if at[ref] == point]
        assert all(uses[ref] == 1 for ref in inner)
    for number, route in enumerate(routes):
        whole = sum(float(haversine_m(*at[a], *at[b])) for a, b in pairwise(route))
        mine = pieces.length_m[pieces.way == number].sum()
        assert mine == pytest.approx(whole, abs=1e-6)


# what can't be read


def faults(path: Path | str) -> str:
    with pytest.raises(InputError) as caught:
        read_source(path) if isinstance(path, Path) else fetch_source(path)
    assert all(fault.remedy for fault in caught.value.faults)
    return str(caught.value)


def test_missing_files_and_unknown_kinds(tmp_path: Path) -> None:
    assert "no such file" in faults(tmp_path / "nowhere.osm")
    assert "no such file" in faults(str(tmp_path / "nowhere.geojson"))
    (tmp_path / "map.kml").write_text("<kml/>", encoding="utf-8")
    assert "'.kml'" in faults(tmp_path / "map.kml")


@pytest.mark.parametrize("name", ["map.osm", "map.osm.pbf", "map.gpkg", "map.graphml"])
def test_garbage(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("this is no map", encoding="utf-8")
    assert name in faults(tmp_path / name)


def test_networks_without_roads(tmp_path: Path) -> None:
    write_osm(tmp_path / "paths.osm", [([1, 2], {"highway": "footway"})])
    assert "no road" in faults(tmp_path / "paths.osm")
    nx.write_graphml(grid(nx.Graph, (0, 1, {"highway": "footway"})), tmp_path / "paths.graphml")
    assert "no road" in faults(tmp_path / "paths.graphml")


@pytest.mark.parametrize("text", ["<graphml/>", "<svg><g/></svg>", "<graphml><graph>"])
def test_xml_that_is_no_graph(text: str, tmp_path: Path) -> None:
    (tmp_path / "odd.graphml").write_text(text, encoding="utf-8")
    assert "no GraphML" in faults(tmp_path / "odd.graphml")


def test_defaults_of_a_graphml_hold_where_nothing_is_told(tmp_path: Path) -> None:
    text = """<graphml><key id="a" for="edge" attr.name="highway"><default>trunk</default></key>
    <key id="x" for="node" attr.name="x"/><key id="y" for="node" attr.name="y"/>
    <key id="d" for="graph" attr.name="created_date"/>
    <graph edgedefault="undirected"><data key="d">2026-10-01 12:00:00</data>
    <node id="p"><data key="x">112</data><data key="y">37</data></node>
    <node id="q"><data key="x">112.1</data><data key="y">37</data></node>
    <edge source="p" target="q"/></graph></graphml>"""
    (tmp_path / "hand.graphml").write_text(text, encoding="utf-8")
    found = read_source(tmp_path / "hand.graphml")
    assert found.source == "OpenStreetMap 2026-10-01 (ODbL)"
    links = tables(found)[1]
    assert links[["highway", "direction"]].to_numpy().tolist() == [["trunk", "both"]]


def test_graphs_that_are_no_road_graphs(tmp_path: Path) -> None:
    path = tmp_path / "odd.graphml"
    nx.write_graphml(grid(nx.Graph), path)
    assert "no edges" in faults(path)
    bare: nx.Graph[int] = nx.path_graph(3)
    nx.write_graphml(bare, path)
    assert "no position" in faults(path)
    nx.set_node_attributes(bare, {n: {"x": 112.0 + n, "y": 37.0} for n in bare})
    nx.write_graphml(bare, path)
    assert "no road class" in faults(path)
    nx.set_node_attributes(bare, dict.fromkeys(bare, 500_000.0), "x")
    nx.set_edge_attributes(bare, dict.fromkeys(bare.edges, "primary"), "highway")
    nx.write_graphml(bare, path)
    assert "not in degrees" in faults(path)


def test_layers_of_osmnx_that_were_cut(graph: Any, tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    nodes, edges = osmnx.graph_to_gdfs(graph)
    edges = edges.reset_index()[["u", "v", "highway", "geometry"]]
    nodes.reset_index(drop=True).to_file(path, layer="nodes")
    edges.to_file(path, layer="edges")
    assert "nodes.osmid" in faults(path)
    nodes.reset_index().iloc[1:].to_file(path, layer="nodes")
    assert "does not exist" in faults(path)


def test_polygon_files_without_polygon(tmp_path: Path) -> None:
    (tmp_path / "odd.geojson").write_text("{}", encoding="utf-8")
    assert "no polygon" in faults(str(tmp_path / "odd.geojson"))
    gpd.GeoDataFrame(geometry=[shapely.Point(112, 37)], crs="EPSG:4326").to_file(
        tmp_path / "point.geojson"
    )
    assert "no polygon" in faults(str(tmp_path / "point.geojson"))


@pytest.mark.parametrize(
    ("raised", "text"),
    [
        (ValueError("Found no graph nodes"), "no roads there: Found no graph nodes"),
        (ConnectionError("no route"), "can't be reached: no route"),
    ],
)
def test_openstreetmap_says_no(
    raised: Exception, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_options: Any) -> None:
        raise raised

    monkeypatch.setattr(osmnx, "graph_from_place", refuse)
    assert text in faults("Nowhere")


@pytest.mark.parametrize("extra", ["osmnx", "osmium"])
def test_a_missing_extra_is_named(
    extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.import_module

    def refuse(name: str) -> Any:
        if name == extra:
            raise ImportError(name)
        return real(name)

    path = write_osm(tmp_path / "town.osm")
    monkeypatch.setattr(importlib, "import_module", refuse)
    assert "shanxi-dispatch[osm]" in faults("Pingyao" if extra == "osmnx" else path)
