"""Bad scenarios, as the commands meet them: one message that names it, and nothing written."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import pytest

from dispatch import cli
from dispatch.doctrine import load_doctrine
from dispatch.plan import prepare
from dispatch.registry import data_dir, load_registry

GOOD = """\
name: drill
title: 演练
start: 2026-03-01T08:00+08:00
level: III
incidents:
  - id: mine
    name: 某矿
    type: roof_fall
    lon: 112.45
    lat: 37.90
    impact: {trapped: 2}
    demands:
      - capability: mine_rescue
        quantity: 9
        minimum: 2
        target_min: 120
        latest_min: 240
"""

registry, doctrine = cache(load_registry), cache(load_doctrine)


@pytest.fixture(autouse=True)
def _once(monkeypatch):
    """Read the tables once for all tests."""
    monkeypatch.setattr(cli, "load_registry", registry)
    monkeypatch.setattr(cli, "load_doctrine", doctrine)


def run(monkeypatch, capsys, *words: object) -> tuple[int, str]:
    """Run the command in this process; return exit code and all output as one line."""
    monkeypatch.setattr(sys, "argv", ["dispatch", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    code = ended.value.code
    told = capsys.readouterr()
    return int(code or 0), " ".join((told.out + told.err).split())


def write(folder: Path, text: str) -> Path:
    path = folder / "drill.yaml"
    path.write_text(text, encoding="utf-8")
    return path


BAD = {
    "unknown incident type": (
        "type: roof_fall",
        "type: roof_fal",
        "drill.yaml:8 [incidents[0].type] 'roof_fal': unknown incident type → use ",
    ),
    "unknown level": (
        "level: III",
        "level: V",
        "drill.yaml:4 [level] 'V': is not one of the values allowed → use 'auto', 'I',",
    ),
    "unknown level of an incident": (
        "impact: {trapped: 2}",
        "impact: {trapped: 2}\n    level: auto",
        "drill.yaml:12 [incidents[0].level] 'auto': is not one of the values allowed → use 'I',",
    ),
    "unknown capability": (
        "capability: mine_rescue",
        "capability: mine_rescu",
        "drill.yaml:13 [incidents[0].demands[0].capability] 'mine_rescu': unknown capability → use",
    ),
    "negative impact": (
        "trapped: 2",
        "trapped: -2",
        "drill.yaml:11 [incidents[0].impact.trapped] '-2': is out of range → use a number ≥ 0",
    ),
    "unknown impact figure": (
        "trapped: 2",
        "traped: 2",
        "drill.yaml:11 [incidents[0].impact.traped] '2': this type of incident has no such impact",
    ),
    "outside the box of the province": (
        "lon: 112.45",
        "lon: 99.0",
        "drill.yaml:9 [incidents[0].lon] '99.0, 37.9': the place lies outside the province → give",
    ),
    "outside the province, inside its box": (
        "lon: 112.45\n    lat: 37.90",
        "lon: 114.5\n    lat: 38.05",
        "drill.yaml:9 [incidents[0].lon] '114.5, 38.05': the place lies outside the province → ",
    ),
    "lon and lat exchanged": (
        "lon: 112.45\n    lat: 37.90",
        "lon: 37.90\n    lat: 112.45",
        "drill.yaml:9 [incidents[0].lon] '37.9, 112.45': lon and lat are exchanged → exchange them",
    ),
    "target after latest": (
        "latest_min: 240",
        "latest_min: 60",
        "drill.yaml:17 [incidents[0].demands[0].latest_min] '60': latest_min lies before "
        "target_min → make latest_min at least target_min",
    ),
    "minimum above quantity": (
        "minimum: 2",
        "minimum: 20",
        "drill.yaml:15 [incidents[0].demands[0].minimum] '20': minimum is more than quantity → ",
    ),
    "a team lost that never was": (
        "level: III",
        "level: III\nlost: [nobody]",
        "drill.yaml:5 [lost[0]] 'nobody': is not in the tables → use the id of a team",
    ),
}


@pytest.mark.parametrize("command", ["check", "plan"])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_scenario_is_one_message_and_nothing_is_written(
    name, command, tmp_path, monkeypatch, capsys
):
    old, new, message = BAD[name]
    assert old in GOOD
    target = tmp_path / "out"
    more = ["--out", target] if command == "plan" else []
    path = write(tmp_path, GOOD.replace(old, new))
    code, text = run(monkeypatch, capsys, command, path, *more, "--lang", "en")
    assert code == cli.BAD_INPUT
    assert message in text
    assert text.startswith("✗ drill.yaml")
    assert text.count("✗") == 1
    assert "Traceback" not in text
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("command", ["check", "plan"])
def test_check_refuses_a_place_without_a_road_as_plan_does(command, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(prepare, "MAX_ACCESS_M", 10)
    path = write(tmp_path, GOOD)
    more = ["--out", tmp_path / "out"] if command == "plan" else []
    code, text = run(monkeypatch, capsys, command, path, *more, "--lang", "en")
    assert code == cli.BAD_INPUT
    assert text.startswith("✗ drill.yaml:9 [incidents[0].lon] '112.45, 37.9': 某矿 lies ")
    assert "from the nearest road known → move the place nearer to a road" in text
    assert text.count("✗") == 1
    assert list(tmp_path.iterdir()) == [path]


def test_all_faults_of_a_kind_are_told_at_once(tmp_path, monkeypatch, capsys):
    text = GOOD.replace("minimum: 2", "minimum: 20").replace("latest_min: 240", "latest_min: 60")
    code, told = run(
        monkeypatch, capsys, "check", write(tmp_path, text.replace("level: III", "level: V")),
        "--lang", "en",
    )  # fmt: skip
    assert code == cli.BAD_INPUT
    assert told.count("✗") == 3


def test_messages_are_told_in_chinese_as_well(tmp_path, monkeypatch, capsys):
    path = write(tmp_path, GOOD.replace("latest_min: 240", "latest_min: 60"))
    code, text = run(monkeypatch, capsys, "check", path, "--lang", "zh")
    assert code == cli.BAD_INPUT
    assert text.startswith("✗ drill.yaml:17 [incidents[0].demands[0].latest_min] '60'")
    assert "lies before" not in text


def test_a_good_scenario_passes_without_a_warning(tmp_path, monkeypatch, capsys):
    code, text = run(monkeypatch, capsys, "check", write(tmp_path, GOOD), "--lang", "en")
    assert code == 0
    assert "The scenario is in order." in text
    assert "!" not in text


# A pool with nobody in it: named with its line and what would help, and planned all the same.

EMPTY = GOOD.replace("capability: mine_rescue", "capability: divers").replace(
    "level: III", "level: IV"
)


@pytest.mark.parametrize("command", ["check", "plan"])
def test_a_pool_with_nobody_in_it_is_named_and_the_rest_is_planned(
    command, tmp_path, monkeypatch, capsys
):
    tables = registry(data_dir())
    able = tables["teams/capabilities"].query("capability == 'divers'")["team_id"]
    city = tables.teams.loc[able.unique()]
    near = city.index[city["adcode"].str.startswith("1401")].tolist()
    text = EMPTY.replace("level: IV", f"level: IV\nlost: {near}")
    more = ["--out", tmp_path / "out"] if command == "plan" else []
    code, told = run(monkeypatch, capsys, command, write(tmp_path, text), *more, "--lang", "en")
    message = (
        "! drill.yaml:14 [incidents[0].demands[0].capability] 'divers': no team of this "
        "capability is in the pools that level IV unlocks → raise the level: III unlocks "
    )
    assert told.count(message) == 1
    if command == "check":
        assert code == 0
        return
    assert code == cli.UNMET
    assert (tmp_path / "out" / "plan.json").is_file()
    assert "are not released at this level" in told
    assert "Raise 某矿 to level III" in told
