"""A briefing as a Word document, A4."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any, Final

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from dispatch.render.briefing import Beside, Block, Page, Picture, Points, Tiles, Words
from dispatch.render.fitting import Table, fit
from dispatch.render.office import FONT, still
from dispatch.render.text import cut, plain

Draw = Callable[[str, float, float], bytes]
"""Draws a picture by name, width and height in inches, as PNG."""

WIDTH_MM: Final = 174.0
GUTTER_MM: Final = 6.0
PICTURE_MM: Final = {"map": 120.0, "timeline": 84.0}
TABLE_PT: Final = 8.0
POINTS: Final = 5
"""Items of one list at most."""

LINES: Final = 26
"""Lines of one table at most: the rest stands in the workbook and the order sheets."""

INK: Final = "1D2429"
HEADING: Final = "123A5C"
TONES: Final = {"plain": INK, "strong": HEADING, "alarm": "C43C00", "soft": "5A646C"}


def briefing_docx(pages: Sequence[Page], draw: Draw, *, start: str, lang: str) -> bytes:
    """Lay out the pages of a briefing one below the other on A4.

    Parameters
    ----------
    pages : sequence of Page
    draw : callable
        Draws a picture by name, width and height in inches, as PNG.
    start : str
        Time that the file gives as that of its making, ISO 8601.
    lang : {"zh", "en"}
    """
    document = a4_document(margin_mm=18)
    properties = document.core_properties
    properties.title, properties.author = cut(pages[0].title, 120), "dispatch"
    properties.language = {"zh": "zh-CN", "en": "en"}[lang]
    for number, page in enumerate(pages):
        title = document.add_paragraph(style="Title" if number == 0 else "Heading 1")
        title.paragraph_format.keep_with_next = True
        write(title, cut(page.title, 160), 20 if number == 0 else 13, HEADING, bold=True)
        for block in page.blocks:
            _put(document, block, draw)
    return packed(document, start)


def a4_document(*, margin_mm: float) -> Any:
    """Return an empty document on A4 with a font that has Chinese glyphs."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(margin_mm)
    section.top_margin = section.bottom_margin = Mm(margin_mm - 3)
    for name in ("Normal", "Title", "Heading 1"):
        style: Any = document.styles[name]
        style.font.name = FONT
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
        style.paragraph_format.space_before = Pt(8 if name == "Heading 1" else 0)
        style.paragraph_format.space_after = Pt(3)
        for border in style.element.findall(f".//{qn('w:pBdr')}"):
            border.getparent().remove(border)
    return document


def packed(document: Any, start: str) -> bytes:
    """Return a document as a file, the same bytes every time."""
    file = io.BytesIO()
    document.save(file)
    return still(file.getvalue(), start)


def write(
    paragraph: Any, text: object, size_pt: float, ink: str = INK, *, bold: bool = False
) -> None:
    """Add a text from data to a paragraph, as it stands."""
    run = paragraph.add_run(plain(text))
    run.font.size, run.font.bold = Pt(size_pt), bold
    run.font.name, run.font.color.rgb = FONT, RGBColor.from_string(ink)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)


def _put(document: Any, block: Block, draw: Draw) -> None:
    match block:
        case Words():
            write(document.add_paragraph(), block.text, 10, TONES[block.tone])
        case Points():
            if block.heading:
                write(document.add_paragraph(), block.heading, 10.5, HEADING, bold=True)
            for number, item in enumerate(block.first(POINTS), start=1):
                paragraph = document.add_paragraph()
                paragraph.paragraph_format.left_indent = Mm(6)
                paragraph.paragraph_format.first_line_indent = Mm(-4.5)
                write(paragraph, f"{number}. {item}" if block.numbered else f"• {item}", 10)
        case Tiles():
            _tiles(document, block)
        case Picture():
            _picture(document, block, draw)
        case Table():
            table_docx(document, block, WIDTH_MM)
        case Beside():
            _beside(document, block)


def _beside(document: Any, block: Beside) -> None:
    frame = document.add_table(1, len(block.blocks))
    frame.autofit = False
    width_mm = WIDTH_MM / len(block.blocks)
    for cell, table in zip(frame.rows[0].cells, block.blocks, strict=True):
        cell.width = Mm(width_mm)
        first = cell.paragraphs[0]._element
        table_docx(cell, table, width_mm - GUTTER_MM)
        first.getparent().remove(first)
    _keep_whole(frame.rows[0], head=False)
    _space(document)


def _tiles(document: Any, block: Tiles) -> None:
    grid = document.add_table(2, len(block.items))
    for index, (name, figure) in enumerate(block.items):
        write(grid.cell(0, index).paragraphs[0], figure, 15, HEADING, bold=True)
        write(grid.cell(1, index).paragraphs[0], name, 8.5, TONES["soft"])
    _space(document)


def _picture(document: Any, block: Picture, draw: Draw) -> None:
    height_mm = PICTURE_MM[block.name]
    image = io.BytesIO(draw(block.name, WIDTH_MM / 25.4, height_mm / 25.4))
    paragraph = document.add_paragraph()
    shape = paragraph.add_run().add_picture(image, Mm(WIDTH_MM), Mm(height_mm))
    shape._inline.docPr.set("descr", plain(block.alt))


def table_docx(document: Any, table: Table, width_mm: float, lines: int = LINES) -> None:
    """Add a table with a heading that stands again on the next sheet, cut to so many lines."""
    fitted = fit(table, width_mm / 25.4 * 72, TABLE_PT, lines)
    if table.title:
        title = document.add_paragraph()
        title.paragraph_format.keep_with_next = True
        write(title, table.title, 10.5, HEADING, bold=True)
    grid = document.add_table(len(fitted.rows) + 1, len(table.headings))
    grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.LEFT, False
    _narrow(grid)
    widths = [Pt(width_pt) for width_pt in fitted.widths]
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    for index, cells in enumerate((table.headings, *fitted.rows)):
        row = grid.rows[index]
        _keep_whole(row, head=index == 0)
        for column, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
            cell.width = widths[column]
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(1)
            if column in table.right:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            write(paragraph, text, TABLE_PT, HEADING if index == 0 else INK, bold=index == 0)
            _line_below(cell, shaded=index == 0)
    if fitted.note:
        write(document.add_paragraph(), fitted.note, TABLE_PT, TONES["alarm"])
    else:
        _space(document)


def _narrow(grid: Any) -> None:
    """Set narrow margins left and right in all cells."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "50")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    grid._tbl.tblPr.append(margins)


def _keep_whole(row: Any, *, head: bool) -> None:
    """Keep a row on one sheet, and repeat the heading on each."""
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))


def _line_below(cell: Any, *, shaded: bool) -> None:
    properties = cell._tc.get_or_add_tcPr()
    borders = OxmlElement("w:tcBorders")
    line = OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "4"), ("color", "C3C9CF")):
        line.set(qn(f"w:{key}"), value)
    borders.append(line)
    properties.append(borders)
    if shaded:
        fill = OxmlElement("w:shd")
        fill.set(qn("w:val"), "clear")
        fill.set(qn("w:fill"), "E7EEF4")
        properties.append(fill)


def _space(document: Any) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = Pt(6)
