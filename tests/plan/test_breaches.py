r"""Orders that break a closure, a limit or their pace, made by hand; see little.py for the map.

The railway beside the road, and two airfields::

    west ==甲线== mid ==乙线== east      train T1 calls at all three,
                                        T2 runs through from west to east
    F-W                        F-E
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from little import registry

from dispatch.network.closures import closures_of
from dispatch.network.daylight import CHINA
from dispatch.network.departures import with_special_trains
from dispatch.network.drive import drives
from dispatch.network.driver import driver_of
from dispatch.network.engine import build_engine
from dispatch.network.rail import build_rail_network
from dispatch.network.road import build_road_network, link_times_ms
from dispatch.network.route import routes
from dispatch.network.snap import snap
from dispatch.plan import closures, retrace
from dispatch.plan.closures import breaches, closure_faults
from dispatch.plan.fields import opened_faults
from dispatch.plan.pace import is_night, speeds_kmh
from dispatch.plan.plan import Leg, Order, Passage, Place
from dispatch.registry import load_registry
from dispatch.scenario import ClosureSpec, Scenario

sys.path.append(str(Path(__file__).parents[1]))
from messages import said, sentences, tells

HOUR = 3600
MORNING = datetime(2026, 3, 1, 8, tzinfo=CHINA)
RING = [(112.4, 36.9), (112.6, 36.9), (112.6, 37.1), (112.4, 37.1)]
AZ = Passage("az", 0.0, 1.0, 0.0, HOUR)
AM = Passage("am", 0.0, 1.0, 0.0, HOUR)
MZ = Passage("mz", 0.0, 1.0, HOUR, 2 * HOUR)


pytestmark = pytest.mark.usefixtures("english")


def told(*closures, start=MORNING, weather="clear", opened=()):
    return Scenario(
        opened=opened,
        name="drill",
        title="演练",
        start=start,
        conditions=dict(weather=weather),
        closures=closures,
        incidents=[dict(id="mine", name="某矿", type="mine_flood", lon=113.0, lat=37.0)],
    )


def leg(kind, start_s, end_s, **more):
    return Leg(kind, start_s, end_s, 0, 0.0, 0.0, "", "", **more)


def drive(*passages, start_s=None, end_s=None, profile="truck"):
    start_s = passages[0].enter_s if start_s is None else start_s
    end_s = passages[-1].leave_s if end_s is None else end_s
    return leg("drive", start_s, end_s, passages=passages, profile=profile)


def order(*legs, team="far", mode="road"):
    return Order(
        team_id=team, team_name="", team_name_en="", kind="", tier="", control_level="",
        personnel=1, status="existing", origin=Place("", "", 112.0, 37.0), incident_id="mine",
        mode=mode, depart_s=0, arrive_s=0, distance_m=0, toll_paid_yuan=0.0, toll_waived_yuan=0.0,
        cost_yuan=0.0, without_privilege_s=0, by_road_s=None, tasks=(), legs=legs,
    )  # fmt: skip


def later(item, by_s):
    """Return a leg or passage that much later."""
    if isinstance(item, Passage):
        return replace(item, enter_s=item.enter_s + by_s, leave_s=item.leave_s + by_s)
    passages = tuple(later(passage, by_s) for passage in item.passages)
    return replace(item, start_s=item.start_s + by_s, end_s=item.end_s + by_s, passages=passages)


def faulty(found, *closures, tables=None, **scenario):
    """Return what an order, or a single drive, breaks."""
    tables = tables or registry()
    road = build_road_network(tables.junctions, tables.links)
    orders = [found if isinstance(found, Order) else order(found)]
    return breaches(tables, road, told(*closures, **scenario), orders)


def closed(**place):
    return ClosureSpec(name="c0", **place)


# --- closures of roads --------------------------------------------------------------------------


def test_a_drive_through_a_closed_link_is_found():
    block = closed(link="az", from_min=30, until_min=60)
    assert faulty(drive(AZ)) == []
    assert faulty(drive(AZ), block) == ["far drives az while c0 closes it."]
    assert faulty(drive(later(AZ, HOUR)), block) == []
    assert faulty(drive(later(AZ, HOUR - 1)), block)
    early = closed(link="az", from_min=60, until_min=90)
    assert faulty(drive(AZ), early) == []
    assert faulty(drive(later(AZ, 1)), early)


@pytest.mark.parametrize(
    ("from_min", "until_min", "count"), [(0, 24, 0), (0, 25, 1), (35, 40, 1), (36, 40, 0)]
)
def test_a_drive_through_a_polygon_is_found_by_where_it_is_at_the_time(from_min, until_min, count):
    """Half way between 112 and 113, from 24 to 36 minutes after it left."""
    water = closed(polygon=RING, from_min=from_min, until_min=until_min)
    assert len(faulty(drive(AZ), water)) == count


def test_too_fast_on_a_slow_road_is_found():
    mud = closed(link="az", effect="slowed", factor=0.5)
    assert faulty(drive(AZ), mud) == ["far takes 3600.0 s along az, not 7200.0 s."]
    assert faulty(drive(replace(AZ, leave_s=2 * HOUR)), mud) == []
    # the pace on entering holds
    assert faulty(drive(AZ), mud.model_copy(update={"from_min": 1})) == []


def test_passing_through_a_closed_junction_is_found():
    way = drive(AM, MZ)
    assert faulty(way) == []
    assert faulty(way, closed(junction="m", from_min=61)) == []
    assert faulty(way, closed(junction="m", until_min=61)) == [
        "far stands on mz while c0 closes it."
    ]
    assert faulty(way, closed(junction="z")) == []  # it ends there


def test_standing_in_a_closed_area_is_found():
    one = replace(AZ, end=0.5, leave_s=1800.0)
    two = replace(AZ, begin=0.5, enter_s=5400.0, leave_s=7200.0)
    water = closed(polygon=RING, from_min=40, until_min=50)
    for waiting in (
        order(drive(one, two)),
        order(drive(one), leg("wait", 1800, 5400), drive(two)),
    ):
        assert faulty(waiting) == []
        assert faulty(waiting, water) == ["far stands on az while c0 closes it."]


def test_closures_of_rail_and_air_do_not_stop_drives():
    for key in ("line", "station", "airfield"):
        assert faulty(drive(AZ), closed(**{key: "az"})) == []


# --- clock and way ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "way",
    [
        drive(replace(AZ, leave_s=HOUR - 1.0)),
        drive(replace(AZ, leave_s=HOUR + 1.0)),
        drive(AZ, start_s=5),
        drive(AZ, end_s=HOUR - 5),
        drive(AM, later(MZ, -60)),
    ],
)
def test_a_false_clock_is_found(way):
    assert faulty(way)


def test_a_leap_is_found():
    one = replace(AZ, end=0.2, leave_s=720.0)
    two = replace(AZ, begin=0.3, enter_s=1080.0)
    assert faulty(drive(one, two)) == ["far leaps from az to az."]
    assert faulty(order(drive(one), drive(two))) == ["far leaps from az to az."]
    whole = drive(one, replace(two, begin=0.2, enter_s=720.0))
    assert faulty(whole) == []


def test_between_two_drives_with_a_ride_between_there_is_no_leap():
    there = later(replace(AM, begin=0.5), 4 * HOUR)
    there = replace(there, leave_s=there.enter_s + 1800)
    apart = (drive(AM), leg("transfer", HOUR, 4 * HOUR), drive(there))
    assert faulty(order(*apart)) == []
    assert faulty(order(apart[0], leg("wait", HOUR, 4 * HOUR), apart[2]))


def test_driving_against_the_direction_is_found():
    tables = registry()
    links = tables.links
    links["direction"] = "forward"
    back = drive(replace(AZ, begin=1.0, end=0.0))
    assert faulty(back, tables=registry(network__links=links)) == [
        "far drives az against its direction."
    ]
    assert faulty(back) == []


# --- limits -------------------------------------------------------------------------------------


def with_limits(**columns):
    links, profiles = registry().links, registry()["network/profiles"]
    for column, limit in columns.items():
        links[column] = pd.Series({"az": limit}).reindex(links.index)
    profiles["height_m"] = pd.Series({"truck": 3.8, "car": 1.9}).reindex(profiles.index)
    return registry(network__links=links, network__profiles=profiles)


@pytest.mark.parametrize(("limit_kg", "count"), [(24_999, 1), (25_000, 0)])
def test_the_heaviest_vehicle_of_the_team_counts_on_a_weak_bridge(limit_kg, count):
    bridge = closed(link="az", effect="limited", max_mass_kg=limit_kg)
    assert len(faulty(drive(AZ), bridge)) == count
    assert len(faulty(drive(AZ), tables=with_limits(max_mass_kg=limit_kg))) == count


def test_a_car_that_leads_trucks_is_as_heavy_and_tall_as_they_are():
    """The team far has both; near has but a car."""
    car = drive(replace(AZ, leave_s=3000.0), profile="car")
    weak, low = with_limits(max_mass_kg=10_000), with_limits(max_height_m=3.0)
    assert faulty(car, tables=weak) == ["far drives az with 25000 kg; it bears 10000 kg."]
    assert faulty(car, tables=low) == ["far drives az with a height of 3.8 m; 3.0 m are free."]
    for tables in (weak, low):
        assert faulty(order(car, team="near"), tables=tables) == []


def test_without_its_vehicles_only_the_one_it_sits_in_counts():
    car = drive(replace(AZ, leave_s=3000.0), profile="car")
    for tables in (with_limits(max_mass_kg=10_000), with_limits(max_height_m=3.0)):
        assert faulty(order(car, mode="rail"), tables=tables) == []
        assert faulty(order(drive(AZ), mode="air"), tables=tables)
    bridge = closed(link="az", effect="limited", max_mass_kg=10_000)
    assert faulty(order(car, mode="rail"), bridge) == []


@pytest.mark.parametrize("profile", ["", "tank"])
def test_a_drive_needs_a_known_vehicle(profile):
    told_so = f"far drives with no known vehicle: {profile or '?'}."
    assert faulty(drive(AZ, profile=profile)) == [told_so]


def test_vehicles_do_not_change_on_the_road():
    both = order(drive(AM), drive(replace(MZ, leave_s=6600), profile="car"))
    assert faulty(both) == ["far drives with no known vehicle: truck, car."]


# --- pace ---------------------------------------------------------------------------------------


def paced():
    rows = [("night", "motorway", 0.5), ("rain", "motorway", 0.8), ("rain", "primary", 0.5)]
    table = pd.DataFrame(rows, columns=["condition", "road_class", "factor"])
    return registry(network__pace=table)


DUSK_S = int(np.flatnonzero(is_night(MORNING, np.arange(16 * HOUR)))[0])


@pytest.mark.parametrize(
    ("start", "weather", "hours"),
    [
        (MORNING, "clear", 1),
        (MORNING, "rain", 1.25),
        (MORNING, "snow", 1),
        (MORNING - timedelta(hours=6), "clear", 2),
        (MORNING - timedelta(hours=6), "rain", 2.5),
    ],
)
def test_night_and_weather_rule_the_pace(start, weather, hours):
    for tried in (1, 1.25, 2, 2.5):
        found = faulty(
            drive(replace(AZ, leave_s=tried * HOUR)), tables=paced(), start=start, weather=weather
        )
        assert (found == []) == (tried == hours)


@pytest.mark.parametrize(
    ("ready_s", "hours"), [(DUSK_S - 1, 1), (DUSK_S, 2), (DUSK_S - 2 * HOUR, 1)]
)
def test_a_drive_keeps_the_pace_of_the_moment_at_which_it_may_begin(ready_s, hours):
    """It drives on into the night, or waits for a road till then: as fast as it could at first."""
    went = later(replace(AZ, leave_s=hours * HOUR), ready_s)
    waited = later(went, 3 * HOUR)
    before = leg("wait", 0, 60), leg("mobilise", 60, ready_s)
    for legs in (
        (*before, drive(went)),
        (*before, leg("wait", ready_s, ready_s + 3 * HOUR), drive(waited)),
    ):
        assert faulty(order(*legs), tables=paced()) == []
        wrong = later(legs[-1], 0)
        (passage,) = wrong.passages
        wrong = drive(replace(passage, leave_s=passage.enter_s + (3 - hours) * HOUR))
        assert faulty(order(*legs[:-1], wrong), tables=paced())


def test_waiting_for_the_order_is_not_waiting_for_a_road():
    """Released after dusk, ready at once: it drives by night, though it waited by day."""
    by_night = later(replace(AZ, leave_s=2 * HOUR), DUSK_S)
    assert faulty(order(leg("wait", 0, DUSK_S), drive(by_night)), tables=paced()) == []


def test_after_a_ride_the_pace_is_found_anew():
    by_day = drive(AZ)
    by_night = drive(later(replace(AZ, begin=1.0, end=0.0, leave_s=2 * HOUR), DUSK_S))
    legs = by_day, leg("transfer", HOUR, DUSK_S), by_night
    assert faulty(order(*legs), tables=paced()) == []
    assert faulty(order(by_day, leg("wait", HOUR, DUSK_S), by_night), tables=paced())


# --- rides and flights --------------------------------------------------------------------------


def connected(east="existing"):
    """Return the little province with a railway and two airfields."""
    stations = pd.DataFrame({"name": ["西站", "中站", "东站"]}, index=["west", "mid", "east"])
    services = pd.DataFrame({"line": ["甲线", "乙线", np.nan]})
    trains = pd.DataFrame(
        [
            ("T1", 1, "west", ""), ("T1", 2, "mid", "甲线"), ("T1", 10, "east", "乙线"),
            ("T2", 1, "west", np.nan), ("T2", 2, "east", "甲线|乙线"),
        ],
        columns=["train", "stop", "station_id", "line"],
    )  # fmt: skip
    fields = pd.DataFrame({"name": ["西场", "东场"]}, index=["F-W", "F-E"])
    fields["status"] = ["existing", east]
    return registry(
        network__stations=stations,
        network__rail_services=services,
        network__trains=trains.sample(frac=1, random_state=1),
        airbases__airbases=fields,
    )


def ride(service, start, stop, start_s=HOUR, end_s=2 * HOUR):
    more = dict(service=service, origin_id=start, destination_id=stop)
    return order(leg("ride", start_s, end_s, **more), mode="rail")


def fly(start, stop, start_s=HOUR, end_s=2 * HOUR):
    more = dict(service="A1", origin_id=start, destination_id=stop)
    return order(leg("fly", start_s, end_s, **more), mode="air")


@pytest.mark.parametrize(
    ("service", "start", "stop", "over"),
    [
        ("甲线", "west", "mid", "甲线"),
        ("乙线", "mid", "east", "乙线"),
        ("甲线|乙线", "west", "east", "甲线 乙线"),
        ("T1", "west", "mid", "甲线"),
        ("T1", "mid", "east", "乙线"),
        ("T1", "west", "east", "甲线 乙线"),
        ("T2", "west", "east", "甲线 乙线"),
    ],
)
def test_a_ride_over_a_suspended_line_is_found(service, start, stop, over):
    found = ride(service, start, stop)
    assert faulty(found, tables=connected()) == []
    for line in ("甲线", "乙线"):
        told = [f"far rides over {line} while c0 closes it."] if line in over else []
        assert faulty(found, closed(line=line), tables=connected()) == told


@pytest.mark.parametrize(
    ("from_min", "until_min", "count"),
    [(0, 60, 0), (0, 61, 1), (90, 100, 1), (119, None, 1), (120, None, 0), (0, None, 1)],
)
def test_a_ride_ends_before_the_line_is_suspended_or_begins_after(from_min, until_min, count):
    spec = closed(line="甲线", from_min=from_min, until_min=until_min)
    assert len(faulty(ride("T1", "west", "mid"), spec, tables=connected())) == count


@pytest.mark.parametrize(
    ("station", "from_min", "until_min", "count"),
    [
        ("west", 0, 60, 0), ("west", 0, 61, 1), ("west", 60, 90, 0), ("west", 61, 300, 0),
        ("east", 0, 120, 0), ("east", 0, 121, 1), ("east", 119, 300, 1), ("east", 120, 300, 0),
        ("west", 0, None, 1), ("mid", 0, None, 0),
    ],
)  # fmt: skip
def test_calls_at_a_suspended_station_are_found_and_passing_through_is_not(
    station, from_min, until_min, count
):
    spec = closed(station=station, from_min=from_min, until_min=until_min)
    found = faulty(ride("T1", "west", "east"), spec, tables=connected())
    assert found == [f"far is at {station} while c0 closes it."] * count


@pytest.mark.parametrize(
    ("service", "start", "stop"),
    [("T3", "west", "mid"), ("丙线", "west", "mid"), ("甲线|丙线", "west", "mid"),
     ("T2", "west", "mid"), ("T2", "mid", "east")],
)  # fmt: skip
def test_a_ride_that_no_table_knows_is_found(service, start, stop):
    assert faulty(ride(service, start, stop), tables=connected()) == [
        f"far rides {service}, which does not run there."
    ]


@pytest.mark.parametrize(
    ("field", "from_min", "until_min", "count"),
    [
        ("F-W", 0, 60, 0), ("F-W", 0, 61, 1), ("F-W", 60, 90, 1), ("F-W", 61, None, 0),
        ("F-E", 0, 120, 0), ("F-E", 0, 121, 1), ("F-E", 120, 300, 1), ("F-E", 121, None, 0),
        ("F-W", 0, None, 1),
    ],
)  # fmt: skip
def test_take_offs_and_landings_at_a_closed_field_are_found(field, from_min, until_min, count):
    spec = closed(airfield=field, from_min=from_min, until_min=until_min)
    found = faulty(fly("F-W", "F-E"), spec, tables=connected())
    assert found == [f"far is at {field} while c0 closes it."] * count


def test_a_planned_field_is_closed_until_it_is_opened():
    tables = connected(east="planned")
    found = fly("F-W", "F-E")
    assert faulty(found, tables=tables) == ["far is at F-E while planned: F-E closes it."]
    assert faulty(found, tables=tables, opened=("F-E",)) == []


def test_only_planned_fields_can_be_opened():
    tables = connected(east="planned")
    assert list(opened_faults(tables, told(opened=("F-E",)))) == []
    (fault,) = opened_faults(tables, told(opened=("F-E", "F-W")))
    assert (fault.column, fault.value, fault.remedy) == ("opened[1]", "F-W", "use F-E")
    (fault,) = opened_faults(registry(), told(opened=("F-E",)))
    assert fault.remedy == "leave it out"


def test_landing_at_the_incident_itself_breaks_nothing():
    assert faulty(fly("F-W", ""), closed(airfield="F-E"), tables=connected()) == []
    assert faulty(fly("F-W", ""), closed(link="az"), tables=connected()) == []


def test_names_of_one_kind_do_not_close_those_of_another():
    for spec in (closed(station="甲线"), closed(airfield="west"), closed(line="west")):
        assert faulty(ride("甲线", "west", "mid"), spec, tables=connected()) == []
    assert faulty(fly("F-W", "F-E"), closed(station="F-W"), tables=connected()) == []


def test_the_real_trains_run_over_the_lines_that_the_search_knows():
    tables = load_registry()
    names = "network/stations", "network/rail_services", "network/trains"
    rail = with_special_trains(build_rail_network(*(tables[name] for name in names)))
    road = build_road_network(tables.junctions, tables.links)
    rides = [
        ride(label, rail.station_id[tail], rail.station_id[head])
        for label, tail, head in zip(rail.label, rail.tail, rail.head, strict=True)
    ]
    assert len(rides) > 500
    for k, line in enumerate(rail.line):
        spec = closed(line=line)
        assert list(closure_faults(tables, told(spec))) == []
        assert len(breaches(tables, road, told(spec), rides)) == rail.over[:, k].sum() > 0


def test_every_order_is_followed():
    found = [order(drive(AZ)), ride("甲线", "west", "mid"), fly("F-W", "F-E")]
    specs = (
        ClosureSpec(name=name, **{name: place})
        for name, place in (("link", "az"), ("line", "甲线"), ("airfield", "F-E"))
    )
    tables = connected()
    road = build_road_network(tables.junctions, tables.links)
    assert len(breaches(tables, road, told(*specs), found)) == 3


# --- one mutant for each rule -------------------------------------------------------------------


def one_way():
    links = registry().links
    links["direction"] = "forward"
    return registry(network__links=links)


CALL = leg("drive", 0, 1800, passages=(replace(AM, end=0.5, leave_s=1800.0),), profile="truck")
GO_ON = leg("wait", 1800, 3600), drive(later(replace(AM, begin=0.5, leave_s=1800.0), HOUR))
GAP = drive(later(replace(AM, begin=0.6, leave_s=1440.0), HOUR))

MUTANTS = {
    "clock": (order(drive(AZ)), order(drive(AZ, end_s=HOUR - 5)), {}, {}),
    "vehicle": (order(drive(AZ)), order(drive(AZ, profile="tank")), {}, {}),
    "mass": (order(drive(AZ)), None, {}, {"tables": ("max_mass_kg", 24_999)}),
    "height": (order(drive(AZ)), None, {}, {"tables": ("max_height_m", 3.7)}),
    "direction": (
        order(drive(AZ)), order(drive(replace(AZ, begin=1.0, end=0.0))), {}, {"one_way": True},
    ),
    "pace": (order(drive(AZ)), order(drive(replace(AZ, leave_s=HOUR + 1.0))), {}, {}),
    "closed": (order(drive(AZ)), None, {"link": "az"}, {}),
    "leap": (order(CALL, *GO_ON), order(CALL, GO_ON[0], GAP), {}, {}),
    "stop": (order(drive(AM, MZ)), None, {"junction": "m"}, {}),
    "no such train": (
        ride("T1", "west", "mid"), ride("T3", "west", "mid"), {}, {"connected": True},
    ),
    "line": (ride("T1", "west", "mid"), None, {"line": "甲线"}, {"connected": True}),
    "station": (ride("T1", "west", "mid"), None, {"station": "mid"}, {"connected": True}),
    "airfield": (fly("F-W", "F-E"), None, {"airfield": "F-E"}, {"connected": True}),
}  # fmt: skip
"""By rule: a good order, the order that breaks it or None, else the closure or the limit."""


def said_of(mutant):
    """Return what is found of a good order, and of what breaks one rule."""
    good, bad, closure, world = mutant
    plain = connected() if "connected" in world else one_way() if "one_way" in world else registry()
    changed = with_limits(**dict([world["tables"]])) if "tables" in world else plain
    specs = [closed(**closure)] if closure else []
    return faulty(good, tables=plain), faulty(bad or good, *specs, tables=changed)


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS.keys())
def test_a_good_order_broken_in_one_way_is_refused_for_that(mutant):
    good, bad = said_of(mutant)
    assert (good, len(bad)) == ([], 1)


def test_every_sentence_of_a_breach_is_said_of_a_mutant():
    """Sentences about a scenario, not about an order, are of faults."""
    told_of = [said_of(mutant)[1][0] for mutant in MUTANTS.values()]
    modules = closures, retrace
    every = set().union(*map(sentences, modules))
    known = {said(module, text) for text in told_of for module in modules if tells(module, text)}
    assert known == {text for text in every if text.startswith("{team}")}
    assert {text for text in every if not text.startswith("{team}")} == {
        "there is no such {kind} in {table}",
        "did you mean {names}?",
        "use an id of {table}",
        "is not a valid polygon: {reason}",
        "name the corners in order, so that no side crosses another",
    }


# --- faults -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "name", "remedy"),
    [
        ("station", "wst", "did you mean west | east?"),
        ("station", "甲线", "use an id of network/stations"),
        ("line", "甲", "did you mean 甲线?"),
        ("line", "west", "use an id of network/rail_services"),
        ("airfield", "F-X", "did you mean F-W | F-E?"),
    ],
)
def test_unknown_places_of_rail_and_air_are_faults(key, name, remedy):
    (fault,) = closure_faults(connected(), told(closed(**{key: name})))
    assert (fault.column, fault.value, fault.remedy) == (f"closures[0].{key}", name, remedy)


def test_a_polygon_that_crosses_itself_is_a_fault():
    """RING with two of its corners exchanged."""
    bow = [RING[0], RING[2], RING[1], RING[3]]
    assert list(closure_faults(registry(), told(closed(polygon=RING)))) == []
    (fault,) = closure_faults(registry(), told(closed(polygon=bow)))
    assert fault.column == "closures[0].polygon"
    assert fault.problem.startswith("is not a valid polygon: Self-intersection")
    assert fault.remedy == "name the corners in order, so that no side crosses another"


def test_known_places_are_no_faults_and_nothing_is_looked_up_in_tables_that_are_not_there():
    specs = [closed(station="mid"), closed(line="乙线"), closed(airfield="F-E")]
    one_by_one = [told(spec) for spec in specs]
    assert [list(closure_faults(connected(), scenario)) for scenario in one_by_one] == [[]] * 3
    unknown = told(closed(station="x")), told(closed(line="x")), told(closed(airfield="x"))
    assert [list(closure_faults(registry(), scenario)) for scenario in unknown] == [[]] * 3


# --- against the search -------------------------------------------------------------------------


CLOSURES = st.builds(
    lambda k, place, effect, from_min, for_min: ClosureSpec(
        name=f"c{k}", from_min=from_min, until_min=for_min and from_min + for_min,
        **(place | (effect if "junction" not in place else {})),
    ),
    st.integers(0, 99),
    st.sampled_from([dict(link="az"), dict(link="am"), dict(polygon=RING), dict(junction="m")]),
    st.sampled_from([{}, dict(effect="slowed", factor=0.3),
                     dict(effect="limited", max_mass_kg=10_000)]),
    st.integers(0, 90),
    st.one_of(st.none(), st.integers(1, 120)),
)  # fmt: skip


@settings(derandomize=True, max_examples=80, deadline=None)
@given(
    st.lists(CLOSURES, max_size=3, unique_by=lambda spec: spec.name),
    st.sampled_from(["clear", "rain"]),
    st.integers(0, 23),
    st.integers(0, 3 * HOUR),
    st.sampled_from(["truck", "car"]),
)
def test_what_the_search_finds_breaks_nothing(specs, weather, hour, ready_s, profile):
    tables, start = paced(), MORNING.replace(hour=hour)
    road = build_road_network(tables.junctions, tables.links)
    night = bool(is_night(start, ready_s))
    speeds = speeds_kmh(tables, profile, weather=weather, night=night)
    driver = driver_of(
        road, build_engine(road.topology, backend="scipy"), link_times_ms(road, speeds),
        access_kmh=speeds["access"], closures=closures_of(road, specs),
        mass_kg=float(tables["network/profiles"].at[profile, "mass_kg"]),
    )  # fmt: skip
    ends = (snap(road, np.array([lon]), np.array([37.0])) for lon in (112.1, 112.95))
    found = drives(road, driver, *ends, float(ready_s))
    if not np.isfinite(found.time_s[0, 0]):
        return
    legs, now_s = [leg("mobilise", 0, ready_s)], ready_s
    for part in routes(found, 0, 0):
        legs.append(leg("wait", now_s, part.start_s))
        passages = [
            Passage(road.link_id[p.link], p.begin, p.end, p.enter_ms / 1000, p.leave_ms / 1000)
            for p in part.passages
        ]
        legs.append(drive(*passages, start_s=part.start_s, end_s=part.end_s, profile=profile))
        now_s = part.end_s
    told_so = order(*legs, mode="rail")
    assert faulty(told_so, *specs, tables=tables, start=start, weather=weather) == []
    other = start + timedelta(hours=12)
    if is_night(other, ready_s) != night and any(p.link == "az" for x in legs for p in x.passages):
        assert faulty(told_so, *specs, tables=tables, start=other, weather=weather)
