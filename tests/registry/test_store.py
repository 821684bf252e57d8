"""The GeoPackage: everything comes back, and what people change in it is checked."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
from registry_world import TABLES, csv_bytes, small_world

from dispatch.errors import InputError
from dispatch.registry import (
    Column,
    Contract,
    Registry,
    check_registry,
    load_registry,
    read_geopackage,
    store,
    write_geopackage,
)
from dispatch.registry.frame import to_frame, to_sheet
from dispatch.registry.sheet import Sheet


@pytest.fixture
def registry(folder: Path) -> Registry:
    world = small_world()
    for table, name in (("network/links", "lanes"), ("network/links", "ref")):
        world[table][2][world[table][0].index(name)] = ""
    (folder / "network/links.csv").write_bytes(csv_bytes(world["network/links"]))
    return load_registry(folder)


@pytest.fixture
def path(registry: Registry, tmp_path: Path) -> Path:
    write_geopackage(registry, tmp_path / "registry.gpkg")
    return tmp_path / "registry.gpkg"


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            database.create_function(name, 1, lambda _geometry: 0)  # named by triggers
        database.execute(statement)


def test_round_trip(registry: Registry, path: Path) -> None:
    again = read_geopackage(path)
    assert list(again.tables) == list(registry.tables)
    for name in registry.tables:
        pd.testing.assert_frame_equal(again[name], registry[name])
    pd.testing.assert_frame_equal(again.county_polygons, registry.county_polygons)
    assert again.contracts == registry.contracts
    assert len(set(again.sha256.values())) == 1
    assert list(again.sha256) == list(registry.sha256)


def test_lines_without_junctions_keep_the_name_of_their_column() -> None:
    columns = (Column("road", "key"), Column("waypoints", "linestring"))
    contract = Contract("network/roads", columns)
    cells = {"road": ["G5"], "waypoints": ["LINESTRING (112 37, 112.1 37.1)"]}
    frame = to_frame(Sheet("roads.csv", tuple(cells), (2,), cells), contract)
    assert frame.geometry.name == "waypoints"
    assert to_sheet(frame.reset_index(), contract, "x").columns == cells


def test_layers_are_for_other_programs_to_read(registry: Registry, path: Path) -> None:
    layers = dict(pyogrio.list_layers(path).tolist())
    tables = [table.replace("/", "_") for table in TABLES]
    assert set(layers) == {"places_county_polygons", *tables, "contracts", "provenance"}
    assert layers["teams_teams"] == "Point"
    assert layers["network_links"] == "LineString"
    assert layers["teams_capabilities"] is None
    hashes = pyogrio.read_dataframe(path, layer="provenance").set_index("table")["sha256"]
    assert hashes.to_dict() == registry.sha256


def test_the_same_registry_gives_the_same_bytes(registry: Registry, path: Path) -> None:
    first = path.read_bytes()
    write_geopackage(registry, path)
    assert path.read_bytes() == first
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_a_failed_write_leaves_the_old_file_alone(
    registry: Registry, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(path.parent.iterdir()), path.read_bytes()
    write_layer = store._write_layer

    def full_disk(frame: pd.DataFrame, beside: Path, layer: str) -> None:
        if layer == "teams_teams":
            raise OSError("disk full")
        write_layer(frame, beside, layer)

    monkeypatch.setattr(store, "_write_layer", full_disk)
    with pytest.raises(OSError, match="disk full"):
        write_geopackage(registry, path)
    assert (sorted(path.parent.iterdir()), path.read_bytes()) == before


@pytest.mark.parametrize(
    ("statement", "file", "row", "column", "problem"),
    [
        (
            "UPDATE teams_teams SET personnel = -1 WHERE team_id = 't3'",
            "registry.gpkg/teams_teams",
            3,
            "personnel",
            "below the least one allowed",
        ),
        (
            "UPDATE teams_capabilities SET capability = 'x', source = NULL WHERE fid = 2",
            "registry.gpkg/teams_capabilities",
            2,
            "source",
            "no value stands here",
        ),
        (
            "DELETE FROM gpkg_contents WHERE table_name = 'depots_stocks'",
            "registry.gpkg/depots_stocks",
            None,
            None,
            "the layer is missing",
        ),
        (
            "UPDATE network_links SET bridge_m = NULL WHERE link_id = 'bc'",
            "registry.gpkg/network_links",
            2,
            "bridge_m",
            "no value stands here",
        ),
    ],
)
def test_changes_are_checked(
    path: Path, statement: str, file: str, row: int | None, column: str | None, problem: str
) -> None:
    change(path, statement)
    with pytest.raises(InputError) as refused:
        read_geopackage(path)
    found = [fault for fault in refused.value.faults if problem in fault.problem]
    assert [(fault.file, fault.row, fault.column) for fault in found] == [(file, row, column)]


def test_a_point_moved_on_the_map_is_the_position(registry: Registry, path: Path) -> None:
    teams = pyogrio.read_dataframe(path, layer="teams_teams")
    teams.geometry = teams.geometry.translate(0.001, 0.002)
    pyogrio.write_dataframe(teams, path, layer="teams_teams")
    moved = read_geopackage(path).teams
    assert (moved["lon"] - registry.teams["lon"]).round(6).unique().tolist() == [0.001]
    assert (moved["lat"] - registry.teams["lat"]).round(6).unique().tolist() == [0.002]


@pytest.mark.parametrize("content", [None, b"", b"SQLite format 3\x00", b"PK"])
def test_what_is_no_geopackage(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.gpkg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="no registry in a GeoPackage"):
        read_geopackage(path)


def test_a_geopackage_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), path, layer="contracts", driver="GPKG")
    with pytest.raises(InputError, match="no registry in a GeoPackage"):
        read_geopackage(path)


def test_the_good_folder_stays_good(folder: Path) -> None:
    assert check_registry(folder) == ()
