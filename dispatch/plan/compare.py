"""Two plans side by side: what is met, when, at what cost, and who changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, TypeVar

from dispatch.plan.comparison import (
    Comparison,
    Coverage,
    CoverageChange,
    DemandChange,
    Figure,
    FloorChange,
    ReserveChange,
    Service,
    Setting,
    StageChange,
    TeamChange,
    Trip,
)
from dispatch.plan.plan import DemandState, IncidentState, Order, Plan

S_PER_MIN: Final = 60

K = TypeVar("K")


def compare(a: Plan, b: Plan, *, vehicles: Mapping[str, int] | None = None) -> Comparison:
    """Set two plans side by side.

    Times are compared as minutes after the start of each plan, so that plans
    of different days can be set beside each other.

    Parameters
    ----------
    a, b : Plan
    vehicles : mapping of str to int, optional
        Number of vehicles by team; without it vehicles are not counted.
    """
    teams = tuple(_teams(a, b))
    orders_a, orders_b = _orders(a), _orders(b)
    return Comparison(
        title_a=a.title,
        title_a_en=a.title_en,
        title_b=b.title,
        title_b_en=b.title_en,
        settings=tuple(_settings(a, b)),
        figures=tuple(_figures(a, b, vehicles)),
        coverage=tuple(_coverage(a, b)),
        demands=tuple(_demands(a, b)),
        teams=teams,
        unchanged=len(orders_a.keys() | orders_b.keys()) - len(teams),
        reserves=tuple(_reserves(a, b)),
        floors=tuple(_floors(a, b)),
        stages=tuple(_stages(a, b)),
    )


def _both(a: Iterable[K], b: Iterable[K]) -> list[K]:
    """Return the keys of both, each once, in the order in which they come."""
    return list(dict.fromkeys(chain(a, b)))


def _settings(a: Plan, b: Plan) -> Iterator[Setting]:
    told_a, told_b = _told(a), _told(b)
    english = _english(a) | _english(b)
    for code in _both(told_a, told_b):
        if told_a.get(code, "") != told_b.get(code, ""):
            yield Setting(code, told_a.get(code, ""), told_b.get(code, ""), english.get(code, ""))


def _english(plan: Plan) -> dict[str, str]:
    """Return English names of closures by the code of their setting."""
    policy = plan.policy
    names = zip(policy.closures, policy.closures_en, strict=False)
    return {f"closure:{zh}": en for zh, en in names if en}


def _told(plan: Plan) -> dict[str, str]:
    """Return what a plan was told, and by which modes it sends teams."""
    policy = plan.policy
    settings = {
        "start": plan.start,
        "level": plan.level,
        "level_asked": policy.level,
        "toll_free": "yes" if plan.toll_free else "no",
        "modes_allowed": " ".join(sorted(policy.modes)),
        "modes": " ".join(sorted({order.mode for order in plan.orders})),
        "train_lead": _number(policy.emergency_train_lead_min),
        "rail_kit": _number(policy.rail_kit_kg_per_person),
        "weather": policy.weather,
        "visibility": _number(policy.visibility_m),
        "ceiling": _number(policy.ceiling_m),
        "wind": _number(policy.wind_ms),
        "site_landing": "yes" if policy.site_landing else "no",
    }
    settings |= {f"level:{one.incident_id}": one.level for one in plan.incidents}
    settings |= {f"closure:{name}": "yes" for name in policy.closures}
    settings |= {f"lost:{name}": "yes" for name in (*policy.lost, *policy.lost_vehicles)}
    settings |= {f"opened:{name}": "yes" for name in policy.opened}
    return settings | {f"input:{name}": digest for name, digest in plan.provenance.inputs}


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _figures(a: Plan, b: Plan, vehicles: Mapping[str, int] | None) -> Iterator[Figure]:
    totals_a, totals_b = _totals(a, vehicles), _totals(b, vehicles)
    for code, (unit, value) in totals_a.items():
        yield Figure(code, unit, value, totals_b[code][1])


def _totals(plan: Plan, vehicles: Mapping[str, int] | None) -> dict[str, tuple[str, float | None]]:
    demands = [demand for incident in plan.incidents for demand in incident.demands]
    arrivals = [order.arrive_s / S_PER_MIN for order in plan.orders]
    stages = {stage.name: stage.value for stage in plan.stages}
    totals: dict[str, tuple[str, float | None]] = {
        "needs": ("count", len(demands)),
        "met": ("count", sum(demand.unmet == 0 for demand in demands)),
        "on_time": ("count", sum(demand.met_by_target >= demand.quantity for demand in demands)),
        "first": ("min", min(arrivals, default=None)),
        "last": ("min", max(arrivals, default=None)),
        "weighted": ("min", weighted_min(demands, plan.orders)),
        "teams": ("count", len(plan.orders)),
        "people": ("count", sum(order.personnel for order in plan.orders)),
        "toll_paid": ("yuan", sum(order.toll_paid_yuan for order in plan.orders)),
        "toll_waived": ("yuan", sum(order.toll_waived_yuan for order in plan.orders)),
        "cost": ("yuan", sum(order.cost_yuan for order in plan.orders)),
        "left": ("count", sum(row.left for row in plan.reserves)),
        "floors": ("count", stages.get("floors")),
        "illustrative": ("count", len(plan.illustrative)),
    }
    if vehicles is not None:
        totals["vehicles"] = ("count", _vehicles(plan, vehicles))
    return totals


def weighted_min(demands: Sequence[DemandState], orders: Sequence[Order]) -> float | None:
    """Return the mean arrival of all that is wanted, weighted by what its priority weighs.

    What is unmet is taken to come at its latest time. A mean over what comes
    alone would be better the more is left unmet.
    """
    share = {demand.demand_id: demand.unit_weight for demand in demands}
    whole = sum(demand.unit_weight * demand.quantity for demand in demands)
    if not whole:
        return None
    met_s = sum(
        share.get(task.demand_id, 0.0) * task.quantity * order.arrive_s
        for order in orders
        for task in order.tasks
    )
    unmet_s = sum(share[d.demand_id] * d.unmet * d.latest_s for d in demands)
    return (met_s + unmet_s) / whole / S_PER_MIN


def _vehicles(plan: Plan, vehicles: Mapping[str, int]) -> int | None:
    """Return how many vehicles go; None where a team is of another registry."""
    drivers = [order.team_id for order in plan.orders if order.mode == "road"]
    if any(team not in vehicles for team in drivers):
        return None
    return sum(vehicles[team] for team in drivers)


def _coverage(a: Plan, b: Plan) -> Iterator[CoverageChange]:
    states = _incidents(a, b)
    found_a, found_b = _covered(a), _covered(b)
    rank = {incident_id: row for row, incident_id in enumerate(states)}
    for key in sorted(found_a.keys() | found_b.keys(), key=lambda key: (rank[key[0]], key[1])):
        incident_id, priority = key
        one = states[incident_id]
        yield CoverageChange(
            incident_id, one.name, one.name_en, priority, found_a.get(key), found_b.get(key)
        )


def _incidents(a: Plan, b: Plan) -> dict[str, IncidentState]:
    """Return the incidents of both plans, those of the first one first."""
    found = {one.incident_id: one for one in a.incidents}
    return found | {one.incident_id: one for one in b.incidents if one.incident_id not in found}


def _covered(plan: Plan) -> dict[tuple[str, int], Coverage]:
    groups: dict[tuple[str, int], list[DemandState]] = {}
    for incident in plan.incidents:
        for demand in incident.demands:
            groups.setdefault((incident.incident_id, demand.priority), []).append(demand)
    return {
        key: Coverage(
            needs=len(demands),
            met=sum(demand.unmet == 0 for demand in demands),
            on_time=sum(demand.met_by_target >= demand.quantity for demand in demands),
        )
        for key, demands in groups.items()
    }


def _demands(a: Plan, b: Plan) -> Iterator[DemandChange]:
    found_a, found_b = _served(a), _served(b)
    for key in _both(found_a, found_b):
        incident, demand, _service = found_a.get(key) or found_b[key]
        yield DemandChange(
            incident_id=incident.incident_id,
            demand_id=demand.demand_id,
            incident=incident.name,
            incident_en=incident.name_en,
            capability=demand.capability_name,
            capability_en=demand.capability_name_en,
            unit=demand.unit,
            unit_en=demand.unit_en,
            priority=demand.priority,
            a=found_a[key][2] if key in found_a else None,
            b=found_b[key][2] if key in found_b else None,
        )


def _served(plan: Plan) -> dict[str, tuple[IncidentState, DemandState, Service]]:
    arrivals: dict[str, list[tuple[int, int]]] = {}
    for order in plan.orders:
        for task in order.tasks:
            arrivals.setdefault(task.demand_id, []).append((order.arrive_s, task.quantity))
    return {
        demand.demand_id: (incident, demand, _service(demand, arrivals.get(demand.demand_id, [])))
        for incident in plan.incidents
        for demand in incident.demands
    }


def _service(demand: DemandState, arrivals: list[tuple[int, int]]) -> Service:
    times = [time_s / S_PER_MIN for time_s, _quantity in arrivals]
    brought = sum(quantity for _time_s, quantity in arrivals)
    weighted = sum(time_s * quantity for time_s, quantity in arrivals) / S_PER_MIN
    return Service(
        quantity=demand.quantity,
        by_target=demand.met_by_target,
        met=demand.met,
        first_min=min(times, default=None),
        last_min=max(times, default=None),
        mean_min=weighted / brought if brought else None,
    )


def _orders(plan: Plan) -> dict[str, Order]:
    return {order.team_id: order for order in plan.orders}


def _teams(a: Plan, b: Plan) -> Iterator[TeamChange]:
    states = _incidents(a, b)
    orders_a, orders_b = _orders(a), _orders(b)
    for team_id in _both(orders_a, orders_b):
        mine, other = orders_a.get(team_id), orders_b.get(team_id)
        one = mine or orders_b[team_id]
        code = _what_changed(mine, other)
        if code:
            yield TeamChange(
                team_id=team_id,
                name=one.team_name,
                name_en=one.team_name_en,
                code=code,
                a=_trip(states, mine),
                b=_trip(states, other),
                minutes=(other.arrive_s - mine.arrive_s) / S_PER_MIN if mine and other else None,
            )


def _what_changed(mine: Order | None, other: Order | None) -> str:
    """Name what is different for a team, the weightiest first; empty for nothing."""
    if mine is None or other is None:
        return "only_a" if other is None else "only_b"
    if mine.incident_id != other.incident_id:
        return "moved"
    if _way(mine) != _way(other):
        return "way"
    if mine.arrive_s != other.arrive_s:
        return "time"
    return "task" if mine.tasks != other.tasks else ""


def _way(order: Order) -> tuple[object, ...]:
    legs = ((leg.kind, leg.links, leg.service, leg.destination_id) for leg in order.legs)
    return order.mode, tuple(leg for leg in legs if leg[0] in ("drive", "ride", "fly"))


def _trip(states: Mapping[str, IncidentState], order: Order | None) -> Trip | None:
    if order is None:
        return None
    one = states[order.incident_id]
    arrive_min = order.arrive_s / S_PER_MIN
    return Trip(order.incident_id, one.name, one.name_en, order.mode, arrive_min)


def _reserves(a: Plan, b: Plan) -> Iterator[ReserveChange]:
    rows_a, rows_b = ({(row.city, row.tier): row for row in plan.reserves} for plan in (a, b))
    for key in _both(rows_a, rows_b):
        mine, other = rows_a.get(key), rows_b.get(key)
        city_en = (mine or rows_b[key]).city_en
        yield ReserveChange(
            key[0], city_en, key[1], mine.left if mine else None, other.left if other else None
        )


def _floors(a: Plan, b: Plan) -> Iterator[FloorChange]:
    rows_a, rows_b = ({(row.reserve, row.adcode): row for row in plan.floors} for plan in (a, b))
    for key in _both(rows_a, rows_b):
        mine, other = rows_a.get(key), rows_b.get(key)
        one = mine or rows_b[key]
        yield FloorChange(*key, one.area, one.area_en, one.text, one.text_en, mine, other)


def _stages(a: Plan, b: Plan) -> Iterator[StageChange]:
    stages_a, stages_b = ({stage.name: stage for stage in plan.stages} for plan in (a, b))
    for name in _both(stages_a, stages_b):
        yield StageChange(name, stages_a.get(name), stages_b.get(name))
