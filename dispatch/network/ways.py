"""Ways cut where they meet one another or themselves, as arrays of points.

::

    way 0  a---b---c          pieces  a-b, b-c (of way 0), d-b (of way 1)
    way 1      d---b          b is shared by two ways, so both end there
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from dispatch.geo import haversine_m

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pieces:
    """K pieces of ways, each from one node of the network to the next.

    Parameters
    ----------
    way : IntArray, shape (K,)
        Row of the way that each is a piece of.
    tail, head : IntArray, shape (K,)
        Rows of the network's nodes at which each begins and ends, as drawn.
    length_m : FloatArray, shape (K,)
    line : ndarray of LineString, shape (K,)
        EPSG:4326.
    lon, lat : FloatArray, shape (N,)
        Nodes of the network in ascending order of their ids, EPSG:4326.
    """

    way: IntArray
    tail: IntArray
    head: IntArray
    length_m: FloatArray
    line: NDArray[Any]
    lon: FloatArray
    lat: FloatArray


def cut_ways(count: IntArray, ref: IntArray, lon: FloatArray, lat: FloatArray) -> Pieces:
    """Cut ways at every node that is used twice.

    Parameters
    ----------
    count : IntArray, shape (W,)
        Number of points of each way, at least 2.
    ref : IntArray, shape (P,)
        Id of the node at each point, way after way.
    lon, lat : FloatArray, shape (P,)
        EPSG:4326.

    Returns
    -------
    Pieces
        Pieces without extent are left out.
    """
    way = np.repeat(np.arange(count.size), count)
    last = np.cumsum(count) - 1
    _ids, number, uses = np.unique(ref, return_inverse=True, return_counts=True)
    cut = uses[number] > 1
    cut[last] = cut[last - count + 1] = True
    at = np.flatnonzero(cut)
    within = way[at[:-1]] == way[at[1:]]
    start, stop = at[:-1][within], at[1:][within]

    moves = (lon[1:] != lon[:-1]) | (lat[1:] != lat[:-1])
    moved = np.concatenate([[0], np.cumsum(moves)])
    extended = moved[stop] > moved[start]
    start, stop = start[extended], stop[extended]

    point = _ranges(start, stop)
    piece = np.repeat(np.arange(start.size), stop - start + 1)
    x, y = lon[point], lat[point]
    step = np.where(piece[1:] == piece[:-1], haversine_m(x[:-1], y[:-1], x[1:], y[1:]), 0.0)
    _ends, row = np.unique(ref[np.concatenate([start, stop])], return_inverse=True)
    first_use = np.concatenate([start, stop])[np.unique(row, return_index=True)[1]]
    return Pieces(
        way=way[start],
        tail=row[: start.size],
        head=row[start.size :],
        length_m=np.bincount(piece[1:], step, start.size).astype(float),
        line=np.asarray(shapely.linestrings(np.column_stack([x, y]), indices=piece)),
        lon=lon[first_use],
        lat=lat[first_use],
    )


def _ranges(start: IntArray, stop: IntArray) -> IntArray:
    """Return all whole numbers from each start to its stop, one range after another."""
    size = stop - start + 1
    offset = np.cumsum(size) - size
    numbers: IntArray = np.arange(size.sum()) - np.repeat(offset - start, size)
    return numbers
