"""Dispatch at four sizes: ``python -m benchmarks.dispatch [--json FILE] [--seed N] [--size TxD]``.

How good a plan is, how well proved, how soon, in how much memory; beside it two
others on the same case in the same run. Nearest-first is the rule that dispatch
centres use: each demand, by priority, takes its nearest free teams. The plain
model is the whole mixed-integer programme, handed to the same solver stage by
stage with the same time. One checker scores all three. Each runs in a process
of its own, so that the memory told is its alone.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks import peak_rss_mb
from benchmarks.dispatch_case import case
from dispatch.optimise.assign import solve
from dispatch.optimise.candidates import candidates
from dispatch.optimise.check import check, evaluate, infeasibilities
from dispatch.optimise.mip import Held, optimise_stage, programme
from dispatch.optimise.nearest import nearest_first, unproved
from dispatch.optimise.problem import (
    STAGES,
    DispatchProblem,
    DispatchSolution,
    IntArray,
    StageResult,
    points,
)

SIZES: Final = ("20x10", "200x60", "600x150", "2000x500")
"""Teams x demands; there is one incident to five demands."""

LIMIT_S: Final = 60.0
LIMIT_MB: Final = 2048.0
LIMITS: Final = {"met_by_target": 0.01, "arrival": 0.03}
"""Proved gaps promised for the first and the third stage."""

CLOSE: Final = 0.01
"""The gap of the first stage at which a plan is good enough to be sent."""


@dataclass(frozen=True)
class Run:
    """What one way to plan made of one case.

    Parameters
    ----------
    first_plan_s, close_s, total_s, cpu_s : float
        Seconds until there is a plan, until its first stage is proved to within
        1 % (``inf`` for never), until the answer; and of CPU, all threads together.
    peak_rss_mb : float
        Largest resident memory of the process, in MiB.
    value : dict of stage name to int
        As the checker counts.
    gap : dict of stage name to float
        To the bound proved by this way to plan.
    wait : int
        Point-seconds waited: until its arrival for what is met, until the
        latest time of its demand for what is not.
    unmet : int
        Units not met, of all demands together.
    """

    first_plan_s: float
    close_s: float
    total_s: float
    cpu_s: float
    peak_rss_mb: float
    value: dict[str, int]
    gap: dict[str, float]
    wait: int
    unmet: int


@dataclass(frozen=True)
class Figures:
    """Three ways to plan one case."""

    size: str
    seed: int
    ours: Run
    nearest: Run
    plain: Run

    @property
    def minutes_saved_pct(self) -> float:
        """Share of nearest-first's priority-weighted waiting that is saved, in percent."""
        return 100 * (1 - self.ours.wait / max(self.nearest.wait, 1))

    @property
    def unmet_saved(self) -> int:
        """Units met beyond those that nearest-first meets."""
        return self.nearest.unmet - self.ours.unmet

    @property
    def kept(self) -> bool:
        """Whether everything promised is kept."""
        return (
            self.ours.total_s <= LIMIT_S + 1
            and self.ours.peak_rss_mb < LIMIT_MB
            and all(self.ours.gap[name] <= limit for name, limit in LIMITS.items())
        )


