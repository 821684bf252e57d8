"""Teams that go by train and aircraft, worked out by hand; see little_lift.py for the map.

Every plan here has passed the checker of the solution and the walk along all its legs.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from little_lift import (
    FOOT,
    PUMP,
    SEARCH,
    TWO,
    airbases,
    aircraft,
    aircraft_types,
    closed,
    lift,
    services,
    stations,
    team,
    told,
    tolled_way,
    trains,
)

from dispatch.doctrine import load_doctrine
from dispatch.plan import make_plan
from dispatch.plan.journeys import LEAVE_VEHICLES_S
from dispatch.plan.options import AIR, RAIL, SEATS
from dispatch.plan.prepare import prepare
from dispatch.registry import data_dir

HOUR = 3600
BY_RAIL = dict(policy=dict(modes=["road", "rail"]))
BY_AIR = dict(policy=dict(modes=["road", "air"]))
ONLY_RAIL = dict(policy=dict(modes=["rail"]))
ONLY_AIR = dict(policy=dict(modes=["air"]))
BY_ROAD_S = 900 + 7200
T1_THERE_S = 4800
"""When T1 is at east, if the scenario starts at eight."""
LAST_S = 1200 + 360
"""From east to z: change into the bus, and 6 km."""


DOCTRINE = load_doctrine(data_dir())


def orders(tables=None, *demands, **scenario):
    told_so = told(*demands, **scenario)
    plan = make_plan(tables or lift(), told_so, doctrine=DOCTRINE, workers=1)
    for order in plan.orders:
        proven(order)
    return plan.orders


def only(tables=None, *demands, **scenario):
    (order,) = orders(tables, *demands, **scenario)
    return order


def prepared(tables=None, *demands, **scenario):
    return prepare(tables or lift(), DOCTRINE, told(*demands, **scenario))


def proven(order):
    """Legs follow one another from the start to the arrival, and the totals are theirs."""
    moves = [leg for leg in order.legs if leg.kind in ("drive", "ride", "fly")]
    assert order.legs[0].start_s == 0
    assert order.legs[-1].end_s == order.arrive_s
    assert moves[0].start_s == order.depart_s
    for before, after in pairwise(order.legs):
        assert before.end_s == after.start_s
        assert (before.destination, before.destination_id) == (after.origin, after.origin_id)
    assert all(leg.end_s >= leg.start_s for leg in order.legs)
    assert all(leg.line for leg in moves)
    assert order.distance_m == sum(leg.distance_m for leg in order.legs)
    assert order.toll_paid_yuan == sum(leg.toll_paid_yuan for leg in order.legs)
    assert order.toll_waived_yuan == sum(leg.toll_waived_yuan for leg in order.legs)
    stays = {"road": {"wait", "mobilise"}, "rail": {"ride"}, "air": {"fly"}}
    assert stays[order.mode] <= {leg.kind for leg in order.legs}
    if order.mode != "road":
        assert order.without_privilege_s == order.arrive_s
        assert {leg.profile for leg in order.legs if leg.kind == "drive"} <= {"bus"}


def story(order):
    return [(leg.kind, leg.end_s) for leg in order.legs]


def leg(order, kind):
    return next(leg for leg in order.legs if leg.kind == kind)


# --- by rail ------------------------------------------------------------------------------------


def test_a_team_rides_the_nine_o_clock_train():
    """One bus for 12 km at 2 yuan, 12 fares over 91.912 km at 0.46, a day's compensation."""
    found = only(**BY_RAIL)
    assert story(found) == [
        ("wait", 300), ("mobilise", 900), ("load", 1500), ("drive", 1860), ("transfer", 3060),
        ("wait", 3600), ("ride", T1_THERE_S), ("transfer", 6000), ("drive", 6360),
    ]  # fmt: skip
    ride = leg(found, "ride")
    assert (ride.service, ride.origin_id, ride.destination_id) == ("T1", "west", "east")
    assert ride.line == ((112.05, 37.0), (112.95, 37.0))
    assert ride.distance_m == 91_912
    assert found.distance_m == 91_912 + 12_000
    assert found.by_road_s == BY_ROAD_S
    assert found.cost_yuan == round(1000 + 24 + 12 * 0.46 * 91.912)


