"""Two plans side by side, as a table on a terminal, a page, CSV or JSON.

Everything is first said as sections of rows of five cells: of what, which
figure, plan A, plan B, and the difference.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Final

from rich import markup
from rich.console import RenderableType
from rich.table import Table

from dispatch.i18n import _, ngettext, pick, speaking
from dispatch.plan.comparison import Comparison, Coverage, Figure, Service, TeamChange, Trip
from dispatch.plan.escalate import Escalation
from dispatch.plan.plan import FloorState, Stage
from dispatch.plan.write import as_text
from dispatch.render import labels
from dispatch.render.pages import template
from dispatch.render.text import plain

NONE: Final = "—"
Cells = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Section:
    """Rows of one kind: of what, which figure, plan A, plan B, difference."""

    title: str
    rows: tuple[Cells, ...]


def comparison_tables(found: Comparison) -> Iterator[RenderableType]:
    """Yield a comparison as tables on a terminal, in the language in use."""
    yield f"[bold]A[/bold]  {markup.escape(plain(pick(found.title_a, found.title_a_en)))}"
    yield f"[bold]B[/bold]  {markup.escape(plain(pick(found.title_b, found.title_b_en)))}"
    for section in sections(found, changed_only=True):
        yield _table(section)
    yield _unchanged(found)


def _unchanged(found: Comparison) -> str:
    return ngettext(
        "{count} team does the same in both plans.",
        "{count} teams do the same in both plans.",
        found.unchanged,
    ).format(count=found.unchanged)


def comparison_json(found: Comparison | Escalation) -> bytes:
    """Return a comparison as JSON in UTF-8, field by field."""
    return (json.dumps(asdict(found), ensure_ascii=False, indent=1) + "\n").encode()


def comparison_csv(found: Comparison) -> bytes:
    """Return a comparison as CSV in UTF-8 with its mark; no cell is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("section", "item", "figure", "a", "b", "difference"))
    for section in sections(found):
        for row in section.rows:
            names = (as_text(text) for text in (section.title, *row[:2]))
            writer.writerow([*names, *(_cell(cell) for cell in row[2:])])
    return text.getvalue().encode("utf-8-sig")


def comparison_html(found: Comparison, *, lang: str) -> bytes:
    """Return a comparison as a page that runs no script and asks no host for anything."""
    with speaking(lang):
        page = template("comparison.html").render(
            title=_("Two plans side by side"),
            a=pick(found.title_a, found.title_a_en),
            b=pick(found.title_b, found.title_b_en),
            headings=_headings(),
            sections=sections(found),
            same=_unchanged(found),
            html_lang={"zh": "zh-CN", "en": "en"}[lang],
        )
    return page.encode()


def sections(found: Comparison, *, changed_only: bool = False) -> tuple[Section, ...]:
    """Return a comparison as rows of text in the language in use; empty sections are left out.

    With ``changed_only`` the figures of needs that are alike in both plans are left out, and
    reserve floors that both of them keep.
    """
    needs = tuple(row for row in _demands(found) if not changed_only or row[2] != row[3])
    floors = _floors(found, eaten_only=changed_only)
    parts = (
        Section(_("Decided otherwise"), tuple(_settings(found))),
        Section(_("Totals"), tuple(_figure(figure) for figure in found.figures)),
        Section(_("Needs met, by incident and priority"), tuple(_coverage(found))),
        Section(_("Needs"), needs),
        Section(_("Teams that changed"), tuple(_team(team) for team in found.teams)),
        Section(_("Teams that stay behind, where different"), tuple(_reserves(found))),
        Section(_("Reserve floors, where different or eaten into"), tuple(floors)),
        Section(_("Proof"), tuple(_stages(found))),
    )
    return tuple(part for part in parts if part.rows)


def _headings() -> Cells:
    return _("Of"), _("Figure"), "A", "B", _("Difference")


