"""``dispatch supply`` and ``dispatch plan`` with people to supply, as a planner runs them."""

from __future__ import annotations

import csv
import re
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

sys.path.append(str(Path(__file__).parent / "plan"))

from supply_case import FLOODS

from dispatch import cli, supply_cli
from dispatch.errors import InputError
from dispatch.i18n import language, set_language
from dispatch.plan import prepare, supply_build
from dispatch.plan.supply_write import read_supply
from dispatch.registry import data_dir, load_registry
from dispatch.scenario import load_scenario

runner = CliRunner()


@pytest.fixture
def small(tmp_path):
    """Write the floods with three shelters, two days and one incident."""
    told = yaml.safe_load(FLOODS.read_text(encoding="utf-8"))
    told["supply"]["shelters"] = told["supply"]["shelters"][:3]
    told["supply"]["days"] = 2
    told["supply"].pop("donations", None)
    told["incidents"] = told["incidents"][:1]

    def write(**changes):
        path = tmp_path / "small.yaml"
        for key, value in changes.items():
            told["supply"]["shelters"][0][key] = value
        path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
        return path

    return write


def test_supplies_are_planned_and_written(small, tmp_path):
    out = tmp_path / "out"
    result = runner.invoke(cli.app, ["supply", str(small()), "--out", str(out), "--lang", "en"])
    assert result.exit_code in (0, 1), result.output
    assert read_supply(out).days == 2
    assert {path.name for path in out.iterdir()} == {
        "supply.json", "scenario.yaml", "flows.csv", "stock.csv", "shortages.csv",
        "replenishment.csv", "supplied.csv", "undelivered.csv", "relief.csv", "loading",
        "drivers", "supply.html",
    }  # fmt: skip
    assert "Day by day" in result.output
    assert "illustrative" in result.output
    drawn = (out / "supply.html").read_bytes()
    (out / "supply.html").unlink()
    call = ["map", str(out), "--lang", "en"]
    assert runner.invoke(cli.app, call).exit_code == 0
    assert (out / "supply.html").read_bytes() == drawn
    call = ["map", str(out / "supply.json"), "--out", str(out / "loading"), "--lang", "en"]
    assert isinstance(runner.invoke(cli.app, call).exception, InputError)
    again = runner.invoke(cli.app, ["supply", str(small()), "--out", str(out), "--lang", "en"])
    assert again.exit_code == result.exit_code


def test_a_plan_includes_the_supplies(small, tmp_path):
    out = tmp_path / "out"
    call = ["plan", str(small()), "--out", str(out), "--lang", "en", "--time-limit", "5"]
    result = runner.invoke(cli.app, call)
    assert result.exit_code in (0, 1), result.output
    assert read_supply(out / "supply").days == 2
    assert (out / "supply" / "supply.html").is_file()
    assert "Day by day" in result.output


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"needs": [{"item": "199999901", "quantity": 3, "unit": "箱"}]}, "箱"),
        ({"needs": [{"item": "1", "quantity": 3, "unit": "顶"}]}, "1"),
        ({"lon": 110.3, "lat": 40.6}, "110.3, 40.6"),
    ],
)
def test_bad_supply_is_named_and_nothing_written(small, tmp_path, changes, value):
    out = tmp_path / "out"
    for command in ("supply", "plan"):
        result = runner.invoke(cli.app, [command, str(small(**changes)), "--out", str(out)])
        assert isinstance(result.exception, InputError)
        assert value in [str(fault.value) for fault in result.exception.faults]
    assert not out.exists()


def test_an_unknown_engine_is_refused(small):
    assert runner.invoke(cli.app, ["supply", str(small()), "--solver", "magic"]).exit_code == 2


# Bad input end to end: one message for each fault, exit code 2, nothing written.

