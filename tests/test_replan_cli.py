"""Replanning from the command line: times as people write them, and a plan that goes on."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from dispatch import cli
from dispatch.errors import InputError
from dispatch.plan.read import read_plan
from dispatch.plan.roads import write_roads
from dispatch.registry import load_registry
from dispatch.replan_cli import seconds_of
from dispatch.scenario.events import load_events

SCENARIOS = Path(__file__).parents[1] / "scripts" / "scenarios"
PLAN = SimpleNamespace(start="2026-03-01T08:00:00+08:00")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("+01:30", 5400), ("2026-03-01T09:00+08:00", 3600), ("2026-03-01T09:00", 3600),
     ("2026-03-01T01:00+00:00", 3600)],
)  # fmt: skip
def test_a_time_is_read(text, seconds):
    assert seconds_of(text, PLAN) == seconds


@pytest.mark.parametrize("text", ["soon", "+1:99", "2026-03-01T07:59+08:00", "+999:00", "-00:30"])
def test_a_time_that_cannot_be_is_named(text):
    with pytest.raises(InputError) as caught:
        seconds_of(text, PLAN)
    assert caught.value.faults[0].value == text


def test_faults_of_events_name_their_line(tmp_path):
    path = tmp_path / "events.yaml"
    path.write_text("delays:\n  - team: far\n    minutes: -3\nfoo: 1\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_events(path)
    assert {(f.row, f.column) for f in caught.value.faults} == {
        (3, "delays[0].minutes"),
        (4, "foo"),
    }


def test_a_stored_plan_goes_on_and_a_foreign_scenario_is_refused(tmp_path):
    runner, old, new = CliRunner(), tmp_path / "old", tmp_path / "new"
    events = tmp_path / "events.yaml"
    events.write_text("losses:\n  - id: nobody\n", encoding="utf-8")
    runner.invoke(
        cli.app, ["plan", str(SCENARIOS / "zaoling-2019.yaml"), "--out", str(old), "--lang", "en"]
    )
    call = ["replan", str(old), str(events), "--at", "+00:01", "--out", str(new), "--lang", "en"]

    refused = runner.invoke(cli.app, call)
    assert isinstance(refused.exception, InputError)
    assert [fault.value for fault in refused.exception.faults] == ["nobody"]
    foreign = runner.invoke(cli.app, [*call, "--scenario", str(SCENARIOS / "hongdong-drill.yaml")])
    assert isinstance(foreign.exception, InputError)
    assert not new.exists()

    events.write_text(f"losses:\n  - id: {lost_of(old)}\n", encoding="utf-8")
    result = runner.invoke(cli.app, call)
    assert result.exit_code in (0, 1), result.output
    assert sorted(path.name for path in new.iterdir()) == [
        "assignments.csv",
        "changes.csv",
        "map.html",
        "orders",
        "plan.gpkg",
        "plan.json",
        "scenario.yaml",
        "tracks",
    ]
    assert read_plan(new).turn_min == 30.0
    rows = list(csv.DictReader(changed_rows(new)))
    going = {row["team_id"] for row in rows if row["group"] != "cancelled"}
    assert (
        len(list((new / "orders").iterdir())) == len(going) == len(list((new / "tracks").iterdir()))
    )
    assert len(going) < len(read_plan(new).orders)
    assert "other orders stay exactly as they are." in result.output
    assert "Cancelled (1)" in result.output
    changed = changed_rows(new)
    assert any(row.startswith(f"cancelled,{lost_of(old)},") for row in changed)
    again = ["replan", str(new), str(events), "--at", "+00:02", "--out", str(tmp_path / "third")]
    assert isinstance(runner.invoke(cli.app, again).exception, InputError)  # lost already


def test_a_plan_goes_on_along_the_roads_it_was_made_on(tmp_path):
    """The same roads in a file of their own: without it the plan is refused, with it is not."""
    runner, old = CliRunner(), tmp_path / "old"
    roads, events = tmp_path / "roads.gpkg", tmp_path / "events.yaml"
    tables = load_registry()
    write_roads(tables.junctions, tables.links, roads)
    events.write_text("losses:\n  - id: nobody\n", encoding="utf-8")
    told = str(SCENARIOS / "zaoling-2019.yaml")
    runner.invoke(cli.app, ["plan", told, "--roads", str(roads), "--out", str(old), "--lang", "en"])
    call = ["replan", str(old), str(events), "--at", "+00:01", "--lang", "en"]
    other = runner.invoke(cli.app, call).exception
    assert isinstance(other, InputError)
    assert [fault.problem for fault in other.faults] == ["was made on another road network"]
    same = runner.invoke(cli.app, [*call, "--roads", str(roads)]).exception
    assert isinstance(same, InputError)
    assert [fault.value for fault in same.faults] == ["nobody"]


def changed_rows(folder: Path) -> list[str]:
    return (folder / "changes.csv").read_text(encoding="utf-8-sig").splitlines()


def lost_of(folder: Path) -> str:
    """Return the team that comes first in a plan's orders."""
    return read_plan(folder).orders[0].team_id
