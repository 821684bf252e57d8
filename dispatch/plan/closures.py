"""Closures of a scenario: what is wrong with them, and proof that no order breaks one.

The proof shares nothing with the search for routes but the tables: it drives
each order once more by link ids, lengths, speeds and geometry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import pairwise
from math import inf
from typing import Final

import shapely
from shapely.ops import substring

from dispatch.errors import Fault
from dispatch.i18n import _
from dispatch.network.road import RoadNetwork
from dispatch.plan.plan import Leg, Order, Passage
from dispatch.registry import Registry
from dispatch.scenario import ClosureSpec, Scenario

S_PER_MIN: Final = 60
TABLES: Final = {
    "link": "network/links",
    "junction": "network/junctions",
    "airfield": "airbases/airbases",
}
"""Where the ids of a closure are looked up."""

CLOCK_S: Final = 0.002
"""Times are kept to the millisecond."""

SLIVER_DEG: Final = 1e-5
"""How far a route may seem to reach into a polygon by rounding, about 1 m."""


def closure_faults(registry: Registry, scenario: Scenario) -> Iterator[Fault]:
    """Yield what is wrong with the closures of a scenario, seen with the map."""
    for number, spec in enumerate(scenario.closures):
        here = ("closures", number)
        for key, table in TABLES.items():
            name = getattr(spec, key)
            if name is not None and name not in (known := registry[table].index):
                near = get_close_matches(name, known, 3, 0.6)
                yield scenario.fault(
                    (*here, key),
                    name,
                    _("there is no such {kind} in {table}").format(kind=key, table=table),
                    _("did you mean {names}?").format(names=" | ".join(near))
                    if near
                    else _("use an id of {table}").format(table=table),
                )
        if spec.polygon is not None and not shapely.Polygon(spec.polygon).is_valid:
            reason = shapely.is_valid_reason(shapely.Polygon(spec.polygon))
            yield scenario.fault(
                (*here, "polygon"),
                None,
                _("is not a valid polygon: {reason}").format(reason=reason),
                _("name the corners in order, so that no side crosses another"),
            )


def violations(
    registry: Registry,
    road: RoadNetwork,
    specs: Sequence[ClosureSpec],
    orders: Sequence[Order],
    profiles: Sequence[str],
) -> list[str]:
    """Drive every order once more and tell what it breaks, one sentence each.

    Parameters
    ----------
    registry : Registry
    road : RoadNetwork
        Ids, ends, lengths and lines of the links; nothing else of it is used.
    specs : sequence of ClosureSpec
    orders : sequence of Order
    profiles : sequence of str
        Vehicle profile at whose pace each order is driven.
    """
    check = _Check(registry, road, [spec for spec in specs if spec.on_road])
    return [
        sentence
        for order, profile in zip(orders, profiles, strict=True)
        for sentence in check.order(order, profile)
    ]


@dataclass(frozen=True)
class _Zone:
    """One closure on the map."""

    spec: ClosureSpec
    polygon: shapely.Polygon | None

    @property
    def from_s(self) -> float:
        return self.spec.from_min * S_PER_MIN

    @property
    def until_s(self) -> float:
        return inf if self.spec.until_min is None else self.spec.until_min * S_PER_MIN

    @property
    def slows(self) -> bool:
        return bool(self.spec.factor)

    def concerns(self, mass_kg: float) -> bool:
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
class _Check:
    registry: Registry
    road: RoadNetwork
    specs: Sequence[ClosureSpec]

    @cached_property
    def zones(self) -> list[_Zone]:
        return [
            _Zone(spec, None if spec.polygon is None else shapely.Polygon(spec.polygon))
            for spec in self.specs
        ]

    @cached_property
    def row(self) -> dict[str, int]:
        return {link: row for row, link in enumerate(self.road.link_id)}

    @cached_property
    def mass_kg(self) -> dict[str, float]:
        """Of the heaviest vehicle of each team."""
        vehicles = self.registry["teams/vehicles"].query("quantity > 0")
        mass = vehicles["profile"].map(self.registry["network/profiles"]["mass_kg"])
        return {str(k): float(v) for k, v in mass.groupby(vehicles["team_id"]).max().items()}

    @cached_property
    def speed_kmh(self) -> dict[tuple[str, str], float]:
        table = self.registry["network/speeds"].set_index(["profile", "road_class"])["speed_kmh"]
        return {(str(p), str(c)): float(v) for (p, c), v in table.items()}

    def order(self, order: Order, profile: str) -> Iterator[str]:
        """Yield what one order breaks."""
        zones = [zone for zone in self.zones if zone.concerns(self.mass_kg[order.team_id])]
        legs = [leg for leg in order.legs if leg.kind == "drive"]
        driven = [passage for leg in legs for passage in leg.passages]
        for leg in legs:
            yield from self._clock(order, leg)
        for passage in driven:
            yield from self._pace(order, profile, passage, zones)
            yield from self._closed(order, passage, zones)
        for before, after in pairwise(driven):
            yield from self._joint(order, before, after, zones)

    def _clock(self, order: Order, leg: Leg) -> Iterator[str]:
        times = [leg.start_s, *(t for p in leg.passages for t in (p.enter_s, p.leave_s)), leg.end_s]
        if any(later < earlier - CLOCK_S for earlier, later in pairwise(times)):
            yield _("{team} drives before it sets out, or after it has arrived.").format(
                team=order.team_id
            )

    def _pace(
        self, order: Order, profile: str, passage: Passage, zones: Sequence[_Zone]
    ) -> Iterator[str]:
        """Yield a piece that takes longer or less than its length, speed and zones say."""
        row = self.row[passage.link]
        if passage.begin > passage.end and not self.road.link_both[row]:
            yield _("{team} drives {link} against its direction.").format(
                team=order.team_id, link=passage.link
            )
        speed_ms = self.speed_kmh[profile, self.road.link_class[row]] / 3.6
        length_m = abs(passage.end - passage.begin) * float(self.road.link_length_m[row])
        piece = self._line(passage, passage.begin, passage.end)
        slowed = [
            zone.spec.factor or 1.0
            for zone in zones
            if zone.slows
            and zone.from_s - CLOCK_S <= passage.enter_s < zone.until_s - CLOCK_S
            and zone.holds(passage.link, piece)
        ]
        factor = min(slowed, default=1.0)
        expected_s = length_m / speed_ms / factor
        if abs(passage.leave_s - passage.enter_s - expected_s) > CLOCK_S * (1 + 1 / factor):
            yield _("{team} takes {taken} s along {link}, not {expected} s.").format(
                team=order.team_id,
                taken=round(passage.leave_s - passage.enter_s, 3),
                link=passage.link,
                expected=round(expected_s, 3),
            )

    def _closed(self, order: Order, passage: Passage, zones: Sequence[_Zone]) -> Iterator[str]:
        """Yield a piece driven in a zone while it is closed, by where the vehicle is then."""
        took_s = passage.leave_s - passage.enter_s
        for zone in zones:
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
                    team=order.team_id, link=passage.link, closure=zone.spec.name
                )

    def _joint(
        self, order: Order, before: Passage, after: Passage, zones: Sequence[_Zone]
    ) -> Iterator[str]:
        """Yield pieces that do not follow one another, and stops within a closed zone."""
        ends = self._junctions(before, before.end), self._junctions(after, after.begin)
        junctions = ends[0] & ends[1]
        same = before.link == after.link and before.end == after.begin
        if not (junctions or same):
            yield _("{team} leaps from {link} to {next}.").format(
                team=order.team_id, link=before.link, next=after.link
            )
        for zone in zones:
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
                    team=order.team_id, link=after.link, closure=zone.spec.name
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
