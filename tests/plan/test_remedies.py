"""Why a need is not met and what would help, worked out by hand in the little province.

Arrivals at z, in seconds: near 60, mid 3,900 by the free road, far 4,500 by the
motorway (4,680 where it pays toll, 8,500 where that is closed and the free
road slow).
"""

from __future__ import annotations

from dataclasses import replace

import little_lift
import pandas as pd
import pytest
from little import registry, scenario

from dispatch.doctrine import load_doctrine
from dispatch.optimise.assign import solve
from dispatch.optimise.conflict import Conflict
from dispatch.optimise.problem import DispatchSolution
from dispatch.optimise.relax import until, with_units
from dispatch.plan import remedies
from dispatch.plan.answers import Explanation
from dispatch.plan.limits import Case, heading
from dispatch.plan.prepare import prepare
from dispatch.plan.remedies import Proposal, explain_unmet
from dispatch.plan.telling import Names
from dispatch.registry import data_dir
from dispatch.scenario import ClosureSpec

DOCTRINE = load_doctrine(data_dir())
NOTHING = DispatchSolution((), (), ())


pytestmark = pytest.mark.usefixtures("english")


def pumping(quantity=300, target_min=60, latest_min=240, minimum=100):
    return (
        f"capability: pumping, quantity: {quantity}, minimum: {minimum}, "
        f"target_min: {target_min}, latest_min: {latest_min}"
    )


def search(quantity):
    return (
        f"capability: search_rescue, quantity: {quantity}, minimum: 1, target_min: 30, "
        "latest_min: 120"
    )


def explained(told, tables=None, plan=None, **options) -> dict[str, Explanation]:
    tables = tables or registry()
    prepared = prepare(tables, DOCTRINE, told)
    solution = plan or solve(prepared.problem, workers=1)
    return explain_unmet(
        tables,
        told,
        prepared,
        solution,
        lambda changed: prepare(tables, DOCTRINE, changed),
        **options,
    )


def only(found: dict[str, Explanation]) -> Explanation:
    (one,) = found.values()
    return one


def by_code(found: Explanation) -> dict[str, str]:
    return {remedy.code: remedy.text_en for remedy in found.remedies}


def limits(found: Explanation) -> dict[str, tuple[str, ...]]:
    return {limit.code: limit.team_ids for limit in found.limits}


def test_there_is_no_more_of_it(tmp_path):
    """Near gives 10 and mid 6 of 20: the 4 missing can only be borrowed."""
    found = only(explained(scenario(tmp_path, search(20))))
    assert (found.demand_id, found.proof, found.complete) == (
        "mine/01-search_rescue",
        "exchange",
        True,
    )
    assert limits(found) == {"units": ("near", "mid")}
    assert found.limits[0].text_en == "Those within reach have 16 persons in all: Near, Mid"
    (borrow,) = found.remedies
    assert (borrow.code, borrow.subject, borrow.quantity, borrow.lacking) == ("borrow", "4", 4, 0)
    assert (borrow.teams, borrow.cost_yuan, borrow.floors) == (0, 0, 0)


def test_who_is_late_counts_if_one_waits(tmp_path):
    """Far comes at 4,500 s, the latest time is 4,320 s: three minutes."""
    found = only(explained(scenario(tmp_path, pumping(latest_min=72))))
    assert limits(found) == {"units": ("mid",), "latest": ("far",)}
    wait = found.remedies[0]
    assert (wait.code, wait.subject, wait.quantity, wait.last_s) == ("wait", "4500", 200, 4500)
    assert wait.by_target == 0
    assert wait.text_en.startswith(
        "Let arrivals until 09:15 count, 3 min after the latest time: "
        "all 200 m³/h missing, the last at 09:15; 1 team and 1,250 yuan more"
    )
    assert [remedy.code for remedy in found.remedies] == ["wait", "borrow"]


