"""Daylight and opening: when a flight may take off here so that it may land there.

Day is civil dawn to civil dusk (sun 6 degrees below the horizon) at the place
itself. A field may be closed for a time besides::

    here   ----[======]-----[=============]----     open for take-off
    there  --------[====]------[===]-----[==]--     open for landing, a flight earlier
    flight --------[==]--------[===]-----[]----     may take off
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import numpy as np
from astral import Observer
from astral.sun import dawn, dusk
from numpy.typing import NDArray

from dispatch.network.flight import Closing

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


def open_hours(
    dawn_s: FloatArray,
    dusk_s: FloatArray,
    needs_light: BoolArray,
    closings: Iterable[Closing] = (),
) -> tuple[FloatArray, FloatArray]:
    """Return from when to when one may take off and land at each place, both included.

    Parameters
    ----------
    dawn_s, dusk_s : FloatArray, shape (D, N)
    needs_light : BoolArray, shape (N,)
        Where take-off and landing are bound to daylight.
    closings : iterable of Closing
        Their fields are rows of the places.

    Returns
    -------
    open_s, close_s : FloatArray, shape (K, N)
        Windows of each place in order; those that a place has less than others
        open at inf and close at -inf.
    """
    first = np.arange(len(dawn_s))[:, None] == 0
    always_s = np.where(first, -np.inf, np.inf)
    open_s = np.where(needs_light, dawn_s, always_s)
    close_s = np.where(needs_light, dusk_s, -always_s)
    for closing in closings:
        here = np.arange(open_s.shape[1]) == closing.field
        before_s = np.where(here, np.minimum(close_s, closing.from_s - 1), close_s)
        after_s = np.where(here, np.maximum(open_s, closing.until_s), np.inf)
        open_s, close_s = _in_order(
            np.concatenate([open_s, after_s]), np.concatenate([before_s, close_s])
        )
    return open_s, close_s


def windows(
    open_s: FloatArray, close_s: FloatArray, flight_s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return from when to when each flight may take off.

    Parameters
    ----------
    open_s, close_s : FloatArray, shape (K, N)
        As :func:`open_hours` gives them.
    flight_s : FloatArray, shape (N, N)
        Time in the air; inf where the flight is not to be made at all.

    Returns
    -------
    opens, closes : FloatArray, shape (W, N, N)
        Windows of each flight in order; those that a flight has less than others
        close at -inf. Both are inf for a flight that is never made.
    """
    possible = np.isfinite(flight_s)
    air_s = np.where(possible, flight_s, 0.0)
    shape = -1, *flight_s.shape
    opens = np.maximum(open_s[:, None, :, None], open_s[None, :, None, :] - air_s)
    closes = np.minimum(close_s[:, None, :, None], close_s[None, :, None, :] - air_s)
    opens, closes = _in_order(opens.reshape(shape), closes.reshape(shape))
    return np.where(possible, opens, np.inf), np.where(possible, closes, np.inf)


def departure_s(
    ready_s: FloatArray, opens: FloatArray, closes: FloatArray, at: Any = ...
) -> FloatArray:
    """Return the earliest take-off at or after a time, inf where no window is left.

    Parameters
    ----------
    ready_s : FloatArray
        Of a shape that broadcasts with the windows asked for.
    opens, closes : FloatArray, shape (W, N, N)
        As :func:`windows` gives them.
    at : index
        Which flights of (N, N) are meant, all by default.
    """
    begin, end = opens[0][at], closes[0][at]
    in_time = ready_s <= end
    best: FloatArray = np.where(in_time, np.maximum(ready_s, begin), np.inf)
    for window in range(1, len(opens)):
        if in_time.all():
            break
        end = closes[window][at]
        later = np.where(ready_s <= end, np.maximum(ready_s, opens[window][at]), np.inf)
        best, in_time = np.where(in_time, best, later), in_time | (ready_s <= end)
    return best


def _in_order(opens: FloatArray, closes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sort windows along the first axis by when they open, and drop those that never do."""
    never = opens > closes
    opens, closes = np.where(never, np.inf, opens), np.where(never, -np.inf, closes)
    order = opens.argsort(axis=0, kind="stable")
    count = int((~never).sum(axis=0).max(initial=1))
    return (
        np.take_along_axis(opens, order, axis=0)[:count],
        np.take_along_axis(closes, order, axis=0)[:count],
    )
