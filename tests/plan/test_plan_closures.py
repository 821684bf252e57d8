"""Plans of the little province while its roads are closed; see little.py for the map."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from little import registry, scenario

from dispatch.errors import InputError, InvalidPlanError
from dispatch.network.snap import snap
from dispatch.plan import build, make_plan
from dispatch.plan.travel import travel
from dispatch.plan.vehicles import roads_of
from dispatch.scenario import ClosureSpec, Policy, Scenario, load_scenario

PUMPING = "capability: pumping, quantity: 200, minimum: 100, target_min: 100, latest_min: 600"
FAR = ("am", "mz")  # the free road
MASS = {"effect": "limited", "max_mass_kg": 10_000}


def told(tmp_path, *closures, demands=(PUMPING,), **options):
    """Return a scenario with closures given as YAML flow mappings."""
    scenario(tmp_path, *demands, **options)
    path = tmp_path / "drill.yaml"
    lines = "".join(f"  - {{name: c{k}, {text}}}\n" for k, text in enumerate(closures))
    path.write_text(path.read_text(encoding="utf-8") + f"closures:\n{lines}", encoding="utf-8")
    return load_scenario(path)


def plan_of(tmp_path, *closures, **options):
    return make_plan(registry(), told(tmp_path, *closures, **options), workers=1)


def order(plan, team="far"):
    (found,) = [order for order in plan.orders if order.team_id == team]
    return found


def drives_of(order):
    return [leg for leg in order.legs if leg.kind == "drive"]


def ready_s(order):
    return next(leg.end_s for leg in order.legs if leg.kind == "mobilise")


def test_a_closed_motorway_sends_the_team_along_the_free_road(tmp_path):
    far = order(plan_of(tmp_path, "link: az"))
    assert far.legs[-1].links == FAR
    assert far.arrive_s == far.depart_s + 7200
    assert far.distance_m == 120_000


def test_a_polygon_in_the_middle_of_the_road_closes_it(tmp_path):
    """Motorway and free road run on one line here: both are closed, and nobody comes."""
    plan = plan_of(
        tmp_path, "polygon: [[112.6, 36.9], [112.8, 36.9], [112.8, 37.1], [112.6, 37.1]]"
    )
    (need,) = plan.incidents[0].demands
    assert plan.orders == ()
    assert need.unmet == need.quantity == 200


def test_unreachable_by_closure_is_inf_and_the_need_unmet(tmp_path):
    plan = plan_of(tmp_path, "link: az", "link: am")
    (need,) = plan.incidents[0].demands
    assert [o.team_id for o in plan.orders] == ["mid"]  # which stands at m, the end of am
    assert (need.met, need.unmet) == (100, 100)


def test_the_wait_is_a_leg_where_it_is_shorter_than_the_way_round(tmp_path):
    """Ready after 10 min at least; open at 60: there at 120, by the free road at 130 or later."""
    far = order(plan_of(tmp_path, "link: az, until_min: 60"))
    wait, drive = far.legs[-2:]
    assert (wait.kind, wait.start_s, wait.end_s) == ("wait", ready_s(far), 3600)
    assert (drive.kind, drive.start_s, drive.end_s) == ("drive", 3600, 7200)
    assert far.depart_s == 3600
    assert all(a.end_s == b.start_s for a, b in zip(far.legs, far.legs[1:], strict=False))


def test_it_goes_round_where_the_wait_is_longer(tmp_path):
    far = order(plan_of(tmp_path, "link: az, until_min: 300"))
    assert far.legs[-1].links == FAR
    assert far.arrive_s == ready_s(far) + 7200


def test_a_wait_on_the_way_splits_the_drive(tmp_path):
    """East of 112.8 nothing moves until 5:00, on either road."""
    ring = "[[112.8, 36.9], [112.9, 36.9], [112.9, 37.1], [112.8, 37.1]]"
    far = order(plan_of(tmp_path, f"polygon: {ring}, until_min: 300, name_en: flood"))
    assert [leg.kind for leg in far.legs[-3:]] == ["drive", "wait", "drive"]
    first, wait, last = far.legs[-3:]
    assert first.end_s == wait.start_s
    assert (wait.end_s, last.start_s) == (18_000, 18_000)
    assert first.destination == wait.origin == last.origin == "G9 (c0)"
    assert first.destination_en == wait.origin_en == last.origin_en == "G9 (flood)"
    assert first.line[-1] == last.line[0] == (112.8, 37.0)
    assert sum(leg.distance_m for leg in drives_of(far)) == far.distance_m == 100_000
    waived = sum(leg.toll_waived_yuan for leg in drives_of(far))
    assert waived == far.toll_waived_yuan == 250.0


def test_closures_are_judged_when_the_vehicle_passes_not_when_it_departs(tmp_path):
    """The motorway takes 60 min from minute 10 or later; it closes 61 min after the team leaves."""
    free = order(plan_of(tmp_path, "link: mz, from_min: 9, until_min: 10"))
    leaves_min = free.depart_s // 60
    late = order(plan_of(tmp_path, f"link: az, from_min: {leaves_min + 60}"))
    soon = order(plan_of(tmp_path, f"link: az, from_min: {leaves_min + 59}"))
    assert late.legs[-1].links == ("az",)
    assert soon.legs[-1].links == FAR


def test_a_convoy_with_a_truck_keeps_off_the_bridge_as_a_whole(tmp_path):
    """Two trucks and a car go round together; the car alone takes the motorway."""
    bridge = "link: az, effect: limited, max_mass_kg: 10000"
    assert order(plan_of(tmp_path, bridge)).legs[-1].links == FAR
    vehicles = registry()["teams/vehicles"]
    cars = registry(teams__vehicles=vehicles[vehicles["profile"] == "car"])
    found = ways(cars, ClosureSpec(name="bridge", link="az", **MASS))
    assert found.time_s[0, 0] == 3000


def ways(tables, *specs, ready_s=0.0, toll_free=True):
    """Travel of the team far to z, on the first of March at eight."""
    told = Scenario(
        name="drill",
        title="演练",
        start=datetime.fromisoformat("2026-03-01T08:00+08:00"),
        policy=Policy(toll_free=toll_free),
        closures=specs,
        incidents=[dict(id="z", name="某矿", type="mine_flood", lon=113.0, lat=37.0)],
    )
    roads = roads_of(tables)
    z = snap(roads.network, np.array([113.0]), np.array([37.0]))
    teams = tables.teams.loc[["far"]]
    return travel(tables, told, roads, teams, z, np.array([[float(ready_s)]]))


def test_the_heavier_of_two_vehicles_rules_though_it_is_not_the_slowest(tmp_path):
    """A car slowed to a crawl by its own table still may not lead trucks over the bridge."""
    tables = registry()
    speeds = tables["network/speeds"]
    speeds.loc[speeds["profile"] == "car", "speed_kmh"] = 20.0
    found = ways(registry(network__speeds=speeds), ClosureSpec(name="bridge", link="az", **MASS))
    assert found.profile(0, 0) == "car"
    assert found.time_s[0, 0] == 6 * 3600
    assert found.terms.length_m[0, 0] == 120_000


def test_the_privilege_is_measured_under_the_same_closures():
    """Two plazas of 90 s; the junction a opens at minute 20 for everybody."""
    tables = registry()
    gate = ClosureSpec(name="gate", junction="z", from_min=61, until_min=100)
    early, late = ways(tables, gate), ways(tables, gate, ready_s=120.0)
    assert (early.time_s[0, 0], late.time_s[0, 0]) == (3600, 100 * 60 - 120)
    assert early.without_policy_s[0, 0] == 100 * 60 + 90  # z has closed by then; so has its plaza
    assert ways(tables, gate, toll_free=False).time_s[0, 0] == early.without_policy_s[0, 0]


def test_without_closures_nothing_waits_and_the_clock_is_told(tmp_path):
    far = order(make_plan(registry(), scenario(tmp_path, PUMPING), workers=1))
    (drive,) = drives_of(far)
    (passage,) = drive.passages
    assert (passage.link, passage.begin, passage.end) == ("az", 0, 1)
    assert (passage.enter_s, passage.leave_s) == (drive.start_s, drive.end_s)


def test_closures_of_other_tables_are_carried_only(tmp_path):
    plan = plan_of(tmp_path, "line: one", "station: two")
    assert order(plan).legs[-1].links == ("az",)


@pytest.mark.parametrize(
    ("text", "key", "remedy"),
    [
        ("link: azz", "link", "az"),
        ("link: gone", "link", "network/links"),
        ("junction: q", "junction", "network/junctions"),
        ("polygon: [[112, 37], [113, 37], [112, 38], [113, 38]]", "polygon", ""),
        ("polygon: [[112, 37], [113, 37], [112, 37]]", "polygon", ""),
    ],
)
def test_a_name_or_ring_that_means_nothing_is_a_fault(tmp_path, text, key, remedy):
    with pytest.raises(InputError) as caught:
        plan_of(tmp_path, "link: az", text)
    (fault,) = caught.value.faults
    assert fault.column == f"closures[1].{key}"
    assert fault.row == len((tmp_path / "drill.yaml").read_text(encoding="utf-8").splitlines())
    assert remedy in fault.remedy


def test_a_plan_that_breaks_a_closure_is_never_returned(tmp_path, monkeypatch):
    honest = build.prepare

    def careless(registry, doctrine, scenario, *, backend):
        open_roads = scenario.model_copy(update={"closures": ()})
        return honest(registry, doctrine, open_roads, backend=backend)

    monkeypatch.setattr(build, "prepare", careless)
    with pytest.raises(InvalidPlanError, match="c0"):
        plan_of(tmp_path, "link: az")


def test_times_are_inf_not_large(tmp_path):
    found = ways(registry(), *(ClosureSpec(name=k, link=k) for k in ("az", "am")))
    assert np.isinf(found.time_s).all()
    assert np.isinf(found.without_policy_s).all()
    assert found.terms.length_m.tolist() == [[0]]
