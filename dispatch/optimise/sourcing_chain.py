"""The stages over the linear relaxation, one on the face of the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dispatch.optimise.sourcing import stages
from dispatch.optimise.sourcing_model import Flow
from dispatch.optimise.sourcing_relax import Box, Relaxed, narrowed, relax, spread
from dispatch.optimise.sourcing_share import held, share_levels

_LESS_THAN_A_UNIT: Final = 0.9
"""Values that differ by no more are the same, as they are whole."""


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
        None for the stages of the shares.
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
    links = []
    names = model.share_stages[first:]
    if names:
        levels, served = share_levels(model, box, names, until)
        for name, level in levels.items():
            links.append(Link(name, "max", box, level, None))
            box = held(model, box, name, "max", level)
        if served is None:
            return links
        links.append(Link("served", "max", box, served.bound, served))
        box = _next(model, links[-1])
    for name, sense in stages(model.problem)[first + len(links) :]:
        last = name == stages(model.problem)[-1][0]
        relaxed = relax(model, box, name, sense, until, vertex=last)
        if relaxed is None:
            break
        links.append(Link(name, sense, box, relaxed.bound, relaxed))
        box = _next(model, links[-1])
    return links


def face(model: Flow, link: Link, value: int, leeway: int = 0) -> Box:
    """Return what plans need that reach a value in a stage, within a leeway of its bound."""
    box = link.box
    if link.relaxed:
        box = narrowed(box, link.relaxed, leeway)
        if leeway == 0 and spread(model, box, link.relaxed) + link.relaxed.gap < _LESS_THAN_A_UNIT:
            return box  # a row would say once more what all plans in it keep
    return held(model, box, link.name, link.sense, value)


def _next(model: Flow, link: Link) -> Box:
    return face(model, link, link.bound)
