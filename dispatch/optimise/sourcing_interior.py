"""An interior point for the relaxation of the sourcing flow, amid its optimal plans.

Predictor and corrector by S. Mehrotra (doi:10.1137/0802028), with one more
corrector for terms far from the central path by J. Gondzio
(doi:10.1007/BF00249643), both as long as steps gain by them (M. Colombo and
J. Gondzio, doi:10.1007/s10589-007-9106-0).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from scipy.sparse import csr_array, diags_array

from dispatch.optimise.problem import IntArray
from dispatch.optimise.sourcing_blocks import Blocks
from dispatch.optimise.sourcing_factor import Factor
from dispatch.optimise.sourcing_network import BoolArray
from dispatch.optimise.sourcing_rows import FloatArray

_MOST_STEPS: Final = 90

_CLOSE: Final = 1e-9
"""Part of the objective by which a plan may differ from its bound."""

_KEPT: Final = 1e-6
"""Part of the greatest right-hand side by which rules may be broken."""

_LIFT: Final = 1e-10
"""Weight of a row on its own, so that there is a factor where no plan has room."""

_NEARLY: Final = 0.995
"""Part of the way to the edge that a step may go."""

_PARTS: Final = np.linspace(0.2, 1.0, 5)
"""Of a corrector, tried one after the other."""

_FAR: Final = 0.2
"""Part of the greatest cost at which duals begin, measured: 0.1 and 1 take more steps."""

_IDLE: Final = 10
"""Steps without gain after which no end is to be expected."""

_MOST_WORK: Final = 1e10
"""Operations for one factor beyond which blocks are too large to be dense."""


class Inside(Enum):
    """Why there is no optimum."""

    NOTHING = "nothing there"
    LATE = "out of time"
    STUCK = "stuck"


@dataclass(frozen=True, eq=False)
class Programme:
    """Minimise ``cost @ x`` with ``low <= matrix @ x <= high`` and ``0 <= x <= most``.

    Parameters
    ----------
    matrix : csr_array, shape (rows, columns)
        No row is empty.
    low, high : FloatArray, shape (rows,)
        Either one is infinite, or they are the same.
    cost, most : FloatArray, shape (columns,)
    bounded : BoolArray, shape (columns,)
        Where ``most`` must be stated; elsewhere the rows see to it.
    group : IntArray, shape (columns,)
    day : IntArray, shape (rows,)
        See :class:`~dispatch.optimise.sourcing_blocks.Blocks`.
    """

    matrix: csr_array
    low: FloatArray
    high: FloatArray
    cost: FloatArray
    most: FloatArray
    bounded: BoolArray
    group: IntArray
    day: IntArray


@dataclass(frozen=True, eq=False)
class _Point:
    """Columns and slacks ``x``, room ``w`` below bounds, duals ``y`` of rows, ``z``, ``v``."""

    x: FloatArray
    w: FloatArray
    y: FloatArray
    z: FloatArray
    v: FloatArray

    @property
    def products(self) -> float:
        """Columns and rooms times their duals, summed: nothing of it is left at an optimum."""
        return float(self.x @ self.z + self.w @ self.v)

    def moved(self, primal: float, dual: float, way: _Point) -> _Point:
        return _Point(
            self.x + primal * way.x,
            self.w + primal * way.w,
            self.y + dual * way.y,
            self.z + dual * way.z,
            self.v + dual * way.v,
        )

    def room(self, way: _Point) -> tuple[float, float]:
        """Return how far one can go in a way, in the primal and in the dual."""
        primal = min(_until_edge(way.x / self.x), _until_edge(way.w / self.w))
        return primal, min(_until_edge(way.z / self.z), _until_edge(way.v / self.v))


def interior(programme: Programme, until: float) -> tuple[FloatArray, FloatArray] | Inside:
    """Return columns and duals of the rows amid the optima, or why there are none.

    That there is no plan is proved by weak duality.
    """
    return _Interior(programme).run(until)


class _Interior:
    """Rows are turned to ``a @ x <= b`` and scaled; those that are no equation have a slack."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        matrix, low, high = programme.matrix, programme.low, programme.high
        above = ~np.isfinite(high)
        greatest = np.maximum.reduceat(np.abs(matrix.data), matrix.indptr[:-1])
        self.sign = np.where(above, -1.0, 1.0) / greatest
        self.a = csr_array(diags_array(self.sign) @ matrix)
        self.turned = csr_array(self.a.T)
        self.b = np.where(above, low, high) * self.sign
        self.loose = np.flatnonzero(low != high)
        self.count = len(programme.cost)
        self.c = np.concatenate((programme.cost, np.zeros(len(self.loose))))
        self.edged = np.flatnonzero(programme.bounded)
        self.edge = programme.most[self.edged]
        self.blocks = Blocks(self.a, programme.group, programme.day)
        self.pairs = len(self.c) + len(self.edged)

    def run(self, until: float) -> tuple[FloatArray, FloatArray] | Inside:
        if self.blocks.layout.work > _MOST_WORK:
            return Inside.STUCK
        try:
            with np.errstate(divide="raise", invalid="raise", over="raise"):
                return self._along_the_path(until)
        except FloatingPointError:
            return Inside.STUCK

    def _along_the_path(self, until: float) -> tuple[FloatArray, FloatArray] | Inside:
        programme, at = self.programme, self._start()
        never = float(np.maximum(programme.cost, 0.0) @ programme.most)
        broken = _KEPT * (1.0 + float(np.abs(self.b).max(initial=0.0)))
        least, idle = np.inf, 0
        for _ in range(_MOST_STEPS):
            if time.monotonic() >= until:
                return Inside.LATE
            rp = self.b - self._rows(at.x)
            rw = self.edge - at.x[self.edged] - at.w
            rd = self.c - self._columns(at.y)
            value, bound = float(self.c @ at.x), self._bound(at.y, rd)
            if bound > never + _CLOSE * (1.0 + never):
                return Inside.NOTHING
            fault = max(np.abs(rp).max(initial=0.0), np.abs(rw).max(initial=0.0))
            close, products = _CLOSE * (1.0 + abs(value)), at.products
            nothing_left = products <= 0.1 * close
            # rules broken by next to nothing move the value, and not the bound
            near = abs(value - bound) <= (1000 * close if nothing_left else close)
            if fault <= broken and near:
                return at.x[: self.count], self.sign * at.y
            gains = products < 0.9 * least and not nothing_left
            least, idle = (products, 0) if gains else (least, idle + 1)
            if idle >= _IDLE:
                return Inside.STUCK
            rd = rd - at.z
            rd[self.edged] += at.v
            at = self._next(at, rp, rw, rd)
        return Inside.STUCK

    def _bound(self, y: FloatArray, reduced: FloatArray) -> float:
        """Return what no plan costs less than, by weak duality; with wrong signs left out."""
        y = y.copy()
        wrong = self.loose[y[self.loose] > 0]
        rest = reduced[: self.count]
        if len(wrong):
            y[wrong] = 0.0
            rest = self.c[: self.count] - self.turned @ y
        return float(self.b @ y + np.minimum(rest, 0.0) @ self.programme.most)

    def _next(self, at: _Point, rp: FloatArray, rw: FloatArray, rd: FloatArray) -> _Point:
        mean = at.products / self.pairs
        weight = at.z / at.x
        weight[self.edged] += at.v / at.w
        solve = _Newton(self, at, 1 / weight)
        way = solve(rp, rw, rd, -at.x * at.z, -at.w * at.v)
        steps = at.room(way)
        ahead = at.moved(*steps, way)
        target = (ahead.products / self.pairs / mean) ** 3 * mean
        none = np.zeros_like(rp), np.zeros_like(rw), np.zeros_like(rd)
        bent = solve(*none, target - way.x * way.z, target - way.w * way.v)
        way, steps = _blend(at, way, bent)
        if min(steps) <= 0.9:
            primal, dual = (min(1.0, 1.5 * step + 0.1) for step in steps)
            ahead = at.moved(primal, dual, way)
            bent = solve(*none, _off(ahead.x * ahead.z, target), _off(ahead.w * ahead.v, target))
            better, longer = _blend(at, way, bent)
            if longer[0] * longer[1] > 1.05 * steps[0] * steps[1]:
                way, steps = better, longer
        nearly = (
            max(_NEARLY, 1 - max(0.1 * mean, 1e-6)) if min(steps) > 0.9 and mean < 0.01 else _NEARLY
        )
        return at.moved(min(1.0, nearly * steps[0]), min(1.0, nearly * steps[1]), way)

    def _start(self) -> _Point:
        """Return a point far from all edges, near the rows (after Mehrotra)."""
        factor = self.factor(np.ones(len(self.c)))
        x = np.maximum(self._columns(factor.solve(self.b)), 1.0)
        y = factor.solve(self._rows(self.c))
        rest = self.c - self._columns(y)
        far = _FAR * (float(np.abs(self.c).max(initial=0.0)) or 1.0)
        x[self.edged] = np.minimum(x[self.edged], 0.9 * self.edge + 0.1)
        w = np.maximum(self.edge - x[self.edged], 0.1 * self.edge + 0.1)
        v = np.maximum(-rest[self.edged], 0.0) + far
        return _Point(x, w, y, np.maximum(rest, 0.0) + far, v)

    def factor(self, weight: FloatArray) -> Factor:
        """Return the factor for weights of columns and slacks."""
        own = np.full(len(self.b), _LIFT)
        own[self.loose] += weight[self.count :]
        return Factor(self.blocks, weight[: self.count], own)

    def _rows(self, x: FloatArray) -> FloatArray:
        rows: FloatArray = self.a @ x[: self.count]
        rows[self.loose] += x[self.count :]
        return rows

    def _columns(self, y: FloatArray) -> FloatArray:
        return np.concatenate((self.turned @ y, y[self.loose]))


