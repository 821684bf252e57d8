"""Sourcing plans: the two towns by hand, what is proved, what happens without time."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import ints
from sourcing_small import A_TO_Y, OFFER, SLOT_KG, M, X, Y, random_sourcing, two_towns

from dispatch.optimise import (
    sourcing_chain,
    sourcing_relax,
    sourcing_share,
    sourcing_solve,
    sourcing_whole,
)
from dispatch.optimise.sourcing import (
    SourcingProblem,
    SourcingSolution,
    claims,
    loads,
    points,
    present,
    slots,
    stages,
)
from dispatch.optimise.sourcing_check import check, evaluate, infeasibilities, stock_by_day
from dispatch.optimise.sourcing_model import flow
from dispatch.optimise.sourcing_nearest import nearest_first
from dispatch.optimise.sourcing_relax import Box
from dispatch.optimise.sourcing_solve import solve


def figures(problem: SourcingProblem, solution: SourcingSolution) -> dict[str, int]:
    """Return values, served and lateness in lots, where a lot of all needs is worth the same."""
    assert check(problem, solution) == ()
    worth = int(points(problem)[0])
    value = evaluate(problem, solution)
    return {**value, "served": value["served"] // worth, "lateness": value["lateness"] // worth}


def proved(solution: SourcingSolution) -> bool:
    return all(stage.termination == "optimal" and not stage.gap for stage in solution.stages)


def rank(problem: SourcingProblem, solution: SourcingSolution) -> list[int]:
    value = evaluate(problem, solution)
    return [value[n] if sense == "max" else -value[n] for n, sense in stages(problem)]


def test_two_towns_get_all_there_is() -> None:
    problem = two_towns()
    solution = solve(problem)
    assert figures(problem, solution) == {
        "worst_share_1": 100,
        "served": 12,
        "lateness": 5,
        "floors": 2,
        "cost": 435,
    }
    assert proved(solution)


def test_a_budget_leaves_one_lot_out_where_it_costs_least() -> None:
    """Two of three lots can be bought; seven of eleven are in time, whoever gets less.

    Y goes short, since a lot from A to Y costs 20 yuan more than one to X.
    """
    problem = two_towns(budget_yuan=200)
    solution = solve(problem)
    expected = {"worst_share_1": 83, "served": 11, "lateness": 4, "floors": 2, "cost": 320}
    assert figures(problem, solution) == expected
    assert proved(solution)


def test_fairness_comes_before_the_total() -> None:
    """Two slots for three days could bring X six lots; both towns get two instead.

    A lot to Y keeps a slot busy for three days, or for the last two.
    """
    problem = two_towns(
        lane_days=ints(0, 1, 0, 1),
        lane_away=ints(1, 3, 1, 1),
        fleet_kg=np.array([[2, 2, 2], [0, 0, 0]]) * SLOT_KG,
        source_bought=ints(0, 0, 0, 1),
        budget_yuan=0,
    )
    solution = solve(problem)
    value = figures(problem, solution)
    served = dict.fromkeys(range(2), 0)
    for serving in solution.servings:
        served[serving.need] += serving.lots
    assert served == {0: 2, 1: 2}
    assert value["served"] == 4
    assert nearest_total(problem) == 6


def nearest_total(problem: SourcingProblem) -> int:
    return sum(serving.lots for serving in nearest_first(problem).servings)


def test_greater_weight_is_served_first() -> None:
    problem = two_towns(need_weight=ints(1, 9), fleet_kg=np.array([[4] * 3, [0] * 3]) * SLOT_KG)
    solution = solve(problem)
    assert [name for name, _sense in stages(problem)[:2]] == ["worst_share_9", "worst_share_1"]
    at_y = sum(serving.lots for serving in solution.servings if serving.need == 1)
    assert at_y == 4
    assert check(problem, solution) == ()


def test_what_arrives_early_waits() -> None:
    problem = two_towns(need_due=ints(2, 2))
    solution = solve(problem)
    assert figures(problem, solution)["lateness"] == 0
    stock = stock_by_day(problem, solution)
    assert all(min(levels) >= 0 for levels in stock.values())


def test_nothing_wanted_and_nothing_there() -> None:
    none = np.zeros(0, np.int64)
    nothing = two_towns(
        **{f"need_{name}": none for name in ("site", "item", "lots", "weight", "due", "latest")},
        need_id=(),
    )
    solution = solve(nothing)
    assert (solution.shipments, solution.purchases, solution.servings) == ((), (), ())
    assert proved(solution)
    empty = two_towns(source_lots=ints(0, 0, 0, 0))
    assert figures(empty, solve(empty))["served"] == 0
    assert proved(solve(empty))


def test_portions_count_only_what_can_come_in_time() -> None:
    """With Y cut off, X alone claims: all of its six lots are fair."""
    cut = two_towns(need_site=ints(X, M), source_day=ints(0, 0, 1, 2))
    claim = claims(replace(cut, need_latest=ints(2, 1)))
    assert claim.portion.tolist() == [6, 0]
    assert claims(two_towns(source_lots=ints(3, 1, 1, 1))).portion.tolist() == [3, 3]


def test_slots_and_loads_round_against_us() -> None:
    problem = two_towns(item_kg=ints(501), item_litres=ints(10), fleet_kg=np.full((2, 3), 1999))
    assert loads(problem).tolist() == [2]
    assert slots(problem).tolist() == [[3] * 3, [3] * 3]
    assert loads(two_towns(item_litres=ints(4501))).tolist() == [4]


def test_present_follows_lanes_and_days() -> None:
    there = present(two_towns())
    assert there[0, Y].tolist() == [True, True, True]
    assert there[0, M].tolist() == [False, True, True]
    closed = two_towns(lane_opens=ints(2, 2, 2, 2))
    assert present(closed)[0, Y].tolist() == [False, False, True]
    assert closed.lane_days[A_TO_Y] == 1


@pytest.mark.parametrize("seconds", [0.0, 1e-4])
def test_without_time_the_simple_rule_stands_unproved(seconds: float) -> None:
    problem = two_towns()
    solution = solve(problem, time_limit_s=seconds)
    assert check(problem, solution) == ()
    assert rank(problem, solution) >= rank(problem, nearest_first(problem))
    assert not proved(solution)
    assert {stage.termination for stage in solution.stages} <= {"optimal", "heuristic"}


def test_a_solver_that_fails_leaves_the_simple_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sourcing_chain, sourcing_share):
        monkeypatch.setattr(module, "relax", lambda *_, **__: None)
    monkeypatch.setattr(sourcing_solve, "whole", lambda *_: None)
    problem = two_towns()
    solution = solve(problem)
    assert check(problem, solution) == ()
    assert rank(problem, solution) == rank(problem, nearest_first(problem))


def test_relaxation_that_finds_no_vertex_is_made_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both engines for whole plans prove the same as the relaxation alone."""
    monkeypatch.setattr(sourcing_solve._Search, "_is_whole", lambda *_: False)
    problem = two_towns(budget_yuan=250)
    by_cp_sat = solve(problem)
    monkeypatch.setattr(sourcing_whole, "WIDE", -1)
    by_highs = solve(problem)
    assert by_cp_sat.stages == by_highs.stages
    assert proved(by_highs)
    assert check(problem, by_highs) == ()


