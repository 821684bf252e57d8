"""A scenario as it stands after events, and what is wrong with the events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dispatch.doctrine import Doctrine
from dispatch.errors import InputError
from dispatch.i18n import _
from dispatch.plan.plan import Plan
from dispatch.plan.prepare import needs_of
from dispatch.registry import Registry
from dispatch.scenario import DemandSpec, IncidentSpec, Scenario
from dispatch.scenario.events import Events
from dispatch.scenario.faults import KeyPath, fault_at


def check_events(
    file: str,
    lines: Mapping[KeyPath, int],
    events: Events,
    plan: Plan,
    registry: Registry,
    lost: tuple[str, ...] = (),
) -> None:
    """Check events against the plan that they befall.

    Raises
    ------
    InputError
        With every fault: a team, aircraft or incident that is not there, or is there already.
    """
    faults = [
        fault_at(file, lines, path, value, problem, remedy)
        for path, value, problem, remedy in _troubles(events, plan, registry, lost)
    ]
    if faults:
        raise InputError(faults)


def _troubles(
    events: Events, plan: Plan, registry: Registry, lost: tuple[str, ...]
) -> Iterator[tuple[KeyPath, str, str, str]]:
    sent = {order.team_id for order in plan.orders}
    known = {incident.incident_id for incident in plan.incidents}
    for row, delay in enumerate(events.delays):
        if delay.team not in sent:
            problem, remedy = _("has no order in the plan"), _("use a team that the plan sends")
            yield ("delays", row, "team"), delay.team, problem, remedy
    aircraft = registry.tables.get("airbases/aircraft")
    ids = {
        "team": set(registry.teams.index),
        "aircraft": set() if aircraft is None else set(aircraft.index),
    }
    for row, loss in enumerate(events.losses):
        if loss.id not in ids[loss.kind]:
            problem, remedy = _("is not in the tables"), _("use the id of a team or aircraft")
            yield ("losses", row, "id"), loss.id, problem, remedy
        elif loss.id in lost:
            problem, remedy = _("is lost already"), _("leave it out")
            yield ("losses", row, "id"), loss.id, problem, remedy
    for row, change in enumerate(events.changes):
        if change.incident not in known:
            problem = _("is no incident of the plan")
            remedy = _("use {codes}").format(codes=" | ".join(sorted(known)))
            yield ("changes", row, "incident"), change.incident, problem, remedy
    for row, spec in enumerate(events.incidents):
        if spec.id in known:
            problem = _("is an incident of the plan already")
            remedy = _("give it another id, or put it under changes")
            yield ("incidents", row, "id"), spec.id, problem, remedy


def after(doctrine: Doctrine, scenario: Scenario, events: Events, at_s: int) -> Scenario:
    """Return the scenario after events that became known at a time.

    What new incidents need, and when closures hold, is counted from then.
    """
    at_min = -(-at_s // 60)
    changed = {change.incident: change for change in events.changes}
    incidents = []
    for spec in scenario.incidents:
        update: dict[str, Any] = {}
        if change := changed.get(spec.id):
            told = {"impact": change.impact, "demands": change.demands}
            update = {key: value for key, value in told.items() if value is not None}
        incidents.append(spec.model_copy(update=update))
    incidents += [_later(doctrine, spec, at_min) for spec in events.incidents]
    closures = [
        spec.model_copy(
            update={
                "from_min": spec.from_min + at_s / 60,
                "until_min": None if spec.until_min is None else spec.until_min + at_s / 60,
            }
        )
        for spec in events.closures
    ]
    update = {
        "incidents": tuple(incidents),
        "closures": (*scenario.closures, *closures),
        "lost": (*scenario.lost, *(loss.id for loss in events.losses)),
    }
    return scenario.model_copy(update=update)


def _later(doctrine: Doctrine, spec: IncidentSpec, at_min: int) -> IncidentSpec:
    """Return an incident whose needs count from a time after the start."""
    if spec.type not in doctrine.types:
        return spec
    demands = tuple(
        DemandSpec(
            capability=need.capability,
            quantity=need.quantity,
            minimum=need.minimum,
            priority=need.priority,  # type: ignore[arg-type]
            target_min=need.target_min + at_min,
            latest_min=need.latest_min + at_min,
        )
        for need in needs_of(doctrine, spec)
    )
    return spec.model_copy(update={"demands": demands})
