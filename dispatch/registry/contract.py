"""Column contracts: what each table must look like, kept as data.

A contract is itself a small CSV, ``contracts/<folder>.<table>.csv``, with one
row for each column of the table ``<folder>/<table>.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from dispatch.i18n import pick

TYPES: Final = (
    "key",
    "text",
    "integer",
    "number",
    "choice",
    "reference",
    "lon",
    "lat",
    "linestring",
)
"""Types of column. ``key`` names the row; ``reference`` is a key of another table."""

NUMERIC: Final = frozenset({"integer", "number", "lon", "lat"})


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Header of the column, with its unit where it has one (``length_m``).
    type : str
        One of :data:`TYPES`.
    unit : str
        Unit of a number; empty for none.
    required : bool
        Whether a value must stand in every row; the column itself must
        always be there.
    values : tuple of str
        The codes of a choice.
    minimum, maximum : float or None
        Least and largest number allowed.
    reference : str
        Table whose keys a reference takes.
    description_zh, description_en : str
        What the column says.
    """

    name: str
    type: str
    unit: str = ""
    required: bool = True
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    reference: str = ""
    description_zh: str = ""
    description_en: str = ""

    @property
    def description(self) -> str:
        """What the column says, in the language in use."""
        return pick(self.description_zh, self.description_en)

    @classmethod
    def from_row(cls, row: Mapping[str, str]) -> Column:
        """Make a column from one checked row of a contract file."""
        return cls(
            name=row["column"],
            type=row["type"],
            unit=row["unit"],
            required=row["required"] == "yes",
            values=tuple(row["values"].split("|")) if row["values"] else (),
            minimum=float(row["minimum"]) if row["minimum"] else None,
            maximum=float(row["maximum"]) if row["maximum"] else None,
            reference=row["reference"],
            description_zh=row["description_zh"],
            description_en=row["description_en"],
        )

    def to_row(self) -> dict[str, str]:
        """Return the row of a contract file that says the same."""
        return {
            "column": self.name,
            "type": self.type,
            "unit": self.unit,
            "required": "yes" if self.required else "no",
            "values": "|".join(self.values),
            "minimum": "" if self.minimum is None else f"{self.minimum:.15g}",
            "maximum": "" if self.maximum is None else f"{self.maximum:.15g}",
            "reference": self.reference,
            "description_zh": self.description_zh,
            "description_en": self.description_en,
        }


@dataclass(frozen=True)
class Contract:
    """The columns of one table, in order.

    Parameters
    ----------
    table : str
        Name of the table, ``folder/table``.
    columns : tuple of Column
    """

    table: str
    columns: tuple[Column, ...]

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}

    @property
    def file(self) -> str:
        """Path of the table below the data folder."""
        return f"{self.table}.csv"

    @cached_property
    def key(self) -> str | None:
        """Name of the key column, None for a table without key."""
        return self._first("key")

    @cached_property
    def position(self) -> tuple[str, str] | None:
        """Names of the longitude and latitude columns, None without position."""
        lon, lat = self._first("lon"), self._first("lat")
        return (lon, lat) if lon and lat else None

    @cached_property
    def line(self) -> str | None:
        """Name of the line column, None for a table without lines."""
        return self._first("linestring")

    @cached_property
    def identity(self) -> tuple[str, ...]:
        """Columns that tell the rows apart.

        The key; without one, all codes, references and texts but those that
        say how the row came about.
        """
        if self.key is not None:
            return (self.key,)
        return tuple(
            column.name
            for column in self.columns
            if column.type in ("text", "choice", "reference")
            and column.name not in ("status", "source")
        )

    def _first(self, kind: str) -> str | None:
        return next((column.name for column in self.columns if column.type == kind), None)


def _column(name: str, kind: str, zh: str, en: str, values: tuple[str, ...] = ()) -> Column:
    required = name in ("column", "type", "required", "description_zh", "description_en")
    return Column(
        name, kind, required=required, values=values, description_zh=zh, description_en=en
    )


CONTRACT_OF_CONTRACTS: Final = Contract(
    "contracts",
    (
        _column("column", "key", "列名", "name of the column"),
        _column("type", "choice", "类型", "type", TYPES),
        _column("unit", "text", "单位", "unit"),
        _column("required", "choice", "是否必填", "whether each row has a value", ("yes", "no")),
        _column("values", "text", "可选代码，用|分隔", "codes of a choice, separated by |"),
        _column("minimum", "number", "最小值", "least value"),
        _column("maximum", "number", "最大值", "largest value"),
        _column("reference", "text", "所引用的表", "table whose keys a reference takes"),
        _column("description_zh", "text", "中文说明", "meaning in Chinese"),
        _column("description_en", "text", "英文说明", "meaning in English"),
    ),
)
"""What a contract file must look like: the same checks read it as any table."""
