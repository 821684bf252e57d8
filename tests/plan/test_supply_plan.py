"""A supply plan from the bundled tables: what it holds, and what the checker refuses."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from supply_case import plan, registry, scenario, smallest

from dispatch.errors import InputError, InvalidPlanError
from dispatch.optimise.sourcing_check import check
from dispatch.optimise.sourcing_solve import solve
from dispatch.plan import supply_deliver, supply_lend
from dispatch.plan.plan import Leg
from dispatch.plan.supply import Bought, Goods
from dispatch.plan.supply_build import make_supply
from dispatch.plan.supply_check import check_supply, ensure_supply
from dispatch.plan.supply_lend import flying_until_s
from dispatch.plan.supply_problem import supply_task
from dispatch.plan.supply_roads import truck_roads
from dispatch.plan.supply_write import read_supply, supply_text, write_supply
from dispatch.plan.vehicles import roads_of
from dispatch.scenario.supply import NeedSpec

pytestmark = pytest.mark.usefixtures("english")


def faults(changed):
    return check_supply(registry(), scenario(), changed)


def test_the_plan_is_accepted_and_every_stage_is_proved():
    made = plan()
    assert faults(made) == ()
    assert {stage.termination for stage in made.stages} == {"optimal"}
    assert made.route_solver


def test_the_same_case_gives_the_same_plan():
    """Nothing here ends by the clock: the searches run out of patience long before."""
    one, other = (
        make_supply(registry(), smallest(), route_limit_s=60.0, explain_s=60.0) for _ in range(2)
    )
    assert one.routes
    assert any(row.text_en for row in one.shortages)
    assert supply_text(one) == supply_text(other)


def test_hubs_side_by_side_are_planned_as_alone():
    made = make_supply(registry(), scenario(), route_limit_s=1.0, explain_s=30.0, processes=2)
    assert supply_text(made) == supply_text(plan())


def test_what_stays_idle_is_lent_to_hubs_where_goods_wait(monkeypatch):
    """With a tenth of the trucks that the goods ask for, lent once and lent again."""

    def waiting_kg(lendings):
        monkeypatch.setattr(supply_lend, "GENEROUS", 0.1)
        monkeypatch.setattr(supply_deliver, "LENDINGS", lendings)
        made = make_supply(registry(), smallest(), route_limit_s=0.1, explain_s=0.0)
        kg = {item.item_code: item.mass_kg for item in made.items}
        return sum(kg[g.item_code] * g.quantity for row in made.undelivered for g in row.goods)

    once, again = waiting_kg(0), waiting_kg(3)
    assert 0 <= again < once


def test_every_unit_handed_out_reaches_a_shelter_or_is_told_to_wait():
    made = plan()
    handed = Counter()
    for row in made.supplied:
        handed[row.item_code] += row.on_time + row.late
    brought = Counter()
    for route in made.routes:
        for drop in (drop for one in route.rounds for drop in one.drops):
            for goods in drop.goods:
                brought[goods.item_code] += goods.quantity
    for left in made.undelivered:
        if left.day == made.days:
            for goods in left.goods:
                brought[goods.item_code] += goods.quantity
    assert handed == brought


def test_only_aircraft_serve_a_shelter_that_no_road_reaches():
    made = plan()
    by_air = {one.id for one in scenario().supply.shelters if one.access == "helicopter"}
    aircraft = set(registry()["airbases/aircraft"].index)
    served = set()
    for route in made.routes:
        for drop in (drop for one in route.rounds for drop in one.drops):
            assert (route.vehicle in aircraft) == (drop.shelter in by_air)
            served.add(drop.shelter)
    assert served & by_air


def by_air():
    return {one.id for one in smallest().supply.shelters if one.access == "helicopter"}


def test_busy_aircraft_stay_where_they_are_and_the_shelter_is_told_to_wait():
    """No aircraft is free before all days are over."""
    busy = dict.fromkeys(registry()["airbases/aircraft"].index, 30 * 86_400)
    made = make_supply(registry(), smallest(), route_limit_s=1.0, explain_s=0.0, busy=busy)
    left = [row for row in made.undelivered if row.shelter in by_air()]
    assert left
    assert {(row.reason, row.proved) for row in left} == {("no_access", True)}


def test_aircraft_that_fly_teams_first_serve_the_shelters_from_the_next_day_on():
    start = smallest().start
    midnight = start.replace(hour=0, minute=0, second=0)
    free_s = int((midnight - start).total_seconds()) + 86_400
    busy = dict.fromkeys(registry()["airbases/aircraft"].index, free_s)
    made = make_supply(registry(), smallest(), route_limit_s=1.0, explain_s=0.0, busy=busy)
    flown = [
        route
        for route in made.routes
        if {drop.shelter for one in route.rounds for drop in one.drops} & by_air()
    ]
    assert flown
    assert all(drop.arrive_s > free_s for r in flown for one in r.rounds for drop in one.drops)


def test_aircraft_are_those_of_the_teams_until_midnight():
    """One lands before midnight, four hours after the start; the other after it."""

    def order(aircraft, end_s):
        leg = Leg("fly", 600, end_s, 90_000, 0.0, 0.0, "A", "B", service=aircraft)
        return SimpleNamespace(legs=(leg,))

    orders = order("H1", 3600), order("H2", 5 * 3600), order("H1", 1800)
    flown = SimpleNamespace(start="2026-07-15T20:00:00+08:00", orders=orders)
    assert flying_until_s(flown) == {"H1": 4 * 3600, "H2": 28 * 3600}


def test_what_nobody_has_enough_of_is_short():
    latrines = [row for row in plan().shortages if row.item_code == "199999917"]
    assert any(row.unmet and row.text_en for row in latrines)


def test_thousands_of_what_nobody_has_leave_the_rest_proved():
    """4,000 latrines, none anywhere, and few trucks: no part of the search may get stuck on it."""
    told = scenario()
    many = NeedSpec(item="199999917", quantity=4000, unit="套")
    first = told.supply.shelters[0].model_copy(update={"needs": (many,)})
    shelters = (first, *told.supply.shelters[1:])
    supply = told.supply.model_copy(update={"shelters": shelters})
    told = told.model_copy(update={"supply": supply})
    trucks = truck_roads(registry(), told, roads_of(registry()))
    problem = supply_task(registry(), told, supply, trucks).problem
    latrines = problem.source_item == problem.item_id.index("199999917")
    lacking = replace(
        problem,
        source_lots=np.where(latrines, 0, problem.source_lots),
        fleet_kg=problem.fleet_kg // 8,
        fleet_litres=problem.fleet_litres // 8,
    )
    solution = solve(lacking)
    assert check(lacking, solution) == ()
    assert {stage.termination for stage in solution.stages} == {"optimal"}
    assert {stage.value for stage in solution.stages[:3]} == {100}


def test_what_there_is_no_time_to_explain_is_named_all_the_same():
    made = make_supply(registry(), smallest(), route_limit_s=1.0, explain_s=0.0)
    assert {row.text_en for row in made.shortages} == {
        "Not looked into: the time for explanations was over."
    }


def test_what_is_short_is_explained_in_both_languages():
    made = plan()
    short = {(row.hub, row.item_code) for row in made.supplied if row.unmet or row.late}
    assert {(row.hub, row.item_code) for row in made.shortages} == short
    for row in made.shortages:
        assert row.text_zh
        assert row.text_en
        assert 1 <= row.first_day <= made.days


def test_invented_records_are_named():
    tables = {record.table for record in plan().illustrative}
    assert {"depots/stocks", "depots/trucks"} <= tables


def test_without_a_supply_block_there_is_nothing_to_plan():
    nobody = scenario().model_copy(update={"supply": None})
    with pytest.raises(InputError):
        make_supply(registry(), nobody)


def swapped(rows, number, **changes):
    """Return rows with one of them changed."""
    return (*rows[:number], replace(rows[number], **changes), *rows[number + 1 :])


def more(goods):
    return (Goods(goods[0].item_code, goods[0].quantity + 1), *goods[1:])


def first_of(rows, wanted):
    return next(number for number, row in enumerate(rows) if wanted(row))


def heavier(made):
    """Return the plan with a round whose load no vehicle can carry."""
    route = made.routes[0]
    one = route.rounds[0]
    goods = tuple(Goods(g.item_code, g.quantity * 50) for g in one.drops[0].goods)
    drops = (replace(one.drops[0], goods=goods), *one.drops[1:])
    rounds = (replace(one, drops=drops), *route.rounds[1:])
    return replace(made, routes=swapped(made.routes, 0, rounds=rounds))


def retimed(made, **changes):
    route = made.routes[0]
    rounds = (replace(route.rounds[0], **changes), *route.rounds[1:])
    return replace(made, routes=swapped(made.routes, 0, rounds=rounds))


def redropped(made, **changes):
    one = made.routes[0].rounds[0]
    return retimed(made, drops=(replace(one.drops[0], **changes), *one.drops[1:]))


def by_wrong_vehicle(made):
    aircraft = registry()["airbases/aircraft"].index[0]
    number = first_of(made.routes, lambda route: route.vehicle == "cargo")
    return replace(made, routes=swapped(made.routes, number, vehicle=aircraft))


def from_a_supplier(made):
    seller = next(place.place_id for place in made.places if place.kind == "supplier")
    return replace(made, movements=swapped(made.movements, 0, origin=seller))


MUTANTS = {
    "a place nobody knows": (
        lambda p: replace(p, movements=swapped(p.movements, 0, destination="nowhere")),
        "is not among",
    ),
    "more stock before than there is": (
        lambda p: replace(p, stocks=swapped(p.stocks, 0, before=p.stocks[0].before + 1)),
        "before, not",
    ),
    "stock of a day that does not add up": (
        lambda p: replace(
            p, stocks=swapped(p.stocks, 0, by_day=(p.stocks[0].by_day[0] + 1,) * p.days)
        ),
        "lie there after day",
    ),
    "more sent than before": (
        lambda p: replace(p, movements=swapped(p.movements, 0, goods=more(p.movements[0].goods))),
        "after day",
    ),
    "nothing bought of what suppliers send": (from_a_supplier, "nobody has bought"),
    "more handed out than wanted": (
        lambda p: replace(p, supplied=swapped(p.supplied, 0, on_time=p.supplied[0].wanted + 1)),
        "does not add up",
    ),
    "more handed out than came": (
        lambda p: replace(
            p,
            supplied=swapped(p.supplied, 0, wanted=10**6, on_time=10**6),
        ),
        "than came",
    ),
    "a load too large for its trucks": (
        lambda p: replace(p, movements=swapped(p.movements, 0, truck_loads=0.001)),
        "does not fit its trucks",
    ),
    "leaves before the day begins": (
        lambda p: replace(p, movements=swapped(p.movements, 0, leave_s=-1)),
        "times do not add up",
    ),
    "arrives sooner than it drives": (
        lambda p: replace(p, movements=swapped(p.movements, 0, arrive_s=p.movements[0].leave_s)),
        "times do not add up",
    ),
    "more trucks than the depot has": (
        lambda p: replace(
            p,
            movements=swapped(
                p.movements, first_of(p.movements, lambda m: m.owned), truck_loads=999.0
            ),
        ),
        "trucks of type",
    ),
    "less delivered than handed out": (lambda p: replace(p, routes=p.routes[1:]), "are told"),
    "a crew that works too long": (
        lambda p: retimed(p, load_s=p.routes[0].rounds[0].load_s - 40_000),
        "too long",
    ),
    "times out of order": (
        lambda p: retimed(p, leave_s=p.routes[0].rounds[0].load_s - 1),
        "do not follow",
    ),
    "a round too heavy": (heavier, "carries more"),
    "faster than anybody": (
        lambda p: redropped(p, arrive_s=p.routes[0].rounds[0].leave_s),
        "that fast",
    ),
    "an aircraft where a truck belongs": (by_wrong_vehicle, "may not unload"),
    "more vehicles than the home has": (
        lambda p: replace(p, routes=p.routes + p.routes[:1] * 99),
        "has fewer",
    ),
    "one vehicle at two places": (
        lambda p: replace(p, routes=(*p.routes, p.routes[0])),
        "twice",
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_checker_refuses(name):
    change, words = MUTANTS[name]
    broken = faults(change(plan()))
    assert any(words in fault for fault in broken), broken
    with pytest.raises(InvalidPlanError):
        ensure_supply(registry(), scenario(), change(plan()))


def test_what_nobody_sends_may_be_bought_for_nothing():
    """A purchase that is never sent is dear, not wrong."""
    some = Bought("nobody", plan().items[0].item_code, 1, 5, 100)
    assert faults(replace(plan(), bought=(*plan().bought, some))) == ()


def test_a_plan_is_read_back_as_it_was_written(tmp_path):
    write_supply(plan(), tmp_path)
    assert read_supply(tmp_path) == plan()
    assert read_supply(tmp_path / "supply.json") == plan()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"days"', '"dais"').replace('"wanted": ', '"wanted": 1'),
        lambda text: text.replace('"schema_version": 2', '"schema_version": 99'),
        lambda _text: "[]",
        lambda _text: "\x00",
        lambda text: json.dumps({"schema_version": json.loads(text)["schema_version"]}),
    ],
)
def test_a_damaged_plan_is_refused_with_one_message(tmp_path, spoil):
    file = tmp_path / "supply.json"
    file.write_text(spoil(supply_text(plan())), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_supply(file)
    assert len(caught.value.faults) == 1


def test_a_missing_plan_is_refused(tmp_path):
    with pytest.raises(InputError):
        read_supply(tmp_path)
