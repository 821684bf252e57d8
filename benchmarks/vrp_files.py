"""Readers of public routing instances, and of their best known solutions.

Conventions, each checked by driving the ``.sol`` files again where there are any:

========  =====================  =====================================================
family    distances, and times   cost
========  =====================  =====================================================
Solomon   ``floor(10 d)``        distance; the files' ``SCALE`` also multiplies times
HFVRP     ``round(1000 d)``      unit cost x distance + 1000 x fixed cost; no clock
SDVRPTW   ``round(1000 d)``      distance; site-dependent: lists of allowed clients
MDVRPTW   ``round(1000 d)``      distance; multi-depot, vehicles return to their own
========  =====================  =====================================================

A second of the routing problem is a time unit of the instance, a metre a
distance unit, and a microyuan a cost unit.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_check import evaluate_routes
from dispatch.optimise.route_times import timed_route
from dispatch.optimise.routes import Load, Route, RoutingProblem, Tour

FAMILIES: Final = ("Solomon", "HFVRP", "SDVRPTW", "MDVRPTW")
TYPES: Final = {"CVRPTW": "Solomon", "VRPTW": "Solomon"}
SUFFIXES: Final = (".vrp", ".vrptw")

Rows = list[list[float]]


class InstanceError(Exception):
    """A folder or file that isn't what a benchmark can read."""


@dataclass(frozen=True)
class Instance:
    """One benchmark instance.

    Parameters
    ----------
    name, family : str
    problem : RoutingProblem
    best_known : int
        In the cost units of the problem.
    best_routes : tuple of Route, or None
        Best known solution, if the folder has one.
    stated : float or None
        Cost that the solution's file states, in the file's own unit.
    """

    name: str
    family: str
    problem: RoutingProblem
    best_known: int
    best_routes: tuple[Route, ...] | None
    stated: float | None


def read_folder(folder: Path) -> list[Instance]:
    """Read every instance of a folder, by family and then by name.

    Raises
    ------
    InstanceError
        Where there is none, or one has no best known value.
    """
    if not folder.is_dir():
        raise InstanceError(
            f"There is no folder {folder}. Name one with --instances; it holds instances "
            f"({', '.join('*' + suffix for suffix in SUFFIXES)}) with *.sol or *_bks.csv."
        )
    files = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    if not files:
        raise InstanceError(f"The folder {folder} holds no {' or '.join(SUFFIXES)} file.")
    known = _best_known_values(folder)
    instances = [read_instance(path, known) for path in files]
    return sorted(instances, key=lambda one: (FAMILIES.index(one.family), one.name))


def read_instance(path: Path, known: dict[str, int]) -> Instance:
    """Read one instance, and its best known solution or value."""
    words, sections = _parsed(path)
    family = _family(path, words)
    kinds = _equal_vehicles(words, sections)
    problem = _problem(words, sections, kinds)
    name = path.stem.removeprefix(f"{family}-").removeprefix(f"{family.lower()}-")
    solution = path.with_suffix(".sol")
    if not solution.exists():
        if name not in known:
            raise InstanceError(f"{path.name}: no best known value ({solution.name} or *_bks.csv).")
        return Instance(name, family, problem, known[name], None, None)
    row_of = {vehicle: row for row, members in enumerate(kinds.values()) for vehicle in members}
    routes, stated = _read_solution(solution, problem, row_of)
    own = evaluate_routes(problem, routes).cost_microyuan
    return Instance(name, family, problem, _in_units(stated, own), routes, float(stated))


