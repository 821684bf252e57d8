"""Drives of orders, driven once more: where a closure, a limit, the pace or the clock is broken.

Nothing is shared with the search for routes but the tables: ids, ends, lengths,
limits and lines of the links, and the pace of the vehicles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from math import inf
from typing import Final

import shapely
from shapely.ops import substring

from dispatch.i18n import _
from dispatch.network.road import RoadNetwork
from dispatch.plan.pace import is_night, speeds_kmh
from dispatch.plan.plan import Leg, Order, Passage
from dispatch.registry import Registry
from dispatch.scenario import ClosureSpec, Scenario

S_PER_MIN: Final = 60

CLOCK_S: Final = 0.002
"""Times are kept to the millisecond."""

SLIVER_DEG: Final = 1e-5
"""How far a route may seem to reach into a polygon by rounding, about 1 m."""


@dataclass(frozen=True)
class Zone:
    """One closure of roads on the map."""

    spec: ClosureSpec
    polygon: shapely.Polygon | None

    @property
    def from_s(self) -> float:
        """When it begins."""
        return self.spec.from_min * S_PER_MIN

    @property
    def until_s(self) -> float:
        """When it ends; inf where that is not known."""
        return inf if self.spec.until_min is None else self.spec.until_min * S_PER_MIN

    @property
    def slows(self) -> bool:
        """Whether one may pass, more slowly."""
        return bool(self.spec.factor)

    def concerns(self, mass_kg: float) -> bool:
        """Whether a convoy is shut out or slowed."""
        return mass_kg > (self.spec.max_mass_kg or 0)

    def holds(self, link: str, line: shapely.Geometry) -> bool:
        """Whether a piece of a link lies in the zone."""
        if self.polygon is None:
            return link == self.spec.link
        return bool(self.polygon.intersection(line).length > SLIVER_DEG)

    def holds_point(self, point: shapely.Point, junctions: set[str]) -> bool:
        """Whether a point between two pieces lies in the zone."""
        if self.polygon is None:
            return self.spec.junction in junctions
        deep = self.polygon.exterior.distance(point) > SLIVER_DEG
        return bool(deep and self.polygon.contains(point))


@dataclass(frozen=True)
class _Convoy:
    """Who drives: the team, its heaviest and its tallest vehicle, its pace, and what shuts it out.

    ``speed_kmh`` is by road class.
    """

    team: str
    mass_kg: float
    height_m: float
    speed_kmh: dict[str, float]
    zones: Sequence[Zone]


@dataclass(frozen=True)
class Retrace:
    """The roads of a scenario, to drive orders on once more."""

    registry: Registry
    road: RoadNetwork
    scenario: Scenario

    @cached_property
    def zones(self) -> list[Zone]:
        """The closures of roads."""
        return [
            Zone(spec, None if spec.polygon is None else shapely.Polygon(spec.polygon))
            for spec in self.scenario.closures
            if spec.on_road
        ]

    @cached_property
    def row(self) -> dict[str, int]:
        """Row of each link."""
        return {link: row for row, link in enumerate(self.road.link_id)}

    @cached_property
    def size(self) -> dict[str, tuple[float, float]]:
        """Mass and height by vehicle profile."""
        profiles = self.registry["network/profiles"]
        rows = zip(profiles.index, profiles["mass_kg"], profiles["height_m"], strict=True)
        return {str(name): (float(kg), float(m)) for name, kg, m in rows}

    @cached_property
    def vehicles(self) -> dict[str, list[str]]:
        """Profiles of the vehicles of each team."""
        found: dict[str, list[str]] = {}
        for item in self.registry["teams/vehicles"].query("quantity > 0").itertuples():
            found.setdefault(str(item.team_id), []).append(str(item.profile))
        return found

    def breaches(self, order: Order) -> Iterator[str]:
        """Yield what the drives of one order break."""
        for ready_s, legs in _runs(order.legs):
            unknown = sorted({leg.profile for leg in legs} - self.size.keys())
            if unknown or len({leg.profile for leg in legs}) > 1:
                yield _("{team} drives with no known vehicle: {names}.").format(
                    team=order.team_id, names=", ".join(leg.profile or "?" for leg in legs)
                )
            else:
                yield from self._run(self._convoy(order, legs[0].profile, ready_s), legs)

    def _convoy(self, order: Order, profile: str, ready_s: float) -> _Convoy:
        """Put the vehicles together, at the pace of the moment at which they may begin."""
        members = self.vehicles[order.team_id] if order.mode == "road" else [profile]
        mass_kg = max(self.size[name][0] for name in members)
        weather, night = self.scenario.conditions.weather, is_night(self.scenario.start, ready_s)
        return _Convoy(
            team=order.team_id,
            mass_kg=mass_kg,
            height_m=max(self.size[name][1] for name in members),
            speed_kmh=speeds_kmh(self.registry, profile, weather=weather, night=bool(night)),
            zones=[zone for zone in self.zones if zone.concerns(mass_kg)],
        )

    def _run(self, who: _Convoy, legs: Sequence[Leg]) -> Iterator[str]:
        """Yield what drives break that only waits on the road part."""
        driven = [passage for leg in legs for passage in leg.passages]
        for leg in legs:
            yield from self._clock(who, leg)
        for passage in driven:
            yield from self._limits(who, passage)
            yield from self._pace(who, passage)
            yield from self._closed(who, passage)
        for before, after in pairwise(driven):
            yield from self._joint(who, before, after)

    def _clock(self, who: _Convoy, leg: Leg) -> Iterator[str]:
        times = [leg.start_s, *(t for p in leg.passages for t in (p.enter_s, p.leave_s)), leg.end_s]
        if any(later < earlier - CLOCK_S for earlier, later in pairwise(times)):
            yield _("{team} drives before it sets out, or after it has arrived.").format(
                team=who.team
            )

    def _limits(self, who: _Convoy, passage: Passage) -> Iterator[str]:
        """Yield a link that is too weak or too low."""
        row = self.row[passage.link]
        mass_kg, height_m = (
            float(limit[row]) for limit in (self.road.link_max_mass_kg, self.road.link_max_height_m)
        )
        if who.mass_kg > mass_kg:
            yield _("{team} drives {link} with {mass} kg; it bears {limit} kg.").format(
                team=who.team, link=passage.link, mass=round(who.mass_kg), limit=round(mass_kg)
            )
        if who.height_m > height_m:
            yield _("{team} drives {link} with a height of {height} m; {limit} m are free.").format(
                team=who.team, link=passage.link, height=who.height_m, limit=height_m
            )

    def _pace(self, who: _Convoy, passage: Passage) -> Iterator[str]:
        """Yield a piece that takes longer or less than its length, speed and zones say."""
        row = self.row[passage.link]
        if passage.begin > passage.end and not self.road.link_both[row]:
            yield _("{team} drives {link} against its direction.").format(
                team=who.team, link=passage.link
            )
        speed_ms = who.speed_kmh[self.road.link_class[row]] / 3.6
        length_m = abs(passage.end - passage.begin) * float(self.road.link_length_m[row])
        piece = self._line(passage, passage.begin, passage.end)
        slowed = [
            zone.spec.factor or 1.0
            for zone in who.zones
            if zone.slows
            and zone.from_s - CLOCK_S <= passage.enter_s < zone.until_s - CLOCK_S
            and zone.holds(passage.link, piece)
        ]
        factor = min(slowed, default=1.0)
        expected_s = length_m / speed_ms / factor
        if abs(passage.leave_s - passage.enter_s - expected_s) > CLOCK_S * (1 + 1 / factor):
            yield _("{team} takes {taken} s along {link}, not {expected} s.").format(
                team=who.team,
                taken=round(passage.leave_s - passage.enter_s, 3),
                link=passage.link,
                expected=round(expected_s, 3),
            )

    def _closed(self, who: _Convoy, passage: Passage) -> Iterator[str]:
        """Yield a piece driven in a zone while it is closed, by where the vehicle is then."""
        took_s = passage.leave_s - passage.enter_s
        for zone in who.zones:
            start = max(passage.enter_s, zone.from_s)
            stop = min(passage.leave_s, zone.until_s)
            if zone.slows or stop - start <= CLOCK_S:
                continue
            begin, end = (
                passage.begin + (passage.end - passage.begin) * (time - passage.enter_s) / took_s
                for time in (start, stop)
            )
            if zone.holds(passage.link, self._line(passage, begin, end)):
                yield _("{team} drives {link} while {closure} closes it.").format(
                    team=who.team, link=passage.link, closure=zone.spec.name
                )

    def _joint(self, who: _Convoy, before: Passage, after: Passage) -> Iterator[str]:
        """Yield pieces that do not follow one another, and stops within a closed zone."""
        ends = self._junctions(before, before.end), self._junctions(after, after.begin)
        junctions = ends[0] & ends[1]
        same = before.link == after.link and before.end == after.begin
        if not (junctions or same):
            yield _("{team} leaps from {link} to {next}.").format(
                team=who.team, link=before.link, next=after.link
            )
        for zone in who.zones:
            meanwhile = (
                before.leave_s < zone.until_s - CLOCK_S and after.enter_s > zone.from_s + CLOCK_S
            )
            if zone.slows or not meanwhile:
                continue
            point = shapely.Point(
                shapely.get_coordinates(self._line(after, after.begin, after.end))[0]
            )
            if zone.holds_point(point, junctions):
                yield _("{team} stands on {link} while {closure} closes it.").format(
                    team=who.team, link=after.link, closure=zone.spec.name
                )

    def _junctions(self, passage: Passage, fraction: float) -> set[str]:
        """Return the junction at an end of a link; none within it."""
        if fraction not in (0.0, 1.0):
            return set()
        node = self.road.link_ends[self.row[passage.link], int(fraction)]
        return {self.road.junction_id[self.road.node_junction[node]]}

    def _line(self, passage: Passage, begin: float, end: float) -> shapely.Geometry:
        scale = self.road.east_scale
        line = shapely.transform(
            self.road.link_line[self.row[passage.link]], lambda xy: xy * (scale, 1.0)
        )
        piece = substring(line, begin, end, normalized=True)
        return shapely.transform(piece, lambda xy: xy / (scale, 1.0))


def _runs(legs: Sequence[Leg]) -> Iterator[tuple[float, list[Leg]]]:
    """Yield the drives that only waits part, with when the first may begin.

    A wait that comes first of all is for the order that releases the team, not
    for a road.
    """
    moves = legs[1:] if legs and legs[0].kind == "wait" else legs
    for on_road, group in groupby(moves, key=lambda leg: leg.kind in ("wait", "drive")):
        run = list(group)
        drives = [leg for leg in run if leg.kind == "drive"]
        if on_road and drives:
            yield run[0].start_s, drives
