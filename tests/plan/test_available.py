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
