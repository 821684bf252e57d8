"""Online tiles below the map, if a reader asks for them; never by default."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from dispatch.errors import Fault, InputError
from dispatch.i18n import _

TIANDITU: Final = (
    "https://t{s}.tianditu.gov.cn/%s_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=%s"
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk="
)
_KEY: Final = re.compile(r"[0-9A-Za-z]{8,64}")


@dataclass(frozen=True)
class Tiles:
    """A tile service.

    Parameters
    ----------
    urls : tuple of str
        Address of each layer, from below, with ``{s}``, ``{x}``, ``{y}`` and ``{z}``.
    subdomains : str
        What ``{s}`` stands for, a letter each.
    hosts : tuple of str
        What the page may load pictures from.
    credit : str
    gcj02 : bool
        Whether the tiles are drawn in GCJ-02, the offset of Chinese web maps.
    most_zoom : int
    """

    urls: tuple[str, ...]
    subdomains: str
    hosts: tuple[str, ...]
    credit: str
    gcj02: bool = False
    most_zoom: int = 18

    def drawn(self) -> dict[str, Any]:
        """Return what the page's script is told."""
        return {
            "urls": list(self.urls),
            "subdomains": self.subdomains,
            "credit": self.credit,
            "gcj02": self.gcj02,
            "most_zoom": self.most_zoom,
        }


def tiles(service: str) -> Tiles:
    """Return a tile service by its name.

    Parameters
    ----------
    service : str
        ``osm``, ``amap``, or ``tianditu:KEY`` with the reader's own key.

    Raises
    ------
    InputError
        If there is no such service, or the key is none.
    """
    name, _colon, key = service.partition(":")
    if name == "osm" and not key:
        return Tiles(
            ("https://tile.openstreetmap.org/{z}/{x}/{y}.png",),
            "",
            ("https://tile.openstreetmap.org",),
            _("Tiles © OpenStreetMap contributors"),
            most_zoom=19,
        )
    if name == "amap" and not key:
        return Tiles(
            (
                "https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8"
                "&x={x}&y={y}&z={z}",
            ),
            "1234",
            ("https://*.is.autonavi.com",),
            _("Tiles © AMap, drawn in GCJ-02"),
            gcj02=True,
        )
    if name == "tianditu" and _KEY.fullmatch(key):
        return Tiles(
            tuple(TIANDITU % (layer, layer) + key for layer in ("vec", "cva")),
            "01234567",
            ("https://*.tianditu.gov.cn",),
            _("Tiles © Tianditu"),
        )
    remedy = _("choose osm, amap, or tianditu:KEY with a key of your own")
    raise InputError(Fault("--tiles", None, None, service, _("no such map service"), remedy))
