"""Make the invented shelters of a scenario from the places and roads of the registry.

    python scripts/make_shelters.py scripts/scenarios/hongdong-drill.yaml \
        --shelters 300 --seed 1303 --roofed 0.5

The displaced of each incident are shared out among shelters in its county, each within
two kilometres of a junction of roads that are no motorway. The junctions are real; places,
people and floor space of the shelters are invented, and say so. Everything after the key
``shelters:`` of the scenario, which must be its last, is written anew.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Mapping, Sequence
from math import cos, pi, radians, sin
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import shapely
import yaml

from dispatch.doctrine.supplies import COVERED_M2_PER_PERSON
from dispatch.registry import Registry, load_registry

KEY: Final = "\n  shelters:\n"
ADMITTED: Final = ("county_seat", "crossing", "station", "town", "waypoint")
FEWEST: Final = 3
"""Shelters of an incident."""

AFFECTED_PER_DISPLACED: Final = 4
MAX_OFFSET_KM: Final = 2.0
KM_PER_DEGREE: Final = 111.19
BY_AIR_EVERY: Final = 25
"""One shelter in so many can be reached by helicopter only."""

NARROW_EVERY: Final = 8
"""One shelter in so many can be reached by light trucks only."""

LIGHT_KG: Final = 4_495


def main() -> None:
    """Rewrite the shelters of one scenario."""
    parser = argparse.ArgumentParser(description="Make the invented shelters of a scenario.")
    parser.add_argument("scenario", type=Path)
    parser.add_argument("--shelters", type=int, required=True, help="how many in all")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--roofed", type=float, required=True, help="share with room indoors")
    parser.add_argument("--out", type=Path, help="file to write if not the scenario itself")
    args = parser.parse_args()
    text = args.scenario.read_text(encoding="utf-8")
    head, key, _old = text.partition(KEY)
    if not key:
        parser.error("the scenario has no key shelters under supply")
    lines = shelter_lines(
        load_registry(), yaml.safe_load(text)["incidents"], args.shelters, args.seed, args.roofed
    )
    body = "".join(f"    - {line}\n" for line in lines)
    (args.out or args.scenario).write_text(head + KEY + body, encoding="utf-8", newline="\n")


def shelter_lines(
    registry: Registry,
    incidents: Sequence[Mapping[str, Any]],
    count: int,
    seed: int,
    roofed: float,
) -> Iterator[str]:
    """Yield each shelter as a line of YAML, incident by incident."""
    areas = registry.county_polygons
    people = [int(incident["impact"]["displaced"]) for incident in incidents]
    serial = 0
    for incident, displaced, shelters in zip(incidents, people, shares(people, count), strict=True):
        point = shapely.Point(incident["lon"], incident["lat"])
        adcode = str(areas.index[areas.contains(point)][0])
        county = registry.counties.loc[adcode]
        rng = random.Random(f"{seed}/{adcode}")  # noqa: S311  invents places, keeps no secret
        places = positions(junctions(registry, adcode), areas.geometry[adcode], shelters, rng)
        for number, (place, here) in enumerate(
            zip(places, crowds(displaced, shelters, rng), strict=True), start=1
        ):
            serial += 1
            entry = {
                "id": f"{incident['id']}-{number:03d}",
                "name": f"{county['name']}第{number}安置点",
                "name_en": f"{county['name_en']} shelter {number}",
                "lon": f"{place[0]:.4f}",
                "lat": f"{place[1]:.4f}",
                "county": f'"{adcode}"',
                "people_displaced": here,
                "people_affected": here * AFFECTED_PER_DISPLACED,
                "covered_m2": int(here * roofed * float(COVERED_M2_PER_PERSON)),
                "opens_h": 6,
                "closes_h": 22,
            }
            if serial % BY_AIR_EVERY == 0:
                entry["access"] = "helicopter"
            elif serial % NARROW_EVERY == 0:
                entry["max_mass_kg"] = LIGHT_KG
            yield "{" + ", ".join(f"{name}: {value}" for name, value in entry.items()) + "}"


def shares(people: Sequence[int], count: int) -> list[int]:
    """Share shelters out by people, at least a few to each, by largest remainders."""
    free = count - FEWEST * len(people)
    exact = [free * number / sum(people) for number in people]
    extra = [int(value) for value in exact]
    order = sorted(range(len(people)), key=lambda row: (extra[row] - exact[row], row))
    for row in order[: free - sum(extra)]:
        extra[row] += 1
    return [FEWEST + number for number in extra]


def crowds(people: int, count: int, rng: random.Random) -> list[int]:
    """Share people out unevenly, in tens but for the last shelter."""
    weights = [rng.uniform(0.5, 1.5) for _number in range(count)]
    crowd = [int(people * weight / sum(weights)) // 10 * 10 for weight in weights]
    crowd[-1] += people - sum(crowd)
    return crowd


def junctions(registry: Registry, adcode: str) -> gpd.GeoDataFrame:
    """Return the junctions of a county that lie on roads one may stop at."""
    links = registry.links[registry.links["road_class"] != "motorway"]
    ends = {*links["from_junction"], *links["to_junction"]}
    found = registry.junctions
    found = found[found["adcode"].eq(adcode) & found["kind"].isin(ADMITTED)]
    return found[found.index.isin(ends)].sort_index()


def positions(
    found: gpd.GeoDataFrame, area: shapely.Geometry, count: int, rng: random.Random
) -> Iterator[tuple[float, float]]:
    """Yield places near the junctions in turn, all inside the county."""
    points = list(zip(found["lon"], found["lat"], strict=True))
    rng.shuffle(points)
    for number in range(count):
        lon, lat = points[number % len(points)]
        while True:
            angle, km = rng.uniform(0, 2 * pi), rng.uniform(0.2, MAX_OFFSET_KM)
            east = km * sin(angle) / KM_PER_DEGREE / cos(radians(lat))
            place = lon + east, lat + km * cos(angle) / KM_PER_DEGREE
            if shapely.contains_xy(area, *place):
                yield place
                break


if __name__ == "__main__":
    main()
