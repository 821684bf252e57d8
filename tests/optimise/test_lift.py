"""Shared lift: sorties of one aircraft in sequence, seats of a train, what vehicles carry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutants import train, two_sorties
from small import flags, ints, one_on_one, two_teams, values

from dispatch.optimise import assign
from dispatch.optimise.assign import solve
from dispatch.optimise.candidates import useful_options
from dispatch.optimise.check import check, infeasibilities
from dispatch.optimise.lift import Use, crowds, fits, within
from dispatch.optimise.nearest import nearest_first
from dispatch.optimise.problem import DispatchProblem, DispatchSolution, Service

WAYS = pytest.mark.parametrize("wide", [10_000, 0], ids=["narrow", "wide"])


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Choose the way in which a case is solved."""
    return lambda wide: monkeypatch.setattr(assign, "WIDE", wide)


@WAYS
def test_one_aircraft_flies_two_sorties_in_sequence(both: Callable[[int], None], wide: int) -> None:
    both(wide)
    plan = solve(two_sorties(), workers=1)
    assert {stage.termination for stage in plan.stages} == {"optimal"}
    assert plan.options == (0, 3, 5)
    third = 100_000 // 3
    assert values(plan) == {
        "met_by_target": 2 * third,
        "met": 3 * third,
        "arrival": third * (1200 + 4500 + 7000),
        "floors": 0,
        "cost": 900 + 900 + 100,
    }


@WAYS
def test_the_next_sortie_may_leave_the_moment_the_aircraft_is_ready(
    both: Callable[[int], None], wide: int
) -> None:
    """Bea's first sortie over by 3000 lets ann follow at 3000: 1500 + 4200 beats 1200 + 4500."""
    both(wide)
    until_s = ints(3000, 6000, 3000, 6300, 3000)
    arrival_s = ints(1200, 4200, 1500, 4600, 1800, 7000)
    problem = replace(two_sorties(), use_until_s=until_s, option_arrival_s=arrival_s)
    assert solve(problem, workers=1).options == (1, 2, 5)
    busy = replace(problem, use_until_s=ints(3000, 6000, 3001, 6300, 3000))
    assert solve(busy, workers=1).options == (0, 3, 5)


@WAYS
def test_two_aircraft_fly_at_once(both: Callable[[int], None], wide: int) -> None:
    """Cat's one sortie, ann's or bea's first, the second of the other: all in time."""
    both(wide)
    plan = solve(replace(two_sorties(), lift_capacity=ints(2)), workers=1)
    third = 100_000 // 3
    assert values(plan)["met_by_target"] == 3 * third
    assert values(plan)["arrival"] == third * (1800 + 1200 + 4500)


@WAYS
@pytest.mark.parametrize(
    ("seats", "aboard"),
    [(15, (0, 1, 2)), (10, (0, 1, 2)), (9, (0, 2)), (8, (1, 2)), (6, (1, 2)), (5, (0,)), (4, (0,))],
)
def test_seats_of_a_train(
    seats: int, aboard: tuple[int, ...], both: Callable[[int], None], wide: int
) -> None:
    """With 6 to 8 seats b and c, on different stretches, are worth more than a with neither."""
    both(wide)
    problem = without_those_who_never_fit(replace(train(), lift_capacity=ints(seats)))
    plan = solve(problem, workers=1)
    assert tuple(problem.option_team[list(plan.options)].tolist()) == aboard


def without_those_who_never_fit(problem: DispatchProblem) -> DispatchProblem:
    """Leave out the ways of teams that outnumber the seats, as whoever makes a problem must."""
    keep = np.flatnonzero(problem.use_quantity <= problem.lift_capacity[0])
    return replace(
        problem,
        option_team=problem.option_team[keep],
        option_incident=problem.option_incident[keep],
        option_arrival_s=problem.option_arrival_s[keep],
        option_cost_yuan=problem.option_cost_yuan[keep],
        option_vehicles=problem.option_vehicles[keep],
        use_option=np.arange(len(keep)),
        use_lift=problem.use_lift[keep],
        use_quantity=problem.use_quantity[keep],
        use_from_s=problem.use_from_s[keep],
        use_until_s=problem.use_until_s[keep],
    )


# Nearest first.


def test_nearest_first_flies_what_the_aircraft_still_can() -> None:
    """Ann takes the helicopter until 3000; bea's next is at 3300; cat must drive."""
    assert nearest_first(two_sorties()).options == (0, 3, 5)


def test_nearest_first_leaves_who_finds_no_seat() -> None:
    plan = nearest_first(replace(train(), lift_capacity=ints(9)))
    assert plan.options == (0, 2)
    assert check(replace(train(), lift_capacity=ints(9)), plan) == ()


