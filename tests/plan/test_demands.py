"""What incidents need, and what a unit of it is worth, in the little province."""

from __future__ import annotations

from little import INCIDENT, registry

from dispatch.doctrine import load_doctrine
from dispatch.optimise.assign import solve
from dispatch.optimise.check import check
from dispatch.optimise.problem import points
from dispatch.plan.demands import demand_table
from dispatch.plan.prepare import prepare
from dispatch.registry import data_dir
from dispatch.scenario import Scenario, load_scenario

DOCTRINE = load_doctrine(data_dir())
LINE = "{{capability: search_rescue, quantity: {}, target_min: 120, latest_min: 240{}}}"
SEARCH = f"      - {LINE}\n".format


def quakes(folder, at_z: str, at_a: str) -> Scenario:
    """Return a scenario with an incident at either end of the road."""
    first = INCIDENT.format(hour=8, level="I", toll_free="true", demands=at_z)
    start = first.index("  - id: mine")
    second = first[start:].replace("id: mine", "id: other").replace("113.0", "112.0")
    path = folder / "quakes.yaml"
    path.write_text(first + second.replace(at_z, at_a), encoding="utf-8")
    return load_scenario(path)


def test_a_rescuer_is_worth_the_same_where_many_are_wanted(tmp_path):
    """Near, at z, has 10 rescuers; mid has 6 and an hour to either end.

    Mid would meet the last 2 of 12 at z, a sixth of that need, or 6 of 60 at a,
    a tenth. Six rescuers do more than two, so mid goes to a.
    """
    told = quakes(tmp_path, SEARCH(12, ""), SEARCH(60, ""))
    prepared = prepare(registry(), DOCTRINE, told)
    small, large = points(prepared.problem).tolist()
    assert small == large == 100 * 100_000 // 36  # the mean that is wanted
    solution = solve(prepared.problem, workers=1)
    assert check(prepared.problem, solution) == ()
    sent = {(prepared.problem.team_id[prepared.problem.option_team[k]],
             prepared.problem.incident_id[prepared.problem.option_incident[k]])
            for k in solution.options}  # fmt: skip
    assert sent == {("near", "mine"), ("mid", "other")}


def test_the_first_wave_everywhere_goes_before_a_reinforcement(tmp_path):
    """Near, at z, could meet all of z; mid's 6 go to a's first wave, not to z's reinforcement."""
    first, later = ", priority: 1, wave: first", ", priority: 2, wave: reinforcement"
    told = quakes(
        tmp_path, SEARCH(10, first) + SEARCH(30, later), SEARCH(2, first) + SEARCH(2, later)
    )
    prepared = prepare(registry(), DOCTRINE, told)
    assert prepared.demands["name"].tolist() == ["搜救（首批）", "搜救（增援）"] * 2
    assert (
        prepared.demands["name_en"].tolist()
        == [
            "Search (first wave)",
            "Search (reinforcement)",
        ]
        * 2
    )
    solution = solve(prepared.problem, workers=1)
    assert check(prepared.problem, solution) == ()
    met = [0] * 4
    for service in solution.services:
        met[service.demand] += service.quantity
    assert met == [10, 0, 2, 2]


def test_a_need_without_waves_goes_by_the_name_of_its_capability(tmp_path):
    told = quakes(tmp_path, SEARCH(12, ""), SEARCH(60, ""))
    table = demand_table(registry(), DOCTRINE, told)
    assert table["name"].tolist() == ["搜救", "搜救"]
    assert table["demand_id"].tolist() == ["mine/01-search_rescue", "other/01-search_rescue"]
