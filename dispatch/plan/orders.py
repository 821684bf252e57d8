"""Orders: each dispatched team with its legs and tasks."""

from __future__ import annotations

from itertools import pairwise

from dispatch.network.route import Route, routes
from dispatch.optimise.problem import DispatchSolution, Service
from dispatch.plan.plan import Leg, Order, Passage, Place, Task
from dispatch.plan.prepare import Prepared
from dispatch.plan.travel import Travel
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
    driven = routes(way.way(row, incident), row, incident)
    arrive_s = int(problem.option_arrival_s[option])
    toll_yuan = round(float(way.toll_yuan[row, incident]), 2)
    free = bool(way.free[row])
    without_s = arrive_s - way.time_s[row, incident] + way.without_policy_s[row, incident]
    origin = Place(team["name"], team["name_en"], float(team["lon"]), float(team["lat"]))
    legs = _legs(prepared, row, incident, driven, team["name"], spec.name)
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
        depart_s=driven[0].start_s,
        arrive_s=arrive_s,
        distance_m=sum(stage.length_m for stage in driven),
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
    driven: tuple[Route, ...],
    origin: str,
    destination: str,
) -> tuple[Leg, ...]:
    """Wait for the release, mobilise, drive, and wait where a road is to open.

    A leg that takes no time is left out, but for the first drive.
    """
    way = prepared.travel
    release_s = int(prepared.release_s[row, incident])
    ready_s = release_s + int(prepared.mobilise_s[row, incident])
    waits = [_where(way, row, stage) if stage.passages else destination for stage in driven[1:]]
    stops = [origin, *waits, destination]
    legs = [
        Leg("wait", 0, release_s, 0, 0.0, 0.0, origin, origin),
        Leg("mobilise", release_s, ready_s, 0, 0.0, 0.0, origin, origin),
        Leg("wait", ready_s, driven[0].start_s, 0, 0.0, 0.0, origin, origin),
    ]
    tolls = _tolls_yuan(round(float(way.toll_yuan[row, incident]), 2), driven)
    for number, (stage, toll_yuan) in enumerate(zip(driven, tolls, strict=True)):
        legs.append(_drive(way, row, stage, toll_yuan, stops[number], stops[number + 1]))
        until_s = driven[number + 1].start_s if number + 1 < len(driven) else stage.end_s
        stop = stops[number + 1]
        legs.append(Leg("wait", stage.end_s, until_s, 0, 0.0, 0.0, stop, stop))
    return tuple(leg for leg in legs if leg.kind == "drive" or leg.end_s > leg.start_s)


def _drive(
    way: Travel, row: int, stage: Route, toll_yuan: float, origin: str, destination: str
) -> Leg:
    free = bool(way.free[row])
    return Leg(
        kind="drive",
        start_s=stage.start_s,
        end_s=stage.end_s,
        distance_m=stage.length_m,
        toll_paid_yuan=0.0 if free else toll_yuan,
        toll_waived_yuan=toll_yuan if free else 0.0,
        origin=origin,
        destination=destination,
        roads=stage.roads,
        links=tuple(way.road.link_id[link] for link in stage.links),
        line=stage.line,
        passages=tuple(
            Passage(
                way.road.link_id[passage.link],
                passage.begin,
                passage.end,
                passage.enter_ms / 1000,
                passage.leave_ms / 1000,
            )
            for passage in stage.passages
        ),
    )


def _tolls_yuan(toll_yuan: float, driven: tuple[Route, ...]) -> list[float]:
    """Share out the toll by tolled length, so that the legs add up to the whole."""
    whole_m = sum(stage.toll_m for stage in driven) or 1
    done_m = [sum(stage.toll_m for stage in driven[:k]) for k in range(len(driven))]
    marks = [round(toll_yuan * metres / whole_m, 2) for metres in done_m] + [toll_yuan]
    return [round(stop - start, 2) for start, stop in pairwise(marks)]


def _where(way: Travel, row: int, stage: Route) -> str:
    """Name the place where a team waits before a stage, and what it waits for."""
    first, road = stage.passages[0], way.road
    place = road.link_ref[first.link] or road.link_id[first.link]
    if first.begin in (0.0, 1.0):
        node = road.link_ends[first.link, int(first.begin)]
        place = road.junction_name[road.node_junction[node]]
    ends = road.link_ends[first.link]
    names = [
        closure.name
        for closure in way.shut_to(row)
        if first.link in closure.link or any(node in closure.node for node in ends)
    ]
    return f"{place} ({', '.join(names)})" if names else place


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
