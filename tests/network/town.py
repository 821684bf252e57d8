r"""A little town as OpenStreetMap tells it, in XML and as Overpass answers.

Kilometres east and north of a point in the province; ``=`` runs one way to the right::

    1 ====== 2 ====== 3            motorway, tolled where nothing is said, bridge 2 to 3
              \\
               \\  ramp            motorway_link, one way
                \\
    5 ---------- 4 ---------- 6    trunk, 40 mph; 4 is a crossing
                 |
                 |                 residential, 30 km/h, bridge, 20 t, node 7 told twice
                 7 ===>  8 <=== 10 tertiary roundabout 7-8-9-7; primary 10 to 8 (oneway=-1),
                 \\     /          toll=yes, 4.5 m high
                    9 ------ 11    service, tunnel, access=private
    14 ------- 15                  residential, apart; 14 lies where 5 does

Names would be formulas in a spreadsheet, lanes beyond reason, classes not for cars.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

KM_LAT = 1 / 111.195
KM_LON = KM_LAT / math.cos(math.radians(37.5))

Way = tuple[list[int], dict[str, str]]

PLACES: dict[int, tuple[float, float]] = {
    1: (0, 2),
    2: (2, 2),
    3: (4, 2),
    4: (3, 1),
    5: (0, 1),
    6: (5, 1),
    7: (3, 0),
    8: (3.2, 0),
    9: (3.1, -0.1),
    10: (4, 0),
    11: (4, -0.1),
    14: (0, 1),
    15: (1, 0),
    16: (1, 1.1),
}
WAYS: list[Way] = [
    ([1, 2], {"highway": "motorway", "oneway": "yes", "ref": "G5", "name": "京昆高速"}),
    ([2, 3], {"highway": "motorway", "oneway": "yes", "ref": "G5", "bridge": "viaduct"}),
    ([2, 4], {"highway": "motorway_link", "oneway": "yes"}),
    ([5, 16, 4, 6], {"highway": "trunk", "maxspeed": "40 mph", "lanes": "4"}),
    (
        [4, 7, 7],
        {
            "highway": "residential",
            "maxspeed": "30",
            "bridge": "yes",
            "maxweight": "20 t",
            "name": "=1+1",
            "lanes": "99",
        },
    ),
    ([7, 8, 9, 7], {"highway": "tertiary", "junction": "roundabout"}),
    ([8, 10], {"highway": "primary", "oneway": "-1", "toll": "yes", "maxheight": "4.5"}),
    ([9, 11], {"highway": "service", "access": "private", "tunnel": "yes"}),
    ([14, 15], {"highway": "residential"}),
    ([1, 5], {"highway": "footway"}),
    ([5, 4, 7, 5], {"highway": "service", "area": "yes"}),
]


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Return the place x km east and y km north of a point in the middle of the province."""
    return round(112.0 + x * KM_LON, 7), round(37.5 + y * KM_LAT, 7)


def write_osm(path: Path, ways: list[Way] = WAYS) -> Path:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
    for ref, place in [*PLACES.items(), (7, PLACES[7])]:
        lon, lat = lonlat(*place)
        lines.append(f'<node id="{ref}" version="1" lon="{lon:.7f}" lat="{lat:.7f}"/>')
    for number, (refs, tags) in enumerate(ways, start=1):
        lines.append(f'<way id="{number}" version="1">')
        lines += [f'<nd ref="{ref}"/>' for ref in refs]
        lines += [f"<tag k={quoteattr(key)} v={quoteattr(text)}/>" for key, text in tags.items()]
        lines.append("</way>")
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


def overpass(drivable: set[str]) -> dict[str, Any]:
    """Return what Overpass answers when asked for some classes and for no areas."""
    elements: list[dict[str, Any]] = [
        {"type": "node", "id": ref, "lon": lonlat(*place)[0], "lat": lonlat(*place)[1]}
        for ref, place in PLACES.items()
    ]
    elements += [
        {"type": "way", "id": number, "nodes": list(refs), "tags": dict(tags)}
        for number, (refs, tags) in enumerate(WAYS, start=1)
        if tags["highway"] in drivable and "area" not in tags
    ]
    return {"elements": elements}
