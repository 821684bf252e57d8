"""Questions that analysts ask of the registry: who reaches what, how soon.

>>> from dispatch import load_registry
>>> from dispatch.analysis import driving, isochrones, nearest, od_table
>>> registry = load_registry()
>>> truck = driving(registry, "cargo_truck")
>>> od_table(truck, registry.depots, registry.counties, label="name")
>>> nearest(truck, registry.counties, registry.depots)
>>> isochrones(truck, registry.depots, minutes=(30, 60, 120)).explore("minutes")
"""

from __future__ import annotations

from collections.abc import Iterable

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.network.closures import closures_of
from dispatch.network.driver import driver_of
from dispatch.network.engine import build_engine
from dispatch.network.od import Driving, nearest, od_table
from dispatch.network.reach import isochrones
from dispatch.network.road import build_road_network, link_times_ms
from dispatch.registry import Registry
from dispatch.scenario import ClosureSpec

__all__ = ["Driving", "driving", "isochrones", "nearest", "od_table"]


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
    vehicle = profiles.loc[profile]
    speeds = registry["network/speeds"].query("profile == @profile").set_index("road_class")
    plaza_delay_s = registry["network/toll_rates"].at[vehicle["toll_class"], "plaza_delay_s"]
    road = build_road_network(registry.junctions, registry.links)
    driver = driver_of(
        road,
        build_engine(road.topology, backend=backend),
        link_times_ms(road, speeds["speed_kmh"].to_dict()),
        access_kmh=float(speeds.at["access", "speed_kmh"]),
        plaza_delay_s=int(plaza_delay_s) if pays_toll else 0,
        closures=closures_of(road, closures),
        mass_kg=float(vehicle["mass_kg"]),
    )
    return Driving(road, driver)
