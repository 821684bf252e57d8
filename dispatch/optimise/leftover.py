"""What a plan leaves free for one of its demands: units, hands, ways, and room in the lifts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from dispatch.optimise.lift import Use, fits
from dispatch.optimise.problem import DispatchProblem, DispatchSolution, IntArray, Service


@dataclass(frozen=True, eq=False)
class Leftover:
    """Rows are those of the whole problem.

    Parameters
    ----------
    lacking, minimum : int
        What the demand still lacks, and how much of it is needed to be of use.
    modules, units : IntArray
        Modules that could work for the demand, and how many units they have left.
    hands : IntArray, shape (T,)
        Members of each team that are left.
    busy : dict of team to option
        Who has work, and by which way he goes to it.
    here : dict of team to option
        Those of them whose work is at the incident of the demand.
    options : IntArray
        Ways to the incident: those by which the ones here come, and all of
        those who have no work, as far as the lifts have room for each.
    uses : list of list of Use
        What each option uses, of the lifts as they are left; nothing for those here.
    lift_id : tuple of str
    lift_capacity : list of int
        The lifts as they are left: one for each piece of time in which as much is booked.
    """

    lacking: int
    minimum: int
    modules: IntArray
    units: IntArray
    hands: IntArray
    busy: dict[int, int]
    here: dict[int, int]
    options: IntArray
    uses: list[list[Use]]
    lift_id: tuple[str, ...]
    lift_capacity: list[int]


def leftover(
    problem: DispatchProblem,
    solution: DispatchSolution,
    demand: int,
    freed: Collection[int] = (),
    *,
    split: bool = False,
) -> Leftover:
    """Look what is left for a demand; ``freed`` and ``split`` as in :func:`pocket.pocket`."""
    kept = [s for s in solution.services if s.demand == demand or s.demand not in freed]
    working = {int(problem.module_team[service.module]) for service in kept}
    sent = {int(problem.option_team[option]): option for option in solution.options}
    busy = {team: option for team, option in sent.items() if team in working}
    incident = int(problem.demand_incident[demand])
    here = {team: o for team, o in busy.items() if problem.option_incident[o] == incident}
    modules, units, hands = _at_work(problem, kept, here, demand)
    uses = _uses(problem)
    rest = _Rest(problem, [use for option in busy.values() for use in uses.get(option, ())])
    able = set(problem.module_team[modules].tolist())
    away = busy.keys() - here if not split else set[int]()
    free = [
        option
        for option in np.flatnonzero(problem.option_incident == incident).tolist()
        if (team := int(problem.option_team[option])) in able
        and team not in here
        and team not in away
        and fits(problem.lift_capacity, rest.booked, uses.get(option, ()))
    ]
    came = {option for team, option in here.items() if team in able}
    options = sorted({*free, *came})
    met = sum(service.quantity for service in kept if service.demand == demand)
    return Leftover(
        lacking=int(problem.demand_quantity[demand]) - met,
        minimum=max(0, int(problem.demand_minimum[demand]) - met),
        modules=modules,
        units=units,
        hands=hands,
        busy=busy,
        here=here,
        options=ints(options),
        uses=[[] if option in came else rest.pieces(uses.get(option, ())) for option in options],
        lift_id=tuple(rest.names),
        lift_capacity=rest.capacity,
    )


@lru_cache(maxsize=4)
def _uses(problem: DispatchProblem) -> dict[int, list[Use]]:
    """Return the uses of the options that have any; they are asked for again and again."""
    columns = (
        problem.use_option,
        problem.use_lift,
        problem.use_from_s,
        problem.use_until_s,
        problem.use_quantity,
    )
    uses: dict[int, list[Use]] = {}
    for option, *use in zip(*(column.tolist() for column in columns), strict=True):
        uses.setdefault(option, []).append(Use(*use))
    return uses


def _at_work(
    problem: DispatchProblem, services: Iterable[Service], here: Collection[int], demand: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Return the modules with something left for the demand, their units, and all teams' hands."""
    units, hands = problem.module_units.copy(), problem.personnel.copy()
    for service in services:
        team = int(problem.module_team[service.module])
        if team in here:
            units[service.module] -= service.units
            hands[team] -= service.units * problem.module_members[service.module]
    capability = problem.demand_capability[demand]
    modules = ints(
        module
        for module, code in enumerate(problem.module_capability)
        if code == capability and units[module] > 0
    )
    return modules, units[modules], hands


class _Rest:
    """The lifts with uses booked, cut at the moments where what is booked changes."""

    def __init__(self, problem: DispatchProblem, booked: Sequence[Use]) -> None:
        self.booked = booked
        self.names: list[str] = []
        self.capacity: list[int] = []
        self._moments: list[list[int]] = []
        self._first: list[int] = []
        for lift, name in enumerate(problem.lift_id):
            mine = [use for use in booked if use.lift == lift]
            moments = sorted({moment for use in mine for moment in (use.from_s, use.until_s)})
            self._moments.append(moments)
            self._first.append(len(self.names))
            for piece, start in enumerate([-1, *moments]):
                taken = sum(use.quantity for use in mine if use.from_s <= start < use.until_s)
                self.names.append(f"{name} {piece}")
                self.capacity.append(int(problem.lift_capacity[lift]) - taken)

    def pieces(self, uses: Iterable[Use]) -> list[Use]:
        """Cut uses, and name the lifts as they are left."""
        return [piece for use in uses for piece in self._cut(use)]

    def _cut(self, use: Use) -> list[Use]:
        moments = self._moments[use.lift]
        inner = moments[bisect_right(moments, use.from_s) : bisect_left(moments, use.until_s)]
        return [
            Use(self._first[use.lift] + bisect_right(moments, start), start, end, use.quantity)
            for start, end in pairwise([use.from_s, *inner, use.until_s])
        ]


def ints(values: Iterable[int]) -> IntArray:
    """Return whole numbers as an array."""
    return np.array(list(values), np.int64)
