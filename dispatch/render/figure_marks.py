"""What a plan puts on a printed map: routes, teams, incidents, and the names around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, sqrt
from typing import Any, Final, Literal

from geopandas import GeoDataFrame
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from pandas import DataFrame

from dispatch.i18n import pick
from dispatch.plan.plan import Plan
from dispatch.render.background import place_labels, road_labels
from dispatch.render.drawing import ALARM, INK, SOFT, TIER_INK, TIER_MARKER, extent_pt, write
from dispatch.render.figure_closures import Spot
from dispatch.render.figure_ground import frame_of, unpack
from dispatch.render.placing import Box, Request, place
from dispatch.render.text import cut
from dispatch.render.tracks import flows
from dispatch.render.view import Card, Row, View

Marker = str | tuple[int, int, int]
"""A marker as Matplotlib names it."""

Stroke = Literal["solid"] | tuple[float, tuple[float, float]]

WAYS: Final[dict[str, tuple[str, Stroke]]] = {
    "drive": ("#2f4b7c", "solid"),
    "ride": ("#111111", (0, (4, 1.6))),
    "fly": ("#b0005a", (0, (1, 1.4))),
}
"""Ink and stroke of a way by its kind of leg; any other is drawn as a drive."""

MARK_PT: Final = 7.0
STAR_PT: Final = 17.0
STAR: Final = (8, 1, 0)
"""A star of eight rays, as on the screen, with room for a letter."""

SLIM: Final = {"D": 0.8}
"""What is drawn smaller than other marks, as it reaches farther."""

NEAR_PT: Final = 9.0
"""Teams nearer than this on paper share one label."""

ROOM_PT2: Final = 4500
"""Paper for each label, in square points, below which labels of teams keep to their marks."""

FEW: Final = 3
"""So many incidents have their names in large letters."""

NAME_COLUMNS: Final = 44
"""Longest name of an incident, in half Chinese characters."""

NUMBERS: Final = 22
"""Longest label of a group of teams, in characters."""


def way_of(kind: str) -> str:
    """Return the kind of way that a kind of leg is drawn as."""
    return kind if kind in WAYS else "drive"


def draw_flows(ax: Axes, plan: Plan) -> None:
    """Draw the ways, the thicker the more teams take them."""
    for kind, (ink, stroke) in WAYS.items():
        routes = [
            [point for leg in order.legs if way_of(leg.kind) == kind for point in leg.line]
            for order in plan.orders
        ]
        for number, lines in flows(route for route in routes if len(route) > 1):
            ax.add_collection(
                LineCollection(
                    [unpack(line) for line in lines],
                    colors=ink,
                    linewidths=flow_width(number),
                    linestyles=[stroke],
                    capstyle="round" if stroke == "solid" else "butt",
                    alpha=0.85,
                    zorder=5,
                )
            )


def flow_width(teams: int) -> float:
    """Return the width of a way by the number of teams that take it, in points."""
    return 0.7 + 0.6 * sqrt(teams)


def on_paper(ax: Axes, lon: float, lat: float) -> tuple[float, float]:
    """Return where a place stands on the sheet, in points."""
    x, y = ax.transData.transform((lon, lat))
    return float(x) * 72 / ax.figure.dpi, float(y) * 72 / ax.figure.dpi


def from_paper(ax: Axes, x: float, y: float) -> tuple[float, float]:
    """Return where a point of the sheet lies in the axes, as fractions of these."""
    dpi = ax.figure.dpi / 72
    across, up = ax.transAxes.inverted().transform((x * dpi, y * dpi))
    return float(across), float(up)


def frame_on_paper(ax: Axes, rim_pt: float = 2.0) -> Box:
    """Return the frame of the map less a rim, in points."""
    west, south, east, north = frame_of(ax)
    (left, bottom), (right, top) = on_paper(ax, west, south), on_paper(ax, east, north)
    return (left + rim_pt, bottom + rim_pt, right - rim_pt, top - rim_pt)


def draw_marks(ax: Axes, shown: View, spots: Sequence[Spot], taken: Sequence[Box]) -> list[Box]:
    """Draw incidents, closures and teams with their names; return where all stand, in points."""
    size_pt = 10.0 if len(shown.cards) <= FEW else 8.5
    groups = [_Group.of(card, ax, size_pt) for card in shown.cards]
    groups += [_Group.at(spot, ax) for spot in spots]
    groups += _clusters(ax, shown)
    full = [*taken, *(box for group in groups for box in group.draw(ax))]
    frame = frame_on_paper(ax)
    roomy = (frame[2] - frame[0]) * (frame[3] - frame[1]) > ROOM_PT2 * len(groups)
    requests = [group.request(far=roomy or group.ink != INK) for group in groups]
    boxes = place(requests, frame, full)
    for group, request, box in zip(groups, requests, boxes, strict=True):
        if box is not None:
            _lead(ax, request, box)
            _set(
                ax, group.text, box, group.size_pt, color=group.ink, bold=group.incident, zorder=11
            )
    return full + [box for box in boxes if box is not None]


def numbers(rows: Sequence[Row]) -> str:
    """Return the numbers of orders, runs of them drawn together."""
    runs: list[list[int]] = [[rows[0].number, rows[0].number]]
    for before, row in pairwise(rows):
        if row.number == before.number + 1:
            runs[-1][1] = row.number
        else:
            runs.append([row.number, row.number])
    parts = [f"{low}" if low == high else f"{low}–{high}" for low, high in runs]
    shown = len(parts)
    while len(",".join(parts[:shown])) > NUMBERS:
        shown -= 1
    return ",".join(parts[:shown]) + (" …" if shown < len(parts) else "")


def name_places(
    ax: Axes, taken: Sequence[Box], *, counties: DataFrame, areas: GeoDataFrame, roads: GeoDataFrame
) -> None:
    """Name cities, counties and roads where marks and labels leave room."""
    west, south, east, north = frame_of(ax)
    style: dict[str, dict[str, Any]] = {
        "city": {"size_pt": 11.0, "color": "#747c84", "bold": True},
        "county": {"size_pt": 7.0, "color": SOFT},
        "motorway": {"size_pt": 6.7, "color": "#5d5541"},
        "trunk": {"size_pt": 6.7, "color": "#5d5541"},
        "primary": {"size_pt": 6.7, "color": "#5d5541"},
    }
    wanted = [
        (label, style[label["kind"]])
        for label in place_labels(counties, areas) + road_labels(roads)
        if south < label["at"][0] < north and west < label["at"][1] < east
    ]
    requests = [_request(ax, label, look) for label, look in wanted]
    boxes = place(requests, frame_on_paper(ax), taken)
    for (label, look), box in zip(wanted, boxes, strict=True):
        if box is not None:
            shield = label["kind"] not in ("city", "county")
            frame = {"boxstyle": "square,pad=0.15", "fc": "white", "ec": "#b3a68c", "lw": 0.4}
            more = {"bbox": frame} if shield else {"halo": True}
            _set(ax, cut(label["text"], 20), box, **look, **more, zorder=7)


def _request(ax: Axes, label: dict[str, Any], look: dict[str, Any]) -> Request:
    lat, lon = label["at"]
    x, y = on_paper(ax, lon, lat)
    width, height = extent_pt(cut(label["text"], 20), look["size_pt"])
    # room around a shield keeps two of a road from standing side by side
    room = {"city": 2.0, "county": 1.0}.get(label["kind"], 5.0)
    return Request(x, y, width + 2 * room, height + 2 * room, centred=True)


@dataclass(frozen=True)
class _Group:
    """Marks that stand together and share one label; place in points of the paper."""

    x: float
    y: float
    text: str
    markers: tuple[tuple[Marker, str], ...]
    incident: bool
    size_pt: float
    ink: str = INK
    letter: str = ""

    @classmethod
    def of(cls, card: Card, ax: Axes, size_pt: float) -> _Group:
        """Return the mark of an incident."""
        name = pick(card.incident.name, card.incident.name_en)
        at = on_paper(ax, card.incident.lon, card.incident.lat)
        text = f"{card.letter} · {cut(name, NAME_COLUMNS)}"
        return cls(*at, text, ((STAR, ALARM),), True, size_pt, ALARM, card.letter)

    @classmethod
    def at(cls, spot: Spot, ax: Axes) -> _Group:
        """Return the mark of a closure."""
        at = on_paper(ax, spot.lon, spot.lat)
        return cls(*at, spot.text, ((spot.marker, spot.ink),), False, 7.5, spot.ink)

    @classmethod
    def near(cls, at: tuple[float, float], rows: Sequence[Row]) -> _Group:
        """Return the marks of teams that stand together, one for each tier."""
        tiers = [tier for tier in TIER_MARKER if any(r.order.tier == tier for r in rows)]
        markers = tuple((TIER_MARKER[tier], TIER_INK[tier]) for tier in tiers)
        return cls(*at, numbers(rows), markers or (("o", INK),), False, 7.5)

    @property
    def mark_pt(self) -> float:
        return STAR_PT if self.incident else MARK_PT

    def request(self, *, far: bool) -> Request:
        """Ask for room beside the marks."""
        width, height = extent_pt(self.text, self.size_pt)
        gap = self.mark_pt * len(self.markers) / 2 + 2.5
        return Request(self.x, self.y, width + 2, height, gap, far=far)

    def draw(self, ax: Axes) -> Iterator[Box]:
        """Draw the marks side by side; yield where each stands."""
        for index, (marker, ink) in enumerate(self.markers):
            x = self.x + (index - (len(self.markers) - 1) / 2) * self.mark_pt
            half = self.mark_pt / 2
            ax.plot(
                *from_paper(ax, x, self.y), marker=marker, color=ink,
                markersize=self.mark_pt * SLIM.get(str(marker), 1), linestyle="none",
                markeredgecolor="white", markeredgewidth=0.7,
                zorder=9 if self.incident else 8, transform=ax.transAxes,
            )  # fmt: skip
            if self.letter:
                at = (self.x - half, self.y - half, self.x + half, self.y + half)
                _set(ax, self.letter, at, 7.0, color="white", bold=True, halo=False, zorder=9.5)
            yield (x - half, self.y - half, x + half, self.y + half)


def _clusters(ax: Axes, shown: View) -> list[_Group]:
    """Gather teams that stand together on paper."""
    found: list[tuple[tuple[float, float], list[Row]]] = []
    for row in shown.rows:
        here = on_paper(ax, row.order.origin.lon, row.order.origin.lat)
        for there, rows in found:
            if hypot(here[0] - there[0], here[1] - there[1]) < NEAR_PT:
                rows.append(row)
                break
        else:
            found.append((here, [row]))
    return [_Group.near(at, rows) for at, rows in found]


def _set(ax: Axes, text: str, box: Box, size_pt: float, **style: Any) -> None:
    x, y = from_paper(ax, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    style.setdefault("halo", "bbox" not in style)
    write(
        ax, x, y, text, size_pt, transform=ax.transAxes, ha="center", va="center_baseline", **style
    )


def _lead(ax: Axes, request: Request, box: Box) -> None:
    """Draw a line to a label that stands away from its point."""
    x, y = min(max(request.x, box[0]), box[2]), min(max(request.y, box[1]), box[3])
    if hypot(x - request.x, y - request.y) > request.gap * 1.5:
        ends = [from_paper(ax, request.x, request.y), from_paper(ax, x, y)]
        line = zip(*ends, strict=True)
        ax.plot(*line, color=INK, linewidth=0.5, zorder=7.5, transform=ax.transAxes)
