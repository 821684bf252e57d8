"""Make the invented tables: teams, what they can do, what they drive, and stocks.

Nothing of this is published anywhere, so every row is ``illustrative``. The same inputs give
the same bytes::

    python scripts/make_illustrative.py --coal-mines coal_mines.csv --data data

Reads ``places/counties.*`` and ``depots/depots.csv`` under ``--data`` and a list of coal mines
with columns ``id, status, capacity, lng, lat`` (capacity in Mt a year); writes ``teams/*.csv``
and ``depots/stocks.csv``. What a force looks like, where it stands and what is stocked is told
in the package ``illustrative`` beside this file.

Chance comes from a hash of the team's own id, so that a team added or removed leaves every
other team as it was.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from illustrative import kinds, posts, stocks
from shapely import contains_xy
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from dispatch.geo import gcj02_from_wgs84, haversine_m

GCJ02_CLEARANCE_M: Final = 150
KM_PER_DEGREE: Final = 111.19
MAX_OFFSET_KM: Final = 1.5

Row = dict[str, Any]


@dataclass(frozen=True)
class County:
    """A county with its polygon and its coal mines as rows of (lon, lat, Mt a year)."""

    adcode: str
    name: str
    name_en: str
    city_adcode: str
    city: str
    city_en: str
    lon: float
    lat: float
    population: int
    area: BaseGeometry
    mines: tuple[tuple[float, float, float], ...]

    @property
    def capacity_mt(self) -> float:
        """Operating coal capacity, Mt a year."""
        return sum(mine[2] for mine in self.mines)


@dataclass(frozen=True)
class Post:
    """A team to be written: which force, where, under whom, how strong."""

    force: str
    level: str
    county: County
    name: str
    name_en: str
    personnel: int
    by_mines: bool = False
    note: str = ""


def main() -> None:
    """Read the inputs and write the four tables."""
    parser = argparse.ArgumentParser(description="Make the invented tables.")
    parser.add_argument("--coal-mines", type=Path, required=True, help="CSV of coal mines")
    parser.add_argument("--data", type=Path, required=True, help="data folder, read and written")
    parser.add_argument("--out", type=Path, help="folder to write into if not --data")
    args = parser.parse_args()
    out: Path = args.out or args.data
    counties = read_counties(args.data / "places", read_csv(args.coal_mines))
    teams, capabilities, vehicles = team_tables(every_post(counties))
    write_csv(out / "teams" / "teams.csv", teams, ["team_id"])
    write_csv(out / "teams" / "capabilities.csv", capabilities, ["team_id", "capability"])
    write_csv(out / "teams" / "vehicles.csv", vehicles, ["team_id", "profile"])
    stock = stock_rows(read_csv(args.data / "depots" / "depots.csv"), counties)
    write_csv(out / "depots" / "stocks.csv", stock, ["depot_id", "item_code"])


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read a CSV file into one dict per row."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def write_csv(path: Path, rows: Iterable[Row], key: Sequence[str]) -> None:
    """Write rows sorted by their key."""
    ordered = sorted(rows, key=lambda row: [row[column] for column in key])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(ordered[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(ordered)


def read_counties(folder: Path, mines: list[dict[str, str]]) -> dict[str, County]:
    """Counties by adcode; each operating mine goes to the county it lies in."""
    features = json.loads((folder / "counties.geojson").read_text(encoding="utf-8"))["features"]
    areas = {item["properties"]["adcode"]: shape(item["geometry"]) for item in features}
    operating = {
        row["id"]: (float(row["lng"]), float(row["lat"]), float(row["capacity"] or 0))
        for row in mines
        if row["status"] == "operating"
    }
    points = [operating[key] for key in sorted(operating)]
    counties = {}
    for row in read_csv(folder / "counties.csv"):
        area = areas[row["adcode"]]
        counties[row["adcode"]] = County(
            adcode=row["adcode"],
            name=row["name"],
            name_en=row["name_en"],
            city_adcode=row["city_adcode"],
            city=row["city"],
            city_en=row["city_en"],
            lon=float(row["lon"]),
            lat=float(row["lat"]),
            population=int(row["population"]),
            area=area,
            mines=tuple(point for point in points if contains_xy(area, point[0], point[1])),
        )
    return counties


def chance(*words: object) -> float:
    """Return a number in [0, 1) that depends on the words alone."""
    digest = sha256("|".join(map(str, words)).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


def full_name(county: County) -> tuple[str, str]:
    """Name of a county, with its city where the name alone could be any city's."""
    if county.name in ("城区", "矿区", "郊区"):
        return county.city + county.name, f"{county.city_en} {county.name_en}"
    return county.name, county.name_en


