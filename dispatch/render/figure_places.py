"""What a registry holds, on a printed map: teams by tier, depots, airbases."""

from __future__ import annotations

from typing import Any, Final

from geopandas import GeoDataFrame
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from pandas import DataFrame

from dispatch.i18n import _, speaking
from dispatch.render import labels
from dispatch.render.drawing import TIER_INK, TIER_MARKER
from dispatch.render.figure_ground import draw_ground, set_frame
from dispatch.render.figure_marks import name_places
from dispatch.render.figure_rim import (
    box_of,
    draw_north,
    draw_notice,
    draw_scale,
    ground_entries,
    write_legend,
)

RIM: Final = 0.03
"""Rim around a region over its width and height."""

SITES: Final[dict[str, dict[str, Any]]] = {
    "depot": {"marker": "p", "color": "#7a4a00", "markersize": 9},
    "airbase": {"marker": "2", "color": "#b0005a", "markersize": 9, "markeredgewidth": 1.6},
}


def ground_figure(
    ax: Axes, *, counties: DataFrame, areas: GeoDataFrame, roads: GeoDataFrame, lang: str = "zh"
) -> None:
    """Draw borders, roads, names, scale and north arrow of all areas into axes.

    What is drawn into the axes afterwards, in EPSG:4326 and with a ``zorder``
    of 4 to 6, lies over the roads and under the names.

    Parameters
    ----------
    ax : Axes
    counties, areas, roads
        As :func:`dispatch.render.figure.plan_figure` takes them.
    lang : {"zh", "en"}
    """
    with speaking(lang):
        _frame(ax, areas)
        ground: dict[str, Any] = {"counties": counties, "areas": areas, "roads": roads}
        draw_ground(ax, **ground)
        name_places(ax, [draw_scale(ax), draw_north(ax)], **ground)


def places_figure(
    ax: Axes,
    *,
    counties: DataFrame,
    areas: GeoDataFrame,
    roads: GeoDataFrame,
    teams: DataFrame,
    depots: DataFrame,
    airbases: DataFrame,
    lang: str = "zh",
) -> None:
    """Draw where teams, depots and airbases stand.

    Parameters
    ----------
    ax : Axes
    counties, areas, roads
        As :func:`dispatch.render.figure.plan_figure` takes them.
    teams : DataFrame
        Columns tier, lon, lat, status.
    depots, airbases : DataFrame
        Columns lon, lat, status.
    lang : {"zh", "en"}
    """
    with speaking(lang):
        _frame(ax, areas)
        ground: dict[str, Any] = {"counties": counties, "areas": areas, "roads": roads}
        draw_ground(ax, **ground)
        entries = []
        for tier, marker in TIER_MARKER.items():
            some = teams[teams["tier"] == tier]
            look = {"marker": marker, "color": TIER_INK[tier], "markersize": 5}
            entries.append(_dots(ax, some, labels.tier(tier), look))
        entries.append(_dots(ax, depots, _("storehouses"), SITES["depot"]))
        entries.append(_dots(ax, airbases, _("airfields and landing points"), SITES["airbase"]))
        invented = any((f["status"] == "illustrative").any() for f in (teams, depots, airbases))
        legend = write_legend(ax, [*entries, *ground_entries()], loc="lower right", frame=True)
        rim = [draw_scale(ax), draw_north(ax), *draw_notice(ax, invented), box_of(legend)]
        name_places(ax, rim, **ground)


def _frame(ax: Axes, areas: GeoDataFrame) -> None:
    west, south, east, north = areas.total_bounds
    wide, high = (east - west) * RIM, (north - south) * RIM
    set_frame(ax, west - wide, south - high, east + wide, north + high)


def _dots(ax: Axes, some: DataFrame, name: str, look: dict[str, Any]) -> tuple[Line2D, str]:
    """Draw places; return their entry for a legend, with how many there are."""
    edge = {"markeredgecolor": "white", "markeredgewidth": 0.5} if look["marker"] != "2" else {}
    style = {"linestyle": "none", "zorder": 8, **edge, **look}
    ax.plot(some["lon"], some["lat"], **style)
    return Line2D([], [], **style), _("{name} ({count})").format(name=name, count=len(some))