def main() -> None:
    """Measure, print tables for ``docs/benchmarks.md``, write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dispatch", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--seed", type=int, default=1, help="of the made-up cases (default: 1)")
    parser.add_argument(
        "--size", type=_size, action="append", help="teams x demands, such as 2000x500 (repeatable)"
    )
    parser.add_argument("--seconds", type=float, default=LIMIT_S, help="for each run (default: 60)")
    parser.add_argument(
        "--workers", type=int, help="threads (default: as many as there are cores, at most 8)"
    )
    arguments = parser.parse_args()
    measured = []
    for size in arguments.size or SIZES:
        figures = measure(size, arguments.seed, arguments.seconds, arguments.workers)
        print(_progress(figures), file=sys.stderr, flush=True)
        measured.append(figures)
        if arguments.json:  # what is known already is kept, whatever the next size does
            arguments.json.write_text(json.dumps(keys(measured), indent=2) + "\n", encoding="utf-8")
    print(text(measured))
    if not all(figures.kept for figures in measured):
        sys.exit("The limits are not kept.")


def _size(text: str) -> str:
    teams, _x, demands = text.partition("x")
    if not (teams.isdecimal() and demands.isdecimal() and int(teams) > 0 and int(demands) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not teams x demands, such as 2000x500")
    return text


def measure(size: str, seed: int, seconds: float = LIMIT_S, workers: int | None = None) -> Figures:
    """Plan one case in all three ways, each in a fresh process."""
    runs = []
    for way in (run_ours, run_nearest, run_plain):
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            runs.append(pool.submit(way, size, seed, seconds, workers).result())
    return Figures(size, seed, *runs)


def run_ours(size: str, seed: int, seconds: float, workers: int | None) -> Run:
    """Plan as the product does, everything between problem and checked answer on the clock."""
    problem = _case(size, seed)
    told: list[tuple[float, float]] = []
    clock = _Clock()

    def tell(plan: DispatchSolution) -> None:
        told.append((clock.wall_s(), plan.stages[0].gap))

    solution = solve(problem, time_limit_s=seconds, seed=seed, workers=workers, tell=tell)
    total_s = clock.wall_s()
    told.append((total_s, solution.stages[0].gap))
    close_s = next((moment for moment, gap in told if gap <= CLOSE), float("inf"))
    return _scored(problem, solution, clock, told[0][0], close_s)


def run_nearest(size: str, seed: int, _seconds: float, _workers: int | None) -> Run:
    """Plan by the rule of dispatch centres."""
    problem = _case(size, seed)
    clock = _Clock()
    solution = nearest_first(problem)
    return _scored(problem, solution, clock, clock.wall_s(), float("inf"))


def run_plain(size: str, seed: int, seconds: float, _workers: int | None) -> Run:
    """Hand the whole programme to the solver, one stage after the other.

    It starts from nothing, as the solver takes no plan to start from; a stage
    in which it finds nothing ends it, and the nearest-first plan is its answer.
    """
    problem = _case(size, seed)
    clock = _Clock()
    solution, solved = nearest_first(problem), list[StageResult]()
    prog = programme(problem, candidates(problem))
    held: Held = {}
    first_s = float("inf")
    for left, (name, sense) in zip(range(len(STAGES), 0, -1), STAGES, strict=True):
        # half of what is left, all of it in the last stage
        share = (seconds - clock.wall_s()) * (0.5 if left > 1 else 1.0)
        found, bound = optimise_stage(prog, name, sense, held, share)
        if found is None or infeasibilities(problem, found):
            break
        first_s = min(first_s, clock.wall_s())
        solution, value = found, evaluate(problem, found)[name]
        held[name] = (sense, value)
        if bound is not None:
            end = "optimal" if bound == value else "time_limit"
            solved.append(StageResult(name, sense, value, bound, end))
    return _scored(problem, _with(problem, solution, solved), clock, first_s, float("inf"))


def _with(
    problem: DispatchProblem, solution: DispatchSolution, solved: list[StageResult]
) -> DispatchSolution:
    """Report the bounds of the stages solved, for the values of the plan at the end."""
    bare = unproved(problem, solution)
    bounds = {stage.name: stage.bound for stage in solved}
    stages = []
    for stage in bare.stages:
        bound = bounds.get(stage.name, stage.bound)
        bound = (max if stage.sense == "max" else min)(bound, stage.value)
        known = stage.name in bounds
        end = ("optimal" if bound == stage.value else "time_limit") if known else "heuristic"
        stages.append(StageResult(stage.name, stage.sense, stage.value, bound, end))
    return DispatchSolution(solution.options, solution.services, tuple(stages))


class _Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def wall_s(self) -> float:
        return time.perf_counter() - self._wall

    def cpu_s(self) -> float:
        return time.process_time() - self._cpu


def _case(size: str, seed: int) -> DispatchProblem:
    teams, demands = map(int, size.split("x"))
    return case(teams, demands, seed)


def _scored(
    problem: DispatchProblem,
    solution: DispatchSolution,
    clock: _Clock,
    first_plan_s: float,
    close_s: float,
) -> Run:
    """Stop the clock, then let the checker score."""
    total_s, cpu_s, memory_mb = clock.wall_s(), clock.cpu_s(), peak_rss_mb()
    if faults := check(problem, solution):
        raise AssertionError(faults)
    missing = unmet(problem, solution)
    return Run(
        first_plan_s=first_plan_s,
        close_s=close_s,
        total_s=total_s,
        cpu_s=cpu_s,
        peak_rss_mb=memory_mb,
        value=(value := evaluate(problem, solution)),
        gap={stage.name: stage.gap for stage in solution.stages},
        wait=value["arrival"] + int((points(problem) * missing * problem.demand_latest_s).sum()),
        unmet=int(missing.sum()),
    )


def unmet(problem: DispatchProblem, solution: DispatchSolution) -> IntArray:
    """Return the units that each demand still lacks, shape (D,)."""
    met = np.zeros(len(problem.demand_id), np.int64)
    for service in solution.services:
        met[service.demand] += service.quantity
    return problem.demand_quantity - met


def keys(measured: list[Figures]) -> dict[str, object]:
    """Return the JSON: by size, the figures of the product's plan, then the other two whole."""
    return {
        figures.size: {
            "seed": figures.seed,
            "first_plan_s": _number(figures.ours.first_plan_s),
            "close_s": _number(figures.ours.close_s),
            "total_s": _number(figures.ours.total_s),
            "cpu_s": _number(figures.ours.cpu_s),
            "gap_stage1": round(figures.ours.gap["met_by_target"], 6),
            "gap_stage3": round(figures.ours.gap["arrival"], 6),
            "peak_rss_mb": round(figures.ours.peak_rss_mb),
            "minutes_saved_pct": round(figures.minutes_saved_pct, 2),
            "unmet_saved": figures.unmet_saved,
            "gaps": {name: round(gap, 6) for name, gap in figures.ours.gap.items()},
            "values": figures.ours.value,
            "kept": figures.kept,
            "nearest_first": _told(figures.nearest),
            "plain_model": _told(figures.plain),
        }
        for figures in measured
    }


