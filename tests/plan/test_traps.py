"""What other tools got wrong, where no other test of ours stands for it.

Each names what went wrong; the map is that of ``little.py``.
"""

from __future__ import annotations

import ast
import csv
import sys
from collections import Counter
from pathlib import Path

import geopandas as gpd
import pytest
from little import registry, scenario

import dispatch
from dispatch.plan import make_plan
from dispatch.plan.compare import compare
from dispatch.plan.write import write_plan
from dispatch.scenario.records import IncidentSpec

sys.path.append(str(Path(__file__).parents[1] / "optimise"))
from small import ints, random_problem, two_teams

from dispatch.optimise.assign import solve
from dispatch.optimise.candidates import candidates
from dispatch.optimise.check import infeasibilities
from dispatch.optimise.problem import DispatchSolution, Service

PACKAGE = Path(dispatch.__file__).parent
PUMPING = "capability: pumping, quantity: 100, minimum: 100, target_min: 100, latest_min: 240"


def test_coverage_is_what_capacity_can_serve_not_a_sum_of_who_is_near(tmp_path):
    """Catchments were summed: two mines lie near mid's one pump, which drains but one of them."""
    told = scenario(tmp_path, PUMPING)
    (mine,) = told.incidents
    other = IncidentSpec.model_validate(mine.model_dump() | dict(id="other", name="另一矿"))
    both = told.model_copy(update={"incidents": (mine, other), "lost": ("far",)})
    plan = make_plan(registry(), both, workers=1, explain_s=0.0)
    needs = [need for one in plan.incidents for need in one.demands]
    assert sum(need.met for need in needs) == 100
    figures = {figure.code: figure.a for figure in compare(plan, plan).figures}
    assert (figures["needs"], figures["met"], figures["on_time"]) == (2, 1, 1)


def test_metres_are_metres_and_kilometres_kilometres_in_every_file(tmp_path):
    """Both stood in one export: far drives the 100 km of the motorway, mid 60 km."""
    told = scenario(tmp_path, PUMPING.replace("quantity: 100", "quantity: 300"))
    plan = make_plan(registry(), told, workers=1, explain_s=0.0)
    way_m = {"far": 100_000, "mid": 60_000}
    assert {order.team_id: order.distance_m for order in plan.orders} == way_m
    for order in plan.orders:
        assert sum(leg.distance_m for leg in order.legs) == order.distance_m
    write_plan(plan, tmp_path)
    text = (tmp_path / "assignments.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert {row["team_id"]: int(row["distance_m"]) for row in rows} == way_m
    legs = gpd.read_file(tmp_path / "plan.gpkg", layer="legs")
    driven = legs[legs["kind"] == "drive"].groupby("team_id")["distance_m"].sum()
    assert driven.to_dict() == way_m


def test_nobody_stays_idle_who_could_serve():
    """A job that could be done was left while a vehicle stood idle."""
    problem = two_teams(demand_quantity=ints(20))
    assert solve(problem, workers=1).options == (0, 1)


@pytest.mark.parametrize("seed", [104, 161, 171])
def test_who_is_idle_beside_an_unmet_need_finds_no_room(seed):
    """In these cases somebody with a way in time stays: the checker refuses to send him, too."""
    problem, tried = random_problem(seed), 0
    plan = solve(problem, workers=1)
    credited: Counter[int] = Counter()
    for service in plan.services:
        credited[service.demand] += service.quantity
    sent = {int(problem.option_team[option]) for option in plan.options}
    arcs = candidates(problem)
    rows = (column.tolist() for column in (arcs.option, arcs.module, arcs.demand))
    for option, module, demand in zip(*rows, strict=True):
        lacking = int(problem.demand_quantity[demand]) - credited[demand]
        if int(problem.option_team[option]) in sent or not lacking:
            continue
        quantity = min(lacking, int(problem.module_quantity[module]))
        if quantity + credited[demand] < problem.demand_minimum[demand]:
            continue
        more = with_one_more(plan, option, Service(module, demand, 1, quantity))
        assert infeasibilities(problem, more), (option, module, demand)
        tried += 1
    assert tried


def with_one_more(plan: DispatchSolution, option: int, service: Service) -> DispatchSolution:
    services = sorted((*plan.services, service), key=lambda s: (s.demand, s.module))
    return DispatchSolution(tuple(sorted((*plan.options, option))), tuple(services), plan.stages)


def test_no_default_is_shared_by_all_calls():
    """A list as a default was shared by all trips."""
    shared = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    found = [
        f"{path.relative_to(PACKAGE)}:{default.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for default in (*function.args.defaults, *function.args.kw_defaults)
        if isinstance(default, shared)
        or (
            isinstance(default, ast.Call)
            and isinstance(default.func, ast.Name)
            and default.func.id in ("list", "dict", "set")
        )
    ]
    assert found == []
