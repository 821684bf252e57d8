"""Nearest first: what a dispatch centre would do by hand, sound but not the best."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small import (
    BEST,
    DIG,
    DRAIN,
    EAST_FLOOD,
    EAST_PUMPS,
    EAST_SEEKERS,
    HOME_FLOOD,
    HOME_PUMP,
    SEEK,
    WEST_QUAKE,
    WEST_SEEKERS,
    best_plan,
    ints,
    little_province,
    one_on_one,
    random_problem,
    rank,
    shuffled,
    told,
    two_demands,
    two_teams,
    values,
)

from dispatch.optimise.assign import solve
from dispatch.optimise.check import check
from dispatch.optimise.nearest import nearest_first, unproved
from dispatch.optimise.problem import DispatchSolution, Service


def test_little_province() -> None:
    """By priority: drain takes east and home, dig takes west, culvert finds no pump left."""
    plan = nearest_first(little_province())
    assert plan.options == (EAST_FLOOD, WEST_QUAKE, HOME_FLOOD)
    assert plan.services == (
        Service(EAST_PUMPS, DRAIN, 3, 30),
        Service(HOME_PUMP, DRAIN, 1, 10),
        Service(EAST_SEEKERS, SEEK, 2, 4),
        Service(WEST_SEEKERS, DIG, 2, 10),
    )
    assert values(plan) == {
        "met_by_target": 400_000,
        "met": 700_000,
        "arrival": 480_000_000,
        "floors": 2,
        "cost": 450,
    }
    assert check(little_province(), plan) == ()


def test_reports_bounds_that_hold_for_any_plan() -> None:
    """All four demands met whole are worth 800,000; a floor of 5 of 2 teams always lacks 3."""
    stages = nearest_first(replace(little_province(), floor_quantity=ints(5))).stages
    assert {stage.termination for stage in stages} == {"heuristic"}
    assert [stage.bound for stage in stages] == [800_000, 800_000, 0, 3, 0]


def test_unproved_reports_any_plan() -> None:
    plan = unproved(little_province(), replace(best_plan(), stages=()))
    assert values(plan) == BEST
    assert {stage.termination for stage in plan.stages} == {"heuristic"}
    assert check(little_province(), plan) == ()


def test_takes_the_nearest_team() -> None:
    assert nearest_first(two_teams()).services == (Service(0, 0, 1, 10),)


def test_takes_the_cheaper_of_two_equally_near() -> None:
    plan = nearest_first(two_teams(option_arrival_s=ints(300, 300)))
    assert plan.services == (Service(1, 0, 1, 10),)


def test_takes_the_first_by_id_where_all_else_is_equal() -> None:
    alike = {"option_arrival_s": ints(300, 300), "option_cost_yuan": ints(40, 40)}
    assert nearest_first(two_teams(**alike)).services == (Service(1, 0, 1, 10),)
    renamed = two_teams(team_id=("a", "b"), **alike)
    assert nearest_first(renamed).services == (Service(0, 0, 1, 10),)


def test_takes_several_until_the_demand_is_met() -> None:
    plan = nearest_first(two_teams(demand_quantity=ints(15)))
    assert plan.services == (Service(0, 0, 1, 10), Service(1, 0, 1, 5))


@pytest.mark.parametrize(
    ("first", "changes"),
    [
        ("d", {}),
        ("e", {"demand_id": ("z", "e")}),
        ("e", {"demand_weight": ints(1, 2)}),
        ("e", {"demand_target_s": ints(600, 500)}),
        ("e", {"demand_weight": ints(1, 2), "demand_target_s": ints(500, 600)}),
    ],
)
def test_serves_by_weight_then_target_then_id(first: str, changes: dict[str, object]) -> None:
    """Whoever comes first gets the near team; weight outranks target, target outranks the id."""
    problem = two_demands(**changes)
    nearest = {problem.demand_id[s.demand]: s.module for s in nearest_first(problem).services}
    assert nearest[first] == 0
    assert sorted(nearest.values()) == [0, 1]


def test_team_is_not_sent_to_two_incidents() -> None:
    problem = two_demands(module_units=ints(2, 1), personnel=ints(2, 1))
    assert nearest_first(problem).services == (Service(0, 0, 1, 10), Service(1, 1, 1, 10))


def test_team_serves_two_demands_of_its_incident_while_units_remain() -> None:
    problem = two_demands(demand_incident=ints(0, 0), module_units=ints(3, 1), personnel=ints(2, 1))
    assert nearest_first(problem).services == (Service(0, 0, 1, 10), Service(0, 1, 1, 10))
    alone = replace(problem, personnel=ints(1, 1))
    assert nearest_first(alone).services == (Service(0, 0, 1, 10), Service(1, 1, 1, 10))


def test_module_that_ties_nobody_works_without_members() -> None:
    problem = one_on_one(personnel=ints(0), module_members=ints(0))
    assert nearest_first(problem).services == (Service(0, 0, 5, 10),)
    assert nearest_first(one_on_one(personnel=ints(0))).services == ()


def test_gives_back_what_stays_below_the_minimum() -> None:
    """Both pumps give 20, of no use where 21 is the least; the next demand gets them."""
    problem = two_demands(
        demand_quantity=ints(25, 10), demand_minimum=ints(21, 0), demand_weight=ints(2, 1)
    )
    assert nearest_first(problem).services == (Service(0, 1, 1, 10),)
    enough = replace(problem, demand_minimum=ints(20, 0))
    assert nearest_first(enough).services == (Service(0, 0, 1, 10), Service(1, 0, 1, 10))


def test_nobody_in_reach() -> None:
    plan = nearest_first(one_on_one(option_arrival_s=ints(1201)))
    assert plan == unproved(one_on_one(), DispatchSolution((), (), ()))


def test_waste_of_a_specialist_is_what_the_optimum_saves() -> None:
    """The near team alone reaches ``e``; nearest first spends it on ``d``, named first."""
    problem = two_demands(
        option_team=ints(0, 0, 1),
        option_incident=ints(0, 1, 0),
        option_arrival_s=ints(300, 300, 500),
        option_cost_yuan=ints(0, 0, 0),
    )
    assert values(nearest_first(problem))["met"] == 100_000
    assert values(solve(problem, workers=1))["met"] == 200_000


@pytest.mark.parametrize("seed", range(0, 1000, 50))
def test_always_feasible_by_the_checker(seed: int) -> None:
    for each in range(seed, seed + 50):
        problem = random_problem(each)
        assert check(problem, nearest_first(problem)) == (), each


def test_never_better_than_the_optimum_and_bounds_hold_for_it() -> None:
    for seed in range(60):
        problem = random_problem(seed)
        rule, best = nearest_first(problem), solve(problem, workers=1)
        assert rank(values(best)) <= rank(values(rule)), seed
        for stage in rule.stages:
            value = values(best)[stage.name]
            assert value <= stage.bound if stage.sense == "max" else value >= stage.bound, seed


def test_order_of_rows_does_not_change_the_plan() -> None:
    for seed in range(100):
        problem = random_problem(seed)
        other = shuffled(problem, seed)
        plan, same = nearest_first(problem), nearest_first(other)
        assert told(other, same) == told(problem, plan), seed
        assert same.stages == plan.stages, seed
