"""A hub's days one after the other: what stays behind goes out on the next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from dispatch.optimise.routes import RoutingProblem, RoutingSolution
from dispatch.optimise.sourcing import SourcingSolution
from dispatch.plan.supply import Goods
from dispatch.plan.supply_bundles import Allotment, allotments
from dispatch.plan.supply_hub import HubDay, put_up_for
from dispatch.plan.supply_lanes import hub_id
from dispatch.plan.supply_lend import Burden, Lent
from dispatch.plan.supply_problem import SupplyTask
from dispatch.plan.supply_roads import ON_HAND_H, S_PER_H, TruckRoads
from dispatch.plan.supply_routes import Delivered, delivering, together
from dispatch.scenario.supply import ShelterSpec, SupplySpec

BACK_H: Final = 22
"""Hour of local time by which every vehicle of the last mile is back (assumption)."""

PRIORITIES: Final = (1, 2, 3)

VAIN: Final = frozenset({"no_way", "too_large", "too_late", "shift_too_short"})
"""Reasons that more vehicles don't help against."""


@dataclass(frozen=True, eq=False)
class Deliveries:
    """All that the last mile has to bring, and the roads for it.

    Parameters
    ----------
    trucks : TruckRoads
    supply : SupplySpec
    task : SupplyTask
    goods : Allotment
    arrived : mapping of (hub, day) to int
        When the last goods of a day are unloaded at a hub.
    urgency : mapping of item to int
        The first priority with which anybody needs it.
    """

    trucks: TruckRoads
    supply: SupplySpec
    task: SupplyTask
    goods: Allotment
    arrived: Mapping[tuple[str, int], int]
    urgency: Mapping[str, int]


def deliveries(
    trucks: TruckRoads, supply: SupplySpec, task: SupplyTask, solution: SourcingSolution
) -> Deliveries:
    """Share out what sourcing sends to the hubs among their shelters."""
    urgency: dict[str, int] = {}
    for need in task.needs:
        code = need.key.item_code
        urgency[code] = min(urgency.get(code, 9), need.key.priority)
    goods, arrived = allotments(task, solution), arrivals_s(task, solution)
    return Deliveries(trucks, supply, task, goods, arrived, urgency)


class Due(NamedTuple):
    """Goods of one priority for a shelter."""

    shelter: ShelterSpec
    priority: int
    goods: Counter[str]


def hub_days(
    work: Deliveries, hub: Burden, lent: tuple[Lent, ...], before: tuple[Delivered, ...] = ()
) -> Generator[RoutingProblem, RoutingSolution, tuple[Delivered, ...]]:
    """Ask for the routes of each day of a hub that something is brought on.

    Parameters
    ----------
    work : Deliveries
    hub : Burden
    lent : tuple of Lent
        Vehicles of this hub.
    before : tuple of Delivered
        Its days as they were with fewer vehicles. One that brings the same stays as it
        is, unless goods waited at its end for want of vehicles; all of them stay if more
        vehicles don't help on the first such day.
    """
    shelters = [one for one in work.supply.shelters if hub_id(one.county) == hub.hub]
    were = {one.task.day: one for one in before}
    tried = False
    done: list[Delivered] = []
    waiting: Mapping[str, Counter[str]] = {}
    for day in range(work.supply.days):
        today = _today(shelters, work.goods, waiting, work.urgency, day)
        if not today:
            continue
        old = were.get(day)
        if old is not None and not lacks([old]) and _brings(old.task, today):
            done.append(old)
        else:
            hub_day = _hub_day(work.task, hub, day, today, lent, work.arrived)
            done.append((yield from delivering(work.trucks, hub_day)))
            if old is not None and not tried and waiting_worth(done[-1:]) >= waiting_worth([old]):
                return before
            tried = True
        waiting = _waiting(done[-1])
    return tuple(done)


