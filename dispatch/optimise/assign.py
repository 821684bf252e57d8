"""Who goes where, for what: the lexicographic optimum with a proof for every stage."""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from dispatch.errors import InputError, InvalidPlanError
from dispatch.optimise.candidates import Candidates, candidates
from dispatch.optimise.canonical import canonical, carry, restore
from dispatch.optimise.check import ensure, evaluate, infeasibilities
from dispatch.optimise.fill import fill
from dispatch.optimise.mip import Held, Programme, optimise_stage, programme, relaxed_bound
from dispatch.optimise.model import build, start_from
from dispatch.optimise.nearest import nearest_in_order, unproved
from dispatch.optimise.problem import STAGES, DispatchProblem, DispatchSolution, StageResult
from dispatch.optimise.relaxation import Limit
from dispatch.optimise.search import Effort
from dispatch.optimise.stages import Budget, better, ended, hold, optimise, report, tighter
from dispatch.optimise.validate import validate
from dispatch.optimise.wide import best_whole, better_wide, bound_of, score

LOG: Final = logging.getLogger(__name__)

MAX_WORKERS: Final = 8
"""More workers than cores slow CP-SAT down, and beyond eight they add little."""

STAGE_SHARE: Final = 0.4
"""Share of what is left that one stage may spend."""

RELAXED_SHARE: Final = 0.1
"""Share of what is left that branch and bound may spend on a stage of a narrow case."""

LEAST_S: Final = 0.02
"""Branch and bound is not begun with less."""

WIDE: Final = 1500
"""Candidate services above which the linear relaxation proves more than CP-SAT does."""

VERY_WIDE: Final = 2500
"""Candidate services above which the first three stages are sought together, around prices."""

STATED: Final = 30_000
"""Candidate services up to which a very wide case is stated whole as well."""

SEARCH_SHARE: Final = 0.25
"""Share of the time that the search takes where the case is then stated whole."""

WHOLE_SHARE: Final = 0.75
"""Share of what is left then for branch and bound on the first three stages together."""

CLOSING_SHARE: Final = 0.05
"""Share of the time left for filling and checking where the case is not stated whole."""

WORK_PER_SECOND: Final = 0.5
"""Units of CP-SAT's deterministic time granted for each second of the limit."""


def solve(
    problem: DispatchProblem,
    *,
    time_limit_s: float = 60.0,
    seed: int = 0,
    workers: int | None = None,
    hint: DispatchSolution | None = None,
    tell: Callable[[DispatchSolution], None] = lambda _plan: None,
) -> DispatchSolution:
    """Find the plan that is best in the five stages, one after the other.

    Each stage is solved, and its value held while the next is solved.

    Parameters
    ----------
    problem : DispatchProblem
        The order of its rows does not change the plan.
    time_limit_s : float
        After it the best plan found is returned with its gaps.
    seed : int
        Of the solver's random choices.
    workers : int, optional
        Threads; as many as there are cores, at most :data:`MAX_WORKERS`.
    hint : DispatchSolution, optional
        A plan to start from, such as that of a problem since changed a little.
        It is left aside where this problem does not allow it.
    tell : callable
        Called with each plan on the way, the first before any solver is asked,
        with what is proved of it so far.

    Returns
    -------
    DispatchSolution
        Accepted by the checker. If the solver finds nothing in time, or fails,
        it is the last plan made before, such as nearest-first; every stage that
        was not solved by then is marked ``heuristic``. If what the solver
        returns breaks rules, nothing that it proved is believed either.

    Raises
    ------
    InputError
        If the problem is malformed.
    InvalidPlanError
        If the checker refuses the plan returned: a fault of this package.

    Notes
    -----
    The same problem, seed and limit give the same plan: the workers take turns
    in a fixed order (``interleave_search``) and stop after an amount of work,
    not of seconds. The clock is a second limit behind it; where it strikes
    first, as on a slow or busy machine, the plan may depend on the moment.
    """
    until = time.monotonic() + time_limit_s  # the first plan takes its part of the time
    validate(problem)
    rows, order = canonical(problem)
    arcs = candidates(rows)
    plan = nearest_in_order(rows, arcs)
    if hint is not None and not infeasibilities(problem, hint):
        plan = better(rows, plan, carry(hint, order))
    budget = Budget(
        until=until,
        work=max(time_limit_s, 0.0) * WORK_PER_SECOND,
        seed=seed,
        workers=workers or min(os.cpu_count() or 1, MAX_WORKERS),
        tell=lambda found: tell(restore(found, order)),
    )
    plan = unproved(rows, plan)
    budget.tell(plan)
    solution = restore(_improved(rows, arcs, plan, budget), order)
    ensure(problem, solution)
    return solution


