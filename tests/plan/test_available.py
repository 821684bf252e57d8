"""Teams and aircraft that a scenario has lost are nowhere in its plan."""

from __future__ import annotations

import pytest
from little import registry, scenario

from dispatch.doctrine import load_doctrine
from dispatch.errors import InputError
from dispatch.plan import make_plan
from dispatch.plan.available import TABLES, available
from dispatch.plan.replan import replan
from dispatch.registry import data_dir
from dispatch.scenario.events import Events
from dispatch.scenario.records import VehicleLoss

pytestmark = pytest.mark.usefixtures("english")


PUMPING = "capability: pumping, quantity: 300, minimum: 100, target_min: 100, latest_min: 600"


def test_a_lost_team_is_neither_sent_nor_counted_as_staying(tmp_path):
    told = scenario(tmp_path, PUMPING)
    whole = make_plan(registry(), told, workers=1)
    lost = whole.orders[0].team_id
    less = make_plan(registry(), told.model_copy(update={"lost": (lost,)}), workers=1)
    assert lost not in {order.team_id for order in less.orders}
    sent, left = len(less.orders), sum(row.left for row in less.reserves)
    assert sent + left == len(whole.orders) + sum(row.left for row in whole.reserves) - 1


def test_it_is_in_no_table(tmp_path):
    told = scenario(tmp_path, PUMPING).model_copy(update={"lost": ("far",)})
    found = available(registry(), told)
    for name in TABLES.keys() & found.tables.keys():
        table = found[name]
        assert "far" not in set(table.get("team_id", table.index))
    assert "far" in registry().teams.index


def pumped(plan):
    return {order.team_id: order.tasks[0].quantity for order in plan.orders}


def with_loss(told, profile, quantity, units):
    loss = VehicleLoss(team="far", profile=profile, quantity=quantity, units=units)
    return told.model_copy(update={"lost_vehicles": (*told.lost_vehicles, loss)})


def test_what_stood_on_a_lost_vehicle_is_lost_with_it(tmp_path):
    """Far has two trucks with a pump of 100 each, and a car; mid one pump of 100."""
    told = scenario(tmp_path, PUMPING)
    assert pumped(make_plan(registry(), told, workers=1)) == {"far": 200, "mid": 100}
    less = with_loss(told, "truck", 1, {"pumping": 1})
    plan = make_plan(registry(), less, workers=1)
    assert pumped(plan) == {"far": 100, "mid": 100}
    assert plan.policy.lost_vehicles == ("far: truck × 1",)
    assert plan.incidents[0].demands[0].unmet == 100


def test_a_team_goes_on_at_the_pace_of_the_vehicles_left(tmp_path):
    """A car drives the motorway in 50 min, the trucks in 60."""
    told = scenario(tmp_path, PUMPING)
    usual, light = (
        next(o for o in make_plan(registry(), each, workers=1).orders if o.team_id == "far")
        for each in (told, with_loss(told, "truck", 2, {}))
    )
    assert usual.arrive_s - light.arrive_s == 600
    assert {leg.profile for leg in light.legs if leg.kind == "drive"} == {"car"}
    assert light.cost_yuan < usual.cost_yuan


@pytest.mark.parametrize(
    ("loss", "column", "problem"),
    [
        (dict(team="nobody", profile="truck"), "team", "has no vehicles in the tables"),
        (dict(team="far", profile="bus"), "profile", "is no vehicle of the team"),
        (dict(team="far", profile="truck", quantity=3), "quantity", "is more than the team has"),
        (dict(team="mid", profile="truck"), "quantity", "are all the vehicles of the team"),
        (dict(team="far", profile="truck", units={"pumping": 3}), "units.pumping",
         "the team has 2 units of it"),
        (dict(team="far", profile="truck", units={"search_rescue": 1}), "units.search_rescue",
         "the team has 0 units of it"),
    ],
)  # fmt: skip
def test_vehicles_that_are_not_there_cannot_be_lost(tmp_path, loss, column, problem):
    gone = VehicleLoss.model_validate({"units": {}} | loss)
    told = scenario(tmp_path, PUMPING).model_copy(update={"lost_vehicles": (gone,)})
    with pytest.raises(InputError) as caught:
        available(registry(), told)
    (fault,) = caught.value.faults
    assert (fault.column, fault.problem) == (f"lost_vehicles[0].{column}", problem)
    assert fault.remedy


def test_losses_add_up(tmp_path):
    told = with_loss(scenario(tmp_path, PUMPING), "truck", 1, {"pumping": 1})
    twice = with_loss(told, "truck", 1, {"pumping": 1})
    found = available(registry(), twice)
    assert "far" not in set(found["teams/capabilities"]["team_id"])
    assert found["teams/vehicles"].query("team_id == 'far'")["profile"].tolist() == ["car"]
    assert set(found["teams/vehicles"]["team_id"]) == {"far", "mid", "near"}
    with pytest.raises(InputError) as caught:
        available(registry(), with_loss(twice, "truck", 1, {}))
    assert [fault.column for fault in caught.value.faults] == ["lost_vehicles[2].profile"]


def test_an_unknown_one_is_named(tmp_path):
    told = scenario(tmp_path, PUMPING).model_copy(update={"lost": ("far", "nobody")})
    with pytest.raises(InputError) as caught:
        make_plan(registry(), told, workers=1)
    assert [fault.value for fault in caught.value.faults] == ["nobody"]


def test_what_was_lost_stays_lost_when_a_plan_goes_on_twice(tmp_path):
    told = scenario(tmp_path, PUMPING)
    plan = make_plan(registry(), told, workers=1)
    doctrine = load_doctrine(data_dir())
    once = replan(
        registry(), doctrine, told, plan,
        Events.model_validate({"losses": [{"id": "far"}]}), 60, workers=1,
    )  # fmt: skip
    assert "far" not in {order.team_id for order in once.plan.orders}
    need = {"capability": "pumping", "quantity": 300, "target_min": 200, "latest_min": 900}
    more = Events.model_validate({"changes": [{"incident": "mine", "demands": [need]}]})
    twice = replan(registry(), doctrine, once.scenario, once.plan, more, 120, workers=1)
    assert "far" not in {order.team_id for order in twice.plan.orders}
    assert twice.plan.incidents[0].demands[0].unmet == 200
