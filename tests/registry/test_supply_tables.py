"""Invented suppliers, offers and trucks: sound, remade to the byte, enough for the standards."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from shapely import contains_xy

from dispatch.registry import Registry, check_registry, load_registry

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"
KEYS = {
    "depots/offers": 2,
    "depots/suppliers": 1,
    "depots/truck_types": 1,
    "depots/trucks": 2,
    "doctrine/supply_standards": 1,
}
"""How many leading columns are the key of each table."""


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(DATA)


@pytest.mark.parametrize("table", KEYS)
def test_files_are_plain_utf8_sorted_by_their_key(table: str) -> None:
    raw = (DATA / f"{table}.csv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    keys = [row[: KEYS[table]] for row in csv.reader(raw.decode().splitlines())][1:]
    assert keys == sorted(keys)
    assert len({tuple(key) for key in keys}) == len(keys)


def test_suppliers_and_trucks_are_remade_to_the_byte(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "make_suppliers.py")]
    command += ["--data", str(DATA), "--out", str(tmp_path)]
    subprocess.run(command, check=True, timeout=60)
    for name in ("suppliers", "offers", "trucks"):
        made = (tmp_path / "depots" / f"{name}.csv").read_bytes()
        assert made == (DATA / "depots" / f"{name}.csv").read_bytes()


def test_every_supplier_lies_in_its_county_and_sells_something(registry: Registry) -> None:
    suppliers, areas = registry["depots/suppliers"], registry.county_polygons
    for row in suppliers.itertuples():
        assert contains_xy(areas.geometry[row.adcode], row.lon, row.lat), row.Index
    assert set(registry["depots/offers"]["supplier_id"]) == set(suppliers.index)
    assert suppliers["name"].is_unique
    assert suppliers["name_en"].is_unique


def test_all_that_the_standards_ask_for_is_for_sale(registry: Registry) -> None:
    asked = set(registry["doctrine/supply_standards"]["item_code"])
    assert asked <= set(registry["depots/offers"]["item_code"])


def test_every_depot_has_trucks_that_keep_within_their_gross_mass(registry: Registry) -> None:
    types, profiles = registry["depots/truck_types"], registry["network/profiles"]
    assert set(registry["depots/trucks"]["depot_id"]) == set(registry["depots/depots"].index)
    assert set(registry["depots/trucks"]["truck_type"]) == set(types.index)
    gross = profiles.loc[types["profile"], "mass_kg"].to_numpy()
    share = types["payload_kg"].to_numpy() / gross
    assert ((share > 0.3) & (share < 0.7)).all()
    classes = set(registry["network/links"]["road_class"])
    speeds = registry["network/speeds"].groupby("profile")["road_class"].agg(set)
    assert all(classes <= speeds[profile] for profile in types["profile"])


@pytest.mark.parametrize("table", ["offers", "suppliers", "truck_types", "trucks"])
def test_all_is_illustrative_and_says_so(table: str, registry: Registry) -> None:
    assert set(registry[f"depots/{table}"]["status"]) == {"illustrative"}


@pytest.mark.parametrize(
    ("table", "column", "bad"),
    [
        ("depots/offers", "quantity_per_day", "0"),
        ("depots/offers", "price_yuan", "-5"),
        ("depots/offers", "lead_days", ""),
        ("depots/offers", "item_code", "123456789"),
        ("depots/trucks", "truck_type", "cart"),
        ("depots/truck_types", "payload_kg", "1.5 t"),
        ("depots/stocks", "quantity", "-1"),
        ("depots/stocks", "quantity", ""),
        ("doctrine/supply_standards", "counted_on", "people"),
        ("doctrine/supply_standards", "item_code", "water"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, table: str, column: str, bad: str) -> None:
    folder = tmp_path / "data"
    for file in DATA.glob("*/*"):
        target = folder / file.relative_to(DATA)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(file)
    path = folder / f"{table}.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    rows[1][rows[0].index(column)] = bad
    path.unlink()
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    (fault,) = check_registry(folder)
    assert (fault.file, fault.row, fault.column) == (f"{table}.csv", 2, column)
    assert fault.value == bad
    assert fault.problem
    assert fault.remedy