def _improved(
    problem: DispatchProblem, arcs: Candidates, plan: DispatchSolution, budget: Budget
) -> DispatchSolution:
    """Improve a plan, or keep it: whoever waits for orders is not left without by a solver."""
    told: deque[DispatchSolution] = deque(maxlen=len(STAGES))

    def tell(found: DispatchSolution) -> None:
        told.append(found)
        budget.tell(found)

    def last_sound() -> DispatchSolution:
        return next((p for p in reversed(told) if not infeasibilities(problem, p)), plan)

    try:
        found = _improve(problem, arcs, plan, replace(budget, tell=tell))
    except (InputError, InvalidPlanError):
        raise  # no bad luck of a solver, but a fault of the input or of this package
    except Exception as error:
        LOG.error("The solver failed; the last plan made before it stands: %r", error)
        LOG.debug("Where the solver failed:", exc_info=True)
        return last_sound()
    faults = infeasibilities(problem, found)
    if faults:
        LOG.error("The solver's plan breaks rules; the last sound one stands, unproved: %s", faults)
    return unproved(problem, last_sound()) if faults else found


def _improve(
    problem: DispatchProblem, arcs: Candidates, plan: DispatchSolution, budget: Budget
) -> DispatchSolution:
    """Solve the stages, in the way that proves most for a case of this width."""
    if len(arcs.option) > VERY_WIDE:
        return _improve_very_wide(problem, arcs, plan, budget)
    prog = programme(problem, arcs)
    if len(arcs.option) > WIDE:
        return _improve_wide(problem, prog, plan, budget)
    return _improve_narrow(problem, prog, plan, budget)


def _improve_narrow(
    problem: DispatchProblem, prog: Programme, plan: DispatchSolution, budget: Budget
) -> DispatchSolution:
    """Solve the stages in order, each from the plan of the one before.

    Branch and bound on the linear relaxation is asked first: where its bound
    meets the plan in whole numbers the stage is proved; else CP-SAT, which
    knows no rounding, betters or proves it.
    """
    model = build(problem, prog.arcs)
    held: Held = {}
    solved: list[StageResult | None] = []
    for name, sense in STAGES:
        seconds = RELAXED_SHARE * budget.left_s()
        found, bound = None, None
        if seconds > LEAST_S:
            found, bound = optimise_stage(prog, name, sense, held, seconds)
        if found is not None and not infeasibilities(problem, found):
            plan = better(problem, plan, found)
        if bound is None or bound != evaluate(problem, plan)[name]:
            start_from(model, plan)
            found, proved = optimise(model, name, sense, budget.solver(share=STAGE_SHARE))
            plan = better(problem, plan, found)
            bound = tighter(sense, bound, proved)
        value = evaluate(problem, plan)
        solved.append(ended(name, sense, value[name], bound))
        held = {stage: (way, value[stage]) for stage, way in STAGES[: len(solved)]}
        hold(model, problem, plan, len(solved))
        budget.tell(report(problem, plan, solved))
    return report(problem, plan, solved)


