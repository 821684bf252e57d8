"""What a new plan changes in the orders of the old one, and what that gains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dispatch.plan.plan import Order, Plan

CODES = ("new", "cancelled", "redirected", "rerouted", "delayed", "retasked")


@dataclass(frozen=True)
class OrderChange:
    """One order that differs.

    Parameters
    ----------
    code : str
        One of :data:`CODES`.
    before, after : Order or None
    minutes : float
        How much sooner it arrives at the same incident, negative for later; 0 elsewhere.
    gained : tuple of (str, int, str, str)
        Incident, and what it gives to it more than before (less: negative), with
        the capability's name in Chinese and English with the unit.
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


def changes_of(old: Plan, new: Plan, broken: frozenset[str]) -> tuple[OrderChange, ...]:
    """Return the orders that differ, in the order of the teams' ids."""
    before = {order.team_id: order for order in old.orders}
    after = {order.team_id: order for order in new.orders}
    return tuple(_changes(before, after, broken))


def _changes(
    before: dict[str, Order], after: dict[str, Order], broken: frozenset[str]
) -> Iterator[OrderChange]:
    for team in sorted(before.keys() | after.keys()):
        a, b = before.get(team), after.get(team)
        code = _code(a, b)
        if code:
            same = a is not None and b is not None and a.incident_id == b.incident_id
            minutes = (a.arrive_s - b.arrive_s) / 60 if a and b and same else 0.0
            yield OrderChange(code, a, b, round(minutes, 1), _gained(a, b), team in broken)


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
