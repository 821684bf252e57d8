"""Prices that prove how good any plan can be at most.

They are good if the limit that they prove is small, and are found by a
quasi-Newton method on a smoothed value, in which a team takes each of its ways
with a probability that falls with what it loses by it, less and less smoothed
(Y. Nesterov, doi:10.1007/s10107-004-0552-5). What teams do by these
probabilities breaks rules that whole teams keep; priced as well, these make the
limit smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.optimize import minimize

from dispatch.optimise.candidates import Candidates
from dispatch.optimise.cover import covers, pairs
from dispatch.optimise.problem import BoolArray, DispatchProblem, IntArray
from dispatch.optimise.program import FloatArray
from dispatch.optimise.relaxation import (
    Limit,
    Relaxation,
    Weights,
    limit,
    losses,
    relaxation,
    valued,
    values,
)
from dispatch.optimise.rules import Rules, enough

Heats = Sequence[tuple[float, int]]
"""Degrees of smoothing, falling, as shares of what a team is worth on average; and the steps of
the quasi-Newton method at each."""

COARSE: Final = ((0.1, 30), (0.03, 30), (0.01, 30))
FINE: Final = (*COARSE, (0.003, 40), (0.001, 60), (0.0004, 60))
FINEST: Final = ((0.001, 100), (0.0003, 150))
"""Smoothing after rules have been added."""

DEPTH: Final = 25.0
"""Ways with a probability below ``exp(-DEPTH)`` are left out while prices are sought."""

TRIES: Final = 4
AWAY: Final = 0.02
"""Where the ways left out turn out to raise the limit by more than this share of the degree of
smoothing, prices are sought again with those that do, so many times at most."""


def priced(
    problem: DispatchProblem,
    arcs: Candidates,
    weights: Weights,
    start: tuple[Rules, FloatArray] | None = None,
    heats: Heats = FINE,
) -> Limit:
    """Seek prices that make the limit for some weights of the stages small.

    Parameters
    ----------
    problem : DispatchProblem
    arcs : Candidates
    weights : tuple of three float
    start : (Rules, FloatArray), optional
        Rules for all candidates, and prices to begin with; these pay where the
        weights differ little or the first degree of smoothing is high.
    heats : sequence of (float, int)
    """
    rules, prices = start or (enough(problem, arcs), np.zeros(len(problem.demand_id)))
    whole = relaxation(problem, arcs, np.arange(len(arcs.option)), rules)
    best = limit(whole, weights, prices)
    if not len(whole.option):
        return best
    last = best
    for heat, rounds in heats:
        if last.value <= 0:
            return best
        # what is best for much smoothing may prove less, and is still where to go on from
        last = _cooler(problem, arcs, whole, last, heat, rounds)
        best = last if last.value < best.value else best
    return best


def tightened(
    problem: DispatchProblem, arcs: Candidates, last: Limit, heats: Heats = FINEST
) -> Limit:
    """Add rules that fractions of teams break at the prices of a limit, and price anew.

    Rules that had no price are left out. The limit is never above the last one.
    """
    if last.value <= 0:
        return last
    credit, taken = _done(problem, arcs, last, heats[-1][0])
    more = covers(problem, pairs(problem, arcs), credit, taken)
    demands = len(problem.demand_id)
    kept = (last.prices > 0) | (np.arange(len(last.prices)) < demands)
    rules = last.rules.kept(kept).joined(more)
    prices = np.concatenate((last.prices[kept], np.zeros(len(more.most))))
    found = priced(problem, arcs, last.weights, (rules, prices), heats)
    return found if found.value < last.value else last


def _done(
    problem: DispatchProblem, arcs: Candidates, at: Limit, heat: float
) -> tuple[FloatArray, FloatArray]:
    """Return the credits of all candidates and how far each way is taken, smoothed so much."""
    whole = relaxation(problem, arcs, np.arange(len(arcs.option)), at.rules)
    unit = at.value / len(whole.first) * heat
    value, credit = valued(whole, at.weights, at.prices)
    taken, _total = _chances(whole, value, unit)
    return credit * taken[whole.way], taken


def _cooler(
    problem: DispatchProblem,
    arcs: Candidates,
    whole: Relaxation,
    last: Limit,
    heat: float,
    rounds: int,
) -> Limit:
    """Go on from a limit to one with less smoothing, knowing only the ways that may matter.

    Without the others a price may rise to where these would be best, and nothing
    holds it there; then they are let in.
    """
    unit = last.value / len(whole.first) * heat
    near = _near(whole, last, unit)
    for _ in range(TRIES):
        part = relaxation(problem, arcs, whole.rows[near[whole.way]], whole.rules)
        prices = _cooled(part, problem.demand_quantity, last, unit, rounds)
        found = limit(whole, last.weights, prices)
        away = found.value - limit(part, last.weights, prices).value
        if away <= AWAY * heat * last.value:
            return found
        near |= _near(whole, found, unit)
    return found if away <= heat * last.value else last


def _near(whole: Relaxation, at: Limit, unit: float) -> BoolArray:
    """Tell the ways that have a probability at the prices of a limit, shape (options,)."""
    return losses(whole, values(whole, at.weights, at.prices)) < DEPTH * unit


def _cooled(
    part: Relaxation, wanted: IntArray, last: Limit, unit: float, rounds: int
) -> FloatArray:
    """Return the prices of least smoothed value, sought in a scale in which all matter alike."""
    scale = last.value / len(part.first) / np.maximum(wanted[part.rules.demand], 1)

    def smooth(scaled: FloatArray) -> tuple[float, FloatArray]:
        value, slope = _smoothed(part, last.weights, scaled * scale, unit)
        return value / unit, slope * scale / unit

    found = minimize(
        smooth,
        last.prices / scale,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * len(scale),
        options={"maxiter": rounds, "maxcor": 30},
    )
    return np.maximum(found.x * scale, 0)


def _smoothed(
    part: Relaxation, weights: Weights, prices: FloatArray, unit: float
) -> tuple[float, FloatArray]:
    """Return the smoothed limit and its slope in the prices: what is left of each rule."""
    value, credit = valued(part, weights, prices)
    chance, total = _chances(part, value, unit)
    left = part.rules.most - part.rules.use(credit * chance[part.way], chance)
    return float(prices @ part.rules.most + total), left


def _chances(part: Relaxation, value: FloatArray, unit: float) -> tuple[FloatArray, float]:
    """Return the probability of each way, and the smoothed sum of what teams are worth."""
    best = np.maximum.reduceat(value, part.first)
    weight = np.exp((value - best[part.team]) / unit)
    total = np.add.reduceat(weight, part.first) + np.exp(-best / unit)
    return weight / total[part.team], float((best + unit * np.log(total)).sum())
