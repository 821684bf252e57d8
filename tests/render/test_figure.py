"""The printed map and the timeline: what is on them, what can't be, the same bytes always."""

import re
from dataclasses import replace
from itertools import combinations
from math import cos, radians

import handmade
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dispatch.i18n import speaking
from dispatch.render.drawing import SIZES, drawn, extent_pt, fitting
from dispatch.render.figure import plan_figure
from dispatch.render.figure_list import SIZES_PT, lay_list
from dispatch.render.figure_marks import numbers
from dispatch.render.figure_rim import draw_notice, round_length
from dispatch.render.fonts import MISSING, drawable
from dispatch.render.placing import Request, place
from dispatch.render.timeline import lanes, plan_timeline
from dispatch.render.view import view

PLAN = handmade.make_plan()


def ground(text=""):
    found = handmade.make_ground(text)
    return {name: found[name] for name in ("counties", "areas", "roads")}


def texts(figure):
    shown = [t.get_text() for t in figure.texts]
    for ax in figure.axes:
        shown += [t.get_text() for t in ax.texts]
        shown += [t.get_text() for t in ax.get_legend().get_texts()] if ax.get_legend() else []
    return shown


def on_kinds(*kinds):
    """Return the plan, its first order with a leg of each kind along the same line."""
    order = PLAN.orders[0]
    drive = order.legs[-1]
    legs = tuple(replace(drive, kind=kind) for kind in kinds)
    return replace(PLAN, orders=(replace(order, legs=legs), *PLAN.orders[1:]))


@pytest.mark.parametrize("size", SIZES)
def test_a_sheet_tells_who_goes_where_and_from_which_sources(size):
    shown = texts(plan_figure(PLAN, **ground(), size=size, lang="en"))
    assert "Wangjialing mine flood and tanker leak" in shown
    assert {"A", "A · Wangjialing mine flood", "B", "B · tanker leak"} <= set(shown)
    for row in view(PLAN).rows:
        assert f"{row.number}" in shown
    for text in ("main force", "by road", "motorway", "N", "county border"):
        assert text in shown
    assert any("OpenStreetMap" in text for text in shown)
    assert any(re.fullmatch(r"\d+ km", text) for text in shown)
    assert "Illustrative data: no basis for sending people" in shown


def test_no_notice_where_nothing_is_invented():
    orders = tuple(replace(order, status="existing") for order in PLAN.orders)
    plan = replace(PLAN, illustrative=(), orders=orders)
    assert not any(
        "nvented" in t or "llustrative" in t
        for t in texts(plan_figure(plan, **ground(), lang="en"))
    )


@pytest.mark.parametrize(
    ("places", "start"),
    [((), 0), ([(0.05, 0.98)], 1), ([(0.05, 0.98), (0.5, 0.98)], 2), ([(0.05, 0.6)], 0)],
)
def test_the_notice_hides_no_mark(places, start):
    """It stands on the left, in the middle or on the right, the first that is free."""
    ax = Figure(figsize=(14, 8)).add_axes((0, 0, 1, 1))
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    with speaking("en"):
        (left, _bottom, right, _top), *_none = draw_notice(ax, True, places)
    assert [left < 100, 300 < left < right < 700, right > 900].index(True) == start


def test_it_draws_into_given_axes_and_nothing_beside_them():
    figure = Figure(figsize=(6, 5))
    left, right = figure.subplots(1, 2)
    assert plan_figure(PLAN, **ground(), ax=left, lang="en") is figure
    assert figure.axes == [left, right]
    assert not right.has_data()
    assert not figure.texts
    assert left.get_legend() is not None


def test_a_map_keeps_its_scale():
    """A degree of latitude is longer on paper than one of longitude by 1 / cos(latitude)."""
    figure = plan_figure(PLAN, **ground(), size="16:9")
    ax = figure.axes[0]
    (x0, y0), (x1, y1) = ax.transData.transform([(111.0, 36.0), (112.0, 37.0)])
    south, north = ax.get_ylim()
    middle = radians((south + north) / 2)
    assert (x1 - x0) / (y1 - y0) == pytest.approx(cos(middle), rel=1e-6)
    west, east = ax.get_xlim()
    for order in PLAN.orders:
        assert west < order.origin.lon < east
        assert south < order.origin.lat < north


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_the_same_plan_gives_the_same_bytes(form):
    first, second = (drawn(plan_figure(PLAN, **ground()), form, dpi=50) for _ in range(2))
    assert first == second
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[form]
    assert first.startswith(start)


