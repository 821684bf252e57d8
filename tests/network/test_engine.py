"""The road engine: every backend gives the same, exact answers, and refuses nonsense.

The little town of these tests; → is one-way, the loop at 3 leads nowhere, 5 is alone::

    0 ──7── 1 ──0──→ 2
    │       │        │
    1       4 ═9═    1     1–4 twice: 4 and 9
    │       │        │
    3 ──2── 4 ←─2─── +     2 → 4 over a long way
    ↺5                     5
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.errors import InputError
from dispatch.network import engine as engine_module
from dispatch.network import engine_cch
from dispatch.network.engine import (
    BACKENDS,
    MAX_WEIGHT,
    Metric,
    Topology,
    build_engine,
    installed_backends,
)

INSTALLED = installed_backends()
WHEELS = INSTALLED[:-1]

# tail, head, weight
TOWN = (
    (0, 1, 7), (1, 0, 7), (0, 3, 1), (3, 0, 1), (3, 4, 2), (4, 3, 2), (3, 3, 5),
    (1, 2, 0), (1, 4, 9), (4, 1, 9), (1, 4, 4), (4, 1, 4), (2, 4, 2),
)  # fmt: skip


def topology_of(
    n_nodes: int, arcs: list[tuple[int, ...]] | tuple[tuple[int, ...], ...]
) -> Topology:
    return Topology(
        n_nodes=n_nodes,
        tail=np.array([arc[0] for arc in arcs], dtype=np.int64),
        head=np.array([arc[1] for arc in arcs], dtype=np.int64),
        lon=112.0 + np.arange(n_nodes) % 3,
        lat=37.0 + np.arange(n_nodes) // 3,
    )


def weights_of(arcs: list[tuple[int, ...]] | tuple[tuple[int, ...], ...]) -> np.ndarray:
    return np.array([arc[2] for arc in arcs], dtype=np.int64)


def town(backend: str, closed: tuple[int, ...] = ()) -> Metric:
    mask = np.isin(np.arange(len(TOWN)), closed)
    return build_engine(topology_of(6, TOWN), backend=backend).customise(weights_of(TOWN), mask)


def by_hand(
    n_nodes: int, tail: np.ndarray, head: np.ndarray, weight: np.ndarray, closed: np.ndarray
) -> np.ndarray:
    """All distances by relaxing every arc n times, in whole numbers of any size."""
    distance = [[0 if a == b else None for b in range(n_nodes)] for a in range(n_nodes)]
    arcs = [
        arc
        for arc, shut in zip(zip(tail, head, weight, strict=True), closed, strict=True)
        if not shut
    ]
    for row in distance:
        for _ in range(n_nodes):
            for u, v, w in arcs:
                if row[u] is not None and (row[v] is None or row[u] + int(w) < row[v]):
                    row[v] = row[u] + int(w)
    return np.array([[np.inf if d is None else d for d in row] for row in distance])


def check_metric(
    metric: Metric, topology: Topology, weight: np.ndarray, closed: np.ndarray, expected: np.ndarray
) -> None:
    """Check the matrix, and that each path is connected, open and as long as its distance."""
    nodes = np.arange(topology.n_nodes)
    assert np.array_equal(metric.matrix(nodes, nodes), expected)
    starts, ends = np.repeat(nodes, nodes.size), np.tile(nodes, nodes.size)
    for start, end, path in zip(starts, ends, metric.paths(starts, ends), strict=True):
        if path is None:
            assert np.isinf(expected[start, end])
            continue
        stations = np.append(topology.tail[path], end)
        assert stations[0] == start
        assert np.array_equal(stations[1:], topology.head[path])
        assert not closed[path].any()
        assert weight[path].sum() == expected[start, end]
        assert path.size or start == end


@pytest.mark.parametrize("backend", INSTALLED)
def test_town(backend: str) -> None:
    metric = town(backend)
    inf = np.inf
    expected = [
        [0, 7, 7, 1, 3, inf],
        [5, 0, 0, 4, 2, inf],
        [5, 6, 0, 4, 2, inf],
        [1, 6, 6, 0, 2, inf],
        [3, 4, 4, 2, 0, inf],
        [inf, inf, inf, inf, inf, 0],
    ]
    assert metric.matrix(range(6), range(6)).tolist() == expected
    assert metric.path(4, 2).tolist() == [11, 7]  # the shorter of two parallel arcs, then 0 long
    assert metric.path(3, 3).tolist() == []
    assert metric.path(0, 5) is None


@pytest.mark.parametrize("backend", INSTALLED)
def test_closing_one_arc_leaves_its_neighbours_open(backend: str) -> None:
    metric = town(backend, closed=(11,))
    assert metric.path(4, 1).tolist() == [9]
    assert metric.path(1, 4).tolist() == [7, 12]
    assert metric.matrix([4], [1]).tolist() == [[9]]


@pytest.mark.parametrize("backend", INSTALLED)
def test_closed_all_around(backend: str) -> None:
    metric = town(backend, closed=tuple(range(len(TOWN))))
    assert np.isfinite(metric.matrix(range(6), range(6))).sum() == 6


@pytest.mark.parametrize("backend", INSTALLED)
def test_empty_questions_and_repeated_nodes(backend: str) -> None:
    metric = town(backend)
    assert metric.matrix([], [1, 2]).shape == (0, 2)
    assert metric.matrix([1, 2], np.array([], dtype=np.int64)).shape == (2, 0)
    assert metric.paths([], []) == ()
    assert metric.matrix([0, 0], [2, 4, 2]).tolist() == [[7, 3, 7], [7, 3, 7]]


@pytest.mark.parametrize("backend", INSTALLED)
def test_network_without_any_arc(backend: str) -> None:
    metric = build_engine(topology_of(2, ()), backend=backend).customise([])
    assert metric.matrix([0, 1], [0, 1]).tolist() == [[0, np.inf], [np.inf, 0]]
    assert metric.path(0, 1) is None


@pytest.mark.parametrize("backend", INSTALLED)
def test_a_way_longer_than_the_wheels_can_count(backend: str) -> None:
    """0 → 1 → 2 → 3 is 3 × (2³¹ − 2) long; 4 can't be reached; 5 reaches all but is not reached."""
    arcs = ((0, 1, MAX_WEIGHT), (1, 2, MAX_WEIGHT), (2, 3, MAX_WEIGHT), (5, 0, 1), (3, 2, 1))
    metric = build_engine(topology_of(6, arcs), backend=backend).customise(weights_of(arcs))
    inf = np.inf
    assert metric.matrix([0, 5], range(6)).tolist() == [
        [0, MAX_WEIGHT, 2 * MAX_WEIGHT, 3 * MAX_WEIGHT, inf, inf],
        [1, MAX_WEIGHT + 1, 2 * MAX_WEIGHT + 1, 3 * MAX_WEIGHT + 1, inf, 0],
    ]
    assert metric.path(0, 3).tolist() == [0, 1, 2]
    assert metric.path(0, 4) is None
    assert metric.path(3, 0) is None


