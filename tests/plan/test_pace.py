"""How night and weather slow vehicles, and when it is night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from little import registry

from dispatch.network.daylight import CHINA, daylight_s
from dispatch.plan.pace import is_night, speeds_kmh
from dispatch.registry import load_registry

WINTER = datetime(2026, 1, 10, 2, tzinfo=CHINA)


def paced(*rows):
    table = pd.DataFrame(rows, columns=["condition", "road_class", "factor"])
    return registry(network__pace=table.assign(status="illustrative", source="test"))


TABLES = paced(
    ("night", "motorway", 0.9),
    ("night", "access", 0.5),
    ("snow", "motorway", 0.8),
    ("snow", "primary", 0.6),
)


@pytest.mark.parametrize(
    ("weather", "night", "motorway", "primary", "access"),
    [
        ("clear", False, 100, 60, 30),
        ("clear", True, 90, 60, 15),
        ("snow", False, 80, 36, 30),
        ("snow", True, 72, 36, 15),
        ("fog", True, 90, 60, 15),
    ],
)
def test_night_and_weather_multiply_by_road_class(weather, night, motorway, primary, access):
    found = speeds_kmh(TABLES, "truck", weather=weather, night=night)
    assert found == pytest.approx(dict(motorway=motorway, primary=primary, access=access))


def test_without_a_table_nobody_is_slowed():
    found = speeds_kmh(registry(), "car", weather="snow", night=True)
    assert found == dict(motorway=120, primary=72, access=30)


def test_every_condition_and_class_of_the_real_table_slows():
    tables = load_registry()
    pace = tables["network/pace"].pivot_table(
        index="condition", columns="road_class", values="factor", aggfunc="count"
    )
    assert pace.index.tolist() == ["fog", "night", "rain", "snow"]
    assert (pace == 1).all(axis=None)
    assert set(pace.columns) == set(tables["network/speeds"]["road_class"])
    clear = speeds_kmh(tables, "fire_engine")
    assert clear["motorway"] == 85
    for weather, night in (("rain", False), ("snow", False), ("fog", False), ("clear", True)):
        slow = speeds_kmh(tables, "fire_engine", weather=weather, night=night)
        assert slow.keys() == clear.keys()
        assert all(slow[name] < clear[name] for name in clear)


def test_a_winter_night_ends_with_dawn_and_comes_again():
    hours = np.array([0, 4, 6, 10, 15, 18, 22, 29, 33]) * 3600  # from 2:00 on
    assert is_night(WINTER, hours).tolist() == [1, 1, 0, 0, 0, 1, 1, 1, 0]


def test_dawn_and_dusk_themselves_belong_to_the_day():
    (dawn_s,), (dusk_s,) = daylight_s(np.array([112.3]), np.array([37.65]), WINTER, 1)
    edges = [dawn_s[0] - 1, dawn_s[0], dusk_s[0], dusk_s[0] + 1]
    assert is_night(WINTER, edges).tolist() == [True, False, False, True]
    assert (WINTER + timedelta(seconds=dawn_s[0])).hour == 7


def test_what_never_happens_is_judged_as_at_the_start_and_the_next_day_counts():
    assert is_night(WINTER, [np.inf, 0.0]).tolist() == [True, True]
    noon = WINTER + timedelta(hours=10)
    assert is_night(noon, np.array([[np.inf], [86_400 * 0.5]])).tolist() == [[False], [True]]
    assert not is_night(noon, 22 * 3600)  # less than a day later, but on the next
    assert is_night(noon, np.empty((0, 3))).shape == (0, 3)


@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.integers(0, 6 * 86_400), st.integers(0, 5 * 86_400), st.integers(0, 366))
def test_only_the_moment_counts_not_the_start_or_its_zone(start_s, at_s, day):
    zero = datetime(2026, 1, 1, tzinfo=CHINA) + timedelta(days=day)
    one = is_night(zero, start_s + at_s)
    assert is_night(zero + timedelta(seconds=start_s), at_s) == one
    assert is_night((zero + timedelta(seconds=start_s)).astimezone(UTC), at_s) == one
