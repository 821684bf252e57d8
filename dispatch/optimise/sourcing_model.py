"""The sourcing problem as a time-expanded network flow in sparse arrays.

A node is a site, an item and a day; the columns are flows along its arcs:
lots shipped, held overnight, bought, and handed out. What couples the items
are only the slots of the fleets, the budget and the shares of the claims.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing import (
    WHOLE,
    Claims,
    Purchase,
    Serving,
    Shipment,
    SourcingProblem,
    SourcingSolution,
    claims,
    lane_costs,
    loads,
    points,
    share_stage,
    slots,
)
from dispatch.optimise.sourcing_network import Columns, Network, network
from dispatch.optimise.sourcing_rows import FloatArray, Rows

HELD_BY_ROW: Final = ("served", "lateness", "floors")


@dataclass(frozen=True, eq=False)
class Flow:
    """Minimise or maximise ``objectives[name] @ x`` with ``low <= matrix @ x <= high``.

    Columns are whole numbers from 0 to ``upper``. A plan that does nothing
    keeps all rules.

    Parameters
    ----------
    problem : SourcingProblem
    columns : Columns
    nodes : int
        Number of nodes; the first rows are their balances.
    matrix : csr_array, shape (rows, columns), of whole numbers
    low, high : FloatArray, shape (rows,)
        Minus or plus infinity where there is none.
    upper : FloatArray, shape (columns,)
    row_day : IntArray, shape (rows,)
        Last day of which a row speaks; the length of the horizon if of all.
    claims : Claims
    claim_rows : IntArray, shape (C,)
        Row of each claim with a portion, -1 for the others: it says
        ``100 * served - portion * share >= 0``.
    need_rows : IntArray, shape (N,)
        Row that limits what a need is served with on several days, -1 for others.
    stage_rows : dict of stage name to int
        Rows without bounds that hold the objectives of all stages but those
        of the shares and the last.
    objectives : dict of stage name to FloatArray
        Whole coefficients.
    """

    problem: SourcingProblem
    columns: Columns
    nodes: int
    matrix: csr_array
    low: FloatArray
    high: FloatArray
    upper: FloatArray
    row_day: IntArray
    claims: Claims
    claim_rows: IntArray
    need_rows: IntArray
    stage_rows: dict[str, int]
    objectives: dict[str, FloatArray]

    @property
    def share_stages(self) -> list[str]:
        """Names of the stages that raise the worst share."""
        return [share_stage(weight) for weight in self.columns.share.tolist()]

    @property
    def items(self) -> IntArray:
        """Item of each column, -1 for those of the shares."""
        problem, columns = self.problem, self.columns
        blocks = (
            columns.ship[1],
            columns.hold[0],
            problem.source_item[columns.buy],
            problem.need_item[columns.serve[0]],
            problem.floor_item[columns.miss[0]],
            np.full(len(columns.share), -1),
        )
        return np.concatenate(blocks)


def flow(problem: SourcingProblem) -> Flow:
    """State every rule of a problem and its objectives."""
    net = network(problem)
    columns = net.columns
    rows = Rows(columns.starts[-1], problem.days)
    _balance(rows, problem, net)
    need_rows = _limit_needs(rows, columns, problem)
    _limit_fleets(rows, columns, problem)
    _limit_budget(rows, columns, problem)
    claim = claims(problem)
    claim_rows = _count_shares(rows, columns, claim)
    _count_missing(rows, columns, problem)
    objectives = _objectives(problem, columns)
    stage_rows = {name: _state(rows, objectives[name]) for name in HELD_BY_ROW}
    matrix, low, high = rows.matrix()
    upper = _upper(problem, columns)
    return Flow(
        problem=problem,
        columns=columns,
        nodes=net.size,
        matrix=matrix,
        low=low,
        high=high,
        upper=upper,
        row_day=np.concatenate(rows.day),
        claims=claim,
        claim_rows=claim_rows,
        need_rows=need_rows,
        stage_rows=stage_rows,
        objectives=objectives,
    )


def read(model: Flow, x: IntArray) -> SourcingSolution:
    """Return the plan that whole values of the columns say, without stages."""
    starts = model.columns.starts
    ship, _hold, buy, serve = (x[a:b] for a, b in pairwise(starts[:5]))
    columns = model.columns
    shipments = [
        Shipment(lane, item, day, lots) for lane, item, day, lots in _positive(columns.ship, ship)
    ]
    return SourcingSolution(
        tuple(sorted(shipments, key=lambda s: (s.lane, s.item, s.day))),
        tuple(Purchase(source, lots) for source, lots in _positive(columns.buy[None], buy)),
        tuple(Serving(need, day, lots) for need, day, lots in _positive(columns.serve, serve)),
    )


def _positive(arcs: IntArray, lots: IntArray) -> list[list[int]]:
    """Return rows of what an arc stands for, with its lots, where there are any."""
    moved = np.flatnonzero(lots)
    rows: list[list[int]] = np.vstack((arcs[:, moved], lots[moved])).T.tolist()
    return rows


def _balance(rows: Rows, problem: SourcingProblem, net: Network) -> None:
    """Let no more leave a node than comes to it, or comes into being there for nothing."""
    node, columns, starts = net.node, net.columns, net.columns.starts
    supply = np.zeros(net.size, np.int64)
    free = np.flatnonzero(problem.source_bought == 0)
    at = node[problem.source_item[free], problem.source_site[free], problem.source_day[free]]
    np.add.at(supply, at[at >= 0], problem.source_lots[free][at >= 0])
    lane, item, day = columns.ship
    shipped = starts[0] + np.arange(len(lane))
    h_item, h_site, h_day = columns.hold
    held = starts[1] + np.arange(len(h_day))
    morning = node[h_item, h_site, np.minimum(h_day + 1, problem.days - 1)]
    goes_on = (h_day < problem.days - 1) & (morning >= 0)
    buy = columns.buy
    sold = node[problem.source_item[buy], problem.source_site[buy], problem.source_day[buy]]
    need, served = columns.serve
    used = node[problem.need_item[need], problem.need_site[need], served]
    rows.add(
        np.full(net.size, -np.inf),
        supply,
        (node[item, problem.lane_from[lane], day], shipped, 1),
        (node[item, problem.lane_to[lane], day + problem.lane_days[lane]], shipped, -1),
        (node[h_item, h_site, h_day], held, 1),
        (morning[goes_on], held[goes_on], -1),
        (sold, starts[2] + np.arange(len(buy)), -1),
        (used, starts[3] + np.arange(len(need)), 1),
        day=_last_days(net),
    )


def _last_days(net: Network) -> IntArray:
    last = np.zeros(net.size, np.int64)
    _item, _site, day = np.nonzero(net.node >= 0)
    np.maximum.at(last, net.node[net.node >= 0], day)
    return last


def _limit_needs(rows: Rows, columns: Columns, problem: SourcingProblem) -> IntArray:
    need = columns.serve[0]
    several = np.flatnonzero(np.bincount(need, minlength=len(problem.need_id)) > 1)
    place = np.full(len(problem.need_id), -1, np.int64)
    place[several] = np.arange(len(several))
    entry = np.flatnonzero(place[need] >= 0)
    limit = problem.need_lots[several]
    at = columns.starts[3] + entry
    place[several] = rows.add(
        np.full(len(limit), -np.inf),
        limit,
        (place[need[entry]], at, 1),
        day=problem.need_latest[several],
    )
    return place


def _limit_fleets(rows: Rows, columns: Columns, problem: SourcingProblem) -> None:
    lane, item, day = columns.ship
    capacity = slots(problem)
    load = loads(problem)[item]
    fleet = problem.lane_fleet[lane]
    terms = []
    for ahead in range(int(problem.lane_away.max(initial=0))):
        out = np.flatnonzero(
            (fleet >= 0) & (problem.lane_away[lane] > ahead) & (day + ahead < problem.days)
        )
        terms.append((fleet[out] * problem.days + day[out] + ahead, out, load[out]))
    rows.add(
        np.full(capacity.size, -np.inf),
        capacity.ravel(),
        *terms,
        day=np.tile(np.arange(problem.days), len(capacity)),
    )


def _limit_budget(rows: Rows, columns: Columns, problem: SourcingProblem) -> None:
    if problem.budget_yuan is None:
        return
    price = problem.source_yuan[columns.buy]
    at = columns.starts[2] + np.arange(len(price))
    rows.add(
        np.array([-np.inf]),
        np.array([float(problem.budget_yuan)]),
        (np.zeros(len(price), np.int64), at, price),
    )


def _count_shares(rows: Rows, columns: Columns, claim: Claims) -> IntArray:
    counted = np.flatnonzero(claim.portion > 0)
    place = np.full(len(claim.portion), -1, np.int64)
    place[counted] = np.arange(len(counted))
    of = place[claim.of_need[columns.serve[0]]]
    entry = np.flatnonzero(of >= 0)
    rank = {weight: row for row, weight in enumerate(columns.share.tolist())}
    share = columns.starts[5] + np.array(
        [rank[weight] for weight in claim.weight[counted].tolist()], np.int64
    )
    numbers = rows.add(
        np.zeros(len(counted)),
        np.full(len(counted), np.inf),
        (of[entry], columns.starts[3] + entry, WHOLE),
        (np.arange(len(counted)), share, -claim.portion[counted]),
    )
    place[counted] = numbers
    return place


def _count_missing(rows: Rows, columns: Columns, problem: SourcingProblem) -> None:
    floor, day = columns.miss
    number = np.full((len(problem.item_id), len(problem.site_id), problem.days), -1, np.int64)
    number[*columns.hold] = columns.starts[1] + np.arange(columns.hold.shape[1])
    held = number[problem.floor_item[floor], problem.floor_site[floor], day]
    there = np.flatnonzero(held >= 0)
    rows.add(
        problem.floor_lots[floor],
        np.full(len(floor), np.inf),
        (np.arange(len(floor)), columns.starts[4] + np.arange(len(floor)), 1),
        (there, held[there], 1),
        day=day,
    )


def _state(rows: Rows, objective: FloatArray) -> int:
    at = np.flatnonzero(objective)
    value = np.rint(objective[at]).astype(np.int64)
    free = np.array([np.inf])
    return int(rows.add(-free, free, (np.zeros(len(at), np.int64), at, value))[0])


def _upper(problem: SourcingProblem, columns: Columns) -> FloatArray:
    """Return most that a column can be, so that a bound can be proved whatever the duals."""
    total = np.zeros(len(problem.item_id), np.int64)
    np.add.at(total, problem.source_item, problem.source_lots)
    lane, item, day = columns.ship
    fleet = problem.lane_fleet[lane]
    carried = total[item]
    own = fleet >= 0
    capacity = slots(problem)[fleet[own], day[own]] // loads(problem)[item[own]]
    carried[own] = np.minimum(carried[own], capacity)
    need = columns.serve[0]
    blocks = (
        carried,
        total[columns.hold[0]],
        problem.source_lots[columns.buy],
        np.minimum(problem.need_lots[need], total[problem.need_item[need]]),
        problem.floor_lots[columns.miss[0]],
        np.full(len(columns.share), WHOLE),
    )
    return np.concatenate(blocks).astype(np.float64)


def _objectives(problem: SourcingProblem, columns: Columns) -> dict[str, FloatArray]:
    starts = columns.starts
    need, day = columns.serve
    lane, item, _day = columns.ship
    worth = points(problem)[need]

    def objective(*terms: tuple[int, IntArray]) -> FloatArray:
        values = np.zeros(starts[-1])
        for start, block in terms:
            values[start : start + len(block)] = block
        return values

    shares = {
        share_stage(weight): objective((starts[5] + row, np.ones(1, np.int64)))
        for row, weight in enumerate(columns.share.tolist())
    }
    return {
        **shares,
        "served": objective((starts[3], worth)),
        "lateness": objective((starts[3], worth * (day - problem.need_due[need]))),
        "floors": objective((starts[4], np.ones(columns.miss.shape[1], np.int64))),
        "cost": objective(
            (starts[0], lane_costs(problem)[lane, item]),
            (starts[2], problem.source_yuan[columns.buy]),
        ),
    }
