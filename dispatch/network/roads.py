"""A road network of any origin as the tables ``network/junctions`` and ``network/links``.

What OpenStreetMap tells becomes what the planner drives on:

* ramps (``…_link``) and small roads take the class that :data:`ROAD_CLASS` gives them, so
  that the speeds of the backbone hold; the class as tagged stands in ``highway``;
* a motorway and its ramps are tolled unless tagged otherwise, other roads only where tagged:
  the plaza is where a ramp meets a free road;
* ``access`` is kept as tagged. Roads closed to traffic (:data:`CLOSED`) stay in the tables,
  and :func:`usable` leaves them out for all vehicles: a rescue vehicle may pass there by law
  (Road Traffic Safety Law, art. 53), but a plan can't count on a gate that someone must open;
* limits of mass and height stand in ``max_mass_kg`` and ``max_height_m``, the signed speed in
  ``maxspeed_kmh``, empty where not tagged.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dispatch.network.osm import CRS, RoadExtract

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

ROAD_CLASS: Final = {
    "motorway": "motorway",
    "motorway_link": "trunk",
    "trunk": "trunk",
    "trunk_link": "primary",
    "primary": "primary",
    "primary_link": "secondary",
    "secondary": "secondary",
    "secondary_link": "secondary",
    "tertiary": "secondary",
    "tertiary_link": "secondary",
    "unclassified": "secondary",
    "residential": "access",
    "living_street": "access",
    "service": "access",
    "road": "access",
}
"""Class of a link by the highway tag: a ramp is driven like the class below its road,
hill and village roads like ``secondary``, streets and yards like ``access``."""

TOLLED: Final = ("motorway", "motorway_link")
"""Tags of roads that are tolled where nothing else is said."""

CLOSED: Final = frozenset(
    {"no", "private", "agricultural", "forestry", "military", "emergency", "psv", "bus"}
)
"""Values of access tags that close a road to general traffic."""

MAX_LANES: Final = 12
ID_LENGTH: Final = 10
"""Letters of a junction's geohash: a cell of about 1.2 × 0.6 m."""

_BASE32: Final = np.array(list("0123456789bcdefghjkmnpqrstuvwxyz"))
_UNDOCUMENTED: Final = "origin not documented: {}"


