"""Which invented suppliers sell what, and which trucks stand at invented storehouses.

Every figure is ours: in the order of what such goods cost and such firms can load,
documented nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Good:
    """An item on sale: yuan for one unit, and units a day from a supplier of size one."""

    item_code: str
    price_yuan: int
    per_day: int


@dataclass(frozen=True)
class Trade:
    """A kind of supplier; ``cities`` gives the size of the one in each city."""

    prefix: str
    name: str
    name_en: str
    lead_days: int
    goods: tuple[Good, ...]
    cities: dict[str, float]


_EVERY_CITY: Final = {
    "140100": 3.0,
    "140200": 1.5,
    "140300": 0.7,
    "140400": 1.5,
    "140500": 1.0,
    "140600": 0.8,
    "140700": 1.5,
    "140800": 2.0,
    "140900": 1.0,
    "141000": 1.8,
    "141100": 1.5,
}
_FOUR_CITIES: Final = {"140100": 2.0, "140200": 1.0, "140400": 1.0, "140800": 1.5}

TRADES: Final = (
    Trade(
        *("SF", "食品饮料批发企业", "food and drink wholesaler", 1),
        (
            Good("199999910", 30, 2000),
            Good("199999911", 150, 800),
            Good("199999912", 130, 600),
            Good("199999913", 110, 600),
            Good("199999914", 220, 120),
        ),
        _EVERY_CITY,
    ),
    Trade(
        *("ST", "纺织被服企业", "bedding and clothing maker", 2),
        (
            Good("199999903", 120, 2500),
            Good("199999904", 60, 2000),
            Good("199999905", 30, 3000),
            Good("199999906", 150, 1500),
            Good("199999908", 110, 800),
            Good("199999909", 25, 3000),
            Good("199999916", 180, 800),
        ),
        _FOUR_CITIES,
    ),
    Trade(
        *("SC", "帐篷及安置用品企业", "tent and camp goods maker", 3),
        (
            Good("199999901", 2200, 300),
            Good("199999902", 8000, 40),
            Good("199999907", 180, 800),
            Good("199999917", 3500, 80),
            Good("199999918", 450, 200),
        ),
        {"140100": 1.5, "140700": 1.0, "141000": 1.0},
    ),
    Trade(
        *("SE", "防汛排水器材企业", "flood and pumping equipment dealer", 2),
        (
            Good("299999902", 4200, 30),
            Good("299999904", 2600, 40),
            Good("299999907", 900, 150),
            Good("299999911", 90, 800),
            Good("399999901", 1100, 200),
            Good("399999902", 500, 300),
        ),
        {"140100": 1.5, "140700": 1.0, "140800": 1.0},
    ),
    Trade(
        *("SM", "医药批发企业", "medical wholesaler", 1),
        (
            Good("299999922", 400, 150),
            Good("299999923", 800, 80),
            Good("299999924", 300, 200),
        ),
        _FOUR_CITIES,
    ),
)

TRUCKS: Final = {
    "city_storehouse": {"light_box": 6, "cargo": 8},
    "provincial_storehouse": {"light_box": 10, "cargo": 30, "semitrailer": 12},
    "regional_center": {"light_box": 10, "cargo": 20, "semitrailer": 4},
}
"""Kind of depot: trucks by type that it can call on."""
