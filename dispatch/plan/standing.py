"""The tables as they stand at one moment of a plan: who is where, with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from dispatch.plan.journeys import BUS, buses
from dispatch.plan.pace import is_night
from dispatch.plan.position import Position
from dispatch.registry import Registry
from dispatch.scenario import Scenario

AIRCRAFT = "airbases/aircraft"


def standing(
    registry: Registry, told: Scenario, positions: Mapping[str, Position], at_s: int
) -> Registry:
    """Return the registry with everybody where he is.

    Teams under way are based at the place ahead; those without their vehicles
    have buses there. No aircraft may be asked for before that moment.
    """
    teams = registry.teams
    for team, place in positions.items():
        if place.at is not None and team in teams.index:
            teams.loc[team, ["lon", "lat"]] = place.at
    parties = [team for team, place in positions.items() if place.party and team in teams.index]
    tables = {
        **registry.tables,
        "teams/teams": teams,
        "teams/vehicles": _bussed(registry, teams, sorted(parties)),
    }
    if AIRCRAFT in tables:
        tables[AIRCRAFT] = _asked(registry[AIRCRAFT], told, at_s)
    return replace(registry, tables=tables)


def _bussed(registry: Registry, teams: pd.DataFrame, parties: list[str]) -> pd.DataFrame:
    """Return the vehicles, those of parties exchanged for buses."""
    vehicles: pd.DataFrame = registry["teams/vehicles"]
    if not parties:
        return vehicles
    people = teams["personnel"].loc[parties].to_numpy(np.int64)
    marks = {"status": "illustrative", "source": "buses of the county (assumption)"}
    found = pd.DataFrame({"team_id": parties, "profile": BUS, "quantity": buses(people)})
    rest = vehicles[~vehicles["team_id"].isin(parties)]
    bussed: pd.DataFrame = pd.concat([rest, found.assign(**marks)], ignore_index=True)
    return bussed


def _asked(aircraft: pd.DataFrame, told: Scenario, at_s: int) -> pd.DataFrame:
    """Return the aircraft with a mobilisation that does not begin before a moment."""
    hour = "night" if bool(is_night(told.start, at_s)) else "day"
    ready_s = aircraft[f"mobilise_{hour}_s"] + at_s
    asked: pd.DataFrame = aircraft.assign(mobilise_day_s=ready_s, mobilise_night_s=ready_s)
    return asked
