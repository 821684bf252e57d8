"""What a briefing says: eight pages of blocks, for slides and paper alike.

This module chooses the words; ``briefing_pptx``, ``briefing_docx``,
``briefing_pdf`` and ``briefing_html`` lay them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from geopandas import GeoDataFrame

from dispatch.i18n import _, ngettext, pick, unit_of
from dispatch.plan.plan import Plan
from dispatch.render import counted, labels
from dispatch.render.briefing_tables import (
    force_table,
    illustrative_table,
    incident_table,
    need_table,
    outcome_table,
    proof_table,
    reserve_table,
    tier_table,
)
from dispatch.render.closures import closure_lines
from dispatch.render.fitting import Table
from dispatch.render.outcome import Outcome, outcome, remedies_of
from dispatch.render.stand_down import stand_down_lines
from dispatch.render.view import View, view

CONTROLS: Final = ("province", "city", "county")


NOTED: Final = 4
"""With more incidents than these the note makes room for them and stands on the last page."""


@dataclass(frozen=True)
class Words:
    """A paragraph; ``tone`` is plain, strong, alarm or soft."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True)
class Points:
    """A list with an optional heading, numbered where the order counts.

    ``rest`` is said in place of items for which there is no room, with the
    blank rest for their number.
    """

    items: tuple[str, ...]
    heading: str = ""
    numbered: bool = False
    rest: str = "… {rest}"

    def first(self, count: int) -> tuple[str, ...]:
        """Return so many items, and what is said of the others."""
        rest = len(self.items) - count
        if rest <= 0:
            return self.items
        return (*self.items[:count], self.rest.format(rest=rest))


@dataclass(frozen=True)
class Tiles:
    """Figures in large type, each with its name."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Picture:
    """A drawing: ``map`` or ``timeline``, with words for who can't see it."""

    name: str
    alt: str


@dataclass(frozen=True)
class Beside:
    """Blocks side by side, where there is room; else one under the other."""

    blocks: tuple[Table, ...]


Block = Words | Points | Tiles | Picture | Table | Beside


@dataclass(frozen=True)
class Page:
    """A slide, or a section on paper."""

    title: str
    blocks: tuple[Block, ...]

    def laid(self) -> Iterator[tuple[Block, bool]]:
        """Yield the blocks, and whether each leads to a table and stays with it on one sheet."""
        for block, below in zip_longest(self.blocks, self.blocks[1:]):
            yield block, isinstance(below, Table | Beside)


def briefing(
    plan: Plan, against: Plan | None = None, closures: GeoDataFrame | None = None
) -> tuple[Page, ...]:
    """Return the eight pages of a briefing, in the language in use.

    Parameters
    ----------
    plan : Plan
    against : Plan, optional
        Another plan for comparison, told beside the figures of this one.
    closures : GeoDataFrame, optional
        Of the scenario, from :func:`dispatch.plan.shut.closure_shapes`.
    """
    shown = view(plan)
    now = outcome(plan)
    return (
        _decision(shown, now),
        _situation(shown, closures),
        Page(_("Map"), (Picture("map", _("Map of routes, teams and incidents")),)),
        _force(shown),
        Page(_("Timeline"), (Picture("timeline", _("Who is under way when, and what is late")),)),
        _needs(shown),
        _reserves_and_cost(plan, against),
        _basis(shown),
    )


def _decision(shown: View, now: Outcome) -> Page:
    asked = Points(tuple(_asked(shown, now)), _("Decision asked for"), numbered=True)
    blocks: list[Block] = [
        Words(f"{shown.start()} · {labels.level(shown.plan.level)}", "strong"),
        Tiles(figures_of(shown, now)),
        asked,
    ]
    if shown.illustrative:
        blocks.append(Words(warning_of(shown), "alarm"))
    return Page(pick(shown.plan.title, shown.plan.title_en), tuple(blocks))


def figures_of(shown: View, now: Outcome) -> tuple[tuple[str, str], ...]:
    """Return the figures of a plan that are read first, each with its name."""
    return (
        (_("teams sent"), f"{now.teams:,}"),
        (_("people"), f"{now.people:,}"),
        (_("needs met in full"), f"{now.met}/{now.needs}"),
        (_("of these on time"), f"{now.on_time}/{now.needs}"),
        (_("first arrival"), "—" if now.first_s is None else shown.clock(now.first_s)),
        (_("last arrival"), "—" if now.last_s is None else shown.clock(now.last_s)),
    )


def _asked(shown: View, now: Outcome) -> Iterator[str]:
    heads = dict.fromkeys(
        (c.incident.level, pick(c.incident.headquarters, c.incident.headquarters_en))
        for c in shown.cards
        if c.incident.level
    )
    for level, headquarters in heads:
        yield _("Declare {level}; command by {headquarters}").format(
            level=labels.level(level), headquarters=headquarters or "—"
        )
    by_control = {
        code: sum(row.order.control_level == code for row in shown.rows) for code in CONTROLS
    }
    split = _(", ").join(
        f"{labels.control_level(code)} {count}" for code, count in by_control.items() if count
    )
    if shown.rows:
        text = (
            _("Send {teams} with {people} ({split})") if split else _("Send {teams} with {people}")
        )
        teams, people = counted.teams(now.teams), counted.people(now.people)
        yield text.format(teams=teams, people=people, split=split)
    if shown.plan.toll_free:
        yield _("Grant toll-free passage: {yuan} yuan waived, {minutes} min saved").format(
            yuan=f"{now.toll_waived_yuan:,.0f}", minutes=f"{now.minutes_saved:,.0f}"
        )
    if now.floors_missing:
        yield _("Allow reserve floors to fall short by {teams}").format(
            teams=counted.teams(now.floors_missing)
        )
    if now.needs > now.met:
        count = now.needs - now.met
        yield ngettext(
            "Decide how to cover the {count} need that is not met in full",
            "Decide how to cover the {count} needs that are not met in full",
            count,
        ).format(count=count)


