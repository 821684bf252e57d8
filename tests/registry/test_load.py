"""Loading a folder: what comes out of good tables, what is said of bad ones."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from registry_world import CONTRACTS, LINKS, SEATS, TABLES, csv_bytes, polygons_bytes, small_world

from dispatch.errors import InputError
from dispatch.i18n import set_language
from dispatch.registry import check_registry, data_dir, load_registry


def problems(folder: Path) -> list[tuple[str, int | None, str]]:
    return [(fault.file, fault.row, fault.problem) for fault in check_registry(folder)]


def append(path: Path, text: str) -> None:
    path.write_bytes(path.read_bytes() + text.encode())


def test_packaged_tables_have_no_fault() -> None:
    assert "\n".join(str(fault) for fault in check_registry()) == ""


def test_frames_have_the_types_of_their_contracts(folder: Path) -> None:
    registry = load_registry(folder)
    teams, links = registry.teams, registry.links
    assert isinstance(teams, gpd.GeoDataFrame)
    assert teams.index.name == "team_id"
    assert teams.crs == links.crs == registry.county_polygons.crs == "EPSG:4326"
    assert teams.loc["t2", "name"] == "救援队，二"
    assert teams.loc["t2", "name_en"] == 'Two, "quoted"'
    assert (teams.geometry.x == teams["lon"]).all()
    assert teams["personnel"].dtype == np.int64
    assert teams["compensation_yuan_per_day"].dtype == np.float64
    assert links["lanes"].dtype == "Int64"
    assert links.geometry["ab"].wkt == "LINESTRING (112.05 37.05, 112.15 37.05)"
    assert list(links.index) == list(LINKS)
    assert not isinstance(registry.stocks, gpd.GeoDataFrame)
    assert list(registry.stocks.index) == [0, 1, 2]
    assert list(registry.county_polygons.index) == list(SEATS)


def test_optional_values_may_be_missing(folder: Path) -> None:
    world = small_world()
    table = world["network/links"]
    for name in ("lanes", "name", "ref"):
        table[1][table[0].index(name)] = ""
    (folder / "network/links.csv").write_bytes(csv_bytes(table))
    links = load_registry(folder).links
    assert links["lanes"].isna().tolist() == [True, False, False]
    assert links.loc["ab", "ref"] == ""


def test_columns_may_stand_in_any_order_and_lines_end_as_in_windows(folder: Path) -> None:
    before = load_registry(folder)["depots/items"]
    path = folder / "depots/items.csv"
    rows = [list(reversed(row)) for row in small_world()["depots/items"]]
    path.write_bytes(csv_bytes(rows).replace(b"\n", b"\r\n"))
    assert load_registry(folder)["depots/items"].equals(before)


def test_hashes_are_those_of_the_bytes(folder: Path) -> None:
    hashes = load_registry(folder).sha256
    assert list(hashes) == [*TABLES, "places/county_polygons"]
    assert hashes["teams/teams"] == sha256((folder / "teams/teams.csv").read_bytes()).hexdigest()
    assert hashes["places/county_polygons"] == sha256(polygons_bytes()).hexdigest()


def test_contracts_are_the_packaged_ones_where_a_folder_has_none(folder: Path) -> None:
    for path in (folder / "contracts").iterdir():
        path.unlink()
    (folder / "contracts").rmdir()
    missing = [file for file, _row, problem in problems(folder) if problem == "the file is missing"]
    assert "airbases/airbases.csv" in missing
    assert "teams/teams.csv" not in missing


def test_everything_is_reported_at_once_by_file_and_row(folder: Path) -> None:
    world = small_world()
    for table, row, name, value in (
        ("teams/teams", 3, "personnel", "NaN"),
        ("teams/teams", 1, "tier", "mian"),
        ("depots/items", 2, "name", "=cmd|' /C calc'!A0"),
        ("network/links", 2, "to_junction", "nowhere"),
    ):
        world[table][row][world[table][0].index(name)] = value
        (folder / f"{table}.csv").write_bytes(csv_bytes(world[table]))
    with pytest.raises(InputError) as refused:
        load_registry(folder)
    faults = refused.value.faults
    assert [(fault.file, fault.row, fault.column) for fault in faults] == [
        ("depots/items.csv", 3, "name"),
        ("network/links.csv", 3, "to_junction"),
        ("teams/teams.csv", 2, "tier"),
        ("teams/teams.csv", 4, "personnel"),
    ]
    assert faults[2].remedy == "write main"


def test_remedies_name_what_was_meant(folder: Path) -> None:
    path = folder / "teams/teams.csv"
    good = path.read_bytes()
    path.write_bytes(good.replace(b"name_en", b"nmae_en", 1).replace(b",149901,", b",1499O1,", 1))
    remedies = [fault.remedy for fault in check_registry(folder)]
    assert remedies == ["call it name_en", "add it there, or write 149901"]
    path.write_bytes(good.replace(b"mobilise_day_s", b"mobilise_day_min", 1))
    (fault,) = check_registry(folder)
    assert fault.remedy == "give the values in s and call the column mobilise_day_s"


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("names", "delete it, or say it in name"),
        ("quux", "delete it; the columns are depot_id, item_code, quantity, status, source"),
    ],
)
def test_a_column_too_many_is_to_be_deleted(folder: Path, name: str, remedy: str) -> None:
    table = "depots/stocks" if name == "quux" else "depots/items"
    rows = [
        [*row, name if row[0].endswith(("_id", "_code")) else "x"] for row in small_world()[table]
    ]
    (folder / f"{table}.csv").write_bytes(csv_bytes(rows))
    assert [fault.remedy for fault in check_registry(folder)] == [remedy]


def test_a_file_in_gb18030_is_read_on(folder: Path) -> None:
    world = small_world()
    world["teams/teams"][3][world["teams/teams"][0].index("personnel")] = "-3"
    text = csv_bytes(world["teams/teams"]).decode()
    (folder / "teams/teams.csv").write_bytes(text.encode("gb18030"))
    rows = [(row, problem.partition(",")[0]) for _file, row, problem in problems(folder)]
    assert rows == [
        (2, "the file is in GB18030"),
        (4, "the value is below the least one allowed"),
    ]


def test_bytes_of_no_encoding_are_named_with_their_cell(folder: Path) -> None:
    path = folder / "teams/teams.csv"
    path.write_bytes(path.read_bytes().replace(b'"Two', b'"\xffTwo'))
    assert problems(folder) == [
        ("teams/teams.csv", 3, "the file is not in UTF-8"),
        ("teams/teams.csv", 3, "the text holds a character that can't be seen, U+FFFD"),
    ]


def test_open_quotes_end_the_reading_but_not_the_report(folder: Path) -> None:
    append(folder / "depots/stocks.csv", '"d1,101010102\n')
    (folder / "teams/teams.csv").unlink()
    assert [(file, row) for file, row, _problem in problems(folder)] == [
        ("depots/stocks.csv", 5),
        ("teams/teams.csv", None),
    ]


def test_a_misnamed_table_is_missing_and_unknown(folder: Path) -> None:
    (folder / "depots/stocks.csv").rename(folder / "depots/stock.csv")
    assert problems(folder) == [
        ("depots/stock.csv", None, "no contract describes this table"),
        ("depots/stocks.csv", None, "the file is missing"),
    ]


def test_a_folder_where_a_file_should_be(folder: Path) -> None:
    (folder / "depots/stocks.csv").unlink()
    (folder / "depots/stocks.csv").mkdir()
    assert problems(folder)[-1] == ("depots/stocks.csv", None, "the file can't be read")


def test_no_folder_is_one_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such folder") as refused:
        load_registry(tmp_path / "nowhere")
    assert len(refused.value.faults) == 1


@pytest.mark.parametrize(
    ("change", "row", "column"),
    [
        ((b"key,,yes", b"kye,,yes"), 2, "type"),
        ((b"main|assault|specialist|auxiliary", b""), 6, "values"),
        ((b"places/counties", b"places/villages"), 8, "reference"),
        ((b"persons,yes,,1,", b"persons,yes,,one,"), 11, "minimum"),
    ],
)
def test_contracts_are_checked_too(
    folder: Path, change: tuple[bytes, bytes], row: int, column: str
) -> None:
    path = folder / "contracts/teams.teams.csv"
    path.write_bytes(path.read_bytes().replace(*change, 1))
    fault = check_registry(folder)[0]
    assert (fault.file, fault.row, fault.column) == ("contracts/teams.teams.csv", row, column)


def test_contracts_survive_being_written_and_read() -> None:
    for contract in CONTRACTS.values():
        again = [type(column).from_row(column.to_row()) for column in contract.columns]
        assert tuple(again) == contract.columns


def square(west: float, adcode: str) -> dict[str, object]:
    ring = [[west, 37.0], [west + 0.2, 37.0], [west + 0.2, 37.2], [west, 37.2], [west, 37.0]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"adcode": adcode}, "geometry": shape}


WEST, EAST = square(112.0, "149901"), square(112.2, "149902")
BOW = EAST | {
    "geometry": {
        "type": "Polygon",
        "coordinates": [
            [[112.2, 37.0], [112.4, 37.2], [112.4, 37.0], [112.2, 37.2], [112.2, 37.0]]
        ],
    }
}
POINT = EAST | {"geometry": {"type": "Point", "coordinates": [112.3, 37.1]}}


@pytest.mark.parametrize(
    ("features", "value", "problem"),
    [
        ([WEST], "149902", "the county has no polygon"),
        ([WEST, EAST, EAST], "149902", "the county has two polygons"),
        ([WEST, EAST, square(112.4, "149903")], "149903", "the table of counties has no such code"),
        ([WEST, POINT], "149902", "this is no polygon"),
        ([WEST, BOW], "149902", "the polygon is not valid"),
    ],
)
def test_faults_of_the_polygons(
    folder: Path, features: list[dict[str, object]], value: str, problem: str
) -> None:
    collection = {"type": "FeatureCollection", "features": features}
    (folder / "places/counties.geojson").write_text(json.dumps(collection), encoding="utf-8")
    (fault,) = check_registry(folder)
    assert (fault.file, fault.value) == ("places/counties.geojson", value)
    assert fault.problem.startswith(problem)


@pytest.mark.parametrize("content", ["[]", "{", '{"features": [{"a": 1}]}', '{"features": []}'])
def test_what_is_no_collection_of_counties(folder: Path, content: str) -> None:
    (folder / "places/counties.geojson").write_text(content, encoding="utf-8")
    assert problems(folder) == [
        ("places/counties.geojson", None, "this is no GeoJSON collection of counties")
    ]


def test_missing_polygons_are_one_fault(folder: Path) -> None:
    (folder / "places/counties.geojson").unlink()
    assert problems(folder) == [("places/counties.geojson", None, "the file is missing")]


def test_remedies_tell_in_chinese_what_the_column_says(folder: Path) -> None:
    world = small_world()
    world["teams/teams"][1][-1] = ""
    (folder / "teams/teams.csv").write_bytes(csv_bytes(world["teams/teams"]))
    set_language("zh")
    (fault,) = check_registry(folder)
    assert (fault.column, fault.remedy[-4:]) == ("source", "事实出处")


def test_the_same_folder_gives_the_same_faults_in_any_process(folder: Path) -> None:
    world = small_world()
    for row in world["teams/capabilities"][1:]:
        row[0] = "nobody"
    (folder / "teams/capabilities.csv").write_bytes(csv_bytes(world["teams/capabilities"]))
    code = f"from dispatch.registry import *\nfor f in check_registry({str(folder)!r}): print(f)"
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "DISPATCH_LANG": "en"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_data_dir_holds_the_contracts() -> None:
    assert (data_dir() / "contracts" / "teams.teams.csv").is_file()
