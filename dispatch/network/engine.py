"""The road engine: build once for a topology, bind weights, ask.

A vehicle's profile, an hour or a closure changes the weights only. The
hierarchy behind ``auto`` is the first wheel that this machine has; SciPy's
Dijkstra gives the same distances everywhere, more slowly.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Final, Protocol

from numpy.typing import ArrayLike

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.network import cch_cache
from dispatch.network.cch_wheels import Parts, PyroutingkitWheel, RoutingkitCchWheel, Wheel
from dispatch.network.engine_cch import CchEngine
from dispatch.network.engine_scipy import ScipyEngine
from dispatch.network.topology import (
    MAX_WEIGHT,
    BoolArray,
    FloatArray,
    IntArray,
    Topology,
)

__all__ = [
    "BACKENDS",
    "MAX_WEIGHT",
    "BoolArray",
    "Engine",
    "FloatArray",
    "IntArray",
    "Metric",
    "Topology",
    "build_engine",
    "installed_backends",
]

_WHEELS: Final[dict[str, Callable[[Topology, Parts | None], Wheel]]] = {
    "pyroutingkit": PyroutingkitWheel,
    "routingkit-cch": RoutingkitCchWheel,
}

BACKENDS: Final = (*_WHEELS, "scipy")
"""Every backend there is, the one that ``auto`` prefers first."""


class Metric(Protocol):
    """A topology with weights. Distances are sums of weights, in their unit."""

    def updated(
        self, arcs: ArrayLike, weight: ArrayLike, closed: ArrayLike | None = None
    ) -> Metric:
        """Return the metric with other weights on a few arcs.

        Much faster than :meth:`Engine.customise` where one link fails. This
        metric stays right; its next question takes longer, as the new one has
        taken over what was prepared.

        Parameters
        ----------
        arcs : array of arc ids, shape (K,)
        weight, closed
            As in :meth:`Engine.customise`, of these arcs only, shape (K,).

        Raises
        ------
        InputError
            If there is no such arc, or as in :meth:`Engine.customise`.
        """
        ...

    def matrix(self, origins: ArrayLike, destinations: ArrayLike) -> FloatArray:
        """Return the distance from each origin to each destination.

        Parameters
        ----------
        origins, destinations : arrays of node ids, shapes (O,) and (D,)

        Returns
        -------
        FloatArray, shape (O, D)
            Whole numbers, exact up to 2⁵³; ``inf`` where there is no way.

        Raises
        ------
        InputError
            If there is no such node.
        """
        ...

    def path(self, origin: int, destination: int) -> IntArray | None:
        """Return the arcs of a shortest path in order of travel.

        Empty from a node to itself, None where there is no way. Which of
        several equally short paths is given depends on the backend; the same
        backend always gives the same one.
        """
        ...

    def paths(self, origins: ArrayLike, destinations: ArrayLike) -> tuple[IntArray | None, ...]:
        """Return the path of each pair (origin i, destination i)."""
        ...


class Engine(Protocol):
    """A topology prepared for questions."""

    @property
    def name(self) -> str:
        """The backend's name."""
        ...

    @property
    def topology(self) -> Topology:
        """What it was built for."""
        ...

    def customise(self, weight: ArrayLike, closed: ArrayLike | None = None) -> Metric:
        """Bind weights.

        Parameters
        ----------
        weight : array of integers, shape (A,)
            Cost of each arc, 0 … :data:`MAX_WEIGHT`, in any unit
            (milliseconds reach to 24 days).
        closed : array of bool, shape (A,), optional
            True where an arc can't be used, whatever its weight.

        Raises
        ------
        InputError
            If a weight is negative, too large or not whole, or a length differs.
        """
        ...


def installed_backends() -> tuple[str, ...]:
    """Return the backends that work on this machine, in the order of :data:`BACKENDS`."""
    return tuple(name for name in BACKENDS if name == "scipy" or _importable(name))


def build_engine(
    topology: Topology, *, backend: str = "auto", cache_dir: Path | None = None
) -> Engine:
    """Prepare a topology.

    Parameters
    ----------
    topology : Topology
    backend : {"auto", "pyroutingkit", "routingkit-cch", "scipy"}
    cache_dir : Path, optional
        Folder that keeps node orders from run to run, by the topology's
        digest. Runs may share it; a damaged file is replaced.

    Raises
    ------
    InputError
        If the backend is unknown or not installed.
    """
    name = installed_backends()[0] if backend == "auto" else backend
    if name not in installed_backends():
        problem = (
            _("this road engine is not installed") if name in BACKENDS else _("no such road engine")
        )
        remedy = _("choose one of: {names}").format(
            names=", ".join(("auto", *installed_backends()))
        )
        raise InputError(Fault("network", None, "backend", name, problem, remedy))
    if name == "scipy":
        return ScipyEngine(topology)
    return CchEngine(name, topology, _hierarchy(name, topology, cache_dir))


def _hierarchy(name: str, topology: Topology, cache_dir: Path | None) -> Wheel:
    make = _WHEELS[name]
    if cache_dir is None:
        return make(topology, None)
    file = cache_dir / f"{topology.digest}-{name}-{version(name)}.order"
    parts = cch_cache.read(file)
    wheel = make(topology, parts)
    if parts is None:
        cch_cache.write(file, wheel.parts())
    return wheel


def _importable(name: str) -> bool:
    try:
        import_module(name.replace("-", "_"))
    except ImportError:  # absent, or built for another C library
        return False
    return True
