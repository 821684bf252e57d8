"""A road engine by customizable contraction hierarchy, exact for every sum."""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from dispatch.network.cch_wheels import CLOSED, UIntArray, Wheel, WheelMetric
from dispatch.network.engine_scipy import ScipyEngine, ScipyMetric
from dispatch.network.pockets import Pockets
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

FEW: Final = 0.003
"""Share of the arcs up to which changing them beats binding all weights anew."""

BLOCK: Final = 512
"""Destinations asked at once: more than this and their search spaces leave the cache."""


class CchEngine:
    """Answers from a hierarchy that is built once; only weights change afterwards.

    Parameters
    ----------
    name : str
        Name of the wheel.
    topology : Topology
    wheel : Wheel
        Its hierarchy.
    """

    def __init__(self, name: str, topology: Topology, wheel: Wheel) -> None:
        self.name = name
        self.topology = topology
        self.wheel = wheel

    @cached_property
    def pockets(self) -> Pockets:
        """What tells a way that is too long for a hierarchy from none."""
        return Pockets(self.topology)

    @cached_property
    def reference(self) -> ScipyEngine:
        """The engine for ways that are too long for a hierarchy."""
        return ScipyEngine(self.topology)

    def customise(self, weight: ArrayLike, closed: ArrayLike | None = None) -> CchMetric:
        """Bind weights; see :meth:`dispatch.network.engine.Engine.customise`."""
        bound = _bound(*check_weights(weight, closed, self.topology.n_arcs))
        return CchMetric(self, self.wheel.metric(bound), bound)


class CchMetric:
    """A hierarchy with weights; see :class:`dispatch.network.engine.Metric`.

    A wheel takes 2³¹ − 1 or more for unreachable. Where it finds no way, none
    is proved to exist, or else the reference finds it.
    Threads may share a metric; they answer one after the other.

    Parameters
    ----------
    engine : CchEngine
    wheel : WheelMetric
    weight : UIntArray, shape (A,)
        As bound: closed arcs have RoutingKit's infinity.
    """

    def __init__(self, engine: CchEngine, wheel: WheelMetric, weight: UIntArray) -> None:
        self._engine = engine
        self._wheel: WheelMetric | None = wheel
        self._weight = weight
        self._n_nodes = engine.topology.n_nodes
        self._lock = Lock()

    @cached_property
    def _closed(self) -> BoolArray:
        return np.equal(self._weight, CLOSED)

    @cached_property
    def _reference(self) -> ScipyMetric:
        return self._engine.reference.bind(self._weight.astype(np.int64), self._closed)

    def updated(
        self, arcs: ArrayLike, weight: ArrayLike, closed: ArrayLike | None = None
    ) -> CchMetric:
        """Change a few arcs; see :meth:`dispatch.network.engine.Metric.updated`."""
        n_arcs = self._weight.size
        ids = check_arcs(arcs, n_arcs)
        bound = self._weight.copy()
        bound[ids] = _bound(*check_weights(weight, closed, ids.size))
        wheel = None
        if ids.size <= FEW * n_arcs:
            with self._lock:  # the new metric takes the wheel's over; this one binds again if asked
                wheel, self._wheel = self._wheel, None
        if wheel is None:
            wheel = self._engine.wheel.metric(bound)
        else:
            wheel.update(ids, bound[ids])
        return CchMetric(self._engine, wheel, bound)

    def _ready(self) -> WheelMetric:
        if self._wheel is None:
            self._wheel = self._engine.wheel.metric(self._weight)
        return self._wheel

    def matrix(self, origins: ArrayLike, destinations: ArrayLike) -> FloatArray:
        """Return all distances; see :meth:`dispatch.network.engine.Metric.matrix`."""
        starts = check_nodes("origins", origins, self._n_nodes)
        ends = check_nodes("destinations", destinations, self._n_nodes)
        with self._lock:
            found = _matrix(self._ready(), self._engine.topology, starts, ends)
        missing = np.isinf(found)
        if missing.any():
            left = self._engine.pockets.ways(self._closed, starts, ends, missing)
            rows, columns = np.flatnonzero(left.any(axis=1)), np.flatnonzero(left.any(axis=0))
            if rows.size:
                again = self._reference.matrix(starts[rows], ends[columns])
                found[np.ix_(rows, columns)] = again
        return found

    def path(self, origin: int, destination: int) -> IntArray | None:
        """Return one path; see :meth:`dispatch.network.engine.Metric.path`."""
        return self.paths([origin], [destination])[0]

    def paths(self, origins: ArrayLike, destinations: ArrayLike) -> tuple[IntArray | None, ...]:
        """Return paths pair by pair; see :meth:`dispatch.network.engine.Metric.paths`."""
        starts, ends = check_pairs(origins, destinations, self._n_nodes)
        with self._lock:
            found = self._ready().paths(starts, ends)
        for i, arcs in enumerate(found):
            pair = int(starts[i]), int(ends[i])
            if arcs is None and self._engine.pockets.between(self._closed, *pair) is None:
                found[i] = self._reference.path(*pair)
        return tuple(found)


def _bound(weight: IntArray, closed: BoolArray) -> UIntArray:
    bound = weight.astype(np.uint32)
    bound[closed] = CLOSED
    return bound


def _matrix(
    metric: WheelMetric, topology: Topology, starts: IntArray, ends: IntArray
) -> FloatArray:
    found = np.empty((starts.size, ends.size))
    if found.size:
        for block in _neighbours(topology, ends):
            found[:, block] = metric.matrix(starts, ends[block])
    return found


def _neighbours(topology: Topology, nodes: IntArray) -> list[IntArray]:
    """Split nodes into blocks that lie together, so that they share most of their search."""
    n_blocks = -(-nodes.size // BLOCK)
    n_strips = round(np.sqrt(n_blocks))
    strip = np.empty_like(nodes)
    strip[np.argsort(topology.lat[nodes])] = np.arange(nodes.size) * n_strips // nodes.size
    return np.array_split(np.lexsort((topology.lon[nodes], strip)), n_blocks)
