"""Places that the backbone must name: seats, stations, airfields, towns, gates."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from backbone.graph import M_PER_DEG, Road, RoadGraph, components, cut_road
from dispatch.geo import haversine_m

ON_ROAD_M: Final = 300.0
"""A station or airfield nearer than this to its road stands on it."""

ACCESS_DETOUR: Final = 1.3
"""Length of an access road over the straight line (assumption)."""

REACH_M: Final = {"town": 1_500.0, "station": 5_000.0}
"""A place of this kind farther than this from the road is left out."""

SEAT_TOWN_M: Final = 2_500.0
"""A town nearer than this to a county seat is part of it."""

GATE_DEPTH_M: Final = 3_000.0
"""A road leaves the province only if it gets this far away from it."""

RANK: Final = {"county_seat": 4, "airfield": 3, "station": 3, "gate": 2, "town": 1}

AIRFIELDS: Final = {
    "ZBYN": "太原武宿国际机场",
    "ZBDT": "大同云冈机场",
    "ZBCZ": "长治王村机场",
    "ZBYC": "运城盐湖国际机场",
    "ZBLL": "吕梁大武机场",
    "ZBLF": "临汾尧都机场",
    "ZBXZ": "忻州五台山机场",
    "ZBSG": "朔州滋润机场",
    "CN-0300": "太原尧城机场",
    "CN-0015": "怀仁机场",
    "CN-0020": "文水机场",
    "CN-0037": "永济机场",
    "CN-0229": "大同清水河机场",
    "CN-0474": "侯马直升机场",
    "LFQ": "临汾尧庙机场",
}
"""Chinese names of the airfields that the international list names in English."""

NEIGHBOURS: Final = {
    "河北省": ("冀", "Hebei"),
    "河南省": ("豫", "Henan"),
    "陕西省": ("陕", "Shaanxi"),
    "内蒙古自治区": ("蒙", "Inner Mongolia"),
}
"""How the provinces around are told in the name of a border, in Chinese and in English."""

DIRECTIONS: Final = (
    ("北", "north"),
    ("东北", "north-east"),
    ("东", "east"),
    ("东南", "south-east"),
    ("南", "south"),
    ("西南", "south-west"),
    ("西", "west"),
    ("西北", "north-west"),
)

ENDINGS: Final = {
    "街道": ("jie dao", "Subdistrict"),
    "镇": ("zhen", "Town"),
    "乡": ("xiang", "Township"),
}
"""What townships are, how that is read, and what it means."""


@dataclass(frozen=True)
class Place:
    """Something that becomes a junction.

    Parameters
    ----------
    kind : str
        As in the contract of network/junctions.
    name : str
    lon, lat : float
        EPSG:4326.
    source : str
        Where name and position come from.
    adcode : str
        Its county where that is known; a seat's junction may lie over the border.
    name_en : str
        Empty where no English name is known.
    """

    kind: str
    name: str
    lon: float
    lat: float
    source: str
    adcode: str = ""
    name_en: str = ""


def read_seats(path: Path) -> list[Place]:
    """Read the county seats from the county table; two cities have a 城区, so its city is named."""
    table = pd.read_csv(path, dtype={"adcode": str}).sort_values("adcode")
    told = table["name"].isin(["城区", "郊区", "矿区"])
    table["name"] = table["city"].where(told, "") + table["name"]
    table["name_en"] = (table["city_en"] + " ").where(told, "") + table["name_en"]
    return [
        Place(
            kind="county_seat",
            name=row["name"],
            lon=row["lon"],
            lat=row["lat"],
            source="seat as in places/counties",
            adcode=row["adcode"],
            name_en=row["name_en"],
        )
        for row in table.to_dict("records")
    ]


def read_stations(path: Path) -> list[Place]:
    """Read the passenger stations (columns name, lon, lat, kind, source); halts are left out."""
    table = pd.read_csv(path).sort_values("name")
    table = table[table["kind"].eq("客运站")]
    return [
        Place(
            kind="station",
            name=f"{row['name']}站",
            lon=row["lon"],
            lat=row["lat"],
            source="railway station table 2022 and OSM",
        )
        for row in table.to_dict("records")
    ]


def read_airfields(path: Path) -> list[Place]:
    """Read the airfields in use from a file in the form of OurAirports."""
    table = pd.read_csv(path).sort_values("ident")
    table = table[table["type"].ne("closed")]
    return [
        Place(
            kind="airfield",
            name=AIRFIELDS.get(row["ident"], row["name"]),
            lon=row["longitude_deg"],
            lat=row["latitude_deg"],
            source="OurAirports (public domain)",
            name_en=row["name"],
        )
        for row in table.to_dict("records")
    ]


def read_towns(path: Path, seats: Sequence[Place]) -> list[Place]:
    """Read the towns with a Chinese name from a GeoNames list, county seats left out."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    towns = []
    for row in sorted(rows, key=lambda r: r["geonameid"]):
        name = _town_name(row["alternatenames"])
        lon, lat = float(row["longitude"]), float(row["latitude"])
        if name and _nearest_m(seats, lon, lat) > SEAT_TOWN_M:
            english = _town_name_en(name, row["alternatenames"])
            towns.append(Place("town", name, lon, lat, "GeoNames (CC BY 4.0)", name_en=english))
    return towns


