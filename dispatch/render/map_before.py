"""The plan before on the map of the plan after: ways that no team goes any more."""

from __future__ import annotations

from typing import Any

from dispatch.i18n import _, pick
from dispatch.plan.plan import Order, Plan
from dispatch.render.tracks import pack_route
from dispatch.render.view import view


def drawn_before(before: Plan | None, after: Plan) -> list[dict[str, Any]]:
    """Return the orders of an earlier plan that are not in the new one as they were.

    Parameters
    ----------
    before : Plan or None
        Nothing is drawn without one.
    after : Plan

    Returns
    -------
    list of dict
        tip (text) and lines (packed) of each, in the order of the earlier plan.
    """
    if before is None:
        return []
    kept = {order.team_id: _way(order) for order in after.orders}
    shown = view(before)
    names = {i.incident_id: pick(i.name, i.name_en) for i in before.incidents}
    return [
        {
            "tip": _("before: {team} → {incident}, {time}").format(
                team=pick(row.order.team_name, row.order.team_name_en),
                incident=names[row.order.incident_id],
                time=shown.clock(row.order.arrive_s),
            ),
            "lines": [pack_route(leg.line) for leg in row.order.legs if leg.line],
        }
        for row in shown.rows
        if kept.get(row.order.team_id) != _way(row.order)
    ]


def _way(order: Order) -> tuple[Any, ...]:
    """Return where a team goes, by which way, and when it is there."""
    return order.incident_id, order.arrive_s, tuple(leg.line for leg in order.legs if leg.line)
