"""``dispatch compare``: two plans, or two policies for one scenario, side by side."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dispatch.cli_language import speak
from dispatch.doctrine import load_doctrine
from dispatch.errors import Fault, InputError
from dispatch.i18n import LANGUAGES, _, language
from dispatch.plan import make_plan
from dispatch.plan.compare import compare as compared
from dispatch.plan.comparison import Comparison
from dispatch.plan.plan import Plan
from dispatch.plan.policy import KEYS, Case, changed
from dispatch.plan.read import read_plan
from dispatch.plan.roads import with_roads
from dispatch.registry import Registry, data_dir, load_registry
from dispatch.render.comparison import (
    comparison_csv,
    comparison_html,
    comparison_json,
    comparison_tables,
)
from dispatch.scenario import load_scenario

WIDTH_IN_A_PIPE = 160
FORMATS = ("json", "csv", "html")
SCENARIOS = (".yaml", ".yml")


def compare(
    a: Annotated[
        Path, typer.Argument(metavar="A", help=_("Folder of a plan, its plan.json, or a scenario."))
    ],
    b: Annotated[
        Path | None, typer.Argument(metavar="[B]", help=_("The other one; or give --change."))
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--change",
            metavar="KEY=VALUE",
            help=_("Plan scenario A as it is and changed: {keys}.").format(keys="; ".join(KEYS)),
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help=_("File to write: .json, .csv or .html.")),
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
    seed: Annotated[int, typer.Option("--seed", help=_("Seed of the solver."))] = 0,
    lang: Annotated[
        str | None,
        typer.Option("--lang", metavar="|".join(LANGUAGES), help=_("Language of all output.")),
    ] = None,
) -> None:
    """Set two plans side by side."""
    speak(lang)
    changes = tuple(change or ())
    _check(a, b, changes, out)
    folder = data or data_dir()
    registry = load_registry(folder)
    if roads is not None:
        registry = with_roads(registry, roads)
    doctrine = load_doctrine(folder)

    def planned(case: Case) -> Plan:
        return make_plan(
            case.registry, case.scenario, doctrine=doctrine, time_limit_s=time_limit_s, seed=seed
        )

    def plan_of(path: Path) -> Plan:
        if path.suffix.lower() in SCENARIOS:
            return planned(Case(registry, load_scenario(path)))
        return read_plan(path)

    if b is None:
        case = Case(registry, load_scenario(a))
        other = changed(case, changes)
        plans = planned(case), planned(other)
    else:
        plans = plan_of(a), plan_of(b)
    found = compared(*plans, vehicles=vehicles_of(registry))
    console = Console(width=None if sys.stdout.isatty() else WIDTH_IN_A_PIPE)
    for part in comparison_tables(found):
        console.print(part, highlight=False)
    if out is not None:
        _write(found, out)
        text = _("Written: {folder}").format(folder=out)
        console.print(text, highlight=False, markup=False)


def vehicles_of(registry: Registry) -> Mapping[str, int]:
    """Return the number of vehicles of each team, 0 for one that has none."""
    counts = registry["teams/vehicles"].groupby("team_id")["quantity"].sum()
    return {str(team): int(counts.get(team, 0)) for team in registry["teams/teams"].index}


def _check(a: Path, b: Path | None, changes: tuple[str, ...], out: Path | None) -> None:
    """Refuse what can't be compared or written before anything is planned."""
    if (b is None) == (not changes):
        problem = _("there is nothing to compare with, or too much")
        remedy = _("give either a second plan or --change KEY=VALUE")
        raise InputError(Fault("dispatch compare", None, None, str(a), problem, remedy))
    if changes and a.suffix.lower() not in SCENARIOS:
        problem, remedy = _("is not a scenario"), _("--change needs a scenario file (.yaml)")
        raise InputError(Fault(str(a), None, None, None, problem, remedy))
    if out is not None and out.is_dir():
        problem, remedy = _("is a folder"), _("give the name of a file")
        raise InputError(Fault(str(out), None, None, None, problem, remedy))
    if out is not None and out.suffix.lower().lstrip(".") not in FORMATS:
        raise typer.BadParameter(" | ".join(FORMATS), param_hint="--out")


def _write(found: Comparison, file: Path) -> None:
    """Write a file that appears whole or not at all."""
    match file.suffix.lower():
        case ".json":
            content = comparison_json(found)
        case ".csv":
            content = comparison_csv(found)
        case _:
            content = comparison_html(found, lang=language())
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f".{file.name}.part")
    half.write_bytes(content)
    half.replace(file)


def add_commands(app: typer.Typer) -> None:
    """Add the command of this file to the main one."""
    app.command(
        "compare", help=_("Compare two plans, two scenarios, or two policies for one scenario.")
    )(compare)
