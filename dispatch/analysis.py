"""Questions that analysts ask of the registry: who reaches what, how soon, by which way.

>>> from datetime import datetime
>>> from dispatch import load_registry
>>> from dispatch.analysis import as_frame, driving, isochrones, itineraries, nearest, od_table
>>> registry = load_registry()
>>> truck = driving(registry, "cargo_truck")
>>> od_table(truck, registry.depots, registry.counties, label="name")
>>> nearest(truck, registry.counties, registry.depots)
>>> isochrones(truck, registry.depots, minutes=(30, 60, 120)).explore("minutes")
>>> start = datetime.fromisoformat("2026-07-15T10:00+08:00")
>>> as_frame(itineraries(registry, registry.teams.index[0], 113.3, 40.1, start))
"""

from __future__ import annotations

from collections.abc import Iterable

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.network.closures import closures_of
from dispatch.network.od import Driving, nearest, od_table
from dispatch.network.reach import isochrones
from dispatch.plan.choices import Itinerary, as_frame, itineraries
from dispatch.plan.vehicles import driver, roads_of
from dispatch.registry import Registry
from dispatch.scenario import ClosureSpec

__all__ = [
    "Driving",
    "Itinerary",
    "as_frame",
    "driving",
    "isochrones",
    "itineraries",
    "nearest",
    "od_table",
]


def driving(
    registry: Registry,
    profile: str,
    *,
    pays_toll: bool = False,
    closures: Iterable[ClosureSpec] = (),
    backend: str = "auto",
) -> Driving:
    """Put one kind of vehicle on the roads of a registry.

    Parameters
    ----------
    registry : Registry
    profile : str
        Of ``registry.profiles``, e.g. ``"fire_engine"``.
    pays_toll : bool
        Whether it waits at the toll plazas; rescue vehicles don't.
    closures : iterable of ClosureSpec
        As in a scenario.
    backend : str
        Of the road engine, see :func:`dispatch.network.engine.build_engine`.

    Raises
    ------
    InputError
        If there is no such profile or backend.
    """
    profiles = registry["network/profiles"]
    if profile not in profiles.index:
        remedy = _("choose one of: {names}").format(names=", ".join(profiles.index))
        raise InputError(
            Fault("network/profiles", None, "profile", profile, _("no such vehicle"), remedy)
        )
    roads = roads_of(registry, backend=backend)
    shut = closures_of(roads.network, closures)
    return Driving(roads.network, driver(registry, roads, profile, pays=pays_toll, closures=shut))
