"""Needs stated outright that nobody unlocked could serve: told beside the plan, never refused.

The other needs are planned all the same, and the plan says what would help this one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dispatch.doctrine import LEVELS, Doctrine
from dispatch.errors import Fault
from dispatch.i18n import _
from dispatch.plan.prepare import county_of
from dispatch.registry import Registry
from dispatch.scenario import IncidentSpec, Scenario


def empty_pools(registry: Registry, doctrine: Doctrine, scenario: Scenario) -> tuple[Fault, ...]:
    """Name each stated need for which the pools of its level hold nobody.

    Parameters
    ----------
    registry : Registry
        Without the teams that are lost.
    doctrine : Doctrine
    scenario : Scenario
        Checked by :func:`dispatch.plan.prepare.check_scenario`.

    Returns
    -------
    tuple of Fault
        With the level that would unlock somebody as the remedy.
    """
    return tuple(
        scenario.fault(("incidents", row, "demands", number, "capability"), capability, *told)
        for row, spec in enumerate(scenario.incidents)
        for number, capability in enumerate(need.capability for need in spec.demands or ())
        for told in _nobody(registry, doctrine, scenario, spec, capability)
    )


def _nobody(
    registry: Registry, doctrine: Doctrine, scenario: Scenario, spec: IncidentSpec, capability: str
) -> Iterator[tuple[str, str]]:
    """Yield problem and remedy where nobody who is unlocked has a capability."""
    teams = _able(registry, capability)
    if teams.empty:
        yield _("no team has this capability"), _("borrow it, or add teams to the tables")
        return
    level = scenario.level_of(spec)
    if level == "auto":
        level = doctrine.derive_level(spec.type, spec.impact).level
    unlocked = _unlocked(registry, doctrine, spec, teams)
    if unlocked[level]:
        return
    problem = _("no team of this capability is in the pools that level {level} unlocks")
    higher = next((code for code in reversed(LEVELS) if unlocked[code]), None)
    remedy = (
        _("borrow it: no level unlocks one")
        if higher is None
        else _("raise the level: {level} unlocks {count} of them").format(
            level=higher, count=unlocked[higher]
        )
    )
    yield problem.format(level=level), remedy


def _able(registry: Registry, capability: str) -> pd.DataFrame:
    """Return the teams that have a capability."""
    modules = registry["teams/capabilities"]
    names = sorted(set(modules["team_id"][modules["capability"].eq(capability)]))
    able: pd.DataFrame = registry.teams.loc[names]
    return able


def _unlocked(
    registry: Registry, doctrine: Doctrine, spec: IncidentSpec, teams: pd.DataFrame
) -> dict[str, int]:
    """Count the teams that each level unlocks for an incident."""
    county = county_of(registry.county_polygons, spec.lon, spec.lat)
    places = doctrine.places(teams["adcode"].tolist(), [str(county)])
    kinds = teams["tier"].tolist(), teams["control_level"].tolist()
    return {
        level: int(np.isfinite(doctrine.release([level], *kinds, places)).sum()) for level in LEVELS
    }
