"""Why this team and not the next one, in the little province.

Arrivals at z, in seconds: near 60 (search), mid 3,900 (search, pump), far 4,500 (pump).
"""

from __future__ import annotations

import pytest
from little import registry, scenario

from dispatch.doctrine import load_doctrine
from dispatch.optimise.assign import solve
from dispatch.optimise.problem import DispatchSolution, Service
from dispatch.optimise.swap import Swap
from dispatch.plan import why
from dispatch.plan.prepare import Prepared, prepare
from dispatch.plan.why import why_this_team
from dispatch.registry import data_dir

DOCTRINE = load_doctrine(data_dir())
SEARCH = "capability: search_rescue, quantity: {}, minimum: 1, target_min: 120, latest_min: 240"
PUMPING = "capability: pumping, quantity: {}, minimum: 1, target_min: 120, latest_min: 240"


pytestmark = pytest.mark.usefixtures("english")


def chosen(told, tables=None, plan=None):
    tables = tables or registry()
    prepared = prepare(tables, DOCTRINE, told)
    solution = plan(prepared) if plan else solve(prepared.problem, workers=1)
    return why_this_team(tables, told, prepared, solution)


def sends(team: str, capability: str, units: int, quantity: int):
    """Return what makes a plan of one team at one demand."""

    def plan(prepared: Prepared) -> DispatchSolution:
        problem = prepared.problem
        row = problem.team_id.index(team)
        module = next(
            m
            for m, code in enumerate(problem.module_capability)
            if code == capability and problem.module_team[m] == row
        )
        option = next(o for o, t in enumerate(problem.option_team.tolist()) if t == row)
        return DispatchSolution((option,), (Service(module, 0, units, quantity),), ())

    return plan


def test_the_next_one_would_be_later(tmp_path):
    """Mid at 65 min, far at 75."""
    (choice,) = chosen(scenario(tmp_path, PUMPING.format(100)))["mine/01-pumping"]
    assert (choice.team_id, choice.other_id, choice.minutes, choice.code) == (
        "mid",
        "far",
        10.0,
        "later",
    )
    assert choice.text_en == "Mid was sent; Far would arrive 10 min later"
    assert choice.text_zh


def test_the_last_of_several_is_compared(tmp_path):
    """Far and mid pump, so there is nobody else."""
    (choice,) = chosen(scenario(tmp_path, PUMPING.format(300)))["mine/01-pumping"]
    assert (choice.team_id, choice.other_id, choice.minutes, choice.code) == (
        "far",
        "",
        None,
        "none",
    )
    assert choice.text_en == "Far: no other team that has it could be there in time"


def test_the_next_one_has_other_work_as_well(tmp_path):
    """Mid pumps and has four members left for the search, but near needs no help."""
    told = scenario(tmp_path, PUMPING.format(300), SEARCH.format(7))
    (choice,) = chosen(told)["mine/02-search_rescue"]
    assert (choice.team_id, choice.other_id, choice.code) == ("near", "mid", "later")
    assert choice.text_en.endswith("64 min later, but serves Pumping at A mine (priority 1)")


def test_a_nearer_one_works_for_a_heavier_need(tmp_path):
    """Mid is nearer than far, and all of its members search."""

    def plan(prepared):
        problem = prepared.problem
        far, mid = (problem.team_id.index(team) for team in ("far", "mid"))
        rows = list(zip(problem.module_team.tolist(), problem.module_capability, strict=True))
        option = {int(team): o for o, team in enumerate(problem.option_team)}
        services = (
            Service(rows.index((far, "pumping")), 0, 1, 100),
            Service(rows.index((mid, "search_rescue")), 1, 6, 6),
        )
        return DispatchSolution(tuple(sorted((option[far], option[mid]))), services, ())

    told = scenario(tmp_path, PUMPING.format(100), SEARCH.format(6))
    (choice,) = chosen(told, plan=plan)["mine/01-pumping"]
    assert (choice.team_id, choice.other_id, choice.minutes, choice.code) == (
        "far",
        "mid",
        -10.0,
        "at_work",
    )
    assert choice.text_en == (
        "Far was sent; Mid would arrive 10 min sooner, but serves Search at A mine (priority 1)"
    )


