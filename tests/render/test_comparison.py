"""Comparisons as text, CSV, JSON and a page, hostile names in them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import handmade
import pytest
from rich.console import Console

from dispatch.plan.compare import compare
from dispatch.plan.escalate import Escalation, NotAsked, Pool, Step
from dispatch.plan.plan import FloorState, PolicyState
from dispatch.render.comparison import (
    comparison_csv,
    comparison_html,
    comparison_json,
    comparison_tables,
    sections,
)
from dispatch.render.escalation import escalation_tables

pytestmark = pytest.mark.usefixtures("english")


def found(name="Other"):
    """Compare: the first team stays home, the second, renamed, comes ten minutes later."""
    plan = handmade.make_plan()
    first, second, *rest = plan.orders
    late = replace(second, team_name=name, team_name_en=name, arrive_s=second.arrive_s + 600)
    renamed = replace(second, team_name=name, team_name_en=name)
    a = replace(plan, orders=(first, renamed, *rest))
    return compare(a, replace(plan, toll_free=not plan.toll_free, orders=(late, *rest)))


def printed(parts):
    console = Console(width=240, file=io.StringIO())
    for part in parts:
        console.print(part, highlight=False)
    return console.file.getvalue()


def rows(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def floor(left, status="illustrative"):
    text = "每市按比例留守", "each city keeps a share"
    return FloorState("city_main", "141000", "临汾市", "Linfen", *text, 20, 18, left, status)


def test_floors_and_policy_are_told_by_area():
    plan = handmade.make_plan()
    shut = PolicyState(
        modes=("road",), weather="rain", closures=("落石", "积水"), site_landing=False
    )
    shut = replace(shut, closures_en=("", "flooded road"))
    a = replace(plan, policy=PolicyState(modes=("road", "rail")), floors=(floor(19),))
    b = replace(plan, policy=shut, floors=(floor(16),))
    found = {section.title: section.rows for section in sections(compare(a, b))}
    assert found["Reserve floors, where different or eaten into"] == (
        ("Linfen", "each city keeps a share (illustrative)", "19 stay, 18 required",
         "16 stay of 18 required: 2 missing", "-3"),
    )  # fmt: skip
    assert found["Decided otherwise"] == (
        ("whole plan", "modes allowed", "by rail, by road", "by road", ""),
        ("whole plan", "weather", "clear", "rain", ""),
        ("whole plan", "landing at the sites", "yes", "no", ""),
        ("落石", "closed", "—", "yes", ""),
        ("flooded road", "closed", "—", "yes", ""),
    )
    kept = sections(compare(a, replace(a, floors=(floor(18),))), changed_only=True)
    assert not any("Reserve" in section.title for section in kept)
    same = replace(plan, floors=(floor(19, "existing"),))
    assert not any("Reserve" in section.title for section in sections(compare(same, same)))
    lone = sections(compare(replace(plan, floors=()), same))
    assert [row[2:4] for section in lone if "floors" in section.title for row in section.rows] == [
        ("—", "19 stay, 18 required")
    ]


def test_the_terminal_tells_totals_needs_and_teams():
    text = printed(comparison_tables(found()))
    for words in ("Totals", "teams sent", "only in A", "another arrival", "+10.0 min"):
        assert words in text
    assert f"{len(handmade.TEAMS) - 2} teams do the same" in text


def test_csv_has_one_row_a_figure():
    (teams,) = [row for row in rows(comparison_csv(found())) if row["figure"] == "teams sent"]
    assert (teams["a"], teams["b"], teams["difference"]) == ("12", "11", "-1")


def test_no_name_is_a_formula_in_csv():
    table = rows(comparison_csv(found("=1+1")))
    assert [row["item"] for row in table if "1+1" in row["item"]] == ["'=1+1"]


@pytest.mark.parametrize("name", handmade.HOSTILE)
def test_a_name_stays_text_on_the_page(name):
    page = comparison_html(found(name), lang="en").decode()
    assert "<script" not in page
    assert "<img" not in page
    assert "://" not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize("name", ["[red]x[/red]", "[/]"])
def test_a_name_is_no_markup_on_the_terminal(name):
    assert name in printed(comparison_tables(found(name)))


def test_json_holds_every_field():
    content = json.loads(comparison_json(found()))
    assert [team["code"] for team in content["teams"]] == ["only_a", "time"]
    assert content["teams"][1]["minutes"] == 10


def test_equal_plans_differ_in_nothing():
    plan = handmade.make_plan()
    assert "Teams that changed" not in [s.title for s in sections(compare(plan, plan))]


def test_escalation_tells_command_and_pools():
    pools = (
        Pool("mine", "[b]矿", "", "assault", "province", "province", 2, None, 3600),
        Pool("mine", "矿", "", "main", "city", "own_city", 4, 1800, 900),
    )
    mine = Step("mine", "[b]矿", "", "III", "II", 41, 3, 5, (1, 2), (0, 1), 30, 12.5, -1, 990.0, 2)
    asked = NotAsked("leak", "[i]泄漏", "", "time"), NotAsked("fire", "火", "", "met")
    step = Escalation(
        "III", "II", "省指挥部", "Province HQ", "指挥", "commands", (mine,), asked, pools, found()
    )
    text = printed(escalation_tables(step))
    for words in ("level II", "Province HQ: commands", "locked", "60", "in the city", "[b]矿"):
        assert words in text
    for words in ("III → II", "41", "1 → 2 / 5", "0 → 1 / 5", "+30", "+12.5", "-1", "+990", "+2"):
        assert words in text
    assert "Not asked for want of time: [i]泄漏" in text
    assert "Not asked, as all they need is met on time: 火" in text
    assert "level I:" not in text
    assert "releases no more" in printed(escalation_tables(replace(step, pools=())))
    assert json.loads(comparison_json(step))["pools"][0]["before_s"] is None


def test_level_one_is_the_highest():
    assert "no higher level" in printed(escalation_tables(None))
