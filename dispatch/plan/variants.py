"""The same scenario with one thing decided otherwise, as options beside those there are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np

from dispatch.doctrine import LEVELS
from dispatch.geo import haversine_m
from dispatch.i18n import _, pick
from dispatch.optimise.lift import uses_by_option
from dispatch.optimise.problem import BoolArray, DispatchProblem, vehicles
from dispatch.optimise.relax import with_options
from dispatch.plan.fields import TABLE as FIELDS
from dispatch.plan.fields import planned
from dispatch.plan.prepare import Prepared
from dispatch.plan.telling import Names
from dispatch.scenario import ClosureSpec, Policy, Scenario
from dispatch.scenario.records import Mode

Again = Callable[[Scenario], Prepared]
"""Prepares a changed scenario in the way the plan's own was prepared."""

Merge = Callable[[Scenario, int | None], DispatchProblem]
"""Gives the plan's problem with the options of a changed scenario; to one incident, or to all."""


@dataclass(frozen=True)
class Change:
    """One thing that could be decided otherwise; ``say`` tells it in the language in use."""

    code: str
    subject: str
    say: Callable[[], str]
    scenario: Scenario
    incident: int | None = None


def merger(prepared: Prepared, again: Again) -> Merge:
    """Return what prepares changed scenarios, each but once."""
    anew: dict[Hashable, Prepared] = {}
    merged: dict[Hashable, DispatchProblem] = {}

    def merge(changed: Scenario, incident: int | None) -> DispatchProblem:
        # but for levels and slopes the incidents are the same in all of them
        sites = tuple((spec.level, spec.slope_deg) for spec in changed.incidents)
        told = changed.level, changed.policy, changed.conditions, changed.closures, changed.opened
        key = told, sites
        if key not in anew:
            anew[key] = again(changed)
        if (key, incident) not in merged:
            merged[key, incident] = _merged(prepared, anew[key], incident)
        return merged[key, incident]

    return merge


def all_fields(names: Names) -> Scenario:
    """Return the scenario with every planned landing point in use."""
    return names.scenario.model_copy(update={"opened": tuple(planned(names.registry))})


def without(scenario: Scenario, codes: frozenset[str]) -> Scenario:
    """Return the scenario with all released (``release``) or nothing closed (``closures``)."""
    if "release" in codes:
        scenario = scenario.at_level(LEVELS[0])
    return scenario.model_copy(update={"closures": ()}) if "closures" in codes else scenario


def changes(names: Names, incident: int) -> Iterator[Change]:
    """Yield what could be decided otherwise for an incident, in the order in which it is tried."""
    scenario, policy = names.scenario, names.scenario.policy
    if not policy.toll_free:
        yield Change(
            "toll", "", lambda: _("Free the roads of toll"), _with(scenario, toll_free=True)
        )
    level = str(names.prepared.incidents.at[incident, "level"])
    for higher in reversed(LEVELS[: LEVELS.index(level)]):
        raised = scenario.at_level(higher)
        yield Change("level", higher, _raise(names, incident, higher), raised, incident)
    if "air" in policy.modes and not scenario.conditions.site_landing:
        conditions = scenario.conditions.model_copy(update={"site_landing": True})
        landing = scenario.model_copy(update={"conditions": conditions})
        yield Change("landing", "", lambda: _("Let helicopters land at the sites"), landing)
    if "air" in policy.modes and scenario.incidents[incident].slope_deg is None:
        yield Change("site", "", _clear(names, incident), _with_sites(scenario), incident)
    for mode in get_args(Mode):
        if mode not in policy.modes:
            allowed = _with(scenario, modes=(*policy.modes, mode))
            yield Change("mode", mode, _allow(mode), allowed)


def openings(names: Names) -> Iterator[Change]:
    """Yield each closure taken away."""
    scenario = names.scenario
    for row, closure in enumerate(scenario.closures):
        rest = (*scenario.closures[:row], *scenario.closures[row + 1 :])
        opened = scenario.model_copy(update={"closures": rest})
        yield Change("closure", closure.name, _open(names, closure), opened)


