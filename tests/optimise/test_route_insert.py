"""One lot more on a tour: the same as driving every tour that could come of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from routes_small import FARM, HALL, MILL, STORE, TRUCK, little_valley, random_routing

from dispatch.optimise.route_check import route_cost_microyuan
from dispatch.optimise.route_fill import fits
from dispatch.optimise.route_insert import Tours
from dispatch.optimise.route_times import timed_route
from dispatch.optimise.routes import Load, RoutingProblem, Tour

CASES = 40


def driven(problem: RoutingProblem, tour: Tour) -> int | None:
    """Return what a tour costs, found by driving it."""
    route = timed_route(problem, tour)
    return None if route is None else route_cost_microyuan(problem, route)


def wider(problem: RoutingProblem, tour: Tour, stop: int) -> Iterator[Tour]:
    """Yield every tour with one lot more: on each trip at each place, and on each new trip."""
    vehicle, loads = tour.vehicle, tour.loads
    for number, load in enumerate(loads):
        for at in range(len(load.stops) + 1):
            more = load._replace(stops=(*load.stops[:at], stop, *load.stops[at:]))
            if fits(problem, vehicle, more):
                yield tour._replace(loads=(*loads[:number], more, *loads[number + 1 :]))
    start = int(problem.vehicle_start[vehicle])
    if len(loads) < problem.vehicle_trips[vehicle] and fits(problem, vehicle, Load(start, (stop,))):
        again = np.flatnonzero(problem.vehicle_reload[vehicle]).tolist()
        for depot in again if loads else [start]:
            later = [loads[0]._replace(depot=depot), *loads[1:]] if loads else []
            yield tour._replace(loads=(Load(start, (stop,)), *later))
            for number in range(1, len(loads) + 1):
                yield tour._replace(loads=(*loads[:number], Load(depot, (stop,)), *loads[number:]))


@pytest.mark.parametrize("seed", range(CASES))
def test_the_cheapest_place_is_the_one_found_by_driving_all(seed: int) -> None:
    """Tours grow lot by lot from idle vehicles, so that all kinds of them are met."""
    problem = random_routing(seed)
    known = Tours(problem)
    stops = range(len(problem.stop_id))
    for vehicle in range(len(problem.vehicle_id)):
        tours, seen = [Tour(vehicle, ())], 0
        while tours and seen < 30:
            tour, seen = tours.pop(), seen + 1
            if tour.loads:
                assert known.cost_microyuan(tour) == driven(problem, tour)
            for stop in stops:
                costs = [driven(problem, one) for one in wider(problem, tour, stop)]
                found = known.with_lot(tour, stop)
                if found is None:
                    assert not any(costs)
                    continue
                assert found.microyuan == min(cost for cost in costs if cost is not None)
                assert driven(problem, found.tour) == found.microyuan
                tours.append(found.tour)


def test_a_lot_goes_where_its_window_and_the_trip_have_room() -> None:
    """The mill (2 kg, 12 l) goes on the trip with a lot of the hall, not on that with the farm."""
    known = Tours(little_valley())
    hall = known.with_lot(Tour(TRUCK, (Load(STORE, (HALL,)),)), MILL)
    assert hall is not None
    assert [sorted(load.stops) for load in hall.tour.loads] == [[HALL, MILL]]
    farm = known.with_lot(Tour(TRUCK, (Load(STORE, (FARM,)),)), MILL)
    assert farm is not None
    assert len(farm.tour.loads) == 2  # 21 of 20 l on one trip


def test_what_can_not_be_driven_is_no_tour() -> None:
    """The mill closes after 60 minutes; the farm and a second load take longer."""
    known = Tours(little_valley())
    late = Tour(TRUCK, (Load(STORE, (FARM,)), Load(STORE, (MILL,))))
    assert known.day(late) is None
    assert known.with_lot(late, HALL) is None
