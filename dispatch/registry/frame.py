"""From checked text to typed frames, and back."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from dispatch.registry.contract import Column, Contract
from dispatch.registry.sheet import Sheet

_CRS = 4326


def to_frame(sheet: Sheet, contract: Contract) -> pd.DataFrame:
    """Return a table without faults with a type for each column.

    Returns
    -------
    DataFrame or GeoDataFrame
        Indexed by the key if there is one, in the order of the file. Texts,
        codes and references are text, empty where the file is empty; numbers
        are float64, NaN where empty; integers are int64, or Int64 where the
        contract allows none. A table with a position or a line is a
        GeoDataFrame in EPSG:4326; its geometry is called as the column of
        lines is, or ``geometry``.
    """
    geometry = None
    if contract.line is not None:
        geometry = shapely.from_wkt(sheet.columns[contract.line])
    frame = pd.DataFrame(
        {
            column.name: _typed(column, sheet.columns[column.name])
            for column in contract.columns
            if column.type != "linestring"
        }
    )
    if contract.position is not None and geometry is None:
        geometry = gpd.points_from_xy(*(frame[name] for name in contract.position))
    if contract.key is not None:
        frame = frame.set_index(contract.key)
    if geometry is None:
        return frame
    name = contract.line or "geometry"
    frame[name] = gpd.GeoSeries(geometry, index=frame.index, crs=_CRS)
    located: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=name)
    return located


def to_sheet(frame: pd.DataFrame, contract: Contract, file: str) -> Sheet:
    """Return a table as text again, so that it can be checked anew.

    Degrees and lines are taken from the geometry, which is what people move
    on a map. The rows are numbered by the index.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        Numbered by its index, the key among its columns.
    contract : Contract
    file : str
        Name of the file for the faults.
    """
    columns: dict[str, list[str]] = {}
    if isinstance(frame, gpd.GeoDataFrame):
        shapes = frame.geometry.to_numpy()
        if contract.position is not None:
            degrees = shapely.get_x(shapes), shapely.get_y(shapes)
            for name, values in zip(contract.position, degrees, strict=True):
                columns[name] = [_text(value) for value in values]
        if contract.line is not None:
            columns[contract.line] = list(shapely.to_wkt(shapes, rounding_precision=-1))
        frame = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    for name in frame.columns:
        columns[name] = [_text(value) for value in frame[name]]
    return Sheet(file, tuple(columns), tuple(frame.index.tolist()), columns)


def _typed(column: Column, texts: list[str]) -> Any:
    if column.type == "integer" and column.required:
        return np.array(texts, dtype=str).astype(np.int64)
    if column.type == "integer":
        return pd.array([int(text) if text else None for text in texts], dtype="Int64")
    if column.type in ("number", "lon", "lat"):
        return np.array([float(text) if text else np.nan for text in texts])
    return pd.Series(texts, dtype="str")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return ""
    if isinstance(value, int):
        return str(value)
    return np.format_float_positional(float(value), trim="-")
