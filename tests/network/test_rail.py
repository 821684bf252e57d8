"""Riding on a little railway.

Run times in minutes; every service leaves ``a`` and ``b`` hourly::

        30          40          50
    a ======== b ======== c ======== d      red, "all stops", 06:00 to 22:00 from a
               |
               | 20                         blue, 07:00 to 19:00, hourly
               e

    f ---- g    20, green, 22:00 to 02:00, half-hourly; joined to nothing
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.errors import InputError
from dispatch.network.departures import Suspension, closed_arcs, departures, with_special_trains
from dispatch.network.rail import DAY_S, RailNetwork, build_rail_network
from dispatch.network.rides import (
    RailPolicy,
    Rides,
    legs_of,
    may_ride,
    rides,
)

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared/data/rail"
NAMES = "abcdefg"
MIN, HOUR = 60, 3600
AT_ONCE = RailPolicy(boarding_s=0, transfer_s=0)

ALL_STOPS = [
    ("all stops", "red", "a", "b", 30, 17, "06:00", "22:00"),
    ("all stops", "red", "b", "c", 40, 17, "06:32", "22:32"),
    ("all stops", "red", "c", "d", 50, 17, "07:14", "23:14"),
]
BRANCH = [("", "blue", "b", "e", 20, 13, "07:00", "19:00")]
NIGHT = [("", "green", "f", "g", 20, 9, "22:00", "02:00")]
EXPRESS = [("X1", 1, "a", "", "", "09:10"), ("X1", 2, "d", "red", "10:10", "")]


def stations(names: str = NAMES) -> pd.DataFrame:
    count = len(names)
    return pd.DataFrame(
        {
            "name": [f"{x}站" for x in names],
            "name_en": list(names.upper()),
            "lon": 112 + 0.2 * np.arange(count),
            "lat": 37.0,
        },
        index=pd.Index(list(names), name="station_id"),
    )


def services(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    columns = ["service", "line", "from_station", "to_station", "minutes", "trains_per_day"]
    frame = pd.DataFrame(rows, columns=[*columns, "first_departure", "last_departure"])
    frame["run_s"] = frame.pop("minutes") * MIN
    frame["length_km"] = np.nan
    return frame


def trains(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(
        rows, columns=["train", "stop", "station_id", "line", "arrival", "departure"]
    )


@pytest.fixture(scope="module")
def rail() -> RailNetwork:
    return build_rail_network(stations(), services(ALL_STOPS + BRANCH + NIGHT))


def travel(
    rail: RailNetwork, origin: str, clock: str, policy: RailPolicy = AT_ONCE, ready_s: float = 0
) -> Rides:
    ready = np.full((1, len(rail.station_id)), np.inf)
    ready[0, rail.station_id.index(origin)] = ready_s
    return rides(rail, ready, start_clock_s=seconds(clock), policy=policy)


def arrival(found: Rides, station: str) -> float:
    """Return minutes after the start of the scenario."""
    return float(found.arrive_s[0, found.rail.station_id.index(station)]) / MIN


def seconds(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * HOUR + int(minute) * MIN


def arc(rail: RailNetwork, tail: str, head: str) -> int:
    ids = rail.station_id
    here = (rail.tail == ids.index(tail)) & (rail.head == ids.index(head))
    (found,) = np.flatnonzero(here)
    return int(found)


def test_sections_of_a_service_become_rides_between_any_two_stations(rail: RailNetwork) -> None:
    pairs = {
        rail.station_id[i] + rail.station_id[j]: run
        for i, j, run in zip(rail.tail, rail.head, rail.run_s, strict=True)
    }
    expected = {"ab": 30, "bc": 40, "cd": 50, "ac": 72, "bd": 92, "ad": 124, "be": 20, "fg": 20}
    assert pairs == {pair: minutes * MIN for pair, minutes in expected.items()}
    through = arc(rail, "a", "d")
    assert (rail.first_s[through], rail.last_s[through]) == (6 * HOUR, 22 * HOUR)
    assert rail.headway_s[through] == HOUR
    assert list(np.diff(rail.head) >= 0) == [True] * 7


def test_one_rides_through_only_in_trains_that_run_on() -> None:
    late = [*ALL_STOPS[:1], ("all stops", "red", "b", "c", 40, 8, "09:02", "23:02")]
    rail = build_rail_network(stations(), services(late))
    through = arc(rail, "a", "c")
    assert rail.first_s[through] == seconds("08:30")
    assert rail.last_s[through] == 22 * HOUR
    assert rail.headway_s[through] == 2 * HOUR
    assert rail.over[through].tolist() == [True]
    rare = [("all stops", "blue", "a", "b", 30, 5, "06:00", "22:00"), *ALL_STOPS[1:2]]
    rail = build_rail_network(stations(), services(rare))
    assert rail.headway_s[arc(rail, "a", "c")] == 4 * HOUR
    assert rail.over[arc(rail, "a", "c")].tolist() == [True, True]
    assert rail.label[arc(rail, "a", "c")] == "blue|red"
    never = [*ALL_STOPS[:1], ("all stops", "red", "b", "c", 40, 8, "23:00", "05:00")]
    rail = build_rail_network(stations(), services(never))
    assert len(rail.tail) == 2


def test_through_trains_are_found_past_midnight() -> None:
    rows = [("n", "red", "a", "b", 30, 3, "23:00", "01:00")]
    rows += [("n", "red", "b", "c", 40, 3, "23:32", "01:32")]
    rail = build_rail_network(stations(), services(rows))
    through = arc(rail, "a", "c")
    assert (rail.first_s[through], rail.last_s[through]) == (23 * HOUR, 25 * HOUR)
    rows[1] = ("n", "red", "b", "c", 40, 2, "00:32", "01:32")
    rail = build_rail_network(stations(), services(rows))
    through = arc(rail, "a", "c")
    assert (rail.first_s[through], rail.last_s[through]) == (0, HOUR)


@pytest.mark.parametrize(
    ("clock", "leaves_after"),
    [
        ("04:30", 90),  # before the first train
        ("06:00", 0),
        ("06:01", 30),  # half a headway
        ("15:00", 30),
        ("21:45", 15),  # the last train, no later
        ("22:00", 0),
        ("22:01", 7 * 60 + 59),  # the first of the next day
        ("23:40", 6 * 60 + 20),
    ],
)
def test_waits_for_the_headway_the_last_train_or_the_morning(
    rail: RailNetwork, clock: str, leaves_after: int
) -> None:
    assert arrival(travel(rail, "a", clock), "b") == leaves_after + 30


@pytest.mark.parametrize(
    ("clock", "leaves_after"), [("21:00", 60), ("23:50", 15), ("01:55", 5), ("02:01", 1199)]
)
def test_service_hours_may_span_midnight(rail: RailNetwork, clock: str, leaves_after: int) -> None:
    assert arrival(travel(rail, "f", clock), "g") == leaves_after + 20


def test_the_branch_is_reached_by_a_change(rail: RailNetwork) -> None:
    policy = RailPolicy(boarding_s=10 * MIN, transfer_s=5 * MIN)
    found = travel(rail, "a", "09:00", policy)
    # 09:10 on the platform, 09:40 off, 10:10 at b, 10:15 changed, 10:45 off, 11:05
    assert arrival(found, "e") == 125
    legs = legs_of(found, 0, rail.station_id.index("e"))
    kinds = ["transfer", "wait", "ride", "transfer", "wait", "ride"]
    assert [leg.kind for leg in legs] == kinds
    assert [leg.end_s / MIN for leg in legs] == [10, 40, 70, 75, 105, 125]
    assert all(one.end_s == other.start_s for one, other in pairwise(legs))
    assert [leg.label for leg in legs if leg.kind == "ride"] == ["red", "blue"]
    assert legs[-1].length_m == pytest.approx(1.15 * 3 * 17_761, rel=0.01)


def test_no_more_trains_than_allowed_and_no_way_is_infinite(rail: RailNetwork) -> None:
    found = travel(rail, "a", "09:00", replace(AT_ONCE, max_rides=1))
    assert np.isinf(arrival(found, "e"))
    assert arrival(found, "d") == 30 + 124
    assert np.isinf(arrival(found, "g"))
    with pytest.raises(ValueError, match="no train brings team 0"):
        legs_of(found, 0, rail.station_id.index("e"))


def test_a_journey_of_few_trains_is_told_as_it_is() -> None:
    """Two trains bring one sooner to b, but for d there is time for only one before."""
    rows = [
        ("", "red", tail, head, run, 1, clock, clock)
        for tail, head, run, clock in (
            ("a", "b", 60, "09:00"),
            ("a", "c", 10, "09:00"),
            ("c", "b", 10, "09:20"),
            ("b", "d", 10, "10:30"),
        )
    ]
    rail = build_rail_network(stations(), services(rows))
    found = travel(rail, "a", "09:00", replace(AT_ONCE, max_rides=2))
    assert (arrival(found, "b"), arrival(found, "d")) == (30, 100)
    legs = legs_of(found, 0, 3)
    assert [(leg.kind, leg.origin, leg.end_s / MIN) for leg in legs] == [
        ("ride", 0, 60),
        ("wait", 1, 90),
        ("ride", 1, 100),
    ]


def test_where_a_team_rides_from_depends_on_when_it_is_where(rail: RailNetwork) -> None:
    ready = np.full((3, 7), np.inf)
    ready[0, [0, 1]] = 0, 20 * MIN  # drives to b, and is there before the train from a
    ready[1, [0, 1]] = 0, 300 * MIN  # b is far
    found = rides(rail, ready, start_clock_s=9 * HOUR, policy=AT_ONCE)
    station = rail.station_id.index("c")
    assert found.arrive_s[:, station].tolist() == [90 * MIN, 102 * MIN, np.inf]
    assert [leg.origin for leg in legs_of(found, 0, station)] == [1, 1]
    assert [leg.origin for leg in legs_of(found, 1, station)] == [0, 0]


def test_a_change_need_not_pass_the_entrance_again(rail: RailNetwork) -> None:
    """Who drives to b as well still has a security check before him there."""
    policy = RailPolicy(boarding_s=50 * MIN, transfer_s=0)
    ready = np.full((1, 7), np.inf)
    ready[0, [0, 1]] = -50 * MIN, 25 * MIN
    found = rides(rail, ready, start_clock_s=9 * HOUR, policy=policy)
    # by train at b after 60 minutes; by road after 25, but on the platform after 75
    assert arrival(found, "e") == 60 + 30 + 20


def test_an_explicit_train_is_taken_when_it_is_sooner() -> None:
    rail = build_rail_network(stations(), services(ALL_STOPS), trains(EXPRESS))
    found = travel(rail, "a", "09:00")
    assert arrival(found, "d") == 70
    assert [leg.label for leg in legs_of(found, 0, 3) if leg.kind == "ride"] == ["X1"]
    missed = travel(rail, "a", "09:11")
    assert arrival(missed, "d") == 30 + 124
    only = build_rail_network(stations(), services([]), trains(EXPRESS))
    assert arrival(travel(only, "a", "09:11"), "d") == 24 * 60 - 1 + 60
    unreached = np.full((1, 7), np.inf)
    none = build_rail_network(stations(), services([]))
    assert np.isinf(rides(none, unreached, start_clock_s=0).arrive_s).all()


def test_explicit_trains_run_on_past_midnight() -> None:
    rows: list[tuple[object, ...]] = [
        ("N9", 2, "b", "red", "23:58", "00:02"),
        ("N9", 1, "a", "", "", "23:30"),
        ("N9", 3, "c", "blue", "00:40", ""),
    ]
    rail = build_rail_network(stations(), services([]), trains(rows))
    assert rail.run_s[arc(rail, "a", "c")] == 70 * MIN
    assert rail.first_s[arc(rail, "b", "c")] == 2 * MIN
    assert rail.over[arc(rail, "a", "b")].tolist() == [False, True]
    assert rail.over[arc(rail, "b", "c")].tolist() == [True, False]
    assert rail.over[arc(rail, "a", "c")].tolist() == [True, True]
    assert arrival(travel(rail, "b", "23:59"), "c") == 41


def test_at_a_closed_station_nobody_changes_but_trains_pass(rail: RailNetwork) -> None:
    found = travel(rail, "a", "09:00", replace(AT_ONCE, suspended=(Suspension("b"),)))
    assert np.isinf([arrival(found, "b"), arrival(found, "e")]).all()
    assert arrival(found, "d") == 30 + 124


def test_on_a_closed_line_no_train_runs(rail: RailNetwork) -> None:
    found = travel(rail, "a", "09:00", replace(AT_ONCE, suspended=(Suspension("blue"),)))
    assert np.isinf(arrival(found, "e"))
    assert arrival(found, "b") == 60
    with pytest.raises(InputError, match="pink") as error:
        travel(rail, "a", "09:00", replace(AT_ONCE, suspended=(Suspension("pink"),)))
    assert "blue, green, red, a, b" in error.value.faults[0].remedy


@pytest.mark.parametrize(
    ("name", "from_min", "until_min", "arrives_min"),
    [
        ("red", 60, 600, 60),  # over just before
        ("red", 59, 600, 600 + 30 + 30),
        ("red", 0, 29, 29 + 30 + 30),  # would have left at 30, but trains ran again from 29 only
        ("a", 30, 600, 60),  # left when the station closes
        ("a", 29, 600, 600 + 30 + 30),
        ("b", 60, 600, 60),  # got off when it closes
        ("b", 59, 600, 570 + 30 + 30),  # ready to leave so that the train comes when it opens
        ("b", 61, 600, 60),
    ],
)
def test_a_suspension_holds_for_its_time(
    rail: RailNetwork, name: str, from_min: int, until_min: int, arrives_min: int
) -> None:
    closure = Suspension(name, from_min * MIN, until_min * MIN)
    found = travel(rail, "a", "09:00", replace(AT_ONCE, suspended=(closure,)))
    assert arrival(found, "b") == arrives_min


def test_suspensions_add_up(rail: RailNetwork) -> None:
    closures = (Suspension("a", 40 * MIN, 70 * MIN), Suspension("red", 0, 50 * MIN))
    found = travel(rail, "a", "09:00", replace(AT_ONCE, suspended=closures))
    assert arrival(found, "b") == 70 + 30 + 30


def test_special_trains_leave_when_they_are_ready(rail: RailNetwork) -> None:
    policy = RailPolicy(boarding_s=0, transfer_s=5 * MIN, emergency_lead_s=120 * MIN)
    found = travel(rail, "a", "02:00", policy)
    assert arrival(found, "d") == 120 + 124
    (wait, ride) = legs_of(found, 0, 3)
    assert (wait.kind, wait.end_s, ride.special, ride.label) == ("wait", 120 * MIN, True, "red")
    assert arrival(travel(rail, "a", "02:00", policy, 180 * MIN), "d") == 180 + 124
    assert arrival(travel(rail, "a", "09:00", policy), "d") == 30 + 124  # the next train is sooner
    assert np.isinf(arrival(found, "g"))
    closed = travel(rail, "a", "02:00", replace(policy, suspended=(Suspension("red"),)))
    assert np.isinf(arrival(closed, "d"))


def test_a_special_train_is_as_fast_as_the_fastest() -> None:
    rows = [("", "red", "a", "b", run, 1, when, when) for run, when in ((30, "10:00"), (25, "9:0"))]
    rows[1] = ("", "red", "a", "b", 25, 1, "09:00", "09:00")
    rail = with_special_trains(build_rail_network(stations(), services(rows)))
    assert rail.run_s[rail.special].tolist() == [25 * MIN]
    assert len(rail.label) == len(rail.tail) == 3


def test_kit_is_limited_by_mass_and_pieces() -> None:
    members, kg, pieces = [10, 10, 10, 0], [200, 201, 50, 0], [20, 5, 21, 0]
    assert may_ride(RailPolicy(), members, kg, pieces).tolist() == [True, False, False, True]
    agreed = RailPolicy(kit_kg_per_person=40, pieces_per_person=3)
    assert may_ride(agreed, members, kg, pieces).all()
    assert may_ride(RailPolicy(), members, kg).tolist() == [True, False, True, True]


def test_every_fault_of_the_tables_is_told_with_its_place() -> None:
    rows = [
        ("s", "red", "a", "b", 30, 17, "6:00", "22:00"),
        ("s", "red", "b", "c", 30, 1, "06:00", "22:00"),
        ("s", "red", "b", "d", 30, 5, "06:00", "06:00"),
        ("s", "red", "b", "d", 30, 5, "06:00", "24:00"),
    ]
    stops = [
        ("T1", 1, "a", "", "", ""),
        ("T1", 2, "b", "red", "10:20", "10:10"),
        ("T1", 3, "c", "red", "", ""),
    ]
    with pytest.raises(InputError) as error:
        build_rail_network(stations(), services(rows), trains(stops))
    found = {(fault.file, fault.row, fault.column) for fault in error.value.faults}
    assert found == {
        ("network/rail_services.csv", 2, "first_departure"),
        ("network/rail_services.csv", 2, "service"),  # forks after b
        ("network/rail_services.csv", 3, "trains_per_day"),
        ("network/rail_services.csv", 4, "trains_per_day"),
        ("network/rail_services.csv", 5, "last_departure"),
        ("network/rail_services.csv", 5, "service"),  # there twice
        ("network/trains.csv", 2, "departure"),
        ("network/trains.csv", 3, "departure"),
        ("network/trains.csv", 4, "arrival"),
    }


# ---- against independent searches


def clock_text(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


@st.composite
def little_railways(draw: st.DrawFn) -> RailNetwork:
    """Draw up to eight services and four trains among five stations."""
    minute = st.integers(0, 24 * 60 - 1)
    rows: list[tuple[object, ...]] = []
    for _ in range(draw(st.integers(0, 8))):
        tail, head = draw(st.permutations("abcde"))[:2]
        first, run = draw(minute), draw(st.integers(1, 600))
        span, count = draw(st.integers(1, 24 * 60 - 1)), draw(st.integers(1, 9))
        last = first + (span if count > 1 else 0)
        line = draw(st.sampled_from(["red", "blue"]))
        rows.append(("", line, tail, head, run, count, clock_text(first), clock_text(last)))
    stops: list[tuple[object, ...]] = []
    for number in range(draw(st.integers(0, 4))):
        way = draw(st.permutations("abcde"))[: draw(st.integers(2, 4))]
        now = draw(minute)
        for k, station in enumerate(way, start=1):
            here = now + draw(st.integers(1, 300)), draw(st.integers(0, 20))
            now = sum(here)
            stops.append((f"T{number}", k, station, "", clock_text(here[0]), clock_text(now)))
    return build_rail_network(stations("abcde"), services(rows), trains(stops))


closures = st.lists(
    st.builds(
        lambda name, start, length: (name, start * MIN, (start + length) * MIN),
        st.sampled_from("abcde"),
        st.integers(-100, 1500),
        st.integers(0, 1500),
    ),
    max_size=3,
)


def leaves(rail: RailNetwork, arc: int, ready_s: float, start_clock_s: int) -> float:
    """Say when a ride leaves, day by day."""
    first, last = int(rail.first_s[arc]), int(rail.last_s[arc])
    half = int(np.ceil(rail.headway_s[arc] / 2))
    for day in range(-2, 20):
        opens, ends = (x + day * DAY_S - start_clock_s for x in (first, last))
        if ready_s <= opens:
            return opens
        if ready_s <= ends:
            return min(ready_s + half, ends)
    raise AssertionError


@settings(derandomize=True, max_examples=150, deadline=None)
@given(little_railways(), st.integers(0, 1439), st.lists(st.integers(0, 2000), min_size=5))
def test_rides_are_those_of_trying_every_sequence(
    rail: RailNetwork, start: int, ready_min: list[int]
) -> None:
    policy = RailPolicy(boarding_s=7 * MIN, transfer_s=3 * MIN, max_rides=3)
    ready = np.full((1, 5), np.inf)
    for k, minutes in enumerate(ready_min[:5]):
        ready[0, k] = minutes * MIN if minutes < 1000 else np.inf
    best = np.full(5, np.inf)

    def ride_on(here: int, platform_s: float, trains_left: int) -> None:
        for arc in np.flatnonzero(rail.tail == here):
            head = int(rail.head[arc])
            arrive = leaves(rail, int(arc), platform_s, start * MIN) + float(rail.run_s[arc])
            best[head] = min(best[head], arrive)
            if trains_left > 1:
                ride_on(head, arrive + policy.transfer_s, trains_left - 1)

    for k in range(5):
        if np.isfinite(ready[0, k]):
            ride_on(k, ready[0, k] + policy.boarding_s, policy.max_rides)
    found = rides(rail, ready, start_clock_s=start * MIN, policy=policy)
    assert found.arrive_s[0].tolist() == best.tolist()
    for station in np.flatnonzero(np.isfinite(best)):
        legs = legs_of(found, 0, int(station))
        assert legs[0].start_s == ready[0, legs[0].origin]
        assert legs[-1].end_s == best[station]
        assert all(one.end_s == other.start_s for one, other in pairwise(legs))
        assert 1 <= sum(leg.kind == "ride" for leg in legs) <= policy.max_rides


@settings(derandomize=True, max_examples=100, deadline=None)
@given(little_railways(), st.integers(0, 1439))
def test_timetabled_rides_are_those_of_a_time_expanded_search(
    rail: RailNetwork, start: int
) -> None:
    """Scan all departures of twelve days in order, each an event of its own."""
    timed = np.flatnonzero(rail.headway_s == 0)
    names = ("tail", "head", "run_s", "length_m", "first_s", "last_s", "headway_s", "special")
    parts = {name: getattr(rail, name)[timed] for name in names}
    label = tuple(rail.label[k] for k in timed)
    rail = replace(rail, **parts, over=rail.over[timed], label=label)
    events = sorted(
        (int(rail.first_s[arc]) + day * DAY_S - start * MIN, int(arc))
        for arc in range(len(timed))
        for day in range(-1, 12)
    )
    reached = np.full((4, 5), np.inf)
    for leave, arc in events:
        tail, head = rail.tail[arc], rail.head[arc]
        for k in range(1, 4):
            by_train = reached[k - 1, tail] + 3 * MIN if k > 1 else np.inf
            if leave >= min(7 * MIN if tail == 0 else np.inf, by_train):
                reached[k:, head] = np.minimum(reached[k:, head], leave + rail.run_s[arc])
    ready = np.full((1, 5), np.inf)
    ready[0, 0] = 0
    policy = RailPolicy(boarding_s=7 * MIN, transfer_s=3 * MIN, max_rides=3)
    found = rides(rail, ready, start_clock_s=start * MIN, policy=policy)
    assert found.rounds_s[:, 0].tolist() == reached.tolist()


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    little_railways(),
    st.integers(0, 1439),
    closures,
    st.lists(st.integers(0, 4000), min_size=2, max_size=12),
)
def test_who_is_ready_earlier_never_leaves_later(
    rail: RailNetwork,
    start: int,
    shut: list[tuple[str, int, int]],
    ready_min: list[int],
) -> None:
    rail = with_special_trains(rail)
    closed = [closed_arcs(rail, Suspension(*item)) for item in shut]
    platform = np.array(sorted(ready_min), float)[:, None] * MIN + np.zeros(len(rail.tail))
    depart = departures(rail, platform, start * MIN, 100 * MIN, closed)
    assert (depart >= platform).all()
    assert (np.diff(depart, axis=0) >= 0).all()
    for item in closed:  # and nobody rides while it is closed
        leave = depart[:, item.arcs]
        assert ((leave + item.lead_s <= item.from_s) | (leave >= item.reopen_s)).all()


# ---- the tables of the province


def table(name: str) -> list[dict[str, str]]:
    with (ROOT / f"data/network/{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def province() -> RailNetwork:
    frames = [pd.DataFrame(table(name)) for name in ("stations", "rail_services", "trains")]
    frames[0] = frames[0].set_index("station_id")
    for frame, columns in zip(
        frames, (["lon", "lat"], ["length_km", "run_s", "trains_per_day"], ["stop"]), strict=True
    ):
        frame[columns] = frame[columns].apply(pd.to_numeric)
    return build_rail_network(*frames)


def test_all_high_speed_lines_and_stations_are_there(province: RailNetwork) -> None:
    assert len(province.station_id) == 36
    assert province.line == ("大张高铁", "大西高铁", "石太客专", "郑太高铁", "集大原高铁")
    assert {row["high_speed"] for row in table("stations")} == {"yes"}


@pytest.mark.parametrize("hub", ["太原南", "大同南", "长治东", "永济北"])
def test_every_station_is_reached_by_day(province: RailNetwork, hub: str) -> None:
    at = province.station_name.index(hub)
    ready = np.full((1, 36), np.inf)
    ready[0, at] = 0
    there = rides(province, ready, start_clock_s=9 * HOUR).arrive_s[0]
    back = rides(province, np.where(np.eye(36), 0.0, np.inf), start_clock_s=9 * HOUR).arrive_s[
        :, at
    ]
    assert np.delete(there, at).max() < 12 * HOUR
    assert np.delete(back, at).max() < 12 * HOUR


def test_late_in_the_evening_the_first_train_is_that_of_the_morning(province: RailNetwork) -> None:
    ready = np.full((1, 36), np.inf)
    ready[0, province.station_name.index("太原南")] = 0
    start = seconds("23:40")
    found = rides(province, ready, start_clock_s=start)
    for name in ("临汾西", "大同南", "长治东", "阳泉北"):
        legs = legs_of(found, 0, province.station_name.index(name))
        leaves_at = start + next(leg for leg in legs if leg.kind == "ride").start_s - DAY_S
        assert 6 * HOUR <= leaves_at <= 7.5 * HOUR, name


def test_both_directions_take_about_the_same() -> None:
    minutes = direct_minutes()
    both = [(run, minutes[b, a][0]) for (a, b), (run, _) in minutes.items() if (b, a) in minutes]
    assert len(both) > 180
    assert all(abs(one - other) <= max(0.3 * min(one, other), 4) for one, other in both)
    sections = {
        (row["from_station"], row["to_station"]): int(row["run_s"])
        for row in table("rail_services")
        if row["service"]
    }
    assert all(sections[b, a] == run for (a, b), run in sections.items())


def test_trains_are_no_faster_than_the_lines(province: RailNetwork) -> None:
    speed_kmh = 3.6 * province.length_m / province.run_s
    assert speed_kmh.max() < 250
    assert speed_kmh[province.length_m > 100_000].min() > 80


def test_rows_tell_their_source_and_are_sorted() -> None:
    for name, key in (("stations", 1), ("rail_services", 4), ("trains", 2)):
        rows = table(name)
        assert all(row["source"] and row["status"] in ("existing", "illustrative") for row in rows)
        keys = [list(row.values())[:key] for row in rows]
        assert keys == sorted(keys)
        assert len({tuple(item) for item in keys}) == len(keys)
    approximate = [row for row in table("stations") if row["source"].startswith("Position approx")]
    assert len(approximate) == 8
    assert {row["status"] for row in approximate} == {"illustrative"}


def shared(name: str) -> list[dict[str, str]]:
    if not SHARED.exists():
        pytest.skip("reference data (../shared) is not at hand")
    with (SHARED / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def direct_minutes() -> dict[tuple[str, str], tuple[float, int]]:
    name = {row["station_id"]: row["name"] for row in table("stations")}
    return {
        (name[row["from_station"]], name[row["to_station"]]): (
            int(row["run_s"]) / MIN,
            int(row["trains_per_day"]),
        )
        for row in table("rail_services")
        if not row["service"]
    }


def test_runs_are_those_of_the_timetable_of_2016() -> None:
    facts = {
        (row["from"], row["to"]): (float(row["median_minutes"]), int(row["n_trains"]))
        for row in shared("crh_minutes_2016.csv")
    }
    table_says = direct_minutes()
    common = [pair for pair in table_says if pair in facts]
    assert len(common) > 190
    exact = [pair for pair in common if table_says[pair] == facts[pair]]
    newer = {("太原南", "临汾西"), ("临汾西", "太原南")}
    assert set(common) - set(exact) == newer
    assert all(table_says[pair][0] == pytest.approx(facts[pair][0], rel=0.1) for pair in newer)


def test_taiyuan_to_linfen_is_that_of_2021() -> None:
    facts = {
        (row["from"], row["to"]): (float(row["median"]), int(row["n"]))
        for row in shared("train_minutes_2021.csv")
    }
    for pair in (("太原南", "临汾西"), ("临汾西", "太原南")):
        assert direct_minutes()[pair] == facts[pair]
    before = facts["太原南", "大同南"][0]  # on the old line until the end of 2024
    assert direct_minutes()["太原南", "大同南"][0] < before


def test_the_train_known_stop_by_stop_is_copied_right() -> None:
    name = {row["station_id"]: row["name"] for row in table("stations")}
    ours = [
        (name[row["station_id"]], row["arrival"], row["departure"])
        for row in table("trains")
        if row["train"] == "G681"
    ]
    theirs = [(row["station"], row["arr"], row["dep"]) for row in shared("G681_2021-09.csv")]
    assert ours == theirs[3:]
