r"""Road extracts read from OpenStreetMap XML, PBF and the GeoPackage form.

The little map that most tests read (nodes 1 to 9, about 1 km apart)::

    1 ===== 2 ===== 3        motorway, implied one way, toll, bridge from 2 to 3
             \
              4              motorway_link, one way by the tag
              |
    5 ------- 4 ------- 6    trunk, 6 to 5 only (oneway=-1), 80 mph
                        |
                        7    primary, both ways, tunnel, limits of mass and height

    8 ------- 9              secondary, apart from the rest
"""

from __future__ import annotations

import importlib
import math
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.errors import InputError
from dispatch.geo import haversine_m
from dispatch.network import osm

KM_LAT = 1 / 111.195
KM_LON = KM_LAT / math.cos(math.radians(37.5))

Way = tuple[list[int], dict[str, str]]

PLACES = {
    1: (0, 0),
    2: (1, 0),
    3: (2, 0),
    4: (1.2, -1),
    5: (0, -1),
    6: (2, -1),
    7: (2, -2),
    8: (0, -4),
    9: (1, -4),
}
WAYS: list[Way] = [
    ([1, 2], {"highway": "motorway", "ref": "G5", "name": "京昆高速", "toll": "yes"}),
    ([2, 3], {"highway": "motorway", "ref": "G5", "toll": "yes", "bridge": "viaduct"}),
    ([2, 4], {"highway": "motorway_link", "oneway": "yes", "lanes": "1", "toll": "no"}),
    ([5, 4, 6], {"highway": "trunk", "oneway": "-1", "maxspeed": "80 mph", "lanes": "2;3"}),
    (
        [6, 7],
        {
            "highway": "primary",
            "tunnel": "yes",
            "maxspeed": "60",
            "maxweight": "20",
            "maxheight": "4.5 m",
            "access": "no",
            "motor_vehicle": "permit",
            "bridge": "no",
        },
    ),
    ([8, 9], {"highway": "secondary"}),
    ([1, 8], {"highway": "footway"}),
    ([5, 6, 7, 5], {"highway": "service", "area": "yes"}),
]


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Return the place x km east and y km north of a point in the middle of the province."""
    return 112.0 + x * KM_LON, 37.5 + y * KM_LAT


def write_osm(path: Path, places: dict[int, tuple[float, float]], ways: list[Way]) -> Path:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
    for ref, place in places.items():
        lon, lat = lonlat(*place)
        lines.append(f'<node id="{ref}" version="1" lon="{lon:.7f}" lat="{lat:.7f}"/>')
    for number, (refs, tags) in enumerate(ways, start=1):
        lines.append(f'<way id="{number}" version="1">')
        lines += [f'<nd ref="{ref}"/>' for ref in refs]
        lines += [f"<tag k='{key}' v='{value}'/>" for key, value in tags.items()]
        lines.append("</way>")
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


@pytest.fixture
def extract(tmp_path: Path) -> osm.RoadExtract:
    return osm.read_extract(write_osm(tmp_path / "map.osm", PLACES, WAYS))


def edge(extract: osm.RoadExtract, start: int, end: int) -> dict[str, object]:
    """Return the edge that runs from one node of the little map to another."""
    at = extract.nodes.to_numpy()
    for row in extract.edges.to_dict("records"):
        ends = [tuple(at[row[key]].round(6)) for key in ("tail", "head")]
        if ends == [tuple(np.round(lonlat(*PLACES[ref]), 6)) for ref in (start, end)]:
            return row
    raise AssertionError(f"no edge from {start} to {end}")


def test_ways_are_cut_where_they_meet(extract: osm.RoadExtract) -> None:
    assert len(extract.edges) == 7
    assert len(extract.nodes) == 9
    assert edge(extract, 6, 4)["road_class"] == "trunk"
    assert edge(extract, 4, 5)["road_class"] == "trunk"


def test_lengths_are_those_of_the_lines(extract: osm.RoadExtract) -> None:
    assert edge(extract, 1, 2)["length_m"] == pytest.approx(1000, rel=1e-3)
    assert edge(extract, 2, 4)["length_m"] == pytest.approx(1000 * math.hypot(0.2, 1), rel=1e-3)


def test_geometry_runs_from_tail_to_head(extract: osm.RoadExtract) -> None:
    at = extract.nodes.to_numpy()
    for row in extract.edges.to_dict("records"):
        line = shapely.get_coordinates(row["geometry"])
        assert line[0] == pytest.approx(at[row["tail"]])
        assert line[-1] == pytest.approx(at[row["head"]])


@pytest.mark.parametrize(
    ("start", "end", "oneway"),
    [(1, 2, True), (2, 4, True), (6, 4, True), (4, 5, True), (6, 7, False), (8, 9, False)],
)
def test_oneway_is_read_turned_and_implied(
    extract: osm.RoadExtract, start: int, end: int, oneway: bool
) -> None:
    assert edge(extract, start, end)["oneway"] is oneway


def test_a_roundabout_is_one_way_and_a_motorway_may_not_be(tmp_path: Path) -> None:
    ways: list[Way] = [
        ([1, 2, 3], {"highway": "primary", "junction": "roundabout"}),
        ([3, 4], {"highway": "motorway", "oneway": "no"}),
    ]
    edges = osm.read_extract(write_osm(tmp_path / "map.osm", PLACES, ways)).edges
    assert edges.set_index("road_class")["oneway"].to_dict() == {"primary": True, "motorway": False}


def test_attributes_are_read(extract: osm.RoadExtract) -> None:
    motorway, viaduct = edge(extract, 1, 2), edge(extract, 2, 3)
    assert (motorway["ref"], motorway["name"], motorway["toll"]) == ("G5", "京昆高速", True)
    assert (motorway["bridge"], viaduct["bridge"], viaduct["name"]) == (False, True, "")
    ramp = edge(extract, 2, 4)
    assert (ramp["road_class"], ramp["lanes"], ramp["toll"]) == ("motorway_link", 1, False)
    trunk = edge(extract, 6, 4)
    assert trunk["maxspeed_kmh"] == pytest.approx(128.75, abs=0.01)
    assert trunk["lanes"] == 3
    assert trunk["toll"] is not True
    primary = edge(extract, 6, 7)
    assert (primary["tunnel"], primary["bridge"]) == (True, False)
    assert (primary["maxspeed_kmh"], primary["max_mass_kg"]) == (60, 20_000)
    assert (primary["max_height_m"], primary["access"]) == (4.5, "permit")


def test_missing_tags_stay_missing(extract: osm.RoadExtract) -> None:
    row = extract.edges.loc[extract.edges["road_class"].eq("secondary")].iloc[0]
    assert row["ref"] == row["name"] == row["access"] == ""
    assert extract.edges["toll"].isna().sum() == 4
    assert extract.edges["lanes"].isna().sum() == 4
    assert math.isnan(row["maxspeed_kmh"])
    assert math.isnan(row["max_mass_kg"])
    assert not row["bridged"]


def test_only_the_classes_asked_for(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "map.osm", PLACES, WAYS)
    extract = osm.read_extract(path, ("motorway", "motorway_link"))
    assert set(extract.edges["road_class"]) == {"motorway", "motorway_link"}
    assert len(extract.nodes) == 4


def test_a_node_beyond_the_border_is_left_out(tmp_path: Path) -> None:
    ways: list[Way] = [([1, 2, 99], {"highway": "trunk"}), ([98, 3], {"highway": "trunk"})]
    edges = osm.read_extract(write_osm(tmp_path / "map.osm", PLACES, ways)).edges
    assert edges["length_m"].tolist() == [pytest.approx(1000, rel=1e-3)]


def test_a_way_that_comes_back_is_cut_where_it_meets_itself(tmp_path: Path) -> None:
    ways: list[Way] = [([1, 2, 3, 4, 2], {"highway": "trunk"})]
    extract = osm.read_extract(write_osm(tmp_path / "map.osm", PLACES, ways))
    ends = sorted(zip(extract.edges["tail"], extract.edges["head"], strict=True))
    assert ends == [(0, 1), (1, 1)]


def test_the_largest_component_can_be_driven_both_ways(extract: osm.RoadExtract) -> None:
    largest = osm.largest_component(extract)
    # everything else is one way and leads out of the map
    assert set(largest.edges["road_class"]) <= {"primary", "secondary"}
    assert len(largest.edges) == 1


def test_the_largest_of_several_components(tmp_path: Path) -> None:
    ways: list[Way] = [([1, 2], {"highway": "trunk"}), ([5, 4, 6], {"highway": "trunk"})]
    ways += [([4, 7], {"highway": "trunk"})]
    extract = osm.read_extract(write_osm(tmp_path / "map.osm", PLACES, ways))
    largest = osm.largest_component(extract)
    assert len(largest.edges) == 3
    assert largest.nodes["lat"].max() < lonlat(0, -0.5)[1]


def test_pbf_reads_as_xml_does(tmp_path: Path, extract: osm.RoadExtract) -> None:
    source, target = tmp_path / "map.osm", tmp_path / "map.osm.pbf"
    with osmium.SimpleWriter(str(target)) as writer:
        for item in osmium.FileProcessor(str(source)):
            writer.add(item)
    again = osm.read_extract(target)
    assert again.edges.drop(columns="geometry").equals(extract.edges.drop(columns="geometry"))
    assert again.edges.geometry.geom_equals(extract.edges.geometry).all()
    assert again.nodes.equals(extract.nodes)


@settings(max_examples=30, derandomize=True, deadline=None)
@given(
    st.lists(st.lists(st.integers(1, 9), min_size=2, max_size=6), min_size=1, max_size=5),
)
def test_cutting_keeps_every_metre(
    tmp_path_factory: pytest.TempPathFactory, routes: list[list[int]]
) -> None:
    """The pieces of ways that cross at random add up to the ways, and end where they meet."""
    ways: list[Way] = [(route, {"highway": "trunk"}) for route in routes]
    path = write_osm(tmp_path_factory.mktemp("random") / "map.osm", PLACES, ways)
    if all(len(set(route)) == 1 for route in routes):
        with pytest.raises(InputError):
            osm.read_extract(path)
        return
    edges = osm.read_extract(path).edges
    at = {ref: lonlat(*place) for ref, place in PLACES.items()}
    whole = sum(float(haversine_m(*at[a], *at[b])) for route in routes for a, b in pairwise(route))
    assert edges["length_m"].sum() == pytest.approx(whole, abs=1)


@pytest.mark.parametrize(
    ("text", "kmh"),
    [("60", 60), ("80 mph", 128.75), ("50 km/h", 50), ("100;80", 80), ("none", None), ("", None)],
)
def test_speeds(text: str, kmh: float | None) -> None:
    speed = osm.parse_speed_kmh(text)
    assert math.isnan(speed) if kmh is None else speed == pytest.approx(kmh, abs=0.01)


@pytest.mark.parametrize(
    ("text", "kg"),
    [("20", 20_000), ("7.5 t", 7_500), ("3500 kg", 3_500), ("10000lbs", 4_536), ("none", None)],
)
def test_masses(text: str, kg: float | None) -> None:
    mass = osm.parse_mass_kg(text)
    assert math.isnan(mass) if kg is None else mass == pytest.approx(kg, abs=0.5)


@pytest.mark.parametrize(
    ("text", "metres"),
    [("4.5", 4.5), ("4 m", 4.0), ("14'6\"", 4.4196), ("13'", 3.9624), ("default", None)],
)
def test_heights(text: str, metres: float | None) -> None:
    height = osm.parse_height_m(text)
    assert math.isnan(height) if metres is None else height == pytest.approx(metres)


# the GeoPackage form


def layers() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return nodes, edges and labels of a map of two edges.

    ::

        (7) ---- (3) ~~~~ (9)     the second drawn from 9 to 3, a bridge over a gap
    """
    places = {7: (0, 0), 3: (10, 0), 9: (20, 0)}
    line = {k: shapely.Point(lonlat(*v)) for k, v in places.items()}
    nodes = gpd.GeoDataFrame({"id": [7, 3, 9]}, geometry=list(line.values()), crs=osm.CRS)
    edges = gpd.GeoDataFrame(
        {
            "u": [7, 3],
            "v": [3, 9],
            "cls": ["motorway", "primary"],
            "brunnel": ["tunnel", "bridge"],
            "len_m": [10_100.0, 10_200.0],
            "synthetic": [False, True],
        },
        geometry=[shapely.LineString([line[7], line[3]]), shapely.LineString([line[9], line[3]])],
        crs=osm.CRS,
    )
    label = shapely.LineString([lonlat(-1, 0.05), lonlat(21, 0.05)])
    labels = gpd.GeoDataFrame(
        {"ref": ["G5", None], "name": ["京昆高速", "x"], "class": ["motorway", "primary"]},
        geometry=[label, label],
        crs=osm.CRS,
    )
    return nodes, edges, labels