def road_tables(
    extract: RoadExtract, source: str, *, documented: bool = True
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Turn an extract into junctions and links.

    Parameters
    ----------
    extract : RoadExtract
        Of :data:`dispatch.network.osm.DRIVABLE_CLASSES`.
    source : str
        What to name as the source of each row.
    documented : bool
        Whether the source is one that others can look up; rows are
        ``illustrative`` otherwise.

    Returns
    -------
    junctions, links : GeoDataFrame
        As the registry has them, indexed and sorted by id, EPSG:4326; links have
        the columns highway, maxspeed_kmh, access, max_mass_kg and max_height_m
        besides. Ids follow from the places (geohash), so that they stay when the
        roads are imported anew.
    """
    nodes, edges = extract.nodes, extract.edges
    source = source if documented else _UNDOCUMENTED.format(source)
    ids = _numbered(geohashes(nodes["lon"].to_numpy(), nodes["lat"].to_numpy(), ID_LENGTH))
    tail, head = edges["tail"].to_numpy(), edges["head"].to_numpy()
    # a street both ways is told from the end whose id comes first
    turned = ~edges["oneway"].to_numpy(bool) & (ids[tail] > ids[head])
    start, end = np.where(turned, head, tail), np.where(turned, tail, head)
    lines = edges.geometry.to_numpy()
    lines = np.where(turned, shapely.reverse(lines), lines)
    length_m = np.maximum(np.rint(edges["length_m"].to_numpy(float)), 1).astype(np.int64)
    toll = edges["toll"].fillna(edges["road_class"].isin(TOLLED)).to_numpy(bool)
    bridged = edges["bridged"].to_numpy(bool)
    bridge, tunnel = (edges[name].to_numpy(bool) for name in ("bridge", "tunnel"))
    order = np.lexsort([length_m, ids[end], ids[start]])
    links = gpd.GeoDataFrame(
        {
            "from_junction": ids[start],
            "to_junction": ids[end],
            "direction": np.where(edges["oneway"], "forward", "both"),
            "ref": edges["ref"],
            "name": edges["name"],
            "road_class": edges["road_class"].map(ROAD_CLASS),
            "length_m": length_m,
            "lanes": edges["lanes"].where(edges["lanes"].between(1, MAX_LANES)),
            "toll": np.where(toll, "yes", "no"),
            "bridge_m": np.where(bridge, length_m, 0),
            "tunnel_m": np.where(tunnel, length_m, 0),
            "bridged_m": np.where(bridged, length_m, 0),
            "status": np.where(bridged | (not documented), "illustrative", "existing"),
            "source": source,
            "highway": edges["road_class"],
            "maxspeed_kmh": edges["maxspeed_kmh"].round(1),
            "access": edges["access"],
            "max_mass_kg": edges["max_mass_kg"].round(),
            "max_height_m": edges["max_height_m"].round(2),
        },
        geometry=lines,
        crs=CRS,
    ).iloc[order]
    pairs = links["from_junction"].to_numpy(str) + "-" + links["to_junction"].to_numpy(str)
    links.index = pd.Index(_numbered(pairs), name="link_id")
    junctions = gpd.GeoDataFrame(
        {
            "kind": _kinds(len(nodes), start, end, edges["road_class"].isin(TOLLED).to_numpy()),
            "name": "",
            "name_en": "",
            "near": "",
            "near_en": "",
            "adcode": "",
            "lon": nodes["lon"].to_numpy(),
            "lat": nodes["lat"].to_numpy(),
            "status": "existing" if documented else "illustrative",
            "source": source,
        },
        index=pd.Index(ids, name="junction_id"),
        geometry=shapely.points(nodes[["lon", "lat"]].to_numpy()),
        crs=CRS,
    )
    return junctions.sort_index(), links.sort_index()


def usable(
    junctions: gpd.GeoDataFrame, links: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the part of a network that a plan may count on.

    Roads closed to traffic go, and then all that does not hang together with the
    largest part in which every junction can be reached from every other: a place
    joined to an island, or to a one-way road that leads off the map, could be
    reached by nobody.
    """
    kept = links.loc[~closed_to_traffic(links)]
    label = parts(junctions, kept, strong=True)
    start, end = _rows(junctions, kept)
    largest = np.bincount(label[start], minlength=1).argmax()
    kept = kept.loc[(label[start] == largest) & (label[end] == largest)]
    used = junctions.index.isin(kept["from_junction"]) | junctions.index.isin(kept["to_junction"])
    return junctions.loc[used], kept


def closed_to_traffic(links: pd.DataFrame) -> BoolArray:
    """Say of each link whether an access tag closes it; none is where access is not known."""
    if "access" not in links:
        return np.zeros(len(links), bool)
    values = {text for text in links["access"].unique() if CLOSED & set(text.split(";"))}
    return links["access"].isin(values).to_numpy(bool)


def parts(junctions: pd.DataFrame, links: pd.DataFrame, *, strong: bool) -> IntArray:
    """Return the number of the part in which each junction lies.

    Parameters
    ----------
    junctions, links : DataFrame
    strong : bool
        Whether all of a part must be reachable from each of it, or just hang together.
    """
    start, end = _rows(junctions, links)
    back = links["direction"].eq("both").to_numpy(bool)
    rows, columns = np.concatenate([start, end[back]]), np.concatenate([end, start[back]])
    size = len(junctions)
    graph = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(size, size))
    label = connected_components(graph.tocsr(), connection="strong" if strong else "weak")[1]
    return label.astype(np.int64)


def geohashes(lon: FloatArray, lat: FloatArray, length: int) -> NDArray[np.str_]:
    """Return the geohash of each point (EPSG:4326), of even length."""
    bits = 5 * length // 2
    cells = [
        np.clip(np.floor((degrees / span + 0.5) * 2**bits), 0, 2**bits - 1).astype(np.int64)
        for degrees, span in ((lon, 360.0), (lat, 180.0))
    ]
    letters = np.empty((lon.size, length), dtype="U1")
    for i in range(length):
        digit = np.zeros(lon.size, np.int64)
        for k in range(5 * i, 5 * i + 5):  # bits alternate: longitude first
            digit = digit * 2 + (cells[k % 2] >> (bits - 1 - k // 2) & 1)
        letters[:, i] = _BASE32[digit]
    return letters.view(f"U{length}").ravel()


def _numbered(keys: NDArray[np.str_]) -> NDArray[np.str_]:
    """Tell equal keys apart by a number from the second on."""
    copy = pd.Series(keys).groupby(keys).cumcount().to_numpy()
    return np.where(copy > 0, np.char.add(np.char.add(keys, "-"), (copy + 1).astype(str)), keys)


def _kinds(size: int, start: IntArray, end: IntArray, tolled: BoolArray) -> NDArray[np.str_]:
    """Return what each junction is: see the contract of network/junctions."""
    meeting = np.bincount(np.concatenate([start, end]), minlength=size)
    at_motorway = np.bincount(np.concatenate([start[tolled], end[tolled]]), minlength=size) > 0
    crossing = np.where(at_motorway, "interchange", "crossing")
    return np.where(meeting < 3, "waypoint", crossing)


def _rows(junctions: pd.DataFrame, links: pd.DataFrame) -> tuple[IntArray, IntArray]:
    start, end = (
        junctions.index.get_indexer(pd.Index(links[c])) for c in ("from_junction", "to_junction")
    )
    return start, end
