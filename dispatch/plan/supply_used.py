"""What a supply plan leans on that is invented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dispatch.plan.plan import IllustrativeRecord
from dispatch.plan.supply import DeliveryRoute, Movement, SupplyAircraft
from dispatch.plan.supply_problem import SupplyTask
from dispatch.registry import Registry

KEY = "/"


def aircraft_of(registry: Registry, routes: Sequence[DeliveryRoute]) -> tuple[SupplyAircraft, ...]:
    """Name the aircraft that fly, and their airbases, in the order of their ids."""
    tables = registry.tables
    if "airbases/aircraft" not in tables:
        return ()
    fleet, bases = tables["airbases/aircraft"], tables["airbases/airbases"]
    flown = sorted({(r.vehicle, r.home) for r in routes if r.vehicle in fleet.index})
    return tuple(
        SupplyAircraft(
            aircraft,
            str(fleet.at[aircraft, "name"]),
            str(fleet.at[aircraft, "name_en"]),
            base,
            str(bases.at[base, "name"]),
            str(bases.at[base, "name_en"]),
        )
        for aircraft, base in flown
    )


def illustrative_of(
    registry: Registry,
    task: SupplyTask,
    movements: Sequence[Movement],
    routes: Sequence[DeliveryRoute],
) -> tuple[IllustrativeRecord, ...]:
    """List every invented record that a movement or a route leans on, table by table."""
    senders = {move.origin for move in movements}
    homes = {route.home for route in routes}
    goods = {f"{m.origin}{KEY}{g.item_code}" for m in movements for g in m.goods}
    fleets = {f"{m.origin}{KEY}{m.carrier}" for m in movements if m.owned}
    fleets |= {f"{route.home}{KEY}{route.vehicle}" for route in routes}
    vehicles = {m.carrier for m in movements} | {route.vehicle for route in routes}
    used = {
        ("depots/depots", ("depot_id",)): senders | homes,
        ("depots/stocks", ("depot_id", "item_code")): goods,
        ("depots/suppliers", ("supplier_id",)): senders,
        ("depots/offers", ("supplier_id", "item_code")): goods,
        ("depots/items", ("item_code",)): set(task.items.index),
        ("depots/truck_types", ("truck_type",)): vehicles,
        ("depots/trucks", ("depot_id", "truck_type")): fleets,
        ("airbases/airbases", ("airbase_id",)): homes,
        ("airbases/aircraft", ("aircraft_id",)): vehicles,
    }
    found = {
        record
        for (table, columns), keys in used.items()
        for record in _invented(registry, table, columns, keys)
    }
    return tuple(sorted(found, key=lambda record: (record.table, record.key)))


def _invented(
    registry: Registry, table: str, columns: tuple[str, ...], used: set[str]
) -> Iterator[IllustrativeRecord]:
    if table not in registry.tables or "status" not in registry[table]:
        return
    rows = registry[table].reset_index()
    for row in rows[rows["status"] == "illustrative"].to_dict("records"):
        key = KEY.join(str(row[column]) for column in columns)
        if key in used:
            yield IllustrativeRecord(table, key, str(row.get("name", key)))
