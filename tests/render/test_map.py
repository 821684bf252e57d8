"""The page as text: what is in it, what can't be in it."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from fnmatch import fnmatch
from html.parser import HTMLParser
from pathlib import Path

import geopandas as gpd
import handmade
import pandas as pd
import pytest
import shapely

from dispatch.errors import InputError
from dispatch.i18n import language, set_language
from dispatch.plan.answers import Explanation, Limit, Remedy
from dispatch.plan.plan import IllustrativeRecord
from dispatch.registry.polygons import read_polygons
from dispatch.render import labels
from dispatch.render.map import render_map
from dispatch.render.text import plain as plain_text
from dispatch.render.tiles import tiles

DATA = Path(__file__).parents[2] / "data"
ADDRESS = re.compile(r"https?://|//[\w.-]")


class Page(HTMLParser):
    """Elements, attributes, scripts and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[str | None, str]] = []
        self.text = ""
        self._in = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Note an element."""
        self.tags.append((tag, dict(attrs)))
        self._in = tag
        if tag == "script":
            self.scripts.append((dict(attrs).get("type"), ""))

    def handle_endtag(self, tag):
        """Leave a script or style."""
        self._in = ""

    def handle_data(self, data):
        """Note text, that of scripts apart."""
        if self._in == "script":
            kind, text = self.scripts[-1]
            self.scripts[-1] = (kind, text + data)
        elif self._in != "style":
            self.text += data

    @property
    def drawing(self):
        """What the page's script draws."""
        return json.loads(next(text for kind, text in self.scripts if kind == "application/json"))


@pytest.fixture(scope="module")
def plain():
    return render_map(handmade.make_plan(), **handmade.make_ground())


@pytest.fixture(scope="module")
def hostile():
    ground = handmade.make_ground("".join(handmade.HOSTILE))
    return render_map(handmade.make_hostile_plan(), **ground)


def test_no_address_of_a_host_stands_in_the_page(plain, hostile):
    assert not ADDRESS.search(plain)
    assert not ADDRESS.search(hostile)


def test_the_same_input_gives_the_same_bytes(plain):
    assert render_map(handmade.make_plan(), **handmade.make_ground()) == plain


def test_rows_of_a_frame_may_come_in_any_order(plain):
    ground = {name: frame.iloc[::-1] for name, frame in handmade.make_ground().items()}
    ground["roads"] = handmade.make_ground()["roads"]
    assert render_map(handmade.make_plan(), **ground) == plain


def test_names_are_text_and_nothing_else(hostile):
    page = Page(hostile)
    for text in handmade.HOSTILE:
        assert plain_text(text) in page.text
    assert not set(page.text) & set(handmade.BIDI) - set(" abcdefghijklmnopqrstuvwxyz")
    assert [kind for kind, _ in page.scripts] == ["application/json", None, None, None]
    for tag, attributes in page.tags:
        assert tag not in ("img", "iframe", "link", "object", "embed", "form", "base", "a")
        assert not any(name.startswith("on") or name == "src" for name in attributes), tag
        assert attributes.get("href", "#").startswith("#")


def test_names_reach_the_drawing_as_they_are(hostile):
    drawing = Page(hostile).drawing
    assert [order["name"] for order in drawing["orders"]].count(handmade.JINJA) == 1
    assert drawing["incidents"][0]["name"] == handmade.CLOSING
    assert drawing["labels"][0]["text"].endswith("".join(handmade.HOSTILE))


def test_hostile_names_change_no_element(plain, hostile):
    """Only the rows that are more in number differ; the page's frame is the same."""
    frame = ("main", "aside", "header", "footer", "table", "svg", "style", "script")
    rows = {tag: [t for t, _ in Page(plain).tags].count(tag) for tag in frame}
    assert rows == {tag: [t for t, _ in Page(hostile).tags].count(tag) for tag in frame}


def test_only_the_page_s_own_scripts_may_run(hostile):
    page = Page(hostile)
    policy = next(a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a)
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline';")
    digests = [
        base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for kind, text in page.scripts
        if kind is None
    ]
    assert policy.split("script-src ")[1] == " ".join(f"'sha256-{d}'" for d in digests)


