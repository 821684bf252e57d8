"""A dispatch order to sign, hand over and carry: one sheet of A4 as a Word document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt

from dispatch.i18n import _, pick
from dispatch.plan.plan import Plan, StoodDown
from dispatch.render import labels
from dispatch.render.briefing_docx import HEADING, TONES, a4_document, packed, table_docx, write
from dispatch.render.fitting import Table
from dispatch.render.orders import OrderSheet, leg_cells, local, moment, task_lines
from dispatch.render.stand_down import stand_down_order, stand_down_reason
from dispatch.render.text import cut, file_name, plain

WIDTH_MM: Final = 170.0
NAME_MM: Final = 30.0
TEXT_PT: Final = 10.0
LEGS: Final = 22
"""Lines of the table of legs at most."""

BLANK: Final = "　" * 8
"""Room to write by hand."""


def order_docx(plan: Plan, sheet: OrderSheet) -> bytes:
    """Return an order; persons and signatures are blanks to fill in."""
    document = _titled(plan, _("Dispatch order"), sheet.number, sheet.team, 0)
    if sheet.illustrative:
        notice = document.add_paragraph()
        notice.alignment = WD_ALIGN_PARAGRAPH.CENTER
        text = _("Illustrative data: no basis for sending people")
        write(notice, text, TEXT_PT, TONES["alarm"], bold=True)
    _pairs(document, list(_orders(plan, sheet)))
    table_docx(document, _legs(plan, sheet), WIDTH_MM, LEGS)
    _pairs(document, list(_ends(sheet)))
    return packed(document, plan.start)


def stand_down_docx(plan: Plan, one: StoodDown, number: int) -> bytes:
    """Return the order that ends another one; persons and signatures are blanks to fill in."""
    team = plain(pick(one.team_name, one.team_name_en))
    document = _titled(plan, _("Order to stand down"), number, team, one.at_s)
    names = {i.incident_id: pick(i.name, i.name_en) for i in plan.incidents}
    people = _("{count} people").format(count=f"{one.personnel:,}")
    rows = [
        (_("Addressee"), f"{team} ({labels.tier(one.tier)}, {people})"),
        (_("Was sent to"), plain(names.get(one.incident_id, one.incident_id))),
        (_("Order"), stand_down_order(one)),
        (_("Why"), stand_down_reason(one)),
        (_("Authority"), labels.control_level(one.control_level)),
    ]
    _pairs(document, [*rows, *_signed()])
    return packed(document, plan.start)


def stand_down_sheets(plan: Plan) -> dict[str, bytes]:
    """Return the orders of teams that stand down by their path; who is lost gets none."""
    ended = [one for one in plan.stood_down if one.reason != "lost"]
    return {
        f"stand_down/{file_name(number, pick(one.team_name, one.team_name_en), '.docx')}": (
            stand_down_docx(plan, one, number)
        )
        for number, one in enumerate(ended, 1)
    }


def _titled(plan: Plan, heading: str, number: int, team: str, at_s: int) -> Any:
    """Return a sheet with its title, its number and its time."""
    document = a4_document(margin_mm=20)
    document.core_properties.title = cut(f"{heading} {number} {team}", 120)
    document.core_properties.author = "dispatch"
    title = document.add_paragraph(style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write(title, heading, 22, HEADING, bold=True)
    head = document.add_paragraph()
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    subject = cut(pick(plan.title, plan.title_en), 60)
    text = _("No. {number}").format(number=number)
    write(head, f"{subject} · {text} · {local(plan, at_s):%Y-%m-%d %H:%M}", TEXT_PT)
    return document


def _orders(plan: Plan, sheet: OrderSheet) -> Iterator[tuple[str, str]]:
    order, incident = sheet.order, sheet.incident
    people = _("{count} people").format(count=f"{order.personnel:,}")
    yield _("Addressee"), f"{sheet.team} ({labels.tier(order.tier)}, {people})"
    place = f"{sheet.where}; {incident.lon:.4f}°E {incident.lat:.4f}°N (WGS 84)"
    yield _("Go to"), place
    headquarters = pick(incident.headquarters, incident.headquarters_en)
    if headquarters:
        yield _("Report to"), headquarters
    yield _("Task"), "\n".join(task_lines(sheet, plan))
    depart, arrive = moment(plan, order.depart_s), moment(plan, order.arrive_s)
    yield _("Depart"), f"{depart}, {sheet.origin}"
    yield _("Arrive"), f"{arrive}, {labels.mode(order.mode)}, {order.distance_m / 1000:,.0f} km"


def _legs(plan: Plan, sheet: OrderSheet) -> Table:
    headings = (_("Leg"), _("From"), _("To"), _("Start"), _("End"), _("km"), _("Roads"))
    rows = tuple(leg_cells(plan, leg) for leg in sheet.order.legs)
    rest = _("{rest} more legs in the workbook of orders")
    return Table(
        headings, rows, (1.5, 3.8, 3.8, 1, 1, 1, 3.8), (3, 4, 5), _("Legs of the way"), rest
    )


def _ends(sheet: OrderSheet) -> Iterator[tuple[str, str]]:
    yield _("Carry"), "\n".join(sheet.equipment)
    if sheet.vehicles:
        text = "; ".join(f"{kind.name} × {kind.quantity}" for kind in sheet.vehicles)
        yield _("Vehicles"), text
    yield _("Toll passage"), sheet.pass_basis or _("no toll-free pass")
    yield _("Authority"), sheet.authority
    blank = _("name {blank} phone {blank}").format(blank=BLANK)
    yield _("Contact on site"), blank
    yield _("Contact of the team"), blank
    yield from _signed()


def _signed() -> Iterator[tuple[str, str]]:
    signed = _("signature {blank} time {blank}").format(blank=BLANK)
    yield _("Ordered by"), signed
    yield _("Received by"), signed


def _pairs(document: Any, pairs: list[tuple[str, str]]) -> None:
    grid = document.add_table(len(pairs), 2, style="Table Grid")
    grid.autofit = False
    grid.columns[0].width, grid.columns[1].width = Mm(NAME_MM), Mm(WIDTH_MM - NAME_MM)
    for row, (name, text) in zip(grid.rows, pairs, strict=True):
        row.cells[0].width, row.cells[1].width = Mm(NAME_MM), Mm(WIDTH_MM - NAME_MM)
        write(row.cells[0].paragraphs[0], name, TEXT_PT, HEADING, bold=True)
        for index, line in enumerate(text.split("\n")):
            cell = row.cells[1]
            paragraph = cell.paragraphs[0] if index == 0 else cell.add_paragraph()
            _lines(paragraph, line)
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def _lines(paragraph: Any, line: str) -> None:
    """Write a line; ideographic spaces are room to write by hand, drawn as a rule."""
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1.5)
    for index, part in enumerate(line.split(BLANK)):
        if index:
            run = paragraph.add_run(BLANK)
            run.font.underline, run.font.size = True, Pt(TEXT_PT)
        if part.strip():
            write(paragraph, cut(part, 240), TEXT_PT)
