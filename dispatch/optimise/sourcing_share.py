"""The worst shares over the relaxation: what part of its fair portion every claim can have.

Lots are whole, so a share of a portion is a number of lots, rounded up, and a
level of hundredths stands for the lots of all claims of a weight. One relaxation
asks for as large a part as can be had of the lots of every weight, and beside it
for the most served. Where a weight falls short, the prices of the lots say which
levels no plan can reach, and the greatest one left is tried: a Newton step, of
which few are needed (W. Dinkelbach, doi:10.1287/mnsc.13.7.492).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing import WHOLE, points
from dispatch.optimise.sourcing_model import FloatArray, Flow
from dispatch.optimise.sourcing_network import BoolArray
from dispatch.optimise.sourcing_relax import Box, Relaxed, relax, relaxed_by

_AHEAD: Final = 4
"""How much more the lots of a weight are worth while they are asked for than those of the next."""

_REACHED: Final = 1e-4
"""Hundredths by which a floating-point share may miss the whole."""

_CERTAIN: Final = 1e-9
"""Part of a bound that may be lost to rounding before it excludes a level."""


def share_levels(
    model: Flow, box: Box, names: Sequence[str], until: float
) -> tuple[dict[str, int], Relaxed | None]:
    """Return the greatest level of each stage of shares, and what is served at them all.

    Parameters
    ----------
    model : Flow
    box : Box
    names : sequence of str
        Stages, the first of which has its level before the others.
    until : float
        Moment of the clock.

    Returns
    -------
    levels : dict of stage name to int
        No plan has more, if it has the levels of the stages before. Those that
        the time sufficed for.
    served : Relaxed or None
        Stage ``served`` at these levels; None where time ran out.
    """
    levels, sure = dict.fromkeys(names, WHOLE), 0
    while True:
        kept = _held_all(model, box, levels, names[:sure])
        asked = names[sure:]
        tried = _asked(model, kept, asked, levels, until)
        if tried is None:
            return {name: levels[name] for name in names[:sure]}, None
        short = [name for name in asked if not _has_all(model, tried, name)]
        if not short:
            return levels, _served(model, _held_all(model, kept, levels, names), tried, until)
        name = short[0]
        sure = names.index(name)
        worth = _points(model)
        level = _within_reach(model, tried, levels, asked, name, worth)
        if level == levels[name]:  # the prices had an eye to what is served besides
            kept = _held_all(model, box, levels, names[:sure])
            alone = _alone(model, kept, name, levels, until)
            if alone is None:
                return {name: levels[name] for name in names[:sure]}, None
            level = _within_reach(model, alone, levels, [name], name, 0 * worth)
            if _has_all(model, alone, name):
                sure += 1
            elif level == levels[name]:
                level -= 1
        levels[name] = level


def held(model: Flow, box: Box, name: str, sense: str, value: int) -> Box:
    """Return the box without plans worse than a value in a stage."""
    low, high = box.low.copy(), box.high.copy()
    if name in model.stage_rows:
        row = model.stage_rows[name]
        low[row], high[row] = (value, np.inf) if sense == "max" else (-np.inf, value)
    elif name in model.share_stages:
        claim = _claims_of(model, name)
        low[model.claim_rows[claim]] = WHOLE * _lots(model, claim, value)
        most = box.most.copy()
        most[_column(model, name)] = 0.0  # the rows say in lots what they said in shares
        box = replace(box, most=most)
    return replace(box, low=low, high=high)


def _held_all(model: Flow, box: Box, levels: dict[str, int], names: Sequence[str]) -> Box:
    for name in names:
        box = held(model, box, name, "max", levels[name])
    return box


def _asked(
    model: Flow, box: Box, names: Sequence[str], levels: dict[str, int], until: float
) -> Relaxed | None:
    """Ask for the lots of several stages, the first worth as much as all that is served."""
    objective = model.objectives["served"].copy()
    everything = float(points(model.problem) @ model.problem.need_lots)
    for rank, name in enumerate(names):
        objective[_column(model, name)] = np.ceil(everything / WHOLE / _AHEAD**rank)
    asks = _asking(model, names, levels)
    asks = replace(asks, objectives={"served": objective})
    return relax(asks, box, "served", "max", until, vertex=False)


def _alone(
    model: Flow, box: Box, name: str, levels: dict[str, int], until: float
) -> Relaxed | None:
    """Ask for the lots of one stage and nothing else.

    Items without a claim held or asked for stay where they are, as they would
    only be in the way.
    """
    at_stake = replace(box, most=np.where(_concerned(model, name), box.most, box.least))
    return relax(_asking(model, [name], levels), at_stake, name, "max", until, vertex=False)


def _asking(model: Flow, names: Sequence[str], levels: dict[str, int]) -> Flow:
    """Return the model in which the whole share of a stage is the lots of its level."""
    matrix = model.matrix.copy()
    for name in names:
        claim = _claims_of(model, name)
        if len(claim):
            lots = _lots(model, claim, levels[name]).astype(np.float64)
            matrix[model.claim_rows[claim], _column(model, name)] = -lots
    return replace(model, matrix=matrix)


def _has_all(model: Flow, tried: Relaxed, name: str) -> bool:
    return not len(_claims_of(model, name)) or bool(
        tried.x[_column(model, name)] >= WHOLE - _REACHED
    )


def _served(model: Flow, box: Box, tried: Relaxed, until: float) -> Relaxed | None:
    """Return what is served in a box that holds the lots which were asked for."""
    x = tried.x.copy()
    x[[_column(model, name) for name in model.share_stages]] = 0.0
    served = relaxed_by(model, box, "served", "max", tried.dual, x)
    if served.bound - float(model.objectives["served"] @ x) < 1.0:
        return served
    return relax(model, box, "served", "max", until)


def _within_reach(
    model: Flow,
    tried: Relaxed,
    levels: dict[str, int],
    asked: Sequence[str],
    name: str,
    worth: FloatArray,
) -> int:
    """Return the greatest level of a stage that the prices of a relaxation do not exclude.

    The prices say most that plans can serve which have the lots of a level,
    whatever the stages after it get. If these lots alone are worth more than
    that, there is no such plan.

    Parameters
    ----------
    model, tried, levels
    asked : sequence of str
        Stages whose lots were asked for, not held; the others before are held.
    name : str
    worth : FloatArray, shape (C,)
        What the objective gives for a lot of each claim.
    """
    price = WHOLE * np.maximum(tried.dual[model.claim_rows], 0.0) * (model.claim_rows >= 0)
    column = [_column(model, other) for other in asked]
    least = -tried.bound - tried.gap  # of what is minimised, the shares included
    cost = least - WHOLE * float(np.minimum(tried.reduced[column], 0.0).sum())
    for other in list(levels)[: list(levels).index(name)]:
        claim = _claims_of(model, other)
        lots = _lots(model, claim, levels[other])
        cost += float((worth[claim] + price[claim] * (other in asked)) @ lots)
    claim = _claims_of(model, name)
    room = _CERTAIN * abs(least) + 1e-6
    for level in range(levels[name], 0, -1):
        if cost + float((worth + price)[claim] @ _lots(model, claim, level)) <= room:
            return level
    return 0


def _points(model: Flow) -> FloatArray:
    """Return what a lot served to each claim is worth, shape (C,)."""
    worth = np.zeros(len(model.claims.portion))
    worth[model.claims.of_need] = points(model.problem)
    return worth


def _claims_of(model: Flow, name: str) -> IntArray:
    """Return the claims of a stage that have a portion."""
    weight = model.columns.share[model.share_stages.index(name)]
    return np.flatnonzero((model.claim_rows >= 0) & (model.claims.weight == weight))


def _lots(model: Flow, claim: IntArray, share: int) -> IntArray:
    """Return the lots that a share of the portion of claims is, rounded up."""
    lots: IntArray = -(-model.claims.portion[claim] * share // WHOLE)
    return lots


def _column(model: Flow, name: str) -> int:
    return model.columns.starts[5] + model.share_stages.index(name)


def _concerned(model: Flow, name: str) -> BoolArray:
    """Return which columns belong to items with claims of this stage or one before it."""
    problem, columns = model.problem, model.columns
    named = model.share_stages.index(name)
    weighty = problem.need_weight >= columns.share[named]
    item = np.zeros(len(problem.item_id), np.bool_)
    item[problem.need_item[weighty]] = True
    blocks = (
        item[columns.ship[1]],
        item[columns.hold[0]],
        item[problem.source_item[columns.buy]],
        item[problem.need_item[columns.serve[0]]],
        np.ones(columns.miss.shape[1], np.bool_),
        np.arange(len(columns.share)) == named,
    )
    return np.concatenate(blocks)
