"""What the tests of all pages ask a browser."""

from __future__ import annotations

import pytest

LAPTOP = {"width": 1366, "height": 768}


def violations(page):
    """Return what axe finds on a page, with all that unfolds unfolded."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is missing")
    page.evaluate("document.querySelectorAll('details').forEach(one => (one.open = true))")
    # a window that is still fading in has too little contrast
    page.locator(".leaflet-fade-anim").evaluate("map => map.classList.remove('leaflet-fade-anim')")
    found = axe.Axe().run(page).response["violations"]
    return [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]
