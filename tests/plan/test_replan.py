"""Replanning on the little province: far drives a to z, mid m to z, near is there."""

from __future__ import annotations

import pytest
from little import registry, scenario

from dispatch.doctrine import load_doctrine
from dispatch.errors import InputError
from dispatch.plan import make_plan
from dispatch.plan.changes import changes_of, needs_changed
from dispatch.plan.happened import check_events
from dispatch.plan.position import position_of
from dispatch.plan.replan import replan
from dispatch.registry import data_dir
from dispatch.scenario.events import Events

PUMPING = "capability: pumping, quantity: 300, minimum: 100, target_min: 100, latest_min: 600"
NEW = dict(
    id="second", name="二", type="mine_flood", lon=112.5, lat=37.0, impact={"trapped": 5},
    demands=[dict(capability="pumping", quantity=300, target_min=100, latest_min=600)],
)  # fmt: skip


@pytest.fixture
def made(tmp_path):
    told = scenario(tmp_path, PUMPING)
    return told, make_plan(registry(), told, workers=1)


def on(made, at_s, turn_min=30.0, **events):
    told, plan = made
    found = replan(
        registry(), load_doctrine(data_dir()), told, plan, Events.model_validate(events), at_s,
        workers=1, turn_min=turn_min,
    )  # fmt: skip
    changes = changes_of(plan, found.plan, found.broken, found.keeping)
    return found, {change.order.team_id: change for change in changes}


@pytest.mark.parametrize("at_s", [60, 1800, 6000])
def test_a_truck_is_lost_with_its_pump_before_on_the_way_or_there(made, at_s):
    """Far has two, with a pump of 100 each; it goes on with the other, or stays with it."""
    lost = dict(team="far", profile="truck", units={"pumping": 1})
    found, _changes = on(made, at_s, vehicles=[lost])
    before, now = order(made[1], "far"), order(found.plan, "far")
    assert (before.tasks[0].quantity, now.tasks[0].quantity) == (200, 100)
    assert (now.arrive_s, now.mode) == (before.arrive_s, "road")
    assert found.plan.incidents[0].demands[0].unmet == 100
    assert found.plan.policy.lost_vehicles == ("far: truck × 1",)
    again, _changes = on((found.scenario, found.plan), at_s + 60, vehicles=[lost])
    assert "far" not in {o.team_id for o in again.plan.orders}
    assert again.plan.incidents[0].demands[0].met == 100
    (stage,) = [stage for stage in again.plan.stages if stage.name == "floors"]
    assert sum(floor.missing for floor in again.plan.floors) == stage.value
    (ended,) = again.plan.stood_down
    assert (ended.team_id, ended.reason, ended.at_s) == ("far", "unable", at_s + 60)
    assert ended.left == (at_s + 60 >= before.depart_s)
    third, _changes = on((again.scenario, again.plan), at_s + 120, losses=[dict(id="mid")])
    assert [(one.team_id, one.reason) for one in third.plan.stood_down] == [
        ("far", "unable"), ("mid", "lost"),
    ]  # fmt: skip


def test_who_is_needed_no_more_stands_down_and_may_be_ordered_again(made):
    """Mid alone is enough for 100, so far is released; for 300 it is ordered once more."""
    fewer = dict(capability="pumping", quantity=100, target_min=100, latest_min=600)
    found, changes = on(made, 60, changes=[dict(incident="mine", demands=[fewer])], turn_min=0)
    (ended,) = found.plan.stood_down
    assert (ended.team_id, ended.reason, ended.left, ended.at_s) == ("far", "released", False, 60)
    assert changes["far"].code == "cancelled"
    more = dict(incident="mine", demands=[fewer | {"quantity": 300}])
    again, _changes = on((found.scenario, found.plan), 120, changes=[more], turn_min=0)
    assert {o.team_id for o in again.plan.orders} == {"far", "mid"}
    assert again.plan.stood_down == ()


def test_who_has_arrived_and_has_units_but_no_task_stays_with_his_incident(made):
    late = max(o.arrive_s for o in made[1].orders)
    fewer = dict(capability="pumping", quantity=100, target_min=100, latest_min=600)
    found, _changes = on(made, late + 60, changes=[dict(incident="mine", demands=[fewer])])
    assert sorted(len(o.tasks) for o in found.plan.orders) == [0, 1]
    assert found.plan.stood_down == ()


def test_a_lost_team_is_in_no_floor(made):
    """Of far and mid, both mine rescue, one is lost and one is sent: none is left of one."""
    found, _changes = on(made, 0, losses=[dict(id="mid")])
    assert found.plan.policy.lost == ("mid",)
    floors = {floor.reserve: floor for floor in found.plan.floors}
    mines = floors["province_mine_rescue"]
    assert (mines.teams, mines.required, mines.left) == (1, 1, 0)
    (stage,) = [stage for stage in found.plan.stages if stage.name == "floors"]
    assert sum(floor.missing for floor in found.plan.floors) == stage.value == 1


def order(plan, team):
    return next(o for o in plan.orders if o.team_id == team)


