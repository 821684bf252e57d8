"""Order sheets: orders, workbook, tracks and calendar, whatever the names."""

import io
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

import docx
import handmade
import openpyxl
import pandas as pd
import pytest
from icalendar import Calendar

from dispatch.render import workbook
from dispatch.render.changed_sheets import changed_sheets
from dispatch.render.orders import service_names
from dispatch.render.sheets import render_sheets
from dispatch.render.text import file_name, way

PLAN = handmade.make_plan()
SERVICES = {
    "AC-1": ("直升机", "helicopter 1"), "东线": ("东线", "East line"), "西线": ("西线", "West line")
}  # fmt: skip
KIT = ("Equipment and authority",)
GPX = "{http://www.topografix.com/GPX/1/1}"


pytestmark = pytest.mark.usefixtures("english")


def tables(text=""):
    """T01 has two fire engines and a car, T02 one fire engine; T02 is exempt by law."""
    ids = [team[0] for team in handmade.TEAMS]
    return {
        "vehicles": pd.DataFrame(
            [("T01", "engine", 2), ("T01", "car", 1), ("T02", "engine", 1)],
            columns=["team_id", "profile", "quantity"],
        ),
        "profiles": pd.DataFrame(
            {"name": ["消防车" + text, "轿车"], "name_en": ["fire engine" + text, "car"]},
            index=["engine", "car"],
        ),
        "capabilities": pd.DataFrame(
            [("T01", "rescue", "绳索" + text, "ropes" + text)],
            columns=["team_id", "capability", "equipment", "equipment_en"],
        ),
        "teams": pd.DataFrame(
            {"toll_exempt": ["yes" if i == "T02" else "no" for i in ids]}, index=ids
        ),
        "services": SERVICES,
    }


def render(plan=None, text="", **options):
    if plan is None and not text and not options:
        return plain_files()
    return render_sheets(plan or PLAN, **tables(text), **{"lang": "en", **options})


@cache
def plain_files():
    """Return the sheets of the plan, made once."""
    return render_sheets(PLAN, **tables(), lang="en")


def book(files):
    return openpyxl.load_workbook(io.BytesIO(files["orders.xlsx"]))


def rows(files, name):
    return list(book(files)[name].iter_rows(min_row=2, values_only=True))


def order_text(files, start):
    (name,) = [name for name in files if name.startswith(f"orders/{start}")]
    document = docx.Document(io.BytesIO(files[name]))
    return "\n".join(t.text or "" for t in document.element.iter() if t.tag.endswith("}t"))


def number_of(team_id):
    arrivals = sorted((o.incident_id != "mine", o.arrive_s, o.team_id) for o in PLAN.orders)
    return [team for _other, _arrive, team in arrivals].index(team_id) + 1


def test_each_team_has_an_order_and_a_track_beside_workbook_and_calendar():
    files = render()
    assert {"orders.xlsx", "timeline.ics"} <= set(files)
    assert sum(name.startswith("orders/") for name in files) == len(PLAN.orders)
    assert sum(name.startswith("tracks/") for name in files) == len(PLAN.orders)


def test_an_order_tells_whom_where_how_when_and_with_what():
    text = order_text(render(), f"{number_of('T01'):03d}")
    for part in (
        "Xiangning Fire Brigade", "A Wangjialing mine flood", "search and rescue 20 persons",
        "wanted by 03-28 16:40", "03-28 13:55", "by road", "G5 → S66", "ropes",
        "fire engine × 2; car × 1", "pass free under the policy", "under the city",
        "Contact on site", "signature",
    ):  # fmt: skip
        assert part in text, part
    assert "110.8500°E 35.8800°N" in text


def test_an_order_in_chinese():
    text = order_text(render(lang="zh"), f"{number_of('T01'):03d}")
    assert "乡宁县消防救援大队" in text
    assert "消防车 × 2" in text


