"""The rule dispatch centres use: each demand, by priority, takes its nearest free team."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

from dispatch.optimise.candidates import Candidates, candidates
from dispatch.optimise.canonical import canonical, restore
from dispatch.optimise.check import evaluate
from dispatch.optimise.lift import Use, fits, uses_by_option
from dispatch.optimise.problem import (
    STAGES,
    DispatchProblem,
    DispatchSolution,
    Service,
    StageResult,
    points,
)


def nearest_first(problem: DispatchProblem) -> DispatchSolution:
    """Serve the demands one by one, the weightiest first, by the nearest free teams.

    Of equal weight the earlier target time goes first. A team on its way to the
    same incident is free as far as units and members remain, and a way is open
    as long as its lift has room. What stays below the minimum useful quantity
    is given back.

    Returns
    -------
    DispatchSolution
        Every stage is marked ``heuristic``, with a bound that holds for any plan.
    """
    rows, order = canonical(problem)
    return unproved(problem, restore(nearest_in_order(rows, candidates(rows)), order))


def nearest_in_order(problem: DispatchProblem, arcs: Candidates) -> DispatchSolution:
    """Apply the rule to rows in canonical order, so that ties fall the same way for any order.

    Without stages.
    """
    by_demand = defaultdict(list)
    for arc, demand in enumerate(arcs.demand.tolist()):
        by_demand[demand].append(arc)
    state = _State(problem, arcs, uses_by_option(problem))
    for demand in _by_priority(problem):
        ranked = sorted(by_demand[demand], key=lambda arc: _rank(problem, arcs, arc))
        state = state.serve(demand, ranked)
    return DispatchSolution(
        options=tuple(sorted(state.option.values())),
        services=tuple(sorted(state.services, key=lambda s: (s.demand, s.module))),
        stages=(),
    )


def unproved(problem: DispatchProblem, solution: DispatchSolution) -> DispatchSolution:
    """Report the stages of a feasible solution with bounds that hold for any plan."""
    everything = int((points(problem) * problem.demand_quantity).sum())
    too_few = (
        max(0, wanted - len(teams))
        for wanted, teams in zip(problem.floor_quantity.tolist(), problem.floor_teams, strict=True)
    )
    bound = {
        "met_by_target": everything,
        "met": everything,
        "arrival": 0,
        "floors": sum(too_few),
        "cost": 0,
    }
    value = evaluate(problem, solution)
    stages = tuple(
        StageResult(name, sense, value[name], bound[name], "heuristic") for name, sense in STAGES
    )
    return DispatchSolution(solution.options, solution.services, stages)


@dataclass(frozen=True)
class _State:
    """Who has been sent where, and what each team has left."""

    problem: DispatchProblem
    arcs: Candidates
    uses: list[tuple[Use, ...]]
    option: dict[int, int] = field(default_factory=dict)
    units: dict[int, int] = field(default_factory=dict)
    members: dict[int, int] = field(default_factory=dict)
    services: tuple[Service, ...] = ()

    def serve(self, demand: int, ranked: list[int]) -> _State:
        """Give a demand its nearest free teams, or nothing below its minimum."""
        problem, arcs = self.problem, self.arcs
        option, units, members = dict(self.option), dict(self.units), dict(self.members)
        services, booked = [], [use for way in option.values() for use in self.uses[way]]
        missing = int(problem.demand_quantity[demand])
        for arc in ranked:
            module, by = int(arcs.module[arc]), int(arcs.option[arc])
            team = int(problem.module_team[module])
            each, ties = int(problem.module_quantity[module]), int(problem.module_members[module])
            free = units.get(module, int(problem.module_units[module]))
            hands = members.get(team, int(problem.personnel[team]))
            working = min(free, -(-missing // each), hands // ties if ties else free)
            if working < 1 or option.get(team, by) != by:
                continue
            if team not in option:
                if not fits(problem.lift_capacity, booked, self.uses[by]):
                    continue
                booked += self.uses[by]
            credit = min(missing, working * each)
            option[team] = by
            units[module], members[team] = free - working, hands - working * ties
            services.append(Service(module, demand, working, credit))
            missing -= credit
        if problem.demand_quantity[demand] - missing < max(1, problem.demand_minimum[demand]):
            return self
        return replace(
            self,
            option=option,
            units=units,
            members=members,
            services=(*self.services, *services),
        )


def _by_priority(problem: DispatchProblem) -> list[int]:
    return sorted(
        range(len(problem.demand_id)),
        key=lambda d: (
            -problem.demand_weight[d],
            problem.demand_target_s[d],
            problem.demand_id[d],
        ),
    )


def _rank(problem: DispatchProblem, arcs: Candidates, arc: int) -> tuple[int, int, str, int]:
    option, module = int(arcs.option[arc]), int(arcs.module[arc])
    team = int(problem.module_team[module])
    return (
        int(arcs.arrival_s[arc]),
        int(problem.option_cost_yuan[option]),
        problem.team_id[team],
        module,
    )
