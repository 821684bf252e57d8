"""The five stages one after the other: what one may spend, how it ended, what is held then."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from ortools.sat.python import cp_model

from dispatch.optimise.check import evaluate
from dispatch.optimise.model import Model, read
from dispatch.optimise.nearest import unproved
from dispatch.optimise.problem import STAGES, DispatchProblem, DispatchSolution, StageResult


@dataclass(frozen=True)
class Budget:
    """What the solvers may spend: until a moment of the clock, and an amount of work.

    ``tell`` is called with each plan on the way, in the rows of the problem solved.
    """

    until: float
    work: float
    seed: int
    workers: int
    tell: Callable[[DispatchSolution], None]

    def left_s(self) -> float:
        """Return the seconds left, never below 0."""
        return max(0.0, self.until - time.monotonic())

    def solver(self, share: float) -> cp_model.CpSolver:
        """Return a solver that may spend a share of the work and of the seconds left."""
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = share * self.left_s()
        solver.parameters.max_deterministic_time = share * self.work
        solver.parameters.random_seed = self.seed
        solver.parameters.num_workers = self.workers
        solver.parameters.interleave_search = True
        return solver


def optimise(
    model: Model, name: str, sense: str, solver: cp_model.CpSolver
) -> tuple[DispatchSolution | None, int | None]:
    """Solve one stage by CP-SAT: best plan and proved bound, None where nothing was found."""
    objective = model.objectives[name]
    (model.cp.maximize if sense == "max" else model.cp.minimize)(objective)
    status = solver.solve(model.cp)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, None  # out of time, or failed: the plan so far stands, unproved
    found = read(model, solver)
    if status == cp_model.OPTIMAL:
        return found, evaluate(model.problem, found)[name]
    bound = round(solver.best_objective_bound)
    if name == "cost":
        # the objective is cost * (teams + 1) + teams sent
        teams = len(model.problem.team_id)
        bound = -(-(bound - teams) // (teams + 1))
    return found, bound


def hold(model: Model, problem: DispatchProblem, plan: DispatchSolution, stages: int) -> None:
    """Keep the values that the plan reaches in the stages solved so far.

    A stage may have bettered those before it that the clock had stopped.
    """
    value = evaluate(problem, plan)
    for name, sense in STAGES[:stages]:
        if name != "cost":
            objective = model.objectives[name]
            model.cp.add(objective >= value[name] if sense == "max" else objective <= value[name])


def better(
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


def tighter(sense: str, *bounds: int | None) -> int | None:
    """Return the best of several bounds, any of which may be missing."""
    known = [bound for bound in bounds if bound is not None]
    return (min if sense == "max" else max)(known, default=None)


def ended(name: str, sense: str, value: int, bound: int | None) -> StageResult | None:
    """Say how a stage ended, None where nothing is proved."""
    if bound is None:
        return None
    bound = max(bound, value) if sense == "max" else min(bound, value)
    return StageResult(name, sense, value, bound, "optimal" if bound == value else "time_limit")


def report(
    problem: DispatchProblem, plan: DispatchSolution, solved: list[StageResult | None]
) -> DispatchSolution:
    """Return the plan with its values and the bounds proved for the stages solved so far."""
    value = evaluate(problem, plan)
    stages = []
    for row, default in enumerate(unproved(problem, plan).stages):
        result = solved[row] if row < len(solved) else None
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
