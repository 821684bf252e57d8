"""How long the map takes to open: a plan of 500 routes and 2,000 markers in headless Chromium.

The plan is made up: its orders are those of a real plan, copied to as many, each
moved a little, and teams that stay behind make up the other markers. Run it with
``python -m benchmarks.map_opens PLAN``; it prints size and seconds.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd
from playwright.sync_api import Browser, sync_playwright

from dispatch.plan.plan import Order, Plan
from dispatch.plan.read import read_plan
from dispatch.registry import load_registry
from dispatch.render.map import render_map

ROUTES = 500
MARKERS = 2_000


def main() -> None:
    """Make the page, open it three times, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("plan", type=Path, help="folder of a plan to copy orders of")
    parser.add_argument("--browser", default="/usr/bin/chromium")
    told = parser.parse_args()
    before = perf_counter()
    page = large_page(read_plan(told.plan))
    print(f"made in {perf_counter() - before:.2f} s, {len(page.encode()) / 1e6:.2f} MB")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as engine:
        file = Path(folder) / "map.html"
        file.write_text(page, encoding="utf-8")
        browser = engine.chromium.launch(executable_path=told.browser, args=["--no-sandbox"])
        times = [opened_s(browser, file) for _again in range(3)]
        browser.close()
    print(f"opens in {median(times):.2f} s (median of {', '.join(f'{t:.2f}' for t in times)})")


def large_page(plan: Plan) -> str:
    """Return the map of a plan with copied orders, and of teams that stay behind."""
    registry = load_registry()
    orders = tuple(_copy(plan.orders[n % len(plan.orders)], n) for n in range(ROUTES))
    copies = -(-(MARKERS - ROUTES) // len(registry.teams))
    teams = pd.concat([registry.teams] * copies, ignore_index=True)
    teams = teams.iloc[: MARKERS - ROUTES]
    teams.index = pd.Index([f"copy-{row}" for row in range(len(teams))], name="team_id")
    moved = np.random.default_rng(0).uniform(-0.2, 0.2, (2, len(teams)))
    teams = teams.assign(lon=teams["lon"] + moved[0], lat=teams["lat"] + moved[1])
    return render_map(
        replace(plan, orders=orders),
        counties=registry.counties,
        areas=registry.county_polygons,
        roads=registry.links,
        teams=teams,
        depots=registry.depots,
        airbases=registry.airbases,
    )


def _copy(order: Order, number: int) -> Order:
    shift = 0.002 * (number % 7)
    legs = tuple(
        replace(leg, line=tuple((lon + shift, lat + shift) for lon, lat in leg.line))
        for leg in order.legs
    )
    return replace(order, team_id=f"copy-of-{number}", legs=legs)


def opened_s(browser: Browser, file: Path) -> float:
    """Return the seconds until the page has loaded and drawn its markers."""
    page = browser.new_page(viewport={"width": 1500, "height": 950})
    begin = perf_counter()
    page.goto(file.as_uri())
    page.wait_for_selector(".leaflet-marker-icon", state="attached")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    took = perf_counter() - begin
    page.close()
    return took


if __name__ == "__main__":
    main()