def test_nearest_first_gives_seats_back_where_a_minimum_is_missed() -> None:
    """Two near teams can't reach the minimum of 3, so the seat is free for the next demand."""
    problem = two_teams(
        demand_id=("d", "e"),
        demand_capability=("pump", "pump"),
        demand_incident=ints(0, 0),
        demand_quantity=ints(30, 10),
        demand_minimum=ints(30, 1),
        demand_weight=ints(2, 1),
        demand_target_s=ints(600, 600),
        demand_latest_s=ints(1200, 1200),
        lift_id=("bus",),
        lift_capacity=ints(1),
        use_option=ints(0),
        use_lift=ints(0),
        use_quantity=ints(1),
        use_from_s=ints(0),
        use_until_s=ints(9),
    )
    assert nearest_first(problem).services == (Service(0, 1, 1, 10),)


# The checker, broken in one way.

SORTIES = solve(two_sorties(), workers=1)


def sent(*options: int) -> DispatchSolution:
    return replace(SORTIES, options=options)


@pytest.mark.parametrize(
    ("options", "violations"),
    [
        ((0, 3, 5), ()),
        ((0, 2, 5), ("Lift helicopter is used by 2 at 300 s; it has 1.",)),
        ((1, 2, 5), ("Lift helicopter is used by 2 at 3000 s; it has 1.",)),
        (
            (0, 2, 4),
            (
                "Lift helicopter is used by 2 at 0 s; it has 1.",
                "Lift helicopter is used by 3 at 300 s; it has 1.",
            ),
        ),
    ],
)
def test_two_sorties_at_once_are_refused(
    options: tuple[int, ...], violations: tuple[str, ...]
) -> None:
    assert infeasibilities(two_sorties(), sent(*options)) == violations


def test_a_full_train_does_not_fill_another() -> None:
    plan = solve(train(), workers=1)
    problem = replace(
        train(), lift_id=("train", "next"), lift_capacity=ints(6, 4), use_lift=ints(1, 0, 0)
    )
    assert check(problem, plan) == ()


def test_what_needs_vehicles_cannot_come_by_train() -> None:
    plan = solve(one_on_one(), workers=1)
    afoot = {"option_vehicles": flags(False)}
    fixed = {"module_portable": flags(False)}
    assert check(one_on_one(**afoot), plan) == ()
    assert check(one_on_one(**fixed), plan) == ()
    assert check(one_on_one(**afoot, module_portable=flags(True)), plan) == ()
    assert check(one_on_one(**fixed, option_vehicles=flags(True)), plan) == ()
    assert check(one_on_one(**afoot, **fixed), plan) == (
        "Team t serves demand d with what needs vehicles; they stay behind.",
    )


@WAYS
def test_a_team_goes_by_road_for_what_it_can_not_carry(
    both: Callable[[int], None], wide: int
) -> None:
    """By air after 300 s its pumps stay behind; by road it comes with them after 500 s."""
    both(wide)
    problem = one_on_one(
        option_team=ints(0, 0),
        option_incident=ints(0, 0),
        option_arrival_s=ints(300, 500),
        option_cost_yuan=ints(90, 10),
        option_vehicles=flags(False, True),
        module_portable=flags(False),
    )
    assert solve(problem, workers=1).options == (1,)
    assert nearest_first(problem).options == (1,)
    carried = replace(problem, module_portable=flags(True))
    assert solve(carried, workers=1).options == (0,)


# Which ways can be left out.


def options(**changes: object) -> list[int]:
    """Return the useful ones of two ways of one team, the second using one seat of a lift."""
    problem = one_on_one(
        option_team=ints(0, 0),
        option_incident=ints(0, 0),
        option_arrival_s=ints(300, 300),
        option_cost_yuan=ints(10, 10),
        lift_id=("lift",),
        lift_capacity=ints(2),
        use_option=ints(1),
        use_lift=ints(0),
        use_quantity=ints(1),
        use_from_s=ints(0),
        use_until_s=ints(9),
    )
    return useful_options(replace(problem, **changes))  # type: ignore[arg-type]


AFOOT_FIRST = {"option_vehicles": flags(False, True)}
USED_BY_BOTH = {"use_option": ints(0, 1), "use_lift": ints(0, 0)}


