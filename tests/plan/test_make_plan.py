"""Plans of the little province, worked out by hand."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from little import registry, scenario

from dispatch.errors import InputError
from dispatch.plan import make_plan
from dispatch.plan.plan import SCHEMA_VERSION, PolicyState
from dispatch.plan.write import staged_folder, write_plan
from dispatch.scenario import ClosureSpec
from dispatch.scenario.records import Conditions, Policy

PUMPING = "capability: pumping, quantity: 200, minimum: 100, target_min: 100, latest_min: 240"
SEARCH = "capability: search_rescue, quantity: 12, minimum: 1, target_min: 30, latest_min: 120"


def plan_of(tmp_path, *demands, **options):
    return make_plan(registry(), scenario(tmp_path, *demands, **options), workers=1)


def order(plan, team):
    (found,) = [order for order in plan.orders if order.team_id == team]
    return found


def need(plan, capability):
    (found,) = [d for d in plan.incidents[0].demands if d.capability == capability]
    return found


def test_the_far_team_pumps_and_its_legs_add_up(tmp_path):
    """Far: released at once by its city, 10 min to mobilise, 60 min on the motorway."""
    plan = plan_of(tmp_path, PUMPING)
    far = order(plan, "far")
    release_s = far.legs[0].end_s if far.legs[0].kind == "wait" else 0
    assert far.depart_s == release_s + 600
    assert far.arrive_s == far.depart_s + 3600
    assert [leg.kind for leg in far.legs[-2:]] == ["mobilise", "drive"]
    assert all(a.end_s == b.start_s for a, b in zip(far.legs, far.legs[1:], strict=False))
    assert far.distance_m == 100_000
    assert far.legs[-1].roads == ("G9",)
    assert far.legs[-1].line[0] == (112.0, 37.0)


def test_a_convoy_drives_at_its_slowest_vehicles_pace(tmp_path):
    """The car alone would be there after 50 min, the trucks need 60."""
    assert (
        order(plan_of(tmp_path, PUMPING), "far").legs[-1].end_s - 3600
        == order(plan_of(tmp_path, PUMPING), "far").depart_s
    )


def test_night_mobilisation_counts_at_night(tmp_path):
    by_day, by_night = (
        order(plan_of(tmp_path, PUMPING, hour=hour), "far").arrive_s for hour in (8, 23)
    )
    assert by_night - by_day == 600


def test_toll_is_waived_by_policy_and_the_plan_says_what_it_is_worth(tmp_path):
    """Two trucks at 1 yuan and a car at 0.5 yuan, 100 km; two plazas at 90 s each."""
    plan = plan_of(tmp_path, PUMPING)
    far = order(plan, "far")
    assert (far.toll_paid_yuan, far.toll_waived_yuan) == (0.0, 250.0)
    assert far.without_privilege_s - far.arrive_s == 180
    assert plan.privilege.minutes_saved >= 3.0
    assert plan.privilege.toll_waived_yuan == sum(o.toll_waived_yuan for o in plan.orders)


def test_without_the_policy_the_team_pays_and_waits(tmp_path):
    free, paying = (plan_of(tmp_path, PUMPING, toll_free=policy) for policy in (True, False))
    far = order(paying, "far")
    assert (far.toll_paid_yuan, far.toll_waived_yuan) == (250.0, 0.0)
    assert far.arrive_s == order(free, "far").arrive_s + 180
    assert paying.privilege.minutes_saved == 0


def test_what_is_met_late_is_met_but_not_by_target(tmp_path):
    late = PUMPING.replace("target_min: 100", "target_min: 10")
    state = need(plan_of(tmp_path, late), "pumping")
    assert (state.met, state.met_by_target, state.unmet) == (200, 0, 0)


def test_the_unmet_part_is_told(tmp_path):
    """Near gives 10 persons by minute 1; mid gives 6 with none at its pump: 16 in all."""
    plan = plan_of(tmp_path, SEARCH.replace("quantity: 12", "quantity: 20"))
    state = need(plan, "search_rescue")
    assert (state.met, state.unmet) == (16, 4)
    assert state.reasons


def test_members_work_on_one_thing_at_a_time(tmp_path):
    """Mid has 8 members: 4 at its pump leave 4 for the search."""
    pump = PUMPING.replace("quantity: 200", "quantity: 300")
    plan = plan_of(tmp_path, pump, SEARCH.replace("quantity: 12", "quantity: 16"))
    assert need(plan, "pumping").met == 300
    assert need(plan, "search_rescue").met == 14


def test_levels_come_with_their_rule(tmp_path):
    plan = plan_of(tmp_path, SEARCH, level="auto")
    assert plan.level == plan.incidents[0].level == "III"
    assert plan.incidents[0].level_rule
    assert plan.incidents[0].headquarters


def test_illustrative_records_are_listed(tmp_path):
    plan = plan_of(tmp_path, PUMPING)
    listed = {(record.table, record.key) for record in plan.illustrative}
    assert ("teams/teams", "far") in listed
    assert ("network/links", "az") in listed
    assert ("teams/teams", "near") not in listed


def test_what_stays_behind_adds_up(tmp_path):
    plan = plan_of(tmp_path, SEARCH)
    assert sum(row.teams for row in plan.reserves) == 3
    assert sum(row.sent for row in plan.reserves) == len(plan.orders)
    assert all(row.left == row.teams - row.sent for row in plan.reserves)


def test_reserve_floors_are_kept_by_area(tmp_path):
    """At level I the city keeps a main team, near; the province both mine-rescue teams."""
    plan = plan_of(tmp_path, PUMPING)
    floors = {floor.reserve: floor for floor in plan.floors}
    city, province = floors["city_main"], floors["province_mine_rescue"]
    assert floors.keys() == {"city_main", "province_mine_rescue"}
    assert (city.adcode, city.area, city.area_en) == ("140100", "某市", "A City")
    assert (city.teams, city.required, city.left, city.missing) == (1, 1, 1, 0)
    assert (province.adcode, province.area_en) == ("140000", "the whole province")
    sent = len({order.team_id for order in plan.orders} & {"far", "mid"})
    assert (province.teams, province.required, province.left) == (2, 2, 2 - sent)
    assert province.missing == sent > 0
    (stage,) = [stage for stage in plan.stages if stage.name == "floors"]
    assert sum(floor.missing for floor in plan.floors) == stage.value


def test_the_file_says_why_this_team_and_not_the_next_one(tmp_path):
    """Mid pumps after 65 min, far would after 75."""
    plan = plan_of(tmp_path, PUMPING.replace("200", "100"))
    write_plan(plan, tmp_path)
    told = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    (choice,) = told["incidents"][0]["demands"][0]["choices"]
    who = choice["team_id"], choice["other_id"], choice["minutes"], choice["code"]
    assert who == ("mid", "far", 10.0, "later")
    assert choice["text_en"] == "Mid was sent; Far would arrive 10 min later"
    assert "10" in choice["text_zh"] != choice["text_en"]


def test_what_was_decided_is_kept(tmp_path):
    told = scenario(tmp_path, PUMPING, level="II").model_copy(
        update={
            "policy": Policy(modes=("road", "air"), rail_kit_kg_per_person=30),
            "conditions": Conditions(weather="rain", site_landing=False),
            "closures": (ClosureSpec(name="落石", link="am"),),
            "lost": ("mid",),
        }
    )
    kept = make_plan(registry(), told, workers=1).policy
    assert kept == PolicyState(
        level="II",
        modes=("road", "air"),
        rail_kit_kg_per_person=30,
        weather="rain",
        site_landing=False,
        closures=("落石",),
        closures_en=("",),
        lost=("mid",),
    )


def test_every_stage_is_proved(tmp_path):
    plan = plan_of(tmp_path, PUMPING, SEARCH)
    assert [stage.name for stage in plan.stages] == [
        "met_by_target", "met", "arrival", "floors", "cost",
    ]  # fmt: skip
    assert all(stage.termination == "optimal" and stage.gap == 0 for stage in plan.stages)


def test_the_same_inputs_give_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        with staged_folder(tmp_path / name) as folder:
            write_plan(plan_of(tmp_path, PUMPING, SEARCH), folder)
    for file in ("plan.json", "assignments.csv", "plan.gpkg"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_order_of_rows_does_not_matter(tmp_path):
    told = scenario(tmp_path, PUMPING, SEARCH)
    usual = registry()
    turned = registry(
        **{name.replace("/", "__"): table.iloc[::-1] for name, table in usual.tables.items()}
    )
    assert asdict(make_plan(usual, told, workers=1)) == asdict(make_plan(turned, told, workers=1))


def test_both_road_engines_give_the_same_plan(tmp_path):
    told = scenario(tmp_path, PUMPING, SEARCH)
    plans = [make_plan(registry(), told, workers=1, backend=name) for name in ("auto", "scipy")]
    assert plans[0] == plans[1]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("mine_flood", "flod", "incidents[0].type"),
        ("trapped: 5", "traped: 5", "incidents[0].impact.traped"),
        ("capability: pumping", "capability: pump", "incidents[0].demands[0].capability"),
        ("lon: 113.0", "lon: 114.2", "incidents[0].lon"),
    ],
)
def test_what_doctrine_and_map_do_not_know_is_named(tmp_path, old, new, key):
    from dispatch.scenario import load_scenario

    told = scenario(tmp_path, PUMPING)
    path = tmp_path / told.file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        make_plan(registry(), load_scenario(path))
    (fault,) = caught.value.faults
    assert (fault.file, fault.column) == ("drill.yaml", key)
    assert fault.row is not None


def test_json_holds_the_whole_plan(tmp_path):
    plan = plan_of(tmp_path, PUMPING, SEARCH)
    with staged_folder(tmp_path / "out") as folder:
        write_plan(plan, folder)
    read = json.loads((tmp_path / "out" / "plan.json").read_text(encoding="utf-8"))
    assert len(read.pop("sha256")) == 64
    assert read == json.loads(json.dumps(asdict(plan)))
    assert read["schema_version"] == SCHEMA_VERSION
