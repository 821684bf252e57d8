"""Legs of an order: timed legs of the network with their names, tolls and lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from dispatch.network.itinerary import Stop, TimedLeg, air_legs_of, rail_legs, road_legs
from dispatch.network.route import Route
from dispatch.plan.journeys import BUS, buses
from dispatch.plan.options import AIR, ROAD
from dispatch.plan.plan import Leg, Passage, Point
from dispatch.plan.prepare import Prepared
from dispatch.plan.travel import Travel
from dispatch.registry import Registry
from dispatch.scenario import Scenario


@dataclass(frozen=True)
class _Spot:
    """A place of a leg as a plan tells it."""

    name: str
    name_en: str
    place_id: str
    at: Point


def legs_of(
    registry: Registry, scenario: Scenario, prepared: Prepared, option: int
) -> tuple[Leg, ...]:
    """Return all legs of an option: wait for the release, mobilise, and go.

    Parameters
    ----------
    registry : Registry
    scenario : Scenario
    prepared : Prepared
    option : int
        Row of ``prepared.options``.
    """
    told = prepared.options
    row, incident = int(told.team[option]), int(told.incident[option])
    team = prepared.teams.iloc[row]
    release_s = int(prepared.release_s[row, incident])
    ready_s = int(prepared.mobilised_s[row, incident])
    base, base_en = str(team["name"]), str(team["name_en"])
    before = [
        Leg(kind, from_s, to_s, 0, 0.0, 0.0, base, base, origin_en=base_en, destination_en=base_en)
        for kind, from_s, to_s in (("wait", 0, release_s), ("mobilise", release_s, ready_s))
    ]
    timed = _timed_legs(prepared, option, row, incident, ready_s)
    tell = _Teller(registry, scenario, prepared, row, int(told.mode[option]) == ROAD)
    return (
        *(leg for leg in before if leg.kind == "mobilise" or leg.end_s > leg.start_s),
        *tell.legs(timed, float(prepared.travel.toll_yuan[row, incident])),
    )


def _timed_legs(
    prepared: Prepared, option: int, row: int, incident: int, ready_s: int
) -> tuple[TimedLeg, ...]:
    mode, journey = int(prepared.options.mode[option]), int(prepared.options.journey[option])
    if mode == ROAD:
        found = prepared.travel.way(row, incident)
        ends = Stop("base", row), Stop("incident", incident)
        return road_legs(found, row, incident, ready_s, *ends)
    ways = prepared.parties
    if mode == AIR:
        return air_legs_of(ways.air_ways, ways.shuttle, ways.parties, journey)
    return rail_legs(ways.rail_ways, ways.shuttle, ways.parties, journey, incident)


@dataclass(frozen=True)
class _Teller:
    """Tells the legs of one team."""

    registry: Registry
    scenario: Scenario
    prepared: Prepared
    row: int
    by_road: bool

    def legs(self, timed: Sequence[TimedLeg], convoy_toll_yuan: float) -> Iterator[Leg]:
        """Yield the legs; the toll of a convoy is shared out over its drives."""
        driven = [leg.route for leg in timed if leg.kind == "drive" and leg.route]
        tolls = iter(
            _tolls_yuan(round(convoy_toll_yuan, 2), driven)
            if self.by_road
            else [round(self._bus_toll_yuan(route), 2) for route in driven]
        )
        told = [self._leg(leg) for leg in timed]
        for number, leg in enumerate(timed):
            if leg.kind != "drive" or leg.route is None:
                yield told[number]
                continue
            profile = self._profile(timed)
            drive = self._driven(told[number], leg.route, next(tolls), profile)
            if leg.origin.kind == "road":
                before = told[number - 1]
                drive = replace(drive, origin=before.destination, origin_en=before.destination_en)
            if leg.destination.kind == "road":
                after = told[number + 1]
                drive = replace(drive, destination=after.origin, destination_en=after.origin_en)
            yield drive

    def _profile(self, timed: Sequence[TimedLeg]) -> str:
        """Return whose pace the drives keep."""
        incident = timed[-1].destination.row
        return self.prepared.travel.profile(self.row, incident) if self.by_road else BUS

    def _leg(self, leg: TimedLeg) -> Leg:
        waits = leg.kind == "wait" and leg.origin.kind == "road"
        origin = self._on_road(leg.route) if waits and leg.route else self._spot(leg.origin)
        destination = origin if waits else self._spot(leg.destination)
        moved = leg.kind in ("ride", "fly")
        return Leg(
            kind=leg.kind,
            start_s=leg.start_s,
            end_s=leg.end_s,
            distance_m=leg.distance_m,
            toll_paid_yuan=0.0,
            toll_waived_yuan=0.0,
            origin=origin.name,
            destination=destination.name,
            line=(origin.at, destination.at) if moved else (),
            service=leg.service,
            origin_id=origin.place_id,
            destination_id=destination.place_id,
            origin_en=origin.name_en,
            destination_en=destination.name_en,
        )

    def _driven(self, told: Leg, route: Route, toll_yuan: float, profile: str) -> Leg:
        way = self.prepared.travel
        free = bool(way.free[self.row]) if self.by_road else self.scenario.policy.toll_free
        road = way.road
        return replace(
            told,
            profile=profile,
            distance_m=route.length_m,
            toll_paid_yuan=0.0 if free else toll_yuan,
            toll_waived_yuan=toll_yuan if free else 0.0,
            roads=route.roads,
            links=tuple(road.link_id[link] for link in route.links),
            line=route.line,
            passages=tuple(
                Passage(
                    road.link_id[passage.link],
                    passage.begin,
                    passage.end,
                    passage.enter_ms / 1000,
                    passage.leave_ms / 1000,
                )
                for passage in route.passages
            ),
        )

    def _bus_toll_yuan(self, route: Route) -> float:
        toll_class = self.registry["network/profiles"].at[BUS, "toll_class"]
        rate = float(self.registry["network/toll_rates"].at[toll_class, "yuan_per_km"])
        people = self.prepared.teams["personnel"].to_numpy()[[self.row]]
        return route.toll_m / 1000 * rate * int(buses(people)[0])

    def _spot(self, stop: Stop) -> _Spot:
        if stop.kind == "base":
            team = self.prepared.teams.iloc[self.row]
            at = float(team["lon"]), float(team["lat"])
            return _Spot(str(team["name"]), str(team["name_en"]), "", at)
        if stop.kind == "incident":
            spec = self.scenario.incidents[stop.row]
            return _Spot(spec.name, spec.name_en, "", (spec.lon, spec.lat))
        if stop.kind == "road":
            return _Spot("", "", "", (0.0, 0.0))
        ways = self.prepared.parties
        if stop.kind == "station":
            rail = ways.rail_ways.rides.rail
            at = float(rail.lon[stop.row]), float(rail.lat[stop.row])
            station_id = rail.station_id[stop.row]
            name_en = str(self.registry["network/stations"].at[station_id, "name_en"])
            return _Spot(rail.station_name[stop.row], name_en, station_id, at)
        field_id = ways.air_ways.waves[0].places.fields.field_id[stop.row]
        base = self.registry["airbases/airbases"].loc[field_id]
        at = float(base["lon"]), float(base["lat"])
        return _Spot(str(base["name"]), str(base["name_en"]), field_id, at)

    def _on_road(self, route: Route) -> _Spot:
        return _Spot(*_where(self.prepared.travel, self.row, route), "", (0.0, 0.0))


def _tolls_yuan(toll_yuan: float, driven: Sequence[Route]) -> list[float]:
    """Share out the toll by tolled length, so that the legs add up to the whole."""
    whole_m = sum(stage.toll_m for stage in driven) or 1
    done_m = [sum(stage.toll_m for stage in driven[:k]) for k in range(len(driven))]
    marks = [round(toll_yuan * metres / whole_m, 2) for metres in done_m] + [toll_yuan]
    return [round(stop - start, 2) for start, stop in pairwise(marks)]


def _where(way: Travel, row: int, stage: Route) -> tuple[str, str]:
    """Name the place where a team waits before a stage, and what it waits for; and in English."""
    first, road = stage.passages[0], way.road
    place = english = road.link_ref[first.link] or road.link_id[first.link]
    if first.begin in (0.0, 1.0):
        junction = road.node_junction[road.link_ends[first.link, int(first.begin)]]
        place, english = road.junction_name[junction], road.junction_name_en[junction]
    ends = road.link_ends[first.link]
    shut = [
        closure
        for closure in way.shut_to(row)
        if first.link in closure.link or any(node in closure.node for node in ends)
    ]
    if not shut:
        return place, english
    names = ", ".join(closure.name for closure in shut)
    names_en = ", ".join(closure.name_en or closure.name for closure in shut)
    return f"{place} ({names})", f"{english} ({names_en})"