def _table(section: Section) -> Table:
    table = Table(title=section.title, title_justify="left")
    for heading, justify in zip(_headings(), ("left", "left", *["right"] * 3), strict=True):
        table.add_column(heading, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in section.rows:
        table.add_row(*map(markup.escape, row))
    return table


def _settings(found: Comparison) -> Iterator[Cells]:
    names = {
        "start": _("start"),
        "level": _("level"),
        "level_asked": _("level asked for"),
        "toll_free": _("toll-free passage"),
        "modes_allowed": _("modes allowed"),
        "modes": _("modes used"),
        "train_lead": _("special trains after, min"),
        "rail_kit": _("kit by rail, kg a person"),
        "weather": _("weather"),
        "visibility": _("visibility, m"),
        "ceiling": _("cloud base, m"),
        "wind": _("wind, m/s"),
        "site_landing": _("landing at the sites"),
        "closure": _("closed"),
        "lost": _("lost"),
        "opened": _("taken into use"),
        "input": _("input file"),
    }
    for one in found.settings:
        code, _colon, subject = one.code.partition(":")
        name = names[code]
        a, b = (_setting(code, text) for text in (one.a, one.b))
        subject = plain(pick(subject, one.subject_en))
        yield subject or _("whole plan"), name, a or NONE, b or NONE, ""


def _setting(code: str, text: str) -> str:
    """Return what a plan was told in words."""
    match code:
        case "toll_free" | "site_landing" | "closure" | "lost" | "opened":
            return {"yes": _("yes"), "no": _("no")}.get(text, plain(text))
        case "weather":
            return labels.weather(text)
        case "modes" | "modes_allowed":
            return _(", ").join(labels.mode(mode) for mode in text.split())
        case "input":
            return plain(text[:12])
    return plain(text)


def _figure(figure: Figure) -> Cells:
    names = {
        "needs": _("needs"),
        "met": _("needs met in full"),
        "on_time": _("of these on time"),
        "first": _("first arrival, min"),
        "last": _("last arrival, min"),
        "weighted": _("arrival weighted by priority, unmet at its latest time, min"),
        "teams": _("teams sent"),
        "people": _("people"),
        "vehicles": _("vehicles by road"),
        "toll_paid": _("toll paid, yuan"),
        "toll_waived": _("toll waived, yuan"),
        "cost": _("cost with compensation, yuan"),
        "left": _("teams that stay behind"),
        "floors": _("teams missing from reserve floors"),
        "illustrative": _("records used that are illustrative"),
    }
    digits = 1 if figure.unit == "min" else 0
    return _row(_("whole plan"), names[figure.code], figure.a, figure.b, digits)


def _coverage(found: Comparison) -> Iterator[Cells]:
    for one in found.coverage:
        name = plain(pick(one.name, one.name_en))
        of = _("{name}, priority {priority}").format(name=name, priority=one.priority)
        for text, field in ((_("needs met in full"), "met"), (_("of these on time"), "on_time")):
            a, b = (_share(side, field) for side in (one.a, one.b))
            change = NONE
            if one.a and one.b:
                change = f"{getattr(one.b, field) - getattr(one.a, field):+d}"
            yield of, text, a, b, change


def _share(side: Coverage | None, field: str) -> str:
    return NONE if side is None else f"{getattr(side, field)}/{side.needs}"


def _demands(found: Comparison) -> Iterator[Cells]:
    for one in found.demands:
        what = plain(pick(one.capability, one.capability_en))
        unit = plain(pick(one.unit, one.unit_en))
        of = f"{plain(pick(one.incident, one.incident_en))} · {what}, {unit} ({one.priority})"
        for name, field, digits in (
            (_("wanted"), "quantity", 0),
            (_("by target"), "by_target", 0),
            (_("met"), "met", 0),
            (_("first arrival, min"), "first_min", 1),
            (_("last arrival, min"), "last_min", 1),
            (_("mean arrival, min"), "mean_min", 1),
        ):
            yield _row(of, name, _of(one.a, field), _of(one.b, field), digits)


def _of(side: Service | None, field: str) -> float | None:
    return None if side is None else getattr(side, field)


def _team(team: TeamChange) -> Cells:
    codes = {
        "only_a": _("only in A"),
        "only_b": _("only in B"),
        "moved": _("to another incident"),
        "way": _("another way"),
        "time": _("another arrival"),
        "task": _("other work"),
    }
    minutes = NONE if team.minutes is None else _("{minutes:+.1f} min").format(minutes=team.minutes)
    name = plain(pick(team.name, team.name_en))
    return name, codes[team.code], _trip(team.a), _trip(team.b), minutes


def _trip(trip: Trip | None) -> str:
    if trip is None:
        return NONE
    name = plain(pick(trip.incident, trip.incident_en))
    return _("{name}, {mode}, after {minutes:.1f} min").format(
        name=name, mode=labels.mode(trip.mode), minutes=trip.arrive_min
    )


def _reserves(found: Comparison) -> Iterator[Cells]:
    for one in found.reserves:
        if one.a != one.b:
            city = plain(pick(one.city, one.city_en))
            yield _row(city, labels.tier(one.tier), one.a, one.b, 0)


def _floors(found: Comparison, *, eaten_only: bool) -> Iterator[Cells]:
    for one in found.floors:
        gone = sum(side.missing for side in (one.a, one.b) if side)
        if not gone and (eaten_only or one.a == one.b):
            continue
        change = f"{one.b.left - one.a.left:+d}" if one.a and one.b else NONE
        area, text = (
            plain(pick(*names)) for names in ((one.area, one.area_en), (one.text, one.text_en))
        )
        if "illustrative" in {side.status for side in (one.a, one.b) if side}:
            text = _("{text} (illustrative)").format(text=text)
        yield area, text, _floor(one.a), _floor(one.b), change


def _floor(side: FloorState | None) -> str:
    if side is None:
        return NONE
    words = {"left": side.left, "required": side.required, "missing": side.missing}
    if side.missing:
        return _("{left} stay of {required} required: {missing} missing").format(**words)
    return _("{left} stay, {required} required").format(**words)


def _stages(found: Comparison) -> Iterator[Cells]:
    for one in found.stages:
        change = f"{one.b.value - one.a.value:+,}" if one.a and one.b else NONE
        yield labels.stage(one.name), _("value, gap"), _proof(one.a), _proof(one.b), change


def _proof(stage: Stage | None) -> str:
    if stage is None:
        return NONE
    return f"{stage.value:,}, {stage.gap:.2%}, {labels.termination(stage.termination)}"


def _row(of: str, name: str, a: float | None, b: float | None, digits: int) -> Cells:
    texts = [NONE if value is None else f"{value:,.{digits}f}" for value in (a, b)]
    change = NONE if a is None or b is None else f"{b - a:+,.{digits}f}"
    return of, name, texts[0], texts[1], change


def _cell(text: str) -> object:
    """Return a number as it stands, and a text that no spreadsheet takes for a formula."""
    try:
        float(text.replace(",", ""))
    except ValueError:
        return as_text(text)
    return text.replace(",", "")
