"""What becomes of a plan when a solver runs out of time, fails, or returns what breaks rules.

Whatever happens the best plan made before stands: it goes through the checker, and
nothing is called proved of it that is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ortools.sat.python import cp_model
from scipy.optimize import OptimizeResult
from small import best_plan, crowded_problem, little_province, rank, values

from dispatch.errors import (
    Fault,
    InfeasibleError,
    InputError,
    InvalidPlanError,
    SolverTimeoutError,
)
from dispatch.optimise import assign, mip, search
from dispatch.optimise.check import check, infeasibilities
from dispatch.optimise.nearest import nearest_first, unproved
from dispatch.optimise.problem import STAGES, DispatchProblem, DispatchSolution

Patch = pytest.MonkeyPatch

WAYS: dict[str, dict[str, int]] = {
    "narrow": {},
    "wide": {"WIDE": 0},
    "very wide, stated whole": {"VERY_WIDE": 0},
    "very wide, searched only": {"VERY_WIDE": 0, "STATED": 0},
}
"""The ways of solving, forced upon small cases by their limits."""

GARBAGE = DispatchSolution((0, 1), (), ())
"""Two teams that come for nothing, or one team that goes twice."""


def fails(*_: object, **__: object) -> Any:
    raise RuntimeError("out of memory")


def finds_nothing(status: int) -> Callable[[Patch], None]:
    """Let both solvers end in a status without a plan, as they do out of time."""

    def patch(luck: Patch) -> None:
        luck.setattr(cp_model.CpSolver, "solve", lambda *_: status)
        result = OptimizeResult(x=None, fun=None, mip_dual_bound=None, status=1)
        for module in (mip, search):
            luck.setattr(module, "milp", lambda *_, **__: result)

    return patch


def raises(luck: Patch) -> None:
    luck.setattr(cp_model.CpSolver, "solve", fails)
    for module in (mip, search):
        luck.setattr(module, "milp", fails)


def no_work(luck: Patch) -> None:
    """Let CP-SAT itself run, but stop before its first plan; HiGHS finds nothing."""
    luck.setattr(assign, "WORK_PER_SECOND", 0.0)
    luck.setattr(assign, "optimise_stage", lambda *_: (None, None))
    luck.setattr(assign, "relaxed_bound", lambda *_: None)


BAD_LUCK: dict[str, Callable[[Patch], None]] = {
    "raises": raises,
    "unknown": finds_nothing(cp_model.UNKNOWN),
    "infeasible": finds_nothing(cp_model.INFEASIBLE),
    "model invalid": finds_nothing(cp_model.MODEL_INVALID),
}


def forced(luck: Patch, way: str) -> None:
    for name, value in WAYS[way].items():
        luck.setattr(assign, name, value)


def stands(problem: DispatchProblem, plan: DispatchSolution) -> None:
    """Check that a plan is sound, no worse than nearest-first, and not called proved."""
    assert check(problem, plan) == ()
    assert rank(values(plan)) <= rank(values(nearest_first(problem)))
    assert [stage.name for stage in plan.stages] == [name for name, _sense in STAGES]
    assert "optimal" not in {stage.termination for stage in plan.stages[:1]}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("luck", BAD_LUCK)
def test_without_a_solver_a_checked_plan_stands_unproved(
    way: str, luck: str, monkeypatch: Patch
) -> None:
    problem = crowded_problem(0)
    truth = values(assign.solve(problem, time_limit_s=5, workers=1))
    forced(monkeypatch, way)
    BAD_LUCK[luck](monkeypatch)
    plan = assign.solve(problem, workers=1)
    stands(problem, plan)
    assert plan.stages[0].bound >= truth["met_by_target"]
    if way in ("narrow", "wide"):
        assert plan == nearest_first(problem)
        assert {stage.termination for stage in plan.stages} == {"heuristic"}


@pytest.mark.parametrize("way", ["narrow", "wide"])
def test_work_that_runs_out_before_the_first_plan_leaves_the_nearest_first(
    way: str, monkeypatch: Patch
) -> None:
    """Here CP-SAT itself is asked, and really comes back with nothing."""
    problem = crowded_problem(0)
    no_work(monkeypatch)
    forced(monkeypatch, way)
    plan = assign.solve(problem, workers=1)
    assert plan == nearest_first(problem)
    assert {stage.termination for stage in plan.stages} == {"heuristic"}
    assert check(problem, plan) == ()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("time_limit_s", [-1.0, 0.0, 1e-6])
def test_no_time_leaves_a_checked_plan(way: str, time_limit_s: float, monkeypatch: Patch) -> None:
    forced(monkeypatch, way)
    problem = little_province()
    plan = assign.solve(problem, time_limit_s=time_limit_s, workers=1)
    assert check(problem, plan) == ()
    assert rank(values(plan)) <= rank(values(nearest_first(problem)))


@pytest.mark.parametrize("way", WAYS)
def test_a_plan_that_breaks_rules_is_never_returned(
    way: str, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    """Every solver claims that garbage is proved optimal."""
    problem = little_province()
    assert infeasibilities(problem, GARBAGE)
    forced(monkeypatch, way)
    monkeypatch.setattr(assign, "better", lambda _problem, _plan, _found: GARBAGE)
    monkeypatch.setattr(assign, "fill", lambda _problem, _plan: GARBAGE)
    plan = assign.solve(problem, workers=1)
    assert check(problem, plan) == ()
    assert {stage.termination for stage in plan.stages} == {"heuristic"}
    assert rank(values(plan)) <= rank(values(nearest_first(problem)))
    assert "breaks rules" in caplog.text


# A late failure does not take what was found before.


def worst() -> DispatchProblem:
    """Return a case in which the solver finds more than nearest-first does."""
    problem = crowded_problem(0)
    best = values(assign.solve(problem, time_limit_s=5, workers=1))
    assert best["met_by_target"] > values(nearest_first(problem))["met_by_target"]
    return problem


def from_call(number: int, function: Callable[..., Any], then: Callable[..., Any]) -> Any:
    """Return a function that does something else from its so many-th call on."""
    calls = 0

    def called(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        return (then if calls >= number else function)(*args, **kwargs)

    return called


@pytest.mark.parametrize("way", ["narrow", "wide"])
def test_a_failure_in_a_late_stage_keeps_the_plan_of_the_stages_before(
    way: str, monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    problem = worst()
    forced(monkeypatch, way)
    monkeypatch.setattr(assign, "hold", from_call(2, assign.hold, fails))
    told: list[DispatchSolution] = []
    plan = assign.solve(problem, time_limit_s=5, workers=1, tell=told.append)
    assert check(problem, plan) == ()
    assert plan == told[-1]
    assert values(plan)["met_by_target"] > values(nearest_first(problem))["met_by_target"]
    assert plan.stages[0].termination in ("optimal", "time_limit")
    assert {stage.termination for stage in plan.stages[2:]} == {"heuristic"}
    assert "out of memory" in caplog.text


def test_a_failure_after_the_search_of_a_very_wide_case_keeps_what_was_found(
    monkeypatch: Patch,
) -> None:
    problem = worst()
    forced(monkeypatch, "very wide, stated whole")
    monkeypatch.setattr(search, "VAIN", 2)
    monkeypatch.setattr(assign, "programme", fails)
    plan = assign.solve(problem, time_limit_s=5, workers=2)
    assert check(problem, plan) == ()
    assert values(plan)["met_by_target"] > values(nearest_first(problem))["met_by_target"]


def test_garbage_in_a_late_stage_keeps_the_last_sound_plan_but_none_of_its_proofs(
    monkeypatch: Patch,
) -> None:
    """A solver that returns garbage once is not believed in what it proved before."""
    problem = worst()
    garbage = from_call(2, assign.better, lambda *_: GARBAGE)
    monkeypatch.setattr(assign, "optimise_stage", lambda *_: (None, None))
    monkeypatch.setattr(assign, "better", garbage)
    plan = assign.solve(problem, time_limit_s=5, workers=1)
    assert check(problem, plan) == ()
    assert values(plan)["met_by_target"] > values(nearest_first(problem))["met_by_target"]
    assert plan == unproved(problem, plan)


def test_a_good_hint_outlives_a_failure(monkeypatch: Patch) -> None:
    raises(monkeypatch)
    problem = little_province()
    plan = assign.solve(problem, workers=1, hint=best_plan())
    assert plan == unproved(problem, best_plan())


# Own errors.


@pytest.mark.parametrize("error", [InvalidPlanError(["a rule is broken"]), None])
def test_faults_of_input_and_package_are_not_taken_for_those_of_a_solver(
    error: Exception | None, monkeypatch: Patch
) -> None:
    raised = error or InputError(Fault("a.csv", 1, None, None, "is wrong", "mend it"))

    def refuse(*_: object) -> Any:
        raise raised

    monkeypatch.setattr(assign, "candidates", refuse)
    with pytest.raises(type(raised)):
        assign.solve(little_province(), workers=1)


@pytest.mark.parametrize("error", [SolverTimeoutError("late"), InfeasibleError("none")])
def test_a_solver_that_gives_up_in_our_own_words_is_a_solver_that_fails(
    error: Exception, monkeypatch: Patch
) -> None:
    def give_up(*_: object, **__: object) -> Any:
        raise error

    monkeypatch.setattr(assign, "optimise", give_up)
    monkeypatch.setattr(assign, "optimise_stage", lambda *_: (None, None))
    problem = little_province()
    assert assign.solve(problem, workers=1) == nearest_first(problem)
