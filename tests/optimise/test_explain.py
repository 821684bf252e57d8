"""Why a demand has no more: conflicts by hand, and against another solver on cases by chance.

The other solver is HiGHS on the linear formulation of ``mip.py``; it shares
with the explanations only the relaxed problems, which are tested here by hand.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from small import (
    CULVERT,
    DRAIN,
    best_plan,
    flags,
    ints,
    little_province,
    one_on_one,
    random_problem,
    two_demands,
    two_teams,
)

from dispatch.optimise.assign import solve
from dispatch.optimise.candidates import candidates
from dispatch.optimise.check import infeasibilities
from dispatch.optimise.conflict import KEEPS, Conflict, Group, conflict, credits_of, minimal
from dispatch.optimise.mip import programme
from dispatch.optimise.nearest import nearest_first
from dispatch.optimise.pocket import join, pocket, reach, reachable
from dispatch.optimise.problem import DispatchProblem, DispatchSolution, Service
from dispatch.optimise.relax import RULES, relax, split_incident, with_options, with_units

SOME = range(60)


def codes(found: Conflict) -> set[str]:
    return {group.code for group in found.groups}


def solved(problem: DispatchProblem) -> DispatchSolution:
    return solve(problem, time_limit_s=10, workers=1)


def unmet(problem: DispatchProblem, plan: DispatchSolution) -> list[int]:
    met, _early = credits_of(problem, plan)
    return [d for d, wanted in enumerate(problem.demand_quantity.tolist()) if met[d] < wanted]


# --- by hand ---------------------------------------------------------------------------


def test_a_team_has_only_what_it_has():
    """5 units of 2 are all there is: 10 of 14."""
    problem = one_on_one(demand_quantity=ints(14), module_members=ints(0))
    found = conflict(problem, solved(problem), 0)
    assert (found.proof, found.groups) == ("exchange", (Group("units"),))


def test_members_tie_units():
    """Five units, but members for three of them, at two each: 6 of 10."""
    problem = one_on_one(personnel=ints(7), module_members=ints(2))
    found = conflict(problem, solved(problem), 0)
    assert (found.proof, found.groups) == ("exchange", (Group("members"),))


def test_the_second_team_comes_too_late():
    """Near gives 10 of 20; far would at 500 s, after the latest time of 400 s."""
    problem = two_teams(
        module_members=ints(0, 0),
        demand_quantity=ints(20),
        demand_target_s=ints(400),
        demand_latest_s=ints(400),
    )
    found = conflict(problem, solved(problem), 0)
    assert (found.proof, codes(found)) == ("exchange", {"units", "latest"})


def test_less_than_the_minimum_is_nothing():
    """10 can be had, 12 is the least of use: more units or a smaller minimum would do."""
    problem = one_on_one(demand_quantity=ints(20), demand_minimum=ints(12), module_members=ints(0))
    found = conflict(problem, solved(problem), 0)
    assert (found.proof, codes(found)) == ("exchange", {"units", "minimum"})


def test_a_heavier_demand_holds_the_only_team():
    """One team, two incidents: e weighs more and keeps what it has."""
    problem = two_demands(
        team_id=("near",),
        personnel=ints(1),
        module_team=ints(0),
        module_capability=("pump",),
        module_units=ints(1),
        module_quantity=ints(10),
        module_members=ints(1),
        demand_weight=ints(1, 5),
        option_team=ints(0, 0),
        option_incident=ints(0, 1),
        option_arrival_s=ints(300, 300),
        option_cost_yuan=ints(0, 0),
    )
    found = conflict(problem, solved(problem), 0)
    assert found == replace(found, proof="exchange", groups=(Group(KEEPS, 1), Group("integrity")))


def test_the_drain_of_the_little_province():
    """The big pump is at the culvert, which would have nothing without it."""
    found = conflict(little_province(), best_plan(), DRAIN)
    assert found.proof == "exchange"
    assert Group(KEEPS, CULVERT) in found.groups


def test_an_aircraft_has_one_seat():
    """Both teams fly at the same time in an aircraft that takes one of them."""
    problem = two_teams(
        demand_quantity=ints(20),
        lift_id=("aircraft",),
        lift_capacity=ints(1),
        use_option=ints(0, 1),
        use_lift=ints(0, 0),
        use_quantity=ints(1, 1),
        use_from_s=ints(0, 100),
        use_until_s=ints(300, 500),
    )
    found = conflict(problem, solved(problem), 0)
    assert found.proof == "exchange"
    assert "lift" in codes(found)


def test_pumps_do_not_fly():
    """Far could come only without its vehicles, and its pump needs them."""
    problem = two_teams(
        demand_quantity=ints(20),
        option_vehicles=flags(True, False),
        module_portable=flags(False, False),
    )
    assert "vehicles" in codes(conflict(problem, solved(problem), 0))


def test_rules_of_the_caller_count():
    """Far is not released: without that rule it would come."""
    whole = two_teams(demand_quantity=ints(20))
    locked = replace(
        whole,
        option_team=ints(0),
        option_incident=ints(0),
        option_arrival_s=ints(300),
        option_cost_yuan=ints(70),
    )

    def variant(gone: frozenset[str]) -> DispatchProblem:
        return with_options(locked, whole, np.array([False, "release" in gone]))

    found = conflict(locked, solved(locked), 0, variant=variant, outside=["release"])
    assert "release" in codes(found)


def test_nobody_is_a_conflict_of_nothing():
    problem = one_on_one(demand_capability=("search",))
    assert conflict(problem, solved(problem), 0) == Conflict("exchange", ())


def test_a_free_team_is_told():
    """A plan that sends nobody leaves 10 to be had at once."""
    nothing = DispatchSolution((), (), ())
    assert conflict(one_on_one(), nothing, 0) == Conflict("free", (), 10)


def test_what_an_exchange_would_give_is_told():
    """Near serves e as far could; only far can't reach d: a plan that solvers would not make."""
    problem = two_demands(
        option_team=ints(0, 0, 1),
        option_incident=ints(0, 1, 1),
        option_arrival_s=ints(300, 300, 500),
        option_cost_yuan=ints(0, 0, 0),
    )
    plan = nearest_first(replace(problem, demand_weight=ints(1, 5)))
    assert set(plan.options) == {1}
    found = conflict(problem, plan, 0)
    assert found.proof == "improvable"
    assert Group(KEEPS, 1) in found.groups


