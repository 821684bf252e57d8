"""A supply plan as tables on a terminal: what is short first, then what moves and who drives."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from dispatch.i18n import _, ngettext, pick
from dispatch.plan.supply import SupplyPlan, Undelivered
from dispatch.render import counted, labels
from dispatch.render.supply_view import SupplyView
from dispatch.render.text import plain

SHOWN: Final = 40
"""Rows of a table before the others are only counted; the files hold all."""

TOLD: Final = 2
"""Remedies in a cell before the others are only counted."""


def supply_tables(plan: SupplyPlan) -> Iterator[RenderableType]:
    """Yield what a commander reads of a supply plan."""
    view = SupplyView(plan)
    people = sum(place.people for place in plan.places if place.kind == "shelter")
    shelters = sum(place.kind == "shelter" for place in plan.places)
    title = escape(plain(pick(plan.title, plan.title_en)))
    counts = counted.shelters(shelters), counted.people(people), counted.days(plan.days)
    told = _(", ").join(counts)
    yield f"[bold]{title}[/bold]  {told}"
    if plan.shortages:
        yield from _shortages(view)
    else:
        yield _("Nothing is short, and nothing is late.")
    yield _coverage(view)
    yield _days(view)
    if plan.undelivered:
        yield from _waiting(view)
    if left := left_at_end(plan):
        yield from _left(view, left)
    yield _proof(view)
    if plan.illustrative:
        text = ngettext(
            "{count} illustrative record is behind this plan: for drill, not for command.",
            "{count} illustrative records are behind this plan: for drill, not for command.",
            len(plan.illustrative),
        )
        yield f"[yellow]{text.format(count=f'{len(plan.illustrative):,}')}[/yellow]"


def unmet_supply_at_priority_1(plan: SupplyPlan) -> bool:
    """Whether a need of the first priority never comes to its hub."""
    return any(row.priority == 1 and row.unmet > 0 for row in plan.supplied)


def left_at_end(plan: SupplyPlan) -> tuple[Undelivered, ...]:
    """Return what no vehicle has brought by the end of the last day."""
    return tuple(row for row in plan.undelivered if row.day == plan.days)


def _table(title: str, *headings: str, right: Sequence[int] = ()) -> Table:
    table = Table(title=escape(title), title_justify="left")
    for number, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", justify="right" if number in right else "left")
    return table


def _shortages(view: SupplyView) -> Iterator[RenderableType]:
    plan = view.plan
    table = _table(
        _("Short: why, and what would help"),
        _("Place"), _("Item"), _("From day"), _("Never comes"), _("Comes late"),
        _("Why"), _("Cheapest remedy"),
        right=(2, 3, 4),
    )  # fmt: skip
    worst = sorted(plan.shortages, key=lambda row: (row.unmet == 0, row.first_day))
    for row in worst[:SHOWN]:
        cells = (
            view.place(row.hub),
            view.item(row.item_code),
            f"{row.first_day}",
            view.counted(row.item_code, row.unmet) if row.unmet else "—",
            view.counted(row.item_code, row.late) if row.late else "—",
            plain(pick(row.text_zh, row.text_en)),
            plain(pick(row.remedy_zh, row.remedy_en)) or "—",
        )
        table.add_row(*(escape(cell) for cell in cells))
    yield table
    if len(worst) > SHOWN:
        yield _("… and {count} more").format(count=len(worst) - SHOWN)


def _coverage(view: SupplyView) -> Table:
    """Return the worst item of each hub and priority, in hundredths of what is wanted."""
    table = _table(
        _("What the hubs get of what they want"),
        _("Place"), _("Priority"), _("On the day"), _("With what comes late"), _("Least of all"),
        right=(1, 2, 3),
    )  # fmt: skip
    keys = sorted({(row.hub, row.priority) for row in view.plan.supplied})
    for hub, priority in keys:
        wanted, soon, got = Counter[str](), Counter[str](), Counter[str]()
        for row in view.plan.supplied:
            if (row.hub, row.priority) == (hub, priority):
                wanted[row.item_code] += row.wanted
                soon[row.item_code] += row.on_time
                got[row.item_code] += row.on_time + row.late
        codes = sorted(wanted)
        on_day = min(soon[code] / wanted[code] for code in codes)
        worst = min(codes, key=lambda code: (got[code] / wanted[code], code))
        cells = (
            view.place(hub),
            str(priority),
            f"{on_day:.0%}",
            f"{got[worst] / wanted[worst]:.0%}",
            view.item(worst) if got[worst] < wanted[worst] else "—",
        )
        table.add_row(*(escape(cell) for cell in cells))
    return table


def _days(view: SupplyView) -> Table:
    plan = view.plan
    table = _table(
        _("Day by day"),
        _("Day"), _("Date"), _("Truckloads sent"), _("Arrives, t"), _("Bought, yuan"),
        _("Vehicles to shelters"), _("Brought, t"), _("Waits at hubs, t"),
        right=(0, 2, 3, 4, 5, 6, 7),
    )  # fmt: skip
    for day in range(1, plan.days + 1):
        routes = [route for route in plan.routes if route.day == day]
        brought = (drop.goods for route in routes for one in route.rounds for drop in one.drops)
        cells = (
            str(day),
            view.date(day),
            f"{sum(m.truck_loads for m in plan.movements if m.day == day):,.1f}",
            f"{sum(view.tonnes(m.goods) for m in plan.movements if m.arrive_day == day):,.1f}",
            f"{sum(one.yuan for one in plan.bought if one.day == day):,}",
            str(len(routes)),
            f"{sum(view.tonnes(goods) for goods in brought):,.1f}",
            f"{sum(view.tonnes(row.goods) for row in plan.undelivered if row.day == day):,.1f}",
        )
        table.add_row(*cells)
    return table


def _left(view: SupplyView, left: Sequence[Undelivered]) -> Iterator[RenderableType]:
    table = _table(
        _("Still at the hubs after the last day"),
        _("Shelter"), _("Goods"), _("Why"), _("Proved"), _("Cheapest remedy"),
    )  # fmt: skip
    for row in left[:SHOWN]:
        cells = (
            view.place(row.shelter),
            view.listed(row.goods),
            plain(pick(row.text_zh, row.text_en)),
            _("yes") if row.proved else _("no"),
            plain(pick(row.remedy_zh, row.remedy_en)) or "—",
        )
        table.add_row(*(escape(cell) for cell in cells))
    yield table
    if len(left) > SHOWN:
        yield _("… and {count} more").format(count=len(left) - SHOWN)


def _waiting(view: SupplyView) -> Iterator[RenderableType]:
    """Yield what waits at each hub at the end of each day, and what would bring it at once."""
    plan = view.plan
    hub_of = {place.place_id: place.hub for place in plan.places}
    relief = {(row.hub, row.day): pick(row.text_zh, row.text_en) for row in plan.relief}
    by_hub: defaultdict[tuple[str, int], list[Undelivered]] = defaultdict(list)
    for row in plan.undelivered:
        by_hub[hub_of[row.shelter], row.day].append(row)
    table = _table(
        _("Waits at the hubs at the end of the day"),
        _("Place"), _("Day"), _("Shelters"), _("Waits, t"), _("Goes out by day"), _("Why"),
        _("Cheapest remedy"),
        right=(1, 2, 3, 4),
    )  # fmt: skip
    for (hub, day), rows in list(by_hub.items())[:SHOWN]:
        by = 0 if any(row.comes_day == 0 for row in rows) else max(row.comes_day for row in rows)
        reasons = dict.fromkeys(plain(pick(row.text_zh, row.text_en)) for row in rows)
        remedies = [plain(pick(row.remedy_zh, row.remedy_en)) for row in rows]
        told = plain(relief.get((hub, day), "")) or _few(list(dict.fromkeys(remedies)))
        cells = (
            view.place(hub),
            str(day),
            str(len({row.shelter for row in rows})),
            f"{sum(view.tonnes(row.goods) for row in rows):,.1f}",
            str(by) if by else "—",
            _("; ").join(reasons),
            told or "—",
        )
        table.add_row(*(escape(cell) for cell in cells))
    yield table
    if len(by_hub) > SHOWN:
        yield _("… and {count} more").format(count=len(by_hub) - SHOWN)


def _few(remedies: Sequence[str]) -> str:
    """Tell the first remedies and count the others, which stand in the files."""
    text = _("; ").join(remedies[:TOLD])
    if len(remedies) > TOLD:
        more = _("{remedies}; {more} more in undelivered.csv")
        return more.format(remedies=text, more=len(remedies) - TOLD)
    return text


def _proof(view: SupplyView) -> Table:
    table = _table(
        _("Proof"), _("Stage"), _("Value"), _("Bound"), _("Gap"), _("Ended"), right=(1, 2, 3)
    )
    for stage in view.plan.stages:
        cells = (
            supply_stage(stage.name),
            f"{stage.value:,}",
            f"{stage.bound:,}",
            f"{stage.gap:.2%}",
            labels.termination(stage.termination),
        )
        table.add_row(*(escape(plain(cell)) for cell in cells))
    return table


def supply_stage(name: str) -> str:
    """Name a stage of sourcing."""
    words = {
        "worst_share_100": _("worst share of the fair portion at priority 1, of 100"),
        "worst_share_10": _("worst share of the fair portion at priority 2, of 100"),
        "worst_share_1": _("worst share of the fair portion at priority 3, of 100"),
        "served": _("served, points"),
        "lateness": _("lateness, points × days"),
        "floors": _("missing from reserves, loads × days"),
        "cost": _("cost, yuan"),
    }
    return words.get(name, plain(name))
