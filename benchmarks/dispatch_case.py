"""A made-up province for the dispatch benchmark, in which more is wanted than there is."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dispatch.optimise.problem import DispatchProblem, IntArray

FloatArray = NDArray[np.float64]
Module = tuple[int, int, int, int]

PROVINCE_KM: Final = (300.0, 560.0)
COUNTIES: Final = 117
CITIES: Final = 11
DETOUR: Final = 1.3
"""Length of a road over the straight line."""

DEMANDS_PER_INCIDENT: Final = 5

KINDS: Final[dict[str, tuple[float, dict[str, Module]]]] = {
    # share of the teams; capability: (least and most units, quantity and members of a unit)
    "fire": (0.40, {"rescue": (15, 45, 1, 1), "pump": (1, 4, 300, 3)}),
    "mine": (0.12, {"mine": (8, 40, 1, 1), "drill": (1, 3, 1, 5)}),
    "flood": (0.10, {"pump": (2, 8, 600, 3), "boat": (2, 10, 1, 3)}),
    "medical": (0.14, {"medical": (4, 20, 5, 2)}),
    "engineering": (0.10, {"plant": (3, 15, 1, 2), "rescue": (10, 30, 1, 1)}),
    "signal": (0.06, {"signal": (1, 4, 1, 3)}),
    "social": (0.08, {"rescue": (10, 30, 1, 1), "boat": (1, 4, 1, 3)}),
}
SCARCITY: Final = 1.3
"""Wanted in all, over what all teams could give if each used each of its modules."""

WEIGHTS: Final = (100, 10, 1)


def case(teams: int, demands: int, seed: int) -> DispatchProblem:
    """Draw a case, the same for the same numbers.

    Teams stand about the county seats and can drive to every incident; one pair
    in five, where it is faster, has a dearer way as well. Members are too few
    for all modules of most teams at once, and a third of each city's teams
    should stay behind.
    """
    rng = np.random.default_rng((seed, teams, demands))
    seats = rng.uniform((0, 0), PROVINCE_KM, (COUNTIES, 2))
    kinds = rng.choice(list(KINDS), teams, p=[share for share, _modules in KINDS.values()])
    base = seats[rng.integers(COUNTIES, size=teams)] + rng.normal(0, 6, (teams, 2))
    modules = _modules(rng, kinds.tolist())
    personnel = _personnel(rng, teams, modules)
    incidents = max(2, demands // DEMANDS_PER_INCIDENT)
    site = seats[rng.integers(COUNTIES, size=incidents)] + rng.normal(0, 12, (incidents, 2))
    wanted = _demands(rng, incidents, demands, modules)
    options = _options(rng, base, site)
    cities = rng.integers(CITIES, size=teams)
    return DispatchProblem(
        team_id=tuple(f"T{i:05d}" for i in range(teams)),
        personnel=personnel,
        incident_id=tuple(f"I{i:04d}" for i in range(incidents)),
        demand_id=tuple(f"D{i:04d}" for i in range(demands)),
        floor_id=tuple(f"F{i:02d}" for i in range(CITIES)),
        floor_quantity=np.array([int((cities == city).sum()) // 3 for city in range(CITIES)]),
        floor_teams=tuple(np.flatnonzero(cities == city) for city in range(CITIES)),
        **modules,
        **wanted,
        **options,
    )


def _modules(rng: np.random.Generator, kinds: list[str]) -> dict[str, Any]:
    rows = []
    for team, kind in enumerate(kinds):
        for capability, (least, most, quantity, members) in KINDS[kind][1].items():
            rows.append((team, capability, int(rng.integers(least, most + 1)), quantity, members))
    team_row, capabilities, units, quantities, ties = zip(*rows, strict=True)
    return {
        "module_team": np.array(team_row),
        "module_capability": capabilities,
        "module_units": np.array(units),
        "module_quantity": np.array(quantities),
        "module_members": np.array(ties),
    }


def _personnel(rng: np.random.Generator, teams: int, modules: dict[str, Any]) -> IntArray:
    """Between seven and twelve tenths of the members that all modules would tie."""
    tied = np.zeros(teams, np.int64)
    np.add.at(tied, modules["module_team"], modules["module_units"] * modules["module_members"])
    personnel: IntArray = np.maximum(1, tied * rng.integers(7, 13, teams) // 10)
    return personnel


def _demands(
    rng: np.random.Generator, incidents: int, demands: int, modules: dict[str, Any]
) -> dict[str, Any]:
    """Share out what is wanted of each capability among the demands for it."""
    names = sorted(set(modules["module_capability"]))
    capability = rng.choice(names, demands, p=rng.dirichlet(np.full(len(names), 20.0)))
    able = np.array(modules["module_capability"])
    gives = modules["module_units"] * modules["module_quantity"]
    supply = {name: int(gives[able == name].sum()) for name in names}
    part = rng.lognormal(0, 0.6, demands)
    whole = {name: float(part[capability == name].sum()) for name in names}
    quantity = np.array(
        [
            max(1, round(SCARCITY * supply[name] * size / whole[name]))
            for name, size in zip(capability.tolist(), part.tolist(), strict=True)
        ]
    )
    target_s = rng.integers(2 * 3600, 12 * 3600, demands)
    return {
        "demand_capability": tuple(capability.tolist()),
        "demand_incident": np.sort(rng.integers(incidents, size=demands)),
        "demand_quantity": quantity,
        "demand_minimum": np.maximum(1, quantity * rng.integers(5, 31, demands) // 100),
        "demand_weight": rng.choice(WEIGHTS, demands),
        "demand_target_s": target_s,
        "demand_latest_s": target_s * rng.integers(20, 41, demands) // 10,
    }


def _options(rng: np.random.Generator, base: FloatArray, site: FloatArray) -> dict[str, Any]:
    """Every team by road to every incident; one pair in five by a faster, dearer way too."""
    km = np.linalg.norm(base[:, None] - site[None], axis=2)
    mobilise_s = rng.integers(300, 3600, len(base))[:, None]
    road_s = mobilise_s + km * DETOUR / rng.uniform(50, 80, km.shape) * 3600
    fast_s = mobilise_s + 2400 + km / 200 * 3600
    faster = (fast_s < road_s) & (rng.random(km.shape) < 0.2)
    team, incident = np.indices(km.shape)
    return {
        "option_team": np.concatenate((team.ravel(), team[faster])),
        "option_incident": np.concatenate((incident.ravel(), incident[faster])),
        "option_arrival_s": np.concatenate((road_s.ravel(), fast_s[faster])).astype(np.int64),
        "option_cost_yuan": np.concatenate((km.ravel() * 12, km[faster] * 90)).astype(np.int64),
    }
