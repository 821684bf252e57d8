"""One number to be minimised in place of a list of goals, for engines that know no other way.

An engine pays the price of every lot it leaves behind. A price is more than
everything that counts less could cost together, so that the cheapest plan is
also the one that serves the first priority best, then the second, and so on.

Engines count in whole numbers of a unit that is coarser than a microyuan, as
they search better on moderate numbers; what a plan costs is never taken from
them but from the checker.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.optimise.problem import IntArray
from dispatch.optimise.routes import RoutingProblem, levels

FINE: Final = 20_000
"""An ordinary arc should cost about so many units ..."""

FINE_PER_S: Final = 50
"""... but a paid second at least so many, so that rounding it changes little."""


COARSER: Final = 1, 10, 50
"""Units are so many times coarser where prices would be too large otherwise."""


class Prices(NamedTuple):
    """What an engine pays, in units of its own.

    Parameters
    ----------
    arcs : tuple of IntArray, each of shape (P, P), one for each vehicle
        Metres and tolls. Where there is no way stands 0: engines keep vehicles
        off such arcs by their travel time, never by their price.
    fixed, per_s : tuple of int, length V
        For a vehicle used, and for each second on duty.
    lots : tuple of int, length S
        For leaving one lot of each stop behind.
    typical : int
        Mean price of an arc, at least 1.
    """

    arcs: tuple[IntArray, ...]
    fixed: tuple[int, ...]
    per_s: tuple[int, ...]
    lots: tuple[int, ...]
    typical: int


def prices(problem: RoutingProblem, most: int) -> Prices:
    """Return prices of which all together stay below ``most``.

    Where those of lots would grow too large, a lot is worth more than the
    dearest trip that brings it alone, in place of more than a whole plan.

    Raises
    ------
    InputError
        If they are too large all the same.
    """
    exact = _arcs(problem, 1)
    paid = [rate for rate in problem.vehicle_microyuan_per_s.tolist() if rate]
    finest = max(1, min([_typical(exact) // FINE, *(rate // FINE_PER_S for rate in paid)]))
    for times in COARSER:
        unit = finest * times
        arcs = _arcs(problem, unit)
        fixed = tuple(round(value / unit) for value in problem.vehicle_fixed_microyuan.tolist())
        per_s = tuple(round(rate / unit) for rate in problem.vehicle_microyuan_per_s.tolist())
        shifts = problem.vehicle_shift_s.tolist()
        days = [a + b * shift_s for a, b, shift_s in zip(fixed, per_s, shifts, strict=True)]
        for dearest in (_dearest_plan(problem, arcs, days), _dearest_trip(arcs, days)):
            lots, total = _lots(problem, dearest + 1)
            if total < most:
                return Prices(arcs, fixed, per_s, lots, _typical(arcs))
    raise InputError(
        Fault(
            "stops",
            None,
            "stop_worth",
            None,
            _("priorities, worths and costs are too large to be computed exactly"),
            _("use fewer priorities or smaller worths"),
        )
    )


def _arcs(problem: RoutingProblem, unit: int) -> tuple[IntArray, ...]:
    """Return the arcs of every vehicle, the same array for vehicles that pay the same."""
    profiles, rates = problem.vehicle_profile.tolist(), problem.vehicle_microyuan_per_m.tolist()
    way = np.isfinite(problem.travel_m)
    known = {}
    for profile, rate in sorted(set(zip(profiles, rates, strict=True))):
        metres = np.where(way[profile], problem.travel_m[profile], 0).astype(np.int64)
        toll = np.where(way[profile], problem.travel_toll_microyuan[profile], 0)
        known[profile, rate] = (metres * rate + toll + unit // 2) // unit
    return tuple(known[key] for key in zip(profiles, rates, strict=True))


def _typical(arcs: tuple[IntArray, ...]) -> int:
    """Return the mean of all arcs that cost anything, at least 1."""
    different = {id(one): one for one in arcs}.values()
    means = [float(one[one > 0].mean()) for one in different if (one > 0).any()]
    return max(1, int(np.mean(means))) if means else 1


def _dearest_plan(problem: RoutingProblem, arcs: tuple[IntArray, ...], days: list[int]) -> int:
    """Bound what any plan could cost: all vehicles all day, each lot on a trip of its own."""
    lots = int(problem.stop_lots.sum())
    used = [min(count, lots) for count in problem.vehicle_count.tolist()]
    into = np.max([one.max(axis=0, initial=0) for one in arcs], axis=0, initial=0)
    depot = max(into[problem.depot_place].tolist(), default=0)
    stop = into[problem.stop_place].tolist()
    legs = sum(
        wanted * (leg + depot) for wanted, leg in zip(problem.stop_lots.tolist(), stop, strict=True)
    )
    return int(legs + sum(count * day for count, day in zip(used, days, strict=True)))


def _dearest_trip(arcs: tuple[IntArray, ...], days: list[int]) -> int:
    """Bound what one vehicle could cost that brings one lot and comes home."""
    return 2 * max((int(one.max()) for one in arcs), default=0) + max(days, default=0)


def _lots(problem: RoutingProblem, least: int) -> tuple[tuple[int, ...], int]:
    """Return the price of a lot of each stop, and of all lots together."""
    unit: dict[int, int] = {}
    total = 0
    for level in reversed(levels(problem)):
        unit[level] = least + total
        at = problem.stop_priority == level
        wanted = zip(problem.stop_worth[at].tolist(), problem.stop_lots[at].tolist(), strict=True)
        total += unit[level] * sum(worth * lots for worth, lots in wanted)
    each = zip(problem.stop_priority.tolist(), problem.stop_worth.tolist(), strict=True)
    return tuple(unit[level] * worth for level, worth in each), total
