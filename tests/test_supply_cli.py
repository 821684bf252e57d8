"""``dispatch supply`` and ``dispatch plan`` with people to supply, as a planner runs them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

sys.path.append(str(Path(__file__).parent / "plan"))

from supply_case import FLOODS

from dispatch import cli
from dispatch.errors import InputError
from dispatch.plan.supply_write import read_supply

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
        "replenishment.csv", "supplied.csv", "undelivered.csv", "loading", "drivers",
    }  # fmt: skip
    assert "Day by day" in result.output
    assert "illustrative" in result.output
    again = runner.invoke(cli.app, ["supply", str(small()), "--out", str(out), "--lang", "en"])
    assert again.exit_code == result.exit_code


def test_a_plan_includes_the_supplies(small, tmp_path):
    out = tmp_path / "out"
    call = ["plan", str(small()), "--out", str(out), "--lang", "en", "--time-limit", "5"]
    result = runner.invoke(cli.app, call)
    assert result.exit_code in (0, 1), result.output
    assert read_supply(out / "supply").days == 2
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
