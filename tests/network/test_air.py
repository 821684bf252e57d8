r"""Flying on a little map along the equator, where distances can be read off.

Kilometres east of ``base``; ``*`` has fuel, ``=`` a runway and lights::

    base*=            stop*    far      edge
    0 --------------- 200 ---- 300 ---- 400

The plain type flies 200 km/h, so 100 km in 1800 s. It has 500 km in its tank,
of which 100 km are reserve: 400 km empty, and up to 1,000 kg. Fuel and load
together may weigh 2,000 kg, of which fuel 1,000: with 1,400 kg aboard the tank
holds 600 kg, so 300 - 100 = 200 km. A turnaround takes 600 s, loading 300 s.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.geo import EARTH_RADIUS_M
from dispatch.network.air import MAX_SORTIES, PERSON_KG, Flights, Lifts, flights, why_not
from dispatch.network.air_legs import AirLeg, legs_of, mission_of
from dispatch.network.daylight import CHINA
from dispatch.network.flight import (
    CEILING_MARGIN_M,
    AircraftType,
    Closing,
    Fields,
    Fleet,
    Sites,
    Weather,
    build_fields,
    build_fleet,
    close_fields,
    grounded_by,
    hops,
    range_m,
    usable_fields,
    usable_sites,
)
from dispatch.scenario import ClosureSpec

DATA = Path(__file__).parents[2] / "data" / "airbases"
INF, NAN = math.inf, math.nan
MORNING = datetime(2024, 6, 21, 10, tzinfo=CHINA)
WINTER_NIGHT = datetime(2024, 1, 15, 2, tzinfo=CHINA)

PLAIN = AircraftType(
    aircraft_type="plain",
    cruise_kmh=200.0,
    range_km=500.0,
    reserve_s=1800,
    fuel_kg=1000.0,
    payload_kg=1500.0,
    useful_load_kg=2000.0,
    seats=15,
    ceiling_m=5000.0,
    runway_m=0,
    turnaround_s=600,
    load_s=300,
    night=False,
    max_slope_deg=7.0,
    min_visibility_m=1600.0,
    min_cloud_base_m=150.0,
    max_wind_ms=15.0,
    cost_yuan_per_h=3600.0,
)
MAP = {"base": (0, "*="), "stop": (200, "*"), "far": (300, ""), "edge": (400, "")}
BASE, STOP, FAR, EDGE = range(4)


def lon(km: Any) -> Any:
    return 112.0 + np.degrees(np.asarray(km, float) * 1000 / EARTH_RADIUS_M)


def fields(where: dict[str, tuple[float, str]] = MAP, **changes: Any) -> Fields:
    marks = [mark for _, mark in where.values()]
    lit = np.array(["=" in mark for mark in marks])
    made = Fields(
        field_id=tuple(where),
        lon=lon([km for km, _ in where.values()]),
        lat=np.zeros(len(where)),
        elevation_m=np.zeros(len(where)),
        runway_m=np.where(lit, 2000, 0),
        fuel=np.array(["*" in mark for mark in marks]),
        night=lit,
    )
    return replace(made, **changes)


def site(km: float, road_s: list[float], slope_deg: float = NAN) -> Sites:
    return Sites(
        lon=np.array([lon(km)]),
        lat=np.zeros(1),
        elevation_m=np.zeros(1),
        slope_deg=np.array([slope_deg]),
        road_s=np.array(road_s)[:, None],
    )


def one(kind: AircraftType = PLAIN, base: int = BASE, free_s: float = 0.0) -> Fleet:
    return Fleet(
        aircraft_id=("A",),
        kinds=(kind,),
        kind=np.array([0]),
        base=np.array([base]),
        mobilise_day_s=np.array([900]),
        mobilise_night_s=np.array([1800]),
        free_s=np.array([free_s]),
    )


def team(personnel: int, kit_kg: float, field_s: list[float]) -> Lifts:
    return Lifts(np.array([personnel]), np.array([kit_kg]), np.array([field_s]))


def fly(
    lifts: Lifts,
    sites: Sites,
    *,
    fleet: Fleet | None = None,
    where: Fields | None = None,
    start: datetime = MORNING,
    weather: Weather | None = None,
) -> Flights:
    return flights(
        fleet or one(), where or fields(), sites, lifts, start, weather=weather or Weather()
    )


def told(legs: tuple[AirLeg, ...]) -> list[tuple[str, int, int, int]]:
    return [(leg.purpose, leg.start_s, leg.end_s, leg.destination) for leg in legs]


def test_load_takes_the_place_of_fuel() -> None:
    assert range_m(PLAIN, [0, 1000, 1400, 1500, 1501]).tolist() == [
        400_000, 400_000, 200_000, 150_000, -1,
    ]  # fmt: skip
    assert range_m(replace(PLAIN, reserve_s=4501), 1500) == -1  # the reserve is all there is


def test_a_hop_as_long_as_the_range_is_made_and_a_metre_more_is_not() -> None:
    times = hops(fields(), PLAIN, 0)
    assert times[BASE].tolist() == [INF, 3600, 5400, 7200]
    beyond = fields({"base": (0, "*"), "edge": (400.001, "")})
    assert np.isinf(hops(beyond, PLAIN, 0)).all()
    assert hops(fields(), PLAIN, 1400)[BASE].tolist() == [INF, 3600, INF, INF]


def test_fields_must_be_open_long_and_low_enough() -> None:
    high_m = PLAIN.ceiling_m - CEILING_MARGIN_M
    elevation_m = np.array([NAN, high_m, high_m + 1, 0.0])
    assert usable_fields(PLAIN, fields(elevation_m=elevation_m)).tolist() == [1, 1, 0, 1]
    plane = replace(PLAIN, runway_m=2000)
    assert usable_fields(plane, fields()).tolist() == [1, 0, 0, 0]
    assert not usable_fields(replace(PLAIN, runway_m=2001), fields()).any()
    closed = fields(closings=(Closing(STOP, 0, INF),))
    assert usable_fields(PLAIN, closed).tolist() == [1, 0, 1, 1]
    assert np.isinf(hops(closed, PLAIN, 0)[:, STOP]).all()
    for from_s, until_s in ((1, INF), (0, 86_400)):
        for_a_time = fields(closings=(Closing(STOP, from_s, until_s),))
        assert usable_fields(PLAIN, for_a_time).all()


@pytest.mark.parametrize(
    ("change", "slope_deg", "elevation_m", "lands"),
    [
        ({}, 7.0, NAN, True),
        ({}, 7.1, NAN, False),
        ({}, NAN, NAN, False),
        ({}, 3.0, 3001.0, False),
        ({"max_slope_deg": 0.0}, 0.0, 0.0, False),
        ({"runway_m": 200}, 0.0, 0.0, False),
    ],
)
def test_landing_on_the_spot(
    change: dict[str, float], slope_deg: float, elevation_m: float, lands: bool
) -> None:
    spot = replace(site(100, [0] * 4, slope_deg), elevation_m=np.array([elevation_m]))
    assert usable_sites(replace(PLAIN, **change), spot).tolist() == [lands]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("weather", "reason"),
    [
        (Weather(), None),
        (Weather(1600, 150, 15), None),
        (Weather(visibility_m=1599), "visibility"),
        (Weather(cloud_base_m=149), "cloud"),
        (Weather(wind_ms=15.1), "wind"),
    ],
)
def test_weather_below_the_minima_keeps_a_type_down(weather: Weather, reason: str | None) -> None:
    assert grounded_by(PLAIN, weather) == reason
    found = fly(team(5, 0, [0, INF, INF, INF]), site(300, [INF, INF, 60, INF]), weather=weather)
    assert np.isfinite(found.arrive_s).all() == (reason is None)
    assert why_not(found, 0, 0, 0) == reason


def test_straight_from_the_base() -> None:
    """Team there at 1000 s, aboard at 1300; 300 km in 5400 s; out at 7000; 60 s of road.

    100 km of range are left, which is just enough to the stop: 1800 s, 600 s
    on the ground, 3600 s to the base.
    """
    found = fly(team(5, 0, [1000, INF, INF, INF]), site(300, [INF, INF, 60, INF]))
    assert found.arrive_s.tolist() == [[[7060]]]
    assert legs_of(found, 0, 0, 0) == (
        AirLeg("load", "board", 1000, 1300, BASE, BASE),
        AirLeg("fly", "carry", 1300, 6700, BASE, FAR, 300_000),
        AirLeg("transfer", "leave", 6700, 7000, FAR, FAR),
    )
    assert told(mission_of(found, 0, 0, 0))[:2] == [
        ("order", 0, 900, BASE), ("team", 900, 1000, BASE),
    ]  # fmt: skip
    assert found.busy_until_s.tolist() == [[[7300 + 1800 + 600 + 3600 + 600]]]
    assert found.air_s.tolist() == [[[5400 + 1800 + 3600]]]
    assert found.cost_yuan().tolist() == [[[10_800]]]


def test_a_team_that_is_early_waits_for_the_aircraft() -> None:
    found = fly(team(5, 0, [100, INF, INF, INF]), site(200, [INF, 60, INF, INF]))
    assert told(legs_of(found, 0, 0, 0))[:2] == [
        ("aircraft", 100, 900, BASE), ("board", 900, 1200, BASE),
    ]  # fmt: skip
    assert found.arrive_s.tolist() == [[[1200 + 3600 + 300 + 60]]]
    assert found.busy_until_s.tolist() == [[[4800 + 600 + 3600 + 600]]]
    assert found.air_s.tolist() == [[[7200]]]


def test_an_aircraft_that_comes_free_later_comes_later() -> None:
    job = team(5, 0, [100, INF, INF, INF]), site(200, [INF, 60, INF, INF])
    assert fly(*job, fleet=one(free_s=500)).arrive_s.tolist() == [[[1700 + 3600 + 300 + 60]]]
    never = fly(*job, fleet=one(free_s=INF))
    assert np.isinf(never.arrive_s).all()
    assert why_not(never, 0, 0, 0) == "reach"


def test_a_load_too_heavy_for_the_range_goes_by_a_stop() -> None:
    """1,400 kg go 200 km at a time."""
    where = fields(MAP | {"edge": (400, "*")})
    heavy, edge = team(12, 200, [0, INF, INF, INF]), site(400, [INF, INF, INF, 60])
    found = fly(heavy, edge, where=where)
    assert told(legs_of(found, 0, 0, 0)) == [
        ("aircraft", 0, 900, BASE),
        ("board", 900, 1200, BASE),
        ("carry", 1200, 4800, STOP),
        ("refuel", 4800, 5400, STOP),
        ("carry", 5400, 9000, EDGE),
        ("leave", 9000, 9300, EDGE),
    ]
    assert found.arrive_s.tolist() == [[[9360]]]
    light = fly(team(5, 0, [0, INF, INF, INF]), edge, where=where)
    assert light.arrive_s.tolist() == [[[1200 + 7200 + 300 + 60]]]
    closed = replace(where, closings=(Closing(STOP, 0, INF),))
    # without the stop it takes half as much, straight, and comes again
    assert fly(heavy, edge, where=closed).sorties.tolist() == [[[2]]]


def test_where_there_is_no_fuel_enough_must_be_left_to_reach_some() -> None:
    """400 km reach ``edge``, but its next fuel is 200 km away: it takes a stop before."""
    edge = site(400, [INF, INF, INF, 60])
    found = fly(team(5, 0, [0, INF, INF, INF]), edge)
    assert told(legs_of(found, 0, 0, 0))[2:5] == [
        ("carry", 1200, 4800, STOP), ("refuel", 4800, 5400, STOP), ("carry", 5400, 9000, EDGE),
    ]  # fmt: skip
    assert why_not(fly(team(10, 100, [0, INF, INF, INF]), edge), 0, 0, 0) == "reach"
    # 1,000 kg leave the tank full, 1,100 do not
    assert np.isfinite(fly(team(10, 0, [0, INF, INF, INF]), edge).arrive_s).all()


def test_a_team_is_picked_up_on_the_way_on_one_tank() -> None:
    """Base to ``far`` empty, 300 km: 100 km are left there, just enough to the stop.

    Landed at 900 + 5400; on the ground 600; 1800 to the stop; out 300 later.
    """
    waiting = team(5, 0, [INF, INF, 0, INF])
    found = fly(waiting, site(200, [INF, 60, INF, INF]))
    assert told(mission_of(found, 0, 0, 0)) == [
        ("order", 0, 900, BASE),
        ("position", 900, 6300, FAR),
        ("board", 6300, 6600, FAR),
        ("refuel", 6600, 6900, FAR),
        ("carry", 6900, 8700, STOP),
        ("leave", 8700, 9000, STOP),
    ]
    assert found.arrive_s.tolist() == [[[9060]]]
    # to the edge it needs 100 km, and 200 more to get away again: so it fills up on the way in
    on = fly(waiting, site(400, [INF, INF, INF, 60]))
    assert told(mission_of(on, 0, 0, 0))[1:4] == [
        ("position", 900, 4500, STOP), ("refuel", 4500, 5100, STOP), ("position", 5100, 6900, FAR),
    ]  # fmt: skip
    assert on.via.tolist() == [[[STOP]]]


def test_the_best_of_several_pickup_fields_depends_on_where_the_team_can_be_when() -> None:
    """At the stop the team is an hour later than at the base, but 3600 s of flight nearer."""
    there = site(300, [INF, INF, 60, INF])
    sooner = fly(team(5, 0, [900, 4501, INF, INF]), there)
    later = fly(team(5, 0, [2000, 2600, INF, INF]), there)
    assert sooner.pickup.tolist() == [[[BASE]]]
    assert later.pickup.tolist() == [[[STOP]]]
    assert later.arrive_s.tolist() == [[[4500 + 600 + 1800 + 300 + 60]]]


def test_it_lands_at_the_site_where_the_ground_allows_and_else_nearby() -> None:
    """The site lies 250 km out: 4500 s; by ``far`` it is 5400 s and half an hour of road."""
    near, roads = team(5, 0, [0, INF, INF, INF]), [INF, INF, 1800.0, INF]
    on_the_spot = fly(near, site(250, roads, slope_deg=7.0))
    assert on_the_spot.arrive_s.tolist() == [[[1200 + 4500 + 300]]]
    assert on_the_spot.landing.tolist() == [[[len(MAP)]]]
    assert legs_of(on_the_spot, 0, 0, 0)[-1].destination == len(MAP)
    too_steep = fly(near, site(250, roads, slope_deg=7.5))
    assert too_steep.arrive_s.tolist() == [[[1200 + 5400 + 300 + 1800]]]
    assert too_steep.landing.tolist() == [[[FAR]]]


def test_a_plane_needs_runways_and_never_lands_off_them() -> None:
    plane = one(replace(PLAIN, runway_m=2000, max_slope_deg=0.0))
    job = team(5, 0, [0, INF, INF, INF])
    spot = site(250, [INF, 1800, 60, INF], slope_deg=0.0)
    assert why_not(fly(job, spot, fleet=plane), 0, 0, 0) == "pickup"
    longer = fields(runway_m=np.array([2000, 2000, 1999, 0]))
    found = fly(job, spot, fleet=plane, where=longer)
    assert found.landing.tolist() == [[[STOP]]]


def test_a_large_team_shuttles() -> None:
    """30 people, 15 seats, 1,500 kg: 150 km at a time, too short; in three lots of 10 it goes.

    Aboard at 1200; 100 km there and back three times and 600 s between.
    """
    where = fields({"base": (0, "*="), "near": (100, "")})
    found = fly(team(30, 0, [0, INF]), site(100, [INF, 60]), where=where)
    assert found.sorties.tolist() == [[[3]]]
    assert told(mission_of(found, 0, 0, 0))[1:] == [
        ("board", 900, 1200, 0),
        ("carry", 1200, 3000, 1),
        ("leave", 3000, 3300, 1),
        ("refuel", 3300, 3600, 1),
        ("return", 3600, 5400, 0),
        ("board", 5400, 5700, 0),
        ("refuel", 5700, 6000, 0),
        ("carry", 6000, 7800, 1),
        ("leave", 7800, 8100, 1),
        ("refuel", 8100, 8400, 1),
        ("return", 8400, 10_200, 0),
        ("board", 10_200, 10_500, 0),
        ("refuel", 10_500, 10_800, 0),
        ("carry", 10_800, 12_600, 1),
        ("leave", 12_600, 12_900, 1),
    ]
    assert found.arrive_s.tolist() == [[[12_960]]]
    assert legs_of(found, 0, 0, 0)[0] == AirLeg("wait", "sorties", 0, 10_200, 0, 0)
    assert found.air_s.tolist() == [[[6 * 1800]]]
    # with fuel at the other end 15 at a time can be flown, in two lots
    fuelled = fields({"base": (0, "*="), "near": (100, "*")})
    both = fly(team(30, 0, [0, INF]), site(100, [INF, 60]), where=fuelled)
    assert both.sorties.tolist() == [[[2]]]


@pytest.mark.parametrize(
    ("personnel", "kit_kg", "sorties"),
    [(15, 0, 1), (16, 0, 2), (45, 0, 3), (46, 0, 0), (1, 1400, 1), (1, 1401, 2), (20, 9000, 0)],
)
def test_seats_and_mass_decide_the_sorties(personnel: int, kit_kg: float, sorties: int) -> None:
    where = fields({"base": (0, "*="), "near": (50, "*")})
    found = fly(team(personnel, kit_kg, [0, INF]), site(50, [INF, 60]), where=where)
    assert found.sorties.tolist() == [[[sorties]]]
    assert why_not(found, 0, 0, 0) == (None if sorties else "load")


def test_no_shuttle_from_a_field_without_fuel() -> None:
    where = fields({"base": (0, "*="), "near": (50, "")})
    found = fly(team(20, 0, [INF, 0]), site(0, [60, INF]), where=where)
    assert why_not(found, 0, 0, 0) == "reach"
    assert np.isfinite(fly(team(15, 0, [INF, 0]), site(0, [60, INF]), where=where).arrive_s).all()


def test_at_two_in_a_winter_night_nothing_flies_before_dawn() -> None:
    """The aircraft is mobilised by night, ready at 1800 s, and leaves with civil dawn."""
    found = fly(team(5, 0, [0, INF, INF, INF]), site(200, [INF, 60, INF, INF]), start=WINTER_NIGHT)
    first = next(leg for leg in legs_of(found, 0, 0, 0) if leg.kind == "fly")
    assert [leg.purpose for leg in legs_of(found, 0, 0, 0)] == [
        "aircraft", "board", "daylight", "carry", "leave",
    ]  # fmt: skip
    dawn = WINTER_NIGHT + timedelta(seconds=first.start_s)
    assert dawn.date() == WINTER_NIGHT.date()
    assert (dawn.hour, dawn.minute // 10) == (6, 1)  # on the equator at 112 degrees east
    assert found.ready_s.tolist() == [1800]


def test_a_type_cleared_for_night_goes_at_once_between_lit_fields_only() -> None:
    owl = one(replace(PLAIN, night=True))
    lit = fields(night=np.array([True, True, False, False]))
    job = team(5, 0, [0, INF, INF, INF])
    go = fly(job, site(200, [INF, 60, INF, INF]), fleet=owl, where=lit, start=WINTER_NIGHT)
    assert go.arrive_s.tolist() == [[[2100 + 3600 + 300 + 60]]]
    wait = fly(job, site(300, [INF, INF, 60, INF]), fleet=owl, where=lit, start=WINTER_NIGHT)
    fly_leg = legs_of(wait, 0, 0, 0)[-2]
    landed = WINTER_NIGHT + timedelta(seconds=fly_leg.end_s)
    assert (landed.hour, landed.minute // 10) == (6, 0)  # it lands with the light
    spot = fly(job, site(300, [INF] * 4, slope_deg=0.0), fleet=owl, where=lit, start=WINTER_NIGHT)
    assert spot.arrive_s[0, 0, 0] > 4 * 3600  # a site has no lights


def test_what_can_not_land_before_dusk_waits_for_the_next_day() -> None:
    afternoon = datetime(2024, 6, 21, 17, 30, tzinfo=CHINA)
    found = fly(team(5, 0, [0, INF, INF, INF]), site(300, [INF, INF, 60, INF]), start=afternoon)
    leg = legs_of(found, 0, 0, 0)[-2]
    assert (afternoon + timedelta(seconds=leg.start_s)).day == 22


# --- closed fields ------------------------------------------------------------------------------


def purposes(found: Flights) -> list[tuple[str, int, int]]:
    return [(leg.purpose, leg.start_s, leg.end_s) for leg in mission_of(found, 0, 0, 0)]


def shut(*closings: tuple[int, float, float]) -> Fields:
    return fields(closings=tuple(Closing(*closing) for closing in closings))


def test_an_aircraft_stays_on_the_ground_until_its_base_opens() -> None:
    """The team is aboard at 1200; the base opens at 4000."""
    job = team(5, 0, [0, INF, INF, INF]), site(200, [INF, 60, INF, INF])
    found = fly(*job, where=shut((BASE, 0, 4000)))
    assert purposes(found)[-3:] == [
        ("daylight", 1200, 4000), ("carry", 4000, 7600), ("leave", 7600, 7900),
    ]  # fmt: skip
    assert found.arrive_s.tolist() == [[[7960]]]
    assert fly(*job, where=shut((BASE, 0, 1200))).arrive_s.tolist() == [[[1200 + 3960]]]


def test_it_may_leave_a_second_before_the_base_closes_but_not_when_it_does() -> None:
    job = team(5, 0, [0, INF, INF, INF]), site(200, [INF, 60, INF, INF])
    for from_s, leaves_s in ((1201, 1200), (1200, 9000), (1000, 9000)):
        found = fly(*job, where=shut((BASE, from_s, 9000)))
        assert found.arrive_s.tolist() == [[[leaves_s + 3960]]]


def test_it_waits_at_its_base_for_a_field_that_opens_when_it_lands() -> None:
    """3600 s to the stop, which opens at 10,000."""
    job = team(5, 0, [0, INF, INF, INF]), site(200, [INF, 60, INF, INF])
    found = fly(*job, where=shut((STOP, 0, 10_000)))
    assert purposes(found)[-2] == ("carry", 6400, 10_000)
    for from_s, lands_s in ((4801, 4800), (4800, 10_000)):
        found = fly(*job, where=shut((STOP, from_s, 10_000)))
        assert found.arrive_s.tolist() == [[[lands_s + 360]]]


def test_flights_over_a_closed_field_are_free() -> None:
    """Between base and far lies the stop, closed while the aircraft passes over it."""
    job = team(5, 0, [0, INF, INF, INF]), site(300, [INF, INF, 60, INF])
    assert fly(*job, where=shut((STOP, 0, 9000))).arrive_s.tolist() == fly(*job).arrive_s.tolist()


def test_a_field_that_opens_twice_a_day_is_used_when_it_is_open() -> None:
    """Open from 2000 to 3000 and from 5000 to 6000; the team comes at 1,000 s or after."""
    where = shut((BASE, 0, 2000), (BASE, 3000, 5000), (BASE, 6000, INF))
    for team_s, leaves_s in ((0, 2000), (2600, 2900), (2699, 2999), (2700, 5000), (5699, 5999)):
        job = team(5, 0, [team_s, INF, INF, INF]), site(200, [INF, 60, INF, INF])
        assert fly(*job, where=where).arrive_s.tolist() == [[[leaves_s + 3960]]]
    late = fly(team(5, 0, [5700, INF, INF, INF]), site(200, [INF, 60, INF, INF]), where=where)
    assert why_not(late, 0, 0, 0) == "reach"


def test_a_base_closed_for_good_keeps_its_aircraft() -> None:
    job = team(5, 0, [INF, 0, INF, INF]), site(300, [INF, INF, 60, INF])
    found = fly(*job, where=shut((BASE, 0, INF)))
    assert np.isinf(found.arrive_s).all()
    assert why_not(found, 0, 0, 0) == "reach"


def test_a_closing_and_the_night_hold_together() -> None:
    """Closed until an hour after dawn; then it may leave. Closed until midnight: at dawn."""
    job = team(5, 0, [0, INF, INF, INF]), site(200, [INF, 60, INF, INF])
    dawn_s = mission_of(fly(*job, start=WINTER_NIGHT), 0, 0, 0)[-2].start_s
    for until_s, leaves_s in ((dawn_s + 3600, dawn_s + 3600), (7200, dawn_s)):
        found = fly(*job, where=shut((BASE, 0, until_s)), start=WINTER_NIGHT)
        assert mission_of(found, 0, 0, 0)[-2].start_s == leaves_s


def test_closures_of_a_scenario_become_closings_in_whole_seconds() -> None:
    specs = [
        ClosureSpec(name="a", airfield="stop", from_min=10.01, until_min=20.01),
        ClosureSpec(name="b", link="x"),
        ClosureSpec(name="c", airfield="base"),
    ]
    closed = close_fields(fields(), specs)
    assert closed.closings == (Closing(STOP, 600, 1201), Closing(BASE, 0, INF))
    assert [closing.for_good for closing in closed.closings] == [False, True]
    with pytest.raises(ValueError, match="nowhere"):
        close_fields(fields(), [ClosureSpec(name="d", airfield="nowhere")])


def test_weather_and_missing_pickups_are_told_apart() -> None:
    job = team(5, 0, [INF] * 4), site(300, [INF, INF, 60, INF])
    assert why_not(fly(*job), 0, 0, 0) == "pickup"
    with pytest.raises(ValueError, match="does not fly"):
        mission_of(fly(*job), 0, 0, 0)


# --- against brute force ------------------------------------------------------------------------


class Brute:
    """Every order of landings of one aircraft with one team, one after another.

    It knows the rules only: where fuel is it fills up; ``needless`` also lands
    where there is none without picking up or setting down.
    """

    def __init__(self, found: Flights, aircraft: int, team: int, needless: bool) -> None:
        self.found, self.team, self.needless = found, team, needless
        self.kind = found.fleet.kinds[found.fleet.kind[aircraft]]
        self.base = int(found.fleet.base[aircraft])
        self.ready_s = float(found.ready_s[aircraft])
        place, spots = found.places.fields, found.places.sites
        self.count, self.places = len(place.lon), len(place.lon) + len(spots.lon)
        self.usable = [*usable_fields(self.kind, place), *usable_sites(self.kind, spots)]
        self.fuel = [*(place.fuel & self.usable[: self.count]), *([False] * len(spots.lon))]
        self.lit = [*(place.night & self.kind.night), *([False] * len(spots.lon))]
        self.metres = found.places.distance_m.tolist()
        self.days = [
            list(zip(dawn, dusk, strict=True))
            for dawn, dusk in zip(
                found.places.dawn_s.T.tolist(), found.places.dusk_s.T.tolist(), strict=True
            )
        ]
        self.shut = [
            [(c.from_s, c.until_s) for c in place.closings if c.field == p]
            for p in range(self.places)
        ]
        self.empty_m = float(range_m(self.kind, 0))

    def hop(self, x: int, y: int, ready_s: float, tank_m: float) -> float:
        """Return the landing, inf where it can't be flown, by trying every time that could be."""
        metres = self.metres[x][y]
        if x == y or not (self.usable[x] and self.usable[y]) or metres > tank_m:
            return INF
        air_s = math.ceil(metres * 3.6 / self.kind.cruise_kmh - 1e-9)
        times = {ready_s}
        for place, lead_s in ((x, 0), (y, air_s)):
            times |= {dawn - lead_s for dawn, _ in self.days[place]}
            times |= {until_s - lead_s for _, until_s in self.shut[place]}
        for time_s in sorted(times - {INF}):
            if time_s >= ready_s and self.open(x, time_s) and self.open(y, time_s + air_s):
                return time_s + air_s
        return INF

    def open(self, place: int, time_s: float) -> bool:
        """Tell whether one may take off and land at a time."""
        light = self.lit[place] or any(dawn <= time_s <= dusk for dawn, dusk in self.days[place])
        return light and not any(start <= time_s < stop for start, stop in self.shut[place])

    def escape_m(self, x: int) -> float:
        """Return the way from a landing to other fuel, 0 where there is fuel."""
        if self.fuel[x]:
            return 0.0
        ways = [self.metres[x][g] for g, fuel in enumerate(self.fuel) if fuel and g != x]
        return min(ways, default=INF)

    def wander(
        self, x: int, ready_s: float, tank_m: float, full_m: float
    ) -> Iterator[tuple[int, float, float]]:
        """Yield every landing (place, time, range left) that could be of use.

        It does not come back to where it began without having filled up:
        that is no flight.
        """
        known: dict[int, list[tuple[float, float, bool]]] = {p: [] for p in range(self.places)}
        todo = [(x, ready_s, tank_m, False)]
        while todo:
            here, ready_s, tank_m, filled = todo.pop()
            for y in range(self.places):
                landed_s = self.hop(here, y, ready_s, tank_m)
                left_m = tank_m - self.metres[here][y]
                if landed_s == INF or (y == x and not filled):
                    continue
                if any(t <= landed_s and m >= left_m and f >= filled for t, m, f in known[y]):
                    continue
                known[y].append((landed_s, left_m, filled))
                yield y, landed_s, left_m
                then_s = landed_s + self.kind.turnaround_s
                if self.fuel[y]:
                    todo.append((y, then_s, full_m, True))
                elif self.needless and y < self.count:
                    todo.append((y, then_s, left_m, filled))

    def aboard(self, reach_m: float) -> Iterator[tuple[int, float, float]]:
        """Yield every way of having the team aboard: place, earliest take-off, range."""
        field_s = self.found.lifts.field_s[self.team].tolist()
        yield self.base, max(self.ready_s, field_s[self.base]) + self.kind.load_s, reach_m
        ways = self.wander(self.base, self.ready_s, self.empty_m, self.empty_m)
        for x, there_s, left_m in ways:
            if x < self.count and field_s[x] < INF:
                meet_s = max(there_s, field_s[x]) + self.kind.load_s
                tank_m = reach_m if self.fuel[x] else min(reach_m, left_m)
                yield x, max(meet_s, there_s + self.kind.turnaround_s), tank_m

    def arrivals_s(self, sorties: int) -> list[float]:
        """Return the earliest arrival at each incident with so many sorties."""
        lifts, spots = self.found.lifts, self.found.places.sites
        persons = math.ceil(lifts.personnel[self.team] / sorties)
        load_kg = persons * PERSON_KG + math.ceil(lifts.kit_kg[self.team] / sorties)
        reach_m = float(range_m(self.kind, load_kg))
        landed_s = [INF] * self.places
        if persons <= self.kind.seats and reach_m >= 0:
            for x, ready_s, tank_m in set(self.aboard(reach_m)):
                if sorties == 1:
                    for y, time_s, left_m in self.wander(x, ready_s, tank_m, reach_m):
                        if left_m >= self.escape_m(y):
                            landed_s[y] = min(landed_s[y], time_s)
                elif self.fuel[x]:
                    for y, time_s in self.shuttle(x, ready_s, reach_m, sorties):
                        landed_s[y] = min(landed_s[y], time_s)
        out_s = np.array(landed_s)[:, None] + self.kind.load_s
        on_the_spot = np.where(np.eye(len(spots.lon), dtype=bool), 0.0, INF)
        ends: list[float] = (out_s + np.vstack([spots.road_s, on_the_spot])).min(axis=0).tolist()
        return ends

    def shuttle(
        self, x: int, ready_s: float, reach_m: float, sorties: int
    ) -> Iterator[tuple[int, float]]:
        """Yield the last landing of straight flights there and back."""
        pause_s = max(self.kind.turnaround_s, self.kind.load_s)
        for y in range(self.places):
            there_m = self.metres[x][y]
            back_m = self.empty_m if self.fuel[y] else reach_m - there_m
            if there_m > min(reach_m, back_m):
                continue
            time_s = self.hop(x, y, ready_s, reach_m)
            for _ in range(sorties - 1):
                time_s = self.hop(y, x, time_s + pause_s, INF)
                time_s = self.hop(x, y, time_s + pause_s, INF)
            yield y, time_s


