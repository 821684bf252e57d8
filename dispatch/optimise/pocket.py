"""One demand with what a plan leaves free for it: a problem small enough to be solved in no time.

Everybody keeps the work that the plan gives them. So whatever is found for the
demand can be joined to the plan, and the whole is feasible.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from ortools.sat.python import cp_model

from dispatch.optimise.candidates import candidates
from dispatch.optimise.leftover import Leftover, ints, leftover
from dispatch.optimise.model import build
from dispatch.optimise.nearest import unproved
from dispatch.optimise.problem import (
    DispatchProblem,
    DispatchSolution,
    IntArray,
    Service,
    portable,
    reference,
    vehicles,
)

WORK: Final = 0.05
"""Most that one look at a pocket may cost, in CP-SAT's deterministic time."""


@dataclass(frozen=True, eq=False)
class Pocket:
    """A problem with a single demand, and where its rows stand in the whole.

    Parameters
    ----------
    problem : DispatchProblem
        Wants what the demand still lacks; who is at the place already comes at no cost.
    demand : int
        Row in the whole.
    modules, options : IntArray
        Rows in the whole.
    """

    problem: DispatchProblem
    demand: int
    modules: IntArray
    options: IntArray


def pocket(
    problem: DispatchProblem,
    solution: DispatchSolution,
    demand: int,
    freed: Collection[int] = (),
    *,
    split: bool = False,
) -> Pocket:
    """Cut out a demand that lacks something, with all that the plan leaves free.

    Parameters
    ----------
    problem : DispatchProblem
    solution : DispatchSolution
        A plan of it.
    demand : int
    freed : collection of int
        Demands whose teams are taken away from them first.
    split : bool
        Whether a team that is sent elsewhere can be here as well, with all that it has.
    """
    left = leftover(problem, solution, demand, freed, split=split)
    teams = np.unique(problem.module_team[left.modules])
    row = np.full(len(problem.team_id), -1, np.int64)
    row[teams] = np.arange(len(teams))
    there = np.isin(problem.option_team[left.options], list(left.here))
    cost_yuan = np.where(there, 0, problem.option_cost_yuan[left.options])
    small = DispatchProblem(
        team_id=tuple(problem.team_id[team] for team in teams.tolist()),
        personnel=left.hands[teams],
        module_team=row[problem.module_team[left.modules]],
        module_capability=(problem.demand_capability[demand],) * len(left.modules),
        module_units=left.units,
        module_quantity=problem.module_quantity[left.modules],
        module_members=problem.module_members[left.modules],
        module_portable=portable(problem)[left.modules],
        incident_id=(problem.incident_id[int(problem.demand_incident[demand])],),
        demand_id=(problem.demand_id[demand],),
        demand_capability=(problem.demand_capability[demand],),
        demand_incident=ints([0]),
        demand_quantity=ints([left.lacking]),
        demand_minimum=ints([left.minimum]),
        demand_weight=problem.demand_weight[[demand]],
        demand_reference=reference(problem)[[demand]],
        demand_target_s=problem.demand_target_s[[demand]],
        demand_latest_s=problem.demand_latest_s[[demand]],
        option_team=row[problem.option_team[left.options]],
        option_incident=np.zeros(len(left.options), np.int64),
        option_arrival_s=problem.option_arrival_s[left.options],
        option_cost_yuan=cost_yuan,
        option_vehicles=vehicles(problem)[left.options],
        **_floors(problem, row, left.busy),
        **_lifts(left),
    )
    return Pocket(small, demand, left.modules, left.options)


def reach(problem: DispatchProblem, work: float = WORK) -> tuple[int, int]:
    """Return how much of a pocket's demand can be met, and a proved bound on it.

    Parameters
    ----------
    problem : DispatchProblem
        With a single demand.
    work : float
        Limit in CP-SAT's deterministic time.
    """
    arcs = candidates(problem)
    most = min(int(arcs.most.sum()), int(problem.demand_quantity[0]))
    if most < max(1, int(problem.demand_minimum[0])):
        return 0, 0
    model = build(problem, arcs)
    model.cp.maximize(cp_model.LinearExpr.sum(model.credit))
    solver = deterministic(work)
    if solver.solve(model.cp) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return 0, most
    return round(solver.objective_value), min(round(solver.best_objective_bound), most)


def reachable(problem: DispatchProblem) -> bool | None:
    """Whether a pocket's demand can have anything; None where that is not decided."""
    arcs = candidates(problem)
    if not problem.lift_id and arcs.most.max(initial=0) >= max(1, int(problem.demand_minimum[0])):
        return True
    more, bound = reach(problem)
    return None if more == 0 < bound else more > 0


def deterministic(work: float) -> cp_model.CpSolver:
    """Return a solver with one worker that stops after an amount of work, not of seconds."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = work
    return solver


def join(
    problem: DispatchProblem, solution: DispatchSolution, small: Pocket, part: DispatchSolution
) -> DispatchSolution:
    """Join a plan of a pocket to the plan it was cut from; every stage is marked ``heuristic``."""
    work = {(s.demand, s.module): s for s in solution.services}
    for service in part.services:
        key = small.demand, int(small.modules[service.module])
        old = work.get(key, Service(key[1], key[0], 0, 0))
        work[key] = Service(
            old.module, old.demand, old.units + service.units, old.quantity + service.quantity
        )
    options = {*solution.options, *(int(small.options[option]) for option in part.options)}
    services = tuple(service for _key, service in sorted(work.items()))
    return unproved(problem, DispatchSolution(tuple(sorted(options)), services, ()))


def _floors(problem: DispatchProblem, row: IntArray, busy: dict[int, int]) -> dict[str, Any]:
    """Return what the floors want of the teams in the pocket that are still at home."""
    quantity, teams = [], []
    for wanted, members in zip(problem.floor_quantity.tolist(), problem.floor_teams, strict=True):
        home = [team for team in members.tolist() if team not in busy]
        mine = [team for team in home if row[team] >= 0]
        quantity.append(max(0, wanted - (len(home) - len(mine))))
        teams.append(row[ints(mine)])
    return {
        "floor_id": problem.floor_id,
        "floor_quantity": ints(quantity),
        "floor_teams": tuple(teams),
    }


def _lifts(left: Leftover) -> dict[str, Any]:
    rows = [(option, use) for option, uses in enumerate(left.uses) for use in uses]
    return {
        "lift_id": left.lift_id,
        "lift_capacity": ints(left.lift_capacity),
        "use_option": ints(option for option, _use in rows),
        "use_lift": ints(use.lift for _option, use in rows),
        "use_quantity": ints(use.quantity for _option, use in rows),
        "use_from_s": ints(use.from_s for _option, use in rows),
        "use_until_s": ints(use.until_s for _option, use in rows),
    }
