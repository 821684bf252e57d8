"""One order for each team: who, where, by which way, when, with what, by whose authority."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, Final

from pandas import DataFrame

from dispatch.i18n import _, pick, unit_of
from dispatch.plan.plan import IncidentState, Leg, Order, Plan
from dispatch.render import labels
from dispatch.render.text import plain, way
from dispatch.render.view import View

SIDE: Final = "|"
"""Stands between the lines that one ride runs over."""

ON_WHEELS: Final = "road"
"""Mode in which a team has its vehicles with it."""


@dataclass(frozen=True)
class Vehicles:
    """So many vehicles of one kind."""

    name: str
    quantity: int


@dataclass(frozen=True)
class OrderSheet:
    """What an order says, ready to read; times in seconds after the start of the plan.

    Parameters
    ----------
    letter : str
        Of the incident, as on the map.
    equipment : tuple of str
        What the team brings for each task, with how much of it.
    vehicles : tuple of Vehicles
        Empty where it leaves its vehicles behind, or none are known.
    pass_basis : str
        Why it passes free of toll; empty where it does not.
    services : mapping of str to (str, str)
        Chinese and English names of aircraft and railway lines by what legs call them.
    """

    number: int
    letter: str
    order: Order
    incident: IncidentState
    team: str
    equipment: tuple[str, ...]
    vehicles: tuple[Vehicles, ...]
    pass_basis: str
    illustrative: bool
    services: Mapping[str, tuple[str, str]]

    @property
    def where(self) -> str:
        """Incident and county."""
        one = self.incident
        name, county = pick(one.name, one.name_en), pick(one.county, one.county_en)
        return plain(f"{self.letter} {name}" + (f" ({county})" if county not in ("", name) else ""))

    @property
    def origin(self) -> str:
        """Where the team stands."""
        return plain(pick(self.order.origin.name, self.order.origin.name_en))

    @property
    def roads(self) -> str:
        """Road numbers in the order driven, each once where it follows itself."""
        return way([road for leg in self.order.legs for road in leg.roads])

    def way_of(self, leg: Leg) -> str:
        """Tell the roads of a leg, or its train, lines or aircraft."""
        told = (pick(*self.services.get(name, (name, ""))) for name in leg.service.split(SIDE))
        nothing = _("no numbered road") if leg.kind == "drive" and leg.distance_m else ""
        return way(leg.roads) or plain(_(", ").join(told)) or nothing

    @property
    def authority(self) -> str:
        """Level, the rule that set it, who commands, and who may order this team out."""
        one = self.incident
        rule = pick(one.level_rule, one.level_rule_en)
        parts = [
            labels.level(one.level) if one.level else "",
            pick(one.headquarters, one.headquarters_en),
            _("by rule: {rule}").format(rule=rule) if rule else "",
            labels.control_level(self.order.control_level),
        ]
        return plain("; ".join(part for part in parts if part))


def order_sheets(
    shown: View,
    *,
    vehicles: DataFrame,
    profiles: DataFrame,
    capabilities: DataFrame,
    teams: DataFrame,
    services: Mapping[str, tuple[str, str]],
) -> tuple[OrderSheet, ...]:
    """Return an order for each team, in reading order and in the language in use.

    Parameters
    ----------
    shown : View
    vehicles : DataFrame
        ``teams/vehicles``: team_id, profile, quantity.
    profiles : DataFrame
        ``network/profiles``, indexed by profile: name, name_en.
    capabilities : DataFrame
        ``teams/capabilities``: team_id, capability, equipment, equipment_en.
    teams : DataFrame
        ``teams/teams``, indexed by team_id: toll_exempt.
    services : mapping of str to (str, str)
        As :func:`service_names` gives them.
    """
    incidents = {card.incident.incident_id: card.incident for card in shown.cards}
    kinds = {str(code): pick(row["name"], row["name_en"]) for code, row in profiles.iterrows()}
    kit = {
        (row.team_id, row.capability): pick(str(row.equipment), str(row.equipment_en))
        for row in capabilities.itertuples(index=False)
    }
    fleet: dict[str, list[Vehicles]] = {}
    rows = zip(vehicles["team_id"], vehicles["profile"], vehicles["quantity"], strict=True)
    for team_id, code, quantity in rows:
        name = plain(kinds.get(str(code), code))
        fleet.setdefault(str(team_id), []).append(Vehicles(name, int(quantity)))
    exempt = set(teams.index[teams["toll_exempt"] == "yes"])
    return tuple(
        OrderSheet(
            number=row.number,
            letter=row.letter,
            order=row.order,
            incident=incidents[row.order.incident_id],
            team=plain(pick(row.order.team_name, row.order.team_name_en)),
            equipment=tuple(_equipment(row.order, kit)),
            vehicles=tuple(fleet.get(row.order.team_id, ())) if _drives(row.order) else (),
            pass_basis=_pass_basis(shown.plan, row.order, row.order.team_id in exempt),
            illustrative=row.illustrative,
            services=services,
        )
        for row in shown.rows
    )


def service_names(tables: Mapping[str, DataFrame]) -> dict[str, tuple[str, str]]:
    """Return Chinese and English names of aircraft and railway lines by what legs call them.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of a registry; without a table of them, there are no names.
        ``airbases/aircraft``, indexed by aircraft_id: name, name_en.
        ``network/rail_services``: line, line_en, either of several divided by a bar.
    """
    names: dict[str, tuple[str, str]] = {}
    if (aircraft := tables.get("airbases/aircraft")) is not None:
        told = zip(aircraft.index, aircraft["name"], aircraft["name_en"].fillna(""), strict=True)
        names |= {str(key): (str(name), str(name_en)) for key, name, name_en in told}
    if (services := tables.get("network/rail_services")) is not None:
        pairs = zip(services["line"], services["line_en"].fillna(""), strict=True)
        for lines, english in sorted(set(pairs)):
            both = zip_longest(str(lines).split(SIDE), str(english).split(SIDE), fillvalue="")
            names |= {name: (name, name_en) for name, name_en in both if name}
    return names


def local(plan: Plan, seconds: int) -> datetime:
    """Return a time of the plan as local time without a zone, as spreadsheets know it."""
    start = datetime.fromisoformat(plan.start)
    return (start + timedelta(seconds=seconds)).replace(tzinfo=None)


def moment(plan: Plan, seconds: int) -> str:
    """Return date and time of day."""
    return f"{local(plan, seconds):%m-%d %H:%M}"


def leg_cells(plan: Plan, sheet: OrderSheet, leg: Leg) -> tuple[str, ...]:
    """Return a leg as cells: what, from, to, start, end, km, by which way.

    What goes on at one place has no second one.
    """
    origin, destination = (leg.origin, leg.origin_en), (leg.destination, leg.destination_en)
    return (
        labels.leg(leg.kind),
        plain(pick(*origin)),
        plain(pick(*destination)) if destination != origin else "",
        moment(plan, leg.start_s),
        moment(plan, leg.end_s),
        f"{leg.distance_m / 1000:,.1f}" if leg.distance_m else "",
        sheet.way_of(leg),
    )


def task_lines(sheet: OrderSheet, plan: Plan) -> Iterator[str]:
    """Yield what the team does, and until when it is wanted."""
    if not sheet.order.tasks:
        yield _("stand by on site for further orders")
    targets = {demand.demand_id: demand.target_s for demand in sheet.incident.demands}
    for task in sheet.order.tasks:
        text = f"{pick(task.capability_name, task.capability_name_en)} {task.quantity:,} "
        text += unit_of(task.quantity, task.unit, task.unit_en)
        if task.demand_id in targets:
            until = moment(plan, targets[task.demand_id])
            text += _(", wanted by {moment}").format(moment=until)
        yield plain(text + ("" if task.on_time else _(" (late)")))


def _drives(order: Order) -> bool:
    return order.mode == ON_WHEELS


def _equipment(order: Order, kit: dict[tuple[Any, Any], str]) -> Iterator[str]:
    for task in order.tasks:
        name = pick(task.capability_name, task.capability_name_en)
        text = f"{name} {task.quantity:,} {unit_of(task.quantity, task.unit, task.unit_en)}"
        brings = kit.get((order.team_id, task.capability), "")
        yield plain(f"{text}: {brings}" if brings else text)


def _pass_basis(plan: Plan, order: Order, exempt: bool) -> str:
    if not _drives(order):
        return ""
    if plan.toll_free:
        return _("rescue vehicles pass free under the policy")
    return _("exempt by law") if exempt else ""
