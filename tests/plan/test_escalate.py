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


def test_above_level_one_there_is_none(tmp_path):
    assert escalated(tmp_path, "I") is None
