"""Where each order of a plan is at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Literal

from shapely.ops import substring

from dispatch.plan.plan import Order, Passage, Point
from dispatch.registry import Registry

State = Literal["waiting", "under_way", "carried", "arrived"]


@dataclass(frozen=True)
class Position:
    """How far an order has come.

    Parameters
    ----------
    state : {"waiting", "under_way", "carried", "arrived"}
        Not yet left; on the road with a junction ahead at which it may turn;
        aboard, on the way to or from a train or aircraft, or on its last
        stretch, and so bound to arrive; there.
    ready_s : int
        When it may leave, reaches the junction, or arrives.
    at : tuple of float or None
        The junction ahead (lon, lat, EPSG:4326) of a team under way.
    leg, passage : int
        The leg and its passage that end at the junction; -1 without one.
    """

    state: State
    ready_s: int
    at: Point | None = None
    leg: int = -1
    passage: int = -1


def position_of(registry: Registry, order: Order, at_s: int) -> Position:
    """Return where an order is, so many seconds after the start of the scenario."""
    if at_s >= order.arrive_s:
        return Position("arrived", order.arrive_s)
    leave_s = next(
        (
            leg.end_s if leg.kind == "mobilise" else leg.start_s
            for leg in order.legs
            if leg.kind != "wait" or leg.passages
        ),
        order.depart_s,
    )
    if at_s < order.depart_s:
        return Position("waiting", max(leave_s, at_s))
    if order.mode != "road":
        return Position("carried", order.arrive_s)
    for number, leg in enumerate(order.legs):
        for row, passage in enumerate(leg.passages):
            if passage.leave_s >= at_s and passage.end in (0.0, 1.0):
                line = registry.links.geometry.at[passage.link].coords
                lon, lat = line[0 if passage.end == 0.0 else -1][:2]
                ready_s = ceil(passage.leave_s)
                return Position("under_way", ready_s, (float(lon), float(lat)), number, row)
    return Position("carried", order.arrive_s)


def driven_until(registry: Registry, order: Order, place: Position) -> Order:
    """Return an order with the legs driven until the junction ahead, and no more.

    Lengths and tolls of a leg cut short are shared out by the time driven.
    """
    cut = order.legs[place.leg]
    passages = cut.passages[: place.passage + 1]
    end_s = place.ready_s
    share = (end_s - cut.start_s) / max(cut.end_s - cut.start_s, 1)
    short = replace(
        cut,
        end_s=end_s,
        distance_m=round(cut.distance_m * share),
        toll_paid_yuan=round(cut.toll_paid_yuan * share, 2),
        toll_waived_yuan=round(cut.toll_waived_yuan * share, 2),
        passages=passages,
        links=tuple(dict.fromkeys(passage.link for passage in passages)),
        line=_line(registry, passages),
        destination=junction(registry, passages[-1]),
        destination_en="",
    )
    return replace(order, legs=(*order.legs[: place.leg], short))


def junction(registry: Registry, passage: Passage) -> str:
    """Return the name of the junction at which a passage ends."""
    link = registry.links.loc[passage.link]
    key = link["from_junction" if passage.end == 0.0 else "to_junction"]
    return str(registry["network/junctions"].at[key, "name"])


def _line(registry: Registry, passages: Sequence[Passage]) -> tuple[Point, ...]:
    lines = registry.links.geometry
    points = [
        (float(lon), float(lat))
        for passage in passages
        for lon, lat, *_height in substring(
            lines.at[passage.link], passage.begin, passage.end, normalized=True
        ).coords
    ]
    return tuple(dict.fromkeys(points))
