"""``dispatch roads``: real road networks, fetched, imported and looked at."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import pyogrio
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dispatch.cli_language import speak
from dispatch.i18n import LANGUAGES, _
from dispatch.network.road_source import RoadSource, fetch_source, read_source
from dispatch.network.road_summary import RoadSummary, summarise
from dispatch.network.roads import road_tables
from dispatch.plan.roads import read_roads, roads_path, write_roads

WIDTH_IN_A_PIPE = 160

roads_app = typer.Typer(
    no_args_is_help=True, help=_("Fetch, import or look at a road network to plan on.")
)

OutOption = Annotated[
    Path, typer.Option("--out", metavar="FILE.gpkg", help=_("Road network to write."))
]
LangOption = Annotated[
    str | None,
    typer.Option("--lang", metavar="|".join(LANGUAGES), help=_("Language of all output.")),
]


@roads_app.command(
    "fetch", help=_("Fetch the roads of a place or polygon from OpenStreetMap (needs osmnx).")
)
def fetch(
    where: Annotated[
        str,
        typer.Argument(
            metavar="PLACE|POLYGON", help=_("Name of a place, or a file such as area.geojson.")
        ),
    ],
    out: OutOption,
    lang: LangOption = None,
) -> None:
    """Fetch roads from OpenStreetMap."""
    speak(lang)
    _store(lambda: fetch_source(where), out)


@roads_app.command(
    "import", help=_("Import roads from .osm.pbf, .osm, GraphML or a GeoPackage (needs osmium).")
)
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("Road network of any form."))],
    out: OutOption,
    source: Annotated[
        str | None,
        typer.Option(
            "--source", metavar="TEXT", help=_("Where the roads come from, to be named in plans.")
        ),
    ] = None,
    lang: LangOption = None,
) -> None:
    """Import roads from a file."""
    speak(lang)
    _store(lambda: read_source(file), out, source)


@roads_app.command("info", help=_("Tell what is in a road network."))
def info(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("Road network of any form."))],
    lang: LangOption = None,
) -> None:
    """Tell what is in a road network."""
    speak(lang)
    if _is_stored(file):
        junctions, links = read_roads(file)
    else:
        found = read_source(file)
        junctions, links = road_tables(found.extract, found.source, documented=found.documented)
    _tell(summarise(junctions, links))


def _store(read: Callable[[], RoadSource], path: Path, named: str | None = None) -> None:
    """Write what is read, and tell what it is; a wrong path is told before the work begins."""
    roads_path(path)
    found = read()
    source, documented = (named, True) if named else (found.source, found.documented)
    junctions, links = road_tables(found.extract, source, documented=documented)
    write_roads(junctions, links, path)
    _tell(summarise(junctions, links))
    _console().print(_("Written: {folder}").format(folder=path), highlight=False)


def _is_stored(path: Path) -> bool:
    """Say whether a file is one that this command wrote."""
    if path.suffix.lower() != ".gpkg" or not path.is_file():
        return False
    try:
        return {"junctions", "links"} <= {str(name) for name, _kind in pyogrio.list_layers(path)}
    except pyogrio.errors.DataSourceError:
        return False


def _tell(summary: RoadSummary) -> None:
    console = _console()
    table = Table(title=_("Roads by class"), title_justify="left")
    for heading in (_("Class"), _("Driven as")):
        table.add_column(heading)
    for heading in (_("Links"), "km"):
        table.add_column(heading, justify="right")
    for highway, road_class, links, km in summary.classes.itertuples():
        table.add_row(escape(str(highway)), road_class, f"{links:,}", f"{km:,.1f}")
    table.add_section()
    table.add_row(_("All"), "", f"{summary.links:,}", f"{summary.km:,.1f}")
    console.print(table)
    facts = Table.grid(padding=(0, 2))
    for name, text in _facts(summary):
        facts.add_row(name, escape(text))
    console.print(facts)


def _facts(summary: RoadSummary) -> Iterator[tuple[str, str]]:
    kinds = summary.kinds

    def share(km: float) -> str:
        return f"{km:,.1f} km ({km / summary.km:.1%})"

    west, south, east, north = summary.bounds
    yield _("Junctions"), f"{summary.junctions:,}"
    yield _("One way"), share(kinds["one_way"])
    yield _("Toll"), share(kinds["tolled"])
    yield _("Bridges"), share(kinds["bridge"])
    yield _("Tunnels"), share(kinds["tunnel"])
    yield _("Drawn over gaps"), share(kinds["bridged"])
    yield _("With speed limit"), share(kinds["with_maxspeed"])
    yield _("With mass limit"), share(kinds["with_max_mass"])
    yield _("With height limit"), share(kinds["with_max_height"])
    yield _("Closed to traffic"), share(kinds["closed"])
    yield _("Separate parts"), f"{summary.parts:,}"
    yield _("Largest part"), share(summary.largest_part_km)
    yield _("Usable in a plan"), share(summary.usable_km)
    yield _("Extent"), f"{west:.5f} {south:.5f} {east:.5f} {north:.5f}"
    for number, (name, km) in enumerate(summary.sources[:5]):
        yield _("Source") if number == 0 else "", f"{name}: {km:,.1f} km"


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else WIDTH_IN_A_PIPE)
