"""A briefing as one HTML page that needs nothing beside it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Final

from markupsafe import Markup

from dispatch.i18n import _
from dispatch.render.briefing import Page
from dispatch.render.pages import template

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

    html_lang = {"zh": "zh-CN", "en": "en"}[lang]
    page = template("briefing.html")
    return page.render(pages=pages, picture=picture, html_lang=html_lang, _=_).encode()
