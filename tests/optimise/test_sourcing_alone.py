"""What claims could have if fleets carried all, on the two towns by hand."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from small import ints
from sourcing_small import B, X, Y, random_sourcing, two_towns

from dispatch.optimise.sourcing_alone import levels_alone
from dispatch.optimise.sourcing_model import flow
from dispatch.optimise.sourcing_relax import Box
from dispatch.optimise.sourcing_share import share_levels


def test_lots_that_share_a_fleet_do_not_hinder_each_other() -> None:
    """X wants six lots on day 0: four come on a lane with A's fleet to itself, all on two lanes."""
    model = flow(two_towns(need_latest=ints(0, 2)))
    assert levels_alone(model, model.share_stages) == {"worst_share_1": 66}
    two_lanes = two_towns(lane_to=ints(X, X, Y, B), lane_days=ints(0, 0, 0, 1))
    model = flow(replace(two_lanes, need_latest=ints(0, 2)))
    assert levels_alone(model, model.share_stages) == {"worst_share_1": 100}


def test_what_comes_too_late_counts_for_nothing() -> None:
    """Y wants six on day 0 or 1; without A's road only 2 + 1 lots of B are there in time."""
    model = flow(two_towns(lane_opens=ints(0, 2, 0, 0), need_latest=ints(2, 1)))
    assert levels_alone(model, model.share_stages) == {"worst_share_1": 50}


def test_the_heavier_has_its_level_before_the_lighter() -> None:
    """X weighs more and takes A's six lots in time; Y has what B can give: three of six."""
    model = flow(
        two_towns(need_weight=ints(10, 1), lane_opens=ints(0, 2, 0, 0), need_latest=ints(2, 1))
    )
    assert levels_alone(model, model.share_stages) == {"worst_share_10": 100, "worst_share_1": 50}


@pytest.mark.parametrize("seed", range(20))
def test_no_plan_has_more(seed: int) -> None:
    model = flow(random_sourcing(seed, 4, 6))
    box = Box(model.low, model.high, np.zeros_like(model.upper), model.upper)
    names = model.share_stages
    levels, _served = share_levels(model, box, names, time.monotonic() + 60.0)
    alone = levels_alone(model, names)
    for name in names:
        assert levels[name] <= alone[name]
        if levels[name] < alone[name]:
            break
