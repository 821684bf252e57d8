"""Routes by PyVRP: iterated local search with reloading, mixed fleets and several depots.

Needs the optional extra ``routes``. Source: Wouda, Lan & Kool (2024), PyVRP: a
high-performance VRP solver package, doi:10.1287/ijoc.2023.0055.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from math import inf
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_fill import trips_from
from dispatch.optimise.route_prices import Prices, prices
from dispatch.optimise.routes import Load, RoutingProblem, Tour

if TYPE_CHECKING:
    import pyvrp

MOST: Final = 2**46
"""What the prices of all lots may reach: PyVRP multiplies them with violations."""

PENALTY: Final = 5
"""Highest penalty for a unit of excess, in typical arcs, PyVRP's own default where these
cost what they do in its test instances; and the first penalty for a whole lot too much or
a whole way too late, in typical arcs and vehicles."""

NEIGHBOURS: Final = 50, 20
"""Moves join a lot to so many near it: the second number, for more rounds, where vehicles
differ in nothing but their depots; what suits which of unlike vehicles is found farther off."""

LARGE: Final = 200
"""With more lots than this there are too few rounds for a slow search; then second numbers hold."""

HISTORY: Final = 300, 200
"""A plan may be as bad as that of so many rounds before."""

FEASIBLE: Final = 0.65, 0.4
"""Share of plans without excess that penalties aim at."""

FIRST_SHARE: Final = 1 / 3
"""Share of the time in which serving every lot must have succeeded, or some may be left."""

_NEVER: Final = int(np.iinfo(np.int64).max)


def available() -> bool:
    """Return whether PyVRP is installed."""
    return find_spec("pyvrp") is not None


def search_pyvrp(
    problem: RoutingProblem,
    lots: IntArray,
    *,
    time_limit_s: float,
    seed: int,
    patience: int | None,
    work: int | None = None,
) -> list[Tour]:
    """Return the best tours found for so many lots of each stop.

    First every lot must be served, which PyVRP searches much faster; only
    where that does not succeed may lots be left behind, at their price.

    Parameters
    ----------
    lots : IntArray, shape (S,)
    time_limit_s : float
    seed : int
    patience : int or None
        Stop after so many iterations without a better plan.
    work : int or None
        Stop each search after so many iterations times lots, whatever the clock says.

    Raises
    ------
    InputError
        If priorities and costs are too large.
    """
    price = prices(problem, MOST)
    clients = np.repeat(np.arange(len(lots)), lots).tolist()
    if not clients or not problem.vehicle_id:
        return []
    rounds = None if work is None else max(1, work // len(clients))
    limit_s = time_limit_s if work is None else inf
    until_s = time.perf_counter() + limit_s
    first_s = time.perf_counter() + limit_s * FIRST_SHARE
    for required in (True, False):
        data = _data(problem, price, clients, required)
        penalties = _penalties(problem, price, required)
        stop = _Stop(until_s, first_s if required else until_s, patience, rounds)
        best = _search(data, penalties, _neighbours(problem), stop, seed)
        if best.is_feasible():
            break
    return list(_tours(problem, best, clients)) if best.is_feasible() else []


class _Stop:
    """Stop when time, rounds or patience are over; earlier if nothing feasible was found."""

    def __init__(
        self, until_s: float, first_s: float, patience: int | None, rounds: int | None
    ) -> None:
        self._until_s, self._first_s = until_s, first_s
        self._patience, self._rounds = patience, rounds
        self._best, self._tries, self._round = _NEVER, 0, 0

    def __call__(self, best_cost: int) -> bool:
        now_s = time.perf_counter()
        self._round += 1
        self._tries = 0 if best_cost < self._best else self._tries + 1
        self._best = min(best_cost, self._best)
        tired = self._patience is not None and self._tries >= self._patience
        over = self._rounds is not None and self._round > self._rounds
        return tired or over or now_s > (self._first_s if self._best == _NEVER else self._until_s)


def _neighbours(problem: RoutingProblem) -> int:
    """Return how many lots near each one are looked at."""
    columns = (
        problem.vehicle_capacity,
        problem.vehicle_access,
        problem.vehicle_fixed_microyuan[:, None],
        problem.vehicle_microyuan_per_m[:, None],
        problem.vehicle_microyuan_per_s[:, None],
    )
    alike = all((values == values[0]).all() for values in columns)
    # lots of one stop are each other's nearest and would leave no room for other stops
    return NEIGHBOURS[alike and int(problem.stop_lots.max()) == 1]


def _search(
    data: pyvrp.ProblemData,
    penalties: pyvrp.PenaltyManager,
    neighbours: int,
    stop: _Stop,
    seed: int,
) -> pyvrp.Solution:
    """Search as ``pyvrp.solve`` does, from penalties that fit the problem."""
    import pyvrp
    from pyvrp import search

    near = search.NeighbourhoodParams(num_neighbours=neighbours)
    rng = pyvrp.RandomNumberGenerator(seed=seed)
    descend = search.LocalSearch(data, rng, search.compute_neighbours(data, near))
    for operator in search.OPERATORS:
        if operator.supports(data):
            descend.add_operator(operator(data))
    first = descend(
        pyvrp.Solution.make_random(data, rng), penalties.max_cost_evaluator(), exhaustive=True
    )
    params = pyvrp.IteratedLocalSearchParams(history_length=HISTORY[data.num_clients > LARGE])
    with warnings.catch_warnings():
        # it warns where its highest penalty finds nothing feasible: seen in the result
        warnings.simplefilter("ignore")
        rounds = pyvrp.IteratedLocalSearch(data, penalties, descend, first, params)
        return rounds.run(stop, collect_stats=False).best


def _penalties(problem: RoutingProblem, price: Prices, required: bool) -> pyvrp.PenaltyManager:
    """Return penalties for a unit of excess; at first some times what a lot or a way has of it.

    PyVRP itself begins half way to the highest, and needs tens of thousands of rounds
    to come down. Where lots may stay behind they have to outbid prices, and
    there it begins.
    """
    import pyvrp

    worst = PENALTY * price.typical if required else max(price.lots)
    params = pyvrp.PenaltyParams(
        max_penalty=max(100_000.0, float(worst)),
        target_feasible=FEASIBLE[required and int(problem.stop_lots.sum()) > LARGE],
    )
    if not required:
        middle = params.max_penalty / 2
        return pyvrp.PenaltyManager(([middle] * len(problem.dimension_id), middle, middle), params)
    one = PENALTY * (price.typical + float(np.mean(price.fixed)))
    loads = np.maximum(problem.stop_load.mean(axis=0), 1)
    ways_s = problem.travel_s[np.isfinite(problem.travel_s) & (problem.travel_s > 0)]
    second = one / max(1.0, float(ways_s.mean())) if len(ways_s) else 1.0
    return pyvrp.PenaltyManager(((one / loads).tolist(), second, 1.0), params)


def _data(
    problem: RoutingProblem, price: Prices, clients: list[int], required: bool
) -> pyvrp.ProblemData:
    """Translate the problem: depots, then stops are locations; every lot is a client."""
    import pyvrp

    depots = len(problem.depot_id)
    profile, distances, durations = _profiles(problem, price)
    timeless = problem.vehicle_close_s.max() == 0  # no clock: spares PyVRP to keep one

    def close(value: int) -> int:
        return _NEVER if timeless else int(value)

    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0)] * (depots + len(problem.stop_id)),
        clients=[
            pyvrp.Client(
                location=depots + stop,
                delivery=problem.stop_load[stop].tolist(),
                service_duration=int(problem.stop_service_s[stop]),
                tw_early=int(problem.stop_open_s[stop]),
                tw_late=close(problem.stop_close_s[stop]),
                prize=0 if required else price.lots[stop],
                required=required,
            )
            for stop in clients
        ],
        depots=[
            pyvrp.Depot(
                location=depot,
                tw_early=int(problem.depot_open_s[depot]),
                tw_late=close(problem.depot_close_s[depot]),
                service_duration=int(problem.depot_load_s[depot]),
            )
            for depot in range(depots)
        ],
        vehicle_types=[
            pyvrp.VehicleType(
                num_available=int(problem.vehicle_count[vehicle]),
                capacity=problem.vehicle_capacity[vehicle].tolist(),
                start_depot=int(problem.vehicle_start[vehicle]),
                end_depot=int(problem.vehicle_end[vehicle]),
                fixed_cost=price.fixed[vehicle],
                tw_early=int(problem.vehicle_open_s[vehicle]),
                tw_late=close(problem.vehicle_close_s[vehicle]),
                shift_duration=close(problem.vehicle_shift_s[vehicle]),
                unit_distance_cost=1,
                unit_duration_cost=price.per_s[vehicle],
                profile=profile[vehicle],
                reload_depots=np.flatnonzero(problem.vehicle_reload[vehicle]).tolist(),
                max_reloads=int(problem.vehicle_trips[vehicle]) - 1,
            )
            for vehicle in range(len(problem.vehicle_id))
        ],
        distance_matrices=distances,
        duration_matrices=durations,
    )


def _profiles(problem: RoutingProblem, price: Prices) -> tuple[list[int], list[Any], list[Any]]:
    """Return the profile of each vehicle, then prices and seconds of each profile.

    A missing way takes one second more than the longest day, so that no
    schedule can hold it, and nothing can overflow.
    """
    depots = len(problem.depot_id)
    places = np.concatenate([problem.depot_place, problem.stop_place])
    square = np.ix_(places, places)
    never_s = int(problem.vehicle_close_s.max()) + 1
    number: dict[tuple[int, int, bytes], int] = {}
    profile, distances, durations = [], [], []
    for vehicle, travel in enumerate(problem.vehicle_profile.tolist()):
        access = problem.vehicle_access[vehicle]
        key = (travel, id(price.arcs[vehicle]), access.tobytes())
        if key not in number:
            number[key] = len(number)
            seconds = np.minimum(problem.travel_s[travel][square], never_s).astype(np.int64)
            closed = depots + np.flatnonzero(~access)
            seconds[closed] = never_s
            seconds[:, closed] = never_s
            np.fill_diagonal(seconds, 0)
            distances.append(price.arcs[vehicle][square])
            durations.append(seconds)
        profile.append(number[key])
    return profile, distances, durations


def _tours(problem: RoutingProblem, best: pyvrp.Solution, clients: list[int]) -> Iterator[Tour]:
    for route in best.routes():
        loads: list[Load] = []
        for activity in route:
            if activity.is_depot():
                loads.append(Load(activity.idx, ()))
            else:
                stops = (*loads[-1].stops, clients[activity.idx])
                loads[-1] = loads[-1]._replace(stops=stops)
        vehicle = route.vehicle_type()
        yield Tour(vehicle, trips_from(problem, vehicle, loads))
