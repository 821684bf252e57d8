"""The command when the solver has bad luck: a plan all the same, and no word too much about it."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from dispatch import cli
from dispatch.optimise import assign

SCENARIO = """\
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
      - {capability: mine_rescue, quantity: 9, target_min: 120, latest_min: 240}
"""


def planned(tmp_path: Path) -> tuple[str, dict]:
    path = tmp_path / "drill.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    words = ["plan", str(path), "--out", str(tmp_path / "out"), "--lang", "en"]
    result = CliRunner().invoke(cli.app, [*words, "--time-limit", "0.1"])
    assert result.exit_code == 0, result.output
    text = (tmp_path / "out" / "plan.json").read_text(encoding="utf-8")
    return result.output, json.loads(text)


def test_a_tiny_limit_leaves_the_nearest_first_plan_and_says_so(tmp_path, monkeypatch):
    """CP-SAT is asked, and stops before its first plan; branch and bound has no time at all."""
    monkeypatch.setattr(assign, "WORK_PER_SECOND", 0.0)
    monkeypatch.setattr(assign, "RELAXED_SHARE", 0.0)
    output, plan = planned(tmp_path)
    assert plan["orders"]
    assert {stage["termination"] for stage in plan["stages"]} == {"heuristic"}
    assert plan["provenance"]["solver"] == "nearest-first rule, not proved"
    assert output.count("Not proved: no solver finished in time.") == 1
    assert output.count("not proved") == len(plan["stages"])


def test_a_solver_that_fails_shows_no_traceback(tmp_path, monkeypatch, caplog):
    def fails(*_, **__):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(assign, "optimise", fails)
    output, plan = planned(tmp_path)
    assert plan["orders"]
    assert "Not proved" in output
    assert "Traceback" not in output + caplog.text
    assert "out of memory" in caplog.text


def test_a_plan_that_is_proved_is_not_called_otherwise(tmp_path):
    output, plan = planned(tmp_path)
    assert plan["stages"][0]["termination"] != "heuristic"
    assert "ot proved: no solver" not in output
