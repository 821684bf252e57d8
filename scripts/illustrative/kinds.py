"""What each kind of invented force looks like.

Every figure is ours: plausible for a commander who reads it, documented nowhere. Rates are
for one member of a team, so a team of 40 with a rate of 0.05 has two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .equipment import ENGLISH


@dataclass(frozen=True)
class Module:
    """One capability of a team: units for each member, and what a unit gives and ties."""

    capability: str
    rate: float
    quantity: tuple[int, ...]
    members: int
    equipment: str

    @property
    def equipment_en(self) -> str:
        """The equipment in English."""
        return ENGLISH[self.equipment]


@dataclass(frozen=True)
class Force:
    """A kind of team; ``basis`` says which rule or fact it leans on."""

    prefix: str
    kind: str
    tier: str
    mobilise_s: tuple[int, int]
    kit_kg: int
    toll_exempt: bool
    yuan_per_day: int
    modules: tuple[Module, ...]
    vehicles: tuple[tuple[str, float], ...]
    basis: str


def _people(capability: str, share: float, equipment: str) -> Module:
    return Module(capability, share, (1,), 1, equipment)


_FIRE_TOLL = "free of toll as State fire rescue vehicles with emergency plates"
_NO_TOLL_LAW = "Toll Road Regulation (2004) Art. 7 doesn't name it, so it pays without a policy"
_ART_7 = "free of toll by Toll Road Regulation (2004) Art. 7"

FORCES: Final = {
    "fire_brigade": Force(
        *("FB", "fire_brigade", "main", (60, 90), 30, True, 0),
        (
            _people("firefighting", 0.7, "水罐泡沫消防车、空气呼吸器"),
            _people("search_rescue", 0.5, "液压破拆工具组、绳索救援器材"),
            Module("life_detection", 0.025, (1,), 2, "音视频生命探测仪"),
            Module("flood_boats", 0.03, (1,), 3, "橡皮艇、船外机"),
        ),
        (("fire_engine", 0.13), ("command_car", 0.03)),
        "a fire brigade in every county is public knowledge; first engine out within 45 s by day "
        "and 60 s by night is the rule commonly reported, the whole brigade takes longer; "
        + _FIRE_TOLL,
    ),
    "fire_detachment": Force(
        *("FD", "fire_detachment", "main", (180, 300), 35, True, 0),
        (
            _people("search_rescue", 0.6, "重型破拆、顶撑、起重器材"),
            _people("firefighting", 0.5, "举高喷射消防车、空气呼吸器"),
            _people("hazmat", 0.2, "重型防化服、洗消与堵漏器材"),
            Module("pumping", 0.02, (400,), 4, "远程供水排涝单元"),
            Module("life_detection", 0.05, (1,), 2, "雷达与音视频生命探测仪"),
            Module("search_dogs", 0.04, (1,), 1, "搜救犬"),
            Module("flood_boats", 0.05, (1,), 3, "冲锋舟"),
            Module("divers", 0.06, (1,), 1, "潜水装具"),
            Module("drone_recon", 0.03, (1,), 2, "多旋翼无人机"),
            Module("lighting_power", 0.03, (30,), 2, "照明消防车"),
        ),
        (("fire_engine", 0.11), ("command_car", 0.03)),
        "a detachment in every city is public knowledge; " + _FIRE_TOLL,
    ),
    "corps_rescue": Force(
        *("FC", "fire_detachment", "main", (1800, 2700), 40, True, 0),
        (
            _people("search_rescue", 0.75, "重型地震救援模块"),
            Module("life_detection", 0.08, (1,), 2, "雷达与音视频生命探测仪"),
            Module("search_dogs", 0.08, (1,), 1, "搜救犬"),
            Module("hazmat", 0.25, (1,), 1, "重型防化服、洗消器材"),
            Module("flood_boats", 0.12, (1,), 3, "冲锋舟"),
            Module("divers", 0.1, (1,), 1, "潜水装具"),
            Module("communication", 0.02, (1,), 3, "卫星便携站"),
        ),
        (("fire_engine", 0.09), ("command_car", 0.04)),
        "units of the provincial fire rescue corps; " + _FIRE_TOLL,
    ),
    "corps_supply": Force(
        *("FS", "fire_detachment", "main", (1800, 2700), 40, True, 0),
        (
            Module("pumping", 0.07, (1000,), 4, "大流量排涝车"),
            Module("water_supply", 0.05, (5, 10), 3, "净水车"),
            Module("lighting_power", 0.06, (100,), 2, "电源车、照明灯塔"),
            Module("communication", 0.03, (1,), 3, "动中通指挥车"),
        ),
        (("cargo_truck", 0.12), ("command_car", 0.04)),
        "logistics unit of the provincial fire rescue corps; " + _FIRE_TOLL,
    ),
    "mine_rescue": Force(
        *("MR", "mine_rescue", "specialist", (60, 60), 40, False, 600),
        (
            _people("mine_rescue", 0.75, "四小时正压氧气呼吸器"),
            Module("pumping", 0.045, (200, 300, 450), 3, "矿用潜水泵"),
            Module("gas_monitoring", 0.04, (1,), 2, "多参数气体检测仪、束管监测"),
            Module("inert_gas", 0.01, (1000,), 4, "移动制氮装置"),
            Module("life_detection", 0.02, (1,), 2, "井下生命探测仪"),
            Module("lighting_power", 0.02, (30,), 2, "柴油发电机组"),
        ),
        (("command_car", 0.06), ("cargo_truck", 0.04)),
        "squads of at least nine, out within one minute of the alarm: mine rescue code AQ 1008; "
        + _NO_TOLL_LAW,
    ),
    "mine_heavy": Force(
        *("MH", "mine_rescue", "specialist", (1800, 2700), 30, False, 600),
        (
            Module("pumping", 0.1, (450, 725, 1000), 6, "高扬程大流量潜水泵、变频启动车"),
            Module("drilling", 0.025, (1,), 10, "车载救生钻机"),
            Module("lighting_power", 0.05, (500,), 3, "大功率电源车"),
        ),
        (("heavy_plant", 0.05), ("cargo_truck", 0.2), ("command_car", 0.05)),
        "heavy pumping and drilling platoon of a mine rescue base; " + _NO_TOLL_LAW,
    ),
    "hazmat": Force(
        *("HZ", "hazmat", "specialist", (300, 600), 35, False, 500),
        (
            _people("hazmat", 0.7, "重型防化服、堵漏输转器材"),
            _people("firefighting", 0.5, "泡沫消防车"),
            Module("gas_monitoring", 0.08, (1,), 2, "有毒可燃气体检测仪"),
        ),
        (("fire_engine", 0.1), ("command_car", 0.05)),
        "full-time brigades of chemical works; " + _NO_TOLL_LAW,
    ),
    "forest_fire": Force(
        *("FF", "forest_fire", "specialist", (900, 1800), 15, False, 300),
        (
            _people("forest_fire", 0.9, "风力灭火机、水枪、油锯"),
            Module("drone_recon", 0.03, (1,), 2, "多旋翼无人机"),
        ),
        (("bus", 0.03), ("cargo_truck", 0.03), ("command_car", 0.03)),
        "professional forest fire brigades of local government; " + _NO_TOLL_LAW,
    ),
    "earthquake": Force(
        *("EQ", "earthquake", "specialist", (1800, 3600), 40, False, 300),
        (
            _people("search_rescue", 0.75, "破拆、顶撑、支护器材"),
            Module("life_detection", 0.08, (1,), 2, "雷达生命探测仪"),
            Module("search_dogs", 0.06, (1,), 1, "搜救犬"),
            Module("communication", 0.03, (1,), 2, "卫星便携站"),
        ),
        (("bus", 0.03), ("cargo_truck", 0.04), ("command_car", 0.04)),
        "placed along the Fen and Datong rift; " + _NO_TOLL_LAW,
    ),
    "flood": Force(
        *("FL", "flood", "specialist", (1800, 3600), 25, False, 300),
        (
            Module("pumping", 0.07, (200, 300, 500), 3, "移动泵车、排水软管"),
            Module("flood_boats", 0.1, (1,), 3, "冲锋舟"),
            Module("search_rescue", 0.4, (1,), 1, "水域救援器材"),
            Module("security_control", 0.4, (1,), 1, "巡堤查险、封堵器材"),
        ),
        (("cargo_truck", 0.08), ("bus", 0.02), ("command_car", 0.04)),
        "flood-fighting companies of the water departments; " + _NO_TOLL_LAW,
    ),
    "medical": Force(
        *("MD", "medical", "specialist", (900, 1800), 20, False, 500),
        (
            _people("medical", 0.8, "急救、手术、监护设备"),
            Module("ambulance", 0.12, (1,), 3, "监护型救护车"),
            Module("beds", 0.5, (1,), 1, "帐篷医院床位"),
        ),
        (("command_car", 0.15), ("cargo_truck", 0.03)),
        "ambulances drive as profile command_car; ambulances: " + _NO_TOLL_LAW,
    ),
    "medical_county": Force(
        *("MD", "medical", "specialist", (300, 600), 15, False, 500),
        (
            _people("medical", 0.8, "急救、监护设备"),
            Module("ambulance", 0.2, (1,), 3, "救护车"),
        ),
        (("command_car", 0.25),),
        "ambulances drive as profile command_car; ambulances: " + _NO_TOLL_LAW,
    ),
    "engineering": Force(
        *("EN", "engineering", "specialist", (2700, 5400), 10, False, 800),
        (
            Module("heavy_engineering", 0.25, (1,), 2, "挖掘机、装载机、推土机"),
            Module("snow_clearing", 0.12, (1,), 2, "除雪车、撒布机"),
            Module("lighting_power", 0.03, (50,), 1, "移动照明车"),
        ),
        (("heavy_plant", 0.2), ("cargo_truck", 0.1), ("command_car", 0.04)),
        "road emergency units of transport departments and contractors; " + _NO_TOLL_LAW,
    ),
    "drilling": Force(
        *("DL", "engineering", "specialist", (3600, 7200), 10, False, 1500),
        (
            Module("drilling", 0.05, (1,), 12, "车载顶驱钻机"),
            Module("heavy_engineering", 0.05, (1,), 2, "吊车、推土机"),
        ),
        (("heavy_plant", 0.08), ("cargo_truck", 0.15), ("command_car", 0.04)),
        "coal geology drilling crews; " + _NO_TOLL_LAW,
    ),
    "power": Force(
        *("PW", "engineering", "specialist", (1800, 2700), 20, False, 600),
        (Module("lighting_power", 0.1, (400, 800), 3, "应急发电车"),),
        (("cargo_truck", 0.12), ("command_car", 0.05)),
        "grid repair crews; " + _NO_TOLL_LAW,
    ),
    "water": Force(
        *("WS", "engineering", "specialist", (2700, 5400), 15, False, 500),
        (Module("water_supply", 0.12, (5, 10, 20), 3, "净水车、送水车"),),
        (("cargo_truck", 0.2), ("command_car", 0.05)),
        "water works' emergency crews; " + _NO_TOLL_LAW,
    ),
    "bridge": Force(
        *("BR", "engineering", "specialist", (5400, 7200), 10, False, 1200),
        (
            Module("bridge", 0.04, (30,), 15, "装配式钢桥"),
            Module("heavy_engineering", 0.1, (1,), 2, "吊车、装载机"),
        ),
        (("heavy_plant", 0.12), ("cargo_truck", 0.15), ("command_car", 0.04)),
        "bridge repair units; " + _NO_TOLL_LAW,
    ),
    "communication": Force(
        *("CM", "communication", "specialist", (900, 1800), 40, False, 400),
        (
            Module("communication", 0.15, (1,), 3, "应急通信车、卫星便携站"),
            Module("drone_recon", 0.1, (1,), 2, "系留与多旋翼无人机"),
        ),
        (("command_car", 0.15), ("cargo_truck", 0.04)),
        "telecommunication operators' emergency crews; " + _NO_TOLL_LAW,
    ),
    "armed_police": Force(
        *("AP", "armed_police", "assault", (1200, 1800), 15, True, 0),
        (
            _people("search_rescue", 0.8, "携行救援工具"),
            _people("security_control", 0.9, "警戒器材"),
            Module("flood_boats", 0.04, (1,), 3, "冲锋舟"),
        ),
        (("bus", 0.02), ("cargo_truck", 0.02), ("command_car", 0.015)),
        "real sites and strengths are left out on purpose; armed police vehicles are " + _ART_7,
    ),
    "military": Force(
        *("ML", "military", "assault", (3600, 5400), 15, True, 0),
        (
            _people("search_rescue", 0.8, "携行救援工具"),
            _people("security_control", 0.8, "警戒器材"),
            Module("heavy_engineering", 0.03, (1,), 2, "工程机械"),
            Module("bridge", 0.01, (40,), 20, "舟桥器材"),
            Module("evacuation_transport", 0.03, (30,), 2, "运输车"),
        ),
        (("heavy_plant", 0.03), ("bus", 0.02), ("cargo_truck", 0.04), ("command_car", 0.01)),
        "real sites and strengths are left out on purpose; army vehicles are " + _ART_7,
    ),
    "social": Force(
        *("SO", "social", "auxiliary", (3600, 7200), 20, False, 200),
        (
            _people("search_rescue", 0.6, "绳索、破拆器材"),
            Module("flood_boats", 0.08, (1,), 3, "橡皮艇"),
            Module("drone_recon", 0.06, (1,), 2, "多旋翼无人机"),
            Module("search_dogs", 0.03, (1,), 1, "搜救犬"),
        ),
        (("command_car", 0.2),),
        "volunteer rescue groups under neutral names; " + _NO_TOLL_LAW,
    ),
    "transport": Force(
        *("TR", "social", "auxiliary", (3600, 5400), 0, False, 400),
        (Module("evacuation_transport", 0.8, (45,), 1, "大客车"),),
        (("bus", 0.8),),
        "requisitioned coaches of passenger transport companies; " + _NO_TOLL_LAW,
    ),
}
