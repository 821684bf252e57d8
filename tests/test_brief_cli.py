"""``dispatch brief``, ``figure`` and ``sheets`` at the command line."""

import builtins
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from dispatch.brief_cli import add_commands
from dispatch.errors import InputError
from dispatch.plan.write import plan_text

sys.path.append(str(Path(__file__).parent / "render"))
import handmade

app = typer.Typer()
add_commands(app)


@pytest.fixture
def plan(tmp_path):
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "plan.json").write_text(plan_text(handmade.make_plan()), encoding="utf-8")
    return folder


class LittleRegistry(dict):
    """The tables that the commands ask for, of two counties."""

    def __init__(self):
        ground = handmade.make_ground()
        ids = [team[0] for team in handmade.TEAMS]
        super().__init__(
            {
                "teams/vehicles": pd.DataFrame(columns=["team_id", "profile", "quantity"]),
                "network/profiles": pd.DataFrame(columns=["name", "name_en"]),
                "teams/capabilities": pd.DataFrame(
                    columns=["team_id", "capability", "equipment", "equipment_en"]
                ),
            }
        )
        self.tables = dict(self)
        self.counties, self.county_polygons = ground["counties"], ground["areas"]
        self.links = ground["roads"]
        self.teams = pd.DataFrame({"toll_exempt": ["no" for _id in ids]}, index=ids)


@pytest.fixture(autouse=True)
def _little(monkeypatch):
    monkeypatch.setattr("dispatch.brief_cli.load_registry", lambda folder: LittleRegistry())


def run(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(result.exception, InputError):
        raise result.exception
    return result


def test_a_briefing_stands_beside_the_plan_by_default(plan):
    result = run("brief", plan, "--format", "html", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "Decision asked for" in (plan / "briefing.html").read_text(encoding="utf-8")
    assert sorted(path.name for path in plan.iterdir()) == ["briefing.html", "plan.json"]


def test_another_plan_may_be_compared_and_the_file_named(plan, tmp_path):
    out = tmp_path / "deep" / "talk.html"
    result = run("brief", plan / "plan.json", "--format", "html", "--against", plan, "--out", out)
    assert result.exit_code == 0, result.output
    assert out.is_file()


SCENARIO = """
name: handmade
title: 演练
start: 2010-03-28T13:40+08:00
closures:
  - {name: slide on S66, polygon: [[110.9, 35.7], [111.0, 35.7], [111.0, 35.8]], until_min: 60}
incidents:
  - {id: mine, name: A, type: mine_flood, lon: 110.85, lat: 35.88}
"""


def test_closures_of_the_scenario_beside_the_plan_are_told(plan):
    (plan / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    digest = sha256((plan / "scenario.yaml").read_bytes()).hexdigest()
    made = handmade.make_plan()
    inputs = replace(made.provenance, inputs=(("scenario.yaml", digest),))
    text = plan_text(replace(made, provenance=inputs))
    (plan / "plan.json").write_text(text, encoding="utf-8")
    result = run("brief", plan, "--format", "html", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "slide on S66: closed, until 14:40" in (plan / "briefing.html").read_text("utf-8")
    assert "not drawn" not in result.stderr


def test_closures_of_another_scenario_are_left_out_and_it_says_so(plan):
    (plan / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    result = run("brief", plan, "--format", "html", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "slide on S66" not in (plan / "briefing.html").read_text("utf-8")
    assert "Closures are not drawn" in result.stderr


def test_a_figure_is_what_its_ending_says(plan, tmp_path):
    result = run("figure", plan, "--out", tmp_path / "map.SVG", "--size", "16:9", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "map.SVG").read_bytes().startswith(b"<?xml")


def test_sheets_fill_a_folder_and_may_be_written_again(plan):
    for _time in range(2):
        result = run("sheets", plan, "--lang", "en")
        assert result.exit_code == 0, result.output
    assert (plan / "sheets" / "orders.xlsx").is_file()
    assert len(list((plan / "sheets" / "orders").iterdir())) == 12
    assert len(list((plan / "sheets" / "tracks").iterdir())) == 12


def test_sheets_never_take_the_place_of_a_plan(plan):
    with pytest.raises(InputError):
        run("sheets", plan, "--out", plan)
    assert (plan / "plan.json").is_file()


@pytest.mark.parametrize(
    "words",
    [
        ("brief", "PLAN", "--format", "odt"),
        ("brief", "PLAN", "--lang", "fr"),
        ("figure", "PLAN", "--out", "map.bmp"),
        ("figure", "PLAN", "--out", "map.png", "--size", "a0"),
    ],
)
def test_unknown_choices_are_refused(plan, words):
    result = run(*(plan if word == "PLAN" else word for word in words))
    assert result.exit_code == 2


def test_a_damaged_plan_is_refused_before_anything_is_written(plan):
    text = (plan / "plan.json").read_text(encoding="utf-8")
    (plan / "plan.json").write_text(text[:-100], encoding="utf-8")
    for words in (("brief", plan), ("sheets", plan)):
        with pytest.raises(InputError):
            run(*words)
    assert [path.name for path in plan.iterdir()] == ["plan.json"]


def test_a_folder_is_no_file_to_write(plan, tmp_path):
    with pytest.raises(InputError, match=tmp_path.name):
        run("brief", plan, "--format", "html", "--out", tmp_path)


def test_a_missing_extra_is_named(plan, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "dispatch.render.brief":
            raise ModuleNotFoundError(f"No module named {name!r}", name="pptx")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match="export"):
        run("brief", plan)
