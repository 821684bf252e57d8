"""Questions of analysts to the tables that come with the package."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.analysis import driving, od_table
from dispatch.errors import InputError
from dispatch.network.od import snap_places
from dispatch.registry import Registry, load_registry
from dispatch.scenario import ClosureSpec


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


def test_times_of_the_real_tables(registry):
    command, plant = (driving(registry, name) for name in ("command_car", "heavy_plant"))
    fast = od_table(command, registry.depots, registry.counties)
    assert fast.index.equals(registry.depots.index)
    assert fast.columns.equals(registry.counties.index)
    assert np.isfinite(fast).all(axis=None)
    assert (od_table(plant, registry.depots, registry.counties) > fast).all(axis=None)
    paying = driving(registry, "command_car", pays_toll=True, backend="scipy")
    assert (od_table(paying, registry.depots, registry.counties) >= fast).all(axis=None)
    with pytest.raises(InputError, match="command_car"):
        driving(registry, "tank")


def test_a_closed_link_of_the_real_tables(registry):
    county = registry.counties.iloc[[0]]
    free = driving(registry, "bus")
    here = snap_places(free.road, county)
    link = free.road.link_id[int(here.link[0])]
    shut = driving(registry, "bus", closures=[ClosureSpec(name="x", link=link)])
    depots = registry.depots.iloc[:2]
    assert np.isfinite(od_table(free, depots, county)).all(axis=None)
    assert np.isinf(od_table(shut, depots, county)).all(axis=None)
