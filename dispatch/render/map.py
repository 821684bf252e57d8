"""A plan on a map: one HTML file that works with the network cable pulled.

Folium makes the map; all text is made here, in Python, and escaped by the
templates; ``map.js`` only draws and links. The page carries the hashes of its
own scripts, so that a browser runs no other and asks no host for anything.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from geopandas import GeoDataFrame
from pandas import DataFrame

from dispatch.i18n import _, language, ngettext, pick, speaking, unit_of
from dispatch.plan.plan import Leg, Plan
from dispatch.render import counted, labels
from dispatch.render.background import (
    ROAD_CLASSES,
    SCALE,
    Packed,
    borders,
    place_labels,
    road_labels,
    road_lines,
)
from dispatch.render.closures import closure_lines
from dispatch.render.invented import named_records
from dispatch.render.map_before import drawn_before
from dispatch.render.map_closures import drawn_closures
from dispatch.render.map_reach import drawn_reach
from dispatch.render.page import map_document, map_words
from dispatch.render.places import Site, sites
from dispatch.render.stand_down import stand_down_lines
from dispatch.render.tiles import Tiles
from dispatch.render.tracks import flows, pack_route
from dispatch.render.view import Row, View, duration, view

TIERS: Final = ("main", "assault", "specialist", "auxiliary")
"""Tiers in the order of legend and table."""

ON_PAPER: Final = {"orders": 24, "needs": 10, "closures": 12}
"""Rows of each list on a printed map; the screen shows all of them."""


def render_map(
    plan: Plan,
    *,
    counties: DataFrame,
    areas: GeoDataFrame,
    roads: GeoDataFrame,
    teams: DataFrame,
    depots: DataFrame,
    airbases: DataFrame,
    closures: GeoDataFrame | None = None,
    before: Plan | None = None,
    reach: GeoDataFrame | None = None,
    tiles: Tiles | None = None,
    lang: str = "zh",
) -> str:
    """Draw a plan as one self-contained HTML page.

    The frames are those of the registry, indexed by their keys, and only the
    columns named here are read. The same input gives the same bytes.

    Parameters
    ----------
    plan : Plan
        What is drawn.
    counties : DataFrame
        ``places/counties``: name, name_en, city, city_en, lon, lat.
    areas : GeoDataFrame
        The area of each county as geometry (EPSG:4326), by the same adcodes.
    roads : GeoDataFrame
        ``network/links``: ref, road_class and the line as geometry (EPSG:4326).
    teams : DataFrame
        ``teams/teams``: name, name_en, kind, tier, control_level, lon, lat, status.
    depots, airbases : DataFrame
        ``depots/depots`` and ``airbases/airbases``: name, name_en, kind, lon,
        lat, status.
    closures : GeoDataFrame, optional
        Of the scenario, from :func:`dispatch.plan.shut.closure_shapes`.
    before : Plan, optional
        The plan that this one goes on from; ways of it that changed lie below.
    reach : GeoDataFrame, optional
        Isochrones around the incidents, from :func:`dispatch.plan.around.around_incidents`.
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
        shown = view(plan)
        others = sites(plan, teams=teams, depots=depots, airbases=airbases)
        bounds = _bounds(plan, areas)
        told = list(closure_lines(shown, closures))
        drawing = {
            "scale": SCALE,
            "bounds": bounds,
            "borders": borders(counties, areas),
            "roads": road_lines(roads),
            "labels": place_labels(counties, areas) + road_labels(roads),
            "incidents": [_incident(card.letter, card.incident) for card in shown.cards],
            "flows": {tier: _flows(plan, tier) for tier in TIERS},
            "orders": [_order(shown, row) for row in shown.rows],
            "places": [_place(site) for site in others],
            "closures": drawn_closures(closures, told),
            "before": drawn_before(before, plan),
            "reach": (rings := drawn_reach(reach)),
            "tiles": tiles.drawn() if tiles else None,
            "start": [int(part) for part in plan.start[11:16].split(":")],
            "words": _words(),
        }
        text = _text_of_page(shown, others, told, before is not None)
        shift = ("gcj02.js",) if tiles and tiles.gcj02 else ()
        return map_document(
            "page.html",
            text
            | {
                "reach": [ring["minutes"] for ring in rings],
                "records": named_records(plan.illustrative, _english(teams, depots, airbases)),
            },
            drawing,
            name="plan",
            scripts=("ground.js", *shift, "map.js"),
            styles=("map.css",),
            hosts=tiles.hosts if tiles else (),
        )


