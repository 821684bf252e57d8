"""The ground: packed lines, borders, roads, labels."""

import geopandas as gpd
import handmade
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon

from dispatch.i18n import set_language
from dispatch.render import background
from dispatch.render.background import SCALE, pack

degrees = st.floats(109, 115, allow_nan=False)
lines = st.lists(st.tuples(degrees, degrees), min_size=1, max_size=30)


def unpack(packed: list[int]) -> np.ndarray:
    return np.cumsum(np.reshape(packed, (-1, 2)), axis=0) / SCALE


@pytest.fixture
def english():
    set_language("en")
    yield
    set_language("zh")


@settings(max_examples=100, derandomize=True)
@given(lines)
def test_a_packed_line_keeps_every_point_to_half_a_step(points):
    got = unpack(pack(points))
    for point in points:
        assert np.abs(got - point).max(axis=1).min() <= 0.5 / SCALE + 1e-9
    assert np.abs(got[0] - points[0]).max() <= 0.5 / SCALE + 1e-9
    assert np.abs(got[-1] - points[-1]).max() <= 0.5 / SCALE + 1e-9


def test_points_that_fall_together_are_left_out_but_two_ends_stay():
    assert pack([(110, 35), (110.00001, 35), (110.1, 35)]) == [1_100_000, 350_000, 1000, 0]
    assert pack([(110, 35), (110, 35)]) == [1_100_000, 350_000, 0, 0]
    assert pack([(110, 35)]) == [1_100_000, 350_000]


def test_neighbours_keep_their_common_border():
    """Two counties with a wavy border between them.

    ::

        +---~---+
        |   ~   |     thinned out alike on both sides, no gap opens
        +---~---+
    """
    y = np.linspace(35, 36, 60)
    wave = np.column_stack([111 + 0.01 * np.sin(y * 40), y])
    west = np.vstack([[(110, 36), (110, 35)], wave])
    east = np.vstack([wave[::-1], [(112, 35), (112, 36)]])
    rings = [Polygon(west), Polygon(east)]
    areas = gpd.GeoDataFrame(index=["a", "b"], geometry=rings, crs=4326)
    counties = pd.DataFrame({"city": ["x", "y"]}, index=["a", "b"])
    drawn = background.borders(counties, areas)["counties"]
    first, second = (
        {tuple(p) for p in unpack(area[0][0]).round(4).tolist() if 110.5 < p[0] < 111.5}
        for area in drawn
    )
    assert first == second
    assert 10 < len(first) < 60


def test_cities_are_their_counties_together():
    ground = handmade.make_ground()
    counties = ground["counties"].assign(city="临汾市")
    drawn = background.borders(counties, ground["areas"])
    assert len(drawn["counties"]) == 2
    assert len(drawn["cities"]) == 1
    assert unpack(drawn["cities"][0][0][0]).min(axis=0).tolist() == [110.5, 35.4]


def test_roads_are_drawn_by_class_and_joined():
    """Two pieces of G5 that meet, one trunk road, one track that is not drawn."""
    roads = gpd.GeoDataFrame(
        {"ref": ["G5", "G5", "", "X1"], "road_class": ["motorway", "motorway", "trunk", "access"]},
        geometry=[
            LineString([(110, 35), (110.5, 35.2)]),
            LineString([(110.5, 35.2), (111, 35)]),
            LineString([(110, 36), (111, 36)]),
            LineString([(110, 36), (111, 37)]),
        ],
        crs=4326,
    )
    drawn = background.road_lines(roads)
    assert [len(drawn[name]) for name in background.ROAD_CLASSES] == [1, 1, 0]
    assert len(unpack(drawn["motorway"][0])) == 3
    labels = background.road_labels(roads)
    assert {label["text"] for label in labels} == {"G5"}
    assert len(labels) == round(2 * np.hypot(0.5, 0.2) / 0.12)


def test_labels_speak_the_language_in_use(english):
    ground = handmade.make_ground()
    labels = background.place_labels(ground["counties"], ground["areas"])
    assert [(x["kind"], x["text"]) for x in labels] == [
        ("city", "Linfen"),
        ("city", "Yuncheng"),
        ("county", "Xinjiang"),
        ("county", "Xiangning"),
    ]
    assert labels[3]["at"] == [35.98, 110.85]