def test_svg_needs_no_font_and_pdf_brings_its_own():
    figure = plan_figure(PLAN, **ground())
    assert b"<text" not in drawn(figure, "svg")
    assert b"NotoSansSC" in drawn(figure, "pdf")


@pytest.mark.filterwarnings("error")
def test_hostile_names_are_drawn_as_letters():
    plan = handmade.make_hostile_plan()
    figure = plan_figure(plan, **ground("".join(handmade.HOSTILE) + "$x^2$ \U0001f600"), lang="zh")
    assert drawn(figure, "pdf", dpi=50)
    assert "\u202e" not in "".join(texts(figure))


@pytest.mark.filterwarnings("error")
def test_a_dollar_is_a_dollar():
    orders = (replace(PLAN.orders[0], team_name="$\\frac{1}{0}$"), *PLAN.orders[1:])
    figure = plan_figure(replace(PLAN, orders=orders), **ground())
    assert any("$\\frac{1}{0}$" in text for text in texts(figure))
    assert drawn(figure, "png", dpi=40)


def test_ways_by_rail_and_air_are_in_the_legend():
    shown = texts(plan_figure(on_kinds("drive", "ride", "fly", "dive"), **ground(), lang="en"))
    assert {"by road", "by rail", "by air"} <= set(shown)
    assert "by rail" not in texts(plan_figure(PLAN, **ground(), lang="en"))


def test_an_empty_plan_shows_the_counties():
    plan = replace(PLAN, orders=(), incidents=(), illustrative=())
    figure = plan_figure(plan, **ground(), lang="en")
    assert drawn(figure, "png", dpi=40)
    west, east = figure.axes[0].get_xlim()
    assert west < 110.5
    assert east > 111.6
    assert drawn(plan_timeline(plan), "png", dpi=40)


