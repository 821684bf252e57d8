"""Readers of the best known values and solutions of public routing instances."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from dispatch.optimise.route_times import timed_route
from dispatch.optimise.routes import Load, Route, RoutingProblem, Tour


class InstanceError(Exception):
    """A folder or file that isn't what a benchmark can read."""


def best_known_values(folder: Path) -> dict[str, int]:
    """Return the values that the tables ``*_bks.csv`` of a folder state.

    Raises
    ------
    InstanceError
        Where a row has no such value.
    """
    values = {}
    for path in sorted(folder.glob("*_bks.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), 2):
                try:
                    values[row["instance"]] = int(row["best_known_x10"])
                except (KeyError, TypeError, ValueError) as error:
                    raise InstanceError(
                        f"{path.name}, line {number}: write a name in the column instance "
                        "and a whole number in best_known_x10."
                    ) from error
    return values


def in_units(stated: str, own: int) -> int:
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


def read_solution(
    path: Path, problem: RoutingProblem, row_of: dict[int, int]
) -> tuple[tuple[Route, ...], str]:
    """Return the routes with times, and the cost as the file states it.

    Route 1 is that of the first vehicle; stops are counted from the first node, 0.

    Raises
    ------
    InstanceError
        Where a line names no vehicle or stop, or a route can't be driven in time.
    """
    routes: list[Route] = []
    stated = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        head, _, tail = line.partition(":")
        if head.startswith("Cost"):
            stated = tail.strip()
        elif head.startswith("Route") and tail.strip():
            route = timed_route(problem, _stated_tour(path, line, problem, row_of))
            if route is None:
                raise InstanceError(f"{path.name}: {head} can't be driven in time.")
            routes.append(route)
    if not stated:
        raise InstanceError(f"{path.name}: no line 'Cost'.")
    if not _is_above_0(stated):
        raise InstanceError(f"{path.name}: the cost '{stated}' is not a number above 0.")
    return tuple(sorted(routes, key=lambda route: (route.vehicle, route.start_s))), stated


def _stated_tour(path: Path, line: str, problem: RoutingProblem, row_of: dict[int, int]) -> Tour:
    head, _, tail = line.partition(":")
    first, nodes = len(problem.depot_id), len(problem.depot_id) + len(problem.stop_id)
    words = [head.partition("#")[2].strip(), *tail.split()]
    number, *visited = [int(word) if word.isdecimal() else -1 for word in words]
    if number - 1 not in row_of or not all(first <= node < nodes for node in visited):
        raise InstanceError(
            f"{path.name}: '{line}' should name a vehicle from 1 to {len(row_of)}, "
            f"then stops from {first} to {nodes - 1}."
        )
    vehicle = row_of[number - 1]
    stops = tuple(node - first for node in visited)
    return Tour(vehicle, (Load(int(problem.vehicle_start[vehicle]), stops),))


def _is_above_0(word: str) -> bool:
    try:
        return 0 < float(word) < math.inf
    except ValueError:
        return False
