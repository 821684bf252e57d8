"""What others need for the same questions, each in a process of its own.

A peer gets what can be prepared before the road fails for nothing: its
network stands ready when the clock starts.
"""

from __future__ import annotations

import time
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks import ROUNDS, best_of, peak_rss_mb
from benchmarks.travel_case import Answers, Case, Times
from dispatch.network.engine import FloatArray, IntArray

Graph = csr_array[np.float64, tuple[int, int]]

NETWORKX_ORIGINS = 2
PANDANA_SHARE = 20
"""Pandana is asked for one pair in so many of the big matrix."""


def scipy_peer(case: Case) -> tuple[Times, Answers]:
    """Measure ``scipy.sparse.csgraph.dijkstra``, the reference."""
    topology, weight_ms = case.province.topology, case.province.weight_ms
    n = topology.n_nodes
    shape = (n, n)
    key = topology.tail * n + topology.head
    arcs = np.argsort(key)
    key = key[arcs]
    if (np.diff(key) == 0).any():
        raise AssertionError("SciPy would add up parallel roads: the province must have none")
    ready = csr_array(
        (weight_ms.astype(float), (topology.tail, topology.head)), shape=shape
    ).sorted_indices()
    closed = np.searchsorted(key, topology.tail[case.closed] * n + topology.head[case.closed])

    def close() -> Graph:
        time_ms = ready.data.copy()
        time_ms[closed] = np.inf
        return csr_array((time_ms, ready.indices, ready.indptr), shape=shape)

    def matrix(graph: Graph, origins: IntArray, destinations: IntArray) -> FloatArray:
        chunks = np.array_split(origins, max(1, origins.size // 50))
        return np.vstack([dijkstra(graph, indices=part)[:, destinations] for part in chunks])

    def path(graph: Graph, origin: int, destination: int) -> IntArray | None:
        distances, parents = dijkstra(graph, indices=np.array([origin]), return_predecessors=True)
        distance, parent = distances[0], parents[0]
        if np.isinf(distance[destination]):
            return None
        nodes = [destination]
        while nodes[-1] != origin:
            nodes.append(int(parent[nodes[-1]]))
        way = np.array(nodes[::-1])
        return np.take(arcs, np.searchsorted(key, way[:-1] * n + way[1:]))

    # As many tries as our engine gets for a question that is over before the machine calms down.
    close_s, small = best_of(
        lambda: matrix(close(), case.origins, case.destinations), rounds=ROUNDS**2
    )
    graph = close()
    big_s, big = best_of(lambda: matrix(graph, case.big_origins, case.big_destinations))
    pairs = list(zip(case.path_origins.tolist(), case.path_destinations.tolist(), strict=True))
    paths_s, paths = best_of(lambda: tuple(path(graph, *pair) for pair in pairs))
    return Times("SciPy", peak_rss_mb(), close_s, big_s, paths_s), Answers(small, big, paths)


def networkx_peer(case: Case) -> Times:
    """Measure NetworkX on a few origins; the rest is extrapolated."""
    topology, weight_ms = case.province.topology, case.province.weight_ms
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_weighted_edges_from(
        zip(topology.tail.tolist(), topology.head.tolist(), weight_ms.tolist(), strict=True)
    )
    closed = list(
        zip(topology.tail[case.closed].tolist(), topology.head[case.closed].tolist(), strict=True)
    )
    close_s, _ = best_of(lambda: graph.remove_edges_from(closed), rounds=1)
    origins = case.origins[:NETWORKX_ORIGINS].tolist()
    search_s, _ = best_of(
        lambda: [nx.single_source_dijkstra_path_length(graph, o) for o in origins]
    )
    total_s = close_s + search_s * case.origins.size / NETWORKX_ORIGINS
    note = f"{NETWORKX_ORIGINS} of {case.origins.size} origins, extrapolated"
    return Times("NetworkX", peak_rss_mb(), total_s, note=note)


def pandana_peer(case: Case) -> Times | None:
    """Measure pandana where it is installed, else return None.

    A closure means a new network there, measured once.
    """
    if find_spec("pandana") is None:
        return None
    share = slice(None, None, PANDANA_SHARE)
    first_s, _ = best_of(lambda: _pandana_network(case, np.ones_like(case.open)), rounds=1)
    start = time.process_time()
    network = _pandana_network(case, case.open)
    _pandana_matrix(network, case.origins, case.destinations)
    close_s = time.process_time() - start
    big_s, _ = best_of(
        lambda: _pandana_matrix(network, case.big_origins[share], case.big_destinations)
    )
    paths_s, _ = best_of(lambda: network.shortest_paths(case.path_origins, case.path_destinations))
    return Times(
        "pandana",
        peak_rss_mb(),
        close_s,
        big_s * PANDANA_SHARE,
        paths_s,
        first_s,
        note=f"closing measured once; big matrix: 1 of {PANDANA_SHARE} origins, extrapolated",
    )


def _pandana_network(case: Case, open_arcs: Any) -> Any:
    import pandas as pd

    topology = case.province.topology
    # In seconds: pandana multiplies by 1,000 and counts in 32 bits, which milliseconds overflow.
    weight = pd.DataFrame({"time_s": case.province.weight_ms[open_arcs] / 1_000})
    return import_module("pandana").Network(
        pd.Series(topology.lon),
        pd.Series(topology.lat),
        pd.Series(topology.tail[open_arcs]),
        pd.Series(topology.head[open_arcs]),
        weight,
        twoway=False,
    )


def _pandana_matrix(network: Any, origins: IntArray, destinations: IntArray) -> Any:
    starts = np.repeat(origins, destinations.size)
    return network.shortest_path_lengths(starts, np.tile(destinations, origins.size))
