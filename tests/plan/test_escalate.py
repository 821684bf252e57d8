"""One level up in the little province, with pools of its own, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from little import registry, scenario

from dispatch.doctrine import load_doctrine
from dispatch.doctrine.records import PoolRule
from dispatch.plan import make_plan
from dispatch.plan.escalate import escalate
from dispatch.registry import data_dir
from dispatch.scenario.records import IncidentSpec

PUMPING = "capability: pumping, quantity: 200, minimum: 100, target_min: 100, latest_min: 240"


def pool(level, tier, place, delay_s):
    return PoolRule(level, tier, "city", place, delay_s, "", "", "illustrative", "test")


DOCTRINE = replace(
    load_doctrine(data_dir()),
    pools=(
        pool("IV", "main", "own_county", 0),
        pool("III", "main", "own_county", 0),
        pool("III", "specialist", "own_county", 600),
        pool("III", "specialist", "own_city", 1800),
    ),
)


def escalated(folder, level):
    told = scenario(folder, PUMPING, level=level)
    make = partial(make_plan, registry(), doctrine=DOCTRINE, workers=1)
    return escalate(registry(), DOCTRINE, told, make(told), make)


def test_the_next_level_releases_who_can_pump(tmp_path):
    """Mid: 10 min to ask, 5 to mobilise, 60 to drive; far: 30, 10 and 60."""
    found = escalated(tmp_path, "IV")
    assert (found.level, found.higher) == ("IV", "III")
    assert found.headquarters == DOCTRINE.commander("III").headquarters
    assert [
        (p.tier, p.control_level, p.place, p.teams, p.before_s, p.delay_s) for p in found.pools
    ] == [
        ("specialist", "city", "own_county", 1, None, 600),
        ("specialist", "city", "own_city", 1, None, 1800),
    ]
    (demand,) = found.comparison.demands
    assert (demand.a.met, demand.a.first_min) == (0, None)
    assert (demand.b.met, demand.b.first_min, demand.b.last_min) == (200, 75, 100)
    assert {team.code for team in found.comparison.teams} == {"only_b"}


def test_a_level_may_release_nobody(tmp_path):
    """At II and III alike there is no pool but that of III, so raising III to II adds none."""
    assert escalated(tmp_path, "III").pools == ()


def test_a_pool_is_told_where_it_only_comes_sooner(tmp_path):
    faster = replace(DOCTRINE, pools=(*DOCTRINE.pools, pool("II", "specialist", "own_city", 900)))
    told = scenario(tmp_path, PUMPING, level="III")
    make = partial(make_plan, registry(), doctrine=faster, workers=1)
    (found,) = escalate(registry(), faster, told, make(told), make).pools
    assert (found.place, found.before_s, found.delay_s) == ("own_city", 1800, 900)


def need(capability, quantity, priority=1):
    return dict(
        capability=capability, quantity=quantity, priority=priority, target_min=100, latest_min=240
    )


def several(folder, **options):
    """Return what one level up brings to four incidents at level IV, one of them at level I.

    ::

        a ---- 30 km ---- west ---- 30 km ---- m ------- 60 km ------- z
        far               pumping 100        mid              near, mine: pumping 100,
                          (priority 2)                        sick: search 1, deep: search 40
    """
    told = scenario(folder, PUMPING, level="IV")
    common = dict(type="mine_flood", lat=37.0)
    told = told.model_copy(
        update={
            "incidents": tuple(
                IncidentSpec.model_validate(common | spec)
                for spec in (
                    dict(id="west", name="西", lon=112.25, demands=[need("pumping", 100, 2)]),
                    dict(id="sick", name="伤", lon=113.0, demands=[need("search_rescue", 1)]),
                    dict(id="mine", name="矿", lon=113.0, demands=[need("pumping", 100)]),
                    dict(id="deep", name="深", lon=113.0, demands=[need("search_rescue", 40, 3)],
                         level="I"),
                )
            )
        }
    )  # fmt: skip
    make = partial(make_plan, registry(), doctrine=DOCTRINE, workers=1, explain_s=0.0)
    return escalate(registry(), DOCTRINE, told, make(told), make, **options)


def test_each_incident_is_raised_alone_the_weightiest_first(tmp_path):
    """To mine mid: 10 + 5 + 60 min, 75 in place of 240; to west far: 10 + 10 + 30, 50."""
    found = several(tmp_path)
    mine, west = found.steps
    assert (mine.incident_id, mine.level, mine.higher, mine.released) == ("mine", "IV", "III", 2)
    assert (mine.needs, mine.met, mine.on_time, mine.units) == (1, (0, 1), (0, 1), 100)
    assert (mine.sent, mine.sooner_min, mine.elsewhere, mine.floors) == (1, 165, 0, 1)
    assert (west.incident_id, west.met, west.sooner_min, west.elsewhere) == ("west", (0, 1), 190, 0)
    assert {one.incident_id: one.reason for one in found.not_asked} == {
        "deep": "top",
        "sick": "met",
    }


def test_without_time_to_solve_an_incident_raised_alone_is_no_worse_off(tmp_path, monkeypatch):
    """Each start is the plan as it is, by the ways that are open sooner."""
    monkeypatch.setattr("dispatch.plan.escalate.SOLVER_SHARE", 0.0)
    for one in several(tmp_path).steps:
        assert one.units >= 0
        assert one.elsewhere >= 0


def test_all_together_are_raised_from_where_each_is(tmp_path):
    found = several(tmp_path)
    assert (found.level, found.higher) == ("I", "I")
    assert {pool.incident_id for pool in found.pools} == {"west", "sick", "mine"}
    met = {one.incident_id: (one.a.met, one.b.met) for one in found.comparison.demands}
    assert met["mine"] == met["west"] == (0, 100)
    assert {(s.code, s.a, s.b) for s in found.comparison.settings if ":" in s.code} == {
        (f"level:{name}", "IV", "III") for name in ("west", "sick", "mine")
    }


def test_who_was_not_asked_for_want_of_time_is_told(tmp_path):
    found = several(tmp_path, budget_s=-1.0)
    assert found.steps == ()
    assert [one.incident_id for one in found.not_asked if one.reason == "time"] == ["mine", "west"]


def test_one_incident_is_not_planned_twice(tmp_path):
    plans = []
    told = scenario(tmp_path, PUMPING, level="IV")

    def make(changed, **options):
        plans.append(changed)
        return make_plan(registry(), changed, doctrine=DOCTRINE, explain_s=0.0, **options)

    found = escalate(registry(), DOCTRINE, told, make(told), make, budget_s=-1.0)
    assert (len(plans), len(found.steps)) == (2, 1)
    assert found.steps[0].units == 200


def test_above_level_one_there_is_none(tmp_path):
    assert escalated(tmp_path, "I") is None
