"""When rides leave: by timetable or headway, around suspensions, or specially ordered.

When a train leaves is known from its timetable, or expected from the headway:
half of it, but no later than the last departure, and not before the first of
the next day after that. Who is ready earlier never leaves later (FIFO)::

    leaves
      |                         ,------ first train of the next day
      |                         |
      |            ,------------'       the last train leaves when it leaves
      |        ,-'
      |    ,-'                          half a headway after being ready
      |---'                             the first train leaves when it leaves
      +---first----------------last---> ready
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.network.rail import DAY_S, FloatArray, IntArray, RailNetwork


@dataclass(frozen=True)
class Suspension:
    """A line on which no train runs, or a station at which none stops, for a time.

    Parameters
    ----------
    name : str
        Name of a line, or id of a station.
    from_s, until_s : float
        Seconds after the start of the scenario. A ride over the line must be
        over before or begin after; at the station nobody gets on or off
        between the two.
    """

    name: str
    from_s: float = -np.inf
    until_s: float = np.inf


@dataclass(frozen=True, eq=False)
class Closed:
    """Arcs that a suspension stops: a ride must end before ``from_s`` or begin after.

    What counts against ``from_s`` is the departure plus ``lead_s``.
    """

    arcs: IntArray
    lead_s: IntArray
    from_s: float
    reopen_s: FloatArray


def closed_arcs(rail: RailNetwork, item: Suspension) -> Closed:
    """Find the arcs that a suspension stops.

    Raises
    ------
    InputError
        If there is no such line or station.
    """
    if item.name in rail.line:
        arcs = np.flatnonzero(rail.over[:, rail.line.index(item.name)])
        return Closed(arcs, rail.run_s[arcs], item.from_s, np.full(len(arcs), item.until_s))
    if item.name not in rail.station_id:
        problem, remedy = _("no such line or station"), _("use one of: {names}")
        names = ", ".join((*rail.line, *rail.station_id))
        raise InputError(
            Fault("closures", None, "name", item.name, problem, remedy.format(names=names))
        )
    station = rail.station_id.index(item.name)
    arcs = np.flatnonzero((rail.tail == station) | (rail.head == station))
    # getting off counts when the train arrives, getting on when it leaves
    lead_s = np.where(rail.head[arcs] == station, rail.run_s[arcs], 0)
    return Closed(arcs, lead_s, item.from_s, item.until_s - lead_s)


def with_special_trains(rail: RailNetwork) -> RailNetwork:
    """Add a special train wherever a ride without a change is.

    It takes the run time of the fastest train between the two stations over
    the same lines, and leaves at any time of day.
    """
    ways, way = np.unique(rail.over, axis=0, return_inverse=True)
    order = np.lexsort((rail.run_s, way, rail.tail, rail.head))
    order = order[rail.over[order].any(axis=1)]
    key = np.stack([rail.head, rail.tail, way])[:, order]
    fastest = np.ones(len(order), bool)
    fastest[1:] = (key[:, 1:] != key[:, :-1]).any(axis=0)
    chosen = order[fastest]
    names = ["|".join(rail.line[k] for k in np.flatnonzero(lines)) for lines in ways]
    labels = np.array([*rail.label, *(names[k] for k in way[chosen])])
    arcs = np.concatenate([np.arange(len(rail.tail)), chosen])
    by_head = np.argsort(rail.head[arcs], kind="stable")
    special = np.concatenate([rail.special, np.ones(len(chosen), bool)])
    arcs, labels, special = arcs[by_head], labels[by_head], special[by_head]
    return replace(
        rail,
        tail=rail.tail[arcs],
        head=rail.head[arcs],
        run_s=rail.run_s[arcs],
        length_m=rail.length_m[arcs],
        first_s=rail.first_s[arcs],
        last_s=rail.last_s[arcs],
        headway_s=rail.headway_s[arcs],
        label=tuple(labels.tolist()),
        over=rail.over[arcs],
        special=special,
    )


def departures(
    rail: RailNetwork,
    platform_s: FloatArray,
    start_clock_s: int,
    lead_s: int = 0,
    closed: Sequence[Closed] = (),
) -> FloatArray:
    """Return when teams on the platform leave, never later for being ready earlier.

    A suspension makes a team wait: whoever would be caught by it counts as
    ready when it ends, so that all who are caught leave together.

    Parameters
    ----------
    rail : RailNetwork
    platform_s : FloatArray, shape (T, A)
        When each team is ready to leave by each arc, in seconds after the
        start of the scenario; inf for never.
    start_clock_s : int
        Time of day at which the scenario starts, in seconds after midnight.
    lead_s : int
        When special trains can leave.
    closed : sequence of Closed

    Returns
    -------
    FloatArray, shape (T, A)
    """
    depart = _unhindered(rail, platform_s, start_clock_s, lead_s)
    hindered = True
    while hindered and closed:
        hindered = False
        for item in closed:
            ready, leave = platform_s[:, item.arcs], depart[:, item.arcs]
            caught = (ready < item.reopen_s) & (leave + item.lead_s > item.from_s)
            if caught.any():
                hindered = True
                platform_s = platform_s.copy()
                platform_s[:, item.arcs] = np.where(caught, item.reopen_s, ready)
        if hindered:
            depart = _unhindered(rail, platform_s, start_clock_s, lead_s)
    return depart


def _unhindered(
    rail: RailNetwork, platform_s: FloatArray, start_clock_s: int, lead_s: int
) -> FloatArray:
    somewhere = np.isfinite(platform_s)
    ready = np.where(somewhere, platform_s, 0.0)
    since_first = np.mod(ready + start_clock_s - rail.first_s, DAY_S)
    left = rail.last_s - rail.first_s - since_first
    wait = np.where(left < 0, DAY_S - since_first, np.minimum(np.ceil(rail.headway_s / 2), left))
    depart = ready + np.where(since_first == 0, 0.0, wait)
    depart = np.where(rail.special, np.maximum(ready, lead_s), depart)
    return np.where(somewhere, depart, np.inf)
