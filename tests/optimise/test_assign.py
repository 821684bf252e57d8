"""The solver: every rule by hand, the order of the stages, and what must not change a plan."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from small import (
    BEST,
    EAST_FLOOD,
    EAST_SLOW,
    WEST_NIGHT,
    WEST_QUAKE,
    best_plan,
    crowded_problem,
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

from dispatch.errors import InputError
from dispatch.optimise import assign
from dispatch.optimise.assign import solve
from dispatch.optimise.check import check, evaluate
from dispatch.optimise.nearest import nearest_first, unproved
from dispatch.optimise.problem import (
    TERMINATIONS,
    DispatchProblem,
    DispatchSolution,
    IntArray,
    Service,
    portable,
    vehicles,
)


def best(problem: DispatchProblem) -> DispatchSolution:
    plan = solve(problem, workers=1)
    assert {stage.termination for stage in plan.stages} == {"optimal"}
    return plan


NONE: tuple[Service, ...] = ()

ALONE = {
    "all is well": ({}, (Service(0, 0, 5, 10),)),
    "arrives at the latest time": ({"option_arrival_s": ints(1200)}, (Service(0, 0, 5, 10),)),
    "arrives a second later": ({"option_arrival_s": ints(1201)}, NONE),
    "minimum just reached": ({"demand_minimum": ints(10)}, (Service(0, 0, 5, 10),)),
    "minimum out of reach": ({"demand_quantity": ints(11), "demand_minimum": ints(11)}, NONE),
    "met in part": ({"demand_quantity": ints(11)}, (Service(0, 0, 5, 10),)),
    "last unit used in part": ({"demand_quantity": ints(9)}, (Service(0, 0, 5, 9),)),
    "no unit without need": ({"demand_quantity": ints(1)}, (Service(0, 0, 1, 1),)),
    "few units": ({"module_units": ints(3)}, (Service(0, 0, 3, 6),)),
    "few members": ({"personnel": ints(2)}, (Service(0, 0, 2, 4),)),
    "members tied in pairs": ({"module_members": ints(2)}, (Service(0, 0, 2, 4),)),
    "too few for one unit": ({"module_members": ints(6)}, NONE),
    "nobody in the team": ({"personnel": ints(0)}, NONE),
    "nobody needed": ({"personnel": ints(0), "module_members": ints(0)}, (Service(0, 0, 5, 10),)),
    "another capability": ({"module_capability": ("search",)}, NONE),
    "another incident": ({"incident_id": ("i", "j"), "option_incident": ints(1)}, NONE),
    "no way there": (
        {
            "option_team": ints(),
            "option_incident": ints(),
            "option_arrival_s": ints(),
            "option_cost_yuan": ints(),
        },
        NONE,
    ),
    "no modules": (
        {
            "module_team": ints(),
            "module_capability": (),
            "module_units": ints(),
            "module_quantity": ints(),
            "module_members": ints(),
        },
        NONE,
    ),
    "no demands": (
        {
            "demand_id": (),
            "demand_capability": (),
            "demand_incident": ints(),
            "demand_quantity": ints(),
            "demand_minimum": ints(),
            "demand_weight": ints(),
            "demand_target_s": ints(),
            "demand_latest_s": ints(),
        },
        NONE,
    ),
}


@pytest.mark.parametrize(("changes", "services"), ALONE.values(), ids=ALONE.keys())
def test_one_team_and_one_demand(changes: dict[str, object], services: tuple[Service, ...]) -> None:
    plan = best(one_on_one(**changes))
    assert plan.services == services
    assert plan.options == ((0,) if services else ())


def test_members_are_shared_by_the_modules_of_a_team() -> None:
    """5 members: 2 of 2 for the search that weighs more, the other 3 work the pumps."""
    problem = one_on_one(
        module_team=ints(0, 0),
        module_capability=("pump", "search"),
        module_units=ints(5, 2),
        module_quantity=ints(2, 1),
        module_members=ints(1, 1),
        demand_id=("d", "e"),
        demand_capability=("pump", "search"),
        demand_incident=ints(0, 0),
        demand_quantity=ints(10, 2),
        demand_minimum=ints(0, 0),
        demand_weight=ints(1, 3),
        demand_target_s=ints(600, 600),
        demand_latest_s=ints(600, 600),
    )
    assert best(problem).services == (Service(0, 0, 3, 6), Service(1, 1, 2, 2))
    larger = replace(problem, personnel=ints(7))
    assert best(larger).services == (Service(0, 0, 5, 10), Service(1, 1, 2, 2))


def test_units_are_shared_by_the_demands_of_an_incident() -> None:
    """Both demands want 10 and a unit gives 10: one unit, one demand, two units, both."""
    problem = two_demands(
        demand_incident=ints(0, 0),
        demand_weight=ints(1, 2),
        option_arrival_s=ints(1, 1, 9999, 9999),
    )
    assert best(problem).services == (Service(0, 1, 1, 10),)
    both = replace(problem, module_units=ints(2, 1), personnel=ints(2, 1))
    assert best(both).services == (Service(0, 0, 1, 10), Service(0, 1, 1, 10))


def test_team_goes_to_one_incident_only() -> None:
    """However many units ``near`` has, it can't be at both places."""
    problem = two_demands(
        module_units=ints(9, 1), personnel=ints(9, 1), option_arrival_s=ints(1, 1, 9999, 9999)
    )
    assert len(best(problem).services) == 1


