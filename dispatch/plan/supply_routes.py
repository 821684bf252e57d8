"""The last mile: each hub's goods to its shelters, day by day.

What no vehicle brings on its day lies at the hub and goes out on the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

from dispatch.optimise.route_fill import delivered_lots
from dispatch.optimise.routes import Route, RoutingProblem, RoutingSolution, Trip
from dispatch.plan.supply import DeliveryRoute, Drop, Goods, Round, Undelivered, Way
from dispatch.plan.supply_hub import HubDay, Travel, hub_problem, hub_travel, place_ids
from dispatch.plan.supply_roads import TruckRoads

REASONS: Final = {
    "no_access": (
        "没有可派的车辆或飞机能进入",
        "no vehicle or aircraft that is there may go there",
    ),
    "no_way": ("道路不通，无路可达", "no road there is open"),
    "too_large": (
        "一批货超过所有可用车辆的载量",
        "one load is more than any vehicle there carries",
    ),
    "too_late": ("所有车辆都在其停止收货后才能到", "every vehicle would come after it closes"),
    "shift_too_short": ("没有车辆能在当班时限内返回", "no vehicle could be back within its shift"),
    "fleet_too_small": ("车辆全部满载也运不完", "its vehicles, all full, cannot carry it all"),
    "no_room": ("能去的车辆都已满载", "every vehicle that could bring it is full"),
    "no_time": ("能去的车辆当日已无时间", "no vehicle has the time besides what it does already"),
}


WayBook = dict[Way, int]
"""The ways of a plan with their rows; those of each day are added to it."""


class Delivered(NamedTuple):
    """A hub's day as it is driven, and the row of each delivery that stays behind.

    ``travel``, ``problem`` and ``solution`` are None where no vehicle was lent.
    """

    task: HubDay
    travel: Travel | None
    problem: RoutingProblem | None
    solution: RoutingSolution | None
    undelivered: tuple[Undelivered, ...]
    rows: tuple[int, ...]


def delivering(
    trucks: TruckRoads, task: HubDay
) -> Generator[RoutingProblem, RoutingSolution, Delivered]:
    """Ask for the routes of a hub's day, and tell what they leave behind."""
    if not task.lent:
        rows = tuple(range(len(task.shelters)))
        stays = tuple(_left(task, row, "no_access", True) for row in rows)
        return Delivered(task, None, None, None, stays, rows)
    travel = hub_travel(trucks, task)
    problem = hub_problem(trucks, task, travel)
    solution = yield problem
    given = delivered_lots(problem, list(solution.routes)).tolist()
    left = tuple(
        _left(task, row.stop, row.reason, row.proved, given[row.stop]) for row in solution.unserved
    )
    rows = tuple(row.stop for row in solution.unserved)
    return Delivered(task, travel, problem, solution, left, rows)


def routes_of(
    done: Delivered, ways: WayBook, first: Mapping[tuple[str, str, str], int]
) -> Iterator[DeliveryRoute]:
    """Yield a hub's routes on a day; the ways driven are added to the book.

    Parameters
    ----------
    first : mapping of (hub, home, vehicle) to int
        Number of the first vehicle lent to a hub among its equals of one home.
    """
    if done.travel is None or done.problem is None or done.solution is None:
        return
    drops = _drops(done.task, done.solution)
    used = Counter[int]()
    for route in done.solution.routes:
        one = done.task.lent[route.vehicle]
        number = first[one.hub, one.home, one.vehicle] + used[route.vehicle]
        used[route.vehicle] += 1
        rounds = _rounds(done.problem, done.task, done.travel, route, drops, ways)
        yield _told(done.problem, done.task, route, number, rounds)


def _told(
    problem: RoutingProblem, task: HubDay, route: Route, number: int, rounds: tuple[Round, ...]
) -> DeliveryRoute:
    profile = int(problem.vehicle_profile[route.vehicle])
    legs = (leg for trip in route.trips for leg in pairwise(_places(problem, trip)))
    return DeliveryRoute(
        day=task.day + 1,
        hub=task.hub,
        vehicle=task.lent[route.vehicle].vehicle,
        home=task.lent[route.vehicle].home,
        number=number,
        distance_m=round(sum(float(problem.travel_m[profile, a, b]) for a, b in legs)),
        rounds=rounds,
    )


def _rounds(
    problem: RoutingProblem,
    task: HubDay,
    travel: Travel,
    route: Route,
    drops: dict[int, Drop],
    ways: WayBook,
) -> tuple[Round, ...]:
    kind = int(problem.vehicle_profile[route.vehicle])
    names = place_ids(task)
    ends = [*(trip.begin_s for trip in route.trips[1:]), route.end_s]
    rounds = []
    for trip, back_s in zip(route.trips, ends, strict=True):
        legs = ((a, b, travel.way(kind, a, b)) for a, b in pairwise(_places(problem, trip)))
        driven = (Way(names[a], names[b], *way) for a, b, way in legs if way is not None)
        rows = tuple(ways.setdefault(way, len(ways)) for way in driven)
        halts = tuple(drops[id(visit)] for visit in trip.visits)
        rounds.append(Round(trip.begin_s, trip.leave_s, back_s, halts, rows))
    return tuple(rounds)


def _places(problem: RoutingProblem, trip: Trip) -> list[int]:
    """Return the places of a trip: the hub, the shelters, and the hub again."""
    return [0, *(int(problem.stop_place[visit.stop]) for visit in trip.visits), 0]


def _drops(task: HubDay, solution: RoutingSolution) -> dict[int, Drop]:
    """Hand out the loads of each shelter in the order in which vehicles come."""
    given = Counter[int]()
    visits = sorted(
        (visit for route in solution.routes for trip in route.trips for visit in trip.visits),
        key=lambda visit: (visit.begin_s, visit.stop),
    )
    drops = {}
    for visit in visits:
        first = given[visit.stop]
        loads = task.put_up[visit.stop].loads[first : first + visit.lots]
        given[visit.stop] += visit.lots
        drops[id(visit)] = Drop(
            shelter=task.shelters[visit.stop].id,
            arrive_s=visit.arrive_s,
            begin_s=visit.begin_s,
            leave_s=visit.leave_s,
            goods=together(loads),
        )
    return drops


def together(loads: tuple[tuple[Goods, ...], ...]) -> tuple[Goods, ...]:
    """Return the goods of several loads as one list, by item."""
    total = Counter[str]()
    for load in loads:
        for goods in load:
            total[goods.item_code] += goods.quantity
    return tuple(Goods(code, total[code]) for code in sorted(total))


def _left(task: HubDay, row: int, reason: str, proved: bool, given: int = 0) -> Undelivered:
    zh, en = REASONS[reason]
    return Undelivered(
        day=task.day + 1,
        shelter=task.shelters[row].id,
        goods=together(task.put_up[row].loads[given:]),
        reason=reason,
        proved=proved,
        text_zh=zh,
        text_en=en,
    )
