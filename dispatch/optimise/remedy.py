"""What a change would bring for a demand that lacks something, and what it would cost.

The change is given as a relaxed problem: rows of the problem keep their
numbers, new ones follow. Everybody keeps the work that the plan gives them, and
what the change leaves free for the demand is solved for; the whole is checked.
So a gain is a promise: with the change, at least that much is possible.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import Final

from dispatch.optimise.assign import solve
from dispatch.optimise.check import ensure, evaluate
from dispatch.optimise.conflict import credits_of
from dispatch.optimise.lift import uses_by_option
from dispatch.optimise.pocket import join, pocket, reach
from dispatch.optimise.problem import DispatchProblem, DispatchSolution, vehicles
from dispatch.optimise.relax import relax, until

POCKET_S: Final = 2.0
"""Time limit for one pocket; a tenth of it is rarely needed."""


@dataclass(frozen=True)
class Gain:
    """A better plan, and how it differs from the one before.

    Parameters
    ----------
    solution : DispatchSolution
        A plan of the relaxed problem, accepted by the checker.
    quantity, by_target : int
        What the demand has more, in all and by its target time.
    lacking : int
        What it lacks still.
    last_s : int
        Arrival of the last team that serves it.
    met_by_target, met : int
        What the first two stages gain, in points.
    sooner_s : int
        By how much all who were sent before arrive sooner, summed.
    cost_yuan, teams, floors : int
        What the plan costs more, how many teams more it sends, and how many
        more are missing from the reserve floors.
    """

    solution: DispatchSolution
    quantity: int
    by_target: int
    lacking: int
    last_s: int
    met_by_target: int
    met: int
    sooner_s: int
    cost_yuan: int
    teams: int
    floors: int


def gain(problem: DispatchProblem, solution: DispatchSolution, demand: int) -> Gain | None:
    """Return what a demand gains in a relaxed problem, None where it is nothing.

    Parameters
    ----------
    problem : DispatchProblem
        The relaxed one.
    solution : DispatchSolution
        A plan of it, in which the demand is not met in full.
    demand : int

    Raises
    ------
    InvalidPlanError
        If the checker refuses the better plan: a fault of this package.
    """
    faster = hasten(problem, solution)
    small = pocket(problem, faster, demand)
    if reach(small.problem)[0] == 0:
        return None
    part = solve(small.problem, time_limit_s=POCKET_S, workers=1)
    better = join(problem, faster, small, part)
    ensure(problem, better)
    return _compare(problem, solution, better, demand)


def hasten(problem: DispatchProblem, solution: DispatchSolution) -> DispatchSolution:
    """Let everyone take the fastest of his ways, the cheaper of equals, that needs no lift.

    Who rides or flies, or would lose his vehicles, keeps his way.
    """
    uses, own = uses_by_option(problem), vehicles(problem)
    free = [option for option, use in enumerate(uses) if not use]
    best: dict[tuple[int, int], int] = {}
    for option in sorted(free, key=lambda o: _speed(problem, o)):
        if own[option]:
            best.setdefault(_pair(problem, option), option)
    taken = (
        option if uses[option] else best.get(_pair(problem, option), option)
        for option in solution.options
    )
    options = (
        new if _speed(problem, new)[:1] < _speed(problem, old)[:1] else old
        for old, new in zip(solution.options, taken, strict=True)
    )
    return replace(solution, options=tuple(sorted(options)))


def earliest(problem: DispatchProblem, solution: DispatchSolution, demand: int) -> int | None:
    """Return the least latest time by which as much is reached as by waiting for ever.

    It is found among the arrivals. None where waiting brings nothing.
    """
    latest_s = int(problem.demand_latest_s[demand])

    def most(moment_s: int) -> int:
        within = until(problem, demand, moment_s)
        return reach(pocket(within, solution, demand).problem)[0]

    arrivals = pocket(problem, solution, demand).problem.option_arrival_s
    moments = sorted({moment for moment in arrivals.tolist() if moment > latest_s})
    if not moments or (wanted := most(moments[-1])) <= most(latest_s):
        return None
    return int(moments[bisect_left(moments, wanted, key=most)])


def shortage(problem: DispatchProblem, solution: DispatchSolution, demand: int) -> int:
    """Return how many units of no one's are needed to meet a demand in full."""
    small = pocket(relax(problem, demand, ["minimum"]), solution, demand).problem
    return int(small.demand_quantity[0]) - reach(small)[0]


def _compare(
    problem: DispatchProblem, old: DispatchSolution, new: DispatchSolution, demand: int
) -> Gain:
    before, after = evaluate(problem, old), evaluate(problem, new)
    met, early = credits_of(problem, old)
    more_met, more_early = credits_of(problem, new)
    came, comes = _arrivals(problem, old), _arrivals(problem, new)
    teams = {int(problem.module_team[s.module]) for s in new.services if s.demand == demand}
    return Gain(
        solution=new,
        quantity=more_met[demand] - met[demand],
        by_target=more_early[demand] - early[demand],
        lacking=int(problem.demand_quantity[demand]) - more_met[demand],
        last_s=max(comes[team] for team in teams),
        met_by_target=after["met_by_target"] - before["met_by_target"],
        met=after["met"] - before["met"],
        sooner_s=sum(came[team] - comes[team] for team in came),
        cost_yuan=after["cost"] - before["cost"],
        teams=len(new.options) - len(old.options),
        floors=after["floors"] - before["floors"],
    )


def _arrivals(problem: DispatchProblem, solution: DispatchSolution) -> dict[int, int]:
    return {
        int(problem.option_team[option]): int(problem.option_arrival_s[option])
        for option in solution.options
    }


def _pair(problem: DispatchProblem, option: int) -> tuple[int, int]:
    return int(problem.option_team[option]), int(problem.option_incident[option])


def _speed(problem: DispatchProblem, option: int) -> tuple[int, int, int]:
    return int(problem.option_arrival_s[option]), int(problem.option_cost_yuan[option]), option
