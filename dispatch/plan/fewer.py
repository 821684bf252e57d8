"""Teams that have lost single vehicles, and what stood on these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from dispatch.i18n import _
from dispatch.registry import Registry
from dispatch.scenario.records import VehicleLoss

VEHICLES, CAPABILITIES = "teams/vehicles", "teams/capabilities"

Trouble = tuple[tuple[int | str, ...], str, str, str]
"""Path within the losses, value, problem, remedy."""


def fewer(registry: Registry, losses: Sequence[VehicleLoss]) -> Registry:
    """Return the registry without some vehicles, and without what stood on them."""
    if not losses:
        return registry
    vehicles, modules = registry[VEHICLES], registry[CAPABILITIES]
    for loss in losses:
        mine = (vehicles["team_id"] == loss.team) & (vehicles["profile"] == loss.profile)
        vehicles = _less(vehicles, mine, "quantity", loss.quantity)
        for capability, units in loss.units.items():
            mine = (modules["team_id"] == loss.team) & (modules["capability"] == capability)
            modules = _less(modules, mine, "units", units)
    return replace(registry, tables={**registry.tables, VEHICLES: vehicles, CAPABILITIES: modules})


def troubles(registry: Registry, losses: Sequence[VehicleLoss]) -> Iterator[Trouble]:
    """Yield what is lost that is not there, each loss after those before it."""
    for row, loss in enumerate(losses):
        wrong = list(_wrong(registry, row, loss))
        yield from wrong
        registry = registry if wrong else fewer(registry, [loss])


def _wrong(registry: Registry, row: int, loss: VehicleLoss) -> Iterator[Trouble]:
    vehicles, modules = (
        table[table["team_id"] == loss.team]
        for table in (registry[VEHICLES], registry[CAPABILITIES])
    )
    if vehicles.empty:
        remedy = _("use the id of a team that has some")
        yield (row, "team"), loss.team, _("has no vehicles in the tables"), remedy
        return
    has = vehicles.groupby("profile")["quantity"].sum()
    if loss.profile not in has.index:
        remedy = _("use {codes}").format(codes=" | ".join(has.index))
        yield (row, "profile"), loss.profile, _("is no vehicle of the team"), remedy
    elif loss.quantity > has[loss.profile]:
        remedy = _("give at most {most}").format(most=has[loss.profile])
        yield (row, "quantity"), str(loss.quantity), _("is more than the team has"), remedy
    elif loss.quantity == has.sum():
        problem = _("are all the vehicles of the team")
        yield (row, "quantity"), str(loss.quantity), problem, _("name the team as lost")
    units = modules.groupby("capability")["units"].sum()
    for capability, lost in loss.units.items():
        if lost > (most := int(units.get(capability, 0))):
            problem = _("the team has {most} units of it").format(most=most)
            remedy = _("use {codes}").format(
                codes=" | ".join(f"{code}: {count}" for code, count in units.items())
            )
            yield (row, "units", capability), str(lost), problem, remedy


def _less(table: pd.DataFrame, mine: pd.Series[bool], column: str, lost: int) -> pd.DataFrame:
    """Take so much away from some rows, the first ones first; rows with nothing left go."""
    have = table[column].where(mine, 0)
    before = have.cumsum() - have
    left = table[column] - (lost - before).clip(lower=0).clip(upper=have)
    changed: pd.DataFrame = table.assign(**{column: left})[left > 0]
    return changed
