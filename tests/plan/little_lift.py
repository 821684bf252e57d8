r"""The little province with a railway, two fields and a helicopter, still worked out by hand.

There is no motorway; km along the free road, a minute each for every vehicle::

                T1 09:00 ~~~~~~~~~ 20 min, 91.9 km ~~~~~~~~~> T1 09:20
         west --------------- hourly, 25 min -------------- east
          |                                                   |
    a ----+----+-------------------- m ------------------+----+---- z
    0     6    12                   60                  108  114   120 km
               |                                         |
          fw * H ~~~~~~~ 71,043 m, 1,066 s ~~~~~~~~~~~~ fe
               ~~~~~~~~~~~~~~~~~~ 79,924 m, 1,199 s ~~~~~~~~~~~~> z on the spot

The incident lies at z. By day a team at a is ordered after 300 s, ready at 900
and in its bus at 1,500. All teams are specialists and can be spared.

- Trains: T0 leaves west at 06:10, T1 at 09:00, both run 20 min; the services
  run from 10:00 to 22:00, so half an hour's wait is expected.
- H, the helicopter, flies 240 km/h by day, with 15 seats, and stands at fw, the
  only place with fuel. Ordered after 300 s, ready after 900 more; boarding and
  leaving take 300 s, a turnaround 600 s; an hour in the air costs 3,600 yuan.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import geopandas as gpd
import little
import numpy as np
import pandas as pd
from shapely import LineString

from dispatch.network.daylight import CHINA
from dispatch.registry import Registry
from dispatch.scenario import ClosureSpec, Scenario

MIDNIGHT = datetime(2026, 3, 1, tzinfo=CHINA)
MARKS = {"status": "illustrative", "source": "test"}
KM_PER_DEG = 120.0
SEARCH = dict(capability="search_rescue", quantity=24, minimum=1, target_min=120, latest_min=600)
PUMP = dict(capability="pumping", quantity=100, minimum=1, target_min=120, latest_min=600)


def at_km(km: float) -> float:
    """Return the longitude of a place on the road."""
    return 112.0 + km / KM_PER_DEG


def team(km: float = 0.0, **changes: Any) -> dict[str, Any]:
    """Return a team of twelve searchers without anything heavy."""
    usual = dict(
        name="徒步队", name_en="On foot", kind="mine_rescue", tier="specialist", adcode="140101",
        lon=at_km(km), lat=little.LAT, personnel=12, mobilise_day_s=600, mobilise_night_s=1200,
        control_level="city", compensation_yuan_per_day=1000.0, kit_kg=0, toll_exempt="no",
    )  # fmt: skip
    return usual | changes


FOOT = {"foot": team()}
TWO = {"foot": team(), "twin": team()}


def lift(
    teams: dict[str, dict[str, Any]] | None = None, *, heavy: tuple[str, ...] = (), **changed: Any
) -> Registry:
    """Return the registry; every team searches with all its members, or else pumps."""
    chosen = FOOT if teams is None else teams
    usual, frame = _country(), _frame("team_id", **chosen)
    tables = dict(
        teams__teams=gpd.GeoDataFrame(
            frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=little.CRS
        ),
        teams__capabilities=pd.DataFrame(
            [
                (name, "pumping", 1, 100, 4, "泵", "pumps", "illustrative", "test")
                if name in heavy
                else (name, "search_rescue", row["personnel"], 1, 1, "", "", "illustrative", "test")
                for name, row in chosen.items()
            ],
            columns=usual["teams/capabilities"].columns,
        ),
        teams__vehicles=pd.DataFrame(
            [(name, "truck", 1, "illustrative", "test") for name in chosen],
            columns=usual["teams/vehicles"].columns,
        ),
    )
    named = {name.replace("__", "/"): table for name, table in (tables | changed).items()}
    return replace(usual, tables=usual.tables | named)


@cache
def _country() -> Registry:
    """Return everything but the teams."""
    usual = little.registry()
    profiles = usual["network/profiles"]
    profiles.loc["bus"] = dict(
        toll_class="t", mass_kg=18_000, height_m=3.5, cost_yuan_per_km=2.0, **MARKS
    )
    bus = usual["network/speeds"].query("profile == 'truck'").assign(profile="bus")
    return little.registry(
        network__links=usual.links.drop(index="az"),
        network__profiles=profiles,
        network__speeds=pd.concat([usual["network/speeds"], bus], ignore_index=True),
        network__stations=stations(west=6, east=114),
        network__rail_services=services("甲线 west east 25 13 10:00 22:00"),
        network__trains=trains(T0="06:10", T1="09:00"),
        airbases__airbases=airbases(fw=(12, "yes"), fe=(108, "no")),
        airbases__aircraft=aircraft("H"),
        airbases__aircraft_types=aircraft_types(),
    )


def told(
    *demands: dict[str, Any], clock: str = "08:00", km: float = 120.0, **more: Any
) -> Scenario:
    """Return a scenario with one incident on the road, what is left over by its key."""
    slope_deg = more.pop("slope_deg", None)
    hour, minute = map(int, clock.split(":"))
    incident = dict(id="mine", name="某矿", type="mine_flood", lat=little.LAT, slope_deg=slope_deg)
    incident |= dict(lon=at_km(km), demands=demands or (SEARCH,))
    start = MIDNIGHT + timedelta(hours=hour, minutes=minute)
    usual = dict(name="drill", title="演练", start=start, level="I", incidents=[incident])
    return Scenario(**usual | more)


def closed(name: str = "c0", **where: Any) -> ClosureSpec:
    return ClosureSpec(name=name, **where)


def stations(**km: float) -> pd.DataFrame:
    rows = {
        key: dict(name=f"{key}站", name_en=key, lon=at_km(x), lat=little.LAT, high_speed="yes")
        for key, x in km.items()
    }
    return _frame("station_id", **rows)


def services(*rows: str) -> pd.DataFrame:
    """Read sections: line, from, to, minutes, trains a day, first and last departure."""
    columns = ["line", "from_station", "to_station", "run_s", "trains_per_day"]
    columns += ["first_departure", "last_departure"]
    frame = pd.DataFrame([row.split() for row in rows], columns=columns)
    frame = frame.assign(service="", length_km=np.nan, **MARKS)
    frame["run_s"] = frame["run_s"].astype(int) * 60
    return frame.astype({"trains_per_day": int})


def trains(minutes: int = 20, **leaves: str) -> pd.DataFrame:
    """Return trains from west to east on the line 甲线 by when they leave."""
    rows = []
    for name, clock in leaves.items():
        arrives = datetime.strptime(clock, "%H:%M").replace(tzinfo=CHINA) + timedelta(
            minutes=minutes
        )
        rows.append((name, 1, "west", "", "", clock))
        rows.append((name, 2, "east", "甲线", f"{arrives:%H:%M}", ""))
    columns = ["train", "stop", "station_id", "line", "arrival", "departure"]
    return pd.DataFrame(rows, columns=columns).assign(**MARKS)


def airbases(**fields: tuple[float, str]) -> pd.DataFrame:
    """Return fields by km on the road, and whether they have fuel."""
    rows = {
        key: dict(
            name=f"{key}场", name_en=key, adcode="140101", lon=at_km(km), lat=little.LAT,
            elevation_m=np.nan, runway_m=0, fuel=fuel, night="no",
        )
        for key, (km, fuel) in fields.items()
    }  # fmt: skip
    return _frame("airbase_id", **rows)


def aircraft(*names: str) -> pd.DataFrame:
    row = dict(
        name="直升机", name_en="Helicopter", aircraft_type="plain", airbase_id="fw",
        mobilise_day_s=900, mobilise_night_s=1800,
    )  # fmt: skip
    return _frame("aircraft_id", **dict.fromkeys(names, row))


def aircraft_types(**changes: Any) -> pd.DataFrame:
    usual = dict(
        name="直升机", name_en="Helicopter", category="helicopter_medium", cruise_kmh=240.0,
        range_km=900.0, reserve_s=1800, fuel_kg=1000.0, payload_kg=2000.0, useful_load_kg=3000.0,
        seats=15, ceiling_m=6000.0, runway_m=0, turnaround_s=600, load_s=300, night="no",
        max_slope_deg=7.0, min_visibility_m=1600.0, min_cloud_base_m=150.0, max_wind_ms=15.0,
        cost_yuan_per_h=3600.0,
    )  # fmt: skip
    return _frame("aircraft_type", plain=usual | changes)


def tolled_way() -> gpd.GeoDataFrame:
    """Return the links with another one: a tolled motorway of 50 km, 30 min, from m to z."""
    links = little.registry().links
    links.loc["az", "from_junction"] = "m"
    links.loc["az", "length_m"] = 50_000
    lon = little.JUNCTIONS
    links.loc[["az"], "geometry"] = LineString([(lon["m"], little.LAT), (lon["z"], little.LAT)])
    return links


def _frame(key: str, **rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(rows, orient="index").assign(**MARKS).rename_axis(key)
