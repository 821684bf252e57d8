"""What the shelters need, gathered by the hub that serves them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from dispatch.doctrine.supplies import SupplyNeed, needs, standards_from
from dispatch.registry import Registry
from dispatch.scenario import Scenario
from dispatch.scenario.supply import SupplySpec

DAILY = "day"


class NeedKey(NamedTuple):
    """What sourcing counts together: one hub's need of an item on a day at one priority."""

    hub: str
    item_code: str
    day: int
    priority: int


@dataclass(frozen=True)
class HubNeed:
    """A need of a hub, and the shelters it is made of.

    ``lasts`` tells whether it is still of use when it comes later: a tent is, the
    water of yesterday is not.
    """

    key: NeedKey
    lasts: bool
    quantity: int
    shelters: tuple[tuple[str, int], ...]


def hub_needs(registry: Registry, scenario: Scenario, supply: SupplySpec) -> tuple[HubNeed, ...]:
    """Return the needs of all hubs, in ascending order of their keys.

    Donations that are given at a shelter are used there first, and leave less to bring.
    """
    standards = standards_from(
        registry["doctrine/supply_standards"].reset_index().to_dict("records"),
        registry["doctrine/incident_types"].index,
    )
    wanted = needs(
        supply.shelters,
        standards,
        supply.days,
        incident_types={incident.type for incident in scenario.incidents},
        priorities=supply.priorities,
    )
    every = {standard.standard: standard.every for standard in standards}
    stated = {(s.id, n.item): n.every for s in supply.shelters for n in s.needs}
    hub = {shelter.id: shelter.county for shelter in supply.shelters}
    gathered: defaultdict[tuple[NeedKey, bool], list[tuple[str, int]]] = defaultdict(list)
    for need, left in _less_given(wanted, supply):
        rule = every.get(need.standard) or stated.get((need.place, need.item_code))
        key = NeedKey(hub[need.place], need.item_code, need.day, need.priority)
        gathered[key, rule != DAILY].append((need.place, left))
    return tuple(
        HubNeed(key, lasts, sum(quantity for _place, quantity in places), tuple(places))
        for (key, lasts), places in sorted(gathered.items())
    )


def _less_given(wanted: tuple[SupplyNeed, ...], supply: SupplySpec) -> list[tuple[SupplyNeed, int]]:
    """Return each need with what is left of it after donations at the shelter itself."""
    gifts = sorted(supply.donations, key=lambda gift: gift.day)
    unused = [gift.quantity for gift in gifts]
    rows = []
    for need in sorted(wanted, key=lambda need: need.day):
        left = need.quantity
        for row, gift in enumerate(gifts):
            here = (gift.at, gift.item) == (need.place, need.item_code)
            if here and gift.day - 1 <= need.day:
                used = min(left, unused[row])
                left, unused[row] = left - used, unused[row] - used
        if left:
            rows.append((need, left))
    return rows