def write_gpkg(path: Path, **tables: gpd.GeoDataFrame) -> Path:
    for name, table in tables.items():
        table.to_file(path, layer=name, driver="GPKG")
    return path


def test_geopackage(tmp_path: Path) -> None:
    nodes, edges, labels = layers()
    path = write_gpkg(tmp_path / "map.gpkg", nodes=nodes, edges=edges, ref_labels=labels)
    extract = osm.read_extract(path)
    table = extract.edges
    assert table["tail"].tolist() == [0, 1]
    assert table["head"].tolist() == [1, 2]
    assert table["ref"].tolist() == ["G5", ""]
    assert table["name"].tolist() == ["京昆高速", ""]
    assert table["bridge"].tolist() == table["bridged"].tolist() == [False, True]
    assert table["tunnel"].tolist() == [True, False]
    assert table["length_m"].tolist() == [10_100.0, 10_200.0]
    assert not table["oneway"].any()
    for row in table.to_dict("records"):
        start = shapely.get_coordinates(row["geometry"])[0]
        assert start == pytest.approx(extract.nodes.iloc[row["tail"]].to_numpy(), abs=1e-9)


def test_geopackage_in_another_projection_without_extras(tmp_path: Path) -> None:
    nodes, edges, _labels = layers()
    edges = edges.drop(columns=["brunnel", "synthetic"])
    path = write_gpkg(tmp_path / "map.gpkg", nodes=nodes.to_crs(32649), edges=edges.to_crs(32649))
    extract = osm.read_extract(path)
    assert extract.nodes["lon"].tolist() == pytest.approx([lonlat(x, 0)[0] for x in (0, 10, 20)])
    assert not extract.edges[["bridge", "tunnel", "bridged"]].any(axis=None)


