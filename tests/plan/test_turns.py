r"""What a turn must be worth, on the little province with one more junction; minutes beside it.

::

      a ======== motorway, 60 ========== z
      a ---- 60 ---- m -- 30 -- n -- 30 -- z
                                |
                                30
                                |
                                x

Mid is on its way from m to z when pumps are asked for at x as well. Far is free
at a. If mid goes on, far is at x after 120 min; if mid turns at n it is at x when
it would have been at z, and far is at z after 60: the turn is worth an hour.
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import little
import pytest
from shapely import LineString

from dispatch.doctrine import load_doctrine
from dispatch.network.road import build_road_network
from dispatch.plan import make_plan
from dispatch.plan.changes import changes_of, needs_changed
from dispatch.plan.closures import breaches
from dispatch.plan.replan import replan
from dispatch.registry import data_dir
from dispatch.render.changes import changes_csv, changes_tables
from dispatch.scenario.events import Events

pytestmark = pytest.mark.usefixtures("english")


DOCTRINE = load_doctrine(data_dir())
NEED = (
    "capability: pumping, quantity: 100, minimum: 1, priority: 2, target_min: 400, latest_min: 600"
)
AT = {"a": (112.0, 37.0), "m": (112.5, 37.0), "n": (112.75, 37.0), "z": (113.0, 37.0)}
AT["x"] = (112.75, 37.25)
WORTH_MIN = 60 * DOCTRINE.weights[2]
SECOND = dict(
    id="second", name="二", type="mine_flood", lon=112.75, lat=37.25, impact={"trapped": 5},
    demands=[dict(capability="pumping", quantity=100, minimum=1, priority=2, target_min=400,
                  latest_min=600)],
)  # fmt: skip


def country():
    usual = little.registry()
    junctions, links = usual["network/junctions"], usual.links
    row = junctions.iloc[0].to_dict()
    marks = {key: row[key] for key in row if key not in ("name", "lon", "lat", "geometry")}
    points = {key: dict(name=key, lon=x, lat=y, **marks) for key, (x, y) in AT.items()}
    frame = gpd.GeoDataFrame.from_dict(points, orient="index").rename_axis("junction_id")
    frame = gpd.GeoDataFrame(
        frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=little.CRS
    )
    rows = [links.loc["az"].to_dict(), *(links.loc["am"].to_dict() for _ in range(4))]
    for number, (row, ends, km) in enumerate(
        zip(rows, ("az", "am", "mn", "nz", "nx"), (100, 60, 30, 30, 30), strict=True)
    ):
        row |= dict(ends=ends, link_id=ends, from_junction=ends[0], to_junction=ends[1])
        row |= dict(ref=f"G{number}")
        row |= dict(length_m=1000 * km, geometry=LineString([AT[ends[0]], AT[ends[1]]]))
    table = gpd.GeoDataFrame(rows, crs=little.CRS).set_index("link_id")
    return little.registry(network__junctions=frame, network__links=table)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    told = little.scenario(tmp_path_factory.mktemp("s"), NEED)
    return told, make_plan(country(), told, workers=1)


def on(made, at_s, turn_min, **events):
    told, plan = made
    return replan(
        country(), DOCTRINE, told, plan, Events.model_validate(events), at_s, workers=1,
        turn_min=turn_min,
    )  # fmt: skip


def going(plan):
    return {order.team_id: (order.incident_id, order.arrive_s) for order in plan.orders}


def test_mid_goes_first(made):
    assert going(made[1]).keys() == {"mid"}


@pytest.mark.parametrize(
    ("turn_min", "turns"),
    [(0, True), (WORTH_MIN - 0.5, True), (WORTH_MIN, False), (WORTH_MIN + 0.5, False)],
)
def test_a_team_turns_if_that_is_worth_more_than_so_many_minutes(made, turn_min, turns):
    (mid,) = made[1].orders
    at_s = mid.depart_s + 60
    found = on(made, at_s, turn_min, incidents=[SECOND])
    assert found.plan.turn_min == turn_min
    assert found.positions["mid"].at == AT["n"]
    ready_s = at_s + 300 + 600
    if turns:
        assert going(found.plan) == {
            "mid": ("second", mid.arrive_s), "far": ("mine", ready_s + 3600)
        }  # fmt: skip
    else:
        assert going(found.plan) == {
            "mid": ("mine", mid.arrive_s), "far": ("second", ready_s + 7200)
        }  # fmt: skip


def test_a_turn_tells_the_roads_driven_and_where_it_is(made):
    """Mid leaves the road to z at n: G3 is driven no more, G4 is."""
    (mid,) = made[1].orders
    assert mid.legs[-1].roads == ("G2", "G3")
    found = on(made, mid.depart_s + 60, 0, incidents=[SECOND])
    *_ready, to_n, to_x = next(o for o in found.plan.orders if o.team_id == "mid").legs
    assert (to_n.roads, to_x.roads) == (("G2",), ("G4",))
    assert to_n.destination == to_x.origin == "n"
    assert to_n.destination_en == to_x.origin_en == "n"


def test_each_change_tells_what_it_gains_over_the_old_orders(made):
    """Without a change nothing is met at x: 100 more there, by mid, and as many at z by far."""
    plan = made[1]
    found = on(made, plan.orders[0].depart_s + 60, 0, incidents=[SECOND])
    changes = changes_of(plan, found.plan, found.broken, found.keeping)
    assert [(c.order.team_id, c.group, c.code) for c in changes] == [
        ("far", "new", "new"), ("mid", "turned", "redirected")
    ]  # fmt: skip
    assert [(i, q) for i, q, _zh, _en in changes[0].gained] == [("mine", 100)]
    assert [(i, q) for i, q, _zh, _en in changes[1].gained] == [("mine", -100), ("second", 100)]
    # x at its latest time, less x as soon as z was, less what z is later by
    now = found.plan
    latest_s = now.incidents[1].demands[0].latest_s
    far, mid = (going(now)[team][1] for team in ("far", "mid"))
    gain_s = (latest_s - mid) - (far - mid)
    assert found.gain_min == pytest.approx(DOCTRINE.weights[2] * gain_s / 60, abs=0.1)


def test_the_meeting_hears_of_needs_first_then_of_orders_by_group(made):
    plan = made[1]
    found = on(made, plan.orders[0].depart_s + 60, 0, incidents=[SECOND])
    changes = changes_of(plan, found.plan, found.broken, found.keeping)
    needs = needs_changed(plan, found.keeping, found.plan)
    parts = list(changes_tables(found.plan, changes, needs))
    first, turned, new, rest = parts
    assert [str(table.title) for table in (turned, new)] == [
        "Turned: other way or other incident (1)", "New (1)"
    ]  # fmt: skip
    assert rest == "0 other orders stay exactly as they are."
    cells = [list(column.cells) for column in first.columns]
    assert cells[3:6] == [["100 m³/h", "100 m³/h"], ["100", "—"], ["100", "0"]][:3]
    assert cells[6] == ["100", "100"]
    # z: mid after 3,900 s, far after 4,860
    assert cells[7] == ["09:05 → 09:21", "— → 09:05"]
    assert list(turned.columns[3].cells) == ["A mine: Pumping (m³/h) -100\n二: Pumping (m³/h) +100"]
    assert "mid,Mid,mine,second" in changes_csv(found.plan, changes).decode("utf-8-sig")


def test_nothing_to_tell_is_told(made):
    found = on(made, 60, 0)
    assert found.plan == made[1]
    assert list(changes_tables(found.plan, ())) == ["No order changes."]
    assert not needs_changed(made[1], found.keeping, found.plan)


def test_shifting_all_times_shifts_the_new_plan(tmp_path, made):
    later = little.scenario(tmp_path, NEED, hour=9)
    plan = make_plan(country(), later, workers=1)
    at_s = plan.orders[0].depart_s + 60
    first, second = (
        on(made, at_s, 0, incidents=[SECOND]),
        on((later, plan), at_s, 0, incidents=[SECOND]),
    )
    assert first.plan.start != second.plan.start
    assert first.plan.orders == second.plan.orders
    assert first.plan.incidents[1].demands[0].met == second.plan.incidents[1].demands[0].met == 100
    assert first.positions == second.positions


def test_what_stays_unmet_is_explained_and_what_is_met_is_justified(made):
    more = SECOND | dict(demands=[SECOND["demands"][0] | dict(quantity=500)])
    found = on(made, made[1].orders[0].depart_s + 60, 0, incidents=[more])
    first, second = (one.demands[0] for one in found.plan.incidents)
    short = next(need for need in (first, second) if need.unmet)
    assert short.explanation is not None
    assert short.explanation.text_en
    assert not short.choices
    full = [need for need in (first, second) if not need.unmet]
    assert all(need.choices and need.explanation is None for need in full)


@pytest.mark.parametrize("at_s", range(60, 5400, 600))
@pytest.mark.parametrize("shut", ["mn", "nz", "az", "nx"])
def test_every_leg_of_every_new_order_holds(made, at_s, shut):
    told, plan = made
    tables = country()
    found = on(made, at_s, 0, incidents=[SECOND], closures=[dict(name="x", link=shut)])
    road = build_road_network(tables.junctions, tables.links)
    old = {order.team_id: order for order in plan.orders}
    for order in found.plan.orders:
        place = found.positions.get(order.team_id)
        done = len(place.done) if place is not None and order != old[order.team_id] else 0
        for before, after in zip(order.legs, order.legs[1:], strict=False):
            assert (before.end_s, before.destination) == (after.start_s, after.origin)
        assert order.legs[-1].end_s == order.arrive_s
        if not done:
            assert not breaches(tables, road, found.scenario, [order])
            continue
        assert order.legs[:done] == place.done
        assert not breaches(tables, road, told, [replace(order, legs=order.legs[:done])])
        legs = order.legs[0], *order.legs[done:]
        assert not breaches(tables, road, found.scenario, [replace(order, legs=legs)])
