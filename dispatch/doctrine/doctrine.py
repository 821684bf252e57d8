"""The doctrine: rules that stand in tables, and the questions they answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from dispatch.doctrine.floors import reserve_floors
from dispatch.doctrine.levels import amounts, decide
from dispatch.doctrine.needs import requirements
from dispatch.doctrine.pools import delay_table, place_codes, release_delays
from dispatch.doctrine.records import (
    CONTROL_LEVELS,
    LEVELS,
    TIERS,
    Command,
    Floor,
    FloorRule,
    Impact,
    IncidentType,
    IntArray,
    LevelDecision,
    LevelRule,
    PoolRule,
    Priority,
    Requirement,
    RequirementRule,
    Tier,
    Trouble,
)
from dispatch.errors import Fault, InputError
from dispatch.i18n import _


@dataclass(frozen=True)
class Doctrine:
    """All rules of the doctrine, as the tables hold them.

    Parameters
    ----------
    impacts, incident_types, levels, commands, tiers, pools : tuple
    requirements, priorities, floors : tuple
        Rows of the tables of the same names, in the order of the files; tiers
        in the order in which they are used.
    neighbours : frozenset of pairs of str
        Codes of cities with a common border, both ways round.
    """

    impacts: tuple[Impact, ...]
    incident_types: tuple[IncidentType, ...]
    levels: tuple[LevelRule, ...]
    commands: tuple[Command, ...]
    tiers: tuple[Tier, ...]
    pools: tuple[PoolRule, ...]
    requirements: tuple[RequirementRule, ...]
    priorities: tuple[Priority, ...]
    floors: tuple[FloorRule, ...]
    neighbours: frozenset[tuple[str, str]]

    @cached_property
    def types(self) -> dict[str, IncidentType]:
        """The incident types by their codes."""
        return {item.incident_type: item for item in self.incident_types}

    def level_rules(self, incident_type: str) -> list[LevelRule]:
        """Return the level rules of a type, in the order of its sets and of the table."""
        sets = self.types[incident_type].level_rules
        return [rule for name in sets for rule in self.levels if rule.rule_set == name]

    def requirement_rules(self, incident_type: str) -> list[RequirementRule]:
        """Return the requirement rules of a type."""
        return [rule for rule in self.requirements if rule.incident_type == incident_type]

    @cached_property
    def weights(self) -> dict[int, int]:
        """The weight of each priority."""
        return {item.priority: item.weight for item in self.priorities}

    def troubles(self, incident_type: str, impact: Mapping[str, float]) -> tuple[Trouble, ...]:
        """Return everything wrong with the type and figures of an incident."""
        if incident_type not in self.types:
            problem, remedy = _("unknown incident type"), _("use {codes}")
            remedy = remedy.format(codes=" | ".join(self.types))
            return (Trouble("type", incident_type, problem, remedy),)
        return tuple(self._impact_troubles(self.types[incident_type], impact))

    def _impact_troubles(
        self, kind: IncidentType, impact: Mapping[str, float]
    ) -> Iterator[Trouble]:
        for key, value in impact.items():
            if key not in kind.impacts:
                problem = _("this type of incident has no such impact figure")
                remedy = _("use {codes}").format(codes=" | ".join(kind.impacts))
                yield Trouble(key, f"{value:g}", problem, remedy)
            elif not (isfinite(value) and value >= 0):
                problem, remedy = _("is out of range"), _("use a number {limit}")
                yield Trouble(key, f"{value:g}", problem, remedy.format(limit="≥ 0"))

    def derive_level(self, incident_type: str, impact: Mapping[str, float]) -> LevelDecision:
        """Find the response level of an incident and the rule that sets it.

        Parameters
        ----------
        incident_type : str
        impact : mapping of str to float
            Figures reported; one that is not reported counts as 0.

        Raises
        ------
        InputError
            If the type or a figure is unknown to the doctrine, or a figure is
            negative or not finite.
        """
        self._check(incident_type, impact)
        return decide(self.level_rules(incident_type), amounts(self.impacts, impact))

    def default_demands(
        self, incident_type: str, impact: Mapping[str, float]
    ) -> tuple[Requirement, ...]:
        """Return what an incident needs by its type and figures.

        Quantities are whole numbers in the unit of the capability. Raises as
        :meth:`derive_level` does.
        """
        self._check(incident_type, impact)
        rules = self.requirement_rules(incident_type)
        return requirements(rules, amounts(self.impacts, impact), max(self.weights))

    def places(self, team_adcode: Sequence[str], incident_adcode: Sequence[str]) -> IntArray:
        """Return where teams lie, seen from the incidents: shape (T, I), indices into PLACES."""
        return place_codes(team_adcode, incident_adcode, self.neighbours)

    def release(
        self,
        level: Sequence[str],
        tier: Sequence[str],
        control_level: Sequence[str],
        place: IntArray,
    ) -> NDArray[np.float64]:
        """Return after how many seconds each team may be ordered to each incident.

        Parameters
        ----------
        level : sequence of str, length I
            Level at which each incident is answered.
        tier, control_level : sequence of str, length T
            Of each team.
        place : IntArray, shape (T, I)
            As :meth:`places` gives it.

        Returns
        -------
        array of float, shape (T, I)
            Seconds; inf where the level does not unlock the team.
        """
        return release_delays(self.pools, level, tier, control_level, place)

    def unlocking_level(self, tier: str, control_level: str, place: int) -> str | None:
        """Return the lowest level that unlocks teams of a kind at a place, None for no level."""
        delays = delay_table(self.pools)[:, TIERS.index(tier), CONTROL_LEVELS.index(control_level)]
        unlocking = [
            level
            for level, delay in zip(LEVELS, delays[:, place], strict=True)
            if np.isfinite(delay)
        ]
        return unlocking[-1] if unlocking else None

    def floors_at(
        self, level: str, team_adcode: Sequence[str], tier: Sequence[str], kind: Sequence[str]
    ) -> tuple[Floor, ...]:
        """Return the reserve floors that hold at a level, area by area.

        ``team_adcode`` (county, GB/T 2260), ``tier`` and ``kind`` describe the
        teams, one entry each.
        """
        rules = [rule for rule in self.floors if rule.level == level]
        return reserve_floors(rules, team_adcode, tier, kind)

    def commands_at(self, level: str) -> tuple[Command, ...]:
        """Return what county, city and province do at a level."""
        return tuple(item for item in self.commands if item.level == level)

    def commander(self, level: str) -> Command:
        """Return who commands at a level."""
        return next(item for item in self.commands_at(level) if item.role == "commands")

    def _check(self, incident_type: str, impact: Mapping[str, float]) -> None:
        troubles: Iterable[Trouble] = self.troubles(incident_type, impact)
        faults = [
            Fault(_("incident"), None, item.key, item.value, item.problem, item.remedy)
            for item in troubles
        ]
        if faults:
            raise InputError(faults)
