"""The last mile as plain arrays: who drives which lots to which stop, in which order.

A stop wants equal *lots*; a lot is never divided, and each visit brings one or
more of them. That is how loads are split: a stop that one vehicle must serve
whole wants one lot, a stop that several may serve in parts wants several
(`route_lots` has the rule by which a delivery is cut into lots).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.optimise.problem import IntArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MICROYUAN: Final = 1_000_000
"""Costs are whole millionths of a yuan, so that a metre and a second have a whole price."""

SOLVERS: Final = ("ortools", "pyvrp")
"""The engines there are. ``auto`` takes PyVRP where it is installed, else OR-Tools."""

REASONS: Final = (
    "no_access",
    "no_way",
    "too_large",
    "too_late",
    "shift_too_short",
    "fleet_too_small",
    "no_room",
    "no_time",
)
"""Why lots stay behind; `route_why` says what each means and proves the first six."""


@dataclass(frozen=True, eq=False)
class RoutingProblem:
    """What is wanted where, and what could bring it.

    Rows are travel profiles (R), places (P), load dimensions (C), depots (K),
    stops (S) and vehicles (V). Times are seconds after the start of the
    scenario, loads whole numbers of each dimension's unit.

    Parameters
    ----------
    travel_s, travel_m : FloatArray, shape (R, P, P)
        Whole seconds and metres from place to place; ``inf`` in both where
        that profile has no way. The diagonal is 0.
    travel_toll_microyuan : IntArray, shape (R, P, P)
        Toll to be paid; 0 wherever it is waived.
    dimension_id : tuple of str, length C
        What is limited on board, as ``kg`` and ``litre``.
    depot_id : tuple of str, length K
    depot_place, depot_load_s : IntArray, shape (K,)
        Every trip begins with so many seconds of loading.
    depot_open_s, depot_close_s : IntArray, shape (K,)
        Loading begins, and a vehicle ends its day, between these.
    stop_id : tuple of str, length S
    stop_place, stop_lots : IntArray, shape (S,)
    stop_load : IntArray, shape (S, C)
        What one lot weighs and fills.
    stop_open_s, stop_close_s, stop_service_s : IntArray, shape (S,)
        Unloading a lot begins between open and close and takes ``service``.
    stop_priority, stop_worth : IntArray, shape (S,)
        Priority 1 is served before 2 whatever it costs; within a priority the
        worth of the lots delivered counts, each lot with the stop's ``worth``.
    vehicle_id : tuple of str, length V
    vehicle_count, vehicle_profile : IntArray, shape (V,)
        A row may stand for several equal vehicles.
    vehicle_capacity : IntArray, shape (V, C)
    vehicle_start, vehicle_end : IntArray, shape (V,)
        Depot where the day begins with loading, and where it ends.
    vehicle_reload : BoolArray, shape (V, K)
        Depots where the vehicle may load again.
    vehicle_trips : IntArray, shape (V,)
        How often it may leave a depot loaded; 1 means no reloading.
    vehicle_access : BoolArray, shape (V, S)
        Stops that the vehicle is allowed to serve.
    vehicle_open_s, vehicle_close_s, vehicle_shift_s : IntArray, shape (V,)
        The day begins not before ``open``, ends by ``close`` and lasts at most
        ``shift`` from the first loading to the end.
    vehicle_fixed_microyuan, vehicle_microyuan_per_m, vehicle_microyuan_per_s : IntArray, (V,)
        What a vehicle costs if used, for each metre, and for each second on duty.
    """

    travel_s: FloatArray
    travel_m: FloatArray
    travel_toll_microyuan: IntArray
    dimension_id: tuple[str, ...]
    depot_id: tuple[str, ...]
    depot_place: IntArray
    depot_load_s: IntArray
    depot_open_s: IntArray
    depot_close_s: IntArray
    stop_id: tuple[str, ...]
    stop_place: IntArray
    stop_lots: IntArray
    stop_load: IntArray
    stop_open_s: IntArray
    stop_close_s: IntArray
    stop_service_s: IntArray
    stop_priority: IntArray
    stop_worth: IntArray
    vehicle_id: tuple[str, ...]
    vehicle_count: IntArray
    vehicle_profile: IntArray
    vehicle_capacity: IntArray
    vehicle_start: IntArray
    vehicle_end: IntArray
    vehicle_reload: BoolArray
    vehicle_trips: IntArray
    vehicle_access: BoolArray
    vehicle_open_s: IntArray
    vehicle_close_s: IntArray
    vehicle_shift_s: IntArray
    vehicle_fixed_microyuan: IntArray
    vehicle_microyuan_per_m: IntArray
    vehicle_microyuan_per_s: IntArray


class Load(NamedTuple):
    """One trip before it has times: where to load, then a stop for each lot."""

    depot: int
    stops: tuple[int, ...]


class Tour(NamedTuple):
    """One vehicle's day before it has times."""

    vehicle: int
    loads: tuple[Load, ...]


