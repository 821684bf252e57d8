"""From rows of text to records, each code checked against the table that holds it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from dispatch.doctrine.records import (
    AREAS,
    CONTROL_LEVELS,
    LEVELS,
    PLACES,
    TEAM_KINDS,
    TIERS,
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
from dispatch.doctrine.rows import Row
from dispatch.i18n import _

Keys = Mapping[str, Sequence[str]]
"""The keys of each table that has some."""

_CITY: Final = re.compile(r"[0-9]{4}00")
_ROLES: Final = ("commands", "carries_out", "first_response", "guides")


def impact(row: Row, keys: Keys) -> Impact:
    """Make a record of the table ``impacts``."""
    return Impact(
        sum_of=row.codes("sum_of", keys["impacts"]),
        **_texts(row, "impact", "name", "name_en", "unit", "unit_en"),
        **row.ground(),
    )


def department(row: Row, keys: Keys) -> Department:
    """Make a record of the table ``departments``."""
    return Department(
        incident_type=row.choice("incident_type", keys["incident_types"]),
        role=row.choice("role", ("lead", "coordinating")),
        **_texts(row, "department", "department_en"),
        **row.ground(),
    )


def incident_type(
    row: Row, keys: Keys, rule_sets: Sequence[str], departments: Sequence[Department]
) -> IncidentType:
    """Make a record of the table ``incident_types``, with its departments."""
    code = row.text("incident_type")
    return IncidentType(
        incident_type=code,
        level_rules=row.codes("level_rules", rule_sets),
        impacts=row.codes("impacts", keys["impacts"]),
        departments=tuple(item for item in departments if item.incident_type == code),
        **_texts(row, "name", "name_en", "headquarters", "headquarters_en"),
        **row.ground(),
    )


def level_rule(row: Row, keys: Keys) -> LevelRule:
    """Make a record of the table ``levels``."""
    return LevelRule(
        level=row.choice("level", LEVELS),
        impact=row.choice("impact", keys["impacts"]),
        minimum=row.number("minimum"),
        **_texts(row, "rule", "rule_set", "text", "text_en"),
        **row.ground(),
    )


def command(row: Row, _keys: Keys) -> Command:
    """Make a record of the table ``commands``."""
    return Command(
        level=row.choice("level", LEVELS),
        authority=row.choice("authority", CONTROL_LEVELS),
        role=row.choice("role", _ROLES),
        **_texts(row, "headquarters", "headquarters_en", "text", "text_en"),
        **row.ground(),
    )


def tier(row: Row, _keys: Keys) -> Tier:
    """Make a record of the table ``tiers``."""
    return Tier(
        tier=row.choice("tier", TIERS),
        rank=row.integer("rank", 1),
        **_texts(row, "name", "name_en", "meaning", "meaning_en"),
        **row.ground(),
    )


def pool_rule(row: Row, keys: Keys) -> PoolRule:
    """Make a record of the table ``pools``."""
    return PoolRule(
        level=row.choice("level", LEVELS),
        tier=row.choice("tier", keys["tiers"]),
        control_level=row.choice("control_level", CONTROL_LEVELS),
        place=row.choice("place", PLACES),
        delay_s=row.integer("delay_s"),
        **_texts(row, "basis", "basis_en"),
        **row.ground(),
    )


def requirement_rule(row: Row, keys: Keys) -> RequirementRule:
    """Make a record of the table ``requirements``."""
    impact_key, maximum = row.optional("impact"), row.optional("maximum")
    return RequirementRule(
        incident_type=row.choice("incident_type", keys["incident_types"]),
        capability=row.choice("capability", keys["capabilities"]),
        base_quantity=row.integer("base_quantity"),
        impact=row.choice("impact", keys["impacts"]) if impact_key else "",
        impact_from=row.number("impact_from"),
        per_impact=row.number("per_impact"),
        rounding=row.integer("rounding", 1),
        maximum=row.integer("maximum", 1) if maximum else None,
        first_share=row.number("first_share"),
        minimum_share=row.number("minimum_share"),
        priority=_priority(row, keys),
        target_min=row.integer("target_min", 1),
        latest_min=row.integer("latest_min", 1),
        **_texts(row, "requirement", "basis", "basis_en"),
        **row.ground(),
    )


def priority(row: Row, _keys: Keys) -> Priority:
    """Make a record of the table ``priorities``."""
    return Priority(
        priority=row.integer("priority", 1),
        weight=row.integer("weight", 1),
        **_texts(row, "name", "name_en", "meaning", "meaning_en"),
        **row.ground(),
    )


def floor_rule(row: Row, _keys: Keys) -> FloorRule:
    """Make a record of the table ``floors``."""
    return FloorRule(
        level=row.choice("level", LEVELS),
        area=row.choice("area", AREAS),
        tier=row.choice("tier", ("", *TIERS)),
        kind=row.choice("kind", ("", *TEAM_KINDS)),
        count=row.integer("count"),
        share=row.number("share"),
        **_texts(row, "floor", "reserve", "text", "text_en"),
        **row.ground(),
    )


def borders(row: Row) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the pair of cities of a row of the table ``neighbours``, both ways round."""
    row.ground()
    one, other = row.text("city_adcode"), row.text("neighbour_adcode")
    for column in ("city_adcode", "neighbour_adcode"):
        if not _CITY.fullmatch(row.cells[column]):
            row.fault(column, _("this is not the code of a city"), _("write it like 140100"))
    if one == other:
        row.fault("neighbour_adcode", _("a city borders on itself"), _("name two cities"))
    return (one, other), (other, one)


def _priority(row: Row, keys: Keys) -> int:
    code = row.choice("priority", keys["priorities"])
    return int(code) if code.isdigit() else 0


def _texts(row: Row, *columns: str) -> dict[str, str]:
    return {column: row.text(column) for column in columns}
