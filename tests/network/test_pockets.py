"""What is cut off is proved to be, by walking through it."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.network.pockets import Pockets, incidence
from dispatch.network.topology import Topology


def chain() -> tuple[Topology, np.ndarray]:
    """0 → 1 → 2 → 3 → 4, and back from 4 to 3; arc 1 → 2 can be closed."""
    topology = Topology(5, [0, 1, 2, 3, 4], [1, 2, 3, 4, 3], np.arange(5), np.zeros(5))
    return topology, np.array([False, True, False, False, False])


def test_incidence_sorts_arcs_by_node() -> None:
    first, arcs = incidence(np.array([2, 0, 2, 0]), 4)
    assert first.tolist() == [0, 2, 2, 4, 4]
    assert arcs.tolist() == [1, 3, 0, 2]


def test_the_smaller_side_is_walked() -> None:
    topology, closed = chain()
    pockets = Pockets(topology)
    nothing = np.zeros(5, dtype=bool)
    assert pockets.between(nothing, 0, 4) is None
    assert pockets.between(nothing, 2, 2) is None
    assert pockets.between(closed, 0, 4) == (0, {0, 1})
    assert pockets.between(nothing, 4, 0) == (1, {0})


def test_one_pocket_proves_all_pairs_across_it() -> None:
    topology, closed = chain()
    asked = np.ones((2, 3), dtype=bool)
    with_closure = Pockets(topology).ways(closed, np.array([0, 1]), np.array([2, 3, 4]), asked)
    assert not with_closure.any()
    assert asked.all()
    without = Pockets(topology).ways(
        ~np.ones(5, bool), np.array([0, 1]), np.array([2, 3, 4]), asked
    )
    assert without.all()


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.integers(1, 9), st.data())
def test_same_as_networkx(n_nodes: int, data: st.DataObject) -> None:
    node = st.integers(0, n_nodes - 1)
    arcs = data.draw(st.lists(st.tuples(node, node, st.booleans()), max_size=20))
    tail, head, closed = (np.array(x) for x in zip(*arcs, strict=True)) if arcs else ([], [], [])
    topology = Topology(n_nodes, tail, head, np.zeros(n_nodes), np.zeros(n_nodes))
    graph = nx.DiGraph([arc[:2] for arc in arcs if not arc[2]])
    graph.add_nodes_from(range(n_nodes))
    closed = np.array(closed, dtype=bool)
    pockets = Pockets(topology)
    nodes = np.arange(n_nodes)
    apart = np.array([[not nx.has_path(graph, a, b) for b in nodes] for a in nodes])
    for a in nodes:
        for b in nodes:
            pocket = pockets.between(closed, a, b)
            assert (pocket is not None) == apart[a, b]
            if pocket is not None:
                side, inside = pocket
                assert (a if side == 0 else b) in inside
                assert (b if side == 0 else a) not in inside
    assert not pockets.ways(closed, nodes, nodes, apart).any()
