"""Which teams under way turn: those for whom that is worth it.

The plan is solved with all turns allowed; then each turn is taken back in the
order of the teams' ids, and stays taken back unless solving without it loses a
need of the first priority, or more than a stated number of priority-weighted
minutes. What is unmet counts as if it came at its latest time.
"""

from __future__ import annotations

from collections.abc import Callable

from dispatch.optimise.problem import DispatchSolution, reference
from dispatch.plan.prepare import Prepared
from dispatch.plan.recourse import Recourse

Solved = tuple[Prepared, DispatchSolution]


def worth_turning(
    case: Recourse, solved: Callable[[frozenset[str]], Solved], turn_min: float
) -> tuple[frozenset[str], Solved]:
    """Return the plan in which every turn is worth it, and who is held to his incident.

    Parameters
    ----------
    case : Recourse
    solved : callable
        Solves with some teams under way held to their incident.
    turn_min : float
        What a turn must be worth more than, in priority-weighted minutes.
    """
    under_way = {t for t in case.kept if case.positions[t].state == "under_way"}
    best = solved(frozenset())
    held = frozenset(under_way - _turned(case, under_way, best))
    for team in sorted(under_way - held):
        if team not in _turned(case, under_way, best):
            continue
        without = solved(held | {team})
        first, minutes = loss(*without)
        least, fewest = loss(*best)
        # sums of fractions: to the millionth of a minute
        if first <= least and round(minutes - fewest, 6) <= turn_min:
            held, best = held | {team}, without
    return held, best


def _turned(case: Recourse, under_way: set[str], found: Solved) -> set[str]:
    """Return the teams under way that no longer go where they were sent."""
    problem = found[0].problem
    going = {
        problem.team_id[problem.option_team[k]]: problem.incident_id[problem.option_incident[k]]
        for k in found[1].options
    }
    return {t for t in under_way if going.get(t, "") not in ("", case.orders[t].incident_id)}


def loss(now: Prepared, solution: DispatchSolution) -> tuple[int, float]:
    """Return units unmet at the first priority, and priority-weighted minutes."""
    problem = now.problem
    arrive_s = {int(problem.option_team[k]): problem.option_arrival_s[k] for k in solution.options}
    weight = problem.demand_weight / reference(problem) / 60
    missing = problem.demand_quantity.copy()
    minutes = 0.0
    for service in solution.services:
        d = service.demand
        missing[d] -= service.quantity
        there_s = arrive_s[int(problem.module_team[service.module])]
        minutes += float(weight[d] * service.quantity * there_s)
    minutes += float((weight * missing * problem.demand_latest_s).sum())
    first = problem.demand_weight == problem.demand_weight.max()
    return int(missing[first].sum()), minutes
