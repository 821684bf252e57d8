"""The way of a team as GPX 1.1, for navigators."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET

from dispatch.i18n import _
from dispatch.plan.plan import Plan
from dispatch.render import labels
from dispatch.render.orders import OrderSheet

NAMESPACE: Final = "http://www.topografix.com/GPX/1/1"


def track(plan: Plan, sheet: OrderSheet) -> bytes:
    """Return start and goal as waypoints and each leg that moves as a track (EPSG:4326)."""
    order, incident = sheet.order, sheet.incident
    root = ET.Element("gpx", {"version": "1.1", "creator": "dispatch", "xmlns": NAMESPACE})
    metadata = ET.SubElement(root, "metadata")
    _text(metadata, "name", f"{sheet.number} {sheet.team} → {sheet.where}")
    if sheet.illustrative:
        _text(metadata, "desc", _("Illustrative data: no basis for sending people"))
    start = datetime.fromisoformat(plan.start).astimezone(UTC)
    _text(metadata, "time", f"{start:%Y-%m-%dT%H:%M:%SZ}")
    _point(root, "wpt", order.origin.lon, order.origin.lat, sheet.origin)
    _point(root, "wpt", incident.lon, incident.lat, sheet.where)
    for leg in order.legs:
        if len(leg.line) > 1:
            way = ET.SubElement(root, "trk")
            _text(way, "name", f"{sheet.number} {sheet.team}")
            _text(way, "type", labels.leg(leg.kind))
            segment = ET.SubElement(way, "trkseg")
            for lon, lat in leg.line:
                _point(segment, "trkpt", lon, lat)
    ET.indent(root, " ")
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _point(parent: ET.Element, tag: str, lon: float, lat: float, name: str = "") -> None:
    point = ET.SubElement(parent, tag, {"lat": f"{lat:.6f}", "lon": f"{lon:.6f}"})
    if name:
        _text(point, "name", name)


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text
