"""Why a demand can't have more: a minimal set of rules and promises that rule it out together.

Two questions are asked. The wider one: could the demand have more, whatever
teams are exchanged, as long as every other demand keeps as much as it has, and
as much of it by its target? Where CP-SAT proves in time that it could not, the
rules and promises are dropped one by one as long as the proof holds without
them (deletion filter; J. W. Chinneck, Feasibility and Infeasibility in
Optimization, doi:10.1007/978-0-387-74932-7). What is left is minimal: take any
one away and the demand can have more. Where the wider question is too hard the
narrower one is asked in the same way: could it have more while every team that
serves another demand stays with it?
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Final

import numpy as np
from ortools.sat.python import cp_model

from dispatch.optimise.candidates import Candidates, candidates
from dispatch.optimise.model import Model, build
from dispatch.optimise.pocket import deterministic, pocket, reach, reachable
from dispatch.optimise.problem import DispatchProblem, DispatchSolution
from dispatch.optimise.relax import relax, split_incident

PROOFS: Final = ("exchange", "as_sent", "improvable", "free")
"""What is known of a conflict: it holds whatever teams are exchanged; it holds as
the teams are sent; the same, but an exchange of teams would give more; there is
none, free teams could give more at once. The last two say that the plan is not optimal."""

KEEPS: Final = "keeps"
INTEGRITY: Final = "integrity"

BUILD_WORK: Final = 2e-5
"""What stating one possible service costs, in CP-SAT's deterministic time."""

_DROPPED: Final = ("members", "vehicles", "units", "minimum", "lift", "latest")
"""The rules in the order in which they are dropped: the plainest reasons stay."""

Variant = Callable[[frozenset[str]], DispatchProblem]
"""Gives the problem with some of the caller's own rules taken away; rows keep their numbers."""


@dataclass(frozen=True, order=True)
class Group:
    """A rule, by its code, or (``keeps``) a promise to another demand.

    The codes are those of :data:`relax.RULES`, ``integrity`` (a team is at one
    incident at a time) and those of the caller's own rules.
    """

    code: str
    demand: int = -1


@dataclass(frozen=True)
class Conflict:
    """What rules out that a demand has more.

    Parameters
    ----------
    proof : str
        One of :data:`PROOFS`.
    groups : tuple of Group
        A minimal set, promises first. Empty where nothing would help, or
        nothing stands in the way.
    more : int
        What free teams could give at once.
    work : float
        What the wider question has cost, in CP-SAT's deterministic time.
    """

    proof: str
    groups: tuple[Group, ...]
    more: int = 0
    work: float = 0.0


def conflict(
    problem: DispatchProblem,
    solution: DispatchSolution,
    demand: int,
    *,
    variant: Variant | None = None,
    outside: Sequence[str] = (),
    work: float = 1.0,
) -> Conflict:
    """Find what rules out that a demand has more than a plan gives it.

    Parameters
    ----------
    problem : DispatchProblem
    solution : DispatchSolution
        In which the demand is not met in full.
    demand : int
    variant : Variant, optional
        How the caller's own rules are taken away.
    outside : sequence of str
        The codes of these rules.
    work : float
        Limit for the wider question, in CP-SAT's deterministic time.
    """

    @cache
    def relaxed(codes: frozenset[str]) -> DispatchProblem:
        own = codes.intersection(outside)
        base = variant(own) if variant and own else problem
        return relax(base, demand, codes)

    rules = [Group(code) for code in (*_rules(problem, demand), *outside)]
    as_sent = _AsSent(problem, solution, demand, relaxed, rules)
    more, _bound = reach(as_sent.pocket(()))
    if more > 0:
        return Conflict("free", (), more)
    wider = _Exchange(problem, solution, demand, relaxed, rules, work)
    answer, promises = wider.ask_in_rings()
    if answer is False:
        groups = minimal((*_promises(problem, demand, promises), *rules), wider.impossible)
        if groups is not None:
            return Conflict("exchange", groups, work=work - wider.work)
    held = _promises(problem, demand, as_sent.promises)
    groups = minimal((*held, *rules), as_sent.impossible)
    return Conflict("improvable" if answer else "as_sent", groups or (), work=work - wider.work)


