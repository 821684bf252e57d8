"""The checker of sourcing plans accepts a good plan and refuses it broken in any one way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from small import ints
from sourcing_small import (
    A_TO_X,
    B_TO_Y,
    M_TO_B,
    OFFER,
    A,
    B,
    M,
    X,
    Y,
    by_hand,
    two_towns,
)

from dispatch.errors import InvalidPlanError
from dispatch.optimise.problem import StageResult
from dispatch.optimise.sourcing import (
    Purchase,
    Serving,
    Shipment,
    SourcingProblem,
    SourcingSolution,
    points,
    stages,
)
from dispatch.optimise.sourcing_check import (
    check,
    cost_yuan,
    ensure,
    ensure_feasible,
    evaluate,
    infeasibilities,
    stock_by_day,
)

Plan = SourcingSolution


def with_stages(problem: SourcingProblem, plan: Plan) -> Plan:
    value = evaluate(problem, plan)
    results = [StageResult(n, s, value[n], value[n], "optimal") for n, s in stages(problem)]
    return replace(plan, stages=tuple(results))


def test_the_plan_by_hand_is_accepted_and_counted() -> None:
    problem = two_towns()
    plan = with_stages(problem, by_hand())
    assert check(problem, plan) == ()
    ensure(problem, plan)
    worth = int(points(problem)[0])
    assert evaluate(problem, plan) == {
        "worst_share_1": 100,
        "served": 12 * worth,
        "lateness": 5 * worth,
        "floors": 2,
        "cost": 435,
    }
    assert cost_yuan(problem, plan) == 435
    assert stock_by_day(problem, plan) == {
        (A, 0): [2, 0, 0],
        (B, 0): [2, 0, 0],
        (X, 0): [0, 0, 0],
        (Y, 0): [0, 0, 0],
        (M, 0): [0, 0, 0],
    }


def ship(*rows: Shipment) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, shipments=rows)


def buy(*rows: Purchase) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, purchases=rows)


def serve(*rows: Serving) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, servings=rows)


SHIPMENTS, SERVINGS = by_hand().shipments, by_hand().servings

BROKEN: dict[str, tuple[Callable[[Plan], Plan], dict[str, object], str]] = {
    "lane": (ship(*SHIPMENTS, Shipment(9, 0, 0, 1)), {}, "There is no lane 9"),
    "item": (ship(Shipment(0, 1, 0, 1)), {}, "There is no item 1"),
    "day": (ship(Shipment(0, 0, 3, 1)), {}, "There is no day 3"),
    "source": (buy(Purchase(-1, 1)), {}, "There is no source -1"),
    "need": (serve(Serving(2, 0, 1)), {}, "There is no need 2"),
    "served on no day": (serve(Serving(0, -1, 1)), {}, "There is no day -1"),
    "twice": (ship(SHIPMENTS[0], *SHIPMENTS), {}, "Shipments are repeated"),
    "order": (serve(*reversed(SERVINGS)), {}, "Servings are repeated or out of order"),
    "nothing": (buy(Purchase(OFFER, 0)), {}, "moves no lot"),
    "closed": (lambda p: p, {"lane_opens": ints(1, 0, 0, 0)}, "Lane A → X is closed on day 0"),
    "closed again": (lambda p: p, {"lane_closes": ints(0, 2, 2, 2)}, "A → X is closed on day 1"),
    "too late": (
        ship(*SHIPMENTS[:4], Shipment(M_TO_B, 0, 2, 3)),
        {},
        "M → B of day 2 arrives after the last day",
    ),
    "kg": (
        ship(Shipment(A_TO_X, 0, 0, 6), *SHIPMENTS[2:]),
        {},
        "Fleet a carries 3000 kg on day 0; it can carry 2000",
    ),
    "litres": (lambda p: p, {"fleet_litres": np.full((2, 3), 3999)}, "carries 4000 l on day 0"),
    "slots": (lambda p: p, {"item_litres": ints(1501)}, "carries 8 slots on day 0"),
    "away": (
        lambda p: p,
        {"lane_away": ints(2, 1, 1, 1)},
        "Fleet a carries 3000 kg on day 1; it can carry 2000",
    ),
    "not sold": (buy(Purchase(0, 1), Purchase(OFFER, 3)), {}, "A's stock is not for sale"),
    "too many": (buy(Purchase(OFFER, 4)), {}, "Too many lots are bought of M's offer: 4; it has 3"),
    "budget": (lambda p: p, {"budget_yuan": 299}, "300 yuan are spent; the budget is 299"),
    "early": (lambda p: p, {"need_due": ints(0, 2)}, "Y water is served on day 1, not from 2 to 2"),
    "late": (lambda p: p, {"need_latest": ints(0, 2)}, "X water is served on day 1, not from 0"),
    "more": (
        lambda p: p,
        {"need_lots": ints(5, 6)},
        "X water is served with too many lots: 6; it",
    ),
    "unbought": (buy(Purchase(OFFER, 2)), {}, "At M lots of water are missing on day 1: 1"),
    "not sent": (ship(*SHIPMENTS[:4]), {}, "At B lots of water are missing on day 2: 3"),
    "not there yet": (lambda p: p, {"source_day": ints(0, 0, 2, 1)}, "At B lots of water"),
    "sent early": (
        ship(*SHIPMENTS[:2], Shipment(B_TO_Y, 0, 0, 3), *SHIPMENTS[3:]),
        {},
        "At B lots of water are missing on day 0: 1",
    ),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_plan_with_one_rule_broken_is_refused(name: str) -> None:
    change, rules, sentence = BROKEN[name]
    problem, plan = two_towns(**rules), change(by_hand())
    found = infeasibilities(problem, plan)
    assert any(sentence in one for one in found), found
    assert check(problem, plan) == found
    with pytest.raises(InvalidPlanError):
        ensure_feasible(problem, plan)
    with pytest.raises(InvalidPlanError):
        ensure(problem, plan)


WRONG_STAGES: dict[str, tuple[dict[str, object], str]] = {
    "value": ({"value": 434, "bound": 434}, "Stage cost reports 434; it is 435"),
    "bound": ({"bound": 436}, "Stage cost reports 435, better than its bound 436"),
    "optimal": ({"bound": 400}, "Stage cost is called optimal at 435, bound 400"),
    "unknown": ({"termination": "luck"}, "Stage cost ended in an unknown way"),
    "name": ({"name": "price"}, "The stages are not those of the problem"),
}


@pytest.mark.parametrize("name", sorted(WRONG_STAGES))
def test_a_stage_that_tells_untruth_is_refused(name: str) -> None:
    changes, sentence = WRONG_STAGES[name]
    problem = two_towns()
    plan = with_stages(problem, by_hand())
    last = replace(plan.stages[-1], **changes)  # type: ignore[arg-type]
    wrong = replace(plan, stages=(*plan.stages[:-1], last))
    assert any(sentence in one for one in check(problem, wrong))
    assert infeasibilities(problem, wrong) == ()


def test_a_greater_value_than_the_bound_is_refused_where_more_is_better() -> None:
    problem = two_towns()
    plan = with_stages(problem, by_hand())
    first = replace(plan.stages[0], bound=99, termination="time_limit")
    found = check(problem, replace(plan, stages=(first, *plan.stages[1:])))
    assert found == ("Stage worst_share_1 reports 100, better than its bound 99.",)
