"""Good plans, each broken in one way: one table for every rule that the checker knows.

The little province, its plan and its figures stand in ``small.py``; the
sorties and the train are drawn at ``two_sorties`` and ``train`` here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
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
    flags,
    ints,
    little_province,
    one_on_one,
)

from dispatch.optimise.problem import (
    STAGES,
    DispatchProblem,
    DispatchSolution,
    Service,
    StageResult,
    points,
)

PLAN: Final = best_plan()
ON_TIME, MET, ARRIVAL = (BEST[name] for name in ("met_by_target", "met", "arrival"))
WORTH: Final = points(little_province()).tolist()
"""Of a credited unit of each demand of the little province."""


def two_sorties() -> DispatchProblem:
    """Return three teams of one medic each, whom one helicopter can fetch, one after the other.

    It is busy with a sortie from leaving its base until it is back, turned
    round and refuelled; a sortie later is the same way 3,000 s later::

        team   way                      arrives  helicopter busy  yuan
        ann    first sortie              1200 s      0..3000 s     900
        ann    second sortie             4200 s   3000..6000 s     900
        bea    first sortie              1500 s    300..3300 s     900
        bea    second sortie             4500 s   3300..6300 s     900
        cat    first sortie              1800 s      0..3000 s     900
        cat    road                      7000 s              -     100

    Three medics are wanted, by 5,000 s, at the latest by 8,000 s. The best:
    two by target, so two sorties that do not meet, and one medic by road. As
    only cat has a road, ann flies first (1200) and bea second (4500), at 3300
    when the helicopter has been back since 3000; the other order starts bea's
    first sortie at 300 and has ann's second at 3000, before bea's is over.
    """
    return one_on_one(
        team_id=("ann", "bea", "cat"),
        personnel=ints(1, 1, 1),
        module_team=ints(0, 1, 2),
        module_capability=("medic",) * 3,
        module_units=ints(1, 1, 1),
        module_quantity=ints(1, 1, 1),
        module_members=ints(1, 1, 1),
        demand_capability=("medic",),
        demand_quantity=ints(3),
        demand_target_s=ints(5000),
        demand_latest_s=ints(8000),
        option_team=ints(0, 0, 1, 1, 2, 2),
        option_incident=ints(0, 0, 0, 0, 0, 0),
        option_arrival_s=ints(1200, 4200, 1500, 4500, 1800, 7000),
        option_cost_yuan=ints(900, 900, 900, 900, 900, 100),
        lift_id=("helicopter",),
        lift_capacity=ints(1),
        use_option=ints(0, 1, 2, 3, 4),
        use_lift=ints(0, 0, 0, 0, 0),
        use_quantity=ints(1, 1, 1, 1, 1),
        use_from_s=ints(0, 3000, 300, 3300, 0),
        use_until_s=ints(3000, 6000, 3300, 6300, 3000),
    )


def train() -> DispatchProblem:
    """Return three teams who want the seats of one train; only those aboard come at all.

    ::

        a  4 members, priority of the demand 3, first stretch and second
        b  6 members, priority 2, first stretch           seats: 10
        c  5 members, priority 2, second stretch

    All fit: 4 + 6 on the first stretch, 4 + 5 on the second. With 9 seats a
    and b don't fit together: b stays, since a is worth 3 and c 2.
    """
    return one_on_one(
        team_id=("a", "b", "c"),
        personnel=ints(4, 6, 5),
        module_team=ints(0, 1, 2),
        module_capability=("x", "y", "z"),
        module_units=ints(1, 1, 1),
        module_quantity=ints(1, 1, 1),
        module_members=ints(4, 6, 5),
        demand_id=("d", "e", "f"),
        demand_capability=("x", "y", "z"),
        demand_incident=ints(0, 0, 0),
        demand_quantity=ints(1, 1, 1),
        demand_minimum=ints(0, 0, 0),
        demand_weight=ints(3, 2, 2),
        demand_target_s=ints(900, 900, 900),
        demand_latest_s=ints(900, 900, 900),
        option_team=ints(0, 1, 2),
        option_incident=ints(0, 0, 0),
        option_arrival_s=ints(700, 800, 900),
        option_cost_yuan=ints(1, 1, 1),
        option_vehicles=flags(False, False, False),
        lift_id=("train",),
        lift_capacity=ints(10),
        use_option=ints(0, 1, 2),
        use_lift=ints(0, 0, 0),
        use_quantity=ints(4, 6, 5),
        use_from_s=ints(100, 100, 300),
        use_until_s=ints(500, 300, 500),
    )


@dataclass(frozen=True)
class Mutant:
    """A good plan of a problem, the one thing changed in plan or problem, and what is said."""

    message: str
    plan: DispatchSolution
    problem: DispatchProblem
    good_plan: DispatchSolution
    good_problem: DispatchProblem


def _plan(message: str, plan: DispatchSolution) -> Mutant:
    """Break the best plan of the little province."""
    return Mutant(message, plan, little_province(), PLAN, little_province())


def _problem(message: str, plan: DispatchSolution, good: DispatchProblem, **to: Any) -> Mutant:
    """Leave a plan as it is and take away what it needs of the problem."""
    return Mutant(message, plan, replace(good, **to), plan, good)


def _on_the_little(message: str, **to: Any) -> Mutant:
    return _problem(message, PLAN, little_province(), **to)


def served(*services: Service) -> DispatchSolution:
    """Replace what the same modules do for the same or other demands."""
    modules = {service.module for service in services}
    kept = (service for service in PLAN.services if service.module not in modules)
    ordered = sorted((*kept, *services), key=lambda s: (s.demand, s.module))
    return replace(PLAN, services=tuple(ordered))


def sent(*options: int) -> DispatchSolution:
    return replace(PLAN, options=options)


def staged(name: str, /, **changes: Any) -> DispatchSolution:
    """Change the report of one stage."""
    stages = (replace(s, **changes) if s.name == name else s for s in PLAN.stages)
    return replace(PLAN, stages=tuple(stages))


def reporting(
    options: tuple[int, ...], services: tuple[Service, ...], *values: int
) -> DispatchSolution:
    """Return a plan with the values of its five stages, all proved."""
    stages = (
        StageResult(name, sense, value, value, "optimal")
        for (name, sense), value in zip(STAGES, values, strict=True)
    )
    return DispatchSolution(options, services, tuple(stages))


THIRD: Final = 100_000 // 3
MEDICS: Final = tuple(Service(row, 0, 1, 1) for row in range(3))
SORTIES: Final = reporting(
    (0, 3, 5), MEDICS, 2 * THIRD, 3 * THIRD, THIRD * (1200 + 4500 + 7000), 0, 1900
)
ABOARD: Final = reporting(
    (0, 1, 2),
    tuple(Service(row, row, 1, 1) for row in range(3)),
    *(700_000, 700_000, 100_000 * (3 * 700 + 2 * 800 + 2 * 900), 0, 3),
)
ALONE: Final = reporting(
    (0,), (Service(0, 0, 5, 10),), 100_000, 100_000, 100_000 * 300, 0, 70
)  # of one_on_one


def _sorties(message: str, *options: int) -> Mutant:
    return Mutant(message, replace(SORTIES, options=options), two_sorties(), SORTIES, two_sorties())


NOT_THE_FIVE: Final = "The stages are not the five of the problem in their order."

ROWS: Final = {
    "option after the last": _plan(
        "There is no option 6.", sent(EAST_FLOOD, WEST_QUAKE, HOME_FLOOD, 6)
    ),
    "option below 0": _plan("There is no option -1.", sent(-1, EAST_FLOOD, WEST_QUAKE, HOME_FLOOD)),
    "module after the last": _plan("There is no module 4.", served(Service(4, DRAIN, 1, 1))),
    "module below 0": _plan("There is no module -1.", served(Service(-1, DRAIN, 1, 1))),
    "demand after the last": _plan("There is no demand 4.", served(Service(HOME_PUMP, 4, 1, 20))),
    "demand below 0": _plan("There is no demand -4.", served(Service(HOME_PUMP, -4, 1, 20))),
    "options out of order": _plan(
        "Options are repeated or out of order.", sent(WEST_QUAKE, EAST_FLOOD, HOME_FLOOD)
    ),
    "services out of order": _plan(
        "Services are repeated or out of order.", replace(PLAN, services=PLAN.services[::-1])
    ),
    "service split in two": _plan(
        "Services are repeated or out of order.",
        served(Service(EAST_PUMPS, DRAIN, 2, 20), Service(EAST_PUMPS, DRAIN, 1, 10)),
    ),
}
"""Rows of the tables, and their order."""

TEAMS: Final = {
    "a team goes two ways": _plan(
        "Team east is sent 2 times.", sent(EAST_FLOOD, EAST_SLOW, WEST_QUAKE, HOME_FLOOD)
    ),
    "a team works and is not sent": _plan(
        "Team home works but is not sent.", sent(EAST_FLOOD, WEST_QUAKE)
    ),
    "a team is sent for nothing": _plan(
        "Team home is sent but does nothing.",
        replace(PLAN, services=tuple(s for s in PLAN.services if s.module != HOME_PUMP)),
    ),
    "more members than the team has": _on_the_little(
        "Team east needs 5 members; it has 4.", personnel=ints(4, 4, 3)
    ),
    "members over two services of one module": _on_the_little(
        "Team west needs 6 members; it has 4.", module_members=ints(1, 1, 3, 3)
    ),
    "more units than the module has": _on_the_little(
        "Team east uses 3 units of pump; it has 2.", module_units=ints(2, 2, 2, 1)
    ),
    "more units than the module has, over two services": _plan(
        "Team east uses 4 units of pump; it has 3.",
        replace(
            served(Service(EAST_PUMPS, DRAIN, 2, 20), Service(EAST_PUMPS, CULVERT, 2, 10),
                   Service(HOME_PUMP, CULVERT, 1, 10), Service(EAST_SEEKERS, SEEK, 1, 2)),
        ),
    ),
    "what needs vehicles, without them": _problem(
        "Team t serves demand d with what needs vehicles; they stay behind.",
        ALONE,
        one_on_one(option_vehicles=flags(False)),
        module_portable=flags(False),
    ),
    "vehicles stay behind what needs them": _problem(
        "Team t serves demand d with what needs vehicles; they stay behind.",
        ALONE,
        one_on_one(module_portable=flags(False)),
        option_vehicles=flags(False),
    ),
}  # fmt: skip
"""What a team is, has and takes along."""

SERVICES: Final = {
    "wrong capability": _on_the_little(
        "Team west serves demand dig with another capability.",
        demand_capability=("pump", "pump", "search", "medic"),
    ),
    "wrong incident": _on_the_little(
        "Team west goes to another incident than that of demand dig.",
        option_incident=ints(0, 0, 1, 0, 1, 0),
    ),
    "arrival after latest": _plan(
        "Team west arrives 100 s too late for demand dig.",
        sent(EAST_FLOOD, WEST_NIGHT, HOME_FLOOD),
    ),
    "arrival one second after latest": _problem(
        "Team west arrives 1 s too late for demand dig.",
        PLAN,
        replace(little_province(), demand_latest_s=ints(1200, 3000, 2000, 1000)),
        demand_latest_s=ints(1200, 3000, 2000, 999),
    ),
    "no units": _plan(
        "Team home serves demand culvert with 0 units.",
        served(Service(HOME_PUMP, CULVERT, 0, 20)),
    ),
    "fewer units than none": _plan(
        "Team home serves demand culvert with -1 units.",
        served(Service(HOME_PUMP, CULVERT, -1, 20)),
    ),
    "no credit": _plan(
        "Team home is credited with 0 for demand culvert; its units give 30.",
        served(Service(HOME_PUMP, CULVERT, 1, 0)),
    ),
    "credit above units times quantity": _plan(
        "Team east is credited with 30 for demand drain; its units give 20.",
        served(Service(EAST_PUMPS, DRAIN, 2, 30)),
    ),
    "one more than the units give": _plan(
        "Team east is credited with 21 for demand drain; its units give 20.",
        served(Service(EAST_PUMPS, DRAIN, 2, 21)),
    ),
    "credit above the demand": _plan(
        "Demand culvert is credited with 21, not 0 to 20.",
        served(Service(HOME_PUMP, CULVERT, 1, 21)),
    ),
    "credit above the demand, over two services": _plan(
        "Demand culvert is credited with 21, not 0 to 20.",
        served(Service(EAST_PUMPS, DRAIN, 2, 20), Service(EAST_PUMPS, CULVERT, 1, 1)),
    ),
    "credit below the minimum useful quantity": _plan(
        "Demand dig is credited with 4, not 5 to 10.", served(Service(WEST_SEEKERS, DIG, 1, 4))
    ),
    "a minimum that is not reached": _problem(
        "Demand drain is credited with 30, not 31 to 40.",
        PLAN,
        replace(little_province(), demand_minimum=ints(30, 0, 0, 5)),
        demand_minimum=ints(31, 0, 0, 5),
    ),
}
"""Who serves what, by when, with how much."""

LIFTS: Final = {
    "two sorties of one aircraft at once": _sorties(
        "Lift helicopter is used by 2 at 300 s; it has 1.", 0, 2, 5
    ),
    "the next sortie before the aircraft is ready": _sorties(
        "Lift helicopter is used by 2 at 3000 s; it has 1.", 1, 2, 5
    ),
    "ready a second too late for the next": _problem(
        "Lift helicopter is used by 2 at 3300 s; it has 1.",
        SORTIES,
        replace(two_sorties(), use_until_s=ints(3300, 6000, 3300, 6300, 3000)),
        use_until_s=ints(3301, 6000, 3300, 6300, 3000),
    ),
    "one seat too few": _problem(
        "Lift train is used by 10 at 100 s; it has 9.", ABOARD, train(), lift_capacity=ints(9)
    ),
    "one passenger too many further on": _problem(
        "Lift train is used by 11 at 300 s; it has 10.",
        ABOARD,
        train(),
        use_quantity=ints(4, 6, 7),
    ),
    "two uses of one option add up": _problem(
        "Lift train is used by 11 at 400 s; it has 10.",
        ABOARD,
        train(),
        use_option=ints(0, 1, 2, 2),
        use_lift=ints(0, 0, 0, 0),
        use_quantity=ints(4, 6, 3, 4),
        use_from_s=ints(100, 100, 300, 400),
        use_until_s=ints(500, 300, 500, 500),
    ),
    "two on the second train, where there is room for either": _problem(
        "Lift next is used by 9 at 300 s; it has 5.",
        ABOARD,
        replace(
            train(), lift_id=("train", "next"), lift_capacity=ints(6, 5), use_lift=ints(1, 0, 0)
        ),
        use_lift=ints(1, 0, 1),
    ),
}  # fmt: skip
"""What several options share."""

REPORTS: Final = {
    "met by target reported too low": _plan(
        f"Stage met_by_target reports {ON_TIME - 1}; it is {ON_TIME}.",
        staged("met_by_target", value=ON_TIME - 1, bound=ON_TIME - 1),
    ),
    "met by target in the very second": _problem(
        f"Stage met_by_target reports {ON_TIME}; it is {ON_TIME - 30 * WORTH[DRAIN]}.",
        PLAN,
        replace(little_province(), demand_target_s=ints(500, 1200, 1000, 900)),
        demand_target_s=ints(499, 1200, 1000, 900),
    ),
    "met reported too high": _plan(
        f"Stage met reports {MET + 1}; it is {MET}.",
        staged("met", value=MET + 1, bound=MET + 1),
    ),
    "arrival reported too early": _plan(
        f"Stage arrival reports {ARRIVAL - 1}; it is {ARRIVAL}.",
        staged("arrival", value=ARRIVAL - 1, bound=ARRIVAL - 1),
    ),
    "an option that arrives later": _on_the_little(
        f"Stage arrival reports {ARRIVAL}; it is {ARRIVAL + 10 * WORTH[DIG]}.",
        option_arrival_s=ints(500, 900, 700, 1001, 1900, 800),
    ),
    "floors reported as kept": _plan(
        "Stage floors reports 0; it is 2.", staged("floors", value=0, bound=0)
    ),
    "a floor that wants one more": _on_the_little(
        "Stage floors reports 2; it is 3.", floor_quantity=ints(3)
    ),
    "a floor that wants nobody": _on_the_little(
        "Stage floors reports 2; it is 0.", floor_quantity=ints(0)
    ),
    "a floor with another team behind it": _on_the_little(
        "Stage floors reports 2; it is 1.",
        team_id=("east", "west", "home", "spare"),
        personnel=ints(5, 4, 3, 1),
        floor_teams=(ints(2, 1, 3),),
    ),
    "a second floor": _on_the_little(
        "Stage floors reports 2; it is 3.",
        floor_id=("guard", "east"),
        floor_quantity=ints(2, 1),
        floor_teams=(ints(2, 1), ints(0)),
    ),
    "cost reported too low": _plan(
        "Stage cost reports 449; it is 450.", staged("cost", value=449, bound=449)
    ),
    "an option that costs more": _on_the_little(
        "Stage cost reports 450; it is 451.", option_cost_yuan=ints(101, 50, 300, 200, 10, 150)
    ),
    "a maximum above its bound": _plan(
        f"Stage met reports {MET}, better than its bound {MET - 1}.",
        staged("met", bound=MET - 1, termination="time_limit"),
    ),
    "a minimum below its bound": _plan(
        "Stage cost reports 450, better than its bound 451.",
        staged("cost", bound=451, termination="heuristic"),
    ),
    "a maximum called optimal with a gap": _plan(
        f"Stage met is called optimal at {MET}, bound {MET + 1}.", staged("met", bound=MET + 1)
    ),
    "a minimum called optimal with a gap": _plan(
        "Stage floors is called optimal at 2, bound 1.", staged("floors", bound=1)
    ),
    "an unknown ending": _plan(
        "Stage arrival ended in an unknown way.", staged("arrival", termination="gave up")
    ),
    "no stages": _plan(NOT_THE_FIVE, replace(PLAN, stages=())),
    "the last stage missing": _plan(NOT_THE_FIVE, replace(PLAN, stages=PLAN.stages[:-1])),
    "the first stage missing": _plan(NOT_THE_FIVE, replace(PLAN, stages=PLAN.stages[1:])),
    "two stages exchanged": _plan(
        NOT_THE_FIVE,
        replace(PLAN, stages=(PLAN.stages[1], PLAN.stages[0], *PLAN.stages[2:])),
    ),
    "one stage twice": _plan(NOT_THE_FIVE, replace(PLAN, stages=(*PLAN.stages, PLAN.stages[-1]))),
    "a stage of the wrong sense": _plan(NOT_THE_FIVE, staged("met_by_target", sense="min")),
    "a stage of another name": _plan(NOT_THE_FIVE, staged("cost", name="price")),
}
"""What a plan says of itself."""

MUTANTS: Final = ROWS | TEAMS | SERVICES | LIFTS | REPORTS


def unlike(mutant: Mutant) -> list[str]:
    """Return the fields of plan and problem that differ from those of the good ones."""
    return [
        name
        for good, bad in (
            (mutant.good_plan, mutant.plan),
            (mutant.good_problem, mutant.problem),
        )
        for name in vars(good)
        if not _same(getattr(good, name), getattr(bad, name))
    ]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, np.ndarray):
        return bool(np.array_equal(one, other))
    return bool(one == other)
