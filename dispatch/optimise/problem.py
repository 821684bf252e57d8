"""The dispatch problem as plain integer arrays.

Everything a solver or the checker needs stands here and nothing else: no
tables, no graphs, no names beyond the identifiers that label the rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SHARE: Final = 100_000
"""The reference quantity of a demand is worth ``weight * SHARE`` points, whatever its unit."""

TERMINATIONS: Final = ("optimal", "time_limit", "heuristic")
"""How a stage ends: proved, stopped with a proved bound, or never solved."""


def _no_rows() -> IntArray:
    return np.zeros(0, np.int64)


def _no_flags() -> BoolArray:
    return np.zeros(0, np.bool_)


@dataclass(frozen=True, eq=False)
class DispatchProblem:
    """Who could go where, when, with what; and what is wanted.

    Rows are teams (T), modules (M), incidents (I), demands (D), options (O),
    reserve floors (F), lifts (L) and uses of lifts (U). Times are seconds after
    the start of the scenario.

    Parameters
    ----------
    team_id : tuple of str, length T
    personnel : IntArray, shape (T,)
        Members of each team; one member works on one module at a time.
    module_team, module_units, module_quantity, module_members : IntArray, shape (M,)
        A module is one capability of one team: so many equal units, what one
        unit gives in the capability's unit, and the members it ties.
    module_capability : tuple of str, length M
    incident_id : tuple of str, length I
    demand_id, demand_capability : tuple of str, length D
    demand_incident, demand_quantity, demand_minimum : IntArray, shape (D,)
        Less than the minimum useful quantity is worth nothing: a demand is
        served with at least its minimum or not at all.
    demand_weight, demand_target_s, demand_latest_s : IntArray, shape (D,)
        What arrives after ``latest`` does not count at all; what arrives
        after ``target`` counts for the second stage only.
    option_team, option_incident, option_arrival_s, option_cost_yuan : IntArray, shape (O,)
        An option is one prepared way for one team to reach one incident. A
        place that can't be reached has no option.
    floor_id : tuple of str, length F
    floor_quantity : IntArray, shape (F,)
        What should stay behind, in teams.
    floor_teams : tuple of IntArray, length F
        Teams that count towards each floor.
    demand_reference : IntArray, shape (D,) or empty
        The quantity that the weight is for. One reference for all demands of a
        capability makes a unit worth the same wherever it serves. Empty: each
        demand's own quantity, so that a small demand is worth as much as a
        large one.
    option_vehicles : BoolArray, shape (O,) or empty
        Whether the team's own vehicles come along this way. Empty: on every way.
    module_portable : BoolArray, shape (M,) or empty
        Whether the module works without the team's vehicles. Empty: all do. A
        module serves by an option only if one of the two is true.
    lift_id : tuple of str, length L
        What several options share: an aircraft, the free seats of a train.
    lift_capacity : IntArray, shape (L,)
        How much of a lift can be used at any one moment: 1 aircraft, so many seats.
    use_option, use_lift, use_quantity, use_from_s, use_until_s : IntArray, shape (U,)
        The option, if taken, uses so much of the lift at every moment from
        ``from`` until just before ``until``. The chosen options together never
        use a lift beyond its capacity. An aircraft is busy from leaving its
        base until it is back, turned round and refuelled; its sorties in
        sequence are options that use it one after the other.
    """

    team_id: tuple[str, ...]
    personnel: IntArray
    module_team: IntArray
    module_capability: tuple[str, ...]
    module_units: IntArray
    module_quantity: IntArray
    module_members: IntArray
    incident_id: tuple[str, ...]
    demand_id: tuple[str, ...]
    demand_capability: tuple[str, ...]
    demand_incident: IntArray
    demand_quantity: IntArray
    demand_minimum: IntArray
    demand_weight: IntArray
    demand_target_s: IntArray
    demand_latest_s: IntArray
    option_team: IntArray
    option_incident: IntArray
    option_arrival_s: IntArray
    option_cost_yuan: IntArray
    floor_id: tuple[str, ...]
    floor_quantity: IntArray
    floor_teams: tuple[IntArray, ...]
    demand_reference: IntArray = field(default_factory=_no_rows)
    option_vehicles: BoolArray = field(default_factory=_no_flags)
    module_portable: BoolArray = field(default_factory=_no_flags)
    lift_id: tuple[str, ...] = ()
    lift_capacity: IntArray = field(default_factory=_no_rows)
    use_option: IntArray = field(default_factory=_no_rows)
    use_lift: IntArray = field(default_factory=_no_rows)
    use_quantity: IntArray = field(default_factory=_no_rows)
    use_from_s: IntArray = field(default_factory=_no_rows)
    use_until_s: IntArray = field(default_factory=_no_rows)


@dataclass(frozen=True)
class Service:
    """What one module of a dispatched team does for one demand.

    Parameters
    ----------
    module, demand : int
        Rows of the problem.
    units : int
        Units of the module at work there, at least 1.
    quantity : int
        What is credited to the demand, at least 1 and at most ``units`` times
        what a unit gives; credits of a demand never exceed its quantity.
    """

    module: int
    demand: int
    units: int
    quantity: int


@dataclass(frozen=True)
class StageResult:
    """How one lexicographic stage ended.

    Parameters
    ----------
    name : {"met_by_target", "met", "arrival", "floors", "cost"}
    sense : {"max", "min"}
    value, bound : int
        Objective of the solution returned and the proved bound on it, in the
        stage's own unit (points, points, point-seconds, teams, yuan).
    termination : {"optimal", "time_limit", "heuristic"}
    """

    name: str
    sense: str
    value: int
    bound: int
    termination: str

    @property
    def gap(self) -> float:
        """Relative gap ``|bound - value| / max(|value|, 1)``."""
        return abs(self.bound - self.value) / max(abs(self.value), 1)


@dataclass(frozen=True)
class DispatchSolution:
    """A set of chosen options and what the teams do on arrival.

    Parameters
    ----------
    options : tuple of int
        Chosen options in ascending order, at most one for each team.
    services : tuple of Service
        In ascending order of (demand, module).
    stages : tuple of StageResult
        In the order in which they were solved.
    """

    options: tuple[int, ...]
    services: tuple[Service, ...]
    stages: tuple[StageResult, ...]


STAGES: Final = (
    ("met_by_target", "max"),
    ("met", "max"),
    ("arrival", "min"),
    ("floors", "min"),
    ("cost", "min"),
)
"""The lexicographic stages in order, with their sense.

