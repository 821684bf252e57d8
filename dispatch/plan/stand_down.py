"""Whose order ends when a plan goes on: lost, without units, or needed no more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from dispatch.plan.plan import Order, Plan, StoodDown
from dispatch.plan.position import Position


def still_able(orders: Sequence[Order], able: Collection[str]) -> tuple[Order, ...]:
    """Return the orders without those of teams that have lost all their units."""
    return tuple(order for order in orders if order.tasks or order.team_id in able)


def stood_down(
    plan: Plan,
    goes: Sequence[Order],
    positions: Mapping[str, Position],
    lost: Collection[str],
    able: Collection[str],
    at_s: int,
) -> tuple[StoodDown, ...]:
    """Return the teams that have no order any more, in the order of their ids.

    Parameters
    ----------
    plan : Plan
        The old one; who stood down in it does so still, unless lost or ordered anew.
    goes : sequence of Order
        Those of the new one.
    positions : mapping of str to Position
        Of the old orders, by team.
    lost, able : collection of str
        Teams that can't be used, and those with units left.
    at_s : int
    """
    ordered = {order.team_id for order in goes}
    found = {one.team_id: one for one in plan.stood_down}
    for order in plan.orders:
        team = order.team_id
        reason = "lost" if team in lost else "released" if team in able else "unable"
        left = positions[team].state != "waiting"
        found[team] = _of(order, reason, left, at_s)
    return tuple(found[team] for team in sorted(found.keys() - ordered))


def _of(order: Order, reason: str, left: bool, at_s: int) -> StoodDown:
    return StoodDown(
        team_id=order.team_id,
        team_name=order.team_name,
        team_name_en=order.team_name_en,
        tier=order.tier,
        control_level=order.control_level,
        personnel=order.personnel,
        origin=order.origin,
        incident_id=order.incident_id,
        reason=reason,
        left=left,
        at_s=at_s,
    )
