"""What is short where, from which day on, why, and what would help at the least cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Generator, Sequence
from functools import partial
from time import monotonic

import numpy as np

from dispatch.i18n import _, ngettext, pick, told, unit_of
from dispatch.optimise.side_by_side import side_by_side
from dispatch.optimise.sourcing import SourcingSolution
from dispatch.optimise.sourcing_path import MONEY, OFFERS, TIME, VEHICLES
from dispatch.optimise.sourcing_remedy import Remedy, remedy
from dispatch.optimise.sourcing_shortage import Shortage, shortages
from dispatch.plan.supply import Supplied, SupplyShortage
from dispatch.plan.supply_lanes import SUPPLIER_TYPE
from dispatch.plan.supply_problem import SLOT_KG, SLOT_LITRES, SupplyTask, slots_of_a_truck
from dispatch.registry import Registry


def shortages_of(
    registry: Registry,
    task: SupplyTask,
    solution: SourcingSolution,
    supplied: Sequence[Supplied],
    *,
    budget_s: float,
    processes: int = 1,
) -> tuple[SupplyShortage, ...]:
    """Explain every shortage, those of the first days first.

    Parameters
    ----------
    supplied : sequence of Supplied
        From which the units are counted.
    budget_s : float
        Seconds; what is left after that is named, not explained.
    processes : int
        How many hubs are looked into side by side.
    """
    unmet, late = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in supplied:
        unmet[row.hub, row.item_code] += row.unmet
        late[row.hub, row.item_code] += row.late

    def key(short: Shortage) -> tuple[str, str]:
        return task.problem.site_id[short.site], task.problem.item_id[short.item]

    short = [s for s in shortages(task.problem, solution) if unmet[key(s)] + late[key(s)]]
    hubs: defaultdict[int, list[Shortage]] = defaultdict(list)
    for one in short:
        hubs[one.site].append(one)
    chains = [_looking_into(some, monotonic() + budget_s) for some in hubs.values()]
    found = side_by_side(chains, partial(remedy, task.problem, solution), processes)
    looked = {key: answer for some in found for key, answer in some.items()}
    return tuple(
        SupplyShortage(
            *key(one),
            one.day + 1,
            unmet[key(one)],
            late[key(one)],
            *told(lambda: _why(task, one, looked.get(one), one in looked)),  # noqa: B023
            *told(lambda: _help(registry, task, one, looked.get(one))),  # noqa: B023
        )
        for one in short
    )


def _looking_into(
    short: Sequence[Shortage], end_s: float
) -> Generator[Shortage, Remedy | None, dict[Shortage, Remedy | None]]:
    """Ask for the remedies of a hub's shortages as long as there is time."""
    found = {}
    for one in short:
        if monotonic() < end_s:
            found[one] = yield one
    return found


def _why(task: SupplyTask, short: Shortage, found: Remedy | None, in_time: bool) -> str:
    if not in_time:
        return _("Not looked into: the time for explanations was over.")
    if found is None:
        here = task.problem.source_item == short.item
        if not task.problem.source_lots[here].any():
            return _("No store, supplier or donor has any.")
        return _("Nothing more of it could be there in time, whatever is relaxed.")
    words = {
        TIME: _("what is left can only be there after it is needed"),
        VEHICLES: _("the trucks that could bring it are full on the days that count"),
        MONEY: _("the budget is spent"),
        OFFERS: _("stocks within reach are used up, and suppliers offer no more in time"),
    }
    reasons = _("; ").join(words[kind] for kind in found.waived)
    if found.lots < (short.lots or short.late):
        text = _(
            "With all else in the plan kept: {reasons}. "
            "More than the remedy brings could not be there in time, whatever is relaxed."
        )
    else:
        text = _("With all else in the plan kept: {reasons}.")
    return text.format(reasons=reasons)


def _help(registry: Registry, task: SupplyTask, short: Shortage, found: Remedy | None) -> str:
    if found is None:
        return ""
    item = task.items.iloc[short.item]
    unit = str(item["unit"]), str(item["unit_en"])
    steps = _(" and ").join(_steps(registry, task, found, unit))
    count = found.lots * int(item["units"])
    text = (
        _("{steps}: brings {count} {unit}, costs {yuan} yuan more")
        if found.yuan >= 0
        else _("{steps}: brings {count} {unit}, costs {yuan} yuan less")
    )
    return text.format(
        steps=steps, count=f"{count:,}", unit=unit_of(count, *unit), yuan=f"{abs(found.yuan):,}"
    )


def _steps(registry: Registry, task: SupplyTask, found: Remedy, unit: tuple[str, str]) -> list[str]:
    before, after = task.problem, found.problem
    steps = []
    if TIME in found.waived:
        last = int(after.need_latest[after.need_latest > before.need_latest].max(initial=0))
        steps.append(_("take it until day {day}").format(day=last + 1))
    if VEHICLES in found.waived:
        more = (after.fleet_kg - before.fleet_kg).max(axis=1).sum() / SLOT_KG
        bulky = (after.fleet_litres - before.fleet_litres).max(axis=1).sum() / SLOT_LITRES
        count = int(np.ceil(max(more, bulky) / slots_of_a_truck(registry, SUPPLIER_TYPE)))
        text = ngettext("send {count} more truck", "send {count} more trucks", count)
        steps.append(text.format(count=count))
    if MONEY in found.waived:
        yuan = (after.budget_yuan or 0) - (before.budget_yuan or 0)
        steps.append(_("raise the budget by {yuan} yuan").format(yuan=f"{yuan:,}"))
    if OFFERS in found.waived:
        steps += _extra(task, found, unit)
    return steps


def _extra(task: SupplyTask, found: Remedy, unit: tuple[str, str]) -> list[str]:
    """Name the suppliers that would have to sell more than they offer, and how much."""
    extra = found.problem.source_lots - task.problem.source_lots
    wanted = Counter[tuple[str, int]]()
    for source in np.flatnonzero(extra > 0).tolist():
        supplier = task.problem.site_id[int(task.problem.source_site[source])]
        units = int(task.items["units"].iloc[int(task.problem.source_item[source])])
        wanted[supplier, int(task.problem.source_day[source])] += int(extra[source]) * units
    text = _("buy {count} {unit} more from {supplier} on day {day} than it offers")
    return [
        text.format(
            count=f"{count:,}",
            unit=unit_of(count, *unit),
            supplier=_supplier(task, supplier),
            day=day + 1,
        )
        for (supplier, day), count in sorted(wanted.items())
    ]


def _supplier(task: SupplyTask, supplier: str) -> str:
    row = task.suppliers.loc[supplier]
    return pick(str(row["name"]), str(row["name_en"]))