def test_free_roads_are_in_time(tmp_path):
    """Far needs 180 s for two plazas, which is just too long."""
    found = only(explained(scenario(tmp_path, pumping(latest_min=76), toll_free=False)))
    assert [remedy.code for remedy in found.remedies] == ["toll", "wait", "borrow"]
    toll = found.remedies[0]
    assert (toll.quantity, toll.last_s) == (200, 4500)
    assert toll.cost_yuan == 1250


def test_what_only_hastens_is_no_remedy_for_what_is_missing(tmp_path):
    """Far pays on its way and is 180 s slower; 100 more are wanted than there are."""
    tight = pumping(quantity=400, latest_min=100)
    found = only(explained(scenario(tmp_path, tight, toll_free=False)))
    assert by_code(found).keys() == {"borrow"}


def test_an_open_road_is_in_time(tmp_path):
    """A rock lies on the motorway; that the free road is slow as well is not the point."""
    told = scenario(tmp_path, pumping(latest_min=100))
    rock = ClosureSpec(name="落石", name_en="rockfall", link="az")
    slow = ClosureSpec(name="别处", link="am", effect="slowed", factor=0.9)
    for closures in ((rock,), (rock, slow), (slow, rock)):
        found = only(explained(told.model_copy(update={"closures": closures})))
        assert limits(found)["closures"] == ("far",)
        opened = [remedy for remedy in found.remedies if remedy.code == "closure"]
        assert [(remedy.subject, remedy.last_s) for remedy in opened] == [("落石", 4500)]
        assert "“rockfall”" in opened[0].text_en
        assert "落石" in opened[0].text_zh


def test_roads_whose_opening_brings_nothing(tmp_path):
    told = scenario(tmp_path, pumping(latest_min=72))
    slow = [ClosureSpec(name=name, link="am", effect="slowed", factor=0.9) for name in ("一", "二")]
    found = only(explained(told.model_copy(update={"closures": tuple(slow)})))
    assert "closure" not in by_code(found)


def test_a_higher_level_unlocks_a_team(tmp_path):
    """Far is now a military unit, which no county can call."""
    usual = registry()
    teams = usual.teams.copy()
    teams.loc["far", ["tier", "control_level"]] = ["assault", "province"]
    tables = registry(teams__teams=teams)
    found = only(explained(scenario(tmp_path, pumping(latest_min=600), level="IV"), tables))
    assert limits(found)["release"] == ("far",)
    assert "Not released in time at level IV: Far" in [limit.text_en for limit in found.limits]
    raised = [remedy for remedy in found.remedies if remedy.code == "level"]
    assert raised[0].text_en.startswith("Raise A mine to level ")
    assert {remedy.quantity for remedy in raised} == {200}
    levels = [remedy.subject for remedy in raised]
    assert levels
    assert set(levels) <= {"I", "II", "III"}


def test_a_heavier_need_holds_the_members(tmp_path):
    """Mid's eight members are four at the pump and four in the search."""
    found = only(explained(scenario(tmp_path, pumping(target_min=100), search(16))))
    assert limits(found) == {"members": ("near", "mid"), "keeps": ("mid",)}
    keeps = found.limits[-1]
    assert keeps.demand_id == "mine/01-pumping"
    assert keeps.text_en == "Pumping at A mine keeps its 300 m³/h (priority 1)"


def test_without_a_team_nothing_is_said_of_rules(tmp_path):
    usual = registry()
    capabilities = usual["teams/capabilities"].query("capability != 'pumping'")
    found = only(
        explained(
            scenario(tmp_path, pumping(), search(1)), registry(teams__capabilities=capabilities)
        )
    )
    assert (found.text_en, found.limits) == ("No team has this capability.", ())
    assert found.text_zh
    assert list(by_code(found)) == ["borrow"]


