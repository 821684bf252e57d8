"""Plain Dijkstra by SciPy: the reference, and the fallback where no wheel exists."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from dispatch.network.pockets import incidence
from dispatch.network.topology import (
    BoolArray,
    FloatArray,
    IntArray,
    Topology,
    check_arcs,
    check_nodes,
    check_pairs,
    check_weights,
)

CELLS_AT_ONCE: Final = 2**24
"""Distances to all nodes that are held at a time (128 MiB)."""


class ScipyEngine:
    """Answers by one Dijkstra search for each origin.

    Parameters
    ----------
    topology : Topology
    """

    name = "scipy"

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self._by_tail = incidence(topology.tail, topology.n_nodes).arcs

    def customise(self, weight: ArrayLike, closed: ArrayLike | None = None) -> ScipyMetric:
        """Bind weights; see :meth:`dispatch.network.engine.Engine.customise`."""
        values, mask = check_weights(weight, closed, self.topology.n_arcs)
        return self.bind(values.copy(), mask.copy())

    def bind(self, weight: IntArray, closed: BoolArray) -> ScipyMetric:
        """Bind weights that are checked already and that nobody changes any more."""
        return ScipyMetric(self, self._by_tail[~closed[self._by_tail]], weight, closed)


class ScipyMetric:
    """A topology with weights; see :class:`dispatch.network.engine.Metric`.

    Parameters
    ----------
    engine : ScipyEngine
    arcs : IntArray
        The open arcs, sorted by tail.
    weight, closed : arrays, shape (A,)
    """

    def __init__(
        self, engine: ScipyEngine, arcs: IntArray, weight: IntArray, closed: BoolArray
    ) -> None:
        self._engine = engine
        self._topology = topology = engine.topology
        self._arcs = arcs
        self._weight = weight
        self._closed = closed
        out_degree = np.bincount(topology.tail[arcs], minlength=topology.n_nodes)
        self._first = np.concatenate([[0], np.cumsum(out_degree)])

    @cached_property
    def _graph(self) -> csr_array:
        # Built by hand, not from coordinates: SciPy would add up parallel arcs. Zero weights that
        # stand in a CSR array explicitly do count as arcs.
        head = self._topology.head[self._arcs].astype(np.int32)
        parts = (self._weight[self._arcs].astype(np.float64), head, self._first.astype(np.int32))
        return csr_array(parts, shape=(self._topology.n_nodes,) * 2)

    def updated(
        self, arcs: ArrayLike, weight: ArrayLike, closed: ArrayLike | None = None
    ) -> ScipyMetric:
        """Change a few arcs; see :meth:`dispatch.network.engine.Metric.updated`."""
        ids = check_arcs(arcs, self._topology.n_arcs)
        values, mask = check_weights(weight, closed, ids.size)
        all_weight, all_closed = self._weight.copy(), self._closed.copy()
        all_weight[ids], all_closed[ids] = values, mask
        return self._engine.bind(all_weight, all_closed)

    def matrix(self, origins: ArrayLike, destinations: ArrayLike) -> FloatArray:
        """Return all distances; see :meth:`dispatch.network.engine.Metric.matrix`."""
        starts = check_nodes("origins", origins, self._topology.n_nodes)
        ends = check_nodes("destinations", destinations, self._topology.n_nodes)
        if ends.size < starts.size:
            return np.ascontiguousarray(_distances(self._graph.T.tocsr(), ends, starts).T)
        return _distances(self._graph, starts, ends)

    def path(self, origin: int, destination: int) -> IntArray | None:
        """Return one path; see :meth:`dispatch.network.engine.Metric.path`."""
        return self.paths([origin], [destination])[0]

    def paths(self, origins: ArrayLike, destinations: ArrayLike) -> tuple[IntArray | None, ...]:
        """Return paths pair by pair; see :meth:`dispatch.network.engine.Metric.paths`."""
        starts, ends = check_pairs(origins, destinations, self._topology.n_nodes)
        found: list[IntArray | None] = [None] * starts.size
        for start in np.unique(starts):
            distance, parent = dijkstra(self._graph, indices=start, return_predecessors=True)
            for i in np.flatnonzero(starts == start):
                if np.isfinite(distance[ends[i]]):
                    found[i] = self._walk(parent, int(start), int(ends[i]))
        return tuple(found)

    def _walk(self, parent: NDArray[np.int32], start: int, end: int) -> IntArray:
        arcs = []
        while end != start:
            node = int(parent[end])
            leaving = slice(self._first[node], self._first[node + 1])
            candidates = self._arcs[leaving]
            candidates = candidates[self._topology.head[candidates] == end]
            arcs.append(candidates[self._weight[candidates].argmin()])
            end = node
        return np.array(arcs[::-1], dtype=np.int64)


def _distances(graph: csr_array, starts: IntArray, ends: IntArray) -> FloatArray:
    step = max(1, CELLS_AT_ONCE // graph.shape[0])
    found = np.empty((starts.size, ends.size))
    for i in range(0, starts.size, step):
        found[i : i + step] = dijkstra(graph, indices=starts[i : i + step])[:, ends]
    return found
