"""One GeoPackage with everything: written for other programs, read back and checked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyogrio

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.registry.contract import Column, Contract
from dispatch.registry.draft import Draft
from dispatch.registry.frame import to_sheet
from dispatch.registry.polygons import POLYGONS
from dispatch.registry.registry import Registry, registry_from

_OPTIONS: Final = {
    "OGR_CURRENT_DATE": "1970-01-01T00:00:00.000Z",  # the hour of writing would change the bytes
    "OGR_SQLITE_SYNCHRONOUS": "OFF",  # once at the end is enough, and seven times as quick
}

_GDAL_ERRORS: Final = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError)


def layer_name(table: str) -> str:
    """Return the name of the layer that holds a table, ``teams_capabilities``."""
    return table.replace("/", "_")


def write_geopackage(registry: Registry, path: Path | str) -> None:
    """Write all tables into one GeoPackage, replacing the file in one step.

    Each table is a layer, with or without geometry; beside them stand
    ``contracts``, one row for each column of each table, and ``provenance``,
    the hashes of the files. Degrees stand in the geometry alone. The same
    registry gives the same bytes.

    Parameters
    ----------
    registry : Registry
    path : path-like
        File to write; its folder must exist.
    """
    path = Path(path)
    beside = path.with_name(f".{path.stem}.{os.getpid()}.gpkg")
    try:
        with _gdal_options():
            for layer, frame in _layers(registry):
                _write_layer(frame, beside, layer)
        with beside.open("rb+") as written:
            os.fsync(written.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def read_geopackage(path: Path | str) -> Registry:
    """Read a GeoPackage written by :func:`write_geopackage`, and check it anew.

    Rows of faults are the feature ids; the hash of every table is that of the
    GeoPackage, which people may have changed on a map.

    Raises
    ------
    InputError
        With every fault of every table.
    """
    path = Path(path)
    problem = _("this is no registry in a GeoPackage")
    fault = Fault(path.name, None, None, None, problem, _("export the registry anew"))
    try:
        digest = sha256(path.read_bytes()).hexdigest()
        layers = {name for name, _kind in pyogrio.list_layers(path)}
        contracts = _read_contracts(path)
        sheets = {
            table: to_sheet(_read_layer(path, layer_name(table)), contract, _file(path, table))
            for table, contract in contracts.items()
            if layer_name(table) in layers
        }
        polygons = _read_layer(path, layer_name(POLYGONS)).set_index("adcode")
    except (OSError, KeyError, ValueError, *_GDAL_ERRORS) as error:
        raise InputError(fault) from error
    hashes = dict.fromkeys([*contracts, POLYGONS], digest)
    missing = tuple(
        Fault(_file(path, table), None, None, None, _("the layer is missing"), _("add it"))
        for table in contracts
        if table not in sheets
    )
    return registry_from(Draft(contracts, sheets, polygons, hashes, missing, _file(path, POLYGONS)))


def _layers(registry: Registry) -> Iterator[tuple[str, pd.DataFrame]]:
    yield layer_name(POLYGONS), registry.county_polygons.reset_index()
    for table, frame in registry.tables.items():
        contract = registry.contracts[table]
        frame = frame.drop(columns=list(contract.position or ()))
        yield layer_name(table), frame.reset_index(drop=contract.key is None)
    yield (
        "contracts",
        pd.DataFrame(
            {"table": table} | column.to_row()
            for table, contract in registry.contracts.items()
            for column in contract.columns
        ),
    )
    yield "provenance", pd.DataFrame(registry.sha256.items(), columns=["table", "sha256"])


def _write_layer(frame: pd.DataFrame, path: Path, layer: str) -> None:
    pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG", append=path.exists())


def _read_layer(path: Path, layer: str) -> Any:
    return pyogrio.read_dataframe(path, layer=layer, fid_as_index=True)


def _read_contracts(path: Path) -> dict[str, Contract]:
    frame = pyogrio.read_dataframe(path, layer="contracts").fillna("")
    return {
        str(table): Contract(
            str(table), tuple(Column.from_row(row) for row in rows.to_dict("records"))
        )
        for table, rows in frame.groupby("table")
    }


def _file(path: Path, table: str) -> str:
    return f"{path.name}/{layer_name(table)}"


@contextmanager
def _gdal_options() -> Iterator[None]:
    before = {name: pyogrio.get_gdal_config_option(name) for name in _OPTIONS}
    pyogrio.set_gdal_config_options(_OPTIONS)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)
