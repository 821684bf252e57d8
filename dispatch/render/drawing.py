"""Sheets to draw on: sizes, inks and bytes that don't change from run to run."""

from __future__ import annotations

import io
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import AbstractPathEffect, Normal, withStroke
from matplotlib.text import Text

from dispatch.render.fonts import drawable, font

SIZES: Final = {
    "a4": (8.27, 11.69),
    "a4-landscape": (11.69, 8.27),
    "16:9": (13.333, 7.5),
}
"""Width and height of a sheet, in inches."""

FORMATS: Final = ("png", "svg", "pdf")

INK: Final = "#1d2429"
SOFT: Final = "#5a646c"
EDGE: Final = "#c3c9cf"
ALARM: Final = "#c43c00"
NOTICE: Final = {"facecolor": "#fff6d6", "edgecolor": "#8a6d00"}

TIER_INK: Final = {
    "main": "#0072b2",
    "assault": "#e69f00",
    "specialist": "#009e73",
    "auxiliary": "#cc79a7",
}
"""Colours after Okabe and Ito (2008), told apart by readers with colour-blindness."""

TIER_MARKER: Final = {"main": "o", "assault": "^", "specialist": "s", "auxiliary": "D"}

_STILL: Final = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}
_MEASURE: Final[Any] = RendererAgg(10, 10, 72)  # type: ignore[no-untyped-call]


def sheet(size: str) -> Figure:
    """Return an empty sheet of one of :data:`SIZES`."""
    figure = Figure(figsize=SIZES[size], facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def drawn(figure: Figure, format: str, *, dpi: int = 200) -> bytes:
    """Return a figure as a file of one of :data:`FORMATS`, the same bytes every time.

    Letters of SVG are drawn as outlines, those of PDF are embedded, so that
    both read alike on machines without Chinese fonts.
    """
    file = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "dispatch", "svg.fonttype": "path"}):
        figure.savefig(file, format=format, dpi=dpi, metadata=_STILL[format])
    return file.getvalue()


def write(
    target: Axes | Figure, x: float, y: float, text: object, size_pt: float, **style: Any
) -> Text:
    """Write a text from data as it stands: no mathematics, no missing glyphs.

    ``bold`` draws it with a thicker pen, as the font has one weight only;
    ``halo`` lays white around it.
    """
    bold, halo = style.pop("bold", False), style.pop("halo", False)
    ink = style.setdefault("color", INK)
    pens: list[AbstractPathEffect] = []
    if halo:
        pens.append(withStroke(linewidth=2.2, foreground="white"))
    if bold:
        pens.append(withStroke(linewidth=size_pt / 22, foreground=ink))
    if pens:
        style["path_effects"] = [*pens, Normal()]
    return target.text(
        x, y, drawable(text), fontproperties=font(size_pt), parse_math=False, **style
    )


def extent_pt(text: object, size_pt: float) -> tuple[float, float]:
    """Return width and height of a line of text, in points."""
    width, height, _descent = _MEASURE.get_text_width_height_descent(
        drawable(text), font(size_pt), ismath=False
    )
    return float(width), max(float(height), size_pt)


def fitting(text: object, size_pt: float, width_pt: float) -> str:
    """Return a text cut to a width, with … where it was cut."""
    whole = drawable(text)
    if extent_pt(whole, size_pt)[0] <= width_pt:
        return whole
    low, high = 0, len(whole)
    while low < high:
        middle = (low + high + 1) // 2
        if extent_pt(whole[:middle] + "…", size_pt)[0] <= width_pt:
            low = middle
        else:
            high = middle - 1
    return whole[:low].rstrip() + "…"
