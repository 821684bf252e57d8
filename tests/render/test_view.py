"""A plan in reading order."""

from dataclasses import replace

import handmade
import pytest

from dispatch.plan.plan import IllustrativeRecord
from dispatch.render.view import _letter, duration, view

pytestmark = pytest.mark.usefixtures("english")


def test_rows_stand_by_incident_then_arrival_and_are_numbered():
    rows = view(handmade.make_plan()).rows
    assert [row.number for row in rows] == list(range(1, 13))
    assert [row.letter for row in rows] == ["A"] * 8 + ["B"] * 4
    for letter in "AB":
        arrivals = [row.order.arrive_s for row in rows if row.letter == letter]
        assert arrivals == sorted(arrivals)


def test_an_incident_knows_who_serves_each_need():
    mine, leak = view(handmade.make_plan()).cards
    assert [row.number for row in mine.serving(mine.incident.demands[0])] == list(range(1, 9))
    assert [row.number for row in leak.serving(leak.incident.demands[0])] == [9, 10, 11, 12]


def test_unmet_needs_come_by_priority():
    plan = handmade.make_plan()
    mine, leak = plan.incidents
    later = replace(mine, demands=(replace(mine.demands[0], priority=2),))
    sooner = replace(leak, demands=(replace(leak.demands[0], unmet=1),))
    shown = view(replace(plan, incidents=(later, sooner)))
    assert [card.letter for card, _ in shown.unmet] == ["B", "A"]


@pytest.mark.parametrize(
    ("table", "key", "marked"),
    [
        ("teams/teams", "T01", True),
        ("teams/vehicles", "T01/ladder", True),
        ("teams/capabilities", "T01/rescue", True),
        ("network/links", "L1", True),
        ("network/links", "T01", False),
        ("teams/teams", "T0", False),
    ],
)
def test_a_row_is_marked_if_anything_it_leans_on_is_invented(table, key, marked):
    plan = replace(handmade.make_plan(), illustrative=(IllustrativeRecord(table, key, ""),))
    (row,) = [row for row in view(plan).rows if row.order.team_id == "T01"]
    assert row.illustrative is marked


def test_a_plan_without_invented_records_says_so():
    plan = handmade.make_plan()
    real = tuple(replace(order, status="existing") for order in plan.orders)
    assert view(plan).illustrative
    assert view(replace(plan, orders=real)).illustrative
    assert not view(replace(plan, orders=real, illustrative=())).illustrative


def test_times_of_day_carry_a_mark_after_midnight():
    shown = view(handmade.make_plan())
    assert shown.clock(0) == "13:40"
    assert shown.clock(10 * 3600 + 19 * 60 + 59) == "23:59"
    assert shown.clock(10 * 3600 + 20 * 60) == "00:00 +1 d"
    assert shown.start() == "2010-03-28 13:40 UTC+08:00"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 min"), (59 * 60 + 29, "59 min"), (59 * 60 + 31, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_letters_go_on_after_z():
    assert [_letter(n) for n in (0, 25, 26, 51, 52, 702)] == ["A", "Z", "AA", "AZ", "BA", "AAA"]
