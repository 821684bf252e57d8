"""What one response level up would add to a plan: for each incident alone, and for all together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from dispatch.doctrine import LEVELS, Doctrine, highest
from dispatch.doctrine.records import PLACES
from dispatch.plan.compare import compare, weighted_min
from dispatch.plan.comparison import Comparison
from dispatch.plan.plan import DemandState, IncidentState, Plan
from dispatch.registry import Registry
from dispatch.scenario import Scenario

SOLVER_SHARE: Final = 0.5
"""The other half is for ways, orders and checks."""


@dataclass(frozen=True)
class Pool:
    """Teams of one kind that the higher level releases to an incident, or sooner.

    ``place`` is where they lie, seen from the incident. ``delay_s`` is how long
    asking for them takes at the higher level, ``before_s`` at the plan's own;
    None where that keeps them locked.
    """

    incident_id: str
    incident: str
    incident_en: str
    tier: str
    control_level: str
    place: str
    teams: int
    before_s: int | None
    delay_s: int


@dataclass(frozen=True)
class Step:
    """What one level up for one incident alone would bring.

    ``released`` counts the teams that it releases, or sooner; ``sent`` is how
    many teams more the plan would send in all. ``met`` and ``on_time`` count
    the needs of the incident that are met in full, before and after; ``units``
    is by how much what is unmet of them shrinks, summed over their units.
    ``sooner_min`` is by how much they are met sooner in the mean, what is unmet
    taken to come at its latest time. ``elsewhere`` is by how many more needs of
    the other incidents would be met in full, ``floors`` how many teams more
    would be missing from reserve floors.
    """

    incident_id: str
    incident: str
    incident_en: str
    level: str
    higher: str
    released: int
    sent: int
    needs: int
    met: tuple[int, int]
    on_time: tuple[int, int]
    units: int
    sooner_min: float
    elsewhere: int
    cost_yuan: float
    floors: int


@dataclass(frozen=True)
class NotAsked:
    """An incident that was not raised alone.

    ``reason`` is met (all it needs is met on time), top (it is answered at
    level I) or time (there was none left).
    """

    incident_id: str
    incident: str
    incident_en: str
    reason: str


@dataclass(frozen=True)
class Escalation:
    """One level up: who commands, who is released, what it brings.

    ``steps`` raise one incident alone, the weightiest need first, ``not_asked``
    are the others. Then every incident that can be is answered one level up:
    ``level`` and ``higher`` are the highest before and then, ``comparison`` sets
    the plan (A) beside that one (B).
    """

    level: str
    higher: str
    headquarters: str
    headquarters_en: str
    command: str
    command_en: str
    steps: tuple[Step, ...]
    not_asked: tuple[NotAsked, ...]
    pools: tuple[Pool, ...]
    comparison: Comparison


def escalate(
    registry: Registry,
    doctrine: Doctrine,
    scenario: Scenario,
    plan: Plan,
    make: Callable[..., Plan],
    *,
    vehicles: Mapping[str, int] | None = None,
    budget_s: float = 60.0,
) -> Escalation | None:
    """Plan again one level up and tell the difference.

    Parameters
    ----------
    registry, doctrine, scenario
        Those of the plan.
    plan : Plan
    make : callable
        Plans a changed scenario in the way the plan was made; it takes ``start``
        and ``time_limit_s`` as :func:`dispatch.plan.make_plan` does.
    vehicles : mapping of str to int, optional
        Number of vehicles by team, see :func:`dispatch.plan.compare.compare`.
    budget_s : float
        For raising incidents alone, shared among them; the solver gets half of
        it. Once it is gone no other one is raised alone.

    Returns
    -------
    Escalation or None
        None where all incidents are at level I, above which there is none.
    """
    higher = {one.incident_id: _above(one.level) for one in plan.incidents}
    if all(one.level == higher[one.incident_id] for one in plan.incidents):
        return None
    raised = make(_raised(scenario, higher), start=plan)
    steps, not_asked = _one_by_one(registry, doctrine, scenario, plan, raised, make, budget_s)
    top = highest(higher.values())
    commander = doctrine.commander(top)
    return Escalation(
        level=plan.level,
        higher=top,
        headquarters=commander.headquarters,
        headquarters_en=commander.headquarters_en,
        command=commander.text,
        command_en=commander.text_en,
        steps=steps,
        not_asked=not_asked,
        pools=tuple(pool for one in plan.incidents for pool in _pools_of(registry, doctrine, one)),
        comparison=compare(plan, raised, vehicles=vehicles),
    )


def _above(level: str) -> str:
    """Return the next higher level; level I is the highest."""
    return LEVELS[max(0, LEVELS.index(level) - 1)]


def _raised(scenario: Scenario, to: Mapping[str, str]) -> Scenario:
    """Return the scenario with the level of some incidents set."""
    specs = (
        spec.model_copy(update={"level": to[spec.id]}) if spec.id in to else spec
        for spec in scenario.incidents
    )
    return scenario.model_copy(update={"incidents": tuple(specs)})


def _one_by_one(
    registry: Registry,
    doctrine: Doctrine,
    scenario: Scenario,
    plan: Plan,
    raised: Plan,
    make: Callable[..., Plan],
    budget_s: float,
) -> tuple[tuple[Step, ...], tuple[NotAsked, ...]]:
    """Raise each incident alone that lacks something, those that lack the weightiest first."""
    steps, not_asked = [], []
    until_s, alone = time.monotonic() + budget_s, len(plan.incidents) == 1
    waiting = sum(not _not_worth(one) for one in plan.incidents)
    for one in sorted(plan.incidents, key=_lacks, reverse=True):
        left_s, higher = until_s - time.monotonic(), _above(one.level)
        reason = _not_worth(one) or ("time" if left_s < 0 and not alone else "")
        if reason:
            not_asked.append(NotAsked(one.incident_id, one.name, one.name_en, reason))
            continue
        other = raised
        if not alone:
            told = _raised(scenario, {one.incident_id: higher})
            other = make(told, start=plan, time_limit_s=left_s / waiting * SOLVER_SHARE)
        waiting -= 1
        pools = _pools_of(registry, doctrine, one)
        steps.append(_step(one, higher, sum(pool.teams for pool in pools), plan, other))
    return tuple(steps), tuple(not_asked)


def _not_worth(one: IncidentState) -> str:
    """Say why there is nothing to ask about an incident; nothing where there is."""
    if not any(_lacks(one)):
        return "met"
    return "top" if one.level == LEVELS[0] else ""


def _lacks(one: IncidentState) -> tuple[float, float]:
    """Return the weight of what an incident lacks, and of what comes late."""
    return (
        sum(need.unit_weight * need.unmet for need in one.demands),
        sum(need.unit_weight * (need.met - need.met_by_target) for need in one.demands),
    )


def _step(one: IncidentState, higher: str, released: int, plan: Plan, other: Plan) -> Step:
    before, after = (_needs_of(found, one.incident_id) for found in (plan, other))
    rest = [
        _met(need for state in found.incidents for need in state.demands) - _met(needs)
        for found, needs in ((plan, before), (other, after))
    ]
    minutes = [
        weighted_min(needs, found.orders) or 0.0
        for found, needs in ((plan, before), (other, after))
    ]
    costs = [sum(order.cost_yuan for order in found.orders) for found in (plan, other)]
    missing = [sum(floor.missing for floor in found.floors) for found in (plan, other)]
    return Step(
        incident_id=one.incident_id,
        incident=one.name,
        incident_en=one.name_en,
        level=one.level,
        higher=higher,
        released=released,
        sent=len(other.orders) - len(plan.orders),
        needs=len(before),
        met=(_met(before), _met(after)),
        on_time=(_on_time(before), _on_time(after)),
        units=sum(need.unmet for need in before) - sum(need.unmet for need in after),
        sooner_min=round(minutes[0] - minutes[1], 1),
        elsewhere=rest[1] - rest[0],
        cost_yuan=round(costs[1] - costs[0], 2),
        floors=missing[1] - missing[0],
    )


def _needs_of(plan: Plan, incident_id: str) -> Sequence[DemandState]:
    return next(one.demands for one in plan.incidents if one.incident_id == incident_id)


def _met(needs: Iterable[DemandState]) -> int:
    return sum(need.unmet == 0 for need in needs)


def _on_time(needs: Sequence[DemandState]) -> int:
    return sum(need.met_by_target >= need.quantity for need in needs)


def _pools_of(registry: Registry, doctrine: Doctrine, incident: IncidentState) -> Sequence[Pool]:
    """Return whom one level up releases to an incident, or sooner."""
    teams = registry.teams
    tiers, controls = teams["tier"].tolist(), teams["control_level"].tolist()
    places = doctrine.places(teams["adcode"].tolist(), [incident.adcode])
    before, after = (
        doctrine.release([level], tiers, controls, places)[:, 0].tolist()
        for level in (incident.level, _above(incident.level))
    )
    counts: dict[tuple[str, str, str, float, float], int] = {}
    for row in zip(tiers, controls, places[:, 0].tolist(), before, after, strict=True):
        tier, control, place, old_s, new_s = row
        if new_s < old_s:
            key = (tier, control, PLACES[place], old_s, new_s)
            counts[key] = counts.get(key, 0) + 1
    ranks = {tier.tier: tier.rank for tier in doctrine.tiers}
    return [
        Pool(
            incident_id=incident.incident_id,
            incident=incident.name,
            incident_en=incident.name_en,
            tier=tier,
            control_level=control,
            place=place_name,
            teams=counts[tier, control, place_name, old_s, new_s],
            before_s=int(old_s) if np.isfinite(old_s) else None,
            delay_s=int(new_s),
        )
        for tier, control, place_name, old_s, new_s in sorted(
            counts, key=lambda key: (ranks[key[0]], key[4], *key)
        )
    ]
