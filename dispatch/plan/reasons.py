"""Why a need is unmet, in words."""

from __future__ import annotations

from dispatch.optimise.problem import DispatchSolution
from dispatch.plan.plan import Reason
from dispatch.plan.prepare import Prepared


def reasons(prepared: Prepared, solution: DispatchSolution, demand: int) -> tuple[Reason, ...]:
    return ()
