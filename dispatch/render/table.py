"""A plan as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from dispatch.i18n import _, ngettext, pick, unit_of
from dispatch.plan.plan import DemandState, IncidentState, Order, Plan, Reserve
from dispatch.render import counted, labels
from dispatch.render.text import plain

SHOWN_REASONS: Final = 4
SHOWN_LIMITS: Final = 4
SHOWN_REMEDIES: Final = 3
TIERS: Final = ("main", "assault", "specialist", "auxiliary")


def plan_tables(plan: Plan) -> Iterator[RenderableType]:
    """Yield what a commander reads: orders, unmet needs, what stays behind, proof."""
    yield _title(plan)
    for incident in plan.incidents:
        yield _orders(plan, incident)
    yield _needs(plan)
    yield _reserves(plan)
    yield _stages(plan)
    yield from _remarks(plan)


def unmet_at_priority_1(plan: Plan) -> bool:
    """Whether a need of the first priority is not met in full."""
    return any(
        demand.priority == 1 and demand.unmet > 0
        for incident in plan.incidents
        for demand in incident.demands
    )


def _text(value: object) -> str:
    """Return a text from data as one line that is neither markup nor a command to the terminal."""
    return escape(plain(value))


def moment(plan: Plan, seconds: int) -> str:
    """Return a time of the plan as a reader says it; with the date unless it is the first day."""
    start = datetime.fromisoformat(plan.start)
    then = start + timedelta(seconds=seconds)
    return f"{then:%H:%M}" if then.date() == start.date() else f"{then:%m-%d %H:%M}"


def _title(plan: Plan) -> str:
    start = datetime.fromisoformat(plan.start)
    title = _text(pick(plan.title, plan.title_en))
    return f"[bold]{title}[/bold]  {start:%Y-%m-%d %H:%M}  {_text(labels.level(plan.level))}"


def _orders(plan: Plan, incident: IncidentState) -> Table:
    name = pick(incident.name, incident.name_en)
    type_name = pick(incident.type_name, incident.type_name_en)
    table = Table(title=_text(f"{name} · {type_name}"), title_justify="left")
    for heading in (
        _("Team"), _("Tier"), _("From"), _("Mode"), _("Depart"), _("Arrive"),
        _("km"), _("Toll waived, yuan"), _("For"),
    ):  # fmt: skip
        table.add_column(heading, justify="right" if heading in _numeric() else "left")
    for order in plan.orders:
        if order.incident_id == incident.incident_id:
            table.add_row(*_order_cells(plan, order))
    return table


def _numeric() -> tuple[str, ...]:
    return _("km"), _("Toll waived, yuan")


def _order_cells(plan: Plan, order: Order) -> Iterator[str]:
    mark = " *" if order.status == "illustrative" else ""
    yield _text(pick(order.team_name, order.team_name_en)) + mark
    yield _text(labels.tier(order.tier))
    yield _text(pick(order.origin.name, order.origin.name_en))
    yield _text(labels.mode(order.mode))
    yield moment(plan, order.depart_s)
    yield moment(plan, order.arrive_s)
    yield f"{order.distance_m / 1000:.0f}"
    yield f"{order.toll_waived_yuan:,.0f}"
    yield "; ".join(
        "{name} {quantity} {unit}{late}".format(
            name=_text(pick(task.capability_name, task.capability_name_en)),
            quantity=task.quantity,
            unit=_text(unit_of(task.quantity, task.unit, task.unit_en)),
            late="" if task.on_time else _(" (late)"),
        )
        for task in order.tasks
    )


def _needs(plan: Plan) -> Table:
    table = Table(title=_("Needs"), title_justify="left")
    for heading in (_("Incident"), _("Need"), _("Priority"), _("Wanted"), _("By target"), _("Met")):
        table.add_column(heading)
    table.add_column(_("Unmet, and why"), overflow="fold")
    for incident in plan.incidents:
        for demand in incident.demands:
            table.add_row(*_need_cells(plan, incident, demand))
    return table


def _need_cells(plan: Plan, incident: IncidentState, demand: DemandState) -> Iterator[str]:
    yield _text(pick(incident.name, incident.name_en))
    yield _text(pick(demand.capability_name, demand.capability_name_en))
    yield str(demand.priority)
    unit = _text(unit_of(demand.quantity, demand.unit, demand.unit_en))
    yield f"{demand.quantity} {unit} ≤ {moment(plan, demand.target_s)}"
    yield str(demand.met_by_target)
    yield str(demand.met)
    if not demand.unmet:
        yield "\n".join(_text(pick(c.text_zh, c.text_en)) for c in demand.choices) or "—"
        return
    shown = demand.reasons[:SHOWN_REASONS]
    unit = _text(unit_of(demand.unmet, demand.unit, demand.unit_en))
    lines = [f"[red]{demand.unmet} {unit}[/red]"]
    lines += [f"· {_text(pick(reason.text_zh, reason.text_en))}" for reason in shown]
    if len(demand.reasons) > len(shown):
        lines.append(_("… and {count} more").format(count=len(demand.reasons) - len(shown)))
    lines += _explanation(demand)
    yield "\n".join(lines)


def _explanation(demand: DemandState) -> Iterator[str]:
    """Yield what rules out more, and what would help."""
    found = demand.explanation
    if found is None:
        return
    yield f"[bold]{_text(pick(found.text_zh, found.text_en))}[/bold]"
    limits = [_text(pick(limit.text_zh, limit.text_en)) for limit in found.limits]
    yield from (f"· {text}" for text in limits[:SHOWN_LIMITS])
    if len(limits) > SHOWN_LIMITS:
        yield _("… and {count} more").format(count=len(limits) - SHOWN_LIMITS)
    for remedy in found.remedies[:SHOWN_REMEDIES]:
        yield f"[green]→ {_text(pick(remedy.text_zh, remedy.text_en))}[/green]"


def _reserves(plan: Plan) -> Table:
    tiers = [tier for tier in TIERS if any(row.tier == tier for row in plan.reserves)]
    table = Table(title=_("Teams that stay behind (of all)"), title_justify="left")
    table.add_column(_("City"))
    for tier in tiers:
        table.add_column(_text(labels.tier(tier)), justify="right")
    for city, rows in _by_city(plan.reserves):
        cells = {row.tier: f"{row.left}/{row.teams}" for row in rows}
        table.add_row(_text(city), *(cells.get(tier, "") for tier in tiers))
    return table


def _by_city(reserves: Iterable[Reserve]) -> Iterator[tuple[str, list[Reserve]]]:
    cities: dict[str, list[Reserve]] = {}
    for row in reserves:
        cities.setdefault(pick(row.city, row.city_en), []).append(row)
    yield from cities.items()


def _stages(plan: Plan) -> Table:
    table = Table(title=_("Proof"), title_justify="left")
    for heading in (_("Stage"), _("Value"), _("Bound"), _("Gap"), _("Ended")):
        table.add_column(
            heading, justify="left" if heading in (_("Stage"), _("Ended")) else "right"
        )
    for stage in plan.stages:
        table.add_row(
            _text(labels.stage(stage.name)),
            f"{stage.value:,}",
            f"{stage.bound:,}",
            f"{stage.gap:.2%}",
            _text(labels.termination(stage.termination)),
        )
    return table


def _remarks(plan: Plan) -> Iterator[str]:
    worth = plan.privilege
    if worth.toll_free:
        yield _(
            "Toll-free passage: {minutes:,.0f} min saved over all orders, {yuan:,.0f} yuan waived."
        ).format(minutes=worth.minutes_saved, yuan=worth.toll_waived_yuan)
    carried = [order for order in plan.orders if order.mode != "road"]
    if carried:
        saved_s = sum(o.by_road_s - o.arrive_s for o in carried if o.by_road_s is not None)
        yield _(
            "By train {trains}, by air {flights}: {minutes:.0f} min sooner than by road, "
            "their vehicles left behind."
        ).format(
            trains=counted.teams(sum(order.mode == "rail" for order in carried)),
            flights=counted.teams(sum(order.mode == "air" for order in carried)),
            minutes=saved_s / 60,
        )
    if count := len(plan.illustrative):
        text = ngettext(
            "Illustrative: this plan leans on {count} record invented for illustration "
            "(marked *). It is no basis for sending people.",
            "Illustrative: this plan leans on {count} records invented for illustration "
            "(marked *). They are no basis for sending people.",
            count,
        )
        yield f"[yellow]{text.format(count=f'{count:,}')}[/yellow]"
