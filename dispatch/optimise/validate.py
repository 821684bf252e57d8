"""Is a dispatch problem well formed? Every fault at once, before any solver sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from dispatch.errors import Fault, InputError
from dispatch.i18n import _, ngettext
from dispatch.optimise.lift import uses_by_option
from dispatch.optimise.problem import SHARE, DispatchProblem, IntArray, reference

LARGEST: Final = 2**60
"""No objective may reach this, so that 64-bit solvers can add and compare without overflow."""

_LEAST: Final = {
    "team_id": {"personnel": 0},
    "module_capability": {
        "module_team": 0,
        "module_units": 1,
        "module_quantity": 1,
        "module_members": 0,
    },
    "incident_id": {},
    "demand_id": {
        "demand_incident": 0,
        "demand_quantity": 1,
        "demand_minimum": 0,
        "demand_weight": 1,
        "demand_reference": 1,
        "demand_target_s": 0,
        "demand_latest_s": 0,
    },
    "option_team": {
        "option_team": 0,
        "option_incident": 0,
        "option_arrival_s": 0,
        "option_cost_yuan": 0,
    },
    "floor_id": {"floor_quantity": 0},
    "lift_id": {"lift_capacity": 0},
    "use_option": {
        "use_option": 0,
        "use_lift": 0,
        "use_quantity": 0,
        "use_from_s": 0,
        "use_until_s": 1,
    },
}
"""For each table (named by the field that sets its length): least value by column."""

_OR_EMPTY: Final = {"demand_reference"}
"""Columns of whole numbers that may be empty."""

_REFERS_TO: Final = {
    "module_team": "team_id",
    "demand_incident": "incident_id",
    "option_team": "team_id",
    "option_incident": "incident_id",
    "use_option": "option_team",
    "use_lift": "lift_id",
}

_FLAGS: Final = {"option_vehicles": "option_team", "module_portable": "module_capability"}
"""Columns of yes and no, which may be empty, and the column that sets the table's length."""


def validate(problem: DispatchProblem) -> None:
    """Refuse a problem whose arrays do not fit together.

    Raises
    ------
    InputError
        With every fault found. ``file`` is the table (teams, modules,
        incidents, demands, options, floors, lifts, uses), ``row`` its row
        counted from 1.
    """
    faults = list(_wrong_shapes(problem))
    if not faults:
        faults = [*_wrong_values(problem), *_wrong_ids(problem), *_wrong_floors(problem)]
    if not faults:
        faults = [*_wrong_demands(problem), *_wrong_uses(problem), *_too_large(problem)]
    if faults:
        raise InputError(faults)


def _wrong_shapes(problem: DispatchProblem) -> Iterator[Fault]:
    for key, columns in _LEAST.items():
        rows = np.size(getattr(problem, key))
        for column in columns:
            values = getattr(problem, column)
            free = column in _OR_EMPTY and not values.size
            if (values.shape != (rows,) and not free) or values.dtype != np.int64:
                yield _fault(
                    column,
                    None,
                    f"{values.dtype}{list(values.shape)}",
                    _("not a column of whole numbers as long as its table"),
                    _("give an int64 array of shape ({rows},)").format(rows=rows),
                )
    for column, like in _FLAGS.items():
        values, rows = getattr(problem, column), np.size(getattr(problem, like))
        if values.dtype != np.bool_ or values.shape not in ((rows,), (0,)):
            yield _fault(
                column,
                None,
                f"{values.dtype}{list(values.shape)}",
                _("not a column of yes and no as long as its table"),
                _("give a bool array of shape ({rows},) or an empty one").format(rows=rows),
            )
    for column, like in (("demand_capability", "demand_id"), ("floor_teams", "floor_id")):
        length, rows = len(getattr(problem, column)), len(getattr(problem, like))
        if length != rows:
            yield _fault(
                column,
                None,
                str(length),
                _("not as long as its table"),
                ngettext("give {rows} value", "give {rows} values", rows).format(rows=rows),
            )


def _wrong_values(problem: DispatchProblem) -> Iterator[Fault]:
    for columns in _LEAST.values():
        for column, least in columns.items():
            values: IntArray = getattr(problem, column)
            refers_to = _REFERS_TO.get(column)
            most = len(getattr(problem, refers_to)) - 1 if refers_to else LARGEST
            for row in np.flatnonzero((values < least) | (values > most)).tolist():
                yield _fault(
                    column,
                    row,
                    str(values[row]),
                    _("out of range"),
                    _("give {least} to {most}").format(least=least, most=most),
                )


def _wrong_ids(problem: DispatchProblem) -> Iterator[Fault]:
    for column in ("team_id", "incident_id", "demand_id", "floor_id", "lift_id"):
        ids: tuple[str, ...] = getattr(problem, column)
        times = Counter(ids)
        for row, name in enumerate(ids):
            if not name or times[name] > 1:
                yield _fault(
                    column, row, name, _("empty or repeated"), _("give each row an id of its own")
                )
    for column in ("module_capability", "demand_capability"):
        for row, name in enumerate(getattr(problem, column)):
            if not name:
                yield _fault(column, row, name, _("empty"), _("name the capability"))