SECONDS = st.integers(0, 6 * 3600).map(float)
FLAG = st.booleans()


@st.composite
def jobs(draw: st.DrawFn, count: int, any_hour: bool) -> tuple[Any, ...]:
    """Draw a small scenario within a few hundred kilometres."""
    whole = st.integers(0, 40)
    closings = st.builds(
        lambda field, from_s, for_s: Closing(field, from_s, from_s + for_s),
        st.integers(0, count - 1),
        st.one_of(st.just(0), st.integers(0, 30_000)),
        st.one_of(st.just(INF), st.integers(1, 20_000), st.integers(1, 90_000)),
    )

    def flags() -> np.ndarray[Any, np.dtype[np.bool_]]:
        return np.array(draw(st.lists(FLAG, min_size=count, max_size=count)), bool)

    def place(size: int) -> Any:
        return np.array(draw(st.lists(whole, min_size=size, max_size=size)))

    def seconds(size: int) -> Any:
        chosen = st.one_of(SECONDS, SECONDS, SECONDS, SECONDS, st.just(INF))
        return np.array(draw(st.lists(chosen, min_size=size, max_size=size)))

    where = Fields(
        field_id=tuple(map(str, range(count))),
        lon=112 + place(count) / 10,
        lat=36 + place(count) / 10,
        elevation_m=np.where(flags(), NAN, 3000.0),
        runway_m=np.where(flags() | flags(), 800, 0),
        fuel=flags() | flags(),
        night=flags(),
        closings=tuple(draw(st.lists(closings, max_size=4))),
    )
    spots = Sites(
        lon=112 + place(2) / 10,
        lat=36 + place(2) / 10,
        elevation_m=np.full(2, NAN),
        slope_deg=np.array([draw(st.sampled_from([NAN, 3.0, 9.0])) for _ in range(2)]),
        road_s=np.stack([seconds(2) for _ in range(count)]),
    )
    kind = replace(
        PLAIN,
        range_km=float(draw(st.integers(150, 600))),
        useful_load_kg=float(draw(st.integers(1000, 2500))),
        seats=draw(st.integers(4, 20)),
        runway_m=draw(st.sampled_from([0, 0, 0, 800])),
        ceiling_m=draw(st.sampled_from([4000.0, 6000.0, 6000.0])),
        turnaround_s=draw(st.sampled_from([60, 600, 1800])),
        night=draw(FLAG),
    )
    craft = replace(
        one(kind, base=draw(st.integers(0, count - 1))), free_s=np.array([draw(SECONDS)])
    )
    people = st.integers(1, 24)
    group = Lifts(
        personnel=np.array([draw(people), draw(people)]),
        kit_kg=np.array([float(draw(st.integers(0, 900))), 0.0]),
        field_s=np.stack([seconds(count), seconds(count)]),
    )
    hour = draw(st.integers(0, 23)) if any_hour else 6
    return craft, where, spots, group, datetime(2024, 4, 10, hour, tzinfo=CHINA)


