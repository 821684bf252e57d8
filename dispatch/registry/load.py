"""Read the tables of a folder."""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from dispatch.errors import Fault
from dispatch.i18n import _
from dispatch.registry.check import check_sheet
from dispatch.registry.contract import CONTRACT_OF_CONTRACTS, Column, Contract
from dispatch.registry.draft import Draft, draft_faults
from dispatch.registry.polygons import POLYGONS, POLYGONS_FILE, read_polygons
from dispatch.registry.registry import Registry, registry_from
from dispatch.registry.sheet import Sheet, read_sheet


def data_dir() -> Path:
    """Return the folder of the packaged tables: in a wheel, or in a checkout."""
    package = Path(str(files("dispatch")))
    packaged = package / "data"
    return packaged if packaged.is_dir() else package.parent / "data"


def load_registry(path: Path | str | None = None) -> Registry:
    """Load all tables and check them.

    Parameters
    ----------
    path : path-like, optional
        Folder of the tables; the packaged ones if not given. Contracts are
        those in its folder ``contracts``, or the packaged ones.

    Raises
    ------
    InputError
        With every fault of every table.
    """
    return registry_from(read_folder(data_dir() if path is None else Path(path)))


def check_registry(path: Path | str | None = None) -> tuple[Fault, ...]:
    """Return every fault of the tables of a folder, by file and row.

    Parameters
    ----------
    path : path-like, optional
        As for :func:`load_registry`.
    """
    return draft_faults(read_folder(data_dir() if path is None else Path(path)))


def read_folder(path: Path) -> Draft:
    """Read everything a folder holds, whatever is wrong with it."""
    if not path.is_dir():
        problem, remedy = _("there is no such folder"), _("name the folder of the tables")
        return Draft({}, {}, None, {}, (Fault(str(path), None, None, None, problem, remedy),))
    contracts, faults = read_contracts(path)
    if faults:  # tables can't be judged by contracts that are wrong themselves
        return Draft({}, {}, None, {}, tuple(faults))
    sheets: dict[str, Sheet] = {}
    hashes: dict[str, str] = {}
    for table, contract in contracts.items():
        data = _bytes(path, contract.file, faults)
        if data is not None:
            sheet, found = read_sheet(data, contract.file)
            faults += found
            hashes[table] = sha256(data).hexdigest()
            if sheet is not None:
                sheets[table] = sheet
    for file in sorted(path.glob("*/*.csv")):
        name = file.relative_to(path).as_posix()
        if file.parent.name != "contracts" and name.removesuffix(".csv") not in contracts:
            problem, remedy = (
                _("no contract describes this table"),
                _("write one, or move the file"),
            )
            faults.append(Fault(name, None, None, None, problem, remedy))
    polygons = None
    if (data := _bytes(path, POLYGONS_FILE, faults)) is not None:
        polygons = read_polygons(data)
        hashes[POLYGONS] = sha256(data).hexdigest()
    return Draft(contracts, sheets, polygons, hashes, tuple(faults))


def read_contracts(path: Path) -> tuple[dict[str, Contract], list[Fault]]:
    """Read the contracts of a folder of tables, or the packaged ones if it has none."""
    folder = path if (path / "contracts").is_dir() else data_dir()
    contracts: dict[str, Contract] = {}
    faults: list[Fault] = []
    for file in sorted((folder / "contracts").glob("*.csv")):
        name = f"contracts/{file.name}"
        data = _bytes(folder, name, faults)
        sheet, found = (None, []) if data is None else read_sheet(data, name)
        if sheet is not None:
            found += check_sheet(sheet, CONTRACT_OF_CONTRACTS)
        faults += found
        if sheet is not None and not found:
            table = file.stem.replace(".", "/", 1)
            contracts[table] = contract_from(sheet, table)
    return contracts, faults or _contract_faults(contracts)


def contract_from(sheet: Sheet, table: str) -> Contract:
    """Return the contract that a checked sheet says."""
    names = list(sheet.columns)
    rows = zip(*sheet.columns.values(), strict=True)
    return Contract(
        table, tuple(Column.from_row(dict(zip(names, row, strict=True))) for row in rows)
    )


def _contract_faults(contracts: dict[str, Contract]) -> list[Fault]:
    """Find what a contract promises and can't keep."""
    faults = []
    for table, contract in contracts.items():
        file = f"contracts/{table.replace('/', '.')}.csv"
        for row, column in enumerate(contract.columns, start=2):
            target = contracts.get(column.reference)
            if column.type == "choice" and not column.values:
                name, value, problem = "values", "", _("a choice needs codes")
            elif column.type == "reference" and (target is None or target.key is None):
                name, value = "reference", column.reference
                problem = _("no such table with a key has a contract")
            else:
                continue
            faults.append(Fault(file, row, name, value, problem, _("put it right")))
    return faults


def _bytes(path: Path, name: str, faults: list[Fault]) -> bytes | None:
    try:
        return (path / name).read_bytes()
    except FileNotFoundError:
        problem, remedy = _("the file is missing"), _("put it into the folder of the tables")
    except OSError as error:
        problem, remedy = _("the file can't be read"), str(error.strerror)
    faults.append(Fault(name, None, None, None, problem, remedy))
    return None
