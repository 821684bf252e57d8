"""Ways to break a good table.

Each break takes the tables of the small province, spoils one thing, and says
which file, row, column and problem must be named. Nothing else may be.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from hypothesis import strategies as st
from registry_world import CONTRACTS, JUNCTIONS, LINKS, SEATS, TABLES, World

from dispatch.geo import gcj02_from_wgs84
from dispatch.registry import Column


class Named(NamedTuple):
    """What the one fault must say; ``spoil`` turns the bytes of the file into bad ones."""

    file: str
    row: int | None
    column: str | None
    problem: str
    value: str | None = None
    spoil: Callable[[bytes], bytes] | None = None


Break = Callable[[World, st.DataObject], Named]
BREAKS: dict[str, Break] = {}


def a_break(function: Break) -> Break:
    BREAKS[function.__name__] = function
    return function


def pick_cell(
    world: World, data: st.DataObject, wanted: Callable[[Column], bool]
) -> tuple[str, int, int, Column]:
    """Draw a cell whose column is wanted: table, index of the row, of the column, column."""
    cells = [
        (table, row, place, column)
        for table in TABLES
        for place, column in enumerate(CONTRACTS[table].columns)
        if wanted(column)
        for row in range(1, len(world[table]))
    ]
    return data.draw(st.sampled_from(cells))


def spoil_cell(
    world: World,
    data: st.DataObject,
    wanted: Callable[[Column], bool],
    value: Callable[[str], str],
    problem: str,
) -> Named:
    table, row, place, column = pick_cell(world, data, wanted)
    line = world[table][row]
    line[place] = value(line[place])
    return Named(f"{table}.csv", row + 1, column.name, problem, line[place])


def any_table(data: st.DataObject) -> str:
    return data.draw(st.sampled_from(TABLES))


def is_number(column: Column) -> bool:
    return column.type in ("integer", "number")


def is_text(column: Column) -> bool:
    return column.type == "text"


# Header


@a_break
def missing_column(world: World, data: st.DataObject) -> Named:
    table = any_table(data)
    place = data.draw(st.integers(0, len(world[table][0]) - 1))
    name = world[table][0][place]
    for line in world[table]:
        del line[place]
    return Named(f"{table}.csv", 1, name, "the column is missing")


@a_break
def unknown_column(world: World, data: st.DataObject) -> Named:
    table = any_table(data)
    name = data.draw(st.sampled_from(["quux", "<script>", "备注", "zzz_9"]))
    for line in world[table]:
        line.append(name)
    return Named(f"{table}.csv", 1, name, "the contract knows no such column", name)


@a_break
def misspelt_column(world: World, data: st.DataObject) -> Named:
    table = any_table(data)
    plain = [i for i, column in enumerate(CONTRACTS[table].columns) if not column.unit]
    place = data.draw(st.sampled_from(plain))
    name = f"{world[table][0][place]}{data.draw(st.sampled_from('xs '))}"
    world[table][0][place] = name
    return Named(f"{table}.csv", 1, name, "the contract knows no such column", name)


@a_break
def unit_in_the_header(world: World, data: st.DataObject) -> Named:
    columns = [
        (table, place)
        for table in TABLES
        for place, column in enumerate(CONTRACTS[table].columns)
        if column.unit and column.name.endswith(("_m", "_s", "_kg", "_m3", "_kmh"))
    ]
    table, place = data.draw(st.sampled_from(columns))
    name = world[table][0][place].rpartition("_")[0] + data.draw(st.sampled_from(["_km", "_min"]))
    world[table][0][place] = name
    return Named(f"{table}.csv", 1, name, "the unit in the name is not the contract's", name)


@a_break
def duplicate_column(world: World, data: st.DataObject) -> Named:
    table = any_table(data)
    place = data.draw(st.integers(0, len(world[table][0]) - 1))
    for line in world[table]:
        line.append(line[place])
    return Named(f"{table}.csv", 1, world[table][0][place], "the column stands twice")


# Cells


@a_break
def text_in_a_number(world: World, data: st.DataObject) -> Named:
    bad = data.draw(st.sampled_from(["many", "约十", "1,000", "５", "--1", "1.", "=1+1"]))
    return spoil_cell(world, data, is_number, lambda _v: bad, "this is not a number")


@a_break
def fraction_in_an_integer(world: World, data: st.DataObject) -> Named:
    def whole(column: Column) -> bool:
        return column.type == "integer"

    bad = data.draw(st.sampled_from(["3.5", "3.0", "0.1"]))
    return spoil_cell(world, data, whole, lambda _v: bad, "this is not a whole number")


@a_break
def exponent(world: World, data: st.DataObject) -> Named:
    bad = data.draw(st.sampled_from(["1e3", "1E+05", "2.5e-1"]))
    return spoil_cell(world, data, is_number, lambda _v: bad, "written with an exponent")


@a_break
def unit_behind_a_number(world: World, data: st.DataObject) -> Named:
    unit = data.draw(st.sampled_from(["km", " m", "公里", "吨", "%", "°"]))
    problem = "a unit or text stands behind the number"
    return spoil_cell(world, data, is_number, lambda v: f"{v or 1}{unit}", problem)


@a_break
def missing_in_words(world: World, data: st.DataObject) -> Named:
    bad = data.draw(st.sampled_from(["NaN", "nan", "inf", "-inf", "null", "None", "#N/A", "N/A"]))
    problem = "a value that is missing or infinite"

    def free(column: Column) -> bool:
        return column.type in ("integer", "number", "text", "choice")

    return spoil_cell(world, data, free, lambda _v: bad, problem)


@a_break
def negative_quantity(world: World, data: st.DataObject) -> Named:
    def counted(column: Column) -> bool:
        return is_number(column) and column.minimum is not None and column.minimum >= 0

    bad = str(data.draw(st.integers(-(10**9), -1)))
    return spoil_cell(world, data, counted, lambda _v: bad, "below the least one allowed")


@a_break
def above_maximum(world: World, data: st.DataObject) -> Named:
    bad = "9" * data.draw(st.integers(19, 400))
    return spoil_cell(world, data, is_number, lambda _v: bad, "above the largest one allowed")


@a_break
def unknown_code(world: World, data: st.DataObject) -> Named:
    def choice(column: Column) -> bool:
        return column.type == "choice"

    spoil = data.draw(st.sampled_from([str.upper, lambda v: f"{v} ", lambda _v: "其他"]))
    return spoil_cell(world, data, choice, spoil, "the column knows no such code")


@a_break
def dangling_reference(world: World, data: st.DataObject) -> Named:
    def reference(column: Column) -> bool:
        return column.type == "reference"

    bad = data.draw(st.sampled_from(["nowhere", "999999", "<b>"]))
    problem = "has no such key"
    return spoil_cell(world, data, reference, lambda _v: bad, problem)


@a_break
def empty_value(world: World, data: st.DataObject) -> Named:
    def needed(column: Column) -> bool:
        return column.required and column.type in (
            "text",
            "integer",
            "number",
            "choice",
            "lon",
            "reference",
        )

    blank = data.draw(st.sampled_from(["", " ", "\u3000"]))
    return spoil_cell(world, data, needed, lambda _v: blank, "no value stands here")


@a_break
def empty_source(world: World, data: st.DataObject) -> Named:
    def source(column: Column) -> bool:
        return column.name == "source"

    return spoil_cell(world, data, source, lambda _v: "", "no value stands here")


@a_break
def blanks_only(world: World, data: st.DataObject) -> Named:
    def optional_text(column: Column) -> bool:
        return is_text(column) and not column.required

    return spoil_cell(world, data, optional_text, lambda _v: "  ", "the cell holds blanks only")


@a_break
def blanks_around(world: World, data: st.DataObject) -> Named:
    spoil = data.draw(st.sampled_from(["{} ", " {}", "\u3000{}", "{}\n"]))
    problem = "blanks stand around the text"
    return spoil_cell(world, data, is_text, lambda v: spoil.format(v or "x"), problem)


@a_break
def formula_in_a_text(world: World, data: st.DataObject) -> Named:
    start = data.draw(st.sampled_from("=+-@\t＝"))
    problem = "a spreadsheet program would run this text"
    return spoil_cell(world, data, is_text, lambda v: f"{start}{v or 'cmd'}", problem)


@a_break
def unseen_character(world: World, data: st.DataObject) -> Named:
    sign = data.draw(st.sampled_from("\x00\x07\x1b\x7f\x85\u200b\u202e\u2066\ufeff\ufffd\u2028"))
    problem = f"can't be seen, U+{ord(sign):04X}"
    return spoil_cell(world, data, is_text, lambda v: f"a{sign}{v}b", problem)


# Rows


@a_break
def duplicate_row(world: World, data: st.DataObject) -> Named:
    table = any_table(data)
    row = data.draw(st.integers(1, len(world[table]) - 1))
    world[table].append(list(world[table][row]))
    name = CONTRACTS[table].identity[0]
    return Named(f"{table}.csv", len(world[table]), name, f"row {row + 1} says the same")


@a_break
def same_but_for_the_number(world: World, data: st.DataObject) -> Named:
    table = "depots/stocks"
    row = data.draw(st.integers(1, len(world[table]) - 1))
    again = list(world[table][row])
    again[world[table][0].index("quantity")] = "77"
    again[world[table][0].index("source")] = "another"
    world[table].append(again)
    return Named(f"{table}.csv", len(world[table]), "depot_id", f"row {row + 1} says the same")


@a_break
def too_many_fields(world: World, data: st.DataObject) -> Named:
    table = any_table(data)
    row = data.draw(st.integers(1, len(world[table]) - 1))
    extra = data.draw(st.integers(1, 3))
    world[table][row] += ["more"] * extra
    wide = len(world[table][0])
    return Named(
        f"{table}.csv", row + 1, None, f"the row has {wide + extra} fields, the header {wide}"
    )


@a_break
def too_few_fields(world: World, data: st.DataObject) -> Named:
    table = any_table(data)
    row = data.draw(st.integers(1, len(world[table]) - 1))
    kept = data.draw(st.integers(1, len(world[table][0]) - 1))
    del world[table][row][kept:]
    wide = len(world[table][0])
    fields = "field" if kept == 1 else "fields"
    return Named(f"{table}.csv", row + 1, None, f"the row has {kept} {fields}, the header {wide}")


@a_break
def blank_line(world: World, data: st.DataObject) -> Named:
    table = any_table(data)
    row = data.draw(st.integers(1, len(world[table])))
    world[table].insert(row, [])
    return Named(f"{table}.csv", row + 1, None, "the line is blank")


@a_break
def row_after_a_quoted_newline(world: World, data: st.DataObject) -> Named:
    table = "teams/teams"
    name = world[table][0].index("name")
    lines = data.draw(st.integers(1, 3))
    world[table][1][name] = "第一行" + "\n下一行" * lines
    world[table][2][world[table][0].index("personnel")] = "0"
    return Named(f"{table}.csv", 3 + lines, "personnel", "below the least one allowed", "0")


# Files


@a_break
def empty_table(world: World, data: st.DataObject) -> Named:
    # A table to which others refer would leave them dangling as well.
    table = data.draw(st.sampled_from(["depots/stocks", "teams/capabilities", "network/links"]))
    del world[table][1:]
    return Named(f"{table}.csv", 1, None, "the table has no rows")


@a_break
def empty_file(world: World, data: st.DataObject) -> Named:
    table = any_table(data)
    return Named(f"{table}.csv", None, None, "the file is empty", spoil=lambda _b: b"")


@a_break
def byte_order_mark(world: World, data: st.DataObject) -> Named:
    table = any_table(data)
    spoil = data.draw(
        st.sampled_from([lambda b: b"\xef\xbb\xbf" + b, lambda b: b.decode().encode("utf-16")])
    )
    return Named(f"{table}.csv", 1, None, "byte order mark (BOM)", spoil=spoil)


@a_break
def gb18030_file(world: World, data: st.DataObject) -> Named:
    table = data.draw(st.sampled_from(["teams/teams", "depots/items", "places/counties"]))
    row = data.draw(st.integers(1, len(world[table]) - 1))
    for line in world[table]:
        line[:] = ["x" if not cell.isascii() else cell for cell in line]
    world[table][row][world[table][0].index("name")] = "太原市救援队"
    return Named(
        f"{table}.csv",
        row + 1,
        None,
        "the file is in GB18030, not in UTF-8",
        spoil=lambda b: b.decode().encode("gb18030"),
    )


# Places


def move(world: World, table: str, row: int, lon: float, lat: float) -> str:
    """Put a row elsewhere, and return its longitude as written."""
    header, line = world[table][0], world[table][row]
    line[header.index("lon")], line[header.index("lat")] = f"{lon:.5f}", f"{lat:.5f}"
    return f"{lon:.5f}"


POSITIONED = ("teams/teams", "depots/depots", "network/junctions", "places/counties")


def any_place(world: World, data: st.DataObject) -> tuple[str, int]:
    table = data.draw(st.sampled_from(POSITIONED))
    return table, data.draw(st.integers(1, len(world[table]) - 1))


@a_break
def swapped_coordinates(world: World, data: st.DataObject) -> Named:
    table, row = any_place(world, data)
    header, line = world[table][0], world[table][row]
    lon, lat = header.index("lon"), header.index("lat")
    line[lon], line[lat] = line[lat], line[lon]
    return Named(f"{table}.csv", row + 1, "lon", "are exchanged", line[lon])


@a_break
def outside_the_province(world: World, data: st.DataObject) -> Named:
    table, row = any_place(world, data)
    far = [(116.4, 39.9), (0.0, 0.0), (-112.1, 37.1), (1121.0, 37.1), (112.1, 371.0)]
    value = move(world, table, row, *data.draw(st.sampled_from(far)))
    return Named(f"{table}.csv", row + 1, "lon", "lies outside the province", value)


@a_break
def outside_the_county(world: World, data: st.DataObject) -> Named:
    table = data.draw(st.sampled_from(POSITIONED))
    adcode = world[table][0].index("adcode")
    coded = [row for row in range(1, len(world[table])) if world[table][row][adcode]]
    row = data.draw(st.sampled_from(coded))
    west = world[table][row][adcode] == "149901"
    lon = data.draw(st.floats(112.26, 112.39) if west else st.floats(112.01, 112.14))
    value = move(world, table, row, lon, data.draw(st.floats(37.0, 37.05)))
    return Named(f"{table}.csv", row + 1, "lon", "outside its county 14990", value)


@a_break
def beyond_the_rim(world: World, data: st.DataObject) -> Named:
    value = move(world, "network/junctions", 4, data.draw(st.floats(112.9, 114.5)), 37.1)
    return Named("network/junctions.csv", 5, "lon", "km outside the province", value)


@a_break
def known_place_in_gcj02(world: World, data: st.DataObject) -> Named:
    table = data.draw(st.sampled_from(["teams/teams", "depots/depots"]))
    row = data.draw(st.integers(1, len(world[table]) - 1))
    seat = world[table][row][world[table][0].index("adcode")]
    lon, lat = gcj02_from_wgs84(*SEATS[seat])
    jitter = st.floats(-0.0003, 0.0003)  # 27 m east, 33 m north at the most
    value = move(world, table, row, lon + data.draw(jitter), lat + data.draw(jitter))
    return Named(f"{table}.csv", row + 1, "lon", f"the point is 县{seat} in GCJ-02", value)


@a_break
def station_in_gcj02(world: World, data: st.DataObject) -> Named:
    table, header = "network/junctions", world["network/junctions"][0]
    world[table][4][header.index("kind")] = data.draw(st.sampled_from(["station", "airfield"]))
    value = move(world, table, 4, *gcj02_from_wgs84(*SEATS["149902"]))
    return Named(f"{table}.csv", 5, "lon", "the point is 县149902 in GCJ-02", value)


@a_break
def place_of_a_station_in_gcj02(world: World, data: st.DataObject) -> Named:
    table, header = "network/junctions", world["network/junctions"][0]
    world[table][1][header.index("kind")] = data.draw(st.sampled_from(["station", "airfield"]))
    world[table][1][header.index("name")] = "高铁站"
    value = move(world, "teams/teams", 1, *gcj02_from_wgs84(*JUNCTIONS["a"]))
    return Named("teams/teams.csv", 2, "lon", "the point is 高铁站 in GCJ-02", value)


# Lines


def any_link(world: World, data: st.DataObject) -> tuple[int, list[str], int]:
    row = data.draw(st.integers(1, len(LINKS)))
    return row, world["network/links"][row], world["network/links"][0].index("geometry")


@a_break
def no_line(world: World, data: st.DataObject) -> Named:
    row, link, geometry = any_link(world, data)
    texts = ["POINT (112.05 37.05)", "LINESTRING EMPTY", "LINESTRING (112.05 37.05)", "road"]
    link[geometry] = data.draw(st.sampled_from(texts))
    return Named("network/links.csv", row + 1, "geometry", "no line in WKT", link[geometry])


@a_break
def line_turned_round(world: World, data: st.DataObject) -> Named:
    row, link, geometry = any_link(world, data)
    points = link[geometry].removeprefix("LINESTRING (").removesuffix(")").split(", ")
    link[geometry] = f"LINESTRING ({', '.join(reversed(points))})"
    problem = "runs from the end junction to the start junction"
    return Named("network/links.csv", row + 1, "geometry", problem, link[geometry])


@a_break
def line_off_its_junction(world: World, data: st.DataObject) -> Named:
    row, link, geometry = any_link(world, data)
    points = link[geometry].removeprefix("LINESTRING (").removesuffix(")").split(", ")
    points[data.draw(st.sampled_from([0, -1]))] = "112.25 37.055"
    link[geometry] = f"LINESTRING ({', '.join(points)})"
    problem = "from its junction"
    return Named("network/links.csv", row + 1, "geometry", problem, link[geometry])


@a_break
def length_in_kilometres(world: World, data: st.DataObject) -> Named:
    row, link, _geometry = any_link(world, data)
    place = world["network/links"][0].index("length_m")
    link[place] = str(round(int(link[place]) / 1000))
    return Named(
        "network/links.csv", row + 1, "length_m", "less than the straight way", link[place]
    )