@st.composite
def networks(draw: st.DrawFn) -> tuple[Topology, np.ndarray, np.ndarray]:
    """Small networks with all that is awkward, one or several components, weights, closures."""
    n_nodes = draw(st.integers(1, 8))
    node = st.integers(0, n_nodes - 1)
    weight = st.one_of(st.integers(0, 3), st.integers(0, 1000), st.just(MAX_WEIGHT))
    arcs = draw(st.lists(st.tuples(node, node, weight, st.booleans()), max_size=24))
    place = st.lists(st.integers(0, 2), min_size=n_nodes, max_size=n_nodes)
    topology = Topology(
        n_nodes,
        np.array([arc[0] for arc in arcs], dtype=np.int64),
        np.array([arc[1] for arc in arcs], dtype=np.int64),
        np.array(draw(place)),
        np.array(draw(place)),
    )
    closed = np.array([arc[3] for arc in arcs], dtype=np.bool_)
    return topology, weights_of(arcs), closed


@settings(max_examples=300, derandomize=True, deadline=None)
@given(networks())
def test_all_backends_agree_with_the_hand(case: tuple[Topology, np.ndarray, np.ndarray]) -> None:
    topology, weight, closed = case
    expected = by_hand(topology.n_nodes, topology.tail, topology.head, weight, closed)
    for backend in INSTALLED:
        metric = build_engine(topology, backend=backend).customise(weight, closed)
        check_metric(metric, topology, weight, closed, expected)


