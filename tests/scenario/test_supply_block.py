"""The supply block: what is read, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.doctrine.supplies import needs
from dispatch.errors import InputError
from dispatch.scenario import load_scenario
from dispatch.scenario.supply import remote_faults, supply_faults

BLOCK = """\
name: flood
title: 洪水
start: 2021-10-06T08:00+08:00
incidents:
  - {id: one, name: 某县, type: flood, lon: 111.2, lat: 35.6, impact: {displaced: 500}}
supply:
  days: 10
  start: 2021-10-07T08:00+08:00
  shelters:
    - id: school
      name: 某县一中
      name_en: First School
      lon: 111.2
      lat: 35.6
      county: 140825
      people_displaced: 500
      people_affected: 900
      covered_m2: 700
      max_mass_kg: 10000
      opens_h: 7
      closes_h: 20
      needs:
        - {item: 199999910, quantity: 120, unit: 箱, day: 2}
        - {item: "299999904", quantity: 3, unit: pumps, every: day, priority: 1}
    - {id: hill, name: 山上, lon: 111.1, lat: 35.7, county: "140825", people_displaced: 40,
       access: helicopter}
  donations:
    - {donor: 某公司, item: 199999903, quantity: 200, unit: 床, at: DC-140800, day: 3}
    - {donor: 某村, item: 199999912, quantity: 5, unit: bags, at: school}
  procurement:
    budget_yuan: 500000
    suppliers: [SU-1]
    limits: [{item: 199999911, quantity: 1000, unit: 箱}]
  priorities: {199999903: 1}
