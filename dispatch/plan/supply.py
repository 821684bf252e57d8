"""What a supply plan says: records that keep, print and compare easily.

Quantities count units of the item (tents, cases); days count from 1, the first;
seconds count from the start of the scenario.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dispatch.plan.plan import IllustrativeRecord, Provenance, Stage

SUPPLY_VERSION: Final = 2


@dataclass(frozen=True)
class SupplyItem:
    """An item of the registry, and how many units one loading place takes."""

    item_code: str
    name: str
    name_en: str
    unit: str
    unit_en: str
    mass_kg: float
    volume_m3: float
    units_per_lot: int


@dataclass(frozen=True)
class SupplyPlace:
    """Where goods lie, are sold, change vehicles or are needed (EPSG:4326).

    ``kind`` is depot, supplier, hub (distribution point at a county seat) or
    shelter; ``hub`` names the hub that serves a shelter, and is empty otherwise.
    """

    place_id: str
    kind: str
    name: str
    name_en: str
    lon: float
    lat: float
    status: str
    hub: str = ""
    people: int = 0


@dataclass(frozen=True)
class SupplyAircraft:
    """An aircraft that drives the last mile, and the airbase that lends it, by name."""

    aircraft_id: str
    name: str
    name_en: str
    airbase_id: str
    airbase: str
    airbase_en: str


@dataclass(frozen=True)
class Goods:
    """So many units of an item."""

    item_code: str
    quantity: int


@dataclass(frozen=True)
class Movement:
    """Goods on their way from a depot or supplier to another depot or a hub.

    ``carrier`` is the truck type, and ``owned`` tells whether the depot's own
    trucks drive or the supplier's. They leave at ``leave_s`` of ``day`` and are
    unloaded at ``arrive_s``, on hand on ``arrive_day``; ``drive_s`` and
    ``distance_m`` tell the way of one truck, ``truck_loads`` how many full
    trucks the goods fill (parts of a truck are shared with other goods).
    ``roads`` are road numbers in the order driven.
    """

    day: int
    arrive_day: int
    leave_s: int
    arrive_s: int
    origin: str
    destination: str
    carrier: str
    owned: bool
    truck_loads: float
    drive_s: int
    distance_m: int
    cost_yuan: int
    goods: tuple[Goods, ...]
    line: tuple[tuple[float, float], ...]
    roads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bought:
    """Goods bought from a supplier, ready on a day."""

    supplier: str
    item_code: str
    day: int
    quantity: int
    yuan: int


@dataclass(frozen=True)
class Donated:
    """Goods that somebody gives to a depot: they lie there from a day on."""

    depot: str
    item_code: str
    day: int
    quantity: int
    donor: str


@dataclass(frozen=True)
class Supplied:
    """What a hub is to have of an item on a day for its shelters, and what it gets.

    ``on_time`` is there on the day, ``late`` afterwards, ``unmet`` never.
    """

    hub: str
    item_code: str
    day: int
    priority: int
    wanted: int
    on_time: int
    late: int

    @property
    def unmet(self) -> int:
        """Units that never come."""
        return self.wanted - self.on_time - self.late


@dataclass(frozen=True)
class SupplyShortage:
    """An item of which a hub has too little from a day on, why, and what would help."""

    hub: str
    item_code: str
    first_day: int
    unmet: int
    late: int
    text_zh: str
    text_en: str
    remedy_zh: str
    remedy_en: str


@dataclass(frozen=True)
class StockRow:
    """Units of an item at a depot at the end of each day, and what lay there before.

    ``floor`` is what is kept back as a reserve as far as no need suffers.
    """

    depot: str
    item_code: str
    before: int
    by_day: tuple[int, ...]
    floor: int = 0

    @property
    def to_replenish(self) -> int:
        """Units that bring the depot back to what it had."""
        return max(0, self.before - self.by_day[-1])


@dataclass(frozen=True)
class Drop:
    """A halt of a vehicle at a shelter, and what it unloads."""

    shelter: str
    arrive_s: int
    begin_s: int
    leave_s: int
    goods: tuple[Goods, ...]


@dataclass(frozen=True)
class Way:
    """A way of the last mile by road, from a hub or shelter to another (EPSG:4326).

    ``roads`` are road numbers in the order driven; roads without one are left out.
    """

    origin: str
    destination: str
    line: tuple[tuple[float, float], ...]
    roads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Round:
    """From the hub over shelters and back, after loading.

    ``ways`` are rows of the plan's ways, one for each leg; none by air.
    """

    load_s: int
    leave_s: int
    back_s: int
    drops: tuple[Drop, ...]
    ways: tuple[int, ...] = ()


@dataclass(frozen=True)
class DeliveryRoute:
    """One vehicle's day in the last mile.

    ``vehicle`` is a truck type, or an aircraft; ``home`` the depot or airbase
    it was lent by, ``number`` tells equal vehicles of one home apart.
    """

    day: int
    hub: str
    vehicle: str
    home: str
    number: int
    distance_m: int
    rounds: tuple[Round, ...]


@dataclass(frozen=True)
class Wanted:
    """What a shelter needs from a day on."""

    shelter: str
    day: int
    goods: tuple[Goods, ...]


@dataclass(frozen=True)
class Undelivered:
    """Goods that lie at the hub at the end of a day because no vehicle brought them.

    ``comes_day`` is the day on which the last of them goes out after all, 0 if
    none within the plan; the remedy tells what would have brought them at once.
    """

    day: int
    shelter: str
    goods: tuple[Goods, ...]
    reason: str
    proved: bool
    text_zh: str
    text_en: str
    comes_day: int = 0
    remedy_zh: str = ""
    remedy_en: str = ""


@dataclass(frozen=True)
class Relief:
    """What would bring all, or most, of what lies at a hub at the end of a day."""

    day: int
    hub: str
    text_zh: str
    text_en: str


@dataclass(frozen=True)
class SupplyPlan:
    """Who gets what, from where, on which day, by which vehicle, and what is short."""

    schema_version: int
    scenario: str
    title: str
    title_en: str
    start: str
    day_begins_s: tuple[int, ...]
    items: tuple[SupplyItem, ...]
    places: tuple[SupplyPlace, ...]
    supplied: tuple[Supplied, ...]
    movements: tuple[Movement, ...]
    bought: tuple[Bought, ...]
    stocks: tuple[StockRow, ...]
    shortages: tuple[SupplyShortage, ...]
    routes: tuple[DeliveryRoute, ...]
    undelivered: tuple[Undelivered, ...]
    stages: tuple[Stage, ...]
    route_solver: str
    illustrative: tuple[IllustrativeRecord, ...]
    provenance: Provenance
    donations: tuple[Donated, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    ways: tuple[Way, ...] = ()
    relief: tuple[Relief, ...] = ()
    aircraft: tuple[SupplyAircraft, ...] = ()

    @property
    def days(self) -> int:
        """Length of the horizon."""
        return len(self.day_begins_s)