def _wrong_floors(problem: DispatchProblem) -> Iterator[Fault]:
    for row, teams in enumerate(problem.floor_teams):
        if teams.ndim != 1 or teams.dtype != np.int64:
            yield _fault(
                "floor_teams",
                row,
                f"{teams.dtype}{list(teams.shape)}",
                _("not a list of whole numbers"),
                _("give a one-dimensional int64 array"),
            )
            continue
        members = teams.tolist()
        known = all(0 <= team < len(problem.team_id) for team in members)
        if not known or len(set(members)) != len(members):
            yield _fault(
                "floor_teams",
                row,
                str(members),
                _("unknown or repeated teams"),
                _("give each team of the floor once"),
            )


def _wrong_demands(problem: DispatchProblem) -> Iterator[Fault]:
    for row in np.flatnonzero(problem.demand_minimum > problem.demand_quantity).tolist():
        yield _fault(
            "demand_minimum",
            row,
            str(problem.demand_minimum[row]),
            _("the minimum useful quantity exceeds the quantity wanted"),
            _("give at most {most}").format(most=problem.demand_quantity[row]),
        )
    for row in np.flatnonzero(problem.demand_target_s > problem.demand_latest_s).tolist():
        yield _fault(
            "demand_target_s",
            row,
            str(problem.demand_target_s[row]),
            _("the target time is after the latest time"),
            _("give at most {most}").format(most=problem.demand_latest_s[row]),
        )


def _wrong_uses(problem: DispatchProblem) -> Iterator[Fault]:
    for row in np.flatnonzero(problem.use_until_s <= problem.use_from_s).tolist():
        yield _fault(
            "use_until_s",
            row,
            str(problem.use_until_s[row]),
            _("the use of a lift ends before it begins"),
            _("give more than {least}").format(least=problem.use_from_s[row]),
        )
    uses = uses_by_option(problem)
    for row, (option, lift) in enumerate(
        zip(problem.use_option.tolist(), problem.use_lift.tolist(), strict=True)
    ):
        capacity = int(problem.lift_capacity[lift])
        together = sum(
            use.quantity
            for use in uses[option]
            if use.lift == lift and use.from_s <= problem.use_from_s[row] < use.until_s
        )
        if together > capacity:
            yield _fault(
                "use_quantity",
                row,
                str(problem.use_quantity[row]),
                _("the option alone uses {used} of the lift at once").format(used=together),
                _("give at most {most} in all, or leave the option out").format(most=capacity),
            )


def _too_large(problem: DispatchProblem) -> Iterator[Fault]:
    """Worst sums in Python integers, since these can't overflow."""
    columns = (
        problem.demand_weight,
        reference(problem),
        problem.demand_quantity,
        problem.demand_latest_s,
    )
    rows = zip(
        *(column.tolist() for column in columns),
        _possible_services(problem).tolist(),
        strict=True,
    )
    # the worth of a credited unit as problem.points has it; solvers add up what every
    # service could be worth before they know that a demand is met but once
    worst = (
        max(weight * SHARE // whole, 1) * quantity * max(latest_s, 1) * max(services, 1)
        for weight, whole, quantity, latest_s, services in rows
    )
    if sum(worst) >= LARGEST:
        yield _fault(
            "demand_weight",
            None,
            None,
            _("weights times latest times are too large to be computed exactly"),
            _("use smaller weights"),
        )
    for column, other in (
        ("module_quantity", "module_units"),
        ("module_members", "module_units"),
        ("floor_quantity", None),
        ("personnel", None),
        ("use_quantity", None),
    ):
        values = getattr(problem, column).tolist()
        factors = getattr(problem, other).tolist() if other else [1] * len(values)
        if sum(value * factor for value, factor in zip(values, factors, strict=True)) >= LARGEST:
            yield _fault(
                column,
                None,
                None,
                _("the numbers are too large to be computed exactly"),
                _("use smaller numbers"),
            )
    if sum(problem.option_cost_yuan.tolist()) * (len(problem.team_id) + 1) >= LARGEST:
        yield _fault(
            "option_cost_yuan",
            None,
            None,
            _("the costs are too large to be computed exactly"),
            _("give costs in yuan"),
        )


def _possible_services(problem: DispatchProblem) -> IntArray:
    """Count the pairs of option and module that could serve each demand, shape (D,)."""
    known = sorted({*problem.module_capability, *problem.demand_capability})
    code = {name: number for number, name in enumerate(known)}
    has = np.zeros((len(problem.team_id), len(known)), np.int64)
    offered = np.array([code[c] for c in problem.module_capability], np.int64)
    np.add.at(has, (problem.module_team, offered), 1)
    able = np.zeros((len(problem.incident_id), len(known)), np.int64)
    np.add.at(able, problem.option_incident, has[problem.option_team])
    wanted = np.array([code[c] for c in problem.demand_capability], np.int64)
    services: IntArray = able[problem.demand_incident, wanted]
    return services


def _fault(column: str, row: int | None, value: str | None, problem: str, remedy: str) -> Fault:
    table = {"personnel": "team"}.get(column, column.split("_")[0])
    return Fault(f"{table}s", None if row is None else row + 1, column, value, problem, remedy)