def test_contacts_are_blanks_and_never_invented():
    """The registry holds no persons: the cells are there, and empty."""
    for row in rows(render(), "Equipment and authority"):
        assert row[-5:-1] == (None, None, None, None)


def test_the_workbook_holds_every_order_leg_and_need():
    files = render()
    orders = rows(files, "Orders")
    assert [row[0] for row in orders] == list(range(1, 13))
    assert orders[0][7] == datetime(2010, 3, 28, 13, 55)
    assert len(rows(files, "Ways")) == sum(len(order.legs) for order in PLAN.orders)
    needs = rows(files, "Needs")
    assert [row[8] for row in needs] == [140, 0]
    assert "Datong team is 40 min late" in needs[0][9]
    assert [row[4] for row in rows(files, "Reserves")] == [18, 13]


def test_kilometres_are_a_thousandth_of_the_metres_of_the_plan():
    """Both stood mixed in an export of another tool."""
    files = render()
    by_number = {number_of(order.team_id): order for order in PLAN.orders}
    heads = [cell.value for cell in book(files)["Orders"][1]]
    for row in rows(files, "Orders"):
        km = by_number[row[0]].distance_m / 1000
        assert row[heads.index("km")] == pytest.approx(km)
        text = order_text(files, f"{row[0]:03d}")
        assert f", {km:,.0f} km" in text
    heads = [cell.value for cell in book(files)["Ways"][1]]
    driven = Counter()
    for row in rows(files, "Ways"):
        driven[row[0]] += row[heads.index("km")]
    assert driven == pytest.approx({n: o.distance_m / 1000 for n, o in by_number.items()})


def test_a_pass_for_each_vehicle_with_room_for_its_plate():
    passes = rows(render(), "Toll-free passes")
    assert [(row[2], row[3]) for row in passes if row[0] == number_of("T01")] == [
        ("fire engine", "1/2"), ("fire engine", "2/2"), ("car", "1/1")
    ]  # fmt: skip
    assert len(passes) == 4
    assert {row[4] for row in passes} == {None}
    assert {row[7] for row in passes} == {"G5 → S66"}


def test_without_the_policy_only_those_exempt_by_law_have_a_pass():
    files = render(replace(PLAN, toll_free=False))
    passes = rows(files, "Toll-free passes")
    assert [(row[0], row[-1]) for row in passes] == [(number_of("T02"), "exempt by law")]
    assert "no toll-free pass" in order_text(files, f"{number_of('T01'):03d}")


def test_a_team_that_rides_or_flies_leaves_its_vehicles_behind():
    rider = replace(PLAN.orders[0], mode="rail")
    files = render(replace(PLAN, orders=(rider, *PLAN.orders[1:])))
    assert "fire engine" not in order_text(files, f"{number_of('T01'):03d}")
    assert {row[0] for row in rows(files, "Toll-free passes")} == {number_of("T02")}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", " ="])
def test_no_cell_becomes_a_formula(start):
    bad = start + 'HYPERLINK("x")'
    order = replace(PLAN.orders[0], team_name=bad, team_name_en=bad, control_level=bad)
    plan = replace(PLAN, orders=(order,), title_en=bad)
    files = render(plan, text=bad)
    cells = [c for page in book(files) for row in page.iter_rows() for c in row]
    assert any("HYPERLINK" in str(c.value) for c in cells)
    for cell in cells:
        assert cell.data_type != "f"
        assert not str(cell.value or "").startswith(("=", "+", "-", "@", "\t", "\r"))
    with zipfile.ZipFile(io.BytesIO(files["orders.xlsx"])) as file:
        sheets = [name for name in file.namelist() if "worksheets" in name]
        assert all(b"<f>" not in file.read(name) for name in sheets)