@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(1, 6))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_plans_are_feasible_repeatable_and_no_worse_than_the_rule(
    seed: int, days: int, most: int
) -> None:
    problem = random_sourcing(seed, days, most)
    solution, rule = solve(problem, workers=1), nearest_first(problem)
    assert check(problem, solution) == ()
    assert infeasibilities(problem, rule) == ()
    assert proved(solution)
    assert rank(problem, solution) >= rank(problem, rule)
    assert solve(problem, workers=1) == solution


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None, derandomize=True)
def test_whole_plans_by_highs_are_the_best_to_the_last_unit(seed: int) -> None:
    """Values and bounds are those of the other engine, whatever duals the relaxation has."""
    problem = random_sourcing(seed, 4, 6)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sourcing_solve._Search, "_is_whole", lambda *_: False)
        patch.setattr(sourcing_relax, "MANY", -1)  # duals amid the optima are no whole numbers
        by_cp_sat = solve(problem)
        patch.setattr(sourcing_whole, "WIDE", 0)
        by_highs = solve(problem)
    assert check(problem, by_highs) == ()
    assert proved(by_cp_sat)
    assert by_highs.stages == by_cp_sat.stages


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None, derandomize=True)
def test_more_of_anything_is_never_worse_in_total(seed: int) -> None:
    """More vehicles never serve less in the first stage."""
    problem = random_sourcing(seed, 3, 4)
    richer = replace(
        problem, fleet_kg=problem.fleet_kg + SLOT_KG * 2, fleet_litres=problem.fleet_litres + 3000
    )
    same = claims(problem).portion.tolist() == claims(richer).portion.tolist()
    poor, rich = solve(problem).stages[0], solve(richer).stages[0]
    assert not same or rich.value >= poor.value


def test_offer_is_bought_only_as_far_as_needed() -> None:
    problem = two_towns(source_lots=ints(6, 2, 1, 9))
    solution = solve(problem)
    assert [(p.source, p.lots) for p in solution.purchases] == [(OFFER, 3)]


@pytest.mark.parametrize(("again", "bound"), [(False, -1), (True, 0)])
def test_a_plan_outside_of_its_ring_is_the_best_only_once_the_ring_reaches_it(
    again: bool, bound: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cheapest plan is 5 yuan above its bound, the ring ends at 3: one at 4 may be outside."""
    model = flow(two_towns())
    box = Box(model.low, model.high, np.zeros_like(model.upper), model.upper)
    links = sourcing_chain.relaxed_chain(model, box, 0, time.monotonic() + 60.0)
    last, relaxed = links[-1], links[-1].relaxed
    assert relaxed is not None
    best = last.bound
    answers = [sourcing_whole.Found(np.rint(relaxed.x).astype(np.int64), best)]
    answers *= 2 if again else 1
    monkeypatch.setattr(sourcing_solve, "whole", lambda *_: answers.pop() if answers else None)
    effort = sourcing_whole.Effort(time.monotonic() + 60.0, 60.0, 0, 1)
    search = sourcing_solve._Search(model, effort)
    assert search._best_near(replace(last, bound=best - 5), sourcing_solve.NEAR[0]) is not None
    assert answers == []
    assert search.bound["cost"] == best + bound
    assert search.target["cost"] == best


def test_what_is_not_proved_is_no_worse_than_the_relaxation_rounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No whole plan is found, as on a slow machine: the rounded one beats the simple rule."""
    problem = two_towns()
    monkeypatch.setattr(sourcing_solve._Search, "_is_whole", lambda *_: False)
    monkeypatch.setattr(sourcing_solve, "whole", lambda *_: None)
    solution = solve(problem)
    assert check(problem, solution) == ()
    assert rank(problem, solution) > rank(problem, nearest_first(problem))
