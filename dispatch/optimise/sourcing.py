"""The sourcing problem as plain integer arrays: what there is, where and when, and what is wanted.

Goods are counted in lots, a lot being what one loading place (a slot: a pallet,
a part of a truck's floor) holds of one kind of goods. A fleet can load so many
kg and litres a day, and therefore so many slots: goods of two kinds share a
vehicle, not a slot. As nearly every lot takes one slot, all goods together are
almost a plain network flow, and its linear relaxation is almost always whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dispatch.optimise.problem import SHARE, IntArray, StageResult

OWN_CARRIER: Final = -1
"""Fleet of a lane on which the sender drives with vehicles that nobody counts."""

WHOLE: Final = 100
"""Shares of the worst served are told in hundredths."""


@dataclass(frozen=True, eq=False)
class SourcingProblem:
    """What there is and what is wanted over the days of a horizon, in lots.

    Rows are items (I), sites (S), fleets (F), lanes (L), sources (G), needs
    (N) and floors (R). Days run from 0 to T - 1, all quantities are whole. A
    site may store, want, pass on or sell goods: depots, shelters and suppliers
    are told apart by what other tables say of them, and by nothing else.

    Parameters
    ----------
    days : int
        Length of the horizon, T.
    slot_kg, slot_litres : int
        What one slot bears and holds.
    item_id : tuple of str, length I
    item_kg, item_litres : IntArray, shape (I,)
        Mass and volume of a lot, rounded up.
    site_id : tuple of str, length S
    fleet_id : tuple of str, length F
    fleet_kg, fleet_litres : IntArray, shape (F, T)
        What a fleet can load on each day.
    lane_from, lane_to : IntArray, shape (L,)
        Sites. A way that is closed, or takes longer on other days, is several
        lanes or none.
    lane_fleet : IntArray, shape (L,)
        Row of the fleet, or :data:`OWN_CARRIER`.
    lane_days, lane_away : IntArray, shape (L,)
        Days from departure to arrival, 0 for the same day; days for which a
        vehicle on this lane is away from its fleet, at least 1.
    lane_opens, lane_closes : IntArray, shape (L,)
        First and last day of departure.
    lane_yuan : IntArray, shape (L,)
        Cost of one slot.
    source_id : tuple of str, length G
    source_site, source_item, source_day, source_lots : IntArray, shape (G,)
        Where and on which day lots come into being: stock (day 0), donations,
        offers of suppliers.
    source_bought, source_yuan : IntArray, shape (G,)
        1 where lots come only if they are bought, and the price of a lot.
    need_id : tuple of str, length N
    need_site, need_item, need_lots, need_weight : IntArray, shape (N,)
    need_due, need_latest : IntArray, shape (N,)
        Served on the due day or after it, up to the latest day; what arrives
        earlier waits at the site.
    floor_id : tuple of str, length R
    floor_site, floor_item, floor_lots : IntArray, shape (R,)
        What should lie at a site at the end of each day.
    budget_yuan : int or None
        Most that may be spent on what is bought.
    """

    days: int
    slot_kg: int
    slot_litres: int
    item_id: tuple[str, ...]
    item_kg: IntArray
    item_litres: IntArray
    site_id: tuple[str, ...]
    fleet_id: tuple[str, ...]
    fleet_kg: IntArray
    fleet_litres: IntArray
    lane_from: IntArray
    lane_to: IntArray
    lane_fleet: IntArray
    lane_days: IntArray
    lane_away: IntArray
    lane_opens: IntArray
    lane_closes: IntArray
    lane_yuan: IntArray
    source_id: tuple[str, ...]
    source_site: IntArray
    source_item: IntArray
    source_day: IntArray
    source_lots: IntArray
    source_bought: IntArray
    source_yuan: IntArray
    need_id: tuple[str, ...]
    need_site: IntArray
    need_item: IntArray
    need_lots: IntArray
    need_weight: IntArray
    need_due: IntArray
    need_latest: IntArray
    floor_id: tuple[str, ...]
    floor_site: IntArray
    floor_item: IntArray
    floor_lots: IntArray
    budget_yuan: int | None = None


@dataclass(frozen=True)
class Shipment:
    """Lots of one item that leave on a lane on a day, at least one."""

    lane: int
    item: int
    day: int
    lots: int


@dataclass(frozen=True)
class Purchase:
    """Lots bought of a source, at least one."""

    source: int
    lots: int


@dataclass(frozen=True)
class Serving:
    """Lots handed out for a need on a day, at least one."""

    need: int
    day: int
    lots: int


@dataclass(frozen=True)
class SourcingSolution:
    """What moves when, what is bought, and which needs it serves.

    Parameters
    ----------
    shipments : tuple of Shipment
        In ascending order of (lane, item, day).
    purchases : tuple of Purchase
        In ascending order of their sources.
    servings : tuple of Serving
        In ascending order of (need, day).
    stages : tuple of StageResult
        In the order of :func:`stages`.
    """

    shipments: tuple[Shipment, ...]
    purchases: tuple[Purchase, ...]
    servings: tuple[Serving, ...]
    stages: tuple[StageResult, ...] = ()


@dataclass(frozen=True, eq=False)
class Claims:
    """What a site claims of an item at one weight, over all days.

    Parameters
    ----------
    of_need : IntArray, shape (N,)
        Claim to which each need belongs.
    weight, portion : IntArray, shape (C,)
        Weight, and the fair portion in lots: of what all sites could be served
        with in time, as much as there is of the item, shared in proportion.
    """

    of_need: IntArray
    weight: IntArray
    portion: IntArray


def stages(problem: SourcingProblem) -> tuple[tuple[str, str], ...]:
    """Return the lexicographic stages in order, with their sense.

    1. ``worst_share_W``, one stage for each weight W from the greatest: the
       least share, in whole hundredths, of its fair portion that any claim of
       this weight is served with; 100 where all have theirs. A claim to which
       nothing can come in time has no portion and does not count. One that
       vehicles can bring only a part of sets the level; what others get beyond
       it is left to the stages below;
    2. ``served``: sum of points over lots served (:func:`points`);
    3. ``lateness``: sum of points * days after the due day;
    4. ``floors``: lots missing from the floors, summed over the days;
    5. ``cost``: yuan for what is bought and carried.
    """
    worst = ((share_stage(weight), "max") for weight in weights(problem))
    rest = (("served", "max"), ("lateness", "min"), ("floors", "min"), ("cost", "min"))
    return (*worst, *rest)


def share_stage(weight: int) -> str:
    """Return the name of the stage that raises the worst share of a weight."""
    return f"worst_share_{weight}"


def weights(problem: SourcingProblem) -> list[int]:
    """Return the weights of the needs, the greatest first."""
    found: list[int] = np.unique(problem.need_weight)[::-1].tolist()
    return found


def loads(problem: SourcingProblem) -> IntArray:
    """Return how many slots a lot of each item takes, shape (I,)."""
    heavy = -(-problem.item_kg // problem.slot_kg)
    bulky = -(-problem.item_litres // problem.slot_litres)
    return np.maximum(1, np.maximum(heavy, bulky))


def slots(problem: SourcingProblem) -> IntArray:
    """Return how many slots each fleet can load on each day, shape (F, T)."""
    borne = problem.fleet_kg // problem.slot_kg
    held = problem.fleet_litres // problem.slot_litres
    return np.minimum(borne, held)


def points(problem: SourcingProblem) -> IntArray:
    """Return what a lot served is worth for each need, shape (N,).

    All that is wanted of an item is worth ``weight * SHARE``, whatever its
    unit; within an item each lot of the same weight is worth the same.
    """
    total = np.zeros(len(problem.item_id), np.int64)
    np.add.at(total, problem.need_item, problem.need_lots)
    worth: IntArray = problem.need_weight * SHARE // total[problem.need_item]
    return np.maximum(worth, 1)


def lane_costs(problem: SourcingProblem) -> IntArray:
    """Return the cost of a lot of each item on each lane in yuan, shape (L, I)."""
    return problem.lane_yuan[:, None] * loads(problem)[None, :]


def usable(problem: SourcingProblem) -> NDArray[np.bool_]:
    """Return whether a lot of an item may leave on a lane on a day, shape (L, I, T).

    The lane is open, the lot arrives within the horizon, and the fleet, if it
    did nothing else, could carry it.
    """
    day = np.arange(problem.days)
    leaves = (problem.lane_opens[:, None] <= day) & (day <= problem.lane_closes[:, None])
    leaves &= day + problem.lane_days[:, None] < problem.days
    least = np.zeros((len(problem.lane_from), problem.days), np.int64)
    capacity = slots(problem)
    for lane, fleet in enumerate(problem.lane_fleet.tolist()):
        for start in range(problem.days):
            away = slice(start, start + int(problem.lane_away[lane]))
            free = loads(problem).max(initial=1) if fleet < 0 else capacity[fleet, away].min()
            least[lane, start] = free
    fits: NDArray[np.bool_] = loads(problem)[None, :, None] <= least[:, None, :]
    return fits & leaves[:, None, :]


def present(problem: SourcingProblem) -> NDArray[np.bool_]:
    """Return whether any lot of an item could be at a site by a day, shape (I, S, T)."""
    there = np.zeros((len(problem.item_id), len(problem.site_id), problem.days), np.bool_)
    ripe = problem.source_lots > 0
    there[problem.source_item[ripe], problem.source_site[ripe], problem.source_day[ripe]] = True
    can_leave = usable(problem)
    by_speed = np.argsort(problem.lane_days, kind="stable").tolist()
    for day in range(problem.days):
        if day:
            there[:, :, day] |= there[:, :, day - 1]
        while True:
            before = int(there[:, :, day].sum())
            for lane in by_speed:
                start, end = int(problem.lane_from[lane]), int(problem.lane_to[lane])
                arrival = day + int(problem.lane_days[lane])
                if arrival < problem.days:
                    there[:, end, arrival] |= there[:, start, day] & can_leave[lane, :, day]
            if int(there[:, :, day].sum()) == before:
                break
    return there


def claims(problem: SourcingProblem) -> Claims:
    """Gather the needs into claims and work out their fair portions."""
    keys = np.stack((problem.need_site, problem.need_item, problem.need_weight))
    unique, of_need = np.unique(keys, axis=1, return_inverse=True)
    of_need = of_need.ravel()
    in_time = present(problem)[problem.need_item, problem.need_site, problem.need_latest]
    attainable = np.zeros(unique.shape[1], np.int64)
    np.add.at(attainable, of_need, problem.need_lots * in_time)
    wanted, there_is = (np.zeros(len(problem.item_id), np.int64) for _ in range(2))
    np.add.at(wanted, unique[1], attainable)
    np.add.at(there_is, problem.source_item, problem.source_lots)
    item = unique[1]
    part = np.minimum(wanted, there_is)[item]
    portion: IntArray = attainable * part // np.maximum(wanted[item], 1)
    return Claims(of_need.astype(np.int64), unique[2], portion)
