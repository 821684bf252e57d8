"""The interactive map of a plan, with all that registry and scenario add to it."""

from __future__ import annotations

from dispatch.i18n import language
from dispatch.plan.around import around_incidents
from dispatch.plan.plan import Plan
from dispatch.plan.shut import closure_shapes
from dispatch.registry import Registry
from dispatch.render.map import render_map
from dispatch.render.tiles import Tiles
from dispatch.scenario import Scenario


def map_page(
    plan: Plan,
    registry: Registry,
    scenario: Scenario | None = None,
    *,
    before: Plan | None = None,
    tiles: Tiles | None = None,
) -> str:
    """Return the map as one HTML page, in the language in use.

    Parameters
    ----------
    plan : Plan
    registry : Registry
        Whose borders, roads and places are drawn.
    scenario : Scenario, optional
        Of the plan; without it neither closures nor isochrones are drawn.
    before : Plan, optional
        The plan that this one goes on from.
    tiles : Tiles, optional
        Online tiles below; none by default.
    """
    return render_map(
        plan,
        counties=registry.counties,
        areas=registry.county_polygons,
        roads=registry.links,
        teams=registry.teams,
        depots=registry.depots,
        airbases=registry.airbases,
        closures=None if scenario is None else closure_shapes(registry, scenario),
        reach=None if scenario is None else around_incidents(registry, scenario),
        before=before,
        tiles=tiles,
        lang=language(),
    )
