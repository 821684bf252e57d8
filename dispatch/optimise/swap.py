"""One team in another's place, all else as planned: the plain way to see why a plan is as it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dispatch.optimise.check import ensure, evaluate
from dispatch.optimise.leftover import ints
from dispatch.optimise.nearest import nearest_first
from dispatch.optimise.pocket import Pocket, join, pocket
from dispatch.optimise.problem import STAGES, DispatchProblem, DispatchSolution


@dataclass(frozen=True)
class Swap:
    """What comes of it.

    Parameters
    ----------
    quantity, wanted : int
        What the new team gives, and what the old one gave. Less is no swap.
    stage : str
        The first stage that differs, empty where none does.
    worse : int
        By how much that stage gets worse; better below 0.
    """

    quantity: int
    wanted: int
    stage: str = ""
    worse: int = 0


def swap(
    problem: DispatchProblem, solution: DispatchSolution, demand: int, old: int, new: int
) -> Swap:
    """Put a team that has no work in the place of one that serves a demand.

    Parameters
    ----------
    problem : DispatchProblem
    solution : DispatchSolution
    demand, old, new : int
        The demand, the team that serves it, and the one that would.

    Raises
    ------
    InvalidPlanError
        If the checker refuses the changed plan: a fault of this package.
    """
    gone = [
        s
        for s in solution.services
        if s.demand == demand and int(problem.module_team[s.module]) == old
    ]
    wanted = sum(service.quantity for service in gone)
    without = _without(problem, solution, demand, old)
    small = _alone(pocket(problem, without, demand), problem.team_id[new])
    part = nearest_first(small.problem)
    quantity = sum(service.quantity for service in part.services)
    if quantity < wanted:
        return Swap(quantity, wanted)
    changed = join(problem, without, small, part)
    ensure(problem, changed)
    before, after = evaluate(problem, solution), evaluate(problem, changed)
    for name, sense in STAGES:
        worse = after[name] - before[name] if sense == "min" else before[name] - after[name]
        if worse:
            return Swap(quantity, wanted, name, worse)
    return Swap(quantity, wanted)


def _without(
    problem: DispatchProblem, solution: DispatchSolution, demand: int, team: int
) -> DispatchSolution:
    """Take a team away from a demand; it stays at home if it does nothing else."""
    services = tuple(
        s
        for s in solution.services
        if s.demand != demand or int(problem.module_team[s.module]) != team
    )
    working = {int(problem.module_team[service.module]) for service in services}
    options = tuple(o for o in solution.options if int(problem.option_team[o]) in working)
    return DispatchSolution(options, services, ())


def _alone(small: Pocket, team_id: str) -> Pocket:
    """Leave a pocket to one team, which has room in the lifts by each of its ways.

    No matter how little it gives, it is told: the minimum useful quantity is left out.
    """
    problem = small.problem
    row = problem.team_id.index(team_id) if team_id in problem.team_id else -1
    ways = np.flatnonzero(problem.option_team == row)
    columns = ("team", "incident", "arrival_s", "cost_yuan", "vehicles")
    none = ints([])
    changed: dict[str, Any] = {
        **{f"option_{name}": getattr(problem, f"option_{name}")[ways] for name in columns},
        **{f"use_{name}": none for name in ("option", "lift", "quantity", "from_s", "until_s")},
        "demand_minimum": ints([0]),
    }
    left = replace(problem, lift_id=(), lift_capacity=none, **changed)
    return replace(small, problem=left, options=small.options[ways])
