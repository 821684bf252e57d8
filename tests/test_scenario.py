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
        ("lon: 112.5", "lon: 99.0", 7, "incidents[0]"),
        ("lon: 112.5\n    lat: 37.8", "lon: 37.8\n    lat: 112.5", 7, "incidents[0]"),
        ("trapped: 5", "trapped: -5", 12, "incidents[0].impact.trapped"),
        ("quantity: 100", "quantity: 0", 14, "incidents[0].demands[0].quantity"),
        ("quantity: 100", "quantity: 2.5", 14, "incidents[0].demands[0].quantity"),
        ("minimum: 10", "minimum: 1000", 14, "incidents[0].demands[0]"),
        ("latest_min: 120", "latest_min: 30", 14, "incidents[0].demands[0]"),
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


def test_every_fault_is_reported_at_once(tmp_path):
    text = GOOD.replace("level: II", "level: V").replace("lon: 112.5", "lon: .inf")
    assert {fault.column for fault in faults(tmp_path, text)} == {"level", "incidents[0].lon"}


def test_two_incidents_may_not_share_an_id(tmp_path):
    twice = GOOD + GOOD[GOOD.index("  - id") :]
    (fault,) = faults(tmp_path, twice)
    assert "one" in fault.problem


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
