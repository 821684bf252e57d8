r"""Buses at both ends of a journey, and drives by day and by night.

A star of roads, km beside them, a minute each by day and two by night::

      0         1
       \       /
      10\     /20
         \   /
          hub ----- z      hub and z are 10 km apart
         /   \
      30/     \40
       /       \
      2         3
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from dispatch.network.closures import closures_of
from dispatch.network.driver import driver_of
from dispatch.network.engine import build_engine
from dispatch.network.paced import Drivers, paced_drives
from dispatch.network.road import build_road_network, link_times_ms
from dispatch.network.shuttle import (
    LOAD_S,
    LOCAL_S,
    TRIED,
    Parties,
    Shuttle,
    last_drive,
    onward,
    to_stops,
)
from dispatch.network.snap import Snaps, snap
from dispatch.scenario import ClosureSpec

INF = np.inf
HUB, GOAL = (112.5, 37.5), (112.5, 38.0)
ENDS = [(112.0, 38.0), (113.0, 38.0), (112.0, 37.0), (113.0, 37.0)]
DAWN_S, DUSK_S = 20_000, 60_000


def _road() -> Any:
    at = {"hub": HUB, "z": GOAL} | {str(k): place for k, place in enumerate(ENDS)}
    lon, lat = zip(*at.values(), strict=True)
    junctions = pd.DataFrame(
        dict(name=list(at), name_en="", near="", near_en="", lon=lon, lat=lat),
        index=pd.Index(at, name="junction_id"),
    )
    km = {"z": 10} | {str(k): 10 * (k + 1) for k in range(len(ENDS))}
    links = gpd.GeoDataFrame(
        dict(
            from_junction="hub", to_junction=list(km), direction="both", ref="",
            road_class="primary", length_m=[1000 * far for far in km.values()], toll="no",
            status="existing", geometry=[LineString([HUB, at[end]]) for end in km],
        ),
        index=pd.Index(list(km), name="link_id"), crs="EPSG:4326",
    )  # fmt: skip
    return build_road_network(junctions, links)


ROAD = _road()
ENGINE = build_engine(ROAD.topology)


def places(*at: tuple[float, float]) -> Snaps:
    lon, lat = np.array(at).T
    return snap(ROAD, lon, lat)


STOPS, GOALS = places(*ENDS), places(GOAL, HUB)


def dark(at_s: Any) -> Any:
    return (at_s < DAWN_S) | (at_s > DUSK_S)


def drivers(*specs: ClosureSpec) -> Drivers:
    shut = closures_of(ROAD, specs)
    day, night = (
        driver_of(
            ROAD, ENGINE, link_times_ms(ROAD, dict(primary=kmh)), access_kmh=30, closures=shut
        )
        for kmh in (60.0, 30.0)
    )
    return Drivers(day, night, dark)


def shuttle(*specs: ClosureSpec) -> Shuttle:
    lasting = [spec for spec in specs if spec.until_min is None and spec.from_min == 0]
    return Shuttle(ROAD, drivers(*specs), drivers(*lasting), GOALS)


def closed(link: str, **when: Any) -> ClosureSpec:
    return ClosureSpec(name=link, link=link, **when)


# --- day and night ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ready_s", "minutes", "by_night"),
    [(0, 40, True), (DAWN_S - 1, 40, True), (DAWN_S, 20, False), (DUSK_S, 20, False),
     (DUSK_S + 1, 40, True), (INF, 40, True)],
)  # fmt: skip
def test_the_moment_of_leaving_decides_on_the_pace(
    ready_s: float, minutes: int, by_night: bool
) -> None:
    """From 0 to z there are 20 km; who leaves just before dusk drives by day throughout."""
    found = paced_drives(ROAD, drivers(), STOPS, GOALS, ready_s)
    assert found.time_s[0, 0] == minutes * 60
    assert (found.by_night == by_night).all()
    assert found.at(0, 0) is (found.night if by_night else found.day)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 90_000), min_size=8, max_size=8), st.booleans())
def test_each_drive_is_as_if_it_were_the_only_one(ready: list[int], shut: bool) -> None:
    who = drivers(*[closed("z", from_min=300, until_min=700)] * shut)
    ready_s = np.reshape(ready, (4, 2)).astype(float)
    found = paced_drives(ROAD, who, STOPS, GOALS, ready_s)
    for p, q in np.ndindex(ready_s.shape):
        alone = paced_drives(ROAD, who, STOPS, GOALS, float(ready_s[p, q]))
        assert found.time_s[p, q] == alone.time_s[p, q] == found.at(p, q).time_s[p, q]
        assert found.by_night[p, q] == dark(ready_s[p, q])


# --- to the stops -------------------------------------------------------------------------------


def test_the_bus_leaves_loaded_and_at_the_pace_of_that_moment() -> None:
    """One is ready in the night and loads till dawn, the other is there already."""
    mobilised_s = np.array([DAWN_S - LOAD_S, DAWN_S - LOAD_S - 1, DAWN_S], float)
    parties = Parties(
        base=places(HUB, HUB, ENDS[0]),
        mobilised_s=mobilised_s,
        personnel=np.array([1, 1, 1]),
        kit_kg=np.zeros(3),
    )
    assert (parties.leave_s == mobilised_s + LOAD_S).all()
    found = to_stops(shuttle(), parties, STOPS)
    minutes = [[10, 20, 30, 40], [20, 40, 60, 80], [0, 30, 40, 50]]
    np.testing.assert_array_equal(found.time_s, np.multiply(minutes, 60))


def test_the_bus_waits_for_roads_to_open() -> None:
    parties = Parties(places(HUB), np.array([DAWN_S]), np.array([1]), np.zeros(1))
    leave_s = DAWN_S + LOAD_S
    late = closed("1", until_min=(leave_s + 300) / 60)
    found = to_stops(shuttle(late, closed("2")), parties, STOPS)
    assert found.time_s.tolist() == [[600, 300 + 1200, INF, 2400]]


# --- from the stops -----------------------------------------------------------------------------

DAY_S = float(DAWN_S + 10_000)
"""When everybody steps out, if not later: by daylight, like all that follows."""


def there_s(*minutes: float) -> Any:
    return DAY_S + np.array([minutes]) * 60


def test_the_stop_from_which_one_is_there_first() -> None:
    """20, 30, 40 and 50 min from z, 10 less from the hub."""
    found = onward(shuttle(), STOPS, there_s(0, 0, 0, 0))
    assert found.stop.tolist() == [[0, 0]]
    assert found.arrive_s.tolist() == [[DAY_S + LOCAL_S + 1200, DAY_S + LOCAL_S + 600]]
    found = onward(shuttle(), STOPS, there_s(21, INF, INF, -10))
    assert found.stop.tolist() == [[3, 3]]
    nowhere = onward(shuttle(), STOPS, there_s(INF, INF, INF, INF))
    assert np.isinf(nowhere.arrive_s).all()


def test_by_night_the_longer_drive_is_dearer() -> None:
    """One steps out at stop 3 by day, or at stop 0 by night: 50 min against 40."""
    at = np.array([[DUSK_S - 1200 + 1, INF, INF, DUSK_S - 1200 - 60]])
    found = onward(shuttle(), STOPS, at)
    assert found.stop[0, 0] == 0
    assert found.arrive_s[0, 0] == at[0, 0] + LOCAL_S + 2400
    at[0, 3] -= 600
    assert onward(shuttle(), STOPS, at).stop[0, 0] == 3


@pytest.mark.parametrize(
    ("shut", "stop", "minutes"), [("0", 1, 30), ("01", 2, 40), ("0123", 0, 120 + 20)]
)
def test_stops_whose_roads_are_closed_for_now_are_passed_over(
    shut: str, stop: int, minutes: int
) -> None:
    """Two hours after everybody has boarded the buses the roads open."""
    until_min = (DAY_S + LOCAL_S) / 60 + 120
    found = onward(
        shuttle(*(closed(link, until_min=until_min) for link in shut)), STOPS, there_s(0, 0, 0, 0)
    )
    assert found.stop[0, 0] == stop
    assert found.arrive_s[0, 0] == DAY_S + LOCAL_S + minutes * 60


def test_no_more_stops_are_tried_than_said() -> None:
    """The first three are closed for two hours; nobody looks at the fourth, 50 min away."""
    until_min = (DAY_S + LOCAL_S) / 60 + 120
    specs = [closed(str(k), until_min=until_min) for k in range(TRIED)]
    found = onward(shuttle(*specs), STOPS, there_s(0, 0, 0, 0))
    assert found.stop[0, 0] == 0
    assert found.arrive_s[0, 0] == DAY_S + LOCAL_S + (120 + 20) * 60


def test_what_is_closed_for_good_is_not_tried() -> None:
    """Of four, three are closed for good; the fourth was closed, too, but for a minute."""
    specs = [closed(str(k)) for k in range(3)]
    for timed in ([], [closed("3", until_min=1)]):
        found = onward(shuttle(*specs, *timed), STOPS, there_s(0, 0, 0, 0))
        assert (found.stop[0, 0], found.arrive_s[0, 0]) == (3, DAY_S + LOCAL_S + 3000)


closures = st.builds(
    lambda link, start, long: closed(
        link, from_min=start, until_min=None if long is None else start + long
    ),
    st.sampled_from(["z", "0", "1", "2"]),
    st.one_of(st.just(0), st.integers(300, 1200)),
    st.one_of(st.none(), st.integers(1, 300)),
)
arrivals = st.one_of(st.just(INF), st.integers(300, 1200).map(lambda minute: minute * 60.0))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.lists(closures, max_size=3), st.lists(arrivals, min_size=8, max_size=8), st.booleans())
def test_nothing_beats_it_among_three_stops_or_at_any_time_without_a_clock(
    specs: list[ClosureSpec], at: list[float], four: bool
) -> None:
    buses = shuttle(*specs)
    count = 4 if four else TRIED
    stops = places(*ENDS[:count])
    step_out_s = np.reshape(at, (2, 4))[:, :count]
    found = onward(buses, stops, step_out_s)
    for r, i in np.ndindex(found.arrive_s.shape):
        through = [
            s + LOCAL_S + last_drive(buses, stops, np.array([k]), i, np.array([s])).time_s[0, 0]
            if np.isfinite(s)
            else INF
            for k, s in enumerate(step_out_s[r].tolist())
        ]
        if not (buses.by_clock and four):
            assert found.arrive_s[r, i] == min(through)
        assert found.arrive_s[r, i] >= min(through)
        if np.isfinite(found.arrive_s[r, i]):
            assert through[found.stop[r, i]] == found.arrive_s[r, i]