def _town_name(names: Iterable[str]) -> str:
    """Choose the full official name; none for a name that is that of a county or city."""
    chinese = sorted(n for n in names if all("一" <= c <= "鿿" for c in n))
    if any(n.endswith(("县", "市", "区")) for n in chinese):
        return ""
    for ending in ("镇", "乡", "街道"):
        for name in chinese:
            if name.endswith(ending):
                return name
    return chinese[0] if chinese else ""


def _town_name_en(name: str, names: Iterable[str]) -> str:
    """Return the reading of a Chinese name, one word for each character, as an English name."""
    read = sorted(n for n in names if n.islower() and len(n.split()) == len(name))
    ending = next((end for end in ENDINGS if name.endswith(end) and name != end), "")
    reading, meaning = ENDINGS.get(ending, ("", ""))
    fitting = [n for n in read if n.endswith(f" {reading}")] if ending else read
    if not fitting:
        return ""
    words = fitting[0].split()[: len(name) - len(ending)]
    joined = "".join(f"'{word}" if word[0] in "aeo" else word for word in words).lstrip("'")
    return f"{joined.capitalize()} {meaning}".strip()


def _nearest_m(places: Sequence[Place], lon: float, lat: float) -> float:
    at = np.array([(p.lon, p.lat) for p in places]).reshape(-1, 2)
    return float(np.min(haversine_m(at[:, 0], at[:, 1], lon, lat), initial=np.inf))


def attach(graph: RoadGraph, places: Sequence[Place]) -> dict[int, Place]:
    """Put places onto their nearest ordinary road and return the place at each node.

    Seats and towns become nodes of the road. A station or airfield off the road
    keeps its position and gets an access road. A motorway is no way to a place.
    """
    numbers = [n for n, r in sorted(graph.roads.items()) if not _closed_off(r.road_class)]
    scale = np.cos(np.radians(np.mean([lat for _lon, lat in graph.places.values()])))
    flat = [shapely.LineString(graph.roads[n].line * (scale, 1.0)) for n in numbers]
    at = np.array([(p.lon * scale, p.lat) for p in places]).reshape(-1, 2)
    points: NDArray[np.object_] = np.asarray(shapely.points(at))
    nearest = shapely.STRtree(flat).nearest(points)
    on_road: dict[int, list[tuple[float, Place, float]]] = {}
    for place, point, i in zip(places, points, nearest, strict=True):
        fraction = shapely.line_locate_point(flat[i], point, normalized=True)
        away_m = float(shapely.distance(flat[i], point)) * M_PER_DEG
        if away_m > REACH_M.get(place.kind, np.inf):
            continue
        on_road.setdefault(numbers[i], []).append((float(fraction), place, away_m))
    found: dict[int, Place] = {}
    for number, here in sorted(on_road.items()):
        for node, place, away_m in _put(graph, number, here):
            if place.kind in ("station", "airfield") and away_m > ON_ROAD_M:
                found[_access(graph, node, place)] = place
            elif node not in found or RANK[place.kind] > RANK[found[node].kind]:
                found[node] = place
    return found


def _closed_off(road_class: str) -> bool:
    return road_class.startswith("motorway")


def _put(
    graph: RoadGraph, number: int, here: list[tuple[float, Place, float]]
) -> list[tuple[int, Place, float]]:
    """Cut a road where places lie along it; a place at an end takes that node."""
    road = graph.roads[number]
    inner = sorted({f for f, _place, _away in here if 1e-6 < f < 1 - 1e-6})
    node_at = dict(zip(inner, cut_road(graph, number, inner), strict=True)) if inner else {}
    ends = {True: road.tail, False: road.head}
    order = sorted(here, key=lambda item: (item[0], item[1].name))
    return [(node_at.get(f, ends[f < 0.5]), place, away) for f, place, away in order]


def _access(graph: RoadGraph, node: int, place: Place) -> int:
    site = graph.add_node(place.lon, place.lat)
    line = np.array([graph.places[node], (place.lon, place.lat)])
    length = float(haversine_m(*line[0], *line[1])) * ACCESS_DETOUR
    graph.add(Road(node, site, False, length, line, {("class", "access"): length}))
    return site


