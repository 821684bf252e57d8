"""The page of supplies in headless Chromium, with nothing but the file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "plan"))

from browsing import LAPTOP, violations
from supply_case import plan
from test_supply_map import hostile, page

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def shown(opened):
    made = opened(page(lang="en"))
    yield made
    made.close()


def set_day(made, day):
    made.locator("#time").evaluate(
        "(slider, at) => { slider.value = at; slider.dispatchEvent(new Event('input')); }", day
    )


def popup(made):
    """Return what the popup opened last says; those closed before it still fade."""
    return made.locator(".leaflet-popup-content").last.inner_text()


def drawn(made, pane):
    """Return how many lines lie in a pane."""
    return made.evaluate(
        """(pane) => Object.values(map_supply._layers)
        .filter(l => l.options.pane === pane && l.getLatLngs).length""",
        pane,
    )


def test_depots_hubs_and_shelters_are_those_of_the_plan(shown):
    kinds = [place.kind for place in plan().places]
    stocked = {row.depot for row in plan().stocks}
    assert shown.locator(".leaflet-marker-pane .gauge").count() == len(stocked)
    assert shown.locator(".leaflet-marker-pane .tank").count() == kinds.count("shelter")
    assert shown.locator(".leaflet-marker-pane .pill").count() == kinds.count("hub")


def test_each_day_draws_its_own_routes_and_flows(shown):
    made = plan()
    for day in range(1, made.days + 1):
        set_day(shown, day)
        pairs = {(m.origin, m.destination) for m in made.movements if m.day == day}
        routes = [route for route in made.routes if route.day == day]
        assert drawn(shown, "routes") == len(pairs) + len(routes)
        assert shown.locator(".head").count() == len(pairs)
        assert shown.locator("#routes tbody tr:visible").count() == len(routes)
        left = [row for row in made.undelivered if row.day == day]
        relief = [row for row in made.relief if row.day == day]
        assert shown.locator("#left tbody tr:visible").count() == len(left) + len(relief)
        assert shown.locator(".mark .cross").count() == len({row.shelter for row in left})
    set_day(shown, 1)


def test_a_flow_is_as_wide_as_what_it_carries(shown):
    set_day(shown, 1)
    widths = shown.evaluate(
        """() => Object.values(map_supply._layers)
        .filter(l => l.options.pane === 'streams' && l.getLatLngs).map(l => l.options.weight)"""
    )
    assert max(widths) <= 22
    assert min(widths) >= 2


def test_the_slider_plays_the_days_and_stops_at_the_last(shown):
    set_day(shown, 1)
    shown.locator("#play").click()
    assert shown.locator("#play").get_attribute("aria-label") == "Pause"
    expect(shown.locator("#clock")).to_contain_text("Day 3", timeout=6000)
    expect(shown.locator("#play")).to_have_attribute("aria-label", "Play the days", timeout=6000)
    assert shown.locator("#time").input_value() == str(plan().days)


def test_the_keyboard_moves_the_day(shown):
    shown.locator("#time").focus()
    shown.keyboard.press("Home")
    assert shown.locator("#heading").inner_text().startswith("Day 1")
    shown.keyboard.press("ArrowRight")
    assert shown.locator("#time").get_attribute("aria-valuetext").startswith("Day 2")
    shown.keyboard.press("Home")


def test_a_route_tells_its_loads_and_times(shown):
    made = plan()
    set_day(shown, 1)
    route = next(route for route in made.routes if route.day == 1)
    shown.locator("#routes tbody tr:visible button").first.click()
    text = popup(shown)
    drop = route.rounds[0].drops[0]
    place = next(one for one in made.places if one.place_id == drop.shelter)
    item = next(one for one in made.items if one.item_code == drop.goods[0].item_code)
    for words in (place.name_en, item.name_en, "Round 1"):
        assert words in text
    shown.keyboard.press("Escape")


def test_a_movement_tells_its_goods(shown):
    set_day(shown, 1)
    move = next(move for move in plan().movements if move.day == 1)
    shown.locator("#moves tbody tr:visible button").first.click()
    item = next(one for one in plan().items if one.item_code == move.goods[0].item_code)
    assert item.name_en in popup(shown)
    shown.keyboard.press("Escape")


def test_a_shortage_leads_to_its_hub(shown):
    short = plan().shortages[0]
    hub = next(one for one in plan().places if one.place_id == short.hub)
    shown.locator(f".short button:has-text('{hub.name_en}')").first.click()
    text = popup(shown)
    assert hub.name_en in text
    assert "▲" in text
    shown.keyboard.press("Escape")


def test_a_depot_tells_its_stock_of_the_day(shown):
    set_day(shown, 2)
    shown.locator(".leaflet-marker-pane .mark:has(.gauge)").first.dispatch_event("click")
    text = popup(shown)
    assert "Stock at the end of the day" in text
    assert shown.locator(".leaflet-popup-content .days i").count() == plan().days
    shown.keyboard.press("Escape")
    set_day(shown, 1)


def test_layers_can_be_switched_off(shown):
    shown.locator("[data-layer=shelters]").uncheck()
    assert shown.locator(".leaflet-marker-pane .tank").count() == 0
    shown.locator("[data-layer=shelters]").check()
    shown.locator("[data-layer=flows]").uncheck()
    assert shown.locator(".head").count() == 0
    shown.locator("[data-layer=flows]").check()


def test_hostile_names_are_shown_and_do_nothing(opened):
    made = opened(page(hostile(plan())))
    for mark in made.locator(".leaflet-marker-pane .mark").all()[:8]:
        mark.dispatch_event("click")
        made.locator(".leaflet-popup-content").first.wait_for()
    made.locator("#routes tbody tr:visible button").first.click()
    made.locator(".leaflet-popup-content").first.wait_for()
    assert made.evaluate("window.stolen") is None
    assert made.locator("script").count() == 4
    assert made.locator("img").count() == 0
    made.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_passes_the_checks_of_axe(browser, tmp_path, lang):
    file = tmp_path / "supply.html"
    file.write_text(page(lang=lang), encoding="utf-8")
    context = browser.new_context(viewport=LAPTOP, bypass_csp=True)
    made = context.new_page()
    made.goto(file.as_uri())
    made.locator(".leaflet-marker-pane .mark:has(.pill)").first.dispatch_event("click")
    made.locator(".leaflet-popup-content").wait_for()
    assert violations(made) == []
    context.close()
