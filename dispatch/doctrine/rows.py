"""Reading the doctrine tables: cells with their place in the file.

A cell that can't be used leaves a fault and gives a harmless value, so that
one run finds everything; nothing is returned to a caller while faults stand.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from dispatch.errors import Fault, InputError
from dispatch.i18n import _, ngettext

STATUSES: Final = ("existing", "planned", "illustrative")
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


@dataclass(frozen=True)
class Row:
    """One row of a table; what is wrong with it goes to ``faults``."""

    file: str
    line: int
    cells: dict[str, str]
    faults: list[Fault]

    def fault(self, column: str, problem: str, remedy: str) -> None:
        """Note what is wrong with a cell."""
        value = self.cells[column]
        self.faults.append(Fault(self.file, self.line, column, value, problem, remedy))

    def optional(self, column: str) -> str:
        """Return the text of a cell, which may be empty."""
        return self.cells[column]

    def text(self, column: str) -> str:
        """Return the text of a cell that must hold one."""
        if not self.cells[column].strip():
            self.fault(column, _("no value stands here"), _("write the value"))
        return self.cells[column]

    def number(self, column: str, least: float = 0) -> float:
        """Return a finite number of at least ``least``."""
        value = self.cells[column]
        if not _NUMBER.fullmatch(value):
            self.fault(
                column, _("this is not a number"), _("write digits, with a point before a fraction")
            )
            return least
        if float(value) < least:
            problem = _("the value is below the least one allowed, {minimum:g}")
            self.fault(column, problem.format(minimum=least), _("put the value right"))
            return least
        return float(value)

    def integer(self, column: str, least: int = 0) -> int:
        """Return a whole number of at least ``least``."""
        number = self.number(column, least)
        if number != int(number):
            self.fault(column, _("this is not a whole number"), _("write it without a fraction"))
        return int(number)

    def choice(self, column: str, allowed: Collection[str]) -> str:
        """Return a code that must be one of those allowed."""
        self._known(column, (self.cells[column],), allowed)
        return self.cells[column]

    def codes(self, column: str, allowed: Collection[str]) -> tuple[str, ...]:
        """Return the codes of a list separated by ``|``, each once and each allowed."""
        parts = tuple(self.cells[column].split("|")) if self.cells[column] else ()
        if len(set(parts)) < len(parts):
            self.fault(column, _("a code stands twice"), _("keep one of the two"))
        self._known(column, parts, allowed)
        return parts

    def ground(self) -> dict[str, str]:
        """Return status and source, which every row has."""
        return {"status": self.choice("status", STATUSES), "source": self.text("source")}

    def _known(self, column: str, codes: Iterable[str], allowed: Collection[str]) -> None:
        for code in codes:
            if code not in allowed:
                problem = _("there is no {code!r}").format(code=code)
                self.fault(column, problem, _("use {codes}").format(codes=" | ".join(allowed)))


def columns_of(record: type, *without: str) -> tuple[str, ...]:
    """Return the columns of a table whose rows a record class holds field by field."""
    return tuple(field.name for field in fields(record) if field.name not in without)


def read_rows(
    folder: Path, table: str, columns: Collection[str], key: str | None, faults: list[Fault]
) -> list[Row]:
    """Read a table of the doctrine.

    Parameters
    ----------
    folder : Path
        Folder of the doctrine tables.
    table : str
        Name of the table without its ending.
    columns : collection of str
        Columns that it has, in any order.
    key : str or None
        Column that names the rows.
    faults : list of Fault
        Takes what is wrong with the file and its rows. A file that can't be
        read, or whose header is wrong, has no rows.
    """
    file = f"{folder.name}/{table}.csv"
    try:
        header, records = _records(folder / f"{table}.csv", file)
        _check_header(file, header, columns)
    except InputError as error:
        faults.extend(error.faults)
        return []
    rows = list(_rows(file, header, records, faults))
    if key is not None:
        _check_unique(rows, key)
    return rows


def _check_header(file: str, header: list[str], columns: Collection[str]) -> None:
    faults = [
        Fault(file, 1, name, None, _("the column is missing"), _("add it"))
        for name in columns
        if name not in header
    ]
    faults += [
        Fault(file, 1, name, name, _("unknown column"), _("remove it or mend its spelling"))
        for name in header
        if name not in columns or header.count(name) > 1
    ]
    if faults:
        raise InputError(faults)


def _records(path: Path, file: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            records = [(reader.line_num, record) for record in reader]
    except OSError as error:
        problem = _("cannot be read ({reason})").format(reason=error.strerror)
        raise InputError(Fault(file, None, None, None, problem, _("check the path"))) from None
    except UnicodeDecodeError:
        problem, remedy = _("is not UTF-8 text"), _("save it as UTF-8")
        raise InputError(Fault(file, None, None, None, problem, remedy)) from None
    except csv.Error as error:
        problem = _("is not valid CSV: {detail}").format(detail=error)
        raise InputError(Fault(file, None, None, None, problem, _("mend its quotes"))) from None
    if len(records) < 2:
        problem, remedy = _("the table has no rows"), _("add its rows")
        raise InputError(Fault(file, None, None, None, problem, remedy))
    return records[0][1], records[1:]


def _rows(
    file: str, header: list[str], records: list[tuple[int, list[str]]], faults: list[Fault]
) -> Iterator[Row]:
    for line, record in records:
        if len(record) == len(header):
            yield Row(file, line, dict(zip(header, record, strict=True)), faults)
        else:
            problem = ngettext(
                "the row has {got} field, the header {wanted}",
                "the row has {got} fields, the header {wanted}",
                len(record),
            ).format(got=len(record), wanted=len(header))
            faults.append(Fault(file, line, None, None, problem, _("mend its commas and quotes")))


def _check_unique(rows: list[Row], key: str) -> None:
    seen: set[str] = set()
    for row in rows:
        if row.text(key) in seen:
            row.fault(key, _("the key stands twice"), _("give each row its own"))
        seen.add(row.cells[key])
