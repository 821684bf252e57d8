"""Closures as one kind of vehicle meets them: what holds for good, and what changes with the clock.

Times are milliseconds after the start of the scenario.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import inf

import numpy as np

from dispatch.network.closures import Closure, IntArray
from dispatch.network.road import RoadNetwork

MS_PER_S = 1000


@dataclass(frozen=True)
class Window:
    """From one time until another only a part of the speed is left; 0 is closed."""

    from_ms: float
    until_ms: float
    factor: float

    @property
    def for_good(self) -> bool:
        """Whether it holds from the start and without end."""
        return self.from_ms <= 0 and self.until_ms == inf


@dataclass(frozen=True)
class Block:
    """A window on a stretch of a link, in fractions of it."""

    begin: float
    end: float
    window: Window


@dataclass(frozen=True)
class Entry:
    """While a stretch may be entered, and how long it takes then."""

    from_ms: float
    until_ms: float
    takes_ms: float


@dataclass(frozen=True, eq=False)
class Hindrances:
    """Blocks by link and windows by node, of one kind of vehicle.

    Parameters
    ----------
    links : mapping of int to tuple of Block
    nodes : mapping of int to tuple of Window
        Nodes that nothing passes through meanwhile.
    """

    links: Mapping[int, tuple[Block, ...]] = field(default_factory=dict)
    nodes: Mapping[int, tuple[Window, ...]] = field(default_factory=dict)

    @cached_property
    def closed_nodes(self) -> IntArray:
        """Nodes closed for good."""
        return _rows(
            node for node, windows in self.nodes.items() if any(w.for_good for w in windows)
        )

    @cached_property
    def timed_nodes(self) -> IntArray:
        """Nodes closed at some times and open at others."""
        return np.setdiff1d(_rows(self.nodes), self.closed_nodes)

    def timed_links(self, road: RoadNetwork) -> IntArray:
        """Return the links whose passage depends on the time."""
        changing = _rows(
            link
            for link, blocks in self.links.items()
            if not all(block.window.for_good for block in blocks)
        )
        ends = np.isin(road.link_ends, self.timed_nodes).any(axis=1)
        return np.union1d(changing, np.flatnonzero(ends))


def _rows(rows: Iterable[int]) -> IntArray:
    return np.array(sorted(rows), np.int64)


def hindrances(
    closures: Iterable[Closure], mass_kg: float, barred: Iterable[int] = ()
) -> Hindrances:
    """Return what closures mean to a vehicle of a mass, and links that it may never pass."""
    never = Block(0.0, 1.0, Window(0.0, inf, 0.0))
    links: dict[int, tuple[Block, ...]] = {int(link): (never,) for link in barred}
    nodes: dict[int, tuple[Window, ...]] = {}
    for closure in closures:
        if not closure.concerns(mass_kg):
            continue
        window = Window(_ms(closure.from_s), _ms(closure.until_s), closure.factor)
        for link, begin, end in zip(
            closure.link.tolist(), closure.begin.tolist(), closure.end.tolist(), strict=True
        ):
            links[link] = (*links.get(link, ()), Block(begin, end, window))
        for node in closure.node.tolist():
            nodes[node] = (*nodes.get(node, ()), window)
    return Hindrances(links, nodes)


def _ms(seconds: float) -> float:
    return seconds if seconds == inf else round(seconds * MS_PER_S)


def covering(blocks: Iterable[Block], a: float, b: float) -> list[Window]:
    """Return the windows over all of a stretch that no block begins or ends within."""
    middle = (a + b) / 2
    return [block.window for block in blocks if a != b and block.begin < middle < block.end]


def cuts(blocks: Iterable[Block], a: float, b: float) -> list[float]:
    """Return where blocks begin or end between a and b, from a to b, both included."""
    low, high = min(a, b), max(a, b)
    bounds = {bound for block in blocks for bound in (block.begin, block.end)}
    inner = sorted(bound for bound in bounds if low < bound < high)
    return [a, *(inner if a <= b else inner[::-1]), b]


def paced_ms(whole_ms: int, a: float, b: float, factor: float) -> int:
    """Return the time from a to b, fractions of a link that takes ``whole_ms`` at full pace.

    Rounded at either end, so that times of neighbouring stretches add up.
    """
    return abs(round(b * whole_ms / factor) - round(a * whole_ms / factor))


def for_good_ms(blocks: Sequence[Block], whole_ms: int, a: float, b: float) -> float:
    """Return the time along a stretch with what holds for good; inf where that closes it."""
    lasting = [block for block in blocks if block.window.for_good]
    total = 0
    for near, far in pairwise(cuts(lasting, a, b)):
        factor = min((window.factor for window in covering(lasting, near, far)), default=1.0)
        if factor == 0:
            return inf
        total += paced_ms(whole_ms, near, far, factor)
    return total


def entries(windows: Sequence[Window], whole_ms: int, a: float, b: float) -> list[Entry]:
    """Return when a stretch may be entered, so that it is never used while closed.

    The pace is the one in force on entering; whoever can't be out before the
    next closing does not enter.

    Parameters
    ----------
    windows : sequence of Window
        All over the stretch, see :func:`covering`.
    whole_ms, a, b
        As in :func:`paced_ms`.
    """
    closings = [window.from_ms for window in windows if window.factor == 0]
    changes = {time for window in windows for time in (window.from_ms, window.until_ms)}
    found = []
    for start, stop in pairwise(sorted({0.0, inf, *(time for time in changes if time > 0)})):
        in_force = [w.factor for w in windows if w.from_ms <= start < w.until_ms]
        factor = min(in_force, default=1.0)
        if factor == 0:
            continue
        takes_ms = paced_ms(whole_ms, a, b, factor)
        closing = min((time for time in closings if time >= stop), default=inf)
        stop = min(stop, closing - max(takes_ms, 1) + 1)
        if start < stop:
            found.append(Entry(start, stop, takes_ms))
    return found


def open_times(windows: Iterable[Window]) -> list[tuple[float, float]]:
    """Return the times, half open, at which none of the closing windows is in force."""
    found, start = [], 0.0
    for window in sorted((w for w in windows if w.factor == 0), key=lambda w: w.from_ms):
        if start < window.from_ms:
            found.append((start, window.from_ms))
        start = max(start, window.until_ms)
    return [*found, (start, inf)] if start < inf else found