def minimal(
    groups: Sequence[Group], impossible: Callable[[Collection[Group]], bool | None]
) -> tuple[Group, ...] | None:
    """Drop groups in their order as long as the rest rules the thing out.

    Parameters
    ----------
    groups : sequence of Group
        That rule it out together.
    impossible : callable
        Whether some groups rule it out; None where it can't tell. Whatever
        some groups rule out, more of them must.

    Returns
    -------
    tuple of Group or None
        None where it could not tell.
    """
    kept = list(groups)
    for group in groups:
        rest = [other for other in kept if other != group]
        answer = impossible(rest)
        if answer is None:
            return None
        if answer:
            kept = rest
    return tuple(kept)


def _rules(problem: DispatchProblem, demand: int) -> list[str]:
    """Return the codes of the rules of the problem that may matter."""
    absent = {
        "vehicles": not problem.module_portable.size or problem.module_portable.all(),
        "lift": not problem.lift_id,
        "minimum": problem.demand_minimum[demand] <= 1,
    }
    kept = [code for code in _DROPPED if not absent.get(code)]
    return [*kept, INTEGRITY] if len(problem.incident_id) > 1 else kept


def _promises(problem: DispatchProblem, demand: int, others: Iterable[int]) -> list[Group]:
    """Return promises as they are dropped: other needs first, then light ones."""
    capability = problem.demand_capability
    order = sorted(
        others,
        key=lambda d: (
            capability[d] == capability[demand],
            int(problem.demand_weight[d]),
            problem.demand_id[d],
        ),
    )
    return [Group(KEEPS, other) for other in order]


def _held_by(problem: DispatchProblem, solution: DispatchSolution, demand: int) -> list[int]:
    """Return the other demands whose teams have what this one asks for."""
    capability = problem.demand_capability[demand]
    teams = zip(problem.module_team.tolist(), problem.module_capability, strict=True)
    able = {team for team, code in teams if code == capability}
    served = {s.demand for s in solution.services if int(problem.module_team[s.module]) in able}
    return sorted(served - {demand})


class _AsSent:
    """The narrower question: who serves another demand stays with it."""

    def __init__(
        self,
        problem: DispatchProblem,
        solution: DispatchSolution,
        demand: int,
        relaxed: Callable[[frozenset[str]], DispatchProblem],
        rules: Sequence[Group],
    ) -> None:
        self.problem, self.solution, self.demand = problem, solution, demand
        self.relaxed, self.rules = relaxed, rules
        self.promises = _held_by(problem, solution, demand)

    def pocket(self, dropped: Collection[Group]) -> DispatchProblem:
        """Return what is left for the demand without some groups."""
        codes = frozenset(group.code for group in dropped) - {KEEPS}
        return pocket(
            self.relaxed(codes - {INTEGRITY}),
            self.solution,
            self.demand,
            [group.demand for group in dropped],
            split=INTEGRITY in codes,
        ).problem

    def impossible(self, held: Collection[Group]) -> bool | None:
        """Whether the demand can't have more; None where that is not proved."""
        every = (*self.rules, *(Group(KEEPS, demand) for demand in self.promises))
        possible = reachable(self.pocket([group for group in every if group not in held]))
        return None if possible is None else not possible


