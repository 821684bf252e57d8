"""One lot more on a tour: where it costs least, without driving the whole tour again.

What lies before and behind each halt is kept as three numbers, from which the day with
something in between follows at once. Source: Vidal, Crainic, Gendreau & Prins (2014),
A unified solution framework for multi-attribute vehicle routing problems,
doi:10.1016/j.ejor.2013.09.045; here nobody is ever late.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_times import halts_of
from dispatch.optimise.routes import Load, RoutingProblem, Tour


class Span(NamedTuple):
    """Halts in a row: how long they take at least, and between when they begin to take no more."""

    takes_s: float
    early_s: float
    late_s: float


class Day(NamedTuple):
    """A tour that can be driven, halt by halt: loading, each lot, the end.

    Parameters
    ----------
    tour : Tour
    way_microyuan : int
        What its metres and tolls cost.
    place, trip, stop : list of int
        Where each halt is, on which trip, the end on none of them, and
        which stop it serves, -1 for none.
    before, behind : list of Span
        That end, and that begin, with each halt.
    room : IntArray, shape (trips, C)
        What each trip could carry besides.
    """

    tour: Tour
    way_microyuan: int
    place: list[int]
    trip: list[int]
    stop: list[int]
    before: list[Span]
    behind: list[Span]
    room: IntArray


class Inserted(NamedTuple):
    """A tour with a lot more, and what it costs in all."""

    microyuan: int
    tour: Tour


class Tours:
    """What has been found out about tours of a problem, each thing once.

    Parameters
    ----------
    problem : RoutingProblem
    """

    def __init__(self, problem: RoutingProblem) -> None:
        self.problem = problem
        self._depot_place = problem.depot_place.tolist()
        self._stop_place = problem.stop_place.tolist()
        self.day = cache(self._day)
        self.with_lot = cache(self._with_lot)
        self._priced = cache(self._priced_ways)

    def cost_microyuan(self, tour: Tour) -> int:
        """Return what a tour costs in all that can be driven; nothing without a trip."""
        day = self.day(tour) if tour.loads else None
        return 0 if day is None else self._cost(tour.vehicle, day.way_microyuan, day.before[-1])

    def _day(self, tour: Tour) -> Day | None:
        problem, vehicle = self.problem, tour.vehicle
        halts = list(halts_of(problem, tour))
        spans = [Span(halt.takes_s, halt.open_s, halt.close_s) for halt in halts]
        early_s = max(halts[0].open_s, int(problem.vehicle_open_s[vehicle]))
        if early_s > halts[0].close_s:
            return None
        spans[0] = spans[0]._replace(early_s=early_s)
        before, behind = spans[:1], spans[-1:]
        for halt, span in zip(halts[1:], spans[1:], strict=True):
            longer = _joined(before[-1], halt.travel_s, span)
            if longer is None:
                return None
            before.append(longer)
        if before[-1].takes_s > problem.vehicle_shift_s[vehicle]:
            return None
        for halt, span in zip(halts[:0:-1], spans[-2::-1], strict=True):
            longer = _joined(span, halt.travel_s, behind[-1])
            if longer is None:
                return None
            behind.append(longer)
        place, trip, stop = self._halts(tour)
        _seconds, paid = self._ways(vehicle)
        way = sum(paid[a][b] for a, b in pairwise(place))
        carried = [problem.stop_load[list(load.stops)].sum(axis=0) for load in tour.loads]
        room = problem.vehicle_capacity[vehicle] - np.array(carried)
        return Day(tour, way, place, trip, stop, before, behind[::-1], room)

    def _halts(self, tour: Tour) -> tuple[list[int], list[int], list[int]]:
        """Return the place, trip and stop of each halt of a tour."""
        depots, stops = self._depot_place, self._stop_place
        place, trip, stop = list[int](), list[int](), list[int]()
        for number, load in enumerate(tour.loads):
            place += [depots[load.depot], *(stops[one] for one in load.stops)]
            trip += [number] * (1 + len(load.stops))
            stop += [-1, *load.stops]
        end = depots[self.problem.vehicle_end[tour.vehicle]]
        return [*place, end], [*trip, len(tour.loads)], [*stop, -1]

    def _ways(self, vehicle: int) -> tuple[list[list[float]], list[list[int]]]:
        """Return seconds and millionths of a yuan from place to place for a vehicle."""
        problem = self.problem
        per_m = int(problem.vehicle_microyuan_per_m[vehicle])
        return self._priced(int(problem.vehicle_profile[vehicle]), per_m)

    def _priced_ways(
        self, profile: int, microyuan_per_m: int
    ) -> tuple[list[list[float]], list[list[int]]]:
        problem = self.problem
        metres = problem.travel_m[profile]
        known = np.where(np.isfinite(metres), metres, 0).astype(np.int64)
        paid = known * microyuan_per_m + problem.travel_toll_microyuan[profile]
        return problem.travel_s[profile].tolist(), paid.tolist()

    def _cost(self, vehicle: int, way_microyuan: int, day: Span) -> int:
        """Return what a day costs with its vehicle."""
        per_s = int(self.problem.vehicle_microyuan_per_s[vehicle])
        fixed = int(self.problem.vehicle_fixed_microyuan[vehicle])
        return fixed + way_microyuan + per_s * int(day.takes_s)

    def _with_lot(self, tour: Tour, stop: int) -> Inserted | None:
        """Return the cheapest tour with one lot more, at some place of a trip or on a new one.

        None where it does not fit at all; a tour without a trip is an idle vehicle.
        """
        tried = [*self._on_trips(tour, stop), *self._on_new_trips(tour, stop)]
        return min(tried, key=lambda one: one.microyuan, default=None)

    def _on_trips(self, tour: Tour, stop: int) -> Iterator[Inserted]:
        """Yield the tour with a lot more at each place of each trip with room for it."""
        day = self.day(tour) if tour.loads else None
        if day is None:
            return
        roomy = (self.problem.stop_load[stop] <= day.room).all(axis=1).tolist()
        if not any(roomy):
            return
        new = self._stop(stop)
        for at, number in enumerate(day.trip[:-1]):
            if not roomy[number] or day.stop[at] == stop:
                continue  # behind the same stop is the same halt as before it
            cost = self._cost_of(day, (_until(day, at), new, _from(day, at + 1)), at)
            if cost is not None:
                load = tour.loads[number]
                place = at - day.trip.index(number)
                more = load._replace(stops=(*load.stops[:place], stop, *load.stops[place:]))
                loads = (*tour.loads[:number], more, *tour.loads[number + 1 :])
                yield Inserted(cost, tour._replace(loads=loads))

    def _on_new_trips(self, tour: Tour, stop: int) -> Iterator[Inserted]:
        """Yield the tour with one trip more that brings the lot alone."""
        problem, vehicle, loads = self.problem, tour.vehicle, tour.loads
        fits = (problem.stop_load[stop] <= problem.vehicle_capacity[vehicle]).all()
        if len(loads) >= problem.vehicle_trips[vehicle] or not fits:
            return
        first = Load(int(problem.vehicle_start[vehicle]), (stop,))
        if not loads:
            alone = tour._replace(loads=(first,))
            if self.day(alone) is not None:
                yield Inserted(self.cost_microyuan(alone), alone)
            return
        day = self.day(tour)
        if day is None:
            return
        new = self._stop(stop)
        again = np.flatnonzero(problem.vehicle_reload[vehicle]).tolist()
        for number in range(1, len(loads) + 1):
            at = day.trip.index(number) - 1
            for depot in again:
                links = (_until(day, at), self._depot(depot), new, _from(day, at + 1))
                cost = self._cost_of(day, links, at)
                if cost is not None:
                    more = (*loads[:number], Load(depot, (stop,)), *loads[number:])
                    yield Inserted(cost, tour._replace(loads=more))
        for depot in again:  # a new first trip sends the one before it to load again at any depot
            start = _Link(day.place[0], day.place[0], day.before[0])
            cost = self._cost_of(day, (start, new, self._depot(depot), _from(day, 1)), 0)
            if cost is not None:
                more = (first, loads[0]._replace(depot=depot), *loads[1:])
                yield Inserted(cost, tour._replace(loads=more))

    def _stop(self, stop: int) -> _Link:
        problem = self.problem
        place = int(problem.stop_place[stop])
        opens, closes = int(problem.stop_open_s[stop]), int(problem.stop_close_s[stop])
        return _Link(place, place, Span(int(problem.stop_service_s[stop]), opens, closes))

    def _depot(self, depot: int) -> _Link:
        problem = self.problem
        place = int(problem.depot_place[depot])
        opens, closes = int(problem.depot_open_s[depot]), int(problem.depot_close_s[depot])
        return _Link(place, place, Span(int(problem.depot_load_s[depot]), opens, closes))

    def _cost_of(self, day: Day, links: tuple[_Link, ...], at: int) -> int | None:
        """Return what a day costs that is these links, in place of the way from a halt on.

        None where it can't be driven.
        """
        vehicle = day.tour.vehicle
        seconds, paid = self._ways(vehicle)
        whole = links[0].span
        way = day.way_microyuan - paid[day.place[at]][day.place[at + 1]]
        for one, other in pairwise(links):
            longer = _joined(whole, seconds[one.last][other.first], other.span)
            if longer is None:
                return None
            whole = longer
            way += paid[one.last][other.first]
        if whole.takes_s > self.problem.vehicle_shift_s[vehicle]:
            return None
        return self._cost(vehicle, way, whole)


class _Link(NamedTuple):
    """A run of halts, by its first and last place."""

    first: int
    last: int
    span: Span


def _until(day: Day, at: int) -> _Link:
    return _Link(day.place[0], day.place[at], day.before[at])


def _from(day: Day, at: int) -> _Link:
    return _Link(day.place[at], day.place[-1], day.behind[at])


def _joined(one: Span, travel_s: float, other: Span) -> Span | None:
    """Return both with the drive from one to the other, None where that comes too late."""
    ahead_s = one.takes_s + travel_s
    if one.early_s + ahead_s > other.late_s:
        return None
    wait_s = max(other.early_s - ahead_s - one.late_s, 0)
    return Span(
        ahead_s + other.takes_s + wait_s,
        max(other.early_s - ahead_s, one.early_s) - wait_s,
        min(other.late_s - ahead_s, one.late_s),
    )
