"""The questions of the travel benchmark, and the answers that are compared."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from benchmarks.province import Province, make_province
from dispatch.network.engine import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Case:
    """One province and what is asked of it.

    All questions are asked with the closed arcs closed.

    Parameters
    ----------
    province : Province
    closed : IntArray, shape (C,)
        Arcs that fail.
    origins, destinations : IntArray, shapes (50,) and (500,)
    big_origins, big_destinations : IntArray, shapes (500,) and (5000,)
    path_origins, path_destinations : IntArray, shape (200,)
    """

    province: Province
    closed: IntArray
    origins: IntArray
    destinations: IntArray
    big_origins: IntArray
    big_destinations: IntArray
    path_origins: IntArray
    path_destinations: IntArray

    @property
    def open(self) -> BoolArray:
        """Mask of the arcs that still can be used."""
        mask = np.ones(self.province.topology.n_arcs, dtype=np.bool_)
        mask[self.closed] = False
        return mask


@dataclass(frozen=True, eq=False)
class Answers:
    """What an engine answered.

    Parameters
    ----------
    matrix : FloatArray, shape (50, 500)
    big_matrix : FloatArray, shape (500, 5000)
    paths : tuple of IntArray or None
        Arcs of each path.
    """

    matrix: FloatArray
    big_matrix: FloatArray
    paths: tuple[NDArray[np.int64] | None, ...]


@dataclass(frozen=True)
class Times:
    """CPU seconds, the best of three unless the peer says otherwise; nan is not measured.

    ``close_and_matrix_s`` closes 2,000 arcs of a network in use and fills a
    fresh 50 × 500 matrix.
    """

    name: str
    peak_rss_mb: float
    close_and_matrix_s: float
    big_matrix_s: float = nan
    paths_s: float = nan
    first_start_s: float = nan
    restart_s: float = nan
    note: str = ""


def make_case(
    seed: int, *, settlements: int = 1_200, grid_nodes: int = 340_000, n_closed: int = 2_000
) -> Case:
    """Draw a province and the questions; other sizes are for trying the benchmark itself."""
    province = make_province(seed, settlements=settlements, grid_nodes=grid_nodes)
    rng = np.random.default_rng([seed, 1])
    topology = province.topology

    def nodes(count: int) -> IntArray:
        return rng.integers(0, topology.n_nodes, count)

    return Case(
        province=province,
        closed=np.sort(rng.choice(topology.n_arcs, n_closed, replace=False)),
        origins=nodes(50),
        destinations=nodes(500),
        big_origins=nodes(500),
        big_destinations=nodes(5_000),
        path_origins=nodes(200),
        path_destinations=nodes(200),
    )


def same_answers(case: Case, found: Answers, expected: Answers) -> bool:
    """Tell whether all distances are equal and every path is one, open and as short."""
    return (
        np.array_equal(found.matrix, expected.matrix)
        and np.array_equal(found.big_matrix, expected.big_matrix)
        and all(
            _same_path(case, i, path, other)
            for i, (path, other) in enumerate(zip(found.paths, expected.paths, strict=True))
        )
    )


def _same_path(case: Case, i: int, path: IntArray | None, other: IntArray | None) -> bool:
    if path is None or other is None:
        return path is other
    topology, weight_ms = case.province.topology, case.province.weight_ms
    stations = np.append(topology.tail[path], case.path_destinations[i])
    return bool(
        stations[0] == case.path_origins[i]
        and np.array_equal(stations[1:], topology.head[path])
        and case.open[path].all()
        and weight_ms[path].sum() == weight_ms[other].sum()
    )
