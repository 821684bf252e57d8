"""The rows of the doctrine tables, and the answers that the rules give.

Each record of a table says by ``status`` and ``source`` on what ground it
stands. Text for people comes in Chinese and, with ``_en``, in English.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

LEVELS: Final = ("I", "II", "III", "IV")
"""Response levels, the most severe first."""

TIERS: Final = ("main", "assault", "specialist", "auxiliary")
"""Tiers of forces in the order in which they are used."""

CONTROL_LEVELS: Final = ("county", "city", "province")
"""Who may order a team out."""

FIRST: Final = "first"
REINFORCEMENT: Final = "reinforcement"
"""Waves of a need: every incident gets its first before any gets its reinforcement."""

PLACES: Final = ("own_county", "own_city", "neighbour_city", "province")
"""Where a team lies, seen from the incident; the index into this is its code."""

TEAM_KINDS: Final = (
    "fire_brigade",
    "fire_detachment",
    "mine_rescue",
    "hazmat",
    "forest_fire",
    "earthquake",
    "flood",
    "medical",
    "engineering",
    "communication",
    "armed_police",
    "military",
    "social",
)
"""Kinds of team, as in the table of teams."""

AREAS: Final = ("county", "city", "province")
"""Areas in which a reserve floor holds."""


@dataclass(frozen=True)
class Impact:
    """A figure by which the size of an event is told.

    ``sum_of`` names the figures of which it is the sum; it is empty for a
    figure that is reported itself.
    """

    impact: str
    name: str
    name_en: str
    unit: str
    unit_en: str
    sum_of: tuple[str, ...]
    status: str
    source: str


@dataclass(frozen=True)
class Department:
    """A department with a part in one type of incident; ``role`` is lead or coordinating."""

    incident_type: str
    department: str
    department_en: str
    role: str
    status: str
    source: str


@dataclass(frozen=True)
class IncidentType:
    """A type of incident: who leads, and by which sets of rules its level is found.

    ``impacts`` are the figures that may be reported for it.
    """

    incident_type: str
    name: str
    name_en: str
    headquarters: str
    headquarters_en: str
    level_rules: tuple[str, ...]
    impacts: tuple[str, ...]
    departments: tuple[Department, ...]
    status: str
    source: str

    @property
    def leading(self) -> tuple[Department, ...]:
        """The departments that lead."""
        return tuple(item for item in self.departments if item.role == "lead")

    @property
    def coordinating(self) -> tuple[Department, ...]:
        """The departments that help."""
        return tuple(item for item in self.departments if item.role == "coordinating")


@dataclass(frozen=True)
class LevelRule:
    """One condition: at ``minimum`` of the impact figure and above, the level is at least this."""

    rule: str
    rule_set: str
    level: str
    impact: str
    minimum: float
    text: str
    text_en: str
    status: str
    source: str


@dataclass(frozen=True)
class Considered:
    """A rule that was looked at, the figure it met (None: not reported) and whether it fired."""

    rule: LevelRule
    value: float | None
    fired: bool


@dataclass(frozen=True)
class LevelDecision:
    """The level of one incident, the rule that set it, and every rule looked at."""

    level: str
    rule: LevelRule
    considered: tuple[Considered, ...]


@dataclass(frozen=True)
class Command:
    """What one tier of government does at one level.

    ``authority`` is province, city or county; ``role`` is commands,
    carries_out, first_response or guides.
    """

    level: str
    authority: str
    role: str
    headquarters: str
    headquarters_en: str
    text: str
    text_en: str
    status: str
    source: str


@dataclass(frozen=True)
class Tier:
    """A tier of forces; the lowest ``rank`` is used first."""

    tier: str
    rank: int
    name: str
    name_en: str
    meaning: str
    meaning_en: str
    status: str
    source: str


@dataclass(frozen=True)
class PoolRule:
    """A level unlocks teams of a tier and control level at a place, after a delay."""

    level: str
    tier: str
    control_level: str
    place: str
    delay_s: int
    basis: str
    basis_en: str
    status: str
    source: str


@dataclass(frozen=True)
class RequirementRule:
    """What a type of incident needs of one capability.

    The quantity is ``base_quantity`` and ``per_impact`` for each unit of the
    impact figure beyond ``impact_from``, rounded up to a multiple of
    ``rounding`` and cut at ``maximum``. ``first_share`` of it is the first wave;
    the rest is the reinforcement, wanted at the priority below. Times are minutes from the start.
    """

    requirement: str
    incident_type: str
    capability: str
    base_quantity: int
    impact: str
    impact_from: float
    per_impact: float
    rounding: int
    maximum: int | None
    first_share: float
    minimum_share: float
    priority: int
    target_min: int
    latest_min: int
    basis: str
    basis_en: str
    status: str
    source: str


@dataclass(frozen=True)
class Requirement:
    """A need of one incident, in the capability's unit, and the rule that asks for it.

    Less than ``minimum`` is of no use. ``wave`` is :data:`FIRST` or
    :data:`REINFORCEMENT`, or empty where all is wanted at once.
    """

    capability: str
    quantity: int
    minimum: int
    priority: int
    target_min: int
    latest_min: int
    rule: RequirementRule
    wave: str = ""


@dataclass(frozen=True)
class Priority:
    """What a unit of demand of one priority weighs."""

    priority: int
    weight: int
    name: str
    name_en: str
    meaning: str
    meaning_en: str
    status: str
    source: str


@dataclass(frozen=True)
class FloorRule:
    """What stays behind in each area of a kind at one level.

    ``tier`` and ``kind`` say which teams count; an empty one lets all count.
    """

    floor: str
    reserve: str
    level: str
    area: str
    tier: str
    kind: str
    count: int
    share: float
    text: str
    text_en: str
    status: str
    source: str


@dataclass(frozen=True, eq=False)
class Floor:
    """A reserve floor in one area.

    Parameters
    ----------
    floor_id : str
        ``reserve.adcode``.
    adcode : str
        Code of the area by GB/T 2260.
    teams : IntArray
        Rows of the teams that count, in ascending order.
    required : int
        How many of them should stay, from 1 to all.
    rule : FloorRule
    """

    floor_id: str
    adcode: str
    teams: IntArray
    required: int
    rule: FloorRule


@dataclass(frozen=True)
class Trouble:
    """What is wrong with one value of an incident.

    ``key`` is ``type``, or the impact figure; ``value`` is what was given.
    """

    key: str
    value: str
    problem: str
    remedy: str
