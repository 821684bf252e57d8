"""Replanning: the plan goes on from where everybody is.

Who has arrived or is aboard stays with his incident. An order that nothing has
befallen is kept as it is, leg by leg, and costs nothing more. A team under way
may also turn at the next junction; it does so only if that serves a need of
the first priority that would else go unmet, or is worth more than a stated number
of priority-weighted minutes. To find which turns are, the plan is solved with
all turns allowed; then each turn is taken back in the order of the teams' ids, and
stays taken back unless solving without it loses that much. What is unmet counts
as if it came at its latest time.

Aircraft that the plan uses carry nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from dispatch.doctrine import Doctrine
from dispatch.errors import InvalidPlanError
from dispatch.network.itinerary import MODES
from dispatch.optimise.assign import solve
from dispatch.optimise.problem import DispatchProblem, DispatchSolution
from dispatch.plan.account import illustrative_of, privilege_of, reserves_of
from dispatch.plan.available import available
from dispatch.plan.build import stages_of
from dispatch.plan.closures import breaches
from dispatch.plan.happened import after
from dispatch.plan.incidents import incidents_of
from dispatch.plan.options import ROAD, Options, Use
from dispatch.plan.orders import MOVES, orders_of, task_of
from dispatch.plan.plan import Leg, Order, Plan
from dispatch.plan.position import Position, driven_until, position_of
from dispatch.plan.prepare import Prepared, option_arrays, prepare
from dispatch.registry import Registry
from dispatch.scenario import Scenario
from dispatch.scenario.events import Events

TURN_MIN = 30.0
"""Priority-weighted minutes that turning a team under way must at least be worth."""


@dataclass(frozen=True)
class Replanned:
    """The new plan, its scenario, and where each order of the old one was, by team."""

    plan: Plan
    scenario: Scenario
    positions: Mapping[str, Position]
    broken: frozenset[str]


@dataclass(frozen=True, eq=False)
class _Case:
    """The old orders by team, where they are, and which of them can be kept."""

    prepared: Prepared
    orders: Mapping[str, Order]
    positions: Mapping[str, Position]
    kept: frozenset[str]
    lost: frozenset[str]


def replan(
    registry: Registry,
    doctrine: Doctrine,
    scenario: Scenario,
    plan: Plan,
    events: Events,
    at_s: int,
    *,
    turn_min: float = TURN_MIN,
    time_limit_s: float = 60.0,
    seed: int = 0,
    workers: int = 2,
    backend: str = "auto",
) -> Replanned:
    """Plan on from a time, after events.

    Parameters
    ----------
    registry : Registry
    doctrine : Doctrine
    scenario : Scenario
        That of the plan.
    plan : Plan
    events : Events
        Checked by :func:`dispatch.plan.happened.check_events`.
    at_s : int
        After the start of the scenario.
    turn_min : float
        What a turn must be worth, in priority-weighted minutes.
    time_limit_s : float
        For each solve.
    seed, workers : int
        Of the solver.
    backend : str
        Of the road engine.

    Raises
    ------
    InputError
        If the changed scenario does not fit doctrine or map.
    InvalidPlanError
        If a checker refuses the result: a fault of this package.
    """
    positions = {order.team_id: position_of(registry, order, at_s) for order in plan.orders}
    if events == Events():
        return Replanned(plan, scenario, positions, frozenset())
    told = after(doctrine, scenario, events, at_s)
    # what the events change is checked like a scenario that was written so
    told = Scenario.model_validate(told.model_dump())
    told._file = scenario.file
    late_s = {delay.team: round(delay.minutes * 60) for delay in events.delays}
    ready_s = {team: place.ready_s + late_s.get(team, 0) for team, place in positions.items()}
    left = available(registry, told)
    moved = _moved(left, positions)
    prepared = prepare(moved, doctrine, told, backend=backend, asked_s=at_s, ready_s=ready_s)
    lost = frozenset(told.lost)
    orders = {order.team_id: order for order in plan.orders}
    broken = _broken(registry, prepared, scenario, told, orders, positions, lost)
    bound = {t for t, place in positions.items() if place.state in ("arrived", "carried")}
    orders |= {team: _waits(orders[team], late_s[team]) for team in late_s if team in bound}
    kept = frozenset(orders.keys() - broken - lost - (late_s.keys() - bound))
    case = _Case(prepared, orders, positions, kept, lost)

    def solved(held: frozenset[str]) -> tuple[Prepared, DispatchSolution]:
        now = _prepared(case, held)
        return now, solve(now.problem, time_limit_s=time_limit_s, seed=seed, workers=workers)

    now, solution = _worth_turning(case, solved, turn_min)
    made = _orders(registry, told, case, now, solution)
    return Replanned(
        replace(
            plan,
            level=now.level,
            incidents=incidents_of(left, doctrine, told, now, solution, {}, {}),
            orders=made,
            reserves=reserves_of(left, made),
            privilege=privilege_of(told.policy.toll_free, made),
            stages=stages_of(solution),
            illustrative=illustrative_of(registry, now, made),
        ),
        told,
        positions,
        broken,
    )


def _moved(registry: Registry, positions: Mapping[str, Position]) -> Registry:
    """Return the registry with the teams under way based at the junction ahead."""
    teams = registry.teams
    for team, place in positions.items():
        if place.at is not None and team in teams.index:
            teams.loc[team, ["lon", "lat"]] = place.at
    return replace(registry, tables={**registry.tables, "teams/teams": teams})


def _broken(
    registry: Registry,
    prepared: Prepared,
    before: Scenario,
    told: Scenario,
    orders: Mapping[str, Order],
    positions: Mapping[str, Position],
    lost: frozenset[str],
) -> frozenset[str]:
    """Return the teams whose way does not hold any longer."""
    road, broken = prepared.travel.road, set()
    for team, order in orders.items():
        if positions[team].state == "arrived":
            continue
        if any(leg.kind == "fly" and leg.service in lost for leg in order.legs):
            broken.add(team)
        elif told.closures != before.closures:
            known = breaches(registry, road, before, [order])
            if set(breaches(registry, road, told, [order])) - set(known):
                broken.add(team)
    return frozenset(broken)


def _waits(order: Order, late_s: int) -> Order:
    """Return an order whose team begins so much later where it arrives."""
    last, end_s = order.legs[-1], order.arrive_s + late_s
    place, place_en = last.destination, last.destination_en
    wait = Leg("wait", order.arrive_s, end_s, 0, 0.0, 0.0, place, place)
    wait = replace(wait, origin_en=place_en, destination_en=place_en)
    return replace(order, arrive_s=end_s, legs=(*order.legs, wait))


def _prepared(case: _Case, held: frozenset[str]) -> Prepared:
    """Return the problem in which some teams under way may not turn."""
    options = _options(case, held)
    problem = replace(case.prepared.problem, **option_arrays(options))
    return replace(case.prepared, options=options, problem=problem)


def _options(case: _Case, held: frozenset[str]) -> Options:
    """Return the kept orders, and whatever else each team may do."""
    told, problem = case.prepared.options, case.prepared.problem
    row = {team: number for number, team in enumerate(problem.team_id)}
    place = {incident: number for number, incident in enumerate(problem.incident_id)}
    used = [leg for order in case.orders.values() for leg in order.legs]
    new = [k for k in range(len(told.team)) if _open(case, held, k) and _free(told.uses[k], used)]
    kept = [case.orders[t] for t in sorted(case.kept) if t in row]
    columns = {
        "team": [row[order.team_id] for order in kept],
        "incident": [place[order.incident_id] for order in kept],
        "mode": [MODES.index(order.mode) for order in kept],
        "journey": [-1] * len(kept),
        "arrive_s": [order.arrive_s for order in kept],
        # what it costs is spent
        "cost_yuan": [0] * len(kept),
    }
    joined = {
        name: np.concatenate([getattr(told, name)[new], np.array(values, np.int64)])
        for name, values in columns.items()
    }
    uses = [*(told.uses[k] for k in new), *([()] * len(kept))]
    keys = ("journey", "arrive_s", "mode", "incident", "team")
    order = np.lexsort([joined[name] for name in keys])
    return Options(
        **{name: values[order] for name, values in joined.items()},
        uses=tuple(uses[k] for k in order),
    )


def _open(case: _Case, held: frozenset[str], k: int) -> bool:
    """Tell whether a team may take a new way."""
    told, problem = case.prepared.options, case.prepared.problem
    team = problem.team_id[told.team[k]]
    own = case.orders.get(team)
    if team in case.lost:
        return False
    if own is None:
        return True
    same = problem.incident_id[told.incident[k]] == own.incident_id
    if same and team in case.kept:
        return False
    state = case.positions[team].state
    if state == "under_way":
        return int(told.mode[k]) == ROAD and (same or team not in held)
    return state == "waiting"


def _free(uses: tuple[Use, ...], legs: list[Leg]) -> bool:
    """Tell whether nothing that a journey uses is used by the plan, whoever keeps it."""
    for use in uses:
        kind, *rest = use.lift.split("/")
        for leg in legs:
            if kind == "aircraft" and leg.kind == "fly" and leg.service == rest[0]:
                return False
            ridden = kind != "aircraft" and leg.kind == "ride" and leg.service in use.lift
            if ridden and use.from_s <= leg.start_s < use.until_s:
                return False
    return True


Solved = tuple[Prepared, DispatchSolution]


def _worth_turning(
    case: _Case, solved: Callable[[frozenset[str]], Solved], turn_min: float
) -> Solved:
    """Return the plan in which every turn is worth it."""
    under_way = {t for t in case.kept if case.positions[t].state == "under_way"}
    best = solved(frozenset())
    held = frozenset(under_way - _turned(case, under_way, best))
    for team in sorted(under_way - held):
        if team not in _turned(case, under_way, best):
            continue
        without = solved(held | {team})
        first, minutes = _loss(without[0].problem, without[1])
        least, fewest = _loss(best[0].problem, best[1])
        if first <= least and minutes - fewest <= turn_min:
            held, best = held | {team}, without
    return best


def _turned(case: _Case, under_way: set[str], found: Solved) -> set[str]:
    """Return the teams under way that no longer go where they were sent."""
    problem = found[0].problem
    going = {
        problem.team_id[problem.option_team[k]]: problem.incident_id[problem.option_incident[k]]
        for k in found[1].options
    }
    return {t for t in under_way if going.get(t, "") not in ("", case.orders[t].incident_id)}


def _loss(problem: DispatchProblem, solution: DispatchSolution) -> tuple[int, float]:
    """Return units unmet at the first priority, and priority-weighted minutes."""
    arrive_s = {int(problem.option_team[k]): problem.option_arrival_s[k] for k in solution.options}
    weight = problem.demand_weight / problem.demand_quantity / 60
    missing = problem.demand_quantity.copy()
    minutes = 0.0
    for service in solution.services:
        d = service.demand
        missing[d] -= service.quantity
        there_s = arrive_s[int(problem.module_team[service.module])]
        minutes += float(weight[d] * service.quantity * there_s)
    minutes += float((weight * missing * problem.demand_latest_s).sum())
    first = problem.demand_weight == problem.demand_weight.max()
    return int(missing[first].sum()), minutes


def _orders(
    registry: Registry, told: Scenario, case: _Case, now: Prepared, solution: DispatchSolution
) -> tuple[Order, ...]:
    """Return kept orders as they were and new ones from where the team is."""
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
    mine = tuple(s for s in services if problem.team_id[problem.module_team[s.module]] in others)
    new = orders_of(registry, told, now, replace(solution, options=rest, services=mine))
    clear = breaches(registry, now.travel.road, told, new)
    if clear:
        raise InvalidPlanError(clear)
    made = [_joined(registry, case, order) for order in new]
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


def _joined(registry: Registry, case: _Case, order: Order) -> Order:
    """Put what a team has driven before what it drives from the junction."""
    place = case.positions.get(order.team_id)
    if place is None or place.at is None:
        return order
    old = driven_until(registry, case.orders[order.team_id], place)
    onward = [leg for leg in order.legs if leg.kind != "mobilise"][1:]
    here = old.legs[-1].destination
    starts_s = onward[0].start_s
    stop = [Leg("wait", place.ready_s, starts_s, 0, 0.0, 0.0, here, here)]
    legs = (
        *old.legs,
        *(leg for leg in stop if leg.end_s > leg.start_s),
        replace(onward[0], origin=here, origin_en=""),
        *onward[1:],
    )
    moves = [leg for leg in legs if leg.kind in MOVES]
    return replace(
        order,
        origin=old.origin,
        depart_s=old.depart_s,
        distance_m=sum(leg.distance_m for leg in moves),
        toll_paid_yuan=round(sum(leg.toll_paid_yuan for leg in legs), 2),
        toll_waived_yuan=round(sum(leg.toll_waived_yuan for leg in legs), 2),
        legs=legs,
    )
