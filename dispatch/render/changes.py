"""What changes after events, as a meeting hears it: needs first, then orders, group by group."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from dispatch.i18n import _, ngettext, pick, unit_of
from dispatch.plan.changes import GROUPS, NeedChange, OrderChange
from dispatch.plan.plan import Order, Plan, StoodDown
from dispatch.plan.write import as_text, clock
from dispatch.render import labels
from dispatch.render.stand_down import stand_down_order, stand_down_reason
from dispatch.render.table import moment
from dispatch.render.text import plain

COLUMNS = (
    "change", "team_id", "team_name", "incident_before", "incident_after",
    "arrive_before", "arrive_after", "minutes_gained", "units_gained", "why", "group",
)  # fmt: skip


def changes_tables(
    plan: Plan, changes: Sequence[OrderChange], needs: Sequence[NeedChange] = ()
) -> Iterator[RenderableType]:
    """Yield what the events do to the needs, and the changed orders by group.

    Parameters
    ----------
    plan : Plan
        The new one.
    changes : sequence of OrderChange
    needs : sequence of NeedChange
    """
    if needs:
        yield _needs(plan, needs)
    if not changes:
        yield _("No order changes.")
        return
    names = {i.incident_id: plain(pick(i.name, i.name_en)) for i in plan.incidents}
    for group in GROUPS:
        rows = [change for change in changes if change.group == group]
        if rows:
            yield _orders(plan, group, rows, names)
    same = len(plan.orders) - sum(change.after is not None for change in changes)
    yield ngettext(
        "{count} other order stays exactly as it is.",
        "{count} other orders stay exactly as they are.",
        same,
    ).format(count=same)


def _needs(plan: Plan, needs: Sequence[NeedChange]) -> Table:
    title = _("Needs: met before, if the old orders were kept, and now")
    table = Table(title=title, title_justify="left")
    for heading in (_("Incident"), _("Need"), _("Priority")):
        table.add_column(heading, overflow="fold")
    for heading in (_("Wanted"), _("Before"), _("Orders kept"), _("Now"), _("The last there")):
        table.add_column(heading, justify="right")
    for need in needs:
        unit = plain(unit_of(need.wanted, need.unit, need.unit_en))
        wanted = f"{need.wanted} {unit}"
        if need.wanted_before not in (None, need.wanted):
            wanted = f"{need.wanted_before} → {wanted}"
        row = (
            plain(pick(need.incident, need.incident_en)),
            plain(pick(need.capability, need.capability_en)),
            str(need.priority),
            wanted,
            "—" if need.before is None else str(need.before),
            str(need.keeping),
            str(need.now),
            _times(plan, need),
        )
        table.add_row(*(escape(cell) for cell in row))
    return table


def _times(plan: Plan, need: NeedChange) -> str:
    """Return when the last of a need is there, before and now."""
    times = ["—" if s is None else moment(plan, s) for s in (need.last_before_s, need.last_s)]
    return " → ".join(dict.fromkeys(times))


def _orders(plan: Plan, group: str, changes: Sequence[OrderChange], names: dict[str, str]) -> Table:
    table = Table(title=f"{_title(group)} ({len(changes)})", title_justify="left")
    for heading in (
        _("Team"), _("Before"), _("Now"), _("Against keeping the old orders"), _("Why"),
    ):  # fmt: skip
        table.add_column(heading, overflow="fold")
    stood_down = {one.team_id: one for one in plan.stood_down}
    for change in changes:
        order = change.order
        row = (
            plain(pick(order.team_name, order.team_name_en)),
            _cell(plan, change.before, names),
            _now(plan, change, names, stood_down.get(order.team_id)),
            "\n".join(_gains(change, names)) or "—",
            plain(_why(change, stood_down.get(order.team_id))),
        )
        table.add_row(*(escape(cell) for cell in row))
    return table


def _title(group: str) -> str:
    return {
        "turned": _("Turned: other way or other incident"),
        "new": _("New"),
        "cancelled": _("Cancelled"),
        "kept": _("Kept, with other work or another time"),
    }[group]


def _cell(plan: Plan, order: Order | None, names: dict[str, str]) -> str:
    if order is None:
        return "—"
    carried = any(leg.kind in ("ride", "fly") for leg in order.legs)
    # who has left his vehicles behind may go on without a train or aircraft
    mode = plain(labels.mode(order.mode)) if carried or order.mode == "road" else _("by bus")
    return f"{names.get(order.incident_id)} {moment(plan, order.arrive_s)} ({mode})"


def _now(plan: Plan, change: OrderChange, names: dict[str, str], ended: StoodDown | None) -> str:
    if change.after is None and ended is not None:
        return stand_down_order(ended)
    return _cell(plan, change.after, names) + _shift(change)


def _shift(change: OrderChange) -> str:
    """Return how much later it is at the incident to which it went before."""
    a, b = change.before, change.after
    if a is None or b is None or a.incident_id != b.incident_id:
        return ""
    minutes = round((b.arrive_s - a.arrive_s) / 60)
    return " " + _("{minutes:+d} min").format(minutes=minutes) if minutes else ""


def changes_csv(plan: Plan, changes: Sequence[OrderChange]) -> bytes:
    """Return the changed orders as CSV that spreadsheets take for UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    names = {i.incident_id: i.incident_id for i in plan.incidents}
    stood_down = {one.team_id: one for one in plan.stood_down}
    for change in changes:
        a, b = change.before, change.after
        row = (
            change.code,
            change.order.team_id,
            pick(change.order.team_name, change.order.team_name_en),
            a.incident_id if a else "",
            b.incident_id if b else "",
            clock(plan, a.arrive_s) if a else "",
            clock(plan, b.arrive_s) if b else "",
            change.minutes,
            "; ".join(_units(change, names)),
            _why(change, stood_down.get(change.order.team_id)),
            change.group,
        )
        writer.writerow([as_text(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _gains(change: OrderChange, names: dict[str, str]) -> Iterator[str]:
    if change.minutes:
        text = _("{minutes:.0f} min sooner") if change.minutes > 0 else _("{minutes:.0f} min later")
        yield text.format(minutes=abs(change.minutes))
    yield from _units(change, names)


def _units(change: OrderChange, names: dict[str, str]) -> Iterator[str]:
    """Yield what each incident gains, a line for each."""
    for incident in dict.fromkeys(incident for incident, *_rest in change.gained):
        gains = [
            f"{plain(pick(zh, en))} {quantity:+d}"
            for where, quantity, zh, en in change.gained
            if where == incident
        ]
        yield f"{names.get(incident, plain(incident))}: {_(', ').join(gains)}"


def _why(change: OrderChange, ended: StoodDown | None) -> str:
    if change.after is None and ended is not None and ended.reason != "released":
        return stand_down_reason(ended)
    if change.way_lost:
        if change.after is None:
            return _("its way no longer holds, and by no other would it be of use in time")
        return _("its way no longer holds: closed ahead, or its aircraft is lost")
    return {
        "new": _("needed after the events"),
        "cancelled": _("lost, or no longer able or needed to serve"),
        "redirected": _("serves more there, by the order of priorities"),
        "rerouted": _("goes on from the next junction by the best way left"),
        "delayed": _("reported late"),
        "retasked": _("others now do part of its work, or it does theirs"),
    }[change.code]
