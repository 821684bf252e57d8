"""The pace of vehicles by night and in bad weather.

A drive keeps the pace of the moment at which it may begin, throughout: a team
that may leave half an hour before dusk drives by day, one that waits for a road
to open keeps the pace of the time at which it began to wait.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dispatch.geo import PROVINCE_BOUNDS
from dispatch.network.daylight import daylight_s
from dispatch.registry import Registry

BoolArray = NDArray[np.bool_]

PACE: Final = "network/pace"
DAY_S: Final = 86_400


def speeds_kmh(
    registry: Registry, profile: str, *, weather: str = "clear", night: bool = False
) -> dict[str, float]:
    """Return the mean speed of a vehicle by road class, ``access`` off the road included.

    Parameters
    ----------
    registry : Registry
        Without a table network/pace neither night nor weather slows anybody.
    profile : str
    weather : {"clear", "rain", "snow", "fog"}
    night : bool
        Night and weather multiply.
    """
    table = registry["network/speeds"].query("profile == @profile")
    factor = _factors(registry, weather, night)
    return {
        str(name): float(speed) * factor.get(str(name), 1.0)
        for name, speed in zip(table["road_class"], table["speed_kmh"], strict=True)
    }


def is_night(start: datetime, at_s: ArrayLike) -> BoolArray:
    """Return whether it is night, outside civil dawn to civil dusk in the middle of the province.

    Parameters
    ----------
    start : datetime
        With its zone.
    at_s : array_like
        Seconds after the start, not negative; what never happens (inf) is
        judged as if at the start.
    """
    time_s = np.asarray(at_s, float)
    time_s = np.where(np.isfinite(time_s), time_s, 0.0)
    days = int(time_s.max(initial=0.0) // DAY_S) + 2
    west, south, east, north = PROVINCE_BOUNDS
    dawn_s, dusk_s = daylight_s(
        np.array([(west + east) / 2]), np.array([(south + north) / 2]), start, days
    )
    begun = np.searchsorted(dawn_s[:, 0], time_s, side="right")
    ended = np.searchsorted(dusk_s[:, 0], time_s, side="left")
    return np.asarray(begun == ended)


def _factors(registry: Registry, weather: str, night: bool) -> dict[str, float]:
    """Return what is left of the speed by road class."""
    if PACE not in registry.tables:
        return {}
    table = registry[PACE]
    conditions = (weather, "night") if night else (weather,)
    holds = table[table["condition"].isin(conditions)]
    return {str(k): float(v) for k, v in holds.groupby("road_class")["factor"].prod().items()}
