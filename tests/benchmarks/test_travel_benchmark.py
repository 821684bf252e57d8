"""The travel benchmark measures what it says, tried on a province of 30 small towns."""

from __future__ import annotations

import json
from dataclasses import replace
from math import nan

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from benchmarks import best_of, peak_rss_mb
from benchmarks.province import make_province
from benchmarks.travel import roads_keys, roads_text
from benchmarks.travel_case import Answers, Case, Times, make_case, same_answers
from benchmarks.travel_peers import networkx_peer, scipy_peer
from benchmarks.travel_roads import LIMITS, RoadFigures, measure_engine
from dispatch.network.engine import installed_backends

SIZE = {"settlements": 30, "grid_nodes": 3_000}


@pytest.fixture(scope="module")
def case() -> Case:
    return make_case(3, **SIZE, n_closed=40)


@pytest.fixture(scope="module")
def reference(case: Case) -> tuple[Times, Answers]:
    return scipy_peer(case)


def test_province_hangs_together_and_has_one_way_streets() -> None:
    province = make_province(5, **SIZE)
    topology = province.topology
    shape = (topology.n_nodes, topology.n_nodes)
    graph = csr_array((np.ones(topology.n_arcs), (topology.tail, topology.head)), shape=shape)
    assert connected_components(graph, connection="strong")[0] == 1
    assert graph.nnz == topology.n_arcs  # no parallel roads
    one_way = topology.n_arcs - graph.multiply(graph.T).nnz
    assert 0.01 < one_way / topology.n_arcs < 0.3
    assert province.weight_ms.dtype == np.int64
    assert province.weight_ms.min() > 0


def test_a_seed_is_a_province() -> None:
    one, same, other = (make_province(seed, **SIZE) for seed in (5, 5, 6))
    assert one.topology.digest == same.topology.digest != other.topology.digest
    assert np.array_equal(one.weight_ms, same.weight_ms)


@pytest.mark.parametrize("backend", installed_backends()[:-1])
def test_our_engine_answers_as_scipy(
    case: Case, reference: tuple[Times, Answers], backend: str
) -> None:
    times, answers = measure_engine(case, backend)
    assert same_answers(case, answers, reference[1])
    assert times.restart_s < 10 * times.first_start_s


def test_a_wrong_answer_is_seen(case: Case, reference: tuple[Times, Answers]) -> None:
    right = reference[1]
    assert same_answers(case, right, right)
    matrix, big_matrix = right.matrix.copy(), right.big_matrix.copy()
    matrix[3, 4] += 1
    big_matrix[5, 6] = np.inf
    first = next(i for i, path in enumerate(right.paths) if path is not None and path.size > 1)
    for wrong in (
        replace(right, matrix=matrix),
        replace(right, big_matrix=big_matrix),
        replace(right, paths=_with(right.paths, first, None)),
        replace(right, paths=_with(right.paths, first, right.paths[first][1:])),
        replace(right, paths=_with(right.paths, first, right.paths[first][::-1])),
    ):
        assert not same_answers(case, wrong, right)


def _with(
    paths: tuple[np.ndarray | None, ...], i: int, path: np.ndarray | None
) -> tuple[np.ndarray | None, ...]:
    return (*paths[:i], path, *paths[i + 1 :])


def test_networkx_is_sampled_and_says_so(case: Case) -> None:
    assert "extrapolated" in networkx_peer(case).note


def test_best_of_and_memory() -> None:
    answers = iter([1, 2, 3])
    seconds, last = best_of(lambda: next(answers))
    assert last == 3
    assert 0 <= seconds < 1
    assert 10 < peak_rss_mb() < 100_000


def test_tables_and_keys() -> None:
    ours = Times("pyroutingkit", 300.0, 0.1, 1.0, 0.03, 12.0, 0.3)
    figures = RoadFigures(
        seed=7,
        n_nodes=10,
        n_arcs=20,
        equal=False,
        peak_rss_mb=300.04,
        ratios=dict.fromkeys(LIMITS, 2.0),
        times=(ours, Times("SciPy", 300.0, 3.0, nan)),
        bare_s=0.09,
    )
    keys = json.loads(json.dumps(roads_keys(figures)))
    assert set(keys) == {"seed", "equal", "peak_rss_mb", "ratios"}
    assert keys["equal"] is False
    assert set(keys["ratios"]) == set(LIMITS)
    text = roads_text(figures)
    assert "NOT EQUAL" in text
    assert "pandana is not installed" in text
    assert "nan" not in text
