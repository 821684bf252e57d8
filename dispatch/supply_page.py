"""The map of a supply plan, with all that registry and scenario add to it."""

from __future__ import annotations

from dispatch.i18n import language
from dispatch.plan.shut import closure_shapes
from dispatch.plan.supply import SupplyPlan
from dispatch.registry import Registry
from dispatch.render.supply_map import render_supply_map
from dispatch.scenario import Scenario


def supply_page(plan: SupplyPlan, registry: Registry, scenario: Scenario | None = None) -> str:
    """Return the map as one HTML page, in the language in use.

    Parameters
    ----------
    plan : SupplyPlan
    registry : Registry
        Whose borders and roads are drawn.
    scenario : Scenario, optional
        Of the plan; without it no closures are drawn.
    """
    return render_supply_map(
        plan,
        counties=registry.counties,
        areas=registry.county_polygons,
        roads=registry.links,
        closures=None if scenario is None else closure_shapes(registry, scenario),
        lang=language(),
    )
