"""What could be done at all: the useful options, and what each could do on arrival."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dispatch.optimise.lift import uses_by_option, within
from dispatch.optimise.problem import DispatchProblem, IntArray, points, portable, vehicles


@dataclass(frozen=True, eq=False)
class Candidates:
    """Possible services: by ``option[a]``, ``module[a]`` could work for ``demand[a]`` in time.

    Parameters
    ----------
    option, module, demand : IntArray, shape (A,)
        Rows of the problem, in ascending order of (option, module, demand).
    units, most : IntArray, shape (A,)
        Most units that can work, and most credit they can reach, at least 1.
    worth : IntArray, shape (A,)
        Points of one credited unit.
    arrival_s : IntArray, shape (A,)
        Arrival of the option, never after the latest time of the demand.
    on_time : NDArray[bool], shape (A,)
        Whether it arrives by the target time.
    """

    option: IntArray
    module: IntArray
    demand: IntArray
    units: IntArray
    most: IntArray
    worth: IntArray
    arrival_s: IntArray
    on_time: NDArray[np.bool_]


def candidates(problem: DispatchProblem) -> Candidates:
    """Enumerate every possible service of the options that can be part of a best plan."""
    rows = np.array(_triples(problem), dtype=np.int64).reshape(-1, 3)
    option, module, demand = rows.T
    units, most = workable(problem, module, demand)
    keep = (most > 0) & (vehicles(problem)[option] | portable(problem)[module])
    option, module, demand, units, most = (
        values[keep] for values in (option, module, demand, units, most)
    )
    arrival_s = problem.option_arrival_s[option]
    return Candidates(
        option=option,
        module=module,
        demand=demand,
        units=units,
        most=most,
        worth=points(problem)[demand],
        arrival_s=arrival_s,
        on_time=arrival_s <= problem.demand_target_s[demand],
    )


def workable(
    problem: DispatchProblem, module: IntArray, demand: IntArray
) -> tuple[IntArray, IntArray]:
    """Return the most units of a module that can work for a demand, and their credit."""
    members = problem.module_members[module]
    staffed = np.where(
        members > 0,
        problem.personnel[problem.module_team[module]] // np.maximum(members, 1),
        problem.module_units[module],
    )
    quantity = problem.module_quantity[module]
    wanted = problem.demand_quantity[demand]
    units = np.minimum(np.minimum(problem.module_units[module], staffed), -(-wanted // quantity))
    return units, np.minimum(units * quantity, wanted)


def useful_options(problem: DispatchProblem) -> list[int]:
    """Return the options that can be part of a best plan, ascending.

    A way of a team to an incident is left out where another one of the same
    team to the same incident arrives no later, costs no more where it arrives
    at the same time, lets every module work that could work by the first, and
    at no moment uses more of any lift. Taking that other way instead meets the
    same demands no later, and lessens the third stage or the last.
    """
    arrival_s, cost_yuan = problem.option_arrival_s, problem.option_cost_yuan
    uses = uses_by_option(problem)
    helpless = np.zeros(len(problem.team_id), np.bool_)
    helpless[problem.module_team[~portable(problem)]] = True
    able = vehicles(problem) | ~helpless[problem.option_team]
    burden = [sum(use.quantity * (use.until_s - use.from_s) for use in each) for each in uses]
    ways = defaultdict(list)
    pairs = zip(problem.option_team.tolist(), problem.option_incident.tolist(), strict=True)
    for option, pair in enumerate(pairs):
        ways[pair].append(option)
    kept = []
    for options in ways.values():
        # in this order a way can only be beaten by one before it
        options.sort(key=lambda o: (arrival_s[o], cost_yuan[o], not able[o], burden[o], o))
        best: list[int] = []
        for option in options:
            if not any(
                able[other] >= able[option] and within(uses[other], uses[option]) for other in best
            ):
                best.append(option)
        kept += best
    return sorted(kept)


def _triples(problem: DispatchProblem) -> list[tuple[int, int, int]]:
    modules = defaultdict(list)
    for module, team in enumerate(problem.module_team.tolist()):
        modules[team].append(module)
    demands = defaultdict(list)
    keys = zip(problem.demand_incident.tolist(), problem.demand_capability, strict=True)
    for demand, key in enumerate(keys):
        demands[key].append(demand)
    team, incident, arrival_s, latest_s = (
        values.tolist()
        for values in (
            problem.option_team,
            problem.option_incident,
            problem.option_arrival_s,
            problem.demand_latest_s,
        )
    )
    return [
        (option, module, demand)
        for option in useful_options(problem)
        for module in modules[team[option]]
        for demand in demands[incident[option], problem.module_capability[module]]
        if arrival_s[option] <= latest_s[demand]
    ]


def picked(arcs: Candidates, rows: IntArray) -> Candidates:
    """Return some of the candidates, in the order of their rows."""
    return Candidates(**{each.name: getattr(arcs, each.name)[rows] for each in fields(arcs)})
