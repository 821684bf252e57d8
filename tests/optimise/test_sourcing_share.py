"""How far every claim can be served: levels by prices against levels tried one by one."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import ints
from sourcing_small import SLOT_KG, random_sourcing, two_towns

from dispatch.optimise import sourcing_relax
from dispatch.optimise.sourcing import WHOLE, SourcingProblem
from dispatch.optimise.sourcing_check import check
from dispatch.optimise.sourcing_model import Flow, flow
from dispatch.optimise.sourcing_relax import Box, relax
from dispatch.optimise.sourcing_share import held, share_levels
from dispatch.optimise.sourcing_solve import solve


def in_a_minute() -> float:
    return time.monotonic() + 60.0


def whole_box(model: Flow) -> Box:
    return Box(model.low, model.high, np.zeros_like(model.upper), model.upper)


def levels_one_by_one(problem: SourcingProblem) -> dict[str, int]:
    """Return the greatest level of each stage at which there is a plan, held for the next."""
    model, levels = flow(problem), dict[str, int]()
    box = whole_box(model)
    for name in model.share_stages:
        for level in range(WHOLE, -1, -1):
            tried = held(model, box, name, "max", level)
            if relax(model, tried, "served", "max", in_a_minute()):
                break
        levels[name], box = level, tried
    return levels


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None, derandomize=True)
def test_prices_find_the_levels_that_trying_all_of_them_finds(seed: int) -> None:
    problem = random_sourcing(seed, 3, 6)
    model = flow(problem)
    levels, served = share_levels(model, whole_box(model), model.share_stages, in_a_minute())
    assert levels == levels_one_by_one(problem)
    assert served is not None


def test_a_level_is_what_whole_lots_come_to() -> None:
    """Eleven of twelve lots: one town has five of its six, and 83 is the most of that."""
    model = flow(two_towns(budget_yuan=200))
    levels, _served = share_levels(model, whole_box(model), model.share_stages, in_a_minute())
    assert levels == {"worst_share_1": 83}


def test_who_can_get_nothing_in_time_does_not_hold_the_others_down() -> None:
    """Y's trucks are gone, so that nothing reaches it; X still claims all of its lots."""
    cut_off = two_towns(lane_opens=ints(0, 2, 2, 2), need_latest=ints(2, 1))
    solution = solve(cut_off)
    assert check(cut_off, solution) == ()
    assert (solution.stages[0].value, solution.stages[0].termination) == (100, "optimal")
    assert sum(s.lots for s in solution.servings if s.need == 0) == 6


def test_who_can_be_brought_only_a_part_sets_the_level_of_its_weight() -> None:
    """One lot a day reaches Y until its latest day: one of six; X may have no less."""
    narrow = two_towns(
        lane_opens=ints(0, 2, 0, 0),
        need_latest=ints(2, 1),
        fleet_kg=np.array([[4] * 3, [0, 1, 1]]) * SLOT_KG,
    )
    solution = solve(narrow)
    assert check(narrow, solution) == ()
    assert solution.stages[0].value == 100 // 6
    assert sum(s.lots for s in solution.servings if s.need == 0) == 6


@pytest.mark.parametrize("seed", range(8))
def test_amid_the_optimal_plans_the_same_is_proved(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The interior point for wide cases, which ends at no vertex until the last stage."""
    problem = random_sourcing(seed, 3, 6)
    at_vertices = solve(problem)
    monkeypatch.setattr(sourcing_relax, "MANY", -1)
    assert solve(problem).stages == at_vertices.stages


def test_without_time_no_level_is_told() -> None:
    model = flow(two_towns())
    levels = share_levels(model, whole_box(model), model.share_stages, time.monotonic())
    assert levels == ({}, None)
