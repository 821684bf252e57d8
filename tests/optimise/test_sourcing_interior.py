"""The interior point against the simplex method, and its equations against dense ones."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array
from sourcing_small import random_sourcing

from dispatch.optimise import sourcing_interior, sourcing_layout
from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing_blocks import Blocks
from dispatch.optimise.sourcing_factor import Factor
from dispatch.optimise.sourcing_interior import Inside, Programme, interior
from dispatch.optimise.sourcing_layout import BORDER
from dispatch.optimise.sourcing_model import flow
from dispatch.optimise.sourcing_rows import FloatArray


def in_a_minute() -> float:
    return time.monotonic() + 60.0


def small(**changes: object) -> Programme:
    """Two goods share a fleet that carries four lots; three of the first are worth more.

    ======  =====  =====  ======
    rows    first  second
    ======  =====  =====  ======
    fleet     1      1    ≤ 4
    first     1           ≤ 3
    second           1    ≥ 0.5
    worth     3      2
    ======  =====  =====  ======

    Best: three of the first and one of the second, worth 11.
    """
    told: dict[str, object] = {
        "matrix": csr_array(np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])),
        "low": np.array([-np.inf, -np.inf, 0.5]),
        "high": np.array([4.0, 3.0, np.inf]),
        "cost": np.array([-3.0, -2.0]),
        "most": np.array([10.0, 10.0]),
        "bounded": np.array([False, True]),
        "group": np.array([0, 1]),
        "day": np.zeros(3, np.int64),
    }
    return Programme(**{**told, **changes})  # type: ignore[arg-type]


def test_the_best_of_a_small_programme_and_its_prices() -> None:
    found = interior(small(), in_a_minute())
    assert isinstance(found, tuple)
    x, dual = found
    assert x == pytest.approx([3.0, 1.0], abs=1e-6)
    assert dual == pytest.approx([-2.0, -1.0, 0.0], abs=1e-6)


def test_an_equation_holds_though_it_leaves_no_room() -> None:
    """All four lots of the fleet, and three of the first as an equation: one plan."""
    found = interior(
        small(low=np.array([4.0, 3.0, 0.5]), high=np.array([4.0, 3.0, np.inf])), in_a_minute()
    )
    assert isinstance(found, tuple)
    assert found[0] == pytest.approx([3.0, 1.0], abs=1e-6)


def test_where_there_is_no_plan_it_says_so() -> None:
    wants_more = small(low=np.array([-np.inf, -np.inf, 5.0]))
    assert interior(wants_more, in_a_minute()) is Inside.NOTHING


def test_without_time_it_stops_at_once() -> None:
    assert interior(small(), time.monotonic()) is Inside.LATE


def test_blocks_too_large_to_be_dense_are_left_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sourcing_interior, "_MOST_WORK", 0.5)
    assert interior(small(), in_a_minute()) is Inside.STUCK


@pytest.mark.parametrize("seed", range(6))
def test_it_comes_to_the_value_of_the_simplex_method(seed: int) -> None:
    model = flow(random_sourcing(seed, 4, 6))
    stated = np.flatnonzero(np.isfinite(model.low) | np.isfinite(model.high))
    stated = stated[np.diff(model.matrix[stated].indptr) > 0]
    matrix, low, high = model.matrix[stated], model.low[stated], model.high[stated]
    cost = -model.objectives["served"]
    programme = Programme(
        matrix=csr_array(matrix),
        low=low,
        high=high,
        cost=cost / (np.abs(cost).max() or 1.0),
        most=model.upper,
        bounded=np.ones(len(cost), np.bool_),
        group=model.items,
        day=model.row_day[stated],
    )
    found = interior(programme, in_a_minute())
    assert isinstance(found, tuple)
    below, above = np.isfinite(high), np.isfinite(low)
    room: Any = np.stack((np.zeros(len(cost)), model.upper), axis=1)
    simplex = linprog(
        programme.cost,
        A_ub=np.vstack((matrix[below].toarray(), -matrix[above].toarray())),
        b_ub=np.concatenate((high[below], -low[above])),
        bounds=room,
        method="highs-ds",
    )
    assert float(programme.cost @ found[0]) == pytest.approx(simplex.fun, rel=1e-7)


@pytest.mark.parametrize("seed", range(4))
def test_block_by_block_is_the_same_as_at_once(seed: int) -> None:
    """Three groups, two columns of the border, and rows that join groups."""
    rng = np.random.default_rng(seed)
    group = np.concatenate((np.repeat(np.arange(3), 30), [BORDER, BORDER]))
    matrix = np.zeros((40, 92))
    for row in range(36):
        own = np.flatnonzero(group == row % 3)
        matrix[row, rng.choice(own, 4, replace=False)] = rng.integers(1, 4, 4)
    matrix[36:, :90] = rng.random((4, 90)) < 0.3
    matrix[:12, 90:] = rng.integers(-3, 0, (12, 2))
    weight, own_weight = rng.uniform(0.1, 10, 92), rng.uniform(0.1, 1, 40)
    assert_solved(matrix, group, np.zeros(40, np.int64), weight, own_weight)


def assert_solved(
    matrix: FloatArray, group: IntArray, day: IntArray, weight: FloatArray, own_weight: FloatArray
) -> Blocks:
    dense = (matrix * weight) @ matrix.T + np.diag(own_weight)
    right = np.random.default_rng(0).normal(size=len(dense))
    blocks = Blocks(csr_array(matrix), group, day)
    y = Factor(blocks, weight, own_weight).solve(right)
    assert dense @ y == pytest.approx(right, abs=1e-5)
    return blocks


@pytest.mark.parametrize("seed", range(4))
def test_a_band_of_days_is_solved_panel_by_panel(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two groups over 20 days: stores at two places, carried on, one claim of all days each.

    ======  ==========================================
    rows    meet
    ======  ==========================================
    stores  those of the next day, and the other place
    claims  all stores of their group: late
    fleets  stores of their day, in both groups
    ======  ==========================================
    """
    monkeypatch.setattr(sourcing_layout, "_PANEL", 6)
    monkeypatch.setattr(sourcing_layout, "_FAR", 12)
    monkeypatch.setattr(sourcing_layout, "_FEW", 0)
    rng = np.random.default_rng(seed)
    rows, columns, group = 2 * 41 + 20, list[dict[int, float]](), list[int]()
    for item in range(2):
        for day in range(20):
            here = 41 * item + 2 * day
            columns.append({here: 1.0, here + 1: -1.0, 82 + day: 1.0})
            columns.append({here + 1: 1.0, 41 * item + 40: 100.0})
            if day < 19:
                columns += [{here + place: 1.0, here + place + 2: -1.0} for place in range(2)]
        group += [item] * (len(columns) - len(group))
    columns.append({40: -7.0, 81: -3.0})  # the share of both claims
    matrix = np.zeros((rows, len(columns)))
    for column, entries in enumerate(columns):
        matrix[list(entries), column] = list(entries.values())
    day_of_row = np.concatenate((*2 * [[*np.repeat(np.arange(20), 2), 20]], np.arange(20)))
    weight = 10 ** rng.uniform(-2, 2, len(columns))
    own = 10 ** rng.uniform(-2, 2, rows)
    shuffled = rng.permutation(rows)
    blocks = assert_solved(
        matrix[shuffled], np.array([*group, BORDER]), day_of_row[shuffled], weight, own[shuffled]
    )
    first, second = blocks.layout.blocks
    assert (first.size, first.band, second.band) == (41, 40, 40)
    assert len(first.panels) == 7
    assert max(panel.reach - panel.last for panel in first.panels) <= 4
    assert first.panels[0].right < first.panels[3].right < first.size + blocks.layout.beside


def test_weights_beyond_all_bounds_are_not_factorised() -> None:
    """Two rows of two groups meet in the border, which is then no number."""
    matrix = csr_array(np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]]))
    blocks = Blocks(matrix, np.arange(2), np.zeros(3, np.int64))
    with np.errstate(invalid="raise"), pytest.raises(FloatingPointError):
        Factor(blocks, np.full(2, np.inf), np.ones(3))
