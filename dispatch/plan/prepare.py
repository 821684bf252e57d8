"""From registry, doctrine and scenario to the arrays of the dispatch problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from dispatch.doctrine import Doctrine, LevelDecision, highest
from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.network.road import build_road_network
from dispatch.network.snap import snap
from dispatch.optimise.problem import DispatchProblem
from dispatch.plan.closures import closure_faults
from dispatch.plan.demands import demand_arrays, demand_table, latest_s
from dispatch.plan.fields import opened_faults
from dispatch.plan.journeys import Journeys, journeys
from dispatch.plan.options import ROAD, Options, options_of
from dispatch.plan.supply_words import refuse_remote_shelters, supply_troubles
from dispatch.plan.travel import Travel, travel
from dispatch.plan.vehicles import roads_of
from dispatch.registry import Registry
from dispatch.scenario import IncidentSpec, Scenario

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MAX_FROM_PROVINCE_DEG: Final = 0.05
"""How far from every county an incident may lie and still belong to the nearest, about 5 km."""

DAY_BEGINS_H: Final = 7
DAY_ENDS_H: Final = 21
"""Hours of local time between which the mobilisation by day holds."""

MAX_ACCESS_M: Final = 30_000
"""A place farther from every usable road than this is taken for an error."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A dispatch problem and the tables its rows came from.

    Parameters
    ----------
    level : str
        Response level in force: the scenario's, or the highest derived.
    decisions : tuple of LevelDecision or None, length I
        How each incident's level came about; None where the scenario sets it.
    teams : DataFrame
        T teams with a capability that is wanted, in the order of the problem.
    modules : DataFrame
        M rows of ``teams/capabilities``, in the order of the problem.
    incidents : DataFrame
        I incidents: incident_id, lon, lat, adcode, level.
    demands : DataFrame
        D demands, as :func:`~dispatch.plan.demands.demand_table` makes them.
    release_s : FloatArray, shape (T, I)
        Time until the team is released to the incident; inf where the level
        does not unlock it.
    mobilise_s : IntArray, shape (T, I)
    travel : Travel
        By road.
    journeys : Journeys or None
        By train and aircraft.
    options : Options
        All ways, in the order of the problem.
    problem : DispatchProblem
    """

    level: str
    decisions: tuple[LevelDecision | None, ...]
    teams: pd.DataFrame
    modules: pd.DataFrame
    incidents: pd.DataFrame
    demands: pd.DataFrame
    release_s: FloatArray
    mobilise_s: IntArray
    travel: Travel
    journeys: Journeys | None
    options: Options
    problem: DispatchProblem

    @property
    def parties(self) -> Journeys:
        """The journeys, for an option that is one of them."""
        if self.journeys is None:
            raise ValueError("everybody goes by road")
        return self.journeys

    @property
    def mobilised_s(self) -> FloatArray:
        """When each team may leave for each incident, shape (T, I)."""
        mobilised: FloatArray = self.release_s + self.mobilise_s
        return mobilised

    def earliest_s(self, team: int, incident: int) -> float:
        """Return the earliest arrival of a team at an incident by any way; inf for none."""
        mine = (self.options.team == team) & (self.options.incident == incident)
        return float(np.min(self.options.arrive_s[mine].astype(float), initial=np.inf))


def prepare(
    registry: Registry,
    doctrine: Doctrine,
    scenario: Scenario,
    *,
    backend: str = "auto",
    asked_s: int = 0,
    ready_s: Mapping[str, int] | None = None,
) -> Prepared:
    """Make the dispatch problem of a scenario.

    Parameters
    ----------
    registry : Registry
    doctrine : Doctrine
    scenario : Scenario
    backend : str
        Of the road engine.
    asked_s : int
        When the teams are asked for: release and mobilisation begin then.
    ready_s : mapping of str to int, optional
        When teams that were asked for before may leave, by id; where the level
        does not unlock them they still may not.

    Raises
    ------
    InputError
        If the scenario names a type, impact figure or capability that the
        doctrine does not know, a place outside the province or far from
        every road, or a closure of what the registry does not know.
    """
    _check_words(registry, doctrine, scenario)
    decisions = tuple(_decision(doctrine, scenario, spec) for spec in scenario.incidents)
    incidents = _incidents(registry, scenario, decisions)
    demands = demand_table(registry, doctrine, scenario)
    modules = registry["teams/capabilities"]
    modules = modules[modules["capability"].isin(set(demands["capability"]))]
    modules = modules.sort_values(["team_id", "capability", "equipment"], ignore_index=True)
    teams = registry.teams.loc[sorted(set(modules["team_id"]))]
    release_s = doctrine.release(
        incidents["level"].tolist(),
        teams["tier"].tolist(),
        teams["control_level"].tolist(),
        doctrine.places(teams["adcode"].tolist(), incidents["adcode"].tolist()),
    )
    release_s = release_s + asked_s
    mobilise_s = _mobilise_s(scenario, teams, release_s)
    release_s, mobilise_s = _ready_before(teams, release_s, mobilise_s, ready_s or {})
    roads = roads_of(registry, backend=backend)
    goals = snap(roads.network, incidents["lon"].to_numpy(float), incidents["lat"].to_numpy(float))
    _refuse_remote(scenario, goals.access_m)
    leave_s = release_s + mobilise_s
    way = travel(registry, scenario, roads, teams, goals, leave_s)
    portable = _portable(registry, modules)
    by_road = "road" in scenario.policy.modes
    found = journeys(
        registry,
        doctrine,
        scenario,
        roads,
        teams,
        incidents,
        goals,
        leave_s,
        leave_s + way.time_s if by_road else np.full_like(leave_s, np.inf),
        latest_s(demands, len(incidents)),
        teams.index.isin(modules["team_id"][portable]),
    )
    options = options_of(registry, teams, way, found, by_road=by_road)
    level = highest(incidents["level"])
    return Prepared(
        level=level,
        decisions=decisions,
        teams=teams,
        modules=modules,
        incidents=incidents,
        demands=demands,
        release_s=release_s,
        mobilise_s=mobilise_s,
        travel=way,
        journeys=found,
        options=options,
        problem=DispatchProblem(
            **_team_arrays(teams, modules),
            module_portable=portable,
            incident_id=tuple(incidents["incident_id"]),
            **demand_arrays(doctrine, demands),
            **option_arrays(options),
            **_floor_arrays(doctrine, level, registry.teams, teams),
        ),
    )


def check_scenario(registry: Registry, doctrine: Doctrine, scenario: Scenario) -> None:
    """Check a scenario against doctrine and map, as :func:`prepare` does.

    Raises
    ------
    InputError
        With every fault; whether places are far from every road is asked only
        where there is no other.
    """
    _check_words(registry, doctrine, scenario)
    lon, lat = ([getattr(spec, axis) for spec in scenario.incidents] for axis in ("lon", "lat"))
    network = build_road_network(registry.junctions, registry.links)
    _refuse_remote(scenario, snap(network, np.array(lon), np.array(lat)).access_m)
    refuse_remote_shelters(network, scenario, MAX_ACCESS_M)


def _check_words(registry: Registry, doctrine: Doctrine, scenario: Scenario) -> None:
    """Raise if the scenario uses words or places that doctrine and map do not know."""
    faults = [
        fault
        for row, spec in enumerate(scenario.incidents)
        for fault in _incident_faults(registry, doctrine, scenario, row, spec)
    ]
    faults += closure_faults(registry, scenario)
    faults += opened_faults(registry, scenario)
    faults += supply_troubles(registry, scenario)
    if faults:
        raise InputError(faults)


def _incident_faults(
    registry: Registry, doctrine: Doctrine, scenario: Scenario, row: int, spec: IncidentSpec
) -> Iterator[Fault]:
    here = ("incidents", row)
    for trouble in doctrine.troubles(spec.type, spec.impact):
        key = "type" if trouble.key == "type" else f"impact.{trouble.key}"
        yield scenario.fault(
            (*here, *key.split(".")), trouble.value, trouble.problem, trouble.remedy
        )
    capabilities = registry["doctrine/capabilities"].index
    for number, demand in enumerate(spec.demands or ()):
        if demand.capability not in capabilities:
            problem = _("unknown capability")
            remedy = _("use {codes}").format(codes=" | ".join(capabilities))
            path = (*here, "demands", number, "capability")
            yield scenario.fault(path, demand.capability, problem, remedy)
    if county_of(registry.county_polygons, spec.lon, spec.lat) is None:
        problem = _("the place lies outside the province")
        remedy = _("give WGS84 degrees of a place in Shanxi")
        yield scenario.fault((*here, "lon"), f"{spec.lon}, {spec.lat}", problem, remedy)


def county_of(polygons: gpd.GeoDataFrame, lon: float, lat: float) -> str | None:
    """Return the adcode of the county in or next to which a point lies."""
    point = shapely.Point(lon, lat)
    index = polygons.sindex.nearest(point, return_all=False, max_distance=MAX_FROM_PROVINCE_DEG)
    return str(polygons.index[index[1][0]]) if index.shape[1] else None


def _decision(doctrine: Doctrine, scenario: Scenario, spec: IncidentSpec) -> LevelDecision | None:
    if scenario.level_of(spec) != "auto":
        return None
    return doctrine.derive_level(spec.type, spec.impact)


def _incidents(
    registry: Registry, scenario: Scenario, decisions: tuple[LevelDecision | None, ...]
) -> pd.DataFrame:
    rows = [
        (
            spec.id,
            spec.lon,
            spec.lat,
            county_of(registry.county_polygons, spec.lon, spec.lat),
            scenario.level_of(spec) if decision is None else decision.level,
        )
        for spec, decision in zip(scenario.incidents, decisions, strict=True)
    ]
    return pd.DataFrame(rows, columns=["incident_id", "lon", "lat", "adcode", "level"])


def _refuse_remote(scenario: Scenario, access_m: IntArray) -> None:
    faults = [
        scenario.fault(
            ("incidents", row, "lon"),
            f"{spec.lon}, {spec.lat}",
            _("{name} lies {km} km from the nearest road known").format(
                name=spec.name, km=round(far_m / 1000)
            ),
            _("move the place nearer to a road, or import a road network that reaches it"),
        )
        for row, (spec, far_m) in enumerate(zip(scenario.incidents, access_m.tolist(), strict=True))
        if far_m > MAX_ACCESS_M
    ]
    if faults:
        raise InputError(faults)


def _mobilise_s(scenario: Scenario, teams: pd.DataFrame, release_s: FloatArray) -> IntArray:
    """Mobilisation by the hour at which each team is released, shape (T, I)."""
    midnight = scenario.start.replace(hour=0, minute=0, second=0, microsecond=0)
    start_s = (scenario.start - midnight) // timedelta(seconds=1)
    hour = (start_s + np.where(np.isfinite(release_s), release_s, 0)) % 86_400 / 3600
    by_day = (hour >= DAY_BEGINS_H) & (hour < DAY_ENDS_H)
    day, night = (teams[name].to_numpy(np.int64)[:, None] for name in _MOBILISE)
    return np.where(by_day, day, night)


def _ready_before(
    teams: pd.DataFrame, release_s: FloatArray, mobilise_s: IntArray, ready_s: Mapping[str, int]
) -> tuple[FloatArray, IntArray]:
    """Let teams that were asked for before leave when they are ready."""
    known = np.array([ready_s.get(team, -1) for team in teams.index], float)[:, None]
    before = (known >= 0) & np.isfinite(release_s)
    return np.where(before, known, release_s), np.where(before, 0, mobilise_s)


_MOBILISE: Final = ("mobilise_day_s", "mobilise_night_s")


def _team_arrays(teams: pd.DataFrame, modules: pd.DataFrame) -> dict[str, Any]:
    row = pd.Series(np.arange(len(teams)), index=teams.index)
    return {
        "team_id": tuple(teams.index),
        "personnel": teams["personnel"].to_numpy(np.int64),
        "module_team": row.loc[modules["team_id"]].to_numpy(np.int64),
        "module_capability": tuple(modules["capability"]),
        "module_units": modules["units"].to_numpy(np.int64),
        "module_quantity": modules["quantity_per_unit"].to_numpy(np.int64),
        "module_members": modules["members_per_unit"].to_numpy(np.int64),
    }


def option_arrays(options: Options) -> dict[str, Any]:
    """Return the options as the problem sees them, keyword by keyword."""
    lifts = {use.lift: use.capacity for uses in options.uses for use in uses}
    row = {lift: number for number, lift in enumerate(sorted(lifts))}
    used = [(option, use) for option, uses in enumerate(options.uses) for use in uses]

    def column(values: Iterable[int]) -> IntArray:
        return np.array(list(values), np.int64)

    return {
        "option_team": options.team,
        "option_incident": options.incident,
        "option_arrival_s": options.arrive_s,
        "option_cost_yuan": options.cost_yuan,
        "option_vehicles": options.mode == ROAD,
        "lift_id": tuple(row),
        "lift_capacity": column(lifts[lift] for lift in row),
        "use_option": column(option for option, _use in used),
        "use_lift": column(row[use.lift] for _option, use in used),
        "use_quantity": column(use.quantity for _option, use in used),
        "use_from_s": column(use.from_s for _option, use in used),
        "use_until_s": column(use.until_s for _option, use in used),
    }


def _portable(registry: Registry, modules: pd.DataFrame) -> BoolArray:
    """Tell which modules work without the vehicles of their team, shape (M,)."""
    portable = registry["doctrine/capabilities"]["portable"].eq("yes")
    found: BoolArray = portable.loc[modules["capability"]].to_numpy(bool)
    return found


def _floor_arrays(
    doctrine: Doctrine, level: str, everyone: pd.DataFrame, teams: pd.DataFrame
) -> dict[str, Any]:
    """Floors as the problem sees them: teams that nobody asks for stay anyway."""
    floors = doctrine.floors_at(
        level, everyone["adcode"].tolist(), everyone["tier"].tolist(), everyone["kind"].tolist()
    )
    row = pd.Series(np.arange(len(teams)), index=teams.index).reindex(everyone.index, fill_value=-1)
    rows: list[tuple[str, int, IntArray]] = []
    for floor in floors:
        members = row.to_numpy(np.int64)[floor.teams]
        asked = members[members >= 0]
        required = floor.required - (len(members) - len(asked))
        if required > 0:
            rows.append((floor.floor_id, required, asked))
    return {
        "floor_id": tuple(floor_id for floor_id, _required, _asked in rows),
        "floor_quantity": np.array([required for _id, required, _asked in rows], np.int64),
        "floor_teams": tuple(asked for _id, _required, asked in rows),
    }
