r"""Driving on a little map.

One degree of longitude is taken for 10 km; lengths stand beside the links::

                 m1 (20 km, tolled, 120 km/h)
             b ============================ c
             |                              |
    a -------b------------- e ------------- c------- d
      10 km        10 km          20 km        10 km        60 km/h

    f ---> g    one way, 10 km, on its own
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from dispatch.network.closures import closures_of
from dispatch.network.drive import STAYS, drives
from dispatch.network.driver import Driver, barred_links, driver_of
from dispatch.network.engine import build_engine
from dispatch.network.road import NO_LINK, arc_times_ms, build_road_network, link_times_ms
from dispatch.network.route import lengths_m, route
from dispatch.network.snap import DETOUR, snap
from dispatch.scenario import ClosureSpec

SPEEDS = {"motorway": 120.0, "primary": 60.0}
AT = {"a": 0.0, "b": 1.0, "e": 2.0, "c": 4.0, "d": 5.0, "f": 10.0, "g": 11.0}
PLAZA_S = 60


def junctions() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": ["甲", "乙", "丙", "丁", "", "", ""],
            "name_en": ["A", "", "", "", "", "", ""],
            "near": ["", "", "", "", "戊附近", "", ""],
            "near_en": ["", "by B", "", "", "", "", ""],
            "lon": [AT[k] for k in "abcdefg"],
            "lat": 0.0,
        },
        index=pd.Index(list("abcdefg"), name="junction_id"),
    )


def links() -> gpd.GeoDataFrame:
    rows = [
        ("ab", "a", "b", "both", "G108", "primary", 10_000, "no"),
        ("be", "b", "e", "both", "G108", "primary", 10_000, "no"),
        ("ec", "e", "c", "both", "", "primary", 20_000, "no"),
        ("cd", "c", "d", "both", "G108", "primary", 10_000, "no"),
        ("m1", "b", "c", "both", "G5", "motorway", 20_000, "yes"),
        ("one", "f", "g", "forward", "", "primary", 10_000, "no"),
    ]
    frame = pd.DataFrame(
        rows,
        columns=[
            "link_id", "from_junction", "to_junction", "direction", "ref", "road_class",
            "length_m", "toll",
        ],
    ).set_index("link_id")  # fmt: skip
    frame["status"] = "existing"
    lines = [
        LineString([(AT[u], 0), (AT[v], 0)])
        for u, v in zip(frame["from_junction"], frame["to_junction"], strict=True)
    ]
    return gpd.GeoDataFrame(frame, geometry=lines, crs="EPSG:4326")


@pytest.fixture
def road():
    return build_road_network(junctions(), links())


def driver(road, plaza_s=0):
    link_ms = link_times_ms(road, SPEEDS)
    engine = build_engine(road.topology, backend="scipy")
    return Driver(engine.customise(arc_times_ms(road, link_ms, plaza_s)), link_ms, 30.0)


def places(road, *lons, lat=0.0):
    return snap(road, np.array(lons), np.full(len(lons), lat))


def test_tolled_links_have_their_own_layer(road):
    # seven free nodes, and b and c once more above
    assert road.topology.n_nodes == 9
    assert (road.arc_link == NO_LINK).sum() == 4
    assert road.junction_name[4] == "戊附近"
    assert road.junction_name[5] == "f"
    assert road.junction_name_en == ("A", "by B", "丙", "丁", "戊附近", "f", "g")


def test_an_exempt_vehicle_takes_the_motorway_at_no_delay(road):
    found = drives(road, driver(road), places(road, 0.0), places(road, 5.0))
    assert found.time_s.tolist() == [[1800]]  # 10 + 10 + 10 min
    assert lengths_m(found, np.array([0]), np.array([0])) == (40_000, 20_000)
    way = route(found, 0, 0)
    assert way.roads == ("G108", "G5", "G108")
    assert [road.link_id[k] for k in way.links] == ["ab", "m1", "cd"]
    assert way.line[0] == (0.0, 0.0)
    assert way.line[-1] == (5.0, 0.0)


def test_a_paying_vehicle_waits_at_two_plazas(road):
    found = drives(road, driver(road, PLAZA_S), places(road, 0.0), places(road, 5.0))
    assert found.time_s.tolist() == [[1800 + 2 * PLAZA_S]]


def test_a_long_wait_sends_it_to_the_free_road(road):
    found = drives(road, driver(road, 20 * 60), places(road, 0.0), places(road, 5.0))
    assert found.time_s.tolist() == [[50 * 60]]
    assert route(found, 0, 0).toll_m == 0


def test_places_within_a_link(road):
    # from 2.5 km after a to 7.5 km after c, by the motorway: 7.5 + 20 + 7.5 km
    found = drives(road, driver(road), places(road, 0.25), places(road, 4.75))
    assert found.time_s.tolist() == [[450 + 600 + 450]]
    assert route(found, 0, 0).length_m == 35_000


def test_places_on_the_same_link_go_straight(road):
    found = drives(road, driver(road), places(road, 0.25, 0.75), places(road, 0.75, 0.25))
    assert found.time_s.tolist() == [[300, 0], [0, 300]]
    assert (found.leave == STAYS).all()
    assert route(found, 0, 0).length_m == 5000
    assert route(found, 0, 1).line == ((0.25, 0.0),)


def test_a_one_way_link_is_not_driven_backwards(road):
    found = drives(road, driver(road), places(road, 10.25, 10.75), places(road, 10.25, 10.75))
    assert found.time_s[0, 1] == 300
    assert np.isinf(found.time_s[1, 0])


def test_what_cannot_be_reached_is_infinite(road):
    found = drives(road, driver(road), places(road, 0.0), places(road, 10.5))
    assert np.isinf(found.time_s).all()
    with pytest.raises(ValueError, match="no way"):
        route(replace(found, leave=found.leave * 0, enter=found.enter * 0), 0, 0)


def test_the_way_up_to_the_road_counts(road):
    # a hundredth of a degree is 1,112 m on the sphere
    found = drives(road, driver(road), places(road, 0.0, lat=0.01), places(road, 0.0))
    access_m = round(1111.95 * DETOUR)
    assert found.origins.access_m.tolist() == [access_m]
    assert found.time_s[0, 0] == np.ceil(access_m * 3.6 / 30)
    assert route(found, 0, 0).length_m == access_m


def test_no_place_joins_a_motorway_in_its_middle(road):
    assert road.link_id[places(road, 3.0).link[0]] == "ec"


# --- links too weak or too low ------------------------------------------------------------------


def limited(**columns):
    """Return the road with limits of links: ``max_mass_kg={"m1": 10_000}``."""
    frame = links()
    for column, limits in columns.items():
        frame[column] = pd.Series(limits, dtype=float).reindex(frame.index)
    return build_road_network(junctions(), frame)


def limited_drives(road, start, stop, *, backend="scipy", closures=(), **vehicle):
    one = driver_of(
        road,
        build_engine(road.topology, backend=backend),
        link_times_ms(road, SPEEDS),
        access_kmh=30.0,
        closures=closures_of(road, closures),
        **vehicle,
    )
    return drives(road, one, places(road, start), places(road, stop))


def links_of(road, found):
    return [road.link_id[k] for k in route(found, 0, 0).links]


def test_limits_are_inf_where_the_table_has_none(road):
    for limit in (road.link_max_mass_kg, road.link_max_height_m):
        assert limit.tolist() == [np.inf] * 6
    bridge = limited(max_mass_kg={"m1": 10_000}, max_height_m={"be": 3.5})
    assert dict(zip(bridge.link_id, bridge.link_max_mass_kg.tolist(), strict=True)) == {
        "ab": np.inf, "be": np.inf, "cd": np.inf, "ec": np.inf, "m1": 10_000, "one": np.inf,
    }  # fmt: skip
    assert bridge.link_max_height_m.tolist().count(3.5) == 1


@pytest.mark.parametrize("backend", ["scipy", "auto"])
@pytest.mark.parametrize(
    ("mass_kg", "minutes"), [(2_500, 30), (10_000, 30), (10_001, 50), (np.inf, 50)]
)
def test_a_vehicle_too_heavy_for_the_bridge_goes_round(backend, mass_kg, minutes):
    road = limited(max_mass_kg={"m1": 10_000})
    found = limited_drives(road, 0.0, 5.0, backend=backend, mass_kg=mass_kg)
    assert found.time_s.tolist() == [[minutes * 60]]
    assert ("m1" in links_of(road, found)) == (minutes == 30)


@pytest.mark.parametrize(("height_m", "minutes"), [(0.0, 30), (3.5, 30), (3.51, 50)])
def test_a_vehicle_too_tall_for_the_tunnel_goes_round(height_m, minutes):
    road = limited(max_height_m={"m1": 3.5})
    assert limited_drives(road, 0.0, 5.0, height_m=height_m).time_s.tolist() == [[minutes * 60]]


def test_without_a_mass_a_vehicle_is_the_heaviest_and_without_a_height_the_lowest():
    road = limited(max_mass_kg={"m1": 99_000}, max_height_m={"ec": 0.1})
    assert barred_links(road, np.inf, 0.0).tolist() == [road.link_id.index("m1")]
    assert limited_drives(road, 0.0, 5.0).time_s.tolist() == [[50 * 60]]


def test_a_place_on_a_link_too_weak_is_neither_left_nor_reached():
    road = limited(max_mass_kg={"ec": 10_000})
    for start, stop in ((3.0, 5.0), (5.0, 3.0), (3.0, 3.5), (3.95, 5.0), (5.0, 3.95)):
        assert np.isinf(limited_drives(road, start, stop, mass_kg=18_000).time_s).all()
        assert np.isfinite(limited_drives(road, start, stop, mass_kg=2_600).time_s).all()


def test_a_link_too_weak_stays_shut_though_a_closure_of_it_ends():
    road = limited(max_mass_kg={"m1": 10_000})
    flood = ClosureSpec(name="flood", link="m1", until_min=5)
    assert limited_drives(road, 0.0, 5.0, mass_kg=18_000, closures=[flood]).time_s == 50 * 60
    assert limited_drives(road, 0.0, 5.0, mass_kg=2_600, closures=[flood]).time_s == 30 * 60
    long = ClosureSpec(name="flood", link="be", until_min=15)
    assert limited_drives(road, 0.0, 5.0, mass_kg=18_000, closures=[long]).time_s == 55 * 60


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.floats(0, 5), st.floats(0, 5), st.sampled_from([0, 60, 1200]))
def test_a_route_adds_up_to_its_time(start, end, plaza_s):
    road = build_road_network(junctions(), links())
    found = drives(road, driver(road, plaza_s), places(road, start), places(road, end))
    way = route(found, 0, 0)
    plazas = 2 * plaza_s if way.toll_m else 0
    seconds = way.toll_m * 3.6 / 120 + (way.length_m - way.toll_m) * 3.6 / 60 + plazas
    assert found.time_s[0, 0] == pytest.approx(seconds, abs=1.5)


@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 5), min_size=3, max_size=3))
def test_times_obey_the_triangle_inequality(lons):
    road = build_road_network(junctions(), links())
    here = places(road, *lons)
    time_s = drives(road, driver(road), here, here).time_s
    assert time_s[0, 2] <= time_s[0, 1] + time_s[1, 2] + 1
    assert np.allclose(time_s, time_s.T, atol=1)
