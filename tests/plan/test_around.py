"""Isochrones around the incidents of a scenario agree with the table of drives."""

from pathlib import Path

import pytest
from shapely import Point

from dispatch.analysis import driving, od_table
from dispatch.plan.around import MINUTES, VEHICLE, around_incidents
from dispatch.registry import load_registry
from dispatch.scenario import load_scenario

SCENARIOS = Path(__file__).parents[2] / "scripts" / "scenarios"


@pytest.fixture(scope="module")
def registry():
    return load_registry()


@pytest.fixture(scope="module")
def told():
    """Return a mine north of Datong with a motorway that is cut for good."""
    return load_scenario(SCENARIOS / "datong-motorway-cut.yaml")


def test_a_county_seat_lies_in_the_ring_of_its_drive(registry, told):
    lasting = [c for c in told.closures if c.from_min <= 0 and c.until_min is None]
    assert lasting, "the scenario must have a closure that holds for good"
    found = around_incidents(registry, told).set_index("minutes").geometry
    truck = driving(registry, VEHICLE, closures=lasting)
    incident = registry.counties.iloc[:1].assign(
        lon=told.incidents[0].lon, lat=told.incidents[0].lat
    )
    seats = registry.counties
    drive_min = od_table(truck, incident, seats).iloc[0]
    places = {code: Point(seat["lon"], seat["lat"]) for code, seat in seats.iterrows()}
    inside = [m for m in MINUTES for code in seats.index if drive_min[code] <= m]
    assert len(inside) > 3
    # the table takes a seat to the road nearest to it, the ring to the one reached first:
    # only the other way about may they differ
    strays = 0
    for code, place in places.items():
        for minutes in MINUTES:
            if drive_min[code] <= minutes:
                assert found[minutes].contains(place), (code, drive_min[code])
            else:
                strays += found[minutes].contains(place)
    assert strays <= 0.02 * len(places) * len(MINUTES)


def test_rings_lie_in_each_other_and_a_closure_makes_them_smaller(registry, told):
    with_closure = around_incidents(registry, told).geometry
    without = around_incidents(registry, told.model_copy(update={"closures": []})).geometry
    for inner, outer in zip(with_closure, list(with_closure)[1:], strict=False):
        assert outer.contains(inner)
    assert with_closure.iloc[-1].area < without.iloc[-1].area


def test_a_closure_that_comes_and_goes_is_left_out(registry, told):
    passing = [c.model_copy(update={"until_min": 90.0}) for c in told.closures]
    without = around_incidents(registry, told.model_copy(update={"closures": []}))
    assert around_incidents(registry, told.model_copy(update={"closures": passing})).equals(without)
