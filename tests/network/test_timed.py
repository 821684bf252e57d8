"""Closures that come and go, against driving every millisecond by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from closed_roads import box, find, minutes, network, spec, spots
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.network.closures import Closure, closures_of
from dispatch.network.drive import drives
from dispatch.network.driver import driver_of
from dispatch.network.engine import build_engine
from dispatch.network.road import NO_LINK
from dispatch.network.route import lengths_m, route, routes

NODES = {"a": (0.0, 0.0), "b": (0.1, 0.0), "c": (0.1, 0.1), "d": (0.0, 0.1)}
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
HORIZON = 260


@st.composite
def cases(draw):
    """Draw a network of up to six links in steps of 8 ticks, closures in ticks, some places.

    A tick is a millisecond, or a second, in which a plaza delays by one tick.
    """
    tick_ms = draw(st.sampled_from([1, 1000]))
    ends = draw(
        st.lists(st.sampled_from(["ab", "bc", "cd", "da", "ac", "bd"]), min_size=3, max_size=6)
    )
    links = {
        f"{pair}{k}": (
            pair,
            draw(st.integers(1, 3)),
            draw(st.sampled_from(["no", "no", "yes"])),
            draw(st.sampled_from(["both", "both", "forward"])),
        )
        for k, pair in enumerate(ends)
    }
    road = network(links, NODES)
    closures = [draw(closure(road, tick_ms)) for _ in range(draw(st.integers(0, 4)))]
    free = [k for k in range(len(links)) if not road.link_toll[k]] or [0]
    places = st.tuples(st.sampled_from([road.link_id[k] for k in free]), st.sampled_from(QUARTERS))
    origins = draw(st.lists(places, min_size=1, max_size=2))
    return road, tick_ms, closures, origins, draw(st.lists(places, min_size=1, max_size=2))


@st.composite
def closure(draw, road, tick_ms):
    start = draw(st.sampled_from([0, 0, 3, 8, 17, 40]))
    length = draw(st.sampled_from([1, 5, 9, 30, 100, np.inf]))
    begin, end = sorted(
        draw(st.lists(st.sampled_from(QUARTERS), min_size=2, max_size=2, unique=True))
    )
    links = draw(st.lists(st.integers(0, len(road.link_id) - 1), max_size=2, unique=True))
    junctions = draw(st.lists(st.integers(0, 3), max_size=1))
    factor = draw(st.sampled_from([0.0, 0.0, 0.5]))
    return Closure(
        name="closure",
        link=np.array(links, np.int64),
        begin=np.full(len(links), begin),
        end=np.full(len(links), end),
        node=np.flatnonzero(np.isin(road.node_junction, junctions) & (factor == 0)),
        factor=factor,
        max_mass_kg=0.0,
        from_s=start * tick_ms / 1000,
        until_s=(start + length) * tick_ms / 1000,
    )


class ByHand:
    """Every point of the network at every tick."""

    def __init__(self, road, tick_ms, closures, origin, destination):
        self.road, self.tick_ms, self.closures = road, tick_ms, closures
        self.pieces = {}
        for link in range(len(road.link_id)):
            marks = {0.0, 1.0}
            for c in closures:
                for k in np.flatnonzero(c.link == link):
                    marks |= {float(c.begin[k]), float(c.end[k])}
            points = [
                (mark, ("node", int(road.link_ends[link, int(mark)])))
                if mark in (0.0, 1.0)
                else (mark, ("link", link, mark))
                for mark in sorted(marks)
            ]
            for near, far in pairwise(points):
                self.add(link, near, far)
                for fraction, name, out in (
                    *[(origin[1], "start", True)] * (origin[0] == link),
                    *[(destination[1], "goal", False)] * (destination[0] == link),
                ):
                    if near[0] <= fraction <= far[0]:
                        here = fraction, (name,)
                        self.add(link, near, here, there=not out, back=out)
                        self.add(link, here, far, there=out, back=not out)
                if origin[0] == destination[0] == link:
                    start, goal = (origin[1], ("start",)), (destination[1], ("goal",))
                    if near[0] <= min(start[0], goal[0]) <= max(start[0], goal[0]) <= far[0]:
                        if start[0] <= goal[0]:
                            self.add(link, start, goal, back=False)
                        else:
                            self.add(link, goal, start, there=False)
        for arc in np.flatnonzero(road.arc_link == NO_LINK):
            ends = [("node", int(x[arc])) for x in (road.topology.tail, road.topology.head)]
            self.pieces.setdefault(ends[0], []).append((ends[1], None, 0.0, 0.0))

    def add(self, link, near, far, *, there=True, back=True):
        """Add a piece between two points."""
        if there:
            self.pieces.setdefault(near[1], []).append((far[1], link, near[0], far[0]))
        if back and self.road.link_both[link]:
            self.pieces.setdefault(far[1], []).append((near[1], link, far[0], near[0]))

    def factor(self, link, a, b, time):
        """Return what is left of the speed between two marks."""
        middle = (a + b) / 2
        return min(
            (
                c.factor
                for c in self.closures
                for k in np.flatnonzero(c.link == link)
                if c.begin[k] < middle < c.end[k] and self.in_force(c, time)
            ),
            default=1.0,
        )

    def barred(self, point, time):
        """Tell whether nobody may stand there."""
        closing = [c for c in self.closures if c.factor == 0 and self.in_force(c, time)]
        if point[0] == "node":
            return any(point[1] in c.node for c in closing)
        if point[0] == "link":
            return any(
                c.begin[k] < point[2] < c.end[k]
                for c in closing
                for k in np.flatnonzero(c.link == point[1])
            )
        return False

    def arrival(self):
        """Return the first tick at which the goal is reached."""
        agenda = {0: [("start",)]}
        seen = set()
        for time in range(HORIZON):
            for point in agenda.get(time, ()):
                if (point, time) in seen or self.barred(point, time):
                    continue
                seen.add((point, time))
                if point == ("goal",):
                    return time
                agenda.setdefault(time + 1, []).append(point)
                for head, link, a, b in self.pieces.get(point, ()):
                    takes = self.takes(link, a, b, time)
                    if takes == 0:
                        agenda[time].append(head)
                    elif takes:
                        agenda.setdefault(time + takes, []).append(head)
        return np.inf

    def takes(self, link, a, b, time):
        """Return how long a piece takes, None if it can't be entered."""
        if link is None:
            return self.tick_ms // 1000
        if a == b:
            return 0
        factor = self.factor(link, a, b, time)
        if factor == 0:
            return None
        takes = round(abs(b - a) * int(self.road.link_length_m[link]) / 125 / factor)
        shut = any(self.factor(link, a, b, then) == 0 for then in range(time, time + takes))
        return None if shut else takes

    def in_force(self, closure, time):
        """Tell whether a closure holds at a tick."""
        ms = time * self.tick_ms
        return round(closure.from_s * 1000) <= ms < closure.until_s * 1000 - 1e-3


