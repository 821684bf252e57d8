"""What a supply plan tells of shelters beside loads and times: what they want, and the ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from dispatch.i18n import _
from dispatch.plan.supply import SupplyPlan

SAME_DEG: Final = 1e-4
"""A way ends where its place lies, to about 10 m."""


def wrong_wants(plan: SupplyPlan) -> Iterator[str]:
    """Yield hubs whose wants are not those of their shelters."""
    hub_of = {place.place_id: place.hub for place in plan.places}
    wanted, told = Counter[tuple[str, str, int]](), Counter[tuple[str, str, int]]()
    for row in plan.supplied:
        wanted[row.hub, row.item_code, row.day] += row.wanted
    for one in plan.wanted:
        for goods in one.goods:
            told[hub_of[one.shelter], goods.item_code, one.day] += goods.quantity
    for key in sorted(wanted.keys() | told.keys()) if plan.wanted else ():
        if wanted[key] != told[key]:
            yield _("{place}: {hub} of {item} are wanted on day {day}, {told} by shelters").format(
                place=key[0], item=key[1], day=key[2], hub=wanted[key], told=told[key]
            )


def wrong_ways(plan: SupplyPlan) -> Iterator[str]:
    """Yield rounds that tell other ways than from hub to shelter, on, and back."""
    spot = {place.place_id: (place.lon, place.lat) for place in plan.places}
    for route in plan.routes:
        for one in route.rounds:
            halts = [route.hub, *(drop.shelter for drop in one.drops), route.hub]
            told = [plan.ways[row] for row in one.ways if 0 <= row < len(plan.ways)]
            ends = [(way.origin, way.destination) for way in told]
            if one.ways and ends != list(pairwise(halts)):
                yield _("day {day}, {name}: the ways are not those of its round").format(
                    day=route.day, name=f"{route.home}/{route.vehicle}/{route.number}"
                )
    for way in plan.ways:
        for name, at in ((way.origin, way.line[0]), (way.destination, way.line[-1])):
            if max(abs(a - b) for a, b in zip(spot[name], at, strict=True)) > SAME_DEG:
                yield _("the way from {origin} to {end} does not reach {name}").format(
                    origin=way.origin, end=way.destination, name=name
                )