def test_two_teams_reach_a_minimum_that_neither_reaches_alone() -> None:
    problem = two_teams(demand_quantity=ints(20), demand_minimum=ints(20))
    assert best(problem).services == (Service(0, 0, 1, 10), Service(1, 0, 1, 10))
    assert best(replace(problem, personnel=ints(1, 0))).services == ()


def test_little_province() -> None:
    assert best(little_province()) == best_plan()


ORDER = {
    "little in time before much late": (
        two_demands(
            module_units=ints(1, 1),
            demand_quantity=ints(1, 10),
            demand_weight=ints(1, 9),
            demand_target_s=ints(600, 200),
            option_arrival_s=ints(300, 300, 9999, 9999),
        ),
        {"near": "i"},
    ),
    "much before soon": (
        two_demands(demand_weight=ints(1, 2), option_arrival_s=ints(10, 500, 9999, 9999)),
        {"near": "j"},
    ),
    "soon before the floor": (
        two_teams(floor_id=("f",), floor_quantity=ints(1), floor_teams=(ints(0),)),
        {"near": "i"},
    ),
    "the floor before cost": (
        two_teams(
            option_arrival_s=ints(300, 300),
            option_cost_yuan=ints(900, 1),
            floor_id=("f",),
            floor_quantity=ints(1),
            floor_teams=(ints(1),),
        ),
        {"near": "i"},
    ),
    "a floor that is not touched says nothing": (
        two_teams(
            option_arrival_s=ints(300, 300),
            option_cost_yuan=ints(900, 1),
            floor_id=("f",),
            floor_quantity=ints(0),
            floor_teams=(ints(1),),
        ),
        {"far": "i"},
    ),
    "the cheaper of equals": (two_teams(option_arrival_s=ints(300, 300)), {"far": "i"}),
    "one team rather than two, where both cost nothing": (
        two_teams(
            demand_quantity=ints(20),
            module_units=ints(2, 1),
            personnel=ints(2, 1),
            option_arrival_s=ints(300, 300),
            option_cost_yuan=ints(0, 0),
        ),
        {"near": "i"},
    ),
}


@pytest.mark.parametrize(("problem", "sent"), ORDER.values(), ids=ORDER.keys())
def test_earlier_stages_decide_before_later_ones(
    problem: DispatchProblem, sent: dict[str, str]
) -> None:
    plan = best(problem)
    assert {
        problem.team_id[problem.option_team[option]]: problem.incident_id[
            problem.option_incident[option]
        ]
        for option in plan.options
    } == sent


def test_few_teams_rather_than_many_where_all_cost_nothing() -> None:
    """Of eight that arrive together, the last by id could do alone what the others share."""
    rows, ones = np.arange(8), np.ones(8, dtype=np.int64)
    problem = one_on_one(
        team_id=tuple("abcdefgh"),
        personnel=ones,
        module_team=rows,
        module_capability=("pump",) * 8,
        module_units=ones,
        module_quantity=ints(1, 1, 2, 2, 2, 1, 1, 10),
        module_members=ones,
        option_team=rows,
        option_incident=ones * 0,
        option_arrival_s=ones * 300,
        option_cost_yuan=ones * 0,
    )
    assert len(nearest_first(problem).options) == 7
    assert best(problem).options == (7,)