def test_without_work_the_narrower_question_is_answered():
    problem = one_on_one(demand_quantity=ints(14), module_members=ints(0))
    found = conflict(problem, solved(problem), 0, work=0.0)
    assert (found.proof, found.groups) == ("as_sent", (Group("units"),))


# --- minimal sets ----------------------------------------------------------------------


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.integers(1, 7), st.data())
def test_minimal_sets_are_minimal(size, data):
    """Some families rule a thing out; what is kept does, and no proper subset of it does."""
    groups = [Group(str(number)) for number in range(size)]
    family = data.draw(st.lists(st.sets(st.sampled_from(groups)), max_size=4))
    family.append(set(groups))

    def impossible(held):
        return any(one <= set(held) for one in family)

    kept = minimal(groups, impossible)
    assert kept is not None
    assert impossible(kept)
    assert not any(impossible([g for g in kept if g != gone]) for gone in kept)


def test_minimal_sets_need_answers():
    assert minimal([Group("a")], lambda held: None) is None


@pytest.mark.parametrize("start", range(SOME.start, SOME.stop, 10))
def test_every_conflict_is_one_and_is_minimal(start):
    """The whole is infeasible for HiGHS too, and without any one group it is feasible."""
    for seed in range(start, start + 10):
        problem = random_problem(seed)
        plan = solved(problem)
        for demand in unmet(problem, plan):
            found = conflict(problem, plan, demand, work=5.0)
            assert found.proof == "exchange", (seed, demand)
            if not more_possible(problem, plan, demand, ()):
                assert not found.groups
                continue
            assert not more_possible(problem, plan, demand, found.groups), (seed, demand)
            for gone in found.groups:
                rest = [group for group in found.groups if group != gone]
                assert more_possible(problem, plan, demand, rest), (seed, demand, gone)