@settings(derandomize=True, max_examples=150, deadline=None)
@given(cases())
def test_the_earliest_arrival_is_that_of_driving_by_hand(case):
    road, tick_ms, closures, origins, destinations = case
    driver = driver_of(
        road,
        build_engine(road.topology, backend="scipy"),
        road.link_length_m // 125 * tick_ms,
        access_kmh=30.0,
        closures=closures,
        plaza_delay_s=tick_ms // 1000,
    )
    found = drives(road, driver, spots(road, *origins), spots(road, *destinations))
    for p, origin in enumerate(origins):
        for q, destination in enumerate(destinations):
            start, goal = ((road.link_id.index(key), at) for key, at in (origin, destination))
            expected = ByHand(road, tick_ms, closures, start, goal).arrival() * tick_ms
            if np.isinf(expected):
                assert np.isinf(found.time_s[p, q])
                continue
            way = route(found, p, q)
            if found.timed is not None:
                assert found.timed.arrive_ms[p, q] == expected
            if tick_ms == 1 and way.passages:  # with no plaza after the last link
                assert way.passages[-1].leave_ms == expected
            assert found.time_s[p, q] == np.ceil(expected / 1000)
            length_m = lengths_m(found, np.array([p]), np.array([q]))[0][0]
            assert way.length_m == length_m


A, D = ("ab", 0.0), ("cd", 1.0)


@pytest.fixture(scope="module")
def road():
    return network()


def story(road, found):
    """Return each stage: minute of its start and end, links."""
    return [
        (way.start_s / 60, way.end_s / 60, [road.link_id[k] for k in way.links])
        for way in routes(found, 0, 0)
    ]


def test_a_road_that_closes_after_the_vehicle_has_passed_is_used(road):
    """On m from minute 1 to 2."""
    assert story(road, find(road, A, D, spec(link="m", from_min=2))) == [(0, 3, ["ab", "m", "cd"])]


def test_a_road_that_closes_while_the_vehicle_is_on_it_is_not_used(road):
    late = spec(link="m", from_min=1.99)
    assert story(road, find(road, A, D, late)) == [(0, 4, ["ab", "bc", "cd"])]


def test_a_road_that_opens_before_the_vehicle_comes_is_used(road):
    assert story(road, find(road, A, D, spec(link="m", until_min=1))) == [(0, 3, ["ab", "m", "cd"])]


