"""Every output speaks one language at a time: no Chinese in English, no English in Chinese."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import cache

import docx
import handmade
import openpyxl
import pandas as pd
import pptx
import pytest
from matplotlib.text import Text
from rich.console import Console
from shapely.geometry import box

from dispatch.i18n import set_language
from dispatch.plan.changes import changes_of
from dispatch.plan.compare import compare
from dispatch.render.brief import render_briefing
from dispatch.render.changes import changes_tables
from dispatch.render.comparison import comparison_html, comparison_tables
from dispatch.render.figure import plan_figure
from dispatch.render.map import render_map
from dispatch.render.notebook import plan_html
from dispatch.render.sheets import render_sheets
from dispatch.render.table import plan_tables
from dispatch.render.timeline import plan_timeline

CHINESE = re.compile(r"[\u4e00-\u9fff]+")
LATIN = re.compile(r"[A-Za-z]{3,}")

# names, codes and notations that Chinese readers know as they are
KEPT = {
    "GPX", "HH", "Leaflet", "MM", "ODbL", "OpenStreetMap", "SOURCES", "UTC", "WGS", "contributors",
    "csv", "data", "dispatch", "handmade", "ortools", "yaml",
}  # fmt: skip


def plan():
    """Return a plan all of whose names are known in both languages."""
    made = handmade.make_plan()
    orders = tuple(
        replace(
            order,
            legs=tuple(
                replace(leg, origin_en=order.team_name_en, destination_en="the site")
                for leg in order.legs
            ),
        )
        for order in made.orders
    )
    ended = handmade.stood_down(
        ("T01", "lost", True), ("T02", "unable", True), ("T03", "released", False)
    )
    orders = tuple(o for o in orders if o.team_id not in {one.team_id for one in ended})
    idle = replace(orders[0], tasks=())
    return replace(
        made, note_en="a drill", illustrative=(), orders=(idle, *orders[1:]), stood_down=ended
    )


PLAN = plan()
CLOSURES = handmade.make_closures(
    (
        "积水", "closed", box(110.9, 35.7, 111.0, 35.8),
        {"name_en": "flooded road", "source": "交警", "source_en": "police"},
    ),
)  # fmt: skip


def words_of_html(text):
    """Return what is read: text between tags, and attributes that are read out."""
    text = re.sub(r"<(style|script)\b.*?</\1>", " ", text, flags=re.DOTALL)
    spoken = re.findall(r'\b(?:alt|title|aria-label|placeholder)="([^"]*)"', text)
    return "\n".join([*spoken, re.sub(r"<[^>]*>", "\n", text)])


def words_of_docx(content):
    document = docx.Document(io.BytesIO(content))
    return "\n".join(t.text or "" for t in document.element.iter() if t.tag.endswith("}t"))


def words_of_pptx(content):
    deck = pptx.Presentation(io.BytesIO(content))
    shapes = [shape for slide in deck.slides for shape in slide.shapes]
    cells = [c.text for s in shapes if s.has_table for r in s.table.rows for c in r.cells]
    return "\n".join([s.text_frame.text for s in shapes if s.has_text_frame] + cells)


def words_of_workbook(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [
        cell
        for page in book
        for row in page.iter_rows(values_only=True)
        for cell in row
        if isinstance(cell, str) and not re.fullmatch(r"[0-9a-f]{64}", cell)
    ]
    return "\n".join([*book.sheetnames, *cells])


def words_of_figure(figure):
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def words_of_calendar(content):
    lines = content.decode().replace("\r\n ", "").splitlines()
    told = ("SUMMARY", "LOCATION", "DESCRIPTION", "X-WR-CALNAME")
    return "\n".join(line.partition(":")[2] for line in lines if line.startswith(told))


def words_of_track(content):
    return "\n".join(re.findall(r"<(?:name|type)>(.*?)</", content.decode()))


def printed(parts):
    console = Console(width=240, file=io.StringIO())
    for part in parts:
        console.print(part, highlight=False)
    return console.file.getvalue()


def ground():
    found = handmade.make_ground()
    return {name: found[name] for name in ("counties", "areas", "roads")} | {"closures": CLOSURES}


@cache
def sheets(lang):
    ids = [team[0] for team in handmade.TEAMS]
    return render_sheets(
        PLAN,
        vehicles=pd.DataFrame([("T01", "engine", 2)], columns=["team_id", "profile", "quantity"]),
        profiles=pd.DataFrame({"name": ["消防车"], "name_en": ["fire engine"]}, index=["engine"]),
        capabilities=pd.DataFrame(columns=["team_id", "capability", "equipment", "equipment_en"]),
        teams=pd.DataFrame({"toll_exempt": ["no" for _id in ids]}, index=ids),
        services={},
        lang=lang,
    )


def first(lang, start):
    return next(content for name, content in sheets(lang).items() if name.startswith(start))


def brief(form, lang):
    return render_briefing(
        PLAN, form, **ground(), against=replace(PLAN, toll_free=False), lang=lang
    )


def map_page(lang):
    found = handmade.make_ground()
    for name in ("teams", "depots", "airbases"):
        found[name]["name_en"] = f"some {name}"
    found["counties"]["name_en"] = ["Xiangning", "Xinjiang"]
    return render_map(PLAN, **found, closures=CLOSURES, lang=lang)


OUTPUTS = {
    "figure": lambda lang: words_of_figure(plan_figure(PLAN, **ground(), lang=lang)),
    "timeline": lambda lang: words_of_figure(plan_timeline(PLAN, lang=lang)),
    "slides": lambda lang: words_of_pptx(brief("pptx", lang)),
    "document": lambda lang: words_of_docx(brief("docx", lang)),
    "page": lambda lang: words_of_html(brief("html", lang).decode()),
    "order": lambda lang: words_of_docx(first(lang, "orders/")),
    "workbook": lambda lang: words_of_workbook(first(lang, "orders.xlsx")),
    "calendar": lambda lang: words_of_calendar(first(lang, "timeline.ics")),
    "stand down": lambda lang: words_of_docx(first(lang, "stand_down/")),
    "changes": lambda lang: printed(changes_tables(PLAN, changes())),
    "track": lambda lang: words_of_track(first(lang, "tracks/")),
    "cell": lambda lang: words_of_html(plan_html(PLAN)),
    "tables": lambda lang: printed(plan_tables(PLAN)),
    "comparison": lambda lang: words_of_html(comparison_html(changed(), lang=lang).decode()),
    "comparison tables": lambda lang: printed(comparison_tables(changed())),
    "map": lambda lang: words_of_html(map_page(lang)),
}


def changes():
    """Return what it is to go on to the plan from one in which nobody stood down."""
    return changes_of(handmade.make_plan(), PLAN, frozenset())


def changed():
    """Return the comparison with a plan of three teams that pay toll and come later."""
    late = tuple(replace(o, arrive_s=o.arrive_s + 600) for o in PLAN.orders[:3])
    return compare(PLAN, replace(PLAN, orders=late, toll_free=False))


@pytest.mark.parametrize("name", OUTPUTS)
def test_english_is_english(name):
    set_language("en")
    words = OUTPUTS[name]("en")
    assert LATIN.search(words)
    assert not CHINESE.findall(words)


@pytest.mark.parametrize("name", OUTPUTS)
def test_chinese_is_chinese(name):
    set_language("zh")
    words = OUTPUTS[name]("zh")
    assert CHINESE.search(words)
    assert not set(LATIN.findall(words)) - KEPT
