"""Ways by rail and air and their legs, on the star of test_shuttle.py.

Stations lie at the ends 0, 1 and 3 of the star, fields at 0 (with fuel) and 2::

    0 ======= 1 ======= 3     30 and 40 min, every 20 min from 06:00 to 22:00
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_air import PLAIN
from test_rail import services
from test_shuttle import (
    DAWN_S,
    ENDS,
    GOALS,
    HUB,
    INF,
    ROAD,
    STOPS,
    closed,
    drivers,
    places,
    shuttle,
)

from dispatch.errors import InputError
from dispatch.network.by_air import KEPT, WAVES, AirWays, by_air, landed_s
from dispatch.network.by_rail import RailWays, by_rail
from dispatch.network.daylight import CHINA
from dispatch.network.departures import Suspension
from dispatch.network.drive import drives
from dispatch.network.flight import Fields, Fleet, Sites, Weather
from dispatch.network.itinerary import (
    Stop,
    TimedLeg,
    air_legs_of,
    rail_legs,
    road_legs,
    unbeaten,
)
from dispatch.network.rail import build_rail_network
from dispatch.network.rides import RailPolicy
from dispatch.network.shuttle import LOAD_S, LOCAL_S, Parties, Shuttle, last_drive

MIN = 60
START = datetime(2024, 6, 21, 6, tzinfo=CHINA)
"""Flying begins by daylight; that drives begin by night is another matter, see test_shuttle.py."""
CALLED = ("0", "1", "3")
HEADWAY_S = 20 * MIN
ALL_DAY = np.full((2, 2), INF)


def _rail() -> Any:
    rows = [
        ("", "red", a, b, minutes, 49, "06:00", "22:00")
        for a, b, minutes in (("0", "1", 30), ("1", "0", 30), ("1", "3", 40), ("3", "1", 40))
    ]
    from test_rail import stations

    table = stations("013")
    table["lon"], table["lat"] = zip(*(ENDS[int(k)] for k in CALLED), strict=True)
    return build_rail_network(table, services(rows))


RAIL = _rail()
ENTRANCES = places(*(ENDS[int(k)] for k in CALLED))


def parties(*mobilised_s: float, kit_kg: float = 0.0, personnel: int = 10) -> Parties:
    """Return teams at stop 0 and at the hub."""
    count = len(mobilised_s)
    return Parties(
        base=places(*[ENDS[0], HUB][:count]),
        mobilised_s=np.array(mobilised_s, float),
        personnel=np.full(count, personnel),
        kit_kg=np.full(count, kit_kg),
    )


def chained(legs: tuple[TimedLeg, ...], who: Parties, party: int, incident: int) -> None:
    """Legs lead without a gap from the base to the incident."""
    assert legs[0].start_s == who.mobilised_s[party]
    assert (legs[0].origin, legs[-1].destination) == (Stop("base", party), legs[-1].destination)
    assert legs[-1].destination == Stop("incident", incident)
    for before, after in pairwise(legs):
        assert before.end_s == after.start_s
        assert before.destination == after.origin
    assert all(leg.end_s > leg.start_s for leg in legs if leg.kind != "drive")


# --- choices ------------------------------------------------------------------------------------

few = st.sampled_from([0.0, 1.0, 2.0, INF])


@given(st.lists(st.tuples(few, few, few), max_size=8))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_unbeaten_are_those_that_no_other_beats_or_equals(rows: list[tuple[float, ...]]) -> None:
    assume(rows)
    kept = unbeaten(*zip(*rows, strict=True))
    for k, row in enumerate(rows):
        rivals = [
            other
            for n, other in enumerate(rows)
            if all(a <= b for a, b in zip(other, row, strict=True)) and (other != row or n < k)
        ]
        assert kept[k] == (not rivals)
    assert {row for row, stays in zip(rows, kept, strict=True) if stays} <= set(rows)
    assert kept.any()


def test_the_first_of_equals_stays() -> None:
    assert unbeaten([3, 1, 2, 1], [1, 2, 2, 2]).tolist() == [True, True, False, False]


# --- by road ------------------------------------------------------------------------------------


def test_a_drive_is_one_leg_where_nothing_hinders() -> None:
    found = drives(ROAD, drivers().day, STOPS, GOALS)
    (leg,) = road_legs(found, 1, 0, 500, Stop("base", 1), Stop("incident", 0))
    assert (leg.kind, leg.start_s, leg.end_s, leg.distance_m) == ("drive", 0, 1800, 30_000)
    assert leg.route is not None
    assert [ROAD.link_id[link] for link in leg.route.links] == ["1", "z"]


def test_a_drive_begins_when_it_may() -> None:
    found = drives(ROAD, drivers().day, STOPS, GOALS, 500.0)
    (leg,) = road_legs(found, 1, 0, 500, Stop("base", 1), Stop("incident", 0))
    assert (leg.start_s, leg.end_s) == (500, 2300)


def test_waits_for_a_road_are_legs_at_the_base_and_on_the_road() -> None:
    """Link 1 opens at minute 10, z at minute 60: 20 min to the hub, a wait there, 10 to z."""
    who = drivers(closed("1", until_min=10), closed("z", until_min=60)).day
    found = drives(ROAD, who, STOPS, GOALS)
    base, goal = Stop("base", 1), Stop("incident", 0)
    legs = road_legs(found, 1, 0, 0, base, goal)
    assert legs[-1].end_s == 70 * MIN == found.time_s[1, 0]
    assert [leg.kind for leg in legs] == ["wait", "drive", "wait", "drive"]
    assert legs[0].end_s == 10 * MIN
    assert legs[2].origin.kind == legs[2].destination.kind == "road"
    assert sum(leg.distance_m for leg in legs) == 30_000


def test_without_a_way_there_are_no_legs() -> None:
    found = drives(ROAD, drivers(closed("z")).day, STOPS, GOALS)
    with pytest.raises(ValueError, match="way"):
        road_legs(found, 1, 0, 0, Stop("base", 1), Stop("incident", 0))


# --- by rail ------------------------------------------------------------------------------------


def ridden(buses: Shuttle, who: Parties, policy: RailPolicy | None = None) -> RailWays:
    return by_rail(RAIL, buses, who, start_clock_s=0, policy=policy)


def test_the_way_by_rail_is_told_leg_by_leg() -> None:
    """From stop 0 at eight: no drive, train expected after ten minutes, 30 min, 20 km on."""
    who = parties(8 * 3600)
    found = ridden(shuttle(), who)
    platform_s = 8 * 3600 + LOAD_S + 1200
    there_s = platform_s + HEADWAY_S // 2 + 30 * MIN
    assert found.arrive_s[0].tolist() == [there_s + LOCAL_S + s for s in (30 * MIN, 20 * MIN)]
    legs = rail_legs(found, shuttle(), who, 0, 1)
    chained(legs, who, 0, 1)
    kinds = ["load", "drive", "transfer", "wait", "ride", "transfer", "drive"]
    assert [leg.kind for leg in legs] == kinds
    ride = legs[4]
    assert (ride.service, ride.origin, ride.destination) == (
        "red",
        Stop("station", 0),
        Stop("station", 1),
    )
    assert ride.distance_m > 0


def test_no_ride_with_too_much_kit() -> None:
    who = parties(8 * 3600, kit_kg=201.0)
    assert np.isinf(ridden(shuttle(), who).arrive_s).all()
    agreed = ridden(shuttle(), who, RailPolicy(kit_kg_per_person=20.1))
    assert np.isfinite(agreed.arrive_s).all()
    with pytest.raises(ValueError, match="train"):
        rail_legs(ridden(shuttle(), who), shuttle(), who, 0, 0)


def test_suspensions_and_special_trains_are_heeded() -> None:
    """Suspended until ten, then half a headway; at night only a special train leaves.

    By then the team could have driven to stop 1; from 0 it is nearer to the hub.
    """
    red = RailPolicy(suspended=(Suspension("red", until_s=10 * 3600),))
    found = ridden(shuttle(), parties(8 * 3600), red)
    assert found.arrive_s[0, 1] == 10 * 3600 + HEADWAY_S // 2 + 30 * MIN + LOCAL_S + 10 * MIN
    special = ridden(shuttle(), parties(0), RailPolicy(emergency_lead_s=9000))
    assert special.arrive_s[0, 1] == 9000 + 30 * MIN + LOCAL_S + 20 * MIN  # by night
    usual = ridden(shuttle(), parties(0))
    assert usual.arrive_s[0, 1] == 6 * 3600 + 30 * MIN + LOCAL_S + 10 * MIN  # after dawn
    with pytest.raises(InputError):
        ridden(shuttle(), parties(0), RailPolicy(suspended=(Suspension("green"),)))


times = st.integers(0, 80_000).map(float)
roads = st.lists(
    st.builds(
        lambda link, start, long: closed(
            link, from_min=start, until_min=None if long is None else start + long
        ),
        st.sampled_from(["z", "0", "1", "3"]),
        st.one_of(st.just(0), st.integers(0, 1200)),
        st.one_of(st.none(), st.integers(1, 300)),
    ),
    max_size=2,
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(times, times, roads)
def test_arrivals_by_rail_are_the_best_of_all_stations_and_their_legs_end_then(
    one: float, two: float, specs: list[Any]
) -> None:
    buses, who = shuttle(*specs), parties(one, two)
    found = ridden(buses, who)
    for party, incident in np.ndindex(2, 2):
        at = found.rides.arrive_s[party]
        through = [
            s
            + LOCAL_S
            + last_drive(buses, ENTRANCES, np.array([k]), incident, np.array([s])).time_s[0, 0]
            if np.isfinite(s)
            else INF
            for k, s in enumerate(at.tolist())
        ]
        assert found.arrive_s[party, incident] == min(through)
        if np.isfinite(found.arrive_s[party, incident]):
            legs = rail_legs(found, buses, who, party, incident)
            chained(legs, who, party, incident)
            assert legs[-1].end_s == found.arrive_s[party, incident]


# --- by air -------------------------------------------------------------------------------------

FLYER = replace(PLAIN, night=True, range_km=900.0)
FIELDS = Fields(
    field_id=("F0", "F2"),
    lon=np.array([ENDS[0][0], ENDS[2][0]]),
    lat=np.array([ENDS[0][1], ENDS[2][1]]),
    elevation_m=np.zeros(2),
    runway_m=np.zeros(2, int),
    fuel=np.array([True, False]),
    night=np.array([True, True]),
)


def sites(*slope_deg: float) -> Sites:
    return Sites(
        lon=GOALS.lon,
        lat=GOALS.lat,
        elevation_m=np.zeros(2),
        slope_deg=np.array(slope_deg),
        road_s=np.empty((0, 2)),
    )


SPOT, NO_SPOT = sites(3.0, 3.0), sites(np.nan, np.nan)


def fleet(*free_s: float) -> Fleet:
    count = len(free_s)
    return Fleet(
        aircraft_id=tuple(f"A{k}" for k in range(count)),
        kinds=(FLYER,),
        kind=np.zeros(count, int),
        base=np.zeros(count, int),
        mobilise_day_s=np.full(count, 900),
        mobilise_night_s=np.full(count, 900),
        free_s=np.array(free_s, float),
    )


def flown(
    crafts: Fleet,
    who: Parties,
    *,
    worth_s: Any = ALL_DAY,
    where: Sites = SPOT,
    buses: Shuttle | None = None,
    released: Any = None,
    weather: Weather | None = None,
) -> AirWays:
    count = len(who.mobilised_s)
    if released is None:
        released = np.ones((len(crafts.base), 2), bool)
    usual = shuttle() if buses is None else buses
    worth_s = np.broadcast_to(worth_s[:count], (count, 2))
    return by_air(crafts, FIELDS, where, usual, who, worth_s, released, START, weather)


def test_a_flight_is_told_leg_by_leg() -> None:
    """Stop 0 is a field: the team is there when it has loaded, the aircraft after 900 s."""
    who = parties(0)
    found = flown(fleet(0.0), who)
    first = int(np.flatnonzero((found.wave == 0) & (found.incident == 0))[0])
    legs = air_legs_of(found, shuttle(), who, first)
    chained(legs, who, 0, 0)
    assert [leg.kind for leg in legs] == ["load", "drive", "wait", "load", "fly", "transfer"]
    boards = legs[3]
    assert (boards.start_s, boards.service, boards.origin) == (900, "A0", Stop("field", 0))
    assert legs[-1].end_s == found.arrive_s[first] == landed_s(found, first)
    assert found.busy_from_s[first] == 0


def test_off_the_field_a_bus_goes_on_at_the_pace_of_its_hour_and_waits_for_roads() -> None:
    """Set down at stop 2 an hour before dawn; from there 40 km to z, 80 min by night."""
    who = parties(0)
    for buses, drive_s in (
        (shuttle(), 80 * MIN),
        (shuttle(closed("2", until_min=200)), None),
        (shuttle(closed("2"), closed("0")), INF),
    ):
        found = flown(fleet(0.0), who, where=NO_SPOT, buses=buses)
        first = np.flatnonzero((found.wave == 0) & (found.incident == 0))
        if drive_s == INF:
            assert not first.size
            continue
        left_s = landed_s(found, int(first[0]))
        assert left_s + LOCAL_S < DAWN_S
        expected_s = left_s + LOCAL_S + 80 * MIN if drive_s else 200 * MIN + 80 * MIN
        assert found.arrive_s[first[0]] == expected_s
        legs = air_legs_of(found, buses, who, int(first[0]))
        chained(legs, who, 0, 0)
        assert legs[-1].end_s == expected_s


def test_only_what_is_worth_it_is_flown() -> None:
    who = parties(0)
    (first_s,) = flown(fleet(0.0), who).arrive_s[:1]
    assert flown(fleet(0.0), who, worth_s=np.array([[first_s, -INF]])).arrive_s.size == 0
    kept = flown(fleet(0.0), who, worth_s=np.array([[first_s + 1, -INF]]))
    assert kept.arrive_s.tolist() == [first_s]


def test_the_first_aircraft_to_arrive_are_kept() -> None:
    found = flown(fleet(4000.0, 3000.0, 2000.0, 1000.0, INF), parties(0))
    now = (found.wave == 0) & (found.incident == 0)
    assert sorted(found.aircraft[now].tolist()) == [1, 2, 3]
    assert now.sum() == KEPT


def test_an_aircraft_flies_only_where_it_may_be_had() -> None:
    released = np.array([[True, False], [False, True]])
    found = flown(fleet(0.0, 0.0), parties(0, 0), released=released)
    pairs = set(zip(found.aircraft.tolist(), found.incident.tolist(), strict=True))
    assert pairs == {(0, 0), (1, 1)}
    nobody = flown(fleet(0.0, 0.0), parties(0, 0), released=np.zeros((2, 2), bool))
    assert nobody.arrive_s.size == 0


def test_nobody_flies_in_weather_or_without_release() -> None:
    assert flown(fleet(0.0), parties(0), weather=Weather(visibility_m=100.0)).arrive_s.size == 0
    assert flown(fleet(INF), parties(0)).arrive_s.size == 0


@settings(max_examples=25, deadline=None, derandomize=True)
@given(times, times, times, st.booleans(), roads)
def test_missions_keep_their_times(
    one: float, two: float, free_s: float, spot: bool, specs: list[Any]
) -> None:
    buses, who = shuttle(*specs), parties(one, two)
    found = flown(fleet(free_s, 0.0), who, where=SPOT if spot else NO_SPOT, buses=buses)
    assert set(found.wave.tolist()) <= set(range(WAVES))
    for k in range(len(found.wave)):
        legs = air_legs_of(found, buses, who, k)
        chained(legs, who, int(found.party[k]), int(found.incident[k]))
        assert legs[-1].end_s == found.arrive_s[k]
        flies = next(leg for leg in legs if leg.kind == "fly")
        assert flies.service == found.waves[0].fleet.aircraft_id[found.aircraft[k]]
        assert found.busy_from_s[k] + 900 <= flies.start_s
        assert landed_s(found, k) <= found.busy_until_s[k]
        same = (found.aircraft == found.aircraft[k]) & (found.wave == found.wave[k])
        assert (found.busy_from_s[same] == found.busy_from_s[k]).all()
        before = (found.aircraft == found.aircraft[k]) & (found.wave == found.wave[k] - 1)
        if found.wave[k] and before.any():
            assert (found.busy_until_s[before] <= found.busy_from_s[k]).any()
