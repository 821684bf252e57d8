"""Every plan of a small problem, counted out: the solver must find the best of them.

Nothing here knows the solver or the checker; the rules are read off the
docstrings of ``problem.py`` and written down a second time.

Two plans that send the same teams, use the same lifts at the same times and
credit the same quantity to each demand leave the same open to the teams still
to be placed; so only the better of the two is kept while the teams are placed
one after the other. A credit is given with the fewest units that reach it, as
idle units change no stage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product

import pytest
from small import BEST, best_plan, flags, ints, little_province, random_problem, rank, values

from dispatch.optimise.assign import solve
from dispatch.optimise.check import check
from dispatch.optimise.nearest import nearest_first
from dispatch.optimise.problem import SHARE, DispatchProblem, DispatchSolution

CASES = 240
BATCH = 20

Credits = tuple[int, ...]
"""Quantity credited to each demand."""

Load = frozenset[tuple[tuple[int, int], int]]
"""What is used of each lift in each step of time."""

Gains = tuple[int, int, int, int]
"""Points by target, points, minus point-seconds, minus yuan: more is better."""


def best_values(problem: DispatchProblem) -> dict[str, int]:
    """Return the value of every stage of the lexicographically best plan."""
    nothing = (0,) * len(problem.demand_id)
    kept: dict[tuple[Credits, frozenset[int], Load], Gains]
    kept = {(nothing, frozenset(), frozenset()): (0, 0, 0, 0)}
    for team in range(len(problem.team_id)):
        more = dict(kept)
        for deed, lift, gain in deeds(problem, team):
            for (credits, sent, load), worth in kept.items():
                total = tuple(a + b for a, b in zip(credits, deed, strict=True))
                if any(a > int(b) for a, b in zip(total, problem.demand_quantity, strict=True)):
                    continue
                both = merged(load, lift)
                if any(used > problem.lift_capacity[at[0]] for at, used in both):
                    continue
                key = (total, sent | {team}, both)
                sums = added(worth, gain)
                more[key] = max(more.get(key, sums), sums)
        kept = more
    s1, s2, s3, s4, s5 = max(
        (by_target, met, late, -missing(problem, sent), cost)
        for (credits, sent, _load), (by_target, met, late, cost) in kept.items()
        if useful(problem, credits)
    )
    return {"met_by_target": s1, "met": s2, "arrival": -s3, "floors": -s4, "cost": -s5}


def merged(one: Load, other: Load) -> Load:
    if not other:
        return one
    sums = Counter(dict(one))
    sums.update(dict(other))
    return frozenset(sums.items())


def load_of(problem: DispatchProblem, option: int) -> Load:
    """Return what an option uses of each lift in each step of 300 s, the grain of all times."""
    load: Counter[tuple[int, int]] = Counter()
    for row in range(len(problem.use_option)):
        if problem.use_option[row] == option:
            for second in range(int(problem.use_from_s[row]), int(problem.use_until_s[row]), 300):
                load[int(problem.use_lift[row]), second] += int(problem.use_quantity[row])
    return frozenset(load.items())


def added(one: Gains, other: Gains) -> Gains:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]


def deeds(problem: DispatchProblem, team: int) -> dict[tuple[Credits, Load, Gains], None]:
    """Return all that one team can do if sent: credits, load, and gains (more is better)."""
    found: dict[tuple[Credits, Load, Gains], None] = {}
    for option in range(len(problem.option_team)):
        if problem.option_team[option] == team:
            load = load_of(problem, option)
            for credits in credits_by(problem, team, option):
                found[credits, load, gains(problem, option, credits)] = None
    return found


def credits_by(problem: DispatchProblem, team: int, option: int) -> set[Credits]:
    """Return every sum of credits that the team's modules can reach, but doing nothing."""
    modules = [m for m in range(len(problem.module_team)) if problem.module_team[m] == team]
    found = set()
    for jobs in product(*(list(module_jobs(problem, module, option)) for module in modules)):
        members = sum(
            units * int(problem.module_members[module])
            for module, (units, _) in zip(modules, jobs, strict=True)
        )
        credits = tuple(map(sum, zip(*(credits for _, credits in jobs), strict=True)))
        if members <= problem.personnel[team] and any(credits):
            found.add(credits)
    return found