def test_without_a_timetable_half_a_headway_is_waited_for():
    """At noon: on the platform at 12:51, expected to leave at 13:21, 25 min to ride."""
    ride = leg(only(clock="12:00", **ONLY_RAIL), "ride")
    assert (ride.service, ride.start_s, ride.end_s) == ("甲线", 3060 + 1800, 3060 + 1800 + 1500)


def test_in_the_night_one_waits_for_the_first_train():
    """From 23:40 at night: ready after 25 min, on the platform at 0:41; T0 leaves at 06:10."""
    found = only(clock="23:40", **ONLY_RAIL)
    ride = leg(found, "ride")
    assert (ride.service, ride.start_s) == ("T0", 6 * HOUR + 30 * 60)
    assert found.arrive_s == ride.start_s + 1200 + LAST_S
    assert found.legs[-4].kind == "wait"
    assert found.legs[-4].start_s == 300 + 1200 + 600 + 360 + 1200
    assert only(clock="23:40", **BY_RAIL).mode == "road"


@pytest.mark.parametrize(("minute", "mode"), [(13, "rail"), (14, "road")])
def test_vehicles_are_left_behind_for_more_than_a_quarter_of_an_hour(minute, mode):
    """T1 at 09:14 would bring the team at 7,200 s, by road it is there at 8,100."""
    found = only(lift(network__trains=trains(T1=f"09:{minute}")), **BY_RAIL)
    assert found.mode == mode
    assert found.arrive_s == (7140 if mode == "rail" else BY_ROAD_S)


@pytest.mark.parametrize(
    ("minute", "rides"),
    [
        (29, True),
        (30, True),
        (31, False),
    ],
)
def test_where_no_road_leads_a_train_need_only_come_before_it_is_too_late(minute, rides):
    """T1 at 09:30 brings the team after 8,160 s, 136 min."""
    late = SEARCH | dict(latest_min=136)
    found = orders(lift(network__trains=trains(T1=f"09:{minute}")), late, **ONLY_RAIL)
    assert [order.arrive_s for order in found] == [5400 - 60 * (30 - minute) + 2760] * rides


@pytest.mark.parametrize("where", [dict(line="甲线"), dict(station="west"), dict(station="east")])
def test_nothing_runs_over_a_suspended_line_or_calls_at_a_suspended_station(where):
    assert only(closures=[closed(**where)], **BY_RAIL).mode == "road"
    later = closed(from_min=81, **where)
    assert only(closures=[later], **BY_RAIL).legs[6].service == "T1"


@pytest.mark.parametrize("until_min", [90, 90.01])
@pytest.mark.parametrize("where", [dict(line="甲线"), dict(station="west")])
def test_one_waits_until_the_trains_run_again(where, until_min):
    """Before ten only T1 leaves: the first service at 10:00, 25 min to ride."""
    told = dict(closures=[closed(until_min=until_min, **where)], **ONLY_RAIL)
    ride = leg(only(**told), "ride")
    assert (ride.service, ride.start_s, ride.end_s) == ("甲线", 2 * HOUR, 2 * HOUR + 1500)


@pytest.mark.parametrize("until_min", [150, 150.01])
def test_trains_leave_at_whole_seconds_after_a_suspension(until_min):
    """Ready at 10:30 in the middle of the hour: half a headway later."""
    ride = leg(only(closures=[closed(line="甲线", until_min=until_min)], **ONLY_RAIL), "ride")
    assert ride.start_s == np.ceil(until_min * 60) + 1800


@pytest.mark.parametrize(
    ("kit_kg", "agreed_kg", "mode"),
    [(240, None, "rail"), (241, None, "road"), (241, 30, "rail"), (361, 30, "road"),
     (1, 0, "road"), (0, 0, "rail")],
)  # fmt: skip
def test_no_more_kit_than_the_railway_carries(kit_kg, agreed_kg, mode):
    """Twelve persons with 20 kg each, or what has been agreed."""
    policy = dict(modes=["road", "rail"], rail_kit_kg_per_person=agreed_kg)
    assert only(lift({"foot": team(kit_kg=kit_kg)}), policy=policy).mode == mode


