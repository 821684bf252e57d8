"""``dispatch map``: what it writes, and what it refuses."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import handmade
import pytest
from typer.testing import CliRunner

from dispatch.cli import app
from dispatch.errors import InputError
from dispatch.plan.write import write_plan

SCENARIO = Path(__file__).parents[2] / "scripts/scenarios/datong-motorway-cut.yaml"


@pytest.fixture
def folder(tmp_path):
    """Write a plan beside its own scenario, which has closures."""
    text = SCENARIO.read_bytes()
    plan = handmade.make_plan()
    inputs = (("scenario.yaml", sha256(text).hexdigest()),)
    plan = replace(plan, provenance=replace(plan.provenance, inputs=inputs))
    write_plan(plan, tmp_path)
    (tmp_path / "scenario.yaml").write_bytes(text)
    return tmp_path


def run(*words):
    return CliRunner().invoke(app, ["map", *map(str, words)])


def test_the_map_lies_beside_the_plan_with_its_closures(folder):
    assert run(folder).exit_code == 0
    page = (folder / "map.html").read_text(encoding="utf-8")
    assert 'data-layer="closures"' in page
    assert 'data-layer="before"' not in page


def test_a_scenario_that_is_not_the_plan_s_own_is_not_drawn(folder):
    with (folder / "scenario.yaml").open("a") as file:
        file.write("# another\n")
    assert run(folder / "plan.json", "--out", folder / "m/new.html", "--lang", "en").exit_code == 0
    page = (folder / "m/new.html").read_text(encoding="utf-8")
    assert 'data-layer="closures"' not in page
    assert '<html lang="en">' in page


def test_the_plan_before_is_drawn_below(folder, tmp_path_factory):
    old = tmp_path_factory.mktemp("old")
    plan = handmade.make_plan()
    write_plan(replace(plan, orders=plan.orders[:3]), old)
    (folder / "scenario.yaml").unlink()
    assert run(folder, "--before", old).exit_code == 0
    assert 'data-layer="before"' in (folder / "map.html").read_text(encoding="utf-8")


def test_what_is_wrong_is_refused_and_nothing_written(folder):
    assert run(folder, "--lang", "fr").exit_code == 2
    result = run(folder, "--out", folder)
    assert isinstance(result.exception, InputError)
    (folder / "plan.json").write_text("{")
    result = run(folder)
    assert isinstance(result.exception, InputError)
    assert not (folder / "map.html").exists()
