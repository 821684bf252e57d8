"""A plan in the little province when the solver has bad luck: it is made, checked, and honest."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from little import registry, scenario
from ortools.sat.python import cp_model

from dispatch.errors import InvalidPlanError
from dispatch.optimise import assign, conflict
from dispatch.optimise.check import check
from dispatch.optimise.nearest import nearest_first
from dispatch.plan import build, make_plan
from dispatch.plan.write import plan_text

PUMPING = "capability: pumping, quantity: 200, minimum: 100, target_min: 100, latest_min: 240"
SEARCH = "capability: search_rescue, quantity: 20, minimum: 1, target_min: 30, latest_min: 120"


def fails(*_, **__):
    raise RuntimeError("out of memory")


@pytest.fixture
def solved(monkeypatch):
    """Gather the problems that are solved with their solutions, each checked."""
    found = []

    def solve(problem, **options):
        solution = assign.solve(problem, **options)
        assert check(problem, solution) == ()
        found.append((problem, solution))
        return solution

    monkeypatch.setattr(build, "solve", solve)
    return found


def unlucky(monkeypatch, status):
    """Let every solver raise, or end in a status without a plan."""
    monkeypatch.setattr(cp_model.CpSolver, "solve", fails if status is None else lambda *_: status)
    none = fails if status is None else lambda *_: (None, None)
    monkeypatch.setattr(assign, "optimise_stage", none)


@pytest.mark.parametrize(
    "status", [None, cp_model.UNKNOWN, cp_model.INFEASIBLE, cp_model.MODEL_INVALID]
)
@pytest.mark.parametrize("very_wide", [False, True])
def test_the_nearest_first_plan_stands_and_says_so(
    tmp_path, monkeypatch, solved, status, very_wide
):
    if very_wide:
        monkeypatch.setattr(assign, "VERY_WIDE", 0)
        monkeypatch.setattr(assign, "better_wide", fails)
    unlucky(monkeypatch, status)
    plan = make_plan(registry(), scenario(tmp_path, PUMPING, SEARCH), workers=1)
    ((problem, solution),) = solved
    assert solution == nearest_first(problem)
    assert {order.team_id for order in plan.orders} == {
        problem.team_id[problem.option_team[option]] for option in solution.options
    }
    assert plan.orders
    assert {stage.termination for stage in plan.stages} == {"heuristic"}
    assert plan.provenance.solver == "nearest-first rule, not proved"
    assert json.loads(plan_text(plan))["provenance"]["solver"] == plan.provenance.solver


def test_a_plan_proved_by_the_solver_names_it(tmp_path, solved):
    plan = make_plan(registry(), scenario(tmp_path, PUMPING), workers=1)
    assert plan.provenance.solver.startswith("OR-Tools CP-SAT ")
    assert "not proved" not in plan.provenance.solver


def test_a_better_plan_without_proof_names_the_solver_and_that_nothing_is_proved(
    tmp_path, monkeypatch, solved
):
    """The solver's plan stands, but what it proved is not believed."""
    other = registry()
    monkeypatch.setattr(build, "nearest_first", lambda problem: build.DispatchSolution((), (), ()))
    unlucky(monkeypatch, cp_model.UNKNOWN)
    plan = make_plan(other, scenario(tmp_path, PUMPING), workers=1)
    assert plan.provenance.solver.startswith("OR-Tools CP-SAT ")
    assert plan.provenance.solver.endswith(", not proved")


def test_a_solver_that_fails_while_explaining_takes_no_plan_away(
    tmp_path, monkeypatch, solved, caplog
):
    """The plan is finished and checked by then; only the explanation is lost, and says so."""
    told = scenario(tmp_path, SEARCH)
    whole = make_plan(registry(), told, workers=1)
    monkeypatch.setattr(conflict, "reach", fails)
    plan = make_plan(registry(), told, workers=1)
    assert plan.orders == whole.orders
    assert plan.stages == whole.stages
    (state,) = plan.incidents[0].demands
    assert (state.met, state.unmet) == (16, 4)
    assert state.reasons
    assert state.explanation.proof == "open"
    assert (state.explanation.limits, state.explanation.remedies) == ((), ())
    assert not state.explanation.complete
    assert "solver failed" in state.explanation.text_en
    assert state.explanation.text_zh
    assert "out of memory" in caplog.text


def test_what_is_met_needs_no_explanation_even_then(tmp_path, monkeypatch, solved):
    monkeypatch.setattr(build, "explain_unmet", fails)
    plan = make_plan(registry(), scenario(tmp_path, PUMPING, SEARCH), workers=1)
    by_code = {state.capability: state for state in plan.incidents[0].demands}
    assert by_code["pumping"].explanation is None
    assert by_code["search_rescue"].explanation.proof == "open"


def test_a_failure_while_comparing_teams_takes_no_plan_away(tmp_path, monkeypatch, solved, caplog):
    told = scenario(tmp_path, PUMPING)
    whole = make_plan(registry(), told, workers=1)
    assert whole.incidents[0].demands[0].choices
    monkeypatch.setattr(build, "why_this_team", fails)
    plan = make_plan(registry(), told, workers=1)
    assert plan.orders == whole.orders
    assert plan.incidents[0].demands[0].choices == ()
    assert asdict(plan.provenance) == asdict(whole.provenance)
    assert "out of memory" in caplog.text


@pytest.mark.parametrize("name", ["explain_unmet", "why_this_team"])
def test_what_the_checker_refuses_is_a_fault_of_ours_and_is_not_hidden(tmp_path, monkeypatch, name):
    def refused(*_, **__):
        raise InvalidPlanError(["a remedy breaks a rule"])

    monkeypatch.setattr(build, name, refused)
    with pytest.raises(InvalidPlanError, match="remedy"):
        make_plan(registry(), scenario(tmp_path, SEARCH), workers=1)
