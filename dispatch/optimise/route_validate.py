"""Is a routing problem well formed? Every fault at once, before any solver sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.optimise.routes import RoutingProblem

LARGEST: Final = 2**40
"""No single number may be larger, so that sums of them stay exact in floats."""

LARGEST_SUM: Final = 2**60
"""No load or price of an arc may reach this, so that 64 bits hold them."""

_TABLES: Final = {
    "depot": {"place": 0, "load_s": 0, "open_s": 0, "close_s": 0},
    "stop": {
        "place": 0,
        "lots": 1,
        "open_s": 0,
        "close_s": 0,
        "service_s": 0,
        "priority": 1,
        "worth": 1,
    },
    "vehicle": {
        "count": 1,
        "profile": 0,
        "start": 0,
        "end": 0,
        "trips": 1,
        "open_s": 0,
        "close_s": 0,
        "shift_s": 0,
        "fixed_microyuan": 0,
        "microyuan_per_m": 0,
        "microyuan_per_s": 0,
    },
}
"""For each table: least value by column."""


def validate_routes(problem: RoutingProblem) -> None:
    """Refuse a problem whose arrays do not fit together.

    Raises
    ------
    InputError
        With every fault found. ``file`` is the table (depots, stops, vehicles,
        travel), ``row`` its row counted from 1.
    """
    faults = list(_wrong_shapes(problem))
    if not faults:
        faults = [*_wrong_values(problem), *_wrong_ids(problem), *_wrong_travel(problem)]
    if not faults:
        faults = list(_too_large(problem))
    if faults:
        raise InputError(faults)


def _wrong_shapes(problem: RoutingProblem) -> Iterator[Fault]:
    dimensions, depots = len(problem.dimension_id), len(problem.depot_id)
    stops, vehicles = len(problem.stop_id), len(problem.vehicle_id)
    rows = {"depot": depots, "stop": stops, "vehicle": vehicles}
    wanted: dict[str, tuple[type, tuple[int, ...]]] = {
        f"{table}_{column}": (np.int64, (rows[table],))
        for table, columns in _TABLES.items()
        for column in columns
    }
    wanted["stop_load"] = (np.int64, (stops, dimensions))
    wanted["vehicle_capacity"] = (np.int64, (vehicles, dimensions))
    wanted["vehicle_reload"] = (np.bool_, (vehicles, depots))
    wanted["vehicle_access"] = (np.bool_, (vehicles, stops))
    travel = problem.travel_s.shape
    square = len(travel) == 3 and travel[1] == travel[2]
    wanted["travel_s"] = (np.float64, travel if square else (0, 0, 0))
    wanted["travel_m"] = (np.float64, wanted["travel_s"][1])
    wanted["travel_toll_microyuan"] = (np.int64, wanted["travel_s"][1])
    for column, (kind, shape) in wanted.items():
        values = getattr(problem, column)
        if values.dtype != kind or values.shape != shape:
            yield _fault(
                column,
                None,
                f"{values.dtype}{list(values.shape)}",
                _("not an array of the right kind and shape"),
                _("give {kind} of shape {shape}").format(kind=kind.__name__, shape=list(shape)),
            )


def _wrong_values(problem: RoutingProblem) -> Iterator[Fault]:
    profiles, places, __ = problem.travel_s.shape
    most = {
        "depot_place": places,
        "stop_place": places,
        "vehicle_profile": profiles,
        "vehicle_start": len(problem.depot_id),
        "vehicle_end": len(problem.depot_id),
    }
    columns = {
        f"{table}_{column}": least
        for table, columns in _TABLES.items()
        for column, least in columns.items()
    }
    for column, least in {**columns, "stop_load": 0, "vehicle_capacity": 0}.items():
        values = getattr(problem, column)
        top = most.get(column, LARGEST + 1) - 1
        for where in np.argwhere((values < least) | (values > top)).tolist():
            row, value = where[0], values[tuple(where)]
            remedy = _("give {least} to {most}").format(least=least, most=top)
            yield _fault(column, row, str(value), _("out of range"), remedy)
    for table in ("depot", "stop", "vehicle"):
        opens, closes = getattr(problem, f"{table}_open_s"), getattr(problem, f"{table}_close_s")
        for row in np.flatnonzero(opens > closes).tolist():
            remedy = _("give at least {least}").format(least=opens[row])
            yield _fault(
                f"{table}_close_s", row, str(closes[row]), _("closes before it opens"), remedy
            )


def _wrong_ids(problem: RoutingProblem) -> Iterator[Fault]:
    for column in ("dimension_id", "depot_id", "stop_id", "vehicle_id"):
        ids: tuple[str, ...] = getattr(problem, column)
        times = Counter(ids)
        for row, name in enumerate(ids):
            if not name or times[name] > 1:
                remedy = _("give each row an id of its own")
                yield _fault(column, row, name, _("empty or repeated"), remedy)


def _wrong_travel(problem: RoutingProblem) -> Iterator[Fault]:
    remedies = {
        "travel_s": _("give whole seconds from 0, or inf where there is no way"),
        "travel_m": _("give whole metres from 0, and inf where travel_s is"),
        "travel_toll_microyuan": _("give whole millionths of a yuan from 0"),
    }
    no_way = np.isposinf(problem.travel_s)
    for column, remedy in remedies.items():
        values = getattr(problem, column)
        # comparisons with nan are false, so what is right is asked for
        right = (values >= 0) & (values <= LARGEST) & (values == np.floor(values))
        if column != "travel_toll_microyuan":
            right |= (values == np.inf) & no_way
            right &= np.isposinf(values) == no_way
        diagonal = np.einsum("rpp->rp", right)
        diagonal &= np.einsum("rpp->rp", values) == 0
        for profile, origin, destination in np.argwhere(~right).tolist():
            value = values[profile, origin, destination]
            yield _fault(
                column,
                origin,
                str(value),
                _("wrong travel from place {origin} to {destination} (profile {profile})").format(
                    origin=origin, destination=destination, profile=profile
                ),
                remedy,
            )


def _too_large(problem: RoutingProblem) -> Iterator[Fault]:
    """Worst sums in Python integers, since these can't overflow."""
    metres = problem.travel_m[np.isfinite(problem.travel_m)]
    rate = max(problem.vehicle_microyuan_per_m.tolist(), default=0)
    if int(metres.max(initial=0)) * rate >= LARGEST_SUM:
        yield _fault(
            "vehicle_microyuan_per_m",
            None,
            str(rate),
            _("the numbers are too large to be computed exactly"),
            _("use smaller numbers"),
        )
    wanted = zip(problem.stop_lots.tolist(), problem.stop_load.tolist(), strict=True)
    trips = zip(problem.vehicle_count.tolist(), problem.vehicle_trips.tolist(), strict=True)
    most = max(problem.vehicle_capacity.ravel().tolist(), default=0)
    for column, total in (
        ("stop_lots", sum(lots * max(load, default=0) for lots, load in wanted)),
        ("vehicle_trips", sum(count * runs for count, runs in trips) * most),
    ):
        if total >= LARGEST_SUM:
            yield _fault(
                column,
                None,
                None,
                _("the numbers are too large to be computed exactly"),
                _("use smaller numbers"),
            )


def _fault(column: str, row: int | None, value: str | None, problem: str, remedy: str) -> Fault:
    table = column.split("_")[0]
    file = table if table == "travel" else f"{table}s"
    return Fault(file, None if row is None else row + 1, column, value, problem, remedy)
