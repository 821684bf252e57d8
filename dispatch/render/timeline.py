"""A plan on the clock: who does what when, as a Gantt chart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from dispatch.i18n import _, ngettext, pick, speaking
from dispatch.plan.plan import DemandState, Plan
from dispatch.render import counted, labels
from dispatch.render.drawing import ALARM, EDGE, INK, SOFT, extent_pt, fitting, sheet, write
from dispatch.render.fonts import drawable, font
from dispatch.render.view import Card, Row, View, view

MOST: Final = 28
"""Most lanes that can be read on one sheet."""

MOST_FOR_NAMES: Final = 0.34
"""Share of a chart's width that the names of its lanes take at most."""

LEG_LOOK: Final = {
    "wait": ("#ffffff", "////"),
    "mobilise": ("#d9dde1", "...."),
    "load": ("#f0e442", ""),
    "drive": ("#2f6fad", ""),
    "transfer": ("#cc79a7", "xxxx"),
    "ride": ("#111111", ""),
    "fly": ("#d55e00", "\\\\\\\\"),
}
"""Fill and hatch of each kind of leg, told apart without colour too."""

OTHER_LOOK: Final = ("#a9b1b8", "")
STEPS_H: Final = (0.25, 0.5, 1, 2, 3, 6, 12, 24)


@dataclass(frozen=True)
class Lane:
    """One line of the chart; times in seconds after the start.

    Parameters
    ----------
    name : str
    bars : tuple of (int, int, str)
        Start, end and kind of leg; an empty kind for a span of several teams.
    arrivals : tuple of int
    target_s : int or None
        When it is wanted.
    late : bool
        Whether something comes after its target, or not at all.
    note : str
        Stands behind the bars.
    """

    name: str
    bars: tuple[tuple[int, int, str], ...]
    arrivals: tuple[int, ...]
    target_s: int | None
    late: bool
    note: str


def plan_timeline(
    plan: Plan, *, ax: Axes | None = None, size: str = "16:9", lang: str = "zh"
) -> Figure:
    """Draw a plan as a Gantt chart.

    A small plan has a lane for each team, a greater one for each need, the
    greatest for each incident: no more lanes than can be read.

    Parameters
    ----------
    plan : Plan
    ax : Axes, optional
        Axes to draw into; without them a sheet is made.
    size : {"a4", "a4-landscape", "16:9"}
        Of the sheet.
    lang : {"zh", "en"}

    Returns
    -------
    Figure
        That of ``ax``, or the new sheet.
    """
    with speaking(lang):
        figure = sheet(size) if ax is None else ax.get_figure(root=True)
        assert figure is not None  # noqa: S101  axes that can be drawn into have a figure
        if ax is None:
            ax = figure.add_axes((0.03, 0.07, 0.94, 0.86))
        _chart(ax, view(plan))
        return figure


def lanes(shown: View) -> list[Lane]:
    """Return the lanes of a chart, as fine as there is room for."""
    if len(shown.rows) <= MOST:
        return [_of_team(shown, row) for row in shown.rows]
    needs = [(card, demand) for card in shown.cards for demand in card.incident.demands]
    if len(needs) <= MOST:
        return [_of_need(shown, card, demand) for card, demand in needs]
    return [_of_incident(shown, card) for card in shown.cards[:MOST]]


def _of_team(shown: View, row: Row) -> Lane:
    order = row.order
    name = f"{row.number} {pick(order.team_name, order.team_name_en)}"
    bars = tuple((leg.start_s, leg.end_s, leg.kind) for leg in order.legs)
    late = any(not task.on_time for task in order.tasks)
    note = shown.clock(order.arrive_s) + (f" {_('late')}" if late else "")
    return Lane(name, bars, (order.arrive_s,), None, late, note)


def _of_need(shown: View, card: Card, demand: DemandState) -> Lane:
    rows = card.serving(demand)
    letter = f"{card.letter} " if len(shown.cards) > 1 else ""
    name = letter + pick(demand.capability_name, demand.capability_name_en)
    note = _("on time {met_by_target}, met {met} of {quantity}").format(
        met_by_target=f"{demand.met_by_target:,}",
        met=f"{demand.met:,}",
        quantity=f"{demand.quantity:,}",
    )
    late = demand.met_by_target < demand.quantity
    return _span(name, rows, demand.target_s, late=late, note=note)


def _of_incident(shown: View, card: Card) -> Lane:
    name = f"{card.letter} {pick(card.incident.name, card.incident.name_en)}"
    unmet = sum(demand.unmet > 0 for demand in card.incident.demands)
    note = counted.teams(len(card.rows))
    if unmet:
        text = ngettext("{count} need unmet", "{count} needs unmet", unmet)
        note += " · " + text.format(count=unmet)
    return _span(name, card.rows, None, late=unmet > 0, note=note)


def _span(name: str, rows: Iterable[Row], target_s: int | None, *, late: bool, note: str) -> Lane:
    orders = [row.order for row in rows]
    bars = tuple(
        (min(o.depart_s for o in orders), max(o.arrive_s for o in orders), "")
        for _one in orders[:1]
    )
    return Lane(name, bars, tuple(o.arrive_s for o in orders), target_s, late, note)


