"""A briefing as slides, 16:9."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from math import ceil
from typing import Any, Final

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Pt
from rich.cells import cell_len

from dispatch.render.briefing import Beside, Block, Page, Picture, Points, Tiles, Words
from dispatch.render.fitting import EM_PER_COLUMN, LINE, Table, fit
from dispatch.render.office import FONT, still
from dispatch.render.text import cut, plain

Draw = Callable[[str, float, float], bytes]
"""Draws a picture by name, width and height in inches, as PNG."""

WIDTH_PT: Final = 960.0
HEIGHT_PT: Final = 540.0
MARGIN_PT: Final = 36.0
HEAD_PT: Final = 62.0
FOOT_PT: Final = 26.0
GAP_PT: Final = 10.0

BODY_PT: Final = 14.0
LEAST_PT: Final = 12.0
"""Smallest type that a room can read; what has no place in it is left out, and that is said."""

TABLE_PT: Final = LEAST_PT
SCALES: Final = (1.5, 1.4, 1.3, 1.2, 1.1, 1.0)
"""How much larger type may be on a slide with room to spare."""

POINTS_SHARE: Final = 0.4
"""Most of a slide that a list takes beside other blocks."""

LEAST_LINES: Final = 3
"""Lines that a list keeps where the table beside it needs the room."""

NEARER: Final = 0.66
"""Pictures are drawn this much smaller and enlarged: no word on a slide is smaller than 10 pt."""

PAD: Final = 0.5
"""Height of a row of a table over that of its text, in lines."""


def _ink(code: str) -> RGBColor:
    return RGBColor.from_string(code)  # type: ignore[no-untyped-call,no-any-return]


INK: Final = _ink("1D2429")
SOFT: Final = _ink("5A646C")
ALARM: Final = _ink("C43C00")
HEADING: Final = _ink("123A5C")
TONES: Final = {"plain": INK, "strong": HEADING, "alarm": ALARM, "soft": SOFT}

_TITLE_ONLY: Final = 5
_NO_STYLE: Final = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"


def briefing_pptx(pages: Sequence[Page], draw: Draw, *, start: str, lang: str) -> bytes:
    """Lay out the pages of a briefing as slides; a page is a slide, whatever it holds.

    Parameters
    ----------
    pages : sequence of Page
    draw : callable
        Draws a picture by name, width and height in inches, as PNG.
    start : str
        Time that the file gives as that of its making, ISO 8601.
    lang : {"zh", "en"}
    """
    deck = Presentation()
    deck.slide_width, deck.slide_height = Pt(WIDTH_PT), Pt(HEIGHT_PT)
    properties = deck.core_properties
    properties.title, properties.author = cut(pages[0].title, 120), "dispatch"
    properties.language = {"zh": "zh-CN", "en": "en"}[lang]
    for number, page in enumerate(pages, start=1):
        slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
        _title(slide, page.title, large=number == 1)
        _Stack(slide, draw).lay(page.blocks)
        foot = HEIGHT_PT - FOOT_PT
        left = f"{cut(pages[0].title, 80)}"
        _text(slide, (MARGIN_PT, foot, 700, 18), [left], LEAST_PT, SOFT)
        box = (WIDTH_PT - MARGIN_PT - 100, foot, 100, 18)
        _text(slide, box, [f"{number}/{len(pages)}"], LEAST_PT, SOFT, right=True)
    file = io.BytesIO()
    deck.save(file)
    return still(file.getvalue(), start)


def _title(slide: Any, text: str, *, large: bool) -> None:
    shape = slide.shapes.title
    shape.left, shape.top = Pt(MARGIN_PT), Pt(16)
    shape.width, shape.height = Pt(WIDTH_PT - 2 * MARGIN_PT), Pt(HEAD_PT - 20)
    size_pt = 28 if large else 24
    columns = int((WIDTH_PT - 2 * MARGIN_PT) / (size_pt * EM_PER_COLUMN))
    _write(shape.text_frame, [cut(text, columns)], size_pt, HEADING, bold=True)
    shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE


class _Stack:
    """Blocks of a slide, one below the other; long tables and pictures share what is left."""

    def __init__(self, slide: Any, draw: Draw) -> None:
        self._slide = slide
        self._draw = draw
        self._width = WIDTH_PT - 2 * MARGIN_PT
        self._top = HEAD_PT + 4
        self._body_pt, self._table_pt = BODY_PT, TABLE_PT

    def lay(self, blocks: Sequence[Block]) -> None:
        room = HEIGHT_PT - FOOT_PT - GAP_PT - self._top - GAP_PT * (len(blocks) - 1)
        for scale in SCALES:
            self._body_pt, self._table_pt = BODY_PT * scale, TABLE_PT * scale
            natural = [self._natural(block) for block in blocks]
            if sum(natural) <= room and not any(self._cuts(block) for block in blocks):
                break
        firm = [
            isinstance(block, Words | Tiles | Points)
            or (isinstance(block, Table) and not block.rest)
            for block in blocks
        ]
        natural = self._lists_given_way(blocks, natural, room)
        left = room - sum(h for h, is_firm in zip(natural, firm, strict=True) if is_firm)
        wanted = sum(h for h, is_firm in zip(natural, firm, strict=True) if not is_firm)
        share = left / wanted if wanted else 1.0
        if not any(isinstance(block, Picture) for block in blocks):
            share = min(1.0, share)
        for block, height, is_firm in zip(blocks, natural, firm, strict=True):
            self._put(block, height if is_firm else height * share)

    def _lists_given_way(
        self, blocks: Sequence[Block], natural: Sequence[float], room: float
    ) -> list[float]:
        """Let lists shrink, to their least where a table is whole then and to a share elsewhere."""
        least = self._body_pt * LINE * LEAST_LINES
        lists = [isinstance(block, Points) for block in blocks]
        wanted = sum(h for h, is_list in zip(natural, lists, strict=True) if is_list)
        left = room - (sum(natural) - wanted)
        gives_way = least * sum(lists) <= left < wanted
        return [
            (h * left / wanted if gives_way else min(h, room * POINTS_SHARE)) if is_list else h
            for h, is_list in zip(natural, lists, strict=True)
        ]

    def _natural(self, block: Block) -> float:
        """Return the height that a block would like."""
        match block:
            case Words():
                return _lines(block.text, self._width, self._body_pt) * self._body_pt * LINE + 4
            case Points():
                lines = sum(_lines(item, self._width - 24, self._body_pt) for item in block.items)
                return (lines + bool(block.heading)) * self._body_pt * (LINE + 0.15) + 4
            case Tiles():
                return 82.0
            case Picture():
                return HEIGHT_PT / 2
            case Table():
                return _height(block, self._width, self._table_pt)
            case Beside():
                width = (self._width - GAP_PT * 2) / len(block.blocks)
                return max(_height(table, width, self._table_pt) for table in block.blocks)

    def _cuts(self, block: Block) -> bool:
        """Whether words of a block would be cut at this size of type."""
        match block:
            case Points():
                columns = _columns(self._width - 24, self._body_pt)
                return any(cell_len(plain(item)) > 2 * columns - 4 for item in block.items)
            case Table():
                return _cut_cells(block, self._width, self._table_pt)
            case Beside():
                width = (self._width - GAP_PT * 2) / len(block.blocks)
                return any(_cut_cells(table, width, self._table_pt) for table in block.blocks)
        return False

    def _put(self, block: Block, height: float) -> None:
        box = (MARGIN_PT, self._top, self._width, height)
        match block:
            case Words():
                _text(self._slide, box, [block.text], self._body_pt, TONES[block.tone])
            case Points():
                self._points(block, box)
            case Tiles():
                self._tiles(block, box)
            case Picture():
                self._picture(block, box)
            case Table():
                _table(self._slide, block, box, self._table_pt)
            case Beside():
                width = (self._width - GAP_PT * 2 * (len(block.blocks) - 1)) / len(block.blocks)
                for index, table in enumerate(block.blocks):
                    left = MARGIN_PT + index * (width + GAP_PT * 2)
                    _table(self._slide, table, (left, self._top, width, height), self._table_pt)
        self._top += height + GAP_PT

    def _points(self, block: Points, box: tuple[float, float, float, float]) -> None:
        """Write a list in smaller type, and cut, where it has less room than it would like."""
        size_pt = self._body_pt
        while size_pt > LEAST_PT and self._points_pt(block, size_pt) > box[3]:
            size_pt -= 1
        columns = _columns(self._width - 24, size_pt)
        room = int(box[3] / (size_pt * (LINE + 0.15))) - bool(block.heading)
        texts: list[str] = []
        for number, item in enumerate(block.items, start=1):
            text = cut(item, columns * 2 - 4)
            room -= ceil(cell_len(text) / columns)
            if room < 0 and texts:
                texts[-1] = block.rest.format(rest=len(block.items) - number + 2)
                break
            texts.append(f"{number}. {text}" if block.numbered else f"• {text}")
        heading = [block.heading] if block.heading else []
        frame = _text(self._slide, box, [*heading, *texts], size_pt, INK)
        for index, paragraph in enumerate(frame.paragraphs):
            paragraph.space_after = Pt(size_pt * 0.15)
            if heading and index == 0:
                paragraph.runs[0].font.bold = True
                paragraph.runs[0].font.color.rgb = HEADING

    def _points_pt(self, block: Points, size_pt: float) -> float:
        lines = sum(_lines(item, self._width - 24, size_pt) for item in block.items)
        return (lines + bool(block.heading)) * size_pt * (LINE + 0.15)

    def _tiles(self, block: Tiles, box: tuple[float, float, float, float]) -> None:
        left, top, width, _height = box
        step = width / len(block.items)
        for index, (name, figure) in enumerate(block.items):
            x = left + index * step
            _text(self._slide, (x, top, step, 44), [figure], 27, HEADING, bold=True)
            _text(self._slide, (x, top + 46, step, 20), [name], LEAST_PT, SOFT)

    def _picture(self, block: Picture, box: tuple[float, float, float, float]) -> None:
        left, top, width, height = (Pt(length) for length in box)
        image = io.BytesIO(self._draw(block.name, box[2] / 72 * NEARER, box[3] / 72 * NEARER))
        picture = self._slide.shapes.add_picture(image, left, top, width, height)
        picture._element.nvPicPr.cNvPr.set("descr", plain(block.alt))


def _columns(width_pt: float, size_pt: float) -> int:
    return int(width_pt / (size_pt * EM_PER_COLUMN))


def _cut_cells(table: Table, width_pt: float, size_pt: float) -> bool:
    whole = fit(table, width_pt, size_pt, 10_000, PAD)
    return whole.rows != tuple(tuple(plain(cell) for cell in row) for row in table.rows)


def _lines(text: str, width_pt: float, size_pt: float) -> int:
    return max(ceil(cell_len(plain(text)) * size_pt * EM_PER_COLUMN / width_pt), 1)


def _height(table: Table, width_pt: float, size_pt: float) -> float:
    whole = fit(table, width_pt, size_pt, 10_000, PAD)
    lines = sum(whole.lines) + PAD * len(whole.lines) + (1 + PAD if table.title else 0)
    return lines * size_pt * LINE


def _table(
    slide: Any, table: Table, box: tuple[float, float, float, float], size_pt: float
) -> None:
    left, top, width, height = box
    line_pt = size_pt * LINE
    fitted = fit(table, width, size_pt, height / line_pt + 0.01, PAD)
    if table.title:
        _text(slide, (left, top, width, line_pt), [table.title], size_pt + 2, HEADING, bold=True)
        top += line_pt * (1 + PAD)
    shape = slide.shapes.add_table(
        len(fitted.lines), len(table.headings), Pt(left), Pt(top), Pt(width), Pt(line_pt)
    )
    grid = shape.table
    shape._element.graphic.graphicData.tbl.tblPr.find(qn("a:tableStyleId")).text = _NO_STYLE
    for column, width_pt in zip(grid.columns, fitted.widths, strict=True):
        column.width = Pt(width_pt)
    for index, (cells, lines) in enumerate(
        zip((table.headings, *fitted.rows), fitted.lines, strict=True)
    ):
        grid.rows[index].height = Pt((lines + PAD) * line_pt)
        for column, text in enumerate(cells):
            _cell(
                grid.cell(index, column),
                text,
                size_pt,
                head=index == 0,
                right=column in table.right,
            )
    if fitted.note:
        below = top + (sum(fitted.lines) + PAD * len(fitted.lines)) * line_pt + 2
        _text(slide, (left, below, width, line_pt), [fitted.note], size_pt, ALARM)


def _cell(cell: Any, text: str, size_pt: float, *, head: bool, right: bool) -> None:
    cell.margin_left = cell.margin_right = Pt(4)
    cell.margin_top = cell.margin_bottom = Pt(1)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.fill.solid()
    cell.fill.fore_color.rgb = _ink("E7EEF4") if head else _ink("FFFFFF")
    _write(cell.text_frame, [text], size_pt, HEADING if head else INK, bold=head, right=right)
    edge = cell._tc.get_or_add_tcPr()
    line = edge.makeelement(qn("a:lnB"), {"w": "6350"})
    fill = line.makeelement(qn("a:solidFill"), {})
    fill.append(fill.makeelement(qn("a:srgbClr"), {"val": "C3C9CF"}))
    line.append(fill)
    edge.insert(0, line)


def _text(
    slide: Any, box: tuple[float, float, float, float], texts: Sequence[str], size_pt: float,
    ink: RGBColor, *, bold: bool = False, right: bool = False,
) -> Any:  # fmt: skip
    shape = slide.shapes.add_textbox(*(Pt(length) for length in box))
    _write(shape.text_frame, texts, size_pt, ink, bold=bold, right=right)
    return shape.text_frame


def _write(
    frame: Any, texts: Sequence[str], size_pt: float, ink: RGBColor, *, bold: bool = False,
    right: bool = False,
) -> None:  # fmt: skip
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Pt(0)
    for index, text in enumerate(texts):
        paragraph = frame.paragraphs[0] if index == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
        run = paragraph.add_run()
        run.text = plain(text)
        run.font.size, run.font.bold, run.font.color.rgb = Pt(size_pt), bold, ink
        run.font.name = FONT
        east = run.font._element.makeelement(qn("a:ea"), {"typeface": FONT})
        run.font._element.find(qn("a:latin")).addnext(east)
