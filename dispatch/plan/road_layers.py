"""Layers of a road network checked against their contracts, hundreds of thousands of rows at once.

The judgement on a value is the registry's; each distinct value is judged once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from dispatch.errors import Fault
from dispatch.i18n import _
from dispatch.registry import Column, Contract
from dispatch.registry.cell import cell_trouble
from dispatch.registry.check import check_sheet
from dispatch.registry.frame import to_frame, to_sheet
from dispatch.registry.line import length_troubles, line_troubles
from dispatch.registry.sheet import Sheet

CRS = "EPSG:4326"


def checked_layer(
    layer: gpd.GeoDataFrame, contract: Contract, file: str
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Return a layer as the registry's frame of that table, and what is wrong with it.

    Parameters
    ----------
    layer : GeoDataFrame
        Indexed by feature id, EPSG:4326. Degrees are taken from the geometry.
    contract : Contract
        Without a column of lines: the geometry holds them.
    file : str
        Name of the layer for the faults; their rows are the feature ids.

    Returns
    -------
    GeoDataFrame
        Indexed by key; of use only where there are no faults.
    list of Fault
    """
    shapes = layer.geometry.to_numpy()
    told = pd.DataFrame(layer.drop(columns=layer.geometry.name))
    if contract.position is not None:
        lon, lat = contract.position
        told[lon], told[lat] = shapely.get_x(shapes), shapely.get_y(shapes)
    empty: dict[str, list[str]] = {str(name): [] for name in told}
    faults = list(check_sheet(Sheet(file, tuple(empty), (), empty), contract))
    columns: dict[str, Any] = {}
    for column in contract.columns:
        if column.name in told:
            typed, found = _checked_column(told[column.name], column, file)
            columns[column.name] = typed
            faults += found
    frame = pd.DataFrame(columns)
    if contract.key is not None and contract.key in frame:
        faults += _repeated(frame[contract.key], told.index, file)
        frame = frame.set_index(contract.key)
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=CRS), faults


def reference_faults(
    layer: gpd.GeoDataFrame, names: tuple[str, ...], keys: pd.Index[Any], table: str, file: str
) -> Iterator[Fault]:
    """Yield a fault for each value of some columns that is no key of another table."""
    problem = _("the table {table} has no such key").format(table=table)
    remedy = _("add it there, or put it right")
    for name in names:
        for row in np.flatnonzero(~layer[name].isin(keys)).tolist():
            yield Fault(file, layer.index[row], name, str(layer[name].iloc[row]), problem, remedy)


def degree_faults(layer: gpd.GeoDataFrame, file: str) -> Iterator[Fault]:
    """Yield a fault for each point that does not lie on the globe."""
    remedy = _("give longitude and latitude in WGS84")
    for name, most in (("lon", 180.0), ("lat", 90.0)):
        degrees = (shapely.get_x if name == "lon" else shapely.get_y)(layer.geometry.to_numpy())
        for row in np.flatnonzero(np.abs(degrees) > most).tolist():
            problem = _("positions are not in degrees")
            yield Fault(file, layer.index[row], name, f"{degrees[row]:.15g}", problem, remedy)


def line_faults(
    layer: gpd.GeoDataFrame, links: gpd.GeoDataFrame, junctions: gpd.GeoDataFrame, file: str
) -> Iterator[Fault]:
    """Yield the faults of lines that don't join their junctions or are longer than told."""
    lines = links.geometry.to_numpy().astype(object)
    lines[(shapely.get_type_id(lines) != 1) | shapely.is_empty(lines)] = None
    at = junctions[["lon", "lat"]].to_numpy()
    start, end = (
        at[junctions.index.get_indexer(pd.Index(links[c]))].T
        for c in ("from_junction", "to_junction")
    )
    troubles = line_troubles(lines, (start[0], start[1]), (end[0], end[1]))
    for row, (problem, remedy) in sorted(troubles.items()):
        yield Fault(file, layer.index[row], "geometry", None, problem, remedy)
    lines[list(troubles)] = None
    length_m = links["length_m"].to_numpy(float)
    for row, (problem, remedy) in sorted(length_troubles(lines, length_m).items()):
        yield Fault(file, layer.index[row], "length_m", f"{length_m[row]:.0f}", problem, remedy)


def _checked_column(values: pd.Series[Any], column: Column, file: str) -> tuple[Any, list[Fault]]:
    """Return a column in its type, and a fault for each value that the contract refuses."""
    if column.type in ("lon", "lat"):
        known = np.isfinite(values.to_numpy(float))
        trouble = _("the feature is no point"), _("draw it as a point")
        rows = np.flatnonzero(~known).tolist()
        return values.to_numpy(float), [
            Fault(file, values.index[row], "geometry", None, *trouble) for row in rows
        ]
    code, distinct = pd.factorize(values, use_na_sentinel=False)
    plain = Contract("", (replace(column, type="text") if column.type == "key" else column,))
    sheet = to_sheet(pd.DataFrame({column.name: distinct}), plain, file)
    texts = sheet.columns[column.name]
    troubles = {i: found for i, text in enumerate(texts) if (found := cell_trouble(column, text))}
    if not troubles:
        return to_frame(sheet, plain)[column.name].array.take(code), []
    rows = np.flatnonzero(np.isin(code, list(troubles))).tolist()
    return values.to_numpy(), [
        Fault(file, values.index[row], column.name, texts[code[row]], *troubles[code[row]])
        for row in rows
    ]


def _repeated(keys: pd.Series[Any], rows: pd.Index[Any], file: str) -> Iterator[Fault]:
    first = dict(zip(keys[::-1], rows[::-1], strict=True)) if keys.duplicated().any() else {}
    for row in np.flatnonzero(keys.duplicated()).tolist():
        key = keys.iloc[row]
        problem = _("row {row} says the same: {what}").format(row=first[key], what=keys.name)
        remedy = _("keep one of the two rows")
        yield Fault(file, rows[row], str(keys.name), str(key), problem, remedy)
