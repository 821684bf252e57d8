"""Proof that no way leads from one node to another.

A hierarchy says "no way" also where the way is only too long for its 32 bits.
Two searches, one out of the origin and one back from the destination, take
turns: where they meet there is a way; where one runs dry, it has walked
through a pocket that is cut off. What fails on a road network cuts off little,
so that a proof takes a few steps.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from dispatch.network.topology import BoolArray, IntArray, Topology


class Incidence(NamedTuple):
    """Arcs sorted by one of their ends: those of node i are ``arcs[first[i]:first[i + 1]]``."""

    first: IntArray
    arcs: IntArray


def incidence(end: IntArray, n_nodes: int) -> Incidence:
    """Sort arcs by their node at one end, by SciPy's counting sort."""
    arc = np.arange(end.size)
    matrix = csr_array((np.ones(end.size, np.bool_), (end, arc)), shape=(n_nodes, end.size))
    return Incidence(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64))


class Pockets:
    """Finds what is cut off.

    Parameters
    ----------
    topology : Topology
    """

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        # Out of the origin, and back from the destination: the arcs to look at, and where to.
        self._sides = (
            (incidence(topology.tail, topology.n_nodes), topology.head),
            (incidence(topology.head, topology.n_nodes), topology.tail),
        )

    def between(
        self, closed: BoolArray, origin: int, destination: int
    ) -> tuple[int, set[int]] | None:
        """Return a pocket that keeps two nodes apart, or None where there is a way.

        Returns
        -------
        (0, nodes) : the origin is among the nodes and no open arc leaves them
        (1, nodes) : the destination is among the nodes and no open arc enters them
        """
        seen = ({origin}, {destination})
        todo = ([origin], [destination])
        if origin == destination:
            return None
        while True:
            for side, ((first, arcs), far_end) in enumerate(self._sides):
                node = todo[side].pop()
                leaving = arcs[first[node] : first[node + 1]]
                for found in far_end[leaving[~closed[leaving]]].tolist():
                    if found in seen[1 - side]:
                        return None
                    if found not in seen[side]:
                        seen[side].add(found)
                        todo[side].append(found)
                if not todo[side]:
                    return side, seen[side]

    def ways(
        self, closed: BoolArray, origins: IntArray, destinations: IntArray, asked: BoolArray
    ) -> BoolArray:
        """Return those of the asked pairs that are not proved to be apart.

        Parameters
        ----------
        closed : BoolArray, shape (A,)
        origins, destinations : IntArray, shapes (O,) and (D,)
        asked : BoolArray, shape (O, D)
            Pairs for which a hierarchy found no way.

        Returns
        -------
        BoolArray, shape (O, D)
            All false, unless a way is too long for the hierarchy: the search
            ends at the first such pair and leaves the rest open.
        """
        left = asked.copy()
        while left.any():
            row, column = np.unravel_index(left.argmax(), left.shape)
            pocket = self.between(closed, int(origins[row]), int(destinations[column]))
            if pocket is None:
                break
            side, nodes = pocket
            inside = np.zeros(self._topology.n_nodes, dtype=np.bool_)
            inside[list(nodes)] = True
            starts, ends = inside[origins], inside[destinations]
            apart = (starts, ~ends) if side == 0 else (~starts, ends)
            left[np.ix_(*apart)] = False
        return left