def every_post(counties: dict[str, County]) -> Iterator[Post]:
    """Every team of the province, in no particular order."""
    yield from fire_posts(counties.values())
    yield from mine_posts(counties)
    for force, adcode, name, english, personnel in posts.PROVINCE_TEAMS:
        title = "山西" + name if name.startswith("省") else name
        near_mines = force == "mine_heavy"
        yield Post(force, "province", counties[adcode], title, english, personnel, near_mines)
    for city_adcode, seat in sorted(posts.CITY_SEAT.items()):
        city = counties[seat]
        for force, name, english, personnel in posts.CITY_TEAMS:
            level = "province" if force == "armed_police" else "city"
            title = f"{city.city_en} {english}"
            size = spread(personnel, "size", force, city_adcode)
            yield Post(force, level, city, city.city + name, title, size)
    for force, level, name, english, personnel, adcodes in posts.LOCAL_TEAMS:
        for adcode in adcodes.split():
            place = full_name(counties[adcode])
            size = spread(personnel, "size", force, adcode)
            title = f"{place[1]} {english}"
            yield Post(force, level, counties[adcode], place[0] + name, title, size)
    for county in counties.values():
        is_seat = county.adcode in posts.CITY_SEAT.values()
        if county.population >= posts.MEDICAL_POPULATION and not is_seat:
            place = full_name(county)
            size = spread(16, "size", "medical", county.adcode)
            title = f"{place[1]} Emergency Medical Team"
            yield Post("medical_county", "county", county, place[0] + "急救医疗队", title, size)


