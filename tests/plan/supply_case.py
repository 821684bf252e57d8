"""A small supply case on the bundled tables: a few shelters of October 2021, three days."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd

from dispatch.plan.supply import SupplyPlan
from dispatch.plan.supply_build import make_supply
from dispatch.registry import Registry, data_dir, load_registry
from dispatch.scenario import Scenario, load_scenario
from dispatch.scenario.supply import NeedSpec

FLOODS = Path(__file__).parents[2] / "scripts" / "scenarios" / "autumn-flood-2021.yaml"


@cache
def registry() -> Registry:
    """Return the bundled tables."""
    return load_registry(data_dir())


@cache
def scenario() -> Scenario:
    """Return the floods with a helicopter-only shelter, and three others of two counties."""
    told = load_scenario(FLOODS)
    supply = told.supply
    assert supply is not None
    by_air = [one for one in supply.shelters if one.access == "helicopter"][:1]
    counties = sorted({one.county for one in supply.shelters})[:2]
    by_road = [
        one
        for county in counties
        for one in [s for s in supply.shelters if s.county == county and s.access == "road"][:2]
    ]
    # more latrines than anybody has, so that something is short
    latrines = NeedSpec(item="199999917", quantity=900, unit="套")
    by_road[0] = by_road[0].model_copy(update={"needs": (latrines,)})
    by_road = by_road[:3]
    less = supply.model_copy(update={"shelters": (*by_road, *by_air), "days": 3})
    return told.model_copy(update={"supply": less})


@cache
def smallest() -> Scenario:
    """Return the same with the first shelter and the helicopter's alone."""
    told = scenario()
    supply = told.supply
    assert supply is not None
    shelters = (supply.shelters[0], supply.shelters[-1])
    less = supply.model_copy(update={"shelters": shelters})
    return told.model_copy(update={"supply": less})


@cache
def plan() -> SupplyPlan:
    """Return its plan, which the checkers accepted."""
    return make_supply(registry(), scenario(), route_limit_s=1.0, explain_s=5.0)


@cache
def short_handed() -> SupplyPlan:
    """Return its plan with one light truck for all hubs, so that goods wait at them."""
    told = registry()
    tables = dict(told.tables)
    trucks = tables["depots/trucks"]
    light = trucks["truck_type"] == "light_box"
    kept = trucks[light].head(1).assign(quantity=1)
    # one two-axle truck of a depot hauls, none is left for the last mile
    haul = trucks[trucks["truck_type"] == "cargo"].assign(quantity=1)
    tables["depots/trucks"] = pd.concat([haul, kept])
    few = replace(told, tables=tables)
    return make_supply(few, scenario(), time_limit_s=3.0, route_limit_s=0.1, explain_s=1.0)
