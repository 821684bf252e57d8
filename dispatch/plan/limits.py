"""A conflict in words: which rules and promises rule out that a need has more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dispatch.i18n import _, told
from dispatch.optimise.candidates import candidates
from dispatch.optimise.conflict import Conflict, Group
from dispatch.optimise.lift import uses_by_option
from dispatch.optimise.problem import (
    BoolArray,
    DispatchProblem,
    DispatchSolution,
    portable,
    vehicles,
)
from dispatch.plan.answers import Limit
from dispatch.plan.telling import Names


@dataclass(frozen=True, eq=False)
class Case:
    """One demand that lacks something, and the problem with rules of the scenario taken away."""

    names: Names
    solution: DispatchSolution
    demand: int
    met: dict[int, int]
    variant: Callable[[frozenset[str]], DispatchProblem]

    @property
    def problem(self) -> DispatchProblem:
        """The problem with all of its rules."""
        return self.names.prepared.problem

    @property
    def incident(self) -> int:
        """Where the demand is."""
        return int(self.problem.demand_incident[self.demand])

    @cached_property
    def kept_away(self) -> bool:
        """Whether some team that has what is asked for can't be there in time.

        Where there is none, no level, policy or open road would bring another one.
        """
        capability = self.problem.demand_capability[self.demand]
        latest_s = int(self.problem.demand_latest_s[self.demand])
        found = arrivals(self.problem, self.incident, capability).values()
        able = int(_able(self.problem, capability).sum())
        return sum(arrival_s <= latest_s for arrival_s in found) < able


def limits_of(case: Case, found: Conflict) -> tuple[Limit, ...]:
    """Return the groups of a conflict in words: rules first, then promises, the heaviest first."""
    rules = [group for group in found.groups if group.demand < 0]
    promises = [group for group in reversed(found.groups) if group.demand >= 0]
    return tuple(_limit(case, found.proof, group) for group in (*rules, *promises))


def heading(case: Case, found: Conflict) -> str:
    """Say how far a conflict is proved, in the language in use."""
    problem, demand, names = case.problem, case.demand, case.names
    words = {
        "met": case.met[demand],
        "more": found.more,
        "unit": names.unit(demand, found.more if found.proof == "free" else case.met[demand]),
        "time": names.moment(int(problem.demand_latest_s[demand])),
    }
    if problem.demand_capability[demand] not in problem.module_capability:
        return _("No team has this capability.")
    if found.proof == "free":
        text = _("Free teams could give {more} {unit} more: the solver stopped before its proof.")
        return text.format(**words)
    if not found.groups:
        return _("No team that has it can reach the place, whatever rule is set aside.")
    if found.proof == "exchange":
        text = _(
            "Proved: more than {met} {unit} can't be had by {time}, however teams are exchanged, "
            "as long as all of this holds. Take any one away and more can be had."
        )
        return text.format(**words)
    text = _(
        "With the other teams where they are sent, more than {met} {unit} can't be had by {time} "
        "as long as all of this holds. Take any one away and more can be had."
    ).format(**words)
    if found.proof == "improvable":
        text += _(" An exchange of teams would give more: the solver stopped before its proof.")
    return text


def arrivals(problem: DispatchProblem, incident: int, capability: str) -> dict[int, int]:
    """Return when each team that has a capability could be at an incident, by its fastest way."""
    able = _able(problem, capability)
    best: dict[int, int] = {}
    for option in np.flatnonzero(problem.option_incident == incident).tolist():
        team, arrival_s = int(problem.option_team[option]), int(problem.option_arrival_s[option])
        if able[team]:
            best[team] = min(arrival_s, best.get(team, arrival_s))
    return best


def _limit(case: Case, proof: str, group: Group) -> Limit:
    rows = _nearest_first(case, _teams(case, group))
    texts = told(lambda: _words(case, proof, group, rows))
    name = case.problem.demand_id[group.demand] if group.demand >= 0 else ""
    return Limit(group.code, name, tuple(case.problem.team_id[row] for row in rows), *texts)


def _words(case: Case, proof: str, group: Group, rows: list[int]) -> str:
    names, problem = case.names, case.problem
    about = group.demand if group.demand >= 0 else case.demand
    quantity = {
        "keeps": case.met.get(about, 0),
        "units": _supply(case, rows),
        "minimum": int(problem.demand_minimum[about]),
    }
    text = {
        "keeps": _("{need} at {incident} keeps its {quantity} {unit} (priority {priority})")
        if proof == "exchange"
        else _("Those sent for {need} at {incident} stay there (priority {priority}): {teams}"),
        "release": _("Not released in time at level {level}: {teams}"),
        "closures": _("Kept out or late by what is closed: {teams}"),
        "latest": _("Could come only after {time}: {teams}"),
        "integrity": _("A team is at one incident at a time; sent elsewhere: {teams}"),
        "units": _("Those within reach have {quantity} {unit} in all: {teams}"),
        "members": _("A team's members do one thing at a time: {teams}"),
        "minimum": _("Less than {quantity} {unit} is of no use"),
        "vehicles": _("In time only without their vehicles, which they need: {teams}"),
        "lift": _("No aircraft or train has room left for: {teams}"),
    }[group.code]
    return text.format(
        need=names.capability(about),
        incident=names.place(about),
        quantity=quantity.get(group.code, 0),
        unit=names.unit(about, quantity.get(group.code, 0)),
        priority=int(names.prepared.demands["priority"].iloc[about]),
        level=str(names.prepared.incidents.at[case.incident, "level"]),
        time=names.moment(int(problem.demand_latest_s[about])),
        teams=names.teams(rows) or _("nobody"),
    )


def _teams(case: Case, group: Group) -> list[int]:
    """Return the teams that a rule or promise keeps away."""
    problem, demand = case.problem, case.demand
    capability, latest_s = problem.demand_capability[demand], int(problem.demand_latest_s[demand])
    options = case.solution.options
    sent = {int(problem.option_team[o]): int(problem.option_incident[o]) for o in options}
    base = arrivals(problem, case.incident, capability)
    in_time = {team for team, arrival_s in base.items() if arrival_s <= latest_s}

    def serving() -> list[int]:
        served = [s.module for s in case.solution.services if s.demand == group.demand]
        able = _able(problem, capability)
        return [team for team in problem.module_team[served].tolist() if able[team]]

    def within_reach() -> list[int]:
        """Those at the place, or else all that could be there in time."""
        return [team for team in in_time if sent.get(team) == case.incident] or [*in_time]

    def without_rule() -> list[int]:
        other = arrivals(case.variant(frozenset([group.code])), case.incident, capability)
        return [team for team, at_s in other.items() if at_s <= latest_s and team not in in_time]

    def late() -> list[int]:
        """Those with a way that is too late and none that is in time and open to them."""
        after = (problem.option_incident == case.incident) & (problem.option_arrival_s > latest_s)
        later = set(problem.option_team[after].tolist()) & base.keys()
        taken = _lifted(case) - sent.keys()
        return [team for team in later if team not in in_time or team in taken]

    kept_away: dict[str, Callable[[], list[int]]] = {
        "keeps": serving,
        "release": without_rule,
        "closures": without_rule,
        "latest": late,
        "integrity": lambda: [t for t in in_time if sent.get(t, case.incident) != case.incident],
        "units": within_reach,
        "members": within_reach,
        "vehicles": lambda: [*(in_time - _serviceable(case)), *(in_time & _afoot(case))],
        "lift": lambda: [*((in_time - sent.keys()) & _lifted(case))],
    }
    return sorted(set(kept_away.get(group.code, list)()))


def _supply(case: Case, rows: list[int]) -> int:
    """Return how much some teams have of what the demand asks for, each for itself."""
    problem, capability = case.problem, case.problem.demand_capability[case.demand]
    hands = problem.personnel[problem.module_team]
    ties = np.maximum(problem.module_members, 1)
    staffed = np.where(problem.module_members > 0, hands // ties, problem.module_units)
    gives = np.minimum(problem.module_units, staffed) * problem.module_quantity
    mine = np.isin(problem.module_team, rows) & _has(problem, capability)
    return int(gives[mine].sum())


def _serviceable(case: Case) -> set[int]:
    """Return the teams that could do something for the demand, as they could come."""
    arcs = candidates(case.problem)
    return set(case.problem.option_team[arcs.option[arcs.demand == case.demand]].tolist())


def _afoot(case: Case) -> set[int]:
    """Return the teams that the plan sends to the place without their vehicles, which they need."""
    problem = case.problem
    needs = _has(problem, problem.demand_capability[case.demand]) & ~portable(problem)
    sent = np.array(case.solution.options, np.int64)
    here = sent[(problem.option_incident[sent] == case.incident) & ~vehicles(problem)[sent]]
    return set(problem.option_team[here].tolist()) & set(problem.module_team[needs].tolist())


def _lifted(case: Case) -> set[int]:
    """Return the teams that could be there in time by aircraft or train only."""
    problem = case.problem
    latest_s = int(problem.demand_latest_s[case.demand])
    here = (problem.option_incident == case.incident) & (problem.option_arrival_s <= latest_s)
    uses = uses_by_option(problem)
    alone = {int(problem.option_team[o]) for o in np.flatnonzero(here).tolist() if not uses[o]}
    return set(problem.option_team[here].tolist()) - alone


def _nearest_first(case: Case, rows: list[int]) -> list[int]:
    problem = case.problem
    base = arrivals(problem, case.incident, problem.demand_capability[case.demand])
    return sorted(rows, key=lambda row: (base.get(row, np.inf), problem.team_id[row]))


def _has(problem: DispatchProblem, capability: str) -> BoolArray:
    return np.array([code == capability for code in problem.module_capability], np.bool_)


def _able(problem: DispatchProblem, capability: str) -> BoolArray:
    able = np.zeros(len(problem.team_id), np.bool_)
    able[problem.module_team[_has(problem, capability)]] = True
    return able
