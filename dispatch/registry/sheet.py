"""A table as text: what stands in the file before anything is believed.

Reading finds the faults of the file itself (encoding, byte order mark, torn
rows) and goes on as far as it can, so that one run names everything.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dispatch.errors import Fault
from dispatch.i18n import _, ngettext


@dataclass(frozen=True)
class Sheet:
    """The text of a table, column by column.

    Parameters
    ----------
    file : str
        Name of the file, as faults give it.
    header : tuple of str
        Names of the columns as written.
    rows : tuple of int
        Line of the file in which each row begins.
    columns : dict of str to list of str
        Text of each column; where a name stands twice, the first.
    torn : frozenset of str
        Cells of rows with too many or too few fields, which stand in no
        column. A key among them still exists for those who refer to it.
    """

    file: str
    header: tuple[str, ...]
    rows: tuple[int, ...]
    columns: dict[str, list[str]]
    torn: frozenset[str] = frozenset()


def read_sheet(data: bytes, file: str) -> tuple[Sheet | None, list[Fault]]:
    """Read the bytes of a CSV file.

    Parameters
    ----------
    data : bytes
        Content of the file.
    file : str
        Name of the file for the faults.

    Returns
    -------
    sheet : Sheet or None
        None if no column can be told from another.
    faults : list of Fault
    """
    text, faults = _decode(data, file)
    header: list[str] = []
    lines: list[int] = []
    records: list[list[str]] = []
    torn: set[str] = set()
    try:
        for line, record in _records(text):
            if not record:
                faults.append(Fault(file, line, None, None, _("the line is blank"), _("delete it")))
            elif not header:
                header = record
            elif len(record) == len(header):
                lines.append(line)
                records.append(record)
            else:
                torn.update(record)
                faults.append(_torn_row(file, line, len(record), len(header)))
    except _BrokenCsvError as broken:
        faults.append(_broken(file, broken.line))
        return None, faults
    if not header:
        problem = _("the file is empty")
        faults.append(Fault(file, None, None, None, problem, _("write a header and rows into it")))
        return None, faults
    if not records and not torn:
        faults.append(Fault(file, 1, None, None, _("the table has no rows"), _("add its rows")))
    cells = [list(column) for column in zip(*records, strict=True)] or [[] for _name in header]
    columns = dict(reversed(list(zip(header, cells, strict=True))))  # the first of a name wins
    return Sheet(file, tuple(header), tuple(lines), columns, frozenset(torn)), faults


class _BrokenCsvError(Exception):
    def __init__(self, line: int) -> None:
        self.line = line


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line in which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _BrokenCsvError(line) from error
        yield line, record


def _decode(data: bytes, file: str) -> tuple[str, list[Fault]]:
    """Decode to text whatever the encoding, and name any but plain UTF-8."""
    remedy = _("save the file as UTF-8 without BOM")
    mark = re.match(rb"\xef\xbb\xbf|\xff\xfe|\xfe\xff", data)
    if mark:
        encoding = "utf-8-sig" if mark.group() == b"\xef\xbb\xbf" else "utf-16"
        problem = _("the file begins with a byte order mark (BOM)")
        text = data.decode(encoding, errors="replace")
        return text, [Fault(file, 1, None, None, problem, remedy)]
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        start = error.start
    try:
        text, problem = data.decode("gb18030"), _("the file is in GB18030, not in UTF-8")
    except UnicodeDecodeError:
        text, problem = data.decode("utf-8", errors="replace"), _("the file is not in UTF-8")
    value = " ".join(f"{byte:02X}" for byte in data[start : start + 4])
    return text, [Fault(file, line, None, value, problem, remedy)]


def _torn_row(file: str, line: int, got: int, wanted: int) -> Fault:
    problem = ngettext(
        "the row has {got} field, the header {wanted}",
        "the row has {got} fields, the header {wanted}",
        got,
    ).format(got=got, wanted=wanted)
    remedy = _("put commas and quotes right; a field that holds a comma needs quotes")
    return Fault(file, line, None, None, problem, remedy)


def _broken(file: str, line: int) -> Fault:
    problem = _("quotes don't close, or a field is too long: nothing can be read from here on")
    remedy = _("close the quotes, or double a quote that is meant as text")
    return Fault(file, line, None, None, problem, remedy)
