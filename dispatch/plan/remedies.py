"""What would help a need that is not met in full: each remedy solved for, checked and priced.

A remedy takes one thing away that stands in the way. Everybody else keeps the
work that the plan gives him; what the remedy leaves free for the need is solved
for, so each gain is one that can be had at once. Reserve floors are no rule that
could rule out help, since what is met goes before them: no remedy lowers them,
but each says how much more of them it takes.

Remedies are ranked by: meets the need in full; only has to be decided, before
what takes work on the ground, before what has to be bought; fewer teams missing
from reserve floors; fewer yuan; more gained; the order in which they were tried.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dispatch.doctrine import LEVELS
from dispatch.i18n import _, ngettext, told
from dispatch.optimise.conflict import Conflict, conflict, credits_of
from dispatch.optimise.problem import DispatchProblem, DispatchSolution
from dispatch.optimise.relax import until, with_units
from dispatch.optimise.remedy import Gain, earliest, gain, shortage
from dispatch.plan.answers import Explanation, Remedy
from dispatch.plan.limits import Case, heading, limits_of
from dispatch.plan.prepare import Prepared
from dispatch.plan.telling import Names
from dispatch.plan.variants import (
    Again,
    Change,
    Merge,
    all_fields,
    changes,
    merger,
    openings,
    planned_fields,
    without,
)
from dispatch.registry import Registry
from dispatch.scenario import Scenario

MAX_SOLVES: Final = 6
"""Most remedies that are solved for, for one need."""

WORK_PER_SECOND: Final = 0.05
"""Units of CP-SAT's deterministic time for proofs, for each second of the budget."""

EFFORT: Final = {"closure": 1, "landing": 1, "site": 1, "field": 1, "borrow": 2}
"""Work on the ground 1, purchase 2; all else only has to be decided."""

S_PER_MIN: Final = 60


@dataclass(frozen=True)
class Proposal:
    """Something that could help: what to do, and the problem that it leaves.

    ``problem`` keeps the rows of the plan's problem and may add others after
    them; ``say`` tells in the language in use what would have to be done.
    """

    code: str
    subject: str
    say: Callable[[], str]
    problem: Callable[[], DispatchProblem]


Proposer = Callable[[int], Iterable[Proposal]]
"""Gives further proposals for a demand."""


def explain_unmet(
    registry: Registry,
    scenario: Scenario,
    prepared: Prepared,
    solution: DispatchSolution,
    again: Again,
    *,
    budget_s: float = 20.0,
    further: Sequence[Proposer] = (),
) -> dict[str, Explanation]:
    """Explain every need that is not met in full, the weightiest first.

    Parameters
    ----------
    registry : Registry
    scenario : Scenario
    prepared : Prepared
    solution : DispatchSolution
        Of its problem.
    again : callable
        Prepares a changed scenario in the way this one was prepared.
    budget_s : float
        What all explanations may take of the processor's time. Proofs are given
        an amount of work by it, so that the same plan is explained in the same
        way; the seconds only count where a machine is much slower than ours.
    further : sequence of callable
        More proposals, after the own ones but before closures.

    Returns
    -------
    dict of str to Explanation
        By demand id, in the order of the problem.

    Raises
    ------
    InvalidPlanError
        If the checker refuses a remedy: a fault of this package.
    """
    names = Names(registry, scenario, prepared)
    merge = merger(prepared, again)
    problem, (met, _early) = prepared.problem, credits_of(prepared.problem, solution)
    unmet = [d for d, wanted in enumerate(problem.demand_quantity.tolist()) if met[d] < wanted]
    deadline, work = time.thread_time() + budget_s, budget_s * WORK_PER_SECOND
    found: dict[int, Explanation] = {}
    for done, demand in enumerate(sorted(unmet, key=lambda d: (-problem.demand_weight[d], d))):
        case = Case(names, solution, demand, met, _variant(scenario, merge, problem, demand))
        if time.thread_time() > deadline:
            found[demand] = _not_looked_into(case)
            continue
        # what easy proofs leave over is for the others
        share = min(work, 2 * work / (len(unmet) - done))
        why = _conflict(case, share)
        work -= why.work
        found[demand] = _explanation(case, why, merge, further, deadline)
    return {problem.demand_id[demand]: found[demand] for demand in unmet}


def _variant(
    scenario: Scenario, merge: Merge, problem: DispatchProblem, demand: int
) -> Callable[[frozenset[str]], DispatchProblem]:
    incident = int(problem.demand_incident[demand])
    return lambda codes: merge(without(scenario, codes), incident)


def _conflict(case: Case, work: float) -> Conflict:
    level = case.names.prepared.incidents.at[case.incident, "level"]
    outside = []
    if case.kept_away:
        outside += ["closures"] if case.names.scenario.closures else []
        outside += ["release"] if level != LEVELS[0] else []
    return conflict(
        case.problem,
        case.solution,
        case.demand,
        variant=case.variant,
        outside=outside,
        work=work,
    )


def _explanation(
    case: Case, why: Conflict, merge: Merge, further: Sequence[Proposer], deadline: float
) -> Explanation:
    found: list[Remedy] = []
    complete, solves = True, 0
    for proposal in _proposals(case, why, merge, further):
        if solves == MAX_SOLVES or time.thread_time() > deadline:
            complete = False
            break
        better = gain(proposal.problem(), case.solution, case.demand)
        if better is None:
            continue
        solves += 1
        # what free teams could give without any remedy is no gain of the remedy
        if better.quantity > (0 if proposal.code == "send_free" else why.more):
            found.append(_remedy(case, proposal, better))
    texts = told(lambda: heading(case, why))
    return Explanation(
        case.problem.demand_id[case.demand],
        why.proof,
        *texts,
        limits=limits_of(case, why),
        remedies=tuple(sorted(found, key=_rank)),
        complete=complete,
    )