With ``point[d] = weight[d] * SHARE // reference[d]``, ``credit`` the quantity a
service is credited with and ``arrival`` the arrival of the team that gives it:

1. ``met_by_target``: sum of point * credit over services that arrive by the target;
2. ``met``: sum of point * credit;
3. ``arrival``: sum of point * credit * arrival_s;
4. ``floors``: teams missing from the floors once the dispatched ones have left;
5. ``cost``: sum of option_cost_yuan over the chosen options.
"""


def points(problem: DispatchProblem) -> IntArray:
    """Return what one credited unit of each demand is worth, shape (D,)."""
    worth: IntArray = problem.demand_weight * SHARE // reference(problem)
    return np.maximum(worth, 1)


def reference(problem: DispatchProblem) -> IntArray:
    """Return the quantity that the weight of each demand is for, shape (D,)."""
    stated = problem.demand_reference
    return stated if stated.size else problem.demand_quantity


def vehicles(problem: DispatchProblem) -> BoolArray:
    """Return whether the team's vehicles come along each option, shape (O,)."""
    flags = problem.option_vehicles
    return flags if flags.size else np.ones(len(problem.option_team), np.bool_)


def portable(problem: DispatchProblem) -> BoolArray:
    """Return whether each module works without its team's vehicles, shape (M,)."""
    flags = problem.module_portable
    return flags if flags.size else np.ones(len(problem.module_team), np.bool_)