@dataclass(frozen=True)
class Visit:
    """Lots brought to a stop at one halt.

    Parameters
    ----------
    stop, lots : int
    arrive_s, begin_s, leave_s : int
        Arrival, begin of unloading (later than arrival where the vehicle
        waits), and departure.
    """

    stop: int
    lots: int
    arrive_s: int
    begin_s: int
    leave_s: int


@dataclass(frozen=True)
class Trip:
    """From a depot over stops to the depot of the next trip, or to the end of the day.

    Parameters
    ----------
    depot : int
    begin_s, leave_s : int
        Begin of loading, and departure.
    visits : tuple of Visit
    """

    depot: int
    begin_s: int
    leave_s: int
    visits: tuple[Visit, ...]


@dataclass(frozen=True)
class Route:
    """One vehicle's day; it begins with the loading of the first trip.

    Parameters
    ----------
    vehicle : int
    trips : tuple of Trip
    end_s : int
        Arrival at the depot where the day ends, or its opening if that is later.
    """

    vehicle: int
    trips: tuple[Trip, ...]
    end_s: int

    @property
    def start_s(self) -> int:
        """Begin of the first loading."""
        return self.trips[0].begin_s


@dataclass(frozen=True)
class Unserved:
    """Lots that stay behind.

    Parameters
    ----------
    stop, lots : int
    reason : str
        One of ``REASONS``.
    proved : bool
        True where no plan at all could serve them (all lots of the stop, or,
        for ``fleet_too_small``, all lots of all stops).
    """

    stop: int
    lots: int
    reason: str
    proved: bool


@dataclass(frozen=True)
class RoutingFigures:
    """What a plan achieves, in the order in which it counts.

    Parameters
    ----------
    served, wanted : tuple of int
        Worth of the lots delivered and of all lots, for each priority that
        occurs, the first one first. More is better, whatever comes after.
    cost_microyuan : int
        Fixed costs, metres, seconds on duty and tolls. Less is better.
    distance_m, duration_s : int
        Over all routes; for information.
    """

    served: tuple[int, ...]
    wanted: tuple[int, ...]
    cost_microyuan: int
    distance_m: int
    duration_s: int

    @property
    def rank(self) -> tuple[int, ...]:
        """Key by which the better of two plans is the smaller."""
        return (*(-worth for worth in self.served), self.cost_microyuan)


@dataclass(frozen=True)
class RoutingSolution:
    """Routes, what they leave behind, and which engine found them.

    Parameters
    ----------
    routes : tuple of Route
        In ascending order of vehicle, then of start.
    unserved : tuple of Unserved
        In ascending order of stop.
    figures : RoutingFigures
    solver : {"ortools", "pyvrp"}
    """

    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...]
    figures: RoutingFigures
    solver: str


def levels(problem: RoutingProblem) -> tuple[int, ...]:
    """Return the priorities that occur, the first one first."""
    return tuple(sorted(set(problem.stop_priority.tolist())))


def microyuan_per_s(yuan_per_h: float) -> int:
    """Return a price per hour as a price per second, to the nearest whole millionth."""
    return round(yuan_per_h * MICROYUAN / 3600)
