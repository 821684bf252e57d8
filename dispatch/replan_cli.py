"""``dispatch replan``: a plan goes on after events, from where everybody is."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from math import floor
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.console import Console

from dispatch.cli_language import speak
from dispatch.doctrine import load_doctrine
from dispatch.errors import Fault, InputError
from dispatch.i18n import LANGUAGES, _, language
from dispatch.map_page import map_page
from dispatch.plan.build import unproved
from dispatch.plan.changes import OrderChange, changes_of, needs_changed
from dispatch.plan.happened import check_events
from dispatch.plan.plan import Plan
from dispatch.plan.read import read_plan
from dispatch.plan.replan import TURN_MIN
from dispatch.plan.replan import replan as replanned
from dispatch.plan.roads import with_roads
from dispatch.plan.write import staged_folder, write_plan
from dispatch.registry import Registry, data_dir, load_registry
from dispatch.render.changes import changes_csv, changes_tables
from dispatch.render.table import plan_tables, unmet_at_priority_1
from dispatch.scenario import Scenario, load_scenario
from dispatch.scenario.events import load_events
from dispatch.scenario.records import MAX_MIN

WIDTH_IN_A_PIPE = 160
UNMET = 1
SCENARIO_FILE = "scenario.yaml"


def replan(
    plan: Annotated[
        Path, typer.Argument(metavar="PLAN", help=_("Folder of a plan, or its plan.json."))
    ],
    events: Annotated[Path, typer.Argument(metavar="EVENTS", help=_("File of events (YAML)."))],
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help=_("When: +HH:MM after the start, or ISO."))
    ],
    scenario: Annotated[
        Path | None,
        typer.Option("--scenario", metavar="FILE", help=_("The plan's scenario.")),
    ] = None,
    turn_min: Annotated[
        float,
        typer.Option(
            "--turn-min",
            metavar="MINUTES",
            min=0,
            help=_("Priority-weighted minutes that turning a team under way must be worth."),
        ),
    ] = TURN_MIN,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help=_("Output folder; out/NAME-replan by default.")),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="DIR", help=_("Folder of tables; the bundled ones by default.")
        ),
    ] = None,
    roads: Annotated[
        Path | None,
        typer.Option(
            "--roads", metavar="FILE.gpkg", help=_("Road network that the plan was made on.")
        ),
    ] = None,
    time_limit_s: Annotated[
        float,
        typer.Option("--time-limit", metavar="SECONDS", min=0.1, help=_("Limit for the solver.")),
    ] = 60.0,
    seed: Annotated[int, typer.Option("--seed", help=_("Seed of the solver."))] = 0,
    lang: Annotated[
        str | None,
        typer.Option("--lang", metavar="|".join(LANGUAGES), help=_("Language of all output.")),
    ] = None,
) -> None:
    """Plan on after events."""
    speak(lang)
    old = read_plan(plan)
    at_s = seconds_of(at, old)
    told = load_scenario(scenario or _beside(plan) / SCENARIO_FILE)
    _same(old, told)
    happened, lines = load_events(events)
    folder = data or data_dir()
    registry = load_registry(folder)
    if roads is not None:
        registry = with_roads(registry, roads)
    _same_roads(old, registry)
    doctrine = load_doctrine(folder)
    check_events(events.name, lines, happened, old, registry, told, doctrine)
    found = replanned(
        registry,
        doctrine,
        told,
        old,
        happened,
        at_s,
        turn_min=turn_min,
        time_limit_s=time_limit_s,
        seed=seed,
    )
    text = yaml.safe_dump(
        found.scenario.model_dump(mode="json", exclude_none=True),
        allow_unicode=True,
        sort_keys=False,
    )
    new = _with_inputs(found.plan, text, events)
    changes = changes_of(old, new, found.broken, found.keeping)
    target = out or Path("out") / f"{old.scenario}-replan"
    with staged_folder(target) as stage:
        write_plan(new, stage)
        (stage / SCENARIO_FILE).write_text(text, encoding="utf-8")
        (stage / "changes.csv").write_bytes(changes_csv(new, changes))
        page = map_page(new, registry, found.scenario, before=old)
        (stage / "map.html").write_bytes(page.encode("utf-8"))
        sheets = _sheets(new, changes, registry, at_s)
        for name, content in sheets.items():
            (stage / name).parent.mkdir(exist_ok=True)
            (stage / name).write_bytes(content)
    console = Console(width=None if sys.stdout.isatty() else WIDTH_IN_A_PIPE)
    needs = needs_changed(old, found.keeping, new)
    for part in (*plan_tables(new), *changes_tables(new, changes, needs)):
        console.print(part)
    text = _(
        "Against keeping the old orders: {minutes:,.0f} priority-weighted min better, "
        "what is unmet taken to come at its latest time."
    )
    console.print(text.format(minutes=found.gain_min))
    console.print(
        _("Turning a team under way had to be worth {minutes:.0f} min.").format(minutes=turn_min)
    )
    if unproved(new.stages):
        text = _("Not proved: no solver finished in time. The plan is checked; a better may exist.")
        console.print(f"[yellow]{text}[/yellow]")
    console.print(_("Written: {folder}").format(folder=target), highlight=False, markup=False)
    if unmet_at_priority_1(new):
        raise typer.Exit(UNMET)


def _sheets(
    plan: Plan, changes: Sequence[OrderChange], registry: Registry, at_s: int
) -> Mapping[str, bytes]:
    """Return sheets for the changed orders; none without the extra that writes them."""
    try:
        from dispatch.render.changed_sheets import changed_sheets
        from dispatch.render.orders import service_names
    except ImportError:
        return {}
    return changed_sheets(
        plan,
        {
            change.order.team_id: change.before is not None
            for change in changes
            if change.after is not None
        },
        at_s=at_s,
        vehicles=registry["teams/vehicles"],
        profiles=registry["network/profiles"],
        capabilities=registry["teams/capabilities"],
        teams=registry.teams,
        services=service_names(registry.tables),
        lang=language(),
    )


def seconds_of(text: str, plan: Plan) -> int:
    """Return a time given as +HH:MM or ISO 8601 in seconds after the start of the plan.

    Raises
    ------
    InputError
        If it is neither, or lies before the start or too long after it.
    """
    remedy = _("write +HH:MM after the start {start}, or a time like it").format(start=plan.start)
    start = datetime.fromisoformat(plan.start)
    try:
        seconds = _seconds(text, start)
    except ValueError:
        raise InputError(Fault("--at", None, None, text, _("is not a time"), remedy)) from None
    if seconds < 0:
        problem = _("lies before the start of the plan")
    elif seconds > MAX_MIN * 60:
        problem = _("lies more than thirty days after the start of the plan")
    else:
        return seconds
    raise InputError(Fault("--at", None, None, text, problem, remedy))


def _seconds(text: str, start: datetime) -> int:
    if after := re.fullmatch(r"\+(\d{1,3}):([0-5]\d)", text):
        return int(after[1]) * 3600 + int(after[2]) * 60
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=start.tzinfo)
    return floor((moment - start).total_seconds())


def _same(plan: Plan, scenario: Scenario) -> None:
    """Refuse a scenario that the plan was not made from."""
    if scenario.sha256 not in dict(plan.provenance.inputs).values():
        problem = _("is not the scenario of this plan, or has been changed since")
        remedy = _("name it with --scenario FILE")
        raise InputError(Fault(scenario.file, None, None, None, problem, remedy))


def _same_roads(plan: Plan, registry: Registry) -> None:
    """Refuse to go on along roads on which the plan was not made."""
    inputs, table = dict(plan.provenance.inputs), "network/links"
    if inputs.get(f"{table}.csv") != registry.sha256[table]:
        problem = _("was made on another road network")
        remedy = _("name that one with --roads FILE, or its tables with --data DIR")
        raise InputError(Fault(plan.scenario, None, None, None, problem, remedy))


def _with_inputs(plan: Plan, scenario: str, events: Path) -> Plan:
    inputs = dict(plan.provenance.inputs) | {
        SCENARIO_FILE: sha256(scenario.encode()).hexdigest(),
        events.name: sha256(events.read_bytes()).hexdigest(),
    }
    return replace(plan, provenance=replace(plan.provenance, inputs=tuple(sorted(inputs.items()))))


def _beside(plan: Path) -> Path:
    return plan if plan.is_dir() else plan.parent


def add_replan(app: typer.Typer) -> None:
    """Add the command to the main one."""
    app.command("replan", help=_("Plan on after events, and tell which orders change."))(replan)
