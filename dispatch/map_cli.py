"""``dispatch map``: the interactive map of a plan, made anew."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dispatch.cli_language import speak
from dispatch.errors import Fault, InputError
from dispatch.i18n import LANGUAGES, _
from dispatch.map_page import map_page
from dispatch.plan.plan import Plan
from dispatch.plan.read import read_plan
from dispatch.plan.supply_write import read_supply
from dispatch.registry import data_dir, load_registry
from dispatch.render.tiles import Tiles, tiles
from dispatch.scenario import Scenario, load_scenario
from dispatch.supply_page import SUPPLY_MAP, holds_supply, scenario_of, supply_page

SCENARIO_FILE = "scenario.yaml"


def draw_map(
    plan: Annotated[
        Path, typer.Argument(metavar="PLAN", help=_("Folder of a plan, or its plan.json."))
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help=_("File to write; beside the plan by default.")),
    ] = None,
    before: Annotated[
        Path | None,
        typer.Option("--before", metavar="PLAN", help=_("The plan before it, drawn below.")),
    ] = None,
    online: Annotated[
        str | None,
        typer.Option(
            "--tiles",
            metavar="osm|amap|tianditu:KEY",
            help=_("Online tiles below the map, which then needs a network; none by default."),
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="DIR", help=_("Folder of tables; the bundled ones by default.")
        ),
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option("--lang", metavar="|".join(LANGUAGES), help=_("Language of all output.")),
    ] = None,
) -> None:
    """Draw a plan as an interactive map."""
    speak(lang)
    below = None if online is None else tiles(online)
    if before is None and holds_supply(plan):
        draw_supply(plan, out, data, below)
        return
    made = read_plan(plan)
    earlier = None if before is None else read_plan(before)
    folder = plan if plan.is_dir() else plan.parent
    file = _target(out, folder / "map.html")
    registry = load_registry(data or data_dir())
    told = _own_scenario(folder / SCENARIO_FILE, made)
    page = map_page(made, registry, told, before=earlier, tiles=below)
    _write(page.encode("utf-8"), file)
    text = _("Written: {folder}").format(folder=file)
    Console().print(text, highlight=False, markup=False, soft_wrap=True)


def _own_scenario(file: Path, made: Plan) -> Scenario | None:
    """Return the scenario beside a plan, if it is the plan's own."""
    if not file.is_file():
        return None
    digest = sha256(file.read_bytes()).hexdigest()
    return load_scenario(file) if digest in dict(made.provenance.inputs).values() else None


def draw_supply(plan: Path, out: Path | None, data: Path | None, below: Tiles | None) -> None:
    """Draw a supply plan as its map."""
    made = read_supply(plan)
    folder = plan if plan.is_dir() else plan.parent
    file = _target(out, folder / SUPPLY_MAP)
    told = scenario_of(made, folder)
    page = supply_page(made, load_registry(data or data_dir()), told, tiles=below)
    _write(page.encode("utf-8"), file)
    text = _("Written: {folder}").format(folder=file)
    Console().print(text, highlight=False, markup=False, soft_wrap=True)


def _target(out: Path | None, usual: Path) -> Path:
    """Return the file to write, which may not be a folder."""
    file = out or usual
    if file.is_dir():
        problem, remedy = _("is a folder"), _("give the name of a file")
        raise InputError(Fault(str(file), None, None, None, problem, remedy))
    return file


def _write(content: bytes, file: Path) -> None:
    """Write a file that appears whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f".{file.name}.part")
    half.write_bytes(content)
    half.replace(file)


def add_map(app: typer.Typer) -> None:
    """Add the command to the main one."""
    app.command("map", help=_("Draw a plan as an interactive map: one file, no network."))(draw_map)
