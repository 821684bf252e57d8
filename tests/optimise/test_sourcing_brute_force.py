"""Every plan of a tiny sourcing problem, counted out: no stage can be better.

Nothing here knows a solver, the network or the checker; the rules are read off
the docstrings of ``sourcing.py`` and written down a second time. All plans are
looked at together: a column holds what each of them moves.
"""

from __future__ import annotations

from collections import Counter
from math import prod

import numpy as np
from sourcing_small import random_sourcing

from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing import SourcingProblem, claims, points, stages
from dispatch.optimise.sourcing_solve import solve

CASES = 200
PLANS = 300_000

Move = tuple[str, int, int, int]
"""Kind, row, item, day."""


def moves(problem: SourcingProblem) -> dict[Move, int]:
    """Return all that can be done, with the most lots of it."""
    total = Counter[int]()
    for item, lots in zip(problem.source_item.tolist(), problem.source_lots.tolist(), strict=True):
        total[item] += lots
    found: dict[Move, int] = {}
    for lane in range(len(problem.lane_from)):
        for item in range(len(problem.item_id)):
            for day in range(problem.lane_opens[lane], problem.lane_closes[lane] + 1):
                if day + problem.lane_days[lane] < problem.days:
                    found["ship", lane, item, day] = total[item]
    for source in np.flatnonzero(problem.source_bought).tolist():
        found["buy", source, 0, 0] = int(problem.source_lots[source])
    for need, item in enumerate(problem.need_item.tolist()):
        for day in range(problem.need_due[need], problem.need_latest[need] + 1):
            found["serve", need, item, day] = min(int(problem.need_lots[need]), total[item])
    return found


def best_values(problem: SourcingProblem, most: dict[Move, int]) -> dict[str, int]:
    plans = prod(lots + 1 for lots in most.values())
    number, done = np.arange(plans), dict[Move, IntArray]()
    for move, lots in most.items():
        number, done[move] = np.divmod(number, lots + 1)
    keeps = feasible(problem, done, plans)
    done = {move: lots[keeps] for move, lots in done.items()}
    value = values(problem, done, int(keeps.sum()))
    left = np.ones(int(keeps.sum()), np.bool_)
    best = {}
    for name, sense in stages(problem):
        best[name] = int((max if sense == "max" else min)(value[name][left]))
        left &= value[name] == best[name]
    return best


def levels(
    problem: SourcingProblem, done: dict[Move, IntArray], plans: int
) -> dict[tuple[int, int, int], IntArray]:
    """Return the lots at each (site, item) at the end of each day."""
    level = {
        (site, item, day): np.zeros(plans, np.int64)
        for site in range(len(problem.site_id))
        for item in range(len(problem.item_id))
        for day in range(problem.days)
    }

    def change(site: int, item: int, since: int, lots: IntArray | int) -> None:
        for day in range(since, problem.days):
            level[site, item, day] += lots

    for source, lots in enumerate(problem.source_lots.tolist()):
        bought = done.get(("buy", source, 0, 0), lots)
        place = int(problem.source_site[source]), int(problem.source_item[source])
        change(*place, int(problem.source_day[source]), bought)
    for (kind, row, item, day), lots in done.items():
        if kind == "ship":
            change(int(problem.lane_from[row]), item, day, -lots)
            change(int(problem.lane_to[row]), item, day + int(problem.lane_days[row]), lots)
        if kind == "serve":
            change(int(problem.need_site[row]), item, day, -lots)
    return level


