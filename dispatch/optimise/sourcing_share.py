"""The worst shares over the relaxation: what part of its fair portion every claim can have.

Lots are whole, so a share of a portion is a number of lots, rounded up, and a
level of hundredths stands for the lots of all claims of a weight. Mostly all can
have as much as if fleets had no limit (``sourcing_alone``), and one relaxation
shows it. If not, the part of these lots
that all claims of a weight can have is maximised. Its prices say which levels no
plan can reach, and the greatest one left is tried: a Newton step, of which few
are needed (W. Dinkelbach, doi:10.1287/mnsc.13.7.492).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from dispatch.optimise.sourcing import WHOLE
from dispatch.optimise.sourcing_alone import claims_of, levels_alone, lots_of
from dispatch.optimise.sourcing_model import Flow
from dispatch.optimise.sourcing_network import BoolArray
from dispatch.optimise.sourcing_relax import Box, Relaxed, relax

_CERTAIN: Final = 1e-6
"""Hundredths that rounding may cost a bound before it excludes a level."""


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
    levels, sure = levels_alone(model, names), 0
    while True:
        served = _served(model, _held_all(model, box, levels, names), until)
        if served:
            return levels, served
        for row, name in reversed(tuple(enumerate(names))):
            kept = _held_all(model, box, levels, names[:row])
            part = _part(model, kept, name, levels[name], until)
            if part:
                break
        else:
            return {name: levels[name] for name in names[:sure]}, None
        sure = row  # the stages before have their levels
        level = _within_reach(model, part, name, levels[name])
        if level == levels[name]:
            return {name: levels[name] for name in names[: row + 1]}, None
        levels[name] = level
        levels |= dict.fromkeys(names[row + 1 :], WHOLE)  # theirs held for the greater one


def held(model: Flow, box: Box, name: str, sense: str, value: int) -> Box:
    """Return the box without plans worse than a value in a stage."""
    low, high = box.low.copy(), box.high.copy()
    if name in model.stage_rows:
        row = model.stage_rows[name]
        low[row], high[row] = (value, np.inf) if sense == "max" else (-np.inf, value)
    elif name in model.share_stages:
        return _held_share(model, box, name, value)
    return replace(box, low=low, high=high)


def _held_share(model: Flow, box: Box, name: str, value: int) -> Box:
    """State in lots what the rows said in shares; who claims all that is wanted gets all."""
    low, least, most = box.low.copy(), box.least.copy(), box.most.copy()
    most[_column(model, name)] = 0.0
    claim = claims_of(model, name)
    lots = lots_of(model, claim, value)
    low[model.claim_rows[claim]] = WHOLE * lots
    need, of_claim = model.columns.serve[0], model.claims.of_need
    wanted = np.zeros(len(model.claim_rows), np.int64)
    each = np.unique(need)
    np.add.at(wanted, of_claim[each], model.problem.need_lots[each])
    full = np.zeros(len(wanted), np.bool_)
    full[claim[lots >= wanted[claim]]] = True
    row = model.need_rows[each[full[of_claim[each]]]]
    low[row[row >= 0]] = box.high[row[row >= 0]]
    only = model.columns.starts[3] + np.flatnonzero(
        full[of_claim[need]] & (model.need_rows[need] < 0)
    )
    least[only] = most[only]
    return Box(low, box.high, least, most)


def _held_all(model: Flow, box: Box, levels: dict[str, int], names: Sequence[str]) -> Box:
    for name in names:
        box = held(model, box, name, "max", levels[name])
    return box


def _served(model: Flow, box: Box, until: float) -> Relaxed | None:
    """Return what is served in a box, to the last unit."""
    served = relax(model, box, "served", "max", until, vertex=False)
    if served and served.bound - float(model.objectives["served"] @ served.x) >= 1.0:
        served = relax(model, box, "served", "max", until)
    return served


def _part(model: Flow, box: Box, name: str, level: int, until: float) -> Relaxed | None:
    """Return the greatest part of the lots of a level that all claims of a stage can have.

    Items without a claim held or asked for stay where they are, as they would
    only be in the way.
    """
    at_stake = replace(box, most=np.where(_concerned(model, name), box.most, box.least))
    matrix, claim = model.matrix.copy(), claims_of(model, name)
    if len(claim):
        lots = lots_of(model, claim, level).astype(np.float64)
        matrix[model.claim_rows[claim], _column(model, name)] = -lots
    return relax(replace(model, matrix=matrix), at_stake, name, "max", until, vertex=False)


def _within_reach(model: Flow, part: Relaxed, name: str, level: int) -> int:
    """Return the greatest level up to one that the prices of a relaxation do not exclude.

    By them all claims together can have no more than ``room``. The level itself
    is excluded where the bound says that no plan has all of its lots.
    """
    column, claim = _column(model, name), claims_of(model, name)
    if part.bound >= WHOLE:
        return level
    price = WHOLE * np.maximum(part.dual[model.claim_rows[claim]], 0.0)
    least = -part.bound - part.gap  # of what is minimised, the share included
    room = WHOLE * min(float(part.reduced[column]), 0.0) - least + _CERTAIN
    for lower in range(level - 1, 0, -1):
        if float(price @ lots_of(model, claim, lower)) <= room:
            return lower
    return 0


def _column(model: Flow, name: str) -> int:
    return model.columns.starts[5] + model.share_stages.index(name)


def _concerned(model: Flow, name: str) -> BoolArray:
    """Return which columns belong to items with claims of this stage or one before it."""
    problem, columns = model.problem, model.columns
    named = model.share_stages.index(name)
    weighty = problem.need_weight >= columns.share[named]
    item = np.zeros(len(problem.item_id) + 1, np.bool_)  # the last stands for none
    item[problem.need_item[weighty]] = True
    concerned: BoolArray = item[model.items]
    concerned[columns.starts[4] : columns.starts[5]] = True
    concerned[_column(model, name)] = True
    return concerned
