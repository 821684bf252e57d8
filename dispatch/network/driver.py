"""One kind of vehicle on the road: its pace, the engine bound to it, the way out and in.

A place lies somewhere along a link, so that a way between two places leaves
by one end of the first link and comes in by one end of the last, or never
leaves the link at all::

      tail ===x========= head ~ ~ ~ ~ tail =========o=== head
              |--------->            ------------->|
              leave by head (1)      enter by tail (0)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dispatch.network.closures import Closure
from dispatch.network.engine import Engine, Metric
from dispatch.network.hindrance import Hindrances, for_good_ms, hindrances
from dispatch.network.road import NO_LINK, RoadNetwork, arc_times_ms
from dispatch.network.snap import Snaps

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

MS_PER_S = 1000


@dataclass(frozen=True, eq=False)
class Driver:
    """How one kind of vehicle moves: a metric for the roads and a pace off them.

    Parameters
    ----------
    metric : Metric
        The engine with this vehicle's weights, in milliseconds, without what
        is closed for good and without what changes with the clock.
    link_ms : IntArray, shape (L,)
        Time along each link when nothing hinders.
    access_kmh : float
        Pace between a place and the road.
    plaza_ms : int
        Wait at a plaza.
    hindrances : Hindrances
    timed_links : IntArray
        Links whose passage depends on the time; not in the metric.
    """

    metric: Metric
    link_ms: IntArray
    access_kmh: float
    plaza_ms: int = 0
    hindrances: Hindrances = field(default_factory=Hindrances)
    timed_links: IntArray = field(default_factory=lambda: np.empty(0, np.int64))


def driver_of(
    road: RoadNetwork,
    engine: Engine,
    link_ms: IntArray,
    *,
    access_kmh: float,
    plaza_delay_s: int = 0,
    closures: Iterable[Closure] = (),
    mass_kg: float = np.inf,
    height_m: float = 0.0,
) -> Driver:
    """Bind the engine to one kind of vehicle; closures change weights only.

    Links that are too weak or too low for the vehicle are closed for good, like
    those that a closure closes.

    Parameters
    ----------
    road : RoadNetwork
    engine : Engine
        Built for the topology of ``road``.
    link_ms : IntArray, shape (L,)
        As :func:`dispatch.network.road.link_times_ms` gives them.
    access_kmh : float
    plaza_delay_s : int
        0 for a vehicle that passes free.
    closures : iterable of Closure
    mass_kg : float
        Of the vehicle, or of the heaviest in its convoy. By default it is heavier
        than any limit allows, of a closure or of a link.
    height_m : float
        Of the vehicle, or of the tallest in its convoy. By default it passes
        everywhere.
    """
    found = hindrances(closures, mass_kg, barred_links(road, mass_kg, height_m))
    timed = found.timed_links(road)
    lasting_ms = link_ms.astype(float)
    for link, blocks in found.links.items():
        lasting_ms[link] = for_good_ms(blocks, int(link_ms[link]), 0.0, 1.0)
    shut_link = np.isinf(lasting_ms) | np.isin(np.arange(len(link_ms)), timed)
    is_plaza = road.arc_link == NO_LINK
    ends = np.stack([road.topology.tail, road.topology.head])
    shut = (
        np.where(is_plaza, False, shut_link[road.arc_link])
        | np.isin(ends, found.closed_nodes).any(axis=0)
        | np.isin(ends, found.timed_nodes).any(axis=0)
    )
    open_ms = np.where(shut_link, link_ms, lasting_ms).astype(np.int64)
    return Driver(
        metric=engine.customise(arc_times_ms(road, open_ms, plaza_delay_s), shut),
        link_ms=link_ms,
        access_kmh=access_kmh,
        plaza_ms=plaza_delay_s * MS_PER_S,
        hindrances=found,
        timed_links=timed,
    )


def barred_links(road: RoadNetwork, mass_kg: float, height_m: float) -> IntArray:
    """Return the links that are too weak or too low for a vehicle, in order."""
    too_weak, too_low = road.link_max_mass_kg < mass_kg, road.link_max_height_m < height_m
    return np.flatnonzero(too_weak | too_low)


def part_ms(driver: Driver, link: int, a: float, b: float) -> float:
    """Return the time from fraction a to b of a link, with the closures that hold for good."""
    return for_good_ms(driver.hindrances.links.get(link, ()), int(driver.link_ms[link]), a, b)


def access_ms(driver: Driver, places: Snaps) -> FloatArray:
    """Return the time between each place and the road, shape (P,)."""
    ms: FloatArray = np.rint(places.access_m * 3600.0 / driver.access_kmh)
    return ms


def departing_ms(road: RoadNetwork, driver: Driver, places: Snaps) -> FloatArray:
    """Return the time from each place to either end of its link, shape (P, 2); inf if barred."""
    back, ahead = _to_ends_ms(driver, places)
    back = np.where(road.link_both[places.link], back, np.inf)
    return _through_ends(road, driver, places, np.stack([back, ahead], axis=1))


def arriving_ms(road: RoadNetwork, driver: Driver, places: Snaps) -> FloatArray:
    """Return the time from either end of its link to each place, shape (P, 2); inf if barred."""
    along, back = _to_ends_ms(driver, places)
    back = np.where(road.link_both[places.link], back, np.inf)
    return _through_ends(road, driver, places, np.stack([along, back], axis=1))


def staying_ms(
    road: RoadNetwork, driver: Driver, origins: Snaps, destinations: Snaps
) -> FloatArray:
    """Return the time between places without leaving their link, shape (P, Q); inf elsewhere."""
    same = origins.link[:, None] == destinations.link[None, :]
    ahead = destinations.fraction[None, :] >= origins.fraction[:, None]
    allowed = same & (ahead | road.link_both[origins.link][:, None])
    at_ms = [
        np.rint(part * driver.link_ms[origins.link].astype(float)[:, None])
        for part in (origins.fraction[:, None], destinations.fraction[None, :])
    ]
    ms = np.where(allowed, np.abs(at_ms[1] - at_ms[0]), np.inf)
    for p, q in np.argwhere(allowed & _hindered(driver, origins)[:, None]):
        start, stop = float(origins.fraction[p]), float(destinations.fraction[q])
        ms[p, q] = part_ms(driver, int(origins.link[p]), start, stop)
    return ms


def _to_ends_ms(driver: Driver, places: Snaps) -> tuple[FloatArray, FloatArray]:
    """Return the time between each place and the first and the second end of its link."""
    whole = driver.link_ms[places.link].astype(float)
    first = np.rint(places.fraction * whole)
    second = whole - first
    for k in np.flatnonzero(_hindered(driver, places)):
        link, fraction = int(places.link[k]), float(places.fraction[k])
        first[k] = part_ms(driver, link, fraction, 0.0)
        second[k] = part_ms(driver, link, fraction, 1.0)
    return first, second


def _through_ends(road: RoadNetwork, driver: Driver, places: Snaps, ms: FloatArray) -> FloatArray:
    """Bar the ends that are closed for good, and links that only the clock can judge."""
    barred = np.isin(road.link_ends[places.link], driver.hindrances.closed_nodes)
    barred |= np.isin(places.link, driver.timed_links)[:, None]
    return np.where(barred, np.inf, ms)


def _hindered(driver: Driver, places: Snaps) -> BoolArray:
    return np.isin(places.link, list(driver.hindrances.links))
