"""What would bring what stays at a hub: vehicles, hours, roads, landing places, another day."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
from supply_case import registry, scenario, short_handed

from dispatch.optimise.route_remedy import ensure_gain, gain
from dispatch.optimise.route_solve import solve_routes
from dispatch.optimise.side_by_side import side_by_side
from dispatch.plan.supply import Relief
from dispatch.plan.supply_build import make_supply
from dispatch.plan.supply_bundles import bundles
from dispatch.plan.supply_deliver import LastMile
from dispatch.plan.supply_hub import HubDay
from dispatch.plan.supply_lanes import hub_id
from dispatch.plan.supply_lend import Lent, truck_of
from dispatch.plan.supply_problem import SupplyTask, supply_task
from dispatch.plan.supply_relax import relaxations, wider
from dispatch.plan.supply_remedy import _for_hub, remedied
from dispatch.plan.supply_roads import TruckRoads, truck_roads
from dispatch.plan.supply_routes import delivering
from dispatch.plan.vehicles import roads_of

H = 3600
WATER = "199999910"


pytestmark = pytest.mark.usefixtures("english")


@cache
def roads() -> TruckRoads:
    return truck_roads(registry(), scenario(), roads_of(registry()))


@cache
def task() -> SupplyTask:
    return supply_task(registry(), scenario(), scenario().supply, roads())


def lent(kind: str, home: str = "DC-140100", count: int = 1) -> Lent:
    hub = hub_id(shelter().county)
    return replace(truck_of(registry(), kind), hub=hub, home=home, count=count)


def shelter(**changes):
    """Return the first shelter on a road, changed."""
    one = next(one for one in scenario().supply.shelters if one.access == "road")
    return one.model_copy(update={"needs": (), **changes})


def day(cases: int, own: tuple[Lent, ...], *, ends_h: int = 22, **changes) -> HubDay:
    """Return a day on which one shelter is to get cases of water (12.5 kg) from 14:00 on."""
    one = shelter(**changes)
    hub = task().hubs.loc[one.county]
    size = [[truck.payload_kg, truck.litres] for truck in own]
    return HubDay(
        day=0,
        hub=hub_id(one.county),
        lon=float(hub["lon"]),
        lat=float(hub["lat"]),
        on_hand_s=6 * H,
        ends_s=(ends_h - 8) * H,
        midnight_s=-8 * H,
        shelters=(one,),
        priorities=(1,),
        put_up=(bundles({WATER: cases}, task().items, np.array(size, np.int64).reshape(-1, 2)),),
        lent=own,
        s_per_kg=0.6,
    )


def looked_into(hub_day: HubDay, *spare: Lent, trucks: TruckRoads | None = None, budget_s=30.0):
    """Return what stays behind with its remedies."""
    days = delivering(trucks or roads(), hub_day)
    solve = partial(solve_routes, solver="ortools", time_limit_s=0.5)
    (done,) = side_by_side([days], solve, 1)
    mile = LastMile((done,), (), (), "", spare)
    return done, remedied(trucks or roads(), task(), mile, budget_s=budget_s)


def test_an_idle_truck_nearby_is_sent_rather_than_one_hired():
    """A light truck carries 120 cases, three times a day; 600 are wanted."""
    own = (lent("light_box"),)
    _done, found = looked_into(day(600, own), lent("cargo", "DC-140700", 3))
    (row,) = found.undelivered
    assert row.reason in ("fleet_too_small", "no_time", "no_room")
    assert "1 × Cargo truck" in row.remedy_en
    assert "from Jinzhong" in row.remedy_en
    assert "brings all" in row.remedy_en
    assert row.remedy_zh != row.remedy_en
    assert row.comes_day == 0


def test_without_an_idle_truck_one_is_hired():
    _done, found = looked_into(day(600, (lent("light_box"),)))
    assert found.undelivered[0].remedy_en.startswith("hire 1 × ")


def test_a_crew_that_works_longer_is_told_until_when():
    """From 14:00 a truck needs more than half an hour; the hub wants it back by 14:30."""
    hub_day = replace(day(100, (lent("cargo"),)), ends_s=int(6.5 * H))
    done, _found = looked_into(hub_day)
    (row,) = done.undelivered
    assert row.reason == "shift_too_short"
    wide = wider(roads(), task(), done, ())
    codes = {}
    for relaxed in relaxations(wide, 0, row.reason):
        better = gain(relaxed.problem, (), [0], relaxed.fresh)
        if better is not None:
            ensure_gain(relaxed.problem, better)
            codes[relaxed.code] = relaxed.say(better.routes)
    assert set(codes) == {"hours"}
    assert codes["hours"]


def test_a_shelter_that_closes_early_is_asked_to_take_goods_for_longer():
    _done, found = looked_into(day(100, (lent("cargo"),), opens_h=7, closes_h=9))
    (row,) = found.undelivered
    assert row.reason == "too_late"
    assert shelter().name_en in row.remedy_en
    assert "take goods from" in row.remedy_en


def test_a_limit_for_small_trucks_is_lifted_or_small_ones_are_sent():
    """Only cargo trucks of 18 t are there, and the way bears 4 t."""
    own = (lent("cargo"),)
    done, found = looked_into(day(100, own, max_mass_kg=5000))
    (row,) = found.undelivered
    assert (row.reason, row.proved) == ("no_access", True)
    assert "Light box truck" in row.remedy_en  # no works where a smaller truck does it
    wide = wider(roads(), task(), done, ())
    by_code = {one.code: one for one in relaxations(wide, 0, row.reason)}
    assert by_code["limit"].works
    better = gain(by_code["limit"].problem, (), [0])
    assert better is not None
    ensure_gain(by_code["limit"].problem, better)
    assert "fit for trucks of 18 t" in by_code["limit"].say(better.routes)


def test_a_closure_that_cuts_the_way_is_opened():
    """All around the shelter is shut on all days: the remedy names the closure."""
    one = shelter()
    around = [[one.lon + dx, one.lat + dy] for dx, dy in
              ((-0.2, -0.2), (0.2, -0.2), (0.2, 0.2), (-0.2, 0.2))]  # fmt: skip
    told = scenario().model_copy(update={"closures": (_closure(around),)})
    cut = truck_roads(registry(), told, roads_of(registry()))
    _done, found = looked_into(day(50, (lent("cargo"),)), trucks=cut)
    (row,) = found.undelivered
    assert (row.reason, row.proved) == ("no_way", True)
    assert "open “the river” again" in row.remedy_en
    assert "the works, whose price is not known" in row.remedy_en


def _closure(polygon):
    from dispatch.scenario import ClosureSpec

    return ClosureSpec.model_validate({"name": "the river", "polygon": polygon})


def test_a_shelter_that_only_an_aircraft_reaches_gets_a_road_if_there_is_none():
    _done, found = looked_into(day(50, (lent("cargo"),), access="helicopter"))
    (row,) = found.undelivered
    assert "open a road to" in row.remedy_en


def test_without_time_nothing_is_looked_into():
    _done, found = looked_into(day(600, (lent("light_box"),)), budget_s=-1.0)
    assert found.undelivered[0].remedy_en == (
        "Not looked into: the time for explanations was over."
    )
    assert found.relief == ()


def test_what_there_is_no_time_for_is_told_what_helps_its_hub():
    helps = Relief(1, "hub", "增派货车", "send a truck")
    assert _for_hub(helps)[1] == "for all that waits at this hub: send a truck"
    assert "增派货车" in _for_hub(helps)[0]
    assert "Not looked into" in _for_hub(None)[1]


def test_what_is_left_in_a_plan_has_a_remedy_and_the_day_on_which_it_goes_out():
    made = short_handed()
    assert made.undelivered
    for row in made.undelivered:
        assert row.remedy_zh
        assert row.remedy_en
        assert row.comes_day == 0 or row.day < row.comes_day <= made.days
    left = Counter((row.day, row.shelter) for row in made.undelivered)
    for row in made.undelivered:
        if row.comes_day:
            assert any(
                drop.shelter == row.shelter
                for route in made.routes
                if row.day < route.day <= row.comes_day
                for one in route.rounds
                for drop in one.drops
            )
    assert len(left) > 0
    hubs = {place.place_id: place.hub for place in made.places}
    waiting = Counter((hubs[row.shelter], row.day) for row in made.undelivered)
    for one in made.relief:
        assert waiting[one.hub, one.day] > 1
        assert one.text_en


def test_nobody_flies_where_all_aircraft_are_busy_and_no_road_leads():
    busy = dict.fromkeys(registry()["airbases/aircraft"].index, 30 * 86_400)
    made = make_supply(registry(), scenario(), route_limit_s=1.0, explain_s=5.0, busy=busy)
    by_air = {one.id for one in scenario().supply.shelters if one.access == "helicopter"}
    left = [row for row in made.undelivered if row.shelter in by_air]
    assert left
    assert all(row.remedy_en for row in left)


@pytest.mark.parametrize("kind", ["light_box", "cargo"])
def test_a_truck_of_a_type_stands_nowhere_yet(kind):
    made = truck_of(registry(), kind)
    assert (made.hub, made.home, made.count) == ("", "", 1)
    assert made.payload_kg > 0
