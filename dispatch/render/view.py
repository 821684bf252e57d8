"""A plan as it is read: rows in reading order, numbers and letters, times of day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.i18n import _
from dispatch.plan.plan import DemandState, IncidentState, Order, Plan


@dataclass(frozen=True)
class Row:
    """One order with its number on the map and the letter of its incident."""

    number: int
    letter: str
    order: Order
    illustrative: bool


@dataclass(frozen=True)
class Card:
    """One incident with its letter and the orders that serve it."""

    letter: str
    incident: IncidentState
    rows: tuple[Row, ...]

    def serving(self, demand: DemandState) -> list[Row]:
        """Return the orders that work on one demand."""
        wanted = demand.demand_id
        return [r for r in self.rows if any(t.demand_id == wanted for t in r.order.tasks)]


@dataclass(frozen=True)
class View:
    """A plan in reading order.

    Parameters
    ----------
    plan : Plan
    cards : tuple of Card
        Incidents as the plan lists them.
    rows : tuple of Row
        Orders by incident, then by arrival.
    """

    plan: Plan
    cards: tuple[Card, ...]
    rows: tuple[Row, ...]

    @property
    def unmet(self) -> list[tuple[Card, DemandState]]:
        """Demands that miss something, the most pressing first."""
        pairs = [(c, d) for c in self.cards for d in c.incident.demands if d.unmet > 0]
        return sorted(pairs, key=lambda pair: (pair[1].priority, pair[0].letter))

    @property
    def late(self) -> list[tuple[Card, DemandState]]:
        """Demands of which something comes after their target time, the most pressing first."""
        pairs = [(c, d) for c in self.cards for d in c.incident.demands if d.met > d.met_by_target]
        return sorted(pairs, key=lambda pair: (pair[1].priority, pair[0].letter))

    @property
    def illustrative(self) -> bool:
        """Whether anything in the plan leans on an invented record."""
        return bool(self.plan.illustrative) or any(row.illustrative for row in self.rows)

    @property
    def toll_waived_yuan(self) -> float:
        """Toll that the teams sent need not pay."""
        return sum(row.order.toll_waived_yuan for row in self.rows)

    def clock(self, seconds: int) -> str:
        """Return the time of day, with a mark for a later day than the start's."""
        start = datetime.fromisoformat(self.plan.start)
        moment = start + timedelta(seconds=seconds)
        days = (moment.date() - start.date()).days
        later = _(" +{days} d").format(days=days) if days else ""
        return f"{moment:%H:%M}{later}"

    def start(self) -> str:
        """Return date, time and zone of the start of the scenario."""
        return begin(self.plan.start)


def view(plan: Plan) -> View:
    """Put the incidents and orders of a plan into reading order."""
    letters = {c.incident_id: _letter(i) for i, c in enumerate(plan.incidents)}
    place = {name: i for i, name in enumerate(letters)}
    invented = {(r.table, r.key.partition("/")[0]) for r in plan.illustrative}
    ordered = sorted(plan.orders, key=lambda o: (place[o.incident_id], o.arrive_s, o.team_id))
    rows = tuple(
        Row(number, letters[o.incident_id], o, _leans_on(o, invented))
        for number, o in enumerate(ordered, start=1)
    )
    cards = tuple(
        Card(
            letters[i.incident_id],
            i,
            tuple(r for r in rows if r.order.incident_id == i.incident_id),
        )
        for i in plan.incidents
    )
    return View(plan, cards, rows)


def _leans_on(order: Order, invented: set[tuple[str, str]]) -> bool:
    """Whether a team, what it brings or a road it takes is among the invented records."""
    tables = ("teams/teams", "teams/capabilities", "teams/vehicles")
    return (
        order.status == "illustrative"
        or any((table, order.team_id) in invented for table in tables)
        or any(("network/links", link) in invented for leg in order.legs for link in leg.links)
    )


def begin(moment: str) -> str:
    """Return date, time and zone of a moment written as ISO 8601."""
    start = datetime.fromisoformat(moment)
    zone = start.strftime("%z")
    return f"{start:%Y-%m-%d %H:%M}" + (f" UTC{zone[:3]}:{zone[3:5]}" if zone else "")


def duration(seconds: int) -> str:
    """Return a span of time in hours and minutes."""
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours == 0:
        return _("{minutes} min").format(minutes=minutes)
    return _("{hours} h {minutes:02d} min").format(hours=hours, minutes=minutes)


def _letter(index: int) -> str:
    """Return A … Z, AA, AB …."""
    before, last = divmod(index, 26)
    return (_letter(before - 1) if before else "") + chr(ord("A") + last)
