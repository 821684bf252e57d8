"""What one response level up would add, as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import markup
from rich.console import RenderableType
from rich.table import Table

from dispatch.i18n import _, pick
from dispatch.plan.escalate import Escalation, NotAsked, Pool, Step
from dispatch.render import labels
from dispatch.render.comparison import comparison_tables
from dispatch.render.text import plain


def escalation_tables(found: Escalation | None) -> Iterator[RenderableType]:
    """Yield what the next level would add, in the language in use."""
    if found is None:
        yield _("Level I is reached: there is no higher level.")
        return
    if found.steps:
        yield _step_table(found.steps)
    yield from _not_asked(found.not_asked)
    yield "[bold]{}[/bold]".format(
        _("All incidents one level up, the highest at {level}").format(
            level=labels.level(found.higher)
        )
    )
    who = pick(found.headquarters, found.headquarters_en)
    what = pick(found.command, found.command_en)
    yield markup.escape(plain(f"{who}: {what}"))
    if found.pools:
        yield _pool_table(found.pools)
    else:
        yield _("It releases no more teams, and none sooner.")
    yield from comparison_tables(found.comparison)


def _step_table(steps: Sequence[Step]) -> Table:
    title = _("One level up, each incident alone")
    table = Table(title=title, title_justify="left")
    for heading in (
        _("Incident"), _("Level"), _("Teams released, or sooner"), _("Needs met"), _("On time"),
        _("Units more"), _("Sooner, min"), _("Met elsewhere"), _("Teams sent"), _("Yuan"),
        _("Missing from the reserve"),
    ):  # fmt: skip
        table.add_column(heading, overflow="fold")
    for one in steps:
        table.add_row(
            markup.escape(plain(pick(one.incident, one.incident_en))),
            f"{one.level} → {one.higher}",
            f"{one.released}",
            f"{one.met[0]} → {one.met[1]} / {one.needs}",
            f"{one.on_time[0]} → {one.on_time[1]} / {one.needs}",
            f"{one.units:+,}",
            f"{one.sooner_min:+.1f}",
            f"{one.elsewhere:+d}",
            f"{one.sent:+d}",
            f"{one.cost_yuan:+,.0f}",
            f"{one.floors:+d}",
        )
    return table


def _not_asked(incidents: Sequence[NotAsked]) -> Iterator[str]:
    reasons = {
        "met": _("Not asked, as all they need is met on time: {names}"),
        "top": _("Not asked, as they are at level I: {names}"),
        "time": _("Not asked for want of time: {names}"),
    }
    for reason, text in reasons.items():
        names = [pick(one.incident, one.incident_en) for one in incidents if one.reason == reason]
        if names:
            yield markup.escape(plain(text.format(names=_(", ").join(names))))


def _pool_table(pools: Sequence[Pool]) -> Table:
    table = Table(title=_("Teams released, or sooner"), title_justify="left")
    for heading in (
        _("Incident"), _("Tier"), _("Controlled by"), _("Where"), _("Teams"),
        _("Delay now, min"), _("Delay then, min"),
    ):  # fmt: skip
        table.add_column(heading)
    for pool in pools:
        table.add_row(
            markup.escape(plain(pick(pool.incident, pool.incident_en))),
            labels.tier(pool.tier),
            _control(pool.control_level),
            _place(pool.place),
            f"{pool.teams}",
            _("locked") if pool.before_s is None else f"{pool.before_s / 60:g}",
            f"{pool.delay_s / 60:g}",
        )
    return table


def _control(code: str) -> str:
    return {"county": _("county"), "city": _("city"), "province": _("province")}.get(code, code)


def _place(code: str) -> str:
    return {
        "own_county": _("in the county"),
        "own_city": _("in the city"),
        "neighbour_city": _("in a neighbouring city"),
        "province": _("elsewhere in the province"),
    }.get(code, code)
