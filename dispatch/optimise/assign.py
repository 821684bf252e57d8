"""Who goes where, for what: the lexicographic optimum with a proof for every stage."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from typing import Final

from ortools.sat.python import cp_model

from dispatch.optimise.candidates import candidates
from dispatch.optimise.canonical import canonical, carry, restore
from dispatch.optimise.check import ensure, evaluate, infeasibilities
from dispatch.optimise.fill import fill
from dispatch.optimise.mip import Held, Programme, optimise_stage, programme, relaxed_bound
from dispatch.optimise.model import Model, build, read, start_from
from dispatch.optimise.nearest import nearest_first, unproved
from dispatch.optimise.problem import STAGES, DispatchProblem, DispatchSolution, StageResult
from dispatch.optimise.validate import validate

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

WORK_PER_SECOND: Final = 0.5
"""Units of CP-SAT's deterministic time granted for each second of the limit."""


def solve(
    problem: DispatchProblem,
    *,
    time_limit_s: float = 60.0,
    seed: int = 0,
    workers: int | None = None,
    hint: DispatchSolution | None = None,
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

    Returns
    -------
    DispatchSolution
        Accepted by the checker. If the solver finds nothing in time it is the
        nearest-first plan, every stage marked ``heuristic``.

    Raises
    ------
    InputError
        If the problem is malformed.
    InvalidPlanError
        If the checker refuses the plan found: a fault of this package.

    Notes
    -----
    The same problem, seed and limit give the same plan: the workers take turns
    in a fixed order (``interleave_search``) and stop after an amount of work,
    not of seconds. The clock is a second limit behind it; where it strikes
    first, as on a slow or busy machine, the plan may depend on the moment.
    """
    validate(problem)
    rows, order = canonical(problem)
    plan = nearest_first(rows)
    if hint is not None and not infeasibilities(problem, hint):
        plan = _better(rows, plan, carry(hint, order))
    effort = _Effort(
        until=time.monotonic() + time_limit_s,
        work=max(time_limit_s, 0.0) * WORK_PER_SECOND,
        seed=seed,
        workers=workers or min(os.cpu_count() or 1, MAX_WORKERS),
    )
    solution = restore(_improve(rows, plan, effort), order)
    ensure(problem, solution)
    return solution


@dataclass(frozen=True)
class _Effort:
    """What the solver may spend: until a moment of the clock, and an amount of work."""

    until: float
    work: float
    seed: int
    workers: int

    def solver(self, share: float) -> cp_model.CpSolver:
        """Return a solver that may spend a share of the work and of the seconds left."""
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = share * max(0.0, self.until - time.monotonic())
        solver.parameters.max_deterministic_time = share * self.work
        solver.parameters.random_seed = self.seed
        solver.parameters.num_workers = self.workers
        solver.parameters.interleave_search = True
        return solver


def _improve(problem: DispatchProblem, plan: DispatchSolution, effort: _Effort) -> DispatchSolution:
    """Solve the stages in order, each from the plan of the one before.

    Branch and bound on the linear relaxation is asked first: where its bound
    meets the plan in whole numbers the stage is proved; else CP-SAT, which
    knows no rounding, betters or proves it.
    """
    arcs = candidates(problem)
    prog = programme(problem, arcs)
    if len(arcs.option) > WIDE:
        return _improve_wide(problem, prog, plan, effort)
    model = build(problem, arcs)
    held: Held = {}
    solved: list[StageResult | None] = []
    for name, sense in STAGES:
        seconds = RELAXED_SHARE * (effort.until - time.monotonic())
        found, bound = None, None
        if seconds > LEAST_S:
            found, bound = optimise_stage(prog, name, sense, held, seconds)
        if found is not None and not infeasibilities(problem, found):
            plan = _better(problem, plan, found)
        if bound is None or bound != evaluate(problem, plan)[name]:
            start_from(model, plan)
            solver = effort.solver(share=STAGE_SHARE)
            found, result = _optimise(model, name, sense, solver)
            plan = _better(problem, plan, found)
            bound = _tighter(sense, bound, None if result is None else result.bound)
        value = evaluate(problem, plan)
        solved.append(_proved(name, sense, value[name], bound))
        held = {stage: (way, value[stage]) for stage, way in STAGES[: len(solved)]}
        _hold(model, problem, plan, len(solved))
    return _report(problem, plan, solved)


def _improve_wide(
    problem: DispatchProblem, prog: Programme, plan: DispatchSolution, effort: _Effort
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
        seconds = STAGE_SHARE * (effort.until - time.monotonic())
        if name == STAGES[0][0]:
            found, bound = optimise_stage(prog, name, sense, held, seconds)
            if found is not None and infeasibilities(problem, found):
                found = None
        else:
            # what is met at all is bounded as well, and far sooner, without the first stage held
            binding = {} if name == "met" else held
            bound = relaxed_bound(prog, name, sense, binding, seconds / 2)
            start_from(model, plan)
            found, result = _optimise(model, name, sense, effort.solver(share=STAGE_SHARE))
            bound = _tighter(sense, bound, None if result is None else result.bound)
        plan = _better(problem, plan, found)
        if name in ("met_by_target", "met"):
            plan = fill(problem, plan)  # nobody idles beside a need, however early the clock struck
        value = evaluate(problem, plan)
        solved.append(_proved(name, sense, value[name], bound))
        held = {stage: (way, value[stage]) for stage, way in STAGES[: len(solved)]}
        _hold(model, problem, plan, len(solved))
    return _report(problem, plan, solved)


def _tighter(sense: str, one: int | None, other: int | None) -> int | None:
    """Return the better of two bounds, either of which may be missing."""
    known = [bound for bound in (one, other) if bound is not None]
    return (min if sense == "max" else max)(known, default=None)


def _proved(name: str, sense: str, value: int, bound: int | None) -> StageResult | None:
    if bound is None:
        return None
    bound = max(bound, value) if sense == "max" else min(bound, value)
    return StageResult(name, sense, value, bound, "optimal" if bound == value else "time_limit")


def _optimise(
    model: Model, name: str, sense: str, solver: cp_model.CpSolver
) -> tuple[DispatchSolution | None, StageResult | None]:
    """Solve one stage; None where nothing was found in time."""
    objective = model.objectives[name]
    (model.cp.maximize if sense == "max" else model.cp.minimize)(objective)
    status = solver.solve(model.cp)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, None  # out of time, or failed: the plan so far stands, unproved
    bound = round(solver.best_objective_bound)
    if name == "cost":
        # the objective is cost * (teams + 1) + teams sent
        teams = len(model.problem.team_id)
        bound = -(-(bound - teams) // (teams + 1))
    termination = "optimal" if status == cp_model.OPTIMAL else "time_limit"
    found = read(model, solver)
    value = evaluate(model.problem, found)[name]
    return found, StageResult(
        name, sense, value, value if termination == "optimal" else bound, termination
    )


def _better(
    problem: DispatchProblem, plan: DispatchSolution, other: DispatchSolution | None
) -> DispatchSolution:
    """Return the plan that is better in the first stage in which they differ."""
    if other is None:
        return plan
    ranks = []
    for candidate in (plan, other):
        value = evaluate(problem, candidate)
        ranks.append([value[name] if sense == "min" else -value[name] for name, sense in STAGES])
    return other if ranks[1] <= ranks[0] else plan


def _hold(model: Model, problem: DispatchProblem, plan: DispatchSolution, stages: int) -> None:
    """Keep the values that the plan reaches in the stages solved so far.

    A stage may have bettered those before it that the clock had stopped.
    """
    value = evaluate(problem, plan)
    for name, sense in STAGES[:stages]:
        if name != "cost":
            objective = model.objectives[name]
            model.cp.add(objective >= value[name] if sense == "max" else objective <= value[name])


def _report(
    problem: DispatchProblem, plan: DispatchSolution, solved: list[StageResult | None]
) -> DispatchSolution:
    """Return the plan with its values and the bounds proved for each stage."""
    value = evaluate(problem, plan)
    stages = []
    for default, result in zip(unproved(problem, plan).stages, solved, strict=True):
        if result is None:
            stages.append(default)
            continue
        reached = value[result.name]
        # a later stage may have bettered an earlier one that the clock had stopped, and thereby
        # moved the stages between; their bounds still hold, what was proved optimal may not be
        proved = result.termination == "optimal" and result.bound == reached
        termination = "optimal" if proved else "time_limit"
        stages.append(replace(result, value=reached, termination=termination))
    return replace(plan, stages=tuple(stages))
