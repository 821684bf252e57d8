"""The ``dispatch`` command."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

# read when NumPy is loaded, hence here: two threads are slower where matrices are small
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import typer
from rich.console import Console
from rich.markup import escape

import dispatch
from dispatch.brief_cli import add_commands
from dispatch.cli_language import speak
from dispatch.compare_cli import add_commands as add_compare
from dispatch.compare_cli import vehicles_of
from dispatch.doctrine import Doctrine, load_doctrine
from dispatch.errors import DispatchError, Fault, InputError
from dispatch.i18n import LANGUAGES, _
from dispatch.map_cli import add_map
from dispatch.map_page import map_page
from dispatch.optimise.side_by_side import cores
from dispatch.plan import make_plan
from dispatch.plan.available import available
from dispatch.plan.build import unproved
from dispatch.plan.escalate import escalate
from dispatch.plan.plan import Plan
from dispatch.plan.pools import empty_pools
from dispatch.plan.prepare import check_scenario
from dispatch.plan.roads import with_roads
from dispatch.plan.supply import SupplyPlan
from dispatch.plan.supply_build import make_supply
from dispatch.plan.supply_lend import flying_until_s
from dispatch.plan.write import staged_folder, write_plan
from dispatch.registry import Registry, data_dir, load_registry, write_geopackage
from dispatch.render.comparison import comparison_json
from dispatch.render.escalation import escalation_tables
from dispatch.render.listing import frame_table, registry_table, scenario_tables
from dispatch.render.supply_tables import supply_tables, unmet_supply_at_priority_1
from dispatch.render.table import plan_tables, unmet_at_priority_1
from dispatch.render.text import plain
from dispatch.replan_cli import add_replan
from dispatch.roads_cli import roads_app
from dispatch.scenario import Scenario, load_scenario
from dispatch.supply_cli import add_supply, supply_into

PLANNED, UNMET, BAD_INPUT = 0, 1, 2
"""Exit codes: planned, planned with an unmet need at priority 1, bad input."""

WIDTH_IN_A_PIPE = 160

out = Console(width=None if sys.stdout.isatty() else WIDTH_IN_A_PIPE)
err = Console(stderr=True)

app = typer.Typer(
    name="dispatch",
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_(
        "Plan emergency-rescue dispatch in Shanxi Province: who goes, from where, by which "
        "way, with what, arriving when, and what stays behind."
    ),
    epilog=_(
        "Exit codes: 0 planned; 1 planned, but a need of priority 1 is not met; 2 bad input. "
        "The language follows DISPATCH_LANG (zh or en)."
    ),
)
registry_app = typer.Typer(
    no_args_is_help=True, help=_("Look at, check or export the tables of teams, places and roads.")
)
app.add_typer(registry_app, name="registry")
app.add_typer(roads_app, name="roads")
add_commands(app)
add_compare(app)
add_replan(app)
add_supply(app)
add_map(app)

DataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help=_("Folder of tables; the bundled ones by default.")),
]
RoadsOption = Annotated[
    Path | None,
    typer.Option(
        "--roads",
        metavar="FILE.gpkg",
        help=_("Road network to plan on instead of the backbone (from dispatch roads)."),
    ),
]
ScenarioArgument = Annotated[
    Path, typer.Argument(metavar="SCENARIO", help=_("Scenario file (YAML)."))
]
LangOption = Annotated[
    str | None,
    typer.Option("--lang", metavar="|".join(LANGUAGES), help=_("Language of all output.")),
]


def main() -> None:
    """Run the command; faults of the input end in one message and exit code 2."""
    try:
        app()
    except InputError as error:
        for fault in error.faults[:50]:
            err.print(f"[red]✗[/red] {escape(plain(fault))}", highlight=False)
        rest = len(error.faults) - 50
        if rest > 0:
            err.print(_("… and {count} more").format(count=rest))
        sys.exit(BAD_INPUT)
    except DispatchError as error:
        err.print(f"[red]✗[/red] {escape(plain(error))}", highlight=False)
        sys.exit(BAD_INPUT)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"dispatch {dispatch.__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help=_("Show the version and exit.")
        ),
    ] = False,
) -> None:
    pass


@app.command(
    help=_("Plan a scenario and write plan.json, plan.gpkg, assignments.csv and map.html.")
)
def plan(
    scenario: ScenarioArgument,
    out_dir: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help=_("Output folder; out/NAME by default.")),
    ] = None,
    data: DataOption = None,
    roads: RoadsOption = None,
    time_limit_s: Annotated[
        float,
        typer.Option("--time-limit", metavar="SECONDS", min=0.1, help=_("Limit for the solver.")),
    ] = 60.0,
    seed: Annotated[int, typer.Option("--seed", help=_("Seed of the solver."))] = 0,
    raise_level: Annotated[
        bool, typer.Option("--escalate", help=_("Tell what the next higher level would add."))
    ] = False,
    lang: LangOption = None,
) -> None:
    """Plan a scenario."""
    speak(lang)
    told = load_scenario(scenario)
    with _progress(_("reading the tables")):
        registry, doctrine = _load(data, roads)
    with _progress(_("planning")):
        make = partial(make_plan, registry, doctrine=doctrine, time_limit_s=time_limit_s, seed=seed)
        made = make(told)
        higher = (
            escalate(
                registry,
                doctrine,
                told,
                made,
                partial(make, explain_s=0.0),
                vehicles=vehicles_of(registry),
                budget_s=time_limit_s,
            )
            if raise_level
            else None
        )
        supplies = _supplies(registry, told, made, time_limit_s, seed)
    folder = out_dir or Path("out") / told.name
    with _progress(_("writing")), staged_folder(folder) as stage:
        write_plan(made, stage)
        (stage / "scenario.yaml").write_bytes(scenario.read_bytes())
        page = map_page(made, registry, told)
        (stage / "map.html").write_bytes(page.encode("utf-8"))
        if higher is not None:
            (stage / "escalation.json").write_bytes(comparison_json(higher))
        if supplies is not None:
            (stage / "supply").mkdir()
            supply_into(stage / "supply", supplies, registry, told)
    for part in plan_tables(made):
        out.print(part)
    for part in escalation_tables(higher) if raise_level else ():
        out.print(part)
    for part in supply_tables(supplies) if supplies is not None else ():
        out.print(part)
    _warn(registry, doctrine, told)
    if unproved(made.stages):
        text = _("Not proved: no solver finished in time. The plan is checked; a better may exist.")
        out.print(f"[yellow]{text}[/yellow]")
    out.print(_("Written: {folder}").format(folder=folder), highlight=False)
    short = supplies is not None and unmet_supply_at_priority_1(supplies)
    if unmet_at_priority_1(made) or short:
        raise typer.Exit(UNMET)


@app.command(help=_("Check a scenario without planning it."))
def check(
    scenario: ScenarioArgument,
    data: DataOption = None,
    roads: RoadsOption = None,
    lang: LangOption = None,
) -> None:
    """Check a scenario."""
    speak(lang)
    told = load_scenario(scenario)
    registry, doctrine = _load(data, roads)
    check_scenario(available(registry, told), doctrine, told)
    for part in scenario_tables(told, doctrine):
        out.print(part)
    _warn(registry, doctrine, told)
    out.print(_("The scenario is in order."))


@registry_app.command("show", help=_("Show the tables, or one of them."))
def registry_show(
    table: Annotated[
        str | None, typer.Argument(metavar="[TABLE]", help=_("Such as teams/teams."))
    ] = None,
    rows: Annotated[int, typer.Option("--rows", min=1, help=_("Rows to show."))] = 20,
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """Show the tables."""
    speak(lang)
    registry = load_registry(data or data_dir())
    if table is None:
        out.print(registry_table(registry.summary()))
    elif table in registry.tables:
        out.print(frame_table(table, registry[table], rows, out.width))
    else:
        names = " | ".join(registry.tables)
        problem, remedy = _("no such table"), _("use {codes}").format(codes=names)
        raise InputError(Fault(_("registry"), None, None, table, problem, remedy))


@registry_app.command("check", help=_("Check all tables and name every fault."))
def registry_check(data: DataOption = None, lang: LangOption = None) -> None:
    """Check all tables."""
    speak(lang)
    registry, _doctrine = _load(data)
    out.print(registry_table(registry.summary()))
    out.print(_("All tables are in order."))


@registry_app.command("export", help=_("Write all tables into one GeoPackage."))
def registry_export(
    file: Annotated[Path, typer.Argument(metavar="FILE.gpkg", help=_("File to write."))],
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """Write all tables into one GeoPackage."""
    speak(lang)
    write_geopackage(load_registry(data or data_dir()), file)
    out.print(_("Written: {folder}").format(folder=file), highlight=False)


def _load(data: Path | None, roads: Path | None = None) -> tuple[Registry, Doctrine]:
    folder = data or data_dir()
    registry = load_registry(folder)
    return registry if roads is None else with_roads(registry, roads), load_doctrine(folder)


def _supplies(
    registry: Registry, told: Scenario, made: Plan, time_limit_s: float, seed: int
) -> SupplyPlan | None:
    """Plan the supplies where people are to be supplied.

    An aircraft that flies teams is theirs until the end of that day.
    """
    if told.supply is None:
        return None
    busy = flying_until_s(made)
    return make_supply(
        registry, told, time_limit_s=time_limit_s, seed=seed, processes=cores(), busy=busy
    )


def _warn(registry: Registry, doctrine: Doctrine, told: Scenario) -> None:
    """Name the needs for which nobody is unlocked; the others are planned all the same."""
    for fault in empty_pools(available(registry, told), doctrine, told):
        out.print(f"[yellow]! {escape(plain(fault))}[/yellow]", highlight=False)


@contextmanager
def _progress(text: str) -> Iterator[None]:
    """Show what goes on, on a terminal only."""
    if err.is_terminal:
        with err.status(text):
            yield
    else:
        yield
