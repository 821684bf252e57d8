"""The same stages as a mixed-integer programme, for cases too wide for CP-SAT.

With several incidents and hundreds of teams the linear relaxation is nearly
tight while CP-SAT's own bound is not, so a branch-and-bound on it (HiGHS,
Q. Huangfu and J. A. J. Hall, doi:10.1007/s12532-017-0130-5, by way of SciPy)
proves more in the same time. Only whether options are taken and how many units
work is read from it; the credits follow from these in whole numbers, so that
no rounding error of the solver reaches a plan.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import ceil, floor
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from dispatch.optimise.candidates import Candidates
from dispatch.optimise.lift import crowds
from dispatch.optimise.problem import DispatchProblem, DispatchSolution, IntArray, Service

FloatArray = NDArray[np.float64]

SLACK: Final = 1e-7
"""Share by which a bound of floating-point arithmetic is widened before it is believed."""


@dataclass(frozen=True, eq=False)
class Programme:
    """Columns are options (go), units at work and credits of the candidates, demands served.

    Parameters
    ----------
    option : IntArray, shape (O,)
        Options with a candidate, ascending.
    demand : IntArray, shape (D,)
        Demands with a candidate, ascending.
    rules : LinearConstraint
        All rules of the problem, without any stage held.
    upper : FloatArray, shape (O + 2A + D + F,)
        Upper bounds of go, units, credits, served, teams missing from floors.
    lower : FloatArray, same shape
    objectives : dict of stage name to FloatArray
        Coefficients of each stage.
    """

    problem: DispatchProblem
    arcs: Candidates
    option: IntArray
    demand: IntArray
    rules: LinearConstraint
    lower: FloatArray
    upper: FloatArray
    objectives: dict[str, FloatArray]


class _Rows:
    """Collects constraints ``row @ x <= limit``."""

    def __init__(self) -> None:
        self.row: list[IntArray] = []
        self.column: list[IntArray] = []
        self.value: list[FloatArray] = []
        self.limit: list[FloatArray] = []
        self.count = 0

    def add(self, n: int, limit: float, *terms: tuple[IntArray, IntArray, FloatArray]) -> None:
        """Add n rows with terms (row, column, value)."""
        for row, column, value in terms:
            self.row.append(self.count + row)
            self.column.append(column)
            self.value.append(value)
        self.limit.append(np.full(n, limit))
        self.count += n

    def constraint(self, columns: int) -> LinearConstraint:
        shape = (self.count, columns)
        entries = (np.concatenate(self.row), np.concatenate(self.column))
        matrix = coo_array((np.concatenate(self.value), entries), shape=shape)
        return LinearConstraint(matrix.tocsr(), -np.inf, np.concatenate(self.limit))


def programme(problem: DispatchProblem, arcs: Candidates) -> Programme:
    """State every rule of the problem and the five objectives in floating point."""
    option, by_option = np.unique(arcs.option, return_inverse=True)
    demand, by_demand = np.unique(arcs.demand, return_inverse=True)
    a = len(arcs.option)
    go = np.arange(len(option))
    units, credit = len(go) + np.arange(a), len(go) + a + np.arange(a)
    served = len(go) + 2 * a + np.arange(len(demand))
    missing = len(go) + 2 * a + len(demand) + np.arange(len(problem.floor_id))
    columns = len(go) + 2 * a + len(demand) + len(missing)
    each, ones = np.arange(a), np.ones(a)

    rows = _Rows()
    team, by_team = np.unique(problem.option_team[option], return_inverse=True)
    rows.add(len(team), 1.0, (by_team, go, np.ones(len(go))))
    rows.add(a, 0.0, (each, credit, ones), (each, units, -_f(problem.module_quantity[arcs.module])))
    rows.add(a, 0.0, (each, credit, ones), (each, by_option, -_f(arcs.most)))
    rows.add(a, 0.0, (each, units, ones), (each, by_option, -_f(arcs.units)))
    pair, first, by_pair = np.unique(
        np.stack([by_option, arcs.module]), axis=1, return_index=True, return_inverse=True
    )
    rows.add(
        pair.shape[1],
        0.0,
        (by_pair.ravel(), units, ones),
        (np.arange(pair.shape[1]), by_option[first], -_f(problem.module_units[pair[1]])),
    )
    hands = _f(problem.personnel[problem.option_team[option]])
    rows.add(
        len(go),
        0.0,
        (by_option, units, _f(problem.module_members[arcs.module])),
        (go, go, -hands),
    )
    rows.add(len(go), 0.0, (by_option, credit, -ones), (go, go, np.ones(len(go))))
    d = np.arange(len(demand))
    rows.add(
        len(d), 0.0, (by_demand, credit, ones), (d, served, -_f(problem.demand_quantity[demand]))
    )
    rows.add(
        len(d), 0.0, (by_demand, credit, -ones), (d, served, _f(problem.demand_minimum[demand]))
    )
    for floor_row, members in enumerate(problem.floor_teams):
        gone = go[np.isin(problem.option_team[option], members)]
        at = np.zeros(len(gone), np.int64)
        rows.add(
            1,
            float(len(members) - problem.floor_quantity[floor_row]),
            (at, gone, np.ones(len(gone))),
            (np.zeros(1, np.int64), missing[[floor_row]], -np.ones(1)),
        )
    for crowd in crowds(problem, option):
        members = np.searchsorted(option, crowd.options)
        weight = np.array(crowd.weight, np.float64)
        rows.add(1, float(crowd.capacity), (np.zeros(len(members), np.int64), members, weight))
    upper = np.concatenate(
        [
            np.ones(len(go)),
            _f(arcs.units),
            _f(arcs.most),
            np.ones(len(d)),
            _f(problem.floor_quantity),
        ]
    )
    lower = np.zeros(columns)
    lower[missing] = [
        max(0, int(wanted) - len(members))
        for wanted, members in zip(problem.floor_quantity, problem.floor_teams, strict=True)
    ]

    teams = len(problem.team_id)

    def objective(at: IntArray, value: IntArray) -> FloatArray:
        coefficients = np.zeros(columns)
        coefficients[at] = value
        return coefficients

    return Programme(
        problem=problem,
        arcs=arcs,
        option=option,
        demand=demand,
        rules=rows.constraint(columns),
        lower=lower,
        upper=upper,
        objectives={
            "met_by_target": objective(credit, arcs.worth * arcs.on_time),
            "met": objective(credit, arcs.worth),
            "arrival": objective(credit, arcs.worth * arcs.arrival_s),
            "floors": objective(missing, np.ones(len(missing), np.int64)),
            # of two equally cheap plans the one that sends fewer teams is better
            "cost": objective(go, problem.option_cost_yuan[option] * (teams + 1) + 1),
        },
    )


Held = dict[str, tuple[str, int]]
"""Stages solved before: sense and value to be kept, by name."""


def optimise_stage(
    prog: Programme, name: str, sense: str, held: Held, seconds: float
) -> tuple[DispatchSolution | None, int | None]:
    """Solve one stage with the earlier ones held.

    Parameters
    ----------
    prog : Programme
    name, sense : str
        The stage and whether it is maximised ("max") or minimised ("min").
    held : dict of stage name to (sense, value)
    seconds : float
        Time limit.

    Returns
    -------
    DispatchSolution or None
        Best found, without stages; it may fail the rules by a rounding error
        and has to be checked.
    int or None
        Proved bound on the stage, None where the time did not suffice for one.
    """
    if not len(prog.upper):
        return None, None
    x, dual = _solve(prog, name, sense, held, seconds, _integrality(prog))
    return (None if x is None else _read(prog, x)), _stage_bound(prog, name, sense, dual)


def relaxed_bound(prog: Programme, name: str, sense: str, held: Held, seconds: float) -> int | None:
    """Return the bound of the linear relaxation of a stage, None where time ran out."""
    x, dual = _solve(prog, name, sense, held, seconds, np.zeros(len(prog.upper), np.int64))
    return None if x is None else _stage_bound(prog, name, sense, dual)


def _solve(
    prog: Programme, name: str, sense: str, held: Held, seconds: float, integrality: IntArray
) -> tuple[FloatArray | None, float | None]:
    """Return columns and dual bound, in the stage's own sense and unit."""
    objective = prog.objectives[name]
    # coefficients near one keep the solver's tolerances meaningful
    scale = float(np.abs(objective).max(initial=0.0)) or 1.0
    sign = -1.0 if sense == "max" else 1.0
    result = milp(
        sign * objective / scale,
        integrality=integrality,
        bounds=Bounds(prog.lower, prog.upper),
        constraints=[prog.rules, *(_held(prog, item, *value) for item, value in held.items())],
        options={"time_limit": max(seconds, 0.1), "mip_rel_gap": 0.0},
    )
    dual = result.mip_dual_bound if integrality.any() else result.fun
    if dual is None or not np.isfinite(dual):
        return result.x, None
    return result.x, sign * float(dual) * scale


