"""The road engine on a made-up province: closures, matrices, paths, restart, memory."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

import numpy as np

from benchmarks import ROUNDS, best_of, peak_rss_mb
from benchmarks.travel_case import Answers, Case, Times, make_case, same_answers
from benchmarks.travel_peers import networkx_peer, pandana_peer, scipy_peer
from dispatch.network.cch_wheels import CLOSED
from dispatch.network.engine import Engine, Metric, build_engine, installed_backends
from dispatch.network.engine_cch import CchEngine

T = TypeVar("T")

LIMITS: Final[dict[str, tuple[str, float]]] = {
    "closures_matrix_vs_scipy": ("≥", 20),
    "closures_matrix_vs_networkx": ("≥", 300),
    "closures_matrix_vs_cch": ("≤", 1.4),
    "big_matrix_vs_scipy": ("≥", 8),
    "paths_vs_scipy": ("≥", 200),
    "restart_vs_first": ("≤", 0.1),
}
PEAK_LIMIT_MB: Final = 1.2 * 1024


@dataclass(frozen=True)
class RoadFigures:
    """What came out.

    Parameters
    ----------
    seed, n_nodes, n_arcs : int
    equal : bool
        Whether every answer of ours, and of the other wheel, is SciPy's.
    peak_rss_mb : float
        Of the process that built and asked our engine, and nothing else but the bare wheel.
    ratios : dict of str to float
        By the keys of :data:`LIMITS`: the peer's time over ours, but ours
        over the other's for ``closures_matrix_vs_cch`` and ``restart_vs_first``.
    times : tuple of Times
        Ours first.
    bare_s : float
        The bare wheel's calls for closing and the 50 × 500 matrix.
    """

    seed: int
    n_nodes: int
    n_arcs: int
    equal: bool
    peak_rss_mb: float
    ratios: dict[str, float]
    times: tuple[Times, ...]
    bare_s: float


@dataclass(frozen=True, eq=False)
class _Visit:
    """Every question asked three times: best seconds of ours and of the bare wheel."""

    close_s: float
    bare_s: float
    big_s: float
    paths_s: float
    answers: Answers


def measure_roads(seed: int) -> RoadFigures:
    """Measure everything on the province of a seed, one thing after the other.

    Our engine is visited before, between and after the long runs of the
    peers, so that a busy moment of the machine does not meet all its
    questions, which take no longer than such a moment.
    """
    case = make_case(seed)
    backend = installed_backends()[0]
    engine, first_s, restart_s = _start(case, backend)
    visits = [_ask(case, engine)]
    reference, expected = _alone(scipy_peer, seed)
    visits.append(_ask(case, engine))
    networkx = _alone(networkx_peer, seed)
    visits.append(_ask(case, engine))
    ours = _times(backend, first_s, restart_s, visits)
    bare_s = min(v.bare_s for v in visits)
    equal = all(same_answers(case, v.answers, expected) for v in visits)

    others = [_alone(pandana_peer, seed)]
    for wheel in installed_backends()[1:-1]:
        other, found = _alone(partial(measure_engine, backend=wheel), seed)
        equal = equal and same_answers(case, found, expected)
        others.append(other)
    ratios = {
        "closures_matrix_vs_scipy": reference.close_and_matrix_s / ours.close_and_matrix_s,
        "closures_matrix_vs_networkx": networkx.close_and_matrix_s / ours.close_and_matrix_s,
        "closures_matrix_vs_cch": ours.close_and_matrix_s / bare_s,
        "big_matrix_vs_scipy": reference.big_matrix_s / ours.big_matrix_s,
        "paths_vs_scipy": reference.paths_s / ours.paths_s,
        "restart_vs_first": ours.restart_s / ours.first_start_s,
    }
    topology = case.province.topology
    times = (ours, *(peer for peer in (*others, reference, networkx) if peer is not None))
    return RoadFigures(
        seed, topology.n_nodes, topology.n_arcs, equal, ours.peak_rss_mb, ratios, times, bare_s
    )


def measure_engine(case: Case, backend: str) -> tuple[Times, Answers]:
    """Measure one of our backends alone."""
    engine, first_s, restart_s = _start(case, backend)
    visit = _ask(case, engine)
    return _times(backend, first_s, restart_s, [visit]), visit.answers


def _start(case: Case, backend: str) -> tuple[Engine, float, float]:
    """Get ready for the first question without a cached node order, once, and with it."""
    with TemporaryDirectory() as folder:

        def start() -> Engine:
            topology = case.province.topology
            engine = build_engine(topology, backend=backend, cache_dir=Path(folder))
            engine.customise(case.province.weight_ms)
            return engine

        first_s, _ = best_of(start, rounds=1)
        restart_s, engine = best_of(start)
    return engine, first_s, restart_s


def _ask(case: Case, engine: Engine) -> _Visit:
    close_s, bare_s, metric = _closures(case, engine)
    matrix = metric.matrix(case.origins, case.destinations)
    big_s, big = best_of(lambda: metric.matrix(case.big_origins, case.big_destinations))
    paths_s, paths = best_of(lambda: metric.paths(case.path_origins, case.path_destinations))
    return _Visit(close_s, bare_s, big_s, paths_s, Answers(matrix, big, paths))


def _closures(case: Case, engine: Engine) -> tuple[float, float, Metric]:
    """Close arcs of a network in use and fill a matrix, by ours and by the bare wheel in turns."""
    weight_ms = case.province.weight_ms[case.closed]
    all_closed = np.ones(case.closed.size, dtype=np.bool_)

    def ours(metric: Metric) -> Metric:
        metric = metric.updated(case.closed, weight_ms, all_closed)
        metric.matrix(case.origins, case.destinations)
        return metric

    times = []
    for _ in range(ROUNDS):
        bare_s, _ = best_of(_bare_question(case, engine), rounds=1)
        before = engine.customise(case.province.weight_ms)
        before.matrix(case.origins, case.destinations)
        close_s, metric = best_of(partial(ours, before), rounds=1)
        times.append((close_s, bare_s))
    return min(t[0] for t in times), min(t[1] for t in times), metric


def _times(backend: str, first_s: float, restart_s: float, visits: list[_Visit]) -> Times:
    return Times(
        backend,
        peak_rss_mb(),
        min(v.close_s for v in visits),
        min(v.big_s for v in visits),
        min(v.paths_s for v in visits),
        first_s,
        restart_s,
    )


def _bare_question(case: Case, engine: Engine) -> Callable[[], Any]:
    """Return the same question to the wheel itself, in the types that it likes best."""
    assert isinstance(engine, CchEngine)
    native: Any = engine.wheel.native
    if engine.name == "pyroutingkit":
        import pyroutingkit

        table = pyroutingkit.CCHMetric(native)
        table.customize(case.province.weight_ms.astype(np.uint32), 1)
        arcs, closed = case.closed.astype(np.uint32), np.full(case.closed.size, CLOSED, np.uint32)
        ends = case.origins.astype(np.uint32), case.destinations.astype(np.uint32)
        table.distances_many_to_many(*ends)  # in use, as ours
        return lambda: (table.update_weights(arcs, closed), table.distances_many_to_many(*ends))

    import routingkit_cch

    metric = routingkit_cch.CCHMetric(native, case.province.weight_ms.tolist())
    changes = dict.fromkeys(case.closed.tolist(), CLOSED)
    origins, destinations = case.origins.tolist(), case.destinations.tolist()

    def matrix() -> list[list[int | None]]:
        query = routingkit_cch.CCHOneToMany(metric, destinations)
        return [query.distances_from(origin) for origin in origins]

    matrix()
    return lambda: (
        routingkit_cch.CCHMetricPartialUpdater(native).apply(metric, changes),
        matrix(),
    )


def _alone(measure: Callable[[Case], T], seed: int) -> T:
    """Measure in a process of its own, so that its memory and its garbage are its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measured, measure, seed).result()


def _measured(measure: Callable[[Case], T], seed: int) -> T:
    os.dup2(2, 1)  # what a peer prints is no part of the tables
    warnings.simplefilter("ignore")  # pandana lists every pair that it can't reach
    return measure(make_case(seed))
