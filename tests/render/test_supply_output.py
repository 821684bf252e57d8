"""Tables and sheets of a supply plan: what is short first, and nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

sys.path.append(str(Path(__file__).parents[1] / "plan"))

from supply_case import plan

from dispatch.i18n import set_language
from dispatch.plan.supply import Goods, SupplyShortage, Undelivered
from dispatch.render.supply_sheets import supply_sheets
from dispatch.render.supply_tables import (
    _few,
    left_at_end,
    supply_tables,
    unmet_supply_at_priority_1,
)
from dispatch.render.supply_view import SupplyView

HOSTILE = "=cmd|' /C calc'!A0<script>\u202e/../" + "x" * 200


@pytest.fixture(params=["zh", "en"])
def lang(request):
    set_language(request.param)
    yield request.param
    set_language("zh")


def shown(made):
    console = Console(width=200, file=io.StringIO(), record=True)
    for part in supply_tables(made):
        console.print(part)
    return console.export_text()


def rows(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_tables_tell_what_is_short_and_that_records_are_invented(lang):
    made = plan()
    text = shown(made)
    assert str(len(made.illustrative)) in text
    assert ("illustrative" if lang == "en" else "示意") in text
    if made.shortages:
        short = made.shortages[0]
        assert (short.text_zh if lang == "zh" else short.text_en).split()[0][:4] in text


def test_many_shortages_are_counted_and_none_is_said_outright(lang):
    made = plan()
    short = SupplyShortage("", made.items[0].item_code, 1, 5, 0, "缺", "short", "买", "buy")
    hub = next(place.place_id for place in made.places if place.kind == "hub")
    text = shown(replace(made, shortages=(replace(short, hub=hub),) * 45))
    assert ("… and 5 more" if lang == "en" else "……另有 5 条") in text
    assert ("Nothing is short" if lang == "en" else "无短缺") in shown(replace(made, shortages=()))


def test_what_is_left_at_the_end_is_told(lang):
    made = plan()
    shelter = next(place.place_id for place in made.places if place.kind == "shelter")
    goods = (Goods(made.items[0].item_code, 7),)
    left = Undelivered(
        made.days,
        shelter,
        goods,
        "no_way",
        True,
        "无路",
        "no road",
    )
    changed = replace(made, undelivered=(left,))
    assert left_at_end(changed) == (left,)
    assert ("no road" if lang == "en" else "无路") in shown(changed)


def test_a_need_of_the_first_priority_that_never_comes_is_an_unmet_need():
    made = plan()
    row = next(row for row in made.supplied if row.priority == 1)
    assert not unmet_supply_at_priority_1(replace(made, supplied=()))
    assert unmet_supply_at_priority_1(replace(made, supplied=(replace(row, wanted=10**6),)))


def test_sheets_hold_every_movement_and_every_drop(lang):
    made = plan()
    files = supply_sheets(made, lang=lang)
    flows = rows(files["flows.csv"])
    assert len(flows) - 1 == sum(len(move.goods) for move in made.movements)
    drivers = [name for name in files if name.startswith("drivers/")]
    assert len(drivers) == len(made.routes)
    loaded = [name for name in files if name.startswith("loading/")]
    assert len(loaded) == len({(move.day, move.origin) for move in made.movements})
    assert len(set(names := [name.split("_", 1)[1] for name in drivers])) == len(names)


def blocks(content):
    """Return the blocks of a sheet: what stands in its first row, and the goods of all."""
    found = []
    _heads, *lines = rows(content)
    for line in lines:
        told, goods = line[:-5], line[-5:-1]
        if any(told):
            found.append((told, []))
        if any(goods):
            found[-1][1].append((goods[0], int(goods[1])))
    return found


def test_a_driver_reads_each_stop_once_with_all_its_goods(lang):
    made = plan()
    view = SupplyView(made)
    files = supply_sheets(made, lang=lang)
    sheets = sorted(name for name in files if name.startswith("drivers/"))
    for route, name in zip(made.routes, sheets, strict=True):
        (vehicle, *none), *stops = blocks(files[name])
        assert view.place(route.home) in vehicle[2]
        assert none == [[]]
        assert [told[0] for told, _goods in stops] == [str(n) for n in range(1, len(stops) + 1)]
        places = [told[2] for told, _goods in stops]
        assert all(a != b for a, b in pairwise(places) if a != places[0])
        brought = Counter()
        loaded = Counter()
        for told, goods in stops:
            (loaded if told[2] == places[0] else brought).update(dict(goods))
            assert len({item for item, _quantity in goods}) == len(goods)
        assert loaded == brought != Counter()


def test_a_store_reads_each_load_once_with_all_its_goods(lang):
    made = plan()
    files = supply_sheets(made, lang=lang)
    sheets = [blocks(content) for name, content in files.items() if name.startswith("loading/")]
    assert sum(map(len, sheets)) == len(made.movements)
    items = sorted(quantity for sheet in sheets for _told, goods in sheet for _, quantity in goods)
    assert items == sorted(one.quantity for move in made.movements for one in move.goods)


def test_a_driver_reads_by_which_roads(lang):
    """Of the ways of the plan; an aircraft has none, and waits at the hub for its load."""
    made = plan()
    assert any(move.roads for move in made.movements)
    files = supply_sheets(made, lang=lang)
    sheets = sorted(name for name in files if name.startswith("drivers/"))
    for route, name in zip(made.routes, sheets, strict=True):
        heads, _vehicle, *_stops = rows(files[name])
        column = heads.index("Roads" if lang == "en" else "途经道路")
        _vehicle, *stops = blocks(files[name])
        driven = [told[column] for told, _goods in stops]
        ways = [made.ways[row] for one in route.rounds for row in one.ways]
        if ways:
            numbers = [number for one in ways for road in one.roads for number in road.split(";")]
            assert set(re.findall(r"[A-Z]\d+", " ".join(driven))) <= set(numbers)
            # who loads has just come back, or stood there
            loads = [told[1] in ("load", "装载") for told, _goods in stops]
            assert [not road for road in driven] == loads
        else:
            assert set(driven) == {"", "by air" if lang == "en" else "航空"}
    assert any(one.roads for one in made.ways)
    loaded = [rows(content) for name, content in files.items() if name.startswith("loading/")]
    told = [line[6] for heads, *lines in loaded for line in lines if line[0]]
    nothing = "no numbered road" if lang == "en" else "无编号道路"
    assert sum(road != nothing for road in told) == sum(bool(move.roads) for move in made.movements)


def test_a_plan_that_holds_no_roads_does_not_say_that_roads_have_no_number():
    made = plan()
    moves = tuple(replace(move, roads=()) for move in made.movements)
    ways = tuple(replace(one, roads=()) for one in made.ways)
    files = supply_sheets(replace(made, movements=moves, ways=ways), lang="en")
    assert all(b"numbered" not in content for content in files.values())


def test_sheets_name_hubs_and_leave_room_to_write_in(lang):
    made = plan()
    hubs = {place.place_id for place in made.places if place.kind == "hub"}
    files = supply_sheets(made, lang=lang)
    word = "hub of " if lang == "en" else "集散点"
    for name, content in files.items():
        if "/" in name:
            heads, *lines = rows(content)
            blank = heads.index("Phone" if lang == "en" else "电话")
            assert not any(any(line[blank - 1 : blank + 2]) for line in lines)
    hauled = sum(move.destination in hubs for move in made.movements)
    loaded = [rows(content) for name, content in files.items() if name.startswith("loading/")]
    assert sum(word in line[1] for _heads, *lines in loaded for line in lines) == hauled


def test_each_table_and_sheet_says_what_is_invented(lang):
    made = plan()
    files = supply_sheets(made, lang=lang)
    for name, content in files.items():
        heads, *lines = rows(content)
        word = "示意" if lang == "zh" and "/" in name else "illustrative"
        assert heads[-1] in ("status", "Remarks", "备注"), name
        # county seats are real, goods and their stores are not
        if "item" in heads or "/" not in name:
            assert {line[-1] for line in lines} <= {word}, name
        else:
            item = len(heads) - 5
            assert {line[-1] for line in lines if line[item]} == {word}, name
            assert lines[0][-1] == word


def test_aircraft_and_airbases_are_told_by_name(lang):
    made = plan()
    flown = [route for route in made.routes if route.vehicle.startswith("AC-")]
    assert flown
    assert {one.aircraft_id for one in made.aircraft} == {route.vehicle for route in flown}
    text = "".join(
        name + content.decode() for name, content in supply_sheets(made, lang=lang).items()
    )
    assert not re.search(r"AC-|AB-", text)


def test_hostile_names_are_harmless(lang):
    made = plan()
    places = tuple(replace(place, name=HOSTILE, name_en=HOSTILE) for place in made.places)
    files = supply_sheets(replace(made, places=places), lang=lang)
    for name, content in files.items():
        assert ".." not in Path(name).parts
        assert name.count("/") <= 1
        assert len(name.encode()) < 255
        for row in rows(content):
            assert not any(cell.startswith(("=", "+", "@")) for cell in row)
    shown(replace(made, places=places))


def test_a_cell_tells_two_remedies_and_counts_the_others():
    assert _few([]) == ""
    assert _few(["加车1辆", "延时"]) == "加车1辆；延时"
    assert (
        _few(["加车1辆", "延时", "租车", "直升机"]) == "加车1辆；延时；另有2项，见 undelivered.csv"
    )
