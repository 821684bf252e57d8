"""The checker: a good plan passes; broken in any one way it is refused by name.

The province, its plan and all figures stand in ``small.py``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small import (
    BEST,
    CULVERT,
    DIG,
    DRAIN,
    EAST_FLOOD,
    EAST_PUMPS,
    EAST_SEEKERS,
    EAST_SLOW,
    HOME_FLOOD,
    HOME_PUMP,
    SEEK,
    WEST_NIGHT,
    WEST_QUAKE,
    WEST_SEEKERS,
    best_plan,
    little_province,
    random_problem,
)

from dispatch.errors import InvalidPlanError
from dispatch.optimise.assign import solve
from dispatch.optimise.check import check, ensure, evaluate, infeasibilities
from dispatch.optimise.problem import DispatchSolution, Service, StageResult

PLAN = best_plan()


def served(*services: Service) -> DispatchSolution:
    """Replace what the same modules do for the same or other demands."""
    modules = {service.module for service in services}
    kept = (service for service in PLAN.services if service.module not in modules)
    ordered = sorted((*kept, *services), key=lambda s: (s.demand, s.module))
    return replace(PLAN, services=tuple(ordered))


def sent(*options: int) -> DispatchSolution:
    return replace(PLAN, options=options)


def staged(name: str, **changes: object) -> DispatchSolution:
    """Change the report of one stage."""
    stages = tuple(
        replace(stage, **changes) if stage.name == name else stage  # type: ignore[arg-type]
        for stage in PLAN.stages
    )
    return replace(PLAN, stages=stages)


INFEASIBLE = {
    "option repeated": (
        sent(EAST_FLOOD, EAST_FLOOD, WEST_QUAKE, HOME_FLOOD),
        ("Options are repeated or out of order.", "Team east is sent 2 times."),
    ),
    "options out of order": (
        sent(WEST_QUAKE, EAST_FLOOD, HOME_FLOOD),
        ("Options are repeated or out of order.",),
    ),
    "option after the last": (
        sent(EAST_FLOOD, WEST_QUAKE, HOME_FLOOD, 6),
        ("There is no option 6.",),
    ),
    "option below 0": (
        sent(-1, EAST_FLOOD, WEST_QUAKE, HOME_FLOOD),
        ("There is no option -1.",),
    ),
    "two options of one team": (
        sent(EAST_FLOOD, EAST_SLOW, WEST_QUAKE, HOME_FLOOD),
        ("Team east is sent 2 times.",),
    ),
    "module after the last": (
        served(Service(4, DRAIN, 1, 1)),
        ("There is no module 4.",),
    ),
    "module below 0": (
        served(Service(-1, DRAIN, 1, 1)),
        ("There is no module -1.",),
    ),
    "demand after the last": (
        served(Service(HOME_PUMP, 4, 1, 20)),
        ("There is no demand 4.",),
    ),
    "demand below 0": (
        served(Service(HOME_PUMP, -4, 1, 20)),
        ("There is no demand -4.",),
    ),
    "service split in two": (
        served(Service(EAST_PUMPS, DRAIN, 2, 20), Service(EAST_PUMPS, DRAIN, 1, 10)),
        ("Services are repeated or out of order.",),
    ),
    "services out of order": (
        replace(PLAN, services=PLAN.services[::-1]),
        ("Services are repeated or out of order.",),
    ),
    "service of a team not sent": (
        sent(EAST_FLOOD, WEST_QUAKE),
        ("Team home works but is not sent.",),
    ),
    "team sent for nothing": (
        replace(PLAN, services=tuple(s for s in PLAN.services if s.module != HOME_PUMP)),
        ("Team home is sent but does nothing.",),
    ),
    "wrong incident": (
        served(Service(EAST_SEEKERS, DIG, 1, 2), Service(WEST_SEEKERS, DIG, 2, 8)),
        ("Team east goes to another incident than that of demand dig.",),
    ),
    "wrong capability": (
        served(
            Service(EAST_PUMPS, DRAIN, 2, 20),
            Service(EAST_PUMPS, SEEK, 1, 1),
            Service(EAST_SEEKERS, SEEK, 1, 2),
        ),
        ("Team east serves demand seek with another capability.",),
    ),
    "more units than the module has, over two services": (
        served(
            Service(EAST_PUMPS, DRAIN, 2, 20),
            Service(EAST_PUMPS, CULVERT, 2, 10),
            Service(HOME_PUMP, CULVERT, 1, 10),
            Service(EAST_SEEKERS, SEEK, 1, 2),
        ),
        ("Team east uses 4 units of pump; it has 3.",),
    ),
    "no units": (
        served(Service(WEST_SEEKERS, DIG, 2, 10), Service(HOME_PUMP, CULVERT, 0, 1)),
        (
            "Team home serves demand culvert with 0 units.",
            "Team home is credited with 1 for demand culvert; its units give 0.",
        ),
    ),
    "no credit": (
        served(Service(HOME_PUMP, CULVERT, 1, 0)),
        ("Team home is credited with 0 for demand culvert; its units give 30.",),
    ),
    "credit above units times quantity": (
        served(Service(EAST_PUMPS, DRAIN, 2, 21)),
        ("Team east is credited with 21 for demand drain; its units give 20.",),
    ),
    "credit above the demand": (
        served(Service(HOME_PUMP, CULVERT, 1, 21)),
        ("Demand culvert is credited with 21, not 0 to 20.",),
    ),
    "credit above the demand, over two services": (
        served(
            Service(EAST_PUMPS, DRAIN, 2, 20),
            Service(EAST_PUMPS, CULVERT, 1, 1),
        ),
        ("Demand culvert is credited with 21, not 0 to 20.",),
    ),
    "credit below the minimum useful quantity": (
        served(Service(WEST_SEEKERS, DIG, 1, 4)),
        ("Demand dig is credited with 4, not 5 to 10.",),
    ),
    "arrival after latest": (
        sent(EAST_FLOOD, WEST_NIGHT, HOME_FLOOD),
        ("Team west arrives 100 s too late for demand dig.",),
    ),
}

MISREPORTED = {
    "met by target reported too low": (
        staged("met_by_target", value=499_999, bound=499_999),
        ("Stage met_by_target reports 499999; it is 500000.",),
    ),
    "met reported too high": (
        staged("met", value=700_001, bound=700_001),
        ("Stage met reports 700001; it is 700000.",),
    ),
    "arrival reported too early": (
        staged("arrival", value=479_999_999, bound=479_999_999),
        ("Stage arrival reports 479999999; it is 480000000.",),
    ),
    "floors reported as kept": (
        staged("floors", value=0, bound=0),
        ("Stage floors reports 0; it is 2.",),
    ),
    "cost reported too low": (
        staged("cost", value=449, bound=449),
        ("Stage cost reports 449; it is 450.",),
    ),
    "a maximum above its bound": (
        staged("met", bound=699_999, termination="time_limit"),
        ("Stage met reports 700000, better than its bound 699999.",),
    ),
    "a minimum below its bound": (
        staged("cost", bound=451, termination="heuristic"),
        ("Stage cost reports 450, better than its bound 451.",),
    ),
    "a maximum called optimal with a gap": (
        staged("met", bound=700_001),
        ("Stage met is called optimal at 700000, bound 700001.",),
    ),
    "a minimum called optimal with a gap": (
        staged("floors", bound=1),
        ("Stage floors is called optimal at 2, bound 1.",),
    ),
    "an unknown ending": (
        staged("arrival", termination="gave up"),
        ("Stage arrival ended in an unknown way.",),
    ),
}

NOT_THE_FIVE = {
    "none": (),
    "the last missing": PLAN.stages[:-1],
    "the first missing": PLAN.stages[1:],
    "two exchanged": (PLAN.stages[1], PLAN.stages[0], *PLAN.stages[2:]),
    "one twice": (*PLAN.stages, PLAN.stages[-1]),
    "wrong sense": (replace(PLAN.stages[0], sense="min"), *PLAN.stages[1:]),
    "wrong name": (*PLAN.stages[:-1], replace(PLAN.stages[-1], name="price")),
}


def test_accepts_the_best_plan() -> None:
    assert check(little_province(), PLAN) == ()
    ensure(little_province(), PLAN)


def test_evaluates_every_stage_as_by_hand() -> None:
    assert evaluate(little_province(), PLAN) == BEST


def test_accepts_a_plan_that_sends_nobody() -> None:
    stay = DispatchSolution((), (), ())
    value = evaluate(little_province(), stay)
    assert value == {"met_by_target": 0, "met": 0, "arrival": 0, "floors": 0, "cost": 0}
    stages = tuple(replace(stage, value=0, bound=0) for stage in PLAN.stages)
    assert check(little_province(), replace(stay, stages=stages)) == ()


def test_accepts_a_gap_that_is_admitted() -> None:
    assert check(little_province(), staged("met", bound=900_000, termination="time_limit")) == ()
    assert check(little_province(), staged("cost", bound=0, termination="heuristic")) == ()


def test_gap_is_relative_to_the_value() -> None:
    assert StageResult("met", "max", 200, 250, "time_limit").gap == 0.25
    assert StageResult("cost", "min", 200, 150, "time_limit").gap == 0.25
    assert StageResult("floors", "min", 0, 0, "optimal").gap == 0
    assert StageResult("met", "max", 0, 300, "heuristic").gap == 300


def test_arrival_at_the_very_target_and_latest_counts() -> None:
    problem = little_province()
    target_s, latest_s = problem.demand_target_s.copy(), problem.demand_latest_s.copy()
    target_s[DRAIN], latest_s[DIG] = 500, 1000
    problem = replace(problem, demand_target_s=target_s, demand_latest_s=latest_s)
    assert check(problem, PLAN) == ()


def test_one_second_after_the_latest_time_is_too_late() -> None:
    problem = little_province()
    latest_s = problem.demand_latest_s.copy()
    latest_s[DIG] = 999
    assert check(replace(problem, demand_latest_s=latest_s), PLAN) == (
        "Team west arrives 1 s too late for demand dig.",
    )


def test_one_second_after_the_target_no_longer_counts_in_the_first_stage() -> None:
    problem = little_province()
    target_s = problem.demand_target_s.copy()
    target_s[DRAIN] = 499
    value = evaluate(replace(problem, demand_target_s=target_s), PLAN)
    assert value == {**BEST, "met_by_target": 200_000}


def test_floor_without_enough_teams_is_missing_from_the_start() -> None:
    problem = replace(little_province(), floor_quantity=np.array([5], dtype=np.int64))
    assert evaluate(problem, DispatchSolution((), (), ()))["floors"] == 3
    assert evaluate(problem, PLAN)["floors"] == 5


@pytest.mark.parametrize(("plan", "violations"), INFEASIBLE.values(), ids=INFEASIBLE.keys())
def test_infeasible_plan_is_refused_by_name(
    plan: DispatchSolution, violations: tuple[str, ...]
) -> None:
    assert infeasibilities(little_province(), plan) == violations
    assert check(little_province(), plan) == violations


def test_more_members_than_the_team_has() -> None:
    """A third seeker is there, but the three pumps and two seekers take all five members."""
    problem = little_province()
    units = problem.module_units.copy()
    units[EAST_SEEKERS] = 3
    plan = served(Service(EAST_SEEKERS, SEEK, 3, 4))
    assert check(replace(problem, module_units=units), plan) == (
        "Team east needs 6 members; it has 5.",
    )


@pytest.mark.parametrize(("plan", "violations"), MISREPORTED.values(), ids=MISREPORTED.keys())
def test_wrong_report_is_refused_by_name(
    plan: DispatchSolution, violations: tuple[str, ...]
) -> None:
    assert infeasibilities(little_province(), plan) == ()
    assert check(little_province(), plan) == violations


@pytest.mark.parametrize("stages", NOT_THE_FIVE.values(), ids=NOT_THE_FIVE.keys())
def test_other_stages_are_refused(stages: tuple[StageResult, ...]) -> None:
    assert check(little_province(), replace(PLAN, stages=stages)) == (
        "The stages are not the five of the problem in their order.",
    )


def test_ensure_raises_with_every_violation() -> None:
    plan = replace(
        served(Service(WEST_SEEKERS, DIG, 1, 4)), options=(EAST_FLOOD, WEST_NIGHT, HOME_FLOOD)
    )
    with pytest.raises(InvalidPlanError) as refused:
        ensure(little_province(), plan)
    assert refused.value.violations == (
        "Team west arrives 100 s too late for demand dig.",
        "Demand dig is credited with 4, not 5 to 10.",
    )


@pytest.mark.parametrize("seed", range(20))
def test_no_single_change_to_a_solved_plan_passes(seed: int) -> None:
    """Credit one more or less, drop one service or one option: all are seen."""
    problem = random_problem(seed)
    plan = solve(problem, workers=1)
    assert check(problem, plan) == ()
    for row, service in enumerate(plan.services):
        before, after = plan.services[:row], plan.services[row + 1 :]
        for step in (-1, 1):
            changed = replace(service, quantity=service.quantity + step)
            assert check(problem, replace(plan, services=(*before, changed, *after)))
        assert check(problem, replace(plan, services=before + after))
    for row in range(len(plan.options)):
        options = plan.options[:row] + plan.options[row + 1 :]
        assert check(problem, replace(plan, options=options))
