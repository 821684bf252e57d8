"""Briefings: the eight pages in four kinds of file, whatever the names and however many."""

import io
import re
import zipfile
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import docx
import handmade
import pptx
import pytest
from matplotlib.text import Text
from pptx.util import Emu

from dispatch.i18n import language, speaking
from dispatch.plan.answers import Explanation, Remedy
from dispatch.plan.plan import IllustrativeRecord
from dispatch.render.brief import FORMATS, render_briefing
from dispatch.render.briefing import Picture, Points, Words, briefing, warning_of
from dispatch.render.drawing import drawn
from dispatch.render.fitting import Table, fit
from dispatch.render.outcome import outcome, remedies_of
from dispatch.render.text import cut, plain
from dispatch.render.view import view

PLAN = handmade.make_plan()


pytestmark = pytest.mark.usefixtures("english")


class Tags(HTMLParser):
    """Elements of a page with the names of their attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Note an element."""
        self.found.append((tag, tuple(name for name, _value in attrs)))


def render(plan, form, text="", **options):
    found = handmade.make_ground(text)
    ground = {name: found[name] for name in ("counties", "areas", "roads")}
    return render_briefing(plan, form, **ground, **{"lang": "en", **options})


@cache
def plain_file(form, lang="en"):
    """Return the briefing of the plan; made once, as drawing takes its time."""
    return render(PLAN, form, lang=lang)


@cache
def crowded_slides():
    return render(many(400), "pptx")


