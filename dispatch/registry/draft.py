"""Everything read and nothing believed yet: the tables before they are a registry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from dispatch.errors import Fault
from dispatch.registry.check import check_references, check_sheet, fault_at, sound_numbers
from dispatch.registry.contract import Contract
from dispatch.registry.line import length_troubles, line_troubles, read_lines
from dispatch.registry.polygons import POLYGONS_FILE, polygon_faults, usable_polygons
from dispatch.registry.position import (
    COUNTIES,
    Floats,
    Positions,
    Troubles,
    gcj02_troubles,
    join_known,
    place_troubles,
    read_positions,
)
from dispatch.registry.sheet import Sheet


@dataclass(frozen=True)
class Draft:
    """Tables as text, with the faults that reading them met.

    Parameters
    ----------
    contracts : dict of str to Contract
        By the name of the table, sorted.
    sheets : dict of str to Sheet
        The tables that could be read, by name.
    polygons : GeoDataFrame or None
        Counties by adcode, EPSG:4326; None if they could not be read.
    sha256 : dict of str to str
        Hash of the bytes of the file that each table stands in.
    faults : tuple of Fault
        What reading met.
    polygons_file : str
        Name of the file of the polygons for the faults.
    """

    contracts: dict[str, Contract]
    sheets: dict[str, Sheet]
    polygons: gpd.GeoDataFrame | None
    sha256: dict[str, str]
    faults: tuple[Fault, ...]
    polygons_file: str = POLYGONS_FILE


def draft_faults(draft: Draft) -> tuple[Fault, ...]:
    """Return every fault of a draft, by file and row."""
    faults = list(draft.faults)
    for table, sheet in draft.sheets.items():
        contract = draft.contracts[table]
        faults += check_sheet(sheet, contract)
        faults += check_references(sheet, contract, draft.sheets, draft.contracts)
    faults += _county_faults(draft)
    faults += _position_faults(draft)
    return tuple(sorted(faults, key=lambda fault: (fault.file, fault.row or 0)))


def _county_faults(draft: Draft) -> Iterator[Fault]:
    counties = draft.sheets.get(COUNTIES)
    if counties is None or POLYGONS_FILE in {fault.file for fault in draft.faults}:
        return
    key = draft.contracts[COUNTIES].key
    if key in counties.columns:
        adcodes = frozenset(counties.columns[key])
        yield from polygon_faults(draft.polygons, adcodes, counties.torn, draft.polygons_file)


def _position_faults(draft: Draft) -> Iterator[Fault]:
    """Judge places first, then GCJ-02 against the good ones, then the lines between them."""
    polygons = usable_polygons(draft.polygons)
    tables: dict[str, Positions] = {}
    for table, sheet in draft.sheets.items():
        points = read_positions(sheet, draft.contracts[table])
        if points is not None:
            troubles = place_troubles(points, polygons)
            yield from _faults(draft, table, troubles)
            tables[table] = points.without(troubles)
    known = join_known(tables)
    for table, points in tables.items():
        troubles = gcj02_troubles(points, known)
        yield from _faults(draft, table, troubles)
        tables[table] = points.without(troubles)
    for table, sheet in draft.sheets.items():
        line = draft.contracts[table].line
        if line in sheet.columns:
            yield from _line_faults(draft, table, line, tables)


def _line_faults(
    draft: Draft, table: str, line: str, tables: dict[str, Positions]
) -> Iterator[Fault]:
    """Judge lines; their junctions are the references called from_… and to_…."""
    sheet = draft.sheets[table]
    lines = read_lines(sheet.columns[line])
    starts, ends = (_junctions(draft, table, way, tables) for way in ("from_", "to_"))
    troubles = line_troubles(lines, starts, ends)
    yield from _faults(draft, table, troubles, line)
    lines[list(troubles)] = None
    length = draft.contracts[table].by_name.get("length_m")
    if length is not None and length.name in sheet.columns:
        troubles = length_troubles(lines, sound_numbers(sheet, length))
        yield from _faults(draft, table, troubles, length.name)


def _junctions(
    draft: Draft, table: str, way: str, tables: dict[str, Positions]
) -> tuple[Floats, Floats]:
    """Return the positions of the junctions at one end of the lines of a table."""
    sheet = draft.sheets[table]
    unknown = np.full(len(sheet.rows), np.nan)
    for column in draft.contracts[table].columns:
        points = tables.get(column.reference)
        if not column.name.startswith(way) or column.name not in sheet.columns or points is None:
            continue
        key = draft.contracts[column.reference].key
        keys = draft.sheets[column.reference].columns.get(key or "", [])
        row = {name: index for index, name in enumerate(keys)}
        index = np.array([row.get(name, -1) for name in sheet.columns[column.name]], dtype=int)
        return np.append(points.lon, np.nan)[index], np.append(points.lat, np.nan)[index]
    return unknown, unknown


def _faults(draft: Draft, table: str, troubles: Troubles, column: str = "") -> Iterator[Fault]:
    position = draft.contracts[table].position or ("",)
    for index in sorted(troubles):
        yield fault_at(draft.sheets[table], index, column or position[0], troubles[index])