def test_slower_way_is_never_taken() -> None:
    """Whatever it costs, the fast way is taken; of equally fast ways the cheap one."""
    ways = {
        "option_team": ints(0, 0, 0),
        "option_incident": ints(0, 0, 0),
        "option_cost_yuan": ints(0, 900, 800),
    }
    assert best(one_on_one(**ways, option_arrival_s=ints(301, 300, 300))).options == (2,)
    assert best(one_on_one(**ways, option_arrival_s=ints(300, 300, 300))).options == (0,)


# What more means, a plan of the problem before is still one after, and no worse.


def without(problem: DispatchProblem, team: int) -> DispatchProblem:
    """Leave out one team with its modules, options and places in the floors."""
    modules = np.flatnonzero(problem.module_team != team)
    options = np.flatnonzero(problem.option_team != team)
    teams = [row for row in range(len(problem.team_id)) if row != team]
    uses = np.flatnonzero(np.isin(problem.use_option, options))
    return replace(
        problem,
        team_id=tuple(problem.team_id[row] for row in teams),
        personnel=problem.personnel[teams],
        module_team=_closed(problem.module_team[modules], team),
        module_capability=tuple(problem.module_capability[row] for row in modules),
        module_units=problem.module_units[modules],
        module_quantity=problem.module_quantity[modules],
        module_members=problem.module_members[modules],
        option_team=_closed(problem.option_team[options], team),
        option_incident=problem.option_incident[options],
        option_arrival_s=problem.option_arrival_s[options],
        option_cost_yuan=problem.option_cost_yuan[options],
        floor_teams=tuple(_closed(rows[rows != team], team) for rows in problem.floor_teams),
        option_vehicles=vehicles(problem)[options],
        module_portable=portable(problem)[modules],
        use_option=np.searchsorted(options, problem.use_option[uses]),
        use_lift=problem.use_lift[uses],
        use_quantity=problem.use_quantity[uses],
        use_from_s=problem.use_from_s[uses],
        use_until_s=problem.use_until_s[uses],
    )


def _closed(rows: IntArray, gap: int) -> IntArray:
    return rows - (rows > gap)


MORE: dict[str, Callable[[DispatchProblem], DispatchProblem]] = {
    "members": lambda p: replace(p, personnel=p.personnel + 1),
    "units": lambda p: replace(p, module_units=p.module_units + 1),
    "capacity": lambda p: replace(p, module_quantity=p.module_quantity + 1),
    "time": lambda p: replace(p, demand_latest_s=p.demand_latest_s + 300),
    "use of little": lambda p: replace(p, demand_minimum=np.zeros_like(p.demand_minimum)),
    "lift": lambda p: replace(p, lift_capacity=p.lift_capacity + 1),
    "vehicles": lambda p: replace(p, option_vehicles=np.ones_like(p.option_vehicles)),
    "what can be carried": lambda p: replace(p, module_portable=np.ones_like(p.module_portable)),
    "speed": lambda p: replace(p, option_arrival_s=p.option_arrival_s - 300),
}


@pytest.mark.parametrize("seed", range(30))
def test_one_team_more_is_never_worse(seed: int) -> None:
    """Not in the first stage, nor in the order of all five: who stays at home harms nothing."""
    problem = random_problem(seed)
    all_teams = values(best(problem))
    for team in range(len(problem.team_id)):
        fewer = values(best(without(problem, team)))
        assert all_teams["met_by_target"] >= fewer["met_by_target"]
        assert rank(all_teams) <= rank(fewer)


@pytest.mark.parametrize("more", MORE.values(), ids=MORE.keys())
def test_more_of_anything_is_never_worse(
    more: Callable[[DispatchProblem], DispatchProblem],
) -> None:
    better = 0
    for seed in range(20):
        problem = random_problem(seed)
        before, after = (rank(values(best(each))) for each in (problem, more(problem)))
        assert after <= before, seed
        better += after < before
    assert better, "this never made a difference"


# What must not change the plan.


def shifted(problem: DispatchProblem, by_s: int) -> DispatchProblem:
    return replace(
        problem,
        option_arrival_s=problem.option_arrival_s + by_s,
        demand_target_s=problem.demand_target_s + by_s,
        demand_latest_s=problem.demand_latest_s + by_s,
        use_from_s=problem.use_from_s + by_s,
        use_until_s=problem.use_until_s + by_s,
    )


