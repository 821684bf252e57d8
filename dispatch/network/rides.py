"""Rides of teams by rail: earliest arrivals, what they consist of, and who may ride.

A search in rounds: round k finds how early every station is reached with at
most k trains, from what round k - 1 found, for all teams at once. The rounds
are those of RAPTOR (D. Delling, T. Pajor and R. F. Werneck, *Round-based public
transit routing*, Transportation Science 49, 2015, doi:10.1287/trsc.2014.0534);
as an arc already stands for every ride without a change, a round is one pass
over the arcs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from dispatch.network.departures import (
    Suspension,
    closed_arcs,
    departures,
    with_special_trains,
)
from dispatch.network.rail import BoolArray, FloatArray, IntArray, RailNetwork

NO_ARC: Final = -1


@dataclass(frozen=True)
class RailPolicy:
    """How teams may travel by rail.

    Parameters
    ----------
    boarding_s : int
        From the entrance of the first station to the platform (assumption:
        gates close 5 minutes before departure, and a team with its kit takes
        a quarter of an hour through the security check).
    transfer_s : int
        Between two trains (assumption).
    max_rides : int
        Trains one after the other.
    suspended : tuple of Suspension
    emergency_lead_s : int or None
        When special trains can leave, in seconds after the start of the
        scenario; None for no special trains. In July 2021 a train with 11 fire
        engines left Changsha the morning after it was ordered (Xinhua, 23 July
        2021); one for people alone needs less (assumption).
    kit_kg_per_person : float
        Baggage allowance of an adult, 20 kg (China Railway, conditions of
        carriage; a piece may measure 130 cm in a high-speed train, length,
        width and height added up). More needs an agreement.
    pieces_per_person : int
        What one can carry (assumption).
    """

    boarding_s: int = 1200
    transfer_s: int = 900
    max_rides: int = 3
    suspended: tuple[Suspension, ...] = ()
    emergency_lead_s: int | None = None
    kit_kg_per_person: float = 20.0
    pieces_per_person: int = 2


@dataclass(frozen=True, eq=False)
class Rides:
    """Earliest arrivals by rail of T teams at S stations, and how they came about.

    Parameters
    ----------
    rail : RailNetwork
        The network as searched: special trains added.
    policy : RailPolicy
    ready_s : FloatArray, shape (T, S)
    rounds_s : FloatArray, shape (K + 1, T, S)
        Arrival with at least one and at most k trains.
    via : IntArray, shape (K + 1, T, S)
        Arc by which round k betters the round before, :data:`NO_ARC` for none.
    """

    rail: RailNetwork
    policy: RailPolicy
    ready_s: FloatArray
    rounds_s: FloatArray
    via: IntArray

    @property
    def arrive_s(self) -> FloatArray:
        """Arrival by train, shape (T, S); inf where no train brings a team there in time."""
        last: FloatArray = self.rounds_s[-1]
        return last


@dataclass(frozen=True)
class RailLeg:
    """One part of a journey by rail.

    Parameters
    ----------
    kind : {"transfer", "wait", "ride"}
        The first transfer leads from the entrance of the station to the platform.
    start_s, end_s : float
        Seconds after the start of the scenario.
    origin, destination : int
        Rows of the stations; the same unless it is a ride.
    label : str
        Of a ride: number of the train, or names of the lines.
    length_m : int
    special : bool
        Whether the ride is by emergency train.
    """

    kind: str
    start_s: float
    end_s: float
    origin: int
    destination: int
    label: str = ""
    length_m: int = 0
    special: bool = False


def may_ride(
    policy: RailPolicy,
    personnel: ArrayLike,
    kit_kg: ArrayLike,
    kit_pieces: ArrayLike = 0,
) -> BoolArray:
    """Return whether teams can carry their kit into a train.

    Parameters
    ----------
    personnel, kit_kg, kit_pieces : arrays, shape (T,)
        Members, mass and number of pieces of what they take along.

    Returns
    -------
    BoolArray, shape (T,)
    """
    members, kg, pieces = (np.asarray(x, float) for x in (personnel, kit_kg, kit_pieces))
    fits: BoolArray = (kg <= policy.kit_kg_per_person * members) & (
        pieces <= policy.pieces_per_person * members
    )
    return fits


def rides(
    rail: RailNetwork,
    ready_s: FloatArray,
    *,
    start_clock_s: int,
    policy: RailPolicy | None = None,
) -> Rides:
    """Find the earliest arrivals of all teams at all stations.

    Exact under the model above: at most ``policy.max_rides`` trains, trains
    leaving as timetabled or expected.

    Parameters
    ----------
    rail : RailNetwork
    ready_s : FloatArray, shape (T, S)
        When a team stands at the entrance of a station, in seconds after the
        start of the scenario; inf where it can't get.
    start_clock_s : int
        Time of day at which the scenario starts, in seconds after midnight.
    policy : RailPolicy, optional

    Raises
    ------
    InputError
        If the policy suspends what isn't there.
    """
    policy = RailPolicy() if policy is None else policy
    if policy.emergency_lead_s is not None:
        rail = with_special_trains(rail)
    closed = [closed_arcs(rail, item) for item in policy.suspended]
    lead_s = policy.emergency_lead_s or 0
    shape = ready_s.shape
    reached, via = [np.full(shape, np.inf)], [np.full(shape, NO_ARC)]
    platform = ready_s + policy.boarding_s
    for _round in range(policy.max_rides):
        depart = departures(rail, platform[:, rail.tail], start_clock_s, lead_s, closed)
        best, arc = _best_by_head(rail, depart + rail.run_s, shape)
        better = best < reached[-1]
        reached.append(np.where(better, best, reached[-1]))
        via.append(np.where(better, arc, NO_ARC))
        platform = np.minimum(ready_s + policy.boarding_s, reached[-1] + policy.transfer_s)
    return Rides(rail, policy, ready_s, np.stack(reached), np.stack(via))


def legs_of(found: Rides, team: int, station: int) -> tuple[RailLeg, ...]:
    """Return the legs of a team's earliest journey to a station, without a gap.

    Raises
    ------
    ValueError
        If the team doesn't get there by train.
    """
    rail, policy, legs = found.rail, found.policy, list[RailLeg]()
    k = len(found.via) - 1
    while True:
        while k > 0 and found.via[k, team, station] == NO_ARC:
            k -= 1
        if k == 0:
            raise ValueError(f"no train brings team {team} to station {station}")
        arc, arrive = int(found.via[k, team, station]), float(found.rounds_s[k, team, station])
        tail, depart = int(rail.tail[arc]), arrive - float(rail.run_s[arc])
        entered = float(found.ready_s[team, tail])
        changed = float(found.rounds_s[k - 1, team, tail])
        first = entered + policy.boarding_s <= changed + policy.transfer_s
        at, took = (entered, policy.boarding_s) if first else (changed, policy.transfer_s)
        label, length_m = rail.label[arc], int(rail.length_m[arc])
        special = bool(rail.special[arc])
        legs.append(RailLeg("ride", depart, arrive, tail, station, label, length_m, special))
        legs.append(RailLeg("wait", at + took, depart, tail, tail))
        legs.append(RailLeg("transfer", at, at + took, tail, tail))
        if first:
            return tuple(leg for leg in reversed(legs) if leg.end_s > leg.start_s)
        station, k = tail, k - 1


def _best_by_head(
    rail: RailNetwork, arrive_s: FloatArray, shape: tuple[int, ...]
) -> tuple[FloatArray, IntArray]:
    """Return the earliest arrival at each station and the first arc that brings it."""
    best, arc = np.full(shape, np.inf), np.full(shape, NO_ARC)
    heads, starts = np.unique(rail.head, return_index=True)
    ends = np.searchsorted(rail.head, heads, side="right")
    for head, start, end in zip(heads, starts, ends, strict=True):
        block = arrive_s[:, start:end]
        quickest = block.argmin(axis=1)
        best[:, head] = np.take_along_axis(block, quickest[:, None], axis=1)[:, 0]
        arc[:, head] = start + quickest
    return best, arc
