"""The way wide cases are solved, tried on small ones whose optimum is known."""

from __future__ import annotations

import pytest
from small import little_province, random_problem, rank, values

from dispatch.optimise import assign
from dispatch.optimise.candidates import candidates
from dispatch.optimise.check import check, evaluate, infeasibilities
from dispatch.optimise.mip import optimise_stage, programme, relaxed_bound
from dispatch.optimise.problem import STAGES, DispatchProblem


def worthwhile(first: int, count: int) -> list[tuple[int, DispatchProblem]]:
    """Return random problems in which something can be done at all."""
    problems = ((seed, random_problem(seed)) for seed in range(first, first + count))
    return [(seed, problem) for seed, problem in problems if len(candidates(problem).option)]


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_both_ways_reach_the_same_five_values(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed, problem in worthwhile(first, 20):
        narrow = assign.solve(problem, workers=1)
        monkeypatch.setattr(assign, "WIDE", 0)
        wide = assign.solve(problem, workers=1)
        monkeypatch.undo()
        assert not check(problem, wide), seed
        assert rank(values(wide)) == rank(values(narrow)), seed


def test_a_bound_is_never_on_the_wrong_side() -> None:
    for seed, problem in worthwhile(100, 40):
        best = evaluate(problem, assign.solve(problem, workers=1))
        prog = programme(problem, candidates(problem))
        found, proved = optimise_stage(prog, "met_by_target", "max", {}, 10.0)
        relaxed = relaxed_bound(prog, "met_by_target", "max", {}, 10.0)
        assert found is not None, seed
        assert not infeasibilities(problem, found), seed
        assert proved is not None, seed
        assert relaxed is not None, seed
        assert best["met_by_target"] <= proved <= relaxed, seed
        held = {"met_by_target": ("max", best["met_by_target"]), "met": ("max", best["met"])}
        arrival = relaxed_bound(prog, "arrival", "min", held, 10.0)
        assert arrival is not None, seed
        assert arrival <= best["arrival"], seed


def test_no_time_still_gives_a_checked_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assign, "WIDE", 0)
    problem = little_province()
    plan = assign.solve(problem, time_limit_s=1e-3, workers=1)
    assert not check(problem, plan)
    assert [stage.name for stage in plan.stages] == [name for name, _sense in STAGES]


def test_no_time_for_the_narrow_way_either() -> None:
    problem = little_province()
    plan = assign.solve(problem, time_limit_s=1e-6, workers=1)
    assert not check(problem, plan)
    assert {stage.termination for stage in plan.stages} <= {"heuristic", "time_limit", "optimal"}


def test_a_hint_is_taken_or_left() -> None:
    problem = little_province()
    best = assign.solve(problem, workers=1)
    again = assign.solve(problem, workers=1, hint=best)
    assert rank(values(again)) == rank(values(best))


def test_the_order_of_rows_does_not_matter() -> None:
    """Teams, modules and options turned round, everything else as it was."""
    from dataclasses import replace

    problem = little_province()
    teams = len(problem.team_id)
    turned = replace(
        problem,
        team_id=problem.team_id[::-1],
        personnel=problem.personnel[::-1],
        module_team=(teams - 1 - problem.module_team)[::-1],
        module_capability=problem.module_capability[::-1],
        module_units=problem.module_units[::-1],
        module_quantity=problem.module_quantity[::-1],
        module_members=problem.module_members[::-1],
        option_team=(teams - 1 - problem.option_team)[::-1],
        option_incident=problem.option_incident[::-1],
        option_arrival_s=problem.option_arrival_s[::-1],
        option_cost_yuan=problem.option_cost_yuan[::-1],
        floor_teams=tuple(teams - 1 - members for members in problem.floor_teams),
    )
    plans = [(p, assign.solve(p, workers=1)) for p in (problem, turned)]
    sent = [
        {(p.team_id[p.option_team[o]], int(p.option_arrival_s[o])) for o in plan.options}
        for p, plan in plans
    ]
    assert sent[0] == sent[1]
    assert values(plans[0][1]) == values(plans[1][1])
