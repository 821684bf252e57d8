"""The shape of a network, and the checks on all that an engine is asked.

The wheels behind an engine crash the process on a node that does not exist,
so nothing reaches them unchecked.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dispatch.errors import Fault, InputError
from dispatch.i18n import _

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MAX_WEIGHT: Final = 2**31 - 2
"""Largest weight of one arc: the wheels count in 31 bits and use the last value for infinity."""


@dataclass(frozen=True, eq=False)
class Topology:
    """Nodes and directed arcs, without any weight.

    Self-loops, parallel arcs and lonely nodes are all right. The arrays are
    copied and locked, so that a hierarchy built for them stays true.

    Parameters
    ----------
    n_nodes : int
        Number of nodes N, at least 1.
    tail, head : IntArray, shape (A,)
        Node that each arc leaves and enters, 0 … N − 1.
    lon, lat : FloatArray, shape (N,)
        Position of each node in EPSG:4326; it helps to order the nodes and
        has no influence on any distance.

    Raises
    ------
    InputError
        If a length, a node or a position is wrong.
    """

    n_nodes: int
    tail: IntArray
    head: IntArray
    lon: FloatArray
    lat: FloatArray

    def __post_init__(self) -> None:
        if not 1 <= self.n_nodes < 2**31:
            raise _wrong("n_nodes", self.n_nodes, _("a network needs at least one node"))
        for name in ("tail", "head"):
            self._lock(name, check_nodes(name, getattr(self, name), self.n_nodes).copy())
        if self.tail.size != self.head.size:
            raise _wrong("head", self.head.size, _("tail and head have different lengths"))
        for name in ("lon", "lat"):
            position = np.array(getattr(self, name), dtype=np.float64)
            if position.shape != (self.n_nodes,):
                raise _wrong(name, position.shape, _("one value for each node is expected"))
            _refuse(name, position, ~np.isfinite(position), _("not a finite number"))
            self._lock(name, position)

    def _lock(self, name: str, values: NDArray[Any]) -> None:
        values.setflags(write=False)
        object.__setattr__(self, name, values)

    @property
    def n_arcs(self) -> int:
        """Number of arcs A."""
        return self.tail.size

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the arrays: equal topologies, equal digest."""
        state = hashlib.sha256(f"topology {self.n_nodes} {self.n_arcs};".encode())
        for values in (self.tail, self.head, self.lon, self.lat):
            state.update(values.astype(values.dtype.newbyteorder("<")).tobytes())
        return state.hexdigest()


def check_nodes(name: str, nodes: ArrayLike, n_nodes: int) -> IntArray:
    """Return node ids as an array.

    Parameters
    ----------
    name : str
        What the nodes are, for the message.
    nodes : array of integers, one-dimensional
    n_nodes : int

    Raises
    ------
    InputError
        If these are no whole numbers, or one is not in 0 … ``n_nodes`` − 1.
    """
    ids = _whole(name, nodes)
    _refuse(name, ids, (ids < 0) | (ids >= n_nodes), _("no such node"))
    return ids


def check_arcs(arcs: ArrayLike, n_arcs: int) -> IntArray:
    """Return arc ids as an array; errors as :func:`check_nodes`."""
    ids = _whole("arcs", arcs)
    _refuse("arcs", ids, (ids < 0) | (ids >= n_arcs), _("no such arc"))
    return ids


def check_pairs(
    origins: ArrayLike, destinations: ArrayLike, n_nodes: int
) -> tuple[IntArray, IntArray]:
    """Return origins and destinations that belong together pair by pair.

    Raises
    ------
    InputError
        As :func:`check_nodes`, or if there are more of one than of the other.
    """
    starts = check_nodes("origins", origins, n_nodes)
    ends = check_nodes("destinations", destinations, n_nodes)
    if starts.size != ends.size:
        raise _wrong("destinations", ends.size, _("as many destinations as origins are expected"))
    return starts, ends


def check_weights(
    weight: ArrayLike, closed: ArrayLike | None, n_arcs: int
) -> tuple[IntArray, BoolArray]:
    """Return the weights and the mask of closed arcs, both of shape (``n_arcs``,).

    Raises
    ------
    InputError
        If a weight is no whole number, negative or above :data:`MAX_WEIGHT`,
        if the mask is not boolean, or if either has the wrong length.
    """
    values = _whole("weight", weight)
    if values.size != n_arcs:
        raise _wrong("weight", values.size, _("one value for each arc is expected"))
    if values.size and (values.min() < 0 or values.max() > MAX_WEIGHT):
        _refuse("weight", values, values < 0, _("a weight can't be negative"))
        _refuse("weight", values, values > MAX_WEIGHT, _("weight too large; close the arc instead"))
    if closed is None:
        return values, np.zeros(n_arcs, dtype=np.bool_)
    mask = np.asarray(closed)
    if mask.dtype != np.bool_ or mask.shape != (n_arcs,):
        raise _wrong(
            "closed", f"{mask.dtype}{mask.shape}", _("one true or false for each arc is expected")
        )
    return values, mask


def _whole(name: str, values: ArrayLike) -> IntArray:
    array = np.asarray(values)
    if array.ndim != 1:
        raise _wrong(name, array.shape, _("a one-dimensional array is expected"))
    if array.size and array.dtype.kind not in "iu":
        raise _wrong(name, array.dtype, _("whole numbers are expected"))
    if array.dtype == np.uint64:
        _refuse(name, array, array > np.uint64(2**63 - 1), _("number too large"))
    return array.astype(np.int64, copy=False)


def _refuse(name: str, values: NDArray[Any], bad: BoolArray, problem: str) -> None:
    """Raise with the first faults, if any."""
    if bad.any():
        shown = np.flatnonzero(bad)[:10]
        raise InputError(_fault(f"{name}[{i}]", values[i], problem) for i in shown)


def _wrong(column: str, value: object, problem: str) -> InputError:
    return InputError(_fault(column, value, problem))


def _fault(column: str, value: object, problem: str) -> Fault:
    remedy = _("correct the arrays handed to the road engine")
    return Fault("network", None, column, str(value), problem, remedy)
