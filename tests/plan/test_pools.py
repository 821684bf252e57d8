"""Needs for which nobody is unlocked, in the little province."""

from __future__ import annotations

from dataclasses import replace

import pytest
from little import registry, scenario

from dispatch.doctrine import load_doctrine
from dispatch.plan.pools import empty_pools
from dispatch.registry import data_dir

DOCTRINE = load_doctrine(data_dir())
PUMPING = "capability: pumping, quantity: 200, target_min: 100, latest_min: 240"
SEARCH = "capability: search_rescue, quantity: 20, target_min: 30, latest_min: 120"


pytestmark = pytest.mark.usefixtures("english")


def assault():
    """Let both teams that pump be of the armed police, whom only level III or above may ask."""
    tables = registry()
    teams = tables.teams
    pumps = teams.index != "near"
    teams.loc[pumps, ["tier", "control_level"]] = ["assault", "province"]
    return registry(teams__teams=teams)


def told(tables, doctrine=DOCTRINE, *, folder, demands=(SEARCH, PUMPING), **options):
    return empty_pools(tables, doctrine, scenario(folder, *demands, **options))


@pytest.mark.parametrize("level", ["I", "II", "III", "IV"])
def test_where_somebody_is_unlocked_there_is_nothing_to_tell(tmp_path, level):
    assert told(registry(), folder=tmp_path, level=level) == ()


def test_the_lowest_level_that_unlocks_somebody_is_the_remedy(tmp_path):
    rules = {
        rule.level
        for rule in DOCTRINE.pools
        if (rule.tier, rule.control_level, rule.place) == ("assault", "province", "own_city")
    }
    lowest = max(rules, key=["I", "II", "III", "IV"].index)
    assert lowest != "IV"
    (fault,) = told(assault(), folder=tmp_path, level="IV")
    assert (fault.column, fault.value) == ("incidents[0].demands[1].capability", "pumping")
    assert fault.row is not None
    assert "level IV" in fault.problem
    assert f"{lowest} unlocks " in fault.remedy
    assert told(assault(), folder=tmp_path, level=lowest) == ()


def test_the_level_may_be_derived(tmp_path):
    """Five trapped: level III by the rules of the type, which here unlocks no armed police."""
    pools = tuple(r for r in DOCTRINE.pools if (r.tier, r.level) != ("assault", "III"))
    (fault,) = told(assault(), replace(DOCTRINE, pools=pools), folder=tmp_path, level="auto")
    assert "level III" in fault.problem
    assert "II unlocks 2 of them" in fault.remedy


def test_who_is_in_no_pool_at_all_can_only_be_borrowed(tmp_path):
    never = replace(DOCTRINE, pools=tuple(r for r in DOCTRINE.pools if r.tier != "assault"))
    (fault,) = told(assault(), never, folder=tmp_path, level="I")
    assert fault.remedy == "borrow it: no level unlocks one"


def test_a_capability_that_nobody_has_is_named(tmp_path):
    modules = registry()["teams/capabilities"].query("capability != 'pumping'")
    (fault,) = told(registry(teams__capabilities=modules), folder=tmp_path)
    assert fault.problem == "no team has this capability"


def test_needs_of_the_type_are_not_stated_by_the_scenario(tmp_path):
    one = scenario(tmp_path, PUMPING)
    bare = one.incidents[0].model_copy(update={"demands": None})
    assert empty_pools(assault(), DOCTRINE, one.model_copy(update={"incidents": (bare,)})) == ()