def many(count):
    """Return the plan with its teams again and again."""
    orders = PLAN.orders * (count // len(PLAN.orders) + 1)
    named = [replace(o, team_id=f"X{i:03d}") for i, o in enumerate(orders[:count])]
    return replace(PLAN, orders=tuple(named))


def test_a_long_list_of_teams_is_cut_and_says_so():
    shown = texts(plan_figure(many(200), **ground(), lang="en"))
    (more,) = [text for text in shown if "more in the orders" in text]
    listed = sum(bool(re.fullmatch(r"[AB] .*", text)) for text in shown) - len(PLAN.incidents)
    assert int(re.search(r"\d+", more)[0]) + listed == 200


def test_a_list_takes_larger_type_and_wider_columns_where_there_is_room():
    shown = view(many(60))
    large, small = lay_list(shown, 900, 400), lay_list(shown, 300, 200)
    assert (large.size_pt, small.size_pt) == (max(SIZES_PT), min(SIZES_PT))
    assert large.columns * large.lines >= 60
    assert large.height_pt <= 400
    assert small.columns * small.lines < 60
    assert small.height_pt <= 200
    assert lay_list(view(many(1)), 900, 400).columns == 1


def test_names_of_teams_are_whole_where_there_is_room():
    names = [row.order.team_name_en for row in view(PLAN).rows]
    shown = texts(plan_figure(PLAN, **ground(), size="16:9", lang="en"))
    for name in names:
        assert any(name in text for text in shown), name


def test_the_name_of_an_incident_is_not_cut():
    first, *others = PLAN.incidents
    name = "A mine in Yungang District, Datong"
    plan = replace(PLAN, incidents=(replace(first, name_en=name), *others))
    assert f"A · {name}" in texts(plan_figure(plan, **ground(), lang="en"))


def test_runs_of_numbers_are_drawn_together():
    rows = view(PLAN).rows
    assert numbers(rows[:1]) == "1"
    assert numbers([rows[0], rows[1], rows[2], rows[4], rows[6]]) == "1–3,5,7"
    assert numbers(view(many(100)).rows[::2]).endswith(" …")


@pytest.mark.parametrize(("longest", "length"), [(1, 1), (1.9, 1), (49, 20), (50, 50), (730, 500)])
def test_scale_bars_are_round(longest, length):
    assert round_length(longest) == length


def test_text_is_cut_to_its_width():
    assert fitting("太原市消防救援支队", 10, 1000) == "太原市消防救援支队"
    cut = fitting("太原市消防救援支队", 10, 50)
    assert cut.endswith("…")
    assert extent_pt(cut, 10)[0] <= 50
    assert drawable("太\u202e原\x07 ") == "太原"
    assert drawable("😀") == MISSING


lengths = st.floats(1, 60)
requests = st.builds(
    Request,
    x=st.floats(0, 200),
    y=st.floats(0, 200),
    width=lengths,
    height=st.floats(1, 12),
    gap=st.floats(0, 8),
    far=st.booleans(),
    centred=st.booleans(),
)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(wanted=st.lists(requests, max_size=25))
def test_labels_stand_in_the_frame_and_off_each_other(wanted):
    frame, mark = (0.0, 0.0, 200.0, 200.0), (90.0, 90.0, 110.0, 110.0)
    boxes = place(wanted, frame, [mark])
    found = [box for box in boxes if box is not None]
    for left, bottom, right, top in found:
        assert 0 <= left <= right <= 200
        assert 0 <= bottom <= top <= 200
    for one, other in combinations([mark, *found], 2):
        apart_x = one[0] >= other[2] or other[0] >= one[2]
        assert apart_x or one[1] >= other[3] or other[1] >= one[3]
    for request, box in zip(wanted, boxes, strict=True):
        if box is not None:
            assert box[2] - box[0] == pytest.approx(request.width)


def test_a_label_finds_room_beside_its_point_and_far_off_if_it_may():
    """A wall of marks on all sides: only a label that may stand far off is placed.

    ::

        # # #
        # o #
        # # #
    """
    wall = [(70.0, 70.0, 130.0, 130.0)]
    near = Request(100, 100, 20, 8, 4)
    assert place([near], (0, 0, 200, 200), []) == [(104.0, 96.0, 124.0, 104.0)]
    assert place([near], (0, 0, 200, 200), wall) == [None]
    (box,) = place([replace(near, far=True)], (0, 0, 200, 200), wall)
    assert box is not None


def test_a_small_plan_has_a_lane_for_each_team():
    found = lanes(view(PLAN))
    assert [lane.name[:2].strip() for lane in found] == [f"{i}" for i in range(1, 13)]
    assert found[0].bars == ((0, 900, "mobilise"), (900, found[0].arrivals[0], "drive"))


def test_a_greater_plan_has_a_lane_for_each_need_and_the_greatest_for_each_incident():
    needs = lanes(view(many(60)))
    assert len(needs) == 2
    assert needs[0].late
    assert not needs[1].late
    assert needs[0].target_s == 3 * 3600
    one = PLAN.incidents[0]
    crowd = tuple(replace(one.demands[0], demand_id=f"A{i}") for i in range(30))
    plan = replace(many(60), incidents=(replace(one, demands=crowd), PLAN.incidents[1]))
    assert [lane.name[0] for lane in lanes(view(plan))] == ["A", "B"]


def test_a_timeline_names_every_kind_of_leg():
    kinds = ("wait", "mobilise", "load", "drive", "transfer", "ride", "fly", "swim")
    figure = plan_timeline(on_kinds(*kinds), lang="en")
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert legend == ["wait", "mobilise", "load", "drive", "transfer", "ride", "fly"]


def test_a_timeline_draws_into_given_axes_and_tells_each_new_day():
    figure = Figure(figsize=(6, 3))
    FigureCanvasAgg(figure)
    ax = figure.subplots()
    late = replace(PLAN, start="2010-03-28T22:40:00+08:00")
    assert plan_timeline(late, ax=ax, lang="en") is figure
    ticks = [tick.get_text() for tick in ax.get_xticklabels()]
    assert any("03-28" in tick for tick in ticks)
    assert any("03-29" in tick for tick in ticks)
    assert drawn(figure, "svg") == drawn(figure, "svg")
