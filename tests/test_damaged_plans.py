"""A plan file cut short, of another version or changed is refused by every command alike."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from dispatch import cli
from dispatch.plan.write import plan_text

sys.path.append(str(Path(__file__).parent / "render"))
import handmade

GOOD = plan_text(handmade.make_plan())


def other(**changes):
    """Return the plan with some content changed, its digest left as it was."""
    return json.dumps(json.loads(GOOD) | changes, ensure_ascii=False)


DAMAGES = {
    "cut short": (GOOD[: len(GOOD) // 2], "cut short"),
    "empty": ("", "cut short"),
    "no JSON": ("schema_version: 2", "cut short"),
    "nested without end": ("[" * 100_000, "cut short"),
    "other JSON": ('{"orders": []}', "not a plan"),
    "a list": ("[1]", "not a plan"),
    "another version": (other(schema_version=99), "version 99"),
    "changed": (other(level="IV"), "changed or damaged"),
    "a digest missing": (other(sha256=None), "changed or damaged"),
}
COMMANDS = {
    "brief": ("brief", "BAD", "--format", "html", "--out", "OUT"),
    "brief against": ("brief", "GOOD", "--against", "BAD", "--format", "html", "--out", "OUT"),
    "figure": ("figure", "BAD", "--out", "OUT.png"),
    "sheets": ("sheets", "BAD", "--out", "OUT"),
    "compare first": ("compare", "BAD", "GOOD", "--out", "OUT.json"),
    "compare second": ("compare", "GOOD", "BAD", "--out", "OUT.json"),
    "map": ("map", "BAD", "--out", "OUT.html"),
    "map before": ("map", "GOOD", "--before", "BAD", "--out", "OUT.html"),
    "replan": ("replan", "BAD", "EVENTS", "--at", "+01:00", "--out", "OUT"),
}


@pytest.fixture
def places(tmp_path):
    """Return paths by the words that stand for them."""
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "plan.json").write_text(GOOD, encoding="utf-8")
    (tmp_path / "events.yaml").write_text("losses: []\n", encoding="utf-8")
    return {
        "GOOD": tmp_path / "good", "BAD": tmp_path / "bad", "EVENTS": tmp_path / "events.yaml",
        "OUT": tmp_path / "out", "OUT.png": tmp_path / "out.png", "OUT.json": tmp_path / "out.json",
        "OUT.html": tmp_path / "out.html",
    }  # fmt: skip


def refusal(monkeypatch, capsys, places, words):
    """Run a command that has to fail; return what it says."""
    told = [str(places.get(word, word)) for word in words]
    monkeypatch.setattr(sys, "argv", ["dispatch", *told, "--lang", "en"])
    monkeypatch.setattr(cli.err, "width", 400)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == cli.BAD_INPUT
    assert not any(path.exists() for word, path in places.items() if word.startswith("OUT"))
    return capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_plan_is_refused_with_one_message(monkeypatch, capsys, places, command, damage):
    text, problem = DAMAGES[damage]
    (places["BAD"] / "plan.json").write_text(text, encoding="utf-8")
    said = refusal(monkeypatch, capsys, places, COMMANDS[command])
    assert said.count("✗") == 1
    assert problem in said
    assert "dispatch plan SCENARIO" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_plan_is_refused_with_one_message(monkeypatch, capsys, places, command):
    (places["BAD"] / "plan.json").unlink()
    said = refusal(monkeypatch, capsys, places, COMMANDS[command])
    assert said.count("✗") == 1
    assert "can't be read" in said


def test_every_command_that_reads_plans_is_among_them():
    """A new command with a plan to read has to stand in the list above."""
    folder = Path(cli.__file__).parent
    readers = {path.stem for path in folder.glob("*_cli.py") if "read_plan" in path.read_text()}
    assert readers == {"brief_cli", "compare_cli", "map_cli", "replan_cli"}
