"""Word documents put together from whole elements.

python-docx looks through the neighbours of each mark that it sets; here a paragraph or a table
is made in one go, and what it looks like stands in styles, said once for each document.
"""

from __future__ import annotations

import copy
import io
import zipfile
from collections.abc import Iterable
from functools import cache
from typing import Any, Final, NamedTuple

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.oxml import serialize_part_xml
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from dispatch.render.fitting import Table, fit
from dispatch.render.office import FONT, NEVER, dated, still
from dispatch.render.text import cut, plain

TABLE_PT: Final = 8.0
INK: Final = "1D2429"
HEADING: Final = "123A5C"
ALARM: Final = "C43C00"
SOFT: Final = "5A646C"
SHADE: Final = "E7EEF4"
EDGE: Final = "C3C9CF"

BODY: Final = "word/document.xml"
CORE: Final = "docProps/core.xml"


class Look(NamedTuple):
    """How a style looks: type in points, ink, and the room around it in points and mm."""

    size_pt: float
    ink: str = INK
    bold: bool = False
    before_pt: float = 0.0
    after_pt: float = 3.0
    centred: bool = False
    with_next: bool = False
    indent_mm: float = 0.0


STYLES: Final = {
    "Title": Look(20, HEADING, bold=True, with_next=True),
    "Heading 1": Look(13, HEADING, bold=True, before_pt=8, with_next=True),
    "Subheading": Look(10.5, HEADING, bold=True, with_next=True),
    "Tone plain": Look(10),
    "Tone strong": Look(10, HEADING),
    "Tone alarm": Look(10, ALARM),
    "Tone soft": Look(10, SOFT),
    "Item": Look(10, indent_mm=6),
    "Figure": Look(15, HEADING, bold=True),
    "Name": Look(8.5, SOFT),
    "Cell": Look(TABLE_PT, after_pt=1),
    "Head": Look(TABLE_PT, HEADING, bold=True, after_pt=1),
    "Note": Look(TABLE_PT, ALARM),
    "Gap": Look(4, after_pt=0),
    "Sheet title": Look(22, HEADING, bold=True, centred=True),
    "Sheet line": Look(10, centred=True),
    "Sheet notice": Look(10, ALARM, bold=True, centred=True),
    "Field": Look(10, HEADING, bold=True, before_pt=1.5, after_pt=1.5),
    "Value": Look(10, before_pt=1.5, after_pt=1.5),
}


