"""The arcs of the sourcing problem: where lots can be, go, wait and be handed out.

Nodes are items at a site over days. Days between which nothing can come are
one node, since what lies there on one of them lies there on all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing import SourcingProblem, present, usable, weights

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Columns:
    """What each column of the programme stands for, block by block.

    Parameters
    ----------
    ship : IntArray, shape (3, X)
        Lane, item and day of departure.
    hold : IntArray, shape (3, H)
        Item, site and day at whose end the lots lie there.
    buy : IntArray, shape (B,)
        Sources for sale.
    serve : IntArray, shape (2, Y)
        Need and day.
    miss : IntArray, shape (2, M)
        Floor and day; lots missing.
    share : IntArray, shape (W,)
        Weights; hundredths that every claim is served with.
    """

    ship: IntArray
    hold: IntArray
    buy: IntArray
    serve: IntArray
    miss: IntArray
    share: IntArray

    @property
    def starts(self) -> list[int]:
        """First column of each block, and the number of all columns."""
        blocks = (self.ship, self.hold, self.buy, self.serve, self.miss, self.share)
        return [0, *np.cumsum([block.shape[-1] for block in blocks]).tolist()]


@dataclass(frozen=True, eq=False)
class Network:
    """The columns, and the node at which they begin and end.

    Parameters
    ----------
    columns : Columns
    node : IntArray, shape (I, S, T)
        Number of the node of an item at a site on a day; -1 where no lot could
        be, or none would be of use.
    """

    columns: Columns
    node: IntArray

    @property
    def size(self) -> int:
        """Number of nodes."""
        return int(self.node.max(initial=-1)) + 1


def network(problem: SourcingProblem) -> Network:
    """Lay out every arc that can be part of a best plan."""
    useful, kept = _useful(problem)
    there = present(problem)
    alive = there & useful
    ship = _shipments(problem, alive)
    node = _nodes(problem, alive, ship)
    for_sale = np.flatnonzero(problem.source_bought & (problem.source_lots > 0))
    at = problem.source_item, problem.source_site, problem.source_day
    floors, days = len(problem.floor_id), problem.days
    columns = Columns(
        ship=ship,
        hold=_overnight(problem, there & kept, node),
        buy=for_sale[alive[tuple(of[for_sale] for of in at)]],
        serve=_servings(problem, alive),
        miss=np.stack((np.repeat(np.arange(floors), days), np.tile(np.arange(days), floors))),
        share=np.array(weights(problem), np.int64),
    )
    return Network(columns, node)


def _useful(problem: SourcingProblem) -> tuple[BoolArray, BoolArray]:
    """Return where a lot could still serve, and where one may be kept overnight, (I, S, T) each.

    What lies where a need is due is handed out at once: keeping it for the same
    need is no better in any stage. So a lot is kept for needs due later, for a
    floor, and for lanes that leave later.
    """
    use = np.zeros((len(problem.item_id), len(problem.site_id), problem.days), np.bool_)
    kept = np.zeros_like(use)
    for need, latest in enumerate(problem.need_latest.tolist()):
        place = problem.need_item[need], problem.need_site[need]
        use[*place, : latest + 1] = True
        kept[*place, : problem.need_due[need]] = True
    use[problem.floor_item, problem.floor_site] = True
    kept[problem.floor_item, problem.floor_site] = True
    can_leave = usable(problem)
    for day in reversed(range(problem.days)):
        while True:
            before = int(use[:, :, : day + 1].sum())
            for lane in range(len(problem.lane_from)):
                arrival = day + int(problem.lane_days[lane])
                if arrival < problem.days:
                    goes = use[:, problem.lane_to[lane], arrival] & can_leave[lane, :, day]
                    use[:, problem.lane_from[lane], : day + 1] |= goes[:, None]
                    kept[:, problem.lane_from[lane], :day] |= goes[:, None]
            if int(use[:, :, : day + 1].sum()) == before:
                break
    return use, kept


def _shipments(problem: SourcingProblem, alive: BoolArray) -> IntArray:
    lane, item, day = np.nonzero(usable(problem))
    arrival = day + problem.lane_days[lane]
    goes = alive[item, problem.lane_from[lane], day] & alive[item, problem.lane_to[lane], arrival]
    ship: IntArray = np.stack((lane, item, day))[:, goes]
    return ship


def _servings(problem: SourcingProblem, alive: BoolArray) -> IntArray:
    serve = [
        (need, day)
        for need, (due, latest) in enumerate(
            zip(problem.need_due.tolist(), problem.need_latest.tolist(), strict=True)
        )
        for day in range(due, latest + 1)
        if alive[problem.need_item[need], problem.need_site[need], day]
    ]
    return np.array(serve, np.int64).reshape(-1, 2).T


def _nodes(problem: SourcingProblem, alive: BoolArray, ship: IntArray) -> IntArray:
    """Give nodes their numbers; one begins when lots come, and each day where a floor counts."""
    begins = np.zeros_like(alive)
    begins[problem.source_item, problem.source_site, problem.source_day] = True
    lane, item, day = ship
    begins[item, problem.lane_to[lane], day + problem.lane_days[lane]] = True
    begins[problem.floor_item, problem.floor_site] = True
    begins[:, :, 1:] |= ~alive[:, :, :-1]
    begins[:, :, 0] = True
    begins &= alive
    number = np.cumsum(begins).reshape(alive.shape) - 1
    node: IntArray = np.where(alive, number, -1)
    return node


def _overnight(problem: SourcingProblem, kept: BoolArray, node: IntArray) -> IntArray:
    """Return (item, site, day) where lots are held from one node to the next, or for a floor."""
    ends = np.zeros_like(kept)
    ends[:, :, :-1] = (node[:, :, 1:] >= 0) & (node[:, :, 1:] != node[:, :, :-1])
    ends[problem.floor_item, problem.floor_site] = True
    held: IntArray = np.stack(np.nonzero(kept & ends & (node >= 0)))
    return held