class _Exchange:
    """The wider question: every other demand keeps as much as it has, by whatever teams."""

    def __init__(
        self,
        problem: DispatchProblem,
        solution: DispatchSolution,
        demand: int,
        relaxed: Callable[[frozenset[str]], DispatchProblem],
        rules: Sequence[Group],
        work: float,
    ) -> None:
        self.problem, self.solution, self.demand = problem, solution, demand
        self.relaxed, self.rules, self.work = relaxed, rules, work
        self.met, self.early = credits_of(problem, solution)
        self.candidates = cache(lambda codes: candidates(self._problem(codes)))

    def ask_in_rings(self) -> tuple[bool | None, list[int]]:
        """Ask with the promises to ever more demands, until they rule it out.

        Returns
        -------
        bool or None
            Whether the demand could have more, None where it remains unknown.
        list of int
            The demands whose promises rule it out.
        """
        for ring in self._rings():
            answer, core = self._ask(frozenset(), ring)
            if answer is not True:
                return answer, core
        return True, []

    def impossible(self, held: Collection[Group]) -> bool | None:
        """Whether the demand can't have more; None where that is not proved."""
        codes = frozenset(rule.code for rule in self.rules if rule not in held)
        answer, _core = self._ask(codes, [g.demand for g in held if g.code == KEEPS])
        return None if answer is None else not answer

    def _rings(self) -> Iterable[list[int]]:
        """Those that want the same; those whose teams could help; all."""
        problem, arcs = self.problem, self.candidates(frozenset())
        others = [d for d in sorted(self.met) if d != self.demand]
        capability = problem.demand_capability[self.demand]
        yield [d for d in others if problem.demand_capability[d] == capability]
        able = set(problem.option_team[arcs.option[arcs.demand == self.demand]].tolist())
        served = {
            s.demand for s in self.solution.services if int(problem.module_team[s.module]) in able
        }
        yield [d for d in others if d in served]
        yield others

    def _problem(self, codes: frozenset[str]) -> DispatchProblem:
        problem = self.relaxed(codes - {INTEGRITY})
        if INTEGRITY in codes:
            return split_incident(problem, int(problem.demand_incident[self.demand]))
        return problem

    def _ask(self, codes: frozenset[str], promised: list[int]) -> tuple[bool | None, list[int]]:
        """Return whether the demand could have more without some rules, and else why not."""
        arcs = _only(self.candidates(codes), {self.demand, *promised})
        self.work -= BUILD_WORK * len(arcs.option)
        if self.work <= 0:
            return None, []
        problem = self._problem(codes)
        model = build(problem, arcs)
        more = max(self.met[self.demand] + 1, int(problem.demand_minimum[self.demand]))
        self._promise(model, self.demand, more)
        promises = {}
        for demand in promised:
            promise = model.cp.new_bool_var("")
            self._promise(model, demand, self.met[demand], promise)
            promises[promise.index] = demand
            model.cp.add_assumption(promise)
        solver = deterministic(self.work)
        status = solver.solve(model.cp)
        self.work -= solver.response_proto.deterministic_time
        if status == cp_model.INFEASIBLE:
            core = solver.sufficient_assumptions_for_infeasibility()
            return False, sorted(promises[index] for index in core)
        return (True if status == cp_model.OPTIMAL else None), []

    def _promise(
        self, model: Model, demand: int, quantity: int, promise: cp_model.IntVar | None = None
    ) -> None:
        """State that a demand has so much, and by its target as much as the plan gives it."""
        mine = [(row, model.credit[row]) for row in np.flatnonzero(model.arcs.demand == demand)]
        early = [credit for row, credit in mine if model.arcs.on_time[row]]
        for credits, least in (
            ([credit for _row, credit in mine], quantity),
            (early, self.early[demand]),
        ):
            rule = model.cp.add(cp_model.LinearExpr.sum(credits) >= least)
            if promise is not None:
                rule.only_enforce_if(promise)


def credits_of(
    problem: DispatchProblem, solution: DispatchSolution
) -> tuple[Counter[int], Counter[int]]:
    """Return what each demand is credited with, in all and by its target."""
    met, early = Counter[int](), Counter[int]()
    by = {int(problem.option_team[option]): option for option in solution.options}
    for service in solution.services:
        option = by[int(problem.module_team[service.module])]
        met[service.demand] += service.quantity
        if problem.option_arrival_s[option] <= problem.demand_target_s[service.demand]:
            early[service.demand] += service.quantity
    return met, early


def _only(arcs: Candidates, demands: set[int]) -> Candidates:
    keep = np.isin(arcs.demand, sorted(demands))
    return replace(arcs, **{item.name: getattr(arcs, item.name)[keep] for item in fields(arcs)})