def module_jobs(
    problem: DispatchProblem, module: int, option: int
) -> Iterator[tuple[int, Credits]]:
    """Return units at work and credits for each way to share out the units of a module."""
    each = int(problem.module_quantity[module])
    comes = (
        not len(problem.module_portable)
        or problem.module_portable[module]
        or problem.option_vehicles[option]
    )
    ranges = []
    for demand in range(len(problem.demand_id)):
        could = (
            comes
            and problem.demand_incident[demand] == problem.option_incident[option]
            and problem.demand_capability[demand] == problem.module_capability[module]
            and problem.option_arrival_s[option] <= problem.demand_latest_s[demand]
        )
        ranges.append(range(int(problem.demand_quantity[demand]) + 1 if could else 1))
    for credits in product(*ranges):
        units = sum((credit + each - 1) // each for credit in credits)
        if units <= problem.module_units[module]:
            yield units, credits


def gains(problem: DispatchProblem, option: int, credits: Credits) -> Gains:
    """Return what credits are worth if the team takes that option."""
    arrival_s = int(problem.option_arrival_s[option])
    whole = problem.demand_reference if problem.demand_reference.size else problem.demand_quantity
    worth = [
        max(1, int(problem.demand_weight[d]) * SHARE // int(whole[d])) * credit
        for d, credit in enumerate(credits)
    ]
    by_target = sum(w for d, w in enumerate(worth) if arrival_s <= problem.demand_target_s[d])
    cost_yuan = int(problem.option_cost_yuan[option])
    return by_target, sum(worth), -sum(worth) * arrival_s, -cost_yuan


def useful(problem: DispatchProblem, credits: Credits) -> bool:
    return all(
        credit == 0 or credit >= least
        for credit, least in zip(credits, problem.demand_minimum, strict=True)
    )


def missing(problem: DispatchProblem, sent: frozenset[int]) -> int:
    return sum(
        max(0, int(wanted) - sum(1 for team in teams if int(team) not in sent))
        for wanted, teams in zip(problem.floor_quantity, problem.floor_teams, strict=True)
    )


def test_counts_out_the_little_province_as_by_hand() -> None:
    """In tens of pumped units, so that there is less to count; a whole demand is worth the same."""
    coarse = replace(
        little_province(),
        module_quantity=ints(1, 2, 5, 3),
        demand_quantity=ints(4, 2, 4, 10),
        demand_minimum=ints(2, 0, 0, 5),
    )
    assert best_values(coarse) == BEST


def test_solver_finds_the_best_plan_of_the_little_province() -> None:
    plan = solve(little_province(), workers=1)
    assert plan == best_plan()


@cache
def solved(seed: int) -> DispatchSolution:
    return solve(random_problem(seed), seed=seed, workers=1)


@cache
def unlimited(seed: int) -> DispatchSolution:
    """Solve with room on every lift."""
    problem = random_problem(seed)
    return solve(replace(problem, lift_capacity=problem.lift_capacity + 99), workers=1)


@cache
def at_hand(seed: int) -> DispatchSolution:
    """Solve with every module portable."""
    return solve(replace(random_problem(seed), module_portable=flags()), workers=1)


@pytest.mark.parametrize("first", range(0, CASES, BATCH))
def test_solver_finds_the_best_plan_there_is(first: int) -> None:
    for seed in range(first, first + BATCH):
        problem = random_problem(seed)
        plan = solved(seed)
        assert check(problem, plan) == (), seed
        assert {stage.termination for stage in plan.stages} == {"optimal"}, seed
        assert values(plan) == best_values(problem), seed


def test_the_cases_are_worth_solving() -> None:
    """Each situation the model must master is in several of the cases."""
    seen: Counter[str] = Counter()
    for seed in range(CASES):
        problem = random_problem(seed)
        plan = solved(seed)
        value = values(plan)
        credit: Counter[int] = Counter()
        for service in plan.services:
            credit[service.demand] += service.quantity
        modules = Counter(service.module for service in plan.services)
        demands = Counter(service.demand for service in plan.services)
        wanted = problem.demand_quantity.tolist()
        seen["nobody goes"] += not plan.options
        seen["nearest first is worse"] += rank(values(nearest_first(problem))) > rank(value)
        seen["met late"] += value["met_by_target"] < value["met"]
        seen["met in part"] += any(0 < credit[d] < most for d, most in enumerate(wanted))
        seen["met by several teams"] += any(times > 1 for times in demands.values())
        seen["module serves several demands"] += any(times > 1 for times in modules.values())
        seen["floors eaten into"] += value["floors"] > 0
        seen["a lift is used"] += any(o in plan.options for o in problem.use_option.tolist())
        seen["lifts hold back"] += rank(value) > rank(values(unlimited(seed)))
        seen["vehicles left behind"] += bool(
            len(problem.option_vehicles) and not problem.option_vehicles[list(plan.options)].all()
        )
        seen["vehicles needed"] += rank(value) > rank(values(at_hand(seed)))
        seen["somebody stays"] += 0 < len(plan.options) < len(problem.team_id)
        seen["several incidents served"] += (
            len({int(problem.option_incident[option]) for option in plan.options}) > 1
        )
    assert all(times >= 10 for times in seen.values()), seen
    assert seen["nobody goes"] < CASES // 4
