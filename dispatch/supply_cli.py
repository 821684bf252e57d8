"""The command that plans supplies."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dispatch.cli_language import speak
from dispatch.doctrine import load_doctrine
from dispatch.i18n import LANGUAGES, _, language
from dispatch.optimise.side_by_side import cores
from dispatch.plan.available import available
from dispatch.plan.prepare import check_scenario
from dispatch.plan.roads import with_roads
from dispatch.plan.supply import SupplyPlan
from dispatch.plan.supply_build import make_supply
from dispatch.plan.supply_write import SUPPLY_FILE, write_supply
from dispatch.plan.write import staged_folder
from dispatch.registry import Registry, data_dir, load_registry
from dispatch.render.supply_sheets import supply_sheets
from dispatch.render.supply_tables import supply_tables, unmet_supply_at_priority_1
from dispatch.scenario import Scenario, load_scenario
from dispatch.supply_page import SUPPLY_MAP, supply_page

WIDTH_IN_A_PIPE = 160
UNMET = 1
SOLVERS = ("auto", "ortools", "pyvrp")


def supply(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help=_("Scenario file (YAML)."))],
    out_dir: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help=_("Output folder; out/NAME-supply by default.")),
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
            "--roads",
            metavar="FILE.gpkg",
            help=_("Road network to plan on instead of the backbone (from dispatch roads)."),
        ),
    ] = None,
    time_limit_s: Annotated[
        float,
        typer.Option("--time-limit", metavar="SECONDS", min=0.1, help=_("Limit for the solver.")),
    ] = 60.0,
    solver: Annotated[
        str,
        typer.Option("--solver", metavar="|".join(SOLVERS), help=_("Engine of the routes.")),
    ] = "auto",
    seed: Annotated[int, typer.Option("--seed", help=_("Seed of the solver."))] = 0,
    lang: Annotated[
        str | None,
        typer.Option("--lang", metavar="|".join(LANGUAGES), help=_("Language of all output.")),
    ] = None,
) -> None:
    """Plan supplies."""
    speak(lang)
    if solver not in SOLVERS:
        raise typer.BadParameter(" | ".join(SOLVERS), param_hint="--solver")
    told = load_scenario(scenario)
    registry = load_registry(data or data_dir())
    if roads is not None:
        registry = with_roads(registry, roads)
    check_scenario(available(registry, told), load_doctrine(data or data_dir()), told)
    made = make_supply(
        registry, told, time_limit_s=time_limit_s, seed=seed, processes=cores(), solver=solver
    )
    folder = out_dir or Path("out") / f"{told.name}-supply"
    with staged_folder(folder, SUPPLY_FILE) as stage:
        supply_into(stage, made, registry, told)
        (stage / "scenario.yaml").write_bytes(scenario.read_bytes())
    out = Console(width=None if sys.stdout.isatty() else WIDTH_IN_A_PIPE)
    for part in supply_tables(made):
        out.print(part)
    out.print(_("Written: {folder}").format(folder=folder), highlight=False, markup=False)
    if unmet_supply_at_priority_1(made):
        raise typer.Exit(UNMET)


def supply_into(folder: Path, made: SupplyPlan, registry: Registry, told: Scenario) -> None:
    """Write a supply plan, its map and its tables into a folder."""
    write_supply(made, folder)
    page = supply_page(made, registry, told)
    (folder / SUPPLY_MAP).write_bytes(page.encode("utf-8"))
    for name, content in supply_sheets(made, lang=language()).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


def add_supply(app: typer.Typer) -> None:
    """Add the command to the main one."""
    app.command(
        "supply",
        help=_("Plan supplies for the shelters of a scenario: from where, when, by which vehicle."),
    )(supply)
