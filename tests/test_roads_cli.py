"""``dispatch roads``: what it writes, what it says, how it ends."""

from __future__ import annotations

import importlib
from pathlib import Path

import geopandas as gpd
import networkx as nx
import pytest
import shapely
from typer.testing import CliRunner, Result

from dispatch.errors import InputError
from dispatch.plan.roads import read_roads
from dispatch.roads_cli import roads_app

OSM = """\
<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <node id="1" version="1" lon="112.00" lat="37.00"/>
 <node id="2" version="1" lon="112.01" lat="37.00"/>
 <node id="3" version="1" lon="112.01" lat="37.01"/>
 <way id="1" version="1"><nd ref="1"/><nd ref="2"/>
  <tag k="highway" v="primary"/><tag k="name" v="[bold]街[/bold]"/><tag k="maxspeed" v="60"/></way>
 <way id="2" version="1"><nd ref="2"/><nd ref="3"/>
  <tag k="highway" v="service"/><tag k="access" v="private"/></way>
</osm>
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(roads_app, [str(argument) for argument in arguments])


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "town.osm"
    path.write_text(OSM, encoding="utf-8")
    return path


def test_import_writes_and_tells(town: Path) -> None:
    out = town.with_name("roads.gpkg")
    done = run("import", town, "--out", out, "--lang", "en")
    assert done.exit_code == 0, done.output
    links = read_roads(out)[1]
    assert links["highway"].tolist().count("primary") == len(links) - 1 == 1
    assert "OpenStreetMap (ODbL)" in done.output
    assert f"{links['length_m'].sum() / 1000:.1f}" in done.output
    assert str(out) in done.output.replace("\n", "")


def test_a_source_given_is_named(town: Path) -> None:
    out = town.with_name("roads.gpkg")
    done = run("import", town, "--out", out, "--source", "survey of 2026", "--lang", "en")
    assert "survey of 2026" in done.output
    assert set(read_roads(out)[1]["source"]) == {"survey of 2026"}


def test_info_tells_the_same_of_the_extract_and_of_what_was_made_of_it(town: Path) -> None:
    out = town.with_name("roads.gpkg")
    run("import", town, "--out", out)
    told = [run("info", path, "--lang", "en") for path in (town, out)]
    assert told[0].output == told[1].output
    (usable,) = (line for line in told[0].output.splitlines() if line.startswith("Usable"))
    primary = read_roads(out)[1].set_index("highway")["length_m"]["primary"]
    assert f"{primary / 1000:.1f} km" in usable


def test_info_of_a_plain_graph_says_that_its_origin_is_not_known(tmp_path: Path) -> None:
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from([(1, {"x": 112.0, "y": 37.0}), (2, {"x": 112.1, "y": 37.0})])
    graph.add_edge(1, 2, highway="trunk", length=9000)
    nx.write_graphml(graph, tmp_path / "plain.graphml")
    done = run("info", tmp_path / "plain.graphml", "--lang", "en")
    assert "origin not documented: plain.graphml: 9.0 km" in done.output


def test_fetch_writes_what_osmnx_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    osmnx = importlib.import_module("osmnx")
    area = shapely.box(111.9, 36.9, 112.2, 37.1)
    gpd.GeoDataFrame(geometry=[area], crs="EPSG:4326").to_file(tmp_path / "area.geojson")

    def graph_from_polygon(polygon: shapely.Polygon, **_options: object) -> object:
        assert polygon.equals(area)
        graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(
            crs="epsg:4326", simplified=False, created_date="2026-10-01 08:00:00"
        )
        graph.add_nodes_from(
            (n, {"x": 112.0 + n / 100, "y": 37.0, "street_count": 2}) for n in range(3)
        )
        for tail, head in ((0, 1), (1, 2)):
            for pair in ((tail, head), (head, tail)):
                graph.add_edge(*pair, osmid=7, highway="primary", oneway=False, length=890.0)
        return graph

    monkeypatch.setattr(osmnx, "graph_from_polygon", graph_from_polygon)
    out = tmp_path / "roads.gpkg"
    done = run("fetch", tmp_path / "area.geojson", "--out", out, "--lang", "en")
    assert done.exit_code == 0, done.output
    links = read_roads(out)[1]
    assert (len(links), links["length_m"].sum()) == (1, 1780)
    assert set(links["source"]) == {"OpenStreetMap 2026-10-01 (ODbL)"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("info", "nowhere.gpkg"),
        ("import", "nowhere.osm", "--out", "roads.gpkg"),
        ("fetch", "nowhere.geojson", "--out", "roads.gpkg"),
        ("fetch", "太原", "--out", "roads.csv"),  # told before the network is asked
    ],
)
def test_wrong_input_ends_in_faults(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert isinstance(done.exception, InputError)
    assert all(fault.remedy for fault in done.exception.faults)
    assert not list(tmp_path.iterdir())


def test_an_unknown_language_is_refused(town: Path) -> None:
    assert run("info", town, "--lang", "fr").exit_code == 2


def test_a_geopackage_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "odd.gpkg").write_text("odd", encoding="utf-8")
    assert isinstance(run("info", tmp_path / "odd.gpkg").exception, InputError)
