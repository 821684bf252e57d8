"""Sourcing problems small enough to be solved by hand or counted out.

Two towns want six lots of water each, X on day 0 and Y on day 1 (until day 2);
days of the way and yuan for a lot stand at each lane::

    A (6 lots) --- 0 days, 10 yuan ---> X (6, due on day 0)
        `--------- 1 day, 30 yuan ----> Y (6, due on day 1)
    B (2 lots) --- 0 days, 10 yuan ---> Y
        ^ 1 more is given on day 1
        `--------- 1 day, 5 yuan ------ M (sells 3 from day 1 on, 100 yuan each)

Four lots a day fit on the trucks of A, and as many on those of B; M drives
itself. A should keep one lot. There are twelve lots in all, so all of them are
needed: X gets 4 on day 0 and 2 a day late, Y gets 3 on day 1 and 3 a day late,
A is empty for two days, and all costs 60 + 60 + 15 yuan on the way and 300 to buy.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from small import ints

from dispatch.optimise.sourcing import (
    OWN_CARRIER,
    Purchase,
    Serving,
    Shipment,
    SourcingProblem,
    SourcingSolution,
)

A, B, X, Y, M = range(5)
A_TO_X, A_TO_Y, B_TO_Y, M_TO_B = range(4)
OFFER: Final = 3
SLOT_KG: Final = 500
SLOT_LITRES: Final = 1500


def two_towns(**changes: object) -> SourcingProblem:
    problem = SourcingProblem(
        days=3,
        slot_kg=SLOT_KG,
        slot_litres=SLOT_LITRES,
        item_id=("water",),
        item_kg=ints(500),
        item_litres=ints(1000),
        site_id=("A", "B", "X", "Y", "M"),
        fleet_id=("a", "b"),
        fleet_kg=np.full((2, 3), 4 * SLOT_KG),
        fleet_litres=np.full((2, 3), 4 * SLOT_LITRES),
        lane_from=ints(A, A, B, M),
        lane_to=ints(X, Y, Y, B),
        lane_fleet=ints(0, 0, 1, OWN_CARRIER),
        lane_days=ints(0, 1, 0, 1),
        lane_away=ints(1, 2, 1, 1),
        lane_opens=ints(0, 0, 0, 0),
        lane_closes=ints(2, 2, 2, 2),
        lane_yuan=ints(10, 30, 10, 5),
        source_id=("A's stock", "B's stock", "gift", "M's offer"),
        source_site=ints(A, B, B, M),
        source_item=ints(0, 0, 0, 0),
        source_day=ints(0, 0, 1, 1),
        source_lots=ints(6, 2, 1, 3),
        source_bought=ints(0, 0, 0, 1),
        source_yuan=ints(0, 0, 0, 100),
        need_id=("X water", "Y water"),
        need_site=ints(X, Y),
        need_item=ints(0, 0),
        need_lots=ints(6, 6),
        need_weight=ints(1, 1),
        need_due=ints(0, 1),
        need_latest=ints(2, 2),
        floor_id=("A keeps",),
        floor_site=ints(A),
        floor_item=ints(0),
        floor_lots=ints(1),
    )
    return replace(problem, **changes)  # type: ignore[arg-type]


def by_hand() -> SourcingSolution:
    """Return the best plan of the two towns, as told above, without stages."""
    return SourcingSolution(
        (
            Shipment(A_TO_X, 0, 0, 4),
            Shipment(A_TO_X, 0, 1, 2),
            Shipment(B_TO_Y, 0, 1, 3),
            Shipment(B_TO_Y, 0, 2, 3),
            Shipment(M_TO_B, 0, 1, 3),
        ),
        (Purchase(OFFER, 3),),
        (Serving(0, 0, 4), Serving(0, 1, 2), Serving(1, 1, 3), Serving(1, 2, 3)),
    )


def random_sourcing(seed: int, days: int = 2, most: int = 2) -> SourcingProblem:
    """Return a small problem made by chance: two depots, a supplier's offer, a town.

    Goods go from the first depot to the second and from both to the town.
    """
    rng = np.random.default_rng(seed)
    items = int(rng.integers(1, 3))
    needs, sources = int(rng.integers(1, 3)), int(rng.integers(2, 4))
    due = rng.integers(0, days, needs)
    slots = rng.integers(0, most + 2, (2, days))
    return SourcingProblem(
        days=days,
        slot_kg=SLOT_KG,
        slot_litres=SLOT_LITRES,
        item_id=tuple(f"item {row}" for row in range(items)),
        item_kg=rng.choice([100, 500, 700], items),
        item_litres=rng.choice([300, 1500], items),
        site_id=("depot", "store", "town"),
        fleet_id=("depot's", "store's"),
        fleet_kg=slots * SLOT_KG,
        fleet_litres=slots * SLOT_LITRES + rng.integers(0, 700, slots.shape),
        lane_from=ints(0, 0, 1),
        lane_to=ints(1, 2, 2),
        lane_fleet=np.array([0, 0, rng.choice([OWN_CARRIER, 1])]),
        lane_days=np.array([1, rng.integers(0, 2), rng.integers(0, 2)]),
        lane_away=rng.integers(1, 3, 3),
        lane_opens=rng.integers(0, 2, 3) * rng.integers(0, 2, 3),
        lane_closes=np.full(3, days - 1),
        lane_yuan=rng.integers(0, 9, 3),
        source_id=tuple(f"source {row}" for row in range(sources)),
        source_site=rng.integers(0, 2, sources),
        source_item=rng.integers(0, items, sources),
        source_day=rng.integers(0, 2, sources) * rng.integers(0, days, sources),
        source_lots=rng.integers(1, most + 1, sources),
        source_bought=(rng.random(sources) < 0.4).astype(np.int64),
        source_yuan=rng.integers(1, 20, sources),
        need_id=tuple(f"need {row}" for row in range(needs)),
        need_site=rng.choice([1, 2, 2], needs),
        need_item=rng.integers(0, items, needs),
        need_lots=rng.integers(1, most + 1, needs),
        need_weight=rng.integers(1, 3, needs),
        need_due=due,
        need_latest=np.minimum(due + rng.integers(0, 2, needs), days - 1),
        floor_id=("floor",),
        floor_site=rng.integers(0, 2, 1),
        floor_item=rng.integers(0, items, 1),
        floor_lots=rng.integers(0, 3, 1),
        budget_yuan=None if rng.random() < 0.5 else int(rng.integers(0, 40)),
    )
