"""The benchmark of all itineraries asks what it says, tried on a few teams."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.travel import joined
from benchmarks.travel_itineraries import (
    ItineraryFigures,
    Question,
    _imports_s,
    answer,
    itineraries_keys,
    itineraries_text,
    make_question,
)
from dispatch.plan.options import ROAD, Options


@pytest.fixture(scope="module")
def question() -> Question:
    return make_question(1, teams=12, incidents=3)


@pytest.fixture(scope="module")
def options(question: Question) -> Options:
    return answer(question)


def test_every_team_has_a_way_by_road_and_some_have_another(options: Options) -> None:
    by_road = options.mode == ROAD
    pairs = set(
        zip(options.team[by_road].tolist(), options.incident[by_road].tolist(), strict=True)
    )
    assert by_road.sum() == len(pairs) == 12 * 3
    assert (~by_road).any()


def test_a_seed_is_a_question(question: Question, options: Options) -> None:
    again = make_question(1, teams=12, incidents=3)
    assert again.teams.index.equals(question.teams.index)
    assert again.scenario == question.scenario
    assert np.array_equal(answer(again).arrive_s, options.arrive_s)
    assert not make_question(2, teams=12, incidents=3).teams.index.equals(question.teams.index)


def test_imports_take_time_of_their_own() -> None:
    assert 0.05 < _imports_s() < 60


def test_table_and_keys() -> None:
    figures = ItineraryFigures(250, 10, (2500, 30, 40), 0.6, 0.8)
    part = json.loads(json.dumps(itineraries_keys(figures)))
    assert part["ratios"] == {"itineraries_vs_imports": 0.75}
    whole = joined({"seed": 1, "ratios": {"other": 2.0}}, part)
    assert whole["ratios"] == {"other": 2.0, "itineraries_vs_imports": 0.75}
    assert {"seed", "itineraries_s", "imports_s"} < set(whole)
    text = itineraries_text(figures)
    assert "2,500 by road, 30 by rail, 40 by air" in text
    assert "0.75" in text