def _not_looked_into(case: Case) -> Explanation:
    texts = told(lambda: _("Not looked into: the time for explanations was used up."))
    name = case.problem.demand_id[case.demand]
    return Explanation(name, "open", *texts, limits=(), remedies=(), complete=False)


def _rank(remedy: Remedy) -> tuple[int, ...]:
    return (
        int(remedy.lacking > 0),
        EFFORT.get(remedy.code, 0),
        remedy.floors,
        remedy.cost_yuan,
        -remedy.quantity,
    )


def _proposals(
    case: Case, why: Conflict, merge: Merge, further: Sequence[Proposer]
) -> Iterator[Proposal]:
    """Yield what could help, each made only when it is asked for."""
    problem, names, demand = case.problem, case.names, case.demand
    if why.more:
        yield Proposal("send_free", "", lambda: _("Send teams that are free"), lambda: problem)
    until_s = earliest(problem, case.solution, demand)
    if until_s is not None:
        yield Proposal(
            "wait", str(until_s), _wait(case, until_s), lambda: until(problem, demand, until_s)
        )
    if case.kept_away:
        yield from (_proposal(change, merge) for change in changes(names, case.incident))
    missing = shortage(problem, case.solution, demand)
    at_s = int(problem.demand_target_s[demand])
    yield Proposal(
        "borrow",
        str(missing),
        _borrow(case, missing, at_s),
        lambda: with_units(problem, demand, missing, at_s),
    )
    for propose in further:
        yield from propose(demand)
    if not case.kept_away:
        return
    opened = list(openings(names))
    yield from _if_all_of_them_help(
        case, opened, lambda: case.variant(frozenset(["closures"])), merge
    )
    fields = list(planned_fields(names, case.incident))
    yield from _if_all_of_them_help(case, fields, lambda: merge(all_fields(names), None), merge)


def _if_all_of_them_help(
    case: Case, found: Sequence[Change], everything: Callable[[], DispatchProblem], merge: Merge
) -> Iterator[Proposal]:
    """Yield changes of one kind one by one, unless not even all of them together help."""
    if len(found) > 1 and gain(everything(), case.solution, case.demand) is None:
        return
    yield from (_proposal(change, merge) for change in found)


def _proposal(change: Change, merge: Merge) -> Proposal:
    return Proposal(
        change.code, change.subject, change.say, lambda: merge(change.scenario, change.incident)
    )


def _wait(case: Case, until_s: int) -> Callable[[], str]:
    late_s = until_s - int(case.problem.demand_latest_s[case.demand])
    return lambda: _("Let arrivals until {time} count, {minutes} min after the latest time").format(
        time=case.names.moment(until_s), minutes=-(-late_s // S_PER_MIN)
    )


def _borrow(case: Case, missing: int, at_s: int) -> Callable[[], str]:
    return lambda: _("Buy or borrow {quantity} {unit}, on the spot by {time}").format(
        quantity=missing, unit=case.names.unit(case.demand, missing), time=case.names.moment(at_s)
    )


def _remedy(case: Case, proposal: Proposal, better: Gain) -> Remedy:
    draft = Remedy(
        code=proposal.code,
        subject=proposal.subject,
        quantity=better.quantity,
        by_target=better.by_target,
        lacking=better.lacking,
        last_s=better.last_s,
        points_by_target=better.met_by_target,
        points=better.met,
        sooner_s=better.sooner_s,
        cost_yuan=better.cost_yuan,
        teams=better.teams - int(proposal.code == "borrow"),
        floors=better.floors,
        text_zh="",
        text_en="",
    )
    zh, en = told(lambda: _sentence(case, proposal, draft))
    return replace(draft, text_zh=zh, text_en=en)


def _sentence(case: Case, proposal: Proposal, remedy: Remedy) -> str:
    """Say what to do, what it brings and what it costs."""
    return _("{what}: {gain}; {cost}").format(
        what=proposal.say(), gain=_(", ").join(_gains(case, remedy)), cost=_cost(remedy)
    )


def _gains(case: Case, remedy: Remedy) -> Iterator[str]:
    missing = remedy.quantity + remedy.lacking
    words = {
        "quantity": remedy.quantity,
        "missing": missing,
        "unit": case.names.unit(case.demand, missing),
        "time": case.names.moment(remedy.last_s),
        "by_target": remedy.by_target,
        "minutes": remedy.sooner_s // S_PER_MIN,
    }
    if remedy.lacking:
        text = _("{quantity} of the {missing} {unit} missing, the last at {time}")
    else:
        text = _("all {missing} {unit} missing, the last at {time}")
    yield text.format(**words)
    if 0 < remedy.by_target < remedy.quantity:
        yield _("{by_target} of them by the target time").format(**words)
    if remedy.sooner_s >= S_PER_MIN:
        yield _("all teams together {minutes} min sooner").format(**words)


def _cost(remedy: Remedy) -> str:
    teams = remedy.teams
    if not teams and not remedy.cost_yuan:
        text = _("no further team")
    elif remedy.cost_yuan < 0:
        text = ngettext(
            "{teams} team more, {yuan} yuan less", "{teams} teams more, {yuan} yuan less", teams
        )
    else:
        text = ngettext(
            "{teams} team and {yuan} yuan more", "{teams} teams and {yuan} yuan more", teams
        )
    text = text.format(teams=teams, yuan=f"{abs(remedy.cost_yuan):,}")
    if remedy.floors > 0:
        text += _(", {floors} more missing from the reserve").format(floors=remedy.floors)
    if remedy.code == "borrow":
        text += _(", and a price that is not known")
    return text
