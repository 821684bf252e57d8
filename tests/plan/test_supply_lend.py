"""Trucks are lent to hubs by mass, volume, and the rounds that a day has time for."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.plan.supply_lend import TRIPS, Burden, Load, share_out, trips, truck_of
from tests.plan.supply_case import registry

NOTHING = Load(0.0, 0.0)
ONE_HOUR_S = 3600.0


def burden(window_s: int, drive_s: float) -> Burden:
    """Return a hub that has only a time for its rounds and a distance."""
    return Burden("hub", 112.0, 37.0, NOTHING, NOTHING, NOTHING, window_s, drive_s)


def test_rounds_are_what_the_day_has_time_for() -> None:
    """A round is loading, unloading, and three drives."""
    truck = truck_of(registry(), "cargo")
    round_s = truck.load_s + truck.unload_s + 3 * 1000
    assert trips(truck, burden(2 * round_s, 1000.0)) == 2
    assert trips(truck, burden(2 * round_s - 1, 1000.0)) == 1
    assert trips(truck, burden(99 * round_s, 1000.0)) == TRIPS
    assert trips(truck, burden(0, 1000.0)) == 1


@pytest.mark.parametrize(("litres", "trucks"), [(10_000.0, 1), (25_000.0, 3), (99_000.0, 4)])
def test_trucks_are_lent_until_mass_and_volume_are_brought(litres: float, trucks: int) -> None:
    """4 t are one truck's day, of 5 t and 10 m³; more of volume needs more, up to all four."""
    given = share_out(
        np.array([[ONE_HOUR_S]]),
        np.array([4]),
        np.array([[[5_000.0, 10_000.0]]]),
        np.array([[4_000.0, litres]]),
    )
    assert given.tolist() == [[trucks]]


def test_the_next_truck_goes_to_the_hub_that_lacks_most_and_from_nearby() -> None:
    """Two trucks near hub A, one near B, none can come to C.

    ::

        near A: 1 h to A, 2 h to B      near B: 2 h to A, 1 h to B
        A lacks 6 t, B 9 t, C 20 t; a truck brings 5 t a day
    """
    reach_s = np.array([[1.0, 2.0, np.inf], [2.0, 1.0, np.inf]]) * ONE_HOUR_S
    daily = np.full((2, 3, 2), 5_000.0)
    short = np.array([[6_000.0, 0.0], [9_000.0, 0.0], [20_000.0, 0.0]])
    given = share_out(reach_s, np.array([2, 1]), daily, short)
    # B from near B, A from near A, then B lacks 4 t and A 1 t: the last goes to B
    assert given.tolist() == [[1, 1, 0], [0, 1, 0]]
    assert short.sum() == 35_000.0, "what was told is left as it is"
