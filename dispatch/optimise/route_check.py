"""The checker of routes: no solver, no code of the solvers, the problem's arrays alone.

It drives every route again, second by second and lot by lot, and accepts a
solution only if every rule holds and every reported figure is the one found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from dispatch.errors import InvalidPlanError
from dispatch.i18n import _
from dispatch.optimise.routes import (
    REASONS,
    SOLVERS,
    Route,
    RoutingFigures,
    RoutingProblem,
    RoutingSolution,
    Trip,
    levels,
)


def ensure_routes(problem: RoutingProblem, solution: RoutingSolution) -> None:
    """Refuse a solution that breaks any rule.

    Raises
    ------
    InvalidPlanError
        With one sentence for each broken rule.
    """
    violations = check_routes(problem, solution)
    if violations:
        raise InvalidPlanError(violations)


def check_routes(problem: RoutingProblem, solution: RoutingSolution) -> tuple[str, ...]:
    """Return one sentence for each rule the solution breaks, none if it is valid.

    What it reports of itself is judged only where its routes are feasible.
    """
    return route_faults(problem, solution.routes) or tuple(_wrong_report(problem, solution))


def route_faults(problem: RoutingProblem, routes: tuple[Route, ...]) -> tuple[str, ...]:
    """Return one sentence for each rule the routes break.

    Rows that do not exist are reported alone, since nothing else can be judged
    before they are right.
    """
    wrong_rows = tuple(_wrong_rows(problem, routes))
    if wrong_rows:
        return wrong_rows
    faults = [*_wrong_counts(problem, routes), *_wrong_lots(problem, routes)]
    for number, route in enumerate(routes, 1):
        names = {"route": number, "vehicle": problem.vehicle_id[route.vehicle]}
        faults += _wrong_trips(problem, route, names)
        faults += _wrong_loads(problem, route, names)
        faults += _wrong_stops(problem, route, names)
        faults += _wrong_times(problem, route, names)
    return tuple(faults)


def evaluate_routes(problem: RoutingProblem, routes: tuple[Route, ...]) -> RoutingFigures:
    """Recompute what routes achieve. They must name existing rows and drive where there is a way.

    Returns
    -------
    RoutingFigures
    """
    lots = _delivered(routes)
    ranks = levels(problem)
    served, wanted = dict.fromkeys(ranks, 0), dict.fromkeys(ranks, 0)
    for stop, priority in enumerate(problem.stop_priority.tolist()):
        worth = int(problem.stop_worth[stop])
        served[priority] += worth * lots[stop]
        wanted[priority] += worth * int(problem.stop_lots[stop])
    sums = [_sums(problem, route) for route in routes]
    return RoutingFigures(
        tuple(served.values()),
        tuple(wanted.values()),
        sum(cost for cost, _metres, _seconds in sums),
        sum(metres for _cost, metres, _seconds in sums),
        sum(seconds for _cost, _metres, seconds in sums),
    )


def route_cost_microyuan(problem: RoutingProblem, route: Route) -> int:
    """Return what one route costs: its vehicle, metres, tolls, and seconds on duty."""
    return _sums(problem, route)[0]


def _sums(problem: RoutingProblem, route: Route) -> tuple[int, int, int]:
    """Return cost, metres and seconds of a route."""
    vehicle, profile = route.vehicle, problem.vehicle_profile[route.vehicle]
    metres = toll = 0
    for origin, destination in _hops(problem, route):
        metres += int(problem.travel_m[profile, origin, destination])
        toll += int(problem.travel_toll_microyuan[profile, origin, destination])
    seconds = route.end_s - route.start_s
    cost = int(problem.vehicle_fixed_microyuan[vehicle]) + toll
    cost += int(problem.vehicle_microyuan_per_m[vehicle]) * metres
    cost += int(problem.vehicle_microyuan_per_s[vehicle]) * seconds
    return cost, metres, seconds


def trip_load(problem: RoutingProblem, trip: Trip) -> tuple[int, ...]:
    """Return what leaves the depot on a trip, in each dimension."""
    total = [0] * len(problem.dimension_id)
    for visit in trip.visits:
        for dimension, load in enumerate(problem.stop_load[visit.stop].tolist()):
            total[dimension] += load * visit.lots
    return tuple(total)


def _delivered(routes: tuple[Route, ...]) -> Counter[int]:
    lots: Counter[int] = Counter()
    for route in routes:
        for trip in route.trips:
            for visit in trip.visits:
                lots[visit.stop] += visit.lots
    return lots


def _hops(problem: RoutingProblem, route: Route) -> Iterator[tuple[int, int]]:
    """Yield the places from which and to which a route drives, in order."""
    places = []
    for trip in route.trips:
        places.append(int(problem.depot_place[trip.depot]))
        places += [int(problem.stop_place[visit.stop]) for visit in trip.visits]
    places.append(int(problem.depot_place[problem.vehicle_end[route.vehicle]]))
    yield from pairwise(places)


def _wrong_rows(problem: RoutingProblem, routes: tuple[Route, ...]) -> Iterator[str]:
    for route in routes:
        if not 0 <= route.vehicle < len(problem.vehicle_id):
            yield _("There is no vehicle {row}.").format(row=route.vehicle)
        if not route.trips:
            yield _("A route has no trip.")
        for trip in route.trips:
            if not 0 <= trip.depot < len(problem.depot_id):
                yield _("There is no depot {row}.").format(row=trip.depot)
            for visit in trip.visits:
                if not 0 <= visit.stop < len(problem.stop_id):
                    yield _("There is no stop {row}.").format(row=visit.stop)


def _wrong_counts(problem: RoutingProblem, routes: tuple[Route, ...]) -> Iterator[str]:
    order = [(route.vehicle, route.start_s) for route in routes]
    if order != sorted(order):
        yield _("Routes are out of order.")
    for vehicle, times in sorted(Counter(route.vehicle for route in routes).items()):
        if times > problem.vehicle_count[vehicle]:
            yield _("Vehicle {vehicle} drives {times} routes; there are {most}.").format(
                vehicle=problem.vehicle_id[vehicle],
                times=times,
                most=problem.vehicle_count[vehicle],
            )


def _wrong_lots(problem: RoutingProblem, routes: tuple[Route, ...]) -> Iterator[str]:
    for stop, lots in sorted(_delivered(routes).items()):
        if lots > problem.stop_lots[stop]:
            yield _("Stop {stop} gets too many lots: {lots}; it wants {most}.").format(
                stop=problem.stop_id[stop], lots=lots, most=problem.stop_lots[stop]
            )


def _wrong_trips(problem: RoutingProblem, route: Route, names: dict[str, object]) -> Iterator[str]:
    if route.trips[0].depot != problem.vehicle_start[route.vehicle]:
        yield _("Route {route} ({vehicle}) begins at another depot than its vehicle.").format(
            **names
        )
    if len(route.trips) > problem.vehicle_trips[route.vehicle]:
        yield _("Route {route} ({vehicle}) has too many trips: {trips}, not {most}.").format(
            trips=len(route.trips), most=problem.vehicle_trips[route.vehicle], **names
        )
    for trip in route.trips:
        if not trip.visits:
            yield _("Route {route} ({vehicle}) has a trip without a visit.").format(**names)
    for trip in route.trips[1:]:
        if not problem.vehicle_reload[route.vehicle, trip.depot]:
            yield _("Route {route} ({vehicle}) may not load again at {depot}.").format(
                depot=problem.depot_id[trip.depot], **names
            )


def _wrong_loads(problem: RoutingProblem, route: Route, names: dict[str, object]) -> Iterator[str]:
    for trip in route.trips:
        for dimension, load in enumerate(trip_load(problem, trip)):
            most = problem.vehicle_capacity[route.vehicle, dimension]
            if load > most:
                yield _("Route {route} ({vehicle}) carries {load} {unit}; it holds {most}.").format(
                    load=load, unit=problem.dimension_id[dimension], most=most, **names
                )


def _wrong_stops(problem: RoutingProblem, route: Route, names: dict[str, object]) -> Iterator[str]:
    for visit in (visit for trip in route.trips for visit in trip.visits):
        at = {"stop": problem.stop_id[visit.stop], **names}
        if visit.lots < 1:
            yield _("Route {route} ({vehicle}) brings no lot to {stop}.").format(**at)
        if not problem.vehicle_access[route.vehicle, visit.stop]:
            yield _("Route {route} ({vehicle}) may not serve {stop}.").format(**at)
        last_s = visit.begin_s + (visit.lots - 1) * int(problem.stop_service_s[visit.stop])
        if visit.begin_s < problem.stop_open_s[visit.stop]:
            yield _("Route {route} ({vehicle}) unloads at {stop} before it opens.").format(**at)
        if last_s > problem.stop_close_s[visit.stop]:
            yield _("Route {route} ({vehicle}) unloads at {stop} after it closes.").format(**at)


def _wrong_times(problem: RoutingProblem, route: Route, names: dict[str, object]) -> Iterator[str]:
    """Drive the route: each figure must follow from the one before it."""
    vehicle, profile = route.vehicle, problem.vehicle_profile[route.vehicle]
    place, now_s = -1, route.start_s
    if route.start_s < problem.vehicle_open_s[vehicle]:
        yield _("Route {route} ({vehicle}) starts before its vehicle is ready.").format(**names)
    for trip in route.trips:
        depot = int(problem.depot_place[trip.depot])
        ready_s = now_s + (_travel_s(problem, profile, place, depot) if place >= 0 else 0)
        opens_s, closes_s = problem.depot_open_s[trip.depot], problem.depot_close_s[trip.depot]
        at = {"depot": problem.depot_id[trip.depot], **names}
        if trip.begin_s < ready_s:
            yield _("Route {route} ({vehicle}) loads at {depot} before it can be there.").format(
                **at
            )
        if not opens_s <= trip.begin_s <= closes_s:
            yield _("Route {route} ({vehicle}) loads at {depot} while it is closed.").format(**at)
        if trip.leave_s < trip.begin_s + problem.depot_load_s[trip.depot]:
            yield _("Route {route} ({vehicle}) leaves {depot} before it is loaded.").format(**at)
        place, now_s = depot, trip.leave_s
        for visit in trip.visits:
            stop = int(problem.stop_place[visit.stop])
            service_s = visit.lots * int(problem.stop_service_s[visit.stop])
            right = (
                visit.arrive_s == now_s + _travel_s(problem, profile, place, stop)
                and visit.begin_s >= visit.arrive_s
                and visit.leave_s == visit.begin_s + service_s
            )
            if not right:
                yield _("Route {route} ({vehicle}) cannot keep its times at {stop}.").format(
                    stop=problem.stop_id[visit.stop], **names
                )
            place, now_s = stop, visit.leave_s
    yield from _wrong_end(problem, route, now_s, place, names)


def _wrong_end(
    problem: RoutingProblem, route: Route, now_s: int, place: int, names: dict[str, object]
) -> Iterator[str]:
    vehicle, end = route.vehicle, problem.vehicle_end[route.vehicle]
    home = int(problem.depot_place[end])
    if route.end_s < now_s + _travel_s(problem, problem.vehicle_profile[vehicle], place, home):
        yield _("Route {route} ({vehicle}) ends before it can be at its depot.").format(**names)
    if not problem.depot_open_s[end] <= route.end_s <= problem.depot_close_s[end]:
        yield _("Route {route} ({vehicle}) ends while its depot is closed.").format(**names)
    if route.end_s > problem.vehicle_close_s[vehicle]:
        yield _("Route {route} ({vehicle}) ends after its vehicle's day.").format(**names)
    over_s = int(route.end_s - route.start_s - problem.vehicle_shift_s[vehicle])
    if over_s > 0:
        yield _("Route {route} ({vehicle}) lasts {over} s longer than the shift.").format(
            over=over_s, **names
        )


def _travel_s(problem: RoutingProblem, profile: int, origin: int, destination: int) -> float:
    """Return seconds, ``inf`` (which no time can follow) where there is no way."""
    return float(problem.travel_s[profile, origin, destination])


def _wrong_report(problem: RoutingProblem, solution: RoutingSolution) -> Iterator[str]:
    if solution.solver not in SOLVERS:
        yield _("The solver {solver} is unknown.").format(solver=solution.solver)
    if solution.figures != evaluate_routes(problem, solution.routes):
        yield _("The figures reported are not those of the routes.")
    delivered = _delivered(solution.routes)
    missing = {
        stop: lots - delivered[stop]
        for stop, lots in enumerate(problem.stop_lots.tolist())
        if lots > delivered[stop]
    }
    told = [(row.stop, row.lots) for row in solution.unserved]
    if told != list(missing.items()):
        yield _("The unserved lots reported are not those the routes leave.")
    for row in solution.unserved:
        if row.reason not in REASONS:
            yield _("The reason {reason} is unknown.").format(reason=row.reason)