def a4_document(*, margin_mm: float) -> Any:
    """Return an empty document on A4 that has the styles, and a font with Chinese glyphs."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(margin_mm)
    section.top_margin = section.bottom_margin = Mm(margin_mm - 3)
    _lettered(document.styles["Normal"])
    for name, look in STYLES.items():
        _styled(document.styles, name, look)
    # the preview of python-docx's own empty document
    for key, relation in list(document.part.package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            del document.part.package.rels[key]
    return document


def packed(document: Any, start: str) -> bytes:
    """Return a document as a file, the same bytes every time."""
    file = io.BytesIO()
    document.save(file)
    return still(file.getvalue(), start)


def sheet(elements: Iterable[Any], *, title: str, start: str) -> bytes:
    """Return a document of these elements; all that is the same for every sheet is made once.

    Parameters
    ----------
    elements : iterable of elements
        Paragraphs and tables from this module.
    title : str
    start : str
        Time that the file gives as that of its making, ISO 8601.
    """
    blank, body, core = _blank()
    body, core = copy.deepcopy(body), copy.deepcopy(core)
    end = body.body[-1]
    for element in elements:
        end.addprevious(element)
    core.title_text = cut(title, 120)
    file = io.BytesIO(blank)
    with zipfile.ZipFile(file, "a") as package:
        for name, content in (
            (BODY, serialize_part_xml(body)),
            (CORE, dated(serialize_part_xml(core), start)),
        ):
            part = zipfile.ZipInfo(name, NEVER)
            package.writestr(part, content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


@cache
def _blank() -> tuple[bytes, Any, Any]:
    """Return an empty sheet: the file without its body and properties, and both of them."""
    document = a4_document(margin_mm=20)
    document.core_properties.author = "dispatch"
    core = document.part.package.core_properties._element
    file = io.BytesIO()
    whole = io.BytesIO(packed(document, "2000-01-01T00:00:00"))
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(file, "w") as new:
        for info in old.infolist():
            if info.filename not in (BODY, CORE):
                new.writestr(info, old.read(info), zipfile.ZIP_DEFLATED)
    return file.getvalue(), document.element, core


def paragraph(style: str, *texts: str, right: bool = False, with_next: bool = False) -> Any:
    """Return a paragraph in one of the styles; texts that are only spaces are ruled."""
    properties = _made("pPr", _made("pStyle", val=_style_id(style)))
    if with_next:
        properties.append(_made("keepNext"))
    if right:
        properties.append(_made("jc", val="right"))
    return _made("p", properties, *(_run(text) for text in texts if text))


EDGES: Final = {
    "none": (INK, ()),
    "below": (EDGE, ("bottom", "insideH")),
    "around": (INK, ("top", "left", "bottom", "right", "insideH", "insideV")),
}
"""Ink and sides of the lines of a table."""


def grid(rows: Iterable[Any], widths_pt: Iterable[float], *, edges: str) -> Any:
    """Return a table of rows as :func:`row` makes them.

    Parameters
    ----------
    rows : iterable of elements
    widths_pt : iterable of float
        Of the columns, in points.
    edges : {"none", "below", "around"}
        Where it has lines: nowhere, below each row, or around each cell, as a form.
    """
    ink, sides = EDGES[edges]
    lines = (_made(side, val="single", sz="4", color=ink) for side in sides)
    pad = "100" if edges == "around" else "50"
    margins = (_made(side, w=pad, type="dxa") for side in ("left", "right"))
    properties = _made(
        "tblPr",
        _made("tblBorders", *lines),
        _made("tblLayout", type="fixed"),
        _made("tblCellMar", *margins),
    )
    columns = (_made("gridCol", w=_twips(width)) for width in widths_pt)
    return _made("tbl", properties, _made("tblGrid", *columns), *rows)


def row(cells: Iterable[Any], *, head: bool = False) -> Any:
    """Return a row that stays on one sheet; a heading stands again on the next one."""
    kept = (_made("cantSplit"), *((_made("tblHeader"),) if head else ()))
    return _made("tr", _made("trPr", *kept), *cells)


def cell(width_pt: float, *content: Any, shaded: bool = False) -> Any:
    """Return a cell of paragraphs and tables, the last of them a paragraph."""
    properties = _made("tcPr", _made("tcW", w=_twips(width_pt), type="dxa"))
    if shaded:
        properties.append(_made("shd", val="clear", fill=SHADE))
    return _made("tc", properties, *content)


def table(one: Table, width_mm: float, lines: float) -> list[Any]:
    """Return a table cut to so many lines, its title above, and below what is left out.

    A short one stays on one sheet.
    """
    width_pt = Mm(width_mm).pt
    fitted = fit(one, width_pt, TABLE_PT, lines)
    rows = [
        row(
            (
                cell(
                    width,
                    paragraph(
                        "Cell" if number else "Head",
                        text,
                        right=column in one.right,
                        with_next=fitted.short and number < len(fitted.rows),
                    ),
                    shaded=not number,
                )
                for column, (width, text) in enumerate(zip(fitted.widths, cells, strict=True))
            ),
            head=not number,
        )
        for number, cells in enumerate((one.headings, *fitted.rows))
    ]
    title = [paragraph("Subheading", one.title)] if one.title else []
    below = paragraph("Note", fitted.note) if fitted.note else paragraph("Gap")
    return [*title, grid(rows, fitted.widths, edges="below"), below]


def _run(text: str) -> Any:
    ruled = text.isspace()
    shown = _made("t")
    shown.text = text if ruled else plain(text)
    shown.set(qn("xml:space"), "preserve")
    return _made("r", *((_made("rPr", _made("u", val="single")),) if ruled else ()), shown)


def _made(tag: str, *children: Any, **keys: str) -> Any:
    """Return an element of the document's language with its attributes and what is in it."""
    element = OxmlElement(f"w:{tag}", {qn(f"w:{key}"): value for key, value in keys.items()})
    element.extend(children)
    return element


def _twips(width_pt: float) -> str:
    return f"{round(width_pt * 20)}"


def _style_id(name: str) -> str:
    return name.replace(" ", "")


def _lettered(style: Any) -> None:
    style.font.name = FONT
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)


def _styled(styles: Any, name: str, look: Look) -> None:
    known = name in ("Title", "Heading 1")
    style = styles[name] if known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    _lettered(style)
    style.font.size, style.font.bold = Pt(look.size_pt), look.bold
    style.font.color.rgb = RGBColor.from_string(look.ink)
    room = style.paragraph_format
    room.space_before, room.space_after = Pt(look.before_pt), Pt(look.after_pt)
    room.keep_with_next = look.with_next
    if look.centred:
        room.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if look.indent_mm:
        room.left_indent, room.first_line_indent = Mm(look.indent_mm), Mm(-4.5)
    if name == "Gap":
        room.line_spacing_rule, room.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(6)
    for border in style.element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)
