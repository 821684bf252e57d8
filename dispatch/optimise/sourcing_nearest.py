"""The simple rule to compare with: who weighs most is served first, from the nearest store."""

from __future__ import annotations

from collections import Counter

import numpy as np

from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing import (
    OWN_CARRIER,
    Purchase,
    Serving,
    Shipment,
    SourcingProblem,
    SourcingSolution,
    loads,
    slots,
)
from dispatch.optimise.sourcing_path import room


def nearest_first(problem: SourcingProblem) -> SourcingSolution:
    """Serve the needs by weight and due day, each straight from the nearest site that can.

    A site is asked for what lies there, then for what can be bought there, the
    cheapest first; lots leave on the last day on which they still arrive when
    due, or as soon after it as possible. Nothing is moved between sites beforehand.

    Returns
    -------
    SourcingSolution
        Without stages; it keeps all rules.
    """
    book = _Book(problem)
    order = sorted(
        range(len(problem.need_id)),
        key=lambda need: (-int(problem.need_weight[need]), int(problem.need_due[need]), need),
    )
    for need in order:
        book.serve(need)
    return SourcingSolution(
        tuple(Shipment(*key, lots=lots) for key, lots in sorted(book.shipped.items())),
        tuple(Purchase(source, lots) for source, lots in sorted(book.bought.items())),
        tuple(Serving(*key, lots=lots) for key, lots in sorted(book.served.items())),
    )


class _Book:
    """Keeps count of what is left while needs are served one by one."""

    def __init__(self, problem: SourcingProblem) -> None:
        self.problem, self.load = problem, loads(problem)
        self.room = slots(problem)
        self.yuan = problem.budget_yuan
        self.level = np.zeros((len(problem.site_id), len(problem.item_id), problem.days), np.int64)
        for source in np.flatnonzero(problem.source_bought == 0).tolist():
            self._row(source)[int(problem.source_day[source]) :] += problem.source_lots[source]
        self.unsold = problem.source_lots * problem.source_bought
        self.offers = _offers(problem)
        self.ways = [_ways_into(problem, site) for site in range(len(problem.site_id))]
        self.shipped, self.bought = Counter[tuple[int, int, int]](), Counter[int]()
        self.served = Counter[tuple[int, int]]()

    def serve(self, need: int) -> None:
        problem = self.problem
        site, item = int(problem.need_site[need]), int(problem.need_item[need])
        missing = int(problem.need_lots[need])
        for lane in [None, *self.ways[site]]:
            start = site if lane is None else int(problem.lane_from[lane])
            days = self._days(need, lane)
            hopeful = self._hopeful(start, item, lane)
            for day in (day for day in days if hopeful[day]):
                missing -= self._send(need, lane, day, missing)
                if not missing:
                    return

    def _hopeful(self, start: int, item: int, lane: int | None) -> list[bool]:
        """Return for each day whether anything at all might be sent."""
        problem, row = self.problem, self.level[start, item]
        there = np.minimum.accumulate(row[::-1])[::-1] > 0
        hopeful = there | ((start, item) in self.offers)
        fleet = OWN_CARRIER if lane is None else int(problem.lane_fleet[lane])
        if lane is not None and fleet != OWN_CARRIER:
            fits = self.room[fleet] >= self.load[item]
            for ahead in range(int(problem.lane_away[lane])):
                hopeful[: problem.days - ahead] &= fits[ahead:]
        days: list[bool] = hopeful.tolist()
        return days

    def _days(self, need: int, lane: int | None) -> list[int]:
        """Return days of departure, those first that are nearest to when it is due."""
        problem = self.problem
        due, latest = int(problem.need_due[need]), int(problem.need_latest[need])
        if lane is None:
            return list(range(due, latest + 1))
        away = int(problem.lane_days[lane])
        opens = int(problem.lane_opens[lane])
        closes = min(int(problem.lane_closes[lane]), latest - away)
        in_time = range(min(due - away, closes), opens - 1, -1)
        return [*in_time, *range(max(due - away + 1, opens), closes + 1)]

    def _send(self, need: int, lane: int | None, day: int, missing: int) -> int:
        """Send what is there, then what can be bought; return how many lots went."""
        problem, item = self.problem, int(self.problem.need_item[need])
        start = int(problem.need_site[need] if lane is None else problem.lane_from[lane])
        if lane is not None:
            missing = int(min(missing, room(problem, self.room, lane, day) / self.load[item]))
        row = self.level[start, item]
        there = max(0, min(missing, int(row[day:].min())))
        bought = self._buy(start, item, day, missing - there)
        row[day:] -= there + bought
        lots = there + bought
        if lots:
            arrives = day if lane is None else day + int(problem.lane_days[lane])
            self.served[need, max(arrives, int(problem.need_due[need]))] += lots
            if lane is not None:
                self._load(lane, item, day, lots)
        return lots

    def _buy(self, site: int, item: int, day: int, missing: int) -> int:
        problem, bought = self.problem, 0
        for source in self.offers.get((site, item), ()):
            if bought == missing:
                break
            if problem.source_day[source] > day or not self.unsold[source]:
                continue
            price = int(problem.source_yuan[source])
            lots = min(missing - bought, int(self.unsold[source]))
            if self.yuan is not None and price:
                lots = min(lots, self.yuan // price)
                self.yuan -= lots * price
            if lots:
                self.unsold[source] -= lots
                self.bought[source] += lots
                self._row(source)[int(problem.source_day[source]) :] += lots
                bought += lots
        return bought

    def _load(self, lane: int, item: int, day: int, lots: int) -> None:
        self.shipped[lane, item, day] += lots
        fleet = int(self.problem.lane_fleet[lane])
        if fleet >= 0:
            end = day + int(self.problem.lane_away[lane])
            self.room[fleet, day:end] -= int(self.load[item]) * lots

    def _row(self, source: int) -> IntArray:
        site, item = self.problem.source_site[source], self.problem.source_item[source]
        row: IntArray = self.level[site, item]
        return row


def _ways_into(problem: SourcingProblem, site: int) -> list[int]:
    """Return the lanes into a site, the nearest first."""
    lanes = np.flatnonzero(problem.lane_to == site)
    by_way = np.lexsort((lanes, problem.lane_yuan[lanes], problem.lane_days[lanes]))
    ways: list[int] = lanes[by_way].tolist()
    return ways


def _offers(problem: SourcingProblem) -> dict[tuple[int, int], list[int]]:
    """Return what is for sale of an item at a site, the cheapest first."""
    offers: dict[tuple[int, int], list[int]] = {}
    for_sale = np.flatnonzero(problem.source_bought)
    by_price = np.lexsort((for_sale, problem.source_yuan[for_sale]))
    for source in for_sale[by_price].tolist():
        place = int(problem.source_site[source]), int(problem.source_item[source])
        offers.setdefault(place, []).append(source)
    return offers
