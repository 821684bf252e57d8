"""Why this team and not the next one: told on the terminal, the map, in briefings and workbook."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache

import handmade
import openpyxl
import pandas as pd
import pytest
from rich.console import Console

from dispatch.plan.answers import Choice
from dispatch.render.brief import render_briefing
from dispatch.render.briefing import Points, briefing
from dispatch.render.map import render_map
from dispatch.render.sheets import render_sheets
from dispatch.render.table import plan_tables

BAD = handmade.SCRIPT
LATER = "新绛队派出；稷山队晚12分钟", "Xinjiang was sent; Jishan would arrive 12 min later"
SOONER = f"驻军近5分钟{BAD}", f"the army would arrive 5 min sooner, but is elsewhere{BAD}"


pytestmark = pytest.mark.usefixtures("english")


@cache
def plan():
    """Return the plan with two choices for the need that is met."""
    made = handmade.make_plan()
    mine, leak = made.incidents
    choices = (
        Choice("B1", "T10", "T09", 12.0, "later", *LATER),
        Choice("B1", "T10", "T12", -5.0, "elsewhere", *SOONER),
    )
    met = replace(leak.demands[0], choices=choices)
    return replace(made, incidents=(mine, replace(leak, demands=(met,))))


def test_on_the_terminal():
    console = Console(width=300, file=io.StringIO())
    for part in plan_tables(plan()):
        console.print(part)
    text = " ".join(console.file.getvalue().split())
    assert LATER[1] in text
    assert "5 min sooner, but is elsewhere" in text


@pytest.mark.parametrize(("lang", "which"), [("zh", 0), ("en", 1)])
def test_on_the_map(lang, which):
    page = render_map(plan(), **handmade.make_ground(), lang=lang)
    assert LATER[which] in page
    assert BAD not in page
    assert 'class="choices"' not in render_map(handmade.make_plan(), **handmade.make_ground())


def test_in_the_briefing_who_was_passed_over_comes_first():
    (listed,) = [
        block
        for page in briefing(plan())
        for block in page.blocks
        if isinstance(block, Points) and any(LATER[1] in item for item in block.items)
    ]
    assert listed.heading == "Why, and what would help"
    assert listed.items[0].startswith("A search and rescue lacks")
    assert [item.split(":")[0] for item in listed.items[1:]] == ["B search and rescue"] * 2
    assert SOONER[1] in listed.items[1]


def test_in_the_briefing_where_all_is_met():
    met = replace(plan(), incidents=plan().incidents[1:], orders=plan().orders[9:])
    headings = [b.heading for p in briefing(met) for b in p.blocks if isinstance(b, Points)]
    assert "Why these teams" in headings
    assert "Why, and what would help" not in headings


def test_in_a_briefing_on_a_page():
    ground = {name: handmade.make_ground()[name] for name in ("counties", "areas", "roads")}
    page = render_briefing(plan(), "html", **ground, lang="en").decode()
    assert LATER[1] in page
    assert BAD not in page


def test_in_the_workbook():
    nothing = pd.DataFrame
    files = render_sheets(
        plan(),
        vehicles=nothing(columns=["team_id", "profile", "quantity"]),
        profiles=nothing(columns=["name"]),
        capabilities=nothing(columns=["team_id", "capability", "equipment", "equipment_en"]),
        teams=nothing(columns=["toll_exempt"]),
        services={},
        lang="en",
    )
    book = openpyxl.load_workbook(io.BytesIO(files["orders.xlsx"]))
    cells = [row[9] for row in book["Needs"].iter_rows(min_row=2, values_only=True)]
    assert LATER[1] in cells[1]
