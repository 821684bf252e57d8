"""``dispatch brief`` and ``dispatch sheets``: a plan made into files for meeting and road."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import typer
from rich.console import Console

from dispatch.cli_language import speak
from dispatch.errors import Fault, InputError
from dispatch.i18n import LANGUAGES, _, language
from dispatch.plan.plan import Plan
from dispatch.plan.read import read_plan
from dispatch.plan.shut import closure_shapes
from dispatch.plan.write import staged_folder
from dispatch.registry import Registry, data_dir, load_registry
from dispatch.scenario import load_scenario

WIDTH_IN_A_PIPE = 160
FORMATS = ("pptx", "docx", "pdf", "html")
FIGURES = ("png", "svg", "pdf")
SIZES = ("a4", "a4-landscape", "16:9")
SCENARIO_FILE = "scenario.yaml"

PlanArgument = Annotated[
    Path, typer.Argument(metavar="PLAN", help=_("Folder of a plan, or its plan.json."))
]
DataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help=_("Folder of tables; the bundled ones by default.")),
]
LangOption = Annotated[
    str | None,
    typer.Option("--lang", metavar="|".join(LANGUAGES), help=_("Language of all output.")),
]


def brief(
    plan: PlanArgument,
    form: Annotated[
        str, typer.Option("--format", metavar="|".join(FORMATS), help=_("Kind of file."))
    ] = "pptx",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help=_("File to write; beside the plan by default.")),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="PLAN", help=_("Another plan to compare with.")),
    ] = None,
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """Write a plan as a briefing."""
    speak(lang)
    _one_of(form, FORMATS, "--format")
    made = read_plan(plan)
    other = None if against is None else read_plan(against)
    with _extra():
        from dispatch.render.brief import render_briefing
    registry = load_registry(data or data_dir())
    content = render_briefing(
        made,
        form,
        counties=registry.counties,
        areas=registry.county_polygons,
        roads=registry.links,
        closures=_closures(plan, made, registry),
        against=other,
        lang=language(),
    )
    _write(out or _beside(plan) / f"briefing.{form}", content)


def figure(
    plan: PlanArgument,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help=_("File to write: .png, .svg or .pdf."))
    ],
    size: Annotated[
        str, typer.Option("--size", metavar="|".join(SIZES), help=_("Size of the sheet."))
    ] = "a4",
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """Draw a plan as a map for print."""
    speak(lang)
    form = _one_of(out.suffix.lower().lstrip("."), FIGURES, "--out")
    _one_of(size, SIZES, "--size")
    made = read_plan(plan)
    with _extra():
        from dispatch.render.drawing import drawn
        from dispatch.render.figure import plan_figure
    registry = load_registry(data or data_dir())
    sheet = plan_figure(
        made,
        counties=registry.counties,
        areas=registry.county_polygons,
        roads=registry.links,
        closures=_closures(plan, made, registry),
        size=size,
        lang=language(),
    )
    _write(out, drawn(sheet, form))


def sheets(
    plan: PlanArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help=_("Output folder; beside the plan by default.")),
    ] = None,
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """Write the orders of a plan."""
    speak(lang)
    made = read_plan(plan)
    with _extra():
        from dispatch.render.orders import service_names
        from dispatch.render.sheets import render_sheets
        from dispatch.render.workbook import WORKBOOK
    registry = load_registry(data or data_dir())
    files = render_sheets(
        made,
        vehicles=registry["teams/vehicles"],
        profiles=registry["network/profiles"],
        capabilities=registry["teams/capabilities"],
        teams=registry.teams,
        services=service_names(registry.tables),
        lang=language(),
    )
    folder = out or _beside(plan) / "sheets"
    with staged_folder(folder, WORKBOOK) as stage:
        for name, content in files.items():
            (stage / name).parent.mkdir(exist_ok=True)
            (stage / name).write_bytes(content)
    _tell(folder)


def _closures(path: Path, made: Plan, registry: Registry) -> gpd.GeoDataFrame | None:
    """Return the closures of the scenario that stands beside a plan, if it is the plan's own."""
    file = _beside(path) / SCENARIO_FILE
    own = dict(made.provenance.inputs).values()
    if file.is_file() and sha256(file.read_bytes()).hexdigest() in own:
        return closure_shapes(registry, load_scenario(file))
    _say(_("Closures are not drawn: the plan's scenario.yaml is not beside it."), err=True)
    return None


def _beside(plan: Path) -> Path:
    return plan if plan.is_dir() else plan.parent


def _write(file: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all."""
    if file.is_dir():
        problem, remedy = _("is a folder"), _("give the name of a file")
        raise InputError(Fault(str(file), None, None, None, problem, remedy))
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f".{file.name}.part")
    half.write_bytes(content)
    half.replace(file)
    _tell(file)


def _tell(path: Path) -> None:
    _say(_("Written: {folder}").format(folder=path))


def _say(text: str, *, err: bool = False) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH_IN_A_PIPE, stderr=err)
    console.print(text, highlight=False, markup=False)


def _one_of(value: str, known: tuple[str, ...], option: str) -> str:
    if value not in known:
        raise typer.BadParameter(" | ".join(known), param_hint=option)
    return value


@contextmanager
def _extra() -> Iterator[None]:
    """Say which extra holds what a file is written with, where it is not installed."""
    try:
        yield
    except ImportError as error:
        problem = _("needs a package that is not installed")
        remedy = _("install the extra: pip install 'shanxi-dispatch[export]'")
        fault = Fault("dispatch", None, None, error.name, problem, remedy)
        raise InputError(fault) from error


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the main one."""
    app.command("brief", help=_("Write a plan as a briefing: slides, Word, PDF or a page."))(brief)
    app.command("figure", help=_("Draw a plan as a map for print."))(figure)
    app.command(
        "sheets", help=_("Write order sheets, a workbook, tracks and a calendar for a plan.")
    )(sheets)