def test_every_order_has_its_row_times_and_legs(plain):
    page = Page(plain)
    rows = [a["data-order"] for t, a in page.tags if t == "tr" and "data-order" in a]
    assert rows == [f"order-{n}" for n in range(1, 13)]
    templates = [a["id"] for t, a in page.tags if t == "template"]
    assert set(rows) <= set(templates)
    assert {"incident-A", "incident-B", "team-0", "depot-0", "airbase-0"} <= set(templates)
    for text in ("13:55", "汾西矿业矿山救护大队", "G5 → S66", "王家岭煤矿透水", "演练用例"):
        assert text in page.text


def test_unmet_needs_stand_with_their_reasons(plain):
    text = Page(plain).text
    assert text.count("有此能力的队伍已全部派出") == 2  # panel and popup
    assert text.count("大同救护队最快02:10到达，迟40分钟") == 2


def test_routes_are_drawn_from_base_to_incident(plain):
    drawing = Page(plain).drawing
    assert len(drawing["orders"]) == 12
    taken = {t: sum(n * len(lines) for n, lines in f) for t, f in drawing["flows"].items()}
    assert all(taken.values())
    assert list(taken) == ["main", "assault", "specialist", "auxiliary"]
    for order in drawing["orders"]:
        (line,) = order["lines"]
        lon, lat = line[0] / drawing["scale"], line[1] / drawing["scale"]
        assert [lat, lon] == pytest.approx(order["at"], abs=1e-4)
    (south, west), (north, east) = drawing["bounds"]
    assert (west, south, east, north) == (110.85, 35.03, 113.58, 37.87)


def test_illustrative_records_are_called_so():
    page = render_map(handmade.make_plan(), **handmade.make_ground())
    assert "示意" in page
    assert page.count('<span class="invented">示意</span>') == 1 + 11 + 11 + 3


def test_invented_records_are_named_in_the_language_of_the_page():
    """A plan keeps Chinese names alone; whom a record belongs to has an English one."""
    ground = handmade.make_ground()
    team = ground["teams"].index[0]
    records = (
        IllustrativeRecord("teams/vehicles", f"{team}/pump", "泵车"),
        IllustrativeRecord("airbases/aircraft", "X-1", "直升机"),
    )
    plan = replace(handmade.make_plan(), illustrative=records)
    chinese, english = (render_map(plan, **ground, lang=lang) for lang in ("zh", "en"))
    assert "<bdi>泵车</bdi>" in chinese
    assert f"<bdi>{ground['teams']['name_en'].iloc[0]}</bdi> <small>teams" in english
    assert "<li><small>airbases&#47;aircraft · <bdi>X-1</bdi>" in english
    assert not re.search("泵车|直升机", english)


def test_a_map_of_real_records_only_bears_no_notice():
    plan = handmade.make_plan()
    orders = tuple(replace(order, status="existing") for order in plan.orders)
    ground = handmade.make_ground()
    for name in ("teams", "depots", "airbases"):
        ground[name] = ground[name].assign(status="existing")
    page = render_map(replace(plan, orders=orders, illustrative=()), **ground, lang="en")
    assert 'class="notice"' not in page
    assert 'class="invented"' not in page


def test_illustrative_places_alone_bring_the_notice():
    plan = handmade.make_plan()
    orders = tuple(replace(order, status="existing") for order in plan.orders)
    plan = replace(plan, orders=orders, illustrative=())
    page = render_map(plan, **handmade.make_ground(), lang="en")
    assert 'class="notice"' in page
    assert page.count('<span class="invented">illustrative</span>') == 1 + 3


def test_english_page_and_language_put_back():
    page = render_map(handmade.make_plan(), **handmade.make_ground(), lang="en")
    assert language() == "zh"
    text = Page(page).text
    for words in ("Wangjialing mine flood", "Unmet needs", "Fenxi Mine Rescue", "specialist team"):
        assert words in text
    assert '<html lang="en">' in page
    with pytest.raises(ValueError, match="language"):
        render_map(handmade.make_plan(), **handmade.make_ground(), lang="fr")
    assert language() == "zh"


