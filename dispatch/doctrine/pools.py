"""Which teams a level unlocks, and how long asking for them takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dispatch.doctrine.records import (
    CONTROL_LEVELS,
    LEVELS,
    PLACES,
    TIERS,
    IntArray,
    PoolRule,
)


def city_of(adcode: str) -> str:
    """Return the code of the city to which a county belongs, by GB/T 2260."""
    return f"{adcode[:4]}00"


def place_codes(
    team_adcode: Sequence[str],
    incident_adcode: Sequence[str],
    borders: frozenset[tuple[str, str]],
) -> IntArray:
    """Return where teams lie, seen from the incidents.

    Parameters
    ----------
    team_adcode : sequence of str, length T
    incident_adcode : sequence of str, length I
        Codes of counties, GB/T 2260.
    borders : frozenset of pairs of str
        Cities with a common border, both ways round.

    Returns
    -------
    IntArray, shape (T, I)
        Indices into :data:`PLACES`.
    """
    teams, team_rows = np.unique(np.asarray(team_adcode, dtype=str), return_inverse=True)
    places, place_rows = np.unique(np.asarray(incident_adcode, dtype=str), return_inverse=True)
    table = [[_place(str(team), str(place), borders) for place in places] for team in teams]
    grid = np.array(table, dtype=np.int64).reshape(len(teams), len(places))
    return grid[np.ix_(team_rows, place_rows)]


def _place(team: str, incident: str, borders: frozenset[tuple[str, str]]) -> int:
    if team == incident:
        return PLACES.index("own_county")
    pair = city_of(team), city_of(incident)
    if pair[0] == pair[1]:
        return PLACES.index("own_city")
    return PLACES.index("neighbour_city" if pair in borders else "province")


@lru_cache(maxsize=8)
def delay_table(pools: tuple[PoolRule, ...]) -> NDArray[np.float64]:
    """Return the delays in seconds by level, tier, control level and place; inf where locked."""
    table = np.full((len(LEVELS), len(TIERS), len(CONTROL_LEVELS), len(PLACES)), np.inf)
    for rule in pools:
        table[
            LEVELS.index(rule.level),
            TIERS.index(rule.tier),
            CONTROL_LEVELS.index(rule.control_level),
            PLACES.index(rule.place),
        ] = rule.delay_s
    table.flags.writeable = False
    return table


def release_delays(
    pools: tuple[PoolRule, ...],
    level: Sequence[str],
    tier: Sequence[str],
    control_level: Sequence[str],
    place: IntArray,
) -> NDArray[np.float64]:
    """Return after how many seconds each team may be ordered to each incident.

    Parameters
    ----------
    pools : tuple of PoolRule
    level : sequence of str, length I
        Level of each incident.
    tier, control_level : sequence of str, length T
        Of each team.
    place : IntArray, shape (T, I)
        As :func:`place_codes` gives it.

    Returns
    -------
    array of float, shape (T, I)
        Seconds; inf where the level does not unlock the team.
    """
    delays: NDArray[np.float64] = delay_table(pools)[
        _codes(level, LEVELS)[None, :],
        _codes(tier, TIERS)[:, None],
        _codes(control_level, CONTROL_LEVELS)[:, None],
        place,
    ]
    return delays


def _codes(names: Iterable[str], known: Sequence[str]) -> IntArray:
    return np.array([known.index(name) for name in names], dtype=np.int64)
