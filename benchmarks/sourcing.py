"""Sourcing at province size: ``python -m benchmarks.sourcing [--json FILE] [--seed N]``.

11 cities want 40 items over 14 days; 20 depots, 6 suppliers and donations have
too little of them, and the depots' trucks can't carry everything when it is
due. The optimum is proved stage by stage; beside it stands the simple rule
(who weighs most first, from the nearest depot), scored by the same checker.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks import peak_rss_mb
from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing import (
    OWN_CARRIER,
    SourcingProblem,
    SourcingSolution,
    loads,
    slots,
)
from dispatch.optimise.sourcing_check import check, evaluate, infeasibilities
from dispatch.optimise.sourcing_nearest import nearest_first
from dispatch.optimise.sourcing_shortage import shortages
from dispatch.optimise.sourcing_solve import solve

LIMIT_S: Final = 60.0
SEED: Final = 2

PROVINCE_KM: Final = (300.0, 560.0)
NEAR: Final = 4
"""Depots to which a depot passes goods on, or a supplier delivers: those nearest to it."""

DAY_KM: Final = 350.0
"""What is farther than this arrives on the next day."""

SLOT_KG: Final = 500
SLOT_LITRES: Final = 1500
YUAN_PER_KM: Final = 1.2
"""For one slot; a truck has about ten."""


@dataclass(frozen=True)
class Size:
    """Numbers of sites and items, and the days of the horizon."""

    cities: int = 11
    items: int = 40
    depots: int = 20
    days: int = 14
    suppliers: int = 6


@dataclass(frozen=True)
class Figures:
    """What was measured, by the checker's own count for both plans."""

    size: dict[str, int]
    seed: int
    total_s: float
    cpu_s: float
    peak_rss_mb: float
    solution: SourcingSolution
    value: dict[str, int]
    short: int
    rule_s: float
    rule: dict[str, int]
    rule_short: int

    @property
    def proved(self) -> bool:
        """Whether every stage is proved optimal."""
        return all(stage.termination == "optimal" for stage in self.solution.stages)