def _told(run: Run) -> dict[str, object]:
    """Return all figures of a run; what never came is null, as JSON knows no infinity."""
    row: dict[str, object] = asdict(run)
    for name in ("first_plan_s", "close_s", "total_s", "cpu_s", "peak_rss_mb"):
        row[name] = _number(getattr(run, name))
    row["gap"] = {name: round(gap, 6) for name, gap in run.gap.items()}
    return row


def _number(seconds: float) -> float | None:
    return round(seconds, 2) if np.isfinite(seconds) else None


def _progress(figures: Figures) -> str:
    gap = figures.ours.gap
    return (
        f"{figures.size}: gaps {gap['met_by_target']:.2%} and {gap['arrival']:.2%} "
        f"after {figures.ours.total_s:.1f} s, {figures.ours.peak_rss_mb:.0f} MiB"
    )


def text(measured: list[Figures]) -> str:
    """Return Markdown: the product's figures, then the three ways side by side."""
    names = [name for name, _sense in STAGES]
    lines = [
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores; OR-Tools {version('ortools')}, SciPy {version('scipy')}; "
        f"made-up province, seed {measured[0].seed}.",
        "",
        "| teams × demands | first plan | to 1 % | total | CPU | peak | "
        + " | ".join(f"gap `{name}`" for name in names)
        + " | waiting saved | units saved |",
        f"|{'---|' * (len(names) + 8)}",
    ]
    lines += [_row(figures, names) for figures in measured]
    lines += [
        "",
        "| teams × demands | by | met by target | met | mean arrival | unmet units | waited "
        "| gap stage 1 | gap stage 3 | time | peak |",
        f"|{'---|' * 11}",
    ]
    ways: tuple[tuple[str, Callable[[Figures], Run]], ...] = (
        ("search", lambda figures: figures.ours),
        ("plain model", lambda figures: figures.plain),
        ("nearest first", lambda figures: figures.nearest),
    )
    for figures in measured:
        lines += [_beside(figures, name, way(figures)) for name, way in ways]
    return "\n".join(lines)


def _row(figures: Figures, names: list[str]) -> str:
    run = figures.ours
    times = (run.first_plan_s, run.close_s, run.total_s, run.cpu_s)
    cells = [
        figures.size.replace("x", " × "),
        *(f"{moment:.1f} s" if np.isfinite(moment) else "never" for moment in times),
        f"{run.peak_rss_mb:.0f} MiB",
        *(f"{run.gap[name]:.2%}" for name in names),
        f"{figures.minutes_saved_pct:.1f} %",
        f"{figures.unmet_saved:,}",
    ]
    return f"| {' | '.join(cells)} |"


def _beside(figures: Figures, name: str, run: Run) -> str:
    """Tell one way to plan; points as a share of what the search's bound allows."""
    most = max(figures.ours.value["met_by_target"], 1)
    mean_min = run.value["arrival"] / max(run.value["met"], 1) / 60
    cells = [
        figures.size.replace("x", " × "),
        name,
        f"{run.value['met_by_target'] / most:.2%}",
        f"{run.value['met'] / most:.2%}",
        f"{mean_min:.1f} min",
        f"{run.unmet:,}",
        f"{run.wait / max(figures.nearest.wait, 1):.1%}",
        f"{run.gap['met_by_target']:.2%}",
        f"{run.gap['arrival']:.2%}",
        f"{run.total_s:.1f} s",
        f"{run.peak_rss_mb:.0f} MiB",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
