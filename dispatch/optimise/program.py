"""The plain model said with as few columns and rows as it takes, for searching wide cases.

The plain one of ``mip`` counts units for every candidate; here they are counted
only where units or members can run short, and no row says what another says.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, vstack

from dispatch.optimise.candidates import Candidates
from dispatch.optimise.lift import crowds
from dispatch.optimise.problem import (
    BoolArray,
    DispatchProblem,
    DispatchSolution,
    IntArray,
    Service,
)

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Program:
    """Every rule as ``rows @ x <= most`` with ``lower <= x <= upper``.

    Columns are options (go), credits of the candidates, units at work where
    they can run short and a unit gives more than 1, demands served, teams
    missing from floors, in this order.

    Parameters
    ----------
    option : IntArray
        Option of each of the first columns.
    go_at, credit_at, units_at : IntArray, shape (A,)
        Columns of a candidate: its option, its credit, and what counts its
        units: a column of their own, or the credit where a unit gives 1; -1
        where neither units nor members can run short.
    demand, served_at : IntArray
        Demands with a minimum useful quantity, and the columns that open them.
    missing_at : IntArray, shape (F,)
    rows : csr_array, shape (R, C)
    most : FloatArray, shape (R,)
    lower, upper : FloatArray, shape (C,)
    whole : BoolArray, shape (C,)
        Columns that must be whole; the others follow from these.
    objectives : dict of stage name to FloatArray, shape (C,)
        That of the cost stage is ``cost * (T + 1) + teams sent``: of two
        equally cheap plans the one that sends fewer teams is better.
    """

    problem: DispatchProblem
    arcs: Candidates
    option: IntArray
    go_at: IntArray
    credit_at: IntArray
    units_at: IntArray
    demand: IntArray
    served_at: IntArray
    missing_at: IntArray
    rows: csr_array
    most: FloatArray
    lower: FloatArray
    upper: FloatArray
    whole: BoolArray
    objectives: dict[str, FloatArray]


def tight(problem: DispatchProblem, arcs: Candidates) -> Program:
    """State every rule of the problem and the five objectives, once."""
    shares = (units_of_modules(problem, arcs), members_of_teams(problem, arcs))
    counted = shares[0].short | shares[1].short
    a = len(arcs.option)
    option, go_at = np.unique(arcs.option, return_inverse=True)
    credit_at = len(option) + np.arange(a)
    own = counted & (problem.module_quantity[arcs.module] > 1)
    units_at = np.where(counted, credit_at, -1)
    units_at[own] = len(option) + a + np.arange(int(own.sum()))
    demand = np.unique(arcs.demand)
    demand = demand[problem.demand_minimum[demand] > 1]
    served_at = len(option) + a + int(own.sum()) + np.arange(len(demand))
    missing_at = len(option) + a + int(own.sum()) + len(demand) + np.arange(len(problem.floor_id))
    upper = _floats(
        np.ones(len(option)),
        arcs.most,
        arcs.units[own],
        np.ones(len(demand)),
        problem.floor_quantity,
    )
    lower = np.zeros(len(upper))
    left = [len(teams) for teams in problem.floor_teams]
    lower[missing_at] = np.maximum(problem.floor_quantity - np.array(left, np.int64), 0)
    whole = np.ones(len(upper), np.bool_)
    whole[credit_at[(units_at != credit_at)]] = False
    whole[missing_at] = False

    rows = _Rows(len(upper))
    _send_once(rows, problem, option)
    _credit_what_works(rows, problem, arcs, go_at, credit_at, units_at)
    for share in shares:
        _share(rows, share, go_at, units_at)
    _credit_what_is_wanted(rows, problem, arcs, credit_at, demand, served_at)
    _count_missing(rows, problem, option, missing_at)
    for crowd in crowds(problem, option):
        column = np.searchsorted(option, np.array(crowd.options, np.int64))
        rows.add([crowd.capacity], (column * 0, column, np.array(crowd.weight)))
    return Program(
        problem=problem,
        arcs=arcs,
        option=option,
        go_at=go_at,
        credit_at=credit_at,
        units_at=units_at,
        demand=demand,
        served_at=served_at,
        missing_at=missing_at,
        rows=rows.matrix(),
        most=_floats(*rows.most),
        lower=lower,
        upper=upper,
        whole=whole,
        objectives=_objectives(problem, arcs, option, credit_at, missing_at, len(upper)),
    )


def bound_by(prog: Program, on_credit: csr_array, on_way: csr_array, most: FloatArray) -> Program:
    """Return the programme with further rules on the credits and ways of its candidates."""
    credit, way = on_credit.tocoo(), on_way.tocoo()
    entries = np.concatenate((credit.data, way.data))
    row = np.concatenate((credit.row, way.row)).astype(np.int64)
    column = np.concatenate((prog.credit_at[credit.col], way.col)).astype(np.int64)
    more = coo_array((entries, (row, column)), shape=(len(most), len(prog.upper)))
    rows = vstack((prog.rows, more), format="csr")
    return replace(prog, rows=rows, most=np.concatenate((prog.most, most)))


def columns_of(prog: Program, plan: DispatchSolution) -> FloatArray:
    """Return the columns of a plan; a way that is no candidate counts as not taken."""
    problem, arcs = prog.problem, prog.arcs
    x = prog.lower.copy()
    sent = {int(problem.option_team[option]): option for option in plan.options}
    done = np.array(
        [
            (sent[int(problem.module_team[s.module])], s.module, s.demand, s.units, s.quantity)
            for s in plan.services
        ],
        np.int64,
    ).reshape(-1, 5)
    keys, sought = (
        _keys(problem, arcs.option, arcs.module, arcs.demand),
        _keys(problem, *done.T[:3]),
    )
    arc = np.minimum(np.searchsorted(keys, sought), max(len(keys) - 1, 0))
    known = keys[arc] == sought if len(keys) else np.zeros(len(sought), np.bool_)
    arc, done = arc[known], done[known]
    x[prog.go_at[arc]] = 1
    counted = prog.units_at[arc] >= 0
    x[prog.units_at[arc][counted]] = done[counted, 3]
    x[prog.credit_at[arc]] = done[:, 4]
    met = {service.demand for service in plan.services}
    x[prog.served_at] = [demand in met for demand in prog.demand.tolist()]
    gone = np.array(
        [sum(team in sent for team in teams.tolist()) for teams in problem.floor_teams], np.int64
    )
    left = np.array([len(teams) for teams in problem.floor_teams], np.int64) - gone
    x[prog.missing_at] = np.maximum(problem.floor_quantity - left, 0)
    return x


def _keys(
    problem: DispatchProblem, option: IntArray, module: IntArray, demand: IntArray
) -> IntArray:
    """Return one number for each triple, in the order of the candidates."""
    return (option * len(problem.module_team) + module) * len(problem.demand_id) + demand


def plan_of(prog: Program, x: FloatArray) -> DispatchSolution:
    """Take ways and units from the columns, and credit what comes first, in whole numbers.

    So no rounding error of a solver reaches a plan, and nobody comes for nothing.
    """
    arcs, problem = prog.arcs, prog.problem
    counted = prog.units_at >= 0
    working = np.where(counted, np.rint(x[prog.units_at]), arcs.units).astype(np.int64)
    by_demand = defaultdict(list)
    for arc in np.flatnonzero((np.rint(x[prog.go_at]) > 0) & (working > 0)).tolist():
        by_demand[int(arcs.demand[arc])].append(arc)
    services: list[Service] = []
    taken: set[int] = set()
    for demand, ready in sorted(by_demand.items()):
        missing = int(problem.demand_quantity[demand])
        given = {}
        for arc in sorted(ready, key=lambda arc: (int(arcs.arrival_s[arc]), arc)):
            each = int(problem.module_quantity[arcs.module[arc]])
            if credit := min(missing, int(working[arc]) * each):
                given[arc] = Service(int(arcs.module[arc]), demand, -(-credit // each), credit)
                missing -= credit
        if problem.demand_quantity[demand] - missing >= problem.demand_minimum[demand]:
            services += given.values()
            taken |= {int(arcs.option[arc]) for arc in given}
    return DispatchSolution(
        options=tuple(sorted(taken)),
        services=tuple(sorted(services, key=lambda service: (service.demand, service.module))),
        stages=(),
    )


@dataclass(frozen=True, eq=False)
class Share:
    """Candidates that share something of which there may be too little.

    Parameters
    ----------
    key : IntArray, shape (A,)
        Group of each candidate.
    each : IntArray, shape (A,)
        What one unit takes of what the group shares.
    capacity : IntArray
        What each group shares.
    short : BoolArray, shape (A,)
        Whether it can run out for a candidate's group.
    """

    key: IntArray
    each: IntArray
    capacity: IntArray
    short: BoolArray


def units_of_modules(problem: DispatchProblem, arcs: Candidates) -> Share:
    """Return which candidates share the units of a module, as far as members suffice."""
    pair = arcs.option * len(problem.module_team) + arcs.module
    _pairs, first, key = np.unique(pair, return_index=True, return_inverse=True)
    module = arcs.module[first]
    members = problem.module_members[module]
    hands = problem.personnel[problem.module_team[module]]
    staffed = np.where(members > 0, hands // np.maximum(members, 1), problem.module_units[module])
    capacity = np.minimum(problem.module_units[module], staffed)
    return _shared(arcs, key, np.ones_like(key), capacity)


def members_of_teams(problem: DispatchProblem, arcs: Candidates) -> Share:
    """Return which candidates share the members of a team."""
    option, key = np.unique(arcs.option, return_inverse=True)
    members = problem.module_members[arcs.module]
    common = np.zeros(len(option), np.int64)
    np.gcd.at(common, key, members)
    common = np.maximum(common, 1)
    # a member left over by a common divisor of all crews can't work
    hands = problem.personnel[problem.option_team[option]] // common * common
    return _shared(arcs, key, members, hands)


def _shared(arcs: Candidates, key: IntArray, each: IntArray, capacity: IntArray) -> Share:
    load = np.zeros(len(capacity), np.int64)
    np.add.at(load, key, each * arcs.units)
    return Share(key, each, capacity, (load > capacity)[key] & (each > 0))


class _Rows:
    """Rows under construction."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.count = 0
        self.entries: list[tuple[IntArray, IntArray, FloatArray]] = []
        self.most: list[FloatArray] = [np.zeros(0)]

    def add(
        self,
        most: FloatArray | IntArray | list[int],
        *terms: tuple[IntArray, IntArray, FloatArray | IntArray | int],
    ) -> None:
        """Add one row for each limit; a term is (row, column, value) of its entries."""
        for row, column, value in terms:
            values = np.broadcast_to(np.asarray(value, np.float64), row.shape)
            self.entries.append((row + self.count, column, values))
        self.most.append(np.asarray(most, np.float64))
        self.count += len(most)

    def matrix(self) -> csr_array:
        none = np.zeros(0, np.int64)
        row, column, value = (
            np.concatenate(parts) for parts in zip((none, none, none), *self.entries, strict=True)
        )
        shape = (self.count, self.columns)
        return coo_array((value.astype(np.float64), (row, column)), shape=shape).tocsr()


