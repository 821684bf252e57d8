"""Shapes of closures: every kind of place, and places that the registry does not know."""

import numpy as np
import pytest

from dispatch import load_registry
from dispatch.plan.shut import COLUMNS, closure_shapes
from dispatch.scenario import ClosureSpec, Scenario


@pytest.fixture(scope="module")
def registry():
    return load_registry()


def scenario(*closures):
    """Return a scenario with these closures and one incident that does not matter."""
    incident = {"id": "a", "name": "A", "type": "mine_flood", "lon": 112.0, "lat": 37.0}
    return Scenario.model_validate(
        {
            "name": "x",
            "title": "x",
            "start": "2026-07-15T10:00+08:00",
            "closures": [ClosureSpec(name=f"c{i}", **c) for i, c in enumerate(closures)],
            "incidents": [incident],
        }
    )


def test_each_kind_of_place_has_its_shape(registry):
    link, junction = registry.links.index[0], registry["network/junctions"].index[0]
    found = closure_shapes(
        registry,
        scenario(
            {"polygon": ((112.0, 37.0), (112.2, 37.0), (112.1, 37.2))},
            {"link": link, "effect": "limited", "max_mass_kg": 20000},
            {"junction": junction},
            {"line": "大西高铁", "from_min": 60},
            {"station": "taiyuan-nan"},
            {"airfield": "AB-ZBDT", "until_min": 90},
        ),
    )
    assert tuple(found.columns) == (*COLUMNS, "geometry")
    assert list(found["place"]) == ["polygon", "link", "junction", "line", "station", "airfield"]
    assert list(found.geom_type) == [
        "Polygon", "LineString", "Point", "MultiLineString", "Point", "Point"
    ]  # fmt: skip
    assert found.geometry[1].equals(registry.links.geometry.at[link])
    assert found.crs.to_epsg() == 4326
    assert list(found["from_s"]) == [0, 0, 0, 3600, 0, 0]
    assert list(found["until_s"]) == [np.inf] * 5 + [5400]
    assert found["max_mass_kg"][1] == 20000
    assert np.isnan(found["factor"]).all()


def test_a_line_is_drawn_from_station_to_station_once(registry):
    """Trains that skip stations draw no chords: n stations, n - 1 pieces."""
    (line,) = closure_shapes(registry, scenario({"line": "大西高铁"})).geometry
    services = registry["network/rail_services"].query("line == '大西高铁'")
    stations = {*services["from_station"], *services["to_station"]}
    assert len(line.geoms) == len(stations) - 1


def test_places_that_the_registry_does_not_know_have_no_shape(registry):
    found = closure_shapes(
        registry,
        scenario(
            {"link": "nowhere"}, {"junction": "nowhere"}, {"line": "none"}, {"airfield": "none"}
        ),
    )
    assert found.geometry.isna().all()


def test_no_closures_are_an_empty_frame(registry):
    found = closure_shapes(registry, scenario())
    assert len(found) == 0
    assert found.crs.to_epsg() == 4326