def compare(found: Flights, needless: bool) -> None:
    for t in range(2):
        brute = Brute(found, 0, t, needless)
        by_sorties = [brute.arrivals_s(n) for n in range(1, MAX_SORTIES + 1)]
        for i in range(2):
            reached = [n for n, arrivals_s in enumerate(by_sorties, 1) if arrivals_s[i] < INF]
            sorties = min(reached, default=0)
            assert found.sorties[0, t, i] == sorties
            assert found.arrive_s[0, t, i] == (by_sorties[sorties - 1][i] if sorties else INF)
            assert (why_not(found, 0, t, i) is None) == (sorties > 0)
            if sorties:
                check_legs(found, 0, t, i)


def check_legs(found: Flights, a: int, t: int, i: int) -> None:
    """Walk every leg with a tank of its own."""
    kind = found.fleet.kinds[found.fleet.kind[a]]
    place, spots = found.places.fields, found.places.sites
    mission, mine = mission_of(found, a, t, i), legs_of(found, a, t, i)
    for legs in (mission, mine):
        for before, after in pairwise(legs):
            assert before.end_s == after.start_s
            assert before.destination == after.origin
        assert all(leg.start_s <= leg.end_s for leg in legs)
    assert mine[0].start_s == found.lifts.field_s[t, found.pickup[a, t, i]] or (
        mine[0].purpose == "board"
    )
    landing, count = int(found.landing[a, t, i]), len(place.lon)
    last_s = 0 if landing >= count else spots.road_s[landing, i]
    assert mine[-1].end_s + last_s == found.arrive_s[a, t, i]
    sorties = int(found.sorties[a, t, i])
    load_kg = math.ceil(found.lifts.personnel[t] / sorties) * PERSON_KG
    load_kg += math.ceil(found.lifts.kit_kg[t] / sorties)
    here = int(found.fleet.base[a])
    tank_m, air_s = INF, 0
    for leg in mission:
        if leg.kind != "fly":
            continue
        limit_m = float(range_m(kind, load_kg if leg.purpose == "carry" else 0))
        fuelled = here == found.fleet.base[a] and not air_s
        fuelled |= here < count and bool(place.fuel[here])
        tank_m = limit_m if fuelled else min(tank_m, limit_m)
        assert not any(
            c.from_s <= time_s < c.until_s
            for at, time_s in ((leg.origin, leg.start_s), (leg.destination, leg.end_s))
            for c in place.closings
            if c.field == at
        )
        tank_m -= leg.distance_m
        air_s += leg.end_s - leg.start_s
        assert tank_m >= 0
        here = leg.destination
    assert here == landing
    assert found.air_s[a, t, i] >= air_s
    assert found.busy_until_s[a, t, i] >= mission[-1].end_s
    if not (landing < count and place.fuel[landing]):
        usable = usable_fields(kind, place) & place.fuel
        assert found.places.distance_m[landing, :count][usable].min() <= tank_m


