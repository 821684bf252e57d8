"""Make the county table and the county polygons from public sources.

Run it again when a newer census, seat list or border file is at hand::

    python scripts/make_places.py --census census2020.csv --seats county_seats.csv \
        --polygons district.geojson --out data/places

The census file has columns ``CODE, NAME, POPU``; the seat file ``adcode, name, lon_wgs84,
lat_wgs84``; the polygon file is GeoJSON whose features carry ``gb`` (156 and the adcode), in
CGCS2000 or WGS84. Rows of development zones in the census are folded into the county that
hosts them. A seat that falls outside its county (a town on a border river) is moved onto
the nearest point 100 m inside, and its ``source`` says so.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import Any, Final

from shapely import get_coordinates
from shapely.geometry import MultiPolygon, Point, Polygon, shape
from shapely.ops import nearest_points

from dispatch.geo import haversine_m

COLUMNS: Final = (
    *("adcode", "name", "name_en", "city_adcode", "city", "city_en", "seat"),
    *("lon", "lat", "population", "status", "source"),
)

ZONE_HOST: Final = {"140171": "140105", "140271": "140213", "140671": "140602", "140971": "140922"}
"""Zones with a census row of their own and the county to which they are added."""

CITIES: Final = {
    "140100": ("太原市", "Taiyuan"),
    "140200": ("大同市", "Datong"),
    "140300": ("阳泉市", "Yangquan"),
    "140400": ("长治市", "Changzhi"),
    "140500": ("晋城市", "Jincheng"),
    "140600": ("朔州市", "Shuozhou"),
    "140700": ("晋中市", "Jinzhong"),
    "140800": ("运城市", "Yuncheng"),
    "140900": ("忻州市", "Xinzhou"),
    "141000": ("临汾市", "Linfen"),
    "141100": ("吕梁市", "Lüliang"),
}

FORMER_DISTRICT: Final = frozenset({"140213", "140214", "140403"})
"""Districts founded in 2018 whose seat point is that of the district before them."""

# adcode, pinyin, and the town that holds the government seat where it is known for certain
NAMES: Final = """
140105 Xiaodian 小店街道
140106 Yingze
140107 Xinghualing
140108 Jiancaoping
140109 Wanbailin
140110 Jinyuan
140121 Qingxu 清源镇
140122 Yangqu 黄寨镇
140123 Loufan 娄烦镇
140181 Gujiao
140212 Xinrong 新荣镇
140213 Pingcheng
140214 Yungang
140215 Yunzhou 西坪镇
140221 Yanggao 龙泉镇
140222 Tianzhen 玉泉镇
140223 Guangling 壶泉镇
140224 Lingqiu 武灵镇
140225 Hunyuan 永安镇
140226 Zuoyun 云兴镇
140302 Chengqu
140303 Kuangqu
140311 Jiaoqu 荫营镇
140321 Pingding 冠山镇
140322 Yuxian 秀水镇
140403 Luzhou
140404 Shangdang 韩店街道
140405 Tunliu 麟绛街道
140406 Lucheng 潞华街道
140423 Xiangyuan 古韩镇
140425 Pingshun 青羊镇
140426 Licheng 黎侯镇
140427 Huguan 龙泉镇
140428 Zhangzi 丹朱镇
140429 Wuxiang 丰州镇
140430 Qinxian 定昌镇
140431 Qinyuan 沁河镇
140502 Chengqu
140521 Qinshui 龙港镇
140522 Yangcheng 凤城镇
140524 Lingchuan 崇文镇
140525 Zezhou 南村镇
140581 Gaoping
140602 Shuocheng
140603 Pinglu 井坪镇
140621 Shanyin 岱岳镇
140622 Yingxian 金城镇
140623 Youyu 新城镇
140681 Huairen
140702 Yuci
140703 Taigu
140721 Yushe 箕城镇
140722 Zuoquan 辽阳镇
140723 Heshun 义兴镇
140724 Xiyang 乐平镇
140725 Shouyang 朝阳镇
140727 Qixian 昭馀镇
140728 Pingyao 古陶镇
140729 Lingshi 翠峰镇
140781 Jiexiu
140802 Yanhu
140821 Linyi 猗氏镇
140822 Wanrong 解店镇
140823 Wenxi 桐城镇
140824 Jishan 稷峰镇
140825 Xinjiang 龙兴镇
140826 Jiangxian 古绛镇
140827 Yuanqu 新城镇
140828 Xiaxian 瑶峰镇
140829 Pinglu 圣人涧镇
140830 Ruicheng 古魏镇
140881 Yongji
140882 Hejin 城区街道
140902 Xinfu
140921 Dingxiang 晋昌镇
140922 Wutai 台城镇
140923 Daixian 上馆镇
140924 Fanshi 繁城镇
140925 Ningwu 凤凰镇
140926 Jingle 鹅城镇
140927 Shenchi 龙泉镇
140928 Wuzhai 砚城镇
140929 Kelan 岚漪镇
140930 Hequ 西口镇
140931 Baode 东关镇
140932 Pianguan 新关镇
140981 Yuanping
141002 Yaodu
141021 Quwo 乐昌镇
141022 Yicheng 唐兴镇
141023 Xiangfen 新城镇
141024 Hongtong 大槐树镇
141025 Guxian 岳阳镇
141026 Anze 府城镇
141027 Fushan 天坛镇
141028 Jixian 吉昌镇
141029 Xiangning 昌宁镇
141030 Daning 昕水镇
141031 Xixian 龙泉镇
141032 Yonghe 芝河镇
141033 Puxian 蒲城镇
141034 Fenxi 永安镇
141081 Houma
141082 Huozhou
141102 Lishi
141121 Wenshui 凤城镇
141122 Jiaocheng 天宁镇
141123 Xingxian 蔚汾镇
141124 Linxian 临泉镇
141125 Liulin 柳林镇
141126 Shilou 灵泉镇
141127 Lanxian 东村镇
141128 Fangshan 圪洞镇
141129 Zhongyang 宁乡镇
141130 Jiaokou 水头镇
141181 Xiaoyi
141182 Fenyang
"""

Area = Polygon | MultiPolygon


def main() -> None:
    """Read the three source files and write ``counties.csv`` and ``counties.geojson``."""
    parser = argparse.ArgumentParser(description="Make data/places from public sources.")
    parser.add_argument("--census", type=Path, required=True, help="CSV: CODE, NAME, POPU")
    parser.add_argument("--seats", type=Path, required=True, help="CSV: adcode, lon_wgs84, …")
    parser.add_argument("--polygons", type=Path, required=True, help="GeoJSON with property gb")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    args = parser.parse_args()
    polygons = read_polygons(args.polygons)
    rows = county_rows(read_population(args.census), read_csv(args.seats), polygons)
    args.out.mkdir(parents=True, exist_ok=True)
    with (args.out / "counties.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    names = {row["adcode"]: row["name"] for row in rows}
    (args.out / "counties.geojson").write_text(
        geojson(polygons, names), encoding="utf-8", newline="\n"
    )


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read a CSV file into one dict per row."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def read_population(path: Path) -> dict[str, int]:
    """Residents by adcode, zones folded into their host counties."""
    population: dict[str, int] = {}
    for row in read_csv(path):
        adcode = ZONE_HOST.get(row["CODE"], row["CODE"])
        population[adcode] = population.get(adcode, 0) + round(float(row["POPU"]))
    return population


def read_polygons(path: Path) -> dict[str, Area]:
    """County polygons of Shanxi by adcode, coordinates rounded to 5 decimals (1 m).

    Neighbours share their vertices in the source, so they still do after rounding; the file
    is coarse as it comes (about 100 vertices a county) and is not thinned further.
    """
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    polygons = {}
    for feature in features:
        adcode = feature["properties"]["gb"][3:]
        if adcode.startswith("14"):
            area = shape(rounded(feature["geometry"]))
            if isinstance(area, MultiPolygon) and len(area.geoms) == 1:
                area = area.geoms[0]
            polygons[adcode] = area
    return dict(sorted(polygons.items()))


def rounded(value: Any) -> Any:
    """Copy nested JSON with every float rounded to 5 decimals."""
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, list):
        return [rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return value


def county_rows(
    population: dict[str, int], seats: list[dict[str, str]], polygons: dict[str, Area]
) -> list[dict[str, Any]]:
    """Rows of ``places/counties`` in the order of their adcode."""
    seat_by_adcode = {row["adcode"]: row for row in seats}
    rows = []
    for line in NAMES.split("\n")[1:-1]:
        adcode, pinyin, *town = line.split()
        name = seat_by_adcode[adcode]["name"]
        city, city_en = CITIES[adcode[:4] + "00"]
        lon, lat, note = seat_point(seat_by_adcode[adcode], polygons[adcode])
        zones = sorted(zone for zone, host in ZONE_HOST.items() if host == adcode)
        rows.append(
            {
                "adcode": adcode,
                "name": name,
                "name_en": english_name(name, pinyin),
                "city_adcode": adcode[:4] + "00",
                "city": city,
                "city_en": city_en,
                "seat": town[0] if town else name,
                "lon": lon,
                "lat": lat,
                "population": population[adcode],
                "status": "existing",
                "source": "2020 census, NBS county volume"
                + "".join(f" (with zone {zone})" for zone in zones)
                + f"; seat point: AMap, turned from GCJ-02, good to 1.5 km{note}"
                + ("; seat town: common knowledge, in the township list of 2026" if town else ""),
            }
        )
    return rows


def english_name(name: str, pinyin: str) -> str:
    """Pinyin with the kind of county, e.g. ``Xiangning County``."""
    if pinyin.endswith("qu") and len(name) == 2:
        kind = {"Chengqu": "Urban", "Kuangqu": "Mining", "Jiaoqu": "Suburban"}[pinyin]
        return f"{kind} District"
    return pinyin + {"区": " District", "县": " County", "市": " City"}[name[-1]]


def seat_point(row: dict[str, str], area: Area) -> tuple[float, float, str]:
    """Lon, lat of a seat (5 decimals), inside its county, and what to say about it."""
    note = " (point of the district before 2018)" if row["adcode"] in FORMER_DISTRICT else ""
    point = Point(float(row["lon_wgs84"]), float(row["lat_wgs84"]))
    if not area.contains(point):
        inside = nearest_points(area.buffer(-0.001), point)[0]  # 0.001 degrees: about 100 m
        moved_m = float(haversine_m(point.x, point.y, inside.x, inside.y))
        note += f", moved {moved_m:.0f} m into the county"
        point = inside
    (lon, lat), *_ = get_coordinates(point).tolist()
    return round(lon, 5), round(lat, 5), note


def geojson(polygons: dict[str, Area], names: dict[str, str]) -> str:
    """RFC 7946 text, one county a line so that a change is readable in a diff."""
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {"adcode": adcode, "name": names[adcode]},
                "geometry": area.__geo_interface__,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for adcode, area in polygons.items()
    ]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


if __name__ == "__main__":
    main()
