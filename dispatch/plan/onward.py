"""The orders of a plan that goes on: kept ones as they were, new ones from where the team is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dispatch.errors import InvalidPlanError
from dispatch.network.road import RoadNetwork
from dispatch.optimise.problem import DispatchSolution
from dispatch.plan.closures import breaches
from dispatch.plan.orders import MOVES, orders_of, task_of
from dispatch.plan.plan import Leg, Order
from dispatch.plan.position import Position
from dispatch.plan.prepare import Prepared
from dispatch.plan.recourse import Recourse
from dispatch.registry import Registry
from dispatch.scenario import Scenario


def onward(
    registry: Registry, told: Scenario, case: Recourse, now: Prepared, solution: DispatchSolution
) -> tuple[Order, ...]:
    """Return kept orders as they were and new ones from where the team is.

    Parameters
    ----------
    registry : Registry
        As it stands at that moment.
    told : Scenario
        After the events.
    case : Recourse
    now : Prepared
        Its problem as solved.
    solution : DispatchSolution

    Raises
    ------
    InvalidPlanError
        If a new way breaks a closure or the clock: a fault of this package.
    """
    problem = now.problem
    team_of = {k: problem.team_id[problem.option_team[k]] for k in solution.options}
    as_kept = {
        k
        for k, team in team_of.items()
        if team in case.kept
        and problem.incident_id[problem.option_incident[k]] == case.orders[team].incident_id
    }
    rest = tuple(k for k in solution.options if k not in as_kept)
    others = {team_of[k] for k in rest}
    services = solution.services
    parties = {t for t in others if t in case.positions and case.positions[t].party}
    new = [
        order
        for going, ways in ((others - parties, now.journeys), (parties, case.afoot))
        for order in orders_of(
            registry,
            told,
            replace(now, journeys=ways),
            replace(
                solution,
                options=tuple(k for k in rest if team_of[k] in going),
                services=tuple(
                    s for s in services if problem.team_id[problem.module_team[s.module]] in going
                ),
            ),
        )
    ]
    made = [_joined(registry, now.travel.road, told, case, order) for order in new]
    stay = {team_of[k] for k in as_kept} | {
        t for t in case.kept - others if case.positions[t].state in ("arrived", "carried")
    }
    for team in sorted(stay):
        old = case.orders[team]
        tasks = tuple(
            task_of(registry, now, s, old.arrive_s)
            for s in services
            if problem.team_id[problem.module_team[s.module]] == team
        )
        made.append(replace(old, tasks=tasks))
    return tuple(sorted(made, key=lambda order: (order.arrive_s, order.team_id)))


def _joined(
    registry: Registry, road: RoadNetwork, told: Scenario, case: Recourse, order: Order
) -> Order:
    """Put what a team has done before what it does from where it stands, proven."""
    place = case.positions.get(order.team_id)
    if place is None or place.at is None:
        _prove(registry, road, told, order)
        return order
    old = case.orders[order.team_id]
    legs = tuple(_from(place, order.legs))
    # who has left his vehicles behind is still without them in a bus
    mode = old.mode if place.party and order.mode == "road" else order.mode
    order = replace(order, mode=mode)
    first = Leg("wait", 0, place.ready_s, 0, 0.0, 0.0, "", "")
    _prove(registry, road, told, replace(order, legs=(first, *legs)))
    legs = (*place.done, *legs)
    moves = [leg for leg in legs if leg.kind in MOVES]
    return replace(
        order,
        origin=old.origin,
        depart_s=old.depart_s,
        distance_m=sum(leg.distance_m for leg in moves),
        toll_paid_yuan=round(sum(leg.toll_paid_yuan for leg in legs), 2),
        toll_waived_yuan=round(sum(leg.toll_waived_yuan for leg in legs), 2),
        without_privilege_s=order.without_privilege_s if mode == "road" else order.arrive_s,
        legs=legs,
    )


def _from(place: Position, legs: Sequence[Leg]) -> list[Leg]:
    """Return the legs from the place ahead: what comes before the first move is a stop there."""
    last = place.done[-1]
    first = next(k for k, leg in enumerate(legs) if leg.kind in MOVES)
    drive = legs[first]
    if place.place_id and drive.destination_id == place.place_id:
        # it stands there already
        first += 1
    going = list(legs[first:])
    change = "transfer" if place.place_id else "wait"
    stop = replace(
        Leg(change, place.ready_s, going[0].start_s, 0, 0.0, 0.0, last.destination, ""),
        destination=last.destination,
        origin_id=last.destination_id,
        destination_id=last.destination_id,
        origin_en=last.destination_en,
        destination_en=last.destination_en,
    )
    if going[0].kind == "transfer" and change == "transfer":
        going[0] = replace(going[0], start_s=place.ready_s)
        return going
    going[0] = replace(
        going[0],
        origin=last.destination,
        origin_en=last.destination_en,
        origin_id=last.destination_id,
    )
    if place.place_id and stop.start_s < place.bus_s < stop.end_s and going[0].kind == "drive":
        # the bus is there before the road is open
        waits = replace(stop, kind="wait", start_s=place.bus_s)
        return [replace(stop, end_s=place.bus_s), waits, *going]
    return [stop, *going] if stop.end_s > stop.start_s else going


def _prove(registry: Registry, road: RoadNetwork, told: Scenario, order: Order) -> None:
    broken = breaches(registry, road, told, [order])
    if broken:
        raise InvalidPlanError(broken)