def test_an_empty_plan_shows_the_ground():
    plan = replace(handmade.make_plan(), orders=(), incidents=(), reserves=(), illustrative=())
    drawing = Page(render_map(plan, **handmade.make_ground())).drawing
    assert drawing["bounds"] == [[35.4, 110.5], [36.1, 111.6]]
    assert drawing["orders"] == drawing["incidents"] == []


def test_a_leg_without_a_line_is_not_drawn():
    plan = handmade.make_plan()
    first, *rest = plan.orders
    still = replace(first, legs=first.legs[:1])
    page = Page(render_map(replace(plan, orders=(still, *rest)), **handmade.make_ground()))
    lines = {order["name"]: order["lines"] for order in page.drawing["orders"]}
    assert lines[first.team_name] == []


def closures():
    """Return an area with a hole shut for good, a line slowed for an hour, a place not known."""
    square, hole = shapely.box(111, 36, 112, 37), shapely.box(111.4, 36.4, 111.6, 36.6)
    shapes = [square.difference(hole), shapely.LineString([(111, 36), (112, 36)]), None]
    names = ("山体滑坡", handmade.SCRIPT, "无处")
    effects = ("closed", "slowed", "closed")
    more = (
        {"reliability": "confirmed", "source": "交警"},
        {"place": "link", "factor": 0.5, "from_s": 3600, "until_s": 7200},
        {"place": "link"},
    )
    return handmade.make_closures(*zip(names, effects, shapes, more, strict=True))


def test_closures_are_drawn_and_told():
    page = Page(render_map(handmade.make_plan(), **handmade.make_ground(), closures=closures()))
    area, line = page.drawing["closures"]
    assert (area["id"], area["effect"], area["until_s"]) == ("closure-0", "closed", None)
    assert [len(rings) for rings in area["areas"]] == [2]
    assert (line["from_s"], line["until_s"], len(line["lines"])) == (3600, 7200, 1)
    assert "减速至 50%" in line["tip"]
    assert page.text.count("山体滑坡") == 2  # panel and popup
    assert page.text.count("无处") == 2  # told, though nobody knows where it is
    assert [kind for kind, _ in page.scripts] == ["application/json", None, None, None]


def test_a_map_without_closures_has_no_switch_for_them(plain):
    assert 'data-layer="closures"' not in plain
    assert 'data-layer="before"' not in plain


def test_only_changed_ways_of_the_plan_before_are_drawn():
    plan = handmade.make_plan()
    late, gone, *same = plan.orders
    after = replace(plan, orders=(replace(late, arrive_s=late.arrive_s + 600), *same))
    page = Page(render_map(after, **handmade.make_ground(), before=plan))
    before = page.drawing["before"]
    assert len(before) == 2
    assert {order.team_name in b["tip"] for b, order in zip(before, (late, gone), strict=True)} == {
        True
    }
    assert all(b["lines"] for b in before)
    assert any(attributes.get("data-layer") == "before" for _, attributes in page.tags)


def explained():
    """Return the plan with what rules out more, and what would help, for its first unmet need."""
    limit = Limit("latest", "", ("x",), "大同救护队赶不上", "Datong comes too late")
    remedy = Remedy(
        "wait", "600", 1, 0, 0, 600, 0, 1, 0, 0, 1, 0, "宽限十分钟可补足", "Ten minutes more help"
    )
    found = Explanation("d", "exchange", "已证明无法再多", "Proved", (limit,), (remedy,), True)
    plan = handmade.make_plan()
    incidents = tuple(
        replace(
            incident,
            demands=tuple(
                replace(d, explanation=replace(found, demand_id=d.demand_id)) if d.unmet else d
                for d in incident.demands
            ),
        )
        for incident in plan.incidents
    )
    return replace(plan, incidents=incidents)


def test_an_unmet_need_tells_its_conflict_set_and_remedies():
    text = Page(render_map(explained(), **handmade.make_ground())).text
    for words in ("已证明无法再多", "大同救护队赶不上", "宽限十分钟可补足"):
        assert text.count(words) == 2 * sum(
            d.unmet > 0 for i in handmade.make_plan().incidents for d in i.demands
        )