"""
ITEMS = {
    "199999903": ("床", "quilts"),
    "199999910": ("箱", "cases"),
    "199999911": ("箱", "cases"),
    "199999912": ("袋", "bags"),
    "299999904": ("台", "pumps"),
}


pytestmark = pytest.mark.usefixtures("english")


def load(tmp_path: Path, text: str = BLOCK):
    path = tmp_path / "flood.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path)


def counties(lon: float, lat: float) -> list[str]:
    return [] if lat > 39 else ["140824", "140825"] if lon < 112 else ["140121"]


def found(tmp_path: Path, text: str = BLOCK):
    scenario = load(tmp_path, text)
    return list(supply_faults(scenario, ITEMS, ["DC-140800"], ["SU-1", "SU-2"], counties))


def changed(old: str, new: str) -> str:
    assert BLOCK.count(old) >= 1
    return BLOCK.replace(old, new, 1)


def test_a_good_block_is_read_and_in_order(tmp_path):
    scenario = load(tmp_path)
    school, hill = scenario.supply.shelters
    assert (scenario.supply.days, school.county, school.needs[0].item) == (
        10,
        "140825",
        "199999910",
    )
    assert (hill.access, hill.closes_h, hill.people_affected) == ("helicopter", 24, None)
    assert scenario.supply.priorities == {"199999903": 1}
    assert scenario.supply.procurement.limits[0].quantity == 1000
    assert found(tmp_path) == []
    assert scenario.model_dump()["supply"]["priorities"] == {"199999903": 1}


def test_shelters_go_straight_into_the_needs(tmp_path):
    supply = load(tmp_path).supply
    got = needs(supply.shelters, (), supply.days, priorities=supply.priorities)
    water = [(need.place, need.day, need.quantity) for need in got if need.item_code == "199999910"]
    assert water == [("school", 1, 120)]
    assert sum(need.quantity for need in got if need.item_code == "299999904") == 30


def test_a_scenario_needs_no_supply(tmp_path):
    text = BLOCK[: BLOCK.index("supply:")]
    assert load(tmp_path, text).supply is None
    assert found(tmp_path, text) == []
    assert list(remote_faults(load(tmp_path, text), [], 1)) == []


@pytest.mark.parametrize(
    ("old", "new", "row", "column"),
    [
        ("people_displaced: 500\n", "people_displaced: -1\n", 16, "people_displaced"),
        ("      people_displaced: 500\n", "", 10, "people_displaced"),
        ("people_displaced: 500\n", "people_displaced: many\n", 16, "people_displaced"),
        ("people_affected: 900", "people_affected: 499", 17, "people_affected"),
        ("covered_m2: 700", "covered_m2: -7", 18, "covered_m2"),
        ("max_mass_kg: 10000", "max_mass_kg: 0", 19, "max_mass_kg"),
        ("closes_h: 20", "closes_h: 7", 21, "closes_h"),
        ("closes_h: 20", "closes_h: 25", 21, "closes_h"),
        ("      closes_h: 20\n", "      capacity: 20\n", 21, "capacity"),
        ("quantity: 120, ", "", 23, "needs[0].quantity"),
        ("quantity: 120", "quantity: -1", 23, "needs[0].quantity"),
        ("quantity: 120", "quantity: 1.5", 23, "needs[0].quantity"),
        (", unit: 箱, day: 2", ", day: 2", 23, "needs[0].unit"),
        ("day: 2", "day: 0", 23, "needs[0].day"),
        ("priority: 1}", "priority: 4}", 24, "needs[1].priority"),
        ("lon: 111.2\n      lat: 35.6", "lon: 35.6\n      lat: 111.2", 10, ""),
        ("      lat: 35.6", "      lat: 31.2", 10, ""),
        ("      lat: 35.6", "      lat: .nan", 14, "lat"),
    ],
)
def test_wrong_shelters_are_named(tmp_path, old, new, row, column):
    with pytest.raises(InputError) as caught:
        load(tmp_path, changed(old, new))
    (fault,) = caught.value.faults
    assert (fault.file, fault.row) == ("flood.yaml", row)
    assert fault.column == "supply.shelters[0]" + (f".{column}" if column else "")
    assert fault.problem
    assert fault.remedy


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("days: 10", "days: 0", "supply.days"),
        ("days: 10", "days: 31", "supply.days"),
        ("2021-10-07T08:00+08:00", "2021-10-07T08:00", "supply.start"),
        ("quantity: 200", "quantity: 0", "supply.donations[0].quantity"),
        ("at: DC-140800, ", "", "supply.donations[0].at"),
        ("budget_yuan: 500000", "budget_yuan: -1", "supply.procurement.budget_yuan"),
        ("quantity: 1000", "quantity: -1", "supply.procurement.limits[0].quantity"),
        ("{199999903: 1}", "{'199999903': 9}", "supply.priorities.199999903"),
        ("id: hill", "id: school", "supply.shelters"),
    ],
)
def test_wrong_blocks_are_named(tmp_path, old, new, column):
    with pytest.raises(InputError) as caught:
        load(tmp_path, changed(old, new))
    (fault,) = caught.value.faults
    assert fault.column == column
    assert fault.remedy


def test_a_block_without_shelters_is_refused(tmp_path):
    head = BLOCK[: BLOCK.index("  shelters:")]
    with pytest.raises(InputError, match="there is no shelter"):
        load(tmp_path, head + "  shelters: []\n")


@pytest.mark.parametrize(
    ("old", "new", "column", "word"),
    [
        ("unit: 箱, day: 2", "unit: 瓶, day: 2", "shelters[0].needs[0].unit", "箱 / cases"),
        ("unit: bags", "unit: kg", "donations[1].unit", "袋 / bags"),
        ("unit: 箱}", "unit: 盒}", "procurement.limits[0].unit", "箱 / cases"),
        ("item: 199999910", "item: 199999999", "shelters[0].needs[0].item", "use 1999999"),
        ("item: 199999903", "item: quilts", "donations[0].item", "use a key of depots/items"),
        ("{199999903: 1}", "{199999993: 1}", "priorities.199999993", "199999903"),
        ("at: DC-140800", "at: DC-140900", "donations[0].at", "DC-140800"),
        ("suppliers: [SU-1]", "suppliers: [SU-9]", "procurement.suppliers[0]", "SU-1 | SU-2"),
        ("day: 2", "day: 11", "shelters[0].needs[0].day", "earlier"),
        ("day: 3", "day: 30", "donations[0].day", "earlier"),
        ("2021-10-07T08:00+08:00", "2021-10-06T07:59+08:00", "start", "or later"),
        ("county: 140825", "county: 140882", "shelters[0].county", "140824 | 140825"),
        ("      lon: 111.2", "      lon: 112.2", "shelters[0].county", "140121"),
        ("      lat: 35.6", "      lat: 40.6", "shelters[0].lon", "WGS84"),
    ],
)
def test_what_the_registry_does_not_know_is_named(tmp_path, old, new, column, word):
    (fault,) = found(tmp_path, changed(old, new))
    assert fault.file == "flood.yaml"
    assert fault.row is not None
    assert fault.column == f"supply.{column}"
    assert word in f"{fault.problem} {fault.remedy}"


def test_every_fault_is_told_at_once(tmp_path):
    text = changed("unit: bags", "unit: kg").replace("suppliers: [SU-1]", "suppliers: [SU-7]")
    assert len(found(tmp_path, text.replace("county: 140825", "county: 1"))) == 3


def test_a_shelter_far_from_every_road_is_refused_unless_it_has_the_helicopter(tmp_path):
    scenario = load(tmp_path)
    assert list(remote_faults(scenario, [30_000, 90_000], 30_000)) == []
    (fault,) = remote_faults(scenario, [30_001, 90_000], 30_000)
    assert (fault.row, fault.column) == (13, "supply.shelters[0].lon")
    assert "30 km" in fault.problem
    assert "helicopter" in fault.remedy
