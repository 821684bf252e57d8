"""The choices of one team for one journey: by road, by rail, by air, none beaten by another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import ValidationError

from dispatch.doctrine import LEVELS, Doctrine, load_doctrine
from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.network.daylight import CHINA
from dispatch.network.itinerary import MODES, unbeaten
from dispatch.network.snap import Snaps, snap
from dispatch.plan.closures import closure_faults
from dispatch.plan.journeys import Journeys, journeys
from dispatch.plan.legs import legs_of
from dispatch.plan.options import AIR, RAIL, Options, options_of
from dispatch.plan.plan import Leg
from dispatch.plan.prepare import DAY_BEGINS_H, DAY_ENDS_H, MAX_ACCESS_M, Prepared
from dispatch.plan.travel import Travel, travel
from dispatch.plan.vehicles import Roads, roads_of
from dispatch.registry import Registry, data_dir
from dispatch.scenario import ClosureSpec, Conditions, Policy, Scenario
from dispatch.scenario.faults import dotted, explain

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

GOAL: Final = "destination"
COLUMNS: Final = ("mode", "leg", "from", "to", "start", "end", "km")


@dataclass(frozen=True)
class Itinerary:
    """One way of a team to its destination, from the order to the arrival.

    Parameters
    ----------
    mode : {"road", "rail", "air"}
        By road with its vehicles, else without them.
    arrive_s : int
        After the order.
    cost_yuan : int
        Of the journey and a day's compensation.
    seats : int
        Taken on trains: the most on any one.
    aircraft_s : int
        For which an aircraft is at nobody else's disposal.
    legs : tuple of Leg
        As in a plan; each begins when the one before ends.
    """

    mode: str
    arrive_s: int
    cost_yuan: int
    seats: int
    aircraft_s: int
    legs: tuple[Leg, ...]


@dataclass(frozen=True, eq=False)
class _Ways:
    """As much of :class:`Prepared` as legs are made from."""

    teams: pd.DataFrame
    release_s: FloatArray
    mobilised_s: FloatArray
    travel: Travel
    journeys: Journeys | None
    options: Options

    @property
    def parties(self) -> Journeys:
        if self.journeys is None:
            raise ValueError("everybody goes by road")
        return self.journeys


def itineraries(
    registry: Registry,
    team_id: str,
    lon: float,
    lat: float,
    start: datetime,
    *,
    policy: Policy | None = None,
    conditions: Conditions | None = None,
    closures: Iterable[ClosureSpec] = (),
    slope_deg: float | None = None,
) -> tuple[Itinerary, ...]:
    """Return the choices of one team for one journey that no other choice beats.

    A choice is beaten by one that is no worse in arrival, cost, seats of
    trains and time of aircraft, and better in one of them. The team and all
    aircraft are free and ordered at ``start``: nobody waits for a release, and
    the team mobilises as its table says for that hour. Of the aircraft the
    first to arrive are looked at. A team of which nothing works without its
    vehicles goes by road.

    Parameters
    ----------
    registry : Registry
    team_id : str
    lon, lat : float
        The destination, EPSG:4326.
    start : datetime
        With its zone; all times count from it.
    policy : Policy, optional
        Toll, modes and trains, as in a scenario.
    conditions : Conditions, optional
        Weather.
    closures : iterable of ClosureSpec
    slope_deg : float, optional
        Of a landing place for helicopters at the destination; without it none
        lands there.

    Returns
    -------
    tuple of Itinerary
        In the order of arrival; empty where there is no way.

    Raises
    ------
    InputError
        If there is no such team, the destination lies outside the province or
        far from every road, the start has no zone, or a closure names what is
        not there.
    """
    team = _team(registry, team_id)
    scenario = _scenario(
        name="itinerary",
        title=team_id,
        start=start,
        policy=policy or Policy(),
        conditions=conditions or Conditions(),
        closures=tuple(closures),
        incidents=[
            {"id": GOAL, "name": GOAL, "type": GOAL, "lon": lon, "lat": lat, "slope_deg": slope_deg}
        ],
    )
    if faults := list(closure_faults(registry, scenario)):
        raise InputError(faults)
    roads = roads_of(registry)
    goal = _goal(roads, lon, lat)
    ways = _ways(registry, scenario, roads, team, goal)
    return tuple(_itinerary(registry, scenario, ways, option) for option in _kept(ways).tolist())


def as_frame(choices: Sequence[Itinerary]) -> pd.DataFrame:
    """Return the legs of some itineraries, a row for each.

    Parameters
    ----------
    choices : sequence of Itinerary

    Returns
    -------
    DataFrame
        Indexed by the number of the itinerary, from 0. Columns mode, leg (its
        kind), from, to, start and end (timedelta after the order), km.
    """
    rows = [
        (number, choice.mode, leg) for number, choice in enumerate(choices) for leg in choice.legs
    ]
    frame = pd.DataFrame(
        [
            (mode, leg.kind, leg.origin, leg.destination, leg.start_s, leg.end_s, leg.distance_m)
            for _number, mode, leg in rows
        ],
        index=pd.Index([number for number, _mode, _leg in rows], dtype="int64", name="itinerary"),
        columns=list(COLUMNS),
    )
    for column in ("start", "end"):
        frame[column] = pd.to_timedelta(frame[column].astype("int64"), unit="s")
    frame["km"] = frame["km"].astype(float) / 1000
    return frame


def _team(registry: Registry, team_id: str) -> pd.DataFrame:
    """Return one row of the teams."""
    if team_id not in registry.teams.index:
        problem, remedy = _("no such team"), _("use an id of {table}").format(table="teams/teams")
        raise InputError(Fault("teams/teams", None, "team_id", team_id, problem, remedy))
    one: pd.DataFrame = registry.teams.loc[[team_id]]
    return one


def _scenario(**told: Any) -> Scenario:
    try:
        scenario = Scenario(**told)
    except ValidationError as error:
        raise InputError(
            Fault("itinerary", None, dotted(item["loc"]), str(item["input"]), *explain(item))
            for item in error.errors(include_url=False)
        ) from None
    # hours are told by the clock of the province, wherever the question is asked
    return scenario.model_copy(update={"start": scenario.start.astimezone(CHINA)})


def _goal(roads: Roads, lon: float, lat: float) -> Snaps:
    goal = snap(roads.network, np.array([lon]), np.array([lat]))
    far_m = int(goal.access_m[0])
    if far_m > MAX_ACCESS_M:
        problem = _("{name} lies {km} km from the nearest road known").format(
            name=GOAL, km=round(far_m / 1000)
        )
        remedy = _("move the place nearer to a road, or import a road network that reaches it")
        raise InputError(Fault("itinerary", None, "lon", f"{lon}, {lat}", problem, remedy))
    return goal


def _ways(
    registry: Registry, scenario: Scenario, roads: Roads, team: pd.DataFrame, goal: Snaps
) -> _Ways:
    by_day = DAY_BEGINS_H <= scenario.start.hour < DAY_ENDS_H
    mobilise = "mobilise_day_s" if by_day else "mobilise_night_s"
    mobilised_s = team[[mobilise]].to_numpy(float)
    way = travel(registry, scenario, roads, team, goal, mobilised_s)
    found = _journeys(registry, scenario, roads, team, goal, mobilised_s)
    by_road = "road" in scenario.policy.modes
    return _Ways(
        teams=team,
        release_s=np.zeros((1, 1)),
        mobilised_s=mobilised_s,
        travel=way,
        journeys=found,
        options=options_of(registry, team, way, found, by_road=by_road),
    )


def _journeys(
    registry: Registry,
    scenario: Scenario,
    roads: Roads,
    team: pd.DataFrame,
    goal: Snaps,
    mobilised_s: FloatArray,
) -> Journeys | None:
    """Find the ways by rail and by air, each as if there were no other way."""
    spec = scenario.incidents[0]
    here = shapely.Point(spec.lon, spec.lat)
    county = registry.county_polygons.sindex.nearest(here, return_all=False)[1][0]
    goals = pd.DataFrame(
        [(spec.id, spec.lon, spec.lat, registry.county_polygons.index[county], LEVELS[0])],
        columns=["incident_id", "lon", "lat", "adcode", "level"],
    )
    doctrine = _free(load_doctrine(data_dir()))
    modules = registry["teams/capabilities"]
    modules = modules[modules["team_id"].eq(team.index[0])]
    portable = registry["doctrine/capabilities"]["portable"].eq("yes")[modules["capability"]]
    by_mode = {
        mode: journeys(
            registry,
            doctrine,
            scenario.model_copy(
                update={"policy": scenario.policy.model_copy(update={"modes": (mode,)})}
            ),
            roads,
            team,
            goals,
            goal,
            mobilised_s,
            np.full((1, 1), np.inf),
            np.full(1, np.inf),
            np.array([portable.any()]),
        )
        for mode in ("rail", "air")
        if mode in scenario.policy.modes
    }
    rail, air = by_mode.get("rail"), by_mode.get("air")
    return replace(rail, air=air.air) if rail and air else rail or air


def _free(doctrine: Doctrine) -> Doctrine:
    """Release everybody at once."""
    return replace(doctrine, pools=tuple(replace(rule, delay_s=0) for rule in doctrine.pools))


def _lift(ways: _Ways) -> tuple[IntArray, IntArray]:
    """Return seats and time of aircraft that each option uses, both (O,)."""
    told = ways.options
    seats = [
        max((use.quantity for use in uses), default=0) if mode == RAIL else 0
        for mode, uses in zip(told.mode.tolist(), told.uses, strict=True)
    ]
    aircraft_s = [
        sum(use.until_s - use.from_s for use in uses) if mode == AIR else 0
        for mode, uses in zip(told.mode.tolist(), told.uses, strict=True)
    ]
    return np.array(seats, np.int64), np.array(aircraft_s, np.int64)


def _kept(ways: _Ways) -> IntArray:
    """Return the options that no other beats, in the order of arrival."""
    told = ways.options
    options = np.arange(len(told.mode))
    if (told.mode == AIR).any():  # no aircraft flies another mission before
        journey = np.where(told.mode == AIR, told.journey, 0)
        options = np.flatnonzero((told.mode != AIR) | (ways.parties.air_ways.wave[journey] == 0))
    criteria = np.stack([told.arrive_s, told.cost_yuan, *_lift(ways)])[:, options]
    kept = options[unbeaten(*criteria)] if options.size else options
    order: IntArray = kept[np.argsort(told.arrive_s[kept], kind="stable")]
    return order


def _itinerary(registry: Registry, scenario: Scenario, ways: _Ways, option: int) -> Itinerary:
    seats, aircraft_s = _lift(ways)
    return Itinerary(
        mode=MODES[ways.options.mode[option]],
        arrive_s=int(ways.options.arrive_s[option]),
        cost_yuan=int(ways.options.cost_yuan[option]),
        seats=int(seats[option]),
        aircraft_s=int(aircraft_s[option]),
        legs=legs_of(registry, scenario, cast("Prepared", ways), option),
    )
