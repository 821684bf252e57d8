"""Is a sourcing problem well formed? Every fault at once, before any solver sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.optimise.problem import SHARE, IntArray
from dispatch.optimise.sourcing import OWN_CARRIER, SourcingProblem
from dispatch.optimise.validate import LARGEST

_LEAST: Final = {
    "items": ("item_id", {"item_kg": 0, "item_litres": 0}),
    "lanes": (
        "lane_from",
        {
            "lane_from": 0,
            "lane_to": 0,
            "lane_fleet": OWN_CARRIER,
            "lane_days": 0,
            "lane_away": 1,
            "lane_opens": 0,
            "lane_closes": 0,
            "lane_yuan": 0,
        },
    ),
    "sources": (
        "source_id",
        {
            "source_site": 0,
            "source_item": 0,
            "source_day": 0,
            "source_lots": 0,
            "source_bought": 0,
            "source_yuan": 0,
        },
    ),
    "needs": (
        "need_id",
        {
            "need_site": 0,
            "need_item": 0,
            "need_lots": 1,
            "need_weight": 1,
            "need_due": 0,
            "need_latest": 0,
        },
    ),
    "floors": ("floor_id", {"floor_site": 0, "floor_item": 0, "floor_lots": 0}),
}
"""For each table: the field that sets its length, and the least value by column."""

_REFERS_TO: Final = {
    "lane_from": "site_id",
    "lane_to": "site_id",
    "lane_fleet": "fleet_id",
    "source_site": "site_id",
    "source_item": "item_id",
    "need_site": "site_id",
    "need_item": "item_id",
    "floor_site": "site_id",
    "floor_item": "item_id",
}
_DAYS: Final = ("source_day", "need_due", "need_latest")
_IDS: Final = ("item_id", "site_id", "fleet_id", "source_id", "need_id", "floor_id")


def validate(problem: SourcingProblem) -> None:
    """Refuse a problem whose arrays do not fit together.

    Raises
    ------
    InputError
        With every fault found. ``file`` is the table (items, sites, fleets,
        lanes, sources, needs, floors), ``row`` its row counted from 1.
    """
    faults = [*_wrong_sizes(problem), *_wrong_shapes(problem)]
    if not faults:
        faults = [*_wrong_values(problem), *_wrong_ids(problem)]
    if not faults:
        faults = [*_wrong_days(problem), *_round_trips(problem), *_too_large(problem)]
    if faults:
        raise InputError(faults)


def _wrong_sizes(problem: SourcingProblem) -> Iterator[Fault]:
    for name in ("days", "slot_kg", "slot_litres"):
        value = getattr(problem, name)
        if value < 1:
            remedy = _("give at least {least}").format(least=1)
            yield Fault("problem", None, name, str(value), _("out of range"), remedy)
    budget = problem.budget_yuan
    if budget is not None and not 0 <= budget < LARGEST:
        remedy = _("give at least {least}").format(least=0)
        yield Fault("problem", None, "budget_yuan", str(budget), _("out of range"), remedy)


def _wrong_shapes(problem: SourcingProblem) -> Iterator[Fault]:
    shapes: dict[str, tuple[str, tuple[int, ...]]] = {
        column: (table, (np.size(getattr(problem, key)),))
        for table, (key, columns) in _LEAST.items()
        for column in columns
    }
    fleets = (len(problem.fleet_id), problem.days)
    shapes["fleet_kg"] = shapes["fleet_litres"] = ("fleets", fleets)
    for column, (table, shape) in shapes.items():
        values: IntArray = getattr(problem, column)
        if values.shape != shape or values.dtype != np.int64:
            found = f"{values.dtype}{list(values.shape)}"
            trouble = _("not whole numbers in the shape of its table")
            remedy = _("give an int64 array of shape {shape}").format(shape=list(shape))
            yield Fault(table, None, column, found, trouble, remedy)


def _wrong_values(problem: SourcingProblem) -> Iterator[Fault]:
    for table, (_key, columns) in _LEAST.items():
        for column, least in columns.items():
            values: IntArray = getattr(problem, column)
            refers_to = _REFERS_TO.get(column)
            most = len(getattr(problem, refers_to)) - 1 if refers_to else LARGEST
            most = problem.days - 1 if column in _DAYS else most
            most = 1 if column == "source_bought" else most
            for row in np.flatnonzero((values < least) | (values > most)).tolist():
                remedy = _("give {least} to {most}").format(least=least, most=most)
                value = str(values[row])
                yield Fault(table, row + 1, column, value, _("out of range"), remedy)
    for column in ("fleet_kg", "fleet_litres"):
        for row, day in np.argwhere(getattr(problem, column) < 0).tolist():
            remedy = _("give at least {least}").format(least=0)
            value = str(getattr(problem, column)[row, day])
            yield Fault("fleets", row + 1, column, value, _("out of range"), remedy)


def _wrong_ids(problem: SourcingProblem) -> Iterator[Fault]:
    for column in _IDS:
        ids: tuple[str, ...] = getattr(problem, column)
        times = Counter(ids)
        for row, name in enumerate(ids):
            if not name or times[name] > 1:
                table = f"{column.removesuffix('_id')}s"
                remedy = _("give each row an id of its own")
                yield Fault(table, row + 1, column, name, _("empty or repeated"), remedy)


def _wrong_days(problem: SourcingProblem) -> Iterator[Fault]:
    for row in np.flatnonzero(problem.need_due > problem.need_latest).tolist():
        trouble = _("the due day is after the latest day")
        remedy = _("give at most {most}").format(most=problem.need_latest[row])
        yield Fault("needs", row + 1, "need_due", str(problem.need_due[row]), trouble, remedy)


def _round_trips(problem: SourcingProblem) -> Iterator[Fault]:
    """Lanes of no day that lead in a circle would carry goods that never were."""
    onward: dict[int, set[int]] = {}
    for lane in np.flatnonzero(problem.lane_days == 0).tolist():
        onward.setdefault(int(problem.lane_from[lane]), set()).add(int(problem.lane_to[lane]))
    for site in sorted(onward):
        reached, edge = set[int](), [site]
        while edge:
            new = onward.get(edge.pop(), set()) - reached
            reached |= new
            edge += sorted(new)
        if site in reached:
            trouble = _("goods could go in a circle and be back on the same day")
            remedy = _("let a transfer between depots take at least one day")
            yield Fault("lanes", None, "lane_days", problem.site_id[site], trouble, remedy)


def _too_large(problem: SourcingProblem) -> Iterator[Fault]:
    """Worst sums in Python integers, since these can't overflow."""
    lots = sum(problem.source_lots.tolist())
    worth = sum(
        max(weight * SHARE, wanted) * problem.days
        for weight, wanted in zip(
            problem.need_weight.tolist(), problem.need_lots.tolist(), strict=True
        )
    )
    heaviest = max((*problem.item_kg.tolist(), *problem.item_litres.tolist(), 1))
    dearest = max((*problem.source_yuan.tolist(), 1))
    carriage = sum(problem.lane_yuan.tolist()) * heaviest * problem.days
    sums = (
        ("needs", "need_weight", worth),
        ("sources", "source_lots", lots * (dearest + carriage + heaviest)),
        ("floors", "floor_lots", sum(problem.floor_lots.tolist()) * problem.days),
    )
    for table, column, total in sums:
        if total >= LARGEST:
            trouble = _("the numbers are too large to be computed exactly")
            yield Fault(table, None, column, str(total), trouble, _("use smaller numbers"))
