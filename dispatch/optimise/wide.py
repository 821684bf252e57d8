"""Cases too wide to be stated whole: priced first, then searched where the prices point.

The first three stages are sought together. A point is worth so many seconds of
its arrival that hardly any is given up for an earlier one; a stage before the
last may therefore fall short of its best by the little that its gap tells. The
limits that prices prove hold for all plans there are, not only for those
searched, and each stage is bounded with the stages before it held at what the
plan reaches.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from dispatch.optimise.candidates import Candidates, picked
from dispatch.optimise.check import evaluate
from dispatch.optimise.prices import (
    FINE,
    Limit,
    Weights,
    losses,
    priced,
    relaxation,
    values,
)
from dispatch.optimise.problem import DispatchProblem, DispatchSolution
from dispatch.optimise.program import FloatArray, Program, plan_of, tight
from dispatch.optimise.rounding import rounded
from dispatch.optimise.search import Aim, Effort, aim, better, settled, whole_case

PATIENCE: Final = 4.0
"""A point is worth so many times the mean arrival of the plan begun with."""

NEAR: Final = 0.57
"""A point that counts once is worth about so much of one that counts twice and waits."""

OTHERS: Final = (0.7,)
"""Shares of that worth at which limits are sought as well: they may prove more in the end."""

WAYS: Final = 6
FORGONE: Final = 1.5
"""Each team keeps its best ways, so many at most, none that forgoes more than so many times
what a team is worth."""

ROUNDING_SHARE: Final = 0.5
"""Share of what is left that the relaxation and its rounding may take."""

ROOM: Final = 1e-7
"""Share by which a limit of floating-point branch and bound is widened before it is believed."""

Found = tuple[DispatchSolution, list[Limit]]


def better_wide(
    problem: DispatchProblem,
    arcs: Candidates,
    plan: DispatchSolution,
    effort: Effort,
    tell: Callable[[DispatchSolution, list[Limit]], None],
) -> Found:
    """Search for a plan that is good in the first three stages, and prove how good.

    Parameters
    ----------
    problem : DispatchProblem
        In canonical order.
    arcs : Candidates
        All of them.
    plan : DispatchSolution
        A feasible plan; it is improved on if it is better than what the
        relaxation gives.
    effort : Effort
    tell : callable
        Called with each better plan and the limits known by then.

    Returns
    -------
    DispatchSolution
        Without stages.
    list of Limit
        First that of the weights that were sought.
    """
    value = evaluate(problem, plan)
    worth = PATIENCE * max(value["arrival"], 1) / max(value["met"], 1)
    main: Weights = (worth, worth, 1.0)
    with ThreadPoolExecutor(max(effort.workers - 1, 1)) as pool:
        first = priced(problem, arcs, main)
        later = [
            pool.submit(priced, problem, arcs, at, first.prices * near, FINE[1:])
            for at, near in _others(worth)
        ]

        def known() -> list[Limit]:
            return [first, *(task.result() for task in later if task.done())]

        goal = _goal(problem, arcs, plan, first)
        x = _begun(goal, plan, effort)
        tell(plan_of(goal.prog, x), known())
        x = better(goal, x, effort, lambda found: tell(found, known()))
        return plan_of(goal.prog, x), [first, *(task.result() for task in later)]


def best_whole(
    problem: DispatchProblem, arcs: Candidates, weights: Weights, seconds: float
) -> tuple[DispatchSolution | None, Limit | None]:
    """Seek the most of some weights of the stages by branch and bound on the whole case.

    Cuts make its limit tighter than any prices do, by most of what is lost there
    because teams can't be divided.

    Returns
    -------
    DispatchSolution or None
        Best found, without stages; it may fail the rules by a rounding error
        and has to be checked.
    Limit or None
        None where the time did not suffice for one.
    """
    prog = tight(problem, arcs)
    if not len(prog.upper):
        return None, None
    x, top = whole_case(prog, _worth(prog, weights), seconds)
    plan = None if x is None else plan_of(prog, x)
    if top is None:
        return plan, None
    return plan, Limit(weights, top + ROOM * abs(top) + 1e-6, np.zeros(len(problem.demand_id)))


def score(problem: DispatchProblem, plan: DispatchSolution, weights: Weights) -> float:
    """Return what a plan is worth at some weights of the stages."""
    value = evaluate(problem, plan)
    by_target, met, soon = weights
    return by_target * value["met_by_target"] + met * value["met"] - soon * value["arrival"]


def bound_of(limits: list[Limit], name: str, value: dict[str, int]) -> int | None:
    """Return the best bound on a stage that the limits prove, None if there is none."""
    bounds = [each.bound(name, value["met_by_target"], value["met"]) for each in limits]
    known = [each for each in bounds if each is not None]
    return (max if name == "arrival" else min)(known, default=None)


def _others(worth: float) -> list[tuple[Weights, float]]:
    """Return further weights, and how their prices relate to the first ones."""
    return [
        ((1.0, 0.0, 0.0), NEAR / worth),
        *(((share * worth, share * worth, 1.0), share) for share in OTHERS),
        ((0.0, 1.0, 0.0), NEAR / worth),
    ]


def _begun(goal: Aim, plan: DispatchSolution, effort: Effort) -> FloatArray:
    """Return the columns of the better of the plan given and the relaxation rounded."""
    now = time.monotonic()
    x = settled(goal, plan)
    new = rounded(goal, now + ROUNDING_SHARE * (effort.until - now))
    if new is not None:
        new = settled(goal, plan_of(goal.prog, new))
        x = new if goal.worth @ new > goal.worth @ x else x
    return x


def _goal(
    problem: DispatchProblem, arcs: Candidates, plan: DispatchSolution, priced_at: Limit
) -> Aim:
    """State the programme of the ways worth looking at, with all that its search needs."""
    whole = relaxation(problem, arcs, np.arange(len(arcs.option)))
    value = values(whole, priced_at.weights, priced_at.prices)
    lost = losses(whole, value)
    order = np.lexsort((lost, whole.team))
    rank = np.empty(len(lost), np.int64)
    rank[order] = np.arange(len(lost)) - whole.first[whole.team[order]]
    best = np.maximum.reduceat(value, whole.first)
    keep = (rank < WAYS) & (lost <= FORGONE * np.median(best))
    keep |= np.isin(whole.option, np.array(plan.options, np.int64))
    prog = tight(problem, picked(arcs, np.flatnonzero(keep[whole.way])))
    return aim(prog, _worth(prog, priced_at.weights), lost[keep], priced_at.prices)


def _worth(prog: Program, weights: Weights) -> FloatArray:
    """Return what each column is worth at some weights of the stages, shape (C,)."""
    by_target, met, soon = weights
    goals = prog.objectives
    return by_target * goals["met_by_target"] + met * goals["met"] - soon * goals["arrival"]
