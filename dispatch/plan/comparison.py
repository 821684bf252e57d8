"""What differs between two plans, as plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.plan.plan import FloorState, Stage


@dataclass(frozen=True)
class Figure:
    """One total of both plans; None where a plan has none.

    ``code`` is its name; ``unit`` is count, min (minutes after the start) or yuan.
    """

    code: str
    unit: str
    a: float | None
    b: float | None


@dataclass(frozen=True)
class Setting:
    """What the two plans were told differently; ``subject_en`` names a closure in English."""

    code: str
    a: str
    b: str
    subject_en: str = ""


@dataclass(frozen=True)
class Coverage:
    """Needs of one incident and priority: how many, met in full, and met by target."""

    needs: int
    met: int
    on_time: int


@dataclass(frozen=True)
class CoverageChange:
    """The coverage of one incident and priority; None where a plan has no such needs."""

    incident_id: str
    name: str
    name_en: str
    priority: int
    a: Coverage | None
    b: Coverage | None


@dataclass(frozen=True)
class Service:
    """How one demand is met: quantities in its unit, times in minutes after the start.

    ``mean_min`` is the arrival weighted by quantity; the times are None where
    nobody comes.
    """

    quantity: int
    by_target: int
    met: int
    first_min: float | None
    last_min: float | None
    mean_min: float | None


@dataclass(frozen=True)
class DemandChange:
    """One demand in both plans; None where a plan knows no such demand."""

    incident_id: str
    demand_id: str
    incident: str
    incident_en: str
    capability: str
    capability_en: str
    unit: str
    unit_en: str
    priority: int
    a: Service | None
    b: Service | None


@dataclass(frozen=True)
class Trip:
    """Where a team goes, how, and when it arrives, in minutes after the start."""

    incident_id: str
    incident: str
    incident_en: str
    mode: str
    arrive_min: float


@dataclass(frozen=True)
class TeamChange:
    """A team that does not do the same in both plans.

    ``code`` is only_a, only_b, moved (to another incident), way (another one),
    time (another arrival) or task (other work). ``minutes`` is by how much it
    arrives later in plan B, where it goes in both.
    """

    team_id: str
    name: str
    name_en: str
    code: str
    a: Trip | None
    b: Trip | None
    minutes: float | None


@dataclass(frozen=True)
class ReserveChange:
    """Teams of one city and tier that stay behind; None where a plan does not know them."""

    city: str
    city_en: str
    tier: str
    a: int | None
    b: int | None


@dataclass(frozen=True)
class FloorChange:
    """A reserve floor in one area; None where a plan has no such floor."""

    reserve: str
    adcode: str
    area: str
    area_en: str
    text: str
    text_en: str
    a: FloorState | None
    b: FloorState | None


@dataclass(frozen=True)
class StageChange:
    """How one stage ended in both plans; None where a plan did not get to it."""

    name: str
    a: Stage | None
    b: Stage | None


@dataclass(frozen=True)
class Comparison:
    """Two plans side by side; ``unchanged`` counts teams that do the same in both."""

    title_a: str
    title_a_en: str
    title_b: str
    title_b_en: str
    settings: tuple[Setting, ...]
    figures: tuple[Figure, ...]
    coverage: tuple[CoverageChange, ...]
    demands: tuple[DemandChange, ...]
    teams: tuple[TeamChange, ...]
    unchanged: int
    reserves: tuple[ReserveChange, ...]
    floors: tuple[FloorChange, ...]
    stages: tuple[StageChange, ...]
