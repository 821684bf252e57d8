"""Planned airfields and landing points: out of use until a scenario opens them."""

from __future__ import annotations

from collections.abc import Iterator

from dispatch.errors import Fault
from dispatch.i18n import _
from dispatch.registry import Registry
from dispatch.scenario import ClosureSpec, Scenario

TABLE = "airbases/airbases"


def planned(registry: Registry) -> list[str]:
    """Return the ids of all planned fields, in the order of the table."""
    if TABLE not in registry.tables:
        return []
    fields = registry[TABLE]
    return [str(field) for field in fields.index[fields["status"] == "planned"]]


def unopened(registry: Registry, scenario: Scenario) -> tuple[ClosureSpec, ...]:
    """Return the planned fields that a scenario does not open, each closed for good."""
    return tuple(
        ClosureSpec(name=f"planned: {field}", airfield=field)
        for field in planned(registry)
        if field not in scenario.opened
    )


def opened_faults(registry: Registry, scenario: Scenario) -> Iterator[Fault]:
    """Yield what a scenario opens that is no planned field."""
    known = planned(registry)
    for row, field in enumerate(scenario.opened):
        if field not in known:
            remedy = (
                _("use {codes}").format(codes=" | ".join(known)) if known else _("leave it out")
            )
            yield scenario.fault(("opened", row), field, _("is no planned airfield"), remedy)