def test_hostile_names_stay_in_their_folder_and_are_text():
    files = render(handmade.make_hostile_plan(), "".join(handmade.HOSTILE))
    for name in files:
        path = PurePosixPath(name)
        assert len(path.parts) <= 2
        assert ".." not in path.parts
        assert len(path.name.encode()) <= 200
        assert not set(path.name) & set('<>:"\\|?*\u202e\u200f\x00')
    assert len({name.casefold() for name in files}) == 2 + 2 * len(PLAN.orders)
    for name, content in files.items():
        if name.endswith(".gpx"):
            assert {child.tag for child in ET.fromstring(content)} <= {  # noqa: S314
                f"{GPX}{tag}" for tag in ("metadata", "wpt", "trk")
            }
    events = Calendar.from_ical(files["timeline.ics"]).walk("VEVENT")
    assert len(events) == len(PLAN.orders)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a/b\\c", "..", "CON", "", "\u202egpj.exe", "长" * 200, "a" * 500]
)
def test_file_names_are_safe(name):
    safe = file_name(7, name, ".docx")
    assert safe.startswith("007_")
    assert safe.endswith(".docx")
    assert "/" not in safe
    assert "\\" not in safe
    assert "\u202e" not in safe
    assert len(safe.encode()) <= 200


def test_a_track_leads_from_the_team_to_the_incident():
    files = render()
    (name,) = [n for n in files if n.startswith(f"tracks/{number_of('T06'):03d}")]
    root = ET.fromstring(files[name])  # noqa: S314
    points = [(float(p.get("lon")), float(p.get("lat"))) for p in root.iter(f"{GPX}trkpt")]
    order = next(o for o in PLAN.orders if o.team_id == "T06")
    assert points == [pytest.approx(at) for at in order.legs[-1].line]
    ways = [p.findtext(f"{GPX}name") for p in root.findall(f"{GPX}wpt")]
    assert ways == ["base of Taiyuan Flood Team", "A Wangjialing mine flood"]


def test_the_calendar_holds_departure_and_arrival():
    calendar = Calendar.from_ical(render()["timeline.ics"])
    events = {str(e["summary"]).split()[0]: e for e in calendar.walk("VEVENT")}
    order = next(o for o in PLAN.orders if o.team_id == "T01")
    event = events[str(number_of("T01"))]
    assert event.start == datetime(2010, 3, 28, 5, 55, tzinfo=UTC)
    assert (event.end - event.start).total_seconds() == order.arrive_s - order.depart_s
    assert len({str(e["uid"]) for e in events.values()}) == len(PLAN.orders)


def test_the_word_illustrative_reaches_every_file():
    plan = handmade.make_plan()
    orders = tuple(replace(order, status="illustrative") for order in plan.orders)
    for name, content in render(replace(plan, orders=orders)).items():
        if name == "orders.xlsx":
            book = openpyxl.load_workbook(io.BytesIO(content))
            assert all("llustrative" in page.oddHeader.center.text for page in book), name
        elif name.endswith(".docx"):
            text = order_text({name: content}, name.removeprefix("orders/"))
            assert "Illustrative data" in text
        else:
            assert b"Illustrative data" in content.replace(b"\r\n ", b""), name


def test_rows_of_the_workbook_are_high_enough_for_their_words():
    first, *others = PLAN.orders
    roads = tuple(f"G{n}" for n in range(60))
    legs = tuple(replace(leg, roads=roads) if leg.line else leg for leg in first.legs)
    page = book(render(replace(PLAN, orders=(replace(first, legs=legs), *others))))["Ways"]
    column = [cell.value for cell in page[1]].index("Roads")
    for row in page.iter_rows(min_row=2):
        letters = len(row[column].value or "")
        width = page.column_dimensions[row[column].column_letter].width
        assert page.row_dimensions[row[0].row].height >= 12 * (letters / width)


