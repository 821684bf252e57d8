"""The road network as arrays: junctions and links become nodes and arcs.

Tolled roads form a layer of their own. A junction where tolled and free links
meet has a node in either layer, and a *plaza* arc each way between the two, so
that entering and leaving the tolled system costs a paying vehicle its wait at
the plaza, and costs an exempt one nothing.

::

      tolled layer    a' ======== b'          == tolled link
                      :           :            :  plaza arcs
      free layer      a ---- c -- b ---- d    -- free link
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from dispatch.network.engine import Topology

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NO_LINK: Final = -1


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """Junctions and links as arrays, and the graph of nodes and arcs over them.

    Rows are junctions (J), links (L), nodes (N) and arcs (A).

    Parameters
    ----------
    topology : Topology
        Nodes and arcs for the engine.
    junction_id : tuple of str, length J
    junction_name, junction_name_en : tuple of str, length J
        Name, or where the junction lies, or its id where neither is known; in English.
    link_id, link_ref, link_class, link_status : tuple of str, length L
    link_length_m : IntArray, shape (L,)
    link_toll : BoolArray, shape (L,)
        Whether an ordinary vehicle pays there.
    link_both : BoolArray, shape (L,)
        Whether traffic runs both ways.
    link_max_mass_kg, link_max_height_m : FloatArray, shape (L,)
        The heaviest and the tallest vehicle that may pass; inf where no limit is known.
    link_line : tuple of shapely.LineString, length L
        From the first to the second junction, EPSG:4326.
    link_tail, link_head : IntArray, shape (L,)
        Nodes at either end, in the layer of the link.
    node_junction : IntArray, shape (N,)
    arc_link : IntArray, shape (A,)
        Link of each arc, :data:`NO_LINK` for a plaza arc.
    arc_forward : BoolArray, shape (A,)
        Whether the arc runs along the direction of its link.
    """

    topology: Topology
    junction_id: tuple[str, ...]
    junction_name: tuple[str, ...]
    junction_name_en: tuple[str, ...]
    link_id: tuple[str, ...]
    link_ref: tuple[str, ...]
    link_class: tuple[str, ...]
    link_status: tuple[str, ...]
    link_length_m: IntArray
    link_toll: BoolArray
    link_both: BoolArray
    link_max_mass_kg: FloatArray
    link_max_height_m: FloatArray
    link_line: tuple[shapely.LineString, ...]
    link_tail: IntArray
    link_head: IntArray
    node_junction: IntArray
    arc_link: IntArray
    arc_forward: BoolArray

    @cached_property
    def link_ends(self) -> IntArray:
        """Nodes at the first and the second end of each link, shape (L, 2)."""
        return np.stack([self.link_tail, self.link_head], axis=1)

    @cached_property
    def east_scale(self) -> float:
        """Length of a degree of longitude over one of latitude, amid the network.

        Places and stretches on a link are fractions of its line after longitudes
        are multiplied by this.
        """
        return float(np.cos(np.radians(np.mean(self.topology.lat))))


def build_road_network(junctions: pd.DataFrame, links: pd.DataFrame) -> RoadNetwork:
    """Build the network from the tables of the registry.

    Parameters
    ----------
    junctions : DataFrame
        Indexed by junction id; columns name, name_en, near, near_en, lon, lat.
    links : GeoDataFrame
        Indexed by link id; columns from_junction, to_junction, direction, ref,
        road_class, length_m, toll, status, geometry; max_mass_kg and max_height_m
        may be missing, whole or row by row.
    """
    junctions, links = junctions.sort_index(), links.sort_index()
    row = pd.Series(np.arange(len(junctions)), index=junctions.index)
    start = row.loc[links["from_junction"]].to_numpy(np.int64)
    end = row.loc[links["to_junction"]].to_numpy(np.int64)
    toll = links["toll"].eq("yes").to_numpy(bool)
    both = links["direction"].eq("both").to_numpy(bool)

    # layer-specific node numbers: free nodes first, then tolled ones
    free = np.unique(np.concatenate([start[~toll], end[~toll]]))
    tolled = np.unique(np.concatenate([start[toll], end[toll]]))
    node_junction = np.concatenate([free, tolled])
    link_tail = np.where(
        toll, len(free) + np.searchsorted(tolled, start), np.searchsorted(free, start)
    )
    link_head = np.where(toll, len(free) + np.searchsorted(tolled, end), np.searchsorted(free, end))
    meeting, at_free, at_tolled = np.intersect1d(free, tolled, return_indices=True)
    at_tolled = at_tolled + len(free)

    forward, backward = np.arange(len(links)), np.flatnonzero(both)
    plaza = np.full(2 * len(meeting), NO_LINK)
    lon, lat = (junctions[axis].to_numpy(float)[node_junction] for axis in ("lon", "lat"))
    names, names_en = junction_names(junctions)
    return RoadNetwork(
        topology=Topology(
            n_nodes=len(node_junction),
            tail=np.concatenate([link_tail, link_head[backward], at_free, at_tolled]),
            head=np.concatenate([link_head, link_tail[backward], at_tolled, at_free]),
            lon=lon,
            lat=lat,
        ),
        junction_id=tuple(junctions.index),
        junction_name=names,
        junction_name_en=names_en,
        link_id=tuple(links.index),
        link_ref=tuple(links["ref"].fillna("")),
        link_class=tuple(links["road_class"]),
        link_status=tuple(links["status"]),
        link_length_m=links["length_m"].to_numpy(np.int64),
        link_toll=toll,
        link_both=both,
        link_max_mass_kg=_limit(links, "max_mass_kg"),
        link_max_height_m=_limit(links, "max_height_m"),
        link_line=tuple(links["geometry"]),
        link_tail=link_tail,
        link_head=link_head,
        node_junction=node_junction,
        arc_link=np.concatenate([forward, backward, plaza]),
        arc_forward=np.concatenate(
            [np.ones(len(forward), bool), np.zeros(len(backward) + len(plaza), bool)]
        ),
    )


def _limit(links: pd.DataFrame, column: str) -> FloatArray:
    """Return a limit of each link; inf where none is known."""
    if column not in links:
        return np.full(len(links), np.inf)
    return links[column].fillna(np.inf).to_numpy(np.float64)


def junction_names(junctions: pd.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return how junctions are called, and in English: name, or where it lies, or its id.

    Parameters
    ----------
    junctions : DataFrame
        Indexed by junction id; columns name, name_en, near, near_en.
    """
    return (
        tuple(_first_known(junctions, "name", "near")),
        tuple(_first_known(junctions, "name_en", "near_en", "name", "near")),
    )


