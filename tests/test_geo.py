"""Distances and the GCJ-02 offset."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.geo import gcj02_from_wgs84, haversine_m, wgs84_from_gcj02

SEATS = Path(__file__).parents[2] / "shared" / "data" / "places" / "county_seats.csv"

lons = st.floats(110, 114.6)
lats = st.floats(34.5, 40.8)


def test_a_degree_of_latitude_is_111_km():
    assert haversine_m(112.0, 37.0, 112.0, 38.0) == pytest.approx(111_195, abs=1)


def test_distances_broadcast():
    lon, lat = np.array([112.0, 113.0]), np.array([37.0, 37.0])
    table = haversine_m(lon[:, None], lat[:, None], lon[None, :], lat[None, :])
    assert table.shape == (2, 2)
    assert table[0, 0] == 0
    assert table[0, 1] == table[1, 0]


@settings(derandomize=True)
@given(lons, lats)
def test_gcj02_is_undone_to_a_millimetre(lon, lat):
    back = wgs84_from_gcj02(*gcj02_from_wgs84(lon, lat))
    assert haversine_m(lon, lat, *back) < 1e-3


@settings(derandomize=True)
@given(lons, lats)
def test_gcj02_shifts_by_some_hundred_metres(lon, lat):
    assert 300 < haversine_m(lon, lat, *gcj02_from_wgs84(lon, lat)) < 900


@pytest.mark.skipif(not SEATS.is_file(), reason="needs ../shared/data/places")
def test_gcj02_agrees_with_published_pairs():
    with SEATS.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            shifted = gcj02_from_wgs84(float(row["lon_wgs84"]), float(row["lat_wgs84"]))
            assert haversine_m(*shifted, float(row["lon_gcj"]), float(row["lat_gcj"])) < 5
