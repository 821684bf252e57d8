"""The page of supplies as text: what is in it, what can't be in it."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import handmade
import pytest

sys.path.append(str(Path(__file__).parents[1] / "plan"))

from supply_case import plan

from dispatch.plan.supply import Goods, Relief, SupplyShortage, Undelivered
from dispatch.render.supply_map import render_supply_map
from dispatch.render.supply_met import Met, worst

ADDRESS = re.compile(r"https?://|//[\w.-]")
GROUND = ("counties", "areas", "roads")


def ground(text: str = ""):
    made = handmade.make_ground(text)
    return {name: made[name] for name in GROUND}


def page(made=None, lang="zh", text=""):
    return render_supply_map(made or plan(), **ground(text), lang=lang)


def drawing(text):
    found = re.search(r'<script type="application/json" id="drawing">(.*?)</script>', text, re.S)
    return json.loads(found[1])


def hostile(made):
    """Return the plan with a hostile text wherever the data give one."""
    names = [handmade.HOSTILE[i % len(handmade.HOSTILE)] for i in range(len(made.places))]
    places = tuple(
        replace(one, name=name, name_en=name) for one, name in zip(made.places, names, strict=True)
    )
    bad = handmade.CLOSING + handmade.SCRIPT
    items = tuple(replace(one, name=bad, name_en=bad, unit=bad, unit_en=bad) for one in made.items)
    shelter = next(one.place_id for one in made.places if one.kind == "shelter")
    hub = next(one.place_id for one in made.places if one.kind == "hub")
    code = made.items[0].item_code
    goods = (Goods(code, 3),)
    return replace(
        made,
        title=handmade.SCRIPT,
        title_en=handmade.SCRIPT,
        scenario=handmade.CLOSING,
        places=places,
        items=items,
        shortages=(SupplyShortage(hub, code, 1, 5, 2, bad, bad, bad, bad),),
        undelivered=(Undelivered(1, shelter, goods, "no_way", True, bad, bad, 0, bad, bad),),
        relief=(Relief(1, hub, bad, bad),),
        illustrative=tuple(replace(one, name=bad, key=bad) for one in made.illustrative[:3]),
    )


def test_no_address_of_a_host_stands_in_the_page():
    assert not ADDRESS.search(page())
    assert not ADDRESS.search(page(hostile(plan()), text="".join(handmade.HOSTILE)))


def test_the_same_plan_gives_the_same_bytes():
    assert page() == page()


def test_names_are_text_and_nothing_else():
    plain, bad = page(), page(hostile(plan()))
    for tag in ("<script", "<style", "<aside", "<main", "<img", "<iframe", "<link"):
        assert bad.count(tag) == plain.count(tag), tag
    assert handmade.SCRIPT not in bad
    names = [place["name"] for place in drawing(bad)["places"]]
    assert any("<script>" in name for name in names)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_tells_every_shortage_and_what_is_illustrative(lang):
    made = plan()
    text = page(lang=lang)
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in text
    assert ("illustrative" if lang == "en" else "示意") in text
    assert text.count("data-first=") == len(made.shortages) > 0
    for row in made.shortages:
        for told in (row.text_en, row.remedy_en) if lang == "en" else ():
            assert told.replace("/", "&#47;") in text


def test_an_english_page_has_no_chinese():
    words = re.sub("<style>.*?</style>", "", page(lang="en"), flags=re.DOTALL)
    assert not re.findall("[\u3400-\u9fff]+", words)


def test_what_is_drawn_is_what_the_plan_says():
    made, drawn = plan(), drawing(page())
    assert len(drawn["moves"]) == len(made.movements)
    assert len(drawn["routes"]) == len(made.routes)
    assert len(drawn["left"]) == len(made.undelivered)
    assert len(drawn["ways"]) == len(made.ways)
    assert len(drawn["days"]) == len(drawn["flows"]) == len(drawn["states"]) == made.days
    tonnes = sum(one["t"] for one in drawn["moves"])
    mass = {item.item_code: item.mass_kg for item in made.items}
    told = sum(mass[g.item_code] * g.quantity for m in made.movements for g in m.goods) / 1000
    assert tonnes == pytest.approx(told, abs=0.05 * len(made.movements))
    for route, said in zip(made.routes, drawn["routes"], strict=True):
        assert said["air"] == (route.home.startswith("AB"))
        for one, told_round in zip(route.rounds, said["rounds"], strict=True):
            units = sum(goods.quantity for drop in one.drops for goods in drop.goods)
            assert units == sum(n for *_at, goods in told_round["drops"] for _item, n in goods)


def test_stock_and_reserve_of_a_depot_add_up():
    made, drawn = plan(), drawing(page())
    depot = next(place for place in drawn["places"] if place["kind"] == "depot")
    mass = {item.item_code: item.mass_kg for item in made.items}
    (key,) = [p.place_id for p in made.places if [round(p.lat, 5), round(p.lon, 5)] == depot["at"]
              and p.kind == "depot"]  # fmt: skip
    rows = [row for row in made.stocks if row.depot == key]
    for day in range(made.days):
        kg = sum(mass[row.item_code] * row.by_day[day] for row in rows)
        assert depot["kg"][day] == pytest.approx(kg, abs=1)
    assert depot["floor_kg"] == pytest.approx(
        sum(mass[row.item_code] * row.floor for row in rows), abs=1
    )
    assert 0 < depot["floor_kg"] < depot["before_kg"]


def test_a_hub_has_what_its_shelters_have():
    made = plan()
    met = Met(made)
    hub = next(place.place_id for place in made.places if place.kind == "hub")
    mine = [place.place_id for place in made.places if place.hub == hub]
    lines = {name: list(met.lines(name)) for name in (hub, *mine)}
    for day in range(made.days):
        for line in lines[hub][day]:
            parts = [one for name in mine for one in lines[name][day]
                     if one.item_code == line.item_code]  # fmt: skip
            assert line.wanted == sum(one.wanted for one in parts)
            assert line.brought == sum(one.brought for one in parts)
            assert 0 <= line.percent <= 100


def test_the_worst_item_tells_the_share():
    """900 latrines are wanted and some come; all the water does: the others lack, not the first."""
    made = plan()
    met = Met(made)
    shelter = next(w.shelter for w in made.wanted for g in w.goods if g.quantity == 900)
    last = list(met.lines(shelter))[-1]
    latrine = next(one for one in last if one.item_code == "199999917")
    assert latrine.percent < 100
    assert worst(last, urgent=False) <= latrine.percent
    assert worst([], urgent=True) == 100