@pytest.mark.parametrize(
    ("changes", "useful"),
    [
        ({}, [0]),
        ({"option_arrival_s": ints(301, 300)}, [0, 1]),
        ({"option_cost_yuan": ints(11, 10)}, [0, 1]),
        ({"option_cost_yuan": ints(11, 10), "option_arrival_s": ints(299, 300)}, [0]),
        (AFOOT_FIRST, [0]),
        ({**AFOOT_FIRST, "module_portable": flags(False)}, [0, 1]),
        ({"option_vehicles": flags(True, False), "module_portable": flags(False)}, [0]),
        ({"use_quantity": ints(0), "option_arrival_s": ints(301, 300)}, [1]),
        (
            {
                **USED_BY_BOTH,
                "use_quantity": ints(1, 2),
                "use_from_s": ints(0, 0),
                "use_until_s": ints(9, 9),
            },
            [0],
        ),
        (
            {
                **USED_BY_BOTH,
                "use_quantity": ints(1, 2),
                "use_from_s": ints(0, 0),
                "use_until_s": ints(9, 8),
            },
            [0, 1],
        ),
        (
            {
                **USED_BY_BOTH,
                "use_quantity": ints(1, 1),
                "use_from_s": ints(1, 0),
                "use_until_s": ints(8, 9),
            },
            [0],
        ),
    ],
)
def test_a_way_is_left_out_only_where_another_is_as_good_in_everything(
    changes: dict[str, object], useful: list[int]
) -> None:
    assert options(**changes) == useful


USES = st.lists(
    st.builds(
        lambda lift, start, length, quantity: Use(lift, start, start + length, quantity),
        st.integers(0, 1),
        st.integers(0, 6),
        st.integers(1, 4),
        st.integers(1, 3),
    ),
    max_size=5,
)


def loads(uses: list[Use]) -> list[list[int]]:
    """Count the load of both lifts second by second."""
    return [
        [sum(u.quantity for u in uses if u.lift == lift and u.from_s <= t < u.until_s)
         for t in range(12)]
        for lift in (0, 1)
    ]  # fmt: skip


@settings(derandomize=True, max_examples=200, deadline=None)
@given(USES, USES, st.integers(1, 5), st.integers(1, 5))
def test_loads_are_compared_at_every_moment(
    one: list[Use], other: list[Use], first: int, second: int
) -> None:
    a, b = np.array(loads(one)), np.array(loads(other))
    capacity = ints(first, second)
    assert within(one, other) == bool((a <= b).all())
    lifts = sorted({use.lift for use in one + other})
    room = bool((a[lifts] + b[lifts] <= capacity[lifts, None]).all())
    if not {use.lift for use in one} - {use.lift for use in other}:
        assert fits(capacity, one, other) == room


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.lists(USES, min_size=1, max_size=5), st.integers(3, 6), st.integers(3, 6))
def test_crowds_allow_exactly_what_the_capacity_allows(
    uses: list[list[Use]], first: int, second: int
) -> None:
    capacity = ints(first, second)
    rows = [(o, use) for o, each in enumerate(uses) for use in each]
    problem = one_on_one(
        team_id=tuple("abcde"[: len(uses)]),
        option_team=np.arange(len(uses)),
        lift_id=("l", "m"),
        lift_capacity=capacity,
        use_option=ints(*(o for o, _use in rows)),
        use_lift=ints(*(use.lift for _o, use in rows)),
        use_quantity=ints(*(use.quantity for _o, use in rows)),
        use_from_s=ints(*(use.from_s for _o, use in rows)),
        use_until_s=ints(*(use.until_s for _o, use in rows)),
    )
    alone = [o for o, each in enumerate(uses) if np.all(capacity >= np.array(loads(each)).T)]
    found = crowds(problem, ints(*alone))
    for size in range(1, len(alone) + 1):
        for taken in combinations(alone, size):
            load = np.array(loads([use for o in taken for use in uses[o]]))
            kept = all(
                sum(w for o, w in zip(c.options, c.weight, strict=True) if o in taken) <= c.capacity
                for c in found
            )
            assert kept == bool(np.all(capacity >= load.T)), (taken, found)


def test_only_the_fullest_moments_make_a_rule() -> None:
    """Three uses like a staircase: first and second meet, second and third, never all.

    ::

        a  0 ----- 2
        b     1 ----- 3
        c        2 ----- 4
    """
    problem = replace(
        train(),
        lift_capacity=ints(6),
        use_from_s=ints(0, 1, 2),
        use_until_s=ints(2, 3, 4),
    )
    found = crowds(problem, np.arange(3))
    assert [(crowd.options, crowd.weight, crowd.capacity) for crowd in found] == [
        ((0, 1), (1, 1), 1),
        ((1, 2), (1, 1), 1),
    ]
    roomy = replace(problem, lift_capacity=ints(10))
    assert [(crowd.options, crowd.weight) for crowd in crowds(roomy, np.arange(3))] == [
        ((1, 2), (6, 5))
    ]


def test_ways_of_one_team_never_crowd_a_lift() -> None:
    """A team takes one way, so three sorties of one team need no rule."""
    problem = replace(two_sorties(), option_team=ints(0, 0, 0, 0, 0, 0))
    assert crowds(problem, np.arange(6)) == []
