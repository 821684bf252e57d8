"""Rules that a plan of whole teams keeps and one of fractions breaks.

If the teams of a cover can give a demand more than it wants, by an excess, then
whoever of them stays away leaves a hole, unless he gives less than the excess:
the credits of the cover and these holes together are no more than is wanted.
Teams outside it may be let in at what they give beyond that (flow cover
inequalities; M. W. Padberg, T. J. Van Roy and L. A. Wolsey,
doi:10.1287/opre.33.4.842; Z. Gu, G. L. Nemhauser and M. W. P. Savelsbergh,
doi:10.1023/A:1008727006216).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from dispatch.optimise.candidates import Candidates
from dispatch.optimise.problem import DispatchProblem, IntArray
from dispatch.optimise.program import FloatArray
from dispatch.optimise.rules import Rules

BROKEN: Final = 1e-3
"""A rule is worth having that is broken by so much of what the demand wants."""

NEARLY_MET: Final = 0.98
"""Only a demand is looked at that has so much of what it wants."""

LITTLE: Final = 1e-4
"""Whoever comes with a smaller part than this is not looked at."""

MORE: Final = 3
"""So many covers are tried in each order of the teams: the first, and longer ones."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Teams, each with a demand it could serve: the parts that a cover is made of.

    Parameters
    ----------
    demand : IntArray, shape (P,)
    most : FloatArray, shape (P,)
        What the team can give to the demand at most, by whichever way.
    rows : csr_array, shape (P, A)
        Candidates of each pair.
    ways : csr_array, shape (P, W)
        Options of each pair, of those that have candidates.
    """

    demand: IntArray
    most: FloatArray
    rows: csr_array
    ways: csr_array


@dataclass(frozen=True)
class _Cover:
    """Pairs of a demand, those of the cover first, with what each leaves if it stays away."""

    demand: int
    pair: IntArray
    hole: FloatArray
    most: float
    broken: float


def pairs(problem: DispatchProblem, arcs: Candidates) -> Pairs:
    """Tell who could give what to whom."""
    demands, count = len(problem.demand_id), len(arcs.demand)
    key, pair = np.unique(
        problem.option_team[arcs.option] * demands + arcs.demand, return_inverse=True
    )
    option, way = np.unique(arcs.option, return_inverse=True)
    rows = csr_array((np.ones(count), (pair, np.arange(count))), shape=(len(key), count))
    given = csr_array((arcs.most.astype(np.float64), (pair, way)), shape=(len(key), len(option)))
    given.sum_duplicates()
    demand = key % max(demands, 1)
    most: FloatArray = np.zeros(len(key))
    np.maximum.at(most, np.repeat(np.arange(len(key)), np.diff(given.indptr)), given.data)
    ways = csr_array((np.ones(given.nnz), given.indices, given.indptr), shape=given.shape)
    return Pairs(demand, np.minimum(most, problem.demand_quantity[demand]), rows, ways)


def covers(problem: DispatchProblem, parts: Pairs, credit: FloatArray, taken: FloatArray) -> Rules:
    """Return rules that a plan in fractions breaks, one for each demand at most.

    Parameters
    ----------
    problem : DispatchProblem
    parts : Pairs
    credit : FloatArray, shape (A,)
    taken : FloatArray, shape (W,)
        How far each option is taken.
    """
    given, come = parts.rows @ credit, parts.ways @ taken
    found = list(_broken(problem, parts, given, come))
    count = len(found)
    at = np.repeat(np.arange(count), [len(each.pair) for each in found])
    pair = np.concatenate([np.zeros(0, np.int64), *(each.pair for each in found)])
    hole = np.concatenate([np.zeros(0), *(each.hole for each in found)])
    shape = (count, len(parts.demand))
    return Rules(
        np.array([each.demand for each in found], np.int64),
        csr_array((np.ones(len(pair)), (at, pair)), shape=shape) @ parts.rows,
        csr_array((-hole, (at, pair)), shape=shape) @ parts.ways,
        np.array([each.most for each in found]),
    )


def _broken(
    problem: DispatchProblem, parts: Pairs, given: FloatArray, come: FloatArray
) -> Iterator[_Cover]:
    """Yield for each demand the rule that is broken by most, if one is by enough."""
    order = np.flatnonzero(come > LITTLE)
    order = order[np.argsort(parts.demand[order], kind="stable")]
    demands = np.arange(len(problem.demand_id))
    first = np.searchsorted(parts.demand[order], demands)
    last = np.searchsorted(parts.demand[order], demands, side="right")
    for demand, wanted in enumerate(problem.demand_quantity.tolist()):
        here = order[first[demand] : last[demand]]
        if given[here].sum() < NEARLY_MET * wanted:
            continue
        found = _covers_of(demand, wanted, here, parts.most[here], given[here], come[here])
        worst = max(found, key=lambda each: each.broken, default=None)
        if worst is not None and worst.broken > BROKEN * wanted:
            yield worst


def _covers_of(
    demand: int, wanted: int, pair: IntArray, most: FloatArray, given: FloatArray, come: FloatArray
) -> Iterator[_Cover]:
    """Yield covers of those who come most surely, at the greatest or least expense."""
    for key in (-come, -come * most, (1 - come) / most, -given / most):
        order = np.argsort(key, kind="stable")
        total = np.cumsum(most[order])
        least = int(np.searchsorted(total, wanted, side="right"))
        for size in range(least + 1, min(least + 1 + MORE, len(order) + 1)):
            excess, largest = total[size - 1] - wanted, most[order[:size]].max()
            if not 0 < excess < largest:
                continue
            ins, outs = order[:size], order[size:]
            hole = np.maximum(most[ins] - excess, 0)
            let_in = np.maximum(most[outs], largest) - excess
            more = given[outs] - let_in * come[outs]
            outs, let_in = outs[more > 0], let_in[more > 0]
            broken = (given[ins] + hole * (1 - come[ins])).sum() + more[more > 0].sum() - wanted
            yield _Cover(
                demand,
                pair[np.concatenate((ins, outs))],
                np.concatenate((hole, let_in)),
                wanted - float(hole.sum()),
                float(broken),
            )