def _best_known_values(folder: Path) -> dict[str, int]:
    values = {}
    for path in sorted(folder.glob("*_bks.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                values[row["instance"]] = int(row["best_known_x10"])
    return values


def _in_units(stated: str, own: int) -> int:
    """Return the stated cost in the problem's units.

    Files state it in units, or in thousands or hundreds of thousands of them, rounded. The
    routes beside it tell which, and, where they agree to every digit stated,
    the digits that were rounded away.
    """
    factor = 10 ** round(math.log10(own / float(stated)))
    digits = len(stated.partition(".")[2])
    within = 0.5000001 * factor / 10**digits if factor > 1 else 0
    value = float(stated) * factor
    return own if abs(value - own) <= within else round(value)


def _family(path: Path, words: dict[str, str]) -> str:
    by_name = {family.lower(): family for family in FAMILIES}
    prefix, kind = path.stem.partition("-")[0].lower(), words.get("TYPE", "")
    family = by_name.get(prefix) or by_name.get(kind.lower()) or TYPES.get(kind)
    if family is None:
        raise InstanceError(f"{path.name}: family {kind or prefix} is not one of {FAMILIES}.")
    return family


def _parsed(path: Path) -> tuple[dict[str, str], dict[str, Rows]]:
    """Return the words of the head and the number rows of each section."""
    words: dict[str, str] = {}
    sections: dict[str, Rows] = {}
    rows: Rows | None = None
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if text.endswith("_SECTION"):
            rows = sections.setdefault(text, [])
        elif ":" in text:
            key, _, value = text.partition(":")
            words[key.strip()] = value.strip()
        elif text and text != "EOF" and rows is not None:
            rows.append([float(word) for word in text.split()])
    return words, sections


class _Kind(NamedTuple):
    """What equal vehicles have in common, in the file's own units."""

    capacity: float
    fixed_cost: float
    unit_cost: float
    depot: float
    max_duration: float
    allowed: tuple[float, ...] | None


def _equal_vehicles(words: dict[str, str], sections: dict[str, Rows]) -> dict[_Kind, list[int]]:
    """Return equal vehicles together: what they are, and their numbers from 0."""
    count = int(words["VEHICLES"])

    def column(key: str, default: float) -> list[float]:
        rows = sections.get(f"{key}_SECTION")
        return [row[1] for row in rows] if rows else [float(words.get(key, default))] * count

    allowed = sections.get("VEHICLES_ALLOWED_CLIENTS_SECTION")
    columns = zip(
        column("CAPACITY", 0),
        column("VEHICLES_FIXED_COST", 0),
        column("VEHICLES_UNIT_DISTANCE_COST", 1),
        column("VEHICLES_DEPOT", 1),
        column("VEHICLES_MAX_DURATION", math.inf),
        [tuple(row[1:]) for row in allowed] if allowed else [None] * count,
        strict=True,
    )
    kinds: dict[_Kind, list[int]] = {}
    for number, values in enumerate(columns):
        kinds.setdefault(_Kind(*values), []).append(number)
    return kinds


def _problem(
    words: dict[str, str], sections: dict[str, Rows], kinds: dict[_Kind, list[int]]
) -> RoutingProblem:
    nodes = int(words["DIMENSION"])
    scale = int(words.get("SCALE", "1000"))
    depots = [int(row[0]) - 1 for row in sections.get("DEPOT_SECTION", [[1.0]]) if row[0] > 0]
    if depots != list(range(len(depots))):
        raise InstanceError(f"{words['NAME']}: the depots are not the first nodes.")
    stops = nodes - len(depots)

    def column(key: str, default: float) -> IntArray:
        rows = sections.get(f"{key}_SECTION")
        values = [row[1] for row in rows] if rows else [default] * nodes
        return _whole(np.array(values) * scale)

    distance = _distance(words, sections, scale)
    clock = "TIME_WINDOW_SECTION" in sections or "VEHICLES_MAX_DURATION" in words
    windows = np.zeros((nodes, 2), dtype=np.int64)
    if "TIME_WINDOW_SECTION" in sections:
        windows = _whole(np.array(sections["TIME_WINDOW_SECTION"])[:, 1:] * scale)
    service = column("SERVICE_TIME", float(words.get("SERVICE_TIME", "0")))
    demand = _whole(np.array(sections["DEMAND_SECTION"])[:, 1:])
    first = len(depots)
    home = np.array([int(kind.depot) - 1 for kind in kinds])
    longest = int(windows.max())
    return RoutingProblem(
        travel_s=(distance if clock else np.zeros_like(distance))[None].astype(np.float64),
        travel_m=distance[None].astype(np.float64),
        travel_toll_microyuan=np.zeros((1, nodes, nodes), dtype=np.int64),
        dimension_id=tuple(f"load {number}" for number in range(demand.shape[1])),
        depot_id=tuple(f"depot {number}" for number in range(first)),
        depot_place=np.arange(first),
        depot_load_s=np.zeros(first, dtype=np.int64),
        depot_open_s=windows[:first, 0],
        depot_close_s=windows[:first, 1],
        stop_id=tuple(f"stop {number}" for number in range(first, nodes)),
        stop_place=np.arange(first, nodes),
        stop_lots=np.ones(stops, dtype=np.int64),
        stop_load=demand[first:],
        stop_open_s=windows[first:, 0],
        stop_close_s=windows[first:, 1],
        stop_service_s=service[first:],
        stop_priority=np.ones(stops, dtype=np.int64),
        stop_worth=np.ones(stops, dtype=np.int64),
        vehicle_id=tuple(f"kind {number}" for number in range(len(kinds))),
        vehicle_count=np.array([len(members) for members in kinds.values()]),
        vehicle_profile=np.zeros(len(kinds), dtype=np.int64),
        vehicle_capacity=_whole(np.array([[kind.capacity] for kind in kinds])),
        vehicle_start=home,
        vehicle_end=home,
        vehicle_reload=np.zeros((len(kinds), first), dtype=bool),
        vehicle_trips=np.ones(len(kinds), dtype=np.int64),
        vehicle_access=np.array([_allowed(kind, first, nodes) for kind in kinds]),
        vehicle_open_s=windows[home, 0],
        vehicle_close_s=windows[home, 1],
        vehicle_shift_s=np.array(
            [min(longest, kind.max_duration * scale) for kind in kinds]
        ).astype(np.int64),
        vehicle_fixed_microyuan=_whole(np.array([kind.fixed_cost * scale for kind in kinds])),
        vehicle_microyuan_per_m=_whole(np.array([kind.unit_cost for kind in kinds])),
        vehicle_microyuan_per_s=np.zeros(len(kinds), dtype=np.int64),
    )


def _distance(words: dict[str, str], sections: dict[str, Rows], scale: int) -> IntArray:
    where = np.array(sections["NODE_COORD_SECTION"])[:, 1:]
    exact = np.hypot(*np.moveaxis(where[:, None] - where[None], -1, 0)) * scale
    kind = words.get("EDGE_WEIGHT_TYPE")
    if kind == "FLOOR_2D":
        return _whole(np.floor(exact))
    if kind == "EUC_2D":
        return _whole(exact)
    raise InstanceError(f"{words['NAME']}: EDGE_WEIGHT_TYPE {kind} is not known here.")


def _allowed(kind: _Kind, first: int, nodes: int) -> list[bool]:
    served = None if kind.allowed is None else set(kind.allowed)
    return [served is None or node + 1 in served for node in range(first, nodes)]


def _whole(values: NDArray[np.float64]) -> IntArray:
    """Return whole numbers that the file or its scale made of decimals."""
    whole: IntArray = np.rint(values).astype(np.int64)
    return whole


def _read_solution(
    path: Path, problem: RoutingProblem, row_of: dict[int, int]
) -> tuple[tuple[Route, ...], str]:
    """Return the routes with times, and the cost as the file states it.

    Route 1 is that of the first vehicle; stops are counted from the first node, 0.
    """
    routes: list[Route] = []
    stated = ""
    first = len(problem.depot_id)
    for line in path.read_text(encoding="utf-8").splitlines():
        head, _, tail = line.partition(":")
        if head.startswith("Cost"):
            stated = tail.strip()
        elif head.startswith("Route") and tail.strip():
            vehicle = row_of[int(head.partition("#")[2]) - 1]
            stops = tuple(int(word) - first for word in tail.split())
            depot = int(problem.vehicle_start[vehicle])
            route = timed_route(problem, Tour(vehicle, (Load(depot, stops),)))
            if route is None:
                raise InstanceError(f"{path.name}: {head} can't be driven in time.")
            routes.append(route)
    if not stated:
        raise InstanceError(f"{path.name}: no line 'Cost'.")
    return tuple(sorted(routes, key=lambda route: (route.vehicle, route.start_s))), stated
