"""The page in headless Chromium, with nothing but the file."""

import shutil
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import handmade
import pytest

from dispatch.render.map import render_map

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Error, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

LAPTOP = {"width": 1366, "height": 768}
ROWS = "#orders tbody tr"
BOXES = """() => [...document.querySelectorAll('.leaflet-marker-pane .badge, .label')]
    .map(e => [e.getBoundingClientRect(), e.textContent.trim()])
    .map(([r, text]) => [r.left, r.top, r.right, r.bottom, text])"""
IN_VIEW = """([[south, west], [north, east]]) =>
    map_plan.getBounds().contains([[south, west], [north, east]])"""


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as play:
        try:
            started = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        except Error as error:
            pytest.skip(f"Chromium does not start: {error}")
        yield started
        started.close()


@pytest.fixture(scope="module")
def opened(browser, tmp_path_factory):
    """Open a page; it must ask for nothing and complain of nothing."""
    complaints: list[str] = []

    def open_page(html: str):
        file: Path = tmp_path_factory.mktemp("map") / "map.html"
        file.write_text(html, encoding="utf-8")
        page = browser.new_page(viewport=LAPTOP)
        page.set_default_timeout(5000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: request.url == file.as_uri() or complaints.append(request.url),
        )
        page.goto(file.as_uri())
        return page

    yield open_page
    assert complaints == []


@pytest.fixture
def page(opened):
    opened_page = opened(render_map(handmade.make_plan(), **handmade.make_ground()))
    yield opened_page
    opened_page.close()


def assert_clear(boxes):
    """Complain of two boxes that overlap by more than their shadow."""
    for a, b in combinations(boxes, 2):
        wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        assert wide <= 3 or high <= 3, (a, b)


def settle(page):
    """Wait until the map has come to rest."""
    page.wait_for_function("!map_plan._animatingZoom && !map_plan._panAnim?._inProgress")
    page.wait_for_timeout(300)


def test_first_view_shows_every_mark_and_route(page):
    assert page.locator(".leaflet-marker-pane .badge").count() == 12 + 2
    assert page.locator(ROWS).count() == 12
    assert page.evaluate(IN_VIEW, [[35.03, 110.85], [37.87, 113.58]])
    assert page.locator(".label.event").all_text_contents() == ["王家岭煤矿透水", "罐车泄漏"]


def test_marks_and_labels_keep_clear_of_each_other(page):
    page.wait_for_timeout(200)
    boxes = page.evaluate(BOXES)
    assert len(boxes) > 20
    assert_clear(boxes)


def test_a_row_zooms_to_its_route_and_back(page):
    before = page.evaluate("map_plan.getZoom()")
    row = page.locator(ROWS).nth(0)
    row.click()
    settle(page)
    assert page.evaluate("map_plan.getZoom()") > before + 1
    assert "chosen" in row.get_attribute("class")
    assert page.evaluate(IN_VIEW, [[35.88, 110.85], [35.98, 110.85]])
    row.click()
    settle(page)
    assert page.evaluate("map_plan.getZoom()") == before


def test_pointing_at_a_row_shows_its_route_alone(page):
    def opacities(pane):
        return page.evaluate(
            """(pane) => Object.values(map_plan._layers)
            .filter(l => l.options.pane === pane && l.getLatLngs).map(l => l.options.opacity)""",
            pane,
        )

    assert len(opacities("streams")) >= 4
    assert opacities("routes") == [0] * 12
    page.locator(ROWS).nth(4).hover()
    assert sorted(opacities("routes")) == [0] * 11 + [1]
    assert set(opacities("streams")) == {0.25}
    page.locator("h1").hover()
    assert opacities("routes") == [0] * 12
    assert set(opacities("streams")) == {1}


def test_many_marks_shrink_instead_of_hiding_each_other(opened):
    plan = handmade.make_plan()
    crowd = [
        replace(order, team_id=f"{order.team_id}-{n}") for order in plan.orders for n in range(10)
    ]
    page = opened(render_map(replace(plan, orders=tuple(crowd)), **handmade.make_ground()))
    assert page.locator(".leaflet-marker-pane .badge").count() == 120 + 2
    assert page.locator(".leaflet-marker-pane .badge.small").count() > 20
    boxes = page.evaluate(BOXES.replace(".badge, .label", ".badge:not(.small)"))
    assert_clear(boxes)
    page.close()


def test_layers_switch(page):
    page.locator("[data-layer=sent-specialist]").uncheck()
    assert page.locator(".leaflet-marker-pane .badge.specialist").count() == 0
    assert page.locator(".leaflet-marker-pane .badge").count() == 14 - 5
    for layer in ("team", "depot", "airbase"):
        page.locator(f"[data-layer=place-{layer}]").check()
    assert page.locator(".leaflet-marker-pane .icon.place").count() == 3
    page.locator("[data-layer=labels]").uncheck()
    assert page.locator(".label.city").count() == 0


def test_headings_sort(page):
    def numbers():
        return [int(n) for n in page.locator(f"{ROWS} .badge b").all_text_contents()]

    page.locator("#orders th button").nth(4).click()
    first = numbers()
    assert first != list(range(1, 13))
    assert page.locator("#orders th[aria-sort=ascending]").count() == 1
    page.locator("#orders th button").nth(4).click()
    assert page.locator("#orders th[aria-sort=descending]").count() == 1
    assert numbers() != first
    page.locator("#orders th button").nth(0).click()
    assert numbers() == list(range(1, 13))


def test_an_incident_tells_its_needs_and_why_they_are_unmet(page):
    page.locator(".leaflet-marker-pane .badge.incident").first.click()
    text = page.locator(".leaflet-popup-content").inner_text()
    for words in ("王家岭煤矿透水", "300 人", "140", "迟40分钟", "1, 2, 3, 4, 5, 6, 7, 8"):
        assert words in text


def test_a_base_tells_its_legs_and_marks_its_row(page):
    page.locator(".leaflet-marker-pane .badge.auxiliary").click()
    text = page.locator(".leaflet-popup-content").inner_text()
    for words in ("蓝天救援队", "13:40 – 13:55", "G5 → S66"):
        assert words in text
    assert "蓝天救援队" in page.locator(f"{ROWS}.chosen").inner_text()


def test_hostile_names_are_shown_and_do_nothing(opened):
    ground = handmade.make_ground("".join(handmade.HOSTILE))
    page = opened(render_map(handmade.make_hostile_plan(), **ground))
    for badge in page.locator(".leaflet-marker-pane .badge").all()[:6]:
        badge.dispatch_event("click")
        page.locator(".leaflet-popup-content").first.wait_for()
    page.locator("[data-layer=place-depot]").check()
    page.locator(ROWS).nth(2).hover()
    assert page.evaluate("window.stolen") is None
    assert page.locator("script").count() == 4
    assert page.locator("img").count() == 0
    assert page.locator("h1").inner_text().startswith(handmade.SCRIPT)
    assert page.title().startswith(handmade.SCRIPT)
    page.close()