@pytest.mark.parametrize(("lead_min", "leaves_s"), [(0, 3060), (51, 3060), (55, 3300), (61, 3600)])
def test_an_emergency_train_leaves_once_it_is_ready(lead_min, leaves_s):
    """On the platform after 3,060 s; it runs as fast as T1, which leaves after 3,600."""
    policy = dict(modes=["road", "rail"], emergency_train_lead_min=lead_min)
    ride = leg(only(policy=policy), "ride")
    assert (ride.start_s, ride.end_s) == (leaves_s, leaves_s + 1200)
    assert ride.service == ("T1" if leaves_s == 3600 else "甲线")


@pytest.mark.parametrize(("each", "riding"), [(60, 2), (61, 1), (120, 1), (121, 0)])
def test_a_train_has_120_seats(each, riding):
    teams = {name: team(personnel=each) for name in ("foot", "twin")}
    found = orders(lift(teams), SEARCH | dict(quantity=2 * each), **BY_RAIL)
    assert [order.mode for order in found] == ["rail"] * riding + ["road"] * (2 - riding)


def test_an_emergency_train_has_560_seats():
    teams = {name: team(personnel=280) for name in ("foot", "twin")}
    policy = dict(modes=["road", "rail"], emergency_train_lead_min=0)
    search = SEARCH | dict(quantity=561)
    assert [order.mode for order in orders(lift(teams), search, policy=policy)] == ["rail"] * 2
    teams["twin"]["personnel"] = 281
    found = orders(lift(teams), search, policy=policy)
    assert [order.mode for order in found] == ["rail", "road"]


def uses(tables, **scenario):
    """Return the capacities of the seats that the options by rail take, by team."""
    found = prepared(tables, **scenario)
    mine = np.flatnonzero(found.options.mode == RAIL)
    return {found.teams.index[found.options.team[k]]: found.options.uses[k] for k in mine}


def test_seats_are_those_of_the_trains_that_leave_within_the_hour():
    """Ready ten minutes apart, both are expected to leave between one and two o'clock."""
    teams = {"foot": team(), "twin": team(mobilise_day_s=1200)}
    found = uses(lift(teams), clock="12:00", **ONLY_RAIL)
    (one,), (two,) = found["foot"], found["twin"]
    assert (one.lift, one.capacity) == (two.lift, two.capacity)
    assert one.from_s == two.from_s == HOUR
    assert one.until_s == two.until_s == 2 * HOUR
    policy = dict(modes=["rail"])
    teams = {name: row | dict(personnel=70) for name, row in teams.items()}
    search = SEARCH | dict(quantity=140)
    assert len(orders(lift(teams), search, clock="12:00", policy=policy)) == 1


def test_more_trains_have_more_seats_and_other_rides_of_the_line_change_nothing():
    """From 10:00 to 22:00, four an hour; the other way there is but one."""
    for back in ("甲线 east west 25 1 10:00 10:00", "甲线 east west 25 13 10:00 22:00"):
        often = services("甲线 west east 25 49 10:00 22:00", back)
        for policy in (dict(modes=["rail"]), dict(modes=["rail"], emergency_train_lead_min=900)):
            tables = lift(network__rail_services=often)
            ((use,),) = uses(tables, clock="12:00", policy=policy).values()
            assert use.capacity == 4 * SEATS


@pytest.mark.parametrize(("to_east", "to_mid"), [(13, 49), (49, 13)])
def test_of_rides_over_one_line_from_one_station_the_rarest_counts(to_east, to_mid):
    tables = lift(
        network__stations=stations(west=6, mid=60, east=114),
        network__rail_services=services(
            f"甲线 west east 25 {to_east} 10:00 22:00", f"甲线 west mid 12 {to_mid} 10:00 22:00"
        ),
    )
    ((use,),) = uses(tables, clock="12:00", **ONLY_RAIL).values()
    assert use.capacity == SEATS


def test_a_team_at_the_station_and_an_incident_at_the_other():
    """No km to drive at either end: the drives are there and take no time."""
    found = only(lift({"foot": team(6)}), km=114.0, **BY_RAIL)
    assert found.mode == "rail"
    assert found.distance_m == 91_912
    assert found.arrive_s == T1_THERE_S + 1200


