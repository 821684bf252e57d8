"""Check the text of tables against their contracts, column by column.

Each distinct value is judged once, and rows are looked up only for those that
are refused: thousands of links cost milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import partial

import numpy as np
from numpy.typing import NDArray

from dispatch.errors import Fault
from dispatch.i18n import _
from dispatch.registry.cell import Trouble, cell_trouble
from dispatch.registry.contract import Column, Contract
from dispatch.registry.sheet import Sheet

_FEW = 500  # keys among which looking for a similar one takes no time to speak of

Judge = Callable[[str], Trouble | None]


def check_sheet(sheet: Sheet, contract: Contract) -> Iterator[Fault]:
    """Yield the faults of a table that show without any other table."""
    yield from _header_faults(sheet, contract)
    for column in contract.columns:
        if column.name in sheet.columns:
            yield from _column_faults(sheet, column.name, partial(cell_trouble, column))
    yield from _repeated_rows(sheet, contract)


def check_references(
    sheet: Sheet, contract: Contract, sheets: Mapping[str, Sheet], contracts: Mapping[str, Contract]
) -> Iterator[Fault]:
    """Yield a fault for each reference to a key that the other table lacks.

    Nothing is said about a table whose keys could not be read: it has a fault
    of its own.
    """
    for column in contract.columns:
        if column.type != "reference" or column.name not in sheet.columns:
            continue
        target, other = sheets.get(column.reference), contracts.get(column.reference)
        if target is None or other is None or other.key not in target.columns:
            continue
        keys = target.torn.union(target.columns[other.key])
        yield from _column_faults(sheet, column.name, _reference_judge(column, keys))


def fault_at(sheet: Sheet, index: int, column: str, trouble: Trouble) -> Fault:
    """Return the fault of one cell, given by the index of its row."""
    value = sheet.columns[column][index]
    return Fault(sheet.file, sheet.rows[index], column, value, *trouble)


def sound_numbers(sheet: Sheet, column: Column) -> NDArray[np.float64]:
    """Return the numbers of a column, NaN where a cell is empty or has a fault."""
    return np.array(
        [
            float(text) if text and cell_trouble(column, text) is None else np.nan
            for text in sheet.columns[column.name]
        ]
    )


def _column_faults(sheet: Sheet, name: str, judge: Judge) -> Iterator[Fault]:
    values = sheet.columns[name]
    troubles = {value: trouble for value in set(values) if (trouble := judge(value))}
    if troubles:
        for index, value in enumerate(values):
            if value in troubles:
                yield fault_at(sheet, index, name, troubles[value])


def _reference_judge(column: Column, keys: frozenset[str]) -> Judge:
    def judge(value: str) -> Trouble | None:
        if value in keys or not value.strip():
            return None
        problem = _("the table {table} has no such key").format(table=column.reference)
        near = get_close_matches(value, keys, 1) if len(keys) < _FEW else ()
        remedy = _("add it there, or write {near}") if near else _("add it there, or put it right")
        return problem, remedy.format(near="".join(near))

    return judge


def _repeated_rows(sheet: Sheet, contract: Contract) -> Iterator[Fault]:
    if not all(name in sheet.columns for name in contract.identity):
        return
    first: dict[tuple[str, ...], int] = {}
    for index, identity in enumerate(
        zip(*(sheet.columns[name] for name in contract.identity), strict=True)
    ):
        row = first.setdefault(identity, sheet.rows[index])
        if row != sheet.rows[index] and any(identity):
            problem = _("row {row} says the same: {what}")
            problem = problem.format(row=row, what=" + ".join(contract.identity))
            trouble = problem, _("keep one of the two rows")
            yield fault_at(sheet, index, contract.identity[0], trouble)


def _header_faults(sheet: Sheet, contract: Contract) -> Iterator[Fault]:
    wanted = list(contract.by_name)
    missing = [name for name in wanted if name not in sheet.columns]
    for index, name in enumerate(sheet.header):
        if name in sheet.header[:index]:
            problem, remedy = _("the column stands twice"), _("delete one of the two")
        elif name in wanted:
            continue
        elif twin := _other_unit(name, missing, contract):
            missing.remove(twin.name)
            problem = _("the unit in the name is not the contract's: {name}").format(name=twin.name)
            remedy = _("give the values in {unit} and call the column {name}")
            remedy = remedy.format(unit=twin.unit, name=twin.name)
        else:
            problem, remedy = (
                _("the contract knows no such column"),
                _renaming(name, missing, wanted),
            )
        yield Fault(sheet.file, 1, name, name, problem, remedy)
    for name in missing:
        remedy = _("add it: {what}").format(what=contract.by_name[name].description)
        yield Fault(sheet.file, 1, name, None, _("the column is missing"), remedy)


def _other_unit(name: str, missing: list[str], contract: Contract) -> Column | None:
    """Return the missing column of the same name but for the unit at its end."""
    stem, mark, _unit = name.rpartition("_")
    for other in missing:
        if mark and other.rpartition("_")[0] == stem and contract.by_name[other].unit:
            return contract.by_name[other]
    return None


def _renaming(name: str, missing: list[str], wanted: list[str]) -> str:
    """Return the remedy for an unknown column, and strike what it was meant for."""
    for near in get_close_matches(name, missing, 1):
        missing.remove(near)
        return _("call it {name}").format(name=near)
    for near in get_close_matches(name, wanted, 1):
        return _("delete it, or say it in {name}").format(name=near)
    return _("delete it; the columns are {names}").format(names=", ".join(wanted))
