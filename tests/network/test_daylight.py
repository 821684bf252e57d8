"""Dawn and dusk, and the windows of take-off that follow from them."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from dispatch.network.daylight import CHINA, daylight_s, departure_s, open_hours, windows
from dispatch.network.flight import Closing

TAIYUAN = 112.55, 37.87
NOON = datetime(2024, 3, 21, 12, tzinfo=CHINA)


def at_taiyuan(day: date) -> tuple[datetime, datetime]:
    midnight = datetime(day.year, day.month, day.day, tzinfo=CHINA)
    dawn_s, dusk_s = daylight_s(np.array([TAIYUAN[0]]), np.array([TAIYUAN[1]]), midnight, 1)
    return (
        midnight + timedelta(seconds=float(dawn_s[0, 0])),
        midnight + timedelta(seconds=float(dusk_s[0, 0])),
    )


def test_the_spring_day_of_taiyuan_begins_about_five_past_six() -> None:
    dawn, dusk = at_taiyuan(date(2024, 3, 21))
    assert (dawn.hour, dawn.minute // 10) == (6, 0)
    assert (dusk.hour, dusk.minute // 10) == (19, 0)


@pytest.mark.parametrize("day", [date(2025, month, 5) for month in range(1, 13)])
def test_twilight_agrees_with_spencers_series(day: date) -> None:
    """The sun by another formula: Spencer (1971), as used for solar panels."""
    turn = 2 * math.pi * (day.timetuple().tm_yday - 1) / 365
    series = (
        0.006918, -0.399912 * math.cos(turn), 0.070257 * math.sin(turn),
        -0.006758 * math.cos(2 * turn), 0.000907 * math.sin(2 * turn),
        -0.002697 * math.cos(3 * turn), 0.00148 * math.sin(3 * turn),
    )  # fmt: skip
    equation_min = 229.18 * (
        0.000075 + 0.001868 * math.cos(turn) - 0.032077 * math.sin(turn)
        - 0.014615 * math.cos(2 * turn) - 0.040849 * math.sin(2 * turn)
    )  # fmt: skip
    declination, phi = sum(series), math.radians(TAIYUAN[1])
    cosine = (math.sin(math.radians(-6)) - math.sin(phi) * math.sin(declination)) / (
        math.cos(phi) * math.cos(declination)
    )
    noon_min = 12 * 60 + 4 * (120 - TAIYUAN[0]) - equation_min
    half_min = 4 * math.degrees(math.acos(cosine))
    for found, told_min in zip(
        at_taiyuan(day), (noon_min - half_min, noon_min + half_min), strict=True
    ):
        assert abs(found.hour * 60 + found.minute + found.second / 60 - told_min) < 3


def test_days_are_those_of_china_whatever_the_zone_of_the_start() -> None:
    lon, lat = np.array([112.0, 113.0]), np.array([37.0, 38.0])
    here = daylight_s(lon, lat, NOON, 2)
    there = daylight_s(lon, lat, NOON.astimezone(UTC), 2)
    np.testing.assert_array_equal(here, there)
    dawn_s, dusk_s = here
    assert dawn_s.shape == (2, 2)
    assert (dawn_s[0] < 0).all()
    assert (dusk_s[0] > 0).all()
    assert (dawn_s[1] > dusk_s[0]).all()
    assert (dawn_s[:, 1] < dawn_s[:, 0]).all()  # further east


DAWN = np.array([[100.0, 150.0], [1100.0, 1150.0]])
DUSK = np.array([[500.0, 520.0], [1500.0, 1520.0]])


def test_a_flight_begins_after_dawn_here_and_ends_before_dusk_there() -> None:
    """Two places with light from 100 to 500 and from 150 to 520; 60 s in the air."""
    flight_s = np.array([[np.inf, 60.0], [60.0, np.inf]])
    opens, closes = windows(*open_hours(DAWN, DUSK, np.array([True, True])), flight_s)
    assert opens[:, 0, 1].tolist() == [100.0, 1100.0]
    assert closes[:, 0, 1].tolist() == [460.0, 1460.0]
    assert opens[:, 1, 0].tolist() == [150.0, 1150.0]
    assert closes[:, 1, 0].tolist() == [440.0, 1440.0]
    for ready_s, leaves_s in ((0.0, 100.0), (460.0, 460.0), (461.0, 1100.0), (1461.0, np.inf)):
        found = departure_s(np.array(ready_s), opens, closes, (0, 1))
        assert found == leaves_s
    assert np.isinf(departure_s(np.array(200.0), opens, closes, (0, 0)))


def test_light_is_needed_only_at_the_end_that_is_unlit() -> None:
    flight_s = np.array([[np.inf, 60.0], [60.0, np.inf]])
    opens, closes = windows(*open_hours(DAWN, DUSK, np.array([False, True])), flight_s)
    assert (opens[0, 0, 1], closes[0, 0, 1]) == (90.0, 460.0)
    assert (opens[0, 1, 0], closes[0, 1, 0]) == (150.0, 520.0)
    always = windows(*open_hours(DAWN, DUSK, np.array([False, False])), flight_s)
    assert departure_s(np.array(-7.0), *always, (0, 1)) == -7.0


def test_a_flight_too_long_for_one_day_waits_for_one_that_is_long_enough() -> None:
    """The second day is longer, 1100 to 1600 at both places; 420 s in the air."""
    dawn_s, dusk_s = np.array([[100.0] * 2, [1100.0] * 2]), np.array([[500.0] * 2, [1600.0] * 2])
    flight_s = np.array([[np.inf, 420.0], [420.0, np.inf]])
    opens, closes = windows(*open_hours(dawn_s, dusk_s, np.array([True, True])), flight_s)
    assert departure_s(np.array(0.0), opens, closes, (0, 1)) == 1100.0
    assert np.isinf(departure_s(np.array(1181.0), opens, closes, (0, 1)))


# --- closed for a time --------------------------------------------------------------------------


def hours(needs_light: bool, *closings: tuple[float, float]) -> list[tuple[float, float]]:
    """Return the windows of the second of three places with the days of DAWN and DUSK."""
    dawn_s, dusk_s = (np.column_stack([day, day[:, 1]]) for day in (DAWN, DUSK))
    shut = [Closing(1, *closing) for closing in closings]
    light = np.array([True, needs_light, True])
    open_s, close_s = open_hours(dawn_s, dusk_s, light, shut)
    assert open_s[:2, 0].tolist() == [100, 1100]
    assert close_s[:2, 0].tolist() == [500, 1500]
    assert np.isinf(open_s[2:, ::2]).all()
    assert np.isneginf(close_s[2:, ::2]).all()
    pairs = zip(open_s[:, 1].tolist(), close_s[:, 1].tolist(), strict=True)
    return [(begin, end) for begin, end in pairs if begin <= end]


@pytest.mark.parametrize(
    ("closings", "windows_s"),
    [
        ([], [(150, 520), (1150, 1520)]),
        ([(0, 100)], [(150, 520), (1150, 1520)]),
        ([(0, 200)], [(200, 520), (1150, 1520)]),
        ([(300, 400)], [(150, 299), (400, 520), (1150, 1520)]),
        ([(150, 521)], [(1150, 1520)]),
        ([(151, 520)], [(150, 150), (520, 520), (1150, 1520)]),
        ([(300, 1200)], [(150, 299), (1200, 1520)]),
        ([(300, math.inf)], [(150, 299)]),
        ([(0, math.inf)], []),
        ([(300, 400), (350, 450)], [(150, 299), (450, 520), (1150, 1520)]),
        ([(1300, 1400), (200, 210)], [(150, 199), (210, 520), (1150, 1299), (1400, 1520)]),
    ],
)
def test_a_closing_cuts_the_day(
    closings: list[tuple[float, float]], windows_s: list[tuple[float, float]]
) -> None:
    assert hours(True, *closings) == windows_s


def test_a_lit_place_is_open_but_for_its_closings() -> None:
    assert hours(False) == [(-math.inf, math.inf)]
    assert hours(False, (300, 400)) == [(-math.inf, 299), (400, math.inf)]


def test_a_flight_may_leave_for_every_window_at_either_end() -> None:
    """60 s from a place open till 199 and from 300 on to one open till 349 and from 400 on."""
    light = np.array([False, False])
    shut = [Closing(0, 200, 300), Closing(1, 350, 400)]
    opens, closes = windows(
        *open_hours(DAWN, DUSK, light, shut), np.array([[np.inf, 60.0], [60.0, np.inf]])
    )
    for ready_s, leaves_s in ((0, 0), (199, 199), (200, 340), (289, 340), (340, 340), (999, 999)):
        assert departure_s(np.array(float(ready_s)), opens, closes, (0, 1)) == leaves_s
    # on the other way it leaves till 139, and from 240 to 349, and from 400
    for ready_s, leaves_s in ((139, 139), (140, 240), (349, 349), (350, 400)):
        assert departure_s(np.array(float(ready_s)), opens, closes, (1, 0)) == leaves_s


def test_a_flight_longer_than_the_night_may_leave_before_dusk_and_land_after_dawn() -> None:
    flight_s = np.array([[np.inf, 700.0], [700.0, np.inf]])
    opens, closes = windows(*open_hours(DAWN, DUSK, np.array([True, True])), flight_s)
    assert departure_s(np.array(0.0), opens, closes, (0, 1)) == 450  # lands at 1150
    assert departure_s(np.array(501.0), opens, closes, (0, 1)) == np.inf