def _chart(ax: Axes, shown: View) -> None:
    found = lanes(shown)
    ax.set_ylim(len(found) - 0.4, -0.6)
    ax.set_yticks([])
    for side in ("left", "right", "top"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color(EDGE)
    box = ax.get_window_extent()
    points = 72 / ax.figure.dpi
    width_pt, height_pt = box.width * points, box.height * points
    size_pt = min(11.0, max(6.0, height_pt / max(len(found), 8) * 0.5))
    names = [fitting(lane.name, size_pt, width_pt * MOST_FOR_NAMES) for lane in found]
    notes = [fitting(lane.note, size_pt, width_pt * 0.32) for lane in found]
    left_pt = max((extent_pt(name, size_pt)[0] for name in names), default=0) + 8
    right_pt = max((extent_pt(note, size_pt)[0] for note in notes), default=0) + 10
    last_s = max((s for lane in found for s in _times(lane)), default=3600)
    per_pt = last_s / max(width_pt - left_pt - right_pt, 1)
    ax.set_xlim(-left_pt * per_pt, last_s + right_pt * per_pt)
    for index, (lane, name, note) in enumerate(zip(found, names, notes, strict=True)):
        _draw(ax, lane, index)
        write(ax, -6 * per_pt, index, name, size_pt, ha="right", va="center_baseline")
        ink = ALARM if lane.late else SOFT
        end_s = max(_times(lane), default=0)
        write(ax, end_s + 7 * per_pt, index, note, size_pt, color=ink, va="center_baseline")
    _hours(ax, shown.plan, last_s, last_s / per_pt, size_pt)
    _key(ax, found, size_pt)


def _times(lane: Lane) -> list[int]:
    target = [] if lane.target_s is None else [lane.target_s]
    return [*(end for _start, end, _kind in lane.bars), *lane.arrivals, *target]


def _draw(ax: Axes, lane: Lane, index: int) -> None:
    for start, end, kind in lane.bars:
        fill, hatch = LEG_LOOK.get(kind, OTHER_LOOK) if kind else ("#c9dcec", "")
        ax.barh(
            index, end - start, left=start, height=0.62, color=fill, hatch=hatch,
            edgecolor="#5a646c", linewidth=0.4, zorder=3,
        )  # fmt: skip
    if not any(kind for _start, _end, kind in lane.bars):
        ax.vlines(lane.arrivals, index - 0.31, index + 0.31, color=INK, linewidth=1.1, zorder=4)
    if lane.target_s is not None:
        ax.plot(
            lane.target_s, index, marker="D", color=ALARM, markersize=6,
            markeredgecolor="white", zorder=5,
        )  # fmt: skip


def _hours(ax: Axes, plan: Plan, last_s: int, width_pt: float, size_pt: float) -> None:
    """Write round hours of the day below, a line up from each, the date at each new day."""
    start = datetime.fromisoformat(plan.start)
    room = width_pt / (extent_pt("00:00", size_pt)[0] * 1.8)
    step_h = next((step for step in STEPS_H if last_s / 3600 / step <= room), STEPS_H[-1])
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    first = int((start - midnight).total_seconds() // (step_h * 3600))
    ticks, texts, day = [], [], None
    for number in range(first, first + 40):
        moment = midnight + timedelta(hours=step_h * number)
        seconds = (moment - start).total_seconds()
        if 0 <= seconds <= last_s:
            ticks.append(seconds)
            texts.append(f"{moment:%H:%M}" + (f"\n{moment:%m-%d}" if moment.date() != day else ""))
            day = moment.date()
    ax.set_xticks(ticks, texts, fontproperties=font(size_pt))
    ax.tick_params(axis="x", colors=SOFT, length=3)
    ax.grid(axis="x", color=EDGE, linewidth=0.5, zorder=0)


def _key(ax: Axes, found: list[Lane], size_pt: float) -> None:
    kinds = {kind for lane in found for _start, _end, kind in lane.bars}
    frame: dict[str, Any] = {"edgecolor": "#5a646c", "linewidth": 0.4}
    handles: list[Any] = [
        Patch(facecolor=fill, hatch=hatch, label=drawable(labels.leg(kind)), **frame)
        for kind, (fill, hatch) in LEG_LOOK.items()
        if kind in kinds
    ]
    if "" in kinds:
        handles.append(Patch(facecolor="#c9dcec", label=_("under way"), **frame))
        handles += ax.plot(
            [], [], "|", color=INK, markersize=9, markeredgewidth=1.2, label=_("a team arrives")
        )
    if any(lane.target_s is not None for lane in found):
        handles += ax.plot([], [], "D", color=ALARM, markersize=6, label=_("wanted by"))
    if handles:
        ax.legend(
            handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(handles),
            prop=font(size_pt), frameon=False, borderaxespad=0.2, handlelength=1.6,
        )  # fmt: skip
