"""Distances on the sphere and the GCJ-02 offset."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean radius R1 of the WGS84 ellipsoid (IUGG), in metres."""

PROVINCE_BOUNDS: Final = (109.9, 34.4, 114.7, 40.9)
"""West, south, east, north of Shanxi with a rim of about 20 km (EPSG:4326)."""

_GCJ_A_M: Final = 6_378_245.0
_GCJ_E2: Final = 0.006_693_421_622_965_943


def haversine_m(
    lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike
) -> NDArray[np.float64]:
    """Great-circle distance in metres between points in EPSG:4326.

    Inputs broadcast against each other as NumPy arrays do.
    """
    lam1, phi1, lam2, phi2 = (
        np.radians(np.asarray(x, dtype=float)) for x in (lon1, lat1, lon2, lat2)
    )
    half_chord = (
        np.sin((phi2 - phi1) / 2) ** 2
        + np.cos(phi1) * np.cos(phi2) * np.sin((lam2 - lam1) / 2) ** 2
    )
    distance: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(half_chord))
    return distance


def gcj02_from_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """Shift a WGS84 point by the GCJ-02 offset used on Chinese web maps.

    The offset series is the one in common use since 2010; it holds inside
    mainland China, where it reproduces the official maps to a few metres.
    """
    x, y = lon - 105.0, lat - 35.0
    root = math.sqrt(abs(x))
    waves = 20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)
    d_lat = (
        -100
        + 2 * x
        + 3 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + (waves + 20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
        + (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    )
    d_lon = (
        300
        + x
        + 2 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + (waves + 20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
        + (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    )
    phi = math.radians(lat)
    w2 = 1 - _GCJ_E2 * math.sin(phi) ** 2
    metres_per_degree_lat = _GCJ_A_M * (1 - _GCJ_E2) / (w2 * math.sqrt(w2)) * math.pi / 180
    metres_per_degree_lon = _GCJ_A_M / math.sqrt(w2) * math.cos(phi) * math.pi / 180
    return lon + d_lon / metres_per_degree_lon, lat + d_lat / metres_per_degree_lat


def wgs84_from_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Undo :func:`gcj02_from_wgs84` by fixed-point iteration, to below 1 mm."""
    x, y = lon, lat
    for _ in range(8):
        shifted = gcj02_from_wgs84(x, y)
        x, y = x + lon - shifted[0], y + lat - shifted[1]
    return x, y
