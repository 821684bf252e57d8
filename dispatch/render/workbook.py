"""All orders in one workbook for the people who keep track of them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from math import ceil
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from rich.cells import cell_len

from dispatch.i18n import _, pick
from dispatch.plan.plan import Plan
from dispatch.plan.write import as_text
from dispatch.render import labels
from dispatch.render.office import FONT, still
from dispatch.render.orders import OrderSheet, local, task_lines
from dispatch.render.outcome import remedies_of
from dispatch.render.stand_down import stand_down_order, stand_down_reason
from dispatch.render.text import plain
from dispatch.render.view import view

WORKBOOK: Final = "orders.xlsx"

Cell = str | int | float | datetime
Row = tuple[Cell, ...]
WIDEST: Final = 68
A3: Final = 8
"""Code of the paper."""

ROOM: Final = 260
"""Width of all columns of a sheet at most: across A3 that prints at four fifths of its size."""

NARROWEST: Final = 20
"""Width that a column of words keeps."""

BY_HAND: Final = 16
"""Width of a column to write in by hand."""

MARGIN_INCH: Final = 0.4

LONGEST: Final = 2000
"""Characters of a cell at most, well below the limit of the format."""

PART: Final = re.compile(r"[\u2e80-\uffff]|\s+|[^\s\u2e80-\uffff]+")
"""What is never broken at the end of a line: a Chinese character, blanks, a word."""

LINE_PT: Final = 14.0
HIGHEST_PT: Final = 400.0
"""Height of a row at most, just below the limit of the format."""


def _styles() -> list[NamedStyle]:
    """Return the styles of cells: to set fonts and edges cell by cell takes most of the time."""
    edge = Border(bottom=Side("thin", color="C3C9CF"))
    top = Alignment(vertical="top", wrap_text=True)
    kinds = {"text": "@", "time": "yyyy-mm-dd hh:mm", "whole": "#,##0", "decimal": "#,##0.0"}
    plain_font, bold = Font(name=FONT, size=10), Font(name=FONT, size=10, bold=True)
    right = Alignment(horizontal="right", vertical="top", wrap_text=True, indent=1)
    figures = Alignment(horizontal="right", vertical="top", indent=1)
    sides = {"text": top, "time": Alignment(horizontal="left", vertical="top")}
    made = [
        NamedStyle(
            kind,
            font=plain_font,
            border=edge,
            alignment=sides.get(kind, figures),
            number_format=form,
        )
        for kind, form in kinds.items()
    ]
    fill = PatternFill("solid", fgColor="E7EEF4")
    heads = {"head": top, "number head": right}
    return made + [
        NamedStyle(kind, font=bold, border=edge, alignment=side, fill=fill)
        for kind, side in heads.items()
    ]


def workbook(plan: Plan, sheets: Sequence[OrderSheet]) -> bytes:
    """Return a workbook of orders, ways, toll-free passes, needs and reserves.

    Text from data stays text: no cell becomes a formula.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    for style in _styles():
        book.add_named_style(style)
    _fill(book, _("Orders"), _order_heads(), [_order_row(plan, sheet) for sheet in sheets])
    _fill(book, _("Equipment and authority"), _kit_heads(), [_kit_row(one) for one in sheets])
    _fill(book, _("Ways"), _leg_heads(), _leg_rows(plan, sheets))
    _fill(book, _("Toll-free passes"), _pass_heads(), _pass_rows(plan, sheets))
    if plan.stood_down:
        _fill(book, _("Stood down"), _ended_heads(), _ended_rows(plan))
    _fill(book, _("Needs"), _need_heads(), _need_rows(plan))
    _fill(book, _("Reserves"), _reserve_heads(), _reserve_rows(plan))
    _fill(book, _("About"), (_("Figure"), _("Value")), _about_rows(plan))
    book.properties.title, book.properties.creator = plain(pick(plan.title, plan.title_en)), ""
    if view(plan).illustrative:
        pages: list[Any] = book.worksheets
        for page in pages:
            page.oddHeader.center.text = _("Illustrative data: no basis for sending people")
    file = io.BytesIO()
    book.save(file)
    return still(file.getvalue(), plan.start)


