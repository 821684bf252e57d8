"""What aircraft can do and where: types, fields, sites, fleet, weather.

An aircraft flies great circles at cruise speed in still air. Fuel burns evenly
with distance, and the final reserve is never touched, so the range with a load
follows from the fuel that the load leaves room for::

    fuel  = min(fuel_kg, useful_load_kg - payload)
    range = range_km * fuel / fuel_kg - cruise * reserve

Hot and high is a stated margin only: a place must lie :data:`CEILING_MARGIN_M`
below the service ceiling of a type that is to land there.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from math import ceil, floor, inf
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from dispatch.geo import haversine_m
from dispatch.scenario import ClosureSpec

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

S_PER_MIN: Final = 60

CEILING_MARGIN_M: Final = 2_000
"""How far below a type's service ceiling it still takes off loaded (assumption)."""


@dataclass(frozen=True)
class AircraftType:
    """One row of ``airbases/aircraft_types``; units are in the names.

    ``range_km`` is in still air on full fuel without reserve, ``reserve_s``
    the final reserve at cruise. ``turnaround_s`` passes between a landing and
    the next take-off, refuelling included; ``load_s`` is for boarding or
    leaving. ``max_slope_deg`` is the steepest site off an airfield, 0 for a
    type that keeps to airfields. The last three but one are weather minima.
    """

    aircraft_type: str
    cruise_kmh: float
    range_km: float
    reserve_s: int
    fuel_kg: float
    payload_kg: float
    useful_load_kg: float
    seats: int
    ceiling_m: float
    runway_m: int
    turnaround_s: int
    load_s: int
    night: bool
    max_slope_deg: float
    min_visibility_m: float
    min_cloud_base_m: float
    max_wind_ms: float
    cost_yuan_per_h: float

    @property
    def ground_s(self) -> int:
        """Time between a landing with or for a load and the next take-off."""
        return max(self.turnaround_s, self.load_s)


@dataclass(frozen=True)
class Closing:
    """A time in which nobody lands or takes off at a field; flights over it are free.

    Parameters
    ----------
    field : int
    from_s, until_s : float
        Whole seconds after the start; closed at the first, open again at the
        second, which is inf where no end is known.
    """

    field: int
    from_s: float
    until_s: float

    @property
    def for_good(self) -> bool:
        """Whether it holds from the start and without end."""
        return self.from_s <= 0 and self.until_s == inf


@dataclass(frozen=True, eq=False)
class Fields:
    """F airfields and landing points.

    Parameters
    ----------
    field_id : tuple of str
    lon, lat : FloatArray, shape (F,)
        EPSG:4326.
    elevation_m : FloatArray, shape (F,)
        NaN where unknown, which is then not held against a type.
    runway_m : IntArray, shape (F,)
    fuel, night : BoolArray, shape (F,)
        Whether it has fuel, and whether it is lit.
    closings : tuple of Closing
        When fields are closed; an aircraft based there stays on the ground meanwhile.
    """

    field_id: tuple[str, ...]
    lon: FloatArray
    lat: FloatArray
    elevation_m: FloatArray
    runway_m: IntArray
    fuel: BoolArray
    night: BoolArray
    closings: tuple[Closing, ...] = ()


@dataclass(frozen=True, eq=False)
class Sites:
    """I incidents: what is known for a landing there, and the last leg by road.

    Parameters
    ----------
    lon, lat : FloatArray, shape (I,)
        EPSG:4326.
    elevation_m : FloatArray, shape (I,)
        NaN where unknown.
    slope_deg : FloatArray, shape (I,)
        Slope of the landing place found at the site; NaN where there is none.
    road_s : FloatArray, shape (F, I)
        From each field to each incident by road; inf where there is no way.
    """

    lon: FloatArray
    lat: FloatArray
    elevation_m: FloatArray
    slope_deg: FloatArray
    road_s: FloatArray


@dataclass(frozen=True, eq=False)
class Fleet:
    """A aircraft.

    Parameters
    ----------
    aircraft_id : tuple of str
    kinds : tuple of AircraftType
    kind : IntArray, shape (A,)
        Row of ``kinds``.
    base : IntArray, shape (A,)
        Field at which the aircraft stands, fuelled as its first flight needs.
    mobilise_day_s, mobilise_night_s : IntArray, shape (A,)
    free_s : FloatArray, shape (A,)
        When it can be ordered; inf for one that can't.
    """

    aircraft_id: tuple[str, ...]
    kinds: tuple[AircraftType, ...]
    kind: IntArray
    base: IntArray
    mobilise_day_s: IntArray
    mobilise_night_s: IntArray
    free_s: FloatArray


@dataclass(frozen=True)
class Weather:
    """Conditions over the province; what is not reported does not bind."""

    visibility_m: float = np.inf
    cloud_base_m: float = np.inf
    wind_ms: float = 0.0


def range_m(kind: AircraftType, payload_kg: ArrayLike) -> FloatArray:
    """Return how far a type flies with a load and still keeps its reserve.

    Parameters
    ----------
    kind : AircraftType
    payload_kg : array_like

    Returns
    -------
    FloatArray
        Whole metres, rounded down; -1 where the load can't be carried at all.
    """
    load_kg = np.asarray(payload_kg, float)
    fuel_kg = np.minimum(kind.fuel_kg, kind.useful_load_kg - load_kg)
    reserve_m = kind.cruise_kmh / 3.6 * kind.reserve_s
    # a hair more than the quotient, so that a limit met exactly is met
    reach_m = np.floor(kind.range_km * 1000 * fuel_kg / kind.fuel_kg - reserve_m + 1e-6)
    return np.where((load_kg > kind.payload_kg) | (reach_m < 0), -1.0, reach_m)


