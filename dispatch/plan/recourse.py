"""What everybody may still do at one moment of a plan: go on as ordered, or a new way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dispatch.doctrine import Doctrine
from dispatch.network.itinerary import MODES
from dispatch.network.shuttle import LOAD_S
from dispatch.optimise.problem import DispatchProblem
from dispatch.plan.journeys import Journeys
from dispatch.plan.options import ROAD, Options, Use, options_of
from dispatch.plan.plan import Leg, Order
from dispatch.plan.position import Position
from dispatch.plan.prepare import Prepared, option_arrays, prepare
from dispatch.registry import Registry
from dispatch.scenario import Scenario

IntArray = NDArray[np.int64]

COLUMNS: Final = ("team", "incident", "mode", "arrive_s", "journey", "cost_yuan")
"""Of options, those first that order them."""


@dataclass(frozen=True, eq=False)
class Recourse:
    """The old orders by team, where they are, and which of them can be kept.

    Parameters
    ----------
    prepared : Prepared
        With all ways from where everybody is.
    afoot : Journeys or None
        Those of teams that have left their vehicles behind already.
    orders : mapping of str to Order
        By team, with the delays reported.
    positions : mapping of str to Position
    kept : frozenset of str
        Teams whose order can be kept.
    lost : frozenset of str
    late : frozenset of str
        Teams that a delay, and nothing else, has befallen.
    at_s : int
    """

    prepared: Prepared
    afoot: Journeys | None
    orders: Mapping[str, Order]
    positions: Mapping[str, Position]
    kept: frozenset[str]
    lost: frozenset[str]
    late: frozenset[str]
    at_s: int

    def holding(self, held: frozenset[str]) -> Prepared:
        """Return the problem in which some teams under way may not turn."""
        told = self.prepared.options
        return self._with([k for k in range(len(told.team)) if _open(self, held, k)])

    def keeping(self) -> Prepared:
        """Return the problem in which everybody does what he was ordered, as far as he can.

        Teams that are late go the way they were sent; nobody else goes a new one.
        """
        told, problem = self.prepared.options, self.prepared.problem
        return self._with([k for k in range(len(told.team)) if _as_told(self, problem, told, k)])

    def _with(self, new: Sequence[int]) -> Prepared:
        options = _options(self, new)
        problem = replace(self.prepared.problem, **option_arrays(options))
        parties = [
            row
            for row, team in enumerate(problem.team_id)
            if team in self.positions and self.positions[team].party
        ]
        # by road they go on in buses
        on_foot = np.isin(problem.option_team, parties)
        problem = replace(problem, option_vehicles=problem.option_vehicles & ~on_foot)
        return replace(self.prepared, options=options, problem=problem)


def prepare_from(
    registry: Registry,
    doctrine: Doctrine,
    told: Scenario,
    positions: Mapping[str, Position],
    late_s: Mapping[str, int],
    at_s: int,
    *,
    backend: str = "auto",
) -> tuple[Prepared, Journeys | None]:
    """Prepare the problem from where everybody is, and the journeys of parties under way.

    A party goes on by road once a bus is there; into a train or aircraft it
    changes without loading.

    Parameters
    ----------
    registry : Registry
        As it stands at that moment, see :func:`dispatch.plan.standing.standing`.
    late_s : mapping of str to int
        Delays reported, by team.
    """
    by_road = {
        team: (place.bus_s if place.party else place.ready_s) + late_s.get(team, 0)
        for team, place in positions.items()
    }
    found = prepare(registry, doctrine, told, backend=backend, asked_s=at_s, ready_s=by_road)
    aboard = {
        team: place.ready_s - LOAD_S + late_s.get(team, 0)
        for team, place in positions.items()
        if place.party
    }
    modes = tuple(mode for mode in told.policy.modes if mode != "road")
    if not (aboard and modes):
        return found, None
    # they have no vehicles that a train or aircraft would have to be worth leaving
    afoot = told.model_copy(update={"policy": told.policy.model_copy(update={"modes": modes})})
    other = prepare(
        registry, doctrine, afoot, backend=backend, asked_s=at_s, ready_s=by_road | aboard
    )
    by_bus = "road" in told.policy.modes
    options = options_of(registry, found.teams, found.travel, other.journeys, by_road=by_bus)
    theirs = np.flatnonzero(found.teams.index.isin(aboard))
    return replace(found, options=_exchanged(found.options, options, theirs)), other.journeys


def _exchanged(told: Options, other: Options, teams: IntArray) -> Options:
    """Return the options, those of some teams taken from other ones."""
    rows = np.flatnonzero(~np.isin(told.team, teams)), np.flatnonzero(np.isin(other.team, teams))
    columns = {
        name: np.concatenate([getattr(told, name)[rows[0]], getattr(other, name)[rows[1]]])
        for name in COLUMNS
    }
    return _sorted(columns, [*(told.uses[k] for k in rows[0]), *(other.uses[k] for k in rows[1])])


def _sorted(columns: Mapping[str, IntArray], uses: Sequence[tuple[Use, ...]]) -> Options:
    order = np.lexsort([columns[name] for name in reversed(COLUMNS[:5])])
    return Options(
        **{name: values[order] for name, values in columns.items()},
        uses=tuple(uses[k] for k in order),
    )


def _options(case: Recourse, wanted: Sequence[int]) -> Options:
    """Return the kept orders, and the ways that are wanted and free."""
    told, problem = case.prepared.options, case.prepared.problem
    row = {team: number for number, team in enumerate(problem.team_id)}
    place = {incident: number for number, incident in enumerate(problem.incident_id)}
    used = [
        leg
        for order in case.orders.values()
        for leg in order.legs
        if order.team_id in case.kept or leg.start_s < case.at_s
    ]
    new = [k for k in wanted if _free(told.uses[k], used)]
    kept = [case.orders[t] for t in sorted(case.kept) if t in row]
    columns = {
        "team": [row[order.team_id] for order in kept],
        "incident": [place[order.incident_id] for order in kept],
        "mode": [MODES.index(order.mode) for order in kept],
        "journey": [-1] * len(kept),
        "arrive_s": [order.arrive_s for order in kept],
        # what it costs is spent
        "cost_yuan": [0] * len(kept),
    }
    joined = {
        name: np.concatenate([getattr(told, name)[new], np.array(values, np.int64)])
        for name, values in columns.items()
    }
    uses = [*(told.uses[k] for k in new), *([()] * len(kept))]
    return _sorted(joined, uses)


def _open(case: Recourse, held: frozenset[str], k: int) -> bool:
    """Tell whether a team may take a new way."""
    told, problem = case.prepared.options, case.prepared.problem
    team = problem.team_id[told.team[k]]
    own = case.orders.get(team)
    if team in case.lost:
        return False
    if own is None:
        return True
    same = problem.incident_id[told.incident[k]] == own.incident_id
    if same and team in case.kept:
        return False
    place = case.positions[team]
    if place.party:
        return True
    if place.state == "under_way":
        return int(told.mode[k]) == ROAD and (same or team not in held)
    return place.state == "waiting"


def _as_told(case: Recourse, problem: DispatchProblem, told: Options, k: int) -> bool:
    """Tell whether a way is that of a team's order, which only a delay has befallen."""
    team = problem.team_id[told.team[k]]
    own = case.orders.get(team)
    if own is None or team not in case.late - case.kept - case.lost:
        return False
    same = problem.incident_id[told.incident[k]] == own.incident_id
    return same and MODES[int(told.mode[k])] == own.mode and not case.positions[team].party


def _free(uses: tuple[Use, ...], legs: Sequence[Leg]) -> bool:
    """Tell whether nothing that a journey uses is used by the plan, whoever keeps it."""
    for use in uses:
        kind, *rest = use.lift.split("/")
        for leg in legs:
            if kind == "aircraft" and leg.kind == "fly" and leg.service == rest[0]:
                return False
            ridden = kind != "aircraft" and leg.kind == "ride" and leg.service in use.lift
            if ridden and use.from_s <= leg.start_s < use.until_s:
                return False
    return True
