"""Malformed sourcing problems are refused with every fault named."""

from __future__ import annotations

import numpy as np
import pytest
from small import ints
from sourcing_small import two_towns

from dispatch.errors import InputError
from dispatch.optimise.sourcing_solve import solve
from dispatch.optimise.sourcing_validate import validate

WRONG: dict[str, tuple[dict[str, object], tuple[str, int | None, str, str]]] = {
    "negative stock": (
        {"source_lots": ints(6, -2, 1, 3)},
        ("sources", 2, "source_lots", "out of range"),
    ),
    "no lots wanted": ({"need_lots": ints(6, 0)}, ("needs", 2, "need_lots", "out of range")),
    "no such site": ({"lane_to": ints(2, 3, 3, 5)}, ("lanes", 4, "lane_to", "out of range")),
    "no such item": ({"need_item": ints(0, 1)}, ("needs", 2, "need_item", "out of range")),
    "no such fleet": (
        {"lane_fleet": ints(0, 0, 2, -1)},
        ("lanes", 3, "lane_fleet", "out of range"),
    ),
    "comes too late": ({"source_day": ints(0, 0, 3, 1)}, ("sources", 3, "source_day", "out of")),
    "half bought": ({"source_bought": ints(0, 0, 0, 2)}, ("sources", 4, "source_bought", "out of")),
    "negative room": (
        {"fleet_kg": np.array([[1, 1, 1], [1, -1, 1]])},
        ("fleets", 2, "fleet_kg", "out of range"),
    ),
    "no day": ({"days": 0}, ("problem", None, "days", "out of range")),
    "negative budget": ({"budget_yuan": -1}, ("problem", None, "budget_yuan", "out of range")),
    "too short": ({"need_due": ints(0)}, ("needs", None, "need_due", "not whole numbers")),
    "not whole": (
        {"item_kg": np.array([1.5])},
        ("items", None, "item_kg", "not whole numbers in the shape"),
    ),
    "same id": ({"site_id": ("A", "A", "X", "Y", "M")}, ("sites", 2, "site_id", "repeated")),
    "due after latest": (
        {"need_due": ints(0, 2), "need_latest": ints(2, 1)},
        ("needs", 2, "need_due", "the due day is after the latest day"),
    ),
    "circle": (
        {"lane_from": ints(0, 1, 1, 4), "lane_to": ints(1, 0, 3, 1), "lane_days": ints(0, 0, 0, 1)},
        ("lanes", None, "lane_days", "goods could go in a circle"),
    ),
    "too large": ({"need_weight": ints(1, 10**15)}, ("needs", None, "need_weight", "too large")),
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_each_fault_is_named(name: str) -> None:
    changes, (file, row, column, problem) = WRONG[name]
    with pytest.raises(InputError) as caught:
        solve(two_towns(**changes))
    found = [f for f in caught.value.faults if (f.file, f.row, f.column) == (file, row, column)]
    assert found, caught.value
    assert problem in found[0].problem
    assert found[0].remedy


def test_all_faults_come_at_once() -> None:
    with pytest.raises(InputError) as caught:
        validate(two_towns(source_lots=ints(-1, -1, 1, 1), need_lots=ints(0, 6)))
    assert len(caught.value.faults) == 3


def test_a_sound_problem_passes() -> None:
    validate(two_towns())