@settings(max_examples=150, deadline=None, derandomize=True)
@given(jobs(count=4, any_hour=False))
def test_by_day_nothing_beats_it_even_with_needless_landings(job: tuple[Any, ...]) -> None:
    """From 06:00 on with twelve hours of light; the type needs none where all is lit."""
    craft, where, spots, group, start = job
    craft = replace(craft, kinds=(replace(craft.kinds[0], night=True),))
    where = replace(where, night=np.ones(4, bool))
    spots = replace(spots, slope_deg=np.full(2, NAN))
    compare(flights(craft, where, spots, group, start), needless=True)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(jobs(count=4, any_hour=True))
def test_at_any_hour_nothing_beats_it(job: tuple[Any, ...]) -> None:
    compare(flights(*job), needless=False)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(jobs(count=5, any_hour=True), st.integers(0, 20_000), st.integers(0, 20_000))
def test_later_never_arrives_sooner(job: tuple[Any, ...], team_s: int, free_s: int) -> None:
    craft, where, spots, group, start = job
    now = flights(*job)
    then = flights(
        replace(craft, free_s=craft.free_s + free_s),
        where,
        spots,
        replace(group, field_s=group.field_s + team_s),
        start,
    )
    same = now.sorties == then.sorties
    assert (then.arrive_s >= now.arrive_s)[same].all()
    again = flights(*job)
    for name in ("arrive_s", "sorties", "pickup", "via", "landing", "busy_until_s", "air_s"):
        np.testing.assert_array_equal(getattr(now, name), getattr(again, name))