@pytest.mark.parametrize("start", range(SOME.start, SOME.stop, 20))
def test_every_conflict_as_sent_is_one_and_is_minimal(start):
    """As long as a team is at one incident at a time; the rest of that is tried by hand."""
    tried = 0
    for seed in range(start, start + 20):
        problem = random_problem(seed)
        plan = solved(problem)
        for demand in unmet(problem, plan):
            found = conflict(problem, plan, demand, work=0.0)
            assert found.proof == "as_sent"
            if len(problem.incident_id) > 1 and "integrity" not in codes(found):
                continue
            for gone in (None, *found.groups):
                if gone != Group("integrity"):
                    held = [group for group in found.groups if group != gone]
                    most = most_as_sent(problem, plan, demand, held)
                    assert (most > 0) == (gone is not None), (seed, demand, gone)
                    tried += 1
    assert tried


def more_possible(problem, plan, demand, held) -> bool:
    """Ask HiGHS whether a demand can have more while only some groups hold."""
    met, early = credits_of(problem, plan)
    kept = {group.code for group in held}
    easier = relax(problem, demand, set(RULES) - kept)
    if "integrity" not in kept:
        easier = split_incident(easier, int(problem.demand_incident[demand]))
    arcs = candidates(easier)
    prog = programme(easier, arcs)
    credit = len(prog.option) + len(arcs.option) + np.arange(len(arcs.option))
    least = max(met[demand] + 1, int(easier.demand_minimum[demand]))
    promises = [(demand, least, early[demand])]
    promises += [(g.demand, met[g.demand], early[g.demand]) for g in held if g.code == KEEPS]
    rows = [prog.rules]
    for other, quantity, by_target in promises:
        for mine, wanted in (
            (arcs.demand == other, quantity),
            ((arcs.demand == other) & arcs.on_time, by_target),
        ):
            if wanted and not mine.any():
                return False
            row = np.zeros(len(prog.upper))
            row[credit[mine]] = 1
            rows.append(LinearConstraint(row[None, :], wanted, np.inf))
    kinds = np.ones(len(prog.upper))
    found = milp(
        np.zeros(len(prog.upper)),
        integrality=kinds,
        bounds=Bounds(prog.lower, prog.upper),
        constraints=rows,
    )
    return found.x is not None


def most_as_sent(problem, plan, demand, held) -> int:
    """Ask HiGHS how much more a demand can have while the others keep their teams."""
    capability = problem.demand_capability[demand]
    able = problem.module_team[[code == capability for code in problem.module_capability]]
    promised = {group.demand for group in held} | {demand}
    freed = {s.demand for s in plan.services if problem.module_team[s.module] in able} - promised
    kept = {(s.module, s.demand): s for s in plan.services if s.demand not in freed}
    working = {int(problem.module_team[module]) for module, _demand in kept}
    by = {int(problem.option_team[o]): o for o in plan.options}
    easier = relax(problem, demand, set(RULES) - {group.code for group in held})
    arcs = candidates(easier)
    if demand not in arcs.demand:
        return 0
    prog = programme(easier, arcs)
    lower, upper = prog.lower.copy(), prog.upper.copy()
    for column, option in enumerate(prog.option.tolist()):
        if (team := int(easier.option_team[option])) in working:
            lower[column] = upper[column] = option == by[team]
    units, credit = (len(prog.option) + k * len(arcs.option) for k in (0, 1))
    for row in range(len(arcs.option)):
        service = kept.get((int(arcs.module[row]), int(arcs.demand[row])))
        if service and int(arcs.option[row]) in plan.options:
            lower[[units + row, credit + row]] = service.units, service.quantity
        if arcs.demand[row] != demand:
            upper[[units + row, credit + row]] = lower[[units + row, credit + row]]
    goal = np.zeros(len(upper))
    goal[credit + np.flatnonzero(arcs.demand == demand)] = -1
    whole = np.ones(len(upper))
    found = milp(goal, integrality=whole, bounds=Bounds(lower, upper), constraints=prog.rules)
    assert found.x is not None
    return round(-found.fun) - sum(s.quantity for _key, s in kept.items() if s.demand == demand)


# --- pockets and relaxed problems ------------------------------------------------------


@pytest.mark.parametrize("start", range(SOME.start, SOME.stop, 20))
def test_what_a_pocket_holds_can_be_joined(start):
    """For every demand of a plan made by a rule: what is found is feasible and adds up."""
    for seed in range(start, start + 20):
        problem = random_problem(seed)
        plan = nearest_first(problem)
        for demand in unmet(problem, plan):
            small = pocket(problem, plan, demand)
            more, bound = reach(small.problem)
            assert more == bound
            assert reachable(small.problem) == (more > 0)
            part = solved(small.problem)
            whole = join(problem, plan, small, part)
            assert not infeasibilities(problem, whole), (seed, demand)
            before, after = (credits_of(problem, p)[0] for p in (plan, whole))
            assert after - before == ({demand: more} if more else {}), (seed, demand)