class _Newton:
    """Steps towards given products of columns and their duals, from one point."""

    def __init__(self, inside: _Interior, at: _Point, weight: FloatArray) -> None:
        self.inside, self.at, self.weight = inside, at, weight
        self.factor = inside.factor(weight)

    def __call__(
        self, rp: FloatArray, rw: FloatArray, rd: FloatArray, xz: FloatArray, wv: FloatArray
    ) -> _Point:
        inside, at, weight = self.inside, self.at, self.weight
        pull = rd - xz / at.x
        pull[inside.edged] += (wv - at.v * rw) / at.w
        y = self.factor.solve(rp + inside._rows(weight * pull))
        x = weight * (inside._columns(y) - pull)
        w = rw - x[inside.edged]
        return _Point(x, w, y, (xz - at.z * x) / at.x, (wv - at.v * w) / at.w)


def _blend(at: _Point, way: _Point, bent: _Point) -> tuple[_Point, tuple[float, float]]:
    """Add that part of a corrector to a way with which one can go farthest."""
    ratios = [
        (along / value, across / value)
        for value, along, across in (
            (at.x, way.x, bent.x),
            (at.w, way.w, bent.w),
            (at.z, way.z, bent.z),
            (at.v, way.v, bent.v),
        )
    ]
    rooms = []
    for part in _PARTS.tolist():
        x, w, z, v = (_until_edge(along + part * across) for along, across in ratios)
        rooms.append((min(x, w), min(z, v)))
    best = max(range(len(rooms)), key=lambda row: rooms[row][0] * rooms[row][1])
    part = float(_PARTS[best])
    return way.moved(part, part, bent), rooms[best]


def _off(product: FloatArray, target: float) -> FloatArray:
    """Return what brings products back that are far from a target, none by very much."""
    off = np.clip(product, 0.1 * target, 10 * target) - product
    return np.maximum(off, -10 * target)


def _until_edge(ratio: FloatArray) -> float:
    """Return the part of a way, at most all of it, after which a value is 0.

    ``ratio`` is the way as a part of the value.
    """
    fastest = -float(ratio.min(initial=0.0))
    return 1.0 if fastest <= 1.0 else 1.0 / fastest
