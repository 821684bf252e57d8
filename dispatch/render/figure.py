"""A plan as a printed map: PNG, SVG or PDF, on A4 or 16:9, or in axes of the caller."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, radians
from typing import Any, Final

from geopandas import GeoDataFrame
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from dispatch.i18n import _, pick, speaking
from dispatch.plan.plan import Plan
from dispatch.render import counted, labels
from dispatch.render.drawing import SIZES, SOFT, fitting, sheet, write
from dispatch.render.figure_closures import draw_closures, seen_closures
from dispatch.render.figure_ground import bounds, draw_ground, set_frame
from dispatch.render.figure_list import draw_list, lay_list
from dispatch.render.figure_marks import draw_flows, draw_marks, name_places
from dispatch.render.figure_rim import box_of, draw_legend, draw_north, draw_notice, draw_scale
from dispatch.render.view import View, view

LEAST_RIM: Final = 2.4
HIGHEST_RIM: Final = 4.0
"""Height of legend and list below a map, in inches."""

LEGEND_PT: Final = 125
"""Width of a column of the legend, about."""


def plan_figure(
    plan: Plan,
    *,
    counties: DataFrame,
    areas: GeoDataFrame,
    roads: GeoDataFrame,
    closures: GeoDataFrame | None = None,
    ax: Axes | None = None,
    size: str = "a4",
    lang: str = "zh",
) -> Figure:
    """Draw a plan as a map for print; the same input gives the same drawing.

    Parameters
    ----------
    plan : Plan
        What is drawn.
    counties : DataFrame
        ``places/counties``: name, name_en, city, city_en, lon, lat, by adcode.
    areas : GeoDataFrame
        The area of each county as geometry (EPSG:4326), by the same adcodes.
    roads : GeoDataFrame
        ``network/links``: ref, road_class and the line as geometry (EPSG:4326).
    closures : GeoDataFrame, optional
        Of the scenario, from :func:`dispatch.plan.shut.closure_shapes`.
    ax : Axes, optional
        Axes to draw the map into, with its legend, scale and notice; without
        them a sheet is made, with title, list of teams and sources as well.
    size : {"a4", "a4-landscape", "16:9"}
        Of the sheet.
    lang : {"zh", "en"}
        Language of the map.

    Returns
    -------
    Figure
        That of ``ax``, or the new sheet. Write it with
        :func:`dispatch.render.drawing.drawn`.
    """
    with speaking(lang):
        shown = view(plan)
        ground: dict[str, Any] = {"counties": counties, "areas": areas, "roads": roads}
        if ax is not None:
            _map(ax, shown, ground, closures, legend=True)
            root = ax.get_figure(root=True)
            assert root is not None  # noqa: S101  axes that can be drawn into have a figure
            return root
        figure = sheet(size)
        _sheet(figure, shown, ground, closures, tall=SIZES[size][0] < SIZES[size][1])
        return figure


def _map(
    ax: Axes,
    shown: View,
    ground: dict[str, Any],
    closures: GeoDataFrame | None,
    *,
    legend: bool,
) -> GeoDataFrame | None:
    """Draw the map; return the closures that are on it."""
    set_frame(ax, *bounds(shown.plan, ground["areas"]))
    draw_ground(ax, **ground)
    draw_flows(ax, shown.plan)
    seen = seen_closures(ax, closures)
    spots = list(draw_closures(ax, seen))
    taken = [draw_scale(ax), draw_north(ax), *draw_notice(ax, shown.illustrative, _marked(shown))]
    if legend:
        taken.append(box_of(draw_legend(ax, shown, seen, loc="lower right", frame=True)))
    name_places(ax, draw_marks(ax, shown, spots, taken), **ground)
    return seen


def _marked(shown: View) -> Iterator[tuple[float, float]]:
    """Yield lon and lat of all teams and incidents."""
    yield from ((row.order.origin.lon, row.order.origin.lat) for row in shown.rows)
    yield from ((card.incident.lon, card.incident.lat) for card in shown.cards)


def _sheet(
    figure: Figure,
    shown: View,
    ground: dict[str, Any],
    closures: GeoDataFrame | None,
    *,
    tall: bool,
) -> None:
    """Lay out title, map, legend, list of teams and sources on a sheet."""
    width, height = figure.get_size_inches()
    margin, head, foot = 0.45, 0.85, 0.75

    def area(left: float, bottom: float, right: float, top: float) -> Axes:
        box = (left / width, bottom / height, (right - left) / width, (top - bottom) / height)
        return figure.add_axes(box)

    rim = (
        _rim(shown, 72 * (width - 2 * margin))
        if tall
        else _side_width(shown, ground["areas"], width - 2 * margin, height - foot - head)
    )
    if tall:
        ground_ax = area(margin, foot + rim, width - margin, height - head)
        side_ax = area(margin, foot, width - margin, foot + rim - 0.12)
    else:
        ground_ax = area(margin, foot, width - margin - rim, height - head)
        side_ax = area(width - margin - rim + 0.12, foot, width - margin, height - head)
    seen = _map(ground_ax, shown, ground, closures, legend=False)
    _title(figure, shown)
    _side(side_ax, shown, seen, tall=tall)
    _foot(figure, shown)


def _rim(shown: View, width_pt: float) -> float:
    """Return the height of legend and list below a tall map, in inches."""
    laid = lay_list(shown, width_pt - LEGEND_PT, 72 * HIGHEST_RIM - 14)
    return min(max(LEAST_RIM, laid.height_pt / 72 + 0.2), HIGHEST_RIM)


def _side_width(shown: View, areas: GeoDataFrame, width: float, height: float) -> float:
    """Return the width of legend and list beside a map: what a tall region leaves free."""
    west, south, east, north = bounds(shown.plan, areas)
    wanted = height * (east - west) * cos(radians((south + north) / 2)) / (north - south) * 1.1
    return min(max(width - wanted, 3.5), width * 0.55)


def _title(figure: Figure, shown: View) -> None:
    width, height = (72 * inches for inches in figure.get_size_inches())
    plan = shown.plan
    title = fitting(pick(plan.title, plan.title_en), 18, width - 70)
    write(figure, 0.45 * 72 / width, 1 - 34 / height, title, 18, bold=True, va="center")
    facts = [
        shown.start(),
        labels.level(plan.level),
        counted.teams(len(shown.rows)),
    ]
    line = fitting("  ·  ".join(facts), 9.5, width - 70)
    write(figure, 0.45 * 72 / width, 1 - 53 / height, line, 9.5, color=SOFT, va="center")


def _side(ax: Axes, shown: View, closures: GeoDataFrame | None, *, tall: bool) -> None:
    """Write legend and list of teams: side by side below a tall map, else one over the other."""
    ax.set_axis_off()
    box = ax.get_window_extent()
    scale = 72 / ax.figure.dpi
    width, height = box.width * scale, box.height * scale
    ax.set_xlim(0, width)
    ax.set_ylim(0, height)
    columns = 1 if tall else round(width / LEGEND_PT)
    legend = draw_legend(ax, shown, closures, loc="upper left", frame=False, columns=columns)
    left, bottom, right, top = box_of(legend)
    if tall:
        draw_list(ax, shown, right - left + 14, width, height)
    else:
        draw_list(ax, shown, 4, width, height - (top - bottom) - 8)


def _foot(figure: Figure, shown: View) -> None:
    width, height = (72 * inches for inches in figure.get_size_inches())
    for index, line in enumerate(_credits(shown)):
        text = fitting(line, 6.5, width - 65)
        y = (36 - index * 9.5) / height
        write(figure, 0.45 * 72 / width, y, text, 6.5, color=SOFT, va="center")


def _credits(shown: View) -> Iterator[str]:
    made = shown.plan.provenance
    yield " ".join(
        (
            _("Roads © OpenStreetMap contributors, ODbL 1.0."),
            _("Sources of every table: data/SOURCES.md."),
            _("Coordinates: WGS 84."),
        )
    )
    yield _("Plan of {start}, made by dispatch {version}, {solver}, seed {seed}.").format(
        start=shown.start(), version=made.dispatch_version, solver=made.solver, seed=made.seed
    )
    if shown.illustrative:
        yield _("* leans on records invented for illustration")
