"""The worst shares if every lane had its fleet to itself: what stock, offers and days allow.

Then items have nothing to do with each other, nor lanes, and without a budget
what claims can have is a maximum flow, in whole lots (OR-Tools: push-relabel by
A. V. Goldberg and R. E. Tarjan, doi:10.1145/48014.61051).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ortools.graph.python import max_flow
from scipy.sparse import coo_array

from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing import WHOLE
from dispatch.optimise.sourcing_model import Flow


def levels_alone(model: Flow, names: Sequence[str]) -> dict[str, int]:
    """Return a level for each stage of shares, one after the other, that no plan exceeds.

    A level holds for plans that have those of the stages before.
    """
    ways, asked = _Ways(model), np.zeros(len(model.claim_rows), np.int64)
    levels = dict[str, int]()
    for name in names:
        claim = claims_of(model, name)
        low, high = 0, WHOLE + 1  # the first can be had, the other can't
        level = WHOLE
        while high - low > 1:
            asked[claim] = lots_of(model, claim, level)
            low, high = (level, high) if ways.suffice(asked) else (low, level)
            level = (low + high) // 2
        asked[claim] = lots_of(model, claim, low)
        levels[name] = low
    return levels


def claims_of(model: Flow, name: str) -> IntArray:
    """Return the claims of a stage of shares that have a portion."""
    weight = model.columns.share[model.share_stages.index(name)]
    return np.flatnonzero((model.claim_rows >= 0) & (model.claims.weight == weight))


def lots_of(model: Flow, claim: IntArray, share: int) -> IntArray:
    """Return the lots that a share of the portion of claims is, rounded up."""
    whole: IntArray = -(-model.claims.portion[claim] * share // WHOLE)
    return whole


class _Ways:
    """All ways of lots from where they come into being to the claims, as arcs.

    Nodes are those of the network, then needs, claims, an origin and an end.
    """

    def __init__(self, model: Flow) -> None:
        problem, starts = model.problem, model.columns.starts
        needs = model.nodes + np.arange(len(problem.need_id))
        self.claims = model.nodes + len(needs) + np.arange(len(model.claim_rows))
        origin = int(model.nodes + len(needs) + len(self.claims))
        self.end = origin + 1
        tail, head = np.full(starts[-1], -1), np.full(starts[-1], -1)
        balance = coo_array(model.matrix[: model.nodes])
        leaves = balance.data > 0
        tail[balance.col[leaves]] = balance.row[leaves]
        head[balance.col[~leaves]] = balance.row[~leaves]
        tail[starts[2] : starts[3]] = origin
        head[starts[3] : starts[4]] = needs[model.columns.serve[0]]
        whole = np.flatnonzero((tail >= 0) & (head >= 0))
        own = np.flatnonzero(model.high[: model.nodes] > 0)
        self.tail = np.concatenate((tail[whole], np.full(len(own), origin), needs))
        of_need = self.claims[model.claims.of_need]
        self.head = np.concatenate((head[whole], own, of_need))
        most = np.concatenate((model.upper[whole], model.high[own], problem.need_lots))
        self.most = np.rint(most).astype(np.int64)
        self.origin = origin

    def suffice(self, asked: IntArray) -> bool:
        """Say whether all claims can have the lots asked for."""
        flow = max_flow.SimpleMaxFlow()
        flow.add_arcs_with_capacity(self.tail, self.head, self.most)
        flow.add_arcs_with_capacity(self.claims, np.full(len(asked), self.end), asked)
        solved = flow.solve(self.origin, self.end) == flow.OPTIMAL
        return not solved or flow.optimal_flow() == int(asked.sum())  # no bound without proof
