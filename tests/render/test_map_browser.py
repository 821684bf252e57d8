"""The page in headless Chromium, with nothing but the file."""

import base64
import re
from dataclasses import replace
from itertools import combinations

import geopandas as gpd
import handmade
import pytest
import shapely
from browsing import LAPTOP, violations

from dispatch.geo import gcj02_from_wgs84
from dispatch.i18n import _
from dispatch.render.map import ON_PAPER, render_map
from dispatch.render.tiles import tiles

ROWS = "#orders tbody tr"
BOXES = """() => [...document.querySelectorAll('.leaflet-marker-pane .badge, .label')]
    .map(e => [e.getBoundingClientRect(), e.textContent.trim()])
    .map(([r, text]) => [r.left, r.top, r.right, r.bottom, text])"""
IN_VIEW = """([[south, west], [north, east]]) =>
    map_plan.getBounds().contains([[south, west], [north, east]])"""


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

    def streams():
        pane = page.locator(".leaflet-streams-pane")
        return float(pane.evaluate("pane => getComputedStyle(pane).opacity"))

    assert len(opacities("streams")) >= 4
    assert opacities("routes") == [0] * 12
    page.locator(ROWS).nth(4).hover()
    assert sorted(opacities("routes")) == [0] * 11 + [1]
    assert streams() == 0.25
    assert page.locator(".mark.order.lit").count() == 1
    page.locator("h1").hover()
    assert opacities("routes") == [0] * 12
    assert streams() == 1
    assert page.locator(".mark.order.lit").count() == 0


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
    assert page.locator(".leaflet-map-pane .icon.place").count() == 3
    page.locator("[data-layer=labels]").uncheck()
    assert page.locator(".label.city").count() == 0


def test_a_team_that_stays_is_named_and_opens_by_mouse_and_key(page):
    page.locator("[data-layer=place-team]").check()
    team = page.locator("path.staying").first
    name = team.get_attribute("aria-label")
    assert name
    for ask in (team.click, lambda: team.press("Enter")):
        ask()
        assert name in page.locator(".leaflet-popup-content").inner_text()
        page.locator(".leaflet-popup-close-button").click()
    team.hover()
    assert name in page.locator(".leaflet-tooltip").last.inner_text()


def test_all_marks_of_a_kind_are_one_stop_of_the_keyboard(page):
    """Arrows lead from mark to mark, and the tab key past them all."""

    def stops(kind):
        return page.locator(f"[data-stop={kind}][tabindex='0']")

    assert (
        page.get_by_role(
            "region", name=_("Map. Tab: next kind of mark; arrows: next mark; Enter: open")
        ).count()
        == 1
    )
    page.locator("[data-layer=place-depot]").check()
    for kind in ("incident", "order", "depot", "row"):
        assert stops(kind).count() == 1
    names = [m.get_attribute("aria-label") for m in page.locator("[data-stop=order]").all()]
    assert len(set(names)) == 12
    stops("order").focus()
    for name in names[1:]:
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == name
    page.keyboard.press("ArrowDown")  # the last one stays the last
    assert stops("order").get_attribute("aria-label") == names[-1]
    page.keyboard.press("Home")
    assert stops("order").get_attribute("aria-label") == names[0]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.stop") != "order"


