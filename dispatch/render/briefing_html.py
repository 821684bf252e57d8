"""A briefing as one HTML page that needs nothing beside it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from dispatch.i18n import _
from dispatch.render.briefing import Page
from dispatch.render.text import plain

Draw = Callable[[str, float, float, str], bytes]
"""Draws a picture by name, width and height in inches, and format."""

PICTURE_IN: Final = {"map": (11.0, 7.2), "timeline": (11.0, 5.4)}


def briefing_html(pages: Sequence[Page], draw: Draw, *, lang: str) -> bytes:
    """Lay out the pages of a briefing as sections of one page, pictures and all.

    Parameters
    ----------
    pages : sequence of Page
    draw : callable
        Draws a picture by name, width and height in inches, and format.
    lang : {"zh", "en"}

    Returns
    -------
    bytes
        UTF-8. The page runs no script and asks no host for anything.
    """

    def picture(name: str) -> Markup:
        image = base64.b64encode(draw(name, *PICTURE_IN[name], "svg")).decode()
        # A slash may stand twice in base64; percent-encoded it is read the same.
        return Markup("data:image/svg+xml;base64," + image.replace("/", "%2F"))  # noqa: S704

    environment = Environment(
        loader=PackageLoader("dispatch.render"),
        autoescape=True,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    page = environment.get_template("briefing.html")
    html_lang = {"zh": "zh-CN", "en": "en"}[lang]
    return page.render(pages=pages, picture=picture, html_lang=html_lang, _=_).encode()


def _finalize(value: object) -> Markup:
    """Escape a value for HTML, its slashes too, so that a name can't spell an address."""
    if isinstance(value, Markup):
        return value
    return escape(plain(value)).replace("/", Markup("&#47;"))
