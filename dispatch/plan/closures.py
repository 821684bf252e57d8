"""Closures of a scenario: what is wrong with them, and proof that no order breaks one.

The proof shares nothing with the search but the tables: it follows each order
once more, drive by drive, ride by ride and flight by flight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import inf
from typing import Final

import shapely

from dispatch.errors import Fault
from dispatch.i18n import _
from dispatch.network.road import RoadNetwork
from dispatch.plan.fields import unopened
from dispatch.plan.plan import Leg, Order
from dispatch.plan.retrace import S_PER_MIN, Retrace
from dispatch.registry import Registry
from dispatch.scenario import ClosureSpec, Scenario

TABLES: Final = {
    "link": ("network/links",),
    "junction": ("network/junctions",),
    "airfield": ("airbases/airbases",),
    "station": ("network/stations",),
    "line": ("network/rail_services", "network/trains"),
}
"""Where the places of a closure are looked up: keys of tables, but for lines."""

NEAR: Final = 0.5
"""How much of a name must be right for another to be suggested; names of lines are short."""


def closure_faults(registry: Registry, scenario: Scenario) -> Iterator[Fault]:
    """Yield what is wrong with the closures of a scenario, seen with the map.

    Places are not looked up where the registry has no such table.
    """
    for number, spec in enumerate(scenario.closures):
        here = ("closures", number)
        for key, tables in TABLES.items():
            name = getattr(spec, key)
            if name is None or not (known := _names(registry, key)) or name in known:
                continue
            near = get_close_matches(name, known, 3, NEAR)
            yield scenario.fault(
                (*here, key),
                name,
                _("there is no such {kind} in {table}").format(kind=key, table=tables[0]),
                _("did you mean {names}?").format(names=" | ".join(near))
                if near
                else _("use an id of {table}").format(table=tables[0]),
            )
        if spec.polygon is not None and not shapely.Polygon(spec.polygon).is_valid:
            reason = shapely.is_valid_reason(shapely.Polygon(spec.polygon))
            yield scenario.fault(
                (*here, "polygon"),
                None,
                _("is not a valid polygon: {reason}").format(reason=reason),
                _("name the corners in order, so that no side crosses another"),
            )


def breaches(
    registry: Registry, road: RoadNetwork, scenario: Scenario, orders: Sequence[Order]
) -> list[str]:
    """Follow every order once more and tell what it breaks, one sentence each.

    A drive keeps the pace of the moment at which it may begin: the start of the
    waits and drives that follow one another, or of the first drive. The first
    leg of an order, if it is a wait, is not one for a road.

    Parameters
    ----------
    registry : Registry
    road : RoadNetwork
        Ids, ends, lengths, limits and lines of the links; nothing else of it is used.
    scenario : Scenario
        Closures, planned airfields that it opens, weather and start.
    orders : sequence of Order
        Each drive with the profile whose pace it keeps. By road a team drives
        with all its vehicles, the heaviest and tallest of which counts against
        limits; else with the vehicle of that profile.
    """
    drives, lines = Retrace(registry, road, scenario), _Lines.of(registry)
    closures = *scenario.closures, *unopened(registry, scenario)
    shut = [_Shut(spec) for spec in closures if not spec.on_road]
    return [
        sentence
        for order in orders
        for sentence in (
            *drives.breaches(order),
            *_ridden(order, lines, shut),
            *_flown(order, shut),
        )
    ]


@dataclass(frozen=True)
class _Shut:
    """A closure of a line, a station or an airfield."""

    spec: ClosureSpec

    @property
    def from_s(self) -> float:
        return self.spec.from_min * S_PER_MIN if self.spec.from_min > 0 else -inf

    @property
    def until_s(self) -> float:
        return inf if self.spec.until_min is None else self.spec.until_min * S_PER_MIN


@dataclass(frozen=True)
class _Lines:
    """Lines of the railway, and the stops of trains with the lines that lead to each."""

    names: frozenset[str]
    stops: dict[str, list[tuple[str, frozenset[str]]]]

    @classmethod
    def of(cls, registry: Registry) -> _Lines:
        stops: dict[str, list[tuple[str, frozenset[str]]]] = {}
        if "network/trains" in registry.tables:
            for item in registry["network/trains"].sort_values(["train", "stop"]).itertuples():
                lines = _parts(item.line)
                stops.setdefault(str(item.train), []).append((str(item.station_id), lines))
        return cls(frozenset(_names(registry, "line")), stops)

    def ridden(self, leg: Leg) -> frozenset[str] | None:
        """Return the lines that a ride runs over, None where there is no such ride."""
        if leg.service not in self.stops:
            lines = _parts(leg.service)
            return lines if lines <= self.names else None
        stops = self.stops[leg.service]
        called = [station for station, _lines in stops]
        if leg.origin_id not in called or leg.destination_id not in called:
            return None
        first, last = called.index(leg.origin_id), called.index(leg.destination_id)
        return frozenset[str]().union(*(lines for _, lines in stops[first + 1 : last + 1]))


def _ridden(order: Order, lines: _Lines, shut: Sequence[_Shut]) -> Iterator[str]:
    """Yield rides over a line, and calls at a station, while it is suspended."""
    for leg in order.legs:
        if leg.kind != "ride":
            continue
        over = lines.ridden(leg)
        if over is None:
            yield _("{team} rides {service}, which does not run there.").format(
                team=order.team_id, service=leg.service
            )
            continue
        calls = ((leg.origin_id, leg.start_s), (leg.destination_id, leg.end_s))
        for item in shut:
            if item.spec.line in over and leg.start_s < item.until_s and item.from_s < leg.end_s:
                yield _("{team} rides over {line} while {closure} closes it.").format(
                    team=order.team_id, line=item.spec.line, closure=item.spec.name
                )
            for station, time_s in calls:
                if station == item.spec.station and item.from_s < time_s < item.until_s:
                    yield _("{team} is at {place} while {closure} closes it.").format(
                        team=order.team_id, place=station, closure=item.spec.name
                    )


def _flown(order: Order, shut: Sequence[_Shut]) -> Iterator[str]:
    """Yield take-offs and landings at an airfield while it is closed."""
    for leg in order.legs:
        if leg.kind != "fly":
            continue
        calls = ((leg.origin_id, leg.start_s), (leg.destination_id, leg.end_s))
        for item in shut:
            for field, time_s in calls:
                if field == item.spec.airfield and item.from_s <= time_s < item.until_s:
                    yield _("{team} is at {place} while {closure} closes it.").format(
                        team=order.team_id, place=field, closure=item.spec.name
                    )


def _names(registry: Registry, key: str) -> list[str]:
    """Return the places that a key of a closure may name; none without a table of them."""
    tables = [registry[name] for name in TABLES[key] if name in registry.tables]
    if key != "line":
        return [str(name) for table in tables for name in table.index]
    return sorted({name for table in tables for cell in table["line"] for name in _parts(cell)})


def _parts(cell: object) -> frozenset[str]:
    """Return the lines in a cell or in the label of a ride."""
    return frozenset(filter(None, cell.split("|"))) if isinstance(cell, str) else frozenset()