def _send_once(rows: _Rows, problem: DispatchProblem, option: IntArray) -> None:
    teams, row = np.unique(problem.option_team[option], return_inverse=True)
    rows.add(np.ones(len(teams)), (row, np.arange(len(option)), 1))


def _credit_what_works(
    rows: _Rows,
    problem: DispatchProblem,
    arcs: Candidates,
    go_at: IntArray,
    credit_at: IntArray,
    units_at: IntArray,
) -> None:
    every = np.arange(len(credit_at))
    rows.add(np.zeros(len(every)), (every, credit_at, 1), (every, go_at, -arcs.most))
    own = np.flatnonzero(units_at > credit_at)
    row, each = np.arange(len(own)), problem.module_quantity[arcs.module[own]]
    rows.add(np.zeros(len(own)), (row, credit_at[own], 1), (row, units_at[own], -each))
    rows.add(np.zeros(len(own)), (row, units_at[own], 1), (row, go_at[own], -arcs.units[own]))


def _share(rows: _Rows, share: Share, go_at: IntArray, units_at: IntArray) -> None:
    arc = np.flatnonzero(share.short)
    groups, first, row = np.unique(share.key[arc], return_index=True, return_inverse=True)
    rows.add(
        np.zeros(len(groups)),
        (row, units_at[arc], share.each[arc]),
        (np.arange(len(groups)), go_at[arc[first]], -share.capacity[groups]),
    )