def test_free_teams_are_to_be_sent(tmp_path):
    """A plan that sends nobody: all of it could be had at once."""
    found = only(explained(scenario(tmp_path, pumping(target_min=100)), plan=NOTHING))
    assert (found.proof, found.limits) == ("free", ())
    assert found.text_en.startswith("Free teams could give 300 m³/h more")
    (send,) = found.remedies
    assert (send.code, send.quantity, send.by_target, send.teams) == ("send_free", 300, 300, 2)


def test_a_train_or_a_helicopter_is_in_time():
    """Twelve on foot: by road 135 min, by train 106, by air 97; the policy allows the road only."""
    told = little_lift.told(
        dict(little_lift.SEARCH, quantity=12, latest_min=125, target_min=60),
        policy={"modes": ["road"]},
    )
    found = only(explained(told, little_lift.lift()))
    modes = {r.subject: r for r in found.remedies if r.code == "mode"}
    assert modes["rail"].text_en.startswith("Allow travel by rail: all 12 persons missing")
    assert modes["air"].text_en.startswith("Allow travel by air: all 12 persons missing")
    assert (modes["rail"].last_s, modes["air"].last_s) == (106 * 60, 5806)


def test_a_landing_on_the_spot():
    """By air in 67 min if the helicopter may land at the site, else in 97."""
    told = little_lift.told(
        dict(little_lift.SEARCH, quantity=12, latest_min=90, target_min=50),
        clock="08:30",
        slope_deg=2.0,
        conditions={"site_landing": False},
    )
    found = only(explained(told, little_lift.lift()))
    (landing,) = [remedy for remedy in found.remedies if remedy.code == "landing"]
    assert landing.text_en.startswith("Let helicopters land at the sites: all 12 persons missing")
    assert landing.last_s == 4019


BY_AIR = dict(little_lift.SEARCH, quantity=12, latest_min=110, target_min=50)
"""From 08:30 by road in 135 min, by the train of 10:00 in 145; by air to F-E, by bus on, in 97."""


def with_fields(*rows, **status):
    """Return the tables with fields beside the railway: km, fuel; some of them planned."""
    usual = dict(fw=(12, "yes"), fe=(108, "no"))
    fields = little_lift.airbases(**usual | {name: (km, "no") for name, km in rows})
    for name, standing in status.items():
        fields.loc[name, "status"] = standing
    return little_lift.lift(airbases__airbases=fields)


def test_a_planned_landing_point_is_no_way_until_it_is_opened():
    told = little_lift.told(BY_AIR, clock="08:30", policy={"modes": ["road", "air"]})
    assert explained(told, with_fields()) == {}
    found = only(explained(told, with_fields(fe="planned")))
    opened = [r for r in found.remedies if r.code == "field"]
    assert [(r.subject, r.quantity, r.lacking, r.last_s) for r in opened] == [("fe", 12, 0, 5806)]
    assert opened[0].text_en.startswith(
        "Open the planned landing point fe: all 12 persons missing, the last at 10:06"
    )
    assert opened[0].text_zh
    there = told.model_copy(update={"opened": ("fe",)})
    assert explained(there, with_fields(fe="planned")) == {}


def test_of_planned_landing_points_those_that_help_are_named_the_cheapest_first():
    """At 100 km the flight is 2 min shorter than at 108; at 30 km the road is too long."""
    told = little_lift.told(BY_AIR, clock="08:30", policy={"modes": ["road", "air"]})
    rows = ("early", 30), ("middle", 100)
    status = dict.fromkeys(("fe", "early", "middle"), "planned")
    found = only(explained(told, with_fields(*rows, **status)))
    fields = [r for r in found.remedies if r.code == "field"]
    assert [r.subject for r in fields] == ["middle", "fe"]
    assert fields[0].cost_yuan < fields[1].cost_yuan


def test_planned_landing_points_that_even_together_do_not_help_are_not_named():
    told = little_lift.told(BY_AIR, clock="08:30", policy={"modes": ["road", "air"]})
    tables = with_fields(("early", 30), ("late", 31), fe="planned", early="planned", late="planned")
    fields = tables["airbases/airbases"].drop(index="fe")
    found = only(explained(told, little_lift.lift(airbases__airbases=fields)))
    assert "field" not in by_code(found)


