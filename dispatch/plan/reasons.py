"""Why a need is not met in full: what rules out each team that could have helped.

Every team with the capability falls under exactly one reason, so that the
counts of the summary add up to all of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np

from dispatch.optimise.candidates import candidates
from dispatch.optimise.pocket import pocket
from dispatch.optimise.problem import DispatchSolution
from dispatch.plan.plan import Reason
from dispatch.plan.prepare import Prepared
from dispatch.scenario import Scenario

NAMED: Final = 8
"""How many of the nearest candidates are named one by one."""

SUMMARY: Final = {
    "all_sent": (
        "{n} 队已派到此处，能力用尽",
        "{n} is sent here and gives all it has",
        "{n} are sent here and give all they have",
    ),
    "members_busy": (
        "{n} 队已派到此处，队员忙于他项",
        "{n} is sent here, its members at other work",
        "{n} are sent here, their members at other work",
    ),
    "busy_elsewhere": ("{n} 队派往别处", "{n} is sent elsewhere", "{n} are sent elsewhere"),
    "too_late": ("{n} 队赶不到", "{n} would come too late", "{n} would come too late"),
    "not_released": (
        "{n} 队在本响应级别不能调动",
        "{n} is not released at this level",
        "{n} are not released at this level",
    ),
    "no_lift": (
        "{n} 队只能乘飞机或列车，已无位置，或装备离不开车辆",
        "{n} could come in time only by aircraft or train, without room or vehicles",
        "{n} could come in time only by aircraft or train, without room or vehicles",
    ),
    "no_road": ("{n} 队无路可达", "{n} has no way to reach it", "{n} have no way to reach it"),
    "below_minimum": (
        "{n} 队合起来仍不足最低有效数量",
        "{n} alone gives less than the minimum useful quantity",
        "{n} together give less than the minimum useful quantity",
    ),
    "not_proved": (
        "{n} 队未用，求解未证最优",
        "{n} is unused; the plan is not proved optimal",
        "{n} are unused; the plan is not proved optimal",
    ),
}
"""In Chinese, and in English of one team and of many."""


@dataclass(frozen=True)
class _Candidate:
    """One team with the capability, what rules it out, and when it would arrive."""

    row: int
    code: str
    arrival_s: float
    detail_zh: str
    detail_en: str


def reasons(
    scenario: Scenario, prepared: Prepared, solution: DispatchSolution, demand: int
) -> tuple[Reason, ...]:
    """Return why a demand is not met in full: a summary, then the nearest candidates.

    Parameters
    ----------
    scenario : Scenario
    prepared : Prepared
    solution : DispatchSolution
        In which the demand is not met in full.
    demand : int
        Its row in the problem.
    """
    problem = prepared.problem
    capability = problem.demand_capability[demand]
    able = sorted(
        {
            int(team)
            for team, code in zip(problem.module_team, problem.module_capability, strict=True)
            if code == capability
        }
    )
    if not able:
        return (Reason("no_team", None, "全省没有队伍具备此能力", "No team has this capability"),)
    found = [_candidate(scenario, prepared, solution, demand, row) for row in able]
    found.sort(key=lambda item: (item.arrival_s, problem.team_id[item.row]))
    others = [item for item in found if item.code != "all_sent"]
    return (_summary(found), *(_named(prepared, item) for item in others[:NAMED]))


def _summary(found: list[_Candidate]) -> Reason:
    counts = Counter(item.code for item in found)
    told = [(texts, counts[code]) for code, texts in SUMMARY.items() if counts[code]]
    zh = [text.format(n=n) for (text, _one, _many), n in told]
    en = [(one if n == 1 else many).format(n=n) for (_zh, one, many), n in told]
    teams = "team" if len(found) == 1 else "teams"
    return Reason(
        "summary",
        None,
        f"具备此能力的 {len(found)} 队中：" + "，".join(zh),
        f"Of {len(found)} {teams} with this capability " + ", ".join(en),
    )


def _named(prepared: Prepared, item: _Candidate) -> Reason:
    team = prepared.teams.iloc[item.row]
    return Reason(
        code=item.code,
        team_id=prepared.problem.team_id[item.row],
        text_zh=f"{team['name']}：{item.detail_zh}",
        text_en=f"{team['name_en'] or team['name']}: {item.detail_en}",
    )


def _candidate(
    scenario: Scenario,
    prepared: Prepared,
    solution: DispatchSolution,
    demand: int,
    row: int,
) -> _Candidate:
    problem = prepared.problem
    incident = int(problem.demand_incident[demand])
    arrival_s = prepared.earliest_s(row, incident)
    code, zh, en = _ruled_out(scenario, prepared, solution, demand, row, arrival_s)
    return _Candidate(row, code, arrival_s, zh, en)


def _ruled_out(
    scenario: Scenario,
    prepared: Prepared,
    solution: DispatchSolution,
    demand: int,
    row: int,
    arrival_s: float,
) -> tuple[str, str, str]:
    problem = prepared.problem
    incident = int(problem.demand_incident[demand])
    late_min = (arrival_s - float(problem.demand_latest_s[demand])) / 60
    sent_to = {
        int(problem.option_team[option]): int(problem.option_incident[option])
        for option in solution.options
    }
    if not np.isfinite(prepared.release_s[row, incident]):
        level = str(prepared.incidents.at[incident, "level"])
        return "not_released", f"{level} 级响应不能调动", f"not released at level {level}"
    if not np.isfinite(arrival_s):
        return "no_road", "无路可达", "no road leads there"
    if late_min > 0:
        return "too_late", f"晚 {late_min:.0f} 分钟", f"{late_min:.0f} min after the latest time"
    if row not in sent_to:
        if not _can_come(prepared, solution, demand, row):
            return "no_lift", "没有飞机或列车可用", "no aircraft or train for it"
        if _met(solution, demand) == 0 and problem.demand_minimum[demand] > 1:
            return "below_minimum", "凑不足最低有效数量", "too little to be of use"
        return "not_proved", "可用而未用", "free, but the plan is not proved optimal"
    if sent_to[row] != incident:
        spec = scenario.incidents[sent_to[row]]
        return "busy_elsewhere", f"派往{spec.name}", f"sent to {spec.name_en or spec.name}"
    if _free_units(prepared, solution, demand, row):
        return "members_busy", "队员忙于他项任务", "its members are at other work here"
    return "all_sent", "已派到此处", "sent here"


def _can_come(prepared: Prepared, solution: DispatchSolution, demand: int, row: int) -> bool:
    """Whether an idle team finds room in time, with what is wanted of it."""
    small = pocket(prepared.problem, solution, demand)
    arcs = candidates(small.problem)
    return bool((prepared.problem.option_team[small.options[arcs.option]] == row).any())


def _met(solution: DispatchSolution, demand: int) -> int:
    return sum(service.quantity for service in solution.services if service.demand == demand)


def _free_units(prepared: Prepared, solution: DispatchSolution, demand: int, row: int) -> bool:
    """Whether a module of the team that could serve the demand has units left."""
    problem = prepared.problem
    used: Counter[int] = Counter()
    for service in solution.services:
        used[service.module] += service.units
    return any(
        used[module] < int(problem.module_units[module])
        for module in range(len(problem.module_capability))
        if problem.module_team[module] == row
        and problem.module_capability[module] == problem.demand_capability[demand]
    )
