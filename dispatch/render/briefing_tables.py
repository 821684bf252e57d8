"""The tables of a briefing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

from dispatch.i18n import _, pick, unit_of
from dispatch.plan.plan import DemandState, Plan
from dispatch.render import labels
from dispatch.render.fitting import Table
from dispatch.render.outcome import Outcome, outcome
from dispatch.render.text import cut, plain
from dispatch.render.view import Card, Row, View, view

TIERS: Final = ("main", "assault", "specialist", "auxiliary")


def incident_table(shown: View) -> Table:
    """Return incidents with level, the rule that fired, and headquarters."""
    rows = []
    for card in shown.cards:
        one = card.incident
        rule = pick(one.level_rule, one.level_rule_en) or _("set by the scenario")
        rows.append(
            (
                f"{card.letter} {plain(pick(one.name, one.name_en))}",
                plain(pick(one.type_name, one.type_name_en)),
                plain(pick(one.county, one.county_en)) or "—",
                one.level or "—",
                plain(rule),
                plain(pick(one.headquarters, one.headquarters_en)) or "—",
            )
        )
    headings = (
        _("Incident"), _("Type"), _("County"), _("Level"), _("Rule"), _("Headquarters"),
    )  # fmt: skip
    rest = _("More incidents in the workbook of orders: {rest}")
    return Table(headings, tuple(rows), (3, 1.6, 1.6, 1, 4.2, 4), rest=rest)


def tier_table(shown: View) -> Table:
    """Return teams and people by tier."""
    rows = []
    for tier in TIERS:
        orders = [row.order for row in shown.rows if row.order.tier == tier]
        if orders:
            rows.append(
                (
                    labels.tier(tier),
                    f"{len(orders)}",
                    f"{sum(order.personnel for order in orders):,}",
                    shown.clock(min(order.arrive_s for order in orders)),
                    shown.clock(max(order.arrive_s for order in orders)),
                )
            )
    headings = (_("Tier"), _("Teams"), _("People"), _("First arrival"), _("Last arrival"))
    return Table(headings, tuple(rows), (3, 1.5, 1.5, 2, 2), (1, 2, 3, 4))


def force_table(shown: View) -> Table:
    """Return the teams, the first to arrive first."""
    headings = (
        _("No."), _("Team"), _("Tier"), _("People"), _("Mode"), _("Depart"), _("Arrive"),
        _("km"), _("For"),
    )  # fmt: skip
    ordered = sorted(shown.rows, key=lambda row: (row.order.arrive_s, row.number))
    rows = tuple(_force_row(shown, row) for row in ordered)
    rest = _("The first to arrive: {shown}. In the order sheets: {rest} more.")
    return Table(headings, rows, (1, 5.4, 2.7, 1, 2, 1, 1, 1, 6.9), (0, 3, 5, 6, 7), rest=rest)


def _force_row(shown: View, row: Row) -> tuple[str, ...]:
    order = row.order
    tasks = "; ".join(
        f"{plain(pick(t.capability_name, t.capability_name_en))} {t.quantity:,} "
        f"{plain(unit_of(t.quantity, t.unit, t.unit_en))}"
        for t in order.tasks
    )
    letter = f"{row.letter} " if len(shown.cards) > 1 else ""
    mark = "*" if row.illustrative else ""
    return (
        f"{row.number}",
        f"{plain(pick(order.team_name, order.team_name_en))}{mark}",
        labels.tier(order.tier),
        f"{order.personnel:,}",
        labels.mode(order.mode),
        shown.clock(order.depart_s),
        shown.clock(order.arrive_s),
        f"{order.distance_m / 1000:,.0f}",
        letter + (tasks or _("stands by on site")),
    )


def need_table(shown: View) -> Table:
    """Return the needs, the unmet first, then the late, then by priority."""
    needs = [(card, demand) for card in shown.cards for demand in card.incident.demands]
    needs.sort(key=lambda pair: (_state(pair[1]), pair[1].priority))
    headings = (
        _("Need"), _("Priority"), _("Wanted"), _("Until"), _("By target"), _("Met"), _("Unmet"),
    )  # fmt: skip
    rest = _("More needs in the workbook of orders: {rest}")
    rows = tuple(_need_row(shown, *pair) for pair in needs)
    return Table(headings, rows, (5, 1.3, 2, 2, 1.6, 1.6, 1.6), (1, 2, 3, 4, 5, 6), rest=rest)


def _state(demand: DemandState) -> int:
    if demand.unmet > 0:
        return 0
    return 1 if demand.met_by_target < demand.quantity else 2


def _need_row(shown: View, card: Card, demand: DemandState) -> tuple[str, ...]:
    letter = f"{card.letter} " if len(shown.cards) > 1 else ""
    return (
        letter + plain(pick(demand.capability_name, demand.capability_name_en)),
        f"{demand.priority}",
        f"{demand.quantity:,} {plain(unit_of(demand.quantity, demand.unit, demand.unit_en))}",
        shown.clock(demand.target_s),
        f"{demand.met_by_target:,}",
        f"{demand.met:,}",
        f"{demand.unmet:,}" if demand.unmet else "—",
    )


def reserve_table(plan: Plan) -> Table:
    """Return what stays behind in each city, of all there is."""
    tiers = [tier for tier in TIERS if any(row.tier == tier for row in plan.reserves)]
    cities: dict[str, dict[str, str]] = {}
    for row in plan.reserves:
        city = cities.setdefault(plain(pick(row.city, row.city_en)), {})
        city[row.tier] = f"{row.left}/{row.teams}"
    rows = tuple((name, *(cells.get(tier, "") for tier in tiers)) for name, cells in cities.items())
    return Table(
        (_("City"), *(labels.tier(tier) for tier in tiers)),
        rows,
        (2, *(1.6 for _tier in tiers)),
        tuple(range(1, len(tiers) + 1)),
        _("Teams that stay behind (of all)"),
        _("More cities in the workbook of orders: {rest}"),
    )


Figure = tuple[str, Callable[[Outcome], float | None], Callable[[float], str]]


def outcome_table(plan: Plan, against: Plan | None) -> Table:
    """Return the figures of a plan, beside those of another if it is given."""
    columns = [_outcome_column(plan)]
    if against is not None:
        columns.append(_outcome_column(against))
    names = [name for name, _figure, _format in _figures(view(plan))]
    rows = tuple((name, *(c[index] for c in columns)) for index, name in enumerate(names))
    if against is None:
        return Table((_("Figure"), _("Value")), rows, (3, 2), (1,), _("Cost and toll"))
    other = cut(pick(against.title, against.title_en), 40)
    title = _("Compared with: {plan}").format(plan=other)
    return Table((_("Figure"), _("this plan"), _("the other")), rows, (3, 2, 2), (1, 2), title)


def _outcome_column(plan: Plan) -> tuple[str, ...]:
    total = outcome(plan)
    values = ((figure(total), form) for _name, figure, form in _figures(view(plan)))
    return tuple("—" if value is None else form(value) for value, form in values)


def _figures(shown: View) -> tuple[Figure, ...]:
    whole, yuan = "{:,.0f}".format, _("{yuan:,.0f} yuan")

    def clock(seconds: float) -> str:
        return shown.clock(int(seconds))

    def money(value: float) -> str:
        return yuan.format(yuan=value)

    return (
        (_("teams sent"), lambda o: o.teams, whole),
        (_("people"), lambda o: o.people, whole),
        (_("needs"), lambda o: o.needs, whole),
        (_("needs met in full"), lambda o: o.met, whole),
        (_("of these on time"), lambda o: o.on_time, whole),
        (_("first arrival"), lambda o: o.first_s, clock),
        (_("last arrival"), lambda o: o.last_s, clock),
        (_("way of all teams, km"), lambda o: o.distance_km, whole),
        (_("toll paid"), lambda o: o.toll_paid_yuan, money),
        (_("toll waived"), lambda o: o.toll_waived_yuan, money),
        (_("minutes saved by toll-free passage"), lambda o: o.minutes_saved, whole),
        (_("cost with compensation"), lambda o: o.cost_yuan, money),
        (_("teams missing from reserve floors"), lambda o: o.floors_missing, whole),
        (_("teams that stay behind"), lambda o: o.left, whole),
    )


def proof_table(plan: Plan) -> Table:
    """Return how each stage of the optimisation ended."""
    rows = tuple(
        (
            labels.stage(stage.name),
            f"{stage.gap:.2%}",
            labels.termination(stage.termination),
        )
        for stage in plan.stages
    )
    headings = (_("Stage"), _("Gap"), _("Ended"))
    return Table(headings, rows, (3.4, 1.3, 1.8), (1,), _("Proof"))


def illustrative_table(plan: Plan) -> Table:
    """Return how many invented records of each table the plan leans on."""
    words = {
        "airbases/airbases": _("airfields and landing points"),
        "airbases/aircraft": _("aircraft"),
        "airbases/aircraft_types": _("types of aircraft"),
        "depots/depots": _("storehouses"),
        "depots/items": _("kinds of supplies"),
        "depots/offers": _("offers of suppliers"),
        "depots/stocks": _("stocks"),
        "depots/suppliers": _("suppliers"),
        "depots/truck_types": _("types of trucks"),
        "depots/trucks": _("trucks of storehouses"),
        "doctrine/floors": _("reserve floors"),
        "doctrine/levels": _("rules of response levels"),
        "doctrine/pools": _("release of teams"),
        "doctrine/priorities": _("priorities"),
        "doctrine/supply_standards": _("standards of supply"),
        "doctrine/requirements": _("needs by type of incident"),
        "network/pace": _("pace by weather and night"),
        "network/profiles": _("kinds of vehicles"),
        "network/rail_services": _("train services"),
        "network/stations": _("stations"),
        "teams/teams": _("teams"),
        "teams/capabilities": _("what teams bring"),
        "teams/vehicles": _("vehicles of teams"),
        "network/speeds": _("speeds"),
        "network/links": _("roads"),
        "network/toll_rates": _("toll rates"),
    }
    counts = Counter(record.table for record in plan.illustrative)
    rows = tuple((words.get(name, plain(name)), f"{counts[name]:,}") for name in sorted(counts))
    headings = (_("Table"), _("Illustrative"))
    rest = _("More tables in plan.json: {rest}")
    return Table(headings, rows, (3, 1.4), (1,), _("Records invented for illustration"), rest)