# --- by air -------------------------------------------------------------------------------------


def test_a_helicopter_lands_on_the_spot_where_a_place_is_known():
    """Ready at 1,200, before the team; the bus costs 24 yuan, two flights 1,199 each."""
    found = only(slope_deg=3.0, **BY_AIR)
    assert story(found)[2:] == [
        ("load", 1500), ("drive", 2220), ("load", 2520), ("fly", 3719), ("transfer", 4019),
    ]  # fmt: skip
    fly = leg(found, "fly")
    assert (fly.service, fly.origin_id, fly.destination_id) == ("H", "fw", "")
    assert (fly.distance_m, fly.line) == (79_924, ((112.1, 37.0), (113.0, 37.0)))
    assert found.distance_m == 79_924 + 12_000
    assert found.cost_yuan == 1000 + 24 + 2 * 1199


FIELD_S = 2520 + 1066 + 300
"""When the team has left the helicopter at fe."""


@pytest.mark.parametrize(
    "ground", [{}, dict(slope_deg=7.1), dict(slope_deg=3.0, conditions=dict(site_landing=False))]
)
def test_elsewhere_it_lands_at_a_field_and_a_bus_goes_on(ground):
    found = only(**ground, **BY_AIR)
    assert story(found)[5:] == [
        ("fly", 3586), ("transfer", FIELD_S), ("transfer", FIELD_S + 1200), ("drive", 5806),
    ]  # fmt: skip
    assert leg(found, "fly").destination_id == "fe"
    assert found.cost_yuan == 1000 + 48 + 2 * 1066


def test_an_aircraft_must_save_another_quarter_of_an_hour():
    """By rail there after 6,360 s, by air after 5,806: less than 15 min sooner."""
    assert only().mode == "rail"
    assert only(lift(network__trains=trains(T1="09:06"))).mode == "air"
    assert only(slope_deg=3.0).mode == "air"


def test_it_waits_for_the_helicopter_and_the_helicopter_for_it():
    """Twice as long to make ready: the team is there at 2,220, the helicopter at 3,900."""
    slow = aircraft("H").assign(mobilise_day_s=3600)
    found = only(lift(airbases__aircraft=slow), slope_deg=3.0, **BY_AIR)
    assert ("wait", 3900) in story(found)
    assert found.arrive_s == 3900 + 300 + 1199 + 300


@pytest.mark.parametrize(
    ("conditions", "mode"),
    [
        (dict(weather="fog"), "road"),
        (dict(weather="fog", visibility_m=1600), "air"),
        (dict(weather="rain"), "air"),
        (dict(visibility_m=1599), "road"),
        (dict(ceiling_m=149), "road"),
        (dict(ceiling_m=150), "air"),
        (dict(wind_ms=15.1), "road"),
        (dict(wind_ms=15), "air"),
    ],
)
def test_weather_grounds(conditions, mode):
    assert only(slope_deg=3.0, conditions=conditions, **BY_AIR).mode == mode


def test_at_night_it_waits_for_daylight():
    """From 22:00 on; civil dawn at 112.1 E, 37 N on 2 March is not before six."""
    assert only(clock="22:00", slope_deg=3.0, **BY_AIR).mode == "road"
    found = only(clock="22:00", slope_deg=3.0, **ONLY_AIR)
    fly = leg(found, "fly")
    assert 8 * HOUR < fly.start_s < 9 * HOUR
    assert found.arrive_s == fly.end_s + 300
    night = lift(
        airbases__aircraft_types=aircraft_types(night="yes"),
        airbases__airbases=airbases(fw=(12, "yes"), fe=(108, "no")).assign(night="yes"),
    )
    found = only(night, clock="22:00", **BY_AIR)  # mobilised after 20 and after 30 min
    assert (leg(found, "fly").start_s, found.mode) == (1500 + 600 + 720 + 300, "air")


