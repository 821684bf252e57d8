"""A road network in one file: written by ``dispatch roads``, planned on instead of the backbone.

The file is a GeoPackage with two layers, EPSG:4326:

``junctions``
    Points with the columns of the contract network/junctions; lon and lat stand in
    the geometry alone.
``links``
    Lines from from_junction to to_junction with the columns of network/links, and
    those of :data:`ROAD_COLUMNS`, which may be empty.

People may correct it on a map: it is checked anew each time it is read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.network.roads import usable
from dispatch.plan.road_layers import (
    CRS,
    checked_layer,
    degree_faults,
    line_faults,
    reference_faults,
)
from dispatch.registry import Column, Contract, Registry, data_dir
from dispatch.registry.cell import cell_trouble
from dispatch.registry.load import read_contracts

JUNCTIONS: Final = "network/junctions"
LINKS: Final = "network/links"

ROAD_COLUMNS: Final = (
    Column(
        "highway", "text", required=False,
        description_zh="OSM 的 highway 标签", description_en="highway tag of OpenStreetMap",
    ),
    Column(
        "maxspeed_kmh", "number", "km/h", required=False, minimum=0.0,
        description_zh="标志限速", description_en="signed speed limit",
    ),
    Column(
        "access", "text", required=False,
        description_zh="OSM 的通行标签，如 private",
        description_en="access tag of OpenStreetMap for motor vehicles, such as private",
    ),
    Column(
        "max_mass_kg", "number", "kg", required=False, minimum=0.0,
        description_zh="限重", description_en="limit of mass",
    ),
    Column(
        "max_height_m", "number", "m", required=False, minimum=0.0,
        description_zh="限高", description_en="limit of height",
    ),
)  # fmt: skip
"""Columns that links of a roads file have besides those of network/links."""

_OPTIONS: Final = {
    "OGR_CURRENT_DATE": "1970-01-01T00:00:00.000Z",  # the hour of writing would change the bytes
    "OGR_SQLITE_SYNCHRONOUS": "OFF",  # the file takes its place only once it is whole
}
_GDAL_ERRORS: Final = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError)


def write_roads(junctions: gpd.GeoDataFrame, links: gpd.GeoDataFrame, path: Path) -> None:
    """Write a road network into one GeoPackage, replacing the file in one step.

    The same tables give the same bytes. Texts that a table can't hold, such as a
    formula for a name, are left empty.

    Parameters
    ----------
    junctions, links : GeoDataFrame
        As the registry or :func:`dispatch.network.roads.road_tables` gives them.
    path : Path
        ``.gpkg``; its folder must exist.

    Raises
    ------
    InputError
        If the file is called otherwise or can't be written there.
    """
    roads_path(path)
    beside = path.with_name(f".{path.stem}.{os.getpid()}.gpkg")
    before = {name: pyogrio.get_gdal_config_option(name) for name in _OPTIONS}
    pyogrio.set_gdal_config_options(_OPTIONS)
    try:
        for layer, frame in (("junctions", junctions), ("links", links)):
            told = _tidy(frame, contracts()[f"network/{layer}"], path)
            pyogrio.write_dataframe(
                told, beside, layer=layer, driver="GPKG", append=beside.exists()
            )
        os.replace(beside, path)
    except (OSError, *_GDAL_ERRORS) as error:
        problem = _("the file can't be written: {}").format(error)
        raise _fault(path, problem, _("choose another output folder")) from error
    finally:
        pyogrio.set_gdal_config_options(before)
        beside.unlink(missing_ok=True)


def roads_path(path: Path) -> Path:
    """Return the path if a road network can be written there.

    Raises
    ------
    InputError
        If the file is called otherwise, or its folder does not exist.
    """
    if path.suffix != ".gpkg" or not path.parent.is_dir() or path.is_dir():
        problem = _("a road network is written into a GeoPackage in a folder that exists")
        raise _fault(path, problem, _("give a path such as roads.gpkg"))
    return path


def read_roads(path: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Read a road network and check it against its contracts.

    Returns
    -------
    junctions, links : GeoDataFrame
        In the form of the registry, all roads included.

    Raises
    ------
    InputError
        With every fault; rows are the feature ids.
    """
    points, lines = _layer(path, "junctions"), _layer(path, "links")
    files = f"{path.name}/junctions", f"{path.name}/links"
    junctions, faults = checked_layer(points, contracts()[JUNCTIONS], files[0])
    links, found = checked_layer(lines, contracts()[LINKS], files[1])
    faults += [*found, *degree_faults(points, files[0])]
    if not faults:
        ends = "from_junction", "to_junction"
        faults += reference_faults(lines, ends, junctions.index, JUNCTIONS, files[1])
    if not faults:
        faults += line_faults(lines, links, junctions, files[1])
    if faults:
        raise InputError(faults)
    return junctions, links


