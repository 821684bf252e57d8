"""The independent checker: no solver, no code of the solvers, plain integers.

Whatever made a solution, it is accepted only if every rule of the problem
holds and every reported figure is the one found here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dispatch.errors import InvalidPlanError
from dispatch.i18n import _
from dispatch.optimise.problem import (
    STAGES,
    TERMINATIONS,
    DispatchProblem,
    DispatchSolution,
    points,
)


def ensure(problem: DispatchProblem, solution: DispatchSolution) -> None:
    """Refuse a solution that breaks any rule.

    Raises
    ------
    InvalidPlanError
        With one sentence for each broken rule.
    """
    violations = check(problem, solution)
    if violations:
        raise InvalidPlanError(violations)


def check(problem: DispatchProblem, solution: DispatchSolution) -> tuple[str, ...]:
    """Return one sentence for each rule the solution breaks, none if it is valid.

    Its figures are judged only where the plan itself is feasible.
    """
    return infeasibilities(problem, solution) or tuple(_wrong_stages(problem, solution))


def infeasibilities(problem: DispatchProblem, solution: DispatchSolution) -> tuple[str, ...]:
    """Return one sentence for each rule the plan breaks, whatever it reports of itself.

    Rows that do not exist are reported alone, since nothing else can be judged
    before they are right; so is, of one service, work of no units.
    """
    wrong_rows = tuple(_wrong_rows(problem, solution))
    if wrong_rows:
        return wrong_rows
    return (
        *_wrong_order(solution),
        *_wrong_teams(problem, solution),
        *_wrong_services(problem, solution),
        *_overused_modules(problem, solution),
        *_overused_members(problem, solution),
        *_wrong_credits(problem, solution),
        *_overused_lifts(problem, solution),
    )


def evaluate(problem: DispatchProblem, solution: DispatchSolution) -> dict[str, int]:
    """Recompute the objective of every stage, keyed by the names of ``STAGES``.

    The solution must name existing rows and dispatched teams; it need not
    satisfy anything else.
    """
    option = _option_of_team(problem, solution)
    point = points(problem)
    met_by_target = met = arrival = 0
    for service in solution.services:
        arrival_s = int(problem.option_arrival_s[option[int(problem.module_team[service.module])]])
        worth = int(point[service.demand]) * service.quantity
        met += worth
        arrival += worth * arrival_s
        if arrival_s <= problem.demand_target_s[service.demand]:
            met_by_target += worth
    return {
        "met_by_target": met_by_target,
        "met": met,
        "arrival": arrival,
        "floors": _missing_from_floors(problem, set(option)),
        "cost": sum(int(problem.option_cost_yuan[o]) for o in solution.options),
    }


def _missing_from_floors(problem: DispatchProblem, sent: set[int]) -> int:
    missing = 0
    for teams, wanted in zip(problem.floor_teams, problem.floor_quantity.tolist(), strict=True):
        left = sum(1 for team in teams.tolist() if team not in sent)
        missing += max(0, wanted - left)
    return missing


def _option_of_team(problem: DispatchProblem, solution: DispatchSolution) -> dict[int, int]:
    return {int(problem.option_team[option]): option for option in solution.options}


def _wrong_rows(problem: DispatchProblem, solution: DispatchSolution) -> Iterator[str]:
    options, modules, demands = (
        len(problem.option_team),
        len(problem.module_team),
        len(problem.demand_id),
    )
    for option in solution.options:
        if not 0 <= option < options:
            yield _("There is no option {row}.").format(row=option)
    for service in solution.services:
        if not 0 <= service.module < modules:
            yield _("There is no module {row}.").format(row=service.module)
        if not 0 <= service.demand < demands:
            yield _("There is no demand {row}.").format(row=service.demand)


def _wrong_order(solution: DispatchSolution) -> Iterator[str]:
    pairs = [(service.demand, service.module) for service in solution.services]
    if pairs != sorted(set(pairs)):
        yield _("Services are repeated or out of order.")
    if list(solution.options) != sorted(set(solution.options)):
        yield _("Options are repeated or out of order.")


def _wrong_teams(problem: DispatchProblem, solution: DispatchSolution) -> Iterator[str]:
    sent = Counter(int(problem.option_team[option]) for option in solution.options)
    busy = {int(problem.module_team[service.module]) for service in solution.services}
    for team, times in sorted(sent.items()):
        if times > 1:
            yield _("Team {team} is sent {times} times.").format(
                team=problem.team_id[team], times=times
            )
        if team not in busy:
            yield _("Team {team} is sent but does nothing.").format(team=problem.team_id[team])
    for team in sorted(busy - set(sent)):
        yield _("Team {team} works but is not sent.").format(team=problem.team_id[team])


def _wrong_services(problem: DispatchProblem, solution: DispatchSolution) -> Iterator[str]:
    options = _option_of_team(problem, solution)
    for service in solution.services:
        team = int(problem.module_team[service.module])
        names = {
            "team": problem.team_id[team],
            "demand": problem.demand_id[service.demand],
            "units": service.units,
            "quantity": service.quantity,
        }
        if problem.module_capability[service.module] != problem.demand_capability[service.demand]:
            yield _("Team {team} serves demand {demand} with another capability.").format(**names)
        if service.units < 1:
            yield _("Team {team} serves demand {demand} with {units} units.").format(**names)
            continue
        most = service.units * int(problem.module_quantity[service.module])
        if not 1 <= service.quantity <= most:
            yield _(
                "Team {team} is credited with {quantity} for demand {demand}; "
                "its units give {most}."
            ).format(most=most, **names)
        if team in options:
            if _left_behind(problem, options[team], service.module):
                yield _(
                    "Team {team} serves demand {demand} with what needs vehicles; they stay behind."
                ).format(**names)
            yield from _wrong_arrival(problem, options[team], service.demand, names)


def _wrong_arrival(
    problem: DispatchProblem, option: int, demand: int, names: dict[str, object]
) -> Iterator[str]:
    if problem.option_incident[option] != problem.demand_incident[demand]:
        yield _("Team {team} goes to another incident than that of demand {demand}.").format(
            **names
        )
    late_s = int(problem.option_arrival_s[option] - problem.demand_latest_s[demand])
    if late_s > 0:
        yield _("Team {team} arrives {late} s too late for demand {demand}.").format(
            late=late_s, **names
        )


def _left_behind(problem: DispatchProblem, option: int, module: int) -> bool:
    """Tell whether the module stays at home: it needs vehicles and they don't come along."""
    by_itself = bool(problem.module_portable[module]) if problem.module_portable.size else True
    with_vehicles = bool(problem.option_vehicles[option]) if problem.option_vehicles.size else True
    return not by_itself and not with_vehicles


