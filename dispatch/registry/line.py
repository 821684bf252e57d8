"""Check the lines of links: that they are lines, join their junctions, are as long as said."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from dispatch.geo import haversine_m
from dispatch.i18n import _
from dispatch.registry.position import Floats, Troubles

LINE_END_M: Final = 300
"""How far the end of a line may lie from its junction."""


def read_lines(texts: list[str]) -> NDArray[Any]:
    """Return the lines of WKT texts, None where a text is no usable line."""
    lines: NDArray[Any] = shapely.from_wkt(np.array(texts, dtype=object), on_invalid="ignore")
    finite = np.isfinite(shapely.bounds(lines)).all(axis=-1)
    lines[(shapely.get_type_id(lines) != 1) | ~finite] = None
    return lines


def line_troubles(
    lines: NDArray[Any], starts: tuple[Floats, Floats], ends: tuple[Floats, Floats]
) -> Troubles:
    """Find texts that are no line, and lines that don't join their junctions.

    Parameters
    ----------
    lines : ndarray of LineString or None, shape (rows,)
    starts, ends : pair of ndarray, shape (rows,)
        Longitudes and latitudes of the junctions; NaN where not known.
    """
    no_line = _("this is no line in WKT"), _("write LINESTRING (lon lat, lon lat, …)")
    troubles = dict.fromkeys(np.flatnonzero(~shapely.is_geometry(lines)).tolist(), no_line)
    from_start, from_end = _ends_m(lines, starts), _ends_m(lines, ends)
    off_start, off_end = from_start[0] > LINE_END_M, from_end[1] > LINE_END_M
    turned = (from_start[1] <= LINE_END_M) & (from_end[0] <= LINE_END_M)
    for row in np.flatnonzero(off_start | off_end).tolist():
        if turned[row]:
            problem = _("the line runs from the end junction to the start junction")
            troubles[row] = problem, _("turn the line round")
        else:
            metres = (from_start[0] if off_start[row] else from_end[1])[row]
            problem = _("an end of the line lies {metres:.0f} m from its junction")
            troubles[row] = problem.format(metres=metres), _("draw it from junction to junction")
    return troubles


def length_troubles(lines: NDArray[Any], length_m: Floats) -> Troubles:
    """Find lengths less than the straight way, as kilometres for metres are."""
    last = shapely.get_point(lines, -1)
    straight_m = _ends_m(lines, (shapely.get_x(last), shapely.get_y(last)))[0]
    short = length_m + 2 * LINE_END_M < 0.9 * straight_m
    problem = _("the length is less than the straight way of {straight_m:.0f} m")
    remedy = _("give the length along the road, in m")
    return {
        row: (problem.format(straight_m=straight_m[row]), remedy)
        for row in np.flatnonzero(short).tolist()
    }


def _ends_m(lines: NDArray[Any], junction: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return how far the first and the last point of each line lie from a junction."""
    first, last = (shapely.get_point(lines, index) for index in (0, -1))
    return (
        haversine_m(shapely.get_x(first), shapely.get_y(first), *junction),
        haversine_m(shapely.get_x(last), shapely.get_y(last), *junction),
    )
