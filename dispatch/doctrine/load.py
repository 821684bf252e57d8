"""Loading the doctrine tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dispatch.doctrine import parse
from dispatch.doctrine.checks import check_doctrine
from dispatch.doctrine.doctrine import Doctrine
from dispatch.doctrine.records import (
    Command,
    Department,
    FloorRule,
    Impact,
    IncidentType,
    LevelRule,
    PoolRule,
    Priority,
    RequirementRule,
    Tier,
)
from dispatch.doctrine.rows import Row, columns_of, read_rows
from dispatch.errors import Fault, InputError

_TABLES: Final[Mapping[str, tuple[tuple[str, ...], str | None]]] = {
    "capabilities": (
        ("capability", "name", "name_en", "unit", "unit_en", "portable", "status", "source"),
        "capability",
    ),
    "impacts": (columns_of(Impact), "impact"),
    "incident_types": (columns_of(IncidentType, "departments"), "incident_type"),
    "departments": (columns_of(Department), None),
    "levels": (columns_of(LevelRule), "rule"),
    "commands": (columns_of(Command), None),
    "tiers": (columns_of(Tier), "tier"),
    "pools": (columns_of(PoolRule), None),
    "requirements": (columns_of(RequirementRule), "requirement"),
    "priorities": (columns_of(Priority), "priority"),
    "floors": (columns_of(FloorRule), "floor"),
    "neighbours": (("city_adcode", "neighbour_adcode", "status", "source"), None),
}
"""Columns and key of each table."""


def load_doctrine(data_dir: str | Path) -> Doctrine:
    """Load and check the tables in the folder ``doctrine`` of the data.

    Parameters
    ----------
    data_dir : str or Path
        Folder of all data tables.

    Returns
    -------
    Doctrine

    Raises
    ------
    InputError
        With every fault found, each naming file, row, column and value. Rows
        are judged only once all files can be read.
    """
    folder = Path(data_dir) / "doctrine"
    faults: list[Fault] = []
    rows = {
        name: read_rows(folder, name, columns, key, faults)
        for name, (columns, key) in _TABLES.items()
    }
    if not faults:
        doctrine = _doctrine(rows)
        if not faults:
            check_doctrine(doctrine, rows)
    if faults:
        raise InputError(faults)
    return doctrine


def _doctrine(rows: Mapping[str, list[Row]]) -> Doctrine:
    keys = {
        name: [row.cells[key] for row in rows[name]] for name, (_c, key) in _TABLES.items() if key
    }
    levels = tuple(parse.level_rule(row, keys) for row in rows["levels"])
    rule_sets = sorted({rule.rule_set for rule in levels})
    departments = [parse.department(row, keys) for row in rows["departments"]]
    return Doctrine(
        impacts=tuple(parse.impact(row, keys) for row in rows["impacts"]),
        incident_types=tuple(
            parse.incident_type(row, keys, rule_sets, departments) for row in rows["incident_types"]
        ),
        levels=levels,
        commands=tuple(parse.command(row, keys) for row in rows["commands"]),
        tiers=tuple(sorted((parse.tier(row, keys) for row in rows["tiers"]), key=_rank)),
        pools=tuple(parse.pool_rule(row, keys) for row in rows["pools"]),
        requirements=tuple(parse.requirement_rule(row, keys) for row in rows["requirements"]),
        priorities=tuple(parse.priority(row, keys) for row in rows["priorities"]),
        floors=tuple(parse.floor_rule(row, keys) for row in rows["floors"]),
        neighbours=frozenset(pair for row in rows["neighbours"] for pair in parse.borders(row)),
    )


def _rank(tier: Tier) -> int:
    return tier.rank