def _fill(book: Workbook, title: str, heads: Row, rows: Iterable[Row]) -> None:
    page = book.create_sheet(title[:31])
    below = list(rows)
    for column, value in enumerate(heads, start=1):
        counted = any(isinstance(row[column - 1], int | float) for row in below[:1])
        _put(page, 1, column, value, "number head" if counted else "head")
    for number, row in enumerate(below, start=2):
        for column, value in enumerate(row, start=1):
            _put(page, number, column, value, _style(value))
    page.freeze_panes = "C2"
    page.auto_filter.ref = page.dimensions
    page.print_title_rows = "1:1"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", A3
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_margins.left = page.page_margins.right = MARGIN_INCH
    page.oddFooter.center.text = "&P / &N"
    table = list(page.iter_rows(values_only=True))
    widths = _widths(zip(*table, strict=True))
    for index, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(index)].width = width
    # not every program finds the height that wrapped words need by itself
    for number, cells in enumerate(table, start=1):
        lines = max(_lines(value, width) for value, width in zip(cells, widths, strict=True))
        page.row_dimensions[number].height = min(lines * LINE_PT + 2, HIGHEST_PT)


def _style(value: Cell) -> str:
    if isinstance(value, str):
        return "text"
    return {datetime: "time", int: "whole"}.get(type(value), "decimal")


def _put(page: Worksheet, row: int, column: int, value: Cell, style: str) -> None:
    cell: Any = page.cell(row, column)
    cell.value = as_text(plain(value)[:LONGEST]) if isinstance(value, str) else value
    if isinstance(value, str):
        # openpyxl takes a leading = for a formula
        cell.data_type = "s"
    cell.style = style


def _widths(columns: Iterable[tuple[object, ...]]) -> list[int]:
    """Return widths of columns: what room there is goes to those whose cells take most lines."""
    wanted, usual = [], []
    for cells in columns:
        lengths = [_columns(value) for value in cells]
        wanted.append(max(lengths) + 3 if any(lengths[1:]) else max(lengths[0] + 3, BY_HAND))
        usual.append(sum(lengths) / len(lengths))
    most = [min(width, WIDEST) for width in wanted]
    widths = [min(width, NARROWEST) for width in most]
    while sum(widths) < ROOM and widths != most:
        lines = [u / w if w < m else 0 for u, w, m in zip(usual, widths, most, strict=True)]
        widths[lines.index(max(lines))] += 1
    return widths


def _columns(value: object) -> int:
    return 16 if isinstance(value, datetime) else cell_len(str("" if value is None else value))


def _lines(value: object, width: int) -> int:
    """Return how many lines a value takes where words go to the next line whole."""
    room = width - 1
    if not isinstance(value, str) or cell_len(value) <= room:
        return 1
    lines, used = 1, 0
    for part in PART.findall(value):
        size = cell_len(part)
        if used + size > room and not part.isspace():
            # a word longer than a line is broken
            lines += ceil(size / room) if used else ceil(size / room) - 1
            used = size % room or room
        else:
            used += size
    return lines


def _order_heads() -> Row:
    return (
        _("No."), _("Incident"), _("Team"), _("Tier"), _("People"), _("From"), _("Mode"),
        _("Depart"), _("Arrive"), _("km"), _("Roads"), _("Tasks"), _("Remarks"),
    )  # fmt: skip


def _order_row(plan: Plan, sheet: OrderSheet) -> Row:
    order = sheet.order
    return (
        sheet.number,
        sheet.where,
        sheet.team,
        labels.tier(order.tier),
        order.personnel,
        sheet.origin,
        labels.mode(order.mode),
        local(plan, order.depart_s),
        local(plan, order.arrive_s),
        order.distance_m / 1000,
        sheet.roads,
        "; ".join(task_lines(sheet, plan)),
        _("illustrative") if sheet.illustrative else "",
    )


def _kit_heads() -> Row:
    return (
        _("No."), _("Team"), _("Equipment"), _("Vehicles"), _("Authority"), _("Toll-free"),
        _("Toll waived, yuan"), _("Contact of the team"), _("Phone"), _("Contact on site"),
        _("Phone"), _("Remarks"),
    )  # fmt: skip


def _kit_row(sheet: OrderSheet) -> Row:
    """Return what a team carries, by whose authority, and cells for contacts to fill in by hand."""
    return (
        sheet.number,
        sheet.team,
        "; ".join(sheet.equipment),
        "; ".join(f"{v.name} × {v.quantity}" for v in sheet.vehicles),
        sheet.authority,
        sheet.pass_basis or _("no toll-free pass"),
        sheet.order.toll_waived_yuan,
        # the registry holds no persons
        "", "", "", "",
        _("illustrative") if sheet.illustrative else "",
    )  # fmt: skip