def planned_fields(names: Names, incident: int) -> Iterator[Change]:
    """Yield each planned landing point taken into use, the nearest to an incident first."""
    scenario, registry = names.scenario, names.registry
    if "air" not in scenario.policy.modes:
        return
    spec = scenario.incidents[incident]
    closed = [field for field in planned(registry) if field not in scenario.opened]
    if not closed:
        return
    fields = registry[FIELDS].loc[closed]
    lon, lat = fields["lon"].to_numpy(float), fields["lat"].to_numpy(float)
    away_m = haversine_m(lon, lat, spec.lon, spec.lat)
    for row in np.argsort(away_m, kind="stable").tolist():
        opened = scenario.model_copy(update={"opened": (*scenario.opened, closed[row])})
        yield Change("field", closed[row], _take_into_use(names, closed[row]), opened)


def _merged(prepared: Prepared, other: Prepared, incident: int | None) -> DispatchProblem:
    """Append the options that are new; where the level is higher, its reserve floors hold."""
    problem = prepared.problem
    new = _new_options(problem, other.problem)
    if incident is not None:
        new &= other.problem.option_incident == incident
    merged = with_options(problem, other.problem, new)
    if LEVELS.index(other.level) >= LEVELS.index(prepared.level):
        return merged
    return replace(
        merged,
        floor_id=other.problem.floor_id,
        floor_quantity=other.problem.floor_quantity,
        floor_teams=other.problem.floor_teams,
    )


def _new_options(problem: DispatchProblem, other: DispatchProblem) -> BoolArray:
    """Whether each option of the other problem arrives at another time or by other lifts."""
    known = set(_ways(problem))
    return np.array([way not in known for way in _ways(other)], np.bool_)


def _ways(problem: DispatchProblem) -> Iterator[tuple[object, ...]]:
    used = [
        tuple((problem.lift_id[use.lift], use.from_s, use.until_s, use.quantity) for use in uses)
        for uses in uses_by_option(problem)
    ]
    columns = (problem.option_team, problem.option_incident, problem.option_arrival_s)
    rows = zip(*(c.tolist() for c in (*columns, vehicles(problem))), used, strict=True)
    yield from rows


def _with(scenario: Scenario, **policy: Any) -> Scenario:
    changed: Policy = scenario.policy.model_copy(update=policy)
    return scenario.model_copy(update={"policy": changed})


def _raise(names: Names, incident: int, level: str) -> Callable[[], str]:
    return lambda: _("Raise {incident} to level {level}").format(
        incident=names.incident(incident), level=level
    )


def _allow(mode: str) -> Callable[[], str]:
    return lambda: {
        "road": _("Allow travel by road"),
        "rail": _("Allow travel by rail"),
        "air": _("Allow travel by air"),
    }[mode]


def _open(names: Names, closure: ClosureSpec) -> Callable[[], str]:
    if closure.airfield is None:
        return lambda: _("Open “{name}” again").format(name=pick(closure.name, closure.name_en))
    field = closure.airfield
    return lambda: _("Open landing point {field} again (“{name}”)").format(
        field=names.field(field), name=pick(closure.name, closure.name_en)
    )


def _take_into_use(names: Names, field: str) -> Callable[[], str]:
    return lambda: _("Open the planned landing point {field}").format(field=names.field(field))


def _clear(names: Names, incident: int) -> Callable[[], str]:
    return lambda: _("Find level ground for helicopters to land at {incident}").format(
        incident=names.incident(incident)
    )


def _with_sites(scenario: Scenario) -> Scenario:
    """Return the scenario with level ground at every site that no landing place is known of."""
    specs = (
        spec.model_copy(update={"slope_deg": 0.0}) if spec.slope_deg is None else spec
        for spec in scenario.incidents
    )
    conditions = scenario.conditions.model_copy(update={"site_landing": True})
    return scenario.model_copy(update={"incidents": tuple(specs), "conditions": conditions})
