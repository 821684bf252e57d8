"""Orders: each dispatched team with its legs and tasks."""

from __future__ import annotations

from dispatch.network.drive import Route, route
from dispatch.optimise.problem import DispatchSolution, Service
from dispatch.plan.plan import Leg, Order, Place, Task
from dispatch.plan.prepare import Prepared
from dispatch.registry import Registry
from dispatch.scenario import Scenario


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
    spec = scenario.incidents[incident]
    driven = route(way.way(row, incident), row, incident)
    arrive_s = int(problem.option_arrival_s[option])
    toll_yuan = round(float(way.toll_yuan[row, incident]), 2)
    free = bool(way.free[row])
    without_s = arrive_s - way.time_s[row, incident] + way.without_policy_s[row, incident]
    origin = Place(team["name"], team["name_en"], float(team["lon"]), float(team["lat"]))
    legs = _legs(prepared, row, incident, driven, team["name"], spec.name, arrive_s)
    return Order(
        team_id=problem.team_id[row],
        team_name=team["name"],
        team_name_en=team["name_en"],
        kind=team["kind"],
        tier=team["tier"],
        control_level=team["control_level"],
        personnel=int(team["personnel"]),
        status=team["status"],
        origin=origin,
        incident_id=spec.id,
        mode="road",
        depart_s=legs[-1].start_s,
        arrive_s=arrive_s,
        distance_m=driven.length_m,
        toll_paid_yuan=0.0 if free else toll_yuan,
        toll_waived_yuan=toll_yuan if free else 0.0,
        cost_yuan=float(problem.option_cost_yuan[option]),
        without_privilege_s=int(without_s),
        tasks=tuple(_task(registry, prepared, service, arrive_s) for service in services),
        legs=legs,
    )


def _legs(
    prepared: Prepared,
    row: int,
    incident: int,
    driven: Route,
    origin: str,
    destination: str,
    arrive_s: int,
) -> tuple[Leg, ...]:
    """Wait for the release, mobilise, drive; a leg that takes no time is left out."""
    way = prepared.travel
    release_s = int(prepared.release_s[row, incident])
    ready_s = release_s + int(prepared.mobilise_s[row, incident])
    toll_yuan = round(float(way.toll_yuan[row, incident]), 2)
    free = bool(way.free[row])
    legs = (
        Leg("wait", 0, release_s, 0, 0.0, 0.0, origin, origin),
        Leg("mobilise", release_s, ready_s, 0, 0.0, 0.0, origin, origin),
        Leg(
            kind="drive",
            start_s=ready_s,
            end_s=arrive_s,
            distance_m=driven.length_m,
            toll_paid_yuan=0.0 if free else toll_yuan,
            toll_waived_yuan=toll_yuan if free else 0.0,
            origin=origin,
            destination=destination,
            roads=driven.roads,
            links=tuple(way.road.link_id[link] for link in driven.links),
            line=driven.line,
        ),
    )
    return tuple(leg for leg in legs if leg.kind == "drive" or leg.end_s > leg.start_s)


def _task(registry: Registry, prepared: Prepared, service: Service, arrive_s: int) -> Task:
    problem = prepared.problem
    code = problem.demand_capability[service.demand]
    capability = registry["doctrine/capabilities"].loc[code]
    return Task(
        demand_id=problem.demand_id[service.demand],
        capability=code,
        capability_name=capability["name"],
        capability_name_en=capability["name_en"],
        unit=capability["unit"],
        unit_en=capability["unit_en"],
        modules=service.units,
        quantity=service.quantity,
        on_time=arrive_s <= int(problem.demand_target_s[service.demand]),
    )