def many(count):
    orders = (PLAN.orders * (count // len(PLAN.orders) + 1))[:count]
    named = [replace(o, team_id=f"X{i:03d}") for i, o in enumerate(orders)]
    return replace(PLAN, orders=tuple(named))


def blocks(plan, **options):
    return [block for page in briefing(plan, **options) for block in page.blocks]


def said(plan, **options):
    """All words of all pages."""
    return repr(briefing(plan, **options))


def words_of(form, content):
    """All words of a file."""
    if form == "html":
        return re.sub(r"<style>.*?</style>|<[^>]+>", " ", content.decode(), flags=re.DOTALL)
    if form == "pptx":
        deck = pptx.Presentation(io.BytesIO(content))
        shapes = [shape for slide in deck.slides for shape in slide.shapes]
        cells = [c.text for s in shapes if s.has_table for r in s.table.rows for c in r.cells]
        return "\n".join([s.text_frame.text for s in shapes if s.has_text_frame] + cells)
    document = docx.Document(io.BytesIO(content))
    return "\n".join(t.text or "" for t in document.element.iter() if t.tag.endswith("}t"))


def test_a_briefing_has_eight_pages_and_asks_for_a_decision():
    pages = briefing(PLAN)
    assert len(pages) == 8
    asked = next(b for b in pages[0].blocks if isinstance(b, Points))
    assert asked.numbered
    text = " ".join(asked.items)
    assert "Send 12 teams with 360 people (under the city 12)" in text
    assert "toll-free" in text
    assert "1 need that is not met" in text
    assert "reserve floors" not in text


def test_it_names_level_rule_and_headquarters():
    one = replace(
        PLAN.incidents[0], level="II", level_rule="r", level_rule_en="ten dead", county="乡宁县",
        county_en="Xiangning", headquarters="h", headquarters_en="mine headquarters",
        command="c", command_en="the province commands",
    )  # fmt: skip
    text = said(replace(PLAN, incidents=(one, PLAN.incidents[1])))
    assert "Declare response level II (province); command by mine headquarters" in text
    assert "ten dead" in text
    assert "the province commands" in text
    assert "set by the scenario" in text


def test_unmet_needs_come_first_with_reason_and_remedy():
    text = said(PLAN)
    assert "A search and rescue lacks 140 persons: Datong team is 40 min late" in text
    assert "Remedy" not in text


def test_remedies_are_told_where_the_plan_has_them():
    remedy = Remedy("level", "II", 140, 0, 0, 3600, 0, 140, 0, 0, 1, 0, "提级", "raise the level")
    told = Explanation("A1", "as_sent", "已证", "Proved", (), (remedy,), True)
    first, *others = PLAN.incidents
    demands = tuple(
        replace(d, explanation=told) if d.demand_id == "A1" else d for d in first.demands
    )
    plan = replace(PLAN, incidents=(replace(first, demands=demands), *others))
    assert "Datong team is 40 min late. Remedy: raise the level" in said(plan)
    assert remedies_of(PLAN.incidents[1].demands[0]) == []


def test_a_plan_that_meets_all_says_so():
    met = PLAN.incidents[1]
    orders = tuple(o for o in PLAN.orders if o.incident_id == "leak")
    plan = replace(PLAN, incidents=(met,), orders=orders)
    leads = [b.text for b in blocks(plan) if isinstance(b, Words)]
    assert "Every need is met on time" in leads
    late = replace(met, demands=(replace(met.demands[0], met_by_target=0),))
    leads = [b.text for b in blocks(replace(plan, incidents=(late,))) if isinstance(b, Words)]
    assert "Every need is met; 1 of them partly late" in leads


def test_another_plan_stands_beside_this_one():
    other = replace(PLAN, title_en="by night", orders=PLAN.orders[:3], toll_free=False)
    tables = [t for b in blocks(PLAN, against=other) for t in getattr(b, "blocks", ())]
    table = next(t for t in tables if t.title == "Compared with: by night")
    assert ("teams sent", "12", "3") in table.rows
    assert "by night" not in said(PLAN)
    assert "exempt by law" in said(other)


def test_figures_are_sums_of_the_orders():
    total = outcome(PLAN)
    assert total.teams == len(PLAN.orders)
    assert total.people == sum(order.personnel for order in PLAN.orders)
    assert (total.needs, total.met, total.on_time) == (2, 1, 1)
    assert total.first_s == min(order.arrive_s for order in PLAN.orders)
    assert total.left == 31
    nobody = outcome(replace(PLAN, orders=()))
    assert (nobody.teams, nobody.first_s, nobody.last_s) == (0, None, None)


def test_nobody_goes_and_there_is_still_a_briefing():
    plan = replace(PLAN, orders=(), incidents=(), reserves=(), stages=(), illustrative=())
    for form in FORMATS:
        assert render(plan, form)


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_plan_gives_the_same_bytes(form):
    assert render(PLAN, form) == plain_file(form)


@pytest.mark.parametrize("form", ["pptx", "docx", "html"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_kind_of_file_says_it(form, lang):
    text = words_of(form, plain_file(form, lang))
    zh = ("王家岭煤矿透水与罐车泄漏", "新绛县消防救援大队", "临汾市")
    en = ("Wangjialing mine flood and tanker leak", "Xinjiang Fire Brigade", "Linfen")
    for name in {"zh": zh, "en": en}[lang]:
        assert name in text


def test_pdf_brings_its_font_and_has_few_pages():
    content = render(many(400), "pdf", lang="zh")
    assert content.startswith(b"%PDF")
    assert b"NotoSansSC" in content
    assert max(map(int, re.findall(rb"/Count (\d+)", content))) <= 6


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_names_are_text_and_nothing_else(form):
    content = render(handmade.make_hostile_plan(), form, "".join(handmade.HOSTILE), lang="zh")
    if form == "pdf":
        assert content.startswith(b"%PDF")
        return
    if form == "html":
        page = content.decode()
        assert not re.search(r"https?://", page)
        tags = Tags(page).found
        assert {tag for tag, _keys in tags}.isdisjoint({"script", "b", "template", "iframe"})
        assert sorted(keys for tag, keys in tags if tag == "img") == [("src", "alt")] * 2
    text = words_of(form, content)
    assert not any(mark in text for mark in "\u202e\u202c\u200f\u2067")
    assert "长" * 201 not in text


def test_control_characters_reach_no_file():
    bad = "a\x00b\x0bc\ud800d\ufffe"
    orders = tuple(replace(o, team_name=bad, team_name_en="") for o in PLAN.orders)
    plan = replace(PLAN, orders=orders, title_en="t\x01\x1f\n\u2028u")
    for form in FORMATS:
        content = render(plan, form)
        if form != "pdf":
            assert "ab cd" in words_of(form, content)


def test_eight_slides_hold_400_teams_within_their_edges():
    deck = pptx.Presentation(io.BytesIO(crowded_slides()))
    assert len(deck.slides) == 8
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= deck.slide_width + Emu(2)
            rows = sum(r.height for r in shape.table.rows) if shape.has_table else shape.height
            assert shape.top + rows <= deck.slide_height
    text = words_of("pptx", crowded_slides())
    shown, rest = re.search(
        r"first to arrive: (\d+). In the order sheets: (\d+) more", text
    ).groups()
    assert int(shown) + int(rest) == 400


def test_a_table_that_can_not_say_so_leaves_no_row_out():
    rows = tuple((f"{i}", "x") for i in range(40))
    assert len(fit(Table(("a", "b"), rows, (1, 1)), 300, 8, 10).rows) == 40
    cut_short = fit(Table(("a", "b"), rows, (1, 1), rest="{rest} more"), 300, 8, 10)
    assert cut_short.note == f"{40 - len(cut_short.rows)} more"


@pytest.mark.parametrize("form", ["docx", "pptx"])
def test_a_long_list_is_cut_on_paper_and_says_so(form):
    first = PLAN.incidents[0]
    needs = tuple(replace(first.demands[0], demand_id=f"A{i}") for i in range(30))
    plan = replace(PLAN, incidents=(replace(first, demands=needs), PLAN.incidents[1]))
    text = words_of(form, render(plan, form))
    said_so = re.search(r"… (\d+) more in the workbook of orders", text)
    told = len(re.findall(r"A search and rescue lacks", text))
    assert told + int(said_so[1]) == 30


def test_a_long_word_begins_on_a_line_of_its_own():
    one = Table(("a", "b"), (("80 " + "x" * 30, "y"),), (1, 9), ())
    (_head, lines) = fit(one, 300, 8, 40).lines
    wide = Table(("a", "b"), (("80 " + "x " * 15, "y"),), (1, 9), ())
    (_head, fewer) = fit(wide, 300, 8, 40).lines
    assert lines == fewer + 1


def test_a_short_table_stays_on_one_sheet_of_paper():
    """LibreOffice loses rows of a table of three that it breaks below the first."""
    document = docx.Document(io.BytesIO(plain_file("docx")))
    short = [t for t in document.tables if 2 < len(t.rows) <= 9 and len(t.columns) == 5]
    assert short
    for table in short:
        *above, last = (
            [p.paragraph_format.keep_with_next for c in row.cells for p in c.paragraphs]
            for row in table.rows
        )
        assert all(all(marks) for marks in above)
        assert not any(last)


def test_words_that_lead_to_a_table_stay_with_it_on_paper():
    document = docx.Document(io.BytesIO(plain_file("docx")))
    kept = [p.text for p in document.paragraphs if p.paragraph_format.keep_with_next]
    lead = next(block.text for block in briefing(PLAN)[5].blocks if isinstance(block, Words))
    assert lead in kept


def test_type_on_slides_grows_no_further_than_its_words_fit():
    rule = "any very long rule of a response level that fills its cell to the last column " * 2
    one = replace(PLAN.incidents[0], level_rule=rule, level_rule_en=rule)
    deck = pptx.Presentation(io.BytesIO(render(replace(PLAN, incidents=(one,), orders=()), "pptx")))
    (table,) = [s.table for s in deck.slides[1].shapes if s.has_table]
    size = table.cell(1, 4).text_frame.paragraphs[0].runs[0].font.size.pt
    assert size == 12.0


@pytest.mark.parametrize("slides", [lambda: plain_file("pptx", "zh"), crowded_slides])
def test_no_type_on_slides_is_too_small_for_a_room(slides):
    deck = pptx.Presentation(io.BytesIO(slides()))
    shapes = [shape for slide in deck.slides for shape in slide.shapes]
    frames = [s.text_frame for s in shapes if s.has_text_frame]
    frames += [c.text_frame for s in shapes if s.has_table for r in s.table.rows for c in r.cells]
    runs = [run for frame in frames for paragraph in frame.paragraphs for run in paragraph.runs]
    assert min(run.font.size.pt for run in runs) >= 12


def test_no_type_in_pictures_of_slides_is_too_small_for_a_room(monkeypatch):
    figures = []

    def kept(figure, form, **options):
        figures.append(figure)
        return drawn(figure, form, **options)

    monkeypatch.setattr("dispatch.render.brief.drawn", kept)
    deck = pptx.Presentation(io.BytesIO(render(PLAN, "pptx")))
    pictures = [s for slide in deck.slides for s in slide.shapes if s.shape_type == 13]
    for figure, picture in zip(figures, pictures, strict=True):
        larger = picture.width.inches / figure.get_size_inches()[0]
        texts = [t for t in figure.findobj(Text) if t.get_text().strip()]
        assert min(t.get_fontsize() for t in texts) * larger >= 10
        assert len(texts) > 5


def test_pictures_have_words_for_who_cannot_see_them():
    deck = pptx.Presentation(io.BytesIO(plain_file("pptx")))
    pictures = [s for slide in deck.slides for s in slide.shapes if s.shape_type == 13]
    alts = [picture._element.nvPicPr.cNvPr.get("descr") for picture in pictures]
    assert alts == [b.alt for b in blocks(PLAN) if isinstance(b, Picture)]


def test_files_bear_the_start_of_the_plan_and_no_hour_of_their_own():
    for form in ("pptx", "docx"):
        with zipfile.ZipFile(io.BytesIO(plain_file(form))) as file:
            assert {info.date_time for info in file.infolist()} == {(2000, 1, 1, 0, 0, 0)}
            assert b"2010-03-28T13:40:00Z" in file.read("docProps/core.xml")


def test_a_page_asks_no_host_and_runs_no_script():
    page = plain_file("html").decode()
    assert "default-src 'none'" in page
    assert not re.search(r"https?://|<script|<link", page)


def test_another_kind_of_file_is_refused():
    with pytest.raises(ValueError, match="odt"):
        render(PLAN, "odt")


def test_tables_are_cut_to_their_room():
    rows = tuple((f"{i}", "name " * 40) for i in range(50))
    table = Table(("No.", "Name"), rows, (1, 4), (0,), "Title", "{shown} of all, {rest} more")
    fitted = fit(table, 300, 10, 20)
    used = sum(fitted.lines) + 0.4 * len(fitted.lines) + 1.4
    assert used + 1.5 <= 20 + 1
    assert fitted.note == f"{len(fitted.rows)} of all, {50 - len(fitted.rows)} more"
    assert all(cell.endswith("…") for _number, cell in fitted.rows)
    assert sum(fitted.widths) == pytest.approx(300)
    whole = fit(table, 300, 10, 1000)
    assert len(whole.rows) == 50
    assert whole.note == ""


def test_text_is_made_plain():
    assert plain("a\u202eb\x00\t\n c\u2028d") == "ab c d"
    assert cut("长" * 10, 8) == "长长长…"
    assert cut("short", 8) == "short"
    with speaking("zh"):
        assert language() == "zh"
    assert language() == "en"


def test_who_orders_teams_out_is_told_only_where_it_is_known():
    orders = tuple(replace(order, control_level=" ") for order in PLAN.orders)
    decision = briefing(replace(PLAN, orders=orders))[0]
    asked = next(block for block in decision.blocks if isinstance(block, Points))
    sent = next(item for item in asked.items if item.startswith("Send"))
    assert "(" not in sent


def test_great_counts_of_invented_records_are_told_in_thousands():
    record = IllustrativeRecord("teams/teams", "T01", "team")
    shown = view(replace(PLAN, illustrative=(record,) * 1016))
    assert "1,016 records" in warning_of(shown)
