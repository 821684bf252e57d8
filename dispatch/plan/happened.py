"""A scenario as it stands after events, and what is wrong with the events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dispatch.doctrine import Doctrine
from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.plan.available import available, without
from dispatch.plan.closures import closure_faults
from dispatch.plan.demands import needs_of
from dispatch.plan.fewer import troubles as vehicle_troubles
from dispatch.plan.plan import Plan
from dispatch.plan.prepare import check_scenario
from dispatch.registry import Registry
from dispatch.scenario import DemandSpec, IncidentSpec, Scenario
from dispatch.scenario.events import Change, Events
from dispatch.scenario.faults import KeyPath, fault_at


def check_events(
    file: str,
    lines: Mapping[KeyPath, int],
    events: Events,
    plan: Plan,
    registry: Registry,
    scenario: Scenario | None = None,
    doctrine: Doctrine | None = None,
) -> None:
    """Check events against the plan that they befall.

    Parameters
    ----------
    file : str
        Name of the file of events.
    lines : mapping
        Line of each of its keys.
    events : Events
    plan : Plan
    registry : Registry
    scenario : Scenario, optional
        That of the plan; without it, or without the doctrine, new incidents
        and closures are not checked against the map.
    doctrine : Doctrine, optional

    Raises
    ------
    InputError
        With every fault: a team, aircraft, vehicle, incident, link or capability
        that is not there, or is there already.
    """
    lost = () if scenario is None else scenario.lost
    left = registry if scenario is None else available(registry, scenario)
    left = without(left, tuple(loss.id for loss in events.losses))
    troubles = [*_troubles(events, plan, registry, lost)]
    troubles += [
        (("vehicles", *path), value, problem, remedy)
        for path, value, problem, remedy in vehicle_troubles(left, events.vehicles)
    ]
    if scenario is not None:
        troubles += _names_taken(events, scenario)
    faults = [
        fault_at(file, lines, path, value, problem, remedy)
        for path, value, problem, remedy in troubles
    ]
    if scenario is not None and doctrine is not None:
        faults += _misfits(file, lines, events, registry, scenario, doctrine)
    if faults:
        raise InputError(faults)


Trouble = tuple[KeyPath, str, str, str]


def _names_taken(events: Events, scenario: Scenario) -> Iterator[Trouble]:
    known = [closure.name for closure in scenario.closures]
    for row, closure in enumerate(events.closures):
        if closure.name in known:
            problem = _("is the name of a closure already")
            yield ("closures", row, "name"), closure.name, problem, _("give it another name")
        known.append(closure.name)


def _misfits(
    file: str,
    lines: Mapping[KeyPath, int],
    events: Events,
    registry: Registry,
    scenario: Scenario,
    doctrine: Doctrine,
) -> Iterator[Fault]:
    """Yield what does not fit doctrine or map, as in a scenario with just that."""
    specs = {spec.id: spec for spec in scenario.incidents}
    changed = [
        specs[change.incident].model_copy(update=_update(change))
        for change in events.changes
        if change.incident in specs
    ]
    # a change of no incident is told elsewhere, and would shift the rows
    changes = tuple(changed) if len(changed) == len(events.changes) else ()
    shut = _part(scenario, file, lines, "closures", events.closures)
    yield from closure_faults(registry, shut)
    for key, specs_of in (("incidents", events.incidents), ("changes", changes)):
        if not specs_of:
            continue
        moved = {
            ("incidents", *path[1:]): line for path, line in lines.items() if path[:1] == (key,)
        }
        try:
            check_scenario(registry, doctrine, _part(scenario, file, moved, "incidents", specs_of))
        except InputError as error:
            for fault in error.faults:
                column = (fault.column or "").replace("incidents", key, 1)
                yield replace(fault, column=column or None)


def _part(
    scenario: Scenario, file: str, lines: Mapping[KeyPath, int], key: str, specs: Sequence[object]
) -> Scenario:
    """Return a scenario with just what one key of the events tells, as if read from their file."""
    update = {"incidents": (), "closures": ()} | {key: tuple(specs)}
    part = scenario.model_copy(update=update)
    part._file, part._lines = file, lines
    return part


def _troubles(
    events: Events, plan: Plan, registry: Registry, lost: tuple[str, ...]
) -> Iterator[Trouble]:
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
        known.add(spec.id)


def after(doctrine: Doctrine, scenario: Scenario, events: Events, at_s: int) -> Scenario:
    """Return the scenario after events that became known at a time.

    What new incidents need, and when closures hold, is counted from then.
    """
    at_min = -(-at_s // 60)
    changed = {change.incident: change for change in events.changes}
    incidents = []
    for spec in scenario.incidents:
        change = changed.get(spec.id)
        incidents.append(spec.model_copy(update=_update(change) if change else {}))
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
        "lost_vehicles": (*scenario.lost_vehicles, *events.vehicles),
    }
    return scenario.model_copy(update=update)


def _update(change: Change) -> dict[str, Any]:
    told = {"impact": change.impact, "demands": change.demands}
    return {key: value for key, value in told.items() if value is not None}


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
            wave=need.wave,  # type: ignore[arg-type]
            target_min=need.target_min + at_min,
            latest_min=need.latest_min + at_min,
        )
        for need in needs_of(doctrine, spec)
    )
    return spec.model_copy(update={"demands": demands})
