"""Changed orders as a table and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from dispatch.i18n import _, pick
from dispatch.plan.changes import OrderChange
from dispatch.plan.plan import Plan
from dispatch.plan.write import as_text, clock
from dispatch.render.table import moment
from dispatch.render.text import plain

COLUMNS = (
    "change", "team_id", "team_name", "incident_before", "incident_after",
    "arrive_before", "arrive_after", "minutes_gained", "units_gained", "why",
)  # fmt: skip


def changes_tables(plan: Plan, changes: Sequence[OrderChange]) -> Iterator[RenderableType]:
    """Yield the changed orders, or that there are none."""
    if not changes:
        yield _("No order changes.")
        return
    table = Table(title=_("Changed orders"), title_justify="left")
    for heading in (_("Change"), _("Team"), _("Before"), _("Now"), _("Gains"), _("Why")):
        table.add_column(heading, overflow="fold")
    names = {i.incident_id: plain(pick(i.name, i.name_en)) for i in plan.incidents}
    for change in changes:
        cells = [
            "—" if o is None else f"{names.get(o.incident_id)} {moment(plan, o.arrive_s)}"
            for o in (change.before, change.after)
        ]
        order = change.order
        row = (
            _word(change),
            plain(pick(order.team_name, order.team_name_en)),
            *cells,
            "\n".join(_gains(change, names)),
            plain(_why(change)),
        )
        table.add_row(*(escape(cell) for cell in row))
    yield table


def changes_csv(plan: Plan, changes: Sequence[OrderChange]) -> bytes:
    """Return the changed orders as CSV that spreadsheets take for UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    names = {i.incident_id: i.incident_id for i in plan.incidents}
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
            _why(change),
        )
        writer.writerow([as_text(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _word(change: OrderChange) -> str:
    return {
        "new": _("new"),
        "cancelled": _("cancelled"),
        "redirected": _("redirected"),
        "rerouted": _("rerouted"),
        "delayed": _("delayed"),
        "retasked": _("other work"),
    }[change.code]


def _gains(change: OrderChange, names: dict[str, str]) -> Iterator[str]:
    if change.minutes:
        text = _("{minutes:.0f} min sooner") if change.minutes > 0 else _("{minutes:.0f} min later")
        yield text.format(minutes=abs(change.minutes))
    yield from _units(change, names)


def _units(change: OrderChange, names: dict[str, str]) -> Iterator[str]:
    for incident, quantity, zh, en in change.gained:
        name = names.get(incident, plain(incident))
        yield f"{name}: {plain(pick(zh, en))} {quantity:+d}"


def _why(change: OrderChange) -> str:
    if change.way_lost:
        return _("its way no longer holds: closed ahead, or its aircraft is lost")
    return {
        "new": _("needed after the events"),
        "cancelled": _("lost, or no longer able or needed to serve"),
        "redirected": _("serves more there, by the order of priorities"),
        "rerouted": _("goes on from the next junction by the best way left"),
        "delayed": _("reported late"),
        "retasked": _("others now do part of its work, or it does theirs"),
    }[change.code]
