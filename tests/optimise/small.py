"""Dispatch problems small enough to be solved by hand, and many more made by chance.

The little province: arrival times in seconds and costs in yuan stand beside
each way; a team takes one of its ways or stays at home::

    east (5 members) ----- 500 s, 100 yuan ----> +-------+
       |  |                                      | flood | <-- 800 s, 150 yuan -- home
       |  '--- slow: 900 s, 50 yuan -----------> +-------+                  (3 members)
       |
       '------ 700 s, 300 yuan ----------------> +-------+
    west (4 members) ----- 1000 s, 200 yuan ---> | quake |
       '------ night road: 1900 s, 10 yuan ----> +-------+

    what teams have                           what is wanted (minimum) weight, target, latest
    east  3 pumps    x 10, 1 member each      flood  drain    40 (20) pump    4,  600 s, 1200 s
          2 seekers  x  2, 1 member each      flood  culvert  20 (0)  pump    1, 1200 s, 3000 s
    west  2 seekers  x  5, 2 members each     flood  seek      4 (0)  search  1, 1000 s, 2000 s
    home  1 big pump x 30, 3 members          quake  dig      10 (5)  search  2,  900 s, 1800 s

    floor "guard": two of home and west stay behind

A unit credited is worth 10,000 points at the drain, 5,000 at the culvert,
25,000 in the search and 20,000 in the dig. The best plan, by hand:

1. met_by_target 500,000: only east reaches the drain by its target, 3 pumps
   give 30 (300,000); its seekers meet the search (100,000); home, too late for
   that drain's target, meets the culvert (100,000); west is late for the dig.
2. met 700,000: west digs all the same (200,000). The last 10 of the drain
   stay unmet, as the big pump can't be in two places.
3. arrival 400,000 x 500 + 100,000 x 800 + 200,000 x 1000 = 480,000,000.
4. floors 2: home and west are both gone.
5. cost 100 + 150 + 200 = 450.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from dispatch.optimise.problem import (
    STAGES,
    BoolArray,
    DispatchProblem,
    DispatchSolution,
    IntArray,
    Service,
    StageResult,
    portable,
    reference,
    vehicles,
)
from dispatch.optimise.program import FloatArray, Program

EAST, WEST, HOME = 0, 1, 2
EAST_PUMPS, EAST_SEEKERS, WEST_SEEKERS, HOME_PUMP = 0, 1, 2, 3
DRAIN, CULVERT, SEEK, DIG = 0, 1, 2, 3
EAST_FLOOD, EAST_SLOW, EAST_QUAKE, WEST_QUAKE, WEST_NIGHT, HOME_FLOOD = 0, 1, 2, 3, 4, 5

BEST: Final = {
    "met_by_target": 500_000,
    "met": 700_000,
    "arrival": 480_000_000,
    "floors": 2,
    "cost": 450,
}


def ints(*values: int) -> IntArray:
    return np.array(values, dtype=np.int64)


def flags(*values: bool) -> BoolArray:
    return np.array(values, dtype=np.bool_)


def little_province() -> DispatchProblem:
    return DispatchProblem(
        team_id=("east", "west", "home"),
        personnel=ints(5, 4, 3),
        module_team=ints(EAST, EAST, WEST, HOME),
        module_capability=("pump", "search", "search", "pump"),
        module_units=ints(3, 2, 2, 1),
        module_quantity=ints(10, 2, 5, 30),
        module_members=ints(1, 1, 2, 3),
        incident_id=("flood", "quake"),
        demand_id=("drain", "culvert", "seek", "dig"),
        demand_capability=("pump", "pump", "search", "search"),
        demand_incident=ints(0, 0, 0, 1),
        demand_quantity=ints(40, 20, 4, 10),
        demand_minimum=ints(20, 0, 0, 5),
        demand_weight=ints(4, 1, 1, 2),
        demand_target_s=ints(600, 1200, 1000, 900),
        demand_latest_s=ints(1200, 3000, 2000, 1800),
        option_team=ints(EAST, EAST, EAST, WEST, WEST, HOME),
        option_incident=ints(0, 0, 1, 1, 1, 0),
        option_arrival_s=ints(500, 900, 700, 1000, 1900, 800),
        option_cost_yuan=ints(100, 50, 300, 200, 10, 150),
        floor_id=("guard",),
        floor_quantity=ints(2),
        floor_teams=(ints(HOME, WEST),),
    )


def best_plan() -> DispatchSolution:
    """Return the best plan of the little province, every stage proved."""
    return DispatchSolution(
        options=(EAST_FLOOD, WEST_QUAKE, HOME_FLOOD),
        services=(
            Service(EAST_PUMPS, DRAIN, 3, 30),
            Service(HOME_PUMP, CULVERT, 1, 20),
            Service(EAST_SEEKERS, SEEK, 2, 4),
            Service(WEST_SEEKERS, DIG, 2, 10),
        ),
        stages=tuple(
            StageResult(name, sense, BEST[name], BEST[name], "optimal") for name, sense in STAGES
        ),
    )


def one_on_one(**changes: object) -> DispatchProblem:
    """Return a problem in which team ``t`` can give 10 of 10 to demand ``d`` in time."""
    problem = DispatchProblem(
        team_id=("t",),
        personnel=ints(5),
        module_team=ints(0),
        module_capability=("pump",),
        module_units=ints(5),
        module_quantity=ints(2),
        module_members=ints(1),
        incident_id=("i",),
        demand_id=("d",),
        demand_capability=("pump",),
        demand_incident=ints(0),
        demand_quantity=ints(10),
        demand_minimum=ints(0),
        demand_weight=ints(1),
        demand_target_s=ints(600),
        demand_latest_s=ints(1200),
        option_team=ints(0),
        option_incident=ints(0),
        option_arrival_s=ints(300),
        option_cost_yuan=ints(70),
        floor_id=(),
        floor_quantity=ints(),
        floor_teams=(),
    )
    return replace(problem, **changes)  # type: ignore[arg-type]


def two_teams(**changes: object) -> DispatchProblem:
    """Return a problem of two teams with one pump of 10 each, both wanted at one place.

    ::

        near --- 300 s, 70 yuan ---> i <--- 500 s, 40 yuan --- far
    """
    both = one_on_one(
        team_id=("near", "far"),
        personnel=ints(1, 1),
        module_team=ints(0, 1),
        module_capability=("pump", "pump"),
        module_units=ints(1, 1),
        module_quantity=ints(10, 10),
        module_members=ints(1, 1),
        option_team=ints(0, 1),
        option_incident=ints(0, 0),
        option_arrival_s=ints(300, 500),
        option_cost_yuan=ints(70, 40),
    )
    return replace(both, **changes)  # type: ignore[arg-type]


def two_demands(**changes: object) -> DispatchProblem:
    """Return the two teams with two demands of 10 at two incidents, both nearest to ``near``."""
    both = two_teams(
        incident_id=("i", "j"),
        demand_id=("d", "e"),
        demand_capability=("pump", "pump"),
        demand_incident=ints(0, 1),
        demand_quantity=ints(10, 10),
        demand_minimum=ints(0, 0),
        demand_weight=ints(1, 1),
        demand_target_s=ints(600, 600),
        demand_latest_s=ints(1200, 1200),
        option_team=ints(0, 0, 1, 1),
        option_incident=ints(0, 1, 0, 1),
        option_arrival_s=ints(300, 300, 500, 500),
        option_cost_yuan=ints(0, 0, 0, 0),
    )
    return replace(both, **changes)  # type: ignore[arg-type]


def random_problem(seed: int) -> DispatchProblem:
    """Return a small problem made by chance, the same for the same seed.

    It has 2 to 5 teams of 1 to 3 modules, 1 to 3 incidents, 1 to 4 demands, up
    to two ways for each team and incident, up to 2 floors, and up to 2 lifts
    that some of the ways use, once or twice. Values are few and low on purpose:
    ties and scarcity are where solvers go wrong. In every third case the weights
    are for quantities of their own.
    """
    rng = np.random.default_rng(seed)
    teams, incidents, demands, floors = (
        int(rng.integers(low, high + 1)) for low, high in ((2, 5), (1, 3), (1, 4), (0, 2))
    )
    capabilities = ("pump", "search")
    module_team = np.repeat(np.arange(teams), rng.integers(1, 4, teams))
    modules = len(module_team)
    ways = rng.choice(3, (teams, incidents), p=(0.25, 0.5, 0.25))
    option_team, option_incident = (np.repeat(rows, ways.ravel()) for rows in _pairs(ways))
    options = len(option_team)
    quantity = rng.integers(1, 7, demands)
    target_s = rng.integers(1, 7, demands) * 300
    plain = DispatchProblem(
        team_id=tuple(f"team {row}" for row in range(teams)),
        personnel=rng.integers(1, 6, teams),
        module_team=module_team,
        module_capability=tuple(rng.choice(capabilities, modules).tolist()),
        module_units=rng.integers(1, 4, modules),
        module_quantity=rng.integers(1, 4, modules),
        module_members=rng.integers(0, 3, modules),
        incident_id=tuple(f"incident {row}" for row in range(incidents)),
        demand_id=tuple(f"demand {row}" for row in range(demands)),
        demand_capability=tuple(rng.choice(capabilities, demands).tolist()),
        demand_incident=rng.integers(0, incidents, demands),
        demand_quantity=quantity,
        demand_minimum=rng.integers(0, quantity + 1),
        demand_weight=rng.integers(1, 4, demands),
        demand_target_s=target_s,
        demand_latest_s=target_s + rng.integers(0, 4, demands) * 300,
        option_team=option_team,
        option_incident=option_incident,
        option_arrival_s=rng.integers(1, 8, options) * 300,
        option_cost_yuan=rng.integers(0, 5, options) * 100,
        floor_id=tuple(f"floor {row}" for row in range(floors)),
        floor_quantity=rng.integers(0, 4, floors),
        floor_teams=tuple(
            np.flatnonzero(rng.random(teams) < 0.6).astype(np.int64) for _ in range(floors)
        ),
    )
    problem = replace(plain, **lifts_by_chance(rng, options, modules))
    return problem if seed % 3 else replace(problem, demand_reference=rng.integers(1, 9, demands))


def lifts_by_chance(rng: np.random.Generator, options: int, modules: int) -> dict[str, Any]:
    """Draw lifts, and ways without vehicles: in a third of all cases neither."""
    lifts = int(rng.integers(0, 3))
    if not lifts:
        return {}
    capacity = rng.integers(1, 4, lifts)
    times = rng.choice(3, options, p=(0.4, 0.45, 0.15))
    option = np.repeat(np.arange(options), times)
    lift = rng.integers(0, lifts, len(option))
    from_s = rng.integers(0, 6, len(option)) * 300
    # two uses of one lift at once stay within it: a second one takes nothing then
    first = np.r_[True, option[1:] != option[:-1]] if len(option) else np.zeros(0, bool)
    quantity = np.where(first, rng.integers(1, capacity[lift] + 1), 1)
    quantity = np.where(~first & (np.roll(lift, 1) == lift), 0, quantity)
    return {
        "option_vehicles": rng.random(options) < 0.6,
        "module_portable": rng.random(modules) < 0.6,
        "lift_id": tuple(f"lift {row}" for row in range(lifts)),
        "lift_capacity": capacity,
        "use_option": option,
        "use_lift": lift,
        "use_quantity": quantity,
        "use_from_s": from_s,
        "use_until_s": from_s + rng.integers(1, 5, len(option)) * 300,
    }


def crowded_problem(seed: int) -> DispatchProblem:
    """Return 12 teams and 8 demands made by chance: too many for a solver in a hurry."""
    rng = np.random.default_rng(seed)
    teams, incidents, demands = 12, 3, 8
    capabilities = ("pump", "search", "medical")
    module_team = np.repeat(np.arange(teams), rng.integers(1, 4, teams))
    modules, options = len(module_team), teams * incidents
    option_team, option_incident = (rows.ravel() for rows in np.indices((teams, incidents)))
    quantity = rng.integers(5, 60, demands)
    target_s = rng.integers(2, 20, demands) * 300
    return DispatchProblem(
        team_id=tuple(f"team {row:02}" for row in range(teams)),
        personnel=rng.integers(3, 20, teams),
        module_team=module_team,
        module_capability=tuple(rng.choice(capabilities, modules).tolist()),
        module_units=rng.integers(1, 8, modules),
        module_quantity=rng.integers(1, 8, modules),
        module_members=rng.integers(0, 4, modules),
        incident_id=tuple(f"incident {row}" for row in range(incidents)),
        demand_id=tuple(f"demand {row}" for row in range(demands)),
        demand_capability=tuple(rng.choice(capabilities, demands).tolist()),
        demand_incident=rng.integers(0, incidents, demands),
        demand_quantity=quantity,
        demand_minimum=rng.integers(0, quantity + 1),
        demand_weight=rng.integers(1, 10, demands),
        demand_target_s=target_s,
        demand_latest_s=target_s + rng.integers(0, 10, demands) * 600,
        option_team=option_team,
        option_incident=option_incident,
        option_arrival_s=rng.integers(100, 9000, options),
        option_cost_yuan=rng.integers(0, 5000, options),
        floor_id=("floor 0", "floor 1"),
        floor_quantity=ints(4, 8),
        floor_teams=(np.arange(4), np.arange(3, 12)),
    )


def shuffled(problem: DispatchProblem, seed: int) -> DispatchProblem:
    """Put the rows of every table in another order."""
    rng = np.random.default_rng(seed)
    teams, modules, incidents, demands, options, floors, lifts, uses = (
        rng.permutation(len(rows))
        for rows in (
            problem.team_id,
            problem.module_capability,
            problem.incident_id,
            problem.demand_id,
            problem.option_team,
            problem.floor_id,
            problem.lift_id,
            problem.use_option,
        )
    )
    new_team, new_incident = np.argsort(teams), np.argsort(incidents)
    new_option, new_lift = np.argsort(options), np.argsort(lifts)

    def pick(names: tuple[str, ...], rows: IntArray) -> tuple[str, ...]:
        return tuple(names[row] for row in rows)

    return DispatchProblem(
        team_id=pick(problem.team_id, teams),
        personnel=problem.personnel[teams],
        module_team=new_team[problem.module_team[modules]],
        module_capability=pick(problem.module_capability, modules),
        module_units=problem.module_units[modules],
        module_quantity=problem.module_quantity[modules],
        module_members=problem.module_members[modules],
        incident_id=pick(problem.incident_id, incidents),
        demand_id=pick(problem.demand_id, demands),
        demand_capability=pick(problem.demand_capability, demands),
        demand_incident=new_incident[problem.demand_incident[demands]],
        demand_quantity=problem.demand_quantity[demands],
        demand_minimum=problem.demand_minimum[demands],
        demand_weight=problem.demand_weight[demands],
        demand_reference=reference(problem)[demands],
        demand_target_s=problem.demand_target_s[demands],
        demand_latest_s=problem.demand_latest_s[demands],
        option_team=new_team[problem.option_team[options]],
        option_incident=new_incident[problem.option_incident[options]],
        option_arrival_s=problem.option_arrival_s[options],
        option_cost_yuan=problem.option_cost_yuan[options],
        floor_id=pick(problem.floor_id, floors),
        floor_quantity=problem.floor_quantity[floors],
        floor_teams=tuple(
            rng.permutation(new_team[problem.floor_teams[row]]) for row in floors.tolist()
        ),
        option_vehicles=vehicles(problem)[options],
        module_portable=portable(problem)[modules],
        lift_id=pick(problem.lift_id, lifts),
        lift_capacity=problem.lift_capacity[lifts],
        use_option=new_option[problem.use_option[uses]],
        use_lift=new_lift[problem.use_lift[uses]],
        use_quantity=problem.use_quantity[uses],
        use_from_s=problem.use_from_s[uses],
        use_until_s=problem.use_until_s[uses],
    )


def told(problem: DispatchProblem, plan: DispatchSolution) -> tuple[list[object], list[object]]:
    """Tell a plan by names and contents in place of rows."""
    ways = sorted(
        (
            problem.team_id[problem.option_team[o]],
            problem.incident_id[problem.option_incident[o]],
            int(problem.option_arrival_s[o]),
            int(problem.option_cost_yuan[o]),
            bool(vehicles(problem)[o]),
            uses_told(problem, o),
        )
        for o in plan.options
    )
    works = sorted(
        (
            problem.demand_id[s.demand],
            problem.team_id[problem.module_team[s.module]],
            problem.module_capability[s.module],
            int(problem.module_units[s.module]),
            int(problem.module_quantity[s.module]),
            int(problem.module_members[s.module]),
            bool(portable(problem)[s.module]),
            s.units,
            s.quantity,
        )
        for s in plan.services
    )
    return list(ways), list(works)


def uses_told(problem: DispatchProblem, option: int) -> list[tuple[object, ...]]:
    """Tell what an option uses of which lift when."""
    return sorted(
        (
            problem.lift_id[problem.use_lift[row]],
            int(problem.use_quantity[row]),
            int(problem.use_from_s[row]),
            int(problem.use_until_s[row]),
        )
        for row in np.flatnonzero(problem.use_option == option)
    )


def values(solution: DispatchSolution) -> dict[str, int]:
    """Return the reported value of every stage."""
    return {stage.name: stage.value for stage in solution.stages}


def relaxed_best(prog: Program, goal: FloatArray) -> float:
    """Return the most that a goal can be when columns need not be whole."""
    found = milp(
        -goal / 1e6,
        bounds=Bounds(prog.lower, prog.upper),
        constraints=LinearConstraint(prog.rows, -np.inf, prog.most),
    )
    assert found.fun is not None
    return float(-found.fun * 1e6)


def rank(value: dict[str, int]) -> tuple[int, ...]:
    """Return a key by which the better of two plans is the smaller."""
    return tuple(value[name] if sense == "min" else -value[name] for name, sense in STAGES)


def _pairs(table: IntArray) -> tuple[IntArray, IntArray]:
    rows, columns = np.indices(table.shape)
    return rows.ravel(), columns.ravel()