def test_a_window_that_a_key_opens_takes_the_focus_and_gives_it_back(page):
    mark = page.locator("[data-stop=order][tabindex='0']")
    mark.focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    focused = "document.activeElement.className"
    assert "leaflet-popup-content" in page.evaluate(focused)
    name = mark.get_attribute("aria-label")
    page.keyboard.press("Escape")
    page.locator(".leaflet-popup").wait_for(state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == name


def test_names_of_incidents_are_whole_even_in_a_crowd(opened):
    """Nothing lies above a name, and no name above a mark of an incident or closure."""
    plan = handmade.make_plan()
    crowd = [
        replace(order, team_id=f"{order.team_id}-{n}") for order in plan.orders for n in range(20)
    ]
    here = shapely.Point(plan.incidents[0].lon + 0.2, plan.incidents[0].lat)
    closures = handmade.make_closures(("滑坡", "closed", here.buffer(0.01), {}))
    made = replace(plan, orders=tuple(crowd))
    page = opened(render_map(made, **handmade.make_ground(), closures=closures))
    boxes = page.evaluate(
        BOXES.replace(".badge, .label", ".mark .badge.incident, .mark .icon.closed, .label.event")
    )
    assert len(boxes) == 5
    assert_clear(boxes)
    levels = page.evaluate(
        "['names', 'movers', 'markerPane'].map(p => Number(getComputedStyle("
        "map_plan.getPane(p) ?? map_plan.getPane('markerPane')).zIndex))"
    )
    assert levels[0] > max(levels[1:])
    page.close()


def test_what_flies_or_rides_a_train_says_so(opened):
    plan = handmade.make_plan()

    def by(order, mode, kind):
        legs = tuple(replace(leg, kind=kind) if leg.line else leg for leg in order.legs)
        return replace(order, mode=mode, legs=legs)

    ways = {"T05": ("air", "fly"), "T12": ("rail", "ride")}
    orders = (by(o, *ways[o.team_id]) if o.team_id in ways else o for o in plan.orders)
    made = replace(plan, orders=tuple(orders))
    page = opened(render_map(made, **handmade.make_ground()))
    assert sorted(page.locator(".label.carried").all_text_contents()) == ["航空", "铁路"]
    page.locator("#filters summary").click()
    page.locator("[data-of=mode][value=air]").uncheck()
    assert page.locator(".label.carried").all_text_contents() == ["铁路"]
    page.close()


def test_a_narrow_window_keeps_the_map_in_sight(opened):
    """The list stands below the map: a mark does not scroll there, and a row scrolls back."""
    page = opened(render_map(handmade.make_plan(), **handmade.make_ground()))
    page.set_viewport_size({"width": 800, "height": 1000})
    page.wait_for_timeout(300)
    page.locator(".leaflet-marker-pane .badge.auxiliary").click()
    page.locator(".leaflet-popup-content").wait_for()
    assert page.evaluate("scrollY") == 0
    page.locator(ROWS).last.click()
    page.wait_for_timeout(500)
    top, bottom = page.evaluate(
        "(({top, bottom}) => [top, bottom])(map_plan.getContainer().getBoundingClientRect())"
    )
    assert -1 <= top < bottom <= 1001
    page.close()


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


def set_time(page, seconds):
    page.locator("#time").evaluate(
        "(slider, at) => { slider.value = at; slider.dispatchEvent(new Event('input')); }", seconds
    )


def mover_at(page, tier):
    """Return where (lat, lon) the moving marks of a tier are drawn."""
    return page.evaluate(
        """(tier) => Object.values(map_plan._layers)
        .filter(l => l.options.pane === 'movers' && l.getElement().querySelector('.' + tier))
        .map(l => [l.getLatLng().lat, l.getLatLng().lng])""",
        tier,
    )


def test_filters_show_some_orders_only(page):
    assert page.locator("#filters").get_attribute("open") is None
    page.locator("#filters summary").click()
    box = page.locator("[data-of=incident][value=B]")
    box.uncheck()
    first = sum(o.incident_id == handmade.make_plan().incidents[0].incident_id
                for o in handmade.make_plan().orders)  # fmt: skip
    assert page.locator(".leaflet-marker-pane .badge").count() == first + 1
    assert page.locator(f"{ROWS}:visible").count() == first
    seen = page.evaluate(
        """() => Object.values(map_plan._layers)
        .filter(l => l.options.pane === 'routes' && l.getLatLngs).map(l => l.options.opacity)"""
    )
    assert seen == [0.9] * first
    box.check()
    assert page.locator(".leaflet-marker-pane .badge").count() == 14


def test_the_slider_moves_teams_along_their_legs(page):
    plan = handmade.make_plan()
    assert page.locator(".mover").count() == 0
    set_time(page, 0)
    assert page.locator(".mover").count() == 12
    assert page.locator("#clock").inner_text() == plan.start[11:16]
    auxiliary = [o for o in plan.orders if o.tier == "auxiliary"]
    bases = sorted([o.origin.lat, o.origin.lon] for o in auxiliary)
    assert sorted(mover_at(page, "auxiliary")) == [pytest.approx(base) for base in bases]
    (order,) = auxiliary
    leg = next(leg for leg in order.legs if leg.line)
    middle = (leg.start_s + leg.end_s) // 2
    set_time(page, middle // 60 * 60)
    ((lat, lon),) = mover_at(page, "auxiliary")
    line = shapely.LineString(leg.line)
    assert line.distance(shapely.Point(lon, lat)) < 0.002
    assert 0.3 < line.project(shapely.Point(lon, lat), normalized=True) < 0.7
    last = max(o.arrive_s for o in plan.orders)
    set_time(page, last + 60)
    assert page.locator(".mover").count() == 0
    assert "12" in page.locator("#state").inner_text()


def test_playing_runs_from_the_start(page):
    page.locator("#play").click()
    page.wait_for_timeout(700)
    page.locator("#play").click()
    now = int(page.locator("#time").input_value())
    assert 0 < now < int(page.locator("#time").get_attribute("max"))
    assert page.locator(".mover").count() == 12
    page.wait_for_timeout(200)
    assert int(page.locator("#time").input_value()) == now  # paused


def test_the_keyboard_moves_the_slider(page):
    page.locator("#time").focus()
    page.keyboard.press("Home")
    assert page.locator(".mover").count() == 12
    assert page.locator("#time").get_attribute("aria-valuetext").startswith("13:")


def test_closures_come_and_go_with_the_time(opened):
    area, times = shapely.box(111, 35.5, 112, 36.5), {"from_s": 600, "until_s": 1800}
    closures = handmade.make_closures(("滑坡", "closed", area, times))
    page = opened(render_map(handmade.make_plan(), **handmade.make_ground(), closures=closures))
    assert page.locator("path.closure.closed").count() == 1
    page.locator(".leaflet-marker-pane .icon.closed").click()
    assert "滑坡" in page.locator(".leaflet-popup-content").inner_text()
    for seconds, count in ((0, 0), (600, 1), (1740, 1), (1800, 0)):
        set_time(page, seconds)
        assert page.locator("path.closure.closed").count() == count
    set_time(page, 10**6)
    page.locator("[data-layer=closures]").uncheck()
    assert page.locator("path.closure.closed").count() == 0
    page.close()


def test_the_ruler_measures(page):
    page.locator(".ruler").click()
    box = page.locator(".folium-map").bounding_box()
    for share in (0.3, 0.6):
        page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] - 40)
    corners = page.evaluate(
        """(points) => points.map(p => map_plan.containerPointToLatLng(p))
        .reduce((a, b) => a.distanceTo(b))""",
        [[box["width"] * share, box["height"] - 40] for share in (0.3, 0.6)],
    )
    shown = float(page.locator(".length").last.inner_text().split()[0])
    assert shown == pytest.approx(corners / 1000, rel=0.01)
    page.keyboard.press("Escape")
    page.locator(".length").first.wait_for(state="detached")  # they fade


