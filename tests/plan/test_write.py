"""Folders that appear whole or not at all, and cells that stay text."""

from __future__ import annotations

import csv

import geopandas as gpd
import pytest
from little import registry, scenario

from dispatch.errors import InputError
from dispatch.plan import make_plan
from dispatch.plan.write import as_text, staged_folder, write_plan

PUMPING = "capability: pumping, quantity: 200, minimum: 100, target_min: 100, latest_min: 240"


def test_a_failed_run_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), staged_folder(tmp_path / "deep" / "out") as folder:
        (folder / "plan.json").write_text("half")
        raise RuntimeError
    assert not (tmp_path / "deep" / "out").exists()
    assert not list((tmp_path / "deep").iterdir())


def test_a_failed_run_keeps_the_earlier_plan(tmp_path):
    with staged_folder(tmp_path / "out") as folder:
        (folder / "plan.json").write_text("first")
    with pytest.raises(RuntimeError), staged_folder(tmp_path / "out") as folder:
        (folder / "plan.json").write_text("second")
        raise RuntimeError
    assert (tmp_path / "out" / "plan.json").read_text() == "first"


def test_a_new_plan_takes_the_place_of_the_old(tmp_path):
    for text in ("first", "second"):
        with staged_folder(tmp_path / "out") as folder:
            (folder / "plan.json").write_text(text)
    assert (tmp_path / "out" / "plan.json").read_text() == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_holds_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(InputError, match=tmp_path.name), staged_folder(tmp_path):
        pass
    assert (tmp_path / "thesis.doc").is_file()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_becomes_a_formula(start):
    assert as_text(f"{start}1+1") == f"'{start}1+1"


def test_numbers_and_plain_text_stay():
    assert as_text(-5) == -5
    assert as_text("太原") == "太原"


def test_assignments_and_layers(tmp_path):
    teams = registry().teams
    teams.loc["far", "name"] = "=HYPERLINK(1)"
    plan = make_plan(registry(teams__teams=teams), scenario(tmp_path, PUMPING), workers=1)
    with staged_folder(tmp_path / "out") as folder:
        write_plan(plan, folder)
    with (tmp_path / "out" / "assignments.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {row["team_name"] for row in rows} <= {"'=HYPERLINK(1)", "中队"}
    assert {row["arrive"][:10] for row in rows} == {"2026-03-01"}
    legs = gpd.read_file(tmp_path / "out" / "plan.gpkg", layer="legs")
    assert set(legs["team_id"]) == {order.team_id for order in plan.orders}
    assert legs.crs.to_epsg() == 4326
    assert len(gpd.read_file(tmp_path / "out" / "plan.gpkg", layer="incidents")) == 1