# what can't be read


def faults(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        osm.read_extract(path, ("motorway",))
    assert all(fault.file == path.name for fault in caught.value.faults)
    return str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "nowhere.osm.pbf" in faults(tmp_path / "nowhere.osm.pbf")


@pytest.mark.parametrize("name", ["map.osm", "map.osm.pbf", "map.gpkg", "map.txt"])
def test_garbage_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("this is no map", encoding="utf-8")
    assert name in faults(tmp_path / name)


def test_an_extract_without_such_roads_is_refused(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "map.osm", PLACES, [([1, 2], {"highway": "footway"})])
    assert "map.osm" in faults(path)


def test_pyosmium_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", refuse)
    path = write_osm(tmp_path / "map.osm", PLACES, WAYS)
    assert "shanxi-dispatch[osm]" in faults(path)


def test_a_geopackage_of_another_kind_is_refused(tmp_path: Path) -> None:
    nodes, edges, _labels = layers()
    assert "nodes" in faults(write_gpkg(tmp_path / "lines.gpkg", lines=edges))
    bare = write_gpkg(tmp_path / "bare.gpkg", nodes=nodes, edges=edges.drop(columns=["v", "cls"]))
    message = faults(bare)
    assert "edges.v" in message
    assert "edges.cls" in message
    dangling = write_gpkg(tmp_path / "gap.gpkg", nodes=nodes.iloc[:2], edges=edges)
    assert "gap.gpkg" in faults(dangling)
