"""Around a printed map: legend, scale bar and north arrow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import cos, floor, log10, radians
from typing import Any, Final, Literal

from geopandas import GeoDataFrame
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.transforms import Transform, offset_copy

from dispatch.geo import EARTH_RADIUS_M
from dispatch.i18n import _
from dispatch.render import labels
from dispatch.render.drawing import (
    ALARM,
    EDGE,
    INK,
    NOTICE,
    TIER_INK,
    TIER_MARKER,
    extent_pt,
    write,
)
from dispatch.render.figure_closures import closure_entries
from dispatch.render.figure_ground import ROAD_INK, ROAD_WIDTH, frame_of
from dispatch.render.figure_marks import (
    STAR,
    WAYS,
    flow_width,
    frame_on_paper,
    from_paper,
    on_paper,
    way_of,
)
from dispatch.render.fonts import drawable, font
from dispatch.render.placing import Box
from dispatch.render.view import View

SHARE: Final = 0.22
"""Longest scale bar over the width of the map."""

NORTH_PT: Final = 36.0
"""Width of the corner that the north arrow has for itself."""

MARK_PT: Final = 8.0
"""Room that a mark takes on each side of its place."""


def draw_legend(
    ax: Axes,
    shown: View,
    closures: GeoDataFrame | None,
    *,
    loc: Literal["upper left", "lower right"],
    frame: bool,
    columns: int = 1,
) -> Legend:
    """Explain every mark that stands on the map, and no other."""
    marks = [*_marks(shown), *closure_entries(closures)]
    entries = [*marks, *_ways(shown), *ground_entries()]
    return write_legend(ax, entries, loc=loc, frame=frame, columns=columns)


def write_legend(
    ax: Axes,
    entries: Sequence[tuple[Line2D, str]],
    *,
    loc: Literal["upper left", "lower right"],
    frame: bool,
    columns: int = 1,
) -> Legend:
    """Explain marks by words."""
    legend = ax.legend(
        [handle for handle, _text in entries],
        [drawable(text) for _handle, text in entries],
        loc=loc, prop=font(7.5), frameon=frame, framealpha=0.92, edgecolor=EDGE,
        borderaxespad=0.6 if frame else 0, labelspacing=0.35, handlelength=2.2, ncols=columns,
    )  # fmt: skip
    legend.set_zorder(19)
    return legend


def box_of(legend: Legend) -> Box:
    """Return where a legend stands, in points."""
    box, scale = legend.get_window_extent(), 72 / legend.axes.figure.dpi
    return (box.x0 * scale, box.y0 * scale, box.x1 * scale, box.y1 * scale)


def _marks(shown: View) -> list[tuple[Line2D, str]]:
    dot: dict[str, Any] = {"linestyle": "none", "markeredgecolor": "white"}
    tiers = {row.order.tier for row in shown.rows}
    found = [
        (Line2D([], [], marker=TIER_MARKER[t], color=TIER_INK[t], markersize=7, **dot),
         labels.tier(t)) for t in TIER_MARKER if t in tiers
    ]  # fmt: skip
    if shown.cards:
        star = Line2D([], [], marker=STAR, color=ALARM, markersize=12, **dot)
        found.insert(0, (star, _("incident")))
    return found


def _ways(shown: View) -> list[tuple[Line2D, str]]:
    kinds = {way_of(leg.kind) for r in shown.rows for leg in r.order.legs if len(leg.line) > 1}
    words = {"drive": _("by road"), "ride": _("by rail"), "fly": _("by air")}
    lines = [
        (Line2D([], [], color=ink, linestyle=stroke, linewidth=1.6), words[kind])
        for kind, (ink, stroke) in WAYS.items()
        if kind in kinds
    ]
    if len(shown.rows) > 1 and lines:
        thick = Line2D([], [], color=WAYS["drive"][0], linewidth=flow_width(9))
        lines.append((thick, _("thicker: more teams")))
    return lines


def ground_entries() -> list[tuple[Line2D, str]]:
    """Return the entries of a legend for roads and borders."""
    roads = [
        (Line2D([], [], color=ROAD_INK[name], linewidth=ROAD_WIDTH[name] + 0.5),
         labels.road_class(name)) for name in ROAD_INK
    ]  # fmt: skip
    city = Line2D([], [], color="#8b949c", linewidth=0.9)
    county = Line2D([], [], color=EDGE, linewidth=0.6)
    return [*roads, (city, _("city border")), (county, _("county border"))]


def draw_scale(ax: Axes) -> Box:
    """Draw a scale bar in the lower left; return where it stands, in points."""
    west, south, east, north = frame_of(ax)
    lat = (south + north) / 2
    km_per_degree = radians(1) * EARTH_RADIUS_M / 1000 * cos(radians(lat))
    length_km = round_length((east - west) * km_per_degree * SHARE)
    left, bottom, _right, _top = frame_on_paper(ax, 9)
    length_pt = on_paper(ax, west + length_km / km_per_degree, south)[0]
    length_pt -= on_paper(ax, west, south)[0]
    (start, y), (middle, _y), (end, _y) = (
        from_paper(ax, left + length_pt * share, bottom + 2) for share in (0, 0.5, 1)
    )
    bar: dict[str, Any] = {"transform": ax.transAxes, "solid_capstyle": "butt", "zorder": 12}
    ax.plot([start, end], [y, y], color=INK, linewidth=5, **bar)
    ax.plot([middle, end], [y, y], color="white", linewidth=3.4, **bar)
    text = f"  {length_km:g} km"
    style: dict[str, Any] = {"va": "center_baseline", "halo": True, "zorder": 12}
    write(ax, end, y, text.strip(), 7.5, transform=_shifted(ax, 5), **style)
    return (left - 4, bottom - 5, left + length_pt + extent_pt(text, 7.5)[0] + 10, bottom + 9)


def _shifted(ax: Axes, points: float) -> Transform:
    return offset_copy(ax.transAxes, ax.get_figure(root=True), x=points, units="points")


def round_length(longest_km: float) -> float:
    """Return the greatest of 1, 2, 5, 10, 20 … km that is no longer."""
    power = 10.0 ** floor(log10(longest_km))
    return next(step * power for step in (5, 2, 1) if step * power <= longest_km)


def draw_north(ax: Axes) -> Box:
    """Draw a north arrow in the upper right; return where it stands, in points."""
    _left, _bottom, right, top = frame_on_paper(ax, 8)
    (x, tip), (_x, foot) = (from_paper(ax, right - 8, top - down) for down in (0, 26))
    ax.annotate(
        "", (x, tip), (x, foot), xycoords="axes fraction", textcoords="axes fraction",
        arrowprops={"arrowstyle": "-|>,head_width=0.28,head_length=0.6", "color": INK, "lw": 1.2,
                    "shrinkA": 0, "shrinkB": 0}, zorder=12,
    )  # fmt: skip
    write(
        ax, x, foot, _("N"), 9, transform=ax.transAxes, ha="center", va="top", halo=True, zorder=12
    )
    return (right - 20, top - 42, right + 6, top + 6)


def draw_notice(ax: Axes, invented: bool, marked: Iterable[tuple[float, float]] = ()) -> list[Box]:
    """Say above that records are invented, if any is; return where that stands, in points.

    In the upper left, or further right where that would hide a mark; ``marked`` are
    their lon and lat.
    """
    if not invented:
        return []
    text, size_pt = _("Illustrative data: no basis for sending people"), 8.5
    width, height = extent_pt(text, size_pt)
    first, _bottom, right, top = frame_on_paper(ax, 9)
    last = right - width - NORTH_PT
    starts = (first, (first + last) / 2, last)
    foot = top - height - 8 - MARK_PT
    marks = [x for x, y in (on_paper(ax, *place) for place in marked) if y > foot]
    free = (
        s for s in starts if not any(s < x + MARK_PT and x < s + width + MARK_PT for x in marks)
    )
    left = next(free, first)
    x, y = from_paper(ax, left, top)
    frame = {"boxstyle": "square,pad=0.35", "linewidth": 0.8, **NOTICE}
    write(ax, x, y, text, size_pt, transform=ax.transAxes, va="top", zorder=20, bbox=frame)
    return [(left - 6, top - height - 8, left + width + 6, top + 6)]
