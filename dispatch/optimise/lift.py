"""Shared lift: who uses an aircraft or a train's seats when, and who cannot use it together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dispatch.optimise.problem import DispatchProblem, IntArray


@dataclass(frozen=True, order=True)
class Use:
    """So much of a lift, at every moment from one until just before another."""

    lift: int
    from_s: int
    until_s: int
    quantity: int


@dataclass(frozen=True)
class Crowd:
    """Options that are on one lift at one moment: ``weight @ taken <= capacity``.

    Parameters
    ----------
    lift : int
    options, weight : tuple of int
        Options in ascending order, and what each uses at that moment.
    capacity : int
    """

    lift: int
    options: tuple[int, ...]
    weight: tuple[int, ...]
    capacity: int


def uses_by_option(problem: DispatchProblem) -> list[tuple[Use, ...]]:
    """Return the uses of each option in ascending order, length O."""
    uses: list[list[Use]] = [[] for _ in range(len(problem.option_team))]
    columns = (
        problem.use_option,
        problem.use_lift,
        problem.use_from_s,
        problem.use_until_s,
        problem.use_quantity,
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for option, *use in rows:
        uses[option].append(Use(*use))
    return [tuple(sorted(each)) for each in uses]


def fits(capacity: IntArray, booked: Sequence[Use], more: Sequence[Use]) -> bool:
    """Tell whether more can be used beside what is booked."""
    lifts = {use.lift for use in more}
    together = [use for use in (*booked, *more) if use.lift in lifts]
    # between two starts a load only falls, so the starts are all that has to be looked at
    return all(
        _load(together, start.lift, start.from_s) <= capacity[start.lift] for start in together
    )


def within(less: Sequence[Use], more: Sequence[Use]) -> bool:
    """Tell whether the first uses, at every moment, no more of any lift than the second."""
    for lift in {use.lift for use in less}:
        moments = {use.from_s for use in less if use.lift == lift}
        moments |= {use.until_s for use in more if use.lift == lift}
        if any(_load(less, lift, moment) > _load(more, lift, moment) for moment in moments):
            return False
    return True


def _load(uses: Iterable[Use], lift: int, moment: int) -> int:
    return sum(
        use.quantity for use in uses if use.lift == lift and use.from_s <= moment < use.until_s
    )


def crowds(problem: DispatchProblem, options: IntArray) -> list[Crowd]:
    """Return what keeps the lifts within their capacity at every moment.

    The uses of a lift are intervals. Those that share a moment are a clique of
    the interval graph, and the maximal cliques are those of the moments at
    which a use begins and before the next of which another one ends; keeping
    to the capacity there is keeping to it always. Cliques that even one way
    per team can't overload are left out.

    Parameters
    ----------
    problem : DispatchProblem
    options : IntArray
        The options that may be taken.
    """
    uses = uses_by_option(problem)
    by_lift: dict[int, list[tuple[Use, int]]] = defaultdict(list)
    for option in options.tolist():
        for use in uses[option]:
            if use.quantity:
                by_lift[use.lift].append((use, option))
    return [
        _crowd(lift, load, int(problem.lift_capacity[lift]))
        for lift, rows in sorted(by_lift.items())
        for load in _maximal(rows)
        if _heaviest(problem, load) > problem.lift_capacity[lift]
    ]


def _maximal(rows: list[tuple[Use, int]]) -> Iterable[dict[int, int]]:
    """Sweep the moments of one lift; yield the load by option wherever it cannot grow."""
    # at one moment what ends goes before what begins, as intervals are open at their end
    events = sorted(
        event
        for use, option in rows
        for event in ((use.from_s, 1, option, use.quantity), (use.until_s, 0, option, use.quantity))
    )
    load: dict[int, int] = {}
    grew = False
    for _moment, begins, option, quantity in events:
        if begins:
            load[option] = load.get(option, 0) + quantity
            grew = True
            continue
        if grew:
            yield dict(load)
            grew = False
        load[option] -= quantity
        if load[option] == 0:
            del load[option]


def _heaviest(problem: DispatchProblem, load: dict[int, int]) -> int:
    """Most that can be used at once, every team taking one way."""
    by_team: dict[int, int] = {}
    for option, quantity in load.items():
        team = int(problem.option_team[option])
        by_team[team] = max(by_team.get(team, 0), quantity)
    return sum(by_team.values())


def _crowd(lift: int, load: dict[int, int], capacity: int) -> Crowd:
    options, weight = zip(*sorted(load.items()), strict=True)
    if 2 * min(weight) > capacity:  # no two of them together: said more tightly
        return Crowd(lift, options, (1,) * len(options), 1)
    return Crowd(lift, options, weight, capacity)
