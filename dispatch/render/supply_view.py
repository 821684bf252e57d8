"""A supply plan with its names at hand, in the language in use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from dispatch.i18n import _, pick
from dispatch.plan.supply import (
    DeliveryRoute,
    Goods,
    Movement,
    SupplyItem,
    SupplyPlace,
    SupplyPlan,
)
from dispatch.render.text import plain

KG_PER_T = 1000


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

    def place(self, name: str) -> str:
        """Name a place; its id where the plan does not tell it, as of an airfield."""
        place = self.places.get(name)
        return plain(name if place is None else pick(place.name, place.name_en))

    def vehicle(self, code: str) -> str:
        """Name a type of truck; an aircraft keeps its registration."""
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
        return name if name == plain(route.vehicle) else f"{name} {route.number}"

    def tonnes(self, goods: Iterable[Goods]) -> float:
        """Return what goods weigh, in tonnes."""
        return sum(self.items[one.item_code].mass_kg * one.quantity for one in goods) / KG_PER_T

    def listed(self, goods: Iterable[Goods]) -> str:
        """Tell goods in a line."""
        return _(", ").join(
            f"{self.item(one.item_code)} {one.quantity:,} {self.unit(one.item_code)}"
            for one in goods
        )

    def moment(self, seconds: int) -> str:
        """Tell a time with its date."""
        then = datetime.fromisoformat(self.plan.start) + timedelta(seconds=seconds)
        return f"{then:%m-%d %H:%M}"

    def clock(self, seconds: int) -> str:
        """Tell a time as closures are told it."""
        return self.moment(seconds)

    def date(self, day: int) -> str:
        """Tell a day of the plan by its date."""
        begin = timedelta(seconds=self.plan.day_begins_s[day - 1])
        return f"{datetime.fromisoformat(self.plan.start) + begin:%m-%d}"
