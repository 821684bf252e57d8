"""Malformed problems: each is refused, and the message names the value."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small import flags, ints, little_province, one_on_one, random_problem

from dispatch.errors import Fault, InputError
from dispatch.optimise import validate as validator
from dispatch.optimise.assign import solve
from dispatch.optimise.problem import DispatchProblem
from dispatch.optimise.validate import LARGEST, validate

sys.path.append(str(Path(__file__).parents[1]))
from messages import said, sentences

TABLE = {
    "personnel": "teams",
    "module_team": "modules",
    "module_units": "modules",
    "module_quantity": "modules",
    "module_members": "modules",
    "demand_incident": "demands",
    "demand_quantity": "demands",
    "demand_minimum": "demands",
    "demand_weight": "demands",
    "demand_reference": "demands",
    "demand_target_s": "demands",
    "demand_latest_s": "demands",
    "option_team": "options",
    "option_incident": "options",
    "option_arrival_s": "options",
    "option_cost_yuan": "options",
    "floor_quantity": "floors",
    "lift_capacity": "lifts",
    "use_option": "uses",
    "use_lift": "uses",
    "use_quantity": "uses",
    "use_from_s": "uses",
    "use_until_s": "uses",
}
"""Every column of integers, and the table that a message must name."""

SMALLEST = dict.fromkeys(TABLE, 0) | dict.fromkeys(
    (
        *("module_units", "module_quantity", "use_until_s"),
        *("demand_quantity", "demand_weight", "demand_reference"),
    ),
    1,
)

ROWS = {
    "module_team": 3,
    "demand_incident": 2,
    "option_team": 3,
    "option_incident": 2,
    "use_option": 6,
    "use_lift": 2,
}
"""Columns that name rows of another table, and how many it has."""


FLAGS = {"option_vehicles": "options", "module_portable": "modules"}


def lifted_province() -> DispatchProblem:
    """Return the little province with two lifts: ways 0 and 2 fly, way 3 goes by train."""
    return replace(
        little_province(),
        demand_reference=ints(40, 20, 4, 10),
        option_vehicles=flags(False, True, False, False, True, True),
        module_portable=flags(True, True, True, False),
        lift_id=("plane", "train"),
        lift_capacity=ints(1, 50),
        use_option=ints(0, 2, 3),
        use_lift=ints(0, 0, 1),
        use_quantity=ints(1, 1, 40),
        use_from_s=ints(0, 0, 100),
        use_until_s=ints(900, 1500, 800),
    )


def places(problem: DispatchProblem) -> list[tuple[str, int | None, str | None, str | None]]:
    """Return file, row, column and value of every fault."""
    return [(fault.file, fault.row, fault.column, fault.value) for fault in faults(problem)]


def faults(problem: DispatchProblem) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as refused:
        validate(problem)
    assert all(fault.problem and fault.remedy for fault in refused.value.faults)
    return tuple(refused.value.faults)


def broken(column: str, row: int, value: object) -> DispatchProblem:
    """Return the lifted province with one value replaced."""
    problem = lifted_province()
    values: Any = getattr(problem, column)
    if isinstance(values, tuple):
        return replace(problem, **{column: (*values[:row], value, *values[row + 1 :])})  # type: ignore[arg-type]
    changed = values.copy()
    changed[row] = value
    return replace(problem, **{column: changed})


MALFORMED = {
    "a column too short": (
        "teams [personnel] 'int64[2]': not a column of whole numbers as long as its table"
        " → give an int64 array of shape (3,)",
        {"personnel": ints(5, 4)},
    ),
    "flags that are numbers": (
        "options [option_vehicles] 'int64[6]': not a column of yes and no as long as its table"
        " → give a bool array of shape (6,) or an empty one",
        {"option_vehicles": ints(1, 1, 1, 1, 1, 1)},
    ),
    "a tuple too short": (
        "demands [demand_capability] '3': not as long as its table → give 4 values",
        {"demand_capability": ("pump", "pump", "search")},
    ),
    "a value below the least": (
        "teams:2 [personnel] '-4': out of range → give 0 to 1152921504606846976",
        {"personnel": ints(5, -4, 3)},
    ),
    "a team that is not there": (
        "modules:4 [module_team] '3': out of range → give 0 to 2",
        {"module_team": ints(0, 0, 1, 3)},
    ),
    "an id twice": (
        "lifts:1 [lift_id] 'plane': empty or repeated → give each row an id of its own\n"
        "lifts:2 [lift_id] 'plane': empty or repeated → give each row an id of its own",
        {"lift_id": ("plane", "plane")},
    ),
    "a capability without a name": (
        "modules:1 [module_capability] '': empty → name the capability",
        {"module_capability": ("", "search", "search", "pump")},
    ),
    "a floor of no list": (
        "floors:1 [floor_teams] 'int64[1, 1]': not a list of whole numbers"
        " → give a one-dimensional int64 array",
        {"floor_teams": (ints(1).reshape(1, 1),)},
    ),
    "a floor with a team twice": (
        "floors:1 [floor_teams] '[1, 1]': unknown or repeated teams"
        " → give each team of the floor once",
        {"floor_teams": (ints(1, 1),)},
    ),
    "a minimum above the quantity": (
        "demands:4 [demand_minimum] '11': the minimum useful quantity exceeds the quantity wanted"
        " → give at most 10",
        {"demand_minimum": ints(20, 0, 0, 11)},
    ),
    "a target after the latest time": (
        "demands:2 [demand_target_s] '3001': the target time is after the latest time"
        " → give at most 3000",
        {"demand_target_s": ints(600, 3001, 1000, 900)},
    ),
    "a use that ends before it begins": (
        "uses:3 [use_until_s] '100': the use of a lift ends before it begins → give more than 100",
        {"use_until_s": ints(900, 1500, 100)},
    ),
    "an option too large for its lift": (
        "uses:3 [use_quantity] '51': the option alone uses 51 of the lift at once"
        " → give at most 50 in all, or leave the option out",
        {"use_quantity": ints(1, 1, 51)},
    ),
    "a weight too large": (
        "demands [demand_weight]: weights times latest times are too large to be computed exactly"
        " → use smaller weights",
        {"demand_weight": ints(10**11, 1, 1, 2)},
    ),
    "too many members": (
        "teams [personnel]: the numbers are too large to be computed exactly → use smaller numbers",
        {"personnel": ints(2**59, 2**59, 3)},
    ),
    "costs too large": (
        "options [option_cost_yuan]: the costs are too large to be computed exactly"
        " → give costs in yuan",
        {"option_cost_yuan": ints(2**59, 50, 300, 200, 10, 150)},
    ),
}
"""The lifted province with one column changed, and all that is said of it."""


@pytest.mark.parametrize(("text", "change"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_good_problem_broken_in_one_way_is_refused_for_that(
    text: str, change: dict[str, Any]
) -> None:
    validate(lifted_province())
    found = faults(replace(lifted_province(), **change))
    assert "\n".join(map(str, found)) == text


def test_every_sentence_of_the_validator_is_said_of_one_of_them() -> None:
    found = [
        fault
        for _text, change in MALFORMED.values()
        for fault in faults(replace(lifted_province(), **change))
    ]
    assert {
        said(validator, text) for fault in found for text in (fault.problem, fault.remedy)
    } == sentences(validator)


def test_accepts_what_is_well_formed() -> None:
    validate(little_province())
    validate(lifted_province())
    validate(one_on_one())
    for seed in range(50):
        validate(random_problem(seed))


@pytest.mark.parametrize("column", TABLE)
def test_value_below_the_least(column: str) -> None:
    value = SMALLEST[column] - 1
    assert (TABLE[column], 1, column, str(value)) in places(broken(column, 0, value))


@pytest.mark.parametrize("column", TABLE)
def test_least_value_is_in_range(column: str) -> None:
    """The least value itself is no fault of this column, whatever else it breaks."""
    problem = broken(column, 0, SMALLEST[column])
    if column not in ("demand_quantity", "demand_latest_s", "lift_capacity"):  # others exceed them
        validate(problem)
    else:
        assert column not in {named for _, _, named, _ in places(problem)}


@pytest.mark.parametrize("column", TABLE)
def test_value_too_large(column: str) -> None:
    value = ROWS.get(column, LARGEST + 1)
    assert (TABLE[column], 1, column, str(value)) in places(broken(column, 0, value))


@pytest.mark.parametrize("column", TABLE)
@pytest.mark.parametrize("wrong", ["short", "float", "int32", "matrix"])
def test_column_of_another_shape_or_type(column: str, wrong: str) -> None:
    problem = lifted_province()
    values = getattr(problem, column)
    changed = {
        "short": values[:-1],
        "float": values.astype(np.float64),
        "int32": values.astype(np.int32),
        "matrix": values.reshape(1, -1),
    }[wrong]
    named = f"{changed.dtype}{list(changed.shape)}"
    malformed = replace(problem, **{column: changed})
    found = places(malformed)
    if column in ("option_team", "use_option") and wrong == "short":  # sets the table's length
        other = {"option_team": "option_incident", "use_option": "use_lift"}[column]
        length = len(getattr(problem, other))
        assert (TABLE[column], None, other, f"int64[{length}]") in found
    else:
        assert found == [(TABLE[column], None, column, named)]


@pytest.mark.parametrize(
    ("column", "file"),
    [
        ("team_id", "teams"),
        ("incident_id", "incidents"),
        ("demand_id", "demands"),
        ("floor_id", "floors"),
        ("lift_id", "lifts"),
    ],
)
def test_id_empty_or_repeated(column: str, file: str) -> None:
    assert places(broken(column, 0, "")) == [(file, 1, column, "")]
    if column == "floor_id":
        return
    other = getattr(lifted_province(), column)[1]
    assert places(broken(column, 0, other)) == [(file, 1, column, other), (file, 2, column, other)]


@pytest.mark.parametrize(
    ("column", "file"), [("module_capability", "modules"), ("demand_capability", "demands")]
)
def test_capability_without_a_name(column: str, file: str) -> None:
    assert places(broken(column, 2, "")) == [(file, 3, column, "")]


@pytest.mark.parametrize(
    ("column", "file"), [("demand_capability", "demands"), ("floor_teams", "floors")]
)
def test_tuple_of_another_length(column: str, file: str) -> None:
    problem = replace(little_province(), **{column: ()})  # type: ignore[arg-type]
    assert places(problem) == [(file, None, column, "0")]


@pytest.mark.parametrize("teams", [(3,), (-1,), (1, 1)])
def test_floor_of_unknown_or_repeated_teams(teams: tuple[int, ...]) -> None:
    assert places(broken("floor_teams", 0, ints(*teams))) == [
        ("floors", 1, "floor_teams", str(list(teams)))
    ]


@pytest.mark.parametrize("teams", [np.array([1.0]), np.array([[1]]), np.array([1], dtype=np.int32)])
def test_floor_teams_of_another_shape_or_type(teams: object) -> None:
    [(file, row, column, _)] = places(broken("floor_teams", 0, teams))
    assert (file, row, column) == ("floors", 1, "floor_teams")


def test_minimum_above_the_quantity() -> None:
    assert places(broken("demand_minimum", 3, 11)) == [("demands", 4, "demand_minimum", "11")]
    validate(broken("demand_minimum", 3, 10))


def test_target_after_latest() -> None:
    assert places(broken("demand_target_s", 1, 3001)) == [("demands", 2, "demand_target_s", "3001")]
    validate(broken("demand_target_s", 1, 3000))


@pytest.mark.parametrize(("column", "file"), FLAGS.items())
@pytest.mark.parametrize(
    "values", [flags(True), np.ones(6, np.int64), flags(*[True] * 6).reshape(2, 3)]
)
def test_flags_of_another_shape_or_type(column: str, file: str, values: Any) -> None:
    problem = replace(lifted_province(), **{column: values})
    assert places(problem) == [(file, None, column, f"{values.dtype}{list(values.shape)}")]


def test_use_that_ends_before_it_begins() -> None:
    assert places(broken("use_until_s", 1, 0)) == [("uses", 2, "use_until_s", "0")]
    validate(broken("use_until_s", 1, 1))


def test_option_that_alone_uses_more_than_there_is() -> None:
    assert places(broken("use_quantity", 2, 51)) == [("uses", 3, "use_quantity", "51")]
    validate(broken("use_quantity", 2, 50))


def test_option_that_uses_one_lift_twice_at_once() -> None:
    """Both uses of the plane fall on way 0; from 0 on it would need two of it."""
    problem = broken("use_option", 1, 0)
    assert places(problem) == [
        ("uses", 1, "use_quantity", "1"),
        ("uses", 2, "use_quantity", "1"),
    ]
    validate(replace(problem, use_from_s=ints(0, 900, 100)))
    validate(replace(problem, lift_capacity=ints(2, 50)))


def test_uses_that_would_overflow() -> None:
    problem = replace(
        lifted_province(), lift_capacity=ints(2**60, 50), use_quantity=ints(2**59, 2**59, 1)
    )
    assert places(problem) == [("uses", None, "use_quantity", None)]


@pytest.mark.parametrize("weight", [10**11, 10**13, 10**15, 2**60])
def test_weight_whose_points_would_overflow(weight: int) -> None:
    """A weight of 2**60 times 100,000 points wraps to 0 in 64 bits."""
    [(file, _, column, _)] = places(broken("demand_weight", 0, weight))
    assert (file, column) == ("demands", "demand_weight")


def test_costs_that_would_overflow() -> None:
    [(file, _, column, _)] = places(broken("option_cost_yuan", 0, 2**59))
    assert (file, column) == ("options", "option_cost_yuan")


def test_names_every_fault_at_once() -> None:
    problem = replace(
        little_province(),
        personnel=ints(5, -4, 3),
        demand_capability=("pump", "", "search", "search"),
        floor_id=("",),
    )
    assert places(problem) == [
        ("teams", 2, "personnel", "-4"),
        ("floors", 1, "floor_id", ""),
        ("demands", 2, "demand_capability", ""),
    ]


def test_message_says_where_what_and_how_to_mend_it() -> None:
    with pytest.raises(InputError, match=r"^teams:2 \[personnel\] '-4': out of range → give 0 to "):
        validate(broken("personnel", 1, -4))


def test_solve_refuses_before_it_solves() -> None:
    with pytest.raises(InputError, match="demand_minimum"):
        solve(broken("demand_minimum", 0, 41))
