"""The parts of a supply plan, by hand: loads, shares, what is short and why."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from supply_case import registry, scenario

from dispatch.plan.supply_bundles import _shares, bundles
from dispatch.plan.supply_words import counties_near

ITEMS = pd.DataFrame({"mass_kg": [10.0, 1.0], "volume_m3": [0.01, 0.2]}, index=["heavy", "bulky"])


def test_loads_fit_the_smallest_vehicle_where_these_are_few():
    """30 × 10 kg and 20 × 200 l; a vehicle takes 200 kg and 2,000 l: two loads."""
    made = bundles({"heavy": 30, "bulky": 20}, ITEMS, np.array([[200, 2_300], [900, 9_000]]))
    assert len(made.loads) == 2
    assert made.kg <= 200
    assert made.litres <= 2_300


def test_one_load_where_nothing_may_come():
    made = bundles({"heavy": 3}, ITEMS, np.zeros((0, 2), np.int64))
    assert [[g.quantity for g in load] for load in made.loads] == [[3]]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(1, 400), st.integers(0, 300), st.integers(30, 900), st.integers(900, 5_000))
def test_loads_hold_all_goods_and_some_vehicle_carries_each(heavy, bulky, kg, litres):
    goods = {"heavy": heavy} | ({"bulky": bulky} if bulky else {})
    made = bundles(goods, ITEMS, np.array([[kg, litres]]))
    total = Counter()
    for load in made.loads:
        for one in load:
            total[one.item_code] += one.quantity
    assert total == goods
    assert made.kg <= kg
    assert made.litres <= litres


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=6), st.data())
def test_shares_are_whole_fair_and_add_up(wanted, data):
    total = data.draw(st.integers(0, sum(wanted)))
    shares = _shares(total, wanted)
    assert sum(shares) == total
    for share, part in zip(shares, wanted, strict=True):
        assert abs(share - total * part / sum(wanted)) < 1


def test_a_point_lies_near_its_county_and_the_sea_near_none():
    shelter = scenario().supply.shelters[0]
    polygons = registry().county_polygons
    assert shelter.county in counties_near(polygons, shelter.lon, shelter.lat)
    assert counties_near(polygons, 120.0, 35.0) == []