def _stage_bound(prog: Programme, name: str, sense: str, dual: float | None) -> int | None:
    """Return the bound in the stage's own unit: that of the cost stage counts teams as well."""
    bound = _bound(dual, sense)
    if name != "cost" or bound is None:
        return bound
    teams = len(prog.problem.team_id)
    return -(-(bound - teams) // (teams + 1))


def _bound(dual: float | None, sense: str) -> int | None:
    """Round a floating-point bound to whole points, outwards by its possible error first."""
    if dual is None:
        return None
    room = abs(dual) * SLACK + 1e-6
    return floor(dual + room) if sense == "max" else ceil(dual - room)


def _integrality(prog: Programme) -> IntArray:
    kinds = np.ones(len(prog.upper), np.int64)
    start = len(prog.option) + len(prog.arcs.option)
    kinds[start : start + len(prog.arcs.option)] = 0  # credits follow from the units
    kinds[start + len(prog.arcs.option) + len(prog.demand) :] = 0
    return kinds


def _held(prog: Programme, name: str, sense: str, value: int) -> LinearConstraint:
    row = prog.objectives[name]
    scale = float(np.abs(row).max(initial=0.0)) or 1.0
    limit = value / scale
    least, most = (limit, np.inf) if sense == "max" else (-np.inf, limit)
    return LinearConstraint(coo_array(row[None, :] / scale).tocsr(), least, most)


def _read(prog: Programme, x: FloatArray) -> DispatchSolution:
    """Take options and units from the programme, and credit what comes first, in whole numbers."""
    arcs, problem = prog.arcs, prog.problem
    taken = set(prog.option[np.rint(x[: len(prog.option)]) > 0].tolist())
    units = np.rint(x[len(prog.option) :][: len(arcs.option)]).astype(np.int64)
    by_demand = defaultdict(list)
    for arc in np.flatnonzero(units > 0).tolist():
        if int(arcs.option[arc]) in taken:
            by_demand[int(arcs.demand[arc])].append(arc)
    services = []
    for demand, working in sorted(by_demand.items()):
        missing = int(problem.demand_quantity[demand])
        given = []
        for arc in sorted(working, key=lambda arc: (int(arcs.arrival_s[arc]), arc)):
            each = int(problem.module_quantity[arcs.module[arc]])
            credit = min(missing, int(units[arc]) * each)
            if credit > 0:
                given.append(Service(int(arcs.module[arc]), demand, -(-credit // each), credit))
                missing -= credit
        if problem.demand_quantity[demand] - missing >= problem.demand_minimum[demand]:
            services += given
    useful = {int(problem.module_team[service.module]) for service in services}
    return DispatchSolution(
        options=tuple(sorted(o for o in taken if int(problem.option_team[o]) in useful)),
        services=tuple(sorted(services, key=lambda service: (service.demand, service.module))),
        stages=(),
    )


def _f(values: IntArray) -> FloatArray:
    return np.asarray(values, np.float64)