def fire_posts(counties: Iterable[County]) -> Iterator[Post]:
    """Fire brigades: one in a county and one more for every 600,000 residents."""
    for county in counties:
        name, english = full_name(county)
        size = min(60, 22 + county.population // 25_000)
        for serial in range(1 + county.population // 600_000):
            suffix = f"第{'一二三四'[serial]}消防救援站" if serial else "消防救援大队"
            title = f"{english} " + (f"Fire Station {serial + 1}" if serial else "Fire Brigade")
            personnel = spread(size, "size", "fire", county.adcode, serial)
            yield Post("fire_brigade", "county", county, name + suffix, title, personnel)


def mine_posts(counties: dict[str, County]) -> Iterator[Post]:
    """Mine rescue: the known bases, and a team where much coal is mined."""
    based = set()
    for level, adcode, name, english, personnel in posts.MINE_BASES:
        based.add(adcode)
        note = "the team of this name is publicly known, its figures and place here are not; "
        note = note if name.startswith(("国家", "区域", "临汾")) else ""
        county = counties[adcode]
        yield Post("mine_rescue", level, county, name, english, personnel, bool(county.mines), note)
    for adcode, county in sorted(counties.items()):
        large = county.capacity_mt >= posts.MINE_THRESHOLD_MT
        if adcode not in based and (large or adcode in posts.MINE_COUNTIES):
            squads = min(7, 3 + round(county.capacity_mt / 12))  # nine members each
            name, english = full_name(county)
            title = f"{english} Mine Rescue Team"
            yield Post(
                "mine_rescue", "county", county, name + "矿山救护队", title, squads * 9, True
            )


def spread(size: int, *words: object) -> int:
    """Vary a size by up to 15 % either way."""
    return max(1, round(size * (0.85 + 0.3 * chance(*words))))


def base_point(team_id: str, post: Post) -> tuple[float, float]:
    """Find a place off the county's seat or middle mine, inside the county."""
    county = post.county
    lon, lat = middle_mine(county) if post.by_mines else (county.lon, county.lat)
    for attempt in range(100):
        angle = 2 * math.pi * chance(team_id, "angle", attempt)
        degrees = MAX_OFFSET_KM / KM_PER_DEGREE * (0.2 + 0.75 * chance(team_id, "km", attempt))
        x = round(lon + degrees * math.cos(angle) / math.cos(math.radians(lat)), 4)
        y = round(lat + degrees * math.sin(angle), 4)
        if contains_xy(county.area, x, y) and not looks_like_gcj02(county, x, y):
            return x, y
    raise ValueError(f"no place for {team_id} near {lon}, {lat} inside {county.adcode}")


def looks_like_gcj02(county: County, lon: float, lat: float) -> bool:
    """Whether a point lies where the seat would stand on a map in GCJ-02."""
    shifted = gcj02_from_wgs84(county.lon, county.lat)
    return bool(haversine_m(lon, lat, *shifted) < GCJ02_CLEARANCE_M)


def middle_mine(county: County) -> tuple[float, float]:
    """Find the mine from which the county's coal capacity is nearest on the whole."""
    lon, lat, capacity = np.array(county.mines).T
    distance_m = haversine_m(lon[:, None], lat[:, None], lon[None, :], lat[None, :])
    best = int(np.argmin(distance_m @ capacity))
    return float(lon[best]), float(lat[best])


def team_tables(every: Iterable[Post]) -> tuple[list[Row], list[Row], list[Row]]:
    """Rows of ``teams/teams``, ``teams/capabilities`` and ``teams/vehicles``."""
    teams: list[Row] = []
    capabilities: list[Row] = []
    vehicles: list[Row] = []
    serials: dict[str, int] = {}
    for post in every:
        stem = f"{kinds.FORCES[post.force].prefix}-{post.county.adcode}"
        serials[stem] = serials.get(stem, 0) + 1
        team_id = f"{stem}-{serials[stem]}"
        teams.append(team_row(team_id, post))
        capabilities.extend(capability_rows(team_id, post))
        vehicles.extend(vehicle_rows(team_id, post))
    return teams, capabilities, vehicles


def team_row(team_id: str, post: Post) -> Row:
    """One row of ``teams/teams``."""
    force = kinds.FORCES[post.force]
    lon, lat = base_point(team_id, post)
    day_s, night_s = force.mobilise_s
    near = "the middle of the county's coal mines (GEM, May 2024)" if post.by_mines else "the seat"
    return {
        "team_id": team_id,
        "name": post.name,
        "name_en": post.name_en,
        "kind": force.kind,
        "tier": force.tier,
        "control_level": post.level,
        "adcode": post.county.adcode,
        "lon": lon,
        "lat": lat,
        "personnel": post.personnel,
        "mobilise_day_s": day_s,
        "mobilise_night_s": night_s,
        "kit_kg": post.personnel * force.kit_kg,
        "toll_exempt": "yes" if force.toll_exempt else "no",
        "compensation_yuan_per_day": post.personnel * force.yuan_per_day,
        "status": "illustrative",
        "source": f"Invented, placed near {near}: {post.note}{force.basis}",
    }


def capability_rows(team_id: str, post: Post) -> Iterator[Row]:
    """Tell what a team can do; a module whose share rounds to nothing is left out."""
    for module in kinds.FORCES[post.force].modules:
        units = spread_units(module.rate * post.personnel, team_id, module.capability)
        if units:
            pick = int(chance(team_id, module.capability, "quantity") * len(module.quantity))
            yield {
                "team_id": team_id,
                "capability": module.capability,
                "units": units,
                "quantity_per_unit": module.quantity[pick],
                "members_per_unit": module.members,
                "equipment": module.equipment,
                "equipment_en": module.equipment_en,
                "status": "illustrative",
                "source": "Invented: members and equipment typical of such a team",
            }


def spread_units(expected: float, *words: object) -> int:
    """Round up or down by chance, so that the mean over many teams is the one expected."""
    return math.floor(expected + chance(*words, "units"))


def vehicle_rows(team_id: str, post: Post) -> Iterator[Row]:
    """Tell what a team drives, at least one vehicle of each profile of its force."""
    for profile, rate in kinds.FORCES[post.force].vehicles:
        yield {
            "team_id": team_id,
            "profile": profile,
            "quantity": max(1, round(rate * post.personnel)),
            "status": "illustrative",
            "source": "Invented: enough to carry the team and its equipment",
        }


def stock_rows(depots: list[dict[str, str]], counties: dict[str, County]) -> Iterator[Row]:
    """Stocks after the residents a depot serves and the hazards of its cities."""
    share = {"city_storehouse": 1.0, "regional_center": 0.6, "provincial_storehouse": 0.3}
    adcode_of = {county.city: county.city_adcode for county in counties.values()}
    residents = dict.fromkeys(stocks.HAZARDS, 0)
    for county in counties.values():
        residents[county.city_adcode] += county.population
    for depot in depots:
        cities = [adcode_of[name] for name in depot["serves"].split("|")]
        for item_code, (per_million, hazard) in stocks.STOCKS.items():
            need = sum(
                residents[city] / 1e6 * per_million * hazard_factor(hazard, city) for city in cities
            )
            quantity = two_digits(need * share[depot["kind"]])
            if quantity:
                yield {
                    "depot_id": depot["depot_id"],
                    "item_code": item_code,
                    "quantity": quantity,
                    "status": "illustrative",
                    "source": "Invented: by residents served and the hazards of the area",
                }


def hazard_factor(hazard: str, city_adcode: str) -> float:
    """Twice as much against a hazard of the city, half as much against another."""
    if not hazard:
        return 1.0
    return 2.0 if hazard in stocks.HAZARDS[city_adcode] else 0.5


def two_digits(value: float) -> int:
    """Round to two significant digits, as stocks are planned."""
    if value < 10:
        return round(value)
    step: int = 10 ** (math.floor(math.log10(value)) - 1)
    return round(value / step) * step


if __name__ == "__main__":
    main()
