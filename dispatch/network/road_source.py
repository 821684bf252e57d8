"""Where road networks come from: files of several forms, and OpenStreetMap itself."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pyogrio
import shapely

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.network.osm import CRS, DRIVABLE_CLASSES, RoadExtract, read_extract
from dispatch.network.street_graph import (
    fetched_on,
    from_graph,
    read_graphml,
    read_osmnx_layers,
)

OSM_SUFFIXES: Final = (".osm", ".pbf", ".osm.bz2", ".osm.gz")
POLYGON_SUFFIXES: Final = (".geojson", ".json", ".gpkg", ".shp")

FILTER: Final = f'["highway"~"^({"|".join(DRIVABLE_CLASSES)})$"]["area"!~"yes"]'
"""What is asked of OpenStreetMap: every class that an ordinary vehicle drives on."""

TAGS: Final = (
    *("access", "motor_vehicle", "vehicle", "toll", "bridge", "tunnel", "junction"),
    *("maxspeed", "maxweight", "maxheight", "lanes", "oneway", "ref", "name", "highway"),
)


@dataclass(frozen=True, eq=False)
class RoadSource:
    """Roads, and what to say of where they come from.

    Parameters
    ----------
    extract : RoadExtract
    source : str
        Such as ``OpenStreetMap 2026-10-01 (ODbL)``, or the name of the file.
    documented : bool
        Whether others can look the source up.
    """

    extract: RoadExtract
    source: str
    documented: bool


def read_source(path: Path) -> RoadSource:
    """Read roads from a file.

    Parameters
    ----------
    path : Path
        ``.osm``, ``.osm.pbf`` and compressed kin; ``.graphml`` of osmnx or plain networkx;
        ``.gpkg`` of osmnx, or with the layers that
        :func:`dispatch.network.osm.read_extract` describes.

    Raises
    ------
    InputError
        If the file is missing, of another form, or holds no road.
    """
    name = path.name.lower()
    if not path.is_file():
        raise _fault(path.name, _("there is no such file"), _("give the path of a road network"))
    if name.endswith(OSM_SUFFIXES):
        return _osm_source(read_extract(path), _data_date(path))
    if name.endswith(".graphml"):
        extract, date = read_graphml(path)
        found = _osm_source(extract, date) if date else RoadSource(extract, path.name, False)
    elif name.endswith(".gpkg"):
        extract = read_osmnx_layers(path) if _is_osmnx(path) else read_extract(path)
        found = RoadSource(extract, path.name, False)
    else:
        problem = _("files of this kind are not understood")
        remedy = _("give .osm.pbf, .osm, .graphml or .gpkg")
        raise InputError(Fault(path.name, None, None, path.suffix, problem, remedy))
    return _checked(found, path.name)


def fetch_source(where: str) -> RoadSource:
    """Fetch the roads of a place from OpenStreetMap, through osmnx.

    Parameters
    ----------
    where : str
        Name of a place, or path of a file of polygons (GeoJSON, GeoPackage, shapefile).

    Raises
    ------
    InputError
        If osmnx is missing, the polygon can't be read, the place is not known, the
        network can't be reached, or there is no road.
    """
    area = _polygon(Path(where)) if where.lower().endswith(POLYGON_SUFFIXES) else None
    osmnx = _osmnx(where)
    # all parts of the whole are wanted, and cut where ways end: a piece has one value of each tag
    options: dict[str, Any] = {"simplify": False, "retain_all": True, "custom_filter": FILTER}
    try:
        with _settings(osmnx.settings):
            if area is None:
                graph = osmnx.graph_from_place(where, **options)
            else:
                graph = osmnx.graph_from_polygon(area, **options)
            graph = osmnx.simplify_graph(graph, edge_attrs_differ=["osmid"])
    except (ValueError, TypeError) as error:  # osmnx says so of unknown places and empty answers
        problem = _("OpenStreetMap gives no roads there: {}").format(error)
        raise _fault(where, problem, _("give another place, or a polygon file")) from error
    except OSError as error:  # requests' errors are OSErrors
        problem = _("OpenStreetMap can't be reached: {}").format(error)
        raise _fault(
            where, problem, _("try again later, or import a file: dispatch roads import")
        ) from error
    return _checked(_osm_source(from_graph(graph, where), fetched_on(graph.graph)), where)


def _osm_source(extract: RoadExtract, date: str) -> RoadSource:
    return RoadSource(extract, f"OpenStreetMap {date} (ODbL)".replace("  ", " "), True)


def _checked(found: RoadSource, name: str) -> RoadSource:
    if found.extract.edges.empty:
        problem = _("it holds no road that vehicles drive on")
        raise _fault(name, problem, _("give a network with highway classes of OpenStreetMap"))
    return found


def _data_date(path: Path) -> str:
    """Return the day (ISO 8601) up to which an extract holds all edits, empty where not told."""
    reader = importlib.import_module("osmium").FileProcessor(str(path))
    return str(reader.header.get("osmosis_replication_timestamp"))[:10]


def _is_osmnx(path: Path) -> bool:
    try:
        return "highway" in pyogrio.read_info(path, layer="edges")["fields"]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
        return False


def _polygon(path: Path) -> Any:
    """Return the union of all polygons of a file, EPSG:4326."""
    if not path.is_file():
        raise _fault(path.name, _("there is no such file"), _("give a polygon file, or a place"))
    try:
        frame = gpd.read_file(path)
        areas = frame.geometry.to_crs(CRS) if frame.crs else frame.geometry.set_crs(CRS)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, AttributeError) as error:
        problem = _("the file holds no polygon")
        raise _fault(path.name, problem, _("give GeoJSON or GeoPackage")) from error
    area = shapely.make_valid(areas.union_all())
    if not isinstance(area, shapely.Polygon | shapely.MultiPolygon) or area.is_empty:
        problem = _("the file holds no polygon")
        raise _fault(path.name, problem, _("draw the area as polygons"))
    return area


def _osmnx(where: str) -> Any:
    try:
        return importlib.import_module("osmnx")
    except ImportError as error:
        raise _fault(
            where,
            _("fetching from OpenStreetMap needs osmnx"),
            _("install the extra: pip install 'shanxi-dispatch[osm]'"),
        ) from error


@contextmanager
def _settings(settings: Any) -> Iterator[None]:
    """Ask for our tags and leave no cache in the working folder; put back what was set."""
    before = settings.useful_tags_way, settings.use_cache
    settings.useful_tags_way = sorted({*before[0], *TAGS})
    settings.use_cache = False
    try:
        yield
    finally:
        settings.useful_tags_way, settings.use_cache = before


def _fault(file: str, problem: str, remedy: str) -> InputError:
    return InputError(Fault(file, None, None, None, problem, remedy))
