"""Plans and registries in a notebook: a map in one call, and a ground to draw on.

>>> from dispatch import draw, load_registry, show
>>> registry = load_registry()
>>> draw(registry)                  # where teams, depots and airbases stand
>>> show(plan, registry)            # the interactive map, without a network
>>> draw(plan, registry)            # the map for print
>>> ax = ground(registry)           # borders, roads and names to draw on
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dispatch.i18n import language
from dispatch.map_page import map_page
from dispatch.plan.plan import Plan
from dispatch.plan.shut import closure_shapes
from dispatch.registry import Registry, load_registry
from dispatch.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI: Final = 110


@dataclass(frozen=True, repr=False)
class WebPage:
    """A page that a notebook shows in a frame of its own, shut off from the notebook."""

    html: str
    height_px: int

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html)}" sandbox="allow-scripts allow-modals '
            f'allow-downloads" style="width:100%;height:{self.height_px}px;border:1px solid #ccc">'
            "</iframe>"
        )

    def __repr__(self) -> str:
        return f"<WebPage: {len(self.html):,} characters>"

    def save(self, file: Path | str) -> Path:
        """Write the page into a file; return its path."""
        path = Path(file)
        path.write_text(self.html, encoding="utf-8")
        return path


@dataclass(frozen=True)
class Picture:
    """A drawing that a notebook shows."""

    figure: Figure

    def _repr_png_(self) -> bytes:
        from dispatch.render.drawing import drawn

        return drawn(self.figure, "png", dpi=DPI)

    def save(self, file: Path | str) -> Path:
        """Write the drawing into a .png, .svg or .pdf file; return its path."""
        from dispatch.render.drawing import drawn

        path = Path(file)
        path.write_bytes(drawn(self.figure, path.suffix.lower().lstrip(".")))
        return path


def show(
    plan: Plan,
    registry: Registry | None = None,
    *,
    scenario: Scenario | None = None,
    height_px: int = 680,
) -> WebPage:
    """Return the interactive map of a plan, in the language in use.

    Parameters
    ----------
    plan : Plan
    registry : Registry, optional
        Whose borders, roads and places are on the map; the bundled one by default.
    scenario : Scenario, optional
        Of the plan, whose closures are drawn, and isochrones around its incidents.
    height_px : int
        Of the frame in the notebook.
    """
    return WebPage(map_page(plan, registry or load_registry(), scenario), height_px)


def draw(
    what: Plan | Registry,
    registry: Registry | None = None,
    *,
    scenario: Scenario | None = None,
    size: str = "a4-landscape",
) -> Picture:
    """Return a plan, or what a registry holds, as a map for print.

    Parameters
    ----------
    what : Plan or Registry
    registry : Registry, optional
        Whose borders and roads are on the map of a plan; the bundled one by default.
    scenario : Scenario, optional
        Of the plan, whose closures are drawn.
    size : {"a4", "a4-landscape", "16:9"}
        Of the sheet of a plan.
    """
    from dispatch.render.figure import plan_figure
    from dispatch.render.figure_places import places_figure

    if isinstance(what, Registry):
        ax = _axes(8.0, 9.5)
        places = {"teams": what.teams, "depots": what.depots, "airbases": what.airbases}
        places_figure(ax, **_ground(what), **places, lang=language())
        return Picture(_figure(ax))
    tables = registry or load_registry()
    closures = None if scenario is None else closure_shapes(tables, scenario)
    return Picture(
        plan_figure(what, **_ground(tables), closures=closures, size=size, lang=language())
    )


def ground(registry: Registry, ax: Axes | None = None, *, height_in: float = 8.5) -> Axes:
    """Draw borders, roads and names of a registry, to draw on; return the axes (EPSG:4326).

    Parameters
    ----------
    registry : Registry
    ax : Axes, optional
        Axes to draw into; without them a figure is made.
    height_in : float
        Of that figure.
    """
    from dispatch.render.figure_places import ground_figure

    into = _axes(height_in * 0.66, height_in) if ax is None else ax
    ground_figure(into, **_ground(registry), lang=language())
    return into


def picture(ax: Axes) -> Picture:
    """Return the figure of axes as a picture that a notebook shows."""
    return Picture(_figure(ax))


def chinese_font() -> str:
    """Let Matplotlib write Chinese with the font of this package; return its name."""
    import matplotlib as mpl
    from matplotlib.font_manager import FontProperties, fontManager

    from dispatch.render.fonts import font_file

    fontManager.addfont(font_file())
    name = FontProperties(fname=str(font_file())).get_name()
    mpl.rcParams["font.family"] = name
    mpl.rcParams["axes.unicode_minus"] = False
    return name


def _ground(registry: Registry) -> dict[str, Any]:
    return {
        "counties": registry.counties,
        "areas": registry.county_polygons,
        "roads": registry.links,
    }


def _axes(width_in: float, height_in: float) -> Axes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_in, height_in), facecolor="white")
    FigureCanvasAgg(figure)
    return figure.add_axes((0.01, 0.01, 0.98, 0.98))


def _figure(ax: Axes) -> Figure:
    root = ax.get_figure(root=True)
    assert root is not None  # noqa: S101  axes that can be drawn into have a figure
    return root
