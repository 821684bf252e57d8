"""A plan as a briefing for the command meeting: slides, paper or a page."""

from __future__ import annotations

from typing import Any, Final

from geopandas import GeoDataFrame
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from pandas import DataFrame

from dispatch.i18n import speaking
from dispatch.plan.plan import Plan
from dispatch.render.briefing import briefing
from dispatch.render.briefing_docx import briefing_docx
from dispatch.render.briefing_html import briefing_html
from dispatch.render.briefing_pdf import briefing_pdf
from dispatch.render.briefing_pptx import briefing_pptx
from dispatch.render.drawing import drawn
from dispatch.render.figure import plan_figure
from dispatch.render.timeline import plan_timeline

FORMATS: Final = ("pptx", "docx", "pdf", "html")


def render_briefing(
    plan: Plan,
    format: str,
    *,
    counties: DataFrame,
    areas: GeoDataFrame,
    roads: GeoDataFrame,
    closures: GeoDataFrame | None = None,
    against: Plan | None = None,
    lang: str = "zh",
) -> bytes:
    """Write a plan as a briefing: eight slides, about four sheets of paper, or a page.

    Parameters
    ----------
    plan : Plan
    format : {"pptx", "docx", "pdf", "html"}
    counties, areas, roads
        The ground of the map, as :func:`dispatch.render.figure.plan_figure` takes it.
    closures : GeoDataFrame, optional
        Of the scenario, from :func:`dispatch.plan.shut.closure_shapes`.
    against : Plan, optional
        Another plan to compare this one with.
    lang : {"zh", "en"}

    Returns
    -------
    bytes
        The file; the same input gives the same bytes.
    """
    ground: dict[str, Any] = {"counties": counties, "areas": areas, "roads": roads}

    def draw(name: str, width_in: float, height_in: float, form: str = "png") -> bytes:
        figure = Figure(figsize=(width_in, height_in), facecolor="white")
        FigureCanvasAgg(figure)
        if name == "map":
            ax = figure.add_axes((0.002, 0.002, 0.996, 0.996))
            plan_figure(plan, **ground, closures=closures, ax=ax, lang=lang)
        else:
            ax = figure.add_axes((0.002, 0.46 / height_in, 0.996, 1 - 0.8 / height_in))
            plan_timeline(plan, ax=ax, lang=lang)
        return drawn(figure, form, dpi=200)

    with speaking(lang):
        pages = briefing(plan, against, closures)
        match format:
            case "pptx":
                return briefing_pptx(pages, draw, start=plan.start, lang=lang)
            case "docx":
                return briefing_docx(pages, draw, start=plan.start, lang=lang)
            case "pdf":
                return briefing_pdf(pages, draw, start=plan.start, lang=lang)
            case "html":
                return briefing_html(pages, draw, lang=lang)
    raise ValueError(f"format must be one of {FORMATS}, not {format!r}")
