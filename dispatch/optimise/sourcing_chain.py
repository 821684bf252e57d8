"""The stages over the linear relaxation, one on the face of the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dispatch.optimise.sourcing import WHOLE, claims, share_stage, stages
from dispatch.optimise.sourcing_model import Flow
from dispatch.optimise.sourcing_network import BoolArray
from dispatch.optimise.sourcing_relax import Box, Relaxed, narrowed, relax


@dataclass(frozen=True, eq=False)
class Link:
    """One stage over the relaxation.

    Parameters
    ----------
    name, sense : str
    box : Box
        What the stages before have left.
    bound : int
        Holds for plans in the box.
    relaxed : Relaxed or None
        None for the stages of the shares, and for later ones if these were all
        reached at a stroke.
    """

    name: str
    sense: str
    box: Box
    bound: int
    relaxed: Relaxed | None


def relaxed_chain(model: Flow, box: Box, first: int, until: float) -> list[Link]:
    """Solve the stages from a row of :func:`stages` on over the relaxation, in a box.

    Each is solved on the face of the one before. The list ends early where the
    time does not suffice.
    """
    links = [] if first else _whole_shares(model, box, until)
    if links:
        box = _next(model, links[-1])
    for name, sense in stages(model.problem)[first + len(links) :]:
        relaxed = None
        if name in model.share_stages:
            bound = _worst_share(model, box, name, until)
        else:
            relaxed = relax(model, box, name, sense, until)
            bound = relaxed.bound if relaxed else None
        if bound is None:
            break
        links.append(Link(name, sense, box, bound, relaxed))
        box = _next(model, links[-1])
    return links


def face(model: Flow, link: Link, value: int, leeway: int = 0) -> Box:
    """Return what plans need that reach a value in a stage, within a leeway of its bound."""
    box = narrowed(link.box, link.relaxed, leeway) if link.relaxed else link.box
    return held(model, box, link.name, link.sense, value)


def _next(model: Flow, link: Link) -> Box:
    return face(model, link, link.bound)


def _whole_shares(model: Flow, box: Box, until: float) -> list[Link]:
    """Try to give every claim all its portion: mostly that can be done, and saves stages.

    Returns nothing where it can't be done.
    """
    links = []
    for name in model.share_stages:
        links.append(Link(name, "max", box, WHOLE, None))
        box = held(model, box, name, "max", WHOLE)
    served = relax(model, box, "served", "max", until) if links else None
    return [*links, Link("served", "max", box, served.bound, served)] if served else []


def held(model: Flow, box: Box, name: str, sense: str, value: int) -> Box:
    """Return the box without plans worse than a value in a stage."""
    low, high = box.low.copy(), box.high.copy()
    if name in model.stage_rows:
        row = model.stage_rows[name]
        low[row], high[row] = (value, np.inf) if sense == "max" else (-np.inf, value)
    elif name in model.share_stages:
        for row, lots in _wanted_lots(model, name, value):
            low[row] = WHOLE * lots
        column = np.flatnonzero(model.objectives[name])
        most = box.most.copy()
        most[column] = 0.0  # the rows of its claims say in lots what they said in shares
        box = replace(box, most=most)
    return replace(box, low=low, high=high)


def _worst_share(model: Flow, box: Box, name: str, until: float) -> int | None:
    """Return the greatest share at which all claims of a stage can have whole lots.

    A level is tried by asking for the part of its lots that all claims can
    have. Items without a claim held or asked for stay where they are, as they
    would only be in the way. None where time runs out.
    """
    at_stake = replace(box, most=np.where(_concerned(model, name), box.most, box.least))
    if not _wanted_lots(model, name, WHOLE):
        return WHOLE
    column = int(np.flatnonzero(model.objectives[name])[0])
    least, most, level = 0, WHOLE, WHOLE
    while least < most:
        matrix = model.matrix.copy()
        for row, lots in _wanted_lots(model, name, level):
            matrix[row, column] = -lots
        tried = relax(replace(model, matrix=matrix), at_stake, name, "max", until)
        if tried is None:
            return None
        if tried.bound >= WHOLE:
            least, level = level, -(-(level + most) // 2)
        else:
            most = level - 1
            level = min(most, max(least + 1, level * tried.bound // WHOLE))
    return most


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


def _wanted_lots(model: Flow, name: str, share: int) -> list[tuple[int, int]]:
    """Return the rows of the claims of a stage, with the lots that a share of each is."""
    claim = claims(model.problem)
    rows = zip(
        model.claim_rows.tolist(), claim.weight.tolist(), claim.portion.tolist(), strict=True
    )
    return [
        (row, -(-portion * share // WHOLE))
        for row, weight, portion in rows
        if row >= 0 and share_stage(weight) == name
    ]
