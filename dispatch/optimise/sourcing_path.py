"""The cheapest way to bring one more lot to a site, with what a plan leaves over."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing import OWN_CARRIER, SourcingProblem, loads
from dispatch.optimise.sourcing_leftover import Leftover

TIME: Final = "time"
VEHICLES: Final = "vehicles"
MONEY: Final = "money"
OFFERS: Final = "offers"
KINDS: Final = (TIME, VEHICLES, MONEY, OFFERS)
"""What a shortage may be due to; each can be waived."""

_STOCK: Final = -1
_ON_THE_WAY: Final = -2

_Place = tuple[int, int]
"""Site and day."""


@dataclass(frozen=True)
class Path:
    """How lots reach a site.

    Parameters
    ----------
    site, day : int
        Where they begin, and from which day on they can leave.
    source : int or None
        Offer that is bought, None where they lie there already.
    steps : tuple of (lane, day of departure)
    arrives : int
        Day on which they are at their destination.
    yuan : int
        For one lot, with its price.
    """

    site: int
    day: int
    source: int | None
    steps: tuple[tuple[int, int], ...]
    arrives: int
    yuan: int


def cheapest(
    problem: SourcingProblem,
    left: Leftover,
    item: int,
    site: int,
    by: int,
    waived: Collection[str] = (),
) -> Path | None:
    """Return the cheapest way for one lot to be at a site by a day, None where there is none.

    Parameters
    ----------
    problem : SourcingProblem
    left : Leftover
    item, site, by : int
    waived : collection of {"vehicles", "money", "offers"}
        Limits that do not count: room of fleets, budget, lots of offers.
    """
    lanes = _lanes_into(problem)
    load = int(loads(problem)[item])
    onward: dict[_Place, tuple[int, int, _Place] | None] = {}
    heap: list[tuple[int, int, int, int, tuple[int, int, _Place] | None]] = []
    heappush(heap, (0, -by, site, _ON_THE_WAY, None))
    while heap:
        yuan, minus_day, at, origin, step = heappop(heap)
        here = at, -minus_day
        if origin != _ON_THE_WAY:
            return _path(problem, here, origin, onward, yuan)
        if here in onward:
            continue
        onward[here] = step
        for price, found in _origins(problem, left, item, here, waived):
            heappush(heap, (yuan + price, minus_day, at, found, None))
        if here[1] > 0:
            heappush(heap, (yuan, minus_day + 1, at, _ON_THE_WAY, (-1, here[1] - 1, here)))
        for lane in lanes.get(at, ()):
            leaves = here[1] - int(problem.lane_days[lane])
            if not problem.lane_opens[lane] <= leaves <= problem.lane_closes[lane] or leaves < 0:
                continue
            if VEHICLES in waived or room(problem, left.room, lane, leaves) >= load:
                more = yuan + int(problem.lane_yuan[lane]) * load
                start = int(problem.lane_from[lane])
                heappush(heap, (more, -leaves, start, _ON_THE_WAY, (lane, leaves, here)))
    return None


def room(problem: SourcingProblem, left: IntArray, lane: int, day: int) -> float:
    """Return the slots that a lane's fleet has left for the days it would be away."""
    fleet = int(problem.lane_fleet[lane])
    if fleet == OWN_CARRIER:
        return float("inf")
    return float(left[fleet, day : day + int(problem.lane_away[lane])].min())


def _lanes_into(problem: SourcingProblem) -> dict[int, list[int]]:
    into: dict[int, list[int]] = {}
    for lane, site in enumerate(problem.lane_to.tolist()):
        into.setdefault(site, []).append(lane)
    return into


def _origins(
    problem: SourcingProblem, left: Leftover, item: int, here: _Place, waived: Collection[str]
) -> Iterator[tuple[int, int]]:
    """Yield price and origin of lots that a site has or sells by a day."""
    site, day = here
    if left.lots[site, item, day] > 0:
        yield 0, _STOCK
    at_hand = (problem.source_site == site) & (problem.source_item == item)
    at_hand &= (problem.source_day <= day) & (problem.source_bought == 1)
    for source in at_hand.nonzero()[0].tolist():
        price = int(problem.source_yuan[source])
        affordable = MONEY in waived or left.yuan is None or price <= left.yuan
        some = left.unsold[source] > 0 or OFFERS in waived
        if affordable and some and problem.source_lots[source] > 0:
            yield price, source


def _path(
    problem: SourcingProblem,
    start: _Place,
    origin: int,
    onward: dict[_Place, tuple[int, int, _Place] | None],
    yuan: int,
) -> Path:
    steps, arrives = [], start[1]
    step = onward[start]
    while step is not None:
        lane, day, there = step
        if lane >= 0:
            steps.append((lane, day))
            arrives = day + int(problem.lane_days[lane])
        step = onward[there]
    source = None if origin == _STOCK else origin
    return Path(start[0], start[1], source, tuple(steps), arrives, yuan)