def test_the_way_before_can_be_switched_off(opened):
    plan = handmade.make_plan()
    page = opened(
        render_map(replace(plan, orders=plan.orders[1:]), **handmade.make_ground(), before=plan)
    )
    count = """() => Object.values(map_plan._layers)
        .filter(l => l.options.pane === 'before' && l.getLatLngs).length"""
    assert page.evaluate(count) == 1
    page.locator("[data-layer=before]").uncheck()
    assert page.evaluate(count) == 0
    page.close()


def test_isochrones_are_drawn_when_they_are_asked_for(opened):
    square = gpd.GeoDataFrame(
        {"minutes": [30.0]}, geometry=[shapely.box(110.9, 34.9, 111.1, 35.1)], crs="EPSG:4326"
    )
    page = opened(render_map(handmade.make_plan(), **handmade.make_ground(), reach=square))
    assert page.locator(".label.ring").count() == 0
    page.locator("[data-layer=reach]").check()
    assert page.locator(".label.ring").all_inner_texts() == ["30分钟"]
    page.close()


PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def with_tiles(browser, tmp_path, service):
    """Open a page whose tiles are answered here; return it and what it asked for."""
    file = tmp_path / "map.html"
    file.write_text(
        render_map(handmade.make_plan(), **handmade.make_ground(), tiles=tiles(service)),
        encoding="utf-8",
    )
    page, asked = browser.new_page(viewport=LAPTOP), []
    page.route(
        re.compile("^https?:"),
        lambda route: (asked.append(route.request.url), route.fulfill(body=PIXEL)),
    )
    page.goto(file.as_uri())
    page.wait_for_selector(".leaflet-tile-loaded", state="attached")
    return page, asked


