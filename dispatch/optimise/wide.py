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
from dispatch.optimise.prices import FINE, priced, tightened
from dispatch.optimise.problem import DispatchProblem, DispatchSolution
from dispatch.optimise.program import FloatArray, bound_by, plan_of, tight
from dispatch.optimise.relaxation import Limit, Weights, losses, relaxation, values
from dispatch.optimise.rounding import rounded
from dispatch.optimise.rules import enough
from dispatch.optimise.search import Aim, Effort, aim, better, settled, whole_case, worth

PATIENCE: Final = 4.5
"""A point is worth so many times the mean arrival of the plan begun with."""

NEAR: Final = 0.57
"""A point that counts once is worth about so much of one that counts twice and waits."""

STAGES_ALONE: Final[tuple[Weights, ...]] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
"""Weights of the first two stages alone, whose limits are sought as well."""

SOONER: Final = 0.5
"""A point may be worth such a share of what is sought in a limit of its own: the plan meets less
than the relaxation would, and where it would meet as little more is proved of the arrivals."""

AT_FIRST: Final = 2
LATER: Final = 4
ASIDE: Final = 1
"""So many times rules are added before the search begins, beside it, and to other limits."""

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
    point = PATIENCE * max(value["arrival"], 1) / max(value["met"], 1)
    with ThreadPoolExecutor(max(effort.workers - 1, 1)) as pool:
        first = priced(problem, arcs, (point, point, 1.0))
        alone = [
            pool.submit(_near, problem, arcs, first, each, NEAR / point) for each in STAGES_ALONE
        ]
        first = _tightened(problem, arcs, first, AT_FIRST)
        sooner = (SOONER * point, SOONER * point, 1.0)
        later = [
            *alone,
            pool.submit(_near, problem, arcs, first, sooner, SOONER),
            pool.submit(_tightened, problem, arcs, first, LATER),
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
    x, top = whole_case(prog, worth(prog, weights), seconds)
    plan = None if x is None else plan_of(prog, x)
    if top is None:
        return plan, None
    nothing = np.zeros(len(problem.demand_id))
    return plan, Limit(weights, top + ROOM * abs(top) + 1e-6, enough(problem, arcs), nothing)


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


def _near(
    problem: DispatchProblem, arcs: Candidates, first: Limit, weights: Weights, share: float
) -> Limit:
    """Seek a limit for other weights, from a share of the prices of the first one."""
    start = first.rules, share * first.prices
    return _tightened(problem, arcs, priced(problem, arcs, weights, start, FINE[1:]), ASIDE)


def _tightened(problem: DispatchProblem, arcs: Candidates, at: Limit, rounds: int) -> Limit:
    """Add rules to a limit, so many times."""
    for _ in range(rounds):
        at = tightened(problem, arcs, at)
    return at


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
    whole = relaxation(problem, arcs, np.arange(len(arcs.option)), priced_at.rules)
    value = values(whole, priced_at.weights, priced_at.prices)
    lost = losses(whole, value)
    order = np.lexsort((lost, whole.team))
    rank = np.empty(len(lost), np.int64)
    rank[order] = np.arange(len(lost)) - whole.first[whole.team[order]]
    best = np.maximum.reduceat(value, whole.first)
    keep = (rank < WAYS) & (lost <= FORGONE * np.median(best))
    keep |= np.isin(whole.option, np.array(plan.options, np.int64))
    rows = np.flatnonzero(keep[whole.way])
    part = relaxation(problem, arcs, rows, priced_at.rules)
    prog = tight(problem, picked(arcs, rows))
    more = part.rules.kept(np.arange(len(priced_at.prices)) >= len(problem.demand_id))
    return aim(bound_by(prog, more.on_credit, more.on_way, more.most), part, priced_at)
