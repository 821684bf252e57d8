"""Daylight: when the sun allows a take-off here and a landing there.

Day is civil dawn to civil dusk (sun 6 degrees below the horizon) at the place
itself. A flight is taken to be shorter than a night, so that it begins and
ends in the same day wherever both of its ends need light.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import numpy as np
from astral import Observer
from astral.sun import dawn, dusk
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

CHINA: Final = timezone(timedelta(hours=8))
"""The zone in which a day runs from one midnight to the next."""


def daylight_s(
    lon: FloatArray, lat: FloatArray, start: datetime, days: int
) -> tuple[FloatArray, FloatArray]:
    """Return civil dawn and dusk of the coming days at P places.

    Parameters
    ----------
    lon, lat : FloatArray, shape (P,)
        EPSG:4326.
    start : datetime
        With its zone; the first day is the one in which it lies.
    days : int
        D, at least 1.

    Returns
    -------
    dawn_s, dusk_s : FloatArray, shape (D, P)
        Whole seconds after ``start``, dawn rounded up and dusk down; negative
        where already past.

    Raises
    ------
    ValueError
        If the sun does not pass 6 degrees below the horizon there on that day.

    References
    ----------
    J. Meeus, *Astronomical Algorithms*, 2nd ed., 1998, as in the package astral.
    """
    first = start.astimezone(CHINA).date()
    dates = [first + timedelta(days=d) for d in range(days)]
    observers = [Observer(float(y), float(x)) for x, y in zip(lon, lat, strict=True)]
    dawn_s = [
        [math.ceil((dawn(who, day, tzinfo=CHINA) - start).total_seconds()) for who in observers]
        for day in dates
    ]
    dusk_s = [
        [math.floor((dusk(who, day, tzinfo=CHINA) - start).total_seconds()) for who in observers]
        for day in dates
    ]
    shape = days, len(observers)
    return np.reshape(dawn_s, shape).astype(float), np.reshape(dusk_s, shape).astype(float)


def windows(
    dawn_s: FloatArray, dusk_s: FloatArray, needs_light: BoolArray, flight_s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return from when to when each flight may take off on each day.

    Parameters
    ----------
    dawn_s, dusk_s : FloatArray, shape (D, N)
    needs_light : BoolArray, shape (N,)
        Where take-off and landing are bound to daylight.
    flight_s : FloatArray, shape (N, N)
        Time in the air; inf where the flight is not to be made at all.

    Returns
    -------
    opens, closes : FloatArray, shape (D, N, N)
        ``closes`` is -inf where a day has no such time; both are inf for a
        flight that is never made.
    """
    sunrise = np.where(needs_light, dawn_s, -np.inf)
    sunset = np.where(needs_light, dusk_s, np.inf)
    possible = np.isfinite(flight_s)
    air_s = np.where(possible, flight_s, 0.0)
    opens = np.maximum(sunrise[:, :, None], sunrise[:, None, :] - air_s)
    closes = np.minimum(sunset[:, :, None], sunset[:, None, :] - air_s)
    closes = np.where(opens <= closes, closes, -np.inf)
    return np.where(possible, opens, np.inf), np.where(possible, closes, np.inf)


def departure_s(
    ready_s: FloatArray, opens: FloatArray, closes: FloatArray, at: Any = ...
) -> FloatArray:
    """Return the earliest take-off at or after a time, inf where no window is left.

    Parameters
    ----------
    ready_s : FloatArray
        Of a shape that broadcasts with the windows asked for.
    opens, closes : FloatArray, shape (D, N, N)
        See :func:`windows`, in the order of the days.
    at : index
        Which flights of (N, N) are meant, all by default.
    """
    begin, end = opens[0][at], closes[0][at]
    in_time = ready_s <= end
    best: FloatArray = np.where(in_time, np.maximum(ready_s, begin), np.inf)
    for day in range(1, len(opens)):
        if in_time.all():
            break
        end = closes[day][at]
        later = np.where(ready_s <= end, np.maximum(ready_s, opens[day][at]), np.inf)
        best, in_time = np.where(in_time, best, later), in_time | (ready_s <= end)
    return best
