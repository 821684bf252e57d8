"""A plan in figures that can be set beside those of another."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.i18n import pick
from dispatch.plan.plan import DemandState, Plan


@dataclass(frozen=True)
class Outcome:
    """Totals of a plan; times in seconds after its start, None where nobody goes."""

    teams: int
    people: int
    needs: int
    met: int
    on_time: int
    first_s: int | None
    last_s: int | None
    distance_km: float
    toll_paid_yuan: float
    toll_waived_yuan: float
    minutes_saved: float
    cost_yuan: float
    floors_missing: int
    left: int


def outcome(plan: Plan) -> Outcome:
    """Add up a plan."""
    demands = [demand for incident in plan.incidents for demand in incident.demands]
    arrivals = [order.arrive_s for order in plan.orders]
    floors = [stage.value for stage in plan.stages if stage.name == "floors"]
    return Outcome(
        teams=len(plan.orders),
        people=sum(order.personnel for order in plan.orders),
        needs=len(demands),
        met=sum(demand.unmet == 0 for demand in demands),
        on_time=sum(demand.met_by_target >= demand.quantity for demand in demands),
        first_s=min(arrivals, default=None),
        last_s=max(arrivals, default=None),
        distance_km=sum(order.distance_m for order in plan.orders) / 1000,
        toll_paid_yuan=sum(order.toll_paid_yuan for order in plan.orders),
        toll_waived_yuan=sum(order.toll_waived_yuan for order in plan.orders),
        minutes_saved=plan.privilege.minutes_saved,
        cost_yuan=sum(order.cost_yuan for order in plan.orders),
        floors_missing=sum(floors),
        left=sum(reserve.left for reserve in plan.reserves),
    )


def remedies_of(demand: DemandState) -> list[str]:
    """Return what would help an unmet need, the best first, as far as the plan says."""
    if demand.explanation is None:
        return []
    return [pick(remedy.text_zh, remedy.text_en) for remedy in demand.explanation.remedies]
