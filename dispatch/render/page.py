"""The document around a map: one file that runs its own scripts only and asks no host."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

import folium
from branca.element import Figure

from dispatch.i18n import _
from dispatch.render.leaflet import leaflet_css, leaflet_js
from dispatch.render.pages import template

_UNSAFE_IN_JSON: Final = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&/\u2028\u2029"})


def map_words() -> dict[str, str]:
    """Return what the script of every map says."""
    return {
        "whole_map": _("Show everything"),
        "measure": _("Measure: click points, Escape to end"),
        "keys": _("Map. Tab: next kind of mark; arrows: next mark; Enter: open"),
        "credit": _("Roads © OpenStreetMap contributors, ODbL 1.0."),
    }


Bounds = list[list[float]]
"""South-west and north-east, each lat and lon."""


def map_document(
    template: str,
    text: dict[str, Any],
    drawing: dict[str, Any],
    *,
    name: str,
    scripts: Sequence[str],
    styles: Sequence[str],
    hosts: Sequence[str] = (),
) -> str:
    """Return a page with folium's map in it.

    Parameters
    ----------
    template : str
        Name of the page's template.
    text : dict
        What the template tells; every text is escaped.
    drawing : dict
        What the scripts draw; its ``bounds`` give the first view.
    name : str
        Of the map, from which its element is named: the page must not differ from run to run.
    scripts, styles : sequence of str
        Files beside the templates; the scripts are laid together into one.
    hosts : sequence of str
        From which pictures may come; none for a page that works offline.

    Returns
    -------
    str
        The page, UTF-8 by its own declaration.
    """
    page = _Page(template, text, drawing, scripts, styles, hosts)
    ground = folium.Map(
        location=[(low + high) / 2 for low, high in zip(*drawing["bounds"], strict=True)],
        zoom_start=7,
        tiles=None,
        prefer_canvas=True,
        attribution_control=False,
        zoom_snap=0.25,
        zoom_delta=0.5,
    )
    ground._id = name
    ground.add_to(page)
    return page.render()


class _Page(Figure):
    """The document around folium's map.

    branca's own document links to other hosts and reads what is put into it
    as Jinja templates again, names from data among it. This one does neither.
    """

    def __init__(
        self,
        template: str,
        text: dict[str, Any],
        drawing: dict[str, Any],
        scripts: Sequence[str],
        styles: Sequence[str],
        hosts: Sequence[str],
    ) -> None:
        super().__init__()
        self._template = template
        self._text = text
        self._drawing = drawing
        self._scripts = scripts
        self._styles = styles
        self._hosts = hosts

    def render(self, **kwargs: Any) -> str:
        for child in self._children.values():
            child.render(**kwargs)
        own = "".join(_asset(name) for name in self._scripts)
        scripts = [leaflet_js(), self.script.render(), own]
        return template(self._template).render(
            **self._text,
            policy=_policy(scripts, self._hosts),
            styles=[leaflet_css(), *(_asset(name) for name in self._styles)],
            map_html=self.html.render(),
            drawing=_json(self._drawing),
            scripts=scripts,
        )


def _json(value: Any) -> str:
    # As written, no text from data can end the script element or spell an address.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_UNSAFE_IN_JSON)


def _policy(scripts: Sequence[str], hosts: Sequence[str]) -> str:
    """Return a content security policy: only these scripts run, pictures come from these hosts."""
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    hashes = " ".join(f"'sha256-{base64.urlsafe_b64encode(d).decode()}'" for d in digests)
    pictures = " ".join(("data:", *hosts))
    return f"default-src 'none'; img-src {pictures}; style-src 'unsafe-inline'; script-src {hashes}"


@cache
def _asset(name: str) -> str:
    return (files("dispatch.render") / "templates" / name).read_text(encoding="utf-8")