def test_a_landing_point_that_is_closed_is_opened_again():
    told = little_lift.told(
        BY_AIR,
        clock="08:30",
        policy={"modes": ["road", "air"]},
        closures=[little_lift.closed("场地积水", airfield="fe")],
    )
    found = only(explained(told, little_lift.lift()))
    (opened,) = [r for r in found.remedies if r.code == "closure"]
    assert (opened.subject, opened.quantity, opened.last_s) == ("场地积水", 12, 5806)
    assert opened.text_en.startswith("Open landing point fe again (“场地积水”): all 12 persons")


def test_level_ground_at_the_site_is_worth_looking_for():
    """As above, but nothing is known of the ground: found level, it is as good."""
    told = little_lift.told(
        dict(little_lift.SEARCH, quantity=12, latest_min=90, target_min=50), clock="08:30"
    )
    found = only(explained(told, little_lift.lift()))
    (site,) = [remedy for remedy in found.remedies if remedy.code == "site"]
    assert site.text_en.startswith(
        "Find level ground for helicopters to land at 某矿: all 12 persons missing"
    )
    assert (site.quantity, site.last_s) == (12, 4019)
    steep = little_lift.told(
        dict(little_lift.SEARCH, quantity=12, latest_min=90, target_min=50),
        clock="08:30",
        slope_deg=30.0,
    )
    assert "site" not in by_code(only(explained(steep, little_lift.lift())))


def test_one_helicopter_takes_one_team():
    """Two teams of twelve, a helicopter of fifteen seats, and time for one sortie."""
    told = little_lift.told(
        dict(little_lift.SEARCH, quantity=24, latest_min=120, target_min=60), clock="08:30"
    )
    found = only(explained(told, little_lift.lift(little_lift.TWO)))
    assert list(limits(found)) == ["units", "lift", "latest"]
    (flown,), (left,) = limits(found)["units"], limits(found)["lift"]
    assert {flown, left} == {"foot", "twin"}
    assert limits(found)["latest"] == (left,)


def test_a_pump_is_not_flown():
    """The team could be flown in time, but for its pump it needs its vehicles."""
    told = little_lift.told(
        dict(little_lift.SEARCH, quantity=1, latest_min=120),
        dict(little_lift.PUMP, latest_min=120),
        clock="08:30",
    )
    found = explained(told, with_a_pump())["mine/02-pumping"]
    assert limits(found)["vehicles"] == ("foot",)


def test_who_flew_and_left_the_pump_behind_is_named():
    """The team could drive in time for its pump, but flies, as the search is urgent."""
    told = little_lift.told(
        dict(little_lift.SEARCH, quantity=1, target_min=100, latest_min=400),
        dict(little_lift.PUMP, priority=3, target_min=400, latest_min=400),
        clock="08:30",
    )
    found = explained(told, with_a_pump())["mine/02-pumping"]
    assert limits(found)["vehicles"] == ("foot",)


def with_a_pump():
    """Return the tables in which the team has a pump as well."""
    both = little_lift.lift()["teams/capabilities"]
    pump = both.assign(
        capability="pumping", units=1, quantity_per_unit=100, members_per_unit=4, equipment="泵"
    )
    return little_lift.lift(teams__capabilities=pd.concat([both, pump], ignore_index=True))


def test_further_proposals_are_tried(tmp_path):
    told = scenario(tmp_path, pumping(latest_min=72))
    problem = prepare(registry(), DOCTRINE, told).problem

    def propose(demand):
        yield Proposal("pond", "", lambda: "Empty the pond", lambda: until(problem, demand, 9999))
        yield Proposal("well", "", lambda: "Dig", lambda: with_units(problem, demand, 5, 9999))

    found = only(explained(told, further=[propose]))
    assert by_code(found)["pond"].startswith("Empty the pond: all 200")
    assert "well" not in by_code(found)


