"""The links that change with the clock, drawn as a little graph of states and moves.

They are cut where a closure begins or ends::

      engine ~~~ u ---|=======|--- v ~~~ engine
                      x       y            closed from 9 until 12 between x and y

*States* are the ends of those links, the points x and y, and the places on
those links. A point within a closed area is one state for each time that it is
open, as nobody may stand there while it is closed (safe intervals, after
Phillips and Likhachev, 2011, doi:10.1109/ICRA.2011.5980306). *Moves* lead from
state to state: when they may begin, and how long they take. Whoever starts at
a place may wait there, closed or not, and whoever has arrived may stay.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise, product
from math import inf

import numpy as np

from dispatch.network.driver import Driver
from dispatch.network.hindrance import Entry, Window, covering, cuts, entries, open_times
from dispatch.network.road import NO_LINK, RoadNetwork
from dispatch.network.snap import Snaps


@dataclass(frozen=True)
class Part:
    """A piece of one link, in fractions, with the clock where that decides.

    ``link`` is :data:`~dispatch.network.road.NO_LINK` for a plaza.
    """

    link: int
    begin: float
    end: float
    enter_ms: float | None = None
    leave_ms: float | None = None


@dataclass(frozen=True)
class State:
    """A point of the graph while it is open, half open in time."""

    row: int
    from_ms: float
    until_ms: float


@dataclass(frozen=True)
class Move:
    """From state to state, if begun within a time, half open."""

    tail: int
    head: int
    from_ms: float
    until_ms: float
    takes_ms: float
    part: Part


@dataclass(eq=False)
class Graph:
    """States by what they stand for, and the moves between them.

    Parameters
    ----------
    nodes : dict of int to tuple of State
        By node of the road.
    departs, arrives : dict of int to State
        By row of the origins and destinations that lie on these links.
    moves : list of Move
        In the order of the states they leave.
    n_states : int
    """

    nodes: dict[int, tuple[State, ...]] = field(default_factory=dict)
    departs: dict[int, State] = field(default_factory=dict)
    arrives: dict[int, State] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    n_states: int = 0

    @cached_property
    def node_of(self) -> dict[int, int]:
        """The node of each state at one that is always open: the engine knows these."""
        always = (0.0, inf)
        return {
            state.row: node
            for node, states in self.nodes.items()
            for state in states
            if (state.from_ms, state.until_ms) == always
        }

    def new(self, windows: Sequence[Window] = ()) -> tuple[State, ...]:
        """Add the states of a point under these windows."""
        times = open_times(windows)
        self.n_states += len(times)
        first = self.n_states - len(times)
        return tuple(State(first + k, *time) for k, time in enumerate(times))


def draw(road: RoadNetwork, driver: Driver, origins: Snaps, destinations: Snaps) -> Graph:
    """Draw the graph of all links that change with the clock.

    The ends of the links of other destinations are states as well, so that
    every destination is reached from one.
    """
    graph = Graph()
    timed = driver.timed_links
    ends = road.link_ends[np.concatenate([timed, destinations.link])]
    for node in np.union1d(ends, driver.hindrances.timed_nodes).tolist():
        graph.nodes[node] = graph.new(driver.hindrances.nodes.get(node, ()))
    for link in timed.tolist():
        _Strand(road, driver, graph, link).draw(origins, destinations)
    ends = np.stack([road.topology.tail, road.topology.head])
    at_timed_node = np.isin(ends, driver.hindrances.timed_nodes).any(axis=0)
    for arc in np.flatnonzero(at_timed_node & (road.arc_link == NO_LINK)).tolist():
        tails, heads = (graph.nodes.get(int(node), ()) for node in ends[:, arc])
        times = [Entry(0.0, inf, driver.plaza_ms)]
        graph.moves += _moves(tails, heads, times, Part(NO_LINK, 0.0, 0.0))
    graph.moves.sort(key=lambda move: move.tail)
    return graph


Point = tuple[float, tuple[State, ...]]
"""A fraction of a link, and the states there."""


@dataclass(frozen=True)
class _Strand:
    """One link on its way into the graph."""

    road: RoadNetwork
    driver: Driver
    graph: Graph
    link: int

    def draw(self, origins: Snaps, destinations: Snaps) -> None:
        """Add the points of the link, the places on it, and all moves along it."""
        blocks = self.driver.hindrances.links.get(self.link, ())
        bounds = cuts(blocks, 0.0, 1.0)
        tail, head = (self.graph.nodes[node] for node in self.road.link_ends[self.link].tolist())
        within = [
            self.graph.new([block.window for block in blocks if block.begin < bound < block.end])
            for bound in bounds[1:-1]
        ]
        pieces = list(pairwise(zip(bounds, [tail, *within, head], strict=True)))
        departs = self._places(origins, self.graph.departs)
        arrives = self._places(destinations, self.graph.arrives)
        for near, far in pieces:
            self._connect(near, far)
        for start in departs:
            near, far = pieces[self._piece(bounds, start[0])]
            self._connect(start, far, back=False)
            self._connect(near, start, ahead=False)
        for stop in arrives:
            near, far = pieces[self._piece(bounds, stop[0])]
            self._connect(near, stop, back=False)
            self._connect(stop, far, ahead=False)
        for start, stop in product(departs, arrives):
            if self._piece(bounds, start[0]) == self._piece(bounds, stop[0]):
                if start[0] <= stop[0]:
                    self._connect(start, stop, back=False)
                else:
                    self._connect(stop, start, ahead=False)

    def _places(self, places: Snaps, states: dict[int, State]) -> list[Point]:
        found: list[Point] = []
        for row in np.flatnonzero(places.link == self.link).tolist():
            (state,) = here = self.graph.new()
            states[row] = state
            found.append((float(places.fraction[row]), here))
        return found

    @staticmethod
    def _piece(bounds: Sequence[float], fraction: float) -> int:
        return min(bisect_right(bounds, fraction) - 1, len(bounds) - 2)

    def _connect(self, near: Point, far: Point, *, ahead: bool = True, back: bool = True) -> None:
        """Add the moves between two points of one piece, in the order of the link."""
        if ahead:
            self._lead(near, far)
        if back and self.road.link_both[self.link]:
            self._lead(far, near)

    def _lead(self, start: Point, stop: Point) -> None:
        (a, tails), (b, heads) = start, stop
        blocks = self.driver.hindrances.links.get(self.link, ())
        times = entries(covering(blocks, a, b), int(self.driver.link_ms[self.link]), a, b)
        self.graph.moves += _moves(tails, heads, times, Part(self.link, a, b))


def _moves(
    tails: Sequence[State],
    heads: Sequence[State],
    times: Sequence[Entry],
    part: Part,
) -> Iterator[Move]:
    """Yield the moves along one piece, from each open time to each."""
    for entry, tail, head in product(times, tails, heads):
        begin = max(entry.from_ms, tail.from_ms, head.from_ms - entry.takes_ms)
        end = min(entry.until_ms, tail.until_ms, head.until_ms - entry.takes_ms)
        if begin < end:
            yield Move(tail.row, head.row, begin, end, entry.takes_ms, part)
