"""Legs name bases, stations and fields in both languages."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import pairwise

import pytest

from dispatch import load_registry
from dispatch.analysis import itineraries
from dispatch.network.road import build_road_network
from dispatch.plan.plan import Plan
from dispatch.scenario import Policy

START = datetime.fromisoformat("2026-07-15T10:00+08:00")
MINE = (112.905, 40.020)


@pytest.fixture(scope="module")
def registry():
    return load_registry()


def way(registry, mode, **more):
    """Return the legs of a medical team of the province from Taiyuan to a mine near Datong."""
    teams = registry.teams.query("kind == 'medical' and control_level == 'province'")
    policy = Policy(modes=(mode,), rail_kit_kg_per_person=40)
    found = itineraries(registry, teams.index[0], *MINE, START, policy=policy, **more)
    return teams.iloc[0], next(one for one in found if one.mode == mode).legs


def test_stations_have_their_english_names(registry):
    team, legs = way(registry, "rail")
    stations = registry["network/stations"]["name_en"]
    ride = next(leg for leg in legs if leg.kind == "ride")
    assert ride.origin_en == stations[ride.origin_id]
    assert ride.destination_en == stations[ride.destination_id]
    assert {legs[0].origin_en, legs[0].destination_en} == {team["name_en"]}
    for one, other in pairwise(legs):
        assert one.destination_en == other.origin_en


def test_fields_have_their_english_names(registry):
    _team, legs = way(registry, "air", slope_deg=4.0)
    fields = registry.airbases["name_en"]
    for leg in legs:
        if leg.origin_id:
            assert leg.origin_en == fields[leg.origin_id]
    assert any(leg.kind == "fly" for leg in legs)


def test_every_station_and_field_has_an_english_name(registry):
    for table in ("network/stations", "airbases/airbases", "teams/teams", "depots/depots"):
        names = registry[table]["name_en"]
        assert names.str.fullmatch(r"[A-Za-z][\x20-\x7e\u00c0-\u017f’–]*").all(), table


def test_every_junction_is_told_in_both_languages(registry):
    road = build_road_network(registry["network/junctions"], registry.links)
    assert not [name for name in road.junction_name_en if re.search("[\u4e00-\u9fff]", name)]
    at = dict(zip(road.junction_name, road.junction_name_en, strict=True))
    assert at["永济市城区南31 km"] == "31 km south of Yongji City"
    assert at["万安镇"] == "Wan'an Town"
    assert at["风陵渡站"] == "29 km south-west of Yongji City"
    assert at["晋陕界"] == "Shanxi–Shaanxi border"


def test_a_plan_shows_itself_in_a_notebook():
    assert callable(Plan._repr_html_)
