"""A province of two counties, small enough to know by heart.

::

    lat
    37.2 ┌───────────────┬───────────────┐
         │ 149901        │ 149902        │
    37.1 │   seat        │     seat  c ──┼──── g   (gate, outside)
         │               │      ╱        │
    37.05│ a ────── b ───┼─────╯         │
    37.0 └───────────────┴───────────────┘
       112.0           112.2           112.4  112.5  lon

Rows are filled from the contracts, so that a new column needs nothing here.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from dispatch.geo import haversine_m
from dispatch.registry import Contract, data_dir
from dispatch.registry.load import read_contracts

TABLES = (
    "depots/depots",
    "depots/items",
    "depots/stocks",
    "doctrine/capabilities",
    "network/junctions",
    "network/links",
    "places/counties",
    "teams/capabilities",
    "teams/teams",
)
JUNCTIONS = {"a": (112.05, 37.05), "b": (112.15, 37.05), "c": (112.35, 37.1), "g": (112.5, 37.1)}
LINKS = {"ab": ("a", "b"), "bc": ("b", "c"), "cg": ("c", "g")}
SEATS = {"149901": (112.1, 37.1), "149902": (112.3, 37.1)}

Rows = list[list[str]]
World = dict[str, Rows]


def contracts() -> dict[str, Contract]:
    """Return the contracts of the small province: some of the packaged ones."""
    packaged, _faults = read_contracts(data_dir())
    return {table: packaged[table] for table in TABLES}


CONTRACTS = contracts()


def small_world() -> World:
    """Return good tables, each a header and rows of text."""
    rows: dict[str, list[dict[str, str]]] = {
        "places/counties": [
            {"adcode": code, "name": f"县{code}", **_degrees(point), "population": "1000"}
            for code, point in SEATS.items()
        ],
        "network/junctions": [
            {"junction_id": name, "kind": "town", "adcode": _county(point), **_degrees(point)}
            for name, point in JUNCTIONS.items()
        ],
        "network/links": [_link(name, *ends) for name, ends in LINKS.items()],
        "doctrine/capabilities": [{"capability": code} for code in ("pump", "search")],
        "teams/teams": [
            _at("team_id", "t1", 112.08, 37.12),
            _at("team_id", "t2", 112.12, 37.13)
            | {"name": "救援队，二", "name_en": 'Two, "quoted"'},
            _at("team_id", "t3", 112.31, 37.05),
        ],
        "teams/capabilities": [
            {"team_id": "t1", "capability": "pump"},
            {"team_id": "t1", "capability": "search"},
            {"team_id": "t3", "capability": "search"},
        ],
        "depots/depots": [
            _at("depot_id", "d1", 112.07, 37.1),
            _at("depot_id", "d2", 112.33, 37.08),
        ],
        "depots/items": [{"item_code": "101010101"}, {"item_code": "101010102"}],
        "depots/stocks": [
            {"depot_id": "d1", "item_code": "101010101"},
            {"depot_id": "d2", "item_code": "101010101"},
            {"depot_id": "d2", "item_code": "101010102"},
        ],
    }
    return {table: _filled(CONTRACTS[table], rows[table]) for table in TABLES}


def write_world(world: World, folder: Path) -> Path:
    """Write tables, polygons and contracts as a data folder."""
    for table in TABLES:
        name = f"{table.replace('/', '.')}.csv"
        contract = (data_dir() / "contracts" / name).read_bytes()
        (folder / "contracts").mkdir(parents=True, exist_ok=True)
        (folder / "contracts" / name).write_bytes(contract)
        (folder / table).parent.mkdir(exist_ok=True)
        (folder / f"{table}.csv").write_bytes(csv_bytes(world[table]))
    (folder / "places/counties.geojson").write_bytes(polygons_bytes())
    return folder


def csv_bytes(rows: Rows) -> bytes:
    """Return rows as the bytes of a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def polygons_bytes() -> bytes:
    """Return the two counties, squares side by side, as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "properties": {"adcode": adcode, "name": adcode},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[w, 37.0], [w + 0.2, 37.0], [w + 0.2, 37.2], [w, 37.2], [w, 37.0]]
                ],
            },
        }
        for adcode, w in (("149901", 112.0), ("149902", 112.2))
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _filled(contract: Contract, rows: list[dict[str, str]]) -> Rows:
    """Return a header and rows, with a good value where none is given."""
    plain = {"text": "某处", "integer": "1", "number": "1.5"}
    header = list(contract.by_name)
    body = []
    for row in rows:
        values = []
        for column in contract.columns:
            default = column.values[0] if column.type == "choice" else plain.get(column.type, "")
            values.append(row.get(column.name, default))
        body.append(values)
    return [header, *body]


def _degrees(point: tuple[float, float]) -> dict[str, str]:
    return {"lon": str(point[0]), "lat": str(point[1])}


def _county(point: tuple[float, float]) -> str:
    return "" if point[0] > 112.4 else "149901" if point[0] < 112.2 else "149902"


def _at(key: str, name: str, lon: float, lat: float) -> dict[str, str]:
    return {key: name, "adcode": _county((lon, lat)), **_degrees((lon, lat))}


def _link(name: str, start: str, end: str) -> dict[str, str]:
    (lon1, lat1), (lon2, lat2) = JUNCTIONS[start], JUNCTIONS[end]
    return {
        "link_id": name,
        "from_junction": start,
        "to_junction": end,
        "length_m": str(int(haversine_m(lon1, lat1, lon2, lat2) * 1.1)),
        "geometry": f"LINESTRING ({lon1} {lat1}, {lon2} {lat2})",
        "bridge_m": "0",
        "tunnel_m": "0",
    }
