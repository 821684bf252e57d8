"""Which invented teams stand where, and under whom."""

from __future__ import annotations

from typing import Final

CITY_SEAT: Final = {
    "140100": "140106",
    "140200": "140213",
    "140300": "140302",
    "140400": "140403",
    "140500": "140502",
    "140600": "140602",
    "140700": "140702",
    "140800": "140802",
    "140900": "140902",
    "141000": "141002",
    "141100": "141102",
}
"""The county in which the teams of a city stand unless said otherwise."""

CITY_TEAMS: Final = (
    ("fire_detachment", "消防救援支队特勤大队", "Fire Detachment, special service", 90),
    ("medical", "卫生应急医疗队", "Emergency Medical Team", 45),
    ("engineering", "道路应急抢险队", "Road Emergency Unit", 60),
    ("communication", "应急通信保障队", "Emergency Communication Unit", 20),
    ("armed_police", "武警应急救援分队", "Armed Police Rescue Company", 120),
    ("social", "民间应急救援队", "Volunteer Rescue Group", 40),
    ("transport", "客运企业应急运输队", "Coach Requisition Unit", 40),
)
"""One in every city: force, name after the city's, English name, members."""

PROVINCE_TEAMS: Final = (
    (
        "corps_rescue",
        "140105",
        "省消防救援总队重型地震救援队",
        "Provincial Fire Corps heavy USAR",
        120,
    ),
    ("corps_rescue", "140213", "省消防救援总队晋北机动队", "Provincial Fire Corps, North", 80),
    ("corps_rescue", "141002", "省消防救援总队晋南机动队", "Provincial Fire Corps, South", 80),
    ("corps_supply", "140108", "省消防救援总队战勤保障支队", "Provincial Fire Corps logistics", 60),
    ("mine_heavy", "140214", "大同矿山救援排水钻探分队", "Datong Mine Drainage Platoon", 45),
    ("mine_heavy", "140109", "太原矿山救援排水钻探分队", "Taiyuan Mine Drainage Platoon", 45),
    ("mine_heavy", "140781", "汾西矿山救援排水钻探分队", "Fenxi Mine Drainage Platoon", 45),
    ("mine_heavy", "140525", "晋城矿山救援排水钻探分队", "Jincheng Mine Drainage Platoon", 45),
    ("hazmat", "140108", "省危险化学品应急救援队", "Provincial Hazmat Team", 60),
    ("forest_fire", "140431", "省森林草原消防太岳大队", "Taiyue Forest Fire Battalion", 100),
    ("forest_fire", "140922", "省森林草原消防五台大队", "Wutai Forest Fire Battalion", 100),
    ("forest_fire", "140827", "省森林草原消防中条大队", "Zhongtiao Forest Fire Battalion", 100),
    ("earthquake", "140106", "省地震应急救援队", "Provincial Earthquake Rescue Team", 100),
    ("flood", "140110", "省防汛抗旱机动总队一队", "Provincial Flood Company 1", 60),
    ("flood", "141002", "省防汛抗旱机动总队二队", "Provincial Flood Company 2", 60),
    ("medical", "140106", "省卫生应急医疗一队", "Provincial Medical Team 1", 60),
    ("medical", "140109", "省卫生应急医疗二队", "Provincial Medical Team 2", 60),
    ("medical", "140213", "省卫生应急医疗晋北队", "Provincial Medical Team, North", 50),
    ("medical", "141002", "省卫生应急医疗晋南队", "Provincial Medical Team, South", 50),
    ("engineering", "140105", "省公路应急抢险队", "Provincial Road Emergency Unit", 90),
    ("bridge", "140121", "省桥梁应急抢险队", "Provincial Bridge Unit", 60),
    ("drilling", "140107", "省煤田地质钻探应急一队", "Coal Geology Drilling Crew 1", 50),
    ("drilling", "140403", "省煤田地质钻探应急二队", "Coal Geology Drilling Crew 2", 50),
    ("drilling", "141002", "省煤田地质钻探应急三队", "Coal Geology Drilling Crew 3", 50),
    ("power", "140106", "省电力应急抢修一队", "Provincial Power Crew 1", 50),
    ("power", "140213", "省电力应急抢修二队", "Provincial Power Crew 2", 40),
    ("power", "141002", "省电力应急抢修三队", "Provincial Power Crew 3", 40),
    ("communication", "140106", "省应急通信保障一队", "Provincial Communication Unit 1", 40),
    ("communication", "141002", "省应急通信保障二队", "Provincial Communication Unit 2", 30),
    ("armed_police", "140105", "武警机动支队应急营", "Armed Police Mobile Battalion", 200),
    ("armed_police", "141002", "武警机动支队晋南应急连", "Armed Police Mobile Company South", 120),
    ("military", "140105", "驻晋部队应急分队（中部）", "Army Emergency Unit, Central", 200),
    ("military", "140213", "驻晋部队应急分队（北部）", "Army Emergency Unit, North", 200),
    ("military", "141002", "驻晋部队应急分队（南部）", "Army Emergency Unit, South", 200),
    ("military", "140403", "驻晋部队应急分队（东南部）", "Army Emergency Unit, Southeast", 150),
    ("military", "140702", "民兵应急营（晋中）", "Militia Emergency Battalion, Jinzhong", 150),
    ("military", "140902", "民兵应急营（忻州）", "Militia Emergency Battalion, Xinzhou", 150),
)
"""Force, county, name after 山西, English name, members."""