def _improve_wide(
    problem: DispatchProblem, prog: Programme, plan: DispatchSolution, budget: Budget
) -> DispatchSolution:
    """Solve the stages of a wide case: branch and bound first, then from plan to plan.

    The first stage decides who goes where, and is won on the linear relaxation.
    In the later ones CP-SAT betters the plan that it is handed, and the
    relaxation says how far it might still go.
    """
    model = build(problem, prog.arcs)
    held: Held = {}
    solved: list[StageResult | None] = []
    for name, sense in STAGES:
        seconds = STAGE_SHARE * (budget.until - time.monotonic())
        if name == STAGES[0][0]:
            found, bound = optimise_stage(prog, name, sense, held, seconds)
            if found is not None and infeasibilities(problem, found):
                found = None
        else:
            # what is met at all is bounded as well, and far sooner, without the first stage held
            binding = {} if name == "met" else held
            bound = relaxed_bound(prog, name, sense, binding, seconds / 2)
            start_from(model, plan)
            found, proved = optimise(model, name, sense, budget.solver(share=STAGE_SHARE))
            bound = tighter(sense, bound, proved)
        plan = better(problem, plan, found)
        if name in ("met_by_target", "met"):
            plan = fill(problem, plan)  # nobody idles beside a need, however early the clock struck
        value = evaluate(problem, plan)
        solved.append(ended(name, sense, value[name], bound))
        held = {stage: (way, value[stage]) for stage, way in STAGES[: len(solved)]}
        hold(model, problem, plan, len(solved))
        budget.tell(report(problem, plan, solved))
    return report(problem, plan, solved)


def _improve_very_wide(
    problem: DispatchProblem, arcs: Candidates, plan: DispatchSolution, budget: Budget
) -> DispatchSolution:
    """Search for the first three stages at once; state the case whole only where that is feasible.

    Then branch and bound finds and proves more than the search around prices, and CP-SAT
    betters the last two stages.
    """
    stated = len(arcs.option) <= STATED
    share = SEARCH_SHARE if stated else 1 - CLOSING_SHARE
    effort = Effort(budget.until - (1 - share) * budget.left_s(), budget.seed, budget.workers)
    found, limits = better_wide(
        problem,
        arcs,
        plan,
        effort,
        lambda other, known: budget.tell(report(problem, other, _limited(problem, other, known))),
    )
    plan = better(problem, plan, found if not infeasibilities(problem, found) else None)
    plan = fill(problem, plan)
    solved = _limited(problem, plan, limits)
    if not stated:
        return report(problem, plan, solved)
    budget.tell(report(problem, plan, solved))
    plan, limits = _whole(problem, arcs, plan, limits, budget)
    solved = _limited(problem, plan, limits)
    budget.tell(report(problem, plan, solved))
    return _last_two(problem, arcs, plan, solved, budget)


def _limited(
    problem: DispatchProblem, plan: DispatchSolution, limits: list[Limit]
) -> list[StageResult | None]:
    """Return what the limits prove of each stage."""
    value = evaluate(problem, plan)
    return [
        ended(name, sense, value[name], bound_of(limits, name, value)) for name, sense in STAGES
    ]


def _whole(
    problem: DispatchProblem,
    arcs: Candidates,
    plan: DispatchSolution,
    limits: list[Limit],
    budget: Budget,
) -> tuple[DispatchSolution, list[Limit]]:
    """Better a plan at the weights that were searched for, and prove more of it."""
    sought = limits[0].weights
    seconds = WHOLE_SHARE * budget.left_s() / (1 if budget.workers > 1 else 2)
    with ThreadPoolExecutor(min(budget.workers, 2)) as pool:
        both = [
            pool.submit(best_whole, problem, arcs, weights, seconds)
            for weights in (sought, (1.0, 0.0, 0.0))
        ]
    (found, _limit), _first_stage = results = [task.result() for task in both]
    if found is not None and not infeasibilities(problem, found):
        found = fill(problem, found)
        plan = max(plan, found, key=lambda each: score(problem, each, sought))
    return plan, [*limits, *(limit for _found, limit in results if limit is not None)]


def _last_two(
    problem: DispatchProblem,
    arcs: Candidates,
    plan: DispatchSolution,
    solved: list[StageResult | None],
    budget: Budget,
) -> DispatchSolution:
    """Better the last two stages, all before them held."""
    model = build(problem, arcs)
    hold(model, problem, plan, 3)
    for row, (name, sense) in enumerate(STAGES[3:], 3):
        start_from(model, plan)
        found, proved = optimise(model, name, sense, budget.solver(share=STAGE_SHARE))
        plan = better(problem, plan, found)
        solved[row] = ended(name, sense, evaluate(problem, plan)[name], proved)
        hold(model, problem, plan, row + 1)
    return report(problem, plan, solved)
