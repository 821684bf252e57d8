"""What is in a road network: lengths by class, parts, limits, extent, origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from dispatch.network.roads import closed_to_traffic, parts, usable

M_PER_KM = 1000.0


@dataclass(frozen=True, eq=False)
class RoadSummary:
    """Counts and lengths of a road network.

    Parameters
    ----------
    junctions, links : int
    km : float
        Length of all links, a street both ways once.
    classes : DataFrame
        By ``highway`` (or ``road_class`` where tags are not known), longest first:
        road_class, links, km.
    sources : tuple of (str, float)
        Each source named, with the km it stands for; longest first.
    kinds : dict of str to float
        Kilometres that are one_way, tolled, bridge, tunnel, closed (to traffic),
        bridged (drawn over gaps), with_maxspeed, with_max_mass, with_max_height.
    parts : int
        Parts that do not hang together.
    largest_part_km, usable_km : float
        Length of the largest of them, and of what a plan may count on, see
        :func:`dispatch.network.roads.usable`.
    bounds : tuple of float
        West, south, east, north in EPSG:4326.
    """

    junctions: int
    links: int
    km: float
    classes: pd.DataFrame
    sources: tuple[tuple[str, float], ...]
    kinds: dict[str, float]
    parts: int
    largest_part_km: float
    usable_km: float
    bounds: tuple[float, float, float, float]


def summarise(junctions: gpd.GeoDataFrame, links: gpd.GeoDataFrame) -> RoadSummary:
    """Summarise a road network in the form of the registry, at least one link long."""
    km = links["length_m"] / M_PER_KM
    part = parts(junctions, links, strong=False)
    of_link = part[junctions.index.get_indexer(pd.Index(links["from_junction"]))]
    sources = km.groupby(links["source"]).sum().sort_values(ascending=False, kind="stable")
    west, south, east, north = links.total_bounds.tolist()
    return RoadSummary(
        junctions=len(junctions),
        links=len(links),
        km=float(km.sum()),
        classes=_classes(links, km),
        sources=tuple((str(name), float(length)) for name, length in sources.items()),
        kinds=_kinds(links, km),
        parts=len(np.unique(part)),
        largest_part_km=float(np.bincount(of_link, km).max()),
        usable_km=float(usable(junctions, links)[1]["length_m"].sum() / M_PER_KM),
        bounds=(west, south, east, north),
    )


def _classes(links: pd.DataFrame, km: pd.Series[float]) -> pd.DataFrame:
    tagged = links["highway"] if "highway" in links else links["road_class"]
    name = tagged.where(tagged.ne(""), links["road_class"]).rename("highway")
    table = pd.DataFrame({"highway": name, "road_class": links["road_class"], "km": km})
    grouped = table.groupby(["highway", "road_class"], as_index=False)
    result: pd.DataFrame = grouped.agg(links=("km", "size"), km=("km", "sum"))
    return result.sort_values(["km", "highway"], ascending=[False, True]).set_index("highway")


def _kinds(links: pd.DataFrame, km: pd.Series[float]) -> dict[str, float]:
    def known(name: str) -> Any:
        return links[name].notna() if name in links else np.zeros(len(links), bool)

    chosen = {
        "one_way": links["direction"].eq("forward"),
        "tolled": links["toll"].eq("yes"),
        "closed": closed_to_traffic(links),
        "with_maxspeed": known("maxspeed_kmh"),
        "with_max_mass": known("max_mass_kg"),
        "with_max_height": known("max_height_m"),
    }
    lengths = {name: float(km[mask].sum()) for name, mask in chosen.items()}
    for name in ("bridge", "tunnel", "bridged"):
        lengths[name] = float(links[f"{name}_m"].sum() / M_PER_KM)
    return lengths
