"""The relaxation rounded to a plan: what is nearly whole in it is kept, the rest relaxed anew.

So each choice is made with those before it in view (a dive; L. A. Wolsey, Integer
Programming, doi:10.1002/9781119606475). It takes a tenth of the time of branch and
bound on all that the relaxation leaves divided.
"""

from __future__ import annotations

import time
from typing import Final

import numpy as np

from dispatch.optimise.problem import BoolArray
from dispatch.optimise.program import FloatArray, Program
from dispatch.optimise.search import WHOLE, Aim, piece

LIKELY: Final = 2
"""So many ways of a team, on average, are in the relaxation that is rounded."""

NEARLY: Final = 0.9
"""A way is kept that is taken so far at least."""

STEP: Final = 0.1
"""Where no way is, this share of those divided is kept, those taken farthest."""

FEW: Final = 0.2
"""So few divided ways, as a share of the teams, are left to branch and bound."""

LAST_S: Final = 12.0
"""Most seconds for that."""


def rounded(goal: Aim, until: float) -> FloatArray | None:
    """Solve the relaxation, and keep way after way of it until none is divided.

    The relaxation knows only the likeliest ways, those that forgo least.

    Returns
    -------
    FloatArray or None
        Columns of a plan, None where time ran out.
    """
    prog, ways = goal.prog, len(goal.prog.option)
    nothing = prog.lower.copy()
    nothing[prog.missing_at] = prog.upper[prog.missing_at]
    teams = len(np.unique(goal.team[:ways]))
    likely = goal.loss <= np.sort(goal.loss)[: LIKELY * teams].max(initial=0)
    kept = np.zeros(ways, np.bool_)
    x = _anew(goal, nothing, kept, likely, until)
    while x is not None:
        parts = _divided(x[:ways])
        if int(parts.sum()) <= FEW * teams:
            # whoever is sent may still do this or that where they go
            return _anew(goal, nothing, kept, likely, min(until, _now() + LAST_S), whole=True)
        before, kept = kept, _kept(goal, x[:ways], parts)
        if (kept == before).all():
            return None
        x = _anew(goal, nothing, kept, likely, until)
    return None


def _anew(
    goal: Aim,
    nothing: FloatArray,
    kept: BoolArray,
    likely: BoolArray,
    until: float,
    *,
    whole: bool = False,
) -> FloatArray | None:
    """Solve the relaxation, or the whole case, with some ways taken and their teams bound."""
    ways = len(kept)
    sent = np.zeros(len(goal.prog.problem.team_id), np.bool_)
    sent[goal.team[:ways][kept]] = True
    free = _columns(goal.prog, (likely & ~sent[goal.team[:ways]]) | kept)
    free[:ways] &= ~kept
    x = nothing.copy()
    x[:ways] = kept
    return piece(goal, x, free, until - _now(), whole=whole)


def _kept(goal: Aim, taken: FloatArray, parts: BoolArray) -> BoolArray:
    """Tell the ways taken nearly or wholly, or else those of the divided ones taken farthest.

    One after the other, as far as teams and lifts allow.
    """
    kept: BoolArray = taken >= 1 - WHOLE
    more = parts & (taken >= NEARLY)
    if not more.any():
        more = parts
    count = max(int((taken[more] >= NEARLY).sum()), int(np.ceil(STEP * more.sum())))
    alone = np.ones(len(goal.prog.most), np.bool_)
    alone[np.unique(goal.columns[:, len(taken) :].indices)] = False
    room = np.where(alone, goal.prog.most - goal.columns[:, : len(taken)] @ kept, np.inf)
    for way in np.argsort(np.where(more, -taken, 0), kind="stable")[:count].tolist():
        at = slice(goal.columns.indptr[way], goal.columns.indptr[way + 1])
        rows, use = goal.columns.indices[at], goal.columns.data[at]
        kept[way] = bool((room[rows] >= use).all())
        room[rows] -= use * kept[way]
    return kept


def _divided(taken: FloatArray) -> BoolArray:
    return np.asarray((taken > WHOLE) & (taken < 1 - WHOLE))


def _now() -> float:
    return time.monotonic()


def _columns(prog: Program, ways: BoolArray) -> BoolArray:
    """Tell the columns of some of the ways, and those that no way has, but for the floors."""
    found = np.ones(len(prog.upper), np.bool_)
    found[: len(ways)] = ways
    found[prog.credit_at] = ways[prog.go_at]
    found[np.maximum(prog.units_at, prog.credit_at)] = ways[prog.go_at]
    found[prog.missing_at] = False
    return found
