"""The map of a supply plan, with all that registry and scenario add to it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final

from dispatch.i18n import language
from dispatch.plan.shut import closure_shapes
from dispatch.plan.supply import SupplyPlan
from dispatch.plan.supply_write import SUPPLY_FILE
from dispatch.plan.write import PLAN_FILE
from dispatch.registry import Registry
from dispatch.render.supply_map import render_supply_map
from dispatch.render.tiles import Tiles
from dispatch.scenario import Scenario, load_scenario

SUPPLY_MAP: Final = "supply.html"
SCENARIO_FILE: Final = "scenario.yaml"


def holds_supply(path: Path) -> bool:
    """Tell whether a path is a supply plan, or a folder that holds one and no dispatch plan."""
    if path.is_dir():
        return (path / SUPPLY_FILE).is_file() and not (path / PLAN_FILE).is_file()
    return path.name == SUPPLY_FILE


def scenario_of(plan: SupplyPlan, folder: Path) -> Scenario | None:
    """Return the scenario of a supply plan if it lies in its folder, or in the one around it."""
    digests = dict(plan.provenance.inputs).values()
    for file in (folder / SCENARIO_FILE, folder.parent / SCENARIO_FILE):
        if file.is_file() and sha256(file.read_bytes()).hexdigest() in digests:
            return load_scenario(file)
    return None


def supply_page(
    plan: SupplyPlan,
    registry: Registry,
    scenario: Scenario | None = None,
    *,
    tiles: Tiles | None = None,
) -> str:
    """Return the map as one HTML page, in the language in use.

    Parameters
    ----------
    plan : SupplyPlan
    registry : Registry
        Whose borders and roads are drawn.
    scenario : Scenario, optional
        Of the plan; without it no closures are drawn.
    tiles : Tiles, optional
        Online tiles below; none by default.
    """
    return render_supply_map(
        plan,
        counties=registry.counties,
        areas=registry.county_polygons,
        roads=registry.links,
        closures=None if scenario is None else closure_shapes(registry, scenario),
        tiles=tiles,
        lang=language(),
    )