def distances_m(lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Return the great-circle distances between N places in whole metres, shape (N, N)."""
    return np.rint(haversine_m(lon[:, None], lat[:, None], lon[None, :], lat[None, :]))


def flight_times_s(kind: AircraftType, distance_m: FloatArray) -> FloatArray:
    """Return the time in the air at cruise, whole seconds rounded up."""
    seconds: FloatArray = np.ceil(distance_m * 3.6 / kind.cruise_kmh - 1e-9)
    return seconds


def usable_fields(kind: AircraftType, places: Fields) -> BoolArray:
    """Tell on which fields a type may take off and land at some time or other, shape (F,)."""
    shut = [closing.field for closing in places.closings if closing.for_good]
    usable = (places.runway_m >= kind.runway_m) & _low(kind, places.elevation_m)
    usable[shut] = False
    return usable


def usable_sites(kind: AircraftType, sites: Sites) -> BoolArray:
    """Tell at which incidents a type may land on the spot, shape (I,)."""
    level = sites.slope_deg <= kind.max_slope_deg if kind.max_slope_deg > 0 else False
    return np.asarray(level & (kind.runway_m == 0) & _low(kind, sites.elevation_m))


def hops(places: Fields, kind: AircraftType, payload_kg: float) -> FloatArray:
    """Return the time of each flight without a stop, shape (F, F).

    inf where the range with that load and the reserve does not reach, where
    the type may never land or take off, and from a field to itself.
    """
    distance_m = distances_m(places.lon, places.lat)
    usable = usable_fields(kind, places)
    flown = usable[:, None] & usable[None, :] & (distance_m <= range_m(kind, payload_kg))
    np.fill_diagonal(flown, False)
    return np.where(flown, flight_times_s(kind, distance_m), np.inf)


def grounded_by(kind: AircraftType, weather: Weather) -> str | None:
    """Name what in the weather keeps a type on the ground, None where nothing does.

    Returns
    -------
    {"visibility", "cloud", "wind"} or None
    """
    if weather.visibility_m < kind.min_visibility_m:
        return "visibility"
    if weather.cloud_base_m < kind.min_cloud_base_m:
        return "cloud"
    return "wind" if weather.wind_ms > kind.max_wind_ms else None


def build_fields(airbases: pd.DataFrame) -> Fields:
    """Make the fields of the table ``airbases/airbases``, none of them ever closed."""
    return Fields(
        field_id=tuple(map(str, airbases.index)),
        lon=airbases["lon"].to_numpy(float),
        lat=airbases["lat"].to_numpy(float),
        elevation_m=airbases["elevation_m"].to_numpy(float),
        runway_m=airbases["runway_m"].to_numpy(np.int64),
        fuel=airbases["fuel"].eq("yes").to_numpy(bool),
        night=airbases["night"].eq("yes").to_numpy(bool),
    )


def close_fields(places: Fields, specs: Iterable[ClosureSpec]) -> Fields:
    """Close the airfields that a scenario closes, for the time that it says.

    Raises
    ------
    ValueError
        If there is no such field: a scenario is checked before.
    """
    row = {field_id: f for f, field_id in enumerate(places.field_id)}
    closings = list(places.closings)
    for spec in specs:
        if spec.airfield is None:
            continue
        if spec.airfield not in row:
            raise ValueError(f"a closure names {spec.airfield}, which is no airfield")
        until_s = inf if spec.until_min is None else ceil(spec.until_min * S_PER_MIN)
        closings.append(Closing(row[spec.airfield], floor(spec.from_min * S_PER_MIN), until_s))
    return replace(places, closings=tuple(closings))


def build_fleet(aircraft: pd.DataFrame, types: pd.DataFrame, places: Fields) -> Fleet:
    """Make the fleet of ``airbases/aircraft`` and ``airbases/aircraft_types``, all of it free."""
    row = {field_id: f for f, field_id in enumerate(places.field_id)}
    return Fleet(
        aircraft_id=tuple(map(str, aircraft.index)),
        kinds=tuple(_kind(key, types.loc[key].to_dict()) for key in types.index),
        kind=types.index.get_indexer(pd.Index(aircraft["aircraft_type"])).astype(np.int64),
        base=np.array([row[base] for base in aircraft["airbase_id"]], np.int64),
        mobilise_day_s=aircraft["mobilise_day_s"].to_numpy(np.int64),
        mobilise_night_s=aircraft["mobilise_night_s"].to_numpy(np.int64),
        free_s=np.zeros(len(aircraft)),
    )


def _kind(key: Hashable, row: Mapping[Hashable, Any]) -> AircraftType:
    names = [field.name for field in fields(AircraftType) if field.name in row]
    figures = {name: row[name] for name in names} | {"night": row["night"] == "yes"}
    return AircraftType(aircraft_type=str(key), **figures)


def _low(kind: AircraftType, elevation_m: FloatArray) -> BoolArray:
    """Tell which elevations leave the margin to the ceiling; unknown ones do."""
    return ~(elevation_m + CEILING_MARGIN_M > kind.ceiling_m)