def _first_known(junctions: pd.DataFrame, *columns: str) -> Iterator[str]:
    """Yield the first of these columns that is filled in, or the id."""
    told = [junctions[column].fillna("") for column in columns]
    for names in zip(*told, junctions.index, strict=True):
        yield next(str(name) for name in names if name)


def link_times_ms(road: RoadNetwork, speed_kmh: Mapping[str, float]) -> IntArray:
    """Return the time to drive each link in whole milliseconds, shape (L,).

    Parameters
    ----------
    road : RoadNetwork
    speed_kmh : mapping of str to float
        Mean speed by road class.
    """
    speed = np.array([speed_kmh[name] for name in road.link_class])
    time_ms: IntArray = np.maximum(np.rint(road.link_length_m * 3600.0 / speed), 1).astype(np.int64)
    return time_ms


def arc_times_ms(road: RoadNetwork, link_ms: IntArray, plaza_delay_s: int) -> IntArray:
    """Return the weight of each arc in milliseconds, shape (A,).

    Parameters
    ----------
    road : RoadNetwork
    link_ms : IntArray, shape (L,)
        As :func:`link_times_ms` gives them.
    plaza_delay_s : int
        Wait at a plaza on entering or leaving the tolled system; 0 for a
        vehicle that passes free.
    """
    is_plaza = road.arc_link == NO_LINK
    # the plaza rows index link -1 here, and are overwritten
    weight: IntArray = np.where(is_plaza, plaza_delay_s * 1000, link_ms[road.arc_link])
    return weight
