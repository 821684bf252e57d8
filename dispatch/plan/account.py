"""What a plan leaves behind, what free roads are worth to it, and what it leans on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from dispatch.doctrine import Doctrine
from dispatch.i18n import _, told
from dispatch.plan.plan import (
    FloorState,
    IllustrativeRecord,
    Order,
    PolicyState,
    Privilege,
    Reserve,
)
from dispatch.plan.prepare import Prepared
from dispatch.registry import Registry
from dispatch.scenario import Scenario

S_PER_MIN: Final = 60


def reserves_of(registry: Registry, orders: tuple[Order, ...]) -> tuple[Reserve, ...]:
    """Count who stays behind, by city and tier."""
    teams, counties = registry.teams, registry.counties
    city = counties["city_adcode"].loc[teams["adcode"]].to_numpy()
    sent = teams.index.isin({order.team_id for order in orders})
    counts = (
        teams.assign(city=city, sent=sent).groupby(["city", "tier"])["sent"].agg(["size", "sum"])
    )
    names = counties.drop_duplicates("city_adcode").set_index("city_adcode")
    return tuple(
        Reserve(
            city=names.at[city, "city"],
            city_en=names.at[city, "city_en"],
            tier=tier,
            teams=int(count["size"]),
            sent=int(count["sum"]),
            left=int(count["size"] - count["sum"]),
        )
        for (city, tier), count in counts.iterrows()
    )


def floors_of(
    registry: Registry, doctrine: Doctrine, level: str, orders: tuple[Order, ...]
) -> tuple[FloorState, ...]:
    """Return the reserve floors of a level, area by area, and what the orders leave of each.

    They count all teams of the registry; what is missing from them adds up to
    the fourth stage of the objective.
    """
    teams = registry.teams
    sent = teams.index.isin({order.team_id for order in orders})
    columns = (teams[name].tolist() for name in ("adcode", "tier", "kind"))
    return tuple(
        FloorState(
            reserve=floor.rule.reserve,
            adcode=floor.adcode,
            area=(names := _area(registry, floor.rule.area, floor.adcode))[0],
            area_en=names[1],
            text=floor.rule.text,
            text_en=floor.rule.text_en,
            teams=len(floor.teams),
            required=floor.required,
            left=int((~sent[floor.teams]).sum()),
            status=floor.rule.status,
        )
        for floor in doctrine.floors_at(level, *columns)
    )


def _area(registry: Registry, kind: str, adcode: str) -> tuple[str, str]:
    """Name a county, a city or the province in Chinese and English."""
    counties = registry.counties
    if kind == "province":
        return told(lambda: _("the whole province"))
    if kind == "county":
        return str(counties.at[adcode, "name"]), str(counties.at[adcode, "name_en"])
    city = counties[counties["city_adcode"] == adcode].iloc[0]
    return str(city["city"]), str(city["city_en"])


def policy_of(scenario: Scenario) -> PolicyState:
    """Return what a scenario had decided and was told, besides toll-free passage."""
    policy, conditions = scenario.policy, scenario.conditions
    return PolicyState(
        level=scenario.level,
        modes=policy.modes,
        emergency_train_lead_min=policy.emergency_train_lead_min,
        rail_kit_kg_per_person=policy.rail_kit_kg_per_person,
        weather=conditions.weather,
        visibility_m=conditions.visibility_m,
        ceiling_m=conditions.ceiling_m,
        wind_ms=conditions.wind_ms,
        site_landing=conditions.site_landing,
        closures=tuple(closure.name for closure in scenario.closures),
        lost=scenario.lost,
        lost_vehicles=tuple(
            f"{loss.team}: {loss.profile} × {loss.quantity}" for loss in scenario.lost_vehicles
        ),
        opened=scenario.opened,
        closures_en=tuple(closure.name_en for closure in scenario.closures),
    )


def privilege_of(toll_free: bool, orders: tuple[Order, ...]) -> Privilege:
    """Sum what toll-free passage saves: minutes against the plan without it, and toll."""
    saved_s = sum(
        (order.without_privilege_s or order.arrive_s) - order.arrive_s for order in orders
    )
    return Privilege(
        toll_free=toll_free,
        minutes_saved=round(saved_s / S_PER_MIN, 1),
        toll_waived_yuan=round(sum(order.toll_waived_yuan for order in orders), 2),
    )


def illustrative_of(
    registry: Registry, prepared: Prepared, orders: tuple[Order, ...]
) -> tuple[IllustrativeRecord, ...]:
    """List every invented record that an order leans on, table by table."""
    road = prepared.travel.road
    link_row = {link: row for row, link in enumerate(road.link_id)}
    sent = {order.team_id: {task.capability for task in order.tasks} for order in orders}
    legs = [leg for order in orders for leg in order.legs]
    driven = sorted({link for leg in legs for link in leg.links})
    profiles = sorted(
        {leg.profile for leg in legs if leg.profile}
        | {row.profile for row in registry["teams/vehicles"].itertuples() if row.team_id in sent}
    )
    stops = {place for leg in legs for place in (leg.origin_id, leg.destination_id) if place}
    flown = {leg.service for leg in legs if leg.kind == "fly"}
    records = {
        *(
            IllustrativeRecord("teams/teams", order.team_id, order.team_name)
            for order in orders
            if order.status == "illustrative"
        ),
        *(
            IllustrativeRecord(
                "teams/capabilities", f"{row.team_id}/{row.capability}", row.equipment
            )
            for row in _invented(registry, "teams/capabilities")
            if row.capability in sent.get(row.team_id, ())
        ),
        *(
            IllustrativeRecord("teams/vehicles", f"{row.team_id}/{row.profile}", row.profile)
            for row in _invented(registry, "teams/vehicles")
            if row.team_id in sent
        ),
        *(
            IllustrativeRecord("network/speeds", f"{row.profile}/{row.road_class}", row.profile)
            for row in _invented(registry, "network/speeds")
            if row.profile in profiles
        ),
        *(
            IllustrativeRecord(table, row.Index, row.name)
            for table, used in (
                ("network/stations", stops),
                ("airbases/airbases", stops),
                ("airbases/aircraft", flown),
            )
            if table in registry.tables
            for row in _invented(registry, table)
            if row.Index in used
        ),
        *(
            IllustrativeRecord("network/links", link, road.link_ref[link_row[link]])
            for link in driven
            if road.link_status[link_row[link]] == "illustrative"
        ),
    }
    return tuple(sorted(records, key=lambda record: (record.table, record.key)))


def _invented(registry: Registry, table: str) -> Iterator[Any]:
    rows = registry[table]
    yield from rows[rows["status"] == "illustrative"].itertuples()