def _credit_what_is_wanted(
    rows: _Rows,
    problem: DispatchProblem,
    arcs: Candidates,
    credit_at: IntArray,
    demand: IntArray,
    served_at: IntArray,
) -> None:
    demands, row = np.unique(arcs.demand, return_inverse=True)
    gated = np.isin(demands, demand)
    gate = np.flatnonzero(gated)
    wanted = problem.demand_quantity[demands]
    rows.add(np.where(gated, 0, wanted), (row, credit_at, 1), (gate, served_at, -wanted[gate]))
    arc = np.flatnonzero(gated[row])
    rows.add(
        np.zeros(len(gate)),
        (np.searchsorted(gate, row[arc]), credit_at[arc], -1),
        (np.arange(len(gate)), served_at, problem.demand_minimum[demand]),
    )


def _count_missing(
    rows: _Rows, problem: DispatchProblem, option: IntArray, missing_at: IntArray
) -> None:
    team = problem.option_team[option]
    for floor, teams in enumerate(problem.floor_teams):
        gone = np.flatnonzero(np.isin(team, teams))
        limit = len(teams) - int(problem.floor_quantity[floor])
        rows.add([limit], (gone * 0, gone, 1), (np.zeros(1, np.int64), missing_at[[floor]], -1))


def _objectives(
    problem: DispatchProblem,
    arcs: Candidates,
    option: IntArray,
    credit_at: IntArray,
    missing_at: IntArray,
    columns: int,
) -> dict[str, FloatArray]:
    teams = len(problem.team_id)
    parts = {
        "met_by_target": (credit_at, arcs.worth * arcs.on_time),
        "met": (credit_at, arcs.worth),
        "arrival": (credit_at, arcs.worth * arcs.arrival_s),
        "floors": (missing_at, np.ones(len(missing_at))),
        "cost": (np.arange(len(option)), problem.option_cost_yuan[option] * (teams + 1) + 1),
    }
    objectives = {name: np.zeros(columns) for name in parts}
    for name, (column, value) in parts.items():
        objectives[name][column] = value
    return objectives


def _floats(*parts: FloatArray | IntArray) -> FloatArray:
    return np.concatenate(parts).astype(np.float64)
