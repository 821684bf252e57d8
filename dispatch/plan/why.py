"""Why this team and not the next one: for each need that is met, with the minutes between them."""

from __future__ import annotations

from dispatch.i18n import _, told
from dispatch.optimise.candidates import Candidates, candidates
from dispatch.optimise.conflict import credits_of
from dispatch.optimise.problem import DispatchSolution
from dispatch.optimise.swap import Swap, swap
from dispatch.plan.answers import Choice
from dispatch.plan.prepare import Prepared
from dispatch.plan.telling import Names
from dispatch.registry import Registry
from dispatch.scenario import Scenario

S_PER_MIN = 60


def why_this_team(
    registry: Registry, scenario: Scenario, prepared: Prepared, solution: DispatchSolution
) -> dict[str, tuple[Choice, ...]]:
    """Compare the last team to arrive for each met need with those that were not taken.

    A nearer team that has other work is left where it is. A nearer one without
    work is put in the place of the one that was sent, all else as planned: the
    first stage of the objective that gets worse by it is the reason.

    Returns
    -------
    dict of str to tuple of Choice
        By demand id: the nearest team passed over, if there is one, and the
        first of those that would have come no sooner.
    """
    problem, arcs = prepared.problem, candidates(prepared.problem)
    met, _early = credits_of(problem, solution)
    case = _Cases(Names(registry, scenario, prepared), solution, arcs)
    return {
        problem.demand_id[demand]: case.choices(demand)
        for demand, wanted in enumerate(problem.demand_quantity.tolist())
        if met[demand] >= wanted
    }


class _Cases:
    """A plan, and where everybody is in it."""

    def __init__(self, names: Names, solution: DispatchSolution, arcs: Candidates) -> None:
        self.names, self.solution, self.arcs = names, solution, arcs
        problem = names.prepared.problem
        self.problem = problem
        self.sent = {int(problem.option_team[option]): option for option in solution.options}
        self.work: dict[int, list[int]] = {}
        for service in solution.services:
            team = int(problem.module_team[service.module])
            self.work.setdefault(team, []).append(service.demand)

    def choices(self, demand: int) -> tuple[Choice, ...]:
        """Compare the last team that serves a demand with the others, nearest first."""
        serving = [team for team, demands in self.work.items() if demand in demands]
        last = max(serving, key=lambda team: (self._came_s(team), self.problem.team_id[team]))
        came_s = self._came_s(last)
        others = sorted(
            (at_s, self.problem.team_id[team], team)
            for team, at_s in self._arrivals(demand).items()
            if team not in serving
        )
        sooner = [(at_s, team) for at_s, _id, team in others if at_s < came_s]
        later = [(at_s, team) for at_s, _id, team in others if at_s >= came_s]
        picked = sooner[:1] + later[:1]
        if not picked:
            return (self._alone(demand, last),)
        return tuple(self._choice(demand, last, team, at_s - came_s) for at_s, team in picked)

    def _arrivals(self, demand: int) -> dict[int, int]:
        """Return when each team that could serve a demand could be there, by its fastest way."""
        best: dict[int, int] = {}
        mine = self.arcs.demand == demand
        teams = self.problem.option_team[self.arcs.option[mine]].tolist()
        for team, at_s in zip(teams, self.arcs.arrival_s[mine].tolist(), strict=True):
            best[team] = min(at_s, best.get(team, at_s))
        return best

    def _came_s(self, team: int) -> int:
        return int(self.problem.option_arrival_s[self.sent[team]])

    def _alone(self, demand: int, team: int) -> Choice:
        texts = told(
            lambda: _("{team}: no other team that has it could be there in time").format(
                team=self.names.team(team)
            )
        )
        ids = self.problem.demand_id[demand], self.problem.team_id[team]
        return Choice(*ids, "", None, "none", *texts)

    def _choice(self, demand: int, team: int, other: int, later_s: int) -> Choice:
        code, found = self._reason(demand, team, other, later_s)
        texts = told(lambda: self._words(team, other, later_s, code, found))
        return Choice(
            demand_id=self.problem.demand_id[demand],
            team_id=self.problem.team_id[team],
            other_id=self.problem.team_id[other],
            minutes=round(later_s / S_PER_MIN, 1),
            code=code,
            text_zh=texts[0],
            text_en=texts[1],
        )

    def _reason(self, demand: int, team: int, other: int, later_s: int) -> tuple[str, Swap | None]:
        if later_s > 0:
            return "later", None
        if other in self.sent:
            here = self.problem.demand_incident[demand]
            there = self.problem.option_incident[self.sent[other]]
            return ("at_work" if here == there else "elsewhere"), None
        found = swap(self.problem, self.solution, demand, team, other)
        if found.quantity == 0:
            return "no_lift", found
        if found.quantity < found.wanted:
            return "too_little", found
        if found.worse < 0:
            return "not_proved", found
        return (found.stage or "equal"), found

    def _words(self, team: int, other: int, later_s: int, code: str, found: Swap | None) -> str:
        names = self.names
        minutes = round(abs(later_s) / S_PER_MIN)
        text = (
            _("{team} was sent; {other} would arrive at the same time{but}")
            if not minutes
            else _("{team} was sent; {other} would arrive {minutes} min later{but}")
            if later_s > 0
            else _("{team} was sent; {other} would arrive {minutes} min sooner{but}")
        )
        return text.format(
            team=names.team(team),
            other=names.team(other),
            minutes=minutes,
            but=self._but(other, code, found),
        )

    def _but(self, other: int, code: str, found: Swap | None) -> str:
        if other in self.sent:
            need = self._heaviest(other)
            return _(", but serves {need} at {incident} (priority {priority})").format(
                need=self.names.capability(need),
                incident=self.names.place(need),
                priority=int(self.names.prepared.demands["priority"].iloc[need]),
            )
        if found is None:
            return ""
        return {
            "no_lift": _(", but finds no room in an aircraft or train"),
            "too_little": _(", but gives only {quantity} of {wanted}"),
            "not_proved": _(", and would be better: the solver stopped before its proof"),
            "met_by_target": _(", but less would be met by its target time"),
            "met": _(", but less would be met"),
            "arrival": _(", but other help would come later"),
            "floors": _(", but {worse} more would be missing from the reserve"),
            "cost": _(", but would cost {worse} yuan more"),
            "equal": _("; the plan is as good with the one as with the other"),
        }[code].format(quantity=found.quantity, wanted=found.wanted, worse=f"{found.worse:,}")

    def _heaviest(self, team: int) -> int:
        """Return the weightiest demand that a team serves."""
        weight = self.problem.demand_weight
        return min(self.work[team], key=lambda demand: (-int(weight[demand]), demand))
