"""A plan as a start for another one: who goes where for what, in the rows of another problem."""

from __future__ import annotations

from collections import Counter

import numpy as np

from dispatch.network.itinerary import MODES
from dispatch.optimise.problem import DispatchSolution, Service
from dispatch.plan.plan import Order, Plan
from dispatch.plan.prepare import Prepared


def start_of(plan: Plan, prepared: Prepared) -> DispatchSolution | None:
    """Return the orders of a plan as a solution of a problem that knows the same needs.

    A team takes the way of its mode that arrives first, by train or aircraft
    the one next to its own arrival. Whether the problem allows all of that is
    for the solver to look at.

    Returns
    -------
    DispatchSolution or None
        Without stages. None where a team, way, need or module is not there.
    """
    options: list[int] = []
    services: list[Service] = []
    for order in plan.orders:
        option = _option(order, prepared)
        work = _services(order, prepared)
        if option is None or work is None:
            return None
        options.append(option)
        services += work
    services.sort(key=lambda service: (service.demand, service.module))
    return DispatchSolution(tuple(sorted(options)), tuple(services), ())


def _option(order: Order, prepared: Prepared) -> int | None:
    problem = prepared.problem
    if order.team_id not in problem.team_id or order.incident_id not in problem.incident_id:
        return None
    rows = np.flatnonzero(
        (problem.option_team == problem.team_id.index(order.team_id))
        & (problem.option_incident == problem.incident_id.index(order.incident_id))
        & (prepared.options.mode == MODES.index(order.mode))
    ).tolist()
    own_s = 0 if order.mode == "road" else order.arrive_s
    return min(rows, key=lambda o: (abs(int(problem.option_arrival_s[o]) - own_s), o), default=None)


def _services(order: Order, prepared: Prepared) -> list[Service] | None:
    """Share the tasks out to the modules of the team, the first that has enough left."""
    problem = prepared.problem
    used: Counter[int] = Counter()
    found: list[Service] = []
    for task in order.tasks:
        if task.demand_id not in problem.demand_id:
            return None
        demand = problem.demand_id.index(task.demand_id)
        taken = {service.module for service in found if service.demand == demand}
        module = next(
            (
                row
                for row, code in enumerate(problem.module_capability)
                if code == task.capability
                and problem.team_id[problem.module_team[row]] == order.team_id
                and row not in taken
                and used[row] + task.modules <= problem.module_units[row]
                and task.quantity <= task.modules * problem.module_quantity[row]
            ),
            None,
        )
        if module is None:
            return None
        used[module] += task.modules
        found.append(Service(module, demand, task.modules, task.quantity))
    return found
