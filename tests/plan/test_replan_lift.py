"""Orders by train and aircraft that something befalls; see little_lift.py for the map.

As planned at eight, seconds after the start:

=====  =====================================================================
rail   mobilised 900, bus 1500 to 1860, platform 3060, T1 3600 to 4800,
       bus 6000 to 6360
air    mobilised 900, bus 1500 to 2220, aboard 2520, at fe 3586, left 3886,
       bus 5086 to 5806
=====  =====================================================================
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest
from little_lift import MARKS, lift, services, stations, told, trains

from dispatch.doctrine import load_doctrine
from dispatch.network.road import build_road_network
from dispatch.plan import make_plan
from dispatch.plan.changes import changes_of
from dispatch.plan.closures import breaches
from dispatch.plan.replan import replan
from dispatch.registry import data_dir
from dispatch.scenario.events import Events

BY_RAIL = dict(policy=dict(modes=["road", "rail"]))
BY_AIR = dict(policy=dict(modes=["road", "air"]))
DOCTRINE = load_doctrine(data_dir())
LINE = dict(closures=[dict(name="cut", line="甲线")])
NO_H = dict(losses=[dict(kind="aircraft", id="H")])
FE_SHUT = dict(closures=[dict(name="shut", airfield="fe")])


def on(at_s, events, tables=None, **scenario):
    """Return the order before and after, and the codes of the changes."""
    tables, before = tables or lift(), told(**scenario)
    plan = make_plan(tables, before, doctrine=DOCTRINE, workers=1)
    found = replan(
        tables, DOCTRINE, before, plan, Events.model_validate(events), at_s, workers=1
    )  # fmt: skip
    changes = changes_of(plan, found.plan, found.broken)
    assert len(plan.orders) == 1
    (order,) = found.plan.orders or (None,)
    if order is not None:
        proven(tables, found.scenario, order, at_s)
    return plan.orders[0], order, [change.code for change in changes]


def proven(tables, scenario, order, at_s):
    """Legs follow one another, keep what was done, and break nothing from then on."""
    assert order.legs[-1].end_s == order.arrive_s
    for before, after in pairwise(order.legs):
        assert before.end_s == after.start_s, (before, after)
        assert (before.destination, before.destination_id) == (after.origin, after.origin_id)
    assert all(leg.end_s >= leg.start_s for leg in order.legs)
    road = build_road_network(tables.junctions, tables.links)
    moving = [k for k, leg in enumerate(order.legs) if leg.start_s <= at_s < leg.end_s]
    after = order.legs[moving[-1] + 1 if moving else 0 :]
    pause = order.legs[0]
    assert not breaches(tables, road, scenario, [replace(order, legs=(pause, *after))])


def story(order):
    return [(leg.kind, leg.end_s) for leg in order.legs]


# --- by rail ------------------------------------------------------------------------------------


def test_who_has_not_left_takes_the_vehicles_after_all():
    before, after, codes = on(1000, LINE, **BY_RAIL)
    assert (before.mode, after.mode, codes) == ("rail", "road", ["rerouted"])
    assert after.arrive_s == 1000 + 7200


def test_who_is_in_the_bus_to_the_station_goes_on_with_it():
    """At west at 1860; 114 km from there, a minute each."""
    before, after, codes = on(1600, LINE, **BY_RAIL)
    assert (after.mode, codes) == ("rail", ["rerouted"])
    assert after.arrive_s == 1860 + 114 * 60
    assert after.legs[:3] == before.legs[:3]
    assert story(after)[3:] == [("drive", 1860), ("drive", 1860 + 114 * 60)]
    assert {leg.profile for leg in after.legs if leg.kind == "drive"} == {"bus"}


@pytest.mark.parametrize("at_s", [2000, 3060, 3599])
def test_who_is_at_the_station_waits_for_a_bus(at_s):
    _before, after, _codes = on(at_s, LINE, **BY_RAIL)
    assert after.arrive_s == at_s + 1200 + 114 * 60
    assert story(after)[-2][0] == "transfer"


def test_who_is_at_the_station_takes_the_next_train():
    """West is shut until 09:10; T2 leaves at 09:30. On the platform again after 20 minutes."""
    shut = dict(closures=[dict(name="shut", station="west", until_min=(4200 - 2000) / 60)])
    tables = lift(network__trains=trains(T1="09:00", T2="09:30"))
    _before, after, codes = on(2000, shut, tables, **BY_RAIL)
    assert codes == ["rerouted"]
    assert [leg.service for leg in after.legs if leg.kind == "ride"] == ["T2"]
    assert after.arrive_s == 5400 + 1200 + 1200 + 360
    assert story(after)[4:7] == [("transfer", 2000), ("transfer", 3200), ("wait", 5400)]


def test_who_is_on_the_train_keeps_to_the_next_stop():
    """T1 calls at mid, km 60, at 09:10; a bus is there 20 minutes later."""
    rows = [
        ("west", "", "", "09:00"),
        ("mid", "甲线", "09:10", "09:11"),
        ("east", "甲线", "09:20", ""),
    ]
    table = pd.DataFrame(
        [("T1", n, *row) for n, row in enumerate(rows, 1)],
        columns=["train", "stop", "station_id", "line", "arrival", "departure"],
    ).assign(**MARKS)
    tables = lift(
        network__stations=stations(west=6, mid=60, east=114), network__trains=table,
        network__rail_services=services("甲线 west east 25 13 10:00 22:00"),
    )  # fmt: skip
    _before, after, codes = on(3700, LINE, tables, **BY_RAIL)
    assert codes == ["rerouted"]
    ride = next(leg for leg in after.legs if leg.kind == "ride")
    assert (ride.destination_id, ride.end_s) == ("mid", 4200)
    assert after.arrive_s == 4200 + 1200 + 3600
    assert after.mode == "rail"


def test_who_is_on_a_train_without_a_stop_ahead_rides_to_its_end():
    before, after, codes = on(3700, LINE, **BY_RAIL)
    assert not codes
    assert after.arrive_s == before.arrive_s


@pytest.mark.parametrize("at_s", [4801, 6001])
def test_who_has_left_the_train_is_not_concerned(at_s):
    before, after, codes = on(at_s, LINE, **BY_RAIL)
    assert (after.legs, codes) == (before.legs, [])


def test_who_misses_the_train_by_a_delay_takes_the_next():
    """At west after 3,660 s, where T1 has left; by the first service, at ten, before any bus."""
    delay = dict(delays=[dict(team="foot", minutes=30)])
    _before, after, _codes = on(1600, delay, **BY_RAIL)
    (ride,) = (leg for leg in after.legs if leg.kind == "ride")
    assert (ride.service, ride.start_s, ride.end_s) == ("甲线", 7200, 8700)
    assert after.arrive_s == 8700 + 1200 + 360


def test_who_is_late_on_the_last_stretch_is_just_late():
    before, after, codes = on(6001, dict(delays=[dict(team="foot", minutes=30)]), **BY_RAIL)
    assert (after.arrive_s, codes) == (before.arrive_s + 1800, ["delayed"])


# --- by air -------------------------------------------------------------------------------------


def test_without_the_aircraft_who_has_not_left_drives():
    before, after, _codes = on(1000, NO_H, **BY_AIR)
    assert (before.mode, before.arrive_s) == ("air", 5806)
    assert (after.mode, after.arrive_s) == ("road", 8200)


def test_without_the_aircraft_the_bus_goes_on():
    """At fw at 2220; 108 km from there."""
    _before, after, codes = on(2000, NO_H, **BY_AIR)
    assert (after.arrive_s, codes) == (2220 + 108 * 60, ["rerouted"])


def test_who_steps_out_of_the_aircraft_before_it_leaves_waits_for_a_bus():
    _before, after, _codes = on(2400, NO_H, **BY_AIR)
    assert after.arrive_s == 2400 + 1200 + 108 * 60


def test_an_aircraft_that_can_not_land_turns_to_the_nearest_field():
    """In the air since 2520, back at fw as fast; out after 300 s, a bus after 1200 more."""
    _before, after, codes = on(3000, FE_SHUT, **BY_AIR)
    assert codes == ["rerouted"]
    flown = next(leg for leg in after.legs if leg.kind == "fly")
    assert (flown.origin_id, flown.destination_id) == ("fw", "fw")
    assert flown.end_s == pytest.approx(3480, abs=1)
    assert after.arrive_s == flown.end_s + 300 + 1200 + 108 * 60


def test_who_is_in_the_air_when_the_aircraft_is_withdrawn_lands_as_ordered():
    before, after, codes = on(3000, NO_H, **BY_AIR)
    assert (after.legs, codes) == (before.legs, [])
    before, after, codes = on(3000, NO_H, slope_deg=1.0, **BY_AIR)
    assert (after.legs, codes) == (before.legs, [])


def test_who_has_landed_is_not_concerned_by_the_field():
    before, after, codes = on(3700, FE_SHUT, **BY_AIR)
    assert (after.legs, codes) == (before.legs, [])


def test_an_aircraft_is_not_asked_for_before_it_is_needed():
    """H is told at 1800 after the team's train is cut: ready at 300 + 1800 + 900."""
    _before, after, _codes = on(1600, LINE, policy=dict(modes=["rail", "air"]))
    boards = [leg for leg in after.legs if leg.kind == "load"][-1]
    assert boards.start_s >= 1600 + 300 + 900
