"""What a scenario says: records, checked one by one and against each other."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PrivateAttr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from dispatch.errors import Fault
from dispatch.geo import PROVINCE_BOUNDS
from dispatch.scenario.faults import KeyPath, Misfit, fault_at
from dispatch.scenario.supply import SupplySpec

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Level = Literal["I", "II", "III", "IV"]
Mode = Literal["road", "rail", "air"]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Position = tuple[Finite, Finite]
Measure = Annotated[float, Field(ge=0, allow_inf_nan=False)]

MAX_MIN: Final = 60 * 24 * 30
"""Times of a scenario end thirty days after its start."""

MIN_FACTOR: Final = 0.01
"""Slower than this is as good as closed, which is what 0 says."""

ROAD_PLACE_KEYS: Final = ("polygon", "link", "junction")
PLACE_KEYS: Final = (*ROAD_PLACE_KEYS, "line", "station", "airfield")


def _frozen_mapping(value: Mapping[str, float]) -> Mapping[str, float]:
    return MappingProxyType(dict(value))


def _frozen_units(value: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(value))


Impact = Annotated[
    Mapping[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]],
    AfterValidator(_frozen_mapping),
    PlainSerializer(dict),
]


Losses = Annotated[
    Mapping[str, Annotated[int, Field(gt=0, le=10_000_000)]],
    AfterValidator(_frozen_units),
    PlainSerializer(dict),
]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DemandSpec(_Record):
    """A need stated outright, instead of the default needs of the type.

    ``minimum`` is the least that is of use; ``target_min`` and ``latest_min``
    count minutes from the start of the scenario. ``wave`` tells parts of one
    need by name.
    """

    capability: Name
    quantity: int = Field(gt=0, le=10_000_000)
    minimum: int = Field(default=1, gt=0)
    priority: Literal[1, 2, 3] = 1
    wave: Literal["", "first", "reinforcement"] = ""
    target_min: int = Field(gt=0, le=MAX_MIN)
    latest_min: int = Field(gt=0, le=MAX_MIN)

    @field_validator("minimum")
    @classmethod
    def _wanted_in_full(cls, minimum: int, info: ValidationInfo) -> int:
        if minimum > info.data.get("quantity", minimum):
            raise ValueError("minimum is more than quantity")
        return minimum

    @field_validator("latest_min")
    @classmethod
    def _not_before_target(cls, latest_min: int, info: ValidationInfo) -> int:
        if latest_min < info.data.get("target_min", 0):
            raise ValueError("latest_min lies before target_min")
        return latest_min


class IncidentSpec(_Record):
    """An event at a place (EPSG:4326) with a type and its impact figures.

    ``slope_deg`` is the slope of a landing place for helicopters found at the
    site; without it none lands there. ``level`` is the response level of this
    incident alone; without it that of the scenario holds.
    """

    id: Slug
    name: Name
    name_en: str = ""
    type: Name
    lon: float = Field(allow_inf_nan=False)
    lat: float = Field(allow_inf_nan=False)
    impact: Impact = Field(default_factory=lambda: MappingProxyType({}))
    slope_deg: float | None = Field(default=None, ge=0, le=90, allow_inf_nan=False)
    demands: tuple[DemandSpec, ...] | None = None
    level: Level | None = None

    @model_validator(mode="after")
    def _in_province(self) -> Self:
        west, south, east, north = PROVINCE_BOUNDS
        if west <= self.lat <= east and south <= self.lon <= north:
            raise Misfit("lon and lat are exchanged", ("lon",), f"{self.lon}, {self.lat}")
        if not (west <= self.lon <= east and south <= self.lat <= north):
            raise Misfit("the place lies outside the province", ("lon",), f"{self.lon}, {self.lat}")
        return self


class ClosureSpec(_Record):
    """A road, rail line or airfield that can't be used as usual.

    Exactly one key says where: ``polygon`` (a ring of lon, lat in EPSG:4326),
    ``link`` or ``junction`` of the road, ``line`` or ``station`` of the
    railway, ``airfield``. Roads may also be ``slowed`` to ``factor`` of their
    speed, where 0 closes, or ``limited`` to vehicles up to ``max_mass_kg``.
    ``from_min`` and ``until_min`` count minutes from the start of the
    scenario; without them it holds from the start, and for good.
    """

    name: Name
    name_en: str = ""
    polygon: tuple[Position, ...] | None = Field(default=None, min_length=3)
    link: Name | None = None
    junction: Name | None = None
    line: Name | None = None
    station: Name | None = None
    airfield: Name | None = None
    effect: Literal["closed", "slowed", "limited"] = "closed"
    factor: float | None = Field(default=None, ge=0, le=1, validate_default=True)
    max_mass_kg: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, validate_default=True
    )
    from_min: float = Field(default=0, ge=0, le=MAX_MIN)
    until_min: float | None = Field(default=None, gt=0, le=MAX_MIN)
    source: str = ""
    source_en: str = ""
    reliability: Literal["confirmed", "reported", "forecast"] = "reported"

    @field_validator("polygon")
    @classmethod
    def _near_province(cls, ring: tuple[Position, ...] | None) -> tuple[Position, ...] | None:
        west, south, east, north = PROVINCE_BOUNDS
        if ring is None:
            return None
        lons, lats = zip(*ring, strict=True)
        if west <= min(lats) and max(lats) <= east and south <= min(lons) and max(lons) <= north:
            raise ValueError("lon and lat are exchanged")
        if max(lons) < west or min(lons) > east or max(lats) < south or min(lats) > north:
            raise ValueError("the place lies outside the province")
        return ring

    @field_validator("factor")
    @classmethod
    def _factor_when_slowed(cls, factor: float | None, info: ValidationInfo) -> float | None:
        effect = info.data.get("effect", "slowed" if factor is not None else "closed")
        if effect == "slowed" and factor is None:
            raise ValueError("factor is missing")
        if effect != "slowed" and factor is not None:
            raise ValueError("factor belongs to the effect slowed")
        if factor is not None and 0 < factor < MIN_FACTOR:
            raise ValueError("factor is too small")
        return factor

    @field_validator("max_mass_kg")
    @classmethod
    def _mass_when_limited(cls, mass: float | None, info: ValidationInfo) -> float | None:
        effect = info.data.get("effect", "limited" if mass is not None else "closed")
        if effect == "limited" and mass is None:
            raise ValueError("max_mass_kg is missing")
        if effect != "limited" and mass is not None:
            raise ValueError("max_mass_kg belongs to the effect limited")
        return mass

    @field_validator("until_min")
    @classmethod
    def _ends_after_it_begins(cls, until: float | None, info: ValidationInfo) -> float | None:
        if until is not None and until <= info.data.get("from_min", 0):
            raise ValueError("until_min is not after from_min")
        return until

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        given = [key for key in PLACE_KEYS if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError("a closure names exactly one place")
        if self.effect != "closed" and given[0] not in ROAD_PLACE_KEYS:
            raise ValueError("only a road can be slowed or limited")
        if self.effect == "slowed" and self.junction is not None:
            raise ValueError("a junction has no length to be slow on")
        return self

    @property
    def on_road(self) -> bool:
        """Whether it closes roads, not a railway or an airfield."""
        return any(getattr(self, key) is not None for key in ROAD_PLACE_KEYS)


class VehicleLoss(_Record):
    """Vehicles of a team that can't be used, and what goes with them.

    The tables do not say what stands on which vehicle, so ``units`` does: by
    capability, how many units the team has less; ``{}`` where nothing goes.
    """

    team: Name
    profile: Name
    quantity: int = Field(default=1, gt=0, le=10_000)
    units: Losses


class Conditions(_Record):
    """Weather, as far as it is known, and whether a helicopter may land at the sites."""

    weather: Literal["clear", "rain", "snow", "fog"] = "clear"
    visibility_m: Measure | None = None
    ceiling_m: Measure | None = None
    wind_ms: Measure | None = None
    site_landing: bool = True


class Policy(_Record):
    """What the command has decided on travel.

    ``toll_free`` frees every rescue vehicle from toll; without it only
    vehicles that the law exempts pass free. ``modes`` are those that may be
    used. ``emergency_train_lead_min`` is the time after which special trains
    can leave, none by default; ``rail_kit_kg_per_person`` what the railway has
    agreed to carry instead of its usual allowance.
    """

    toll_free: bool = True
    modes: tuple[Mode, ...] = ("road", "rail", "air")
    emergency_train_lead_min: Measure | None = None
    rail_kit_kg_per_person: Measure | None = None

    @field_validator("modes")
    @classmethod
    def _some_and_distinct(cls, modes: tuple[Mode, ...]) -> tuple[Mode, ...]:
        if not modes:
            raise ValueError("no mode is allowed")
        if len(set(modes)) < len(modes):
            raise ValueError("a mode stands twice")
        return modes


class Scenario(_Record):
    """A scenario, checked. Made by :func:`load_scenario`."""

    name: Slug
    title: Name
    title_en: str = ""
    note: str = ""
    note_en: str = ""
    start: AwareDatetime
    level: Literal["auto", "I", "II", "III", "IV"] = "auto"
    policy: Policy = Policy()
    conditions: Conditions = Conditions()
    closures: tuple[ClosureSpec, ...] = ()
    lost: tuple[Name, ...] = ()
    """Ids of teams and aircraft that can't be used."""
    lost_vehicles: tuple[VehicleLoss, ...] = ()
    """Single vehicles that can't be used; their teams go with the others."""
    opened: tuple[Name, ...] = ()
    """Ids of planned airfields and landing points that are taken into use."""
    incidents: tuple[IncidentSpec, ...]
    supply: SupplySpec | None = None

    _file: str = PrivateAttr(default="")
    _sha256: str = PrivateAttr(default="")
    _lines: Mapping[KeyPath, int] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if not self.incidents:
            raise Misfit("there is no incident", ("incidents",), None)
        ids = [incident.id for incident in self.incidents]
        if (row := _again(ids)) is not None:
            raise Misfit("two incidents share this id", ("incidents", row, "id"), ids[row])
        names = [closure.name for closure in self.closures]
        if (row := _again(names)) is not None:
            raise Misfit("two closures share this name", ("closures", row, "name"), names[row])
        return self

    @property
    def file(self) -> str:
        """Name of the file the scenario was read from."""
        return self._file

    @property
    def sha256(self) -> str:
        """SHA-256 of the file, in hexadecimal."""
        return self._sha256

    def level_of(self, spec: IncidentSpec) -> str:
        """Return the level at which one of the incidents is to be answered, or auto."""
        return spec.level or self.level

    def at_level(self, level: str) -> Self:
        """Return the scenario with all incidents answered at a level, or at auto."""
        specs = tuple(spec.model_copy(update={"level": None}) for spec in self.incidents)
        return self.model_copy(update={"level": level, "incidents": specs})

    def fault(self, path: KeyPath, value: object, problem: str, remedy: str) -> Fault:
        """Return a fault that names the line of a key of this scenario."""
        return fault_at(self._file, self._lines, path, value, problem, remedy)


def _again(names: list[str]) -> int | None:
    """Return the row of the first name that stands there already."""
    return next((row for row, name in enumerate(names) if name in names[:row]), None)
