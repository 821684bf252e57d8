"""A plan read as a solution of its own problem, and of others."""

from __future__ import annotations

from dataclasses import replace

import little_lift
from little import registry, scenario

from dispatch.doctrine import load_doctrine
from dispatch.optimise.check import evaluate, infeasibilities
from dispatch.plan import make_plan
from dispatch.plan.prepare import prepare
from dispatch.plan.start import start_of
from dispatch.registry import data_dir

DOCTRINE = load_doctrine(data_dir())
PUMPING = "capability: pumping, quantity: 300, minimum: 100, target_min: 100, latest_min: 600"
SEARCH = "capability: search_rescue, quantity: 12, minimum: 1, target_min: 90, latest_min: 120"


def test_a_plan_is_a_solution_of_its_own_problem(tmp_path):
    for tables, told in (
        (registry(), scenario(tmp_path, PUMPING, SEARCH)),
        (
            little_lift.lift(little_lift.TWO),
            little_lift.told(dict(little_lift.SEARCH, latest_min=200), clock="08:30"),
        ),
    ):
        plan, prepared = make_plan(tables, told, workers=1), prepare(tables, DOCTRINE, told)
        start = start_of(plan, prepared)
        assert start.options
        assert infeasibilities(prepared.problem, start) == ()
        assert evaluate(prepared.problem, start) == {s.name: s.value for s in plan.stages}


def test_where_it_pays_no_toll_a_team_comes_sooner_by_the_same_order(tmp_path):
    plan = make_plan(registry(), scenario(tmp_path, PUMPING, toll_free=False), workers=1)
    free = prepare(registry(), DOCTRINE, scenario(tmp_path, PUMPING))
    start = start_of(plan, free)
    assert infeasibilities(free.problem, start) == ()
    assert evaluate(free.problem, start)["arrival"] < plan.stages[2].value


def test_a_plan_of_something_else_is_no_start(tmp_path):
    plan = make_plan(registry(), scenario(tmp_path, PUMPING), workers=1)
    prepared = prepare(registry(), DOCTRINE, scenario(tmp_path, PUMPING))
    first, *rest = plan.orders
    (task,) = first.tasks
    for order in (
        replace(first, team_id="nobody"),
        replace(first, incident_id="elsewhere"),
        replace(first, mode="air"),
        replace(first, tasks=(replace(task, demand_id="none"),)),
        replace(first, tasks=(replace(task, modules=99),)),
    ):
        assert start_of(replace(plan, orders=(order, *rest)), prepared) is None
