"""What a closure touches, and what it leaves alone; the network is drawn in closed_roads.py."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from closed_roads import AT, box, find, minutes, network, spec, spots
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.network.closures import closures_of, stretches_inside
from dispatch.network.route import route, routes

A, D = ("ab", 0.0), ("cd", 1.0)


@pytest.fixture(scope="module")
def road():
    return network()


def links(road, found):
    return [road.link_id[k] for k in route(found, 0, 0).links]


def test_without_closures_the_motorway_is_fastest(road):
    assert links(road, find(road, A, D)) == ["ab", "m", "cd"]
    assert minutes(road, A, D) == 3


def test_speed_0_closes_a_road(road):
    slow = spec(link="m", effect="slowed", factor=0)
    assert links(road, find(road, A, D, slow)) == ["ab", "bc", "cd"]
    assert minutes(road, A, D, slow) == minutes(road, A, D, spec(link="m")) == 4


def test_speed_0_closes_a_road_for_a_time(road):
    slow = spec(link="m", effect="slowed", factor=0, until_min=30)
    assert minutes(road, A, D, slow) == 4


def test_a_road_inside_a_polygon_is_closed_as_one_that_crosses_its_border_is(road):
    inside = spec(polygon=box(0.005, -0.01, 0.035, 0.01))  # m and bc never meet its border
    assert links(road, find(road, ("bs", 0.9), ("tc", 0.1), inside)) == ["bs", "st", "tc"]
    assert np.isinf(minutes(road, A, D, inside))
    (closure,) = closures_of(road, [inside])
    whole = {
        road.link_id[link]
        for link, begin, end in zip(closure.link, closure.begin, closure.end, strict=True)
        if (begin, end) == (0, 1)
    }
    assert whole == {"m", "bc"}


def test_a_small_block_leaves_the_road_110_m_away_open(road):
    on_m = spec(polygon=box(0.0199, -0.0002, 0.0201, 0.0002))
    on_bc = spec(polygon=box(0.0199, -0.0012, 0.0201, -0.0008))
    assert links(road, find(road, A, D, on_m)) == ["ab", "bc", "cd"]
    assert links(road, find(road, A, D, on_bc)) == ["ab", "m", "cd"]
    (closure,) = closures_of(road, [on_m])
    assert [road.link_id[k] for k in closure.link] == ["m"]


def test_a_wrong_name_is_not_silently_nothing(road):
    with pytest.raises(ValueError, match="nowhere"):
        closures_of(road, [spec(link="nowhere")])
    with pytest.raises(ValueError, match="nowhere"):
        closures_of(road, [spec(junction="nowhere")])


def test_closing_a_link_never_touches_its_neighbours(road):
    for key in road.link_id:
        (closure,) = closures_of(road, [spec(link=key)])
        assert [road.link_id[k] for k in closure.link] == [key]
        assert closure.node.size == 0


def test_closures_of_rail_and_air_are_left_to_others(road):
    assert closures_of(road, [spec(station="x"), spec(line="y"), spec(airfield="z")]) == ()


def test_a_closed_junction_stops_what_passes_through_on_both_layers(road):
    shut = spec(junction="b")
    assert np.isinf(minutes(road, A, D, shut))
    # cd to tc by c, and up to b on every link that touches it
    assert minutes(road, D, ("bc", 0.1), shut) == pytest.approx(2.8, abs=0.02)
    assert minutes(road, ("ab", 0.9), A, shut) == pytest.approx(0.9, abs=0.02)
    assert minutes(road, D, ("bs", 0.1), shut) == pytest.approx(1 + 2 + 2 + 1.8, abs=0.02)


def test_a_closed_junction_keeps_tolled_and_free_apart(road):
    """The motorway m is left at c only by its plaza, which is shut too."""
    (closure,) = closures_of(road, [spec(junction="c")])
    assert len(closure.node) == 2
    assert links(road, find(road, A, ("tc", 0.5), spec(junction="c"))) == ["ab", "bs", "st", "tc"]


def test_a_place_beyond_the_block_leaves_by_the_free_end(road):
    """A quarter of the link st is under water; places on either side go round by their own end."""
    shut = spec(polygon=box(0.015, 0.019, 0.02, 0.021))
    west, east = ("st", 0.1), ("st", 0.9)
    assert links(road, find(road, west, east, shut)) == ["st", "bs", "m", "tc", "st"]
    assert minutes(road, west, east, shut) == pytest.approx(0.2 + 2 + 1 + 2 + 0.2, abs=0.02)
    for inside in (("st", 0.3), ("st", 0.45)):
        assert np.isinf(minutes(road, inside, D, shut))
        assert np.isinf(minutes(road, D, inside, shut))
    assert minutes(road, west, ("st", 0.2), shut) == pytest.approx(0.2, abs=0.02)


def test_a_slowed_stretch_takes_longer_in_proportion(road):
    """Half of ab at a quarter of its speed: half a minute and two."""
    slow = spec(polygon=box(0.005, -0.1, 0.01, 0.1), effect="slowed", factor=0.25)
    assert minutes(road, A, ("ab", 1.0), slow) == 2.5
    assert minutes(road, A, ("ab", 0.75), slow) == 1.5
    assert minutes(road, ("ab", 0.75), A, slow) == 1.5
    passages = route(find(road, A, ("cd", 0.5), slow), 0, 0).passages
    assert [(p.begin, p.end, p.leave_ms - p.enter_ms) for p in passages[:2]] == [
        (0.0, 0.5, 30_000),
        (0.5, 1.0, 120_000),
    ]


def test_a_slowed_polygon_can_still_be_passed_through(road):
    slow = spec(polygon=box(-1, -1, 1, 1), effect="slowed", factor=0.5)
    assert minutes(road, A, D, slow) == 6


def test_the_slowest_of_two_closures_holds(road):
    slow = [spec(str(f), link="ab", effect="slowed", factor=f) for f in (0.5, 0.25)]
    assert minutes(road, A, ("ab", 1.0), *slow) == 4


def test_a_bridge_lets_the_car_through_and_stops_the_truck(road):
    bridge = spec(link="m", effect="limited", max_mass_kg=10_000)
    assert minutes(road, A, D, bridge, mass_kg=2_500) == 3
    assert minutes(road, A, D, bridge, mass_kg=10_000) == 3
    assert minutes(road, A, D, bridge, mass_kg=10_001) == 4


def test_a_paying_vehicle_still_waits_at_its_plazas(road):
    far = spec(link="st")
    assert minutes(road, A, D, far, plaza_s=15) == 3.5
    assert minutes(road, A, D, spec(link="st", until_min=5), plaza_s=15) == 3.5


@pytest.mark.parametrize("backend", ["scipy", "auto"])
def test_every_backend_keeps_off_closed_roads(road, backend):
    shut = [spec("1", link="m"), spec("2", junction="s", until_min=60)]
    assert minutes(road, A, D, *shut, backend=backend) == 4
    assert minutes(road, A, ("st", 0.5), *shut, backend=backend) == pytest.approx(6, abs=0.02)


def test_a_polygon_that_touches_no_road_changes_nothing(road):
    (closure,) = closures_of(road, [spec(polygon=box(111, 36, 112, 37))])
    assert closure.link.size == closure.node.size == 0


def test_a_line_that_touches_the_border_in_a_point_is_not_inside(road):
    corner = shapely.Polygon([(0.005, 0.0), (0.004, 0.01), (0.006, 0.01)])
    assert stretches_inside(road, corner)[0].size == 0


def test_a_winding_road_may_be_closed_in_several_places():
    zigzag = network({"bc": ("bc", 2, "no", "both")}, {"b": AT["b"], "c": AT["c"]})
    link, begin, end = stretches_inside(zigzag, shapely.box(0.0, -0.0005, 1.0, 1.0))
    assert link.tolist() == [0, 0]
    # the line goes 0.001 south, 0.02 east, 0.001 north: half of each leg is inside
    assert begin == pytest.approx([0, 1 - 0.0005 / 0.022], rel=1e-3)
    assert end == pytest.approx([0.0005 / 0.022, 1], rel=1e-3)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-0.01, 0.05), st.floats(-0.01, 0.03)), min_size=3, max_size=6))
def test_a_point_of_a_road_is_closed_exactly_if_it_lies_in_the_polygon(ring):
    polygon = shapely.Polygon(ring).convex_hull
    road = network()
    if polygon.area < 1e-8:
        return
    link, begin, end = stretches_inside(road, polygon)
    for row, line in enumerate(road.link_line):
        for fraction in np.linspace(0.005, 0.995, 23):
            # the network lies so near the equator that degrees are alike
            point = line.interpolate(fraction, normalized=True)
            if polygon.exterior.distance(point) < 1e-6:
                continue
            closed = ((link == row) & (begin < fraction) & (fraction < end)).any()
            assert closed == polygon.contains(point)


def test_a_route_is_drawn_where_it_is_driven(road):
    way = routes(find(road, ("bc", 0.5), ("bc", 0.75)), 0, 0)
    (stage,) = way
    along = shapely.LineString(stage.line)
    assert stage.line[0] == pytest.approx((0.02, -0.001), abs=2e-5)
    assert along.length == pytest.approx(0.0055, rel=0.01)
    assert (stage.start_s, stage.end_s) == (0, 30)


def test_places_in_one_polygon_wait_at_home(road):
    """Nobody leaves the flooded ground before minute 10; who waits at home waits there."""
    shut = spec(polygon=box(-0.001, -0.01, 0.0051, 0.01), until_min=10)
    found = find(road, ("ab", 0.25), D, shut)
    (stage,) = routes(found, 0, 0)
    assert (stage.start_s, stage.end_s) == (600, 600 + 165)
    assert spots(road, A).access_m.tolist() == [0]
