"""Replanning: the plan goes on from where everybody is.

Who has arrived or is aboard stays with his incident. An order that nothing has
befallen is kept as it is, leg by leg, and costs nothing more. An order whose way
no longer holds is given another from where the team stands, or from the next
stop of its train or aircraft. A team under way may also turn at the next
junction; it does so only if that serves a need of the first priority that would
else go unmet, or is worth more than a stated number of priority-weighted minutes.

Aircraft that the plan uses carry nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dispatch.doctrine import Doctrine
from dispatch.network.road import RoadNetwork, build_road_network
from dispatch.optimise.assign import solve
from dispatch.optimise.problem import DispatchSolution
from dispatch.plan.account import (
    floors_of,
    illustrative_of,
    policy_of,
    privilege_of,
    reserves_of,
)
from dispatch.plan.answers import Explanation
from dispatch.plan.available import available
from dispatch.plan.build import solver_of, stages_of
from dispatch.plan.closures import breaches
from dispatch.plan.happened import after
from dispatch.plan.incidents import incidents_of
from dispatch.plan.onward import onward
from dispatch.plan.plan import Leg, Order, Plan
from dispatch.plan.position import Position, position_of
from dispatch.plan.prepare import Prepared, check_scenario
from dispatch.plan.recourse import Recourse, prepare_from
from dispatch.plan.remedies import explain_unmet
from dispatch.plan.stand_down import still_able, stood_down
from dispatch.plan.standing import standing
from dispatch.plan.stranded import stranded
from dispatch.plan.turns import loss, worth_turning
from dispatch.plan.why import why_this_team
from dispatch.registry import Registry
from dispatch.scenario import Scenario
from dispatch.scenario.events import Events

TURN_MIN = 30.0
"""Priority-weighted minutes that turning a team under way must at least be worth."""


@dataclass(frozen=True)
class Replanned:
    """A plan that goes on, and what came of the old one.

    Parameters
    ----------
    plan : Plan
    scenario : Scenario
        After the events.
    positions : mapping of str to Position
        Where each order of the old plan was, by team.
    broken : frozenset of str
        Teams whose way no longer holds.
    keeping : Plan
        The old orders as far as they can be carried out after the events, and
        what they meet; nobody else is sent.
    gain_min : float
        Priority-weighted minutes that the new plan is worth more than that one.
    """

    plan: Plan
    scenario: Scenario
    positions: Mapping[str, Position]
    broken: frozenset[str]
    keeping: Plan
    gain_min: float = 0.0


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
    explain_s: float = 20.0,
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
    explain_s : float
        Seconds of the processor for explaining what stays unmet.

    Raises
    ------
    InputError
        If the changed scenario does not fit doctrine or map.
    InvalidPlanError
        If a checker refuses the result: a fault of this package.
    """
    positions = {order.team_id: position_of(registry, order, at_s) for order in plan.orders}
    if events == Events():
        return Replanned(plan, scenario, positions, frozenset(), plan)
    told = after(doctrine, scenario, events, at_s)
    # what the events change is checked like a scenario that was written so
    told = Scenario.model_validate(told.model_dump())
    told._file = scenario.file
    left = available(registry, told)
    check_scenario(left, doctrine, told)
    orders = {order.team_id: order for order in plan.orders}
    late_s = {delay.team: round(delay.minutes * 60) for delay in events.delays}
    befallen = _befallen(registry, scenario, told, orders, late_s, at_s)
    positions |= {team: place for team, (place, _lost) in befallen.items()}
    lost = frozenset(told.lost)
    bound = {t for t, place in positions.items() if place.state in ("arrived", "carried")}
    orders |= {team: _waits(orders[team], late_s[team]) for team in late_s if team in bound}
    kept = frozenset(orders.keys() - befallen.keys() - lost - (late_s.keys() - bound))
    here = standing(left, told, positions, at_s)
    late = frozenset(late_s) - befallen.keys()

    def case_of(scenario: Scenario) -> Recourse:
        ways = prepare_from(here, doctrine, scenario, positions, late_s, at_s, backend=backend)
        return Recourse(*ways, orders, positions, kept, lost, late, at_s)

    def solved(now: Prepared) -> tuple[Prepared, DispatchSolution]:
        return now, solve(now.problem, time_limit_s=time_limit_s, seed=seed, workers=workers)

    case = case_of(told)
    held, (now, solution) = worth_turning(case, lambda held: solved(case.holding(held)), turn_min)
    explained = explain_unmet(
        left,
        told,
        now,
        solution,
        lambda changed: case_of(changed).holding(held),
        budget_s=explain_s,
    )
    answers = _still_possible(now, explained, at_s), why_this_team(left, told, now, solution)
    before = solved(case.keeping())
    stays = onward(here, told, case, *before)
    able = frozenset(left["teams/capabilities"]["team_id"])
    goes = still_able(onward(here, told, case, now, solution), able)
    keeping = replace(
        plan, incidents=incidents_of(left, doctrine, told, *before, {}, {}), orders=stays
    )
    return Replanned(
        replace(
            plan,
            level=now.level,
            incidents=incidents_of(left, doctrine, told, now, solution, *answers),
            orders=goes,
            reserves=reserves_of(left, goes),
            privilege=privilege_of(told.policy.toll_free, goes),
            stages=stages_of(solution),
            illustrative=illustrative_of(registry, now, goes),
            provenance=replace(plan.provenance, solver=solver_of(now.problem, solution)),
            turn_min=float(turn_min),
            policy=policy_of(told),
            floors=floors_of(left, doctrine, now.level, goes),
            stood_down=stood_down(plan, goes, positions, lost, able, at_s),
        ),
        told,
        positions,
        frozenset(team for team, (_place, way_lost) in befallen.items() if way_lost),
        keeping,
        round(loss(*before)[1] - loss(now, solution)[1], 1),
    )


