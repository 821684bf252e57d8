"""Rounding a relaxation: the plan keeps all rules, and what whole lots can't keep costs least."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from small import ints
from sourcing_small import random_sourcing, two_towns

from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing import SourcingProblem, stages
from dispatch.optimise.sourcing_chain import relaxed_chain
from dispatch.optimise.sourcing_check import evaluate, infeasibilities
from dispatch.optimise.sourcing_model import flow, read
from dispatch.optimise.sourcing_relax import Box
from dispatch.optimise.sourcing_round import repaired, rounded
from dispatch.optimise.sourcing_solve import solve


def rounded_values(problem: SourcingProblem) -> tuple[dict[str, int], dict[str, int]]:
    """Return the values of the rounded plan, which keeps all rules, and the bounds."""
    model, until = flow(problem), time.monotonic() + 60.0
    whole = Box(model.low, model.high, np.zeros_like(model.upper), model.upper)
    links = relaxed_chain(model, whole, 0, until)
    served = next(link for link in links if link.name == "served")
    relaxed = links[-1].relaxed
    assert relaxed is not None
    x = rounded(model, served.box, links[-1].box, relaxed.x)
    assert infeasibilities(problem, read(model, x)) == ()
    x = repaired(model, served.box, x, until)
    plan = read(model, x)
    assert infeasibilities(problem, plan) == ()
    return evaluate(problem, plan), {link.name: link.bound for link in links}


def one_slot_for_two_goods() -> SourcingProblem:
    """Return the two towns with blankets too, and one slot a day for three days.

    A relaxation may split slots between the goods; whole lots can't.
    """
    problem = two_towns()
    double = {
        name: np.concatenate((value, value))
        for name, value in vars(problem).items()
        if isinstance(value, np.ndarray) and name.startswith(("source_", "need_", "floor_"))
    }
    second: dict[str, IntArray] = {
        name: np.concatenate((np.zeros_like(values), np.ones_like(values)))
        for name, values in {
            "source_item": problem.source_item,
            "need_item": problem.need_item,
            "floor_item": problem.floor_item,
        }.items()
    }
    both = {**vars(problem), **double, **second}
    return replace(
        SourcingProblem(**both),
        item_id=("water", "blankets"),
        item_kg=ints(500, 500),
        item_litres=np.repeat(problem.item_litres, 2),
        source_id=(*problem.source_id, *(f"{name}-b" for name in problem.source_id)),
        need_id=(*problem.need_id, *(f"{name}-b" for name in problem.need_id)),
        floor_id=(*problem.floor_id, *(f"{name}-b" for name in problem.floor_id)),
    )


def test_a_relaxation_in_whole_lots_stays_as_it_is() -> None:
    value, bound = rounded_values(two_towns())
    assert value == bound


def test_two_goods_that_share_slots_come_near_the_best() -> None:
    problem = one_slot_for_two_goods()
    value, bound = rounded_values(problem)
    best = {stage.name: stage.value for stage in solve(problem).stages}
    assert value["worst_share_1"] == best["worst_share_1"]
    assert 0.9 * best["served"] <= value["served"] <= bound["served"]


@pytest.mark.parametrize("seed", range(12))
def test_rounded_plans_keep_the_rules_and_are_never_better_than_the_bounds(seed: int) -> None:
    problem = random_sourcing(seed, 4, 6)
    value, bound = rounded_values(problem)
    for name, sense in stages(problem):
        if value[name] != bound[name]:
            assert (value[name] < bound[name]) == (sense == "max")
            break


def test_without_time_nothing_is_repaired() -> None:
    model = flow(two_towns())
    box = Box(model.low, model.high, np.zeros_like(model.upper), model.upper)
    nothing = np.zeros(len(model.upper), np.int64)
    assert (repaired(model, box, nothing, time.monotonic()) == nothing).all()


def test_an_item_short_of_its_claims_is_solved_once_more() -> None:
    """From a plan that does nothing, to the lots that both towns can have."""
    model, until = flow(one_slot_for_two_goods()), time.monotonic() + 60.0
    whole = Box(model.low, model.high, np.zeros_like(model.upper), model.upper)
    links = relaxed_chain(model, whole, 0, until)
    served = next(link for link in links if link.name == "served")
    x = repaired(model, served.box, np.zeros(len(model.upper), np.int64), until)
    plan = read(model, x)
    assert infeasibilities(model.problem, plan) == ()
    assert evaluate(model.problem, plan)["worst_share_1"] > 0
