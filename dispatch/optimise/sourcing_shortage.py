"""Where and when a sourcing plan falls short, and what the stores need once it is over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from dispatch.optimise.sourcing import SourcingProblem, SourcingSolution
from dispatch.optimise.sourcing_check import stock_by_day


@dataclass(frozen=True)
class Shortage:
    """An item of which a site has too little.

    Parameters
    ----------
    site, item : int
    day : int
        First day at whose end less has been served than was due by then.
    lots : int
        Never served.
    late : int
        Served after the day on which they were due.
    """

    site: int
    item: int
    day: int
    lots: int
    late: int


@dataclass(frozen=True)
class Refill:
    """Lots of an item that a site lacks at the end.

    Parameters
    ----------
    site, item : int
    before, after : int
        Stock of the first morning; what lies there at the end of the last day.
    floor : int
        What should lie there, 0 where nothing is said.
    below : int or None
        First day at whose end less than the floor lies there.
    lots : int
        To be brought back: up to the stock before or the floor, whichever is more.
    """

    site: int
    item: int
    before: int
    after: int
    floor: int
    below: int | None
    lots: int


def shortages(problem: SourcingProblem, solution: SourcingSolution) -> tuple[Shortage, ...]:
    """Return every shortage of a plan, in ascending order of (day, site, item)."""
    short = np.zeros((len(problem.site_id), len(problem.item_id), problem.days), np.int64)
    place = problem.need_site, problem.need_item
    for site, item, due, lots in zip(*place, problem.need_due, problem.need_lots, strict=True):
        short[site, item, due:] += lots
    late = np.zeros(short.shape[:2], np.int64)
    for serving in solution.servings:
        site, item = (int(of[serving.need]) for of in place)
        short[site, item, serving.day :] -= serving.lots
        late[site, item] += serving.lots * bool(serving.day > problem.need_due[serving.need])
    found = [
        Shortage(
            site,
            item,
            int(np.flatnonzero(short[site, item] > 0)[0]),
            int(short[site, item, -1]),
            int(late[site, item]),
        )
        for site, item in np.argwhere((short > 0).any(axis=2)).tolist()
    ]
    return tuple(sorted(found, key=lambda one: (one.day, one.site, one.item)))


def replenishment(problem: SourcingProblem, solution: SourcingSolution) -> tuple[Refill, ...]:
    """Return what each site has to be given back, in ascending order of (site, item)."""
    before, floor = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    stock = zip(
        problem.source_site.tolist(),
        problem.source_item.tolist(),
        problem.source_day.tolist(),
        problem.source_bought.tolist(),
        problem.source_lots.tolist(),
        strict=True,
    )
    for site, item, day, bought, lots in stock:
        before[site, item] += lots if day == 0 and not bought else 0
    wanted = zip(
        problem.floor_site.tolist(),
        problem.floor_item.tolist(),
        problem.floor_lots.tolist(),
        strict=True,
    )
    for site, item, lots in wanted:
        floor[site, item] = max(floor[site, item], lots)
    levels = stock_by_day(problem, solution)
    refills = []
    for key in sorted(set(before) | set(floor)):
        level = levels.get(key, [0] * problem.days)
        lots = max(before[key], floor[key]) - level[-1]
        if lots > 0:
            below = next((day for day, there in enumerate(level) if there < floor[key]), None)
            refills.append(Refill(*key, before[key], level[-1], floor[key], below, lots))
    return tuple(refills)
