"""A plan in a cell of a notebook: its figures, escaped, in either language."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import handmade

from dispatch.i18n import set_language
from dispatch.render.notebook import MOST_ROWS, plan_html

PLAN = handmade.make_plan()


class Page(HTMLParser):
    """Tags, the names of their attributes, and the words between them."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Note a tag."""
        self.tags.append((tag, tuple(name for name, _value in attrs)))

    def handle_data(self, data):
        """Note words."""
        self.words.append(data)


def test_a_cell_tells_figures_needs_and_orders():
    set_language("en")
    words = " ".join(Page(plan_html(PLAN)).words)
    for text in (
        "Wangjialing mine flood and tanker leak", "response level II (province)", "teams sent",
        "Xinjiang Fire Brigade", "search and rescue", "140",
    ):  # fmt: skip
        assert text in words
    set_language("zh")
    assert "新绛县消防救援大队" in plan_html(PLAN)
    assert 'lang="zh-CN"' in plan_html(PLAN)


def test_invented_records_are_flagged_at_the_head():
    set_language("en")
    warning = "no basis for sending people"
    page = plan_html(PLAN)
    assert page.index(warning) < page.index("<table")
    orders = tuple(replace(order, status="existing") for order in PLAN.orders)
    assert warning not in plan_html(replace(PLAN, illustrative=(), orders=orders))


def test_long_tables_are_cut_and_say_so():
    set_language("en")
    orders = tuple(replace(o, team_id=f"X{i}") for i, o in enumerate(PLAN.orders * 5))
    page = plan_html(replace(PLAN, orders=orders))
    assert f"The first to arrive: {MOST_ROWS}. In the order sheets: {60 - MOST_ROWS} more" in page
    assert page.count("<tr>") < 60


def test_hostile_names_are_words():
    page = plan_html(handmade.make_hostile_plan())
    found = Page(page)
    assert {tag for tag, _names in found.tags}.isdisjoint({"script", "img", "b", "template"})
    assert {names for _tag, names in found.tags} <= {
        (), ("class",), ("class", "lang"), ("scope",), ("scope", "class")
    }  # fmt: skip
    assert not re.search(r"https?://", page)
    assert "\u202e" not in page
    assert handmade.SCRIPT in " ".join(found.words)


def test_the_same_plan_gives_the_same_text():
    assert plan_html(PLAN) == plan_html(PLAN) == PLAN._repr_html_()
