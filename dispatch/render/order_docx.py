"""A dispatch order to sign, hand over and carry: one sheet of A4 as a Word document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

from docx.shared import Mm

from dispatch.i18n import _, pick
from dispatch.plan.plan import Plan, StoodDown
from dispatch.render import counted, labels
from dispatch.render.fitting import Table
from dispatch.render.orders import OrderSheet, leg_cells, local, moment, task_lines
from dispatch.render.stand_down import stand_down_order, stand_down_reason
from dispatch.render.text import cut, file_name, plain
from dispatch.render.word import cell, grid, paragraph, row, sheet, table

WIDTH_MM: Final = 170.0
NAME_MM: Final = 30.0
BLANK: Final = "　" * 8
"""Room to write by hand."""


def order_docx(plan: Plan, one: OrderSheet, *, issued_s: int = 0, replaces: bool = False) -> bytes:
    """Return an order; persons and signatures are blanks to fill in.

    Parameters
    ----------
    plan : Plan
    one : OrderSheet
    issued_s : int
        When it is given, in seconds after the start.
    replaces : bool
        Whether the team has had an order before.
    """
    heading = _("Dispatch order")
    elements = _titled(plan, heading, one.number, issued_s)
    if replaces:
        text = _("Takes the place of every earlier order to this team")
        elements.append(paragraph("Sheet notice", text))
    if one.illustrative:
        text = _("Illustrative data: no basis for sending people")
        elements.append(paragraph("Sheet notice", text))
    elements += _pairs(_orders(plan, one))
    legs = _legs(plan, one)
    elements += table(legs, WIDTH_MM, len(legs.rows))
    elements += _pairs(_ends(one))
    return sheet(elements, title=f"{heading} {one.number} {one.team}", start=plan.start)


def stand_down_docx(plan: Plan, one: StoodDown, number: int) -> bytes:
    """Return the order that ends another one; persons and signatures are blanks to fill in."""
    team = plain(pick(one.team_name, one.team_name_en))
    heading = _("Order to stand down")
    names = {i.incident_id: pick(i.name, i.name_en) for i in plan.incidents}
    people = counted.people(one.personnel)
    rows = [
        (_("Addressee"), f"{team} ({labels.tier(one.tier)}, {people})"),
        (_("Was sent to"), plain(names.get(one.incident_id, one.incident_id))),
        (_("Order"), stand_down_order(one)),
        (_("Why"), stand_down_reason(one)),
        (_("Authority"), labels.control_level(one.control_level)),
    ]
    elements = [*_titled(plan, heading, number, one.at_s), *_pairs(chain(rows, _signed()))]
    return sheet(elements, title=f"{heading} {number} {team}", start=plan.start)


def stand_down_sheets(plan: Plan) -> dict[str, bytes]:
    """Return the orders of teams that stand down by their path; who is lost gets none."""
    ended = [one for one in plan.stood_down if one.reason != "lost"]
    return {
        f"stand_down/{file_name(number, pick(one.team_name, one.team_name_en), '.docx')}": (
            stand_down_docx(plan, one, number)
        )
        for number, one in enumerate(ended, 1)
    }


def _titled(plan: Plan, heading: str, number: int, at_s: int) -> list[Any]:
    """Return the title of a sheet, its number and its time."""
    subject = cut(pick(plan.title, plan.title_en), 60)
    text = _("No. {number}").format(number=number)
    head = f"{subject} · {text} · {local(plan, at_s):%Y-%m-%d %H:%M}"
    return [paragraph("Sheet title", heading), paragraph("Sheet line", head)]


def _orders(plan: Plan, one: OrderSheet) -> Iterator[tuple[str, str]]:
    order, incident = one.order, one.incident
    people = counted.people(order.personnel)
    yield _("Addressee"), f"{one.team} ({labels.tier(order.tier)}, {people})"
    place = f"{one.where}; {incident.lon:.4f}°E {incident.lat:.4f}°N (WGS 84)"
    yield _("Go to"), place
    headquarters = pick(incident.headquarters, incident.headquarters_en)
    if headquarters:
        yield _("Report to"), headquarters
    yield _("Task"), "\n".join(task_lines(one, plan))
    depart, arrive = moment(plan, order.depart_s), moment(plan, order.arrive_s)
    yield _("Depart"), f"{depart}, {one.origin}"
    yield _("Arrive"), f"{arrive}, {labels.mode(order.mode)}, {order.distance_m / 1000:,.0f} km"


def _legs(plan: Plan, one: OrderSheet) -> Table:
    headings = (_("Leg"), _("From"), _("To"), _("Start"), _("End"), _("km"), _("Roads"))
    rows = tuple(leg_cells(plan, one, leg) for leg in one.order.legs)
    # nothing is left out or cut: a team needs the whole of its way
    title = _("Legs of the way")
    return Table(headings, rows, (1.7, 3.8, 3.6, 1, 1, 1, 4), (3, 4, 5), title, whole=True)


def _ends(one: OrderSheet) -> Iterator[tuple[str, str]]:
    yield _("Carry"), "\n".join(one.equipment)
    if one.vehicles:
        text = "; ".join(f"{kind.name} × {kind.quantity}" for kind in one.vehicles)
        yield _("Vehicles"), text
    yield _("Toll passage"), one.pass_basis or _("no toll-free pass")
    yield _("Authority"), one.authority
    blank = _("name {blank} phone {blank}").format(blank=BLANK)
    yield _("Contact on site"), blank
    yield _("Contact of the team"), blank
    yield from _signed()


def _signed() -> Iterator[tuple[str, str]]:
    signed = _("signature {blank} time {blank}").format(blank=BLANK)
    yield _("Ordered by"), signed
    yield _("Received by"), signed


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    widths = Mm(NAME_MM).pt, Mm(WIDTH_MM - NAME_MM).pt
    rows = (
        row(
            (
                cell(widths[0], paragraph("Field", name)),
                cell(widths[1], *(paragraph("Value", *_ruled(line)) for line in text.split("\n"))),
            )
        )
        for name, text in pairs
    )
    return [grid(rows, widths, edges="around"), paragraph("Gap")]


def _ruled(line: str) -> Iterator[str]:
    """Yield the parts of a line, those to be written by hand by themselves."""
    for index, part in enumerate(line.split(BLANK)):
        if index:
            yield BLANK
        if part.strip():
            yield cut(part, 240)