@settings(max_examples=120, derandomize=True, deadline=None)
@given(networks(), st.data())
def test_updating_is_customising_and_leaves_the_old_metric_right(
    case: tuple[Topology, np.ndarray, np.ndarray], data: st.DataObject
) -> None:
    topology, weight, closed = case
    share = data.draw(st.sampled_from([0.0, 1.0]))  # never, or always, by a partial update
    metrics = [build_engine(topology, backend=name).customise(weight, closed) for name in INSTALLED]
    steps = [(metrics, weight, closed)]
    for _ in range(2 if topology.n_arcs else 0):
        arcs = data.draw(st.lists(st.integers(0, topology.n_arcs - 1), max_size=4, unique=True))
        weight, closed = weight.copy(), closed.copy()
        weight[arcs] = [data.draw(st.sampled_from([0, 1, 5, 900, MAX_WEIGHT])) for _ in arcs]
        closed[arcs] = [data.draw(st.booleans()) for _ in arcs]
        with mock.patch.object(engine_cch, "FEW", share):
            metrics = [metric.updated(arcs, weight[arcs], closed[arcs]) for metric in metrics]
        steps.append((metrics, weight, closed))
    for metrics, weight, closed in reversed(steps):
        expected = by_hand(topology.n_nodes, topology.tail, topology.head, weight, closed)
        for metric in metrics:
            check_metric(metric, topology, weight, closed, expected)


def grid(side: int, seed: int) -> tuple[Topology, np.ndarray, np.ndarray]:
    """Draw a town of side × side crossings, streets both ways, a tenth of the arcs closed."""
    rng = np.random.default_rng(seed)
    node = np.arange(side * side).reshape(side, side)
    a = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    b = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    lon, lat = 112 + (node % side) * 0.01, 37 + (node // side) * 0.01
    tail, head = np.concatenate([a, b]), np.concatenate([b, a])
    topology = Topology(side * side, tail, head, lon.ravel(), lat.ravel())
    return topology, rng.integers(0, 50, tail.size), rng.random(tail.size) < 0.1


def test_wheels_agree_with_scipy_on_a_town() -> None:
    topology, weight, closed = grid(25, seed=4)
    nodes = np.random.default_rng(5).integers(0, topology.n_nodes, 90)
    reference = build_engine(topology, backend="scipy").customise(weight, closed)
    expected = reference.matrix(nodes[:30], nodes)
    assert np.array_equal(expected.T, build_engine(
        Topology(topology.n_nodes, topology.head, topology.tail, topology.lon, topology.lat),
        backend="scipy",
    ).customise(weight, closed).matrix(nodes, nodes[:30]))  # fmt: skip
    for backend in WHEELS:
        metric = build_engine(topology, backend=backend).customise(weight, closed)
        assert np.array_equal(metric.matrix(nodes[:30], nodes), expected)
        with mock.patch.object(engine_cch, "BLOCK", 7):
            assert np.array_equal(metric.matrix(nodes[:30], nodes), expected)
        arcs = np.flatnonzero(closed)[:40]
        opened = metric.updated(arcs, weight[arcs])
        mask = closed.copy()
        mask[arcs] = False
        again = build_engine(topology, backend="scipy").customise(weight, mask)
        assert np.array_equal(opened.matrix(nodes[:30], nodes), again.matrix(nodes[:30], nodes))


@pytest.mark.parametrize("backend", WHEELS)
def test_same_input_same_paths(backend: str) -> None:
    topology, weight, closed = grid(12, seed=6)
    weight = weight % 2  # plenty of ties
    nodes = np.arange(topology.n_nodes)
    answers = [
        build_engine(topology, backend=backend).customise(weight, closed).paths(nodes, nodes[::-1])
        for _ in range(2)
    ]
    for one, other in zip(*answers, strict=True):
        assert (one is None) == (other is None)
        assert one is None or np.array_equal(one, other)


@pytest.mark.parametrize("backend", WHEELS)
def test_threads_may_share_a_metric(backend: str) -> None:
    topology, weight, closed = grid(25, seed=7)
    metric = build_engine(topology, backend=backend).customise(weight, closed)
    nodes = np.arange(0, topology.n_nodes, 5)
    expected = metric.matrix(nodes, nodes)

    def ask(part: int) -> bool:
        rows = nodes[part::4]
        metric.paths(rows, rows[::-1])
        return np.array_equal(metric.matrix(rows, nodes), expected[part::4])

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, [0, 1, 2, 3] * 8))


@pytest.mark.parametrize("backend", INSTALLED)
def test_arrays_of_the_caller_stay_the_callers(backend: str) -> None:
    """A later change of the arrays that were handed in changes no answer."""
    topology, weight, closed = grid(6, seed=8)
    metric = build_engine(topology, backend=backend).customise(weight, closed)
    expected = metric.matrix([0], range(36))
    paths = metric.paths([0] * 36, range(36))
    weight[:] = 1
    closed[:] = True
    assert np.array_equal(metric.matrix([0], range(36)), expected)
    for one, other in zip(metric.paths([0] * 36, range(36)), paths, strict=True):
        assert (one is None and other is None) or np.array_equal(one, other)
    with pytest.raises(ValueError, match="read-only"):
        topology.tail[0] = 3


