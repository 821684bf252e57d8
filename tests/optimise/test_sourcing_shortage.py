"""Shortages of the two towns (see ``sourcing_small``), their cheapest remedies, refilling."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import ints
from sourcing_small import OFFER, SLOT_KG, A, B, X, Y, by_hand, random_sourcing, two_towns

from dispatch.optimise.sourcing import SourcingProblem, SourcingSolution
from dispatch.optimise.sourcing_check import cost_yuan, infeasibilities
from dispatch.optimise.sourcing_nearest import nearest_first
from dispatch.optimise.sourcing_remedy import Remedy, describe, remedy
from dispatch.optimise.sourcing_shortage import Refill, Shortage, replenishment, shortages
from dispatch.optimise.sourcing_solve import solve

NO_WAY_FROM_A = {"lane_opens": ints(0, 2, 0, 0)}


def at(problem: SourcingProblem, solution: SourcingSolution, site: int) -> Shortage:
    return next(one for one in shortages(problem, solution) if one.site == site)


def mended(problem: SourcingProblem, site: int) -> Remedy | None:
    solution = solve(problem)
    found = remedy(problem, solution, at(problem, solution, site))
    if found:
        assert infeasibilities(found.problem, found.solution) == ()
        more = cost_yuan(found.problem, found.solution) - cost_yuan(problem, solution)
        assert found.yuan == more
    return found


def test_the_first_day_of_a_shortage() -> None:
    assert shortages(two_towns(), by_hand()) == (
        Shortage(X, 0, day=0, lots=0, late=2),
        Shortage(Y, 0, day=1, lots=0, late=3),
    )
    nothing = SourcingSolution((), (), ())
    assert shortages(two_towns(), nothing) == (
        Shortage(X, 0, day=0, lots=6, late=0),
        Shortage(Y, 0, day=1, lots=6, late=0),
    )
    assert shortages(two_towns(need_due=ints(2, 2)), solve(two_towns(need_due=ints(2, 2)))) == ()


def test_more_money_buys_the_lot_that_is_missing() -> None:
    """100 yuan for the lot, 5 and 10 for its way by B."""
    problem = two_towns(budget_yuan=200)
    found = mended(problem, Y)
    assert found is not None
    assert (found.waived, found.lots, found.yuan) == (("money",), 1, 115)
    assert found.problem.budget_yuan == 300
    assert describe(problem, found) == (
        "raise the budget by 100 yuan (brings 1 lot, costs 115 yuan)"
    )


def test_more_time_lets_the_bought_lots_arrive() -> None:
    problem = two_towns(need_latest=ints(2, 1), **NO_WAY_FROM_A)
    found = mended(problem, Y)
    assert found is not None
    assert (found.waived, found.lots, found.yuan) == (("time",), 3, 345)
    assert found.problem.need_latest.tolist() == [2, 2]
    assert describe(problem, found).startswith("accept deliveries until day 2 (")


def test_more_than_the_offer_is_bought() -> None:
    problem = two_towns(source_lots=ints(6, 2, 1, 1), **NO_WAY_FROM_A)
    found = mended(problem, Y)
    assert found is not None
    assert (found.waived, found.lots, found.yuan) == (("offers",), 2, 230)
    assert found.problem.source_lots[OFFER] == 3
    assert describe(problem, found).startswith("buy 2 lots more of M's offer than it offers (")


def test_more_vehicles_carry_what_is_late_in_time() -> None:
    """X's two late lots lie at A on day 0: they go with the others, and nothing costs more."""
    problem = two_towns()
    found = mended(problem, X)
    assert found is not None
    assert (found.waived, found.lots, found.yuan) == (("vehicles",), 2, 0)
    assert (found.problem.fleet_kg[0] // SLOT_KG).tolist() == [6, 4, 4]
    assert found.solution.shipments[0].lots == 6
    assert describe(problem, found).startswith("provide 2 more loading places (")
    assert shortages(found.problem, found.solution)[0].site == Y


def test_two_limits_give_way_where_one_is_not_enough() -> None:
    """The lots can neither be paid nor carried: B's trucks bring one lot a day."""
    problem = two_towns(budget_yuan=0, fleet_kg=two_towns().fleet_kg // [[1], [4]], **NO_WAY_FROM_A)
    found = mended(problem, Y)
    assert found is not None
    assert found.waived == ("vehicles", "money")
    assert found.lots == 3


def test_nothing_helps_where_nothing_can_come_in_time() -> None:
    assert mended(two_towns(), Y) is None


def test_a_lot_carried_twice_by_one_fleet_takes_two_places() -> None:
    """A's trucks, two slots a day, bring lots to B and from B to Y on one and the same day."""
    problem = two_towns(
        lane_from=ints(A, A, B, 4),
        lane_to=ints(X, B, Y, B),
        lane_fleet=ints(0, 0, 0, -1),
        lane_days=ints(0, 0, 0, 1),
        lane_away=ints(1, 1, 1, 1),
        fleet_kg=two_towns().fleet_kg // 2,
        source_lots=ints(6, 0, 0, 0),
    )
    nothing = SourcingSolution((), (), ())
    found = remedy(problem, nothing, Shortage(Y, 0, 1, 6, 0))
    assert found is not None
    assert "vehicles" in found.waived or found.lots <= 3
    assert infeasibilities(found.problem, found.solution) == ()


def test_stores_are_filled_up_to_what_they_had_or_should_have() -> None:
    assert replenishment(two_towns(), by_hand()) == (
        Refill(A, 0, before=6, after=0, floor=1, below=1, lots=6),
        Refill(B, 0, before=2, after=0, floor=0, below=None, lots=2),
    )
    nothing = SourcingSolution((), (), ())
    assert replenishment(two_towns(), nothing) == ()
    assert replenishment(two_towns(floor_lots=ints(9)), nothing) == (
        Refill(A, 0, before=6, after=6, floor=9, below=0, lots=3),
    )


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_every_remedy_is_a_plan_that_brings_what_it_says(seed: int, simple: bool) -> None:
    problem = random_sourcing(seed, 3, 4)
    solution = nearest_first(problem) if simple else solve(problem)
    for one in shortages(problem, solution):
        assert one.lots or one.late
        found = remedy(problem, solution, one)
        if found is None:
            continue
        assert infeasibilities(found.problem, found.solution) == ()
        after = {(s.site, s.item): s for s in shortages(found.problem, found.solution)}
        left = after.get((one.site, one.item), replace(one, lots=0, late=0))
        if one.lots:
            assert left.lots == one.lots - found.lots
        else:
            assert (left.lots, left.late) == (0, one.late - found.lots)
        assert describe(problem, found)
        kept = ("fleet_kg", "budget_yuan", "source_lots", "need_latest")
        kinds = ("vehicles", "money", "offers", "time")
        for name, kind in zip(kept, kinds, strict=True):
            if kind not in found.waived:
                before, now = getattr(problem, name), getattr(found.problem, name)
                assert before == now if name == "budget_yuan" else (before == now).all()


def test_remedies_need_a_shortage_that_is_there() -> None:
    assert remedy(two_towns(), by_hand(), Shortage(B, 0, 0, 1, 0)) is None
    with pytest.raises(StopIteration):
        at(two_towns(), by_hand(), B)
