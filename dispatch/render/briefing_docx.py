"""A briefing as a Word document, A4."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any, Final

from docx.shared import Mm

from dispatch.render.briefing import Beside, Block, Page, Picture, Points, Tiles, Words
from dispatch.render.fitting import Table
from dispatch.render.text import cut, plain
from dispatch.render.word import a4_document, cell, grid, packed, paragraph, row, table

Draw = Callable[[str, float, float], bytes]
"""Draws a picture by name, width and height in inches, as PNG."""

WIDTH_MM: Final = 174.0
GUTTER_MM: Final = 6.0
PICTURE_MM: Final = {"map": 120.0, "timeline": 78.0}
POINTS: Final = 5
"""Items of one list at most."""

LINES: Final = 26
"""Lines of one table at most: the rest stands in the workbook and the order sheets."""


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
        title = paragraph("Heading 1" if number else "Title", cut(page.title, 160))
        document.element.body[-1].addprevious(title)
        for block, leads in page.laid():
            for element in _elements(document, block, draw, leads=leads):
                document.element.body[-1].addprevious(element)
    return packed(document, start)


def _elements(document: Any, block: Block, draw: Draw, *, leads: bool) -> list[Any]:
    match block:
        case Words():
            return [paragraph(f"Tone {block.tone}", block.text, with_next=leads)]
        case Points():
            heading = [paragraph("Subheading", block.heading)] if block.heading else []
            items = enumerate(block.first(POINTS), start=1)
            marked = (f"{n}. {item}" if block.numbered else f"• {item}" for n, item in items)
            return [*heading, *(paragraph("Item", text) for text in marked)]
        case Tiles():
            return [_tiles(block), paragraph("Gap")]
        case Picture():
            return [_picture(document, block, draw)]
        case Table():
            return table(block, WIDTH_MM, LINES)
        case Beside():
            return [_beside(block), paragraph("Gap")]


def _beside(block: Beside) -> Any:
    width_mm = WIDTH_MM / len(block.blocks)
    width_pt = Mm(width_mm).pt
    cells = (cell(width_pt, *table(one, width_mm - GUTTER_MM, LINES)) for one in block.blocks)
    return grid([row(cells)], [width_pt] * len(block.blocks), edges="none")


def _tiles(block: Tiles) -> Any:
    widths = [Mm(WIDTH_MM / len(block.items)).pt] * len(block.items)
    rows = [
        row(
            cell(width, paragraph(style, item[part]))
            for width, item in zip(widths, block.items, strict=True)
        )
        for style, part in (("Figure", 1), ("Name", 0))
    ]
    return grid(rows, widths, edges="none")


def _picture(document: Any, block: Picture, draw: Draw) -> Any:
    height_mm = PICTURE_MM[block.name]
    image = io.BytesIO(draw(block.name, WIDTH_MM / 25.4, height_mm / 25.4))
    holder = document.add_paragraph()
    shape = holder.add_run().add_picture(image, Mm(WIDTH_MM), Mm(height_mm))
    shape._inline.docPr.set("descr", plain(block.alt))
    return holder._element