@pytest.mark.parametrize("backend", INSTALLED)
@pytest.mark.parametrize(
    ("weight", "closed", "column"),
    [
        ([1] * 12, None, "weight"),
        ([1.0] * 13, None, "weight"),
        ([[1] * 13], None, "weight"),
        ([1] * 12 + [-1], None, "weight[12]"),
        ([1] * 12 + [MAX_WEIGHT + 1], None, "weight[12]"),
        (np.array([1] * 12 + [2**64 - 1], dtype=np.uint64), None, "weight[12]"),
        ([1] * 13, [0], "closed"),
        ([1] * 13, [True], "closed"),
        ([1] * 13, [0] * 13, "closed"),
    ],
)
def test_bad_weights(
    backend: str, weight: list[int], closed: list[bool] | None, column: str
) -> None:
    engine = build_engine(topology_of(6, TOWN), backend=backend)
    with pytest.raises(InputError) as refused:
        engine.customise(weight, closed)
    assert refused.value.faults[0].column == column


@pytest.mark.parametrize("backend", INSTALLED)
def test_bad_questions(backend: str) -> None:
    metric = town(backend)
    for question, column in (
        (lambda: metric.matrix([6], [0]), "origins[0]"),
        (lambda: metric.matrix([0], [1, -1]), "destinations[1]"),
        (lambda: metric.matrix([0.5], [0]), "origins"),
        (lambda: metric.path(0, 2**40), "destinations[0]"),
        (lambda: metric.paths([0, 1], [1]), "destinations"),
        (lambda: metric.updated([13], [1]), "arcs[0]"),
        (lambda: metric.updated([1], [-1]), "weight[0]"),
        (lambda: metric.updated([1], [1, 2]), "weight"),
    ):
        with pytest.raises(InputError) as refused:
            question()
        assert refused.value.faults[0].column == column
    assert metric.path(0, 3).tolist() == [2]  # still alive


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"n_nodes": 0}, "n_nodes"),
        ({"tail": [0, 1, 3]}, "tail[2]"),
        ({"head": [0, -1, 1]}, "head[1]"),
        ({"head": [0, 1]}, "head"),
        ({"lon": [1.0, 2.0]}, "lon"),
        ({"lat": [1.0, np.nan, 2.0]}, "lat[1]"),
    ],
)
def test_bad_topology(changed: dict[str, object], column: str) -> None:
    good = {"n_nodes": 3, "tail": [0, 1, 2], "head": [1, 2, 0], "lon": [1, 2, 3], "lat": [1, 2, 3]}
    assert Topology(**good).n_arcs == 3
    with pytest.raises(InputError) as refused:
        Topology(**(good | changed))
    assert refused.value.faults[0].column == column


def test_digest_tells_topologies_apart() -> None:
    one, same = topology_of(6, TOWN), topology_of(6, TOWN)
    others = [
        topology_of(7, TOWN),
        topology_of(6, TOWN[:-1]),
        Topology(6, one.head, one.tail, one.lon, one.lat),
        Topology(6, one.tail, one.head, one.lat, one.lon),
    ]
    assert one.digest == same.digest
    assert len({one.digest, *(other.digest for other in others)}) == 5


def test_auto_takes_the_first_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    topology = topology_of(6, TOWN)
    assert build_engine(topology).name == INSTALLED[0]
    for gone in BACKENDS[:-1]:
        hidden = BACKENDS[: BACKENDS.index(gone) + 1]
        monkeypatch.setattr(
            engine_module,
            "_importable",
            lambda name, hidden=hidden: name in INSTALLED and name not in hidden,
        )
        left = [name for name in INSTALLED if name not in hidden]
        assert build_engine(topology).name == left[0]
        with pytest.raises(InputError) as refused:
            build_engine(topology, backend=gone)
        assert refused.value.faults[0].value == gone
        assert left[0] in refused.value.faults[0].remedy
    with pytest.raises(InputError):
        build_engine(topology, backend="dijkstra")


def test_a_wheel_built_for_another_machine_counts_as_absent() -> None:
    broken = ImportError("version `GLIBC_2.34' not found")
    with mock.patch.object(engine_module, "import_module", side_effect=broken):
        assert installed_backends() == ("scipy",)
