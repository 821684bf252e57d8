"""Plans and registries in a notebook: one call, one picture."""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import dispatch
from dispatch.i18n import set_language
from dispatch.jupyter import WebPage, chinese_font, draw, ground, picture, show
from dispatch.registry import load_registry

sys.path.append(str(Path(__file__).parent / "render"))
import handmade

PLAN = handmade.make_plan()


@pytest.fixture(scope="module")
def registry():
    return load_registry()


pytestmark = pytest.mark.usefixtures("english")


def texts(figure):
    return [t.get_text() for ax in figure.axes for t in ax.texts]


def test_the_map_stands_in_a_frame_that_reaches_nothing_outside(registry, tmp_path):
    page = show(PLAN, registry, height_px=500)
    cell = page._repr_html_()
    sandbox = re.search(r'sandbox="([^"]*)"', cell)[1]
    assert "allow-same-origin" not in sandbox
    assert "height:500px" in cell
    inner = re.search(r'srcdoc="([^"]*)"', cell)[1]
    assert html.unescape(inner) == page.html
    assert "Xinjiang Fire Brigade" in page.html
    assert page.save(tmp_path / "map.html").read_text(encoding="utf-8") == page.html
    assert "characters" in repr(page)


def test_a_frame_can_not_be_left_by_quotes():
    cell = WebPage('"><script>1</script>', 100)._repr_html_()
    assert "<script" not in cell
    assert cell.count('"') == 6


def test_a_plan_is_drawn_in_one_call(registry, tmp_path):
    drawing = draw(PLAN, registry, size="16:9")
    assert drawing._repr_png_().startswith(b"\x89PNG")
    assert drawing.save(tmp_path / "plan.pdf").read_bytes().startswith(b"%PDF")


def test_a_registry_is_drawn_in_one_call(registry):
    drawing = draw(registry)
    (ax,) = drawing.figure.axes
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert f"storehouses ({len(registry.depots)})" in legend
    assert f"main force ({(registry.teams['tier'] == 'main').sum()})" in legend
    assert "Illustrative data: no basis for sending people" in texts(drawing.figure)
    assert drawing._repr_png_().startswith(b"\x89PNG")


def test_a_ground_to_draw_on_shows_the_whole_province(registry):
    ax = ground(registry)
    west, south, east, north = registry.county_polygons.total_bounds
    assert ax.get_xlim()[0] < west < east < ax.get_xlim()[1]
    assert ax.get_ylim()[0] < south < north < ax.get_ylim()[1]
    assert "Taiyuan" in texts(ax.figure)
    assert picture(ax).figure is ax.figure


def test_a_ground_can_be_laid_into_axes(registry):
    figure = Figure(figsize=(8, 5))
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    assert ground(registry, left) is left
    assert not right.has_data()


def test_matplotlib_learns_the_font():
    with mpl.rc_context():
        assert "Noto" in chinese_font()
        assert mpl.rcParams["font.family"] == [chinese_font()]


def test_they_stand_in_the_front_of_the_package(registry):
    assert dispatch.show is show
    assert dispatch.draw is draw
    assert PLAN._repr_html_() == dispatch.plan_html(PLAN)


def test_a_registry_counts_its_rows_and_flags_the_invented(registry):
    cell = registry._repr_html_()
    counts = registry.summary()
    assert f"{counts['illustrative'].sum():,} of {counts['rows'].sum():,} records" in cell
    assert cell.count("<tr>") == len(counts) + 1
    set_language("zh")
    assert "示意" in registry._repr_html_()
