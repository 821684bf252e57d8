"""From registry and scenario to the arrays of the sourcing problem.

Goods go from depots and suppliers to hubs, one at the seat of each county with
shelters; from there the last mile brings them to the shelters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.optimise.sourcing import OWN_CARRIER, SourcingProblem
from dispatch.plan.supply_lanes import Fleet, Lane, haul_fleets, haul_lanes, hub_id, rows_of
from dispatch.plan.supply_needs import HubNeed, hub_needs
from dispatch.plan.supply_roads import Calendar, TruckRoads, calendar
from dispatch.registry import Registry
from dispatch.scenario import Scenario
from dispatch.scenario.supply import SupplySpec

IntArray = NDArray[np.int64]

SLOT_KG: Final = 100
SLOT_LITRES: Final = 400
"""What one loading place bears and holds (assumption: a tenth of a two-axle truck's tonne)."""

LOTS_AT_LEAST: Final = 10
"""No lot is more than this part of the smallest stock, need or offer: less is lost by rounding."""

WEIGHT: Final = {1: 100, 2: 10, 3: 1}
"""Of a need by its priority."""

KEPT: Final = 0.2
"""Part of each stock that should stay where it is while others have more (assumption)."""


@dataclass(frozen=True, eq=False)
class SupplyTask:
    """The sourcing problem, and the tables its rows came from.

    Parameters
    ----------
    problem : SourcingProblem
    days : Calendar
    items : DataFrame
        Rows of ``depots/items`` in the order of the problem, with ``units`` in a lot.
    hubs : DataFrame
        Rows of ``places/counties``.
    depots, suppliers : DataFrame
    needs : tuple of HubNeed
        In the order of the problem.
    lanes : tuple of Lane
        Likewise.
    stocks : dict of (depot, item) to int
        Units before the first day.
    slots_of : dict of str to float
        How many slots a full truck of each type holds.
    """

    problem: SourcingProblem
    days: Calendar
    items: pd.DataFrame
    hubs: pd.DataFrame
    depots: pd.DataFrame
    suppliers: pd.DataFrame
    needs: tuple[HubNeed, ...]
    lanes: tuple[Lane, ...]
    stocks: dict[tuple[str, str], int]
    slots_of: dict[str, float]


def supply_task(
    registry: Registry, scenario: Scenario, supply: SupplySpec, trucks: TruckRoads
) -> SupplyTask:
    """Make the sourcing problem of a scenario with shelters."""
    wanted = hub_needs(registry, scenario, supply)
    days = calendar(scenario.start, supply.start or scenario.start, supply.days)
    hubs = registry.counties.loc[sorted({shelter.county for shelter in supply.shelters})]
    items = _items(registry, supply, wanted)
    depots = registry.depots.sort_index()
    offers = _offers(registry, supply, items)
    suppliers = registry["depots/suppliers"].loc[sorted(set(offers["supplier_id"]))]
    sites = (*depots.index, *suppliers.index, *(hub_id(code) for code in hubs.index))
    site = {name: row for row, name in enumerate(sites)}
    fleets = haul_fleets(registry)
    lanes = tuple(haul_lanes(registry, trucks, days, depots, suppliers, hubs, fleets))
    stock = registry["depots/stocks"]
    stock = stock[stock["item_code"].isin(items.index) & stock["depot_id"].isin(depots.index)]
    problem = SourcingProblem(
        days=supply.days,
        slot_kg=SLOT_KG,
        slot_litres=SLOT_LITRES,
        item_id=tuple(items.index),
        item_kg=_up(items["units"] * items["mass_kg"]),
        item_litres=_up(items["units"] * items["volume_m3"] * 1000),
        site_id=sites,
        **_fleet_arrays(fleets, supply.days),
        **_lane_arrays(registry, trucks, lanes, site, fleets),
        **_source_arrays(supply, items, stock, offers, site),
        **_need_arrays(wanted, items, site, supply.days),
        **_floor_arrays(stock, items, site),
        budget_yuan=supply.procurement.budget_yuan,
    )
    held = {(r.depot_id, r.item_code): int(r.quantity) for r in rows_of(stock)}
    kinds = sorted({one.truck_type for one in lanes})
    full = {kind: slots_of_a_truck(registry, kind) for kind in kinds}
    return SupplyTask(problem, days, items, hubs, depots, suppliers, wanted, lanes, held, full)


def slots_of_a_truck(registry: Registry, truck_type: str) -> float:
    """Return how many slots a full truck holds; parts count, as equal trucks are one fleet."""
    kind = registry["depots/truck_types"].loc[truck_type]
    return float(min(kind["payload_kg"] / SLOT_KG, kind["volume_m3"] * 1000 / SLOT_LITRES))


def _up(values: pd.Series) -> IntArray:
    whole: IntArray = np.ceil(values.to_numpy(float)).astype(np.int64)
    return whole


def _items(registry: Registry, supply: SupplySpec, wanted: tuple[HubNeed, ...]) -> pd.DataFrame:
    """Return the items needed, with the units that make a lot."""
    items = registry["depots/items"].loc[sorted({need.key.item_code for need in wanted})]
    stock = registry["depots/stocks"]
    counts = [
        stock[["item_code", "quantity"]],
        pd.DataFrame(
            [(need.key.item_code, need.quantity) for need in wanted],
            columns=["item_code", "quantity"],
        ),
        pd.DataFrame(
            [(gift.item, gift.quantity) for gift in supply.donations],
            columns=["item_code", "quantity"],
        ),
    ]
    count = pd.concat(counts)
    least = count[count["quantity"] > 0].groupby("item_code")["quantity"].min()
    by_mass = SLOT_KG / items["mass_kg"].clip(lower=0.001)
    by_room = SLOT_LITRES / (items["volume_m3"] * 1000).clip(lower=0.001)
    fine = least.reindex(items.index).astype(float) // LOTS_AT_LEAST
    units = pd.concat([by_mass, by_room, fine], axis=1).min(axis=1)
    told: pd.DataFrame = items.assign(units=units.astype(np.int64).clip(lower=1))
    return told


def _offers(registry: Registry, supply: SupplySpec, items: pd.DataFrame) -> pd.DataFrame:
    """Return what may be bought: the offers that the scenario does not rule out."""
    offers = registry["depots/offers"]
    allowed = supply.procurement.suppliers
    keep = offers["item_code"].isin(items.index)
    if allowed is not None:
        keep &= offers["supplier_id"].isin(allowed)
    order = ["item_code", "price_yuan", "supplier_id"]
    told: pd.DataFrame = offers[keep].sort_values(order, ignore_index=True)
    return told


def _fleet_arrays(fleets: tuple[Fleet, ...], days: int) -> dict[str, Any]:
    def every_day(values: list[int]) -> IntArray:
        return np.repeat(np.array(values, np.int64)[:, None], days, axis=1)

    return {
        "fleet_id": tuple(f"{fleet.depot}/{fleet.truck_type}" for fleet in fleets),
        "fleet_kg": every_day([fleet.trucks * fleet.payload_kg for fleet in fleets]),
        "fleet_litres": every_day([fleet.trucks * fleet.litres for fleet in fleets]),
    }


def _lane_arrays(
    registry: Registry,
    trucks: TruckRoads,
    lanes: tuple[Lane, ...],
    site: dict[str, int],
    fleets: tuple[Fleet, ...],
) -> dict[str, Any]:
    row = {(fleet.depot, fleet.truck_type): number for number, fleet in enumerate(fleets)}
    cost = {kind: _slot_yuan(registry, trucks, kind) for kind in {one.truck_type for one in lanes}}

    def column(values: list[int]) -> IntArray:
        return np.array(values, np.int64)

    return {
        "lane_from": column([site[one.origin] for one in lanes]),
        "lane_to": column([site[one.destination] for one in lanes]),
        "lane_fleet": column(
            [row[one.origin, one.truck_type] if one.owned else OWN_CARRIER for one in lanes]
        ),
        "lane_days": column([one.taken_days for one in lanes]),
        "lane_away": column([one.away_days for one in lanes]),
        "lane_opens": column([one.opens for one in lanes]),
        "lane_closes": column([one.opens + len(one.leave_s) - 1 for one in lanes]),
        "lane_yuan": column(
            [int(np.ceil(cost[one.truck_type] * 2 * one.length_m / 1000)) for one in lanes]
        ),
    }


def _slot_yuan(registry: Registry, trucks: TruckRoads, truck_type: str) -> float:
    """Return what a kilometre costs for one of the slots of a full truck."""
    kind = registry["depots/truck_types"].loc[truck_type]
    profile = registry["network/profiles"].loc[kind["profile"]]
    toll = registry["network/toll_rates"].loc[profile["toll_class"], "yuan_per_km"]
    yuan_per_km = float(profile["cost_yuan_per_km"]) + (float(toll) if trucks.pays else 0.0)
    return yuan_per_km / slots_of_a_truck(registry, truck_type)


def _source_arrays(
    supply: SupplySpec,
    items: pd.DataFrame,
    stock: pd.DataFrame,
    offers: pd.DataFrame,
    site: dict[str, int],
) -> dict[str, Any]:
    """Stock on the first day, donations at depots, and a source for each day of each offer."""
    item = {code: row for row, code in enumerate(items.index)}
    units = items["units"]
    rows: list[tuple[str, int, int, int, int, int, int]] = []
    for row in rows_of(stock):
        lots = int(row.quantity // units[row.item_code])
        name = f"stock/{row.depot_id}/{row.item_code}"
        rows.append((name, site[row.depot_id], item[row.item_code], 0, lots, 0, 0))
    for number, gift in enumerate(supply.donations):
        if gift.at in site and gift.item in item:
            lots = int(gift.quantity // units[gift.item])
            name = f"donation/{number}"
            rows.append((name, site[gift.at], item[gift.item], gift.day - 1, lots, 0, 0))
    left = {
        limit.item: int(limit.quantity // units.get(limit.item, 1))
        for limit in supply.procurement.limits
    }
    for day in range(supply.days):
        for row in rows_of(offers[offers["lead_days"] <= day]):
            lots = int(row.quantity_per_day // units[row.item_code])
            if row.item_code in left:
                lots = min(lots, left[row.item_code])
                left[row.item_code] -= lots
            name = f"offer/{row.supplier_id}/{row.item_code}/{day}"
            price = int(row.price_yuan) * int(units[row.item_code])
            rows.append((name, site[row.supplier_id], item[row.item_code], day, lots, 1, price))
    rows = sorted(row for row in rows if row[4] > 0)
    columns = list(zip(*rows, strict=True)) or [()] * 7
    names = ("source_site", "source_item", "source_day", "source_lots", "source_bought")
    return {
        "source_id": tuple(columns[0]),
        **{
            name: np.array(values, np.int64)
            for name, values in zip((*names, "source_yuan"), columns[1:], strict=True)
        },
    }


def _need_arrays(
    wanted: tuple[HubNeed, ...], items: pd.DataFrame, site: dict[str, int], days: int
) -> dict[str, Any]:
    item = {code: row for row, code in enumerate(items.index)}
    units = items["units"]

    def column(values: list[int]) -> IntArray:
        return np.array(values, np.int64)

    return {
        "need_id": tuple(
            f"{n.key.hub}/{n.key.item_code}/{n.key.day}/{n.key.priority}/{int(n.lasts)}"
            for n in wanted
        ),
        "need_site": column([site[hub_id(need.key.hub)] for need in wanted]),
        "need_item": column([item[need.key.item_code] for need in wanted]),
        "need_lots": column(
            [-(-need.quantity // int(units[need.key.item_code])) for need in wanted]
        ),
        "need_weight": column([WEIGHT[need.key.priority] for need in wanted]),
        "need_due": column([need.key.day for need in wanted]),
        "need_latest": column([days - 1 if need.lasts else need.key.day for need in wanted]),
    }


def _floor_arrays(stock: pd.DataFrame, items: pd.DataFrame, site: dict[str, int]) -> dict[str, Any]:
    """Keep :data:`KEPT` of each stock, as far as no need suffers."""
    item = {code: row for row, code in enumerate(items.index)}
    rows = sorted(
        (f"floor/{row.depot_id}/{row.item_code}", site[row.depot_id], item[row.item_code], lots)
        for row in rows_of(stock)
        if (lots := int(KEPT * row.quantity // items.at[row.item_code, "units"]))
    )
    columns = list(zip(*rows, strict=True)) or [()] * 4
    return {
        "floor_id": tuple(columns[0]),
        "floor_site": np.array(columns[1], np.int64),
        "floor_item": np.array(columns[2], np.int64),
        "floor_lots": np.array(columns[3], np.int64),
    }
