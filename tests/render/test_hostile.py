"""Names that try to break out, in every output: they are words there, and nothing else."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from dataclasses import replace
from itertools import cycle
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

import docx
import handmade
import openpyxl
import pandas as pd
import pptx
import pytest
from icalendar import Calendar
from matplotlib.text import Text
from rich.console import Console

from dispatch.plan.changes import changes_of
from dispatch.plan.compare import compare
from dispatch.plan.write import write_plan
from dispatch.render.brief import FORMATS, render_briefing
from dispatch.render.changes import changes_csv, changes_tables
from dispatch.render.comparison import comparison_csv, comparison_html, comparison_tables
from dispatch.render.drawing import drawn
from dispatch.render.figure import plan_figure
from dispatch.render.notebook import plan_html
from dispatch.render.sheets import render_sheets
from dispatch.render.table import plan_tables
from dispatch.render.timeline import plan_timeline

NAMES = {
    "html": handmade.SCRIPT,
    "quotes": handmade.QUOTES,
    "closing": handmade.CLOSING,
    "right to left": handmade.BIDI,
    "long": handmade.LONG,
    "template": handmade.JINJA,
    "address": handmade.ADDRESS,
    "slashes": "../../etc/passwd\\..\\C:/aux",
    "equals": '=HYPERLINK("x","y")',
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(A1:A9)",
    "tab": "\t=1+1",
    "zero": "a\x00b",
    "lines": "one\r\ntwo\u2028three",
    "terminal": "\x1b[31mred\x1b]0;title\x07\x9b2J",
    "markup": "[bold red]loud[/bold red] [link=x]y[/link] \\",
    "calendar": "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:y",
    "xml": "]]></name><wpt lat='0' lon='0'/>&lt;&#0;",
    "typst": '#import "x.typ": * $x$ \\ #eval("1")',
    "mathematics": "$\\frac{1}{0}$ {0} %s {team}",
    "blank": " ",
}


pytestmark = pytest.mark.usefixtures("english")


def hostile(*names):
    """Return the plan with one of these texts, in turn, wherever the data give one."""
    turn = cycle(names)
    plan = handmade.make_plan()

    def renamed(record, *fields, **more):
        return replace(record, **{field: next(turn) for field in fields}, **more)

    orders = tuple(
        renamed(
            order,
            "team_name",
            "team_name_en",
            "control_level",
            origin=renamed(order.origin, "name", "name_en"),
            tasks=tuple(renamed(t, "capability_name_en", "unit_en") for t in order.tasks),
            legs=tuple(
                renamed(
                    leg, "origin", "destination", "origin_en", "destination_en", "service",
                    roads=(next(turn),),
                )
                for leg in order.legs
            ),
        )
        for order in plan.orders
    )  # fmt: skip
    incidents = tuple(
        renamed(
            one, "name", "name_en", "type_name_en", "county", "county_en", "level",
            "level_rule_en", "headquarters_en", "command_en",
            demands=tuple(
                renamed(d, "capability_name_en", "unit_en",
                        reasons=tuple(renamed(r, "text_en") for r in d.reasons))
                for d in one.demands
            ),
        )
        for one in plan.incidents
    )  # fmt: skip
    reserves = tuple(renamed(r, "city", "city_en") for r in plan.reserves)
    records = tuple(renamed(r, "table", "key", "name") for r in plan.illustrative)
    ended = handmade.stood_down(("T01", "unable", True), ("T02", "lost", False))
    ended = tuple(renamed(one, "team_name", "team_name_en") for one in ended)
    more = {
        "stood_down": ended,
        "orders": orders,
        "incidents": incidents,
        "reserves": reserves,
        "illustrative": records,
    }
    return renamed(plan, "scenario", "title", "title_en", "note", "note_en", "level", **more)


def unseen(text):
    """Return characters that no reader sees, apart from the ends of lines."""
    return {c for c in text if unicodedata.category(c) in ("Cc", "Cf") and c not in "\n\r\t"}


def ground(name):
    found = handmade.make_ground(name)
    return {part: found[part] for part in ("counties", "areas", "roads")}


def sheets(names):
    ids = [team[0] for team in handmade.TEAMS]
    return render_sheets(
        hostile(*names),
        vehicles=pd.DataFrame([("T01", "engine", 2)], columns=["team_id", "profile", "quantity"]),
        profiles=pd.DataFrame({"name": [names[0]], "name_en": [names[8]]}, index=["engine"]),
        capabilities=pd.DataFrame(
            [("T01", "rescue", names[9], names[9])],
            columns=["team_id", "capability", "equipment", "equipment_en"],
        ),
        teams=pd.DataFrame({"toll_exempt": ["no" for _id in ids]}, index=ids),
        services={},
        lang="en",
    )


def printed(parts):
    console = Console(width=200, file=io.StringIO(), force_terminal=False)
    for part in parts:
        console.print(part, highlight=False)
    return console.file.getvalue()


every_name = pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)

# each time other names meet other fields
ALL = tuple(NAMES.values())
every_turn = pytest.mark.parametrize("names", [ALL, ALL[::-1], ALL[1::2] + ALL[::2]])


@every_name
def test_tables_on_a_terminal(name):
    plan = hostile(name)
    first, *others = plan.orders
    later = replace(plan, orders=(replace(first, arrive_s=first.arrive_s + 600), *others[1:]))
    changes = changes_of(plan, later, frozenset())
    text = printed(
        (
            *plan_tables(plan),
            *comparison_tables(compare(plan, later)),
            *changes_tables(later, changes),
        )
    )
    assert not unseen(text)
    assert "\u2028" not in text
    if "loud" in name:
        assert "[bold red]" in text


@every_turn
@pytest.mark.filterwarnings("error")
def test_pictures(names):
    for figure in (plan_figure(hostile(*names), **ground("".join(names)), lang="en"),
                   plan_timeline(hostile(*names), lang="en")):  # fmt: skip
        assert drawn(figure, "pdf", dpi=40)
        assert not unseen("".join(text.get_text() for text in figure.findobj(Text)))


@every_turn
@pytest.mark.parametrize("form", FORMATS)
def test_briefings(monkeypatch, names, form):
    picture = drawn(
        plan_timeline(handmade.make_plan()), "svg" if form in ("pdf", "html") else "png"
    )
    # the pictures are tested above and take their time
    monkeypatch.setattr("dispatch.render.brief.drawn", lambda *_given, **_more: picture)
    monkeypatch.setattr("dispatch.render.brief.plan_figure", lambda *_given, **_more: None)
    content = render_briefing(hostile(*names), form, **ground(""), lang="en")
    if form == "pptx":
        deck = pptx.Presentation(io.BytesIO(content))
        shapes = [shape for slide in deck.slides for shape in slide.shapes]
        assert len(deck.slides) == 8
        assert not unseen("".join(s.text_frame.text for s in shapes if s.has_text_frame))
    elif form == "docx":
        document = docx.Document(io.BytesIO(content))
        assert not unseen("".join(t.text or "" for t in document.element.iter()))
    elif form == "html":
        assert_harmless(content.decode())
    else:
        assert content.startswith(b"%PDF")


@every_turn
def test_cells_and_comparisons_in_html(names):
    plan = hostile(*names)
    assert_harmless(plan_html(plan))
    assert_harmless(comparison_html(compare(plan, plan), lang="en").decode())


def assert_harmless(page):
    """Check that the page has no tag but its own, no address, and no character unseen."""
    page = re.sub(r'src="data:[^"]*"', "", page)
    tags = {tag.lower() for tag in re.findall(r"<([a-zA-Z]+)", page)}
    assert tags.isdisjoint({"script", "iframe", "object", "template", "name", "wpt", "link"})
    assert not re.search(r"\son\w+=", re.sub(r">[^<]*<", "><", page))
    assert not re.search(r"https?://", page)
    assert not unseen(page)


@every_turn
def test_sheets(names):
    files = sheets(names)
    # workbook and calendar, order and track of each team, and one order to stand down
    assert len({path.casefold() for path in files}) == 2 + 2 * len(handmade.TEAMS) + 1
    for path, content in files.items():
        parts = PurePosixPath(path).parts
        assert len(parts) <= 2
        assert ".." not in parts
        assert len(parts[-1].encode()) <= 200
        assert not set(parts[-1]) & set('<>:"\\|?*')
        assert not unseen(parts[-1])
        if path.endswith(".gpx"):
            check_track(content)
        elif path.endswith(".docx"):
            text = "".join(t.text or "" for t in docx.Document(io.BytesIO(content)).element.iter())
            assert not unseen(text)
    check_calendar(files["timeline.ics"])
    check_workbook(files["orders.xlsx"])


def check_track(content):
    root = ET.fromstring(content)  # noqa: S314
    tags = [child.tag.rpartition("}")[2] for child in root]
    assert tags.count("wpt") == 2
    assert set(tags) == {"metadata", "wpt", "trk"}
    assert not unseen("".join(root.itertext()))


def check_calendar(content):
    events = Calendar.from_ical(content).walk("VEVENT")
    assert len(events) == len(handmade.TEAMS)
    for event in events:
        assert set(event) == {
            "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "GEO", "DESCRIPTION"
        }  # fmt: skip
        assert not unseen(str(event["SUMMARY"]))
        assert "\n" not in str(event["SUMMARY"])
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


def check_workbook(content):
    cells = [
        cell
        for page in openpyxl.load_workbook(io.BytesIO(content))
        for row in page.iter_rows()
        for cell in row
    ]
    for cell in cells:
        assert cell.data_type != "f"
        assert not str(cell.value or "").startswith(("=", "+", "-", "@", "\t", "\r"))
        assert not unseen(str(cell.value or ""))
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        pages = [name for name in file.namelist() if "worksheets" in name]
        assert all(b"<f>" not in file.read(page) for page in pages)


@every_turn
def test_rows_for_spreadsheets(tmp_path, names):
    plan = hostile(*names)
    first, *others = plan.orders
    later = replace(plan, orders=(replace(first, arrive_s=first.arrive_s + 600), *others[1:]))
    changes = changes_of(plan, later, frozenset())
    write_plan(plan, tmp_path)
    for content in (
        (tmp_path / "assignments.csv").read_bytes(),
        comparison_csv(compare(plan, later)),
        changes_csv(later, changes),
    ):
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert len({len(row) for row in rows}) == 1
        for cell in (cell for row in rows for cell in row):
            number = re.fullmatch(r"[+-]?[\d.,]+", cell)
            assert number or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