def test_a_closed_airfield_is_not_used():
    assert only(closures=[closed(airfield="fe")], **BY_AIR).mode == "road"
    assert only(closures=[closed(airfield="fw")], slope_deg=3.0, **BY_AIR).mode == "road"
    spot = only(closures=[closed(airfield="fe")], slope_deg=3.0, **BY_AIR)
    assert spot.arrive_s == 4019
    opens = only(closures=[closed(airfield="fe", until_min=70)], **BY_AIR)
    assert leg(opens, "fly").end_s == 4200
    assert opens.arrive_s == 4200 + 300 + 1200 + 720
    soon = only(closures=[closed(airfield="fe", until_min=61)], **BY_AIR)
    assert leg(soon, "fly").end_s == 3660


def test_one_helicopter_brings_two_teams_one_after_the_other():
    """Back at 6,118 from the first, ready again at 7,018, there at 8,817 with the second."""
    first, second = orders(lift(TWO), slope_deg=3.0, **ONLY_AIR)
    assert (first.arrive_s, second.arrive_s) == (4019, 8817)
    back_s = 3719 + 600 + 1199 + 600
    assert leg(second, "fly").start_s == back_s + 900 + 300
    assert leg(second, "wait").end_s == 300  # for its order, before it waits for the helicopter
    assert ("wait", back_s + 900) in story(second)


def test_missions_of_one_aircraft_that_follow_one_another_do_not_overlap():
    found = prepared(lift(TWO), slope_deg=3.0, **ONLY_AIR).parties.air_ways
    for one, two in product(range(len(found.wave)), repeat=2):
        if found.wave[one] < found.wave[two]:
            assert found.busy_until_s[one] <= found.busy_from_s[two]
    assert sorted(found.wave.tolist()) == [0, 0, 1, 1, 2, 2]
    assert found.busy_from_s[:2].tolist() == [300, 300]


def test_two_helicopters_bring_two_teams_at_once():
    found = orders(lift(TWO, airbases__aircraft=aircraft("H", "I")), slope_deg=3.0, **ONLY_AIR)
    assert [order.arrive_s for order in found] == [4019, 4019]
    assert {leg(order, "fly").service for order in found} == {"H", "I"}


def test_a_large_team_flies_in_sorties():
    """Thirty in two: the second half boards again after there, 600 s, back and 600 s."""
    found = only(lift({"foot": team(personnel=30)}), slope_deg=3.0, **ONLY_AIR)
    last = 2520 + 3 * 1199 + 2 * 600
    assert (leg(found, "fly").end_s, found.arrive_s) == (last, last + 300)


def test_an_aircraft_that_is_not_released_stays():
    stays = replace(
        DOCTRINE,
        pools=tuple(
            rule
            for rule in DOCTRINE.pools
            if (rule.tier, rule.control_level) != ("specialist", "province")
        ),
    )
    scenario = told(slope_deg=3.0, **BY_AIR)
    for rules, mode in ((DOCTRINE, "air"), (stays, "road")):
        (found,) = make_plan(lift(), scenario, doctrine=rules, workers=1).orders
        assert found.mode == mode


# --- policy, modules, money ---------------------------------------------------------------------


@pytest.mark.parametrize("modes", [["road"], ["rail"], ["air"], ["road", "rail", "air"]])
@pytest.mark.parametrize("teams", [FOOT, TWO])
def test_only_what_the_policy_allows_is_used(modes, teams):
    found = orders(lift(teams), slope_deg=3.0, policy=dict(modes=modes))
    assert len(found) == len(teams)
    assert {order.mode for order in found} <= set(modes)


@pytest.mark.parametrize("modes", [["rail"], ["air"], ["rail", "air"]])
def test_heavy_modules_stay_where_there_is_no_road_for_them(modes):
    tables = lift(heavy=("foot",))
    assert orders(tables, PUMP, slope_deg=3.0, policy=dict(modes=modes)) == ()
    assert only(tables, PUMP, slope_deg=3.0).mode == "road"


