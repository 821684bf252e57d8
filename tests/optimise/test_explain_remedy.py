"""What would help, who could go instead, and nobody idle beside a need."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small import (
    CULVERT,
    DIG,
    DRAIN,
    EAST,
    HOME,
    SEEK,
    best_plan,
    ints,
    little_province,
    one_on_one,
    random_problem,
    two_demands,
    two_teams,
)

from dispatch.optimise.assign import solve
from dispatch.optimise.check import check, evaluate, infeasibilities
from dispatch.optimise.conflict import credits_of
from dispatch.optimise.fill import fill
from dispatch.optimise.nearest import nearest_first, unproved
from dispatch.optimise.pocket import pocket, reach
from dispatch.optimise.problem import DispatchProblem, DispatchSolution, Service
from dispatch.optimise.relax import relax, until, with_units
from dispatch.optimise.remedy import earliest, gain, hasten, shortage
from dispatch.optimise.swap import swap

NOTHING = DispatchSolution((), (), ())


def solved(problem: DispatchProblem) -> DispatchSolution:
    return solve(problem, time_limit_s=10, workers=1)


def late_far() -> DispatchProblem:
    """Return the two teams of which near gives 10 of 20 and far comes 100 s too late."""
    return two_teams(demand_quantity=ints(20), demand_target_s=ints(400), demand_latest_s=ints(400))


def test_the_gain_of_waiting_is_priced():
    problem = late_far()
    plan = solved(problem)
    assert earliest(problem, plan, 0) == 500
    better = gain(until(problem, 0, 500), plan, 0)
    assert better is not None
    assert not check(until(problem, 0, 500), better.solution)
    assert (better.quantity, better.by_target, better.lacking) == (10, 0, 0)
    assert (better.last_s, better.cost_yuan, better.teams, better.floors) == (500, 40, 1, 0)
    assert (better.met_by_target, better.met, better.sooner_s) == (0, 50_000, 0)


def test_it_takes_from_the_reserve():
    problem = replace(
        late_far(), floor_id=("f",), floor_quantity=ints(1), floor_teams=(ints(0, 1),)
    )
    better = gain(until(problem, 0, 500), solved(problem), 0)
    assert better is not None
    assert better.floors == 1


def test_waiting_no_longer_than_needed():
    """Three teams come at 500, 600 and 700 s; the first two fill the need."""
    problem = two_teams(
        team_id=("near", "far", "slow"),
        personnel=ints(1, 1, 1),
        module_team=ints(0, 1, 2),
        module_capability=("pump", "pump", "pump"),
        module_units=ints(1, 1, 1),
        module_quantity=ints(10, 10, 10),
        module_members=ints(1, 1, 1),
        demand_quantity=ints(20),
        demand_target_s=ints(400),
        demand_latest_s=ints(400),
        option_team=ints(0, 1, 2),
        option_incident=ints(0, 0, 0),
        option_arrival_s=ints(500, 600, 700),
        option_cost_yuan=ints(0, 0, 0),
    )
    assert earliest(problem, NOTHING, 0) == 600


def test_waiting_in_vain():
    """Nobody is late: there is nobody else."""
    problem = one_on_one(demand_quantity=ints(14))
    assert earliest(problem, solved(problem), 0) is None
    assert gain(problem, solved(problem), 0) is None


def test_what_has_to_be_borrowed():
    """Near gives 10 of 20. Where 15 are the least of use, its 10 count towards them."""
    assert shortage(late_far(), solved(late_far()), 0) == 10
    problem = replace(late_far(), demand_minimum=ints(15))
    plan = solved(problem)
    assert not plan.services
    assert shortage(problem, plan, 0) == 10
    better = gain(with_units(problem, 0, 10, 400), plan, 0)
    assert better is not None
    assert (better.quantity, better.lacking) == (20, 0)


def test_who_is_under_way_goes_faster():
    """A faster way opens for both: the one who was sent arrives 100 s sooner."""
    problem = two_teams(
        option_team=ints(0, 1, 0, 0),
        option_incident=ints(0, 0, 0, 0),
        option_arrival_s=ints(300, 500, 200, 200),
        option_cost_yuan=ints(70, 40, 90, 80),
    )
    plan = DispatchSolution((0,), (Service(0, 0, 1, 10),), ())
    assert hasten(problem, plan).options == (3,)


def test_who_flies_keeps_flying():
    problem = two_teams(
        option_team=ints(0, 0),
        option_arrival_s=ints(300, 200),
        lift_id=("aircraft",),
        lift_capacity=ints(1),
        use_option=ints(0),
        use_lift=ints(0),
        use_quantity=ints(1),
        use_from_s=ints(0),
        use_until_s=ints(300),
    )
    plan = DispatchSolution((0,), (Service(0, 0, 1, 10),), ())
    assert hasten(problem, plan).options == (0,)


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_gains_are_true_and_never_lower_the_first_stages(start):
    for seed in range(start, start + 20):
        problem = random_problem(seed)
        plan = solved(problem)
        met, _early = credits_of(problem, plan)
        for demand, wanted in enumerate(problem.demand_quantity.tolist()):
            if met[demand] == wanted:
                continue
            easier = relax(problem, demand, ["latest"])
            better = gain(easier, plan, demand)
            most = reach(pocket(easier, plan, demand).problem)[0]
            assert (better.quantity if better else 0) == most, seed
            if better:
                assert not check(easier, better.solution)
                assert better.met > 0
                assert better.met_by_target >= 0


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_filling_leaves_nobody_idle_beside_a_need(start):
    for seed in range(start, start + 20):
        problem = random_problem(seed)
        for plan in (NOTHING, nearest_first(problem), solved(problem)):
            full = fill(problem, plan)
            assert not infeasibilities(problem, full), seed
            before, after = evaluate(problem, plan), evaluate(problem, full)
            assert after["met_by_target"] >= before["met_by_target"]
            assert after["met"] >= before["met"]
            assert set(plan.options) <= set(full.options)


def test_the_weightiest_are_filled_first():
    """East's 3 pumps and home's big one meet the drain; west digs; the culvert has nobody left."""
    problem = little_province()
    full = fill(problem, NOTHING)
    met, _early = credits_of(problem, full)
    assert (met[DRAIN], met[CULVERT], met[SEEK], met[DIG]) == (40, 0, 4, 10)
    assert fill(problem, best_plan()).options == best_plan().options


def test_a_dearer_team_in_the_place_of_the_nearer_one():
    """Far costs 40 yuan instead of 70, but comes 200 s later: worth more than money."""
    problem = two_teams()
    found = swap(problem, solved(problem), 0, 0, 1)
    assert (found.quantity, found.wanted) == (10, 10)
    assert (found.stage, found.worse) == ("arrival", 200 * 100_000)


def test_equal_teams_cost_or_guard():
    """Both arrive at once: far is cheaper, unless it has to stay behind."""
    equal = two_teams(option_arrival_s=ints(300, 300))
    found = swap(equal, solved(equal), 0, 1, 0)
    assert (found.stage, found.worse) == ("cost", 30)
    guarded = replace(equal, floor_id=("f",), floor_quantity=ints(1), floor_teams=(ints(1),))
    found = swap(guarded, solved(guarded), 0, 0, 1)
    assert (found.stage, found.worse) == ("floors", 1)
    alike = replace(equal, option_cost_yuan=ints(40, 40))
    plan = solved(alike)
    sent = int(alike.option_team[plan.options[0]])
    assert swap(alike, plan, 0, sent, 1 - sent).stage == ""


def test_a_better_team_betters_a_poor_plan():
    plan = DispatchSolution((1,), (Service(1, 0, 1, 10),), ())
    found = swap(two_teams(), plan, 0, 1, 0)
    assert (found.stage, found.worse) == ("arrival", -200 * 100_000)


def test_too_little_is_no_swap():
    """Home's pump gives 20 to the culvert; east has 3 pumps of 10 at the drain."""
    problem = little_province()
    plan = unproved(problem, best_plan())
    found = swap(problem, plan, CULVERT, HOME, EAST)
    assert (found.quantity, found.wanted, found.stage) == (0, 20, "")


def test_little_is_told_even_below_the_minimum():
    """Far has one pump of 4 where 10 are the least of use: no swap, but 4 all the same."""
    problem = two_teams(module_quantity=ints(10, 4), demand_minimum=ints(10))
    found = swap(problem, solved(problem), 0, 0, 1)
    assert (found.quantity, found.wanted) == (4, 10)


def test_one_who_serves_another_demand_as_well_stays_for_it():
    """Near serves both demands at one place; far takes one of them over and costs more."""
    problem = two_demands(
        module_units=ints(2, 1),
        personnel=ints(2, 1),
        incident_id=("i",),
        demand_incident=ints(0, 0),
        option_team=ints(0, 1),
        option_incident=ints(0, 0),
        option_arrival_s=ints(300, 300),
        option_cost_yuan=ints(10, 10),
    )
    plan = solved(problem)
    assert plan.options == (0,)
    found = swap(problem, plan, 1, 0, 1)
    assert (found.stage, found.worse) == ("cost", 10)
