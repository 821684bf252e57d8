"""On which terms convoys drive: toll against time, night and weather, mass and height.

See little.py for the map: from a to z 100 km of tolled motorway or 120 km of free road.
The team far has two trucks and a car: 2.5 yuan of toll a km, 900 yuan an hour.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from little import registry, scenario

from dispatch.network.daylight import CHINA
from dispatch.network.snap import snap
from dispatch.plan import make_plan
from dispatch.plan.pace import is_night
from dispatch.plan.travel import travel
from dispatch.plan.vehicles import roads_of
from dispatch.scenario import ClosureSpec, Policy, Scenario

HOUR = 3600
MORNING = datetime(2026, 3, 1, 8, tzinfo=CHINA)
DUSK_S = int(np.flatnonzero(is_night(MORNING, np.arange(16 * HOUR)))[0])
FAR, MID = 0, 1
PUMPING = "capability: pumping, quantity: 200, minimum: 100, target_min: 100, latest_min: 600"
PLAZAS_S = 180


def ways(
    tables=None,
    *specs,
    ready_s=0.0,
    toll_free=False,
    weather="clear",
    start=MORNING,
    teams=("far",),
):
    """Travel to z, once for each time at which the teams are ready."""
    tables = tables or registry()
    ready_s = np.atleast_1d(np.asarray(ready_s, float))
    told = Scenario(
        name="drill",
        title="演练",
        start=start,
        policy=Policy(toll_free=toll_free),
        conditions=dict(weather=weather),
        closures=specs,
        incidents=[dict(id="z", name="某矿", type="mine_flood", lon=113.0, lat=37.0)],
    )
    roads = roads_of(tables)
    z = snap(roads.network, np.full(len(ready_s), 113.0), np.full(len(ready_s), 37.0))
    rows = tables.teams.loc[list(teams)]
    return travel(tables, told, roads, rows, z, np.tile(ready_s, (len(rows), 1)))


def dear(factor):
    """Return the province with the toll so many times as high."""
    rates = registry()["network/toll_rates"]
    return registry(network__toll_rates=rates.assign(yuan_per_km=rates["yuan_per_km"] * factor))


def exempt(tables):
    return tables.teams.assign(toll_exempt="yes")


def links(found, team=FAR, incident=0):
    """Return how long the way is, which tells which it is."""
    return int(found.terms.length_m[team, incident])


MOTORWAY, FREE_ROAD = 100_000, 120_000


# --- toll ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factor", "toll_yuan", "way"),
    [(1, 250, MOTORWAY), (3.4, 850, MOTORWAY), (3.44, 0, FREE_ROAD), (10, 0, FREE_ROAD)],
)
def test_who_pays_goes_the_way_that_costs_less_time_and_money(factor, toll_yuan, way):
    """63 min and the toll against 120 min: 855 yuan for 57 min of three vehicles."""
    found = ways(dear(factor))
    assert links(found) == way
    assert found.time_s[0, 0] == (HOUR + PLAZAS_S if way == MOTORWAY else 2 * HOUR)
    assert found.toll_yuan[0, 0] == pytest.approx(toll_yuan)
    assert found.running_yuan[0, 0] == pytest.approx(2.5 * way / 1000)
    assert found.terms.shuns[0, 0] == (way == FREE_ROAD)


@pytest.mark.parametrize("factor", [1, 10])
def test_who_is_free_of_toll_goes_the_fastest_way(factor):
    tables = dear(factor)
    law = registry(network__toll_rates=tables["network/toll_rates"], teams__teams=exempt(tables))
    for found in (ways(tables, toll_free=True), ways(law), ways(law, toll_free=True)):
        assert found.free.all()
        assert not found.terms.shuns.any()
        assert (links(found), found.time_s[0, 0]) == (MOTORWAY, HOUR)
    without_s = HOUR + PLAZAS_S if factor == 1 else 2 * HOUR
    assert ways(tables, toll_free=True).without_policy_s[0, 0] == without_s
    assert ways(law, toll_free=True).without_policy_s[0, 0] == HOUR


def test_who_pays_takes_what_there_is():
    shut = {name: ClosureSpec(name=name, link=name) for name in ("am", "az")}
    only_toll = ways(dear(10), shut["am"])
    assert (links(only_toll), only_toll.time_s[0, 0]) == (MOTORWAY, HOUR + PLAZAS_S)
    assert links(ways(None, shut["az"])) == FREE_ROAD
    nothing = ways(None, *shut.values())
    assert np.isinf(nothing.time_s).all()
    assert nothing.toll_yuan.tolist() == [[0.0]]


def test_a_wait_for_the_free_road_is_paid_for_in_time():
    """855 yuan for the motorway against nothing; the free road opens 10 min later or sooner."""
    for minutes, way in ((5, FREE_ROAD), (10, MOTORWAY)):
        gate = ClosureSpec(name="gate", link="am", until_min=minutes)
        assert links(ways(dear(3.8), gate)) == way


def test_teams_beside_one_another_keep_their_own_terms():
    tables = dear(10)
    teams = tables.teams
    teams.loc["mid", ["lon", "toll_exempt"]] = [112.0, "yes"]
    teams = teams.set_geometry(teams.geometry.where(teams.index != "mid", teams.geometry["far"]))
    both = registry(network__toll_rates=tables["network/toll_rates"], teams__teams=teams)
    found = ways(both, teams=("far", "mid"))
    assert found.free.tolist() == [False, True]
    assert found.terms.shuns[:, 0].tolist() == [True, False]
    assert found.terms.length_m[:, 0].tolist() == [FREE_ROAD, MOTORWAY]
    granted = ways(both, teams=("far", "mid"), toll_free=True)
    assert granted.terms.length_m[:, 0].tolist() == [MOTORWAY, MOTORWAY]
    assert granted.without_policy_s[:, 0].tolist() == [2 * HOUR, HOUR]


def test_a_plan_says_what_free_passage_is_worth_where_the_toll_is_shunned(tmp_path):
    """The toll waived is that of the way driven; without the privilege an hour later."""
    free, paying = (
        make_plan(dear(10), scenario(tmp_path, PUMPING, toll_free=policy), workers=1)
        for policy in (True, False)
    )
    (by_motorway,) = [order for order in free.orders if order.team_id == "far"]
    assert by_motorway.toll_waived_yuan == 2500.0
    assert by_motorway.without_privilege_s - by_motorway.arrive_s == HOUR
    (round_about,) = [order for order in paying.orders if order.team_id == "far"]
    assert round_about.legs[-1].links == ("am", "mz")
    assert (round_about.toll_paid_yuan, round_about.toll_waived_yuan) == (0.0, 0.0)
    assert round_about.arrive_s == by_motorway.without_privilege_s


# --- night and weather --------------------------------------------------------------------------


def paced(*rows):
    table = pd.DataFrame(rows, columns=["condition", "road_class", "factor"])
    return registry(network__pace=table)


def test_who_may_leave_before_dusk_drives_by_day_and_later_by_night():
    """Half as fast by night on the motorway, at 80 % on the free road: 120 and 150 min."""
    tables = paced(("night", "motorway", 0.5), ("night", "primary", 0.8))
    found = ways(tables, ready_s=[0, DUSK_S - 1, DUSK_S, np.inf], toll_free=True)
    assert found.time_s.tolist() == [[HOUR, HOUR, 2 * HOUR, HOUR]]
    assert found.terms.length_m.tolist() == [[MOTORWAY] * 4]
    slow = paced(("night", "motorway", 0.4))
    found = ways(slow, ready_s=[0, DUSK_S], toll_free=True)
    assert found.time_s.tolist() == [[HOUR, 2 * HOUR]]
    assert found.terms.length_m.tolist() == [[MOTORWAY, FREE_ROAD]]
    for incident, way in enumerate((MOTORWAY, FREE_ROAD)):
        drive = found.way(FAR, incident)
        assert drive.time_s[FAR, incident] == found.time_s[FAR, incident]
        assert links(found, incident=incident) == way


@pytest.mark.parametrize(
    ("weather", "minutes"), [("clear", 60), ("rain", 80), ("snow", 100), ("fog", 60)]
)
@pytest.mark.parametrize(("start", "night"), [(MORNING, 1.0), (MORNING - timedelta(hours=6), 0.8)])
def test_weather_and_night_multiply(weather, minutes, start, night):
    tables = paced(
        ("night", "motorway", 0.8), ("rain", "motorway", 0.75), ("snow", "motorway", 0.6),
        ("rain", "primary", 0.5), ("snow", "primary", 0.1), ("night", "access", 0.1),
    )  # fmt: skip
    found = ways(tables, weather=weather, start=start, toll_free=True)
    slowest_s = 2 * HOUR if weather in ("clear", "fog") else np.inf
    assert found.time_s[0, 0] == min(minutes * 60 / night, slowest_s)


def test_who_pays_chooses_by_the_pace_of_the_hour():
    """By day 855 yuan for 57 min; by night the motorway takes 93 min and saves but 27."""
    tables = paced(("night", "motorway", 2 / 3))
    found = ways(tables, ready_s=[0, DUSK_S])
    assert found.terms.shuns.tolist() == [[False, False]]
    rates = dear(2)["network/toll_rates"]
    found = ways(
        registry(network__pace=tables["network/pace"], network__toll_rates=rates),
        ready_s=[0, DUSK_S],
    )
    assert found.terms.shuns.tolist() == [[False, True]]
    assert found.terms.length_m.tolist() == [[MOTORWAY, FREE_ROAD]]
    assert found.toll_yuan.tolist() == [[500.0, 0.0]]


# --- mass and height ----------------------------------------------------------------------------


def limited(cars=("mid",), **limits):
    """Return the province with limits on the motorway, some teams at a with cars only."""
    usual = registry()
    roads, vehicles, teams = usual.links, usual["teams/vehicles"], usual.teams
    for column, limit in limits.items():
        roads[column] = pd.Series({"az": limit}).reindex(roads.index)
    vehicles.loc[vehicles["team_id"].isin(cars), "profile"] = "car"
    teams["lon"] = 112.0
    return registry(network__links=roads, teams__vehicles=vehicles, teams__teams=teams)


@pytest.mark.parametrize(
    "limits",
    [dict(max_mass_kg=24_999), dict(max_height_m=3.9), dict(max_mass_kg=2_500, max_height_m=2.0)],
)
@pytest.mark.parametrize("toll_free", [True, False])
def test_convoys_are_limited_by_their_heaviest_and_tallest(limits, toll_free):
    """Far's car goes round with its trucks; mid and near have nothing but cars."""
    found = ways(limited(**limits), teams=("far", "mid", "near"), toll_free=toll_free)
    assert found.terms.length_m[:, 0].tolist() == [FREE_ROAD, MOTORWAY, MOTORWAY]
    assert found.time_s[FAR, 0] == 2 * HOUR
    assert found.profile(FAR, 0) == "truck"
    car_s = 3000 + (0 if toll_free else 60)
    assert found.time_s[1:, 0].tolist() == [car_s, 3000]  # near is exempt by law
    assert len(set(found.limits.tolist())) == 2
    assert found.way(FAR, 0).time_s[FAR, 0] == 2 * HOUR