def test_what_is_not_decided_is_not_told():
    """Two teams and a minimum: without any work nothing is found, and nothing ruled out."""
    problem = two_teams(demand_quantity=ints(20), demand_minimum=ints(15))
    assert reach(problem, work=0.0) == (0, 20)
    assert reach(problem) == (20, 20)


def test_a_pocket_knows_what_the_lifts_have_left():
    """The aircraft is away from 0 to 300 s; who flies after that has room."""
    problem = two_demands(
        option_team=ints(0, 1, 1),
        option_incident=ints(0, 1, 1),
        option_arrival_s=ints(300, 500, 700),
        option_cost_yuan=ints(0, 0, 0),
        lift_id=("aircraft",),
        lift_capacity=ints(1),
        use_option=ints(0, 1, 2),
        use_lift=ints(0, 0, 0),
        use_quantity=ints(1, 1, 1),
        use_from_s=ints(0, 200, 300),
        use_until_s=ints(300, 500, 600),
    )
    plan = DispatchSolution((0,), (Service(0, 0, 1, 10),), ())
    small = pocket(problem, plan, 1)
    assert small.options.tolist() == [2]
    assert small.problem.use_from_s.tolist() == [300]
    assert small.problem.lift_capacity[small.problem.use_lift].tolist() == [1]


def test_a_use_is_cut_where_what_is_booked_changes():
    """Two of three seats are booked from 100 to 200 s: three pieces, with 3, 1 and 3 left."""
    problem = two_demands(
        option_team=ints(0, 1, 1),
        option_incident=ints(0, 0, 1),
        option_arrival_s=ints(300, 400, 500),
        option_cost_yuan=ints(0, 0, 0),
        lift_id=("train",),
        lift_capacity=ints(3),
        use_option=ints(0, 2),
        use_lift=ints(0, 0),
        use_quantity=ints(2, 1),
        use_from_s=ints(100, 0),
        use_until_s=ints(200, 300),
    )
    plan = DispatchSolution((0,), (Service(0, 0, 1, 10),), ())
    small = pocket(problem, plan, 1).problem
    assert small.use_from_s.tolist() == [0, 100, 200]
    assert small.lift_capacity[small.use_lift].tolist() == [3, 1, 3]


def test_more_options_follow_those_there_are():
    few, many = two_teams(), two_teams(option_arrival_s=ints(200, 100))
    both = with_options(few, many, np.array([False, True]))
    assert both.option_arrival_s.tolist() == [300, 500, 100]
    assert both.option_team.tolist() == [0, 1, 1]


def test_options_bring_their_lifts():
    lift = {
        "lift_capacity": ints(2),
        "use_option": ints(1),
        "use_lift": ints(0),
        "use_quantity": ints(1),
        "use_from_s": ints(0),
        "use_until_s": ints(9),
    }
    few = two_teams(lift_id=("a",), **lift)
    many = two_teams(lift_id=("b",), **lift | {"lift_capacity": ints(5)})
    both = with_options(few, many, np.array([True, True]))
    assert (both.lift_id, both.lift_capacity.tolist()) == (("a", "b"), [2, 5])
    assert both.use_option.tolist() == [1, 3]
    assert both.use_lift.tolist() == [0, 1]


def test_options_of_other_teams_are_refused():
    with pytest.raises(ValueError, match="more than their options"):
        with_options(two_teams(), one_on_one(), np.array([True]))


def test_borrowed_units_serve():
    problem = with_units(one_on_one(demand_quantity=ints(14)), 0, 4, 600)
    assert solved(problem).stages[1].value == 100_000 // 14 * 14
    assert problem.team_id == ("t", "+")


def test_a_borrowed_team_has_a_name_of_its_own():
    assert with_units(one_on_one(team_id=("+",)), 0, 4, 600).team_id == ("+", "++")


def test_a_split_team_is_at_both_incidents():
    problem = two_demands(option_team=ints(0, 0, 0, 0))
    assert solved(problem).stages[1].value == 100_000
    assert solved(split_incident(problem, 0)).stages[1].value == 200_000
