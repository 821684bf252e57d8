"""``dispatch compare`` and ``dispatch plan --escalate`` at the command line."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from dispatch import cli
from dispatch.errors import InputError

runner = CliRunner()

SCENARIO = """\
name: drill
title: 演练
start: 2026-03-01T08:00+08:00
level: {level}
incidents:
  - id: mine
    name: 某矿
    type: roof_fall
    lon: 112.45
    lat: 37.90
    impact: {{trapped: 2}}
    demands:
      - {{capability: mine_rescue, quantity: 9, target_min: 120, latest_min: 240}}
"""


@pytest.fixture
def told(tmp_path):
    path = tmp_path / "drill.yaml"
    path.write_text(SCENARIO.format(level="III"), encoding="utf-8")
    return path


def run(*words):
    return runner.invoke(cli.app, [*map(str, words), "--lang", "en"])


def test_a_scenario_as_it_is_and_changed(told, tmp_path):
    out = tmp_path / "new" / "c.csv"
    done = run("compare", told, "--change", "toll_free=no", "--out", out)
    assert done.exit_code == 0, done.output
    assert "toll-free passage" in done.output
    assert out.read_bytes().startswith(b"\xef\xbb\xbfsection,item")


def test_a_plan_with_its_next_level_and_beside_a_scenario(told, tmp_path):
    folder = tmp_path / "out"
    done = run("plan", told, "--escalate", "--out", folder)
    assert done.exit_code == 0, done.output
    assert "response level II" in done.output
    step = json.loads((folder / "escalation.json").read_text(encoding="utf-8"))
    assert (step["level"], step["higher"]) == ("III", "II")
    for name in ("c.json", "c.html"):
        done = run("compare", folder, told, "--out", tmp_path / name)
        assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))["teams"] == []
    assert "<table>" in (tmp_path / "c.html").read_text(encoding="utf-8")


def test_at_level_one_there_is_no_next(told, tmp_path):
    told.write_text(SCENARIO.format(level="I"), encoding="utf-8")
    done = run("plan", told, "--escalate", "--out", tmp_path / "out")
    assert "no higher level" in done.output
    assert not (tmp_path / "out" / "escalation.json").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["drill.yaml"],
        ["drill.yaml", "drill.yaml", "--change", "level=II"],
        [".", "--change", "level=II"],
        ["drill.yaml", "missing"],
        ["drill.yaml", "--change", "level=V"],
        ["drill.yaml", "--change", "level=II", "--out", "."],
    ],
)
def test_what_cannot_be_compared_is_refused(told, words, monkeypatch):
    monkeypatch.chdir(told.parent)
    assert isinstance(run("compare", *words).exception, InputError)


def test_an_unknown_form_or_language_is_refused(told):
    assert run("compare", told, told, "--out", "c.txt").exit_code == 2
    assert runner.invoke(cli.app, ["compare", str(told), "--lang", "xx"]).exit_code == 2
