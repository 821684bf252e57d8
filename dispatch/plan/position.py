"""Where each order of a plan is at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Literal

from shapely.ops import substring

from dispatch.network.road import junction_names
from dispatch.network.route import once
from dispatch.plan.plan import Leg, Order, Passage, Point
from dispatch.registry import Registry

State = Literal["waiting", "under_way", "stopped", "carried", "arrived"]


@dataclass(frozen=True)
class Position:
    """How far an order has come.

    Parameters
    ----------
    state : {"waiting", "under_way", "stopped", "carried", "arrived"}
        Not yet left; on the road with a place ahead at which it may turn; at a
        station or airfield, or bound to step out there; aboard, on the way to
        or from a train or aircraft, or on its last stretch, and so bound to
        arrive; there.
    ready_s : int
        When it may leave, reaches the place ahead, or arrives.
    at : tuple of float or None
        The place ahead (lon, lat, EPSG:4326) of who is under way or stopped.
    done : tuple of Leg
        The legs until there.
    party : bool
        Whether it has left its vehicles behind.
    bus_s : int
        When a bus is there for a party; -1 for others.
    """

    state: State
    ready_s: int
    at: Point | None = None
    done: tuple[Leg, ...] = ()
    party: bool = False
    bus_s: int = -1

    @property
    def place_id(self) -> str:
        """Id of the station or airfield; empty elsewhere."""
        return self.done[-1].destination_id if self.done else ""


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
    ahead = junction_ahead(registry, order.legs, at_s)
    return ahead or Position("carried", order.arrive_s)


def junction_ahead(registry: Registry, legs: Sequence[Leg], at_s: int) -> Position | None:
    """Return the next junction on some legs, from a time on; None on the last stretch."""
    for number, leg in enumerate(legs):
        for row, passage in enumerate(leg.passages):
            if passage.leave_s >= at_s and passage.end in (0.0, 1.0):
                line = registry.links.geometry.at[passage.link].coords
                lon, lat = line[0 if passage.end == 0.0 else -1][:2]
                short = _cut(registry, leg, leg.passages[: row + 1], _junction(registry, passage))
                done = (*legs[:number], short)
                return Position("under_way", short.end_s, (float(lon), float(lat)), done)
    return None


def turned_back(registry: Registry, legs: Sequence[Leg], at_s: int) -> Position | None:
    """Return where a drive is that turns round at once: at the junction behind, or its base.

    It goes back as fast as it came, and what it has passed is open to it.
    """
    driven = [(number, passage) for number, leg in enumerate(legs) for passage in leg.passages]
    now = next((k for k, (_n, passage) in enumerate(driven) if passage.leave_s >= at_s), None)
    if now is None:
        return None
    number, ahead = driven[now]
    done = [leg if leg.end_s <= at_s else replace(leg, end_s=at_s) for leg in legs[:number]]
    behind = [passage for _n, passage in driven[:now]]
    if ahead.enter_s < at_s:
        part = replace(ahead, end=_at(ahead, at_s), leave_s=float(at_s))
        row = legs[number].passages.index(ahead)
        where = str(registry.links.at[ahead.link, "ref"] or ahead.link)
        passed = *legs[number].passages[:row], part
        done.append(_cut(registry, legs[number], passed, (where, where)))
        behind.append(part)
    back: list[Passage] = []
    now_s = float(at_s)
    while behind and not (behind[-1].end in (0.0, 1.0) and _on_junction(back, behind[-1])):
        last = behind.pop()
        leave_s = now_s + last.leave_s - last.enter_s
        back.append(Passage(last.link, last.end, last.begin, round(now_s, 3), round(leave_s, 3)))
        now_s = leave_s
    if back:
        done.append(_back(registry, legs[number], tuple(back), done[-1]))
    spot = back[-1] if back else replace(ahead, end=ahead.begin)
    lon, lat = _point(registry, spot)
    return Position("under_way", ceil(now_s), (lon, lat), tuple(done))


def _on_junction(back: Sequence[Passage], last: Passage) -> bool:
    """Tell whether one who goes back is at the junction at which a passage ended."""
    return not back or back[-1].end in (0.0, 1.0)


def _at(passage: Passage, at_s: float) -> float:
    share = (at_s - passage.enter_s) / (passage.leave_s - passage.enter_s)
    return passage.begin + (passage.end - passage.begin) * share


def _point(registry: Registry, passage: Passage) -> Point:
    spot = registry.links.geometry.at[passage.link].interpolate(passage.end, normalized=True)
    return float(spot.x), float(spot.y)


def _back(registry: Registry, leg: Leg, back: tuple[Passage, ...], before: Leg) -> Leg:
    """Return the drive back to the junction behind, after the leg that ended where it turned."""
    length_m = registry.links["length_m"]
    metres = sum(abs(p.end - p.begin) * float(length_m.at[p.link]) for p in back)
    at_junction = back[-1].end in (0.0, 1.0)
    place, english = _junction(registry, back[-1]) if at_junction else (leg.origin, leg.origin_en)
    return replace(
        leg,
        start_s=int(back[0].enter_s),
        end_s=ceil(back[-1].leave_s),
        distance_m=round(metres),
        toll_paid_yuan=0.0,
        toll_waived_yuan=0.0,
        roads=_roads(registry, back),
        links=tuple(dict.fromkeys(passage.link for passage in back)),
        line=_line(registry, back),
        passages=back,
        origin=before.destination,
        origin_en=before.destination_en,
        origin_id="",
        destination=place,
        destination_en=english,
        destination_id="",
    )


def _cut(
    registry: Registry, leg: Leg, passages: tuple[Passage, ...], place: tuple[str, str]
) -> Leg:
    """Return a drive cut short; its length and tolls are shared out by the time driven."""
    end_s = ceil(passages[-1].leave_s)
    share = (end_s - leg.start_s) / max(leg.end_s - leg.start_s, 1)
    return replace(
        leg,
        end_s=end_s,
        distance_m=round(leg.distance_m * share),
        toll_paid_yuan=round(leg.toll_paid_yuan * share, 2),
        toll_waived_yuan=round(leg.toll_waived_yuan * share, 2),
        passages=passages,
        roads=_roads(registry, passages),
        links=tuple(dict.fromkeys(passage.link for passage in passages)),
        line=_line(registry, passages),
        destination=place[0],
        destination_en=place[1],
        destination_id="",
    )


def _junction(registry: Registry, passage: Passage) -> tuple[str, str]:
    """Return how the junction at which a passage ends is called, and in English."""
    link = registry.links.loc[passage.link]
    key = link["from_junction" if passage.end == 0.0 else "to_junction"]
    (name,), (english,) = junction_names(registry["network/junctions"].loc[[key]])
    return name, english


def _roads(registry: Registry, passages: Sequence[Passage]) -> tuple[str, ...]:
    """Return the numbers of the roads driven, each once where it follows itself."""
    refs = registry.links["ref"].fillna("")
    return once([ref for passage in passages if (ref := str(refs.at[passage.link]))])


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
