"""Orders: each dispatched team with its legs and tasks."""

from __future__ import annotations

from typing import Final

import numpy as np

from dispatch.network.itinerary import MODES
from dispatch.optimise.problem import DispatchSolution, Service
from dispatch.plan.legs import legs_of
from dispatch.plan.plan import Order, Place, Task
from dispatch.plan.prepare import Prepared
from dispatch.registry import Registry
from dispatch.scenario import Scenario

MOVES: Final = ("drive", "ride", "fly")


def orders_of(
    registry: Registry, scenario: Scenario, prepared: Prepared, solution: DispatchSolution
) -> tuple[Order, ...]:
    """Return an order for each chosen option, in the order of arrival."""
    problem = prepared.problem
    tasks: dict[int, list[Service]] = {}
    for service in solution.services:
        tasks.setdefault(int(problem.module_team[service.module]), []).append(service)
    orders = [
        _order(registry, scenario, prepared, option, tuple(tasks[int(problem.option_team[option])]))
        for option in solution.options
    ]
    return tuple(sorted(orders, key=lambda order: (order.arrive_s, order.team_id)))


def _order(
    registry: Registry,
    scenario: Scenario,
    prepared: Prepared,
    option: int,
    services: tuple[Service, ...],
) -> Order:
    problem, way = prepared.problem, prepared.travel
    row, incident = int(problem.option_team[option]), int(problem.option_incident[option])
    team = prepared.teams.iloc[row]
    arrive_s = int(problem.option_arrival_s[option])
    mode = MODES[prepared.options.mode[option]]
    ready_s = prepared.mobilised_s[row, incident]
    without_s = arrive_s
    if mode == "road":
        without_s = int(ready_s + way.without_policy_s[row, incident])
    by_road_s = ready_s + way.time_s[row, incident]
    legs = legs_of(registry, scenario, prepared, option)
    moves = [leg for leg in legs if leg.kind in MOVES]
    return Order(
        team_id=problem.team_id[row],
        team_name=team["name"],
        team_name_en=team["name_en"],
        kind=team["kind"],
        tier=team["tier"],
        control_level=team["control_level"],
        personnel=int(team["personnel"]),
        status=team["status"],
        origin=Place(team["name"], team["name_en"], float(team["lon"]), float(team["lat"])),
        incident_id=scenario.incidents[incident].id,
        mode=mode,
        depart_s=moves[0].start_s,
        arrive_s=arrive_s,
        distance_m=sum(leg.distance_m for leg in moves),
        toll_paid_yuan=round(sum(leg.toll_paid_yuan for leg in legs), 2),
        toll_waived_yuan=round(sum(leg.toll_waived_yuan for leg in legs), 2),
        cost_yuan=float(problem.option_cost_yuan[option]),
        without_privilege_s=without_s,
        by_road_s=int(by_road_s) if np.isfinite(by_road_s) else None,
        tasks=tuple(task_of(registry, prepared, service, arrive_s) for service in services),
        legs=legs,
    )


def task_of(registry: Registry, prepared: Prepared, service: Service, arrive_s: int) -> Task:
    """Return what a service asks of its team."""
    problem = prepared.problem
    code = problem.demand_capability[service.demand]
    capability = registry["doctrine/capabilities"].loc[code]
    wanted = prepared.demands.iloc[service.demand]
    return Task(
        demand_id=problem.demand_id[service.demand],
        capability=code,
        capability_name=wanted["name"],
        capability_name_en=wanted["name_en"],
        unit=capability["unit"],
        unit_en=capability["unit_en"],
        modules=service.units,
        quantity=service.quantity,
        on_time=arrive_s <= int(problem.demand_target_s[service.demand]),
    )