def waiting_worth(days: Sequence[Delivered]) -> tuple[int, ...]:
    """Return what waits at the ends of days by its worth, the first priority first."""
    worth = Counter[int]()
    for day in days:
        if day.problem is not None and day.solution is not None:
            for row in day.solution.unserved:
                priority = int(day.problem.stop_priority[row.stop])
                worth[priority] += row.lots * int(day.problem.stop_worth[row.stop])
    return tuple(worth[priority] for priority in PRIORITIES)


def lacks(days: Sequence[Delivered]) -> bool:
    """Tell whether anything waits at the end of a day that more vehicles could bring."""
    return any(left.reason not in VAIN for day in days for left in day.undelivered)


def _brings(task: HubDay, today: list[Due]) -> bool:
    """Tell whether a day is planned for just these goods."""
    planned = [
        (shelter.id, priority, together(put_up.loads))
        for shelter, priority, put_up in zip(
            task.shelters, task.priorities, task.put_up, strict=True
        )
    ]
    return planned == [
        (due.shelter.id, due.priority, together((_goods(due.goods),))) for due in today
    ]


def _goods(units: Mapping[str, int]) -> tuple[Goods, ...]:
    return tuple(Goods(code, count) for code, count in units.items())


def _waiting(done: Delivered) -> dict[str, Counter[str]]:
    """Return what each shelter still waits for at the end of a day."""
    waiting: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in done.undelivered:
        waiting[row.shelter].update({g.item_code: g.quantity for g in row.goods})
    return waiting


def arrivals_s(task: SupplyTask, solution: SourcingSolution) -> dict[tuple[str, int], int]:
    """Return when the last goods of each day are unloaded at each place."""
    found: defaultdict[tuple[str, int], int] = defaultdict(int)
    for shipment in solution.shipments:
        lane = task.lanes[shipment.lane]
        key = lane.destination, shipment.day + lane.taken_days
        found[key] = max(found[key], lane.arrive_s[shipment.day - lane.opens])
    return found


def _today(
    shelters: list[ShelterSpec],
    goods: Allotment,
    waiting: Mapping[str, Counter[str]],
    urgency: Mapping[str, int],
    day: int,
) -> list[Due]:
    """Return what each shelter is to get by priority: the goods of the day, and what waits."""
    found = []
    for shelter in shelters:
        both = goods.get((day, shelter.id), Counter()) + waiting.get(shelter.id, Counter())
        for priority in sorted({urgency[code] for code in both}):
            some = Counter({code: both[code] for code in both if urgency[code] == priority})
            found.append(Due(shelter, priority, some))
    return found


def _hub_day(
    task: SupplyTask,
    burden: Burden,
    day: int,
    today: list[Due],
    lent: tuple[Lent, ...],
    arrived: Mapping[tuple[str, int], int],
) -> HubDay:
    midnight_s, on_hand_s, ends_s = hours_of(task, burden.hub, day, arrived)
    here = tuple(one for one in lent if one.ready_s < ends_s)
    return HubDay(
        day=day,
        hub=burden.hub,
        lon=burden.lon,
        lat=burden.lat,
        on_hand_s=on_hand_s,
        ends_s=ends_s,
        midnight_s=midnight_s,
        shelters=tuple(due.shelter for due in today),
        priorities=tuple(due.priority for due in today),
        put_up=tuple(put_up_for(due.goods, due.shelter, here, task.items) for due in today),
        lent=here,
        s_per_kg=max((one.unload_s / one.payload_kg for one in here if one.profile), default=0.6),
    )


def hours_of(
    task: SupplyTask, hub: str, day: int, arrived: Mapping[tuple[str, int], int]
) -> tuple[int, int, int]:
    """Return midnight, when the goods of a day are at a hub, and when vehicles must be back."""
    midnight_s = task.days.on_hand_s[day] - ON_HAND_H * S_PER_H
    on_hand_s = max(task.days.begins_s[day], arrived.get((hub, day), 0))
    return midnight_s, on_hand_s, max(on_hand_s, midnight_s + BACK_H * S_PER_H)