def test_positions_follow_the_itinerary(made):
    _told, plan = made
    mid = order(plan, "mid")
    assert position_of(registry(), mid, mid.depart_s - 1).state == "waiting"
    there = position_of(registry(), mid, mid.depart_s + 60)
    assert (there.state, there.at, there.ready_s) == ("under_way", (113.0, 37.0), mid.arrive_s)
    assert position_of(registry(), mid, mid.arrive_s).state == "arrived"
    assert there.done[-1].end_s == mid.arrive_s


def test_no_events_change_nothing(made):
    found, changes = on(made, 1800)
    assert found.plan == made[1]
    assert not changes


def test_an_event_that_concerns_nobody_changes_nothing(made):
    far = dict(name="x", link="am", effect="slowed", factor=0.9)
    _found, changes = on(made, 1800, closures=[far])
    assert not changes


def test_who_has_arrived_is_never_moved(made):
    late = max(o.arrive_s for o in made[1].orders)
    found, changes = on(made, late + 60, incidents=[NEW], turn_min=0)
    assert not changes
    assert [o.incident_id for o in found.plan.orders] == ["mine", "mine"]
    second = found.plan.incidents[1].demands[0]
    assert (second.met, second.unmet) == (0, 300)
    assert second.target_s == 60 * (100 + -(-(late + 60) // 60))


def test_a_team_not_yet_left_is_late_by_its_delay(made):
    before = order(made[1], "far")
    _found, changes = on(made, 60, delays=[dict(team="far", minutes=20)])
    assert changes["far"].code == "delayed"
    assert changes["far"].after.arrive_s == before.arrive_s + 1200
    assert (changes["far"].minutes, changes["far"].gained) == (0.0, ())


def test_a_team_lost_is_cancelled(made):
    found, changes = on(made, 60, losses=[dict(id="far")])
    assert changes["far"].code == "cancelled"
    # that is the loss, and none of the plan's doing
    assert changes["far"].gained == ()
    need = needs_changed(made[1], found.keeping, found.plan)[0]
    assert (need.before, need.keeping, need.now) == (300, 100, 100)
    assert found.plan.incidents[0].demands[0].unmet == 200


def test_a_closed_road_sends_a_team_another_way(made):
    """Far has not left: the motorway closes, and the road over m takes 120 min."""
    shut = dict(name="x", link="az")
    found, changes = on(made, 60, closures=[shut])
    assert changes["far"].code == "rerouted"
    assert changes["far"].way_lost
    assert changes["far"].after.arrive_s == changes["far"].before.arrive_s + 3600
    assert [units for _i, units, _zh, _en in changes["far"].gained] == [200]
    assert changes["far"].minutes == 0.0
    need = needs_changed(made[1], found.keeping, found.plan)
    assert [(n.before, n.keeping, n.now) for n in need] == [(300, 100, 300)]


def test_teams_that_are_not_in_the_plan_are_named(made):
    events = Events.model_validate(
        dict(delays=[dict(team="nobody", minutes=1)], losses=[dict(id="none")], incidents=[NEW])
    )
    with pytest.raises(InputError) as caught:
        check_events("e.yaml", {}, events, made[1], registry())
    assert [fault.value for fault in caught.value.faults] == ["nobody", "none"]


def test_a_team_under_way_is_redirected_only_if_it_is_worth_it(tmp_path):
    """Mid is on its way to z, of use there at priority 3; a need of priority 1 arises at m."""
    told = scenario(tmp_path, PUMPING + ", priority: 3")
    made = told, make_plan(registry(), told, workers=1)
    mid = order(made[1], "mid")
    need = dict(NEW["demands"][0], quantity=100)
    minor = dict(need, priority=3)
    asked = mid.depart_s + 60
    _found, changes = on(made, asked, incidents=[NEW | dict(demands=[need])])
    turned = {team for team, change in changes.items() if change.code == "redirected"}
    assert turned
    _found, changes = on(made, asked, 1e9, incidents=[NEW | dict(demands=[minor])])
    assert "mid" not in changes


def test_who_is_on_a_road_that_closes_turns_back(made):
    """Far has been on the motorway for 10 min: 10 min back to a, 120 min over m."""
    far = order(made[1], "far")
    found, changes = on(made, far.depart_s + 600, closures=[dict(name="x", link="az")])
    assert changes["far"].code == "rerouted"
    after = changes["far"].after
    assert after.arrive_s == far.depart_s + 1200 + 7200
    assert found.positions["far"].at == (112.0, 37.0)
    assert [leg.destination for leg in after.legs if leg.kind == "drive"] == ["G9", "a", "某矿"]
    back = after.legs[-2]
    assert (back.distance_m, back.end_s - back.start_s) == (16_667, 600)


def test_who_is_on_a_road_that_is_slowed_goes_on(made):
    far = order(made[1], "far")
    slow = dict(name="x", link="az", effect="slowed", factor=0.9)
    found, _changes = on(made, far.depart_s + 600, closures=[slow])
    assert found.positions["far"].at == (113.0, 37.0)
