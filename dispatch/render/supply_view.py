"""A supply plan with its names at hand, in the language in use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby

from dispatch.i18n import _, pick, unit_of
from dispatch.plan.supply import (
    DeliveryRoute,
    Goods,
    Movement,
    Round,
    SupplyAircraft,
    SupplyItem,
    SupplyPlace,
    SupplyPlan,
)
from dispatch.render.text import plain, way
from dispatch.render.view import begin

KG_PER_T = 1000


@dataclass(frozen=True)
class Halt:
    """One stop of a vehicle at a shelter, and all that it unloads there.

    ``leg`` is the leg of the round that leads there.
    """

    leg: int
    shelter: str
    arrive_s: int
    begin_s: int
    leave_s: int
    goods: tuple[Goods, ...]


def halts(one: Round) -> tuple[Halt, ...]:
    """Return the stops of a round; drops that follow each other at one shelter are one."""
    found, leg = [], 0
    for shelter, group in groupby(one.drops, lambda drop: drop.shelter):
        drops = list(group)
        first, last, goods = drops[0], drops[-1], total(drop.goods for drop in drops)
        found.append(Halt(leg, shelter, first.arrive_s, first.begin_s, last.leave_s, goods))
        leg += len(drops)
    return tuple(found)


def total(loads: Iterable[Iterable[Goods]]) -> tuple[Goods, ...]:
    """Add loads up, by item."""
    units = Counter[str]()
    for load in loads:
        for goods in load:
            units[goods.item_code] += goods.quantity
    return tuple(Goods(code, units[code]) for code in sorted(units))


@dataclass(frozen=True)
class SupplyView:
    """What the records of a supply plan mean to a reader."""

    plan: SupplyPlan

    @cached_property
    def items(self) -> dict[str, SupplyItem]:
        """Items by code."""
        return {item.item_code: item for item in self.plan.items}

    @cached_property
    def places(self) -> dict[str, SupplyPlace]:
        """Places by id."""
        return {place.place_id: place for place in self.plan.places}

    def item(self, code: str) -> str:
        """Name an item."""
        item = self.items[code]
        return plain(pick(item.name, item.name_en))

    def unit(self, code: str) -> str:
        """Name the unit of an item."""
        item = self.items[code]
        return plain(pick(item.unit, item.unit_en))

    def counted(self, code: str, quantity: int) -> str:
        """Tell so many units of an item."""
        item = self.items[code]
        return f"{quantity:,} {plain(unit_of(quantity, item.unit, item.unit_en))}"

    @cached_property
    def aircraft(self) -> dict[str, SupplyAircraft]:
        """Aircraft by id."""
        return {one.aircraft_id: one for one in self.plan.aircraft}

    @cached_property
    def airbases(self) -> dict[str, str]:
        """Names of the airbases that lend aircraft, by id."""
        return {one.airbase_id: pick(one.airbase, one.airbase_en) for one in self.plan.aircraft}

    def place(self, name: str) -> str:
        """Name a place or an airbase."""
        place = self.places.get(name)
        if place is None:
            return plain(self.airbases.get(name, name))
        return plain(pick(place.name, place.name_en))

    def vehicle(self, code: str) -> str:
        """Name a type of truck, or an aircraft."""
        if code in self.aircraft:
            one = self.aircraft[code]
            return plain(pick(one.name, one.name_en))
        names = {
            "light_box": _("light truck"),
            "cargo": _("cargo truck"),
            "semitrailer": _("semi-trailer"),
        }
        return names.get(code, plain(code))

    def carrier(self, move: Movement) -> str:
        """Name the truck of a movement, and whether it is the supplier's."""
        vehicle = self.vehicle(move.carrier)
        return vehicle if move.owned else _("{vehicle} of the supplier").format(vehicle=vehicle)

    def vehicle_of(self, route: DeliveryRoute) -> str:
        """Name the vehicle of a route, told apart from its equals."""
        name = self.vehicle(route.vehicle)
        return name if route.vehicle in self.aircraft else f"{name} {route.number}"

    def roads(self, one: Round, leg: int) -> str:
        """Tell the roads of a leg of a round."""
        if not one.ways:
            return _("by air")
        return self.way(self.plan.ways[one.ways[leg]].roads)

    def way(self, roads: Sequence[str]) -> str:
        """Tell the roads of a way; empty where the plan holds none at all."""
        return way(roads) or (_("no numbered road") if self._tells_roads else "")

    @cached_property
    def _tells_roads(self) -> bool:
        moves, ways = self.plan.movements, self.plan.ways
        return any(move.roads for move in moves) or any(one.roads for one in ways)

    @cached_property
    def _invented(self) -> set[str]:
        tables = "depots/items", "airbases/airbases", "airbases/aircraft"
        return {record.key for record in self.plan.illustrative if record.table in tables} | {
            place.place_id for place in self.plan.places if place.status == "illustrative"
        }

    def invented(self, *keys: str) -> bool:
        """Whether any of these places and items is illustrative."""
        return not self._invented.isdisjoint(keys)

    def tonnes(self, goods: Iterable[Goods]) -> float:
        """Return what goods weigh, in tonnes."""
        return sum(self.items[one.item_code].mass_kg * one.quantity for one in goods) / KG_PER_T

    def listed(self, goods: Iterable[Goods]) -> str:
        """Tell goods in a line."""
        return _(", ").join(
            f"{self.item(one.item_code)} {self.counted(one.item_code, one.quantity)}"
            for one in goods
        )

    def start(self) -> str:
        """Return date, time and zone of the start of the plan."""
        return begin(self.plan.start)

    def moment(self, seconds: int) -> str:
        """Tell a time with its date."""
        then = datetime.fromisoformat(self.plan.start) + timedelta(seconds=seconds)
        return f"{then:%m-%d %H:%M}"

    def clock(self, seconds: int) -> str:
        """Tell a time as closures are told it."""
        return self.moment(seconds)

    def date(self, day: int) -> str:
        """Tell a day of the plan by its date."""
        after = timedelta(seconds=self.plan.day_begins_s[day - 1])
        return f"{datetime.fromisoformat(self.plan.start) + after:%m-%d}"