@pytest.mark.parametrize("seed", range(30))
def test_shifting_all_times_shifts_the_third_stage_only(seed: int) -> None:
    """The same plans are possible, and of each the third stage grows by shift times ``met``.

    As ``met`` is held before the third stage is solved, all plans still in the
    running grow by the same: a plan best for one problem is best for the other.
    """
    problem, by_s = random_problem(seed), 137
    later = shifted(problem, by_s)
    plan, plan_later = best(problem), best(later)
    expected = values(plan)
    expected["arrival"] += by_s * expected["met"]
    assert values(plan_later) == expected
    assert evaluate(problem, plan_later) == values(plan)
    assert evaluate(later, plan) == expected


def test_shifting_all_times_keeps_the_plan_where_it_is_the_only_best() -> None:
    plan = best(shifted(little_province(), 4321))
    assert (plan.options, plan.services) == (best_plan().options, best_plan().services)


@pytest.mark.parametrize("seed", range(30))
def test_order_of_rows_does_not_change_the_plan(seed: int) -> None:
    problem = random_problem(seed)
    other = shuffled(problem, seed)
    plan, same = best(problem), best(other)
    assert told(other, same) == told(problem, plan)
    assert same.stages == plan.stages


def test_same_seed_gives_the_same_plan() -> None:
    for seed in range(10):
        problem = random_problem(seed)
        first, again = (solve(problem, seed=7, workers=2) for _ in range(2))
        assert first == again


def test_same_seed_gives_the_same_plan_when_work_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """What ends the search is an amount of work, not the clock."""
    monkeypatch.setattr(assign, "WORK_PER_SECOND", 1e-4)
    monkeypatch.setattr(assign, "RELAXED_SHARE", 0.0)
    stopped = 0
    for seed in range(6):
        problem = crowded_problem(seed)
        first, again = (solve(problem, seed=7, workers=1) for _ in range(2))
        assert first == again
        stopped += any(stage.termination != "optimal" for stage in first.stages)
    assert stopped


# Out of time.


def honest(problem: DispatchProblem, plan: DispatchSolution, truth: dict[str, int]) -> None:
    """Check a plan, the first bound and every stage proved after proved ones only."""
    assert check(problem, plan) == ()
    assert plan.stages[0].bound >= truth["met_by_target"]
    for stage in plan.stages:
        assert stage.termination in TERMINATIONS
        if stage.termination != "optimal":
            break
        assert stage.value == truth[stage.name]


@pytest.mark.parametrize("time_limit_s", [0.0, 0.001])
def test_tiny_time_limit_still_gives_an_honest_plan(time_limit_s: float) -> None:
    for seed in range(20):
        problem = random_problem(seed)
        plan = solve(problem, time_limit_s=time_limit_s, workers=1)
        honest(problem, plan, values(best(problem)))
        assert rank(values(plan)) <= rank(values(nearest_first(problem)))


@pytest.mark.parametrize("time_limit_s", [0.0, -1.0])
def test_no_time_at_all_gives_the_nearest_first_plan(time_limit_s: float) -> None:
    """A caller that has used up its time may be left with less than none."""
    problem = little_province()
    assert solve(problem, time_limit_s=time_limit_s) == nearest_first(problem)


