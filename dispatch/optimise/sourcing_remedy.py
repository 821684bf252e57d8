"""What would close a shortage of a sourcing plan at the least cost, and how much it brings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np

from dispatch.i18n import _, ngettext
from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing import (
    Purchase,
    Serving,
    Shipment,
    SourcingProblem,
    SourcingSolution,
)
from dispatch.optimise.sourcing_check import (
    cost_yuan,
    ensure_feasible,
    infeasibilities,
    spent_yuan,
)
from dispatch.optimise.sourcing_leftover import Leftover, leftover, slots_used
from dispatch.optimise.sourcing_path import KINDS, MONEY, OFFERS, TIME, VEHICLES, Path, cheapest
from dispatch.optimise.sourcing_shortage import Shortage

_NOTHING: Final = SourcingSolution((), (), ())


@dataclass(frozen=True, eq=False)
class Remedy:
    """What would have to give way, and what that brings.

    Parameters
    ----------
    waived : tuple of {"time", "vehicles", "money", "offers"}
        Accept later delivery, provide more vehicles, raise the budget, buy
        more than is on offer: the fewest of these that help most.
    lots : int
        Served that were not; of a shortage that is only late, served when due.
    yuan : int
        What the better plan costs more.
    problem : SourcingProblem
        With the limits moved as far as the better plan needs it.
    solution : SourcingSolution
        The better plan, without stages; the checker accepts it.
    """

    waived: tuple[str, ...]
    lots: int
    yuan: int
    problem: SourcingProblem
    solution: SourcingSolution


def remedy(
    problem: SourcingProblem, solution: SourcingSolution, shortage: Shortage
) -> Remedy | None:
    """Return the cheapest remedy of a shortage, None where nothing helps.

    All else in the plan stays as it is. Limits are waived one by one, then two
    by two and so on, until as many lots come as with all waived. The shortage
    is that of the needs never served, or of those served late where none else is.

    Raises
    ------
    InvalidPlanError
        If the checker refuses the better plan: a fault of this package.
    """
    kinds = tuple(kind for kind in KINDS if kind != TIME or shortage.lots)
    best = _mend(problem, solution, shortage, kinds)
    if best is None:
        return None
    for count in range(1, len(kinds)):
        tried = (_mend(problem, solution, shortage, some) for some in combinations(kinds, count))
        enough = [found for found in tried if found is not None and found.lots >= best.lots]
        if enough:
            return min(enough, key=lambda found: found.yuan)
    return best


def describe(problem: SourcingProblem, found: Remedy) -> str:
    """Return one sentence that tells what to do, and what it brings at what price."""
    parts = []
    if TIME in found.waived:
        last = int((found.problem.need_latest * (_moved(problem, found))).max(initial=0))
        parts.append(_("accept deliveries until day {day}").format(day=last))
    if VEHICLES in found.waived:
        before, after = (
            np.stack((p.fleet_kg // p.slot_kg, p.fleet_litres // p.slot_litres))
            for p in (problem, found.problem)
        )
        more = int((after - before).max(axis=0).sum())
        text = ngettext(
            "provide {slots} more loading place", "provide {slots} more loading places", more
        )
        parts.append(text.format(slots=more))
    if MONEY in found.waived:
        more = (found.problem.budget_yuan or 0) - (problem.budget_yuan or 0)
        parts.append(_("raise the budget by {yuan} yuan").format(yuan=more))
    if OFFERS in found.waived:
        extra = found.problem.source_lots - problem.source_lots
        parts += [
            ngettext(
                "buy {lots} lot more of {source} than it offers",
                "buy {lots} lots more of {source} than it offers",
                extra[source],
            ).format(lots=int(extra[source]), source=problem.source_id[source])
            for source in np.flatnonzero(extra).tolist()
        ]
    return ngettext(
        "{what} (brings {lots} lot, costs {yuan} yuan)",
        "{what} (brings {lots} lots, costs {yuan} yuan)",
        found.lots,
    ).format(what=" + ".join(parts), lots=found.lots, yuan=found.yuan)


def _moved(problem: SourcingProblem, found: Remedy) -> IntArray:
    moved: IntArray = (found.problem.need_latest > problem.need_latest).astype(np.int64)
    return moved


def _mend(
    problem: SourcingProblem,
    solution: SourcingSolution,
    shortage: Shortage,
    waived: tuple[str, ...],
) -> Remedy | None:
    """Bring what is missing by one cheapest path after the other, with some limits waived."""
    better = replace(solution, stages=())
    brought = 0
    if shortage.lots:
        for need, missing in _unmet(problem, solution, shortage):
            last = problem.days - 1 if TIME in waived else int(problem.need_latest[need])
            for by in range(int(problem.need_latest[need]), last + 1):
                better, lots = _deliver(problem, better, need, missing, by, waived)
                missing, brought = missing - lots, brought + lots
    else:
        for serving in _late(problem, solution, shortage):
            better, lots = _hasten(problem, better, serving, waived)
            brought += lots
    if not brought:
        return None
    relaxed = _fitted(problem, better)
    ensure_feasible(relaxed, better)
    yuan = cost_yuan(relaxed, better) - cost_yuan(problem, solution)
    return Remedy(waived, brought, yuan, relaxed, better)


def _deliver(
    problem: SourcingProblem,
    plan: SourcingSolution,
    need: int,
    missing: int,
    by: int,
    waived: tuple[str, ...],
) -> tuple[SourcingSolution, int]:
    """Return the plan with up to so many lots more for a need by a day, and how many they are."""
    item, site = int(problem.need_item[need]), int(problem.need_site[need])
    brought = 0
    while brought < missing:
        left = leftover(_fitted(problem, plan), plan)
        path = cheapest(problem, left, item, site, by, waived)
        lots = min(missing - brought, _most(problem, left, item, path, waived)) if path else 0
        if path is None or not lots:
            break
        plan, brought = _with(problem, plan, need, item, path, lots), brought + lots
    return plan, brought


def _hasten(
    problem: SourcingProblem, plan: SourcingSolution, late: Serving, waived: tuple[str, ...]
) -> tuple[SourcingSolution, int]:
    """Return the plan with lots of a late serving brought by the due day, and how many."""
    due, brought, part = int(problem.need_due[late.need]), 0, late.lots
    while part:
        without = _without(problem, plan, replace(late, lots=part))
        better, lots = _deliver(problem, without, late.need, part, due, waived)
        if lots == part:
            plan, brought = better, brought + part
            part = min(part, late.lots - brought)
        else:
            part //= 2
    return plan, brought


def _without(problem: SourcingProblem, plan: SourcingSolution, late: Serving) -> SourcingSolution:
    """Return the plan without a late serving, nor what arrived for it too late, if possible."""
    item, site = int(problem.need_item[late.need]), int(problem.need_site[late.need])
    served = Counter({(s.need, s.day): s.lots for s in plan.servings})
    served[late.need, late.day] -= late.lots
    plan = replace(plan, servings=_servings(served))
    shipped = Counter({(s.lane, s.item, s.day): s.lots for s in plan.shipments})
    arrivals = sorted(
        (s.day + int(problem.lane_days[s.lane]), s.lane, s.day)
        for s in plan.shipments
        if s.item == item and problem.lane_to[s.lane] == site
    )
    missing = late.lots
    for arrival, lane, day in reversed(arrivals):
        if int(problem.need_due[late.need]) < arrival <= late.day:
            lots = min(missing, shipped[lane, item, day])
            shipped[lane, item, day] -= lots
            missing -= lots
    lighter = replace(plan, shipments=_shipments(shipped))
    return plan if infeasibilities(_fitted(problem, lighter), lighter) else lighter


def _unmet(
    problem: SourcingProblem, solution: SourcingSolution, shortage: Shortage
) -> list[tuple[int, int]]:
    """Return need and lots missing, the weightiest need first."""
    served = Counter[int]()
    for serving in solution.servings:
        served[serving.need] += serving.lots
    gaps = [
        (need, int(problem.need_lots[need]) - served[need]) for need in _needs(problem, shortage)
    ]
    return [gap for gap in gaps if gap[1] > 0]


def _late(
    problem: SourcingProblem, solution: SourcingSolution, shortage: Shortage
) -> list[Serving]:
    """Return what is served after its due day, the weightiest need first."""
    late: dict[int, list[Serving]] = {}
    for serving in solution.servings:
        if serving.day > problem.need_due[serving.need]:
            late.setdefault(serving.need, []).append(serving)
    return [serving for need in _needs(problem, shortage) for serving in late.get(need, [])]


def _needs(problem: SourcingProblem, shortage: Shortage) -> list[int]:
    here = (problem.need_site == shortage.site) & (problem.need_item == shortage.item)
    found: list[int] = np.flatnonzero(here).tolist()
    return sorted(found, key=lambda need: (-int(problem.need_weight[need]), need))


def _most(
    problem: SourcingProblem, left: Leftover, item: int, path: Path, waived: tuple[str, ...]
) -> int:
    """Return how many lots can take a path."""
    limits = [int(problem.need_lots.sum())]
    if path.source is None:
        limits.append(int(left.lots[path.site, item, path.day]))
    else:
        price = int(problem.source_yuan[path.source])
        if OFFERS not in waived:
            limits.append(int(left.unsold[path.source]))
        if MONEY not in waived and left.yuan is not None and price:
            limits.append(left.yuan // price)
    if VEHICLES not in waived:
        busy = slots_used(problem, _with(problem, _NOTHING, 0, item, path, 1))
        some = busy > 0
        limits.append(int((left.room[some] // busy[some]).min(initial=limits[0])))
    return min(limits)


def _with(
    problem: SourcingProblem,
    plan: SourcingSolution,
    need: int,
    item: int,
    path: Path,
    lots: int,
) -> SourcingSolution:
    """Return the plan with so many more lots along a path, handed out for a need."""
    shipped = Counter({(s.lane, s.item, s.day): s.lots for s in plan.shipments})
    bought = Counter({p.source: p.lots for p in plan.purchases})
    served = Counter({(s.need, s.day): s.lots for s in plan.servings})
    for lane, day in path.steps:
        shipped[lane, item, day] += lots
    if path.source is not None:
        bought[path.source] += lots
    served[need, max(path.arrives, int(problem.need_due[need]))] += lots
    return SourcingSolution(
        _shipments(shipped),
        tuple(Purchase(source, lots) for source, lots in sorted(bought.items())),
        _servings(served),
    )


def _shipments(shipped: Counter[tuple[int, int, int]]) -> tuple[Shipment, ...]:
    return tuple(Shipment(*key, lots=lots) for key, lots in sorted(shipped.items()) if lots)


def _servings(served: Counter[tuple[int, int]]) -> tuple[Serving, ...]:
    return tuple(Serving(*key, lots=lots) for key, lots in sorted(served.items()) if lots)


def _fitted(problem: SourcingProblem, plan: SourcingSolution) -> SourcingProblem:
    """Return the problem with limits moved just as far as a plan needs it."""
    used = slots_used(problem, plan)
    latest, offered = problem.need_latest.copy(), problem.source_lots.copy()
    for serving in plan.servings:
        latest[serving.need] = max(latest[serving.need], serving.day)
    for purchase in plan.purchases:
        offered[purchase.source] = max(offered[purchase.source], purchase.lots)
    budget = problem.budget_yuan
    return replace(
        problem,
        fleet_kg=np.maximum(problem.fleet_kg, used * problem.slot_kg),
        fleet_litres=np.maximum(problem.fleet_litres, used * problem.slot_litres),
        need_latest=latest,
        source_lots=offered,
        budget_yuan=None if budget is None else max(budget, spent_yuan(problem, plan)),
    )
