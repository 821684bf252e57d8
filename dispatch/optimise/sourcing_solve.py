"""What moves when: the lexicographic optimum of a sourcing problem, each stage with its proof."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from dispatch.optimise.problem import IntArray, StageResult
from dispatch.optimise.sourcing import WHOLE, SourcingProblem, SourcingSolution, points, stages
from dispatch.optimise.sourcing_chain import Link, face, relaxed_chain
from dispatch.optimise.sourcing_check import ensure, evaluate, infeasibilities
from dispatch.optimise.sourcing_model import Flow, flow, read
from dispatch.optimise.sourcing_nearest import nearest_first
from dispatch.optimise.sourcing_relax import Box
from dispatch.optimise.sourcing_round import repaired, rounded
from dispatch.optimise.sourcing_share import held
from dispatch.optimise.sourcing_validate import validate
from dispatch.optimise.sourcing_whole import Effort, whole

RELAX_SHARE: Final = 0.85
"""Share of the time that the relaxation may take before whole plans are sought."""

STAGE_SHARE: Final = 0.4
"""Share of what is left that one stage may spend on whole plans.

The last of all stages may spend all of it when it is tried first: a plan there
is the best in every stage.
"""

REPAIR_SHARE: Final = 0.25
"""Share of the time kept to repair the relaxation rounded, as long as there is nothing better."""

LEEWAY: Final = 3
"""Least distance from the relaxation's bound within which whole plans are looked for."""

NEAR: Final = (300_000, 30_000, 1000, 20)
"""Parts of the bound that such a distance is, one after the other."""

NOTHING: Final = SourcingSolution((), (), ())
"""The plan that does nothing."""

WORK_PER_SECOND: Final = 0.5
"""Units of CP-SAT's deterministic time granted for each second of the limit."""


def solve(
    problem: SourcingProblem,
    *,
    time_limit_s: float = 60.0,
    seed: int = 0,
    workers: int = 1,
) -> SourcingSolution:
    """Find the plan that is best in the stages, one after the other.

    The stages are first solved over the linear relaxation, each on the face of
    those before. Where the last of them is whole, all is proved at once. Where
    not, the best whole plan near the last face that has one is sought, and the
    stages after it are solved anew from there. What is not proved is returned
    only if it is no worse than the relaxation rounded, and than the simple rule.

    Parameters
    ----------
    problem : SourcingProblem
    time_limit_s : float
        After it the best plan found is returned with its gaps.
    seed : int
        Of CP-SAT's random choices.
    workers : int
        Of CP-SAT. With two that take turns, version 9.15 has ended the whole
        process on a failed check of its own (``heuristics.fixed_search !=
        nullptr``), which nothing here could catch; most cases never need it.

    Returns
    -------
    SourcingSolution
        Accepted by the checker. A stage for which the time did not suffice is
        marked ``heuristic``, with a bound that holds for any plan.

    Raises
    ------
    InputError
        If the problem is malformed.
    InvalidPlanError
        If the checker refuses the plan found: a fault of this package.
    """
    validate(problem)
    now = time.monotonic()
    effort = Effort(
        until=now + time_limit_s,
        work=max(time_limit_s, 0.0) * WORK_PER_SECOND,
        seed=seed,
        workers=workers,
    )
    model = flow(problem)
    search = _Search(model, effort, REPAIR_SHARE * time_limit_s)
    search.run(now + RELAX_SHARE * time_limit_s)
    solution = _report(problem, search.plan, search)
    if any(stage.termination != "optimal" for stage in solution.stages):
        others = [nearest_first(problem), search.repaired()]
        solution = max(solution, *(_report(problem, plan, search) for plan in others), key=_rank)
    ensure(problem, solution)
    return solution


def _rank(solution: SourcingSolution) -> list[int]:
    return [stage.value if stage.sense == "max" else -stage.value for stage in solution.stages]


@dataclass(frozen=True)
class _Found:
    """A whole plan with its value in a stage, and what none in its ring is better than."""

    plan: SourcingSolution
    value: int
    bound: int
    ring: Box