def _still_possible(
    now: Prepared, explained: Mapping[str, Explanation], at_s: int
) -> dict[str, Explanation]:
    """Leave out what would have had to be on the spot before now."""
    target_s = dict(zip(now.problem.demand_id, now.problem.demand_target_s.tolist(), strict=True))
    return {
        name: replace(
            one,
            remedies=tuple(
                remedy
                for remedy in one.remedies
                if remedy.code != "borrow" or target_s[name] >= at_s
            ),
        )
        for name, one in explained.items()
    }


def _befallen(
    registry: Registry,
    before: Scenario,
    told: Scenario,
    orders: Mapping[str, Order],
    late_s: Mapping[str, int],
    at_s: int,
) -> dict[str, tuple[Position, bool]]:
    """Return where teams need another way, and whether their own no longer holds.

    It does, but they miss it, where they are late for a train or aircraft.
    """
    road = build_road_network(registry.junctions, registry.links)
    slow = {spec.name for spec in told.closures[len(before.closures) :] if spec.effect == "slowed"}
    passable = tuple(spec for spec in told.closures if spec.name not in slow)
    now = told.model_copy(update={"closures": passable})

    def is_open(order: Order) -> bool:
        return not _breaks(registry, road, before, now, order)

    found = {}
    for team, order in orders.items():
        if team in told.lost or order.arrive_s <= at_s:
            continue
        later = [leg for leg in order.legs if leg.kind in ("ride", "fly") and leg.start_s > at_s]
        way_lost = any(leg.kind == "fly" and leg.service in told.lost for leg in later)
        way_lost = way_lost or _breaks(registry, road, before, told, order)
        if not way_lost and not (team in late_s and later and order.depart_s <= at_s):
            continue
        place = stranded(registry, told, order, at_s, is_open)
        if place.state != "carried":
            found[team] = place, way_lost
    return found


def _breaks(
    registry: Registry, road: RoadNetwork, before: Scenario, told: Scenario, order: Order
) -> bool:
    """Tell whether an order breaks what it did not break before."""
    known = breaches(registry, road, before, [order])
    return bool(set(breaches(registry, road, told, [order])) - set(known))


def _waits(order: Order, late_s: int) -> Order:
    """Return an order whose team begins so much later where it arrives."""
    last, end_s = order.legs[-1], order.arrive_s + late_s
    place, place_en = last.destination, last.destination_en
    wait = Leg("wait", order.arrive_s, end_s, 0, 0.0, 0.0, place, place)
    wait = replace(wait, origin_en=place_en, destination_en=place_en)
    return replace(order, arrive_s=end_s, legs=(*order.legs, wait))