@pytest.mark.parametrize("limits", [dict(max_mass_kg=25_000), dict(max_height_m=4.0), {}])
def test_what_is_not_exceeded_does_not_part_convoys(limits):
    found = ways(limited(**limits), teams=("far", "mid"))
    assert found.terms.length_m[:, 0].tolist() == [MOTORWAY, MOTORWAY]
    assert len(set(found.limits.tolist())) == 1


def test_limits_of_mass_height_and_closures_are_told_apart():
    """Too heavy for the motorway, too tall for it, both, neither; a bridge for 10 t on top."""
    found = {
        (kg, m): ways(limited(max_mass_kg=kg, max_height_m=m), teams=("far", "mid")).limits.tolist()
        for kg in (24_000, 26_000)
        for m in (3.0, 4.5)
    }
    assert {key for key, (far, mid) in found.items() if far == mid} == {(26_000, 4.5)}
    assert len({far for far, _mid in found.values()}) == 4
    bridge = ClosureSpec(name="b", link="am", effect="limited", max_mass_kg=10_000)
    both = ways(limited(max_mass_kg=24_000), bridge, teams=("far", "mid"))
    assert np.isinf(both.time_s[FAR, 0])
    assert np.isfinite(both.time_s[MID, 0])


def test_a_team_without_vehicles_does_not_drive():
    vehicles = registry()["teams/vehicles"]
    bare = registry(teams__vehicles=vehicles[vehicles["team_id"] != "mid"])
    found = ways(bare, teams=("far", "mid"))
    assert np.isfinite(found.time_s[FAR, 0])
    assert np.isinf(found.time_s[MID, 0])
