"""A malformed routing problem is refused with every fault named."""

from __future__ import annotations

import numpy as np
import pytest
from routes_small import little_valley, whole
from small import ints

from dispatch.errors import Fault, InputError
from dispatch.optimise.route_validate import validate_routes


def faults(**changes: object) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as refused:
        validate_routes(little_valley(**changes))
    return refused.value.faults


def test_the_valley_is_well_formed() -> None:
    validate_routes(little_valley())


@pytest.mark.parametrize(
    ("file", "row", "column", "change"),
    [
        ("stops", None, "stop_lots", {"stop_lots": ints(1, 1)}),
        ("stops", None, "stop_worth", {"stop_worth": np.ones(4)}),
        ("vehicles", None, "vehicle_access", {"vehicle_access": np.ones((2, 3), dtype=bool)}),
        ("vehicles", None, "vehicle_capacity", {"vehicle_capacity": whole((1,), (2,))}),
        ("travel", None, "travel_s", {"travel_s": np.zeros((2, 6, 5))}),
        ("travel", None, "travel_m", {"travel_m": np.zeros((1, 6, 6))}),
        ("stops", 2, "stop_lots", {"stop_lots": ints(1, 0, 1, 1)}),
        ("stops", 1, "stop_load", {"stop_load": whole((1, -1), (1, 1), (1, 1), (1, 1))}),
        ("stops", 3, "stop_place", {"stop_place": ints(2, 3, 6, 5)}),
        ("stops", 4, "stop_close_s", {"stop_open_s": ints(0, 0, 0, 9999)}),
        ("stops", 2, "stop_id", {"stop_id": ("hall", "", "mill", "school")}),
        ("depots", 2, "depot_id", {"depot_id": ("store", "store")}),
        ("vehicles", 1, "vehicle_trips", {"vehicle_trips": ints(0, 1)}),
        ("vehicles", 2, "vehicle_start", {"vehicle_start": ints(0, 2)}),
        ("vehicles", 2, "vehicle_profile", {"vehicle_profile": ints(0, 2)}),
        ("vehicles", 1, "vehicle_shift_s", {"vehicle_shift_s": ints(2**50, 1)}),
        (
            "stops",
            None,
            "stop_lots",
            {
                "stop_lots": ints(2**40, 1, 1, 2**40),
                "stop_load": whole((2**30, 0), (1, 1), (1, 1), (2**30, 0)),
            },
        ),
        (
            "vehicles",
            None,
            "vehicle_trips",
            {"vehicle_trips": ints(2**40, 1), "vehicle_count": ints(2**30, 1)},
        ),
        (
            "vehicles",
            None,
            "vehicle_microyuan_per_m",
            {
                "vehicle_microyuan_per_m": ints(2**40, 1),
                "travel_m": little_valley().travel_m * 1000,
            },
        ),
    ],
)
def test_a_fault_is_named(
    file: str, row: int | None, column: str, change: dict[str, object]
) -> None:
    assert (file, row, column) in [(f.file, f.row, f.column) for f in faults(**change)]


@pytest.mark.parametrize("value", [np.nan, -1.0, 0.5, -np.inf, 2.0**41])
def test_travel_is_whole_or_infinite(value: float) -> None:
    travel_s = little_valley().travel_s.copy()
    travel_s[0, 1, 2] = value
    found = faults(travel_s=travel_s)
    assert [(f.column, f.row, f.value) for f in found] == [("travel_s", 2, str(value))]


def test_no_way_is_infinite_in_both_and_the_diagonal_is_zero() -> None:
    travel_m = little_valley().travel_m.copy()
    travel_m[0, 1, 2] = np.inf
    travel_m[1, 3, 3] = 5
    assert [(f.column, f.row) for f in faults(travel_m=travel_m)] == [
        ("travel_m", 2),
        ("travel_m", 4),
    ]
    toll = np.zeros((2, 6, 6), dtype=np.int64)
    toll[0, 0, 1] = -1
    assert [f.column for f in faults(travel_toll_microyuan=toll)] == ["travel_toll_microyuan"]


def test_every_fault_is_told_at_once() -> None:
    found = faults(stop_lots=ints(0, 1, 1, 0), vehicle_trips=ints(0, 1))
    assert len(found) == 3
