"""A small plan made by hand: two incidents, twelve orders, needs unmet, hostile names.

::

    Taiyuan  o 112.55, 37.87
             |
    Linfen   o 111.52, 36.09        A  mine flood    110.85, 35.88
             |                      B  tanker leak   111.20, 35.65
    Yuncheng o 111.00, 35.03
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, box

from dispatch.plan.plan import (
    SCHEMA_VERSION,
    DemandState,
    IllustrativeRecord,
    IncidentState,
    Leg,
    Order,
    Place,
    Plan,
    Point,
    Privilege,
    Provenance,
    Reason,
    Reserve,
    Stage,
    StoodDown,
    Task,
)

SCRIPT = "<script>window.stolen = 1</script>"
QUOTES = '"\'`><img src=x onerror="window.stolen = 1">&amp;'
CLOSING = "</script></template></style><!--<b>bold</b>"
BIDI = "\u202eright to left\u202c \u200f\u2067"
LONG = "长" * 200
JINJA = "{{ 7 * 7 }}{% raw %}{# gone #}"
ADDRESS = "https://evil.example/a.js"
HOSTILE = (SCRIPT, QUOTES, CLOSING, BIDI, LONG, JINJA, ADDRESS)

MINE: Point = (110.85, 35.88)
LEAK: Point = (111.20, 35.65)

Team = tuple[str, str, str, str, float, float, str]

TEAMS: list[Team] = [
    ("T01", "乡宁县消防救援大队", "Xiangning Fire Brigade", "main", 110.85, 35.98, "A"),
    ("T02", "临汾市消防救援支队", "Linfen Fire Detachment", "main", 111.52, 36.09, "A"),
    ("T03", "武警临汾支队", "Armed Police Linfen", "assault", 111.53, 36.08, "A"),
    ("T04", "汾西矿业矿山救护大队", "Fenxi Mine Rescue", "specialist", 111.77, 36.86, "A"),
    ("T05", "阳泉矿山救护大队", "Yangquan Mine Rescue", "specialist", 113.58, 37.86, "A"),
    ("T06", "太原排水抢险队", "Taiyuan Flood Team", "specialist", 112.55, 37.87, "A"),
    ("T07", "临汾市中心医院医疗队", "Linfen Medical Team", "specialist", 111.51, 36.09, "A"),
    ("T08", "蓝天救援队(临汾)", "Blue Sky Linfen", "auxiliary", 111.52, 36.10, "A"),
    ("T09", "稷山县消防救援大队", "Jishan Fire Brigade", "main", 110.98, 35.60, "B"),
    ("T10", "新绛县消防救援大队", "Xinjiang Fire Brigade", "main", 111.22, 35.62, "B"),
    ("T11", "运城危险化学品救援队", "Yuncheng Hazmat Team", "specialist", 111.00, 35.03, "B"),
    ("T12", "驻晋部队工程营", "Army Engineers", "assault", 112.45, 37.70, "B"),
]


def order(team: Team, *, name: str | None = None) -> Order:
    """Send one team straight to its incident at 60 km/h, 15 minutes after the call."""
    team_id, name_zh, name_en, tier, lon, lat, letter = team
    goal = MINE if letter == "A" else LEAK
    distance_m = round(((lon - goal[0]) ** 2 + (lat - goal[1]) ** 2) ** 0.5 * 100_000)
    arrive_s = 900 + distance_m * 60 // 1000
    shown = name_zh if name is None else name
    return Order(
        team_id=team_id,
        team_name=shown,
        team_name_en=name_en if name is None else name,
        kind="fire_brigade",
        tier=tier,
        control_level="city",
        personnel=30,
        status="existing" if team_id == "T01" else "illustrative",
        origin=Place(f"{shown}驻地", f"base of {name_en}", lon, lat),
        incident_id="mine" if letter == "A" else "leak",
        mode="road",
        depart_s=900,
        arrive_s=arrive_s,
        distance_m=distance_m,
        toll_paid_yuan=0.0,
        toll_waived_yuan=distance_m / 1000 * 0.5,
        cost_yuan=1000.0,
        without_privilege_s=arrive_s + 600,
        tasks=(
            Task(
                f"{letter}1", "rescue", "搜救", "search and rescue", "人", "persons", 1, 20, True
            ),
        ),
        legs=(
            Leg("mobilise", 0, 900, 0, 0.0, 0.0, shown, shown),
            Leg(
                "drive", 900, arrive_s, distance_m, 0.0, distance_m / 2000, shown, "事发地",
                ("G5", "S66"), ("L1",), ((lon, lat), ((lon + goal[0]) / 2, lat), goal),
            ),
        ),
    )  # fmt: skip


def demand(demand_id: str, quantity: int, met: int, reasons: tuple[Reason, ...]) -> DemandState:
    """Return a need for rescuers."""
    return DemandState(
        demand_id, "rescue", "搜救", "search and rescue", "人", "persons", 1, quantity, 1,
        3 * 3600, 24 * 3600, met, met, quantity - met, reasons,
    )  # fmt: skip


def make_plan() -> Plan:
    """Return the plan with plain names."""
    late = Reason(
        "too_late", "T99", "大同救护队最快02:10到达，迟40分钟", "Datong team is 40 min late"
    )
    short = Reason("all_sent", None, "有此能力的队伍已全部派出", "every team able to do it is sent")
    return Plan(
        schema_version=SCHEMA_VERSION,
        scenario="handmade",
        title="王家岭煤矿透水与罐车泄漏",
        title_en="Wangjialing mine flood and tanker leak",
        note="演练用例",
        start="2010-03-28T13:40:00+08:00",
        level="II",
        toll_free=True,
        incidents=(
            IncidentState(
                "mine", "王家岭煤矿透水", "Wangjialing mine flood",
                "mine_flood", "矿井透水", "mine flood", *MINE,
                (demand("A1", 300, 160, (late, short)),),
            ),
            IncidentState(
                "leak", "罐车泄漏", "tanker leak", "hazmat", "危险化学品泄漏", "hazardous leak",
                *LEAK, (demand("B1", 80, 80, ()),),
            ),
        ),
        orders=tuple(order(team) for team in TEAMS),
        reserves=(
            Reserve("临汾市", "Linfen", "main", 20, 2, 18),
            Reserve("运城市", "Yuncheng", "main", 15, 2, 13),
        ),
        privilege=Privilege(True, 120.0, 500.0),
        stages=(Stage("met_by_target", "max", 1, 1, 0.0, "optimal"),),
        illustrative=(IllustrativeRecord("teams/teams", "T02", "临汾市消防救援支队"),),
        provenance=Provenance("0.1.0", "ortools 9.14", 0, 1, (("handmade.yaml", "0" * 64),)),
    )  # fmt: skip


def stood_down(*teams: tuple[str, str, bool]) -> tuple[StoodDown, ...]:
    """Return teams that stand down after an hour: id, reason, and whether they had left."""
    known = {team[0]: order(team) for team in TEAMS}
    return tuple(
        StoodDown(
            team, known[team].team_name, known[team].team_name_en, known[team].tier, "city", 40,
            known[team].origin, known[team].incident_id, reason, left, 3600,
        )
        for team, reason, left in teams
    )  # fmt: skip


def make_hostile_plan() -> Plan:
    """Return the same plan with a hostile text wherever the data give one."""
    plan = make_plan()
    names = [HOSTILE[i % len(HOSTILE)] for i in range(len(TEAMS))]
    orders = tuple(order(t, name=n) for t, n in zip(TEAMS, names, strict=True))
    reasons = tuple(Reason("no_team", None, text, text) for text in HOSTILE)
    first, second = plan.incidents
    bad_demand = replace(
        first.demands[0],
        capability_name=SCRIPT,
        capability_name_en=SCRIPT,
        unit=QUOTES,
        unit_en=QUOTES,
        reasons=reasons,
    )
    return replace(
        plan,
        scenario=CLOSING,
        title=SCRIPT + LONG,
        title_en=SCRIPT + LONG,
        note=ADDRESS + QUOTES,
        level=SCRIPT,
        orders=orders,
        incidents=(
            replace(first, name=CLOSING, name_en=CLOSING, type_name=SCRIPT, demands=(bad_demand,)),
            replace(second, name=LONG, name_en=LONG),
        ),
        reserves=(Reserve(SCRIPT, SCRIPT, SCRIPT, 1, 0, 1),),
        illustrative=tuple(IllustrativeRecord(text, text, text) for text in HOSTILE),
        provenance=Provenance(SCRIPT, QUOTES, 0, 1, ()),
    )


def make_ground(text: str = "") -> dict[str, Any]:
    """Return two counties, three roads and a few places; all names bear ``text``.

    ::

        +--------+--------+
        | 141029 | 140825 |   the two counties share a border at 111.0
        +--------+--------+
    """
    codes = pd.Index(["141029", "140825"], name="adcode")
    counties = pd.DataFrame(
        {
            "name": ["乡宁县" + text, "新绛县" + text],
            "name_en": ["Xiangning" + text, "Xinjiang" + text],
            "city": ["临汾市" + text, "运城市" + text],
            "city_en": ["Linfen" + text, "Yuncheng" + text],
            "lon": [110.85, 111.22],
            "lat": [35.98, 35.62],
        },
        index=codes,
    )
    boxes = [box(110.5, 35.4, 111.0, 36.1), box(111.0, 35.4, 111.6, 36.1)]
    lines = [
        ((110.6, 35.5), (111.5, 36.0)),
        ((110.6, 36.0), (111.5, 35.5)),
        ((110.6, 35.8), (111.5, 35.8)),
    ]
    roads = {
        "ref": ["G5" + text, "", "G209" + text],
        "road_class": ["motorway", "primary", "trunk"],
    }
    team = {"kind": "fire_brigade", "tier": "main", "control_level": "county"}
    return {
        "counties": counties,
        "areas": gpd.GeoDataFrame(index=codes, geometry=boxes, crs=4326),
        "roads": gpd.GeoDataFrame(roads, geometry=[LineString(line) for line in lines], crs=4326),
        "teams": _places({"T90": ("留守队" + text, team), "T01": ("已派出", team)}),
        "depots": _places({"D1": ("储备库" + text, {"kind": "city_storehouse"})}),
        "airbases": _places({"X1": ("机场" + text, {"kind": "airport"})}),
    }


def make_closures(*rows: tuple[str, str, Any, dict[str, Any]]) -> gpd.GeoDataFrame:
    """Return closures: name, effect, geometry and what is unusual of each."""
    usual = {
        "name_en": "", "place": "polygon", "factor": np.nan, "max_mass_kg": np.nan,
        "from_s": 0.0, "until_s": np.inf, "reliability": "reported", "source": "",
        "source_en": "",
    }  # fmt: skip
    told = [usual | {"name": name, "effect": effect} | more for name, effect, _shape, more in rows]
    shapes = gpd.GeoSeries([row[2] for row in rows], crs=4326)
    return gpd.GeoDataFrame(told, geometry=shapes)


def _places(rows: dict[str, tuple[str, dict[str, str]]]) -> pd.DataFrame:
    common = {"lon": 111.4, "lat": 35.7, "status": "illustrative"}
    return pd.DataFrame.from_dict(
        {key: {"name": n, "name_en": n, **more, **common} for key, (n, more) in rows.items()},
        orient="index",
    )