def _overused_modules(problem: DispatchProblem, solution: DispatchSolution) -> Iterator[str]:
    used: Counter[int] = Counter()
    for service in solution.services:
        used[service.module] += service.units
    for module, units in sorted(used.items()):
        if units > problem.module_units[module]:
            yield _("Team {team} uses {units} units of {capability}; it has {most}.").format(
                team=problem.team_id[problem.module_team[module]],
                units=units,
                capability=problem.module_capability[module],
                most=problem.module_units[module],
            )


def _overused_members(problem: DispatchProblem, solution: DispatchSolution) -> Iterator[str]:
    used: Counter[int] = Counter()
    for service in solution.services:
        members = int(problem.module_members[service.module])
        used[int(problem.module_team[service.module])] += service.units * members
    for team, members in sorted(used.items()):
        if members > problem.personnel[team]:
            yield _("Team {team} needs {members} members; it has {most}.").format(
                team=problem.team_id[team], members=members, most=problem.personnel[team]
            )


def _wrong_credits(problem: DispatchProblem, solution: DispatchSolution) -> Iterator[str]:
    credit: Counter[int] = Counter()
    for service in solution.services:
        credit[service.demand] += service.quantity
    for demand, quantity in sorted(credit.items()):
        least, most = problem.demand_minimum[demand], problem.demand_quantity[demand]
        if not least <= quantity <= most:
            yield _("Demand {demand} is credited with {quantity}, not {least} to {most}.").format(
                demand=problem.demand_id[demand], quantity=quantity, least=least, most=most
            )


def _overused_lifts(problem: DispatchProblem, solution: DispatchSolution) -> Iterator[str]:
    """Look at every moment at which a chosen option begins to use a lift."""
    taken = set(solution.options)
    columns = (problem.use_lift, problem.use_from_s, problem.use_until_s, problem.use_quantity)
    uses = [
        row
        for option, *row in zip(
            problem.use_option.tolist(), *(column.tolist() for column in columns), strict=True
        )
        if option in taken
    ]
    for lift, moment_s in sorted({(lift, from_s) for lift, from_s, _until, _quantity in uses}):
        used = sum(
            quantity
            for other, from_s, until_s, quantity in uses
            if other == lift and from_s <= moment_s < until_s
        )
        if used > problem.lift_capacity[lift]:
            yield _("Lift {lift} is used by {used} at {moment} s; it has {most}.").format(
                lift=problem.lift_id[lift],
                used=used,
                moment=moment_s,
                most=problem.lift_capacity[lift],
            )


def _wrong_stages(problem: DispatchProblem, solution: DispatchSolution) -> Iterator[str]:
    if tuple((stage.name, stage.sense) for stage in solution.stages) != STAGES:
        yield _("The stages are not the five of the problem in their order.")
        return
    true = evaluate(problem, solution)
    for stage in solution.stages:
        names = {"stage": stage.name, "value": stage.value, "bound": stage.bound}
        if stage.value != true[stage.name]:
            yield _("Stage {stage} reports {value}; it is {true}.").format(
                true=true[stage.name], **names
            )
        beyond = stage.value - stage.bound if stage.sense == "max" else stage.bound - stage.value
        if beyond > 0:
            yield _("Stage {stage} reports {value}, better than its bound {bound}.").format(**names)
        if stage.termination not in TERMINATIONS:
            yield _("Stage {stage} ended in an unknown way.").format(**names)
        if stage.termination == "optimal" and beyond:
            yield _("Stage {stage} is called optimal at {value}, bound {bound}.").format(**names)
