"""Make a plan: prepare, solve, check, tell."""

from __future__ import annotations

from importlib.metadata import version

import dispatch
from dispatch.doctrine import Doctrine, load_doctrine
from dispatch.errors import InvalidPlanError
from dispatch.optimise.assign import solve
from dispatch.optimise.problem import DispatchSolution
from dispatch.plan.account import illustrative_of, privilege_of, reserves_of
from dispatch.plan.available import available
from dispatch.plan.closures import breaches
from dispatch.plan.incidents import incidents_of
from dispatch.plan.orders import orders_of
from dispatch.plan.plan import SCHEMA_VERSION, Order, Plan, Provenance, Stage
from dispatch.plan.prepare import Prepared, prepare
from dispatch.plan.remedies import explain_unmet
from dispatch.plan.why import why_this_team
from dispatch.registry import Registry, data_dir
from dispatch.scenario import Scenario


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

    Returns
    -------
    Plan
        Accepted by the independent checker.

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
    solution = solve(prepared.problem, time_limit_s=time_limit_s, seed=seed, workers=workers)
    orders = orders_of(registry, scenario, prepared, solution)
    _prove_clear(registry, scenario, prepared, orders)
    explained = explain_unmet(
        registry,
        scenario,
        prepared,
        solution,
        lambda changed: prepare(registry, doctrine, changed, backend=backend),
        budget_s=explain_s,
    )
    chosen = why_this_team(registry, scenario, prepared, solution)
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
        provenance=_provenance(registry, scenario, seed, workers),
    )


def _prove_clear(
    registry: Registry, scenario: Scenario, prepared: Prepared, orders: tuple[Order, ...]
) -> None:
    """Raise if an order uses a road while it is closed."""
    broken = breaches(registry, prepared.travel.road, scenario, orders)
    if broken:
        raise InvalidPlanError(broken)


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


def _provenance(registry: Registry, scenario: Scenario, seed: int, workers: int) -> Provenance:
    inputs = {f"{name}.csv": digest for name, digest in registry.sha256.items()}
    inputs[scenario.file] = scenario.sha256
    return Provenance(
        dispatch_version=dispatch.__version__,
        solver=f"OR-Tools CP-SAT {version('ortools')}",
        seed=seed,
        workers=workers,
        inputs=tuple(sorted(inputs.items())),
    )