def test_the_hour_of_passing_decides_not_that_of_leaving(road):
    """Closed from minute 10 to 20; who leaves at 9.5 would be there at 10.5."""
    shut = spec(link="m", from_min=10, until_min=20)
    for ready_min, expected in ((8, 3), (9.5, 4), (18, 4), (18.5, 3.5), (19, 3), (25, 3)):
        assert minutes(road, A, D, shut, ready_s=ready_min * 60) == expected


def test_it_waits_where_the_wait_is_shorter_than_the_way_round(road):
    """One minute more by bc, half a minute by waiting."""
    found = find(road, A, D, spec(link="m", until_min=1.5))
    assert story(road, found) == [(0, 1, ["ab"]), (1.5, 3.5, ["m", "cd"])]


def test_it_goes_round_where_that_is_shorter_than_the_wait(road):
    found = find(road, A, D, spec(link="m", until_min=2.5))
    assert story(road, found) == [(0, 4, ["ab", "bc", "cd"])]


def test_it_waits_for_ever_nowhere(road):
    shut = [spec("1", link="cd", from_min=1), spec("2", link="m", until_min=9)]
    assert np.isinf(minutes(road, A, D, *shut))


def test_it_waits_before_the_block_not_at_the_junction(road):
    """A quarter of m lies in the water until minute 10."""
    flood = spec(polygon=box(0.015, -0.002, 0.02, 0.002), until_min=10)
    bank = spec("bank", link="bs")
    found = find(road, A, D, flood, bank)
    assert story(road, found) == [(0, 1.25, ["ab", "m"]), (10, 11.75, ["m", "cd"])]


def test_it_slows_down_or_waits_for_the_slow_stretch_to_clear(road):
    """At a tenth of the speed m takes ten minutes; bc is closed."""
    slow = {"link": "m", "effect": "slowed", "factor": 0.1}
    rest = [spec("2", link="bc"), spec("3", link="st")]
    assert minutes(road, A, D, spec(**slow, until_min=30), *rest) == 12
    assert minutes(road, A, D, spec(**slow, until_min=5), *rest) == 7
    assert minutes(road, A, D, spec(**slow, from_min=1.01), *rest) == 3


def test_nobody_is_caught_in_a_closed_area(road):
    """The ground around c floods at minute 2.2: m could be left before, but not cd.

    Waiting at c would be quickest, were it allowed: the water is gone at 8.
    """
    flood = spec(polygon=box(0.025, -0.01, 0.035, 0.01), from_min=2.2, until_min=8)
    found = find(road, A, D, flood)
    assert story(road, found) == [(0, 1.75, ["ab", "m"]), (8, 9.25, ["m", "cd"])]


def test_each_pair_has_its_own_time_of_leaving(road):
    """One origin, two destinations at one spot, another hour for each."""
    driver = driver_of(
        road,
        build_engine(road.topology),
        road.link_length_m * 60,
        access_kmh=30.0,
        closures=[shut(road)],
    )
    places = spots(road, A), spots(road, D, D)
    found = drives(road, driver, *places, np.array([[60.0, 600.0]]))
    assert found.time_s.tolist() == [[180.0, 240.0]]
    never = drives(road, driver, *places, np.array([[np.inf, 600.0]]))
    assert never.time_s.tolist() == [[180.0, 240.0]]
    length_m, toll_m = lengths_m(found, np.array([0, 0]), np.array([0, 1]))
    assert (length_m.tolist(), toll_m.tolist()) == ([3000, 4000], [1000, 0])


def shut(road):
    (closure,) = closures_of(road, [spec(link="m", from_min=10, until_min=20)])
    return closure


def test_lengths_of_the_stages_add_up(road):
    flood = spec(polygon=box(0.0151, -0.002, 0.0203, 0.002), until_min=10)
    found = find(road, ("ab", 0.3), ("cd", 0.7), flood, spec("2", link="bs"))
    stages, whole = routes(found, 0, 0), route(found, 0, 0)
    assert len(stages) == 2
    assert sum(stage.length_m for stage in stages) == whole.length_m
    assert sum(stage.toll_m for stage in stages) == whole.toll_m
    assert stages[0].line[-1] == pytest.approx(stages[1].line[0], abs=2e-5)


def test_an_exempt_vehicle_and_a_paying_one_each_wait_for_the_plaza_to_open(road):
    """Junction b opens at minute 5; a plaza costs a quarter of a minute each time."""
    gate = spec(junction="b", until_min=5)
    assert minutes(road, A, D, gate) == 7
    assert minutes(road, A, D, gate, plaza_s=15) == 7.5
