"""Goods for the shelters: each hub's goods shared out fairly, and put up in loads."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.optimise.route_lots import cut_into_lots
from dispatch.optimise.sourcing import SourcingSolution
from dispatch.plan.supply import Goods, Supplied
from dispatch.plan.supply_lanes import hub_id
from dispatch.plan.supply_needs import HubNeed
from dispatch.plan.supply_problem import SupplyTask

IntArray = NDArray[np.int64]

LITRES: Final = 1000

Allotment = dict[tuple[int, str], Counter[str]]
"""Units by item for each day and shelter."""


def supplied_of(task: SupplyTask, solution: SourcingSolution) -> tuple[Supplied, ...]:
    """Return what each hub wants and gets, in units; lots that exceed a need are not counted."""
    got = _served(task, solution)
    rows = []
    for row, need in enumerate(task.needs):
        on_time = sum(units for day, units in got[row] if day == need.key.day)
        late = sum(units for day, units in got[row]) - on_time
        rows.append(Supplied(*_named(need), need.quantity, on_time, late))
    return tuple(rows)


def _named(need: HubNeed) -> tuple[str, str, int, int]:
    return hub_id(need.key.hub), need.key.item_code, need.key.day + 1, need.key.priority


def allotments(task: SupplyTask, solution: SourcingSolution) -> Allotment:
    """Share out what each hub gets on a day among its shelters, in proportion to their needs.

    Shares are whole units by the largest remainders (Hamilton's method), and
    running totals are shared, so that nobody is rounded down twice.
    """
    found: Allotment = defaultdict(Counter)
    for row, served in enumerate(_served(task, solution)):
        need = task.needs[row]
        total, before = 0, [0] * len(need.shelters)
        for day, units in served:
            total += units
            shares = _shares(total, [quantity for _shelter, quantity in need.shelters])
            for (shelter, _quantity), now, then in zip(need.shelters, shares, before, strict=True):
                if now > then:
                    found[day, shelter][need.key.item_code] += now - then
            before = [max(now, then) for now, then in zip(shares, before, strict=True)]
    return found


def _served(task: SupplyTask, solution: SourcingSolution) -> list[list[tuple[int, int]]]:
    """Return the units of each need by day, never more than are wanted."""
    got: list[list[tuple[int, int]]] = [[] for _need in task.needs]
    left = [need.quantity for need in task.needs]
    for serving in sorted(solution.servings, key=lambda one: (one.need, one.day)):
        item = int(task.problem.need_item[serving.need])
        units = min(serving.lots * int(task.items["units"].iloc[item]), left[serving.need])
        left[serving.need] -= units
        got[serving.need].append((serving.day, units))
    return got


def _shares(total: int, wanted: list[int]) -> list[int]:
    whole = sum(wanted)
    shares = [total * part // whole for part in wanted]
    rest = [total * part % whole for part in wanted]
    order = sorted(range(len(wanted)), key=lambda row: (-rest[row], row))
    for row in order[: total - sum(shares)]:
        shares[row] += 1
    return shares


class Bundles(NamedTuple):
    """Goods of one shelter put up in loads that are as good as equal."""

    kg: int
    litres: int
    loads: tuple[tuple[Goods, ...], ...]


def bundles(goods: Mapping[str, int], items: pd.DataFrame, capacity: IntArray) -> Bundles:
    """Put up goods in equal loads, each with its part of every item.

    How many they are is told by :func:`dispatch.optimise.route_lots.cut_into_lots`.

    Parameters
    ----------
    goods : mapping of str to int
        Units by item.
    items : DataFrame
        Indexed by item: mass_kg, volume_m3.
    capacity : IntArray, shape (V, 2)
        Kilograms and litres of the vehicles that may come, none or more.
    """
    codes = sorted(goods)
    kg, m3 = items["mass_kg"].to_dict(), items["volume_m3"].to_dict()
    size = np.array([(float(kg[code]), float(m3[code]) * LITRES) for code in codes])
    units = np.array([goods[code] for code in codes], np.int64)
    access = np.ones((len(capacity), 1), np.bool_)
    whole = np.ceil(units @ size).astype(np.int64)[None, :]
    count = int(cut_into_lots(whole, np.zeros(1, np.int64), access, capacity)[0][0])
    parts = _parts(units, count)
    # rounding to whole units may fill one load beyond any vehicle
    while len(capacity) and count < units.sum() and not _fits(parts @ size, capacity):
        count += 1
        parts = _parts(units, count)
    most_kg, most_litres = np.ceil((parts @ size).max(axis=0)).astype(int).tolist()
    loads = tuple(
        tuple(Goods(code, int(part)) for code, part in zip(codes, row, strict=True) if part)
        for row in parts
        if row.any()
    )
    return Bundles(most_kg, most_litres, loads)


def _fits(loads: NDArray[np.float64], capacity: IntArray) -> bool:
    """Tell whether some vehicle could carry every load."""
    return bool((np.ceil(loads.max(axis=0)) <= capacity).all(axis=1).any())


def _parts(units: IntArray, count: int) -> IntArray:
    """Share units out over loads, shape (count, items): no two loads differ by more than one."""
    marks = np.arange(count + 1)[:, None] * units[None, :] // count
    parts: IntArray = np.diff(marks, axis=0)
    # begin with another load for each item, so that the odd units are spread
    turned: IntArray = np.stack([np.roll(parts[:, i], i) for i in range(len(units))], axis=1)
    return turned