def cut_gates(graph: RoadGraph, province: shapely.Geometry) -> list[int]:
    """Cut the roads where they leave the province for good and return those nodes.

    A stretch outside that never gets :data:`GATE_DEPTH_M` away from the province
    (a road that winds along the border) does not count, nor does such a stretch
    inside between two outside.
    """
    border = shapely.boundary(province)
    marks = []
    for number, road in sorted(graph.roads.items()):
        line = shapely.LineString(road.line)
        meets = shapely.get_parts(shapely.intersection(line, border))
        points = [shapely.point_on_surface(part) for part in meets]
        at = sorted({float(line.project(p, normalized=True)) for p in points})
        at = [f for f in at if 1e-6 < f < 1 - 1e-6]
        if at:
            marks.extend(cut_road(graph, number, at))
    inside = {n: lies_in(road, province) for n, road in graph.roads.items()}
    for side in (True, False):
        roads = [n for n, within in inside.items() if within is side]
        for part in components(graph, roads, walls=frozenset(marks)):
            if _depth_m([graph.roads[n] for n in part], border) < GATE_DEPTH_M:
                inside.update(dict.fromkeys(part, not side))
    return [m for m in marks if len({inside[n] for n in graph.at[m]}) == 2]


def lies_in(road: Road, province: shapely.Geometry) -> bool:
    """Say whether the middle of a road lies in the province."""
    middle = shapely.LineString(road.line).interpolate(0.5, normalized=True)
    return bool(shapely.covers(province, middle))


def _depth_m(roads: list[Road], border: shapely.Geometry) -> float:
    points = shapely.points(np.concatenate([road.line for road in roads]))
    return float(shapely.distance(points, border).max()) * M_PER_DEG * 0.8


class Gazetteer:
    """Says where a point is: its county, and its bearing from the nearest known place.

    Parameters
    ----------
    seats, towns : sequence of Place
    counties : GeoDataFrame
        County polygons with a column adcode, EPSG:4326.
    provinces : GeoDataFrame, optional
        Province polygons with a column name, to name the gates by.
    """

    def __init__(
        self,
        seats: Sequence[Place],
        towns: Sequence[Place],
        counties: gpd.GeoDataFrame,
        provinces: gpd.GeoDataFrame | None = None,
    ) -> None:
        self._known = [*seats, *towns]
        self._at = np.array([(place.lon, place.lat) for place in self._known])
        self._counties = counties.sort_values("adcode").reset_index(drop=True)
        if provinces is not None:
            provinces = provinces[provinces["name"].isin(NEIGHBOURS)].reset_index(drop=True)
        self._provinces = provinces

    def near(self, lon: float, lat: float) -> tuple[str, str]:
        """Return such as 乡宁县城东北4 km, and 4 km north-east of Xiangning County seat."""
        away_m = haversine_m(self._at[:, 0], self._at[:, 1], lon, lat)
        i = int(np.argmin(away_m))
        place = self._known[i]
        name, english = _spoken(place), _spoken_en(place)
        if away_m[i] < 500:
            return name, english
        east = (lon - place.lon) * np.cos(np.radians(lat))
        sector = round(np.degrees(np.arctan2(east, lat - place.lat)) / 45) % 8
        km, (way, way_en) = max(1, round(float(away_m[i]) / 1000)), DIRECTIONS[sector]
        return f"{name}{way}{km} km", english and f"{km} km {way_en} of {english}"

    def adcodes(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> list[str]:
        """Return the county of each point, empty outside the province."""
        points: NDArray[np.object_] = np.asarray(shapely.points(lon, lat))
        found = self._counties.sindex.query(points, predicate="intersects")
        codes = [""] * len(points)
        for point, county in sorted(zip(*found.tolist(), strict=True), reverse=True):
            codes[point] = str(self._counties["adcode"].iloc[county])
        return codes

    def nearest_adcode(self, lon: float, lat: float) -> str:
        """Return the nearest county: that of a point on the border of the province."""
        (county,) = self._counties.sindex.nearest(shapely.Point(lon, lat), return_all=False)[1]
        return str(self._counties["adcode"].iloc[county])

    def border(self, lon: float, lat: float) -> tuple[str, str]:
        """Return the name of the border at a gate, such as 晋冀界, empty where not known."""
        if self._provinces is None:
            return "", ""
        (row,) = self._provinces.sindex.nearest(shapely.Point(lon, lat), return_all=False)[1]
        other, english = NEIGHBOURS[self._provinces["name"].iloc[row]]
        return f"晋{other}界", f"Shanxi–{english} border"


def _spoken(place: Place) -> str:
    """Name the built-up place, not its county: 乡宁县 is large, 乡宁县城 is a town."""
    if place.kind == "county_seat" and place.name.endswith("县"):
        return f"{place.name}城"
    if place.kind == "county_seat" and place.name.endswith("市"):
        return f"{place.name}城区"
    return place.name


def _spoken_en(place: Place) -> str:
    if place.kind == "county_seat" and place.name_en.endswith("County"):
        return f"{place.name_en} seat"
    return place.name_en
