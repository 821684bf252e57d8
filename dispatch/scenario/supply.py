"""The ``supply:`` block of a scenario: shelters, donations, and what may be bought.

Days count from 1, the first. An item is named by its code and always with its
unit, so that boxes are never taken for bottles.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from dispatch.errors import Fault
from dispatch.geo import PROVINCE_BOUNDS
from dispatch.i18n import _
from dispatch.scenario.faults import KeyPath

if TYPE_CHECKING:
    from dispatch.scenario.records import Scenario

MAX_DAYS: Final = 30
"""Longest horizon."""


def _digits(value: object) -> object:
    """Take a code for text although YAML reads digits as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _frozen(value: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(value))


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Code = Annotated[Name, BeforeValidator(_digits)]
People = Annotated[int, Field(ge=0, le=10_000_000)]
Lots = Annotated[int, Field(gt=0, le=100_000_000)]
Day = Annotated[int, Field(ge=1, le=MAX_DAYS)]
Priority = Literal[1, 2, 3]
Hour = Annotated[float, Field(ge=0, le=24, allow_inf_nan=False)]
Limit = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Priorities = Annotated[Mapping[Code, Priority], AfterValidator(_frozen), PlainSerializer(dict)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NeedSpec(_Record):
    """A need stated outright, instead of every standard of that item there.

    With ``every: day`` the quantity is needed on each day from ``day`` on; the
    quantity 0 says that the place wants none.
    """

    item: Code
    quantity: int = Field(ge=0, le=100_000_000)
    unit: Name
    day: Day = 1
    every: Literal["once", "day"] = "once"
    priority: Priority | None = None


class ShelterSpec(_Record):
    """A shelter, or a township, with people to supply (EPSG:4326).

    ``county`` is its code after GB/T 2260. Without ``people_affected`` the
    displaced are all who are affected, without ``households`` these are
    reckoned. ``covered_m2`` is covered floor that people may live on: who finds
    room there needs no tent. Trucks heavier than ``max_mass_kg`` or higher than
    ``max_height_m`` can't reach it; with the access ``helicopter`` no truck
    can. It unloads between ``opens_h`` and ``closes_h``, hours of local time.
    """

    id: Slug
    name: Name
    name_en: str = ""
    lon: float = Field(allow_inf_nan=False)
    lat: float = Field(allow_inf_nan=False)
    county: Code
    people_displaced: People
    people_affected: People | None = None
    households: People | None = None
    covered_m2: float = Field(default=0, ge=0, allow_inf_nan=False)
    access: Literal["road", "helicopter"] = "road"
    max_mass_kg: Limit | None = None
    max_height_m: Limit | None = None
    opens_h: Hour = 0
    closes_h: Hour = Field(default=24, validate_default=True)
    needs: tuple[NeedSpec, ...] = ()
    note: str = ""

    @field_validator("people_affected")
    @classmethod
    def _displaced_are_affected(cls, people: int | None, info: ValidationInfo) -> int | None:
        if people is not None and people < info.data.get("people_displaced", 0):
            raise ValueError("fewer people are affected than displaced")
        return people

    @field_validator("closes_h")
    @classmethod
    def _closes_after_it_opens(cls, hour: float, info: ValidationInfo) -> float:
        if hour <= info.data.get("opens_h", 0):
            raise ValueError("closes_h is not after opens_h")
        return hour

    @model_validator(mode="after")
    def _in_province(self) -> Self:
        west, south, east, north = PROVINCE_BOUNDS
        if west <= self.lat <= east and south <= self.lon <= north:
            raise ValueError("lon and lat are exchanged")
        if not (west <= self.lon <= east and south <= self.lat <= north):
            raise ValueError("the place lies outside the province")
        return self


class DonationSpec(_Record):
    """What somebody gives: it lies at a depot or shelter, by its id, from a day on."""

    donor: Name
    item: Code
    quantity: Lots
    unit: Name
    at: Name
    day: Day = 1


class LimitSpec(_Record):
    """The most of an item that may be bought in all."""

    item: Code
    quantity: int = Field(ge=0, le=100_000_000)
    unit: Name


class ProcurementSpec(_Record):
    """What may be bought in the emergency.

    Without ``suppliers`` all of the registry may be asked, with an empty list
    none; without ``budget_yuan`` money is no limit.
    """

    budget_yuan: int | None = Field(default=None, ge=0)
    suppliers: tuple[Name, ...] | None = None
    limits: tuple[LimitSpec, ...] = ()


class SupplySpec(_Record):
    """People to supply for so many days, from ``start`` or from the scenario's own.

    ``priorities`` by item stand instead of those of the standards.
    """

    days: int = Field(ge=1, le=MAX_DAYS)
    start: AwareDatetime | None = None
    shelters: tuple[ShelterSpec, ...]
    donations: tuple[DonationSpec, ...] = ()
    procurement: ProcurementSpec = ProcurementSpec()
    priorities: Priorities = Field(default_factory=lambda: MappingProxyType({}))

    @field_validator("shelters")
    @classmethod
    def _some_and_distinct(cls, shelters: tuple[ShelterSpec, ...]) -> tuple[ShelterSpec, ...]:
        if not shelters:
            raise ValueError("there is no shelter")
        ids = sorted(shelter.id for shelter in shelters)
        for one, other in pairwise(ids):
            if one == other:
                raise ValueError(f"two shelters share the id {one}")
        return shelters


def supply_faults(
    scenario: Scenario,
    items: Mapping[str, tuple[str, str]],
    depots: Collection[str],
    suppliers: Collection[str],
    counties_near: Callable[[float, float], Collection[str]],
) -> Iterator[Fault]:
    """Yield what is wrong with the supply of a scenario, set against the registry.

    Parameters
    ----------
    scenario : Scenario
    items : mapping of str to (str, str)
        Unit of each item by its code, in Chinese and in English.
    depots, suppliers : collection of str
        Their ids.
    counties_near : callable
        Codes of the counties in or next to which a point (lon, lat) lies; none
        outside the province.
    """
    supply = scenario.supply
    if supply is None:
        return
    if supply.start is not None and supply.start < scenario.start:
        problem, remedy = _("supply begins before the event"), _("make it the scenario's or later")
        yield scenario.fault(("supply", "start"), supply.start.isoformat(), problem, remedy)
    for row, shelter in enumerate(supply.shelters):
        yield from _county_faults(scenario, row, shelter, counties_near(shelter.lon, shelter.lat))
    for path, item, unit, day in _named(supply):
        yield from _item_faults(scenario, path, item, unit, items)
        if day > supply.days:
            problem = _("the day lies after the last of {days}").format(days=supply.days)
            remedy = _("name an earlier day, or lengthen days")
            yield scenario.fault((*path, "day"), day, problem, remedy)
    for code in supply.priorities:
        yield from _unknown(scenario, ("supply", "priorities", code), code, items, "depots/items")
    places = [shelter.id for shelter in supply.shelters]
    for row, gift in enumerate(supply.donations):
        here = ("supply", "donations", row, "at")
        yield from _unknown(scenario, here, gift.at, (*places, *depots), "depots/depots")
    for row, code in enumerate(supply.procurement.suppliers or ()):
        path = ("supply", "procurement", "suppliers", row)
        yield from _unknown(scenario, path, code, suppliers, "depots/suppliers")


def remote_faults(
    scenario: Scenario, access_m: Sequence[float], max_access_m: float
) -> Iterator[Fault]:
    """Yield a fault for each shelter on a road that lies too far from every road.

    Parameters
    ----------
    scenario : Scenario
    access_m : sequence of float
        From each shelter to the nearest usable road.
    max_access_m : float
        A place farther away than this is taken for an error.
    """
    shelters = () if scenario.supply is None else scenario.supply.shelters
    for row, (shelter, far_m) in enumerate(zip(shelters, access_m, strict=True)):
        if shelter.access == "road" and far_m > max_access_m:
            problem = _("{name} lies {km} km from the nearest road known").format(
                name=shelter.name, km=round(far_m / 1000)
            )
            remedy = _(
                "move the place nearer to a road, import a road network that reaches it, "
                "or say access: helicopter"
            )
            path = ("supply", "shelters", row, "lon")
            yield scenario.fault(path, f"{shelter.lon}, {shelter.lat}", problem, remedy)


def _named(supply: SupplySpec) -> Iterator[tuple[KeyPath, str, str, int]]:
    """Yield every item with a quantity: its path, code, unit and day."""
    for row, shelter in enumerate(supply.shelters):
        for number, need in enumerate(shelter.needs):
            yield ("supply", "shelters", row, "needs", number), need.item, need.unit, need.day
    for row, gift in enumerate(supply.donations):
        yield ("supply", "donations", row), gift.item, gift.unit, gift.day
    for row, limit in enumerate(supply.procurement.limits):
        yield ("supply", "procurement", "limits", row), limit.item, limit.unit, 1


def _item_faults(
    scenario: Scenario,
    path: KeyPath,
    item: str,
    unit: str,
    items: Mapping[str, tuple[str, str]],
) -> Iterator[Fault]:
    if item not in items:
        yield from _unknown(scenario, (*path, "item"), item, items, "depots/items")
    elif unit not in items[item]:
        wanted = " / ".join(items[item])
        problem = _("{item} is counted in {unit}").format(item=item, unit=wanted)
        remedy = _("convert the quantity, and write that unit")
        yield scenario.fault((*path, "unit"), unit, problem, remedy)


def _county_faults(
    scenario: Scenario, row: int, shelter: ShelterSpec, near: Collection[str]
) -> Iterator[Fault]:
    here = ("supply", "shelters", row)
    if not near:
        problem = _("the place lies outside the province")
        remedy = _("give WGS84 degrees of a place in Shanxi")
        yield scenario.fault((*here, "lon"), f"{shelter.lon}, {shelter.lat}", problem, remedy)
    elif shelter.county not in near:
        problem = _("the place does not lie in this county")
        remedy = _("write {codes}, or put lon and lat right").format(codes=" | ".join(near))
        yield scenario.fault((*here, "county"), shelter.county, problem, remedy)


def _unknown(
    scenario: Scenario, path: KeyPath, code: str, known: Collection[str], table: str
) -> Iterator[Fault]:
    if code in known:
        return
    near = get_close_matches(code, list(known), 3)
    remedy = (
        _("use {codes}").format(codes=" | ".join(sorted(near)))
        if near
        else _("use a key of {table}")
    )
    problem = _("there is no {code!r}").format(code=code)
    yield scenario.fault(path, code, problem, remedy.format(table=table))