@pytest.mark.parametrize("service", ["osm", "tianditu:0123456789abcdef"])
def test_online_tiles_are_asked_of_their_service_alone(browser, tmp_path, service):
    page, asked = with_tiles(browser, tmp_path, service)
    assert asked
    hosts = {url.split("/")[2] for url in asked}
    end = {"osm": "tile.openstreetmap.org"}.get(service, ".tianditu.gov.cn")
    assert all(host.endswith(end) for host in hosts)
    page.close()


def test_tiles_in_gcj02_lie_where_the_shifted_data_would(browser, tmp_path):
    """A WGS84 point stands where plain Mercator would put its GCJ-02 position."""
    page, _asked = with_tiles(browser, tmp_path, "amap")
    for lon, lat in [(110.9, 35.7), (112.55, 37.87), (113.3, 40.09)]:
        there = gcj02_from_wgs84(lon, lat)
        off_m = page.evaluate(
            """([[lon, lat], [x, y]]) => {
              const at = map_plan.options.crs.project(L.latLng(lat, lon));
              return at.distanceTo(L.CRS.EPSG3857.project(L.latLng(y, x)));
            }""",
            [[lon, lat], list(there)],
        )
        assert off_m < 0.01
        back = page.evaluate(
            """([lon, lat]) => {
              const crs = map_plan.options.crs;
              const found = crs.unproject(crs.project(L.latLng(lat, lon)));
              return [found.lng, found.lat];
            }""",
            [lon, lat],
        )
        assert back == pytest.approx([lon, lat], abs=1e-7)
    page.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_passes_the_checks_of_axe(browser, tmp_path, lang):
    """No rule of accessibility is broken, with a window open."""
    file = tmp_path / "map.html"
    html = render_map(handmade.make_plan(), **handmade.make_ground(), lang=lang)
    file.write_text(html, encoding="utf-8")
    page = browser.new_page(viewport=LAPTOP)
    page.goto(file.as_uri())
    page.locator(".leaflet-marker-pane .badge").first.click()
    page.wait_for_selector(".leaflet-popup-content")
    assert violations(page) == []
    page.close()


def test_paper_shows_ground_and_routes(opened):
    """A canvas that is given another size for the print stays blank: no frame comes to draw in."""
    page = opened(render_map(handmade.make_plan(), **handmade.make_ground()))
    width = page.evaluate("document.querySelector('.leaflet-streams-pane canvas').width")
    seen = page.evaluate("map_plan.getBounds().toBBoxString()")
    sheets = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Width %d\b" % width, sheets)) >= 2
    assert page.evaluate("map_plan.getBounds().toBBoxString()") == seen
    page.close()


def test_paper_holds_what_a_meeting_needs(opened):
    """However many orders and needs there are: a sheet with the map, and a few more."""
    plan = handmade.make_plan()
    first, *others = plan.incidents
    needs = tuple(replace(first.demands[0], demand_id=f"A{n}") for n in range(60))
    orders = [
        replace(order, team_id=f"{order.team_id}-{n}") for order in plan.orders for n in range(20)
    ]
    incidents = (replace(first, demands=needs), *others)
    page = opened(
        render_map(
            replace(plan, orders=tuple(orders), incidents=incidents), **handmade.make_ground()
        )
    )
    page.locator("#orders th button").nth(4).click()
    sheets = page.pdf(prefer_css_page_size=True)
    assert max(map(int, re.findall(rb"/Count (\d+)", sheets))) <= 4
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(f"{ROWS}:visible").count() == ON_PAPER["orders"]
    assert page.locator("#unmet details:visible").count() == ON_PAPER["needs"]
    assert page.locator("#unmet details:visible li:visible").count() >= ON_PAPER["needs"]
    assert "240" in page.locator(".on-paper").inner_text()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator(f"{ROWS}:visible").count() == 240
    assert page.locator("#unmet details[open]").count() == 0
    assert not page.locator(".on-paper").is_visible()
    page.close()