# --- the real tables ----------------------------------------------------------------------------


def table(name: str, folder: Path = DATA) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", index_col=0, dtype={"icao": str, "adcode": str})


def county_seats() -> tuple[pd.DataFrame, Sites]:
    seats = table("counties", DATA.parent / "places")
    count = len(seats)
    return seats, Sites(
        lon=seats["lon"].to_numpy(float),
        lat=seats["lat"].to_numpy(float),
        elevation_m=np.full(count, NAN),
        slope_deg=np.full(count, 3.0),
        road_s=np.full((len(table("airbases")), count), INF),
    )


def test_helicopters_from_taiyuan_to_every_county_seat() -> None:
    """Great circle over cruise where one tank does; else no faster than that."""
    seats, spots = county_seats()
    where, types = build_fields(table("airbases")), table("aircraft_types")
    wusu = where.field_id.index("AB-ZBYN")
    helicopters = types.index[types["category"].str.startswith("helicopter")]
    stock = pd.DataFrame(
        dict(aircraft_type=helicopters, airbase_id="AB-ZBYN"), index=[f"X-{t}" for t in helicopters]
    ).assign(mobilise_day_s=900, mobilise_night_s=1800)
    field_s = np.full((1, len(where.lon)), INF)
    field_s[0, wusu] = 0
    found = flights(
        build_fleet(stock, types, where), where, spots,
        Lifts(np.array([5]), np.array([100.0]), field_s), MORNING,
    )  # fmt: skip
    assert np.isfinite(found.arrive_s).all()
    metres = found.places.distance_m[wusu, len(where.lon) :]
    for a, name in enumerate(helicopters):
        kind = found.fleet.kinds[found.fleet.kind[a]]
        flown_s = found.arrive_s[a, 0] - 900 - 2 * kind.load_s
        straight_s = np.ceil(metres / kind.cruise_kmh * 3.6)
        stopped = found.stops[a, 0, len(where.lon) :] >= 0
        np.testing.assert_allclose(flown_s[~stopped], straight_s[~stopped], atol=1, err_msg=name)
        assert (flown_s[stopped] >= straight_s[stopped] + kind.turnaround_s).all()
        assert stopped.mean() < 0.3, name
    datong = list(seats["name"]).index("平城区")
    by_mi171 = list(helicopters).index("mi171")
    minutes = (found.arrive_s[by_mi171, 0, datong] - 900) / 60 - 20
    assert 60 < minutes < 75  # some 255 km at 230 km/h


