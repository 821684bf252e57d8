r"""A little province, small enough to plan by hand.

Counties are squares of one degree; the road runs along the equator of the map,
lengths and times beside it (100 km/h on the motorway, 60 km/h elsewhere)::

        county 140101        |        county 140102
                             |
      A         motorway 100 km, 60 min, tolled
      +=======================================+
      |                      |                |
      a ------- 60 km ------ m ---- 60 km --- z      60 + 60 min
      ^                                       ^
      team "near" at z-side, team "far" at a

Teams:

=====  ======  ==========  =======  ========================  =====================
id     at      tier        members  modules                   mobilise day, night
=====  ======  ==========  =======  ========================  =====================
far    a       specialist  20       pumping 2 x 100, 5 each   600 s, 1200 s
near   z       main        10       search_rescue 10 x 1      60 s, 60 s
mid    m       specialist  8        pumping 1 x 100, 4 each;  300 s, 300 s
                                    search_rescue 6 x 1
=====  ======  ==========  =======  ========================  =====================

The incident lies at z. All pools are open at level I; specialists at once
within the city.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
from shapely import LineString, box

from dispatch.registry import Registry
from dispatch.scenario import Scenario, load_scenario

CRS = "EPSG:4326"
WEST, EAST = 112.0, 113.0
LAT = 37.0
JUNCTIONS = {"a": 112.0, "m": 112.5, "z": 113.0}

INCIDENT = """\
name: drill
title: 演练
title_en: Drill
start: 2026-03-01T{hour:02d}:00+08:00
level: {level}
policy: {{toll_free: {toll_free}}}
incidents:
  - id: mine
    name: 某矿
    name_en: A mine
    type: mine_flood
    lon: 113.0
    lat: 37.0
    impact: {{trapped: 5}}
    demands:
{demands}
"""


def scenario(
    folder: Path,
    *demands: str,
    hour: int = 8,
    level: str = "I",
    toll_free: bool = True,
) -> Scenario:
    """Return a scenario at z with the demands given as YAML flow mappings."""
    lines = "\n".join(f"      - {{{demand}}}" for demand in demands)
    text = INCIDENT.format(hour=hour, level=level, toll_free=str(toll_free).lower(), demands=lines)
    path = folder / "drill.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path)


def registry(**changed: pd.DataFrame) -> Registry:
    """Return the registry of the little province, some tables exchanged."""
    tables = {
        "places/counties": _counties(),
        "network/junctions": _junctions(),
        "network/links": _links(),
        "network/profiles": _frame(
            "profile",
            truck=dict(toll_class="t", mass_kg=25_000, height_m=4.0, cost_yuan_per_km=1.0),
            car=dict(toll_class="c", mass_kg=2_500, height_m=2.0, cost_yuan_per_km=0.5),
        ),
        "network/speeds": pd.DataFrame(
            [
                (profile, road_class, speed, "illustrative", "test")
                for profile, factor in (("truck", 1.0), ("car", 1.2))
                for road_class, speed in (
                    ("motorway", 100.0 * factor),
                    ("primary", 60.0 * factor),
                    ("access", 30.0),
                )
            ],
            columns=["profile", "road_class", "speed_kmh", "status", "source"],
        ),
        "network/toll_rates": _frame(
            "toll_class",
            t=dict(yuan_per_km=1.0, plaza_delay_s=90),
            c=dict(yuan_per_km=0.5, plaza_delay_s=30),
        ),
        "doctrine/capabilities": _frame(
            "capability",
            pumping=dict(name="排水", name_en="Pumping", unit="m³/h", unit_en="m³/h"),
            search_rescue=dict(name="搜救", name_en="Search", unit="人", unit_en="persons"),
        ).assign(portable=["no", "yes"]),
        "teams/teams": _teams(),
        "teams/capabilities": pd.DataFrame(
            [
                ("far", "pumping", 2, 100, 5, "泵", "pumps", "illustrative", "test"),
                ("mid", "pumping", 1, 100, 4, "泵", "pumps", "illustrative", "test"),
                ("mid", "search_rescue", 6, 1, 1, "", "", "illustrative", "test"),
                ("near", "search_rescue", 10, 1, 1, "", "", "existing", "test"),
            ],
            columns=[
                "team_id", "capability", "units", "quantity_per_unit", "members_per_unit",
                "equipment", "equipment_en", "status", "source",
            ],
        ),
        "teams/vehicles": pd.DataFrame(
            [
                ("far", "truck", 2, "illustrative", "test"),
                ("far", "car", 1, "illustrative", "test"),
                ("mid", "truck", 1, "existing", "test"),
                ("near", "car", 1, "existing", "test"),
            ],
            columns=["team_id", "profile", "quantity", "status", "source"],
        ),
    }  # fmt: skip
    tables |= {name.replace("__", "/"): table for name, table in changed.items()}
    polygons = gpd.GeoDataFrame(
        {"name": ["西县", "东县"]},
        index=pd.Index(["140101", "140102"], name="adcode"),
        geometry=[box(111.5, 36.5, 112.5, 37.5), box(112.5, 36.5, 113.5, 37.5)],
        crs=CRS,
    )
    return Registry(tables, polygons, {}, dict.fromkeys(tables, "0" * 64))


def _frame(key: str, **rows: dict[str, object]) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(rows, orient="index").assign(
        status="illustrative", source="test"
    )
    return frame.rename_axis(key)


def _points(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    points = gpd.points_from_xy(frame["lon"], frame["lat"])
    return gpd.GeoDataFrame(frame, geometry=points, crs=CRS)


def _counties() -> gpd.GeoDataFrame:
    city = dict(city_adcode="140100", city="某市", city_en="A City")
    return _points(
        _frame(
            "adcode",
            **{
                "140101": dict(name="西县", name_en="West", lon=WEST, lat=LAT, **city),
                "140102": dict(name="东县", name_en="East", lon=EAST, lat=LAT, **city),
            },
        )
    )


def _junctions() -> gpd.GeoDataFrame:
    return _points(
        _frame(
            "junction_id",
            **{
                key: dict(name=key, name_en="", near="", near_en="", lon=lon, lat=LAT)
                for key, lon in JUNCTIONS.items()
            },
        )
    )


def _links() -> gpd.GeoDataFrame:
    rows = {
        "am": dict(ends="am", ref="G1", road_class="primary", length_m=60_000, toll="no"),
        "mz": dict(ends="mz", ref="G1", road_class="primary", length_m=60_000, toll="no"),
        "az": dict(ends="az", ref="G9", road_class="motorway", length_m=100_000, toll="yes"),
    }
    frame = _frame("link_id", **rows).assign(direction="both", status="existing")
    frame.loc["az", "status"] = "illustrative"
    frame["from_junction"], frame["to_junction"] = frame["ends"].str[0], frame["ends"].str[1]
    lines = [
        LineString([(JUNCTIONS[u], LAT), (JUNCTIONS[v], LAT)])
        for u, v in zip(frame["from_junction"], frame["to_junction"], strict=True)
    ]
    return gpd.GeoDataFrame(frame, geometry=lines, crs=CRS)


def _teams() -> gpd.GeoDataFrame:
    common = dict(
        control_level="city", compensation_yuan_per_day=1000.0, kit_kg=0, toll_exempt="no"
    )
    rows = {
        "far": dict(
            name="远队", name_en="Far", kind="mine_rescue", tier="specialist", adcode="140101",
            lon=112.0, personnel=20, mobilise_day_s=600, mobilise_night_s=1200,
        ),
        "mid": dict(
            name="中队", name_en="Mid", kind="mine_rescue", tier="specialist", adcode="140102",
            lon=112.5, personnel=8, mobilise_day_s=300, mobilise_night_s=300,
        ),
        "near": dict(
            name="近队", name_en="Near", kind="fire_brigade", tier="main", adcode="140102",
            lon=113.0, personnel=10, mobilise_day_s=60, mobilise_night_s=60, toll_exempt="yes",
        ),
    }  # fmt: skip
    frame = _frame("team_id", **{key: common | row for key, row in rows.items()}).assign(lat=LAT)
    frame.loc["near", "status"] = "existing"
    return _points(frame)