def main() -> None:
    """Measure, print a table for ``docs/benchmarks.md``, write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sourcing", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument(
        "--seed", type=int, default=SEED, help="of the made-up case (default: %(default)s)"
    )
    arguments = parser.parse_args()
    figures = measure(Size(), arguments.seed)
    print(text(figures))
    if arguments.json:
        arguments.json.write_text(json.dumps(keys(figures), indent=2) + "\n", encoding="utf-8")
    if not (figures.proved and figures.total_s <= LIMIT_S):
        sys.exit("The limit is not kept.")


def measure(size: Size, seed: int, time_limit_s: float = LIMIT_S) -> Figures:
    """Solve one case with everything between problem and checked answer on the clock."""
    problem = case(size, seed)
    start, cpu_start = time.perf_counter(), time.process_time()
    solution = solve(problem, time_limit_s=time_limit_s, seed=seed)
    total_s, cpu_s = time.perf_counter() - start, time.process_time() - cpu_start
    peak = peak_rss_mb()
    start = time.perf_counter()
    rule = nearest_first(problem)
    rule_s = time.perf_counter() - start
    faults = (*check(problem, solution), *infeasibilities(problem, rule))
    if faults:
        raise AssertionError(faults)
    return Figures(
        size=counts(problem, size),
        seed=seed,
        total_s=total_s,
        cpu_s=cpu_s,
        peak_rss_mb=peak,
        solution=solution,
        value=evaluate(problem, solution),
        short=len(shortages(problem, solution)),
        rule_s=rule_s,
        rule=evaluate(problem, rule),
        rule_short=len(shortages(problem, rule)),
    )


def counts(problem: SourcingProblem, size: Size) -> dict[str, int]:
    """Return how large a case is."""
    return {
        "cities": size.cities,
        "items": size.items,
        "depots": size.depots,
        "days": size.days,
        "suppliers": size.suppliers,
        "lanes": len(problem.lane_from),
        "sources": len(problem.source_id),
        "needs": len(problem.need_id),
        "lots_wanted": int(problem.need_lots.sum()),
    }


def keys(figures: Figures) -> dict[str, object]:
    """Return the keys of the JSON."""
    return {
        "size": figures.size,
        "seed": figures.seed,
        "total_s": round(figures.total_s, 2),
        "cpu_s": round(figures.cpu_s, 2),
        "limit_s": LIMIT_S,
        "proved": figures.proved,
        "gaps": {stage.name: round(stage.gap, 6) for stage in figures.solution.stages},
        "stages": {
            stage.name: {
                "value": stage.value,
                "bound": stage.bound,
                "termination": stage.termination,
            }
            for stage in figures.solution.stages
        },
        "shortages": figures.short,
        "peak_rss_mb": round(figures.peak_rss_mb),
        "nearest_first": {
            "total_s": round(figures.rule_s, 2),
            "values": figures.rule,
            "shortages": figures.rule_short,
        },
    }


def text(figures: Figures) -> str:
    """Return a Markdown table: each stage, its proof, and the simple rule beside it."""
    size = figures.size
    lines = [
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores; OR-Tools {version('ortools')}.",
        "",
        f"Made-up province, seed {figures.seed}: {size['cities']} cities × {size['items']} items × "
        f"{size['depots']} depots × {size['days']} days; {size['lanes']:,} lanes, "
        f"{size['sources']:,} sources, {size['needs']:,} needs of {size['lots_wanted']:,} lots. "
        f"{figures.total_s:.1f} s (limit {LIMIT_S:.0f} s; {figures.cpu_s:.1f} s of CPU), "
        f"peak {figures.peak_rss_mb:.0f} MiB; "
        f"the simple rule took {figures.rule_s:.1f} s.",
        "",
        "| stage | best is | optimum | proved bound | gap | nearest depot first |",
        "|---|---|---|---|---|---|",
    ]
    for stage in figures.solution.stages:
        best = "most" if stage.sense == "max" else "least"
        lines.append(
            f"| `{stage.name}` | {best} | {stage.value:,} | {stage.bound:,} | {stage.gap:.2%} "
            f"| {figures.rule[stage.name]:,} |"
        )
    lines.append(f"| places and items short | | {figures.short} | | | {figures.rule_short} |")
    return "\n".join(lines)


def case(size: Size, seed: int) -> SourcingProblem:
    """Draw a province in which more is wanted than there is, and sooner than it can be carried.

    Sites are cities, depots and suppliers, in this order. Every fourth item is
    wanted each day anew, the others in three portions.
    """
    rng = np.random.default_rng((seed, *vars(size).values()))
    sites = size.cities + size.depots + size.suppliers
    place = rng.uniform((0, 0), PROVINCE_KM, (sites, 2))
    kg, litres = rng.integers(60, 501, size.items), rng.integers(300, 1501, size.items)
    needs = _needs(rng, size)
    wanted = np.zeros(size.items, np.int64)
    np.add.at(wanted, needs["need_item"], needs["need_lots"])
    sources = _sources(rng, size, wanted)
    floors = size.depots * size.items
    problem = SourcingProblem(
        days=size.days,
        slot_kg=SLOT_KG,
        slot_litres=SLOT_LITRES,
        item_id=tuple(f"I{i:02d}" for i in range(size.items)),
        item_kg=kg,
        item_litres=litres,
        site_id=tuple(f"S{i:02d}" for i in range(sites)),
        fleet_id=tuple(f"F{i:02d}" for i in range(size.depots)),
        fleet_kg=np.zeros((size.depots, size.days), np.int64),
        fleet_litres=np.zeros((size.depots, size.days), np.int64),
        **_lanes(rng, size, place),
        source_id=tuple(f"G{i:04d}" for i in range(len(sources["source_site"]))),
        **sources,
        need_id=tuple(f"N{i:04d}" for i in range(len(needs["need_site"]))),
        **needs,
        floor_id=tuple(f"R{i:04d}" for i in range(floors)),
        floor_site=size.cities + np.repeat(np.arange(size.depots), size.items),
        floor_item=np.tile(np.arange(size.items), size.depots),
        floor_lots=rng.integers(0, 3, floors),
    )
    return _with_trucks(rng, problem)


def _with_trucks(rng: np.random.Generator, problem: SourcingProblem) -> SourcingProblem:
    """Give the fleets together about what is wanted in slots, too little in the first days."""
    fleets, days = problem.fleet_kg.shape
    busy = int((loads(problem)[problem.need_item] * problem.need_lots).sum())
    mean = 1.6 * busy / (fleets * days)
    out = np.linspace(0.4, 1.4, days) * rng.uniform(0.5, 1.5, (fleets, 1)) * mean
    count = np.rint(out).astype(np.int64)
    fleet_kg, fleet_litres = count * problem.slot_kg, count * problem.slot_litres
    changed = {**vars(problem), "fleet_kg": fleet_kg, "fleet_litres": fleet_litres}
    assert slots(SourcingProblem(**changed)).shape == (fleets, days)
    return SourcingProblem(**changed)


def _lanes(rng: np.random.Generator, size: Size, place: np.ndarray) -> dict[str, IntArray]:
    """Depots reach all cities and near depots with trucks; suppliers drive to near depots."""
    rows = []
    depots = range(size.cities, size.cities + size.depots)
    for start in range(size.cities, len(place)):
        far_km = 1.3 * np.hypot(*(place - place[start]).T)
        near = [end for end in np.argsort(far_km, kind="stable").tolist() if end in depots]
        near = [end for end in near if end != start][:NEAR]
        for end in near if start not in depots else (*range(size.cities), *near):
            late = int(far_km[end] > DAY_KM)
            days = 1 if end in depots else late
            fleet = start - size.cities if start in depots else OWN_CARRIER
            opens = int(rng.integers(1, 4)) if rng.random() < 0.1 else 0
            yuan = round(YUAN_PER_KM * float(far_km[end]))
            rows.append((start, end, fleet, days, 1 + late, opens, size.days - 1, yuan))
    names = ("from", "to", "fleet", "days", "away", "opens", "closes", "yuan")
    columns = np.array(rows, np.int64).T
    return {f"lane_{name}": column for name, column in zip(names, columns, strict=True)}


def _needs(rng: np.random.Generator, size: Size) -> dict[str, IntArray]:
    weight = rng.choice((100, 10, 1), size.items)
    rows = []
    for city in range(size.cities):
        people = rng.lognormal(0, 0.5)
        for item in range(size.items):
            daily = item % 4 == 0
            dues = range(size.days) if daily else sorted(rng.choice(size.days // 2, 3).tolist())
            mean = (1.5 if daily else 6.0) * people
            for due in dues:
                lots = 1 + int(rng.poisson(mean))
                latest = min(due + int(rng.integers(0, 4)), size.days - 1)
                rows.append((city, item, lots, int(weight[item]), due, latest))
    names = ("site", "item", "lots", "weight", "due", "latest")
    columns = np.array(rows, np.int64).T
    return {f"need_{name}": column for name, column in zip(names, columns, strict=True)}


def _sources(rng: np.random.Generator, size: Size, wanted: IntArray) -> dict[str, IntArray]:
    """Stock of half of what is wanted, donations of a tenth, offers of a quarter on average."""
    depots = size.cities + np.arange(size.depots)
    suppliers = size.cities + size.depots + np.arange(size.suppliers)
    rows = []
    for item, lots in enumerate(wanted.tolist()):
        share = rng.dirichlet(np.full(size.depots, 0.7)) * lots * rng.uniform(0.3, 0.7)
        stock = np.rint(share).astype(int).tolist()
        rows += [(int(d), item, 0, n, 0, 0) for d, n in zip(depots, stock, strict=True) if n]
        for _ in range(2):
            given = max(1, round(lots * rng.uniform(0.02, 0.08)))
            rows.append(
                (
                    int(rng.choice(depots)),
                    item,
                    min(int(rng.integers(1, 8)), size.days - 1),
                    given,
                    0,
                    0,
                )
            )
        price = rng.integers(200, 5000)
        for supplier in rng.choice(suppliers, min(2, size.suppliers), replace=False).tolist():
            offered = max(1, round(lots * rng.uniform(0.05, 0.2)))
            asked = round(price * rng.uniform(0.8, 1.3))
            rows.append(
                (supplier, item, min(int(rng.integers(1, 6)), size.days - 1), offered, 1, asked)
            )
    names = ("site", "item", "day", "lots", "bought", "yuan")
    columns = np.array(rows, np.int64).T
    return {f"source_{name}": column for name, column in zip(names, columns, strict=True)}


if __name__ == "__main__":
    main()