@pytest.mark.parametrize("hostile", [False, True])
def test_each_sheet_of_the_workbook_prints_across_one_page_in_readable_type(hostile):
    """A column is 7 px for each letter, 5 px around; 96 px are an inch; A3 is 16.5 inches wide."""
    plan = handmade.make_hostile_plan() if hostile else PLAN
    for page in book(render(plan, "".join(handmade.HOSTILE) if hostile else "")):
        px = sum(7 * column.width + 5 for column in page.column_dimensions.values())
        room_px = (16.5 - page.page_margins.left - page.page_margins.right) * 96
        assert room_px / px > 0.75, page.title
        assert page.page_setup.fitToWidth == 1
        assert page.page_setup.orientation == "landscape"


def test_columns_to_fill_in_by_hand_are_wide_enough_to_write_in():
    for sheet, heading in (("Toll-free passes", "Number plate"), (*KIT, "Phone")):
        page = book(render())[sheet]
        for cell in page[1]:
            if cell.value == heading:
                assert page.column_dimensions[cell.column_letter].width >= 16


def test_the_same_plan_gives_the_same_bytes():
    assert render(PLAN) == render()


def test_a_plan_without_orders_has_a_workbook_all_the_same():
    files = render(replace(PLAN, orders=()))
    assert set(files) == {"orders.xlsx", "timeline.ics"}
    assert rows(files, "Orders") == []


@pytest.mark.parametrize(
    ("service", "lang", "told"),
    [
        ("AC-1", "en", "helicopter 1"),
        ("AC-1", "zh", "直升机"),
        ("东线|西线", "en", "East line, West line"),
        ("东线|西线", "zh", "东线、西线"),
        ("G681", "en", "G681"),
    ],
)
def test_an_order_tells_train_and_aircraft_by_name(service, lang, told):
    first, *others = PLAN.orders
    legs = (first.legs[0], replace(first.legs[1], kind="ride", roads=(), service=service))
    plan = replace(PLAN, orders=(replace(first, mode="rail", legs=legs), *others))
    files = render(plan, lang=lang)
    assert told in order_text(files, f"{number_of('T01'):03d}").split("\n")
    ways = rows(files, "Ways" if lang == "en" else "行程")
    assert told in [row[8] for row in ways]


def test_an_order_tells_every_line_that_a_train_runs_over():
    lines = "|".join(f"the high-speed line number {n}" for n in range(12))
    first, *others = PLAN.orders
    legs = (first.legs[0], replace(first.legs[1], kind="ride", roads=(), service=lines))
    plan = replace(PLAN, orders=(replace(first, mode="rail", legs=legs), *others))
    assert ", ".join(lines.split("|")) in order_text(render(plan), f"{number_of('T01'):03d}")


def test_a_drive_on_roads_without_numbers_says_so():
    first, *others = PLAN.orders
    legs = tuple(replace(leg, roads=()) for leg in first.legs)
    files = render(replace(PLAN, orders=(replace(first, legs=legs), *others)))
    told = order_text(files, f"{number_of('T01'):03d}").split("\n")
    drives = sum(leg.kind == "drive" and leg.distance_m > 0 for leg in legs)
    assert told.count("no numbered road") == drives > 0


def test_an_order_tells_the_whole_way_however_many_legs_it_has():
    first, *others = PLAN.orders
    ready, drive = first.legs
    legs = (ready, *(replace(drive, destination=f"stop {n}") for n in range(60)))
    files = render(replace(PLAN, orders=(replace(first, legs=legs), *others)))
    told = order_text(files, f"{number_of('T01'):03d}").split("\n")
    assert [f"stop {n}" in told for n in range(60)] == [True] * 60
    # what goes on at one place tells it once
    assert told.count("乡宁县消防救援大队") == 1 + 60


def test_names_of_lines_and_aircraft_come_from_the_tables():
    aircraft = pd.DataFrame({"name": ["直升机"], "name_en": ["helicopter"]}, index=["AC-1"])
    lines = pd.DataFrame({"line": ["东线|西线", "南线"], "line_en": ["East|West", None]})
    tables = {"airbases/aircraft": aircraft, "network/rail_services": lines}
    assert service_names({}) == {}
    assert service_names(tables) == {
        "AC-1": ("直升机", "helicopter"),
        "东线": ("东线", "East"),
        "西线": ("西线", "West"),
        "南线": ("南线", ""),
    }


