"""Incidents as planned for: who commands, what is needed, how much of it is met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from dispatch.doctrine import Doctrine
from dispatch.optimise.problem import DispatchSolution, reference
from dispatch.plan.answers import Choice, Explanation
from dispatch.plan.plan import DemandState, IncidentState
from dispatch.plan.prepare import Prepared
from dispatch.plan.reasons import reasons
from dispatch.registry import Registry
from dispatch.scenario import Scenario


def incidents_of(
    registry: Registry,
    doctrine: Doctrine,
    scenario: Scenario,
    prepared: Prepared,
    solution: DispatchSolution,
    explained: Mapping[str, Explanation],
    chosen: Mapping[str, tuple[Choice, ...]],
) -> tuple[IncidentState, ...]:
    """Return the incidents in the order of the scenario, with what is said of their demands."""
    states = tuple(
        replace(
            state,
            explanation=explained.get(state.demand_id),
            choices=chosen.get(state.demand_id, ()),
        )
        for state in _demand_states(registry, scenario, prepared, solution)
    )
    counties = registry.counties
    return tuple(
        IncidentState(
            incident_id=spec.id,
            name=spec.name,
            name_en=spec.name_en,
            type=spec.type,
            type_name=doctrine.types[spec.type].name,
            type_name_en=doctrine.types[spec.type].name_en,
            lon=spec.lon,
            lat=spec.lat,
            demands=tuple(
                state
                for state, incident in zip(states, prepared.demands["incident"], strict=True)
                if incident == row
            ),
            **_command(doctrine, prepared, row, spec.type),
            adcode=(adcode := str(prepared.incidents.at[row, "adcode"])),
            county=str(counties.at[adcode, "name"]),
            county_en=str(counties.at[adcode, "name_en"]),
        )
        for row, spec in enumerate(scenario.incidents)
    )


def _command(
    doctrine: Doctrine, prepared: Prepared, incident: int, incident_type: str
) -> dict[str, str]:
    """Who commands an incident, at which level, and the rule that set the level."""
    level, decision = str(prepared.incidents.at[incident, "level"]), prepared.decisions[incident]
    commander, kind = doctrine.commander(level), doctrine.types[incident_type]
    special = level in ("I", "II")  # the province's special headquarters leads from level II up
    return {
        "level": level,
        "level_rule": "由想定指定" if decision is None else decision.rule.text,
        "level_rule_en": "set by the scenario" if decision is None else decision.rule.text_en,
        "headquarters": kind.headquarters if special else commander.headquarters,
        "headquarters_en": kind.headquarters_en if special else commander.headquarters_en,
        "command": commander.text,
        "command_en": commander.text_en,
    }


def _demand_states(
    registry: Registry, scenario: Scenario, prepared: Prepared, solution: DispatchSolution
) -> tuple[DemandState, ...]:
    problem = prepared.problem
    arrival_s = {
        int(problem.option_team[option]): int(problem.option_arrival_s[option])
        for option in solution.options
    }
    met, by_target = Counter[int](), Counter[int]()
    for service in solution.services:
        met[service.demand] += service.quantity
        if arrival_s[int(problem.module_team[service.module])] <= int(
            problem.demand_target_s[service.demand]
        ):
            by_target[service.demand] += service.quantity
    capabilities = registry["doctrine/capabilities"]
    priorities, names, names_en = (
        prepared.demands[column].tolist() for column in ("priority", "name", "name_en")
    )
    return tuple(
        DemandState(
            demand_id=problem.demand_id[row],
            capability=code,
            capability_name=names[row],
            capability_name_en=names_en[row],
            unit=str(capabilities.at[code, "unit"]),
            unit_en=str(capabilities.at[code, "unit_en"]),
            priority=priorities[row],
            quantity=int(problem.demand_quantity[row]),
            minimum=int(problem.demand_minimum[row]),
            target_s=int(problem.demand_target_s[row]),
            latest_s=int(problem.demand_latest_s[row]),
            met_by_target=by_target[row],
            met=met[row],
            unmet=int(problem.demand_quantity[row]) - met[row],
            reasons=reasons(scenario, prepared, solution, row)
            if met[row] < problem.demand_quantity[row]
            else (),
            weight=int(problem.demand_weight[row]),
            reference=int(reference(problem)[row]),
        )
        for row, code in enumerate(problem.demand_capability)
    )
