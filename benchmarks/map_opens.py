"""How long the map takes to open and to pan: 500 routes and 2,000 markers in headless Chromium.

The plan is made up: its orders are those of a real plan, copied to as many, each
moved a little, and teams that stay behind make up the other markers. Run it with
``python -m benchmarks.map_opens PLAN``; it prints size and seconds, then how long the markers
take that are switched off at first, and the frames of a pan with all of them on the map.
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
PAN_STEPS = 60
STUTTER_MS = 50.0
"""A frame that takes longer is seen."""

FRAMES = """() => {
    window.frames_ms = [];
    let last = performance.now();
    const next = (now) => {
        window.frames_ms.push(now - last);
        last = now;
        window.counting = requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
}"""
ALL_ON = """() => {
    for (const box of document.querySelectorAll("[data-layer]:not(:checked)")) box.click();
    return new Promise(done => requestAnimationFrame(() => setTimeout(done)));
}"""


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
        attach_s, markers, frames = panned(browser, file)
        browser.close()
    print(f"opens in {median(times):.2f} s (median of {', '.join(f'{t:.2f}' for t in times)})")
    print(f"all {markers:,} markers switched on in {attach_s:.2f} s")
    slow = sum(frame > STUTTER_MS for frame in frames)
    print(
        f"pan of {PAN_STEPS} steps: {len(frames)} frames, median {median(frames):.0f} ms, "
        f"longest {max(frames):.0f} ms, {slow} above {STUTTER_MS:.0f} ms"
    )


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


def panned(browser: Browser, file: Path) -> tuple[float, int, list[float]]:
    """Return the seconds that all layers take, how many markers there are, and frames in ms."""
    page = browser.new_page(viewport={"width": 1500, "height": 950})
    page.goto(file.as_uri())
    page.wait_for_selector(".leaflet-marker-icon", state="attached")
    begin = perf_counter()
    page.evaluate(ALL_ON)
    attach_s = perf_counter() - begin
    markers = page.locator(".leaflet-marker-icon, path.staying").count()
    page.mouse.move(500, 500)
    page.mouse.down()
    page.evaluate(FRAMES)
    for step in range(PAN_STEPS):
        page.mouse.move(500 - 4 * step, 500 - 2 * step)
        page.wait_for_timeout(16)
    frames = page.evaluate("() => (cancelAnimationFrame(window.counting), window.frames_ms)")
    page.mouse.up()
    page.close()
    return attach_s, markers, frames


if __name__ == "__main__":
    main()