BAD = {
    "boxes against bottles": (
        {"needs": [{"item": "199999910", "quantity": 240, "unit": "瓶"}]},
        "[supply.shelters[0].needs[0].unit] '瓶': 199999910 is counted in 箱 / cases → convert",
    ),
    "unknown item": (
        {"needs": [{"item": "199999999", "quantity": 3, "unit": "顶"}]},
        "[supply.shelters[0].needs[0].item] '199999999': there is no '199999999' → use ",
    ),
    "no quantity": (
        {"needs": [{"item": "199999901", "unit": "顶"}]},
        "[supply.shelters[0].needs[0].quantity]",
    ),
    "a quantity below zero": (
        {"needs": [{"item": "199999901", "quantity": -3, "unit": "顶"}]},
        "[supply.shelters[0].needs[0].quantity] '-3': is out of range → use a number ≥ 0",
    ),
    "fewer than no people": (
        {"people_displaced": -5},
        "[supply.shelters[0].people_displaced] '-5': is out of range → use a number ≥ 0",
    ),
    "outside the province": (
        {"lon": 110.3, "lat": 40.6},
        "[supply.shelters[0].lon] '110.3, 40.6': the place lies outside the province → give WGS84",
    ),
    "in another county": (
        {"county": "140882"},
        "[supply.shelters[0].county] '140882': the place does not lie in this county → write ",
    ),
}

tables = cache(load_registry)


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command in this process on tables read once; return exit code and what it says."""

    def start(*words, fresh=False):
        read = load_registry if fresh else tables
        for module in (cli, supply_cli):
            monkeypatch.setattr(module, "load_registry", read)
        monkeypatch.setattr(sys, "argv", ["dispatch", *map(str, words), "--lang", "en"])
        before = language()
        try:
            with pytest.raises(SystemExit) as ended:
                cli.main()
        finally:
            set_language(before)
        told = capsys.readouterr()
        return int(ended.value.code or 0), " ".join((told.out + told.err).split())

    return start


@pytest.mark.parametrize("command", ["supply", "check", "plan"])
@pytest.mark.parametrize("name", BAD)
def test_bad_supply_is_one_message_with_line_value_and_remedy(small, run, tmp_path, name, command):
    changes, message = BAD[name]
    path, out = small(**changes), tmp_path / "out"
    code, text = run(command, path, *(() if command == "check" else ("--out", out)))
    assert code == cli.BAD_INPUT
    assert re.match(r"✗ small\.yaml:\d+ \[", text), text
    assert message in text
    assert "→" in text
    assert text.count("✗") == 1
    assert "Traceback" not in text
    assert not out.exists()


@pytest.mark.parametrize("command", ["supply", "check"])
def test_a_shelter_outside_the_network_is_named(small, run, tmp_path, monkeypatch, command):
    for module in (prepare, supply_build):
        monkeypatch.setattr(module, "MAX_ACCESS_M", 10)
    path, out = small(), tmp_path / "out"
    monkeypatch.setattr(prepare, "_refuse_remote", lambda *_args: None)  # the incident itself
    code, text = run(command, path, *(("--out", out) if command == "supply" else ()))
    assert code == cli.BAD_INPUT
    shelter = load_scenario(path).supply.shelters[0]
    assert f"'{shelter.lon}, {shelter.lat}': {shelter.name} lies " in text
    assert "or say access: helicopter" in text
    assert "Traceback" not in text
    assert not out.exists()


@pytest.mark.parametrize("command", ["supply", "check"])
def test_bad_stock_is_named_with_file_row_and_remedy(small, run, tmp_path, command):
    """Stock below zero, none told, of an item and a depot that nobody knows: all at once."""
    folder, out = tmp_path / "data", tmp_path / "out"
    for file in data_dir().glob("*/*"):
        target = folder / file.relative_to(data_dir())
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(file)
    path = folder / "depots" / "stocks.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    at = {column: rows[0].index(column) for column in rows[0]}
    bad = [("quantity", "-1"), ("quantity", ""), ("item_code", "123456789"), ("depot_id", "DC-9")]
    for row, (column, value) in enumerate(bad, start=1):
        rows[row][at[column]] = value
    path.unlink()
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    more = ("--out", out) if command == "supply" else ()
    code, text = run(command, small(), "--data", folder, *more, fresh=True)
    assert code == cli.BAD_INPUT
    for row, (column, value) in enumerate(bad, start=2):
        assert f"✗ depots/stocks.csv:{row} [{column}] '{value}'" in text
    assert text.count("✗") == text.count("→") == len(bad)
    assert "Traceback" not in text
    assert not out.exists()


def test_a_scenario_with_nobody_to_supply_is_told(small, run, tmp_path):
    path, out = small(), tmp_path / "out"
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    del told["supply"]
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    code, text = run("supply", path, "--out", out)
    assert code == cli.BAD_INPUT
    assert "the scenario has nobody to supply → add a supply block" in text
    assert not out.exists()