def test_the_whole_fleet_with_many_teams_keeps_its_rules() -> None:
    where = build_fields(table("airbases"))
    fleet = build_fleet(table("aircraft"), table("aircraft_types"), where)
    _, spots = county_seats()
    few = [5, 40, 77]
    some = replace(
        spots,
        **{k: getattr(spots, k)[few] for k in ("lon", "lat", "elevation_m")},
        slope_deg=np.array([3.0, NAN, NAN]),
        road_s=np.tile(np.linspace(600, 9000, len(where.lon))[:, None], 3),
    )  # fmt: skip
    rng = np.random.default_rng(7)
    group = Lifts(
        personnel=np.array([1, 5, 12, 25, 60]),
        kit_kg=np.array([0.0, 200, 900, 600, 100]),
        field_s=rng.integers(600, 20_000, (5, len(where.lon))).astype(float),
    )
    for start in (MORNING, WINTER_NIGHT):
        found = flights(fleet, where, some, group, start)
        flown = np.argwhere(np.isfinite(found.arrive_s))
        assert len(flown) > 100
        assert set(found.sorties.ravel().tolist()) == {0, 1, 2, 3}
        for a, t, i in flown[::3]:
            check_legs(found, int(a), int(t), int(i))
        tanker = fleet.aircraft_id.index("AC-AT802F-1")
        assert why_not(found, tanker, 0, 0) == "load"  # no seats
