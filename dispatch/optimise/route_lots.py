"""Cut a delivery into equal lots, so that several vehicles can bring it."""

from __future__ import annotations

import numpy as np

from dispatch.optimise.problem import IntArray
from dispatch.optimise.routes import BoolArray

MOST_LOTS = 12
"""A delivery is cut into more lots than these only if none of its vehicles could carry one."""


def cut_into_lots(
    wanted: IntArray, service_s: IntArray, access: BoolArray, capacity: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Cut what each stop wants into lots that the smallest of its vehicles can carry.

    The rule: a delivery is cut into the fewest equal lots that fit the
    smallest vehicle which may serve the stop, so that any of them can help,
    and larger ones take several lots at a halt. No more than ``MOST_LOTS``,
    since every lot costs the search time; more only where a lot would not
    even fit the largest. What can't be divided evenly is rounded up, in every
    dimension and for the service time, as a vehicle must have room for the
    largest lot. Vehicles that can't carry some dimension at all don't count.

    Parameters
    ----------
    wanted : IntArray, shape (S, C)
    service_s : IntArray, shape (S,)
        Time to unload all of it.
    access : BoolArray, shape (V, S)
    capacity : IntArray, shape (V, C)

    Returns
    -------
    lots : IntArray, shape (S,)
        At least 1; 1 where no vehicle may come.
    load : IntArray, shape (S, C)
        Of one lot.
    lot_service_s : IntArray, shape (S,)
    """
    lots = np.array(
        [_count(load, capacity[may]) for load, may in zip(wanted, access.T, strict=True)],
        dtype=np.int64,
    )
    load = -(-wanted // lots[:, None])
    return lots, load, -(-service_s // lots)


def _count(load: IntArray, capacity: IntArray) -> int:
    """Return how many lots one delivery is cut into."""
    carried = load > 0
    useful = capacity[(capacity[:, carried] > 0).all(axis=1)][:, carried]
    if not len(useful) or not carried.any():
        return 1
    needed = (-(-load[carried] // useful)).max(axis=1)  # lots if each is to fit that vehicle
    return int(max(min(needed.max(), MOST_LOTS), needed.min()))
