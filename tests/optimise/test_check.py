"""The checker: a good plan passes; broken in any one way it is refused by name.

The province, its plan and all figures stand in ``small.py``, the ways to break
it in ``mutants.py``.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from mutants import MUTANTS, PLAN, REPORTS, Mutant, sent, served, staged, unlike
from small import (
    BEST,
    DIG,
    DRAIN,
    EAST_FLOOD,
    HOME_FLOOD,
    WEST_NIGHT,
    WEST_QUAKE,
    WEST_SEEKERS,
    little_province,
    random_problem,
    rank,
    values,
)

from dispatch.errors import InvalidPlanError
from dispatch.optimise import check as checker
from dispatch.optimise.assign import solve
from dispatch.optimise.check import check, ensure, evaluate, infeasibilities
from dispatch.optimise.problem import DispatchSolution, Service, StageResult

sys.path.append(str(Path(__file__).parents[1]))
from messages import said, sentences
from mutations import mutations


def test_accepts_the_best_plan() -> None:
    assert check(little_province(), PLAN) == ()
    ensure(little_province(), PLAN)


def test_evaluates_every_stage_as_by_hand() -> None:
    assert evaluate(little_province(), PLAN) == BEST


def test_accepts_a_plan_that_sends_nobody() -> None:
    stay = DispatchSolution((), (), ())
    value = evaluate(little_province(), stay)
    assert value == {"met_by_target": 0, "met": 0, "arrival": 0, "floors": 0, "cost": 0}
    stages = tuple(replace(stage, value=0, bound=0) for stage in PLAN.stages)
    assert check(little_province(), replace(stay, stages=stages)) == ()


def test_accepts_a_gap_that_is_admitted() -> None:
    assert check(little_province(), staged("met", bound=900_000, termination="time_limit")) == ()
    assert check(little_province(), staged("cost", bound=0, termination="heuristic")) == ()


def test_gap_is_relative_to_the_value() -> None:
    assert StageResult("met", "max", 200, 250, "time_limit").gap == 0.25
    assert StageResult("cost", "min", 200, 150, "time_limit").gap == 0.25
    assert StageResult("floors", "min", 0, 0, "optimal").gap == 0
    assert StageResult("met", "max", 0, 300, "heuristic").gap == 300


def test_arrival_at_the_very_target_and_latest_counts() -> None:
    problem = little_province()
    target_s, latest_s = problem.demand_target_s.copy(), problem.demand_latest_s.copy()
    target_s[DRAIN], latest_s[DIG] = 500, 1000
    problem = replace(problem, demand_target_s=target_s, demand_latest_s=latest_s)
    assert check(problem, PLAN) == ()


def test_one_second_after_the_latest_time_is_too_late() -> None:
    problem = little_province()
    latest_s = problem.demand_latest_s.copy()
    latest_s[DIG] = 999
    assert check(replace(problem, demand_latest_s=latest_s), PLAN) == (
        "Team west arrives 1 s too late for demand dig.",
    )


def test_one_second_after_the_target_no_longer_counts_in_the_first_stage() -> None:
    problem = little_province()
    target_s = problem.demand_target_s.copy()
    target_s[DRAIN] = 499
    value = evaluate(replace(problem, demand_target_s=target_s), PLAN)
    assert value == {**BEST, "met_by_target": 200_000}


def test_floor_without_enough_teams_is_missing_from_the_start() -> None:
    problem = replace(little_province(), floor_quantity=np.array([5], dtype=np.int64))
    assert evaluate(problem, DispatchSolution((), (), ()))["floors"] == 3
    assert evaluate(problem, PLAN)["floors"] == 5


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS.keys())
def test_a_good_plan_broken_in_one_way_is_refused_for_that(mutant: Mutant) -> None:
    assert check(mutant.good_problem, mutant.good_plan) == ()
    assert check(mutant.problem, mutant.plan) == (mutant.message,)


@pytest.mark.parametrize("name", [name for name in MUTANTS if name not in REPORTS])
def test_a_plan_is_infeasible_whatever_it_reports(name: str) -> None:
    mutant = MUTANTS[name]
    untold = replace(mutant.plan, stages=())
    assert infeasibilities(mutant.problem, untold) == (mutant.message,)


@pytest.mark.parametrize("name", REPORTS.keys())
def test_a_false_report_makes_no_plan_infeasible(name: str) -> None:
    assert infeasibilities(REPORTS[name].problem, REPORTS[name].plan) == ()


def test_each_mutant_is_one_thing_changed() -> None:
    """New teams bring their members and a place in a floor, new floors all of their columns."""
    for name, mutant in MUTANTS.items():
        changed = unlike(mutant)
        alike = {column.split("_")[0] for column in changed} - {"personnel"}
        assert len(changed) == 1 or alike <= {"team", "floor"} or alike == {"use"}, (name, changed)


def test_every_sentence_of_the_checker_is_said_of_a_mutant() -> None:
    assert {said(checker, mutant.message) for mutant in MUTANTS.values()} == sentences(checker)


def test_several_broken_rules_are_all_told() -> None:
    repeated = sent(EAST_FLOOD, EAST_FLOOD, WEST_QUAKE, HOME_FLOOD)
    assert check(little_province(), repeated) == (
        "Options are repeated or out of order.",
        "Team east is sent 2 times.",
    )


def test_ensure_raises_with_every_violation() -> None:
    plan = replace(
        served(Service(WEST_SEEKERS, DIG, 1, 4)), options=(EAST_FLOOD, WEST_NIGHT, HOME_FLOOD)
    )
    with pytest.raises(InvalidPlanError) as refused:
        ensure(little_province(), plan)
    assert refused.value.violations == (
        "Team west arrives 100 s too late for demand dig.",
        "Demand dig is credited with 4, not 5 to 10.",
    )


@pytest.mark.parametrize("seed", range(20))
def test_no_single_change_to_a_solved_plan_passes(seed: int) -> None:
    """Credit one more or less, drop one service or one option: all are seen."""
    problem = random_problem(seed)
    plan = solve(problem, workers=1)
    assert check(problem, plan) == ()
    for row, service in enumerate(plan.services):
        before, after = plan.services[:row], plan.services[row + 1 :]
        for step in (-1, 1):
            changed = replace(service, quantity=service.quantity + step)
            assert check(problem, replace(plan, services=(*before, changed, *after)))
        assert check(problem, replace(plan, services=before + after))
    for row in range(len(plan.options)):
        options = plan.options[:row] + plan.options[row + 1 :]
        assert check(problem, replace(plan, options=options))


def test_no_rule_of_the_checker_can_be_loosened_unseen() -> None:
    """Each operator, number and sentence of its code is changed once: some mutant tells."""
    assert [told for told, changed in mutations(checker) if not _noticed(changed)] == []


def _noticed(changed: ModuleType) -> bool:
    """Whether some mutant is judged otherwise than it should be."""
    try:
        return any(
            changed.check(mutant.problem, mutant.plan) != (mutant.message,)
            or changed.check(mutant.good_problem, mutant.good_plan) != ()
            for mutant in MUTANTS.values()
        )
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return True


@pytest.mark.parametrize(
    "name", [n for n, m in MUTANTS.items() if n not in REPORTS and m.plan is m.good_plan]
)
def test_the_solver_keeps_the_rule_that_the_good_plan_now_breaks(name: str) -> None:
    """With and without what was taken away there is a plan, and the best one loses by it."""
    mutant = MUTANTS[name]
    before, after = (solve(problem, workers=1) for problem in (mutant.good_problem, mutant.problem))
    assert values(before) == values(mutant.good_plan)
    assert check(mutant.problem, after) == ()
    assert rank(values(after)) > rank(values(before))
