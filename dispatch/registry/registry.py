"""The registry: who and what there is, checked, as frames for analysts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from html import escape
from typing import Any

import geopandas as gpd
import pandas as pd

from dispatch.errors import InputError
from dispatch.i18n import _, ngettext
from dispatch.registry.contract import Contract
from dispatch.registry.draft import Draft, draft_faults
from dispatch.registry.frame import to_frame


@dataclass(frozen=True, eq=False, repr=False)
class Registry:
    """All tables, checked against their contracts and against each other.

    A table is had by its name, ``registry["teams/capabilities"]``, or as an
    attribute: ``registry.teams`` is ``teams/teams``, ``registry.links`` is
    ``network/links``. What is had is a copy that may be changed at will.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By name, ``folder/table``. Indexed by the key if there is one; with a
        position or a line it is a GeoDataFrame in EPSG:4326.
    county_polygons : GeoDataFrame
        Borders of the counties by adcode, EPSG:4326.
    contracts : mapping of str to Contract
        What each column means.
    sha256 : mapping of str to str
        Hash of the bytes of the file each table came from.
    """

    tables: Mapping[str, pd.DataFrame]
    county_polygons: gpd.GeoDataFrame
    contracts: Mapping[str, Contract]
    sha256: Mapping[str, str]

    def __getitem__(self, name: str) -> gpd.GeoDataFrame:
        """Return a table by its full name, or its short one where that is plain."""
        return self.tables[self._full_name(name)].copy()

    def __getattr__(self, name: str) -> gpd.GeoDataFrame:
        if name.startswith("_") or name == "tables":
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __dir__(self) -> list[str]:
        """Return the tables too, so that an editor can complete their names."""
        return [*super().__dir__(), *(name.rpartition("/")[2] for name in self.tables)]

    def illustrative(self) -> dict[str, pd.DataFrame]:
        """Return the rows invented for illustration, by table."""
        return {
            name: table[table["status"] == "illustrative"].copy()
            for name, table in self.tables.items()
            if "status" in table and (table["status"] == "illustrative").any()
        }

    def summary(self) -> pd.DataFrame:
        """Return the number of rows and of illustrative rows by table."""
        invented = self.illustrative()
        rows = [
            (name, len(table), len(invented.get(name, ()))) for name, table in self.tables.items()
        ]
        return pd.DataFrame(rows, columns=["table", "rows", "illustrative"]).set_index("table")

    def __repr__(self) -> str:
        counts = self.summary()
        return f"<Registry: {len(counts)} tables, {counts['rows'].sum()} rows>"

    def _repr_html_(self) -> str:
        counts = self.summary()
        head = "".join(
            f"<th>{escape(text)}</th>" for text in (_("table"), _("rows"), _("illustrative"))
        )
        body = "".join(
            f"<tr><td>{escape(str(name))}</td><td>{rows:,}</td>"
            f"<td>{f'<b>{invented:,}</b>' if invented else 0}</td></tr>"
            for name, rows, invented in counts.itertuples()
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        if not counts["illustrative"].sum():
            return table
        count = int(counts["illustrative"].sum())
        warning = ngettext(
            "{count} of {rows} records is invented for illustration.",
            "{count} of {rows} records are invented for illustration.",
            count,
        ).format(count=f"{count:,}", rows=f"{counts['rows'].sum():,}")
        return f'<p style="color:#b03600"><b>{escape(warning)}</b></p>{table}'

    def _full_name(self, name: str) -> str:
        if name in self.tables:
            return name
        if f"{name}/{name}" in self.tables:
            return f"{name}/{name}"
        found = [table for table in self.tables if table.endswith(f"/{name}")]
        if len(found) == 1:
            return found[0]
        near = found or get_close_matches(name, self.tables, 3, 0.4)
        raise KeyError(f"no table {name!r}; there is {', '.join(near or self.tables)}")


def registry_from(draft: Draft) -> Registry:
    """Check a draft and make it a registry.

    Raises
    ------
    InputError
        With every fault of every table.
    """
    faults = draft_faults(draft)
    if faults or draft.polygons is None:
        raise InputError(faults)
    tables: dict[str, Any] = {
        name: to_frame(draft.sheets[name], contract) for name, contract in draft.contracts.items()
    }
    return Registry(tables, draft.polygons, draft.contracts, draft.sha256)
