"""Teams without their vehicles, by train and aircraft: what the registry and the scenario allow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil, floor
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.doctrine import Doctrine
from dispatch.network.by_air import AirWays, by_air
from dispatch.network.by_rail import RailWays, by_rail
from dispatch.network.closures import closures_of
from dispatch.network.departures import Suspension
from dispatch.network.flight import Fleet, Sites, Weather, build_fields, build_fleet, close_fields
from dispatch.network.rail import build_rail_network
from dispatch.network.rides import RailPolicy
from dispatch.network.shuttle import Parties, Shuttle
from dispatch.network.snap import Snaps, snap
from dispatch.plan.fields import unopened
from dispatch.plan.vehicles import Roads, drivers
from dispatch.registry import Registry
from dispatch.scenario import ClosureSpec, Scenario

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

BUS: Final = "bus"
"""Profile of the vehicles that bring parties to stations and fields, and on from there."""

LEAVE_VEHICLES_S: Final = 900
"""What a train must save for a team to leave its vehicles behind, and an aircraft once more."""

FOG_M: Final = 999.0
"""Visibility in fog of which no more is known: below 1 km, by the definition of the WMO."""

AIRCRAFT_TIER, AIRCRAFT_CONTROL = "specialist", "province"
"""As which pool aircraft are released (assumption)."""

RAIL_TABLES: Final = ("network/stations", "network/rail_services", "network/trains")
AIR_TABLES: Final = ("airbases/airbases", "airbases/aircraft", "airbases/aircraft_types")


@dataclass(frozen=True, eq=False)
class Journeys:
    """R parties, and their ways by rail and air.

    Parameters
    ----------
    team : IntArray, shape (R,)
        Row of the team that a party is.
    row : IntArray, shape (T, I)
        Party that a team is when it leaves for an incident; -1 for none.
    parties : Parties
    shuttle : Shuttle
    pays : bool
        Whether the buses pay toll.
    rail : RailWays or None
    air : AirWays or None
    """

    team: IntArray
    row: IntArray
    parties: Parties
    shuttle: Shuttle
    pays: bool
    rail: RailWays | None
    air: AirWays | None

    @property
    def rail_ways(self) -> RailWays:
        """The ways by rail, for an option that is one of them."""
        if self.rail is None:
            raise ValueError("nobody goes by rail")
        return self.rail

    @property
    def air_ways(self) -> AirWays:
        """The ways by air, for an option that is one of them."""
        if self.air is None:
            raise ValueError("nobody goes by air")
        return self.air


def journeys(
    registry: Registry,
    doctrine: Doctrine,
    scenario: Scenario,
    roads: Roads,
    teams: pd.DataFrame,
    incidents: pd.DataFrame,
    destinations: Snaps,
    mobilised_s: FloatArray,
    by_road_s: FloatArray,
    latest_s: FloatArray,
    portable: BoolArray,
) -> Journeys | None:
    """Find the ways of all teams by rail and air that are worth leaving the vehicles for.

    Parameters
    ----------
    registry, doctrine, scenario, roads
    teams, incidents : DataFrame
        T and I rows, as in the problem.
    destinations : Snaps
        The incidents, joined to the road.
    mobilised_s : FloatArray, shape (T, I)
        Release and mobilisation; inf where a team is not released.
    by_road_s : FloatArray, shape (T, I)
        Arrival with the vehicles; inf where there is no way.
    latest_s : FloatArray, shape (I,)
        After which nothing counts at an incident.
    portable : BoolArray, shape (T,)
        Whether a team has anything of use that works without its vehicles.

    Returns
    -------
    Journeys or None
        None where the policy, the tables or the teams allow none.
    """
    team, incident = np.nonzero(np.isfinite(mobilised_s) & portable[:, None])
    wanted = {"rail": RAIL_TABLES, "air": AIR_TABLES}
    modes = {
        mode
        for mode, tables in wanted.items()
        if mode in scenario.policy.modes and all(name in registry.tables for name in tables)
    }
    if not (team.size and modes) or BUS not in registry["network/profiles"].index:
        return None
    key, row = np.unique(
        np.stack([team, mobilised_s[team, incident].astype(np.int64)]), axis=1, return_inverse=True
    )
    rows = np.full(mobilised_s.shape, -1)
    rows[team, incident] = row.ravel()
    parties = _parties(roads, teams.iloc[key[0]], key[1].astype(float))
    shuttle = _shuttle(registry, scenario, roads, destinations)
    worth_s = np.full((len(key[0]), mobilised_s.shape[1]), -np.inf)
    by_s = np.minimum(by_road_s - LEAVE_VEHICLES_S, latest_s[None, :] + 1)
    worth_s[row.ravel(), incident] = by_s[team, incident]
    rail = None
    if "rail" in modes:
        rail = _by_rail(registry, scenario, shuttle, parties)
        sooner = np.minimum(worth_s, rail.arrive_s - LEAVE_VEHICLES_S)
        late = rail.arrive_s >= worth_s
        rail = replace(
            rail, onward=replace(rail.onward, arrive_s=np.where(late, np.inf, rail.arrive_s))
        )
        worth_s = np.where(late, worth_s, sooner)
    air = None
    if "air" in modes:
        air = _by_air(registry, doctrine, scenario, incidents, shuttle, parties, worth_s)
    pays = not scenario.policy.toll_free
    return Journeys(key[0], rows, parties, shuttle, pays, rail, air)


def buses(personnel: IntArray) -> IntArray:
    """Return how many buses of 45 seats parties need."""
    return -(-personnel // 45)


def _parties(roads: Roads, teams: pd.DataFrame, mobilised_s: FloatArray) -> Parties:
    base = snap(roads.network, teams["lon"].to_numpy(float), teams["lat"].to_numpy(float))
    return Parties(
        base=base,
        mobilised_s=mobilised_s,
        personnel=teams["personnel"].to_numpy(np.int64),
        kit_kg=teams["kit_kg"].to_numpy(float),
    )


def _shuttle(registry: Registry, scenario: Scenario, roads: Roads, destinations: Snaps) -> Shuttle:
    shut = closures_of(roads.network, scenario.closures)
    lasting = [c for c in shut if c.from_s <= 0 and np.isinf(c.until_s)]
    pays = not scenario.policy.toll_free
    bus, hopeful = (
        drivers(registry, scenario, roads, BUS, pays=pays, closures=closures)
        for closures in (shut, lasting)
    )
    return Shuttle(roads.network, bus, hopeful, destinations)


def _by_rail(
    registry: Registry, scenario: Scenario, shuttle: Shuttle, parties: Parties
) -> RailWays:
    rail = build_rail_network(*(registry[table] for table in RAIL_TABLES))
    told, usual = scenario.policy, RailPolicy()
    lead_min, kit_kg = told.emergency_train_lead_min, told.rail_kit_kg_per_person
    policy = RailPolicy(
        suspended=tuple(
            _suspension(spec) for spec in scenario.closures if spec.line or spec.station
        ),
        emergency_lead_s=None if lead_min is None else round(lead_min * 60),
        kit_kg_per_person=usual.kit_kg_per_person if kit_kg is None else kit_kg,
    )
    midnight = scenario.start.replace(hour=0, minute=0, second=0, microsecond=0)
    clock_s = (scenario.start - midnight) // timedelta(seconds=1)
    return by_rail(rail, shuttle, parties, start_clock_s=clock_s, policy=policy)


def _suspension(spec: ClosureSpec) -> Suspension:
    # trains leave and arrive at whole seconds
    until_s = np.inf if spec.until_min is None else ceil(spec.until_min * 60)
    from_s = floor(spec.from_min * 60) if spec.from_min > 0 else -np.inf
    return Suspension(str(spec.line or spec.station), from_s, until_s)


def _by_air(
    registry: Registry,
    doctrine: Doctrine,
    scenario: Scenario,
    incidents: pd.DataFrame,
    shuttle: Shuttle,
    parties: Parties,
    worth_s: FloatArray,
) -> AirWays:
    airbases, aircraft, types = (registry[table] for table in AIR_TABLES)
    closures = *scenario.closures, *unopened(registry, scenario)
    fields = close_fields(build_fields(airbases), closures)
    fleet = build_fleet(aircraft, types, fields)
    released_s = doctrine.release(
        incidents["level"].tolist(),
        [AIRCRAFT_TIER] * len(aircraft),
        [AIRCRAFT_CONTROL] * len(aircraft),
        doctrine.places(
            airbases.loc[aircraft["airbase_id"], "adcode"].tolist(), incidents["adcode"].tolist()
        ),
    )
    return by_air(
        _free(fleet, released_s),
        fields,
        _sites(scenario),
        shuttle,
        parties,
        worth_s,
        np.isfinite(released_s),
        scenario.start,
        _weather(scenario),
    )


def _free(fleet: Fleet, released_s: FloatArray) -> Fleet:
    """Free each aircraft once it is released to every incident that may have it."""
    last_s = np.where(np.isfinite(released_s), released_s, -np.inf).max(axis=1)
    return replace(fleet, free_s=np.where(np.isfinite(last_s), last_s, np.inf))


def _sites(scenario: Scenario) -> Sites:
    specs, landing = scenario.incidents, scenario.conditions.site_landing
    unknown = np.full(len(specs), np.nan)
    slope_deg = [s.slope_deg if landing and s.slope_deg is not None else np.nan for s in specs]
    return Sites(
        lon=np.array([spec.lon for spec in specs]),
        lat=np.array([spec.lat for spec in specs]),
        elevation_m=unknown,
        slope_deg=np.array(slope_deg),
        road_s=np.empty((0, len(specs))),
    )


def _weather(scenario: Scenario) -> Weather:
    told = scenario.conditions
    visibility_m = told.visibility_m
    if visibility_m is None:
        visibility_m = FOG_M if told.weather == "fog" else np.inf
    return Weather(
        visibility_m=visibility_m,
        cloud_base_m=np.inf if told.ceiling_m is None else told.ceiling_m,
        wind_ms=0.0 if told.wind_ms is None else told.wind_ms,
    )
