"""Why lots stay behind: what is proved of the problem, and what is seen of the plan.

Proved, whatever the plan (every vehicle fails in one of these; the reason is
that of the vehicle which comes furthest):

``no_access``        no vehicle is allowed to serve the stop
``no_way``           those that are have no way there, or none back
``too_large``        one lot is more than any of those can carry
``too_late``         those come, at the earliest, after the stop has closed
``shift_too_short``  those can't be back in time, or within their shift
``fleet_too_small``  the vehicles that may serve the stop and others, all loaded
                     full on all their trips, can't carry what these want together

Seen of the plan:

``no_room``          every vehicle that could serve it is loaded full, on every trip
``no_time``          some has room, but not the time besides what it already does
"""

from __future__ import annotations

from functools import cache

import numpy as np

from dispatch.i18n import _
from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_fill import fits
from dispatch.optimise.route_times import Halt, shortest_day, tour_of
from dispatch.optimise.routes import FloatArray, Load, Route, RoutingProblem, Unserved

HOPELESS = ("no_access", "no_way", "too_large", "too_late", "shift_too_short")
"""Reasons for which no vehicle can serve a stop at all, in the order in which they are met."""


def hopeless_stops(problem: RoutingProblem) -> dict[int, str]:
    """Return the stops that no vehicle could serve even if it had nothing else to do.

    Returns
    -------
    dict of int to str
        Reason by stop, in ascending order of stops.
    """

    @cache
    def shortest_s(profile: int) -> FloatArray:
        """Return travel times over any other places: a lower bound on every tour."""
        times: FloatArray = problem.travel_s[profile].copy()
        for via in range(len(times)):
            np.minimum(times, times[:, via, None] + times[via], out=times)
        return times

    found = {}
    for stop in range(len(problem.stop_id)):
        vehicles = np.flatnonzero(problem.vehicle_access[:, stop]).tolist()
        furthest = 0
        for vehicle in vehicles:
            profile = int(problem.vehicle_profile[vehicle])
            reached = _hurdle(problem, vehicle, stop, problem.travel_s[profile])
            if reached < len(HOPELESS):
                reached = _hurdle(problem, vehicle, stop, shortest_s(profile))
            furthest = max(furthest, reached)
            if furthest == len(HOPELESS):
                break
        if furthest < len(HOPELESS):
            found[stop] = HOPELESS[furthest]
    return found


def _hurdle(problem: RoutingProblem, vehicle: int, stop: int, travel_s: FloatArray) -> int:
    """Return the row of ``HOPELESS`` at which an allowed vehicle fails, its length if at none."""
    start, end = int(problem.vehicle_start[vehicle]), int(problem.vehicle_end[vehicle])
    place, home = int(problem.stop_place[stop]), int(problem.depot_place[end])
    go_s = float(travel_s[problem.depot_place[start], place])
    back_s = float(travel_s[place, home])
    if np.isinf(go_s) or np.isinf(back_s):
        return 1
    if not fits(problem, vehicle, Load(start, (stop,))):
        return 2
    loading = Halt(
        0,
        int(problem.depot_open_s[start]),
        int(problem.depot_close_s[start]),
        int(problem.depot_load_s[start]),
    )
    unloading = Halt(
        go_s,
        int(problem.stop_open_s[stop]),
        int(problem.stop_close_s[stop]),
        int(problem.stop_service_s[stop]),
    )
    close_s = min(int(problem.depot_close_s[end]), int(problem.vehicle_close_s[vehicle]))
    ending = Halt(back_s, int(problem.depot_open_s[end]), close_s, 0)
    open_s = int(problem.vehicle_open_s[vehicle])
    if shortest_day([loading, unloading], open_s) is None:
        return 3
    day = shortest_day([loading, unloading, ending], open_s)
    if day is None or day[-1] - day[0] > problem.vehicle_shift_s[vehicle]:
        return 4
    return 5


def why_unserved(
    problem: RoutingProblem, routes: list[Route], missing: IntArray, hopeless: dict[int, str]
) -> tuple[Unserved, ...]:
    """Tell why so many lots of each stop stay behind.

    Parameters
    ----------
    routes : list of Route
        Filled, as `route_fill.fill` leaves them.
    missing : IntArray, shape (S,)
    hopeless : dict of int to str
        What `hopeless_stops` found.
    """
    rows = []
    for stop in np.flatnonzero(missing).tolist():
        reason = hopeless.get(stop)
        if reason is None and _fleet_too_small(problem, stop, hopeless):
            reason = "fleet_too_small"
        proved = reason is not None
        if reason is None:
            reason = "no_time" if _has_room(problem, routes, stop) else "no_room"
        rows.append(Unserved(stop, int(missing[stop]), reason, proved))
    return tuple(rows)


def _fleet_too_small(problem: RoutingProblem, stop: int, hopeless: dict[int, str]) -> bool:
    """Return whether the stop's vehicles can't carry all that they alone may bring."""
    may = problem.vehicle_access[:, stop]
    theirs = np.logical_not(problem.vehicle_access[~may].any(axis=0))
    theirs[list(hopeless)] = False
    wanted = problem.stop_lots[theirs] @ problem.stop_load[theirs]
    runs = problem.vehicle_count * problem.vehicle_trips
    holds = runs[may] @ problem.vehicle_capacity[may]
    return bool((wanted > holds).any())


def _has_room(problem: RoutingProblem, routes: list[Route], stop: int) -> bool:
    """Return whether an idle vehicle, an unused trip or a trip's spare room could take a lot."""
    used = [0] * len(problem.vehicle_id)
    for route in routes:
        used[route.vehicle] += 1
        if not problem.vehicle_access[route.vehicle, stop]:
            continue
        tour = tour_of(route)
        again = problem.vehicle_reload[route.vehicle].any()
        if again and len(tour.loads) < problem.vehicle_trips[route.vehicle]:
            return True
        if any(
            fits(problem, route.vehicle, load._replace(stops=(*load.stops, stop)))
            for load in tour.loads
        ):
            return True
    idle = zip(used, problem.vehicle_count.tolist(), problem.vehicle_access[:, stop], strict=True)
    return any(times < count and may for times, count, may in idle)


def reason_text(problem: RoutingProblem, row: Unserved) -> str:
    """Return one sentence for the user."""
    texts = {
        "no_access": _(
            "{stop} goes without {lots} of its lots: no vehicle is allowed to go there."
        ),
        "no_way": _("{stop} goes without {lots} of its lots: no vehicle allowed there has a way."),
        "too_large": _(
            "{stop} goes without {lots} of its lots: no vehicle that gets there can carry one."
        ),
        "too_late": _(
            "{stop} goes without {lots} of its lots: every vehicle would come after it closes."
        ),
        "shift_too_short": _(
            "{stop} goes without {lots} of its lots: no vehicle could be back within its shift."
        ),
        "fleet_too_small": _(
            "{stop} goes without {lots} of its lots: "
            "its vehicles, all full, can't carry what they should."
        ),
        "no_room": _(
            "{stop} goes without {lots} of its lots: every vehicle that could bring them is full."
        ),
        "no_time": _(
            "{stop} goes without {lots} of its lots: "
            "no vehicle has the time besides what it brings already."
        ),
    }
    return texts[row.reason].format(lots=row.lots, stop=problem.stop_id[row.stop])
