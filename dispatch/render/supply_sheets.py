"""Tables of a supply plan as CSV: flows, stocks, shortages, loading lists and driver sheets."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from dispatch.i18n import _, pick, speaking
from dispatch.plan.supply import DeliveryRoute, Goods, Movement, SupplyPlan
from dispatch.plan.write import as_text
from dispatch.render.supply_view import SupplyView, halts, total
from dispatch.render.text import file_name, plain


def supply_sheets(plan: SupplyPlan, *, lang: str = "zh") -> dict[str, bytes]:
    """Write the tables of a supply plan.

    Parameters
    ----------
    plan : SupplyPlan
    lang : {"zh", "en"}

    Returns
    -------
    dict of str to bytes
        Files by their path: ``flows.csv``, ``stock.csv``, ``shortages.csv``,
        ``replenishment.csv``, ``supplied.csv``, ``undelivered.csv``,
        ``relief.csv``, a loading list for each store and day under ``loading/``, a sheet for each
        vehicle and day under ``drivers/``. No cell is taken for a formula.
    """
    with speaking(lang):
        view = SupplyView(plan)
        files = {
            "flows.csv": _csv(_FLOW, (row for m in plan.movements for row in _flow(view, m))),
            "stock.csv": _csv((*_STOCK, *_day_names(plan), "status"), _stock(view)),
            "shortages.csv": _csv(_SHORT, _short(view)),
            "replenishment.csv": _csv(_REFILL, _refill(view)),
            "supplied.csv": _csv(_SUPPLIED, _supplied(view)),
            "undelivered.csv": _csv(_LEFT, _undelivered(view)),
            "relief.csv": _csv(_RELIEF, _relief(view)),
        }
        return files | dict(_loading_lists(view)) | dict(_driver_sheets(view))


_FLOW = (
    "day", "from", "to", "vehicle", "truckloads", "leave", "arrive", "roads", "item", "quantity",
    "unit", "status",
)  # fmt: skip
_STOCK = "place", "item", "unit", "before"
_REFILL = "place", "item", "quantity", "unit", "status"
_SHORT = (
    "place", "item", "unit", "first_day", "never_comes", "comes_late", "why", "remedy",
    "status",
)  # fmt: skip
_SUPPLIED = (
    "place", "item", "unit", "day", "priority", "wanted", "on_time", "late", "unmet", "status",
)  # fmt: skip
_LEFT = (
    "day", "shelter", "item", "quantity", "unit", "why", "proved", "goes_out_on_day", "remedy",
    "status",
)  # fmt: skip
BY_HAND = "", "", ""
"""Persons, plates and signatures to write in: the registry holds none."""

_RELIEF = ("day", "place", "tonnes", "remedy", "status")


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([as_text(cell) for cell in row])
    # the mark lets spreadsheet programs on Chinese Windows see that it is UTF-8
    return text.getvalue().encode("utf-8-sig")


def _day_names(plan: SupplyPlan) -> tuple[str, ...]:
    return tuple(f"day_{day}" for day in range(1, plan.days + 1))


def _flow(view: SupplyView, move: Movement) -> Iterator[tuple[object, ...]]:
    vehicle = view.carrier(move)
    for one in move.goods:
        yield (
            move.day,
            view.place(move.origin),
            view.place(move.destination),
            vehicle,
            move.truck_loads,
            view.moment(move.leave_s),
            view.moment(move.arrive_s),
            view.way(move.roads),
            view.item(one.item_code),
            one.quantity,
            view.unit(one.item_code),
            _status(view, move.origin, move.destination, one.item_code),
        )


def _stock(view: SupplyView) -> Iterator[tuple[object, ...]]:
    for row in view.plan.stocks:
        item = view.item(row.item_code), view.unit(row.item_code)
        status = _status(view, row.depot, row.item_code)
        yield (view.place(row.depot), *item, row.before, *row.by_day, status)


def _short(view: SupplyView) -> Iterator[tuple[object, ...]]:
    for row in view.plan.shortages:
        yield (
            view.place(row.hub),
            view.item(row.item_code),
            view.unit(row.item_code),
            row.first_day,
            row.unmet,
            row.late,
            plain(pick(row.text_zh, row.text_en)),
            plain(pick(row.remedy_zh, row.remedy_en)),
            _status(view, row.hub, row.item_code),
        )


def _refill(view: SupplyView) -> Iterator[tuple[object, ...]]:
    for row in view.plan.stocks:
        if row.to_replenish:
            item, unit = view.item(row.item_code), view.unit(row.item_code)
            status = _status(view, row.depot, row.item_code)
            yield view.place(row.depot), item, row.to_replenish, unit, status


def _supplied(view: SupplyView) -> Iterator[tuple[object, ...]]:
    for row in view.plan.supplied:
        yield (
            view.place(row.hub),
            view.item(row.item_code),
            view.unit(row.item_code),
            row.day,
            row.priority,
            row.wanted,
            row.on_time,
            row.late,
            row.unmet,
            _status(view, row.hub, row.item_code),
        )


def _undelivered(view: SupplyView) -> Iterator[tuple[object, ...]]:
    for row in view.plan.undelivered:
        for one in row.goods:
            yield (
                row.day,
                view.place(row.shelter),
                view.item(one.item_code),
                one.quantity,
                view.unit(one.item_code),
                plain(pick(row.text_zh, row.text_en)),
                _("yes") if row.proved else _("no"),
                row.comes_day or "",
                plain(pick(row.remedy_zh, row.remedy_en)),
                _status(view, row.shelter, one.item_code),
            )


def _relief(view: SupplyView) -> Iterator[tuple[object, ...]]:
    """Yield what would bring all that lies at a hub at the end of a day."""
    hub_of = {place.place_id: place.hub for place in view.plan.places}
    waits_t: defaultdict[tuple[str, int], float] = defaultdict(float)
    for row in view.plan.undelivered:
        waits_t[hub_of[row.shelter], row.day] += view.tonnes(row.goods)
    for one in view.plan.relief:
        told = plain(pick(one.text_zh, one.text_en))
        waiting = round(waits_t[one.hub, one.day], 1)
        # it tells of vehicles and stocks of many places
        status = "illustrative" if view.plan.illustrative else "existing"
        yield one.day, view.place(one.hub), waiting, told, status


def _status(view: SupplyView, *keys: str) -> str:
    """Tell whether any place or item of a row is invented, by the codes of the tables."""
    return "illustrative" if view.invented(*keys) else "existing"


def _loading_lists(view: SupplyView) -> Iterator[tuple[str, bytes]]:
    """Yield what each store loads on each day, a block for each destination and vehicle."""
    gathered: defaultdict[tuple[int, str], list[Movement]] = defaultdict(list)
    for move in view.plan.movements:
        gathered[move.day, move.origin].append(move)
    for number, ((day, origin), moves) in enumerate(sorted(gathered.items()), 1):
        moves.sort(key=lambda move: (move.leave_s, view.place(move.destination), move.carrier))
        blocks = (_load(view, row, move) for row, move in enumerate(moves, 1))
        name = _("day {day} {place}").format(day=day, place=view.place(origin))
        heads = (
            _("No."), _("To"), _("Vehicle"), _("Truckloads"), _("Leave"), _("Arrive"),
            _("Roads"), _("Number plate"), _("Phone"), _("Received by"), *_goods_heads(),
        )  # fmt: skip
        yield f"loading/{file_name(number, name, '.csv')}", _csv(heads, _blocks(view, blocks))


def _load(view: SupplyView, number: int, move: Movement) -> Block:
    times = view.moment(move.leave_s), view.moment(move.arrive_s)
    loads = round(move.truck_loads, 1)
    to, carrier = _named(view, move.destination), view.carrier(move)
    told = number, to, carrier, loads or move.truck_loads, *times, view.way(move.roads)
    return (*told, *BY_HAND), move.goods, view.invented(move.origin, move.destination)


def _driver_sheets(view: SupplyView) -> Iterator[tuple[str, bytes]]:
    """Yield what each vehicle of the last mile does on each day, a block for each stop."""
    heads = (
        _("No."), _("Do"), _("Place"), _("Roads"), _("Arrive"), _("Begin"), _("Leave"),
        _("Longitude"), _("Latitude"), _("Contact on site"), _("Phone"), _("Received by"),
        *_goods_heads(),
    )  # fmt: skip
    for number, route in enumerate(view.plan.routes, 1):
        name = _("day {day} {place} {vehicle} of {home}").format(
            day=route.day,
            place=view.place(route.hub),
            vehicle=view.vehicle_of(route),
            home=view.place(route.home),
        )
        sheet = _csv(heads, _blocks(view, _stops(view, route)))
        yield f"drivers/{file_name(number, name, '.csv')}", sheet


def _stops(view: SupplyView, route: DeliveryRoute) -> Iterator[Block]:
    """Yield each stop in the order driven, and what is loaded or unloaded there."""
    vehicle = _("{vehicle} of {home}").format(
        vehicle=view.vehicle_of(route), home=view.place(route.home)
    )
    yield (
        ("", _("vehicle"), vehicle, *[""] * 6, *BY_HAND),
        (),
        view.invented(route.home, route.vehicle),
    )
    number = 0
    for one in route.rounds:
        number += 1
        times = view.moment(one.load_s), view.moment(one.load_s), view.moment(one.leave_s)
        loaded = total(drop.goods for drop in one.drops)
        invented = view.invented(route.hub)
        yield (number, _("load"), *_at(view, route.hub, "", *times)), loaded, invented
        for halt in halts(one):
            number += 1
            seconds = halt.arrive_s, halt.begin_s, halt.leave_s
            roads = view.roads(one, halt.leg)
            told = _at(view, halt.shelter, roads, *(view.moment(each) for each in seconds))
            yield (number, _("unload"), *told), halt.goods, view.invented(halt.shelter)
        number += 1
        told = _at(view, route.hub, view.roads(one, -1), view.moment(one.back_s), "", "")
        yield (number, _("back"), *told), (), invented


def _at(view: SupplyView, name: str, roads: str, *times: str) -> tuple[object, ...]:
    place = view.places[name]
    return _named(view, name), roads, *times, place.lon, place.lat, *BY_HAND


def _named(view: SupplyView, name: str) -> str:
    """Name a place where a vehicle goes: a hub has the name of its county, which is no place."""
    hub = name in view.places and view.places[name].kind == "hub"
    return _("hub of {county}").format(county=view.place(name)) if hub else view.place(name)


Block = tuple[Sequence[object], Sequence[Goods], bool]
"""What is told once, the goods that it is told of, and whether its places are illustrative."""


def _goods_heads() -> tuple[str, ...]:
    return _("Item"), _("Quantity"), _("Unit"), _("kg"), _("Remarks")


def _blocks(view: SupplyView, blocks: Iterable[Block]) -> Iterator[Sequence[object]]:
    """Yield a row for each of the goods; what holds for all of them stands in the first."""
    for told, goods, invented in blocks:
        heads: Sequence[object] = told
        for one in goods:
            code = one.item_code
            kg = round(view.items[code].mass_kg * one.quantity)
            item, unit = view.item(code), view.unit(code)
            yield *heads, item, one.quantity, unit, kg, _remark(invented or view.invented(code))
            heads = ("",) * len(told)
        if not goods:
            yield *told, "", "", "", "", _remark(invented)


def _remark(invented: bool) -> str:
    return _("illustrative") if invented else ""
