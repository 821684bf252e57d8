"""Make a plan: prepare, solve, check, tell."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Final, TypeVar

import dispatch
from dispatch.doctrine import Doctrine, load_doctrine
from dispatch.errors import DispatchError, InvalidPlanError
from dispatch.i18n import _, told
from dispatch.optimise.assign import solve
from dispatch.optimise.conflict import credits_of
from dispatch.optimise.nearest import nearest_first
from dispatch.optimise.problem import DispatchProblem, DispatchSolution
from dispatch.plan.account import (
    floors_of,
    illustrative_of,
    policy_of,
    privilege_of,
    reserves_of,
)
from dispatch.plan.answers import Choice, Explanation
from dispatch.plan.available import available
from dispatch.plan.closures import breaches
from dispatch.plan.incidents import incidents_of
from dispatch.plan.orders import orders_of
from dispatch.plan.plan import SCHEMA_VERSION, Order, Plan, Provenance, Stage
from dispatch.plan.prepare import Prepared, prepare
from dispatch.plan.remedies import explain_unmet
from dispatch.plan.start import start_of
from dispatch.plan.why import why_this_team
from dispatch.registry import Registry, data_dir
from dispatch.scenario import Scenario

LOG: Final = logging.getLogger(__name__)

Answers = TypeVar("Answers")


def make_plan(
    registry: Registry,
    scenario: Scenario,
    *,
    doctrine: Doctrine | None = None,
    time_limit_s: float = 60.0,
    seed: int = 0,
    workers: int = 2,
    backend: str = "auto",
    explain_s: float = 20.0,
    start: Plan | None = None,
) -> Plan:
    """Plan a scenario: who goes, by which way, for what, and what stays unmet.

    Parameters
    ----------
    registry : Registry
    scenario : Scenario
    doctrine : Doctrine, optional
        The bundled one by default.
    time_limit_s : float
        For the solver; the best plan found by then is returned with its gaps.
    seed, workers : int
        Of the solver. The same inputs, seed and workers give the same plan.
    backend : str
        Of the road engine, see :func:`dispatch.network.engine.build_engine`.
    explain_s : float
        Seconds of the processor for explaining what stays unmet, see
        :func:`dispatch.plan.remedies.explain_unmet`.
    start : Plan, optional
        Of a scenario with the same needs, for the solver to start from. It is
        left aside where it does not fit.

    Returns
    -------
    Plan
        Accepted by the independent checker. Where a solver fails the plan
        stands that was made before, and where it fails while explaining the
        plan stands without explanations.

    Raises
    ------
    InputError
        If the scenario does not fit doctrine or map.
    InvalidPlanError
        If a checker refuses the solution, or an order uses a closed road: a
        fault of this package.
    """
    doctrine = doctrine or load_doctrine(data_dir())
    registry = available(registry, scenario)
    prepared = prepare(registry, doctrine, scenario, backend=backend)
    solution = solve(
        prepared.problem,
        time_limit_s=time_limit_s,
        seed=seed,
        workers=workers,
        hint=None if start is None else start_of(start, prepared),
    )
    orders = orders_of(registry, scenario, prepared, solution)
    _prove_clear(registry, scenario, prepared, orders)
    explained = _or_else(
        lambda: explain_unmet(
            registry,
            scenario,
            prepared,
            solution,
            lambda changed: prepare(registry, doctrine, changed, backend=backend),
            budget_s=explain_s,
        ),
        lambda: _unexplained(prepared.problem, solution),
    )
    chosen = _or_else(
        lambda: why_this_team(registry, scenario, prepared, solution),
        dict[str, tuple[Choice, ...]],
    )
    return Plan(
        schema_version=SCHEMA_VERSION,
        scenario=scenario.name,
        title=scenario.title,
        title_en=scenario.title_en,
        note=scenario.note,
        start=scenario.start.isoformat(timespec="seconds"),
        level=prepared.level,
        toll_free=scenario.policy.toll_free,
        incidents=incidents_of(registry, doctrine, scenario, prepared, solution, explained, chosen),
        orders=orders,
        reserves=reserves_of(registry, orders),
        privilege=privilege_of(scenario.policy.toll_free, orders),
        stages=stages_of(solution),
        illustrative=illustrative_of(registry, prepared, orders),
        provenance=provenance_of(
            registry, scenario, solver_of(prepared.problem, solution), seed, workers
        ),
        policy=policy_of(scenario),
        floors=floors_of(registry, doctrine, prepared.level, orders),
        note_en=scenario.note_en,
    )


def _prove_clear(
    registry: Registry, scenario: Scenario, prepared: Prepared, orders: tuple[Order, ...]
) -> None:
    """Raise if an order uses a road while it is closed."""
    broken = breaches(registry, prepared.travel.road, scenario, orders)
    if broken:
        raise InvalidPlanError(broken)


def _or_else(answer: Callable[[], Answers], otherwise: Callable[[], Answers]) -> Answers:
    """Return answers about a plan; a solver that fails at them takes no finished plan away."""
    try:
        return answer()
    except DispatchError:
        raise
    except Exception as error:
        LOG.error("The solver failed; the plan stands, not all of it explained: %r", error)
        LOG.debug("Where the solver failed:", exc_info=True)
        return otherwise()


def _unexplained(problem: DispatchProblem, solution: DispatchSolution) -> dict[str, Explanation]:
    """Say of every need that is not met in full that it is not explained."""
    met, _early = credits_of(problem, solution)
    texts = told(lambda: _("Not looked into: the solver failed."))
    return {
        name: Explanation(name, "open", *texts, limits=(), remedies=(), complete=False)
        for row, name in enumerate(problem.demand_id)
        if met[row] < problem.demand_quantity[row]
    }


def solver_of(problem: DispatchProblem, solution: DispatchSolution) -> str:
    """Return what made a solution: a solver, or the rule that needs none where it found nothing."""
    solver = f"OR-Tools CP-SAT {version('ortools')}"
    if not unproved(stages_of(solution)):
        return solver
    first = nearest_first(problem)
    own = (first.options, first.services) != (solution.options, solution.services)
    return f"{solver if own else 'nearest-first rule'}, not proved"


def unproved(stages: Sequence[Stage]) -> bool:
    """Whether nothing at all is proved of a plan."""
    return all(stage.termination == "heuristic" for stage in stages)


def stages_of(solution: DispatchSolution) -> tuple[Stage, ...]:
    """Return how each stage ended."""
    return tuple(
        Stage(
            name=stage.name,
            sense=stage.sense,
            value=stage.value,
            bound=stage.bound,
            gap=round(stage.gap, 6),
            termination=stage.termination,
        )
        for stage in solution.stages
    )


def provenance_of(
    registry: Registry, scenario: Scenario, solver: str, seed: int, workers: int
) -> Provenance:
    """Return what a plan was made from, by what."""
    inputs = {f"{name}.csv": digest for name, digest in registry.sha256.items()}
    inputs[scenario.file] = scenario.sha256
    return Provenance(
        dispatch_version=dispatch.__version__,
        solver=solver,
        seed=seed,
        workers=workers,
        inputs=tuple(sorted(inputs.items())),
    )