def test_a_nearer_one_gives_too_little(tmp_path):
    """Far pumps 200; mid is ten minutes nearer and has one pump of 100."""
    told = scenario(tmp_path, PUMPING.format(200))
    (choice,) = chosen(told, plan=sends("far", "pumping", 2, 200))["mine/01-pumping"]
    assert (choice.other_id, choice.minutes, choice.code) == ("mid", -10.0, "too_little")
    assert choice.text_en.endswith("10 min sooner, but gives only 100 of 200")


def test_a_nearer_one_that_would_be_better_is_owned_up_to(tmp_path):
    told = scenario(tmp_path, PUMPING.format(100))
    (choice,) = chosen(told, plan=sends("far", "pumping", 1, 100))["mine/01-pumping"]
    assert (choice.other_id, choice.code) == ("mid", "not_proved")
    assert choice.text_en.endswith("would be better: the solver stopped before its proof")


def test_both_the_one_passed_over_and_the_next_one_are_named(tmp_path):
    told = scenario(tmp_path, SEARCH.format(1))
    found = chosen(told, plan=sends("mid", "search_rescue", 1, 1))["mine/01-search_rescue"]
    assert [(choice.other_id, choice.minutes) for choice in found] == [("near", -64.0)]


def test_of_two_alike_the_cheaper_goes(tmp_path):
    """A twin of mid that costs 500 yuan more a day."""
    usual = registry()
    teams = usual.teams.copy()
    twin = teams.loc[["mid"]].rename(index={"mid": "twin"})
    twin["compensation_yuan_per_day"] += 500.0
    tables = registry(
        teams__teams=_joined(teams, twin),
        teams__capabilities=_copied(usual["teams/capabilities"]),
        teams__vehicles=_copied(usual["teams/vehicles"]),
    )
    (choice,) = chosen(scenario(tmp_path, PUMPING.format(100)), tables)["mine/01-pumping"]
    assert (choice.team_id, choice.other_id, choice.minutes, choice.code) == (
        "mid",
        "twin",
        0.0,
        "cost",
    )
    assert choice.text_en.endswith("at the same time, but would cost 500 yuan more")


def test_needs_that_are_not_met_are_left_to_the_other_question(tmp_path):
    assert chosen(scenario(tmp_path, SEARCH.format(20))) == {}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Swap(0, 5), "no room"),
        (Swap(5, 5, "met_by_target", 1), "less would be met by its target"),
        (Swap(5, 5, "met", 1), "less would be met"),
        (Swap(5, 5, "arrival", 1), "come later"),
        (Swap(5, 5, "floors", 2), "2 more would be missing"),
        (Swap(5, 5), "as good with the one as with the other"),
    ],
)
def test_every_reason_has_words(tmp_path, monkeypatch, found, words):
    monkeypatch.setattr(why, "swap", lambda *args: found)
    told = scenario(tmp_path, PUMPING.format(100))
    (choice,) = chosen(told, plan=sends("far", "pumping", 1, 100))["mine/01-pumping"]
    assert words in choice.text_en


def _joined(teams, twin):
    import pandas as pd

    return pd.concat([teams, twin])


def _copied(table):
    import pandas as pd

    mine = table.query("team_id == 'mid'").assign(team_id="twin")
    return pd.concat([table, mine], ignore_index=True)


@pytest.mark.parametrize(
    ("more_s", "told"), [(20, "at the same time"), (40, "1 min later"), (90, "2 min later")]
)
def test_minutes_are_whole_and_none_is_no_difference(tmp_path, more_s, told):
    """A twin of mid that mobilises so much more slowly."""
    usual = registry()
    teams = usual.teams.copy()
    twin = teams.loc[["mid"]].rename(index={"mid": "twin"})
    for column in ("mobilise_day_s", "mobilise_night_s"):
        twin[column] += more_s
    tables = registry(
        teams__teams=_joined(teams, twin),
        teams__capabilities=_copied(usual["teams/capabilities"]),
        teams__vehicles=_copied(usual["teams/vehicles"]),
    )
    (choice,) = chosen(scenario(tmp_path, PUMPING.format(100)), tables)["mine/01-pumping"]
    assert (choice.team_id, choice.other_id) == ("mid", "twin")
    assert f"would arrive {told}" in choice.text_en
