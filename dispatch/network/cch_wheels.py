"""The two wheels that bring RoutingKit's customizable contraction hierarchies to Python.

J. Dibbelt, B. Strasser, D. Wagner: Customizable Contraction Hierarchies. ACM
Journal of Experimental Algorithmics 21 (2016), doi:10.1145/2886843.

Each wheel gets the same small face. Nothing is checked here: both end the
process or panic on a bad node, so callers check first.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from dispatch.network.topology import MAX_WEIGHT, FloatArray, IntArray, Topology

if TYPE_CHECKING:
    import pyroutingkit
    import routingkit_cch

UIntArray = NDArray[np.uint32]
Parts = Mapping[str, bytes]
"""What of a hierarchy is worth keeping on disk, by name."""

CLOSED: Final = MAX_WEIGHT + 1
"""RoutingKit's own infinity: as a weight a closed arc, as a distance no path."""


class WheelMetric(Protocol):
    """A hierarchy with weights; not safe for two threads at a time."""

    def update(self, arcs: IntArray, weight: UIntArray) -> None:
        """Change the weights of some arcs in place."""
        ...

    def matrix(self, origins: IntArray, destinations: IntArray) -> FloatArray:
        """Return distances, ``inf`` for none below RoutingKit's infinity."""
        ...

    def paths(self, origins: IntArray, destinations: IntArray) -> list[IntArray | None]:
        """Return the arcs of each pair's path, None as above."""
        ...


class Wheel(Protocol):
    """A hierarchy of one topology."""

    native: Any
    """The wheel's own object."""

    def parts(self) -> Parts:
        """Return what :func:`load` of the same wheel needs."""
        ...

    def metric(self, weight: UIntArray) -> WheelMetric:
        """Bind weights, in one thread."""
        ...


class PyroutingkitWheel:
    """A hierarchy by ``pyroutingkit``.

    Parameters
    ----------
    topology : Topology
    parts : mapping of str to bytes, optional
        The files that this wheel saved for the same topology; without them
        the node order is computed, which takes most of the time.
    """

    def __init__(self, topology: Topology, parts: Parts | None = None) -> None:
        from pyroutingkit import CCHTopology

        self.native: pyroutingkit.CCHTopology = CCHTopology()
        if parts is None:
            self.native.build(
                topology.tail.astype(np.uint32),
                topology.head.astype(np.uint32),
                topology.lat.astype(np.float32),
                topology.lon.astype(np.float32),
                topology.n_nodes,
            )
            return
        with TemporaryDirectory() as folder:
            for name, content in parts.items():
                Path(folder, name).write_bytes(content)
            self.native.load(folder)

    def parts(self) -> Parts:
        """Return the files that the wheel saves, whatever they are."""
        with TemporaryDirectory() as folder:
            self.native.save(folder)
            return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}

    def metric(self, weight: UIntArray) -> WheelMetric:
        """Bind weights; see :class:`Wheel`."""
        from pyroutingkit import CCHMetric

        native = CCHMetric(self.native)
        native.customize(weight, 1)
        return _PyroutingkitMetric(native)


class _PyroutingkitMetric:
    def __init__(self, native: pyroutingkit.CCHMetric) -> None:
        self._native = native

    def update(self, arcs: IntArray, weight: UIntArray) -> None:
        self._native.update_weights(arcs.astype(np.uint32), weight)

    def matrix(self, origins: IntArray, destinations: IntArray) -> FloatArray:
        found = self._native.distances_many_to_many(
            origins.astype(np.uint32), destinations.astype(np.uint32)
        )
        return np.where(found == CLOSED, np.inf, found)

    def paths(self, origins: IntArray, destinations: IntArray) -> list[IntArray | None]:
        answers = map(self._native.query, origins.tolist(), destinations.tolist())
        return [
            None if distance == CLOSED else np.array(arcs, dtype=np.int64)
            for distance, _nodes, arcs in answers
        ]


class RoutingkitCchWheel:
    """A hierarchy by ``routingkit-cch``; parameters as in :class:`PyroutingkitWheel`."""

    def __init__(self, topology: Topology, parts: Parts | None = None) -> None:
        from routingkit_cch import CCH, compute_order_inertial

        tail, head = topology.tail.tolist(), topology.head.tolist()
        if parts is None:
            self._order = compute_order_inertial(
                topology.n_nodes, tail, head, topology.lat.tolist(), topology.lon.tolist()
            )
        else:
            self._order = np.frombuffer(parts["order"], dtype="<u4").tolist()
        self.native: routingkit_cch.CCH = CCH(self._order, tail, head, False)

    def parts(self) -> Parts:
        """Return the node order."""
        return {"order": np.array(self._order, dtype="<u4").tobytes()}

    def metric(self, weight: UIntArray) -> WheelMetric:
        """Bind weights; see :class:`Wheel`."""
        from routingkit_cch import CCHMetric

        return _RoutingkitCchMetric(self.native, CCHMetric(self.native, weight.tolist()))


class _RoutingkitCchMetric:
    # A query object belongs to the thread that made it, so that each call makes its own.
    def __init__(self, hierarchy: routingkit_cch.CCH, native: routingkit_cch.CCHMetric) -> None:
        self._hierarchy = hierarchy
        self._native = native

    def update(self, arcs: IntArray, weight: UIntArray) -> None:
        from routingkit_cch import CCHMetricPartialUpdater

        changes = dict(zip(arcs.tolist(), weight.tolist(), strict=True))
        CCHMetricPartialUpdater(self._hierarchy).apply(self._native, changes)

    def matrix(self, origins: IntArray, destinations: IntArray) -> FloatArray:
        from routingkit_cch import CCHOneToMany

        query = CCHOneToMany(self._native, destinations.tolist())
        found = np.empty((origins.size, destinations.size))
        for row, origin in zip(found, origins.tolist(), strict=True):
            row[:] = query.distances_from(origin)  # None becomes nan
        return np.where(np.isnan(found), np.inf, found)

    def paths(self, origins: IntArray, destinations: IntArray) -> list[IntArray | None]:
        from routingkit_cch import CCHQuery

        query = CCHQuery(self._native)
        found: list[IntArray | None] = []
        for origin, destination in zip(origins.tolist(), destinations.tolist(), strict=True):
            answer = query.run(origin, destination)
            arcs = None if answer.distance is None else np.array(answer.arc_path, dtype=np.int64)
            found.append(arcs)
            del answer  # the query refuses to run again while an answer is alive
        return found
