r"""Isochrones on a little map.

One degree of longitude is ten minutes' drive on the free roads (10 km at
60 km/h), though it is 111 km on the ground, where a vehicle off the road gets
357 m a minute from it (30 km/h, by a detour of 1.4)::

               ____ (2.5, 0.5) ____        motorway, tolled, 10 min
              /                    \
    a ------ b ------------------- c ------ d ------> g      d to g one way
    0        1\                   /4        5        6
               \__ (2.5, -0.3) __/         valley road, 40 min
"""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from dispatch import load_registry
from dispatch.analysis import driving
from dispatch.errors import InputError
from dispatch.geo import haversine_m
from dispatch.network.arrivals import ramps
from dispatch.network.closures import closures_of
from dispatch.network.drive import drives
from dispatch.network.driver import driver_of
from dispatch.network.engine import build_engine
from dispatch.network.od import Driving, nearest, snap_places
from dispatch.network.reach import isochrones
from dispatch.network.road import build_road_network, link_times_ms
from dispatch.network.snap import DETOUR, Snaps
from dispatch.scenario import ClosureSpec

M_PER_MIN = 30_000 / 60 / DETOUR
DEG_M = 111_195.08  # a degree of a great circle
CAP_M = 5000.0
CLOSE_DEG = 2e-5  # two metres

LINKS = {
    "ab": ([(0, 0), (1, 0)], "primary", 10_000),
    "bc": ([(1, 0), (4, 0)], "primary", 30_000),
    "cd": ([(4, 0), (5, 0)], "primary", 10_000),
    "dg": ([(5, 0), (6, 0)], "primary", 10_000),
    "m1": ([(1, 0), (2.5, 0.5), (4, 0)], "motorway", 20_000),
    "valley": ([(1, 0), (2.5, -0.3), (4, 0)], "primary", 40_000),
}
ENDS = {"ab": "ab", "bc": "bc", "cd": "cd", "dg": "dg", "m1": "bc", "valley": "bc"}
JUNCTIONS = {"a": 0.0, "b": 1.0, "c": 4.0, "d": 5.0, "g": 6.0}


def little(*closures: ClosureSpec, plaza_s: int = 0) -> Driving:
    junctions = pd.DataFrame(
        {
            "name": list(JUNCTIONS),
            "name_en": "",
            "near": "",
            "near_en": "",
            "lon": list(JUNCTIONS.values()),
            "lat": 0.0,
        },
        index=pd.Index(list(JUNCTIONS), name="junction_id"),
    )
    links = gpd.GeoDataFrame(
        {
            "from_junction": [ENDS[k][0] for k in LINKS],
            "to_junction": [ENDS[k][1] for k in LINKS],
            "direction": ["forward" if k == "dg" else "both" for k in LINKS],
            "ref": "",
            "road_class": [road_class for _, road_class, _ in LINKS.values()],
            "length_m": [length_m for _, _, length_m in LINKS.values()],
            "toll": ["yes" if k == "m1" else "no" for k in LINKS],
            "status": "existing",
        },
        index=pd.Index(list(LINKS), name="link_id"),
        geometry=[LineString(line) for line, _, _ in LINKS.values()],
        crs="EPSG:4326",
    )
    road = build_road_network(junctions, links)
    driver = driver_of(
        road,
        build_engine(road.topology, backend="scipy"),
        link_times_ms(road, {"primary": 60.0, "motorway": 120.0}),
        access_kmh=30.0,
        plaza_delay_s=plaza_s,
        closures=closures_of(road, closures),
    )
    return Driving(road, driver)


