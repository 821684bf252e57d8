"""Invented shelters of the bundled scenarios: remade to the byte, in their counties, near roads."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely

from dispatch.doctrine.supplies import needs, standards_from
from dispatch.network.snap import snap
from dispatch.plan.prepare import MAX_ACCESS_M
from dispatch.plan.vehicles import roads_of
from dispatch.registry import Registry, load_registry
from dispatch.scenario import load_scenario
from dispatch.scenario.supply import remote_faults, supply_faults

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scripts" / "scenarios"
SHELTERS = {"autumn-flood-2021": 48, "hongdong-drill": 300}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


@pytest.mark.parametrize("name", SHELTERS)
def test_shelters_are_remade_to_the_byte(name: str, tmp_path: Path) -> None:
    text = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")
    (words,) = re.findall(r"# made by: scripts/make_shelters\.py (.*)", text)
    out = tmp_path / "again.yaml"
    command = [sys.executable, str(ROOT / "scripts" / "make_shelters.py")]
    command += [str(SCENARIOS / f"{name}.yaml"), *words.split(), "--out", str(out)]
    subprocess.run(command, check=True, timeout=60)
    assert out.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(("name", "count"), SHELTERS.items())
def test_shelters_take_all_the_displaced_of_each_county(name: str, count: int) -> None:
    scenario = load_scenario(SCENARIOS / f"{name}.yaml")
    assert scenario.supply is not None
    assert len(scenario.supply.shelters) == count
    assert scenario.supply.days == 10
    sheltered: Counter[str] = Counter()
    for shelter in scenario.supply.shelters:
        sheltered[shelter.id.rpartition("-")[0]] += shelter.people_displaced
        assert shelter.people_displaced > 0
    assert sheltered == {spec.id: spec.impact["displaced"] for spec in scenario.incidents}
    assert any(shelter.access == "helicopter" for shelter in scenario.supply.shelters)
    assert any(shelter.max_mass_kg for shelter in scenario.supply.shelters)


@pytest.mark.parametrize("name", SHELTERS)
def test_the_registry_knows_all_that_supply_names(name: str, registry: Registry) -> None:
    scenario = load_scenario(SCENARIOS / f"{name}.yaml")
    assert scenario.supply is not None
    items, polygons = registry["depots/items"], registry.county_polygons

    def counties_near(lon: float, lat: float) -> list[str]:
        found = polygons.sindex.query(shapely.Point(lon, lat), predicate="intersects")
        return [str(polygons.index[row]) for row in found]

    units = {code: (row["unit"], row["unit_en"]) for code, row in items.iterrows()}
    depots = registry["depots/depots"].index
    assert list(supply_faults(scenario, units, depots, (), counties_near)) == []
    shelters = scenario.supply.shelters
    lons, lats = np.array([(shelter.lon, shelter.lat) for shelter in shelters]).T
    places = snap(roads_of(registry, backend="auto").network, lons, lats)
    assert list(remote_faults(scenario, places.access_m.tolist(), MAX_ACCESS_M)) == []


def test_a_flood_asks_for_pumps_and_an_earthquake_does_not(registry: Registry) -> None:
    records = registry["doctrine/supply_standards"].reset_index().to_dict("records")
    standards = standards_from(records, registry["doctrine/incident_types"].index)
    asked = {}
    for name in SHELTERS:
        scenario = load_scenario(SCENARIOS / f"{name}.yaml")
        assert scenario.supply is not None
        types = {spec.type for spec in scenario.incidents}
        found = needs(
            scenario.supply.shelters, standards, scenario.supply.days, incident_types=types
        )
        asked[name] = {need.item_code for need in found}
    assert asked["autumn-flood-2021"] - asked["hongdong-drill"] == {
        "299999904", "299999924", "399999901",
    }  # fmt: skip
