"""Two plans of the little province side by side, worked out by hand.

Of 200 m³/h wanted, mid pumps 100 after 65 min and far 100 after 75 min, or
78 min where it pays toll.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from little import registry, scenario

from dispatch.errors import InputError
from dispatch.plan import make_plan
from dispatch.plan.compare import compare
from dispatch.plan.policy import Case, changed
from dispatch.plan.read import read_plan
from dispatch.plan.write import write_plan

PUMPING = "capability: pumping, quantity: 200, minimum: 100, target_min: 100, latest_min: 240"


@pytest.fixture
def case(tmp_path):
    return Case(registry(), scenario(tmp_path, PUMPING))


def planned(case, *changes):
    other = changed(case, changes) if changes else case
    return make_plan(other.registry, other.scenario, workers=1)


def both(case, *changes, **options):
    return compare(planned(case), planned(case, *changes), **options)


def figures(found):
    return {figure.code: (figure.a, figure.b) for figure in found.figures}


def test_a_plan_is_equal_to_itself(case):
    plan = planned(case)
    found = compare(plan, plan)
    assert (found.settings, found.teams, found.unchanged) == ((), (), 2)
    assert all(figure.a == figure.b for figure in found.figures)
    assert all(row.a == row.b for row in (*found.demands, *found.reserves, *found.coverage))


def test_toll_costs_minutes_and_yuan(case):
    found = both(case, "toll_free=no", vehicles={"far": 3, "mid": 1})
    assert [(s.code, s.a, s.b) for s in found.settings] == [("toll_free", "yes", "no")]
    total = figures(found)
    assert total["toll_paid"] == (0, 250)
    assert total["toll_waived"] == (250, 0)
    assert total["first"] == (65, 65)
    assert total["last"] == (75, 78)
    assert total["weighted"] == (70, 71.5)
    assert total["vehicles"] == (4, 4)
    assert total["people"] == (28, 28)
    (demand,) = found.demands
    assert (demand.a.met, demand.a.by_target, demand.a.mean_min) == (200, 200, 70)
    assert (demand.b.first_min, demand.b.last_min, demand.b.mean_min) == (65, 78, 71.5)
    (far,) = found.teams
    assert (far.team_id, far.code, far.minutes, found.unchanged) == ("far", "time", 3, 1)
    assert found.title_b_en == "Drill [toll_free=no]"


def test_stored_plans_tell_floors_and_policy_without_their_scenario(case, tmp_path):
    """Mid at home, the province is one mine-rescue team short of its two and not two."""
    plans = []
    for name, changes in {"a": (), "b": ("lose=mid", "modes=road", "level=II")}.items():
        (tmp_path / name).mkdir()
        write_plan(planned(case, *changes), tmp_path / name)
        plans.append(read_plan(tmp_path / name))
    found = compare(*plans)
    assert {(one.code, one.a, one.b) for one in found.settings} == {
        ("level", "I", "II"),
        ("level:mine", "I", "II"),
        ("level_asked", "I", "II"),
        ("modes_allowed", "air rail road", "road"),
    }
    floors = {one.reserve: one for one in found.floors}
    mines = floors["province_mine_rescue"]
    assert (mines.area_en, mines.a.required, mines.a.left, mines.a.missing) == (
        "the whole province", 2, 0, 2,
    )  # fmt: skip
    assert (mines.b.required, mines.b.left, mines.b.missing) == (1, 0, 1)
    assert floors["county_main"].a is None


def test_what_is_closed_or_lost_by_one_plan_alone_is_told(case):
    found = both(case, "lose=az")
    assert ("closure:lose=az", "", "yes") in [(one.code, one.a, one.b) for one in found.settings]
    lost = replace(case, scenario=case.scenario.model_copy(update={"lost": ("near",)}))
    told = compare(planned(case), planned(lost)).settings
    assert ("lost:near", "", "yes") in [(one.code, one.a, one.b) for one in told]


def test_a_need_left_unmet_makes_no_plan_faster(case):
    """Without far a hundred of the 200 come after 65 min, the others never: at 240, not at 65."""
    found = figures(both(case, "lose=far"))
    assert found["weighted"] == (70, (65 + 240) / 2)
    nobody = figures(both(case, "lose=far", "lose=mid"))
    assert nobody["weighted"] == (70, 240)


def test_a_lost_team_leaves_the_work_to_the_other(case):
    found = both(case, "lose=mid")
    assert sorted((t.team_id, t.code, t.minutes) for t in found.teams) == [
        ("far", "task", 0),
        ("mid", "only_a", None),
    ]
    assert figures(found)["weighted"] == (70, 75)
    turned = compare(planned(case, "lose=mid"), planned(case))
    assert {team.code for team in turned.teams} == {"only_b", "task"}


def test_a_lost_road_is_another_way(case):
    """By the free road far needs 120 min instead of 60."""
    (far,) = both(case, "lose=az").teams
    assert (far.team_id, far.code) == ("far", "way")
    assert far.b.arrive_min > far.a.arrive_min
    assert far.minutes == pytest.approx(far.b.arrive_min - 75)


def test_a_team_moved_and_a_demand_that_one_plan_lacks(case):
    plan = planned(case)
    (incident,) = plan.incidents
    second = replace(incident, incident_id="two", name="二", demands=())
    orders = tuple(replace(o, incident_id="two") if o.team_id == "far" else o for o in plan.orders)
    other = replace(
        plan, incidents=(replace(incident, demands=()), second), orders=orders, stages=()
    )
    found = compare(plan, other)
    (moved,) = found.teams
    assert (moved.code, moved.a.incident_id, moved.b.incident) == ("moved", "mine", "二")
    assert found.demands[0].b is None
    assert found.coverage[0].b is None
    assert found.stages[0].b is None
    assert figures(found)["weighted"] == (70, None)


def test_coverage_counts_by_incident_and_priority(case):
    """Without mid and far nothing is met; the need is of priority 1."""
    (row,) = both(case, "lose=mid", "lose=far").coverage
    assert (row.incident_id, row.priority) == ("mine", 1)
    assert (row.a.needs, row.a.met, row.a.on_time) == (1, 1, 1)
    assert (row.b.needs, row.b.met, row.b.on_time) == (1, 0, 0)


def test_vehicles_of_an_unknown_team_are_not_counted(case):
    assert figures(both(case, "toll_free=no", vehicles={"far": 3}))["vehicles"] == (None, None)


@pytest.mark.parametrize(
    "change",
    ["", "toll_free", "toll_free=maybe", "modes=", "modes=ship", "modes=road,road", "level=V",
     "lose=", "lose=nobody", "colour=red"],
)  # fmt: skip
def test_an_unknown_change_is_refused_by_name(case, change):
    with pytest.raises(InputError) as error:
        changed(case, [change])
    (fault,) = error.value.faults
    assert (fault.file, fault.value) == ("--change", change)


def test_a_level_of_one_incident_gives_way_to_that_of_all(case):
    (mine,) = case.scenario.incidents
    told = case.scenario.model_copy(
        update={"level": "auto", "incidents": (mine.model_copy(update={"level": "IV"}),)}
    )
    own = replace(case, scenario=told)
    assert planned(own).level == "IV"
    assert planned(own, "level=II").level == "II"
    (incident,) = planned(own).incidents
    assert incident.level_rule_en == "set by the scenario"


def test_changes_add_up_and_leave_the_case_alone(case):
    other = changed(case, ["modes=road,rail", "level=II", "lose=m"])
    assert other.scenario.policy.modes == ("road", "rail")
    assert other.scenario.level == "II"
    assert other.scenario.closures[0].junction == "m"
    assert (case.scenario.level, case.scenario.closures) == ("I", ())
