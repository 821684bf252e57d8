"""A road network in one file: written, read back, refused, and planned on."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from little import registry, scenario

from dispatch.errors import InputError
from dispatch.plan import make_plan
from dispatch.plan.plan import Plan
from dispatch.plan.roads import (
    ROAD_COLUMNS,
    load_roads,
    read_roads,
    with_roads,
    write_roads,
)
from dispatch.registry import data_dir, load_registry
from dispatch.scenario import load_scenario

EXTRA = [column.name for column in ROAD_COLUMNS]

DRILL = """\
name: drill
title: 演练
start: 2026-03-01T08:00+08:00
level: III
incidents:
  - id: mine
    name: 某矿
    type: roof_fall
    lon: 112.45
    lat: 37.90
    impact: {trapped: 2}
    demands:
      - {capability: mine_rescue, quantity: 40, target_min: 120, latest_min: 240}
"""


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture(scope="module")
def backbone() -> Any:
    return load_registry(data_dir())


@pytest.fixture(scope="module")
def backbone_file(backbone: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("roads") / "backbone.gpkg"
    write_roads(backbone.junctions, backbone.links, path)
    return path


def small(path: Path, **changed: object) -> Path:
    """Write the roads of the little province, some values of link am changed."""
    junctions, links = _small()
    for name, value in changed.items():
        links.loc["am", name] = value
    write_roads(junctions, links, path)
    return path


def _small() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    world = registry()
    junctions = world.junctions.assign(kind="crossing", adcode="")
    numbers = {"bridge_m": 0, "tunnel_m": 0, "bridged_m": 0, "lanes": pd.NA}
    return junctions, world.links.assign(name="", **numbers).drop(columns="ends")


# there and back


def test_what_is_written_is_read_back_exactly(backbone: Any, backbone_file: Path) -> None:
    junctions, links = read_roads(backbone_file)
    pd.testing.assert_frame_equal(junctions, backbone.junctions, check_dtype=True)
    own = [name for name in links if name not in EXTRA or name in backbone.links]
    pd.testing.assert_frame_equal(links[own], backbone.links[own])
    assert set(EXTRA) <= set(links)
    assert links["highway"].eq("").all()
    assert links["maxspeed_kmh"].isna().all()


def test_all_of_the_backbone_is_usable(backbone: Any, backbone_file: Path) -> None:
    junctions, links = load_roads(backbone_file)
    assert len(junctions) == len(backbone.junctions)
    assert len(links) == len(backbone.links)


def test_the_same_tables_give_the_same_bytes(backbone: Any, backbone_file: Path) -> None:
    again = backbone_file.with_name("again.gpkg")
    write_roads(backbone.junctions, backbone.links, again)
    assert again.read_bytes() == backbone_file.read_bytes()
    assert not list(again.parent.glob(".*"))


def test_limits_and_access_are_kept(tmp_path: Path) -> None:
    told = {"highway": "primary", "maxspeed_kmh": 48.3, "access": "destination"}
    told |= {"max_mass_kg": 20_000.0, "max_height_m": 4.5, "lanes": 2}
    links = read_roads(small(tmp_path / "roads.gpkg", **told))[1]
    assert links.loc["am", list(told)].to_dict() == told
    assert links.loc["mz", "lanes"] is pd.NA
    assert np.isnan(links.loc["mz", "max_mass_kg"])


def test_texts_that_no_table_holds_are_left_empty(tmp_path: Path) -> None:
    path = small(tmp_path / "roads.gpkg", name="=HYPERLINK(1)", ref="G1\u200b", access=" no")
    row = read_roads(path)[1].loc["am"]
    assert row["name"] == row["ref"] == row["access"] == ""


def test_positions_moved_on_a_map_are_those_that_count(tmp_path: Path) -> None:
    path = small(tmp_path / "roads.gpkg")
    points = gpd.read_file(path, layer="junctions", fid_as_index=True).to_crs(32649)
    points.geometry = points.translate(100.0, 0.0)
    points.to_file(path, layer="junctions")
    junctions, links = read_roads(path)
    assert junctions.loc["a", "lon"] == pytest.approx(112.00112, abs=1e-5)
    assert links.loc["am", "geometry"].coords[0] == (112.0, 37.0)


# the same scenario on either


def ways(plan: Plan) -> list[tuple[Any, ...]]:
    return [(o.team_id, o.incident_id, o.arrive_s, o.distance_m, o.legs) for o in plan.orders]


def test_a_plan_is_the_same_on_the_backbone_in_this_form(
    backbone: Any, backbone_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "drill.yaml").write_text(DRILL, encoding="utf-8")
    told = load_scenario(tmp_path / "drill.yaml")
    plain = make_plan(backbone, told)
    other = make_plan(with_roads(backbone, backbone_file), told)
    assert ways(plain)
    assert ways(other) == ways(plain)
    assert replace(other, provenance=plain.provenance) == plain
    assert other.provenance != plain.provenance


def test_a_plan_keeps_off_roads_closed_to_traffic(tmp_path: Path) -> None:
    """The team at a is cut off from its road to m, and has to come to the next free one."""
    need = "capability: pumping, quantity: 200, target_min: 600, latest_min: 600"
    told = scenario(tmp_path, need)
    arrive_s = []
    for access in ("", "destination", "private"):
        path = small(tmp_path / f"roads{access}.gpkg", access=access)
        plan = make_plan(with_roads(registry(), path), told)
        arrive_s.append({o.team_id: o.arrive_s for o in plan.orders}["far"])
    assert arrive_s[0] == arrive_s[1] < arrive_s[2]


# what is refused


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_roads(path)
    assert all(fault.remedy for fault in caught.value.faults)
    return str(caught.value)


def rewrite(path: Path, layer: str, change: Any) -> Path:
    """Change a layer as a person with a map program would."""
    pyogrio.write_dataframe(change(pyogrio.read_dataframe(path, layer=layer)), path, layer=layer)
    return path


def put(row: int, column: str, value: Any) -> Any:
    def change(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        frame[column] = frame[column].astype(object)
        frame.loc[row, column] = value
        if column == "geometry":
            return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")
        frame[column] = frame[column].infer_objects()
        return frame

    return change


@pytest.mark.parametrize(
    ("layer", "change", "text"),
    [
        ("links", put(0, "from_junction", "q"), "roads.gpkg/links:1 [from_junction] 'q'"),
        ("links", put(1, "direction", "back"), "roads.gpkg/links:2 [direction] 'back'"),
        ("links", put(1, "length_m", 0), "[length_m] '0'"),
        ("links", put(1, "length_m", 600), "[length_m] '600'"),
        ("links", put(2, "link_id", "am"), "roads.gpkg/links:3 [link_id] 'am'"),
        ("links", put(0, "source", ""), "[source]"),
        ("links", put(0, "max_mass_kg", -1.0), "[max_mass_kg] '-1'"),
        ("links", put(0, "road_class", "footway"), "[road_class] 'footway'"),
        ("links", lambda frame: frame.drop(columns="toll"), "[toll]"),
        ("links", lambda frame: frame.assign(colour="red"), "[colour]"),
        ("links", put(0, "geometry", shapely.Point(112, 37)), "roads.gpkg/links:1 [geometry]"),
        ("links", lambda frame: frame.set_geometry(frame.translate(1, 0)), "[geometry]"),
        ("junctions", put(0, "status", "built"), "roads.gpkg/junctions:1 [status] 'built'"),
        ("junctions", put(1, "geometry", None), "roads.gpkg/junctions:2 [geometry]"),
        ("junctions", lambda frame: frame.drop(columns="junction_id"), "[junction_id]"),
        ("junctions", put(0, "geometry", shapely.Point(37, 112)), "[lat] '112'"),
    ],
)
def test_faults_name_layer_row_and_column(
    tmp_path: Path, layer: str, change: Any, text: str
) -> None:
    assert text in refused(rewrite(small(tmp_path / "roads.gpkg"), layer, change))


def test_files_that_hold_no_road_network(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "nowhere.gpkg")
    (tmp_path / "odd.gpkg").write_text("odd", encoding="utf-8")
    assert "lacks the layer junctions" in refused(tmp_path / "odd.gpkg")
    lone = tmp_path / "lone.gpkg"
    _small()[0].drop(columns=["lon", "lat"]).to_file(lone, layer="junctions")
    assert "lacks the layer links" in refused(lone)


def test_a_network_closed_to_traffic_is_refused(tmp_path: Path) -> None:
    junctions, links = _small()
    write_roads(junctions, links.assign(access="private"), tmp_path / "roads.gpkg")
    assert "open to traffic" in refused(tmp_path / "roads.gpkg")


def test_a_disk_that_refuses_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_paths: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(InputError, match="disk full"):
        small(tmp_path / "roads.gpkg")
    assert not list(tmp_path.iterdir())


def test_where_no_network_can_be_written(tmp_path: Path) -> None:
    for path in (tmp_path / "roads.csv", tmp_path / "nowhere" / "roads.gpkg"):
        with pytest.raises(InputError, match="GeoPackage"):
            small(path)
    with pytest.raises(InputError, match="formula"):
        small(tmp_path / "roads.gpkg", source="=1")
    assert not list(tmp_path.iterdir())