class _Search:
    """Goes through the stages, and keeps the best plan so far with what is proved.

    ``target`` is the value at which a stage was held for those after it.
    """

    def __init__(self, model: Flow, effort: Effort, repair_s: float = 0.0) -> None:
        self.model, self.effort, self.repair_s = model, effort, repair_s
        self.plan = NOTHING
        self.rounded: tuple[IntArray, Box] | None = None
        self.bound, self.target = dict[str, int](), dict[str, int]()

    def run(self, until: float) -> None:
        """Solve the stages from the first one on that no whole plan is known to be best in."""
        model, first = self.model, 0
        everything = stages(model.problem)
        box = Box(model.low, model.high, np.zeros_like(model.upper), model.upper)
        while first < len(everything):
            links = relaxed_chain(model, box, first, until)
            for link in links:
                self.bound[link.name] = self.target[link.name] = link.bound
            if first + len(links) == len(everything) and self._is_whole(links[-1]):
                return
            if first == 0:
                self._round(links)
            found = self._nearest(links)
            if found is None:
                return
            row, near = found
            for gone in links[row + 1 :]:
                del self.bound[gone.name], self.target[gone.name]
            first, box, until = first + row + 1, near, self.effort.until

    def _round(self, links: Sequence[Link]) -> None:
        """Keep a whole plan near the last of the relaxations, for want of a better one."""
        box = next((link.box for link in links if link.name == "served"), None)
        if box is not None and links[-1].relaxed is not None:
            x = rounded(self.model, box, links[-1].box, links[-1].relaxed.x)
            self.rounded = x, box

    def repaired(self) -> SourcingSolution:
        """Return the plan kept, with claims that fall less short of their level."""
        if self.rounded is None:
            return NOTHING
        plan = read(
            self.model, repaired(self.model, self.rounded[1], self.rounded[0], self.effort.until)
        )
        kept = not infeasibilities(self.model.problem, plan)
        return plan if kept else NOTHING

    def _nearest(self, links: Sequence[Link]) -> tuple[int, Box] | None:
        """Seek the last stage for which there is a whole plan, in one ring after the other.

        Rings are wider and wider, the last has no end. Where a stage has no
        plan in a ring, that is mostly because those before it have none at
        their bound, so they are looked at first.
        """
        kept_s = self.repair_s if self.plan == NOTHING else 0.0
        for part in (*NEAR, None):
            for row in reversed(range(len(links))):
                if self.effort.seconds(1.0) <= kept_s:
                    return None
                near = self._best_near(links[row], part)
                if near is not None:
                    return row, near
        return None

    def _is_whole(self, link: Link) -> bool:
        """Say whether the relaxation of the last stage is a plan; then it is the best."""
        if link.relaxed is None:
            return False
        x = np.rint(link.relaxed.x)
        if np.abs(link.relaxed.x - x).max(initial=0.0) > 1e-6:
            return False
        plan = read(self.model, x.astype(np.int64))
        if infeasibilities(self.model.problem, plan):
            return False
        self.plan = plan
        return evaluate(self.model.problem, plan) == self.bound

    def _best_near(self, link: Link, part: int | None) -> Box | None:
        """Seek the best whole plan of a stage in a ring, and keep it if there is one.

        Returns
        -------
        Box or None
            Holds that plan, and all that are as good in this stage and those before.
        """
        leeway = None
        if part is not None:
            if link.relaxed is None or (part < NEAR[0] and abs(link.bound) < part):
                return None  # there is no ring, or it is the same as the first
            leeway = LEEWAY + abs(link.bound) // part
        last = link.name == stages(self.model.problem)[-1][0]
        share = 1.0 if last and part == NEAR[0] else STAGE_SHARE
        found = self._best_in(link, leeway, share)
        if found and leeway is not None and (apart := abs(found.value - link.bound)) > leeway:
            # no row holds the last stage in its ring, and others outside may be better
            missed = link.bound + (leeway + 1 if link.sense == "min" else -leeway - 1)
            wider = self._best_in(link, apart, share)
            again = wider and abs(wider.value - link.bound) <= apart
            found = wider if again else replace(found, bound=missed)
        if found is None:
            return None
        tighter = min if link.sense == "max" else max
        self.plan = found.plan
        self.bound[link.name] = tighter(link.bound, found.bound)
        self.target[link.name] = found.value
        return held(self.model, found.ring, link.name, link.sense, found.value)

    def _best_in(self, link: Link, leeway: int | None, share: float) -> _Found | None:
        """Seek the best whole plan that misses the bound of a stage by no more than a leeway."""
        model, relaxed, box = self.model, link.relaxed, link.box
        if leeway is not None:
            missed = link.bound - (leeway if link.sense == "max" else -leeway)
            box = face(model, link, missed, leeway)
        none = np.zeros_like(model.upper), np.zeros_like(model.low)
        hint, dual = (relaxed.x, relaxed.dual) if relaxed else none
        found = whole(model, box, hint, dual, self.effort, share, (link.name, link.sense))
        if found is None:
            return None
        plan = read(model, found.x)
        if infeasibilities(model.problem, plan):
            return None
        value = evaluate(model.problem, plan)[link.name]
        return _Found(plan, value, found.bound, box)


def _report(problem: SourcingProblem, plan: SourcingSolution, search: _Search) -> SourcingSolution:
    """Return the plan with its values and the best bound known for each stage.

    A bound counts as long as the plan reaches what the stages before were held at.
    """
    value, widest = evaluate(problem, plan), _widest(problem)
    results, reached = [], True
    for name, sense in stages(problem):
        known = reached and name in search.bound
        bound = search.bound[name] if known else widest.get(name, WHOLE)
        bound = max(bound, value[name]) if sense == "max" else min(bound, value[name])
        termination = "time_limit" if known else "heuristic"
        termination = "optimal" if bound == value[name] else termination
        results.append(StageResult(name, sense, value[name], bound, termination))
        reached = reached and value[name] == search.target.get(name)
    return replace(plan, stages=tuple(results))


def _widest(problem: SourcingProblem) -> dict[str, int]:
    """Return bounds that hold for any plan."""
    everything = int((points(problem) * problem.need_lots).sum())
    return {"served": everything, "lateness": 0, "floors": 0, "cost": 0}
