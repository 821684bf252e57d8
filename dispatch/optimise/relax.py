"""A dispatch problem with one thing relaxed; its rows keep their numbers, new ones follow them.

So a plan of the problem is a plan of the relaxed one as well.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from dispatch.optimise.problem import BoolArray, DispatchProblem, IntArray, portable, vehicles


def relax(problem: DispatchProblem, demand: int, codes: Collection[str]) -> DispatchProblem:
    """Take rules away for one demand.

    Parameters
    ----------
    problem : DispatchProblem
    demand : int
    codes : collection of str
        Which rules, by the keys of :data:`RULES`.
    """
    for code, rule in RULES.items():
        if code in codes:
            problem = rule(problem, demand)
    return problem


def with_options(
    problem: DispatchProblem, other: DispatchProblem, chosen: BoolArray
) -> DispatchProblem:
    """Append options of another problem with the same teams, modules and incidents.

    A lift known to both has the larger of its two capacities.

    Parameters
    ----------
    problem, other : DispatchProblem
    chosen : BoolArray, shape (O of ``other``,)
        Which of its options are appended, in their order.
    """
    same = ("team_id", "module_capability", "incident_id")
    if any(getattr(problem, name) != getattr(other, name) for name in same):
        raise ValueError("the problems differ in more than their options")
    rows = np.flatnonzero(chosen)
    new_row = np.full(len(chosen), -1, np.int64)
    new_row[rows] = len(problem.option_team) + np.arange(len(rows))
    lifts = (*problem.lift_id, *(name for name in other.lift_id if name not in problem.lift_id))
    new_lift = np.array([lifts.index(name) for name in other.lift_id], np.int64)
    capacity = np.zeros(len(lifts), np.int64)
    capacity[: len(problem.lift_id)] = problem.lift_capacity
    np.maximum.at(capacity, new_lift, other.lift_capacity)
    used = chosen[other.use_option]

    def both(names: Iterable[str], picked: IntArray | BoolArray) -> dict[str, Any]:
        return {
            name: np.concatenate((getattr(problem, name), getattr(other, name)[picked]))
            for name in names
        }

    return replace(
        problem,
        **both(_OPTION, rows),
        option_vehicles=np.concatenate((vehicles(problem), vehicles(other)[rows])),
        lift_id=lifts,
        lift_capacity=capacity,
        use_option=np.concatenate((problem.use_option, new_row[other.use_option[used]])),
        use_lift=np.concatenate((problem.use_lift, new_lift[other.use_lift[used]])),
        **both(("use_quantity", "use_from_s", "use_until_s"), used),
    )


def with_units(
    problem: DispatchProblem, demand: int, units: int, arrival_s: int
) -> DispatchProblem:
    """Append a team that gives so many units of what a demand asks for, at no cost.

    It stands for what is bought or borrowed, so it counts towards no floor.
    """
    team, incident = len(problem.team_id), int(problem.demand_incident[demand])
    name = "+"
    while name in problem.team_id:
        name += "+"
    return replace(
        problem,
        team_id=(*problem.team_id, name),
        module_capability=(*problem.module_capability, problem.demand_capability[demand]),
        module_portable=np.append(portable(problem), True),
        option_vehicles=np.append(vehicles(problem), True),
        **_appended(
            problem,
            personnel=0,
            module_team=team,
            module_units=units,
            module_quantity=1,
            module_members=0,
            option_team=team,
            option_incident=incident,
            option_arrival_s=arrival_s,
            option_cost_yuan=0,
        ),
    )


def until(problem: DispatchProblem, demand: int, latest_s: int) -> DispatchProblem:
    """Let what arrives up to a moment count for a demand."""
    latest = problem.demand_latest_s.copy()
    latest[demand] = max(latest_s, int(latest[demand]))
    return replace(problem, demand_latest_s=latest)


def split_incident(problem: DispatchProblem, incident: int) -> DispatchProblem:
    """Let every team be at one incident as well as elsewhere, with all that it has at both.

    Its ways to that incident are given to a double of the team.
    """
    here = problem.option_incident == incident
    split = sorted(set(problem.option_team[here].tolist()))
    double = np.arange(len(problem.team_id))
    double[split] = len(problem.team_id) + np.arange(len(split))
    modules = np.flatnonzero(np.isin(problem.module_team, split))
    doubled: dict[str, Any] = {
        name: np.concatenate((getattr(problem, name), getattr(problem, name)[modules]))
        for name in ("module_units", "module_quantity", "module_members")
    }
    return replace(
        problem,
        team_id=(*problem.team_id, *(f"{problem.team_id[team]} ×2" for team in split)),
        personnel=np.concatenate((problem.personnel, problem.personnel[split])),
        module_team=np.concatenate((problem.module_team, double[problem.module_team[modules]])),
        module_capability=(
            *problem.module_capability,
            *(problem.module_capability[module] for module in modules.tolist()),
        ),
        module_portable=np.concatenate((portable(problem), portable(problem)[modules])),
        option_team=np.where(here, double[problem.option_team], problem.option_team),
        **doubled,
    )


def _any_time(problem: DispatchProblem, demand: int) -> DispatchProblem:
    return until(problem, demand, int(problem.option_arrival_s.max(initial=0)))


def _any_quantity(problem: DispatchProblem, demand: int) -> DispatchProblem:
    minimum = problem.demand_minimum.copy()
    minimum[demand] = 0
    return replace(problem, demand_minimum=minimum)


def _units_galore(problem: DispatchProblem, demand: int) -> DispatchProblem:
    """Let each module that could serve the demand have units for all of it, besides its own."""
    wanted = np.array(
        [code == problem.demand_capability[demand] for code in problem.module_capability], np.bool_
    )
    more = -(-problem.demand_quantity[demand] // problem.module_quantity)
    return replace(problem, module_units=problem.module_units + np.where(wanted, more, 0))


def _members_galore(problem: DispatchProblem, _demand: int) -> DispatchProblem:
    """Let each team have a member for everything at once."""
    most = np.zeros(len(problem.team_id), np.int64)
    np.add.at(most, problem.module_team, problem.module_units * problem.module_members)
    return replace(problem, personnel=np.maximum(problem.personnel, most))


def _carry_all(problem: DispatchProblem, _demand: int) -> DispatchProblem:
    return replace(problem, module_portable=np.ones(len(problem.module_team), np.bool_))


def _lift_all(problem: DispatchProblem, _demand: int) -> DispatchProblem:
    used = np.zeros(len(problem.lift_id), np.int64)
    np.add.at(used, problem.use_lift, problem.use_quantity)
    return replace(problem, lift_capacity=np.maximum(problem.lift_capacity, used))


def _appended(problem: DispatchProblem, **last: int) -> dict[str, Any]:
    return {name: np.append(getattr(problem, name), value) for name, value in last.items()}


_OPTION: Final = ("option_team", "option_incident", "option_arrival_s", "option_cost_yuan")

RULES: Final[dict[str, Callable[[DispatchProblem, int], DispatchProblem]]] = {
    # units before members, so that there are hands for all of the units
    "units": _units_galore,
    "members": _members_galore,
    "minimum": _any_quantity,
    "latest": _any_time,
    "vehicles": _carry_all,
    "lift": _lift_all,
}
"""What can be taken away within a problem: more units of what is asked for, members for
everything, no minimum useful quantity, no latest time, everything carried without
vehicles, room for all in every aircraft and train."""
