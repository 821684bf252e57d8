r"""A little network for closures, and the tools to ask about it.

Lengths beside the links, in degrees of longitude and latitude at the equator;
every free link takes 60 s for each 0.01 degree, half of that on the motorway m::

            s ------- t            0.02 north
            |         |            (a quarter of the way round by s and t is longer)
      a --- b === m === c --- d
            |---------|            n, 0.001 south (110 m) of m, free
       0.01    0.02      0.01
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString

from dispatch.network.closures import closures_of
from dispatch.network.drive import drives
from dispatch.network.driver import driver_of
from dispatch.network.engine import build_engine
from dispatch.network.road import build_road_network
from dispatch.network.snap import Snaps
from dispatch.scenario import ClosureSpec

AT = {
    "a": (0.0, 0.0), "b": (0.01, 0.0), "c": (0.03, 0.0), "d": (0.04, 0.0),
    "s": (0.01, 0.02), "t": (0.03, 0.02),
}  # fmt: skip
SOUTH = 0.001

LINKS = {
    # link: ends, minutes, toll, direction
    "ab": ("ab", 1, "no", "both"),
    "bc": ("bc", 2, "no", "both"),
    "m": ("bc", 1, "yes", "both"),
    "cd": ("cd", 1, "no", "both"),
    "bs": ("bs", 2, "no", "both"),
    "st": ("st", 2, "no", "both"),
    "tc": ("tc", 2, "no", "both"),
}
KM_PER_MIN = 1.0


def network(links=None, at=None):
    """Build a network; by default the one of the picture."""
    links, at = links or LINKS, at or AT
    junctions = pd.DataFrame(
        {
            "name": [key.upper() for key in at],
            "name_en": "",
            "near": "",
            "near_en": "",
            "lon": [lon for lon, _lat in at.values()],
            "lat": [lat for _lon, lat in at.values()],
        },
        index=pd.Index(list(at), name="junction_id"),
    )
    rows = [
        {
            "link_id": key,
            "from_junction": ends[0],
            "to_junction": ends[1],
            "direction": direction,
            "ref": key.upper(),
            "road_class": "primary",
            "length_m": round(minutes * 1000),
            "toll": toll,
            "status": "existing",
        }
        for key, (ends, minutes, toll, direction) in links.items()
    ]
    lines = [_line(key, at[ends[0]], at[ends[1]]) for key, (ends, *_rest) in links.items()]
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows).set_index("link_id"), geometry=lines, crs="EPSG:4326"
    )
    return build_road_network(junctions, frame)


def _line(key, start, stop):
    if key != "bc":
        return LineString([start, stop])
    return LineString([start, (start[0], -SOUTH), (stop[0], -SOUTH), stop])


def spots(road, *where):
    """Return places at fractions of links, with no way up to them."""
    link = np.array([road.link_id.index(key) for key, _fraction in where], np.int64)
    fraction = np.array([fraction for _key, fraction in where], float)
    points = [
        road.link_line[k].interpolate(f, normalized=True)
        for k, f in zip(link, fraction, strict=True)
    ]
    lon, lat = np.array([point.x for point in points]), np.array([point.y for point in points])
    return Snaps(lon, lat, link, fraction, np.zeros(len(where), np.int64))


def box(west, south, east, north):
    return [(west, south), (east, south), (east, north), (west, north)]


def spec(name="closure", **keys):
    """Return a closure, unchecked: the network lies at the equator, not in the province."""
    return ClosureSpec.model_construct(name=name, **keys)


def find(road, start, stop, *specs, ready_s=0.0, mass_kg=20_000.0, plaza_s=0, backend="scipy"):
    """Return the drives from one spot to another under closures."""
    driver = driver_of(
        road,
        build_engine(road.topology, backend=backend),
        road.link_length_m * 60,  # a minute for each kilometre
        access_kmh=30.0,
        plaza_delay_s=plaza_s,
        closures=closures_of(road, specs),
        mass_kg=mass_kg,
    )
    return drives(road, driver, spots(road, start), spots(road, stop), ready_s)


def minutes(road, start, stop, *specs, **options):
    """Return how long the drive takes, in minutes."""
    return float(find(road, start, stop, *specs, **options).time_s[0, 0]) / 60