@pytest.mark.parametrize(
    ("modes", "table"),
    [(["rail"], "network/trains"), (["air"], "airbases/aircraft"), (["rail", "air"], None)],
)
def test_without_tables_or_buses_nobody_leaves_the_vehicles(modes, table):
    tables = lift()
    if table:
        del tables.tables[table]
    else:
        profiles = tables["network/profiles"].drop(index="bus")
        tables = lift(network__profiles=profiles)
    assert orders(tables, policy=dict(modes=modes)) == ()
    assert only(tables, policy=dict(modes=["road", *modes])).mode == "road"


@pytest.mark.parametrize("exempt", ["yes", "no"])
@pytest.mark.parametrize("toll_free", [True, False])
def test_the_bus_pays_unless_the_policy_frees_it(exempt, toll_free):
    """On from m 50 km for 1 yuan each, with two plazas of 90 s; the team's own exemption stays."""
    tables = lift(
        {"foot": team(toll_exempt=exempt)},
        network__links=tolled_way(),
        network__stations=stations(west=6, east=60),
    )
    found = only(tables, policy=dict(modes=["rail"], toll_free=toll_free))
    pays = not toll_free
    assert (found.toll_paid_yuan, found.toll_waived_yuan) == (50 * pays, 50 * toll_free)
    assert found.arrive_s == T1_THERE_S + 1200 + 1800 + 180 * pays
    fares = 12 * 0.46 * 45.956
    assert found.cost_yuan == round(1000 + 2 * 56 + fares + 50 * pays)


def test_two_buses_carry_more_than_45():
    one, two = (only(lift({"foot": team(personnel=n)}), **ONLY_RAIL) for n in (45, 46))
    assert two.cost_yuan - one.cost_yuan == pytest.approx(24 + 0.46 * 91.912, abs=1)


def test_buses_are_hindered_like_all_others():
    """Between east and z nothing moves until 10:00: the bus waits at the station."""
    for where in (dict(link="mz"), dict(junction="m")):
        closure = closed(until_min=120, **where)
        found = only(closures=[closure], **ONLY_RAIL)
        assert found.arrive_s == (7200 + 360 if where == dict(link="mz") else 6360)
    waits = only(closures=[closed(link="mz", until_min=120)], **ONLY_RAIL)
    assert story(waits)[-3:] == [("transfer", 6000), ("wait", 7200), ("drive", 7560)]
    early = only(closures=[closed(link="am", until_min=30)], **ONLY_RAIL)
    assert story(early)[3:5] == [("wait", 1800), ("drive", 2160)]


def earliest_s(modes, **scenario):
    """Return the earliest arrival by any option of each team, inf for none."""
    found = prepared(lift(TWO), policy=dict(modes=modes), **scenario)
    return np.array([found.earliest_s(row, 0) for row in range(len(found.teams))])


@pytest.mark.parametrize(
    ("clock", "slope_deg", "km"),
    [
        ("08:00", None, 120.0), ("08:00", 3.0, 120.0), ("05:00", 3.0, 90.0),
        ("12:00", None, 90.0), ("17:30", 3.0, 120.0), ("23:40", None, 110.0),
    ],
)  # fmt: skip
def test_more_modes_are_never_later_but_for_what_keeps_the_vehicles(clock, slope_deg, km):
    """Beside the road never at all; else by less than what a change must save."""
    by = {
        modes: earliest_s(list(modes), clock=clock, slope_deg=slope_deg, km=km)
        for modes in (
            ("road",), ("rail",), ("air",), ("road", "rail"), ("road", "air"), ("rail", "air"),
            ("road", "rail", "air"),
        )
    }  # fmt: skip
    for few, more in product(by, by):
        if set(few) < set(more):
            grace_s = 0 if few == ("road",) else LEAVE_VEHICLES_S
            assert (by[more] <= by[few] + grace_s).all()


def test_options_tell_what_they_are():
    found = prepared(lift(TWO), slope_deg=3.0)
    told = found.options
    assert (np.diff(told.team) >= 0).all()
    for option, mode in enumerate(told.mode.tolist()):
        used = told.uses[option]
        assert [use.lift.partition("/")[0] for use in used] == {
            RAIL: ["train"], AIR: ["aircraft"],
        }.get(mode, [])  # fmt: skip
        assert found.problem.option_vehicles[option] == (mode not in (RAIL, AIR))
    assert {RAIL, AIR} < set(told.mode.tolist())
