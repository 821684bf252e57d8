"""Ways through closures that come and go, judged by the clock as the vehicle passes.

What changes with the clock is a little graph of its own (:mod:`timed_graph`);
between its states the engine gives the time. Waiting in a state is free, so
that the earliest arrival there is never worse than a later one, and labels that
only ever get earlier end at the exact optimum. All origins are settled at
once, in arrays; times are whole milliseconds after the start of the scenario.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from dispatch.network.driver import (
    Driver,
    FloatArray,
    IntArray,
    access_ms,
    arriving_ms,
    departing_ms,
    staying_ms,
)
from dispatch.network.road import RoadNetwork
from dispatch.network.snap import Snaps
from dispatch.network.timed_graph import Graph, Part, draw

STARTS: Final = -1
LEAVES: Final = (-2, -3)
"""What gave a label: the origin itself, or leaving its link by the first or the second end."""

BY_PLACE: Final = 2
STAYS: Final = 3
"""How a destination is reached, besides the first (0) and second end (1) of its link."""


@dataclass(frozen=True)
class Way:
    """A shortest path of the engine between two nodes."""

    origin: int
    destination: int


Hop = Part | Way


@dataclass(frozen=True, eq=False)
class TimedWays:
    """Earliest arrivals from P origins, left at given times, at Q destinations.

    Parameters
    ----------
    road : RoadNetwork
    origins, destinations : Snaps
    graph : Graph
    arrive_ms : FloatArray, shape (P, Q)
        On the clock, at the destination's door; inf where there is no way.
    row : IntArray, shape (P, Q)
        Row of the labels of each pair: one for each origin and time of leaving.
    by : IntArray, shape (R, Q)
        How each destination is reached: by an end of its link, :data:`BY_PLACE`
        or :data:`STAYS`.
    label_ms, before : arrays, shape (R, S)
        Arrival in each state; the move that gave it, or M and the state before,
        or one of :data:`STARTS` and :data:`LEAVES`.
    """

    road: RoadNetwork
    origins: Snaps
    destinations: Snaps
    graph: Graph
    arrive_ms: FloatArray
    row: IntArray
    by: IntArray
    label_ms: FloatArray
    before: IntArray

    def hops(self, p: int, q: int) -> list[Hop]:
        """Return the way of a reachable pair, piece by piece."""
        row = int(self.row[p, q])
        by = int(self.by[row, q])
        here, there = int(self.origins.link[p]), int(self.destinations.link[q])
        start, stop = float(self.origins.fraction[p]), float(self.destinations.fraction[q])
        if by == STAYS:
            return [Part(here, start, stop)]
        if by == BY_PLACE:
            return self._way_into(row, p, self.graph.arrives[q].row)
        (state,) = self.graph.nodes[int(self.road.link_ends[there, by])]
        return [*self._way_into(row, p, state.row), Part(there, float(by), stop)]

    def _way_into(self, row: int, p: int, state: int) -> list[Hop]:
        """Follow the labels of one row back from a state to the origin."""
        moves, node_of = self.graph.moves, self.graph.node_of
        found: list[Hop] = []
        while (before := int(self.before[row, state])) != STARTS:
            if before in LEAVES:
                end = LEAVES.index(before)
                link = int(self.origins.link[p])
                found.append(Way(int(self.road.link_ends[link, end]), node_of[state]))
                found.append(Part(link, float(self.origins.fraction[p]), float(end)))
                break
            if before < len(moves):
                move = moves[before]
                enter_ms = max(float(self.label_ms[row, move.tail]), move.from_ms)
                part = move.part
                leave_ms = enter_ms + move.takes_ms
                found.append(Part(part.link, part.begin, part.end, enter_ms, leave_ms))
                state = move.tail
            else:
                earlier = before - len(moves)
                found.append(Way(node_of[earlier], node_of[state]))
                state = earlier
        return found[::-1]


def timed_ways(
    road: RoadNetwork, driver: Driver, origins: Snaps, destinations: Snaps, start_ms: FloatArray
) -> TimedWays:
    """Find the earliest arrivals.

    Parameters
    ----------
    road : RoadNetwork
    driver : Driver
    origins, destinations : Snaps
    start_ms : FloatArray, shape (P, Q)
        When each origin is ready to leave for each destination; finite.
    """
    graph = draw(road, driver, origins, destinations)
    clock = start_ms + access_ms(driver, origins)[:, None]
    place = np.broadcast_to(np.arange(len(clock), dtype=float)[:, None], clock.shape)
    starts, row = np.unique(np.stack([place, clock]).reshape(2, -1), axis=1, return_inverse=True)
    labels = _Labels(road, driver, graph, origins, starts[0].astype(np.int64), starts[1])
    labels.settle()
    arrive, by = _arrivals(road, driver, labels, destinations)
    row = row.reshape(clock.shape)
    column = np.arange(clock.shape[1])[None, :]
    return TimedWays(
        road=road,
        origins=origins,
        destinations=destinations,
        graph=graph,
        arrive_ms=arrive[row, column] + access_ms(driver, destinations)[None, :],
        row=row,
        by=by,
        label_ms=labels.at_ms,
        before=labels.before,
    )


def _arrivals(
    road: RoadNetwork, driver: Driver, labels: _Labels, destinations: Snaps
) -> tuple[FloatArray, IntArray]:
    """Return when each destination is reached, at the road, and by which end; both (R, Q)."""
    graph, origins = labels.graph, labels.origins
    in_ms = arriving_ms(road, driver, destinations)
    best = staying_ms(road, driver, origins, destinations)
    best[np.isin(origins.link, driver.timed_links)] = np.inf
    best = best[labels.place] + labels.clock[:, None]
    by = np.full(best.shape, STAYS)
    for end in (0, 1):
        # no state is left where the end is closed for good: the way in is inf then
        column = [
            states[0].row if (states := graph.nodes[node]) else 0
            for node in road.link_ends[destinations.link, end].tolist()
        ]
        via = labels.at_ms[:, column] + in_ms[:, end]
        by[via < best] = end
        best = np.minimum(best, via)
    for q, state in graph.arrives.items():
        best[:, q], by[:, q] = labels.at_ms[:, state.row], BY_PLACE
    return best, by


class _Labels:
    """Arrival in each state for each start, made earlier until nothing changes."""

    def __init__(
        self,
        road: RoadNetwork,
        driver: Driver,
        graph: Graph,
        origins: Snaps,
        place: IntArray,
        clock: FloatArray,
    ) -> None:
        self.graph, self.origins, self.place, self.clock = graph, origins, place, clock
        self.at_ms = np.full((len(place), graph.n_states), np.inf)
        self.before = np.full(self.at_ms.shape, STARTS)
        self._moves()
        self._start(road, driver)

    def _moves(self) -> None:
        moves = self.graph.moves
        tail = np.array([move.tail for move in moves], np.int64)
        self.head = np.array([move.head for move in moves], np.int64)
        self.first = np.searchsorted(tail, np.arange(self.graph.n_states + 1))
        self.from_ms, self.until_ms, self.takes_ms = (
            np.array([getattr(move, name) for move in moves], float)
            for name in ("from_ms", "until_ms", "takes_ms")
        )

    def _start(self, road: RoadNetwork, driver: Driver) -> None:
        """Label what an origin reaches without the clock, and set up the ways between."""
        node_of = self.graph.node_of
        self.free = np.array(sorted(node_of), np.int64)
        self.source = np.intersect1d(self.free, self.head)
        ends = road.link_ends[self.origins.link]
        sources = np.array([node_of[state] for state in self.source.tolist()], np.int64)
        nodes, row = np.unique(np.concatenate([ends.ravel(), sources]), return_inverse=True)
        free_nodes = np.array([node_of[state] for state in self.free.tolist()], np.int64)
        between = driver.metric.matrix(nodes, free_nodes)
        self.between = between[row[ends.size :]]
        out_ms = departing_ms(road, driver, self.origins)[self.place] + self.clock[:, None]
        for end in (0, 1):
            way = between[row[: ends.size].reshape(ends.shape)[self.place, end]]
            self._improve(slice(None), out_ms[:, end, None] + way, LEAVES[end])
        for p, state in self.graph.departs.items():
            here = self.place == p
            self.at_ms[here, state.row] = self.clock[here]

    def settle(self) -> None:
        """Go along the moves, then between the states by the engine, until nothing gets earlier."""
        rows, states = np.nonzero(np.isfinite(self.at_ms))
        while rows.size:
            came = self._go_along(rows, states)
            rows, states = self._go_between(*came)

    def _go_along(self, rows: IntArray, states: IntArray) -> tuple[IntArray, IntArray]:
        """Follow the moves out of some labels, and out of all that get earlier by that."""
        found = []
        while rows.size:
            first, count = self.first[states], self.first[states + 1] - self.first[states]
            row, now = np.repeat(rows, count), np.repeat(self.at_ms[rows, states], count)
            nth = np.arange(row.size) - np.repeat(np.cumsum(count) - count, count)
            move = np.repeat(first, count) + nth
            then = np.maximum(now, self.from_ms[move]) + self.takes_ms[move]
            head = self.head[move]
            earlier = (now < self.until_ms[move]) & (then < self.at_ms[row, head])
            row, head, then, move = (values[earlier] for values in (row, head, then, move))
            order = np.lexsort((then, head, row))
            row, head, then, move = (values[order] for values in (row, head, then, move))
            best = np.ones(row.size, bool)
            best[1:] = (row[1:] != row[:-1]) | (head[1:] != head[:-1])
            rows, states = row[best], head[best]
            self.at_ms[rows, states], self.before[rows, states] = then[best], move[best]
            found.append((rows, states))
        return _all_of(found)

    def _go_between(self, rows: IntArray, states: IntArray) -> tuple[IntArray, IntArray]:
        """Take the engine's ways from labels that moves have just made earlier."""
        found = []
        for state, way in zip(self.source.tolist(), self.between, strict=True):
            here = np.unique(rows[states == state])
            then = self.at_ms[here, state, None] + way[None, :]
            found.append(self._improve(here, then, len(self.graph.moves) + state))
        return _all_of(found)

    def _improve(
        self, rows: IntArray | slice, then: FloatArray, before: int
    ) -> tuple[IntArray, IntArray]:
        """Take over what is earlier, and tell where."""
        r, k = np.nonzero(then < self.at_ms[rows][:, self.free])
        row, state = np.arange(len(self.at_ms))[rows][r], self.free[k]
        self.at_ms[row, state], self.before[row, state] = then[r, k], before
        return row, state


def _all_of(labels: list[tuple[IntArray, IntArray]]) -> tuple[IntArray, IntArray]:
    """Return rows and states of all labels of a list."""
    none = np.empty(0, np.int64)
    rows, states = zip((none, none), *labels, strict=True)
    return np.concatenate(rows), np.concatenate(states)
