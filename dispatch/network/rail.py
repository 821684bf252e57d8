"""The railway as arrays: stations, and rides between any two of them without a change.

An *arc* is such a ride. It says when it leaves in the course of a day: the
first and the last departure, and the headway between them; an explicit train
leaves once. Three kinds of rows become arcs::

    a row without a service      a ======================> d     one arc
    the rows of one service      a ---> b ---> c ---> d          six arcs, any
                                                                 two stations on
    the stops of one train       a ---> b ---> c ---> d          the way likewise
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.errors import Fault, InputError
from dispatch.geo import haversine_m
from dispatch.i18n import _

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

DAY_S: Final = 86_400
DWELL_S: Final = 120
"""Stop at a station on the way, as train G681 makes it (September 2021)."""
DETOUR: Final = 1.15
"""Length of track over the straight line where no length is known: Taiyuan South to
Jincheng East is 1.17, to Yongji North 1.12 (OpenStreetMap)."""

SERVICES: Final = "network/rail_services.csv"
TRAINS: Final = "network/trains.csv"
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, eq=False)
class RailNetwork:
    """Stations (S), lines (L) and rides without a change (arcs, A).

    Arcs are sorted by their head, so that what arrives at a station is one
    block. Times of day are seconds after midnight.

    Parameters
    ----------
    station_id, station_name, station_name_en : tuple of str, length S
    lon, lat : FloatArray, shape (S,)
        EPSG:4326.
    line : tuple of str, length L
        Lines that can be suspended.
    tail, head : IntArray, shape (A,)
        Rows of the stations where a ride begins and ends.
    run_s, length_m : IntArray, shape (A,)
    first_s, last_s : IntArray, shape (A,)
        First departure, 0 … :data:`DAY_S` - 1, and last one, less than a day later.
    headway_s : FloatArray, shape (A,)
        Between departures; 0 where there is but one.
    label : tuple of str, length A
        Number of the train, or names of the lines.
    over : BoolArray, shape (A, L)
        Lines that a ride runs over.
    special : BoolArray, shape (A,)
        Whether the arc stands for an emergency train, which leaves at any time.
    """

    station_id: tuple[str, ...]
    station_name: tuple[str, ...]
    station_name_en: tuple[str, ...]
    lon: FloatArray
    lat: FloatArray
    line: tuple[str, ...]
    tail: IntArray
    head: IntArray
    run_s: IntArray
    length_m: IntArray
    first_s: IntArray
    last_s: IntArray
    headway_s: FloatArray
    label: tuple[str, ...]
    over: BoolArray
    special: BoolArray


@dataclass(frozen=True)
class _Arc:
    tail: int
    head: int
    run_s: int
    length_m: int
    first_s: int
    last_s: int
    headway_s: float
    lines: tuple[str, ...]
    train: str = ""


def build_rail_network(
    stations: pd.DataFrame,
    services: pd.DataFrame,
    trains: pd.DataFrame | None = None,
    *,
    dwell_s: int = DWELL_S,
) -> RailNetwork:
    """Build the network from the tables of the registry.

    Parameters
    ----------
    stations : DataFrame
        Indexed by station id; columns name, name_en, lon, lat.
    services : DataFrame
        Columns service, line, from_station, to_station, length_km, run_s,
        trains_per_day, first_departure, last_departure.
    trains : DataFrame, optional
        Columns train, stop, station_id, line, arrival, departure.
    dwell_s : int
        Stop at a station on the way of a service.

    Raises
    ------
    InputError
        With every time of day that is none, every service that forks, and
        every row whose times and number of trains contradict each other.
    """
    stations = stations.sort_index()
    lon, lat = (stations[axis].to_numpy(float) for axis in ("lon", "lat"))
    row = {str(name): k for k, name in enumerate(stations.index)}
    faults: list[Fault] = []
    sections = _sections(services, row, lon, lat, faults)
    arcs = list(_through(sections, dwell_s))
    if trains is not None:
        arcs += _train_arcs(trains, row, lon, lat, faults)
    if faults:
        raise InputError(faults)
    arcs.sort(key=lambda a: (a.head, a.tail, a.train, a.lines, a.first_s, a.run_s))
    line = tuple(sorted({name for arc in arcs for name in arc.lines}))
    return RailNetwork(
        station_id=tuple(row),
        station_name=tuple(map(str, stations["name"])),
        station_name_en=tuple(map(str, stations["name_en"])),
        lon=lon,
        lat=lat,
        line=line,
        tail=np.array([a.tail for a in arcs], np.int64),
        head=np.array([a.head for a in arcs], np.int64),
        run_s=np.array([a.run_s for a in arcs], np.int64),
        length_m=np.array([a.length_m for a in arcs], np.int64),
        first_s=np.array([a.first_s for a in arcs], np.int64),
        last_s=np.array([a.last_s for a in arcs], np.int64),
        headway_s=np.array([a.headway_s for a in arcs], float),
        label=tuple(a.train or "|".join(a.lines) for a in arcs),
        over=np.array([[name in a.lines for name in line] for a in arcs], bool).reshape(
            len(arcs), len(line)
        ),
        special=np.zeros(len(arcs), bool),
    )


def _sections(
    services: pd.DataFrame,
    row: dict[str, int],
    lon: FloatArray,
    lat: FloatArray,
    faults: list[Fault],
) -> list[tuple[str, _Arc]]:
    """Read the rows of services, each with the name of its service."""
    sections: list[tuple[str, _Arc]] = []
    ahead: dict[tuple[str, int], set[int]] = defaultdict(set)
    for line_no, item in zip(_line_numbers(services), _records(services), strict=True):
        tail, head = row[item["from_station"]], row[item["to_station"]]
        count, service = int(item["trains_per_day"]), item["service"]
        first = _clock(item["first_departure"], SERVICES, line_no, "first_departure", faults)
        last = _clock(item["last_departure"], SERVICES, line_no, "last_departure", faults)
        span = (last - first) % DAY_S
        if (span == 0) != (count == 1):
            problem = _("one train a day leaves once, several leave between a first and a last")
            remedy = _("put the number of trains or the departures right")
            faults.append(Fault(SERVICES, line_no, "trains_per_day", str(count), problem, remedy))
        if service and head in ahead[service, tail]:
            problem, remedy = _("the service has this section twice"), _("keep one of the two")
            faults.append(Fault(SERVICES, line_no, "service", service, problem, remedy))
        ahead[service, tail].add(head)
        length_m = _length_m(lon, lat, tail, head)
        if pd.notna(item["length_km"]):
            length_m = round(float(item["length_km"]) * 1000)
        headway_s = span / max(count - 1, 1)
        lines = tuple(item["line"].split("|"))
        arc = _Arc(tail, head, int(item["run_s"]), length_m, first, first + span, headway_s, lines)
        sections.append((service, arc))
    for line_no, (service, arc) in zip(_line_numbers(services), sections, strict=True):
        if service and len(ahead[service, arc.head] - {arc.tail}) > 1:
            problem = _("after this section the service forks")
            remedy = _("give each branch a service of its own")
            faults.append(Fault(SERVICES, line_no, "service", service, problem, remedy))
    return sections


def _through(sections: list[tuple[str, _Arc]], dwell_s: int) -> Iterator[_Arc]:
    """Yield each section, and what comes of staying in the train after it."""
    after: dict[tuple[str, int], list[_Arc]] = defaultdict(list)
    for service, arc in sections:
        after[service, arc.tail].append(arc)
    for service, section in sections:
        ride: _Arc | None = section
        been = {section.tail}
        while ride is not None:
            yield ride
            been.add(ride.head)
            onward = [s for s in after[service, ride.head] if s.head not in been]
            ride = _joined(ride, onward[0], dwell_s) if service and onward else None


def _joined(arc: _Arc, section: _Arc, dwell_s: int) -> _Arc | None:
    """Ride on over a section: in the trains of both, as seldom as the rarer of them."""
    offset = arc.run_s + dwell_s
    first, last = section.first_s - offset, section.last_s - offset
    days = round((arc.first_s - first) / DAY_S) * DAY_S
    first, last = max(arc.first_s, first + days), min(arc.last_s, last + days)
    if last < first:
        return None
    return replace(
        arc,
        head=section.head,
        run_s=offset + section.run_s,
        length_m=arc.length_m + section.length_m,
        first_s=first % DAY_S,
        last_s=first % DAY_S + last - first,
        headway_s=max(arc.headway_s, section.headway_s),
        lines=tuple(dict.fromkeys(arc.lines + section.lines)),
    )


def _train_arcs(
    trains: pd.DataFrame,
    row: dict[str, int],
    lon: FloatArray,
    lat: FloatArray,
    faults: list[Fault],
) -> Iterator[_Arc]:
    """Yield the rides that each train offers."""
    trains = trains.sort_values(["train", "stop"], kind="stable")
    for train, stops in trains.groupby("train", sort=True):
        at = [row[name] for name in stops["station_id"]]
        arrival, departure = _times(stops, faults)
        for i in range(len(at)):
            length_m, lines = 0, dict[str, None]()
            for j in range(i + 1, len(at)):
                length_m += _length_m(lon, lat, at[j - 1], at[j])
                lines |= dict.fromkeys(filter(None, stops["line"].iloc[j].split("|")))
                run_s, start = arrival[j] - departure[i], departure[i] % DAY_S
                yield _Arc(
                    at[i], at[j], run_s, length_m, start, start, 0.0, tuple(lines), str(train)
                )


def _times(stops: pd.DataFrame, faults: list[Fault]) -> tuple[list[int], list[int]]:
    """Return arrivals and departures of one train, counted on over midnight."""
    times: dict[str, list[int]] = {"arrival": [], "departure": []}
    now = None
    for k, (line_no, item) in enumerate(zip(_line_numbers(stops), _records(stops), strict=True)):
        for column, end in (("arrival", 0), ("departure", len(stops) - 1)):
            if not item[column] and k == end:
                times[column].append(0 if now is None else now)
                continue
            clock = _clock(item[column], TRAINS, line_no, column, faults)
            step = 0 if now is None else (clock - now) % DAY_S
            if step > DAY_S // 2:
                problem = _("the train would be under way for more than half a day")
                remedy = _("put the times or the order of the stops right")
                faults.append(Fault(TRAINS, line_no, column, item[column], problem, remedy))
            now = clock if now is None else now + step
            times[column].append(now)
    return times["arrival"], times["departure"]


def _clock(text: str, file: str, line_no: int, column: str, faults: list[Fault]) -> int:
    """Return the seconds after midnight of HH:MM; 0 and a fault if it is none."""
    if match := _CLOCK.fullmatch(text):
        return int(match[1]) * 3600 + int(match[2]) * 60
    problem, remedy = _("this is no time of day"), _("write it like 06:05")
    faults.append(Fault(file, line_no, column, text, problem, remedy))
    return 0


def _length_m(lon: FloatArray, lat: FloatArray, tail: int, head: int) -> int:
    return round(float(haversine_m(lon[tail], lat[tail], lon[head], lat[head])) * DETOUR)


def _line_numbers(table: pd.DataFrame) -> list[int]:
    """Lines of the file, below its header, in which the rows of a table stand."""
    return [int(label) + 2 for label in table.index]


def _records(table: pd.DataFrame) -> Iterable[dict[str, str]]:
    return table.to_dict("records")  # type: ignore[return-value]