def load_roads(path: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Read the part of a road network that a plan may count on.

    See :func:`dispatch.network.roads.usable`.

    Raises
    ------
    InputError
        As :func:`read_roads`, or if no road is open to traffic.
    """
    junctions, links = usable(*read_roads(path))
    if links.empty:
        problem = _("no road in it is open to traffic both there and back")
        raise _fault(path, problem, _("import a larger network"))
    return junctions, links


def with_roads(registry: Registry, path: Path) -> Registry:
    """Return the registry with the roads of a file in place of its own.

    Raises
    ------
    InputError
        As :func:`load_roads`.
    """
    junctions, links = load_roads(path)
    digest = sha256(path.read_bytes()).hexdigest()
    return replace(
        registry,
        tables={**registry.tables, JUNCTIONS: junctions, LINKS: links},
        sha256={**registry.sha256, JUNCTIONS: digest, LINKS: digest},
    )


@cache
def contracts() -> Mapping[str, Contract]:
    """Return the contracts of both layers; lines are told by the geometry, not as a column."""
    found, faults = read_contracts(data_dir())
    if faults:
        raise InputError(faults)
    links = found[LINKS]
    plain = [column for column in links.columns if column.type != "linestring"]
    plain += [column for column in ROAD_COLUMNS if column.name not in links.by_name]
    return {JUNCTIONS: found[JUNCTIONS], LINKS: Contract(LINKS, tuple(plain))}


def _layer(path: Path, layer: str) -> gpd.GeoDataFrame:
    """Read a layer, positions in EPSG:4326."""
    if not path.is_file():
        raise _fault(path, _("there is no such file"), _("give the path of a road network"))
    try:
        frame = pyogrio.read_dataframe(path, layer=layer, fid_as_index=True)
        return frame.to_crs(CRS)
    except (AttributeError, ValueError, *_GDAL_ERRORS) as error:
        problem = _("the file lacks the layer {layer} of a road network").format(layer=layer)
        raise _fault(path, problem, _("make the file with dispatch roads import")) from error


def _tidy(frame: gpd.GeoDataFrame, contract: Contract, path: Path) -> gpd.GeoDataFrame:
    """Return a table as its layer holds it: every column of the contract, degrees left out."""
    told = frame.reset_index()
    columns = [c for c in contract.columns if c.name not in (contract.position or ())]
    for column in columns:
        if column.name not in told:
            told[column.name] = np.nan if column.type == "number" else ""
        if column.type == "integer" and not column.required:
            told[column.name] = told[column.name].replace("", pd.NA).astype("Int64")
        if column.type != "text":
            continue
        told[column.name] = told[column.name].fillna("")
        troubles = {text: cell_trouble(column, text) for text in told[column.name].unique()}
        refused = {text: trouble for text, trouble in troubles.items() if trouble}
        if refused and column.required:
            raise InputError(
                Fault(path.name, None, column.name, text, *trouble)
                for text, trouble in refused.items()
            )
        told.loc[told[column.name].isin(list(refused)), column.name] = ""
    return told[[*(column.name for column in columns), told.geometry.name]]


def _fault(path: Path, problem: str, remedy: str) -> InputError:
    return InputError(Fault(path.name, None, None, None, problem, remedy))
