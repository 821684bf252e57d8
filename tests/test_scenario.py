"""Scenario files: what is read, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.errors import InputError
from dispatch.scenario import load_scenario

SCENARIOS = sorted((Path(__file__).parents[1] / "scripts" / "scenarios").glob("*.yaml"))

GOOD = """\
name: drill
title: 演练
start: 2026-03-01T08:00+08:00
level: II
policy: {toll_free: false}
incidents:
  - id: one
    name: 某矿
    type: mine_flood
    lon: 112.5
    lat: 37.8
    impact: {trapped: 5}
    demands:
      - {capability: pumping, quantity: 100, minimum: 10, target_min: 60, latest_min: 120}
"""


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "drill.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def faults(tmp_path: Path, text: str | bytes):
    with pytest.raises(InputError) as caught:
        load_scenario(write(tmp_path, text))
    return caught.value.faults


def test_a_good_file_is_read(tmp_path):
    scenario = load_scenario(write(tmp_path, GOOD))
    assert scenario.name == "drill"
    assert scenario.start.utcoffset().total_seconds() == 8 * 3600
    assert not scenario.policy.toll_free
    assert scenario.incidents[0].impact == {"trapped": 5}
    assert scenario.incidents[0].demands[0].priority == 1
    assert scenario.file == "drill.yaml"
    assert len(scenario.sha256) == 64


def test_what_is_opened_and_which_vehicles_are_lost_is_read(tmp_path):
    lost = "lost_vehicles:\n  - {team: far, profile: truck, units: {pumping: 1}}\n"
    scenario = load_scenario(write(tmp_path, GOOD + lost + "opened: [F-1]\n"))
    (loss,) = scenario.lost_vehicles
    assert (loss.team, loss.profile, loss.quantity, loss.units) == (
        "far",
        "truck",
        1,
        {"pumping": 1},
    )
    assert scenario.opened == ("F-1",)
    with pytest.raises(TypeError):
        loss.units["pumping"] = 2
    (fault,) = faults(tmp_path, GOOD + lost.replace(", units: {pumping: 1}", ""))
    assert (fault.row, fault.column) == (16, "lost_vehicles[0].units")
    (fault,) = faults(tmp_path, GOOD + lost.replace("pumping: 1", "pumping: 0"))
    assert fault.column == "lost_vehicles[0].units.pumping"


def test_an_incident_may_have_a_level_of_its_own(tmp_path):
    told = load_scenario(write(tmp_path, GOOD.replace("trapped: 5}", "trapped: 5}\n    level: IV")))
    (one,) = told.incidents
    assert (told.level, one.level, told.level_of(one)) == ("II", "IV", "IV")
    raised = told.at_level("I")
    assert [raised.level_of(spec) for spec in raised.incidents] == ["I"]
    assert told.level_of(one) == "IV"


def test_records_cannot_be_changed(tmp_path):
    scenario = load_scenario(write(tmp_path, GOOD))
    with pytest.raises(TypeError):
        scenario.incidents[0].impact["trapped"] = 6


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_bundled_scenarios_are_named_after_their_files(path):
    assert load_scenario(path).name == path.stem


@pytest.mark.parametrize(
    ("old", "new", "row", "column"),
    [
        ("level: II", "level: V", 4, "level"),
        ("level: II", "levle: II", 4, "levle"),
        ("name: drill\n", "name: ../drill\n", 1, "name"),
        ("title: 演练\n", "", 1, "title"),
        ("T08:00+08:00", "T08:00", 3, "start"),
        ("2026-03-01T08:00+08:00", "soon", 3, "start"),
        ("toll_free: false", "toll_free: maybe", 5, "policy.toll_free"),
        ("lon: 112.5", "lon: .nan", 10, "incidents[0].lon"),
        ("lon: 112.5", "lon: 99.0", 10, "incidents[0].lon"),
        ("lon: 112.5\n    lat: 37.8", "lon: 37.8\n    lat: 112.5", 10, "incidents[0].lon"),
        ("trapped: 5", "trapped: -5", 12, "incidents[0].impact.trapped"),
        ("quantity: 100", "quantity: 0", 14, "incidents[0].demands[0].quantity"),
        ("quantity: 100", "quantity: 2.5", 14, "incidents[0].demands[0].quantity"),
        ("minimum: 10", "minimum: 1000", 14, "incidents[0].demands[0].minimum"),
        ("latest_min: 120", "latest_min: 30", 14, "incidents[0].demands[0].latest_min"),
        ("level: II", "level: II\nlevel: I", 5, "level"),
    ],
)
def test_faults_name_line_and_key(tmp_path, old, new, row, column):
    assert old in GOOD
    (fault,) = faults(tmp_path, GOOD.replace(old, new))
    assert fault.file == "drill.yaml"
    assert (fault.row, fault.column) == (row, column)
    assert fault.problem
    assert fault.remedy


BUNDLED = sorted((Path(__file__).parents[1] / "scripts" / "scenarios").glob("*.yaml"))

CLOSURES = (
    GOOD
    + """\
