"""A briefing as PDF, A4, typeset by Typst with the font in the file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import typst

from dispatch.render.briefing import Beside, Block, Page, Picture, Points, Tiles, Words
from dispatch.render.fitting import Table, fit
from dispatch.render.fonts import drawable, font_file

Draw = Callable[[str, float, float, str], bytes]
"""Draws a picture by name, width and height in inches, and format."""

WIDTH_PT: Final = 493.0
GUTTER_PT: Final = 23.0
PICTURE_IN: Final = {"map": (6.85, 5.0), "timeline": (6.85, 3.6)}
TABLE_PT: Final = 8.0
POINTS: Final = 7
"""Items of one list at most."""

LINES: Final = 34
"""Lines of one table at most: the rest stands in the workbook and the order sheets."""


def briefing_pdf(pages: Sequence[Page], draw: Draw, *, start: str, lang: str) -> bytes:
    """Lay out the pages of a briefing one below the other on A4.

    Parameters
    ----------
    pages : sequence of Page
    draw : callable
        Draws a picture by name, width and height in inches, and format.
    start : str
        Time that the file gives as that of its making, ISO 8601.
    lang : {"zh", "en"}
    """
    # words reach the template as data, never as markup, so no name can run as code
    content = {
        "lang": lang,
        "pages": [
            {"title": drawable(page.title), "blocks": [_block(*laid) for laid in page.laid()]}
            for page in pages
        ],
    }
    pictures = [b for page in pages for b in page.blocks if isinstance(b, Picture)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        main = folder / "briefing.typ"
        template = files("dispatch.render") / "templates" / "briefing.typ"
        main.write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
        text = json.dumps(content, ensure_ascii=False)
        (folder / "content.json").write_text(text, encoding="utf-8")
        for picture in pictures:
            image = draw(picture.name, *PICTURE_IN[picture.name], "svg")
            (folder / f"{picture.name}.svg").write_bytes(image)
        return typst.compile(
            main,
            root=folder,
            font_paths=[font_file().parent],
            ignore_system_fonts=True,
            timestamp=datetime.fromisoformat(start),
        )


def _block(block: Block, leads: bool) -> dict[str, Any]:
    match block:
        case Words():
            return {
                "kind": "words",
                "text": drawable(block.text),
                "tone": block.tone,
                "leads": leads,
            }
        case Points():
            items = [drawable(item) for item in block.first(POINTS)]
            return {
                "kind": "points",
                "heading": drawable(block.heading),
                "items": items,
                "numbered": block.numbered,
            }
        case Tiles():
            return {"kind": "tiles", "items": [[drawable(t) for t in i] for i in block.items]}
        case Picture():
            return {"kind": "picture", "name": block.name, "alt": drawable(block.alt)}
        case Table():
            return _table(block, WIDTH_PT)
        case Beside():
            width = (WIDTH_PT - GUTTER_PT) / len(block.blocks)
            return {"kind": "beside", "blocks": [_table(one, width) for one in block.blocks]}


def _table(table: Table, width_pt: float) -> dict[str, Any]:
    fitted = fit(table, width_pt, TABLE_PT, LINES)
    return {
        "kind": "table",
        "title": drawable(table.title),
        "headings": [drawable(heading) for heading in table.headings],
        "rows": [[drawable(cell) for cell in row] for row in fitted.rows],
        "widths": fitted.widths,
        "right": table.right,
        "note": drawable(fitted.note),
        "short": fitted.short,
    }
