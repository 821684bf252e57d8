"""The dispatch benchmark draws what it says and tells what was measured, tried on a few teams."""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import dispatch
from benchmarks.dispatch import Figures, keys, measure, run_nearest, run_ours, run_plain, text
from benchmarks.dispatch_case import SCARCITY, case
from dispatch.optimise.check import check, evaluate
from dispatch.optimise.nearest import nearest_first
from dispatch.optimise.problem import STAGES
from dispatch.optimise.validate import validate

SIZE = "12x6"


@pytest.fixture(scope="module")
def figures() -> Figures:
    ways = (run_ours, run_nearest, run_plain)
    return Figures(SIZE, 1, *(way(SIZE, 1, 10.0, 1) for way in ways))


@pytest.mark.parametrize(("teams", "demands"), [(5, 2), (40, 20)])
def test_a_case_is_a_sound_problem_with_too_little_for_all(teams: int, demands: int) -> None:
    problem = case(teams, demands, 1)
    validate(problem)
    assert (len(problem.team_id), len(problem.demand_id)) == (teams, demands)
    gives: dict[str, int] = defaultdict(int)
    wants: dict[str, int] = defaultdict(int)
    for name, units in zip(
        problem.module_capability, problem.module_units * problem.module_quantity, strict=True
    ):
        gives[name] += int(units)
    for name, quantity in zip(problem.demand_capability, problem.demand_quantity, strict=True):
        wants[name] += int(quantity)
    for name, quantity in wants.items():
        assert quantity == pytest.approx(SCARCITY * gives[name], rel=0.1, abs=demands), name


def test_a_seed_is_a_case() -> None:
    one, same, other = case(12, 6, 1), case(12, 6, 1), case(12, 6, 2)
    assert np.array_equal(one.option_arrival_s, same.option_arrival_s)
    assert not np.array_equal(one.demand_quantity, other.demand_quantity)


def test_the_optimum_is_proved_and_no_worse_than_the_others(figures: Figures) -> None:
    ours, plain, nearest = figures.ours, figures.plain, figures.nearest
    assert set(ours.gap.values()) == {0.0}
    assert ours.value == plain.value
    assert ours.value["met_by_target"] >= nearest.value["met_by_target"]
    assert ours.first_plan_s <= ours.close_s <= ours.total_s
    assert figures.kept


def test_what_is_saved_is_counted_by_the_checker(figures: Figures) -> None:
    problem = case(12, 6, 1)
    plan = nearest_first(problem)
    assert not check(problem, plan)
    assert figures.nearest.value == evaluate(problem, plan)
    credit = [0] * len(problem.demand_id)
    for service in plan.services:
        credit[service.demand] += service.quantity
    lacking = [int(q) - c for q, c in zip(problem.demand_quantity, credit, strict=True)]
    assert figures.nearest.unmet == sum(lacking)
    assert figures.unmet_saved == sum(lacking) - figures.ours.unmet
    twice = replace(figures, ours=replace(figures.ours, wait=figures.nearest.wait // 2))
    assert twice.minutes_saved_pct == pytest.approx(50, abs=0.01)


def test_a_limit_that_is_not_kept_is_told(figures: Figures) -> None:
    for changed in (
        {"total_s": 70.0},
        {"peak_rss_mb": 3000.0},
        {"gap": {**figures.ours.gap, "met_by_target": 0.011}},
        {"gap": {**figures.ours.gap, "arrival": 0.031}},
    ):
        assert not replace(figures, ours=replace(figures.ours, **changed)).kept


def test_json_and_tables(figures: Figures) -> None:
    never = replace(figures, ours=replace(figures.ours, close_s=float("inf")))
    told = json.loads(json.dumps(keys([never]), allow_nan=False))
    assert set(told) == {SIZE}
    assert {
        "first_plan_s",
        "total_s",
        "gap_stage1",
        "gap_stage3",
        "peak_rss_mb",
        "minutes_saved_pct",
        "unmet_saved",
    } <= set(told[SIZE])
    assert told[SIZE]["close_s"] is None
    assert told[SIZE]["gap_stage1"] == 0
    table = text([never])
    assert "| 12 × 6 | nearest first |" in table
    assert "never" in table
    assert all(f"gap `{name}`" in table for name, _sense in STAGES)


def test_a_plain_model_without_time_falls_back_to_nearest_first() -> None:
    plain, nearest = run_plain("60x20", 1, 0.0, 1), run_nearest("60x20", 1, 0.0, 1)
    assert plain.value["met_by_target"] >= nearest.value["met_by_target"] or (
        plain.value == nearest.value
    )


def test_a_size_is_teams_and_demands() -> None:
    assert dispatch._size("20x10") == "20x10"
    for wrong in ("20", "x10", "20x", "0x5", "20x-1", "ax5"):
        with pytest.raises(argparse.ArgumentTypeError, match="2000x500"):
            dispatch._size(wrong)


def test_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"
    command = ["dispatch", "--size", "5x2", "--json", str(file), "--seconds", "5", "--workers", "1"]
    monkeypatch.setattr(sys, "argv", command)
    dispatch.main()
    assert list(json.loads(file.read_text())) == ["5x2"]
    assert "| 5 × 2 | search |" in capsys.readouterr().out
    wrong = replace(measure("5x2", 1, 5.0, 1))
    monkeypatch.setattr(
        dispatch, "measure", lambda *_: replace(wrong, ours=replace(wrong.ours, total_s=99.0))
    )
    with pytest.raises(SystemExit, match="limits"):
        dispatch.main()