closures:
  - {name: slide, name_en: a slide, link: ab, source: police, reliability: confirmed}
  - name: water
    polygon: [[112.1, 37.1], [112.2, 37.1], [112.2, 37.2]]
    effect: slowed
    factor: 0.5
    from_min: 30
    until_min: 90
  - {name: bridge, junction: b, effect: limited, max_mass_kg: 20000}
  - {name: railway, line: zhengtai}
  - {name: station, station: taiyuan}
  - {name: field, airfield: zbyn}
conditions: {weather: snow, visibility_m: 800, wind_ms: 12, site_landing: no}
"""
)


def test_closures_and_conditions_are_read(tmp_path):
    scenario = load_scenario(write(tmp_path, CLOSURES))
    slide, water, bridge, *others = scenario.closures
    assert (slide.link, slide.effect, slide.from_min, slide.until_min) == ("ab", "closed", 0, None)
    assert (slide.name_en, water.name_en, slide.source_en) == ("a slide", "", "")
    assert (slide.source, slide.reliability) == ("police", "confirmed")
    assert water.polygon == ((112.1, 37.1), (112.2, 37.1), (112.2, 37.2))
    assert (water.factor, water.from_min, water.until_min) == (0.5, 30, 90)
    assert bridge.max_mass_kg == 20_000
    assert [closure.on_road for closure in scenario.closures] == [True] * 3 + [False] * 3
    assert [others[0].line, others[1].station, others[2].airfield] == [
        "zhengtai", "taiyuan", "zbyn",
    ]  # fmt: skip
    assert scenario.conditions.weather == "snow"
    assert scenario.conditions.visibility_m == 800
    assert scenario.conditions.ceiling_m is None
    assert not scenario.conditions.site_landing


@pytest.mark.parametrize("file", BUNDLED, ids=lambda file: file.stem)
def test_bundled_scenarios_are_told_in_english_too(file):
    scenario = load_scenario(file)
    assert scenario.title_en
    assert scenario.note_en
    assert all(one.name_en for one in (*scenario.incidents, *scenario.closures))
    assert all(bool(one.source) == bool(one.source_en) for one in scenario.closures)


def test_without_a_word_roads_are_open_the_sky_is_clear_and_all_modes_allowed(tmp_path):
    scenario = load_scenario(write(tmp_path, GOOD))
    assert scenario.closures == ()
    assert scenario.conditions.weather == "clear"
    assert scenario.conditions.site_landing
    assert scenario.policy.modes == ("road", "rail", "air")


@pytest.mark.parametrize(
    ("old", "new", "row", "column"),
    [
        ("link: ab", "link: ab, junction: b", 16, "closures[0]"),
        ("link: ab, ", "", 16, "closures[0]"),
        ("link: ab", "lnik: ab", 16, "closures[0].lnik"),
        ("link: ab", "link: ''", 16, "closures[0].link"),
        ("{name: slide, ", "{", 16, "closures[0].name"),
        ("link: ab", "link: ab, factor: 0.5", 16, "closures[0].factor"),
        ("link: ab", "link: ab, max_mass_kg: 5000", 16, "closures[0].max_mass_kg"),
        ("link: ab", "link: ab, effect: shut", 16, "closures[0].effect"),
        ("reliability: confirmed", "reliability: sure", 16, "closures[0].reliability"),
        (", [112.2, 37.2]]", "]", 18, "closures[1].polygon"),
        (
            "[[112.1, 37.1], [112.2, 37.1], [112.2, 37.2]]",
            "[[1, 1], [2, 1], [2, 2]]",
            18,
            "closures[1].polygon",
        ),
        ("[112.1, 37.1]", "[112.1]", 18, "closures[1].polygon[0][1]"),
        ("[112.1, 37.1]", "[.nan, 37.1]", 18, "closures[1].polygon[0][0]"),
        (
            "[[112.1, 37.1], [112.2, 37.1], [112.2, 37.2]]",
            "[[37.1, 112.1], [37.1, 112.2], [37.2, 112.2]]",
            18,
            "closures[1].polygon",
        ),
        ("    factor: 0.5\n", "", 17, "closures[1].factor"),
        ("factor: 0.5", "factor: 1.5", 20, "closures[1].factor"),
        ("factor: 0.5", "factor: 0.001", 20, "closures[1].factor"),
        ("factor: 0.5", "factor: -1", 20, "closures[1].factor"),
        ("from_min: 30", "from_min: 90", 22, "closures[1].until_min"),
        ("from_min: 30", "from_min: -1", 21, "closures[1].from_min"),
        (", max_mass_kg: 20000", "", 23, "closures[2].max_mass_kg"),
        ("max_mass_kg: 20000", "max_mass_kg: 0", 23, "closures[2].max_mass_kg"),
        ("limited, max_mass_kg: 20000", "slowed, factor: 0.5", 23, "closures[2]"),
        ("line: zhengtai", "line: zhengtai, effect: slowed, factor: 0.5", 24, "closures[3]"),
        ("name: station", "name: slide", 25, "closures[4].name"),
        ("weather: snow", "weather: sun", 27, "conditions.weather"),
        ("wind_ms: 12", "wind_ms: -1", 27, "conditions.wind_ms"),
        ("wind_ms: 12", "wind_kmh: 12", 27, "conditions.wind_kmh"),
        ("site_landing: no", "site_landing: perhaps", 27, "conditions.site_landing"),
        ("toll_free: false", "toll_free: false, modes: []", 5, "policy.modes"),
        ("toll_free: false", "toll_free: false, modes: [road, road]", 5, "policy.modes"),
        ("toll_free: false", "toll_free: false, modes: [ship]", 5, "policy.modes[0]"),
    ],
)
def test_wrong_closures_conditions_and_modes_are_named(tmp_path, old, new, row, column):
    assert old in CLOSURES
    fault = faults(tmp_path, CLOSURES.replace(old, new, 1))[0]
    assert (fault.row, fault.column) == (row, column)
    assert fault.problem
    assert fault.remedy


def test_every_fault_is_reported_at_once(tmp_path):
    text = GOOD.replace("level: II", "level: V").replace("lon: 112.5", "lon: .inf")
    assert {fault.column for fault in faults(tmp_path, text)} == {"level", "incidents[0].lon"}


def test_two_incidents_may_not_share_an_id(tmp_path):
    twice = GOOD + GOOD[GOOD.index("  - id") :]
    (fault,) = faults(tmp_path, twice)
    assert (fault.column, fault.value) == ("incidents[1].id", "one")
    assert fault.row == twice[: twice.rindex("id: one")].count("\n") + 1


@pytest.mark.parametrize(
    "text", ["", "- a\n", "name: [\n", "a: &x 1\nb: *x\n", "演练".encode("gb18030")]
)
def test_what_is_no_scenario_is_refused(tmp_path, text):
    assert faults(tmp_path, text)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml"):
        load_scenario(tmp_path / "none.yaml")


def test_no_object_is_ever_built(tmp_path):
    assert faults(tmp_path, "name: !!python/object/apply:os.getcwd []\n")
