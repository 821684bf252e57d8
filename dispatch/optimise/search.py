"""A plan bettered piece by piece: a few incidents at a time, all else as planned.

The incidents of a piece are near each other in the sense that teams could well
serve one in place of another. All teams at them, and those that are idle, are
planned anew by branch and bound (a large neighbourhood search, P. Shaw,
doi:10.1007/3-540-49481-2_30). Pieces that share nothing are solved at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from dispatch.optimise.problem import BoolArray, DispatchSolution, IntArray
from dispatch.optimise.program import FloatArray, Program, columns_of, plan_of
from dispatch.optimise.relaxation import Limit, Relaxation, Weights, losses, values

TEAMS: Final = 50
MORE: Final = 5
"""A piece grows until so many teams are at its incidents, and more by each round in vain."""

PIECE_S: Final = 3.0
"""Most seconds for one piece."""

CLOSE: Final = 2e-3
"""Relative gap at which a piece is good enough."""

ABREAST: Final = 3
"""So many pieces are drawn for each worker at a time, so that none waits long for the slowest."""

LEAST_S: Final = 0.3
"""No piece is begun with less."""

VAIN: Final = 60
"""Rounds without a better plan, one after the other, after which the search ends."""

WHOLE: Final = 1e-6


@dataclass(frozen=True)
class Effort:
    """What a search may spend: until a moment of the clock, on so many threads."""

    until: float
    seed: int
    workers: int


@dataclass(frozen=True, eq=False)
class Aim:
    """What is sought: the most of ``worth @ x``.

    Parameters
    ----------
    prog : Program
    worth : FloatArray, shape (C,)
    part : Relaxation
        Of the candidates of the programme.
    prices : FloatArray, shape (R,)
        Of its rules.
    best, loss : FloatArray, shape (options of prog,)
        What the best way of the team of each way is worth at the prices, and
        what it forgoes by this one.
    incident, team : IntArray, shape (C,)
        Of each column, -1 where it has none.
    columns : csc_array, shape (R, C)
        The rules of the programme, quick to be cut by columns.
    """

    prog: Program
    worth: FloatArray
    part: Relaxation
    prices: FloatArray
    best: FloatArray
    loss: FloatArray
    incident: IntArray
    team: IntArray
    columns: csc_array


def aim(prog: Program, part: Relaxation, top: Limit) -> Aim:
    """Say of each column what it is worth, whose it is and where."""
    problem, columns = prog.problem, len(prog.upper)
    incident, team = np.full(columns, -1, np.int64), np.full(columns, -1, np.int64)
    ways = np.arange(len(prog.option))
    for at, option in (
        (ways, prog.option),
        (prog.credit_at, prog.arcs.option),
        (np.maximum(prog.units_at, prog.credit_at), prog.arcs.option),
    ):
        incident[at] = problem.option_incident[option]
        team[at] = problem.option_team[option]
    incident[prog.served_at] = problem.demand_incident[prog.demand]
    value = values(part, top.weights, top.prices)
    loss = losses(part, value)
    return Aim(
        prog,
        worth(prog, top.weights),
        part,
        top.prices,
        value + loss,
        loss,
        incident,
        team,
        prog.rows.tocsc(),
    )


def worth(prog: Program, weights: Weights) -> FloatArray:
    """Return what each column is worth at some weights of the stages, shape (C,)."""
    by_target, met, soon = weights
    goals = prog.objectives
    return by_target * goals["met_by_target"] + met * goals["met"] - soon * goals["arrival"]


def piece(
    goal: Aim, x: FloatArray, free: BoolArray, seconds: float, *, whole: bool = True
) -> FloatArray | None:
    """Choose some columns anew, all others as they are; None where nothing was found.

    Without ``whole`` they may be fractions, and the best is found or nothing.
    """
    prog, at = goal.prog, np.flatnonzero(free)
    if not len(at):
        return None
    fixed = x.copy()
    fixed[at] = 0
    part = goal.columns[:, at]
    rows = np.unique(part.indices)
    room = (prog.most - prog.rows @ fixed)[rows]
    scale = np.abs(goal.worth).max(initial=1.0) / 1000
    found = milp(
        -goal.worth[at] / scale,
        integrality=prog.whole[at].astype(np.int64) * whole,
        bounds=Bounds(prog.lower[at], prog.upper[at]),
        constraints=LinearConstraint(part.tocsr()[rows], -np.inf, room),
        options={"time_limit": max(seconds, 0.1), "mip_rel_gap": CLOSE},
    )
    if found.x is None or (found.status and not whole):
        return None
    fixed[at] = found.x
    return fixed


def whole_case(
    prog: Program, worth: FloatArray, seconds: float
) -> tuple[FloatArray | None, float | None]:
    """Choose all columns at once: those of the best plan found, and the most any can be worth.

    None for what the time did not suffice for.
    """
    scale = float(np.abs(worth).max(initial=0.0)) / 1000 or 1.0
    found = milp(
        -worth / scale,
        integrality=prog.whole.astype(np.int64),
        bounds=Bounds(prog.lower, prog.upper),
        constraints=LinearConstraint(prog.rows, -np.inf, prog.most),
        options={"time_limit": max(seconds, 0.1), "mip_rel_gap": 0.0},
    )
    dual = found.mip_dual_bound
    return found.x, None if dual is None or not np.isfinite(dual) else -float(dual) * scale


def better(
    goal: Aim,
    x: FloatArray,
    effort: Effort,
    tell: Callable[[DispatchSolution], None],
) -> FloatArray:
    """Better a plan, piece by piece, until a moment of the clock.

    Pieces are drawn for as many workers as there are, solved at once, and
    joined in the order in which they were drawn. Small ones are solved so much
    sooner that they gain more in the same time; where they gain nothing they grow.
    """
    rng = np.random.default_rng(effort.seed)
    most = max(len(goal.prog.problem.team_id) // 3, 1)
    with ThreadPoolExecutor(effort.workers) as pool:
        vain = 0
        while vain < VAIN and (left := effort.until - time.monotonic()) > LEAST_S:
            size = min(TEAMS + MORE * vain, most)
            frees = pieces(goal, x, rng, effort.workers * ABREAST, size)
            if not frees:
                break
            tasks = [pool.submit(piece, goal, x, free, min(PIECE_S, left)) for free in frees]
            found = [task.result() for task in tasks]
            before = x
            for free, new in zip(frees, found, strict=True):
                if new is not None:
                    x = _joined(goal, x, np.where(free, new, x))
            vain = vain + 1 if x is before else 0
            if not vain:
                tell(plan_of(goal.prog, x))
    return x


def settled(goal: Aim, plan: DispatchSolution) -> FloatArray:
    """Return the columns of a plan; the floors, which no piece looks at, leave all room."""
    x = columns_of(goal.prog, plan)
    x[goal.prog.missing_at] = goal.prog.upper[goal.prog.missing_at]
    return x


def _joined(goal: Aim, x: FloatArray, new: FloatArray) -> FloatArray:
    """Return the new columns in whole numbers where they are feasible and better."""
    prog = goal.prog
    whole = settled(goal, plan_of(prog, new))
    fits = bool((prog.rows @ whole <= prog.most + WHOLE).all())
    return whole if fits and goal.worth @ whole > goal.worth @ x else x


def pieces(
    goal: Aim, x: FloatArray, rng: np.random.Generator, count: int, size: int
) -> list[BoolArray]:
    """Draw pieces that share no incident and no team, where most is lost first."""
    prog = goal.prog
    ways, incidents = len(prog.option), len(prog.problem.incident_id)
    place = np.full(len(prog.problem.team_id) + 1, -1)
    taken = np.flatnonzero(x[:ways] > 0.5)
    place[goal.team[taken]] = goal.incident[taken]
    lost = lost_at(goal, x)
    near = _nearness(goal, place, incidents)
    crowd = np.bincount(place[:-1][place[:-1] >= 0], minlength=incidents)
    open_, idle = np.ones(incidents, np.bool_), place[:-1] < 0
    found = []
    for _ in range(count):
        chosen = _grown(rng, lost, near, crowd, open_, size)
        if not chosen.any():
            break
        open_ &= ~chosen
        mine = np.append(chosen[place[:-1]] & (place[:-1] >= 0), True)  # -1: no team's column
        mine[:-1] |= idle
        free = chosen[goal.incident] & (goal.incident >= 0) & mine[goal.team]
        used = np.unique(goal.team[free])
        idle[used[used >= 0]] = False
        found.append(free)
    return found


def lost_at(goal: Aim, x: FloatArray) -> FloatArray:
    """Return what a plan falls short of the limit by at each incident, at the prices.

    That is what the rules leave, and what those who are sent there do less than
    they could do at their best; idle teams are nowhere.
    """
    prog, part, taken = goal.prog, goal.part, x[: len(goal.prog.option)]
    problem, credit = prog.problem, x[prog.credit_at]
    left = goal.prices * (part.rules.most - part.rules.use(credit, taken))
    gain = (goal.worth[prog.credit_at] - part.by_credit @ goal.prices) * credit
    done = np.bincount(prog.go_at, gain, len(taken)) - (part.by_way @ goal.prices) * taken
    lost: FloatArray = np.zeros(len(problem.incident_id))
    np.add.at(lost, problem.demand_incident[part.rules.demand], left)
    np.add.at(lost, goal.incident[: len(taken)], goal.best * taken - done)
    return np.maximum(lost, 0)


def _nearness(goal: Aim, place: IntArray, incidents: int) -> FloatArray:
    """Count the teams at each incident that could serve another, by how little they'd lose."""
    ways = len(goal.prog.option)
    here = place[goal.team[:ways]]
    scale = np.median(goal.loss[goal.loss > 0]) if (goal.loss > 0).any() else 1.0
    weight = 1 / (1 + goal.loss / scale) ** 2
    near: FloatArray = np.zeros((incidents, incidents))
    at = here >= 0
    np.add.at(near, (here[at], goal.incident[:ways][at]), weight[at])
    np.fill_diagonal(near, 0)
    return np.asarray(near + near.T, np.float64)


def _grown(
    rng: np.random.Generator,
    lost: FloatArray,
    near: FloatArray,
    crowd: IntArray,
    open_: BoolArray,
    size: int,
) -> BoolArray:
    """Begin at one incident and add near ones until enough teams are there."""
    chosen = np.zeros(len(lost), np.bool_)
    chance = np.where(open_, lost + lost.sum() * 0.002 + WHOLE, 0)
    while chance.sum() > 0 and crowd[chosen].sum() < size:
        chosen[rng.choice(len(lost), p=chance / chance.sum())] = True
        chance = np.where(open_ & ~chosen, near[chosen].sum(axis=0) * (lost + lost.mean()), 0)
    return chosen
