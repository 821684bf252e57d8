"""From people in shelters to what they need each day, by minimum standards.

The standards stand in ``data/doctrine/supply_standards.csv``, each with its
source; a need says which standard gave it and whom that one counts. Days count
from 0 here, and from 1 in everything people write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any, Final, Literal, Protocol

from dispatch.errors import Fault, InputError
from dispatch.i18n import _

COUNTS: Final = ("displaced", "unsheltered", "affected", "households")
"""Whom a standard may count."""

EXPLICIT: Final = "explicit"
"""Stands for the count where the scenario states the need itself."""

COVERED_M2_PER_PERSON: Final = Fraction(7, 2)
"""Least covered living space (Sphere Handbook 2018, shelter and settlement standard 3)."""

PERSONS_PER_HOUSEHOLD: Final = Fraction(63, 25)
"""Mean family household of Shanxi: 2.52 persons (2020 census, NBS county volume)."""

USUAL_PRIORITY: Final = 2
"""Of an item that is asked for outright and has no standard."""

_FILE: Final = "doctrine/supply_standards.csv"


class Stated(Protocol):
    """A need that the scenario states itself; ``day`` counts from 1."""

    @property
    def item(self) -> str:
        """Code of the item."""
        ...

    @property
    def quantity(self) -> int:
        """Lots."""
        ...

    @property
    def day(self) -> int:
        """First day, from 1."""
        ...

    @property
    def every(self) -> Literal["once", "day"]:
        """Once, or on every day from ``day`` on."""
        ...

    @property
    def priority(self) -> int | None:
        """From 1, the highest; None as usual."""
        ...


class Shelter(Protocol):
    """A place with people, as a scenario describes it.

    Without ``people_affected`` the displaced are all who are affected; without
    ``households`` they are reckoned from the displaced.
    """

    @property
    def id(self) -> str:
        """Short name."""
        ...

    @property
    def people_displaced(self) -> int:
        """Persons who stay here."""
        ...

    @property
    def people_affected(self) -> int | None:
        """Persons affected, the displaced among them."""
        ...

    @property
    def households(self) -> int | None:
        """Families of the displaced."""
        ...

    @property
    def covered_m2(self) -> float:
        """Covered floor that people may live on."""
        ...

    @property
    def needs(self) -> Sequence[Stated]:
        """What the place asks for itself."""
        ...


@dataclass(frozen=True)
class SupplyStandard:
    """So many lots of an item for so many people, each day or once.

    ``quantity`` lots go to every ``per_count`` of those counted, from
    ``from_day`` to ``until_day`` (from 1; None: to the end). What is needed
    ``once`` must stand from that day on, so a later and higher standard asks
    for the increase alone. Empty ``incident_types`` means every event.
    """

    standard: str
    item_code: str
    counted_on: str
    quantity: Fraction
    per_count: int
    every: str
    from_day: int
    until_day: int | None
    incident_types: tuple[str, ...]
    priority: int
    basis: str
    basis_en: str
    status: str
    source: str

    def holds_on(self, day: int) -> bool:
        """Tell whether it holds on a day, counted from 0."""
        return self.from_day <= day + 1 <= (self.until_day or day + 1)


@dataclass(frozen=True)
class SupplyNeed:
    """What a place needs of an item by a day of the horizon, the first being 0.

    ``counted_on`` is one of :data:`COUNTS` with the ``count`` used, and
    ``standard`` the rule; or :data:`EXPLICIT` with None and an empty text.
    """

    place: str
    item_code: str
    day: int
    quantity: int
    counted_on: str
    count: int | None
    standard: str
    priority: int


def standards_from(
    records: Iterable[Mapping[str, Any]], known_types: Collection[str]
) -> tuple[SupplyStandard, ...]:
    """Make standards of the rows of the table, in the order of the file.

    Parameters
    ----------
    records : iterable of mapping
        Rows that have passed the contract of the table, as text or as numbers.
    known_types : collection of str
        Codes of incident types.

    Raises
    ------
    InputError
        With every row that gives nothing, ends before it begins, names an
        incident type nobody knows, or is told in days where another row of the
        same item is told once.
    """
    rows = [_standard(row) for row in records]
    faults = [fault for line, rule in enumerate(rows, 2) for fault in _own(line, rule, known_types)]
    faults += _torn_items(rows)
    if faults:
        raise InputError(faults)
    return tuple(rows)


def counts(shelter: Shelter) -> dict[str, int]:
    """Return how many there are of each of :data:`COUNTS` at a shelter."""
    displaced, affected = shelter.people_displaced, shelter.people_affected
    households = shelter.households
    roofed = int(Fraction(str(shelter.covered_m2)) / COVERED_M2_PER_PERSON)
    return {
        "displaced": displaced,
        "unsheltered": max(displaced - roofed, 0),
        "affected": displaced if affected is None else affected,
        "households": (
            ceil(displaced / PERSONS_PER_HOUSEHOLD) if households is None else households
        ),
    }


def needs(
    shelters: Iterable[Shelter],
    standards: Sequence[SupplyStandard],
    days: int,
    *,
    incident_types: Collection[str] = (),
    priorities: Mapping[str, int] | None = None,
) -> tuple[SupplyNeed, ...]:
    """Return what every shelter needs on every day, in whole lots.

    Lots are rounded up on the running total, so that a day is never short and
    a place never gets more than one lot too many. Where several standards of an
    item hold on one day, the one that asks most counts, the first of equals.
    What a shelter states itself stands instead of all standards of that item.

    Parameters
    ----------
    shelters : iterable of Shelter
    standards : sequence of SupplyStandard
    days : int
        Length of the horizon.
    incident_types : collection of str
        What has happened; standards for other events say nothing.
    priorities : mapping of str to int, optional
        By item, instead of those of the standards.

    Returns
    -------
    tuple of SupplyNeed
        By shelter as given, then by item and day; at most one for each.
    """
    events = frozenset(incident_types)
    rules: dict[str, list[SupplyStandard]] = {}
    for rule in standards:
        if not rule.incident_types or events.intersection(rule.incident_types):
            rules.setdefault(rule.item_code, []).append(rule)
    wanted = dict(priorities or {})
    return tuple(need for shelter in shelters for need in _needs_of(shelter, rules, days, wanted))


def _needs_of(
    shelter: Shelter,
    rules: Mapping[str, Sequence[SupplyStandard]],
    days: int,
    priorities: Mapping[str, int],
) -> Iterator[SupplyNeed]:
    stated: dict[str, list[Stated]] = {}
    for need in shelter.needs:
        stated.setdefault(need.item, []).append(need)
    counted = counts(shelter)
    for item in sorted({*rules, *stated}):
        usual = min((rule.priority for rule in rules.get(item, ())), default=USUAL_PRIORITY)
        priority = priorities.get(item)
        if item in stated:
            yield from _by_word(shelter.id, stated[item], days, priority or usual)
        else:
            yield from _by_standard(shelter.id, rules[item], counted, days, priority)


def _by_word(place: str, stated: Sequence[Stated], days: int, usual: int) -> Iterator[SupplyNeed]:
    item = stated[0].item
    priority = min(need.priority or usual for need in stated)
    for day in range(days):
        lots = sum(
            need.quantity
            for need in stated
            if need.day == day + 1 or (need.every == "day" and need.day <= day)
        )
        if lots:
            yield SupplyNeed(place, item, day, lots, EXPLICIT, None, "", priority)


def _by_standard(
    place: str,
    rules: Sequence[SupplyStandard],
    counted: Mapping[str, int],
    days: int,
    priority: int | None,
) -> Iterator[SupplyNeed]:
    total, given = Fraction(0), 0
    for day in range(days):
        asked = [
            (rule.quantity * counted[rule.counted_on] / rule.per_count, rule)
            for rule in rules
            if rule.holds_on(day)
        ]
        if not asked:
            continue
        amount, rule = max(asked, key=lambda pair: pair[0])
        total = total + amount if rule.every == "day" else max(total, amount)
        lots, given = ceil(total) - given, ceil(total)
        if lots:
            yield SupplyNeed(
                place,
                rule.item_code,
                day,
                lots,
                rule.counted_on,
                counted[rule.counted_on],
                rule.standard,
                priority or rule.priority,
            )


def _standard(row: Mapping[str, Any]) -> SupplyStandard:
    until = str(row["until_day"])
    types = str(row["incident_types"])
    return SupplyStandard(
        quantity=Fraction(str(row["quantity"])),
        per_count=int(row["per_count"]),
        from_day=int(row["from_day"]),
        until_day=int(until) if until.isdecimal() else None,
        incident_types=tuple(types.split("|")) if types else (),
        priority=int(row["priority"]),
        **{name: str(row[name]) for name in _TEXTS},
    )


_TEXTS: Final = (
    "standard",
    "item_code",
    "counted_on",
    "every",
    "basis",
    "basis_en",
    "status",
    "source",
)


def _own(line: int, rule: SupplyStandard, known_types: Collection[str]) -> Iterator[Fault]:
    if rule.quantity <= 0:
        problem, remedy = _("nothing is given"), _("write a quantity above 0")
        yield Fault(_FILE, line, "quantity", str(rule.quantity), problem, remedy)
    if rule.until_day is not None and rule.until_day < rule.from_day:
        problem, remedy = _("it ends before it begins"), _("make until_day at least from_day")
        yield Fault(_FILE, line, "until_day", str(rule.until_day), problem, remedy)
    for code in rule.incident_types:
        if code not in known_types:
            problem = _("there is no {code!r}").format(code=code)
            remedy = _("use {codes}").format(codes=" | ".join(known_types))
            yield Fault(_FILE, line, "incident_types", code, problem, remedy)


def _torn_items(rows: Sequence[SupplyStandard]) -> Iterator[Fault]:
    first: dict[str, SupplyStandard] = {}
    for line, rule in enumerate(rows, 2):
        other = first.setdefault(rule.item_code, rule)
        if other.every != rule.every:
            problem = _("{standard} counts the same item otherwise: {every}").format(
                standard=other.standard, every=other.every
            )
            remedy = _("tell all standards of an item by the day, or all once")
            yield Fault(_FILE, line, "every", rule.every, problem, remedy)
