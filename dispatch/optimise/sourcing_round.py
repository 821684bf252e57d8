"""A whole plan near one of the relaxation, a few items after the others.

Items share only fleets and the budget. What the relaxation leaves of these to a
few items is rounded down, and their flows are solved in whole lots within it;
what they leave over goes to those after them (relax and fix; Y. Pochet and
L. A. Wolsey, doi:10.1007/0-387-33477-7). So a fleet loses less than a slot a
day, however many items there are. Then items whose claims fall short of their
level are solved once more with others, as long as there is time.
"""

from __future__ import annotations

import time
from typing import Any, Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack

from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing import WHOLE
from dispatch.optimise.sourcing_model import Flow
from dispatch.optimise.sourcing_relax import Box
from dispatch.optimise.sourcing_rows import FloatArray

_FEW: Final = 4
"""Items that are solved together at first."""

_GROUP: Final = 3
"""Items with whose help one falls less short of its claims."""

_SHORT: Final = 3.0
"""Worth of a lot that a claim is short of, as a part of the greatest of a lot served."""

_MOST_S: Final = 5.0
"""Seconds that some items may take."""

_NEARLY: Final = 1e-6
"""Part of a slot by which a whole one may be missed."""


def rounded(model: Flow, box: Box, near: Box, x: FloatArray) -> IntArray:
    """Return a whole plan near one of the relaxation.

    Parameters
    ----------
    model : Flow
    box : Box
        Holds the shares in lots. The plan keeps the rules of the model, but
        what the box asks for claims only as nearly as may be.
    near : Box
        Columns that must be nothing in it stay so.
    x : FloatArray, shape (columns,)
        Keeps the rules in this box too.
    """
    rounding = _Rounding(model, box)
    plan, order = np.where(model.items < 0, 0.0, x), rounding.lightest_first()
    for at in range(0, len(order), _FEW):
        items = order[at : at + _FEW]
        nothing = np.where(np.isin(model.items, items), 0.0, plan)
        found = rounding.solved(plan, items, near.most, _MOST_S)
        plan = nothing if found is None else found
    return np.rint(plan).astype(np.int64)


def repaired(model: Flow, box: Box, plan: IntArray, until: float) -> IntArray:
    """Solve items short of their claims once more with others, as long as it helps.

    Parameters
    ----------
    model : Flow
    box : Box
        Holds the shares in lots.
    plan : IntArray, shape (columns,)
        Keeps the rules of the model.
    until : float
        Moment of the clock.
    """
    rounding = _Rounding(model, box)
    best = rounding.repaired(plan.astype(np.float64), until)
    return np.rint(best).astype(np.int64)


class _Rounding:
    """What stays the same from one group of items to the next."""

    def __init__(self, model: Flow, box: Box) -> None:
        self.model = model
        self.columns = csr_array(model.matrix.T)
        self.cost = _costs(model)
        self.price = _SHORT * float(np.abs(self.cost).max(initial=0.0))
        claim = np.flatnonzero(model.claim_rows >= 0)
        self.claims = model.claim_rows[claim]
        item = np.zeros(len(model.claim_rows), np.int64)
        item[model.claims.of_need] = model.problem.need_item
        self.item_of_claim = item[claim]
        # rows of stages limit nothing here, and claims are asked for at a price
        self.low, self.high, self.most = model.low.copy(), box.high.copy(), box.most
        self.low[self.claims] = box.low[self.claims]
        for row in model.stage_rows.values():
            self.low[row], self.high[row] = -np.inf, np.inf

    def lightest_first(self) -> list[int]:
        """Return the items, those last that weigh most: what others leave over is theirs."""
        problem = self.model.problem
        weight = np.zeros(len(problem.item_id), np.int64)
        np.maximum.at(weight, problem.need_item, problem.need_weight)
        order: list[int] = np.argsort(weight, kind="stable").tolist()
        return order

    def solved(
        self, plan: FloatArray, items: list[int], most: FloatArray, seconds: float
    ) -> FloatArray | None:
        """Return the plan with the best whole lots of some items, what others do being given."""
        model = self.model
        at_stake = np.isin(model.items, items)
        own, rest = np.flatnonzero(at_stake & (most > 0)), np.where(at_stake, 0.0, plan)
        if not len(own):
            return rest
        matrix = csr_array(self.columns[own].T)
        row = np.flatnonzero(np.diff(matrix.indptr))
        taken = model.matrix[row] @ rest
        low = self.low[row] - taken
        asked = np.flatnonzero(np.isin(row, self.claims) & (low > 0))
        short = csr_array(
            (np.full(len(asked), float(WHOLE)), (asked, np.arange(len(asked)))),
            shape=(len(row), len(asked)),
        )
        rules: Any = hstack([matrix[row], short])  # sparse, unknown to the stubs
        found = milp(
            np.concatenate((self.cost[own], np.full(len(asked), self.price))),
            integrality=np.ones(len(own) + len(asked), np.int64),
            bounds=Bounds(0.0, np.concatenate((most[own], np.full(len(asked), np.inf)))),
            constraints=LinearConstraint(rules, low, np.floor(self.high[row] - taken + _NEARLY)),
            options={"time_limit": seconds},
        )
        if found.x is None:
            return None
        rest[own] = np.rint(found.x[: len(own)])
        return rest

    def repaired(self, plan: FloatArray, until: float) -> FloatArray:
        """Solve items short of their claims with others, round after round, while it helps."""
        items, turn, helped = self.lightest_first()[::-1], 0, True
        while helped:
            helped = False
            for at, item in enumerate(items):
                seconds = min(_MOST_S, until - time.monotonic())
                if seconds <= 0.0:
                    return plan
                if not self._lacks(plan)[self.item_of_claim == item].any():
                    continue
                turn += 1  # others each time
                others = [items[(at + turn + more) % len(items)] for more in range(_GROUP)]
                found = self.solved(plan, [item, *others], self.most, seconds)
                if found is not None and self._worth(found) > self._worth(plan):
                    plan, helped = found, True
        return plan

    def _worth(self, plan: FloatArray) -> float:
        return -float(self.cost @ plan) - self.price * float(self._lacks(plan).sum())

    def _lacks(self, plan: FloatArray) -> FloatArray:
        """Return by how many lots each claim falls short."""
        level: FloatArray = self.model.matrix[self.claims] @ plan
        return np.maximum(self.low[self.claims] - level, 0.0) / WHOLE


def _costs(model: Flow) -> FloatArray:
    """Weigh the stages below the shares so that a step of one mostly outweighs those after it."""
    served, late = model.objectives["served"], model.objectives["lateness"]
    floors, yuan = model.objectives["floors"], model.objectives["cost"]
    point = float(served[served > 0].min(initial=served.max(initial=1.0)))
    cost: FloatArray = late - model.problem.days * served + 0.1 * point * floors
    return cost + 1e-4 * point / max(1.0, float(yuan.max(initial=0.0))) * yuan
