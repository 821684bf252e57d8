"""The timeline of a plan as a calendar (iCalendar, RFC 5545)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from dispatch.i18n import _, pick
from dispatch.plan.plan import Plan
from dispatch.render import labels
from dispatch.render.orders import OrderSheet, task_lines
from dispatch.render.text import plain


def calendar(plan: Plan, sheets: Sequence[OrderSheet]) -> bytes:
    """Return an event for each order, from departure to arrival, in UTC."""
    file = Calendar()
    file.add("prodid", "-//dispatch//plan//EN")
    file.add("version", "2.0")
    file.add("x-wr-calname", plain(pick(plan.title, plan.title_en)))
    start = datetime.fromisoformat(plan.start).astimezone(UTC)
    for sheet in sheets:
        order = sheet.order
        event = Event()
        event.add("uid", _uid(plan, sheet))
        event.add("dtstamp", start)
        event.add("dtstart", start + timedelta(seconds=order.depart_s))
        event.add("dtend", start + timedelta(seconds=order.arrive_s))
        event.add("summary", f"{sheet.number} {sheet.team} → {sheet.where}")
        event.add("location", sheet.where)
        event.add("geo", (sheet.incident.lat, sheet.incident.lon))
        way = f"{_('From')}: {sheet.origin}; {labels.mode(order.mode)} {sheet.roads}".strip()
        lines = [*task_lines(sheet, plan), way]
        if sheet.illustrative:
            lines.append(_("Illustrative data: no basis for sending people"))
        event.add("description", "\n".join(lines))
        file.add_component(event)
    return bytes(file.to_ical())


def _uid(plan: Plan, sheet: OrderSheet) -> str:
    """Return the same id for the same team, incident and start, so that calendars update it."""
    key = "\0".join((plan.scenario, plan.start, sheet.order.team_id, sheet.order.incident_id))
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32] + "@dispatch"
