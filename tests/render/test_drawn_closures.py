"""Closures in words and on the printed map."""

from __future__ import annotations

import handmade
import pytest
from matplotlib.collections import LineCollection, PolyCollection
from shapely.geometry import LineString, MultiLineString, Point, Polygon, box

from dispatch.i18n import set_language
from dispatch.render.briefing import Points, briefing
from dispatch.render.closures import closure_lines
from dispatch.render.drawing import drawn
from dispatch.render.figure import plan_figure
from dispatch.render.view import view

PLAN = handmade.make_plan()
INSIDE = box(110.9, 35.7, 111.0, 35.8)


pytestmark = pytest.mark.usefixtures("english")


SOME = handmade.make_closures(
    ("slide on S66", "closed", INSIDE, {}),
    ("wet road", "slowed", LineString([(111.2, 35.7), (111.4, 35.9)]), {"factor": 0.5}),
    ("weak bridge", "limited", Point(111.1, 36.2), {"max_mass_kg": 20_000.0, "from_s": 3600.0}),
)


def figure(closures, **options):
    ground = handmade.make_ground()
    kept = {name: ground[name] for name in ("counties", "areas", "roads")}
    return plan_figure(PLAN, **kept, closures=closures, lang="en", **options)


def texts(made):
    shown = [text.get_text() for ax in made.axes for text in ax.texts]
    return shown + [t.get_text() for ax in made.axes if ax.get_legend()
                    for t in ax.get_legend().get_texts()]  # fmt: skip


def test_words_tell_what_when_and_how_sure():
    lines = list(closure_lines(view(PLAN), SOME))
    assert lines == [
        "slide on S66: closed, reported",
        "wet road: slowed to 50 %, reported",
        "weak bridge: closed above 20 t, from 14:40, reported",
    ]
    ended = handmade.make_closures(
        ("flood", "closed", INSIDE,
         {"until_s": 7200.0, "reliability": "forecast", "source": "met office"})
    )  # fmt: skip
    assert list(closure_lines(view(PLAN), ended)) == [
        "flood: closed, until 15:40, forecast (met office)"
    ]
    assert list(closure_lines(view(PLAN), None)) == []


def test_names_and_sources_are_told_in_the_language_in_use():
    names = {"name_en": "flood", "source_en": "police", "source": "交警"}
    water = handmade.make_closures(("积水", "closed", INSIDE, names))
    assert list(closure_lines(view(PLAN), water)) == ["flood: closed, reported (police)"]
    assert "flood" in texts(figure(water))
    assert "积水" not in texts(figure(water))
    set_language("zh")
    (told,) = closure_lines(view(PLAN), water)
    assert told.startswith("积水")
    assert "交警" in told


def test_the_briefing_lists_them_with_the_situation():
    page = briefing(PLAN, closures=SOME)[1]
    listed = [b for b in page.blocks if isinstance(b, Points) and b.heading == "Closures"]
    assert len(listed[0].items) == 3
    assert not any(
        isinstance(b, Points) and b.heading == "Closures" for b in briefing(PLAN)[1].blocks
    )


def test_the_map_names_them_and_explains_the_marks():
    shown = texts(figure(SOME))
    for name in ("slide on S66", "wet road", "weak bridge"):
        assert name in shown
    for word in ("closed", "slowed", "closed to heavy vehicles"):
        assert word in shown
    assert not {"slowed", "closed"} & set(texts(figure(None)))


def test_areas_are_hatched_and_lines_are_drawn():
    def count(made, kind):
        return sum(isinstance(c, kind) for c in made.axes[0].collections)

    plain, with_them = figure(None), figure(SOME)
    hatched = [
        c for c in with_them.axes[0].collections if isinstance(c, PolyCollection) and c.get_hatch()
    ]
    assert len([c for c in hatched if len(c.get_paths())]) == 1
    assert count(with_them, LineCollection) > count(plain, LineCollection)


def test_closures_out_of_the_frame_or_without_a_place_are_left_out():
    far = handmade.make_closures(
        ("far", "closed", box(114.0, 40.0, 114.1, 40.1), {}), ("lost", "closed", None, {})
    )
    shown = texts(figure(far))
    assert not {"far", "lost", "closed"} & set(shown)


def test_a_line_that_leaves_the_frame_is_marked_within_it():
    line = MultiLineString([[(100.0, 35.8), (111.0, 35.8)], [(111.0, 35.8), (111.1, 35.8)]])
    assert "long" in texts(figure(handmade.make_closures(("long", "closed", line, {}))))


@pytest.mark.filterwarnings("error")
def test_hostile_names_are_letters():
    hole = Polygon(INSIDE.exterior.coords, [box(110.94, 35.74, 110.96, 35.76).exterior.coords])
    bad = handmade.make_closures(
        *((name, "closed", hole, {"source": name}) for name in handmade.HOSTILE)
    )
    made = figure(bad, size="16:9")
    assert drawn(made, "pdf", dpi=40)
    said = "".join((*texts(made), *closure_lines(view(PLAN), bad)))
    assert not any(mark in said for mark in handmade.BIDI if not mark.isprintable())
