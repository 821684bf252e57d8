"""What help is worth at each demand, and how good any plan can be at most.

With a price on every unit that is wanted, what a team is worth at an incident
no longer depends on the others, so the best plan is found team by team: a
Lagrangian relaxation, whose value no plan exceeds, whatever the prices (M. L.
Fisher, doi:10.1287/mnsc.27.1.1). Good prices are those that make it small.
They are found by a quasi-Newton method on a smoothed value, in which a team
takes each of its ways with a probability that falls with what it loses by it,
less and less smoothed (Y. Nesterov, doi:10.1007/s10107-004-0552-5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Final

import numpy as np
from scipy.optimize import minimize

from dispatch.optimise.candidates import Candidates, picked
from dispatch.optimise.problem import BoolArray, DispatchProblem, IntArray
from dispatch.optimise.program import FloatArray, Share, members_of_teams, units_of_modules

Heats = Sequence[tuple[float, int]]
"""Degrees of smoothing, falling, as shares of what a team is worth on average; and the steps of
the quasi-Newton method at each."""

COARSE: Final = ((0.1, 30), (0.03, 30), (0.01, 30))
FINE: Final = (*COARSE, (0.003, 40), (0.001, 60), (0.0004, 60))

DEPTH: Final = 25.0
"""Ways with a probability below ``exp(-DEPTH)`` are left out while prices are sought."""

TRIES: Final = 4
AWAY: Final = 0.02
"""Where the ways left out turn out to raise the limit by more than this share of the degree of
smoothing, prices are sought again with those that do, so many times at most."""

SLACK: Final = 1e-9
"""Share by which a limit is widened against rounding errors."""

Weights = tuple[float, float, float]
"""Worth of a point met by its target, of a point met, and minus that of a point-second."""


@dataclass(frozen=True, eq=False)
class Limit:
    """No plan has ``weights @ (met_by_target, met, -arrival)`` above ``value``.

    Parameters
    ----------
    weights : tuple of three float
    value : float
    prices : FloatArray, shape (D,)
        The prices that prove it, for one unit of each demand.
    """

    weights: Weights
    value: float
    prices: FloatArray

    def bound(self, name: str, met_by_target: int, met: int) -> int | None:
        """Return the bound on one of the first three stages, those before it held at these values.

        None where it says nothing of that stage.
        """
        by_target, at_all, soon = self.weights
        top = self.value * (1 + SLACK)
        if name == "met_by_target" and by_target and not at_all and not soon:
            return floor(top / by_target)
        if name == "met" and at_all and not soon:
            return floor((top - by_target * met_by_target) / at_all)
        if name == "arrival" and soon:
            return max(0, ceil((by_target * met_by_target + at_all * met - top) / soon))
        return None


@dataclass(frozen=True, eq=False)
class Relaxation:
    """Ways of the teams, each with what it could do if everybody else were left to the prices.

    Parameters
    ----------
    rows : IntArray, shape (A,)
        The candidates, in their order.
    option, first : IntArray
        Options, ascending by team, and the first option of each team.
    team : IntArray
        Team of each option, counted through.
    way : IntArray, shape (A,)
        Option of each candidate, counted through.
    demand : IntArray, shape (A,)
    worth, on_time, arrival_s, most, quantity, members : FloatArray, shape (A,)
    wanted : FloatArray, shape (D,)
    of_module, of_team : _Crowd
        Candidates that can be short of units, and of members, by ascending group.
    """

    rows: IntArray
    option: IntArray
    first: IntArray
    team: IntArray
    way: IntArray
    demand: IntArray
    worth: FloatArray
    on_time: FloatArray
    arrival_s: FloatArray
    most: FloatArray
    quantity: FloatArray
    members: FloatArray
    wanted: FloatArray
    of_module: _Crowd
    of_team: _Crowd


@dataclass(frozen=True, eq=False)
class _Crowd:
    """Candidates that share something short: rows, their groups, what each group has."""

    at: IntArray
    key: IntArray
    capacity: FloatArray


def relaxation(problem: DispatchProblem, arcs: Candidates, rows: IntArray) -> Relaxation:
    """Gather what the relaxation needs of some of the candidates."""
    option, way = np.unique(arcs.option[rows], return_inverse=True)
    _teams, first, team = np.unique(
        problem.option_team[option], return_index=True, return_inverse=True
    )
    if (np.diff(team) < 0).any():
        raise ValueError("options are not in order of teams")
    some = picked(arcs, rows)
    quantity = problem.module_quantity[some.module].astype(np.float64)
    members = problem.module_members[some.module].astype(np.float64)
    most = some.most.astype(np.float64)
    return Relaxation(
        rows=rows,
        option=option,
        first=first,
        team=team,
        way=way,
        demand=some.demand,
        worth=some.worth.astype(np.float64),
        on_time=some.on_time.astype(np.float64),
        arrival_s=some.arrival_s.astype(np.float64),
        most=most,
        quantity=quantity,
        members=members,
        wanted=problem.demand_quantity.astype(np.float64),
        of_module=_crowd(units_of_modules(problem, some), most / quantity),
        of_team=_crowd(_of_several_modules(problem, some), most / quantity),
    )


def _crowd(share: Share, units: FloatArray) -> _Crowd:
    """Keep who can be short even of fractions of units."""
    each, capacity = share.each.astype(np.float64), share.capacity.astype(np.float64)
    load = np.bincount(share.key, each * units, len(capacity))
    at = np.flatnonzero((load > capacity + 1e-9)[share.key] & (each > 0))
    return _Crowd(at, share.key[at], capacity[share.key[at]])


def _of_several_modules(problem: DispatchProblem, arcs: Candidates) -> Share:
    """Return who shares members, but for ways on which they limit one module, which knows it."""
    share = members_of_teams(problem, arcs)
    least = np.full(len(share.capacity), len(problem.module_team))
    most = np.full(len(share.capacity), -1)
    np.minimum.at(least, share.key, arcs.module)
    np.maximum.at(most, share.key, arcs.module)
    return replace(share, each=np.where((least < most)[share.key], share.each, 0))


def values(relaxed: Relaxation, weights: Weights, prices: FloatArray) -> FloatArray:
    """Return what each way is worth to its team at these prices, at least 0, shape (options,)."""
    return _worth(relaxed, weights, prices)[0]


def losses(relaxed: Relaxation, value: FloatArray) -> FloatArray:
    """Return what a team forgoes by each of its ways, against its best one, shape (options,)."""
    return np.maximum.reduceat(value, relaxed.first)[relaxed.team] - value


def limit(relaxed: Relaxation, weights: Weights, prices: FloatArray) -> Limit:
    """Return what these prices prove; the relaxation must know every candidate."""
    value = values(relaxed, weights, prices)
    best = np.maximum.reduceat(value, relaxed.first) if len(value) else value
    return Limit(weights, float(best.sum() + prices @ relaxed.wanted), prices)


def priced(
    problem: DispatchProblem,
    arcs: Candidates,
    weights: Weights,
    start: FloatArray | None = None,
    heats: Heats = FINE,
) -> Limit:
    """Seek prices that make the limit for some weights of the stages small.

    Parameters
    ----------
    problem : DispatchProblem
    arcs : Candidates
    weights : tuple of three float
    start : FloatArray, shape (D,), optional
        Prices to begin with; they pay where the weights differ little or the first
        degree of smoothing is high.
    heats : sequence of (float, int)
    """
    whole = relaxation(problem, arcs, np.arange(len(arcs.option)))
    best = limit(whole, weights, np.zeros(len(problem.demand_id)) if start is None else start)
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
        part = relaxation(problem, arcs, whole.rows[near[whole.way]])
        prices = _cooled(part, last, unit, rounds)
        found = limit(whole, last.weights, prices)
        away = found.value - limit(part, last.weights, prices).value
        if away <= AWAY * heat * last.value:
            return found
        near |= _near(whole, found, unit)
    return found if away <= heat * last.value else last


def _near(whole: Relaxation, at: Limit, unit: float) -> BoolArray:
    """Tell the ways that have a probability at the prices of a limit, shape (options,)."""
    return losses(whole, values(whole, at.weights, at.prices)) < DEPTH * unit


def _cooled(part: Relaxation, last: Limit, unit: float, rounds: int) -> FloatArray:
    """Return the prices of least smoothed value, sought in a scale in which all matter alike."""
    scale = last.value / len(part.first) / np.maximum(part.wanted, 1)

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
    """Return the smoothed limit and its slope in the prices: what is wanted less what comes."""
    value, credit = _worth(part, weights, prices)
    best = np.maximum.reduceat(value, part.first)
    weight = np.exp((value - best[part.team]) / unit)
    total = np.add.reduceat(weight, part.first) + np.exp(-best / unit)
    chance = weight / total[part.team]
    come = np.bincount(part.demand, credit * chance[part.way], len(prices))
    return float(prices @ part.wanted + (best + unit * np.log(total)).sum()), part.wanted - come


def _worth(part: Relaxation, weights: Weights, prices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the worth of each way, and the credits that make it.

    Units of a module and members of a team can both be short. Each rule alone
    is a continuous knapsack; the smaller of the two values is a bound for both.
    """
    point = weights[0] * part.on_time + weights[1] - weights[2] * part.arrival_s
    gain = np.maximum(part.worth * point - prices[part.demand], 0)
    full = np.where(gain > 0, part.most, 0.0)
    credit = full.copy()
    at = part.of_module.at
    credit[at] *= _filled(part.of_module, (gain * part.quantity)[at], (full / part.quantity)[at])
    value = np.bincount(part.way, gain * credit, len(part.option))
    at = part.of_team.at
    tied = full[at] * part.members[at] / part.quantity[at]
    other = credit.copy()
    ratio = gain[at] * part.quantity[at] / part.members[at]
    other[at] = full[at] * _filled(part.of_team, ratio, tied)
    by_members = np.bincount(part.way, gain * other, len(part.option))
    tighter = by_members < value
    return np.minimum(value, by_members), np.where(tighter[part.way], other, credit)


def _filled(crowd: _Crowd, ratio: FloatArray, use: FloatArray) -> FloatArray:
    """Return the share that each candidate gets of what it could use, the best ratio first."""
    key, order = crowd.key, _best_first(crowd.key, ratio)
    used = use[order]
    total = np.cumsum(used)
    begins = np.ones(len(key), np.bool_)
    begins[1:] = key[1:] != key[:-1]
    before = total - used
    before -= np.maximum.accumulate(np.where(begins, before, 0))
    share = np.empty(len(key))
    room = (crowd.capacity - before) / np.maximum(used, 1e-12)
    share[order] = np.clip(room, 0, 1)
    return share


def _best_first(key: IntArray, ratio: FloatArray) -> IntArray:
    """Return the order by key, which ascends already, and by falling ratio within a key."""
    most = ratio.max(initial=0.0) or 1.0
    # nearly in order, so one sort of a single number is ten times faster than one of two
    order = np.argsort(key - ratio / (2 * most), kind="stable")
    sorted_ = ratio[order]
    if ((sorted_[1:] > sorted_[:-1]) & (key[1:] == key[:-1])).any():  # too close for one number
        return np.lexsort((-ratio, key))
    return order
