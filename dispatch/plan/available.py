"""The registry without what a scenario says is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dispatch.errors import InputError
from dispatch.i18n import _
from dispatch.plan.fewer import fewer, troubles
from dispatch.registry import Registry
from dispatch.scenario import Scenario

TABLES: Final = {
    "teams/teams": "team_id",
    "teams/capabilities": "team_id",
    "teams/vehicles": "team_id",
    "airbases/aircraft": "aircraft_id",
}
"""Tables in which a team or an aircraft stands, with the column or index that names it."""

KEYS: Final = ("teams/teams", "airbases/aircraft")


def available(registry: Registry, scenario: Scenario) -> Registry:
    """Return the registry without the teams, aircraft and vehicles that a scenario has lost.

    Raises
    ------
    InputError
        If the scenario names one that is in no table, or more than there is.
    """
    known = {key for name in KEYS if name in registry.tables for key in registry[name].index}
    problem, remedy = _("is not in the tables"), _("use the id of a team or aircraft")
    faults = [
        scenario.fault(("lost", row), name, problem, remedy)
        for row, name in enumerate(scenario.lost)
        if name not in known
    ]
    left = without(registry, scenario.lost)
    faults += [
        scenario.fault(("lost_vehicles", *path), value, problem, remedy)
        for path, value, problem, remedy in troubles(left, scenario.lost_vehicles)
    ]
    if faults:
        raise InputError(faults)
    return fewer(left, scenario.lost_vehicles)


def without(registry: Registry, lost: tuple[str, ...]) -> Registry:
    """Return the registry without some teams and aircraft."""
    if not lost:
        return registry
    tables = dict(registry.tables)
    for name, column in TABLES.items():
        if name in tables:
            table = registry[name]
            names = table[column] if column in table.columns else table.index
            tables[name] = table[~names.isin(lost)]
    return replace(registry, tables=tables)
