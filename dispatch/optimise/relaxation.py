"""What a team is worth where it goes, once everything that teams share has a price.

With a price on every unit that is wanted, what a team is worth at an incident
no longer depends on the others, so the best plan is found team by team: a
Lagrangian relaxation, whose value no plan exceeds, whatever the prices (M. L.
Fisher, doi:10.1287/mnsc.27.1.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from dispatch.optimise.candidates import Candidates, picked
from dispatch.optimise.problem import DispatchProblem, IntArray
from dispatch.optimise.program import FloatArray, Share, members_of_teams, units_of_modules
from dispatch.optimise.rules import Rules, enough

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
    rules : Rules
    prices : FloatArray, shape (R,)
        The prices that prove it, one for each rule; the first are those of one
        unit of each demand.
    """

    weights: Weights
    value: float
    rules: Rules
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
    worth, on_time, arrival_s, most, quantity, members : FloatArray, shape (A,)
    rules : Rules
        For these candidates and options.
    by_credit, by_way : csr_array
        The rules turned: quick to be multiplied with prices.
    of_module, of_team : _Crowd
        Candidates that can be short of units, and of members, by ascending group.
    """

    rows: IntArray
    option: IntArray
    first: IntArray
    team: IntArray
    way: IntArray
    worth: FloatArray
    on_time: FloatArray
    arrival_s: FloatArray
    most: FloatArray
    quantity: FloatArray
    members: FloatArray
    rules: Rules
    by_credit: csr_array
    by_way: csr_array
    of_module: _Crowd
    of_team: _Crowd


@dataclass(frozen=True, eq=False)
class _Crowd:
    """Candidates that share something short: rows, their groups, what each group has."""

    at: IntArray
    key: IntArray
    capacity: FloatArray


def relaxation(
    problem: DispatchProblem, arcs: Candidates, rows: IntArray, rules: Rules | None = None
) -> Relaxation:
    """Gather what the relaxation needs of some of the candidates.

    Parameters
    ----------
    problem : DispatchProblem
    arcs : Candidates
    rows : IntArray
    rules : Rules, optional
        For all candidates; without, no demand takes more than it wants.
    """
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
    ways = np.searchsorted(np.unique(arcs.option), option)
    own = (rules or enough(problem, arcs)).cut(rows, ways)
    return Relaxation(
        rows=rows,
        option=option,
        first=first,
        team=team,
        way=way,
        worth=some.worth.astype(np.float64),
        on_time=some.on_time.astype(np.float64),
        arrival_s=some.arrival_s.astype(np.float64),
        most=most,
        quantity=quantity,
        members=members,
        rules=own,
        by_credit=own.on_credit.T.tocsr(),
        by_way=own.on_way.T.tocsr(),
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
    return valued(relaxed, weights, prices)[0]


def losses(relaxed: Relaxation, value: FloatArray) -> FloatArray:
    """Return what a team forgoes by each of its ways, against its best one, shape (options,)."""
    return np.maximum.reduceat(value, relaxed.first)[relaxed.team] - value


def limit(relaxed: Relaxation, weights: Weights, prices: FloatArray) -> Limit:
    """Return what these prices prove; the relaxation must know every candidate."""
    value, rules = values(relaxed, weights, prices), relaxed.rules
    best = np.maximum.reduceat(value, relaxed.first) if len(value) else value
    return Limit(weights, float(best.sum() + prices @ rules.most), rules, prices)


def valued(part: Relaxation, weights: Weights, prices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the worth of each way, and the credits that make it.

    Units of a module are given to the best demands first, then the members of
    the team to the best of these: what one unit ties is the same for all
    demands of a module, so both in turn are best for both together.
    """
    point = weights[0] * part.on_time + weights[1] - weights[2] * part.arrival_s
    gain = np.maximum(part.worth * point - part.by_credit @ prices, 0)
    credit = np.where(gain > 0, part.most, 0.0)
    at = part.of_module.at
    credit[at] *= _filled(part.of_module, (gain * part.quantity)[at], (credit / part.quantity)[at])
    at = part.of_team.at
    ratio = gain[at] * part.quantity[at] / part.members[at]
    tied = credit[at] * part.members[at] / part.quantity[at]
    credit[at] *= _filled(part.of_team, ratio, tied)
    value = np.bincount(part.way, gain * credit, len(part.option)) - part.by_way @ prices
    return value, credit


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
