"""What must stay behind in each area."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import ceil

import numpy as np

from dispatch.doctrine.pools import city_of
from dispatch.doctrine.records import Floor, FloorRule

_AREA_OF: dict[str, Callable[[str], str]] = {
    "county": lambda adcode: adcode,
    "city": city_of,
    "province": lambda adcode: f"{adcode[:2]}0000",
}


def reserve_floors(
    rules: Iterable[FloorRule],
    team_adcode: Sequence[str],
    tier: Sequence[str],
    kind: Sequence[str],
) -> tuple[Floor, ...]:
    """Return the floors of one level, area by area.

    Parameters
    ----------
    rules : iterable of FloorRule
        Rules of the level.
    team_adcode, tier, kind : sequence of str, length T
        County (GB/T 2260), tier and kind of each team.

    Returns
    -------
    tuple of Floor
        In the order of the rules and of the codes of the areas; an area in
        which no team counts has none.
    """
    return tuple(
        floor for rule in rules for floor in _floors_of_rule(rule, team_adcode, tier, kind)
    )


def _floors_of_rule(
    rule: FloorRule, team_adcode: Sequence[str], tier: Sequence[str], kind: Sequence[str]
) -> Iterable[Floor]:
    teams: dict[str, list[int]] = {}
    for row, adcode in enumerate(team_adcode):
        if rule.tier in ("", tier[row]) and rule.kind in ("", kind[row]):
            teams.setdefault(_AREA_OF[rule.area](adcode), []).append(row)
    for adcode, rows in sorted(teams.items()):
        share = ceil(Fraction(str(rule.share)) * len(rows))
        required = min(max(rule.count, share), len(rows))
        array = np.array(rows, dtype=np.int64)
        yield Floor(f"{rule.reserve}.{adcode}", adcode, array, required, rule)
