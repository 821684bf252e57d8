"""Rules that bind teams together, each of which can be given up at a price.

No demand takes more than it wants; that is the first rule of each demand.
Further ones, which whole teams keep anyway and fractions of teams do not, make
what the prices prove tighter (see :mod:`dispatch.optimise.cover`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, vstack

from dispatch.optimise.candidates import Candidates
from dispatch.optimise.problem import BoolArray, DispatchProblem, IntArray
from dispatch.optimise.program import FloatArray


@dataclass(frozen=True, eq=False)
class Rules:
    """``on_credit @ credit + on_way @ taken <= most``, whatever plan is made.

    Parameters
    ----------
    demand : IntArray, shape (R,)
        The demand that each rule is about.
    on_credit : csr_array, shape (R, A)
        By candidates.
    on_way : csr_array, shape (R, W)
        By the options that have candidates, ascending.
    most : FloatArray, shape (R,)
    """

    demand: IntArray
    on_credit: csr_array
    on_way: csr_array
    most: FloatArray

    def use(self, credit: FloatArray, taken: FloatArray) -> FloatArray:
        """Return the left side of each rule, shape (R,)."""
        return np.asarray(self.on_credit @ credit + self.on_way @ taken, np.float64)

    def cut(self, rows: IntArray, ways: IntArray) -> Rules:
        """Return the same rules for some of the candidates and ways only."""
        return Rules(self.demand, self.on_credit[:, rows], self.on_way[:, ways], self.most)

    def kept(self, which: BoolArray) -> Rules:
        """Return some of the rules."""
        return Rules(
            self.demand[which], self.on_credit[which], self.on_way[which], self.most[which]
        )

    def joined(self, more: Rules) -> Rules:
        """Return these rules, then more of them."""
        return Rules(
            np.concatenate((self.demand, more.demand)),
            vstack((self.on_credit, more.on_credit), format="csr"),
            vstack((self.on_way, more.on_way), format="csr"),
            np.concatenate((self.most, more.most)),
        )


def enough(problem: DispatchProblem, arcs: Candidates) -> Rules:
    """Return the first rule of each demand: it takes no more than it wants."""
    demands, rows = len(problem.demand_id), len(arcs.demand)
    own = csr_array((np.ones(rows), (arcs.demand, np.arange(rows))), shape=(demands, rows))
    none = csr_array((demands, len(np.unique(arcs.option))))
    wanted = problem.demand_quantity.astype(np.float64)
    return Rules(np.arange(demands), own, none, wanted)
