"""The command: what it writes, what it says, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import dispatch
from dispatch import cli
from dispatch.registry import data_dir

ROOT = Path(__file__).parents[1]
WANGJIALING = ROOT / "scripts" / "scenarios" / "wangjialing-2010.yaml"
runner = CliRunner()


def run(*arguments: object) -> tuple[int, str]:
    """Run the command as the shell would; return exit code and all output."""
    done = subprocess.run(
        [sys.executable, "-m", "dispatch", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=ROOT,
    )
    return done.returncode, done.stdout + done.stderr


def small(tmp_path: Path, **changed: str) -> Path:
    """Write a small scenario near Taiyuan that takes no time to plan."""
    keys = {
        "name": "drill",
        "title": "演练",
        "start": "2026-03-01T08:00+08:00",
        "level": "III",
    } | changed
    head = "".join(f"{key}: {value}\n" for key, value in keys.items())
    path = tmp_path / "drill.yaml"
    path.write_text(
        head
        + """\
incidents:
  - id: mine
    name: "<script>alert(1)</script>"
    type: roof_fall
    lon: 112.45
    lat: 37.90
    impact: {trapped: 2}
    demands:
      - {capability: mine_rescue, quantity: 9, target_min: 120, latest_min: 240}
""",
        encoding="utf-8",
    )
    return path


def test_version():
    assert run("--version") == (0, f"dispatch {dispatch.__version__}\n")


@pytest.mark.parametrize("words", [[], ["plan"], ["check"], ["registry"], ["registry", "export"]])
def test_help_is_there(words):
    result = runner.invoke(cli.app, [*words, "--help"])
    assert result.exit_code == 0
    assert len(result.output) > 200


def test_plan_writes_its_files_and_a_table(tmp_path):
    result = runner.invoke(
        cli.app, ["plan", str(small(tmp_path)), "--out", str(tmp_path / "out"), "--lang", "en"]
    )
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "assignments.csv",
        "map.html",
        "plan.gpkg",
        "plan.json",
        "scenario.yaml",
    ]
    assert "Teams that stay behind" in result.output
    assert "Illustrative" in result.output
    page = (tmp_path / "out" / "map.html").read_text(encoding="utf-8")
    assert "<script>alert(1)</script>" not in page


def test_an_unmet_need_of_priority_1_is_told_by_the_exit_code(tmp_path):
    path = small(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("quantity: 9", "quantity: 9000"))
    result = runner.invoke(cli.app, ["plan", str(path), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1, result.output
    assert (tmp_path / "out" / "plan.json").is_file()


def test_bad_input_is_one_message_and_exit_code_2(tmp_path):
    code, text = run("plan", small(tmp_path, level="V"), "--out", tmp_path / "out")
    assert code == 2
    assert "drill.yaml:4" in text
    assert "Traceback" not in text
    assert not (tmp_path / "out").exists()


def test_a_faulty_table_is_one_message_and_exit_code_2(tmp_path):
    import shutil

    shutil.copytree(data_dir(), tmp_path / "data")
    teams = tmp_path / "data" / "teams" / "teams.csv"
    teams.write_text(
        teams.read_text(encoding="utf-8").replace(",main,", ",mian,", 1), encoding="utf-8"
    )
    code, text = run("plan", WANGJIALING, "--data", tmp_path / "data", "--out", tmp_path / "out")
    assert code == 2
    assert "teams.csv" in text
    assert "'mian'" in text
    assert not (tmp_path / "out").exists()


def test_check_plans_nothing(tmp_path):
    result = runner.invoke(cli.app, ["check", str(WANGJIALING), "--lang", "zh"])
    assert result.exit_code == 0
    assert "王家岭" in result.output


def test_registry_show_check_export(tmp_path):
    assert "teams/teams" in runner.invoke(cli.app, ["registry", "show"]).output
    assert "team_id" in runner.invoke(cli.app, ["registry", "show", "teams/teams"]).output
    assert runner.invoke(cli.app, ["registry", "check"]).exit_code == 0
    target = tmp_path / "registry.gpkg"
    assert runner.invoke(cli.app, ["registry", "export", str(target)]).exit_code == 0
    assert target.is_file()


def test_an_unknown_table_is_named():
    code, text = run("registry", "show", "teams/tems")
    assert code == 2
    assert "teams/tems" in text


def test_an_unknown_language_is_refused():
    assert run("registry", "show", "--lang", "fr")[0] == 2


def test_the_bundled_scenario_plans_twice_the_same(tmp_path):
    for name in ("one", "two"):
        code, text = run("plan", WANGJIALING, "--out", tmp_path / name)
        assert code in (0, 1), text
    one, two = (tmp_path / name / "plan.json" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    assert (tmp_path / "one" / "map.html").read_bytes() == (
        tmp_path / "two" / "map.html"
    ).read_bytes()
    plan = json.loads(one.read_text(encoding="utf-8"))
    assert plan["level"] == "I"
    assert all(stage["gap"] == 0 for stage in plan["stages"][:3])
