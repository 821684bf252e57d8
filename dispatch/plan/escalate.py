"""What the next higher response level would add to a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from dispatch.doctrine import LEVELS, Doctrine
from dispatch.doctrine.records import PLACES
from dispatch.plan.compare import compare
from dispatch.plan.comparison import Comparison
from dispatch.plan.plan import IncidentState, Plan
from dispatch.registry import Registry
from dispatch.scenario import Scenario


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
class Escalation:
    """The step from one level to the next: who commands, who is released, what it brings.

    All incidents are answered at the higher level. ``comparison`` sets the plan
    (A) beside that of the higher level (B).
    """

    level: str
    higher: str
    headquarters: str
    headquarters_en: str
    command: str
    command_en: str
    pools: tuple[Pool, ...]
    comparison: Comparison


def escalate(
    registry: Registry,
    doctrine: Doctrine,
    scenario: Scenario,
    plan: Plan,
    make: Callable[[Scenario], Plan],
    *,
    vehicles: Mapping[str, int] | None = None,
) -> Escalation | None:
    """Plan again at the next higher level and tell the difference.

    Parameters
    ----------
    registry, doctrine, scenario
        Those of the plan.
    plan : Plan
    make : callable
        Plans a changed scenario in the way the plan was made.
    vehicles : mapping of str to int, optional
        Number of vehicles by team, see :func:`dispatch.plan.compare.compare`.

    Returns
    -------
    Escalation or None
        None where level I is reached, above which there is none.
    """
    rank = LEVELS.index(plan.level)
    if rank == 0:
        return None
    higher = LEVELS[rank - 1]
    commander = doctrine.commander(higher)
    raised = make(scenario.model_copy(update={"level": higher}))
    return Escalation(
        level=plan.level,
        higher=higher,
        headquarters=commander.headquarters,
        headquarters_en=commander.headquarters_en,
        command=commander.text,
        command_en=commander.text_en,
        pools=tuple(_pools(registry, doctrine, plan, higher)),
        comparison=compare(plan, raised, vehicles=vehicles),
    )


def _pools(registry: Registry, doctrine: Doctrine, plan: Plan, higher: str) -> Iterator[Pool]:
    for incident in plan.incidents:
        yield from _pools_of(registry, doctrine, incident, higher)


def _pools_of(
    registry: Registry, doctrine: Doctrine, incident: IncidentState, higher: str
) -> Iterator[Pool]:
    teams = registry.teams
    tiers, controls = teams["tier"].tolist(), teams["control_level"].tolist()
    places = doctrine.places(teams["adcode"].tolist(), [incident.adcode])
    before, after = (
        doctrine.release([level], tiers, controls, places)[:, 0].tolist()
        for level in (incident.level, higher)
    )
    counts: dict[tuple[str, str, str, float, float], int] = {}
    for row in zip(tiers, controls, places[:, 0].tolist(), before, after, strict=True):
        tier, control, place, old_s, new_s = row
        if new_s < old_s:
            key = (tier, control, PLACES[place], old_s, new_s)
            counts[key] = counts.get(key, 0) + 1
    ranks = {tier.tier: tier.rank for tier in doctrine.tiers}
    for key in sorted(counts, key=lambda key: (ranks[key[0]], key[4], *key)):
        tier, control, place_name, old_s, new_s = key
        yield Pool(
            incident_id=incident.incident_id,
            incident=incident.name,
            incident_en=incident.name_en,
            tier=tier,
            control_level=control,
            place=place_name,
            teams=counts[key],
            before_s=int(old_s) if np.isfinite(old_s) else None,
            delay_s=int(new_s),
        )
