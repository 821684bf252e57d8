"""Make the invented tables of suppliers, their offers, and trucks at storehouses.

    python scripts/make_suppliers.py --data data

Who sells what stands in ``illustrative/supplies.py``. Each supplier lies a few kilometres
from the seat of its city's main district, in that district.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from math import cos, pi, radians, sin
from pathlib import Path
from typing import Final

from illustrative import posts, supplies
from make_illustrative import County, Row, chance, read_counties, read_csv, two_digits, write_csv
from shapely import contains_xy

KM_PER_DEGREE: Final = 111.19
INVENTED: Final = "illustrative"
SUPPLIER: Final = (
    "Invented: which firms the province may buy from in an emergency is not published; placed at "
    "the edge of the city's main district"
)
OFFER: Final = "Invented: price in the order of the trade, lead time and daily quantity ours"
TRUCK: Final = "Invented: what a storehouse can call on is not published; a plausible number"


def main() -> None:
    """Read places and depots, and write the three tables."""
    parser = argparse.ArgumentParser(description="Make the invented tables of suppliers.")
    parser.add_argument("--data", type=Path, required=True, help="data folder, read and written")
    parser.add_argument("--out", type=Path, help="folder to write into if not --data")
    args = parser.parse_args()
    folder: Path = (args.out or args.data) / "depots"
    counties = read_counties(args.data / "places", [])
    write_csv(folder / "suppliers.csv", suppliers(counties), ["supplier_id"])
    write_csv(folder / "offers.csv", offers(), ["supplier_id", "item_code"])
    depots = read_csv(args.data / "depots" / "depots.csv")
    write_csv(folder / "trucks.csv", trucks(depots), ["depot_id", "truck_type"])


def suppliers(counties: dict[str, County]) -> Iterator[Row]:
    """Yield one row for each trade in each of its cities."""
    for trade in supplies.TRADES:
        for city in trade.cities:
            county = counties[posts.CITY_SEAT[city]]
            lon, lat = edge_point(county, trade.prefix)
            yield {
                "supplier_id": f"{trade.prefix}-{city}",
                "name": county.city + trade.name,
                "name_en": f"{county.city_en} {trade.name_en}",
                "adcode": county.adcode,
                "lon": f"{lon:.4f}",
                "lat": f"{lat:.4f}",
                "status": INVENTED,
                "source": SUPPLIER,
            }


def edge_point(county: County, trade: str) -> tuple[float, float]:
    """Return a point three to six kilometres from the seat and in the county."""
    for turn in range(1000):
        angle = 2 * pi * chance("supplier", county.adcode, trade, turn)
        km = 3 + 3 * chance("supplier km", county.adcode, trade, turn)
        east = km * sin(angle) / KM_PER_DEGREE / cos(radians(county.lat))
        lon, lat = county.lon + east, county.lat + km * cos(angle) / KM_PER_DEGREE
        if contains_xy(county.area, lon, lat):
            return lon, lat
    raise ValueError(f"no room beside the seat of {county.name}")


def offers() -> Iterator[Row]:
    """Yield what each supplier sells, how soon, for how much, and how much a day."""
    for trade in supplies.TRADES:
        for city, size in trade.cities.items():
            for good in trade.goods:
                yield {
                    "supplier_id": f"{trade.prefix}-{city}",
                    "item_code": good.item_code,
                    "lead_days": trade.lead_days,
                    "price_yuan": good.price_yuan,
                    "quantity_per_day": two_digits(good.per_day * size),
                    "status": INVENTED,
                    "source": OFFER,
                }


def trucks(depots: Sequence[dict[str, str]]) -> Iterator[Row]:
    """Yield the trucks at each depot, by its kind."""
    for depot in depots:
        for truck_type, quantity in supplies.TRUCKS[depot["kind"]].items():
            yield {
                "depot_id": depot["depot_id"],
                "truck_type": truck_type,
                "quantity": quantity,
                "status": INVENTED,
                "source": TRUCK,
            }


if __name__ == "__main__":
    main()
