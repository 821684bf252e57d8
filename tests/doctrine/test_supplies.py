"""Needs of shelters by minimum standards: counts, rounding, phases, what is stated outright."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.doctrine.supplies import (
    COUNTS,
    EXPLICIT,
    SupplyStandard,
    counts,
    needs,
    standards_from,
)
from dispatch.errors import InputError
from dispatch.registry import load_registry

DATA = Path(__file__).parents[2] / "data"
TYPES = ("earthquake", "flood", "dam")


@dataclass(frozen=True)
class Ask:
    """A stated need."""

    item: str
    quantity: int
    day: int = 1
    every: Literal["once", "day"] = "once"
    priority: int | None = None


@dataclass(frozen=True)
class Camp:
    """A shelter of a hundred people."""

    id: str = "school"
    people_displaced: int = 100
    people_affected: int | None = None
    households: int | None = None
    covered_m2: float = 0
    needs: tuple[Ask, ...] = ()


def rule(item: str = "water", quantity: str = "1", per: int = 4, **words: object) -> SupplyStandard:
    values: dict[str, object] = {
        "standard": item,
        "item_code": item,
        "counted_on": "displaced",
        "quantity": Fraction(quantity),
        "per_count": per,
        "every": "day",
        "from_day": 1,
        "until_day": None,
        "incident_types": (),
        "priority": 1,
        "basis": "据",
        "basis_en": "why",
        "status": "illustrative",
        "source": "test",
    }
    return SupplyStandard(**(values | words))  # type: ignore[arg-type]


def lots(found, item: str = "water", place: str = "school") -> dict[int, int]:
    return {
        need.day: need.quantity for need in found if (need.item_code, need.place) == (item, place)
    }


@pytest.fixture(scope="module")
def packaged() -> tuple[SupplyStandard, ...]:
    with (DATA / "doctrine/supply_standards.csv").open(encoding="utf-8", newline="") as file:
        return standards_from(csv.DictReader(file), TYPES)


def test_daily_lots_round_up_on_the_running_total():
    # ten people at a quarter of a case: 2.5, 5, 7.5, 10
    found = needs([Camp(people_displaced=10)], [rule()], 4)
    assert lots(found) == {0: 3, 1: 2, 2: 3, 3: 2}
    assert {(need.counted_on, need.count, need.standard) for need in found} == {
        ("displaced", 10, "water")
    }


def test_what_is_needed_once_asks_for_the_increase_when_the_standard_rises():
    early = rule("latrine", per=50, every="once", until_day=3)
    late = rule("latrine", per=20, every="once", from_day=4, standard="latrine.later")
    found = needs([Camp(people_displaced=110)], [early, late], 10)
    assert lots(found, "latrine") == {0: 3, 3: 3}  # 3 for 110, then 6
    assert [need.standard for need in found] == ["latrine", "latrine.later"]


def test_a_lower_standard_later_takes_nothing_away():
    found = needs(
        [Camp()],
        [rule(per=5, every="once", until_day=2), rule(per=50, every="once", from_day=3)],
        5,
    )
    assert lots(found) == {0: 20}


def test_a_daily_standard_may_change_with_the_phase_and_end():
    found = needs([Camp()], [rule(until_day=2), rule(per=10, from_day=3, until_day=4)], 6)
    assert lots(found) == {0: 25, 1: 25, 2: 10, 3: 10}


def test_of_several_standards_the_one_that_asks_most_counts():
    more = rule(per=2, standard="more", counted_on="affected")
    (need,) = needs([Camp(people_affected=300)], [rule(), more], 1)
    assert (need.quantity, need.standard, need.counted_on, need.count) == (
        150, "more", "affected", 300,
    )  # fmt: skip


def test_who_is_counted():
    assert counts(Camp(people_displaced=253, covered_m2=350.5)) == {
        "displaced": 253,
        "unsheltered": 153,
        "affected": 253,
        "households": 101,
    }
    told = Camp(people_displaced=9, people_affected=40, households=2, covered_m2=1e6)
    assert tuple(counts(told).values()) == (9, 0, 40, 2)
    assert tuple(counts(told)) == COUNTS


def test_standards_of_other_events_say_nothing():
    pumps = rule("pump", per=2000, every="once", incident_types=("flood", "dam"))
    assert needs([Camp()], [pumps], 3, incident_types={"earthquake"}) == ()
    assert lots(needs([Camp()], [pumps], 3, incident_types={"flood"}), "pump") == {0: 1}


def test_a_stated_need_stands_instead_of_the_standard_of_that_item_and_place():
    asks = (Ask("water", 7, day=2), Ask("water", 2, day=3, every="day", priority=3))
    found = needs([Camp(needs=asks), Camp(id="hall")], [rule(priority=2)], 4)
    assert lots(found) == {1: 7, 2: 2, 3: 2}
    assert lots(found, place="hall") == {0: 25, 1: 25, 2: 25, 3: 25}
    mine = [need for need in found if need.place == "school"]
    assert {(need.counted_on, need.count, need.standard) for need in mine} == {(EXPLICIT, None, "")}
    assert {need.priority for need in mine} == {2}


def test_nothing_can_be_asked_for_and_things_no_standard_knows():
    found = needs([Camp(needs=(Ask("water", 0, every="day"), Ask("radio", 5)))], [rule()], 3)
    assert [(need.item_code, need.day, need.quantity, need.priority) for need in found] == [
        ("radio", 0, 5, 2)
    ]


def test_priorities_of_the_command_stand_instead_of_the_table():
    found = needs([Camp()], [rule(), rule("quilt")], 1, priorities={"quilt": 3})
    assert [(need.item_code, need.priority) for need in found] == [("quilt", 3), ("water", 1)]
    (need,) = needs([Camp(needs=(Ask("water", 1),))], [rule()], 1, priorities={"water": 2})
    assert need.priority == 2


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    people=st.integers(0, 5000),
    covered=st.integers(0, 20_000),
    days=st.integers(1, 30),
)
def test_no_day_is_short_and_no_place_gets_a_lot_too_many(packaged, people, covered, days):
    camp = Camp(people_displaced=people, covered_m2=covered)
    found = needs([camp], packaged, days, incident_types=("flood",))
    assert all(need.quantity > 0 and 0 <= need.day < days for need in found)
    assert len({(need.item_code, need.day) for need in found}) == len(found)
    for item in {rule.item_code for rule in packaged}:
        got, exact, level = 0, Fraction(0), Fraction(0)
        for day in range(days):
            got += sum(n.quantity for n in found if (n.item_code, n.day) == (item, day))
            rates = [
                rule.quantity * counts(camp)[rule.counted_on] / rule.per_count
                for rule in packaged
                if rule.item_code == item
                and rule.from_day <= day + 1
                and (rule.until_day is None or day + 1 <= rule.until_day)
            ]
            exact += max(rates, default=Fraction(0))
            level = max(level, *rates) if rates else level
            daily = any(r.every == "day" for r in packaged if r.item_code == item)
            assert got == ceil(exact if daily else level)


def test_the_packaged_standards_hold_what_the_handbook_says(packaged):
    found = needs(
        [Camp(people_displaced=600, people_affected=4000, covered_m2=1050)],
        packaged,
        10,
        incident_types=("flood",),
    )
    total = {
        code: sum(need.quantity for need in found if need.item_code == code)
        for code in {need.item_code for need in found}
    }
    assert total["199999910"] == 600 // 4 * 3 + 600 // 8 * 7  # 3 l, later 1.5 l, of 12 l cases
    assert total["199999911"] == 600 * 3 * 3 // 12  # three meals, three days, cases of 12
    assert total["199999912"] == 600 * 7 // 50  # half a kilogram a day of 25 kg bags
    assert total["199999901"] == 100  # 300 have 3.5 m² indoors, the others three to a tent
    assert total["199999917"] == 30  # one for twenty in the end
    assert total["199999903"] == 600
    assert total["299999904"] == 2
    assert total["399999901"] == 4


def test_the_packaged_table_is_sound(packaged):
    items = load_registry(DATA)["depots/items"]
    assert {rule.item_code for rule in packaged} <= set(items.index)
    assert [rule.standard for rule in packaged] == sorted({rule.standard for rule in packaged})
    assert all(rule.source and rule.basis and rule.basis_en for rule in packaged)


def test_the_registry_gives_the_same_standards(packaged):
    registry = load_registry(DATA)
    records = registry["doctrine/supply_standards"].reset_index().to_dict("records")
    assert standards_from(records, registry["doctrine/incident_types"].index) == packaged


def row(**words: object) -> dict[str, object]:
    base = rule()
    values = {name: getattr(base, name) for name in base.__dataclass_fields__}
    return values | {"until_day": "", "incident_types": ""} | words


@pytest.mark.parametrize(
    ("words", "column"),
    [
        ({"quantity": 0}, "quantity"),
        ({"from_day": 4, "until_day": 3}, "until_day"),
        ({"incident_types": "flood|floood"}, "incident_types"),
    ],
)
def test_rows_that_make_no_sense_are_named(words, column):
    with pytest.raises(InputError) as caught:
        standards_from([row(), row(**words)], TYPES)
    (fault,) = caught.value.faults
    assert (fault.file, fault.row, fault.column) == ("doctrine/supply_standards.csv", 3, column)
    assert fault.problem
    assert fault.remedy


def test_an_item_is_told_by_the_day_or_once_not_both():
    with pytest.raises(InputError, match="every") as caught:
        standards_from([row(), row(standard="again", every="once")], TYPES)
    (fault,) = caught.value.faults
    assert (fault.row, fault.value) == (3, "once")
