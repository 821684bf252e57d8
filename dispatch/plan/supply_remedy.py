"""What would bring, at the least cost, the goods that stay at a hub at the end of a day.

All else in the plan is kept: lots are added to the routes as they are, with one
thing relaxed, and the checker of routes accepts the better plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from time import monotonic
from typing import Final, NamedTuple

from dispatch.i18n import _, told
from dispatch.optimise.route_remedy import Gain, ensure_gain, gain
from dispatch.optimise.routes import MICROYUAN
from dispatch.plan.supply import Relief, Undelivered
from dispatch.plan.supply_deliver import LastMile
from dispatch.plan.supply_problem import SupplyTask
from dispatch.plan.supply_relax import (
    Relaxed,
    Wider,
    longer_days,
    more_vehicles,
    next_day,
    relaxations,
    wider,
)
from dispatch.plan.supply_roads import TruckRoads
from dispatch.plan.supply_routes import Delivered

KG_PER_T: Final = 1000


class Remedied(NamedTuple):
    """What stays behind with its remedies, and what would help each hub on each day."""

    undelivered: tuple[Undelivered, ...]
    relief: tuple[Relief, ...]


class _Found(NamedTuple):
    relaxed: Relaxed
    gain: Gain
    lacking_kg: int
    kg: int

    @property
    def rank(self) -> tuple[int, ...]:
        return self.lacking_kg, int(self.relaxed.works), self.gain.microyuan


def remedied(trucks: TruckRoads, task: SupplyTask, mile: LastMile, *, budget_s: float) -> Remedied:
    """Look for the cheapest remedy of each delivery that stays behind.

    Parameters
    ----------
    trucks : TruckRoads
    task : SupplyTask
    mile : LastMile
    budget_s : float
        Seconds: half of them for what would help whole hubs, the
        last days first. What never comes is looked into before what comes later,
        the first priority before others; the rest is told what would help its hub.

    Raises
    ------
    InvalidPlanError
        If the checker refuses a better plan: a fault of this package.
    """
    begin_s = monotonic()
    comes = _comes(mile)
    texts: dict[tuple[int, int], tuple[str, str]] = {}
    relief: dict[int, Relief] = {}
    wides: dict[int, Wider] = {}
    days = [number for number, done in enumerate(mile.days) if done.undelivered]
    days.sort(key=lambda number: -mile.days[number].task.day)
    for number in days:
        if monotonic() - begin_s < budget_s / 2:
            wides[number] = wider(trucks, task, mile.days[number], mile.spare)
            if helps := _relief(wides[number]):
                relief[number] = helps
    rows = [(number, at) for number in days for at in range(len(mile.days[number].rows))]
    for number, at in sorted(rows, key=lambda key: (comes[key] > 0, _priority(mile, *key))):
        if monotonic() - begin_s > budget_s:
            texts[number, at] = _for_hub(relief.get(number))
            continue
        if number not in wides:
            wides[number] = wider(trucks, task, mile.days[number], mile.spare)
        texts[number, at] = _remedy(wides[number], at, comes[number, at])
    rows_told = (
        replace(row, comes_day=comes[key], remedy_zh=texts[key][0], remedy_en=texts[key][1])
        for number, done in enumerate(mile.days)
        for at, row in enumerate(done.undelivered)
        for key in [(number, at)]
    )
    return Remedied(
        tuple(rows_told), tuple(sorted(relief.values(), key=lambda one: (one.hub, one.day)))
    )


def _comes(mile: LastMile) -> dict[tuple[int, int], int]:
    """Return on which day the last of each delivery that stays behind goes out, 0 if on none.

    What waits goes out before what comes later: it has gone as soon as nothing of
    the same items waits for the shelter at the end of a day.
    """
    by_hub: defaultdict[str, list[Delivered]] = defaultdict(list)
    for done in mile.days:
        by_hub[done.task.hub].append(done)
    found = {}
    for number, done in enumerate(mile.days):
        later = [one for one in by_hub[done.task.hub] if one.task.day > done.task.day]
        for at, row in enumerate(done.undelivered):
            codes = {goods.item_code for goods in row.goods}
            clear = (one.task.day + 1 for one in later if not _waits(one, row.shelter, codes))
            found[number, at] = next(clear, 0)
    return found


def _priority(mile: LastMile, number: int, at: int) -> int:
    done = mile.days[number]
    return done.task.priorities[done.rows[at]]


def _waits(done: Delivered, shelter: str, codes: set[str]) -> bool:
    return any(
        row.shelter == shelter and codes & {goods.item_code for goods in row.goods}
        for row in done.undelivered
    )


def _remedy(wide: Wider, at: int, comes_day: int) -> tuple[str, str]:
    row, reason = wide.done.rows[at], wide.done.undelivered[at].reason
    found = _best(wide, relaxations(wide, row, reason), [at])
    if found is not None:
        return told(lambda: _sentence(found))
    if comes_day:
        return told(lambda: _nothing_sooner(comes_day))
    after = gain(next_day(wide), (), [row])
    if after is not None and after.lots[0] >= _missing(wide, row):
        return told(lambda: _("wait until the next day: brings all of it then"))
    return told(lambda: _("nothing that was tried brings any of it"))


def _best(wide: Wider, tried: Iterator[Relaxed], wanted: Sequence[int]) -> _Found | None:
    """Return what brings most of some deliveries, without works if it can be, for the least."""
    rows = [wide.done.rows[at] for at in wanted]
    routes = wide.done.solution.routes if wide.done.solution else ()
    found = []
    for relaxed in tried:
        better = gain(relaxed.problem, routes, rows, relaxed.fresh)
        if better is None:
            continue
        missing = [_missing(wide, row) for row in rows]
        kg = sum(
            wide.kg[at] * lots // lack
            for at, lots, lack in zip(wanted, better.lots, missing, strict=True)
        )
        found.append(_Found(relaxed, better, sum(wide.kg[at] for at in wanted) - kg, kg))
    best = min(found, key=lambda one: one.rank, default=None)
    if best is not None:
        ensure_gain(best.relaxed.problem, best.gain)
    return best


def _missing(wide: Wider, row: int) -> int:
    """Return how many lots of a row the plan does not bring."""
    routes = wide.done.solution.routes if wide.done.solution else ()
    brought = sum(
        visit.lots
        for route in routes
        for trip in route.trips
        for visit in trip.visits
        if visit.stop == row
    )
    return int(wide.problem.stop_lots[row]) - brought


def _relief(wide: Wider) -> Relief | None:
    """Return what would bring all that lies at a hub at the end of a day, or most of it.

    A single delivery has its own remedy.
    """
    if len(wide.done.rows) == 1:
        return None

    def tried() -> Iterator[Relaxed]:
        yield from more_vehicles(wide)
        yield from longer_days(wide)

    found = _best(wide, tried(), range(len(wide.done.rows)))
    if found is None:
        return None
    return Relief(wide.task.day + 1, wide.task.hub, *told(lambda: _sentence(found)))


def _sentence(found: _Found) -> str:
    """Say what to do, what it brings and what it costs."""
    yuan = round(found.gain.microyuan / MICROYUAN)
    if found.lacking_kg:
        brings = _("brings {part} of {whole}").format(
            part=_weight(found.kg), whole=_weight(found.kg + found.lacking_kg)
        )
    else:
        brings = _("brings all {whole}").format(whole=_weight(found.kg))
    if found.relaxed.works:
        text = _("{what}: {brings}, costs {yuan} yuan more and the works, whose price is not known")
    elif yuan >= 0:
        text = _("{what}: {brings}, costs {yuan} yuan more")
    else:
        text = _("{what}: {brings}, costs {yuan} yuan less")
    what = found.relaxed.say(found.gain.routes)
    return text.format(what=what, brings=brings, yuan=f"{abs(yuan):,}")


def _weight(kg: int) -> str:
    if kg < KG_PER_T:
        return _("{kg} kg").format(kg=max(kg, 1))
    return _("{tonnes} t").format(tonnes=f"{kg / KG_PER_T:,.1f}")


def _nothing_sooner(day: int) -> str:
    return _("no single change brings any of it sooner; it goes out on day {day}").format(day=day)


def _for_hub(relief: Relief | None) -> tuple[str, str]:
    """Tell what helps a whole hub where there was no time to look into one delivery."""
    if relief is None:
        return told(lambda: _("Not looked into: the time for explanations was over."))
    zh, en = told(lambda: _("for all that waits at this hub: {text}"))
    return zh.format(text=relief.text_zh), en.format(text=relief.text_en)