def _leg_heads() -> Row:
    return (
        _("No."), _("Team"), _("Leg"), _("From"), _("To"), _("Start"), _("End"), _("km"),
        _("Roads"), _("Toll paid, yuan"), _("Toll waived, yuan"),
    )  # fmt: skip


def _leg_rows(plan: Plan, sheets: Sequence[OrderSheet]) -> Iterator[Row]:
    for sheet in sheets:
        for leg in sheet.order.legs:
            yield (
                sheet.number,
                sheet.team,
                labels.leg(leg.kind),
                pick(leg.origin, leg.origin_en),
                pick(leg.destination, leg.destination_en),
                local(plan, leg.start_s),
                local(plan, leg.end_s),
                leg.distance_m / 1000,
                sheet.way_of(leg),
                leg.toll_paid_yuan,
                leg.toll_waived_yuan,
            )


def _pass_heads() -> Row:
    return (
        _("No."), _("Team"), _("Vehicle"), _("Of so many"), _("Number plate"), _("From"), _("To"),
        _("Roads"), _("Depart"), _("Arrive"), _("Basis"),
    )  # fmt: skip


def _pass_rows(plan: Plan, sheets: Sequence[OrderSheet]) -> Iterator[Row]:
    """Yield a row for each vehicle; its number plate is filled in by hand."""
    for sheet in sheets:
        for kind in sheet.vehicles if sheet.pass_basis else ():
            for one in range(1, kind.quantity + 1):
                yield (
                    sheet.number,
                    sheet.team,
                    kind.name,
                    f"{one}/{kind.quantity}",
                    "",
                    sheet.origin,
                    sheet.where,
                    sheet.roads,
                    local(plan, sheet.order.depart_s),
                    local(plan, sheet.order.arrive_s),
                    sheet.pass_basis,
                )


def _ended_heads() -> Row:
    return _("Team"), _("Tier"), _("People"), _("Incident"), _("Since"), _("Why"), _("Order")


def _ended_rows(plan: Plan) -> Iterator[Row]:
    incidents = {one.incident_id: pick(one.name, one.name_en) for one in plan.incidents}
    for one in plan.stood_down:
        yield (
            pick(one.team_name, one.team_name_en),
            labels.tier(one.tier),
            one.personnel,
            incidents.get(one.incident_id, one.incident_id),
            local(plan, one.at_s),
            stand_down_reason(one),
            stand_down_order(one),
        )


def _need_heads() -> Row:
    return (
        _("Incident"), _("Need"), _("Priority"), _("Wanted"), _("Unit"), _("Until"),
        _("By target"), _("Met"), _("Unmet"), _("Why, and what would help"),
    )  # fmt: skip


def _need_rows(plan: Plan) -> Iterator[Row]:
    for card in view(plan).cards:
        for demand in card.incident.demands:
            reasons = [pick(reason.text_zh, reason.text_en) for reason in demand.reasons]
            chosen = [pick(choice.text_zh, choice.text_en) for choice in demand.choices]
            yield (
                f"{card.letter} {pick(card.incident.name, card.incident.name_en)}",
                pick(demand.capability_name, demand.capability_name_en),
                demand.priority,
                demand.quantity,
                pick(demand.unit, demand.unit_en),
                local(plan, demand.target_s),
                demand.met_by_target,
                demand.met,
                demand.unmet,
                "; ".join((*reasons, *remedies_of(demand), *chosen)),
            )


def _reserve_heads() -> Row:
    return _("City"), _("Tier"), _("Teams"), _("Sent"), _("Left")


def _reserve_rows(plan: Plan) -> Iterator[Row]:
    for row in plan.reserves:
        city = pick(row.city, row.city_en)
        yield city, labels.tier(row.tier), row.teams, row.sent, row.left


def _about_rows(plan: Plan) -> Iterator[Row]:
    made = plan.provenance
    yield _("Title"), pick(plan.title, plan.title_en)
    yield _("Start"), local(plan, 0)
    yield _("Level"), labels.level(plan.level)
    yield _("Records invented for illustration"), f"{len(plan.illustrative):,}"
    if plan.illustrative:
        yield _("Notice"), _("Illustrative data: no basis for sending people")
    yield _("Made by"), f"dispatch {made.dispatch_version}, {made.solver}, {made.seed}"
    yield _("Sources"), _("Sources of every table: data/SOURCES.md.")
    yield from made.inputs
