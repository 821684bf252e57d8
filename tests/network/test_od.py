r"""Tables of times between named places.

One degree of longitude is taken for 10 km at 60 km/h, so that it takes ten
minutes; the island lies apart::

    west -------- middle ----------------- east            island ---- shore
     0              1                       3                 8          9
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from dispatch.errors import InputError
from dispatch.network.closures import closures_of
from dispatch.network.driver import driver_of
from dispatch.network.engine import build_engine
from dispatch.network.od import Driving, nearest, od_table, snap_places
from dispatch.network.road import build_road_network, link_times_ms
from dispatch.scenario import ClosureSpec

AT = {"west": 0.0, "middle": 1.0, "east": 3.0, "island": 8.0, "shore": 9.0}
LINKS = {"wm": ("west", "middle"), "me": ("middle", "east"), "is": ("island", "shore")}


def little(*closures: ClosureSpec) -> Driving:
    junctions = pd.DataFrame(
        {
            "name": list(AT),
            "name_en": "",
            "near": "",
            "near_en": "",
            "lon": list(AT.values()),
            "lat": 0.0,
        },
        index=pd.Index(list(AT), name="junction_id"),
    )
    ends = [(AT[a], AT[b]) for a, b in LINKS.values()]
    links = gpd.GeoDataFrame(
        {
            "from_junction": [a for a, _ in LINKS.values()],
            "to_junction": [b for _, b in LINKS.values()],
            "direction": "both",
            "ref": "",
            "road_class": "primary",
            "length_m": [round(10_000 * (b - a)) for a, b in ends],
            "toll": "no",
            "status": "existing",
        },
        index=pd.Index(list(LINKS), name="link_id"),
        geometry=[LineString([(a, 0), (b, 0)]) for a, b in ends],
        crs="EPSG:4326",
    )
    road = build_road_network(junctions, links)
    driver = driver_of(
        road,
        build_engine(road.topology, backend="scipy"),
        link_times_ms(road, {"primary": 60.0}),
        access_kmh=30.0,
        closures=closures_of(road, closures),
    )
    return Driving(road, driver)


def places(key: str, **lon: float) -> pd.DataFrame:
    names = [name.upper() for name in lon]
    return pd.DataFrame(
        {"name": names, "lon": list(lon.values()), "lat": 0.0}, index=pd.Index(list(lon), name=key)
    )


DEPOTS = places("depot_id", d1=0.0, d2=3.0)
TOWNS = places("adcode", t1=0.5, t2=2.0, t3=8.5)


def test_a_table_of_minutes_has_named_rows_and_columns():
    table = od_table(little(), DEPOTS, TOWNS)
    expected = pd.DataFrame(
        [[5.0, 20.0, np.inf], [25.0, 10.0, np.inf]],
        index=pd.Index(["d1", "d2"], name="depot_id"),
        columns=pd.Index(["t1", "t2", "t3"], name="adcode"),
    )
    pd.testing.assert_frame_equal(table, expected)


def test_rows_and_columns_may_go_by_another_column():
    table = od_table(little(), DEPOTS, TOWNS, label="name")
    assert table.loc["D2", "T1"] == 25
    assert (table.index.name, table.columns.name) == ("name", "name")


def test_the_nearest_depot_of_each_place():
    found = nearest(little(), TOWNS, DEPOTS)
    assert found.index.equals(TOWNS.index)
    assert found["nearest"].tolist()[:2] == ["d1", "d2"]
    assert found["minutes"].tolist() == [5.0, 10.0, np.inf]
    assert found["nearest"].isna().tolist() == [False, False, True]
    assert nearest(little(), TOWNS, DEPOTS, label="name").at["T2", "nearest"] == "D2"


def test_without_depots_nothing_is_near():
    found = nearest(little(), TOWNS, DEPOTS.iloc[:0])
    assert found["nearest"].isna().all()
    assert np.isinf(found["minutes"]).all()
    assert od_table(little(), DEPOTS.iloc[:0], TOWNS).shape == (0, 3)
    assert nearest(little(), TOWNS.iloc[:0], DEPOTS).shape == (0, 2)


def test_closures_count_at_the_hour_of_departure():
    until_noon = ClosureSpec(name="slide", link="wm", until_min=60)
    shut = little(until_noon)
    depot, town = DEPOTS.loc[["d1"]], TOWNS.loc[["t2"]]
    assert od_table(shut, depot, town).to_numpy() == 80
    assert od_table(shut, depot, town, ready_s=3600).to_numpy() == 20
    assert nearest(shut, town, depot, ready_s=1800)["minutes"].tolist() == [50]


def test_points_do_as_well_as_columns_in_any_crs():
    metres = gpd.GeoDataFrame(
        index=["p", "q"], geometry=[Point(0.5, 0), Point(2.0, 0)], crs="EPSG:4326"
    ).to_crs("EPSG:3857")
    assert od_table(little(), metres, metres).round(3).to_numpy().tolist() == [[0, 15], [15, 0]]
    plain = gpd.GeoDataFrame(geometry=[Point(0.5, 0)])
    assert snap_places(little().road, plain).fraction.tolist() == [0.5]


def test_places_without_position_are_named():
    lost = DEPOTS.assign(lat=[np.nan, 0.0])
    with pytest.raises(InputError, match=r"depot_id \[lon, lat\] 'd1'"):
        od_table(little(), lost, TOWNS)
    with pytest.raises(InputError, match="TOWN"):
        od_table(little(), DEPOTS, TOWNS[["name"]].rename_axis("TOWN"))
    with pytest.raises(InputError, match="name, lon, lat"):
        od_table(little(), DEPOTS, TOWNS, label="nom")
