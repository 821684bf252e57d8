"""Free teams sent to whoever still lacks something, so that nobody idles beside a need."""

from __future__ import annotations

from dispatch.optimise.nearest import nearest_first
from dispatch.optimise.pocket import join, pocket
from dispatch.optimise.problem import DispatchProblem, DispatchSolution


def fill(problem: DispatchProblem, solution: DispatchSolution) -> DispatchSolution:
    """Serve what a plan leaves unmet by the nearest of those whom it leaves free.

    The weightiest demands come first. What is served stays served, so the first
    two stages never get worse by it; the later ones may.

    Returns
    -------
    DispatchSolution
        Feasible where the plan was; without stages.
    """
    for demand in _by_priority(problem):
        met = sum(s.quantity for s in solution.services if s.demand == demand)
        if met < problem.demand_quantity[demand]:
            small = pocket(problem, solution, demand)
            part = nearest_first(small.problem)
            solution = join(problem, solution, small, part) if part.services else solution
    return DispatchSolution(solution.options, solution.services, ())


def _by_priority(problem: DispatchProblem) -> list[int]:
    return sorted(
        range(len(problem.demand_id)),
        key=lambda d: (
            -int(problem.demand_weight[d]),
            int(problem.demand_target_s[d]),
            problem.demand_id[d],
        ),
    )
