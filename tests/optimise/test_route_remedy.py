"""What a limit moved brings, in the little valley of ``routes_small``, counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routes_small import (
    FARM,
    HALL,
    HELI,
    MILL,
    MINUTE,
    SCHOOL,
    TRUCK,
    little_valley,
    random_routing,
)
from small import ints

from dispatch.errors import InvalidPlanError
from dispatch.optimise.route_fill import delivered_lots
from dispatch.optimise.route_remedy import (
    allowing,
    ensure_gain,
    gain,
    keeping,
    longer,
    open_between,
)
from dispatch.optimise.route_solve import solve_routes
from dispatch.optimise.routes import MICROYUAN


def solved(problem):
    return solve_routes(problem, solver="ortools", time_limit_s=1.0, patience=50)


def only(*names):
    return np.isin(np.arange(2), names)


def test_one_truck_more_brings_what_one_could_not():
    """One truck with one trip brings the hall's two lots; another brings the farm's."""
    problem = little_valley(vehicle_count=ints(1, 1), vehicle_trips=ints(1, 1))
    plan = solved(problem)
    assert [row.stop for row in plan.unserved] == [FARM, MILL]
    found = gain(replace(problem, vehicle_count=ints(2, 1)), plan.routes, [FARM])
    assert found is not None
    assert found.lots == (1,)
    ensure_gain(replace(problem, vehicle_count=ints(2, 1)), found)
    with pytest.raises(InvalidPlanError):
        ensure_gain(problem, found)
    # 100 fixed, 40 km at 2 yuan, and 10 + 20 + 5 + 20 minutes at 36 yuan an hour
    assert found.microyuan == (100 + 80 + 33) * MICROYUAN
    assert gain(problem, plan.routes, [FARM]) is None


def test_a_longer_day_brings_a_stop_out_of_reach():
    """There and back to the farm with loading takes 55 minutes, and the crews have 50."""
    problem = little_valley(
        vehicle_shift_s=ints(50, 50) * MINUTE, vehicle_close_s=ints(50, 50) * MINUTE
    )
    plan = solved(problem)
    assert FARM in [row.stop for row in plan.unserved]
    relaxed = longer(problem, only(TRUCK), 5 * MINUTE)
    found = gain(relaxed, plan.routes, [FARM])
    assert found is not None
    assert max(route.end_s for route in found.routes) == 55 * MINUTE
    assert gain(longer(problem, only(TRUCK), 4 * MINUTE), plan.routes, [FARM]) is None


def test_a_window_moved_lets_a_lot_in():
    problem = little_valley(stop_close_s=ints(120, 20, 60, 120) * MINUTE)
    plan = solved(problem)
    assert [row.stop for row in plan.unserved] == [FARM]
    found = gain(open_between(problem, FARM, 0, 120 * MINUTE), plan.routes, [FARM])
    assert found is not None
    assert found.lots == (1,)


def test_access_given_and_taken():
    problem = little_valley(vehicle_access=np.array([[True] * 3 + [False], [False] * 4]))
    plan = solved(problem)
    assert [row.stop for row in plan.unserved] == [SCHOOL]
    assert gain(allowing(problem, only(TRUCK), SCHOOL), plan.routes, [SCHOOL]) is None
    found = gain(allowing(problem, only(HELI), SCHOOL), plan.routes, [SCHOOL])
    assert found is not None
    assert {route.vehicle for route in found.routes} == {TRUCK, HELI}
    nobody = keeping(problem, only())
    assert not nobody.vehicle_access.any()


def test_only_what_is_asked_for_is_added():
    """Both the farm and the mill stay behind; a second truck is asked for the mill alone."""
    access = np.array([[True, True, True, False], [False, False, False, True]])
    problem = little_valley(
        vehicle_count=ints(1, 1), vehicle_trips=ints(1, 1), vehicle_access=access
    )
    plan = solved(problem)
    left = [row.stop for row in plan.unserved]
    assert left == [FARM, MILL]
    more = replace(problem, vehicle_count=ints(3, 1))
    found = gain(more, plan.routes, left[-1:])
    assert found is not None
    had, has = (delivered_lots(problem, list(r)) for r in (plan.routes, found.routes))
    assert np.flatnonzero(has - had).tolist() == left[-1:]
    assert has[HALL] == had[HALL]


@pytest.mark.parametrize("solver", ["ortools"])
@settings(max_examples=15, derandomize=True, deadline=None)
@given(seed=st.integers(0, 500))
def test_more_of_anything_never_breaks_a_rule(solver, seed):
    problem = random_routing(seed)
    plan = solve_routes(problem, solver=solver, time_limit_s=0.5, patience=20)
    left = [row.stop for row in plan.unserved]
    relaxed = replace(problem, vehicle_count=problem.vehicle_count + 1)
    found = gain(relaxed, plan.routes, left)
    if found is not None:
        assert left
        ensure_gain(relaxed, found)
        assert 0 < sum(found.lots) <= sum(row.lots for row in plan.unserved)


def test_fresh_vehicles_bring_it_alone():
    """A second row of trucks brings the farm's lot; the first truck's route stays as it is."""
    problem = little_valley(vehicle_count=ints(1, 1), vehicle_trips=ints(1, 1))
    plan = solved(problem)
    more = {
        name: np.concatenate([getattr(problem, name), getattr(problem, name)[:1]])
        for name in vars(problem)
        if name.startswith("vehicle_") and name != "vehicle_id"
    }
    wide = replace(problem, vehicle_id=("truck", "heli", "more"), **more)
    fresh = np.array([False, False, True])
    found = gain(wide, plan.routes, [FARM], fresh)
    assert found is not None
    ensure_gain(wide, found)
    assert set(plan.routes) < set(found.routes)
    assert [r.vehicle for r in found.routes if r not in plan.routes] == [2]
    assert found == gain(wide, plan.routes, [FARM])
