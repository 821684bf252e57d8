"""Times between places as tables with named rows, for analysts.

Places are frames: whatever index names their rows names the answer's.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.network.drive import drives
from dispatch.network.driver import MS_PER_S, Driver, FloatArray
from dispatch.network.road import RoadNetwork
from dispatch.network.snap import Snaps, snap

S_PER_MIN = 60
MS_PER_MIN = S_PER_MIN * MS_PER_S
WGS84 = "EPSG:4326"


@dataclass(frozen=True, eq=False)
class Driving:
    """A road network and one kind of vehicle on it: all that a question of time needs.

    Parameters
    ----------
    road : RoadNetwork
    driver : Driver
        Bound to an engine for the topology of ``road``.
    """

    road: RoadNetwork
    driver: Driver


def od_table(
    driving: Driving,
    origins: pd.DataFrame,
    destinations: pd.DataFrame,
    *,
    label: str | None = None,
    ready_s: float = 0.0,
) -> pd.DataFrame:
    """Return the minutes from each origin to each destination.

    Parameters
    ----------
    driving : Driving
    origins, destinations : DataFrame, P and Q rows
        With columns lon and lat in EPSG:4326, or a GeoDataFrame of points.
    label : str, optional
        Column to name rows and columns by in place of the index, e.g. ``"name"``.
    ready_s : float
        When the drives begin, in whole seconds after the start of the
        scenario; it matters where roads open or close meanwhile.

    Returns
    -------
    DataFrame, shape (P, Q)
        Minutes door to door, the way between place and road at both ends
        included, to the second; inf where there is no way.

    Raises
    ------
    InputError
        If places have no position, or no such column to name them by.
    """
    rows, columns = _names(origins, label), _names(destinations, label)
    here, there = snap_places(driving.road, origins), snap_places(driving.road, destinations)
    found = drives(driving.road, driving.driver, here, there, ready_s)
    return pd.DataFrame(found.time_s / S_PER_MIN, index=rows, columns=columns)


def nearest(
    driving: Driving,
    places: pd.DataFrame,
    depots: pd.DataFrame,
    *,
    label: str | None = None,
    ready_s: float = 0.0,
) -> pd.DataFrame:
    """Return, for each place, the depot from which help is there first.

    Parameters
    ----------
    driving : Driving
    places, depots : DataFrame
        As in :func:`od_table`; drives lead from depot to place.
    label, ready_s
        As in :func:`od_table`.

    Returns
    -------
    DataFrame, a row for each place in the order given
        Columns ``nearest``, the depot's id (missing where no depot has a way
        to the place; of equals the first depot), and ``minutes`` (inf there).

    Raises
    ------
    InputError
        As :func:`od_table`.
    """
    minutes = od_table(driving, depots, places, label=label, ready_s=ready_s)
    if minutes.empty:
        return pd.DataFrame({"nearest": None, "minutes": np.inf}, index=minutes.columns)
    values = minutes.to_numpy()
    first, least = minutes.index[values.argmin(axis=0)], values.min(axis=0)
    names = pd.Series(first, index=minutes.columns).where(np.isfinite(least))
    return pd.DataFrame({"nearest": names, "minutes": least})


def snap_places(road: RoadNetwork, places: pd.DataFrame) -> Snaps:
    """Join the places of a frame to the road.

    Parameters
    ----------
    road : RoadNetwork
    places : DataFrame
        As in :func:`od_table`.

    Raises
    ------
    InputError
        If a place has no position.
    """
    return snap(road, *_lon_lat(places))


def _lon_lat(places: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    if {"lon", "lat"} <= set(places.columns):
        lon, lat = places["lon"].to_numpy(float), places["lat"].to_numpy(float)
    elif isinstance(places, gpd.GeoDataFrame) and (places.geom_type == "Point").all():
        points = (places if places.crs is None else places.to_crs(WGS84)).geometry
        lon, lat = points.x.to_numpy(), points.y.to_numpy()
    else:
        problem = _("the places have no position")
        remedy = _("give a frame with columns lon and lat, or points")
        raise InputError(Fault(_table(places), None, "lon, lat", None, problem, remedy))
    lost = ~(np.isfinite(lon) & np.isfinite(lat))
    if lost.any():
        raise InputError(
            Fault(
                file=_table(places),
                row=None,
                column="lon, lat",
                value=str(name),
                problem=_("this place has no position"),
                remedy=_("complete it or leave the row out"),
            )
            for name in places.index[lost]
        )
    return lon, lat


def _names(places: pd.DataFrame, label: str | None) -> pd.Index:
    """Return what to name places by."""
    if label is not None and label not in places.columns:
        problem = _("no such column")
        remedy = _("choose one of: {names}").format(names=", ".join(map(str, places.columns)))
        raise InputError(Fault(_table(places), None, label, None, problem, remedy))
    names: pd.Index = places.index if label is None else places.set_index(label).index
    return names


def _table(places: pd.DataFrame) -> str:
    """Return what to call a frame in a message: what its index is."""
    return str(places.index.name or "places")
