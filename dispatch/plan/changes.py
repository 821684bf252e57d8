"""What a new plan changes in the orders of the old one, and what that gains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dispatch.plan.plan import Order, Plan

CODES = ("new", "cancelled", "redirected", "rerouted", "delayed", "retasked")


GROUPS = ("turned", "new", "cancelled", "kept")


@dataclass(frozen=True)
class OrderChange:
    """One order that differs.

    Parameters
    ----------
    code : str
        One of :data:`CODES`.
    before, after : Order or None
    minutes : float
        How much sooner it arrives at the same incident than if the old orders
        were kept, negative for later; 0 where it would not arrive there.
    gained : tuple of (str, int, str, str)
        Incident, and what it gives to it more than if the old orders were kept
        (less: negative), with the capability's name in Chinese and English with
        the unit.
    way_lost : bool
        Whether its old way no longer holds, by a closure or a loss.
    """

    code: str
    before: Order | None
    after: Order | None
    minutes: float
    gained: tuple[tuple[str, int, str, str], ...]
    way_lost: bool

    @property
    def order(self) -> Order:
        """The new order, or the old one where there is none."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change of no order")
        return found

    @property
    def group(self) -> str:
        """How a meeting hears of it: one of :data:`GROUPS`."""
        if self.code in ("new", "cancelled"):
            return self.code
        return "turned" if self.code in ("redirected", "rerouted") else "kept"


@dataclass(frozen=True)
class NeedChange:
    """How much of a need is met: as planned before, if orders were kept, and now.

    ``before`` and ``wanted_before`` are None for a need that was not known.
    ``last_before_s`` and ``last_s`` are when the last of it is there, after the
    start; None where nobody comes.
    """

    incident: str
    incident_en: str
    capability: str
    capability_en: str
    unit: str
    unit_en: str
    priority: int
    wanted_before: int | None
    before: int | None
    wanted: int
    keeping: int
    now: int
    last_before_s: int | None
    last_s: int | None


def changes_of(
    old: Plan, new: Plan, broken: frozenset[str], keeping: Plan | None = None
) -> tuple[OrderChange, ...]:
    """Return the orders that differ, in the order of the teams' ids.

    Parameters
    ----------
    old, new : Plan
    broken : frozenset of str
        Teams whose way no longer holds.
    keeping : Plan, optional
        What the new plan is measured by: the old one by default.
    """
    before, after, kept = (
        {order.team_id: order for order in plan.orders} for plan in (old, new, keeping or old)
    )
    return tuple(_changes(before, after, kept, broken))


def needs_changed(old: Plan, keeping: Plan, new: Plan) -> tuple[NeedChange, ...]:
    """Return the needs of which not the same is wanted, met, or there by the same time."""
    before, stays = (
        {need.demand_id: need for one in plan.incidents for need in one.demands}
        for plan in (old, keeping)
    )
    found = []
    for one in new.incidents:
        for need in one.demands:
            was, kept = before.get(need.demand_id), stays[need.demand_id]
            row = NeedChange(
                one.name,
                one.name_en,
                need.capability_name,
                need.capability_name_en,
                need.unit,
                need.unit_en,
                need.priority,
                None if was is None else was.quantity,
                None if was is None else was.met,
                need.quantity,
                kept.met,
                need.met,
                _last_s(old, need.demand_id),
                _last_s(new, need.demand_id),
            )
            was_so = row.wanted_before, row.before, row.keeping, row.last_before_s
            if was_so != (row.wanted, row.now, row.now, row.last_s):
                found.append(row)
    return tuple(found)


def _last_s(plan: Plan, demand: str) -> int | None:
    return max(
        (o.arrive_s for o in plan.orders if any(t.demand_id == demand for t in o.tasks)),
        default=None,
    )


def _changes(
    before: dict[str, Order],
    after: dict[str, Order],
    kept: dict[str, Order],
    broken: frozenset[str],
) -> Iterator[OrderChange]:
    for team in sorted(before.keys() | after.keys()):
        a, b, c = before.get(team), after.get(team), kept.get(team)
        code = _code(a, b)
        if code:
            same = b is not None and c is not None and b.incident_id == c.incident_id
            minutes = (c.arrive_s - b.arrive_s) / 60 if b and c and same else 0.0
            yield OrderChange(code, a, b, round(minutes, 1), _gained(c, b), team in broken)


def _code(a: Order | None, b: Order | None) -> str:
    if a is None or b is None:
        return "new" if a is None else "cancelled"
    if a.incident_id != b.incident_id:
        return "redirected"
    if _way(a) != _way(b):
        return "rerouted"
    if a.arrive_s != b.arrive_s:
        return "delayed"
    return "retasked" if _given(a) != _given(b) else ""


def _way(order: Order) -> tuple[object, ...]:
    links = [passage.link for leg in order.legs for passage in leg.passages]
    passed = [link for k, link in enumerate(links) if k == 0 or links[k - 1] != link]
    carried = [(leg.service, leg.origin_id, leg.destination_id) for leg in order.legs]
    return order.mode, *passed, *(trip for trip in carried if trip[0])


def _given(order: Order | None) -> dict[tuple[str, str, str, str], int]:
    found: dict[tuple[str, str, str, str], int] = {}
    for task in () if order is None else order.tasks:
        zh = f"{task.capability_name}（{task.unit}）"
        en = f"{task.capability_name_en} ({task.unit_en})"
        key = (order.incident_id if order else "", task.capability, zh, en)
        found[key] = found.get(key, 0) + task.quantity
    return found


def _gained(a: Order | None, b: Order | None) -> tuple[tuple[str, int, str, str], ...]:
    old, new = _given(a), _given(b)
    return tuple(
        (key[0], new.get(key, 0) - old.get(key, 0), key[2], key[3])
        for key in sorted(old.keys() | new.keys())
        if new.get(key, 0) != old.get(key, 0)
    )