def depots(*lon_lat: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(lon_lat, columns=["lon", "lat"])


def flood(west: float, south: float, east: float, north: float) -> ClosureSpec:
    """Close an area; unchecked, as the little map lies far from the province."""
    ring = ((west, south), (east, south), (east, north), (west, north))
    return ClosureSpec.model_construct(name="flood", polygon=ring)


def ground(roads: Driving, minutes: float, *lons: float, **options: float) -> shapely.Geometry:
    found = isochrones(roads, depots(*((lon, 0.0) for lon in lons)), [minutes], **options)
    return found.geometry.iloc[0]


def inside(polygon: shapely.Geometry, lons: Iterable[float], lat: float = 0.0) -> list[bool]:
    return [polygon.covers(Point(lon, lat)) for lon in lons]


def test_a_frame_of_polygons_in_ascending_order():
    found = isochrones(little(), depots((0.0, 0.0)), minutes=[22, 15, 22])
    assert found["minutes"].tolist() == [15, 22]
    assert found.crs == "EPSG:4326"
    assert list(found.columns) == ["minutes", "geometry"]
    assert found.is_valid.all()


def test_a_link_is_reached_as_far_as_the_time_lasts():
    # a to b is ten minutes, five are left
    assert inside(ground(little(), 15, 0.0), [0, 1, 1.49, 1.51, 4]) == [1, 1, 1, 0, 0]


def test_a_link_is_reached_from_both_ends():
    # b after 10 min, c by the motorway after 20; two minutes are left there
    reached = ground(little(), 22, 0.0)
    assert inside(reached, [2.19, 2.21, 3.79, 3.81, 4.19, 4.21]) == [1, 0, 0, 1, 1, 0]


def test_a_motorway_is_left_at_its_junctions_only():
    reached = ground(little(), 60, 0.0)
    assert inside(reached, [2.5], lat=0.5) == [False]
    assert inside(reached, [2.5], lat=-0.3) == [True]


def test_a_paying_vehicle_waits_at_the_plazas():
    free, paying = (ground(little(plaza_s=wait_s), 21.5, 0.0) for wait_s in (0, 60))
    assert inside(free, [4]) == [True]
    assert inside(paying, [4]) == [False]


def test_a_one_way_link_is_not_driven_backwards():
    assert inside(ground(little(), 3, 5.5), [5.49, 5.51, 5.79, 5.81]) == [0, 1, 1, 0]
    # behind the depot lies only what it reaches off the road
    assert ground(little(), 3, 5.5).bounds[0] == pytest.approx(
        5.5 - 3 * M_PER_MIN / DEG_M, abs=0.001
    )


@pytest.mark.parametrize(("left_min", "lon"), [(12, 1.0), (8, 1.4), (3, 1.9)])
def test_off_the_road_the_time_left_counts(left_min, lon):
    reached = ground(little(), 22, 0.0)
    edge = left_min * M_PER_MIN / DEG_M
    assert inside(reached, [lon], lat=edge * 0.99) == [True]
    assert inside(reached, [lon], lat=edge * 1.03) == [False]


def test_off_the_road_there_is_an_end():
    assert 22 * M_PER_MIN > CAP_M
    reached = ground(little(), 22, 0.0)
    assert inside(reached, [0.0], lat=CAP_M / DEG_M * 0.999) == [True]
    assert inside(reached, [0.0], lat=CAP_M / DEG_M * 1.025) == [False]
    assert inside(ground(little(), 22, 0.0, off_road_m=500), [0.0], lat=0.006) == [False]


def test_off_the_road_all_directions_are_alike():
    reached = ground(little(), 22, 0.0)
    for bearing in np.linspace(np.pi / 2, 3 * np.pi / 2, 33):
        way = CAP_M / DEG_M * np.array([np.cos(bearing), np.sin(bearing)])
        assert reached.covers(Point(way * 0.999))
        assert not reached.covers(Point(way * 1.025))


def test_a_junction_reached_at_the_last_moment():
    # d, thirty minutes from the depot, is a frontier without any ground around it
    reached = ground(little(), 30, 2.0)
    assert reached.is_valid
    assert inside(reached, [4.999, 5.001]) == [1, 0]


def test_of_depots_at_one_point_of_the_road_the_sooner_counts():
    near, far = (1.5, 0.0), (1.5, 0.02)
    for both in ((near, far), (far, near)):
        reached = isochrones(little(), depots(*both), [3]).geometry.iloc[0]
        assert inside(reached, [1.21, 1.79]) == [1, 1]


def test_the_way_from_the_depot_to_the_road_takes_its_time():
    # seven minutes to the road leave eight on it
    north = depots((0.0, 7 * M_PER_MIN / DEG_M))
    reached = isochrones(little(), north, [15]).geometry.iloc[0]
    assert inside(reached, [0.79, 0.81]) == [1, 0]
    assert isochrones(little(), depots((0.0, 1.0)), [15]).is_empty.all()


def test_two_depots_on_one_link():
    # valley and motorway play no part in five minutes
    reached = ground(little(), 5, 2.0, 3.2)
    assert inside(reached, [1.49, 1.51, 2.49, 2.55, 2.65, 2.71, 3.69, 3.71]) == [
        0, 1, 1, 0, 0, 1, 1, 0
    ]  # fmt: skip
    there = snap_places(little().road, depots((2.0, 0.0), (2.5, 0.0), (2.0, 0.0)))
    found = ramps(little().road, little().driver, there)
    middle = (found.begin_ms == 150_000) | (found.end_ms == 150_000)
    assert middle.sum() == 2  # they meet half way, after two and a half minutes


def test_holes_are_filled_up_to_a_size():
    for fill_km2, holes in ((5.0, 1), (1e6, 0)):
        reached = ground(little(), 90, 0.0, fill_km2=fill_km2)
        assert len(reached.interiors) == holes


def test_a_closed_stretch_is_reached_from_beyond_or_not_at_all():
    shut = little(flood(1.3, -0.01, 1.6, 0.01))
    early, late = (ground(shut, minutes, 0.0, off_road_m=10) for minutes in (22, 45))
    assert inside(early, [1.29, 1.31, 1.59, 1.61, 3.81]) == [1, 0, 0, 0, 1]
    # c after 20 min, then 24 min back to 1.6
    assert inside(late, [1.29, 1.31, 1.59, 1.61, 3.81]) == [1, 0, 0, 1, 1]


def test_slowed_and_closed_links():
    slow = little(ClosureSpec(name="snow", link="ab", effect="slowed", factor=0.5))
    assert inside(ground(slow, 15, 0.0), [0.74, 0.76]) == [1, 0]
    shut = little(ClosureSpec(name="slide", link="ab"))
    assert ground(shut, 60, 0.0).is_empty
    assert inside(ground(shut, 60, 1.5), [0.9, 1.0]) == [0, 1]


def test_closures_that_come_and_go_are_refused():
    timed = little(ClosureSpec(name="slide", link="ab", until_min=60))
    with pytest.raises(InputError, match=r"^isochrones \[closures\]"):
        isochrones(timed, depots((0.0, 0.0)))
    with pytest.raises(ValueError, match="clock"):
        ramps(timed.road, timed.driver, snap_places(timed.road, depots((0.0, 0.0))))


@pytest.mark.parametrize("minutes", [0, -5, np.inf, np.nan])
def test_a_time_is_above_nought(minutes):
    with pytest.raises(InputError, match="minutes"):
        isochrones(little(), depots((0.0, 0.0)), [10, minutes])


def test_faults_come_together():
    with pytest.raises(InputError) as caught:
        isochrones(little(), depots((0.0, 0.0)), [0], off_road_m=0)
    assert [fault.column for fault in caught.value.faults] == ["minutes", "off_road_m"]


def test_without_depots_nothing_is_reached():
    assert isochrones(little(), depots(), [10, 20]).is_empty.all()


LONS, LATS = st.floats(0, 6), st.floats(-0.03, 0.03)
PLACES = st.lists(st.tuples(LONS, LATS), min_size=1, max_size=3)
TIMES = st.floats(1, 90)
CLOSURES = st.sampled_from(
    [
        (),
        (ClosureSpec(name="slide", link="bc"),),
        (ClosureSpec(name="fire", junction="c"),),
        (ClosureSpec(name="snow", link="valley", effect="slowed", factor=0.4),),
        (flood(1.3, -0.3, 1.6, 0.1),),
    ]
)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(PLACES, TIMES, CLOSURES, st.lists(st.tuples(LONS, st.floats(-0.33, 0.1)), min_size=20))
def test_what_is_in_time_is_inside(starts, minutes, closures, ends):
    roads = little(*closures)
    polygon = isochrones(roads, depots(*starts), [minutes]).geometry.iloc[0]
    points = depots(*ends)
    there = snap_places(roads.road, points)
    time_s = nearest(roads, points, depots(*starts))["minutes"].to_numpy() * 60
    due = (time_s <= minutes * 60) & (there.access_m <= CAP_M * DETOUR)
    near = shapely.buffer(polygon, CLOSE_DEG)
    assert shapely.intersects_xy(near, points["lon"][due], points["lat"][due]).all()


@settings(derandomize=True, max_examples=30, deadline=None)
@given(PLACES, TIMES, CLOSURES)
def test_what_is_inside_is_near_a_road_reached_in_time(starts, minutes, closures):
    roads = little(*closures)
    polygon = isochrones(roads, depots(*starts), [minutes], fill_km2=0).geometry.iloc[0]
    # a thousand points of each free road, none farther than 400 m from the next
    link = np.repeat(np.flatnonzero(~roads.road.link_toll), 1001)
    fraction = np.tile(np.linspace(0, 1, 1001), 5)
    lines = np.array(roads.road.link_line)[link]
    xy = shapely.get_coordinates(shapely.line_interpolate_point(lines, fraction, normalized=True))
    samples = Snaps(xy[:, 0], xy[:, 1], link, fraction, np.zeros(link.size, np.int64))
    found = drives(roads.road, roads.driver, snap_places(roads.road, depots(*starts)), samples)
    left_min = minutes - found.time_s.min(axis=0) / 60
    reach_m = np.minimum(left_min * M_PER_MIN, CAP_M) * 1.02 + 400
    corners = shapely.get_coordinates(polygon)[::5]
    apart_m = haversine_m(corners[:, :1], corners[:, 1:], xy[None, :, 0], xy[None, :, 1])
    assert ((apart_m <= reach_m) & (left_min >= -0.1)).any(axis=1).all()


@settings(derandomize=True, max_examples=40, deadline=None)
@given(PLACES, PLACES, st.lists(TIMES, min_size=2, max_size=3, unique=True), CLOSURES)
def test_more_time_and_more_depots_reach_more(starts, others, minutes, closures):
    roads = little(*closures)
    few = isochrones(roads, depots(*starts), minutes)
    many = isochrones(roads, depots(*starts, *others), minutes)
    assert few.is_valid.all()
    assert many.is_valid.all()
    for smaller, larger in zip(many.geometry[:-1], many.geometry[1:], strict=True):
        assert smaller.difference(larger).is_empty
    for part, whole in zip(few.geometry, many.geometry, strict=True):
        assert part.difference(shapely.buffer(whole, CLOSE_DEG)).is_empty


def test_the_counties_in_reach_of_the_real_depots():
    registry = load_registry()
    roads = driving(registry, "fire_engine")
    found = isochrones(roads, registry.depots, (30, 60, 120))
    again = isochrones(roads, registry.depots.iloc[::-1], (120, 60, 30))
    assert found.to_wkb().equals(again.to_wkb())
    assert found.is_valid.all()
    assert found.geometry[2].covers(found.geometry[1])
    assert found.geometry[1].covers(found.geometry[0])
    counties = registry.counties
    minutes = nearest(roads, counties, registry.depots)["minutes"].to_numpy()
    near_road = snap_places(roads.road, counties).access_m <= CAP_M * DETOUR
    counts = []
    for bound, polygon in found.itertuples(index=False):
        within = shapely.intersects_xy(polygon, counties["lon"], counties["lat"])
        assert within[(minutes <= bound) & near_road].all()
        counts.append(int(within.sum()))
        # the table has few of those later, as it takes them to their nearest road
        assert (minutes[within] <= bound).mean() > 0.95
    assert 0 < counts[0] < counts[1] < counts[2]
