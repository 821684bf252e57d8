"""A supply plan as what its map draws: places, ways and what moves on them, day by day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dispatch.i18n import _, pick, unit_of
from dispatch.plan.supply import (
    DeliveryRoute,
    Goods,
    Movement,
    SupplyPlace,
    SupplyPlan,
    Undelivered,
)
from dispatch.render.background import Packed
from dispatch.render.supply_met import Line, Met, worst
from dispatch.render.supply_view import Halt, SupplyView, halts
from dispatch.render.text import plain
from dispatch.render.tracks import pack_route, weighed


def at(lon: float, lat: float) -> list[float]:
    """Return a place as the page has it: latitude and longitude, to about a metre."""
    return [round(lat, 5), round(lon, 5)]


@dataclass(frozen=True)
class Drawn:
    """A supply plan as what its map draws."""

    view: SupplyView
    met: Met

    @property
    def plan(self) -> SupplyPlan:
        """The plan that is drawn."""
        return self.view.plan

    @cached_property
    def item(self) -> dict[str, int]:
        """Rows of the items."""
        return {one.item_code: row for row, one in enumerate(self.plan.items)}

    @cached_property
    def places(self) -> list[SupplyPlace]:
        """Places that the map shows: suppliers only if they send something."""
        senders = {move.origin for move in self.plan.movements}
        stocked = {row.depot for row in self.plan.stocks}
        return [
            place
            for place in self.plan.places
            if place.kind not in ("supplier", "depot") or place.place_id in senders | stocked
        ]

    @cached_property
    def place(self) -> dict[str, int]:
        """Rows of the places shown."""
        return {place.place_id: row for row, place in enumerate(self.places)}

    @cached_property
    def packed(self) -> dict[tuple[tuple[float, float], ...], int]:
        """Rows of the distinct lines of movements."""
        lines = dict.fromkeys(move.line for move in self.plan.movements)
        return {line: row for row, line in enumerate(lines)}

    @cached_property
    def flows(self) -> list[list[tuple[float, list[Packed]]]]:
        """For each day, the roads by the tonnes that leave on it and take them."""
        plan, days = self.plan, range(1, self.plan.days + 1)
        of_day = [[move for move in plan.movements if move.day == day] for day in days]
        return [
            weighed((move.line, self.view.tonnes(move.goods)) for move in moves) for moves in of_day
        ]

    @cached_property
    def moves(self) -> list[dict[str, Any]]:
        """Movements as they are told."""
        return [self._move(move) for move in self.plan.movements]

    @cached_property
    def routes(self) -> list[dict[str, Any]]:
        """Routes of the last mile as they are told."""
        return [self._route(route) for route in self.plan.routes]

    def everything(self) -> dict[str, Any]:
        """Return the days, places, ways and what moves on them."""
        plan, days = self.plan, range(1, self.plan.days + 1)
        return {
            "days": [self.view.date(day) for day in days],
            "items": [
                [
                    self.view.item(i.item_code),
                    self.view.unit(i.item_code),
                    i.mass_kg,
                    unit_of(1, i.unit, i.unit_en),
                ]
                for i in plan.items
            ],
            "places": [self._place(place) for place in self.places],
            "lines": [pack_route(line) for line in self.packed],
            "flows": self.flows,
            "moves": self.moves,
            "ways": [pack_route(way.line) for way in plan.ways],
            "routes": self.routes,
            "left": [self._left(row) for row in plan.undelivered],
            "states": [self._state(day) for day in days],
        }

    def _goods(self, goods: Iterable[Goods]) -> list[list[int]]:
        return [[self.item[one.item_code], one.quantity] for one in goods]

    def _place(self, place: SupplyPlace) -> dict[str, Any]:
        told: dict[str, Any] = {
            "kind": place.kind,
            "name": self.view.place(place.place_id),
            "at": at(place.lon, place.lat),
            "invented": place.status == "illustrative",
        }
        if place.kind == "depot":
            told |= self._stock(place.place_id)
        if place.kind == "supplier":
            told["sold"] = [
                [one.day, self.item[one.item_code], one.quantity]
                for one in self.plan.bought
                if one.supplier == place.place_id
            ]
        if place.kind in ("hub", "shelter"):
            told |= self._met(place)
        return told

    def _stock(self, depot: str) -> dict[str, Any]:
        """Return the stock of a depot by the end of each day, in kilograms and by item."""
        rows = [row for row in self.plan.stocks if row.depot == depot]
        mass = {item.item_code: item.mass_kg for item in self.plan.items}
        level = np.array([row.by_day for row in rows]).reshape(len(rows), self.plan.days)
        kg = np.array([mass[row.item_code] for row in rows])
        return {
            "kg": [round(float(kg @ level[:, day])) for day in range(self.plan.days)],
            "before_kg": round(sum(mass[row.item_code] * row.before for row in rows)),
            "floor_kg": round(sum(mass[row.item_code] * row.floor for row in rows)),
            "stock": [
                [self.item[row.item_code], row.before, row.floor, list(row.by_day)] for row in rows
            ],
        }

    def _met(self, place: SupplyPlace) -> dict[str, Any]:
        """Return what a hub or shelter has got by the end of each day."""
        by_day = list(self.met.lines(place.place_id))
        told: dict[str, Any] = {
            "people": place.people,
            "urgent": [worst(lines, urgent=True) for lines in by_day],
            "others": [worst(lines, urgent=False) for lines in by_day],
            "lines": _by_item(by_day, self.item),
        }
        if place.kind == "shelter":
            return told | {"hub": self.place[place.hub]}
        return told | {
            "short": [
                [self.item[row.item_code], row.first_day, row.unmet, row.late]
                for row in self.plan.shortages
                if row.hub == place.place_id
            ]
        }

    def _move(self, move: Movement) -> dict[str, Any]:
        return {
            "day": move.day,
            "from": self.place[move.origin],
            "to": self.place[move.destination],
            "vehicle": self.view.carrier(move),
            "loads": round(move.truck_loads, 1),
            "t": round(self.view.tonnes(move.goods), 1),
            "leave": self.view.moment(move.leave_s),
            "arrive": self.view.moment(move.arrive_s),
            "km": round(move.distance_m / 1000),
            "goods": self._goods(move.goods),
            "line": self.packed[move.line],
        }

    def _route(self, route: DeliveryRoute) -> dict[str, Any]:
        drops = [drop for one in route.rounds for drop in one.drops]
        return {
            "day": route.day,
            "hub": self.place[route.hub],
            "name": self.view.vehicle_of(route),
            "home": self.view.place(route.home),
            "air": not any(one.ways for one in route.rounds),
            "km": round(route.distance_m / 1000),
            "t": round(sum(self.view.tonnes(drop.goods) for drop in drops), 1),
            "rounds": [
                {
                    "load": self.view.moment(one.load_s),
                    "leave": self.view.moment(one.leave_s),
                    "back": self.view.moment(one.back_s),
                    "ways": list(one.ways),
                    "drops": [self._halt(halt) for halt in halts(one)],
                }
                for one in route.rounds
            ],
        }

    def _halt(self, halt: Halt) -> list[Any]:
        """Return what is unloaded at a shelter in one halt."""
        return [
            self.place[halt.shelter],
            self.view.moment(halt.arrive_s),
            self.view.moment(halt.leave_s),
            [[self.item[goods.item_code], goods.quantity] for goods in halt.goods],
        ]

    def _left(self, row: Undelivered) -> dict[str, Any]:
        return {
            "day": row.day,
            "shelter": self.place[row.shelter],
            "goods": self._goods(row.goods),
            "why": plain(pick(row.text_zh, row.text_en)),
            "comes": row.comes_day,
            "remedy": plain(pick(row.remedy_zh, row.remedy_en)),
        }

    def _state(self, day: int) -> str:
        """Sum up a day in a line."""
        plan, view = self.plan, self.view
        routes = [route for route in plan.routes if route.day == day]
        arrives = sum(view.tonnes(m.goods) for m in plan.movements if m.arrive_day == day)
        brought = sum(view.tonnes(d.goods) for r in routes for one in r.rounds for d in one.drops)
        return _(
            "Truckloads that leave: {loads}; {arrive} t reach the hubs; vehicles to shelters: "
            "{vehicles}, with {brought} t; {waits} t wait"
        ).format(
            loads=f"{sum(m.truck_loads for m in plan.movements if m.day == day):,.1f}",
            arrive=f"{arrives:,.1f}",
            vehicles=len(routes),
            brought=f"{brought:,.1f}",
            waits=f"{sum(view.tonnes(r.goods) for r in plan.undelivered if r.day == day):,.1f}",
        )


def _by_item(by_day: list[list[Line]], item: dict[str, int]) -> list[list[Any]]:
    """Return item, priority, and what was wanted and brought by the end of each day."""
    told: dict[str, list[Any]] = {}
    for day, lines in enumerate(by_day):
        for one in lines:
            row = told.setdefault(
                one.item_code,
                [item[one.item_code], one.priority, [0] * len(by_day), [0] * len(by_day)],
            )
            row[2][day], row[3][day] = one.wanted, one.brought
    return sorted(told.values(), key=lambda row: (row[1], row[0]))