def _words() -> dict[str, str]:
    """Return what the page's script says."""
    return {
        **map_words(),
        "play": _("Play the deployment"),
        "pause": _("Pause"),
        "minutes": _("{minutes} minutes"),
        "later": _(" +{days} d"),
        "state": _("{waiting} waiting, {moving} under way, {there} there"),
    }


def _text_of_page(
    shown: View, others: tuple[Site, ...], told: list[str], before: bool
) -> dict[str, Any]:
    tiers = {row.order.tier for row in shown.rows}
    layers = {site.layer for site in others}
    return {
        "html_lang": {"zh": "zh-CN", "en": "en"}[language()],
        "view": shown,
        "plan": shown.plan,
        "others": others,
        "closures": told,
        "stood_down": stand_down_lines(shown.plan.stood_down),
        "before": before,
        "modes": sorted({row.order.mode for row in shown.rows}),
        "control_levels": sorted({row.order.control_level for row in shown.rows}),
        "tiers": [t for t in TIERS if t in tiers],
        "all_tiers": TIERS,
        "on_paper": ON_PAPER,
        "layers": [name for name in ("team", "depot", "airbase") if name in layers],
        "road_classes": ROAD_CLASSES,
        "invented_sites": sum(site.illustrative for site in others),
        "pick": pick,
        "duration": duration,
        "labels": labels,
        "people": counted.people,
        "unit_of": unit_of,
        "_": _,
        "ngettext": ngettext,
    }


def _english(*frames: DataFrame) -> dict[str, str]:
    return {str(key): name for frame in frames for key, name in frame["name_en"].items()}


def _incident(letter: str, incident: Any) -> dict[str, Any]:
    return {
        "id": f"incident-{letter}",
        "letter": letter,
        "name": pick(incident.name, incident.name_en),
        "at": _at(incident.lon, incident.lat),
    }


def _order(shown: View, row: Row) -> dict[str, Any]:
    order = row.order
    return {
        "id": f"order-{row.number}",
        "number": row.number,
        "tier": order.tier,
        "mode": order.mode,
        "incident": row.letter,
        "level": order.control_level,
        "depart_s": order.depart_s,
        "arrive_s": order.arrive_s,
        "name": pick(order.team_name, order.team_name_en),
        "arrive": shown.clock(order.arrive_s),
        "at": _at(order.origin.lon, order.origin.lat),
        "lines": [pack_route(leg.line) for leg in order.legs if leg.line],
        "times": [[leg.start_s, leg.end_s] for leg in order.legs if leg.line],
        "carried": [_carried(leg) for leg in order.legs if leg.line],
    }


def _carried(leg: Leg) -> str:
    """Return what a line says that is no road."""
    return {"fly": labels.mode("air"), "ride": labels.mode("rail")}.get(leg.kind, "")


def _flows(plan: Plan, tier: str) -> list[tuple[int, list[Packed]]]:
    orders = (order for order in plan.orders if order.tier == tier)
    return flows([point for leg in order.legs for point in leg.line] for order in orders)


def _place(site: Site) -> dict[str, Any]:
    return {
        "id": site.anchor,
        "layer": site.layer,
        "symbol": site.symbol,
        "name": site.name,
        "at": _at(site.lon, site.lat),
    }


def _at(lon: float, lat: float) -> list[float]:
    return [round(lat, 5), round(lon, 5)]


def _bounds(plan: Plan, areas: GeoDataFrame) -> list[list[float]]:
    """Return south-west and north-east (lat, lon) of all that the plan moves."""
    points = [(i.lon, i.lat) for i in plan.incidents]
    for order in plan.orders:
        points.append((order.origin.lon, order.origin.lat))
        points.extend(point for leg in order.legs for point in leg.line)
    if not points:
        west, south, east, north = areas.total_bounds
        points = [(west, south), (east, north)]
    grid = np.asarray(points, dtype=float)
    low, high = grid.min(axis=0), grid.max(axis=0)
    return [_at(float(low[0]), float(low[1])), _at(float(high[0]), float(high[1]))]