def feasible(
    problem: SourcingProblem, done: dict[Move, IntArray], plans: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    keeps = np.ones(plans, np.bool_)
    for level in levels(problem, done, plans).values():
        keeps &= level >= 0
    for need, wanted in enumerate(problem.need_lots.tolist()):
        keeps &= total(done, "serve", need, plans) <= wanted
    spent = np.zeros(plans, np.int64)
    for source, price in enumerate(problem.source_yuan.tolist()):
        spent += price * total(done, "buy", source, plans)
    if problem.budget_yuan is not None:
        keeps &= spent <= problem.budget_yuan
    for fleet in range(len(problem.fleet_id)):
        for today in range(problem.days):
            slots = np.zeros(plans, np.int64)
            for (kind, lane, item, day), lots in done.items():
                if kind == "ship" and problem.lane_fleet[lane] == fleet:
                    away = day <= today < day + problem.lane_away[lane]
                    slots += lots * places(problem, item) * bool(away)
            keeps &= slots * problem.slot_kg <= problem.fleet_kg[fleet, today]
            keeps &= slots * problem.slot_litres <= problem.fleet_litres[fleet, today]
    return keeps


def places(problem: SourcingProblem, item: int) -> int:
    heavy = -(-int(problem.item_kg[item]) // problem.slot_kg)
    return max(1, heavy, -(-int(problem.item_litres[item]) // problem.slot_litres))


def total(done: dict[Move, IntArray], kind: str, row: int, plans: int) -> IntArray:
    found = np.zeros(plans, np.int64)
    for move, lots in done.items():
        found += lots * (move[:2] == (kind, row))
    return found


def values(problem: SourcingProblem, done: dict[Move, IntArray], plans: int) -> dict[str, IntArray]:
    claim, worth = claims(problem), points(problem).tolist()
    value = {name: np.full(plans, 100) for name, _sense in stages(problem)}
    for name in ("served", "lateness", "floors", "cost"):
        value[name] = np.zeros(plans, np.int64)
    for row, (portion, weight) in enumerate(
        zip(claim.portion.tolist(), claim.weight.tolist(), strict=True)
    ):
        if portion:
            needs = np.flatnonzero(claim.of_need == row).tolist()
            got = sum((total(done, "serve", n, plans) for n in needs), np.zeros(plans, np.int64))
            name = f"worst_share_{weight}"
            value[name] = np.minimum(value[name], 100 * got // portion)
    for (kind, row, item, day), lots in done.items():
        if kind == "serve":
            value["served"] += worth[row] * lots
            value["lateness"] += worth[row] * lots * (day - int(problem.need_due[row]))
        elif kind == "ship":
            value["cost"] += lots * places(problem, item) * int(problem.lane_yuan[row])
        else:
            value["cost"] += lots * int(problem.source_yuan[row])
    level = levels(problem, done, plans)
    for floor, wanted in enumerate(problem.floor_lots.tolist()):
        place = int(problem.floor_site[floor]), int(problem.floor_item[floor])
        for day in range(problem.days):
            value["floors"] += np.maximum(0, wanted - level[*place, day])
    return value


def tiny_cases() -> list[SourcingProblem]:
    cases: list[SourcingProblem] = []
    seed = 0
    while len(cases) < CASES:
        problem = random_sourcing(seed)
        if prod(lots + 1 for lots in moves(problem).values()) <= PLANS:
            cases.append(problem)
        seed += 1
    return cases


def test_every_stage_is_as_good_as_in_the_best_plan_of_all() -> None:
    seen = Counter[str]()
    for row, problem in enumerate(tiny_cases()):
        solution = solve(problem, workers=1)
        found = {stage.name: stage.value for stage in solution.stages}
        assert found == best_values(problem, moves(problem)), row
        assert all(stage.termination == "optimal" for stage in solution.stages), row
        seen["bought"] += bool(solution.purchases)
        seen["moved on"] += any(s.lane == 0 for s in solution.shipments)
        seen["served"] += bool(solution.servings)
        seen["late"] += found["lateness"] > 0
        seen["short"] += sum(s.lots for s in solution.servings) < problem.need_lots.sum()
        seen["unfair"] += any(
            0 < value < 100 for name, value in found.items() if name.startswith("worst")
        )
    assert all(times >= 2 for times in seen.values()), seen
    assert len(seen) == 6