def _situation(shown: View, closures: GeoDataFrame | None) -> Page:
    commands = dict.fromkeys(
        (c.incident.level, pick(c.incident.command, c.incident.command_en))
        for c in shown.cards
        if c.incident.command
    )
    blocks: list[Block] = [incident_table(shown)]
    if commands:
        items = tuple(f"{labels.level(level)}: {text}" for level, text in commands)
        blocks.append(Points(items, _("Who commands")))
    if shut := tuple(closure_lines(shown, closures)):
        blocks.append(Points(shut, _("Closures"), rest=_("… {rest} more on the map")))
    if len(shown.cards) <= NOTED:
        blocks += _note(shown.plan)
    return Page(_("Situation, level and the rule that sets it"), tuple(blocks))


def _note(plan: Plan) -> list[Block]:
    note = pick(plan.note, plan.note_en)
    return [Words(note, "soft")] if note else []


def _force(shown: View) -> Page:
    blocks: list[Block] = [tier_table(shown), force_table(shown)]
    if ended := stand_down_lines(shown.plan.stood_down):
        blocks.append(Points(ended, _("Stood down")))
    return Page(_("Force"), tuple(blocks))


def _needs(shown: View) -> Page:
    late = sum(d.met_by_target < d.met for c in shown.cards for d in c.incident.demands)
    unmet = len(shown.unmet)
    if unmet:
        text = ngettext(
            "{count} need is not met in full", "{count} needs are not met in full", unmet
        )
        lead = Words(text.format(count=unmet), "alarm")
    elif late:
        lead = Words(_("Every need is met; {count} of them partly late").format(count=late))
    else:
        lead = Words(_("Every need is met on time"))
    blocks: list[Block] = [lead, need_table(shown)]
    told = *_gaps(shown), *_chosen(shown)
    if told:
        heading = _("Why, and what would help") if unmet else _("Why these teams")
        rest = _("… {rest} more in the workbook of orders")
        blocks.append(Points(told, heading, rest=rest))
    return Page(_("Needs"), tuple(blocks))


def _gaps(shown: View) -> Iterator[str]:
    for card, demand in shown.unmet:
        name = pick(demand.capability_name, demand.capability_name_en)
        lack = _("lacks {unmet} {unit}").format(
            unmet=f"{demand.unmet:,}", unit=unit_of(demand.unmet, demand.unit, demand.unit_en)
        )
        why = [pick(reason.text_zh, reason.text_en) for reason in demand.reasons[:1]]
        help_ = remedies_of(demand)[:2]
        text = f"{card.letter} {name} {lack}"
        if why:
            text += _(": {reasons}").format(reasons="; ".join(why))
        if help_:
            text += _(". Remedy: {remedies}").format(remedies="; ".join(help_))
        yield text


def _chosen(shown: View) -> Iterator[str]:
    """Say why these teams serve what is met, first where a nearer one was passed over."""
    found = [
        (card.letter, demand, choice)
        for card in shown.cards
        for demand in card.incident.demands
        for choice in demand.choices
    ]
    for letter, demand, choice in sorted(found, key=lambda row: (row[2].minutes or 0) >= 0):
        name = pick(demand.capability_name, demand.capability_name_en)
        yield f"{letter} {name}: {pick(choice.text_zh, choice.text_en)}"


def _reserves_and_cost(plan: Plan, against: Plan | None) -> Page:
    title = _("Reserves left, cost and toll")
    if against is not None:
        title = _("Reserves left, cost and toll, alternatives compared")
    return Page(title, (Beside((outcome_table(plan, against), reserve_table(plan))),))


def _basis(shown: View) -> Page:
    plan, made = shown.plan, shown.plan.provenance
    assumed = (
        _("A team travels in convoy at the pace of its slowest vehicle, after mobilising."),
        _("Traffic, crowding and weather count only as far as the scenario closes or slows roads."),
        _("All rescue vehicles pass free of toll.")
        if plan.toll_free
        else _("Only vehicles exempt by law pass free of toll."),
        _("Made by dispatch {version}, {solver}, seed {seed}; input tables: {count}.").format(
            version=made.dispatch_version,
            solver=made.solver,
            seed=made.seed,
            count=len(made.inputs),
        ),
        _("Roads © OpenStreetMap contributors, ODbL 1.0.")
        + " "
        + _("Sources of every table: data/SOURCES.md."),
    )
    blocks: list[Block] = [Points(assumed, _("Assumptions"))]
    if len(shown.cards) > NOTED:
        blocks += _note(plan)
    if plan.illustrative:
        blocks.append(Words(warning_of(shown), "alarm"))
        blocks.append(Beside((proof_table(plan), illustrative_table(plan))))
    else:
        blocks.append(proof_table(plan))
    return Page(_("Assumptions, proof and illustrative data"), tuple(blocks))


def warning_of(shown: View) -> str:
    """Return the warning of a plan that leans on invented records."""
    count = len(shown.plan.illustrative)
    return ngettext(
        "This plan leans on {count} record invented for illustration. It is no basis for "
        "sending people.",
        "This plan leans on {count} records invented for illustration. They are no basis for "
        "sending people.",
        count,
    ).format(count=f"{count:,}")