def test_no_more_than_so_many_are_solved_for(tmp_path, monkeypatch):
    monkeypatch.setattr(remedies, "MAX_SOLVES", 1)
    found = only(explained(scenario(tmp_path, pumping(latest_min=72))))
    assert (list(by_code(found)), found.complete) == (["wait"], False)


def test_what_there_was_no_time_for_is_told(tmp_path):
    found = explained(scenario(tmp_path, pumping(latest_min=72), search(20)), budget_s=-1.0)
    assert [one.proof for one in found.values()] == ["open", "open"]
    assert not any(one.complete or one.limits or one.remedies for one in found.values())


def test_explanations_come_in_the_order_of_needs_and_twice_the_same(tmp_path):
    told = scenario(tmp_path, search(20), pumping(latest_min=72))
    one, other = (explained(told) for _ in range(2))
    assert list(one) == ["mine/01-search_rescue", "mine/02-pumping"]
    assert one == other


def test_a_met_need_needs_no_explanation(tmp_path):
    assert explained(scenario(tmp_path, pumping(quantity=100))) == {}


def test_headings_say_how_far_it_is_proved(tmp_path):
    told = scenario(tmp_path, pumping(latest_min=72))
    tables = registry()
    prepared = prepare(tables, DOCTRINE, told)
    case = Case(
        Names(tables, told, prepared), NOTHING, 0, {0: 100}, lambda _codes: prepared.problem
    )
    texts = {
        proof: heading(case, Conflict(proof, found.groups, 7))
        for found in [Conflict("", (remedies_group(),))]
        for proof in ("exchange", "as_sent", "improvable", "free")
    }
    assert len(set(texts.values())) == 4
    assert texts["exchange"].startswith("Proved: more than 100 m³/h can't be had by 09:12")
    assert texts["improvable"].startswith(texts["as_sent"])
    assert "7" in texts["free"]
    nobody = heading(case, Conflict("exchange", ()))
    assert nobody.startswith("No team that has it can reach the place")


def remedies_group():
    from dispatch.optimise.conflict import Group

    return Group("units")


def test_what_is_solved_for_is_refused_by_no_checker(tmp_path, monkeypatch):
    """Each gain has been through the checker: one that refuses everything is heard."""
    from dispatch.errors import InvalidPlanError
    from dispatch.optimise import remedy

    def refuse(problem, solution):
        raise InvalidPlanError(["no"])

    monkeypatch.setattr(remedy, "ensure", refuse)
    with pytest.raises(InvalidPlanError):
        explained(scenario(tmp_path, pumping(latest_min=72)))


def test_costs_are_said(tmp_path):
    found = only(explained(scenario(tmp_path, pumping(latest_min=72))))
    wait = found.remedies[0]
    cheaper = replace(wait, cost_yuan=-5, floors=0)
    assert remedies._cost(cheaper) == "1 team more, 5 yuan less"
    assert remedies._cost(replace(wait, teams=0, cost_yuan=0, floors=0)) == "no further team"
    assert "1 more missing from the reserve" in remedies._cost(replace(wait, floors=1))


def test_gains_are_said(tmp_path):
    tables, told = registry(), scenario(tmp_path, pumping(latest_min=72))
    prepared = prepare(tables, DOCTRINE, told)
    names = Names(tables, told, prepared)
    case = Case(names, NOTHING, 0, {}, lambda _codes: prepared.problem)
    wait = replace(only(explained(told)).remedies[0], lacking=50, by_target=80, sooner_s=125)
    assert list(remedies._gains(case, wait)) == [
        "200 of the 250 m³/h missing, the last at 09:15",
        "80 of them by the target time",
        "all teams together 2 min sooner",
    ]
    assert names.teams([0, 1, 0]) == "Far, Mid, Far"
    assert names.teams([0, 1, 0, 1, 1]) == "Far, Mid, Far and 2 more"
    assert names.moment(20 * 3600) == "03-02 04:00"
