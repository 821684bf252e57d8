"""One order of rows for every table, so that the order given never changes the plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.optimise.problem import (
    BoolArray,
    DispatchProblem,
    DispatchSolution,
    IntArray,
    Service,
    portable,
    reference,
    vehicles,
)


@dataclass(frozen=True, eq=False)
class Order:
    """Where the rows of a canonical problem stand in the problem it came from.

    Parameters
    ----------
    modules, demands, options : IntArray
        Row of the original problem for each canonical row.
    """

    modules: IntArray
    demands: IntArray
    options: IntArray


def canonical(problem: DispatchProblem) -> tuple[DispatchProblem, Order]:
    """Sort what has an id by it, modules, options and their uses of lifts by content.

    Rows alike in everything keep the order given; they are interchangeable.
    """
    teams, incidents = _by_id(problem.team_id), _by_id(problem.incident_id)
    demands, floors = _by_id(problem.demand_id), _by_id(problem.floor_id)
    new_team, new_incident = _inverse(teams), _inverse(incidents)
    rank = {name: row for row, name in enumerate(sorted(set(problem.module_capability)))}
    capability = np.array([rank[name] for name in problem.module_capability], dtype=np.int64)
    modules = _lexsort(
        new_team[problem.module_team],
        capability,
        problem.module_quantity,
        problem.module_members,
        problem.module_units,
        portable(problem),
    )
    lifts = _by_id(problem.lift_id)
    new_lift = _inverse(lifts)
    options = _lexsort(
        new_team[problem.option_team],
        new_incident[problem.option_incident],
        problem.option_arrival_s,
        problem.option_cost_yuan,
        vehicles(problem),
        _rank_of_uses(problem, new_lift),
    )
    new_option = _inverse(options)
    uses = _lexsort(
        new_option[problem.use_option],
        new_lift[problem.use_lift],
        problem.use_from_s,
        problem.use_until_s,
        problem.use_quantity,
    )
    sorted_problem = DispatchProblem(
        team_id=_pick(problem.team_id, teams),
        personnel=problem.personnel[teams],
        module_team=new_team[problem.module_team[modules]],
        module_capability=_pick(problem.module_capability, modules),
        module_units=problem.module_units[modules],
        module_quantity=problem.module_quantity[modules],
        module_members=problem.module_members[modules],
        incident_id=_pick(problem.incident_id, incidents),
        demand_id=_pick(problem.demand_id, demands),
        demand_capability=_pick(problem.demand_capability, demands),
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
        floor_id=_pick(problem.floor_id, floors),
        floor_quantity=problem.floor_quantity[floors],
        floor_teams=tuple(np.sort(new_team[problem.floor_teams[row]]) for row in floors.tolist()),
        option_vehicles=vehicles(problem)[options],
        module_portable=portable(problem)[modules],
        lift_id=_pick(problem.lift_id, lifts),
        lift_capacity=problem.lift_capacity[lifts],
        use_option=new_option[problem.use_option[uses]],
        use_lift=new_lift[problem.use_lift[uses]],
        use_quantity=problem.use_quantity[uses],
        use_from_s=problem.use_from_s[uses],
        use_until_s=problem.use_until_s[uses],
    )
    return sorted_problem, Order(modules, demands, options)


def restore(solution: DispatchSolution, order: Order) -> DispatchSolution:
    """Name the rows of the original problem in a solution of its canonical one."""
    return _renamed(solution, order.modules, order.demands, order.options)


def carry(solution: DispatchSolution, order: Order) -> DispatchSolution:
    """Name the canonical rows in a solution of the original problem."""
    return _renamed(
        solution, _inverse(order.modules), _inverse(order.demands), _inverse(order.options)
    )


def _renamed(
    solution: DispatchSolution, modules: IntArray, demands: IntArray, options: IntArray
) -> DispatchSolution:
    services = (
        Service(int(modules[s.module]), int(demands[s.demand]), s.units, s.quantity)
        for s in solution.services
    )
    return DispatchSolution(
        options=tuple(sorted(int(options[option]) for option in solution.options)),
        services=tuple(sorted(services, key=lambda s: (s.demand, s.module))),
        stages=solution.stages,
    )


def _rank_of_uses(problem: DispatchProblem, new_lift: IntArray) -> IntArray:
    """Rank the options by what they use of which lift when; those that use the same are equal."""
    uses: list[list[tuple[int, ...]]] = [[] for _ in problem.option_team]
    columns = (
        new_lift[problem.use_lift],
        problem.use_from_s,
        problem.use_until_s,
        problem.use_quantity,
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for option, use in zip(problem.use_option.tolist(), rows, strict=True):
        uses[option].append(use)
    keys = [tuple(sorted(each)) for each in uses]
    rank = {key: number for number, key in enumerate(sorted(set(keys)))}
    return np.array([rank[key] for key in keys], dtype=np.int64)


def _by_id(ids: tuple[str, ...]) -> IntArray:
    return np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)


def _lexsort(*keys: IntArray | BoolArray) -> IntArray:
    """Order of rows by the first key, then the next; ties keep the order given."""
    return np.lexsort(keys[::-1]).astype(np.int64)


def _inverse(order: IntArray) -> IntArray:
    inverse = np.empty_like(order)
    inverse[order] = np.arange(len(order))
    return inverse


def _pick(values: tuple[str, ...], rows: IntArray) -> tuple[str, ...]:
    return tuple(values[row] for row in rows.tolist())
