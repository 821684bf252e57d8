"""The independent checker of a sourcing plan: every lot balanced, every figure recomputed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from dispatch.errors import InvalidPlanError
from dispatch.i18n import _
from dispatch.optimise.problem import TERMINATIONS
from dispatch.optimise.sourcing import (
    OWN_CARRIER,
    WHOLE,
    Purchase,
    Serving,
    Shipment,
    SourcingProblem,
    SourcingSolution,
    claims,
    lane_costs,
    loads,
    points,
    share_stage,
    slots,
    stages,
    weights,
)


def ensure(problem: SourcingProblem, solution: SourcingSolution) -> None:
    """Refuse a solution that breaks any rule.

    Raises
    ------
    InvalidPlanError
        With one sentence for each broken rule.
    """
    violations = check(problem, solution)
    if violations:
        raise InvalidPlanError(violations)


def ensure_feasible(problem: SourcingProblem, solution: SourcingSolution) -> None:
    """Refuse a plan that breaks any rule, whatever it reports of itself.

    Raises
    ------
    InvalidPlanError
        With one sentence for each broken rule.
    """
    violations = infeasibilities(problem, solution)
    if violations:
        raise InvalidPlanError(violations)


def check(problem: SourcingProblem, solution: SourcingSolution) -> tuple[str, ...]:
    """Return one sentence for each rule the solution breaks, none if it is valid.

    Its figures are judged only where the plan itself is feasible.
    """
    return infeasibilities(problem, solution) or tuple(_wrong_stages(problem, solution))


def infeasibilities(problem: SourcingProblem, solution: SourcingSolution) -> tuple[str, ...]:
    """Return one sentence for each rule the plan breaks, whatever it reports of itself."""
    wrong_rows = tuple(_wrong_rows(problem, solution))
    if wrong_rows:
        return wrong_rows
    return (
        *_wrong_order(solution),
        *_wrong_shipments(problem, solution),
        *_overloaded_fleets(problem, solution),
        *_wrong_purchases(problem, solution),
        *_wrong_servings(problem, solution),
        *_lots_from_nowhere(problem, solution),
    )


def evaluate(problem: SourcingProblem, solution: SourcingSolution) -> dict[str, int]:
    """Recompute the objective of every stage, keyed by its name.

    The solution must name existing rows; it need not satisfy anything else.
    """
    point = points(problem).tolist()
    value = {share_stage(w): _worst_share(problem, solution, w) for w in weights(problem)}
    value["served"] = sum(point[s.need] * s.lots for s in solution.servings)
    value["lateness"] = sum(
        point[s.need] * s.lots * (s.day - int(problem.need_due[s.need])) for s in solution.servings
    )
    value["floors"] = _missing_from_floors(problem, solution)
    value["cost"] = cost_yuan(problem, solution)
    return value


def cost_yuan(problem: SourcingProblem, solution: SourcingSolution) -> int:
    """Return what buying and carrying cost together, in yuan."""
    carried = lane_costs(problem)
    return spent_yuan(problem, solution) + sum(
        int(carried[s.lane, s.item]) * s.lots for s in solution.shipments
    )


def stock_by_day(
    problem: SourcingProblem, solution: SourcingSolution
) -> dict[tuple[int, int], list[int]]:
    """Return the lots that lie at each (site, item) at the end of each day.

    Only sites and items that anything happens to are named. A negative figure
    means lots that never were.
    """
    change: defaultdict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    bought = {purchase.source: purchase.lots for purchase in solution.purchases}
    for source, lots in enumerate(problem.source_lots.tolist()):
        key = int(problem.source_site[source]), int(problem.source_item[source])
        comes = bought.get(source, 0) if problem.source_bought[source] else lots
        change[key][int(problem.source_day[source])] += comes
    for s in solution.shipments:
        change[int(problem.lane_from[s.lane]), s.item][s.day] -= s.lots
        arrival = s.day + int(problem.lane_days[s.lane])
        change[int(problem.lane_to[s.lane]), s.item][arrival] += s.lots
    for serving in solution.servings:
        key = int(problem.need_site[serving.need]), int(problem.need_item[serving.need])
        change[key][serving.day] -= serving.lots
    return {key: _running(days, problem.days) for key, days in sorted(change.items())}


def _running(change: Counter[int], days: int) -> list[int]:
    level, levels = 0, []
    for day in range(days):
        level += change[day]
        levels.append(level)
    return levels


def _worst_share(problem: SourcingProblem, solution: SourcingSolution, weight: int) -> int:
    claim = claims(problem)
    served: Counter[int] = Counter()
    for serving in solution.servings:
        served[int(claim.of_need[serving.need])] += serving.lots
    worst = WHOLE
    for c, portion in enumerate(claim.portion.tolist()):
        if portion > 0 and claim.weight[c] == weight:
            worst = min(worst, WHOLE * served[c] // portion)
    return worst


def _missing_from_floors(problem: SourcingProblem, solution: SourcingSolution) -> int:
    stock = stock_by_day(problem, solution)
    missing = 0
    for site, item, wanted in zip(
        problem.floor_site.tolist(),
        problem.floor_item.tolist(),
        problem.floor_lots.tolist(),
        strict=True,
    ):
        levels = stock.get((site, item), [0] * problem.days)
        missing += sum(max(0, wanted - level) for level in levels)
    return missing


def spent_yuan(problem: SourcingProblem, solution: SourcingSolution) -> int:
    """Return what all purchases cost, in yuan."""
    return sum(int(problem.source_yuan[p.source]) * p.lots for p in solution.purchases)


def _wrong_rows(problem: SourcingProblem, solution: SourcingSolution) -> Iterator[str]:
    rows: list[tuple[str, Iterable[int], int]] = [
        (_("lane"), (s.lane for s in solution.shipments), len(problem.lane_from)),
        (_("item"), (s.item for s in solution.shipments), len(problem.item_id)),
        (_("day"), (s.day for s in solution.shipments), problem.days),
        (_("source"), (p.source for p in solution.purchases), len(problem.source_id)),
        (_("need"), (s.need for s in solution.servings), len(problem.need_id)),
        (_("day"), (s.day for s in solution.servings), problem.days),
    ]
    for kind, named, count in rows:
        for row in named:
            if not 0 <= row < count:
                yield _("There is no {kind} {row}.").format(kind=kind, row=row)


def _wrong_order(solution: SourcingSolution) -> Iterator[str]:
    keys: tuple[list[tuple[int, ...]], ...] = (
        [(s.lane, s.item, s.day) for s in solution.shipments],
        [(p.source,) for p in solution.purchases],
        [(s.need, s.day) for s in solution.servings],
    )
    for kind, found in zip((_("Shipments"), _("Purchases"), _("Servings")), keys, strict=True):
        if found != sorted(set(found)):
            yield _("{kind} are repeated or out of order.").format(kind=kind)
    every: list[Shipment | Purchase | Serving] = [*solution.shipments]
    every += [*solution.purchases, *solution.servings]
    for row in every:
        if row.lots < 1:
            yield _("{row} moves no lot.").format(row=row)


def _wrong_shipments(problem: SourcingProblem, solution: SourcingSolution) -> Iterator[str]:
    for s in solution.shipments:
        names = {"lane": _lane(problem, s.lane), "day": s.day}
        if not problem.lane_opens[s.lane] <= s.day <= problem.lane_closes[s.lane]:
            yield _("Lane {lane} is closed on day {day}.").format(**names)
        if s.day + problem.lane_days[s.lane] >= problem.days:
            yield _("A shipment on lane {lane} of day {day} arrives after the last day.").format(
                **names
            )


def _overloaded_fleets(problem: SourcingProblem, solution: SourcingSolution) -> Iterator[str]:
    """Mass, volume and slots, on each day on which a vehicle is away."""
    used: Counter[tuple[int, int, str]] = Counter()
    each = {
        "kg": problem.item_kg.tolist(),
        "l": problem.item_litres.tolist(),
        "slots": loads(problem).tolist(),
    }
    for s in solution.shipments:
        fleet = int(problem.lane_fleet[s.lane])
        if fleet != OWN_CARRIER:
            last = min(s.day + int(problem.lane_away[s.lane]), problem.days)
            for day in range(s.day, last):
                for unit, of_item in each.items():
                    used[fleet, day, unit] += of_item[s.item] * s.lots
    most = {"kg": problem.fleet_kg, "l": problem.fleet_litres, "slots": slots(problem)}
    for (fleet, day, unit), load in sorted(used.items()):
        if load > most[unit][fleet, day]:
            yield _(
                "Fleet {fleet} carries {load} {unit} on day {day}; it can carry {most}."
            ).format(
                fleet=problem.fleet_id[fleet],
                load=load,
                unit=unit,
                day=day,
                most=most[unit][fleet, day],
            )


def _wrong_purchases(problem: SourcingProblem, solution: SourcingSolution) -> Iterator[str]:
    for p in solution.purchases:
        name, most = problem.source_id[p.source], int(problem.source_lots[p.source])
        if not problem.source_bought[p.source]:
            yield _("{source} is not for sale.").format(source=name)
        if p.lots > most:
            yield _("Too many lots are bought of {source}: {lots}; it has {most}.").format(
                lots=p.lots, source=name, most=most
            )
    spent = spent_yuan(problem, solution)
    if problem.budget_yuan is not None and spent > problem.budget_yuan:
        yield _("{spent} yuan are spent; the budget is {budget}.").format(
            spent=spent, budget=problem.budget_yuan
        )


def _wrong_servings(problem: SourcingProblem, solution: SourcingSolution) -> Iterator[str]:
    total: Counter[int] = Counter()
    for s in solution.servings:
        total[s.need] += s.lots
        due, latest = int(problem.need_due[s.need]), int(problem.need_latest[s.need])
        if not due <= s.day <= latest:
            yield _("Need {need} is served on day {day}, not from {due} to {latest}.").format(
                need=problem.need_id[s.need], day=s.day, due=due, latest=latest
            )
    for need, lots in sorted(total.items()):
        if lots > problem.need_lots[need]:
            yield _("Need {need} is served with too many lots: {lots}; it wants {most}.").format(
                need=problem.need_id[need], lots=lots, most=problem.need_lots[need]
            )


def _lots_from_nowhere(problem: SourcingProblem, solution: SourcingSolution) -> Iterator[str]:
    for (site, item), levels in stock_by_day(problem, solution).items():
        if min(levels) < 0:
            day = next(day for day, level in enumerate(levels) if level < 0)
            yield _("At {site} lots of {item} are missing on day {day}: {lots}.").format(
                site=problem.site_id[site], lots=-levels[day], item=problem.item_id[item], day=day
            )


def _wrong_stages(problem: SourcingProblem, solution: SourcingSolution) -> Iterator[str]:
    if tuple((stage.name, stage.sense) for stage in solution.stages) != stages(problem):
        yield _("The stages are not those of the problem in their order.")
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


def _lane(problem: SourcingProblem, lane: int) -> str:
    start, end = int(problem.lane_from[lane]), int(problem.lane_to[lane])
    return f"{problem.site_id[start]} → {problem.site_id[end]}"