LOCAL_TEAMS: Final = (
    (
        *("hazmat", "city", "危险化学品应急救援队", "Hazmat Team", 36),
        "140121 140215 140321 140406 140525 140602 140781 140802 140981 141024 141181",
    ),
    (
        "hazmat",
        "county",
        "化工企业专职消防队",
        "Chemical Works Brigade",
        30,
        "140882 141122 140428",
    ),
    (
        *("forest_fire", "city", "森林草原消防专业队", "Forest Fire Brigade", 60),
        "140122 140225 140322 140425 140524 140623 140722 140828 140925 141033 141122",
    ),
    (
        *("forest_fire", "county", "森林消防中队", "Forest Fire Company", 35),
        "140110 140224 140426 140427 140521 140522 140723 140826 140924 140929 141025 141026 "
        "141031 141127 141129",
    ),
    (
        *("earthquake", "city", "地震灾害救援队", "Earthquake Rescue Team", 50),
        "140107 140213 140403 140702 140802 140902 141002",
    ),
    (
        *("flood", "city", "防汛抢险队", "Flood Company", 45),
        "140121 140215 140423 140522 140622 140781 140882 140921 141024 141121",
    ),
    (
        *("flood", "county", "防汛抢险分队", "Flood Platoon", 30),
        "140728 140824 140825 140881 141182",
    ),
    (
        *("engineering", "county", "公路应急抢险队", "Road Emergency Platoon", 30),
        "140224 140522 140722 140827 140922 140926 141028 141029 141032 141126",
    ),
    ("water", "city", "应急供水队", "Emergency Water Unit", 30, "140106 140213 141002"),
    (
        *("social", "county", "山地志愿救援队", "Mountain Volunteer Group", 25),
        "140427 140524 140722 140781 140922 141028",
    ),
)
"""Force, control level, name after the place's, English name, members, counties."""

MINE_BASES: Final = (
    ("province", "140214", "国家矿山应急救援大同队", "National Mine Rescue Datong Team", 153),
    ("province", "140781", "区域矿山应急救援汾西队", "Regional Mine Rescue Fenxi Team", 144),
    ("province", "140109", "太原矿山救护大队", "Taiyuan Mine Rescue Battalion", 117),
    ("province", "140303", "阳泉矿山救护大队", "Yangquan Mine Rescue Battalion", 117),
    ("province", "140423", "长治矿山救护大队", "Changzhi Mine Rescue Battalion", 117),
    ("province", "140525", "晋城矿山救护大队", "Jincheng Mine Rescue Battalion", 117),
    ("city", "140603", "朔州市矿山救护大队", "Shuozhou Mine Rescue Battalion", 81),
    ("city", "140723", "晋中市矿山救护大队", "Jinzhong Mine Rescue Battalion", 81),
    ("city", "140882", "运城市矿山救护大队", "Yuncheng Mine Rescue Battalion", 81),
    ("city", "140925", "忻州市矿山救护大队", "Xinzhou Mine Rescue Battalion", 81),
    ("city", "141002", "临汾市矿山救护大队", "Linfen Mine Rescue Battalion", 90),
    ("city", "141125", "吕梁市矿山救护大队", "Lüliang Mine Rescue Battalion", 90),
)
"""Large mine rescue teams: control level, county, name, English name, members."""

MINE_COUNTIES: Final = ("140725", "141029", "141033", "141082")
"""Counties that have a mine rescue team although their capacity is below the threshold."""

MINE_THRESHOLD_MT: Final = 26.0
"""Operating coal capacity, Mt a year, from which a county has a mine rescue team."""

MEDICAL_POPULATION: Final = 280_000
"""Residents from which a county that isn't a city's seat has a medical team of its own."""
