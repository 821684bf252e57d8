"""What a sourcing plan leaves over: lots that nobody moves, room in fleets, offers, money."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing import OWN_CARRIER, SourcingProblem, SourcingSolution, loads, slots
from dispatch.optimise.sourcing_check import spent_yuan, stock_by_day


@dataclass(frozen=True, eq=False)
class Leftover:
    """What could be used besides a plan without disturbing it.

    Parameters
    ----------
    lots : IntArray, shape (S, I, T)
        Lots at each site that may be taken from that day on; no later part of
        the plan needs them.
    room : IntArray, shape (F, T)
        Slots that each fleet has left.
    unsold : IntArray, shape (G,)
        Lots of each offer that are not bought, 0 for what is not for sale.
    yuan : int or None
        What is left of the budget, None where there is none.
    """

    lots: IntArray
    room: IntArray
    unsold: IntArray
    yuan: int | None


def leftover(problem: SourcingProblem, solution: SourcingSolution) -> Leftover:
    """Return what a plan that keeps all rules leaves over."""
    level = np.zeros((len(problem.site_id), len(problem.item_id), problem.days), np.int64)
    for (site, item), levels in stock_by_day(problem, solution).items():
        level[site, item] = levels
    lots = np.minimum.accumulate(level[:, :, ::-1], axis=2)[:, :, ::-1]
    unsold = problem.source_lots * problem.source_bought
    for purchase in solution.purchases:
        unsold[purchase.source] -= purchase.lots
    budget = problem.budget_yuan
    yuan = None if budget is None else budget - spent_yuan(problem, solution)
    return Leftover(lots, slots(problem) - slots_used(problem, solution), unsold, yuan)


def slots_used(problem: SourcingProblem, solution: SourcingSolution) -> IntArray:
    """Return the slots that a plan keeps busy, shape (F, T)."""
    used = np.zeros((len(problem.fleet_id), problem.days), np.int64)
    load = loads(problem)
    for shipment in solution.shipments:
        fleet = int(problem.lane_fleet[shipment.lane])
        if fleet != OWN_CARRIER:
            end = shipment.day + int(problem.lane_away[shipment.lane])
            used[fleet, shipment.day : end] += load[shipment.item] * shipment.lots
    return used
