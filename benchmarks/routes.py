"""How good routes are: ``python -m benchmarks.routes [--json FILE] [--seconds N]``.

Both engines solve every instance of a folder on one thread, from
``dispatch.optimise.route_solve`` as the product does; the independent checker
judges what they return. A gap is (cost - best known) / best known.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from math import isinf
from pathlib import Path
from statistics import fmean
from typing import Final

from benchmarks.vrp_files import FAMILIES, Instance, read_folder
from benchmarks.vrp_solutions import InstanceError
from dispatch.errors import InvalidPlanError
from dispatch.optimise.route_check import check_routes
from dispatch.optimise.route_pyvrp import available
from dispatch.optimise.route_solve import solve_routes

INSTANCES: Final = Path(__file__).parents[2] / "shared" / "bench" / "vrp"
SECONDS: Final = 30.0
LIMITS: Final = {"Solomon": 0.8, "HFVRP": 2.0, "SDVRPTW": 2.0, "MDVRPTW": 2.0}
"""Mean gap in percent that the stronger engine promises."""

NAMES: Final = {"pyvrp": "PyVRP", "ortools": "OR-Tools"}
ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Run:
    """What one engine made of one instance.

    Parameters
    ----------
    instance : Instance
    solver : {"pyvrp", "ortools"}
    cost : float
        In the instance's units, as the checker counts; ``inf`` without a plan.
    feasible : bool
        The checker finds no fault and every stop is served.
    seconds : float
        By the clock, with reading the answer and checking it.
    """

    instance: Instance
    solver: str
    cost: float
    feasible: bool
    seconds: float

    @property
    def gap_pct(self) -> float:
        """Gap to the best known value; ``inf`` for a plan that isn't feasible."""
        best = self.instance.best_known
        return 100 * (self.cost - best) / best if self.feasible else float("inf")


def main() -> None:
    """Measure, print tables for ``docs/benchmarks.md``, write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routes", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for each run (default: 30)")
    parser.add_argument("--instances", type=Path, default=INSTANCES, help="folder of instances")
    parser.add_argument("--seed", type=int, default=0, help="of the search (default: 0)")
    arguments = parser.parse_args()
    if arguments.seconds <= 0:
        parser.error(f"--seconds {arguments.seconds:g}: give each run more than no time")
    if arguments.json and not arguments.json.parent.is_dir():
        parser.error(f"--json {arguments.json}: there is no folder {arguments.json.parent}")
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        instances = read_folder(arguments.instances)
    except InstanceError as error:
        sys.exit(str(error))
    runs = measure(instances, arguments.seconds, arguments.seed, progress)
    print(text(runs, arguments.seconds))
    if arguments.json:
        keys = figures(runs, arguments.seconds, arguments.seed)
        arguments.json.write_text(json.dumps(keys, indent=2) + "\n", encoding="utf-8")


def progress(run: Run) -> None:
    """Tell one result as it comes, beside the tables."""
    print(f"{run.instance.name} {run.solver}: {_pct(run.gap_pct)}", file=sys.stderr, flush=True)


def measure(
    instances: list[Instance],
    seconds: float,
    seed: int = 0,
    tell: Callable[[Run], None] = lambda _: None,
) -> list[Run]:
    """Solve every instance with every engine that is installed."""
    runs = []
    for instance in instances:
        for solver in ("pyvrp", "ortools") if available() else ("ortools",):
            run = _measured(instance, solver, seconds, seed)
            tell(run)
            runs.append(run)
    return runs


def _measured(instance: Instance, solver: str, seconds: float, seed: int) -> Run:
    start = time.perf_counter()
    try:
        plan = solve_routes(
            instance.problem, solver=solver, time_limit_s=seconds, seed=seed, patience=None
        )
    except InvalidPlanError:
        return Run(instance, solver, float("inf"), False, time.perf_counter() - start)
    feasible = not check_routes(instance.problem, plan) and not plan.unserved
    cost = plan.figures.cost_microyuan
    return Run(instance, solver, cost, feasible, time.perf_counter() - start)


def by_family(runs: list[Run]) -> dict[str, dict[str, list[Run]]]:
    """Return runs by family, then by solver."""
    found: dict[str, dict[str, list[Run]]] = {}
    for family in FAMILIES:
        for run in runs:
            if run.instance.family == family:
                found.setdefault(family, {}).setdefault(run.solver, []).append(run)
    return found


def figures(runs: list[Run], seconds: float, seed: int) -> dict[str, object]:
    """Return the keys of the JSON; a mean over a plan that isn't feasible is null."""
    families = {
        family: {
            solver: {
                "mean_gap_pct": _number(fmean(run.gap_pct for run in of_solver)),
                "instances": {run.instance.name: _told(run) for run in of_solver},
            }
            for solver, of_solver in solvers.items()
        }
        for family, solvers in by_family(runs).items()
    }
    return {"seconds": seconds, "seed": seed, "families": families}


def _told(run: Run) -> dict[str, object]:
    return {
        "cost": _number(run.cost),
        "best_known": run.instance.best_known,
        "gap_pct": _number(run.gap_pct),
        "feasible": run.feasible,
        "seconds": round(run.seconds, 1),
    }


def _number(value: float) -> float | None:
    return None if isinf(value) else round(value, 4)


def text(runs: list[Run], seconds: float) -> str:
    """Return two Markdown tables: means by family, and every instance."""
    solvers = [solver for solver in NAMES if any(run.solver == solver for run in runs)]
    names = [f"{NAMES[solver]} {version(solver)}" for solver in solvers]
    lines = [
        f"Mean gap to the best known value, {seconds:g} s for each instance; "
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, one thread used.",
        "",
        f"| family | instances | promised | {' | '.join(names)} |",
        f"|---|---|---|{'---|' * len(names)}",
    ]
    families = by_family(runs)
    for family, found in families.items():
        means = [_pct(fmean(run.gap_pct for run in found[solver])) for solver in solvers]
        count = len(found[solvers[0]])
        lines.append(f"| {family} | {count} | ≤ {LIMITS[family]} % | {' | '.join(means)} |")
    columns = [f"{name} | gap" for name in names]
    lines += ["", f"| instance | best known | {' | '.join(columns)} |"]
    lines.append(f"|---|---|{'---|---|' * len(names)}")
    for family, found in families.items():
        for row in zip(*(found[solver] for solver in solvers), strict=True):
            cells = [f"{_cost(run)} | {_pct(run.gap_pct)}" for run in row]
            one = row[0].instance
            lines.append(f"| {family} {one.name} | {one.best_known:,} | {' | '.join(cells)} |")
    if not available():
        lines += ["", "PyVRP (extra `routes`) is not installed here and was not measured."]
    return "\n".join(lines)


def _cost(run: Run) -> str:
    return f"{run.cost:,.0f}" if run.feasible else "not feasible"


def _pct(gap: float) -> str:
    return "none" if isinf(gap) else f"{gap:.2f} %"


if __name__ == "__main__":
    main()
