"""Routes as lines: each by itself, and laid over each other."""

from dispatch.render.background import pack
from dispatch.render.tracks import flows, pack_route, weighed


def test_a_route_keeps_its_bends_and_loses_what_nobody_sees():
    straight = [(110 + i / 100, 35.0) for i in range(11)]
    assert len(pack_route(straight)) == 4
    assert len(pack_route([(110, 35), (110.1, 35.1), (110.2, 35)])) == 6
    assert pack_route([(110, 35)]) == [1_100_000, 350_000]


def test_roads_shared_are_counted_whichever_way_they_are_driven():
    """Two routes to d, one from d to c; b-d is taken by two, c-d by one.

    ::

        a --- b --- d       route 1: a b d
              |     |       route 2: b d
              e     c       route 3: d c, and c d on the way back
    """
    a, b, c, d = (110.0, 36.0), (110.5, 36.0), (111.0, 35.5), (111.0, 36.0)
    drawn = flows([[a, b, d], [d, b], [d, c, d]])
    assert [number for number, _ in drawn] == [1, 2]
    once, twice = (sorted(lines) for _, lines in drawn)
    assert once == [[1_100_000, 360_000, 5000, 0], [1_110_000, 355_000, 0, 5000]]
    assert twice == [[1_105_000, 360_000, 5000, 0]]


def test_steps_are_chained_into_long_lines():
    bent = [(110 + i / 100, 35 + (i % 2) / 100) for i in range(50)]
    ((number, lines),) = flows([bent, bent[::-1]])
    assert number == 2
    assert len(lines) == 1
    assert len(lines[0]) == 100


def test_nothing_moves_nothing_is_drawn():
    assert flows([]) == []
    assert flows([[], [(110.0, 35.0)], [(110.0, 35.0), (110.0, 35.0)]]) == []


def test_loads_that_share_a_road_are_added_up():
    """Two loads of 3 t and 1.2 t from west and north meet, and go on together to the east."""
    west, north, meet, east = (111.0, 36.0), (111.5, 36.5), (111.5, 36.0), (112.0, 36.0)
    found = weighed([([west, meet, east], 3.0), ([north, meet, east], 1.2)])
    assert [tonnes for tonnes, _lines in found] == [1.2, 3.0, 4.2]
    assert [len(lines) for _tonnes, lines in found] == [1, 1, 1]
    assert found[2][1] == [pack([meet, east])]
    assert weighed([]) == []
