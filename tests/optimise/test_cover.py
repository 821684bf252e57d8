"""Rules that whole teams keep and fractions of teams break."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from small import crowded_problem, ints, one_on_one, random_problem, relaxed_best

from benchmarks.dispatch_case import case
from dispatch.optimise.assign import solve
from dispatch.optimise.candidates import Candidates, candidates
from dispatch.optimise.canonical import canonical
from dispatch.optimise.cover import _covers_of, covers, pairs
from dispatch.optimise.nearest import nearest_first
from dispatch.optimise.prices import priced, tightened
from dispatch.optimise.problem import DispatchProblem, DispatchSolution, IntArray
from dispatch.optimise.program import FloatArray, bound_by, columns_of, tight
from dispatch.optimise.relaxation import relaxation, valued
from dispatch.optimise.rules import enough
from dispatch.optimise.search import aim, lost_at, settled, worth


def ten_of_three_times_six() -> DispatchProblem:
    """Three teams of six, and a demand that wants ten.

    ::

        T1 6 ──┐
        T2 6 ──┼── D wants 10
        T3 6 ──┘

    Two of them can give 2 more than is wanted, so that either of them leaves a
    hole of 4 where it stays away.
    """
    return canonical(
        one_on_one(
            team_id=("T1", "T2", "T3"),
            personnel=ints(6, 6, 6),
            module_team=ints(0, 1, 2),
            module_capability=("pump",) * 3,
            module_units=ints(6, 6, 6),
            module_quantity=ints(1, 1, 1),
            module_members=ints(1, 1, 1),
            demand_quantity=ints(10),
            demand_minimum=ints(1),
            option_team=ints(0, 1, 2),
            option_incident=ints(0, 0, 0),
            option_arrival_s=ints(600, 600, 600),
            option_cost_yuan=ints(1, 1, 1),
        )
    )[0]


def test_a_cover_leaves_a_hole_where_somebody_stays_away() -> None:
    problem = ten_of_three_times_six()
    arcs = candidates(problem)
    credit, taken = np.array([6.0, 4.0, 0.0]), np.array([1.0, 2 / 3, 0.0])
    found = covers(problem, pairs(problem, arcs), credit, taken)
    assert found.demand.tolist() == [0]
    assert found.on_credit.toarray().tolist() == [[1, 1, 0]]
    assert found.on_way.toarray().tolist() == [[-4, -4, 0]]
    assert found.most.tolist() == [2]  # 10 wanted, less two holes of 4
    assert found.use(credit, taken) - found.most == pytest.approx(4 / 3)
    whole_teams = np.array([6.0, 4.0, 0.0]), np.array([1.0, 1.0, 0.0])
    assert found.use(*whole_teams) <= found.most
    assert not len(covers(problem, pairs(problem, arcs), *whole_teams).most)


def test_who_is_outside_a_cover_is_let_in_at_what_is_beyond_the_excess() -> None:
    problem = ten_of_three_times_six()
    parts = pairs(problem, candidates(problem))
    credit, taken = np.array([4.0, 3.5, 2.5]), np.array([2 / 3, 3.5 / 6, 2.5 / 6])
    found = covers(problem, parts, credit, taken)
    assert found.on_credit.toarray().tolist() == [[1, 1, 1]]
    assert found.on_way.toarray().tolist() == [[-4, -4, -4]]
    assert found.most.tolist() == [2]


def test_two_ways_of_a_team_are_one_part_of_a_cover() -> None:
    problem = canonical(
        one_on_one(
            option_team=ints(0, 0),
            option_incident=ints(0, 0),
            option_arrival_s=ints(600, 500),
            option_cost_yuan=ints(1, 5),
        )
    )[0]
    arcs = candidates(problem)
    parts = pairs(problem, arcs)
    assert len(parts.demand) == 1
    assert parts.ways.toarray().tolist() == [[1] * len(np.unique(arcs.option))]
    assert parts.most.tolist() == [arcs.most.max()]


@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=6),
    st.integers(1, 30),
    st.integers(0, 2**32 - 1),
)
def test_whole_teams_keep_every_rule(most: list[int], wanted: int, seed: int) -> None:
    """All subsets of a few teams, each with the credits that use most of the rule."""
    rng = np.random.default_rng(seed)
    gives, count = np.minimum(most, wanted).astype(np.float64), len(most)
    come = rng.random(count)
    for rule in _covers_of(0, wanted, np.arange(count), gives, gives * come, come):
        for taken in product((0.0, 1.0), repeat=count):
            there = np.array(taken)[rule.pair]
            credit = min(float(wanted), float((gives[rule.pair] * there).sum()))
            assert credit - float((rule.hole * there).sum()) <= rule.most + 1e-9


def test_plans_keep_the_rules_that_chance_breaks() -> None:
    rules = 0
    for seed in range(40):
        problem = canonical(random_problem(seed) if seed % 4 else crowded_problem(seed))[0]
        arcs = candidates(problem)
        if not len(arcs.option):
            continue
        taken = np.random.default_rng(seed).random(len(np.unique(arcs.option)))
        way = np.unique(arcs.option, return_inverse=True)[1]
        found = covers(problem, pairs(problem, arcs), arcs.most * taken[way], taken)
        rules += len(found.most)
        for plan in (nearest_first(problem), solve(problem, time_limit_s=2, workers=1)):
            assert (found.use(*_columns(problem, arcs, plan)) <= found.most + 1e-9).all(), seed
    assert rules > 10


def _columns(
    problem: DispatchProblem, arcs: Candidates, plan: DispatchSolution
) -> tuple[FloatArray, FloatArray]:
    prog = tight(problem, arcs)
    x = columns_of(prog, plan)
    return x[prog.credit_at], x[: len(prog.option)]


@pytest.mark.parametrize(
    ("weights", "share"),
    # the relaxation knows of minimum quantities as well, which matter where nothing else counts
    [((1.0, 0.0, 0.0), 1.002), ((20000.0, 20000.0, 1.0), 1.0)],
)
def test_priced_rules_prove_as_much_as_the_linear_relaxation_or_more(
    weights: tuple[float, float, float], share: float
) -> None:
    problem = canonical(case(100, 30, 1))[0]
    arcs = candidates(problem)
    prog = tight(problem, arcs)
    goal = worth(prog, weights)
    first = priced(problem, arcs, weights)
    second = tightened(problem, arcs, first)
    third = tightened(problem, arcs, second)
    assert first.value > second.value > third.value
    relaxed = relaxed_best(prog, goal)
    assert third.value < share * relaxed < first.value * share
    more = third.rules.kept(np.arange(len(third.prices)) >= len(problem.demand_id))
    bound = bound_by(prog, more.on_credit, more.on_way, more.most)
    # what prices prove is never below the optimum of the relaxation with the same rules
    best = relaxed_best(bound, goal)
    assert best <= third.value * (1 + 1e-9)
    plan = solve(problem, time_limit_s=5, workers=1)
    assert goal @ columns_of(prog, plan) <= best


def test_what_a_team_is_worth_at_prices_is_its_best_work() -> None:
    """Units of modules and members of the team: a linear programme for each way knows the best."""
    weights = (3.0, 2.0, 0.0)
    for seed in range(6):
        problem = canonical(crowded_problem(seed))[0]
        arcs = candidates(problem)
        whole = relaxation(problem, arcs, np.arange(len(arcs.option)))
        points = whole.worth * (weights[0] * whole.on_time + weights[1])
        prices = np.random.default_rng(seed).random(len(problem.demand_id)) * points.max() / 2
        value, credit = valued(whole, weights, prices)
        gain = points - whole.by_credit @ prices
        assert value == pytest.approx(np.bincount(whole.way, gain * credit, len(value)))
        for way in range(len(value)):
            mine = np.flatnonzero(whole.way == way)
            assert value[way] == pytest.approx(_best_work(problem, arcs, mine, gain[mine])), seed


def _best_work(
    problem: DispatchProblem, arcs: Candidates, mine: IntArray, gain: FloatArray
) -> float:
    """Return the most that one way can gain, its units in fractions."""
    module = arcs.module[mine]
    each = problem.module_quantity[module]
    members = problem.module_members[module]
    own = [(module == m) / each for m in np.unique(module)]
    staffed = np.array([*own, members / each])
    common = max(int(np.gcd.reduce(members)), 1)
    hands = int(problem.personnel[problem.option_team[arcs.option[mine[0]]]]) // common * common
    found = milp(
        -gain,
        bounds=Bounds(0, arcs.most[mine]),
        constraints=LinearConstraint(staffed, -np.inf, [*units_short(problem, module), hands]),
    )
    assert found.fun is not None
    return float(-found.fun)


def units_short(problem: DispatchProblem, module: IntArray) -> list[int]:
    """Return the units of each module that the members of its team suffice for."""
    rows = np.unique(module)
    members = problem.module_members[rows]
    hands = problem.personnel[problem.module_team[rows]]
    staffed = np.where(members > 0, hands // np.maximum(members, 1), problem.module_units[rows])
    short: list[int] = np.minimum(problem.module_units[rows], staffed).tolist()
    return short


def test_what_is_lost_is_told_to_the_last_point() -> None:
    """The limit, less what is lost at the incidents and by idle teams, is the plan's worth."""
    problem = canonical(case(60, 20, 1))[0]
    arcs = candidates(problem)
    top = tightened(problem, arcs, priced(problem, arcs, (1.0, 0.0, 0.0)))
    part = relaxation(problem, arcs, np.arange(len(arcs.option)), top.rules)
    goal = aim(tight(problem, arcs), part, top)
    x = settled(goal, nearest_first(problem))
    ways = len(goal.prog.option)
    sent = np.unique(goal.team[:ways][x[:ways] > 0.5])
    idle = ~np.isin(goal.team[:ways][part.first], sent)
    unused = float(goal.best[part.first][idle].sum())
    assert lost_at(goal, x).sum() + unused == pytest.approx(top.value - goal.worth @ x)


def test_no_demand_takes_more_than_it_wants() -> None:
    problem = ten_of_three_times_six()
    arcs = candidates(problem)
    rule = enough(problem, arcs)
    assert rule.use(np.array([6.0, 4.0, 0.0]), np.ones(3)).tolist() == [10]
    assert rule.most.tolist() == [10]
