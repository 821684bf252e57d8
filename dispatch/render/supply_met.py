"""How much of what is wanted has been brought by the end of each day: shelter by shelter."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from dispatch.plan.supply import SupplyPlan

Units = Counter[tuple[str, str, int]]
"""Units by place, item and day."""


@dataclass(frozen=True)
class Line:
    """An item at a place by the end of a day: what it should have had by then, and has."""

    item_code: str
    priority: int
    wanted: int
    brought: int

    @property
    def percent(self) -> int:
        """Share brought in whole hundredths, rounded down: 100 is all of it."""
        return 100 * min(self.brought, self.wanted) // self.wanted


@dataclass(frozen=True)
class Met:
    """What the shelters of a plan want and get, and the hubs as the sum of their shelters."""

    plan: SupplyPlan

    @cached_property
    def priority(self) -> dict[str, int]:
        """The most urgent priority at which each item is wanted."""
        found: dict[str, int] = {}
        for row in self.plan.supplied:
            found[row.item_code] = min(row.priority, found.get(row.item_code, row.priority))
        return found

    @cached_property
    def wanted(self) -> Units:
        """Units wanted from a day on."""
        rows = ((one.shelter, g, one.day) for one in self.plan.wanted for g in one.goods)
        return self._both((place, g.item_code, day, g.quantity) for place, g, day in rows)

    @cached_property
    def brought(self) -> Units:
        """Units brought on a day."""
        return self._both(
            (drop.shelter, goods.item_code, route.day, goods.quantity)
            for route in self.plan.routes
            for one in route.rounds
            for drop in one.drops
            for goods in drop.goods
        )

    @cached_property
    def items(self) -> dict[str, list[str]]:
        """The items wanted at each place, the most urgent first."""
        found = defaultdict(set)
        for place, code, _day in self.wanted:
            found[place].add(code)
        return {
            place: sorted(codes, key=lambda code: (self.priority.get(code, 9), code))
            for place, codes in found.items()
        }

    def lines(self, place: str) -> Iterator[list[Line]]:
        """Yield, for each day, a line for each item that a place wants by then."""
        codes = self.items.get(place, [])
        wanted, brought = Counter[str](), Counter[str]()
        for day in range(1, self.plan.days + 1):
            for code in codes:
                wanted[code] += self.wanted[place, code, day]
                brought[code] += self.brought[place, code, day]
            yield [
                Line(code, self.priority.get(code, 9), wanted[code], brought[code])
                for code in codes
                if wanted[code]
            ]

    def _both(self, rows: Iterable[tuple[str, str, int, int]]) -> Units:
        """Count rows for shelters, and for the hub of each."""
        hub = {place.place_id: place.hub for place in self.plan.places}
        found: Units = Counter()
        for place, code, day, quantity in rows:
            found[place, code, day] += quantity
            found[hub[place], code, day] += quantity
        return found


def worst(lines: Iterable[Line], *, urgent: bool) -> int:
    """Return the least share in hundredths, of the goods of priority 1 or of the others."""
    return min((one.percent for one in lines if (one.priority == 1) == urgent), default=100)
