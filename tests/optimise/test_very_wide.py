"""Prices, search and what becomes of failing solvers, tried on cases small enough to be solved.

Every limit is held against plans known to be best, every plan goes through the checker.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from ortools.sat.python import cp_model
from scipy.optimize import Bounds, LinearConstraint, milp
from small import (
    crowded_problem,
    little_province,
    one_on_one,
    random_problem,
    relaxed_best,
    values,
)

from benchmarks.dispatch_case import case
from dispatch.optimise import assign, search
from dispatch.optimise.candidates import candidates
from dispatch.optimise.canonical import canonical
from dispatch.optimise.check import check, evaluate, infeasibilities
from dispatch.optimise.nearest import nearest_first, unproved
from dispatch.optimise.prices import COARSE, FINE, priced
from dispatch.optimise.problem import STAGES, DispatchProblem, DispatchSolution
from dispatch.optimise.program import columns_of, plan_of, tight
from dispatch.optimise.relaxation import Limit, _best_first, limit, losses, relaxation
from dispatch.optimise.relaxation import values as worths
from dispatch.optimise.rounding import rounded
from dispatch.optimise.rules import enough
from dispatch.optimise.search import Effort, aim, better, lost_at, piece, pieces, settled
from dispatch.optimise.wide import best_whole, better_wide, bound_of, score


def worthwhile(first: int, count: int) -> list[tuple[int, DispatchProblem]]:
    """Return random problems, rows in canonical order, in which something can be done at all."""
    problems = ((seed, canonical(random_problem(seed))[0]) for seed in range(first, first + count))
    return [(seed, problem) for seed, problem in problems if len(candidates(problem).option)]


def crowded(seed: int) -> DispatchProblem:
    return canonical(crowded_problem(seed))[0]


def quiet(*_: object) -> None:
    """Hear of plans and say nothing."""


# --- the programme -----------------------------------------------------------------------


def test_the_tight_programme_has_the_optimum_of_the_plain_one() -> None:
    for seed, problem in worthwhile(0, 60):
        best = evaluate(problem, assign.solve(problem, workers=1))
        prog = tight(problem, candidates(problem))
        goal = prog.objectives["met_by_target"]
        found = milp(
            -goal,
            integrality=prog.whole.astype(int),
            bounds=Bounds(prog.lower, prog.upper),
            constraints=LinearConstraint(prog.rows, -np.inf, prog.most),
        )
        assert found.x is not None, seed
        assert found.fun is not None, seed
        plan = plan_of(prog, found.x)
        assert not infeasibilities(problem, plan), seed
        assert evaluate(problem, plan)["met_by_target"] == best["met_by_target"], seed
        assert round(-found.fun) == best["met_by_target"], seed


def test_a_plan_and_its_columns_tell_the_same() -> None:
    for seed, problem in [*worthwhile(0, 60), (0, crowded(0))]:
        plan = assign.solve(problem, time_limit_s=2, workers=1)
        prog = tight(problem, candidates(problem))
        x = columns_of(prog, plan)
        assert (prog.rows @ x <= prog.most + 1e-9).all(), seed
        assert ((prog.lower <= x) & (x <= prog.upper)).all(), seed
        value = evaluate(problem, plan)
        for name in ("met_by_target", "met", "arrival", "floors"):
            assert prog.objectives[name] @ x == value[name], (seed, name)
        assert values(unproved(problem, plan_of(prog, x)))["met"] == value["met"], seed


# --- prices ------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [(1, 0, 0), (0, 1, 0), (2, 1, 0), (9000, 9000, 1)])
def test_no_plan_exceeds_a_limit_at_whatever_prices(weights: tuple[float, float, float]) -> None:
    for seed, problem in [*worthwhile(0, 30), (0, crowded(0))]:
        arcs = candidates(problem)
        plans = [nearest_first(problem), assign.solve(problem, time_limit_s=2, workers=1)]
        whole = relaxation(problem, arcs, np.arange(len(arcs.option)))
        chance = np.random.default_rng(seed).random(len(problem.demand_id)) * 1e5
        limits = [limit(whole, weights, chance), priced(problem, arcs, weights)]
        assert limits[1].value <= limit(whole, weights, chance * 0).value
        for plan in plans:
            value = evaluate(problem, plan)
            reached = np.array([value["met_by_target"], value["met"], -value["arrival"]])
            assert all(np.dot(weights, reached) <= each.value * (1 + 1e-9) for each in limits)


def test_prices_prove_nearly_what_the_linear_relaxation_does() -> None:
    problem = canonical(case(60, 20, 1))[0]
    arcs = candidates(problem)
    prog = tight(problem, arcs)
    for weights in ((1.0, 0.0, 0.0), (20000.0, 20000.0, 1.0)):
        best = relaxed_best(prog, search.worth(prog, weights))
        assert priced(problem, arcs, weights).value == pytest.approx(best, rel=0.01)


def test_a_limit_bounds_the_stage_it_speaks_of() -> None:
    problem = one_on_one()
    rules, prices = enough(problem, candidates(problem)), np.zeros(1)
    first, second = Limit((2, 0, 0), 10.5, rules, prices), Limit((1, 2, 0), 20, rules, prices)
    third = Limit((3, 2, 1), 10, rules, prices)
    assert [first.bound(name, 4, 5) for name in ("met_by_target", "met", "arrival")] == [
        5,
        None,
        None,
    ]
    assert second.bound("met", 4, 5) == 8
    assert third.bound("arrival", 4, 5) == 12
    assert third.bound("arrival", 0, 0) == 0
    assert third.bound("floors", 4, 5) is None
    value = {"met_by_target": 4, "met": 5}
    assert bound_of([first, second, third], "arrival", value) == 12
    assert bound_of([first, Limit((1, 0, 0), 4, rules, prices)], "met_by_target", value) == 4
    assert bound_of([first], "cost", value) is None


def test_every_team_has_a_way_by_which_it_forgoes_nothing() -> None:
    problem = crowded(1)
    arcs = candidates(problem)
    whole = relaxation(problem, arcs, np.arange(len(arcs.option)))
    found = priced(problem, arcs, (1, 0, 0), None, COARSE)
    lost = losses(whole, worths(whole, found.weights, found.prices))
    assert (lost >= 0).all()
    assert (np.minimum.reduceat(lost, whole.first) == 0).all()


def test_prices_begun_elsewhere_prove_what_prices_begun_at_nothing_do() -> None:
    """Few ways matter at once where the first smoothing is slight; the others are let in."""
    problem = canonical(case(100, 30, 1))[0]
    arcs = candidates(problem)
    first = priced(problem, arcs, (20000.0, 20000.0, 1.0))
    for share in (0.3, 0.6, 1.5):
        weights = (20000.0 * share, 20000.0 * share, 1.0)
        cold, warm = (
            priced(problem, arcs, weights, start, heats)
            for start, heats in ((None, FINE), ((first.rules, first.prices * share), FINE[1:]))
        )
        assert warm.value == pytest.approx(cold.value, rel=2e-3), share


def test_candidates_are_ordered_by_group_and_best_first_in_each() -> None:
    rng = np.random.default_rng(0)
    key = np.sort(rng.integers(0, 40, 200))
    for ratio in (
        rng.random(200),
        np.zeros(200),
        1 + rng.random(200) * 1e-15,  # closer to each other than one sum with the group can tell
        rng.random(200) * 10.0 ** rng.integers(-20, 20, 200),
    ):
        order = _best_first(key, ratio)
        assert (np.sort(order) == np.arange(200)).all()
        assert (key[order] == key).all()
        assert (ratio[order] == ratio[np.lexsort((-ratio, key))]).all()


# --- search ------------------------------------------------------------------------------


def goal_of(problem: DispatchProblem) -> search.Aim:
    """Aim at the first stage, over all ways."""
    arcs = candidates(problem)
    found = priced(problem, arcs, (1, 0, 0), None, COARSE)
    whole = relaxation(problem, arcs, np.arange(len(arcs.option)))
    return aim(tight(problem, arcs), whole, found)


def test_pieces_share_no_incident_and_no_team() -> None:
    problem = canonical(case(120, 40, 1))[0]
    goal = goal_of(problem)
    x = settled(goal, nearest_first(problem))
    drawn = pieces(goal, x, np.random.default_rng(1), 3, 20)
    assert len(drawn) > 1
    for one in range(len(drawn)):
        for other in range(one):
            for owner in (goal.incident, goal.team):
                shared = np.intersect1d(owner[drawn[one]], owner[drawn[other]])
                assert set(shared.tolist()) <= {-1}
    again = pieces(goal, x, np.random.default_rng(1), 3, 20)
    assert all((a == b).all() for a, b in zip(drawn, again, strict=True))


def test_what_a_piece_does_not_name_stays() -> None:
    problem = canonical(case(60, 20, 1))[0]
    goal = goal_of(problem)
    x = settled(goal, nearest_first(problem))
    (free,) = pieces(goal, x, np.random.default_rng(0), 1, 10)
    new = piece(goal, x, free, 5.0)
    assert new is not None
    assert (new[~free] == x[~free]).all()
    assert goal.worth @ new >= goal.worth @ x - 1
    assert piece(goal, x, np.zeros_like(free), 5.0) is None


def test_a_piece_in_fractions_is_worth_no_less_than_in_whole_numbers() -> None:
    for seed in range(4):
        problem = crowded(seed)
        goal = goal_of(problem)
        x = settled(goal, nearest_first(problem))
        for free in pieces(goal, x, np.random.default_rng(seed), 3, 4):
            whole, parts = (piece(goal, x, free, 5.0, whole=each) for each in (True, False))
            assert whole is not None, seed
            assert parts is not None, seed
            assert (parts[~free] == x[~free]).all(), seed
            # a piece is good enough at a gap, and may fall short by it
            assert goal.worth @ parts >= (goal.worth @ whole) * (1 - 1e-9), seed
            assert goal.worth @ whole >= (goal.worth @ x) * (1 - search.CLOSE), seed


def test_pieces_grow_where_small_ones_gain_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = canonical(case(60, 20, 2))[0]
    goal = goal_of(problem)
    sizes: list[int] = []

    def drawn(*args: Any) -> list[Any]:
        sizes.append(args[-1])
        return pieces(*args)

    monkeypatch.setattr(search, "VAIN", 4)
    monkeypatch.setattr(search, "TEAMS", 5)
    monkeypatch.setattr(search, "pieces", drawn)
    start = settled(goal, nearest_first(problem))
    better(goal, start, Effort(time.monotonic() + 30, 0, 1), quiet)
    assert sizes[0] == 5
    assert sizes[-4:] == [min(5 + search.MORE * vain, 20) for vain in range(4)]


def test_the_search_betters_and_repeats_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "VAIN", 5)
    problem = canonical(case(60, 20, 2))[0]
    goal = goal_of(problem)
    start = settled(goal, nearest_first(problem))
    told: list[DispatchSolution] = []
    effort = Effort(time.monotonic() + 30, 0, 2)
    found = better(goal, start, effort, told.append)
    assert not infeasibilities(problem, plan_of(goal.prog, found))
    assert goal.worth @ found > goal.worth @ start
    assert told
    assert (lost_at(goal, found) >= 0).all()
    assert (better(goal, start, effort, quiet) == found).all()


def test_the_relaxation_is_rounded_to_a_plan() -> None:
    problem = crowded(3)
    goal = goal_of(problem)
    x = rounded(goal, time.monotonic() + 10)
    assert x is not None
    plan = plan_of(goal.prog, x)
    assert not infeasibilities(problem, plan)
    assert evaluate(problem, plan)["met_by_target"] > 0


def test_what_is_rounded_keeps_to_lifts_and_repeats_itself() -> None:
    for seed in range(8):
        goal = goal_of(crowded(seed))
        first, again = (rounded(goal, time.monotonic() + 10) for _ in range(2))
        assert first is not None, seed
        assert again is not None, seed
        assert (first == again).all(), seed
        assert (goal.prog.rows @ first <= goal.prog.most + 1e-5).all(), seed
        ways = first[: len(goal.prog.option)]
        assert (np.abs(ways - np.rint(ways)) < 1e-5).all(), seed


def test_rounding_leaves_little_of_the_limit_behind() -> None:
    problem = canonical(case(100, 30, 1))[0]
    goal = goal_of(problem)
    x = rounded(goal, time.monotonic() + 30)
    assert x is not None
    top = priced(problem, candidates(problem), (1, 0, 0)).value
    plan = plan_of(goal.prog, x)
    assert not infeasibilities(problem, plan)
    assert 0.8 * top < evaluate(problem, plan)["met_by_target"] <= top


@pytest.mark.parametrize("weights", [(1.0, 0.0, 0.0), (9000.0, 9000.0, 1.0)])
def test_branch_and_bound_on_the_whole_case_finds_and_proves_the_best(
    weights: tuple[float, float, float],
) -> None:
    for seed, problem in worthwhile(0, 60):
        found, proved = best_whole(problem, candidates(problem), weights, 10.0)
        assert found is not None, seed
        assert proved is not None, seed
        assert not infeasibilities(problem, found), seed
        reached = score(problem, found, weights)
        assert reached == pytest.approx(proved.value, rel=1e-6, abs=1e-3), seed
        for other in (nearest_first(problem), assign.solve(problem, workers=1)):
            assert score(problem, other, weights) <= proved.value, seed


def test_branch_and_bound_proves_more_than_prices() -> None:
    problem = canonical(case(60, 20, 1))[0]
    arcs = candidates(problem)
    weights = (20000.0, 20000.0, 1.0)
    found, proved = best_whole(problem, arcs, weights, 5.0)
    assert found is not None
    assert proved is not None
    assert score(problem, found, weights) <= proved.value
    assert proved.value < priced(problem, arcs, weights).value


# --- the whole way -----------------------------------------------------------------------


@pytest.mark.parametrize("stated", [True, False])
def test_very_wide_plans_are_checked_and_bounds_hold(
    stated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "VAIN", 2)
    for seed, problem in [*worthwhile(0, 25), (0, crowded(0))]:
        best = assign.solve(problem, time_limit_s=5, workers=1)
        with monkeypatch.context() as patch:
            patch.setattr(assign, "VERY_WIDE", 0)
            patch.setattr(assign, "STATED", 10**9 if stated else 0)
            told: list[DispatchSolution] = []
            plan = assign.solve(problem, time_limit_s=5, workers=2, tell=told.append)
        assert not check(problem, plan), seed
        assert len(told) > 1
        assert not any(check(problem, other) for other in told), seed
        top, known = plan.stages[0].bound, best.stages[0]
        assert top >= known.value, seed
        assert values(plan)["met_by_target"] >= values(nearest_first(problem))["met_by_target"]
        same = all(values(plan)[n] == values(best)[n] for n in ("met_by_target", "met"))
        assert not same or plan.stages[2].bound <= values(best)["arrival"], seed


def test_a_made_up_province_is_planned_close_to_its_bounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "VAIN", 5)
    problem = case(100, 40, 1)
    arcs = candidates(problem)
    assert len(arcs.option) <= assign.VERY_WIDE
    rows = canonical(problem)[0]
    plan, limits = better_wide(
        rows, candidates(rows), nearest_first(rows), Effort(time.monotonic() + 60, 0, 2), quiet
    )
    assert not infeasibilities(rows, plan)
    value = evaluate(rows, plan)
    top = bound_of(limits, "met_by_target", value)
    soon = bound_of(limits, "arrival", value)
    assert top is not None
    assert soon is not None
    assert value["met_by_target"] <= top <= 1.05 * value["met_by_target"]
    assert 0.8 * value["arrival"] <= soon <= value["arrival"]


def test_no_time_at_all_is_nearest_first_or_better(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assign, "VERY_WIDE", 0)
    problem = little_province()
    plan = assign.solve(problem, time_limit_s=1e-6, workers=1)
    assert not check(problem, plan)
    assert values(plan)["met_by_target"] >= values(nearest_first(problem))["met_by_target"]


# --- failing solvers ---------------------------------------------------------------------


def fails(*_: object, **__: object) -> Any:
    raise RuntimeError("out of memory")


def test_a_solver_that_fails_leaves_the_nearest_first_plan(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(assign, "optimise_stage", fails)
    problem = little_province()
    plan = assign.solve(problem, workers=1)
    assert plan == nearest_first(problem)
    assert not check(problem, plan)
    assert {stage.termination for stage in plan.stages} == {"heuristic"}
    assert "out of memory" in caplog.text


def test_a_model_that_is_invalid_leaves_the_nearest_first_plan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(assign, "optimise_stage", lambda *_: (None, None))
    monkeypatch.setattr(cp_model.CpSolver, "solve", lambda *_: cp_model.MODEL_INVALID)
    problem = little_province()
    plan = assign.solve(problem, workers=1)
    assert plan == nearest_first(problem)
    assert {stage.termination for stage in plan.stages} == {"heuristic"}


def test_a_plan_that_breaks_rules_never_leaves_the_solver(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = DispatchSolution((0, 1), (), ())
    monkeypatch.setattr(assign, "_improve", lambda *_: broken)
    problem = little_province()
    plan = assign.solve(problem, workers=1)
    assert plan == nearest_first(problem)
    assert "breaks rules" in caplog.text


def test_plans_are_told_on_the_way() -> None:
    told: list[DispatchSolution] = []
    problem = one_on_one()
    plan = assign.solve(problem, workers=1, tell=told.append)
    assert told[0] == nearest_first(problem)
    assert told[-1] == plan
    assert [len(other.stages) for other in told] == [len(STAGES)] * len(told)
