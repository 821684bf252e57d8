"""The dispatch problem as one CP-SAT model, whose objectives are solved one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from dispatch.optimise.candidates import Candidates
from dispatch.optimise.lift import crowds
from dispatch.optimise.problem import DispatchProblem, DispatchSolution, IntArray, Service


@dataclass(frozen=True, eq=False)
class Model:
    """Variables and objectives of a problem.

    Parameters
    ----------
    go : dict of option to variable
        1 where the team takes the option.
    credit : list of variables, one for each candidate service
        Quantity credited.
    working : list of variables, one for each candidate service
        Units at work; the credit itself where a unit gives 1.
    served : dict of demand to variable
        1 where a demand with a minimum useful quantity is served.
    missing : list of variables, one for each floor
        Teams missing from the floor.
    objectives : dict of stage name to expression
        That of the cost stage is ``cost * (T + 1) + teams sent``: of two
        equally cheap plans the one that sends fewer teams is better.
    """

    problem: DispatchProblem
    arcs: Candidates
    cp: cp_model.CpModel
    go: dict[int, cp_model.IntVar]
    credit: list[cp_model.IntVar]
    working: list[cp_model.IntVar]
    served: dict[int, cp_model.IntVar]
    missing: list[cp_model.IntVar]
    objectives: dict[str, cp_model.LinearExprT]


def build(problem: DispatchProblem, arcs: Candidates) -> Model:
    """State every rule of the problem and the five objectives, once."""
    cp = cp_model.CpModel()
    go = {option: cp.new_bool_var(f"go{option}") for option in np.unique(arcs.option).tolist()}
    credit = [cp.new_int_var(0, most, f"credit{a}") for a, most in enumerate(arcs.most.tolist())]
    each = problem.module_quantity[arcs.module].tolist()
    working = [
        credit[a] if each[a] == 1 else cp.new_int_var(0, most, f"working{a}")
        for a, most in enumerate(arcs.units.tolist())
    ]
    for a, units in enumerate(working):
        if each[a] > 1:
            cp.add(credit[a] <= each[a] * units)
    _send_once(cp, problem, go)
    _share_lifts(cp, problem, go)
    _use_what_there_is(cp, problem, arcs, go, credit, working)
    served = _credit_what_is_wanted(cp, problem, arcs, credit)
    missing = _count_missing(cp, problem, go)
    objectives = _objectives(problem, arcs, go, credit, missing)
    return Model(problem, arcs, cp, go, credit, working, served, missing, objectives)


def read(model: Model, solver: cp_model.CpSolver) -> DispatchSolution:
    """Return the plan in the solver, without stages; no unit works without need."""
    each = model.problem.module_quantity
    credits = [int(solver.value(variable)) for variable in model.credit]
    services = [
        Service(module, demand, -(-credit // int(each[module])), credit)
        for module, demand, credit in zip(
            model.arcs.module.tolist(), model.arcs.demand.tolist(), credits, strict=True
        )
        if credit > 0
    ]
    return DispatchSolution(
        options=tuple(option for option, variable in model.go.items() if solver.value(variable)),
        services=tuple(sorted(services, key=lambda s: (s.demand, s.module))),
        stages=(),
    )


def start_from(model: Model, solution: DispatchSolution) -> None:
    """Start the next search from a feasible plan."""
    cp = model.cp
    cp.clear_hints()  # type: ignore[no-untyped-call]
    chosen = set(solution.options)
    for option, variable in model.go.items():
        cp.add_hint(variable, option in chosen)
    done = {(s.module, s.demand): s for s in solution.services}
    rows = zip(
        model.arcs.option.tolist(),
        model.arcs.module.tolist(),
        model.arcs.demand.tolist(),
        strict=True,
    )
    for a, (option, module, demand) in enumerate(rows):
        service = done.get((module, demand)) if option in chosen else None
        cp.add_hint(model.credit[a], service.quantity if service else 0)
        if model.working[a] is not model.credit[a]:
            cp.add_hint(model.working[a], service.units if service else 0)
    met = {service.demand for service in solution.services}
    for demand, variable in model.served.items():
        cp.add_hint(variable, demand in met)


def _send_once(
    cp: cp_model.CpModel, problem: DispatchProblem, go: dict[int, cp_model.IntVar]
) -> None:
    ways = defaultdict(list)
    for option, variable in go.items():
        ways[int(problem.option_team[option])].append(variable)
    for variables in ways.values():
        cp.add_at_most_one(variables)


def _share_lifts(
    cp: cp_model.CpModel, problem: DispatchProblem, go: dict[int, cp_model.IntVar]
) -> None:
    for crowd in crowds(problem, np.array(list(go), np.int64)):
        taken = [go[option] for option in crowd.options]
        cp.add(_weighted(taken, list(crowd.weight)) <= crowd.capacity)


def _use_what_there_is(
    cp: cp_model.CpModel,
    problem: DispatchProblem,
    arcs: Candidates,
    go: dict[int, cp_model.IntVar],
    credit: list[cp_model.IntVar],
    working: list[cp_model.IntVar],
) -> None:
    """Units of a module, members of a team, and no trip for nothing."""
    for (option, module), rows in _groups(arcs.option, arcs.module):
        units = int(problem.module_units[module])
        cp.add(_sum(working, rows) <= units * go[option])
        for a in rows:
            if arcs.most[a] < units * problem.module_quantity[module]:
                cp.add(credit[a] <= int(arcs.most[a]) * go[option])
    for (option,), rows in _groups(arcs.option):
        cp.add(_sum(credit, rows) >= go[option])
        hands = int(problem.personnel[problem.option_team[option]])
        ties = problem.module_members[arcs.module[rows]].tolist()
        if sum(ties[i] * int(arcs.units[a]) for i, a in enumerate(rows)) > hands:
            cp.add(_weighted([working[a] for a in rows], ties) <= hands * go[option])


def _credit_what_is_wanted(
    cp: cp_model.CpModel,
    problem: DispatchProblem,
    arcs: Candidates,
    credit: list[cp_model.IntVar],
) -> dict[int, cp_model.IntVar]:
    served = {}
    for (demand,), rows in _groups(arcs.demand):
        least, most = int(problem.demand_minimum[demand]), int(problem.demand_quantity[demand])
        total = _sum(credit, rows)
        if least <= 1:
            cp.add(total <= most)
            continue
        served[demand] = cp.new_bool_var(f"served{demand}")
        cp.add(total <= most * served[demand])
        cp.add(total >= least * served[demand])
    return served


def _count_missing(
    cp: cp_model.CpModel, problem: DispatchProblem, go: dict[int, cp_model.IntVar]
) -> list[cp_model.IntVar]:
    ways = defaultdict(list)
    for option, variable in go.items():
        ways[int(problem.option_team[option])].append(variable)
    missing = []
    for floor, teams in enumerate(problem.floor_teams):
        wanted = int(problem.floor_quantity[floor])
        gone = [variable for team in teams.tolist() for variable in ways[team]]
        missing.append(cp.new_int_var(max(0, wanted - len(teams)), wanted, f"missing{floor}"))
        cp.add(missing[-1] >= wanted - len(teams) + cp_model.LinearExpr.sum(gone))
    return missing


def _objectives(
    problem: DispatchProblem,
    arcs: Candidates,
    go: dict[int, cp_model.IntVar],
    credit: list[cp_model.IntVar],
    missing: list[cp_model.IntVar],
) -> dict[str, cp_model.LinearExprT]:
    cost = problem.option_cost_yuan[list(go)] * (len(problem.team_id) + 1) + 1
    return {
        "met_by_target": _weighted(credit, (arcs.worth * arcs.on_time).tolist()),
        "met": _weighted(credit, arcs.worth.tolist()),
        "arrival": _weighted(credit, (arcs.worth * arcs.arrival_s).tolist()),
        "floors": cp_model.LinearExpr.sum(missing),
        "cost": _weighted(list(go.values()), cost.tolist()),
    }


def _groups(*keys: IntArray) -> Iterable[tuple[tuple[int, ...], list[int]]]:
    """Rows that share the same keys, in order of the keys."""
    groups = defaultdict(list)
    for row, key in enumerate(zip(*(values.tolist() for values in keys), strict=True)):
        groups[key].append(row)
    return sorted(groups.items())


def _sum(variables: list[cp_model.IntVar], rows: list[int]) -> cp_model.LinearExprT:
    return cp_model.LinearExpr.sum([variables[row] for row in rows])


def _weighted(variables: list[cp_model.IntVar], weights: list[int]) -> cp_model.LinearExprT:
    return cp_model.LinearExpr.weighted_sum(variables, weights)
