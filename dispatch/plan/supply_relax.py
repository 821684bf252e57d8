"""What could give way for goods that stay at a hub: each change as the problem that it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, NamedTuple

import numpy as np

from dispatch.i18n import _, pick
from dispatch.network.closures import Closure
from dispatch.optimise.route_remedy import allowing, keeping, longer, open_between
from dispatch.optimise.routes import BoolArray, Route, RoutingProblem
from dispatch.plan.supply_bundles import bundles
from dispatch.plan.supply_hub import DUTY_S, HubDay, hub_problem, hub_travel
from dispatch.plan.supply_lanes import LAST_MILE_TYPES, SHARED_TYPES
from dispatch.plan.supply_lend import Lent, truck_of
from dispatch.plan.supply_problem import SupplyTask
from dispatch.plan.supply_roads import S_PER_H, TruckRoads
from dispatch.plan.supply_routes import Delivered, together

MORE: Final = 9
"""Most vehicles that are hired for one remedy."""

LONGER_S: Final = 6 * S_PER_H
"""A vehicle is out for no longer than this beyond its day, with another crew."""

DAY_H: Final = 24
DAY_S: Final = DAY_H * S_PER_H

Say = Callable[[tuple[Route, ...]], str]
"""Tells what would have to be done, by the routes of the better plan."""


class Relaxed(NamedTuple):
    """One thing that gives way.

    ``works`` is whether it takes work on the ground; vehicles that are ``fresh``
    bring the goods alone, without them the routes there are may change.
    """

    code: str
    works: bool
    problem: RoutingProblem
    say: Say
    fresh: BoolArray | None = None


@dataclass(frozen=True, eq=False)
class Wider:
    """A hub's day with further vehicles behind its own, and all of them in one problem.

    Parameters
    ----------
    trucks : TruckRoads
    done : Delivered
    task : HubDay
        With the further vehicles behind those lent.
    problem : RoutingProblem
    kg : tuple of int
        What all goods weigh that stay behind, for each of ``done.rows``.
    """

    trucks: TruckRoads
    done: Delivered
    task: HubDay
    problem: RoutingProblem
    kg: tuple[int, ...]

    @property
    def own(self) -> BoolArray:
        """Which vehicles are lent already, shape (V,)."""
        rows: BoolArray = np.arange(len(self.task.lent)) < len(self.done.task.lent)
        return rows

    @property
    def by_road(self) -> BoolArray:
        """Which vehicles are trucks, shape (V,)."""
        return np.array([bool(one.profile) for one in self.task.lent], np.bool_)


def wider(trucks: TruckRoads, task: SupplyTask, done: Delivered, spare: tuple[Lent, ...]) -> Wider:
    """Add to a hub's day what could still be lent or hired.

    Goods that no vehicle was allowed to bring are put up anew, for any of them.
    """
    old = done.task
    further = [one for one in spare if one.hub == old.hub]
    for kind in (*LAST_MILE_TYPES, *SHARED_TYPES):
        hired = truck_of(trucks.registry, kind)
        further.append(replace(hired, hub=old.hub, count=MORE, ready_s=old.on_hand_s))
    everybody = (*old.lent, *further)
    put_up = list(old.put_up)
    kg = task.items["mass_kg"].to_dict()
    weighs = []
    for row, left in zip(done.rows, done.undelivered, strict=True):
        weighs.append(round(sum(float(kg[g.item_code]) * g.quantity for g in left.goods)))
        if left.reason == "no_access":
            goods = {g.item_code: g.quantity for g in together(old.put_up[row].loads)}
            size = [[one.payload_kg, one.litres] for one in everybody]
            put_up[row] = bundles(goods, task.items, np.array(size, np.int64))
    day = replace(old, lent=everybody, put_up=tuple(put_up))
    problem = hub_problem(trucks, day, hub_travel(trucks, day))
    return Wider(trucks, done, day, problem, tuple(weighs))


def relaxations(wide: Wider, row: int, reason: str) -> Iterator[Relaxed]:
    """Yield what could give way for one delivery, each made only when it is asked for."""
    shelter = wide.task.shelters[row]
    own, by_road = wide.own, wide.by_road
    base = keeping(wide.problem, own)
    yield from more_vehicles(wide, row)
    if (base.vehicle_access[:, row] & by_road).any():
        yield from longer_days(wide)
        if shelter.opens_h > 0 or shelter.closes_h < DAY_H:
            begin_s, end_s = max(0, wide.task.midnight_s), wide.task.midnight_s + DAY_S
            opened = open_between(base, row, begin_s, end_s)
            yield Relaxed("window", False, opened, lambda routes: _window(wide, row, routes))
    if shelter.access == "helicopter":
        yield Relaxed("road", True, allowing(base, own & by_road, row), _road(wide, row))
        return
    if shelter.max_mass_kg is not None or shelter.max_height_m is not None:
        limited = allowing(base, own & by_road, row)
        yield Relaxed("limit", True, limited, lambda routes: _limit(wide, row, routes))
    if reason in ("no_access", "no_way"):
        yield from _openings(wide, base)
        for number in np.flatnonzero(~by_road).tolist():
            one: BoolArray = np.arange(len(by_road)) == number
            landing = allowing(keeping(wide.problem, own | one), one, row)
            yield Relaxed("landing", True, landing, _landing(wide, row, number))


def more_vehicles(wide: Wider, row: int | None = None) -> Iterator[Relaxed]:
    """Yield vehicles of each kind beside those lent, that may serve a row if one is given."""
    own = wide.own
    for number in np.flatnonzero(~own).tolist():
        if row is not None and not wide.problem.vehicle_access[number, row]:
            continue
        fresh: BoolArray = np.arange(len(own)) == number
        problem = keeping(wide.problem, own | fresh)
        yield Relaxed("vehicle", False, problem, _send(wide, number), fresh)


def longer_days(wide: Wider) -> Iterator[Relaxed]:
    """Yield longer days for the trucks that are lent; aircraft keep to daylight."""
    problem = longer(keeping(wide.problem, wide.own), wide.own & wide.by_road, LONGER_S)
    yield Relaxed("hours", False, problem, lambda routes: _hours(wide, routes))


def next_day(wide: Wider) -> RoutingProblem:
    """Return the day after with the vehicles that are lent, when nothing else is to be brought."""
    task, morning_s = wide.task, wide.task.midnight_s + DAY_S + 6 * S_PER_H
    later = replace(
        task,
        day=task.day + 1,
        on_hand_s=morning_s,
        ends_s=task.ends_s + DAY_S,
        midnight_s=task.midnight_s + DAY_S,
    )
    problem = hub_problem(wide.trucks, later, hub_travel(wide.trucks, later))
    return keeping(problem, wide.own)


def _openings(wide: Wider, base: RoutingProblem) -> Iterator[Relaxed]:
    """Yield the day with each closure taken away that holds on it."""
    shut, task = wide.trucks.shut, wide.task
    for number, closure in enumerate(shut):
        if closure.from_s < task.ends_s and closure.until_s > task.on_hand_s:
            trucks = replace(wide.trucks, shut=(*shut[:number], *shut[number + 1 :]))
            problem = hub_problem(trucks, task, hub_travel(trucks, task))
            opened = replace(problem, vehicle_access=base.vehicle_access)
            yield Relaxed("closure", True, opened, _open(closure))


def _open(closure: Closure) -> Say:
    return lambda _routes: _("open “{name}” again").format(name=pick(closure.name, closure.name_en))


def _road(wide: Wider, row: int) -> Say:
    return lambda _routes: _("open a road to {place} for trucks").format(place=_place(wide, row))


def _place(wide: Wider, row: int) -> str:
    shelter = wide.task.shelters[row]
    return pick(shelter.name, shelter.name_en)


def _send(wide: Wider, number: int) -> Say:
    one = wide.task.lent[number]

    def say(routes: tuple[Route, ...]) -> str:
        count = sum(route.vehicle == number for route in routes)
        if not one.profile:
            return _("send {aircraft} from {home}").format(
                aircraft=_named(wide, "airbases/aircraft", one.vehicle),
                home=_named(wide, "airbases/airbases", one.home),
            )
        kind = _named(wide, "depots/truck_types", one.vehicle)
        if one.home:
            home = _named(wide, "depots/depots", one.home)
            return _("send {count} × {vehicle} more from {home}").format(
                count=count, vehicle=kind, home=home
            )
        return _("hire {count} × {vehicle} more").format(count=count, vehicle=kind)

    return say


def _named(wide: Wider, table: str, key: str) -> str:
    row = wide.trucks.registry[table].loc[key]
    return pick(str(row["name"]), str(row["name_en"]))


def _moment(wide: Wider, seconds: int) -> str:
    return f"{wide.trucks.scenario.start + timedelta(seconds=seconds):%m-%d %H:%M}"


def _hours(wide: Wider, routes: tuple[Route, ...]) -> str:
    driven = [route for route in routes if wide.task.lent[route.vehicle].profile]
    last_s = max(route.end_s for route in driven)
    longest_s = max(route.end_s - route.start_s for route in driven)
    parts = []
    if last_s > wide.task.ends_s:
        time = _moment(wide, last_s)
        parts.append(_("let trucks be out until {time}").format(time=time))
    if longest_s > DUTY_S:
        hours = f"{longest_s / S_PER_H:.1f}"
        parts.append(_("relieve crews, whose day would last {hours} h").format(hours=hours))
    return _(" and ").join(parts)


def _window(wide: Wider, row: int, routes: tuple[Route, ...]) -> str:
    visits = [v for r in routes for trip in r.trips for v in trip.visits if v.stop == row]
    first, last = min(v.begin_s for v in visits), max(v.begin_s for v in visits)
    return _("let {place} take goods from {first} to {last}").format(
        place=_place(wide, row), first=_moment(wide, first), last=_moment(wide, last)
    )


def _limit(wide: Wider, row: int, routes: tuple[Route, ...]) -> str:
    used = {r.vehicle for r in routes for trip in r.trips for v in trip.visits if v.stop == row}
    mass_t = max(wide.task.lent[number].mass_kg for number in used) / 1000
    return _("make the way to {place} fit for trucks of {mass} t").format(
        place=_place(wide, row), mass=f"{mass_t:g}"
    )


def _landing(wide: Wider, row: int, number: int) -> Say:
    one = wide.task.lent[number]
    return lambda _routes: _(
        "prepare a landing place at {place} for {aircraft} from {home}"
    ).format(
        place=_place(wide, row),
        aircraft=_named(wide, "airbases/aircraft", one.vehicle),
        home=_named(wide, "airbases/airbases", one.home),
    )