def test_orders_carry_what_filters_and_clock_need(plain):
    plan = handmade.make_plan()
    drawn = {order["name"]: order for order in Page(plain).drawing["orders"]}
    for order in plan.orders:
        found = drawn[order.team_name]
        assert (found["mode"], found["level"]) == (order.mode, order.control_level)
        assert (found["depart_s"], found["arrive_s"]) == (order.depart_s, order.arrive_s)
        assert len(found["times"]) == len(found["lines"])
        assert found["times"][-1][1] <= order.arrive_s


def test_the_whole_province_stays_small():
    """All counties, roads, teams, depots and airbases of the project's own tables."""

    def table(name, key):
        frame = pd.read_csv(DATA / f"{name}.csv", dtype={"adcode": str}, keep_default_na=False)
        return frame.set_index(key)

    links = table("network/links", "link_id")
    lines = shapely.from_wkt(links.pop("geometry").to_numpy())
    page = render_map(
        handmade.make_plan(),
        counties=table("places/counties", "adcode"),
        areas=read_polygons((DATA / "places/counties.geojson").read_bytes()),
        roads=gpd.GeoDataFrame(links, geometry=lines, crs=4326),
        teams=table("teams/teams", "team_id"),
        depots=table("depots/depots", "depot_id"),
        airbases=table("airbases/airbases", "airbase_id"),
    )
    assert len(page.encode()) < 1_200_000
    assert not ADDRESS.search(page)
    drawing = Page(page).drawing
    assert len(drawing["borders"]["counties"]) == 117
    assert len(drawing["borders"]["cities"]) == 11
    assert {"G5", "G22", "G55"} <= {label["text"] for label in drawing["labels"]}


@pytest.mark.parametrize(
    "word", [labels.tier, labels.mode, labels.leg, labels.team_kind, labels.depot_kind,
             labels.airbase_kind, labels.control_level, labels.road_class],
)  # fmt: skip
def test_an_unknown_code_is_shown_as_it_is(word):
    assert word("something-new") == "something-new"


def test_codes_have_words_in_both_languages():
    for lang, expected in (("en", "fire brigade"), ("zh", "消防救援大队")):
        set_language(lang)
        assert labels.team_kind("fire_brigade") == expected
    assert labels.control_level("province") == "省级调动"


def rings():
    """Two squares around an incident, and one that reaches nothing."""
    squares = [shapely.box(111 - d, 35 - d, 111 + d, 35 + d) for d in (0.1, 0.2)]
    return gpd.GeoDataFrame(
        {"minutes": [30.0, 60.0, 120.0]}, geometry=[*squares, shapely.Polygon()], crs="EPSG:4326"
    )


def test_isochrones_are_a_layer_of_their_own_that_is_off_at_first(plain):
    assert 'data-layer="reach"' not in plain
    page = Page(render_map(handmade.make_plan(), **handmade.make_ground(), reach=rings()))
    assert [ring["minutes"] for ring in page.drawing["reach"]] == [30, 60]
    (switch,) = [a for t, a in page.tags if t == "input" and a.get("data-layer") == "reach"]
    assert "checked" not in switch


@pytest.mark.parametrize("service", ["osm", "amap", "tianditu:0123456789abcdef"])
def test_online_tiles_open_the_page_to_their_hosts_alone(service):
    page = Page(render_map(handmade.make_plan(), **handmade.make_ground(), tiles=tiles(service)))
    policy = next(a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a)
    pictures = re.search("img-src ([^;]*);", policy).group(1).split()
    assert pictures == ["data:", *tiles(service).hosts]
    assert "default-src 'none'" in policy
    for url in page.drawing["tiles"]["urls"]:
        host = url.split("/")[2].replace("{s}", "1")
        assert any(fnmatch(host, allowed.split("/")[2]) for allowed in pictures[1:])
    assert sum("GCJ-02" in text for kind, text in page.scripts if kind is None) == (
        service == "amap"
    )


@pytest.mark.parametrize("service", ["google", "osm:key", "tianditu", "tianditu:a b", ""])
def test_an_unknown_map_service_is_refused(service):
    with pytest.raises(InputError, match="tianditu:KEY"):
        tiles(service)