@pytest.mark.parametrize("work", [1e-6, 1e-5])
def test_search_stopped_at_any_stage_gives_an_honest_plan(
    work: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = {seed: values(best(random_problem(seed))) for seed in range(40)}
    monkeypatch.setattr(assign, "WORK_PER_SECOND", work)
    monkeypatch.setattr(assign, "RELAXED_SHARE", 0.0)
    endings = set()
    for seed in range(40):
        plan = solve(random_problem(seed), seed=seed, workers=1)
        honest(random_problem(seed), plan, truth[seed])
        endings.add(tuple(stage.termination for stage in plan.stages))
    assert len(endings) > 1


def test_a_stage_stopped_early_and_bettered_later_is_reported_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A later stage may better an earlier one; what lies between may then not be called proved."""
    monkeypatch.setattr(assign, "WORK_PER_SECOND", 3e-4)
    monkeypatch.setattr(assign, "RELAXED_SHARE", 0.0)
    for seed in range(20):
        problem = crowded_problem(seed)
        plan = solve(problem, seed=seed, workers=1)
        assert check(problem, plan) == ()
        assert rank(values(plan)) <= rank(values(nearest_first(problem)))


# A plan to start from.


def test_good_hint_is_kept_when_there_is_no_time_for_a_better() -> None:
    plan = solve(little_province(), time_limit_s=0.0, hint=best_plan())
    assert plan == unproved(little_province(), best_plan())
    assert values(plan) == BEST


def test_good_hint_is_carried_to_rows_in_order_and_back() -> None:
    """The ids of the rows are not in the order of the rows: home before west."""
    problem = little_province()
    assert list(problem.team_id) != sorted(problem.team_id)
    assert solve(problem, workers=1, hint=best_plan()) == best_plan()


def test_hint_worse_than_nearest_first_is_left_aside() -> None:
    problem = little_province()
    for hint in (DispatchSolution((), (), ()), replace(best_plan(), options=(EAST_SLOW, 3, 5))):
        assert solve(problem, time_limit_s=0.0, hint=hint) == nearest_first(problem)


BAD = {
    "arrives too late": replace(best_plan(), options=(EAST_FLOOD, WEST_NIGHT, 5)),
    "nobody sent": replace(best_plan(), options=()),
    "one team twice": replace(best_plan(), options=(EAST_FLOOD, EAST_SLOW, WEST_QUAKE, 5)),
    "no such option": replace(best_plan(), options=(EAST_FLOOD, WEST_QUAKE, 99)),
    "no such module": replace(best_plan(), services=(Service(99, 0, 1, 1),)),
    "too much credit": replace(best_plan(), services=(Service(0, 0, 3, 40),)),
}


@pytest.mark.parametrize("hint", BAD.values(), ids=BAD.keys())
def test_bad_hint_is_ignored(hint: DispatchSolution) -> None:
    problem = little_province()
    assert solve(problem, time_limit_s=0.0, hint=hint) == nearest_first(problem)
    assert solve(problem, workers=1, hint=hint) == best_plan()


def test_hint_by_a_slow_way_is_kept_without_time_and_bettered_with_time() -> None:
    """Only ``near`` reaches ``e``, where nearest first does not send it; the hint does, slowly."""
    problem = two_demands(
        option_team=ints(0, 0, 0, 1),
        option_incident=ints(0, 1, 1, 0),
        option_arrival_s=ints(300, 300, 400, 500),
        option_cost_yuan=ints(0, 0, 0, 0),
    )
    services = (Service(1, 0, 1, 10), Service(0, 1, 1, 10))
    hint = DispatchSolution((2, 3), services, ())
    assert solve(problem, time_limit_s=0.0, hint=hint) == unproved(problem, hint)
    plan = solve(problem, workers=1, hint=hint)
    assert (plan.options, plan.services) == ((1, 3), services)
    assert {stage.termination for stage in plan.stages} == {"optimal"}


# What validation lets pass, the solver can take.


def many_alike(weight: int) -> DispatchProblem:
    """Return 30 teams that can each meet the one demand, a day and a half away at the latest."""
    rows = np.arange(30)
    ones = np.ones_like(rows)
    return one_on_one(
        team_id=tuple(f"team {row:02}" for row in rows),
        personnel=ones * 5,
        module_team=rows,
        module_capability=("pump",) * 30,
        module_units=ones * 5,
        module_quantity=ones * 2,
        module_members=ones,
        demand_weight=ints(weight),
        demand_target_s=ints(1_000_000),
        demand_latest_s=ints(1_000_000),
        option_team=rows,
        option_incident=ones * 0,
        option_arrival_s=1_000_000 - rows,
        option_cost_yuan=ones,
    )


LARGE = {
    "weights that fit": many_alike(10**5),
    "weights that fit once, not for every team that could serve": many_alike(10**7),
    "units times quantity": one_on_one(module_units=ints(10**12), module_quantity=ints(10**12)),
    "members": one_on_one(personnel=ints(2**60), module_members=ints(2**59)),
    "floors": one_on_one(
        floor_id=tuple("abcdefghijkl"),
        floor_quantity=ints(*[2**60] * 12),
        floor_teams=(ints(0),) * 12,
    ),
}


@pytest.mark.parametrize("problem", LARGE.values(), ids=LARGE.keys())
def test_large_numbers_are_refused_by_name_or_still_give_a_plan(problem: DispatchProblem) -> None:
    with suppress(InputError):
        plan = solve(problem, workers=1)
        assert check(problem, plan) == ()
        assert values(plan)["met"] > 0


def test_large_numbers_that_fit_are_solved() -> None:
    assert best(LARGE["weights that fit"]).options == (29,)