def test_a_road_that_follows_itself_is_named_once():
    assert way(["G5", "G5", "", "S66", "G5"]) == "G5 → S66 → G5"
    assert way([]) == ""


def test_roads_that_share_a_stretch_stand_together():
    assert way(["G108", "G20;G2003", "G209, G309"]) == "G108 → G20/G2003 → G209/G309"
    assert way(["G20", "G5;G20", "G20", "G20;G2003;G55", "G55", "G20"]) == "G20 → G55 → G20"
    assert way(["G20;G5", "", "G5", "G5;G20"]) == "G5"


def test_who_stands_down_is_told_so_and_who_is_lost_is_only_listed():
    ended = handmade.stood_down(
        ("T01", "unable", True), ("T02", "lost", True), ("T03", "released", False)
    )
    left = tuple(o for o in PLAN.orders if o.team_id not in {one.team_id for one in ended})
    files = render(replace(PLAN, orders=left, stood_down=ended))
    sheets = sorted(name for name in files if name.startswith("stand_down/"))
    assert [PurePosixPath(name).stem for name in sheets] == [
        "001_Xiangning_Fire_Brigade", "002_Armed_Police_Linfen",
    ]  # fmt: skip
    first = docx.Document(io.BytesIO(files[sheets[0]]))
    text = "\n".join(t.text or "" for t in first.element.iter() if t.tag.endswith("}t"))
    for part in ("Order to stand down", "return to base", "all its units are lost", "03-28"):
        assert part in text, part
    told = {row[0]: row[-2:] for row in rows(files, "Stood down")}
    assert told["Linfen Fire Detachment"] == ("lost", "count on it no more")
    assert told["Armed Police Linfen"][1] == "stand down, stay at base"
    assert "Stood down" not in book(render()).sheetnames


def test_a_team_without_a_task_stands_by():
    first, *others = PLAN.orders
    files = render(replace(PLAN, orders=(replace(first, tasks=()), *others)))
    assert "stand by on site for further orders" in order_text(
        files, f"{number_of(first.team_id):03d}"
    )


def test_an_order_given_later_says_when_and_that_the_earlier_ones_are_void():
    changed = {"T01": True, "T02": False}
    files = changed_sheets(PLAN, changed, at_s=3600, **tables(), lang="en")
    assert len([name for name in files if name.startswith("orders/")]) == 2
    void = "Takes the place of every earlier order to this team"
    for team, had_one in changed.items():
        text = order_text(files, f"{number_of(team):03d}")
        assert "2010-03-28 14:40" in text
        assert (void in text) == had_one
    assert void not in order_text(render(), f"{number_of('T01'):03d}")


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 8, 1),
        ("one two", 8, 1),  # 7 letters and one to spare
        ("one two three", 8, 2),
        ("three one two", 8, 2),  # "three o" would fit, but a word stays whole
        ("abcdefghijklmnop", 8, 3),  # longer than two lines
        ("山西省应急", 8, 2),  # three characters in a line of seven letters
        ("山西省 G59", 11, 1),
    ],
)
def test_lines_of_a_cell(text, width, lines):
    assert workbook._lines(text, width) == lines


def test_a_column_of_zeros_is_no_blank_to_write_in():
    assert workbook._widths([("Unmet", 0, 0), ("Phone", "", ""), ("Note", None)]) == [8, 16, 16]


def test_the_longest_column_gets_the_room():
    short, long = ("Team", *["x" * 40] * 9), ("Why", *["y" * 400] * 9)
    widths = workbook._widths([short] * 9 + [long])
    assert widths[-1] == workbook.WIDEST
    assert sum(widths) == workbook.ROOM
    assert all(width >= workbook.NARROWEST for width in widths)
