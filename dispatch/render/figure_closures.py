"""Closures on a printed map: areas hatched, lines crossed out, each with a mark and its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import shapely
from geopandas import GeoDataFrame
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D

from dispatch.i18n import pick
from dispatch.render import labels
from dispatch.render.figure_ground import frame_of
from dispatch.render.text import cut

NAME_COLUMNS: Final = 44


@dataclass(frozen=True)
class Look:
    """Ink, hatch and marker of an effect, told apart without colour too."""

    ink: str
    hatch: str
    marker: Literal["X", "v", "P"]


LOOKS: Final = {
    "closed": Look("#a50026", "xxxx", "X"),
    "slowed": Look("#8a5a00", "////", "v"),
    "limited": Look("#5a3d8a", "....", "P"),
}


@dataclass(frozen=True)
class Spot:
    """A place with a marker and a few words beside it (EPSG:4326)."""

    lon: float
    lat: float
    text: str
    marker: str
    ink: str


def seen_closures(ax: Axes, closures: GeoDataFrame | None) -> GeoDataFrame | None:
    """Return the closures that lie in the frame; None where there is none."""
    if closures is None:
        return None
    west, south, east, north = frame_of(ax)
    seen = closures[closures.geometry.intersects(shapely.box(west, south, east, north))]
    return seen if len(seen) else None


def draw_closures(ax: Axes, seen: GeoDataFrame | None) -> Iterator[Spot]:
    """Draw areas and lines; yield the mark that each closure has within the frame."""
    if seen is None:
        return
    west, south, east, north = frame_of(ax)
    frame = shapely.box(west, south, east, north)
    for row in seen.itertuples():
        look, shape = LOOKS[row.effect], row.geometry
        parts = shapely.get_parts(shape)
        _areas(ax, [part for part in parts if part.geom_type == "Polygon"], look)
        _lines(ax, [part for part in parts if part.geom_type == "LineString"], look)
        at = _middle(shapely.intersection(shape, frame))
        name = cut(pick(row.name, row.name_en), NAME_COLUMNS)
        yield Spot(at.x, at.y, name, look.marker, look.ink)


def closure_entries(seen: GeoDataFrame | None) -> list[tuple[Line2D, str]]:
    """Return the entries of a legend for the effects that are on the map."""
    effects = [] if seen is None else list(seen["effect"])
    return [
        (
            Line2D(
                [], [], marker=look.marker, color=look.ink, markersize=7, linestyle="none",
                markeredgecolor="white",
            ),
            labels.effect(effect),
        )
        for effect, look in LOOKS.items()
        if effect in effects
    ]  # fmt: skip


def _areas(ax: Axes, areas: list[Any], look: Look) -> None:
    rings = [np.asarray(area.exterior.coords) for area in areas]
    style: dict[str, Any] = {"edgecolors": look.ink, "linewidths": 0.9, "zorder": 6}
    ax.add_collection(PolyCollection(rings, facecolors="none", hatch=look.hatch, **style))


def _lines(ax: Axes, lines: list[Any], look: Look) -> None:
    points = [np.asarray(line.coords) for line in lines]
    for width, ink, stroke in ((3.4, look.ink, "solid"), (1.8, "white", (0, (2, 2)))):
        ax.add_collection(
            LineCollection(points, colors=ink, linewidths=width, linestyles=[stroke], zorder=6)
        )


def _middle(shape: shapely.Geometry) -> shapely.Point:
    """Return a point on a shape: the middle of the longest piece of a line."""
    longest: Any = max(shapely.get_parts(shape), key=lambda part: (part.length, part.wkb))
    if longest.geom_type == "LineString":
        return shapely.Point(longest.interpolate(0.5, normalized=True))
    return shapely.Point(longest.representative_point())
