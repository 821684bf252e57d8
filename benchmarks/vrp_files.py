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

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.vrp_solutions import InstanceError, best_known_values, in_units, read_solution
from dispatch.errors import InputError
from dispatch.optimise.problem import IntArray
from dispatch.optimise.route_check import evaluate_routes
from dispatch.optimise.route_validate import validate_routes
from dispatch.optimise.routes import Route, RoutingProblem

FAMILIES: Final = ("Solomon", "HFVRP", "SDVRPTW", "MDVRPTW")
TYPES: Final = {"CVRPTW": "Solomon", "VRPTW": "Solomon"}
SUFFIXES: Final = (".vrp", ".vrptw")

Rows = list[list[float]]


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
    files = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file())
    if not files:
        raise InstanceError(f"The folder {folder} holds no {' or '.join(SUFFIXES)} file.")
    known = best_known_values(folder)
    instances = [read_instance(path, known) for path in files]
    return sorted(instances, key=lambda one: (FAMILIES.index(one.family), one.name))


def read_instance(path: Path, known: dict[str, int]) -> Instance:
    """Read one instance, and its best known solution or value.

    Raises
    ------
    InstanceError
        Where the file is malformed, or has no best known value.
    """
    try:
        return _instance(path, known)
    except KeyError as error:
        raise InstanceError(f"{path.name}: {error.args[0]} is missing.") from error
    except InputError as error:
        raise InstanceError(f"{path.name} is no routing problem: {error}") from error
    except (OSError, ValueError) as error:
        raise InstanceError(f"{path.name} can't be read: {error}.") from error


def _instance(path: Path, known: dict[str, int]) -> Instance:
    words, sections = _parsed(path)
    family = _family(path, words)
    kinds = _equal_vehicles(words, sections)
    problem = _problem(words, sections, kinds)
    validate_routes(problem)
    name = path.stem.removeprefix(f"{family}-").removeprefix(f"{family.lower()}-")
    solution = path.with_suffix(".sol")
    if not solution.exists():
        if name not in known:
            raise InstanceError(f"{path.name}: no best known value ({solution.name} or *_bks.csv).")
        return Instance(name, family, problem, known[name], None, None)
    row_of = {vehicle: row for row, members in enumerate(kinds.values()) for vehicle in members}
    routes, stated = read_solution(solution, problem, row_of)
    own = evaluate_routes(problem, routes).cost_microyuan
    return Instance(name, family, problem, in_units(stated, own), routes, float(stated))


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
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if text.endswith("_SECTION"):
            rows = sections.setdefault(text, [])
        elif ":" in text:
            key, _, value = text.partition(":")
            words[key.strip()] = value.strip()
        elif text and text != "EOF" and rows is not None:
            try:
                rows.append([float(word) for word in text.split()])
            except ValueError:
                raise InstanceError(
                    f"{path.name}, line {number}: '{text}' is not a row of numbers."
                ) from None
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
        section = f"{key}_SECTION"
        if section in sections:
            return [row[1] for row in _rows(words, sections, section, count, 2)]
        return [float(words.get(key, default))] * count

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

    def table(key: str, width: int) -> NDArray[np.float64]:
        return np.array(_rows(words, sections, f"{key}_SECTION", nodes, width))[:, 1:]

    def column(key: str, default: float) -> IntArray:
        known = f"{key}_SECTION" in sections
        return _whole((table(key, 2)[:, 0] if known else np.full(nodes, default)) * scale)

    distance = _distance(words, table("NODE_COORD", 3), scale)
    clock = "TIME_WINDOW_SECTION" in sections or "VEHICLES_MAX_DURATION" in words
    windows = np.zeros((nodes, 2), dtype=np.int64)
    if "TIME_WINDOW_SECTION" in sections:
        windows = _whole(table("TIME_WINDOW", 3) * scale)
    service = column("SERVICE_TIME", float(words.get("SERVICE_TIME", "0")))
    demand = _whole(table("DEMAND", 2))
    first = len(depots)
    home = np.array([int(kind.depot) - 1 for kind in kinds])
    if not set(home.tolist()) <= set(depots):
        raise InstanceError(f"{words['NAME']}: a vehicle stands at a node that is no depot.")
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


def _rows(
    words: dict[str, str], sections: dict[str, Rows], key: str, count: int, width: int
) -> Rows:
    """Return the rows of a section, after making sure that they are as many and as wide as said."""
    rows = sections[key]
    if len(rows) != count or any(len(row) != width for row in rows):
        raise InstanceError(
            f"{words['NAME']}: {key} needs {count} rows of {width} numbers; "
            f"it has {len(rows)} rows of {' or '.join(sorted({str(len(row)) for row in rows}))}."
        )
    return rows


def _distance(words: dict[str, str], where: NDArray[np.float64], scale: int) -> IntArray:
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
