"""A supply plan on a map: one HTML file that works with the network cable pulled.

All text is made here, in Python; ``supply.js`` draws it, day by day, and puts
it into the page as text, never as markup.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import numpy as np
from geopandas import GeoDataFrame
from pandas import DataFrame

from dispatch.i18n import _, language, pick, speaking
from dispatch.plan.supply import SupplyPlan
from dispatch.render import counted, labels
from dispatch.render.background import (
    ROAD_CLASSES,
    SCALE,
    borders,
    place_labels,
    road_labels,
    road_lines,
)
from dispatch.render.closures import closure_lines
from dispatch.render.invented import named_records
from dispatch.render.map_closures import drawn_closures
from dispatch.render.page import map_document, map_words
from dispatch.render.supply_drawn import Drawn, at
from dispatch.render.supply_met import Met
from dispatch.render.supply_view import SupplyView
from dispatch.render.text import plain
from dispatch.render.tiles import Tiles

STEPS_T: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
"""Loads that stand in the legend."""


def render_supply_map(
    plan: SupplyPlan,
    *,
    counties: DataFrame,
    areas: GeoDataFrame,
    roads: GeoDataFrame,
    closures: GeoDataFrame | None = None,
    tiles: Tiles | None = None,
    lang: str = "zh",
) -> str:
    """Draw a supply plan as one self-contained HTML page, a day at a time.

    The frames are those of the registry, see :func:`dispatch.render.map.render_map`.
    The same input gives the same bytes.

    Parameters
    ----------
    plan : SupplyPlan
    counties : DataFrame
    areas, roads : GeoDataFrame
    closures : GeoDataFrame, optional
        Of the scenario, from :func:`dispatch.plan.shut.closure_shapes`.
    tiles : Tiles, optional
        Online tiles to lie below all else; without them the page works offline.
    lang : {"zh", "en"}
        Language of the page.

    Returns
    -------
    str
        The page, UTF-8 by its own declaration. Without tiles it holds no address of a host.
    """
    with speaking(lang):
        drawn = Drawn(SupplyView(plan), Met(plan))
        told = list(closure_lines(drawn.view, closures))
        drawing = {
            "scale": SCALE,
            "bounds": _bounds(plan),
            "borders": borders(counties, areas),
            "roads": road_lines(roads),
            "labels": place_labels(counties, areas) + road_labels(roads),
            "closures": drawn_closures(closures, told),
            "tiles": tiles.drawn() if tiles else None,
            "begins": [*plan.day_begins_s[1:], None],
            **drawn.everything(),
            "words": _words(),
        }
        return map_document(
            "supply.html",
            _text_of_page(drawn, told),
            drawing,
            name="supply",
            scripts=("ground.js", *(("gcj02.js",) if tiles and tiles.gcj02 else ()), "supply.js"),
            styles=("map.css", "supply.css"),
            hosts=tiles.hosts if tiles else (),
        )


def _words() -> dict[str, Any]:
    """Return what the page's script says."""
    return {
        **map_words(),
        "play": _("Play the days"),
        "pause": _("Pause"),
        "day": _("Day {day}"),
        "invented": _("illustrative"),
        "people": _("People: {count}"),
        "item": _("Item"),
        "at_hand": _("At hand"),
        "before": _("There before"),
        "from_day": _("From day"),
        "floor": _("Reserve"),
        "goods": _("Goods"),
        "wanted": _("Wanted so far"),
        "brought": _("Brought so far"),
        "share": _("Share"),
        "priority": _("Priority"),
        "stock": _("Stock at the end of the day: {now} t of {before} t, reserve {floor} t"),
        "below": _("below the reserve"),
        "sold": _("Sold on this day"),
        "nothing": _("Nothing on this day"),
        "urgent": _("Goods of priority 1: {share} % of what was due so far"),
        "others": _("Other goods: {share} %"),
        "short": _("Short"),
        "never": _("never comes"),
        "late": _("comes late"),
        "waits": _("Waits at the hub at the end of the day"),
        "vehicle": _("Vehicle"),
        "leaves": _("Leaves"),
        "arrives": _("Arrives"),
        "loads": _("Truckloads"),
        "round": _("Round {number}: loads {load}, leaves {leave}, back {back}"),
        "shelters": _("Shelters of this hub"),
        "km": _("{km} km"),
        "tonnes": _("{t} t"),
        "comes": _("goes out on day {day}"),
        "stays": _("does not go out within the plan"),
        "remedy": _("Cheapest remedy"),
        "why": _("Why"),
    }


def _text_of_page(drawn: Drawn, closures: list[str]) -> dict[str, Any]:
    plan, view = drawn.plan, drawn.view
    kinds = Counter(place.kind for place in drawn.places)
    days = range(1, plan.days + 1)
    last = [row for row in plan.undelivered if row.day == plan.days]
    heaviest = max((tonnes for flows in drawn.flows for tonnes, _lines in flows), default=0.0)
    return {
        "html_lang": {"zh": "zh-CN", "en": "en"}[language()],
        "plan": plan,
        "records": named_records(plan.illustrative, _english(plan)),
        "view": view,
        "places": list(enumerate(drawn.places)),
        "kinds": kinds,
        "shortages": [
            (drawn.place[row.hub], row)
            for row in sorted(plan.shortages, key=lambda row: (row.unmet == 0, row.first_day))
        ],
        "days": list(days),
        "routes": list(enumerate(drawn.routes)),
        "moves": list(enumerate(drawn.moves)),
        "place_names": [view.place(place.place_id) for place in drawn.places],
        "rows": drawn.place,
        "moved_t": sum(view.tonnes(move.goods) for move in plan.movements),
        "bought_yuan": sum(one.yuan for one in plan.bought),
        "stays_t": sum(view.tonnes(row.goods) for row in last),
        "people": sum(place.people for place in plan.places if place.kind == "shelter"),
        "scale": _scale(heaviest),
        "closures": closures,
        "road_classes": ROAD_CLASSES,
        "pick": pick,
        "plain": plain,
        "labels": labels,
        "lasts": counted.days(plan.days),
        "_": _,
    }


def _english(plan: SupplyPlan) -> dict[str, str]:
    return {
        **{place.place_id: place.name_en for place in plan.places},
        **{item.item_code: item.name_en for item in plan.items},
        **{one.aircraft_id: one.name_en for one in plan.aircraft},
    }


def _scale(heaviest_t: float) -> list[tuple[int, float]]:
    """Return loads for the legend with the part of the heaviest that each is."""
    fitting = [step for step in STEPS_T if step <= heaviest_t][-3:]
    return [(step, step / heaviest_t) for step in fitting]


def _bounds(plan: SupplyPlan) -> list[list[float]]:
    """Return south-west and north-east (lat, lon) of all that the plan moves."""
    used = {name for move in plan.movements for name in (move.origin, move.destination)}
    used |= {place.place_id for place in plan.places if place.kind in ("hub", "shelter")}
    grid = np.array([(one.lon, one.lat) for one in plan.places if one.place_id in used])
    low, high = grid.min(axis=0), grid.max(axis=0)
    return [at(float(low[0]), float(low[1])), at(float(high[0]), float(high[1]))]
