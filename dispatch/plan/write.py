"""A plan on disk: JSON to keep, GeoPackage and CSV for other tools.

A folder appears whole or not at all: it is written beside its place and
renamed when everything in it is there.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pyogrio
from shapely import LineString, Point

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.plan.plan import Plan

PLAN_FILE: Final = "plan.json"

DIGEST: Final = "sha256"
"""Key of the digest of all other content in a plan file."""

CRS: Final = "EPSG:4326"

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet read a cell as a formula (OWASP, CSV injection)."""


@contextmanager
def staged_folder(target: Path, mark: str = PLAN_FILE) -> Iterator[Path]:
    """Give a folder to write into, which takes the place of ``target`` on success.

    Parameters
    ----------
    target : Path
    mark : str
        The file that tells a folder written earlier, and so may be replaced.

    Raises
    ------
    InputError
        If ``target`` exists and is neither an empty folder nor an earlier one of its kind.
    """
    if target.exists() and not _is_ours(target, mark):
        problem = (
            _("exists and holds something other than a plan")
            if mark == PLAN_FILE
            else _("exists and holds something else")
        )
        raise InputError(
            Fault(str(target), None, None, None, problem, _("choose another output folder"))
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    stage.chmod(0o755)
    try:
        yield stage
        if target.exists():
            shutil.rmtree(target)
        stage.rename(target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _is_ours(folder: Path, mark: str) -> bool:
    return folder.is_dir() and ((folder / mark).is_file() or not any(folder.iterdir()))


def write_plan(plan: Plan, folder: Path) -> None:
    """Write ``plan.json``, ``assignments.csv`` and ``plan.gpkg`` into a folder.

    The same plan gives the same bytes.
    """
    (folder / PLAN_FILE).write_text(plan_text(plan), encoding="utf-8")
    _write_assignments(plan, folder / "assignments.csv")
    _write_geopackage(plan, folder / "plan.gpkg")


def plan_text(plan: Plan) -> str:
    """Return a plan as JSON with the digest of its content."""
    content = asdict(plan)
    sealed = content | {DIGEST: digest(content)}
    return json.dumps(sealed, ensure_ascii=False, indent=1) + "\n"


def digest(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a plan's content, however its JSON is laid out.

    It tells damage and careless edits; it is no signature.
    """
    others = {key: value for key, value in content.items() if key != DIGEST}
    text = json.dumps(others, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def clock(plan: Plan, seconds: int) -> str:
    """Return a time of the plan as ISO 8601 local time, to the second."""
    moment = datetime.fromisoformat(plan.start) + timedelta(seconds=seconds)
    return moment.isoformat(timespec="seconds")


def as_text(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def _write_assignments(plan: Plan, path: Path) -> None:
    rows = _assignment_rows(plan)
    # the mark lets spreadsheet programs on Chinese Windows see that it is UTF-8
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(ASSIGNMENT_COLUMNS), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({key: as_text(value) for key, value in row.items()})


ASSIGNMENT_COLUMNS: Final = (
    "incident_id", "demand_id", "capability", "quantity", "unit", "on_time",
    "team_id", "team_name", "tier", "control_level", "status", "mode",
    "depart", "arrive", "distance_m", "toll_paid_yuan", "toll_waived_yuan",
)  # fmt: skip


def _assignment_rows(plan: Plan) -> list[dict[str, object]]:
    return [
        {
            "incident_id": order.incident_id,
            "demand_id": task.demand_id,
            "capability": task.capability,
            "quantity": task.quantity,
            "unit": task.unit,
            "on_time": "yes" if task.on_time else "no",
            "team_id": order.team_id,
            "team_name": order.team_name,
            "tier": order.tier,
            "control_level": order.control_level,
            "status": order.status,
            "mode": order.mode,
            "depart": clock(plan, order.depart_s),
            "arrive": clock(plan, order.arrive_s),
            "distance_m": order.distance_m,
            "toll_paid_yuan": order.toll_paid_yuan,
            "toll_waived_yuan": order.toll_waived_yuan,
        }
        for order in plan.orders
        for task in order.tasks
    ]


def _write_geopackage(plan: Plan, path: Path) -> None:
    # GDAL stamps the hour into the file otherwise, and equal plans would differ
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"})
    try:
        for name, layer in _layers(plan).items():
            if len(layer):
                layer.to_file(path, layer=name, driver="GPKG", engine="pyogrio")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _layers(plan: Plan) -> dict[str, gpd.GeoDataFrame]:
    incidents = [
        {
            "incident_id": incident.incident_id,
            "name": incident.name,
            "type": incident.type,
            "demands": len(incident.demands),
            "unmet_demands": sum(demand.unmet > 0 for demand in incident.demands),
            "geometry": Point(incident.lon, incident.lat),
        }
        for incident in plan.incidents
    ]
    origins = [
        {
            "team_id": order.team_id,
            "name": order.team_name,
            "tier": order.tier,
            "status": order.status,
            "geometry": Point(order.origin.lon, order.origin.lat),
        }
        for order in plan.orders
    ]
    legs = [
        {
            "team_id": order.team_id,
            "incident_id": order.incident_id,
            "leg": number,
            "kind": leg.kind,
            "start": clock(plan, leg.start_s),
            "end": clock(plan, leg.end_s),
            "distance_m": leg.distance_m,
            "toll_paid_yuan": leg.toll_paid_yuan,
            "toll_waived_yuan": leg.toll_waived_yuan,
            "roads": " ".join(leg.roads),
            "geometry": LineString(leg.line),
        }
        for order in plan.orders
        for number, leg in enumerate(order.legs)
        if len(leg.line) > 1
    ]
    return {
        "incidents": _frame(incidents),
        "origins": _frame(origins),
        "legs": _frame(legs),
    }


def _frame(rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        rows or None, geometry="geometry" if rows else None, crs=CRS if rows else None
    )
