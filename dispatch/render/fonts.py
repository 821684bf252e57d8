"""A font with Chinese glyphs for drawings, on machines that have none of their own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from pylopdf_fonts_zh_cn import sans_path

from dispatch.render.text import plain

MISSING = "□"
"""Stands for a character that the font lacks."""


def font_file() -> Path:
    """Return the file of Noto Sans SC (SIL Open Font License 1.1)."""
    return sans_path()


def font(size_pt: float) -> FontProperties:
    """Return the font for a drawing; no font of the machine is looked for."""
    return FontProperties(fname=str(font_file()), size=size_pt)


def drawable(text: object) -> str:
    """Return a plain text in which every character can be drawn."""
    known = _characters()
    return "".join(c if ord(c) in known else MISSING for c in plain(text))


@cache
def _characters() -> frozenset[int]:
    return frozenset(FT2Font(str(font_file())).get_charmap())
