"""All itineraries on the backbone, beside the time that three imports take."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks import ROUNDS, best_of
from dispatch.doctrine import LEVELS, Doctrine, load_doctrine
from dispatch.network.itinerary import MODES
from dispatch.network.snap import Snaps, snap
from dispatch.plan.journeys import journeys
from dispatch.plan.options import Options, options_of
from dispatch.plan.travel import travel
from dispatch.plan.vehicles import Roads, roads_of
from dispatch.registry import Registry, data_dir, load_registry
from dispatch.scenario import Scenario

TEAMS: Final = 250
INCIDENTS: Final = 10
START: Final = datetime.fromisoformat("2026-07-15T10:00+08:00")
SLOPE_DEG: Final = 3.0
"""Of a landing place at each incident, so that helicopters may land there."""

IMPORTS: Final = "import geopandas, ortools, folium"
LIMIT: Final = 1.0


@dataclass(frozen=True)
class ItineraryFigures:
    """What came out.

    Parameters
    ----------
    teams, incidents : int
    ways : tuple of int
        How many by road, by rail and by air.
    itineraries_s, imports_s : float
        CPU seconds, the best of three.
    """

    teams: int
    incidents: int
    ways: tuple[int, ...]
    itineraries_s: float
    imports_s: float

    @property
    def ratio(self) -> float:
        """Ours over the imports."""
        return self.itineraries_s / self.imports_s


@dataclass(frozen=True, eq=False)
class Question:
    """Who goes where, with everything that is loaded but once.

    Parameters
    ----------
    registry : Registry
    doctrine : Doctrine
    scenario : Scenario
    roads : Roads
        The engine in it is ready.
    teams, incidents : DataFrame
        T and I rows.
    destinations : Snaps
    ready_s : array of float, shape (T, I)
        Release and mobilisation.
    """

    registry: Registry
    doctrine: Doctrine
    scenario: Scenario
    roads: Roads
    teams: pd.DataFrame
    incidents: pd.DataFrame
    destinations: Snaps
    ready_s: NDArray[np.float64]


def measure_itineraries(seed: int) -> ItineraryFigures:
    """Measure 250 teams and 10 county seats, drawn by a seed from the package's own tables."""
    question = make_question(seed, TEAMS, INCIDENTS)
    itineraries_s, options = best_of(lambda: answer(question))
    return ItineraryFigures(
        teams=len(question.teams),
        incidents=len(question.incidents),
        ways=tuple(np.bincount(options.mode, minlength=len(MODES)).tolist()),
        itineraries_s=itineraries_s,
        imports_s=min(_imports_s() for _ in range(ROUNDS)),
    )


def make_question(seed: int, teams: int, incidents: int) -> Question:
    """Draw teams and county seats; at the highest level all of them are released."""
    registry, doctrine = load_registry(), load_doctrine(data_dir())
    rng = np.random.default_rng([seed, 2])
    who = registry.teams.iloc[np.sort(rng.choice(len(registry.teams), teams, replace=False))]
    seats = registry.counties
    seats = seats.iloc[np.sort(rng.choice(len(seats), incidents, replace=False))]
    goals = pd.DataFrame(
        {
            "incident_id": seats.index,
            "lon": seats["lon"].to_numpy(float),
            "lat": seats["lat"].to_numpy(float),
            "adcode": seats.index,
            "level": LEVELS[0],
        }
    )
    roads = roads_of(registry)
    places = doctrine.places(who["adcode"].tolist(), goals["adcode"].tolist())
    release_s = doctrine.release(
        goals["level"].tolist(), who["tier"].tolist(), who["control_level"].tolist(), places
    )
    return Question(
        registry=registry,
        doctrine=doctrine,
        scenario=_scenario(goals),
        roads=roads,
        teams=who,
        incidents=goals,
        destinations=snap(roads.network, goals["lon"].to_numpy(), goals["lat"].to_numpy()),
        ready_s=release_s + who["mobilise_day_s"].to_numpy(float)[:, None],
    )


def answer(asked: Question) -> Options:
    """Return all ways by road, and those by rail and air for which a team leaves its vehicles."""
    way = travel(
        asked.registry,
        asked.scenario,
        asked.roads,
        asked.teams,
        asked.destinations,
        asked.ready_s,
    )
    found = journeys(
        asked.registry,
        asked.doctrine,
        asked.scenario,
        asked.roads,
        asked.teams,
        asked.incidents,
        asked.destinations,
        asked.ready_s,
        asked.ready_s + way.time_s,
        np.full(len(asked.incidents), np.inf),
        np.ones(len(asked.teams), bool),
    )
    return options_of(asked.registry, asked.teams, way, found)


def itineraries_keys(figures: ItineraryFigures) -> dict[str, object]:
    """Return the keys of the JSON."""
    return {
        "itineraries_s": round(figures.itineraries_s, 4),
        "imports_s": round(figures.imports_s, 4),
        "ratios": {"itineraries_vs_imports": round(figures.ratio, 4)},
    }


def itineraries_text(figures: ItineraryFigures) -> str:
    """Return a Markdown table."""
    ways = ", ".join(f"{count:,} by {m}" for count, m in zip(figures.ways, MODES, strict=True))
    return "\n".join(
        [
            f"Backbone: {figures.teams} teams × {figures.incidents} incidents, registry and road "
            f"engine loaded beforehand: {ways}.",
            "",
            "| figure | limit | measured |",
            "|---|---|---|",
            f"| `itineraries_s` | | {figures.itineraries_s:.3g} s |",
            f"| `imports_s`: `{IMPORTS}` | | {figures.imports_s:.3g} s |",
            f"| `itineraries_vs_imports` | ≤ {LIMIT:g} | {figures.ratio:.3g} |",
        ]
    )


def _scenario(goals: pd.DataFrame) -> Scenario:
    return Scenario.model_validate(
        {
            "name": "benchmark",
            "title": "benchmark",
            "start": START,
            "level": LEVELS[0],
            "incidents": [
                {
                    "id": goal.incident_id,
                    "name": goal.incident_id,
                    "type": "benchmark",
                    "lon": goal.lon,
                    "lat": goal.lat,
                    "slope_deg": SLOPE_DEG,
                }
                for goal in goals.itertuples()
            ],
        }
    )


def _imports_s() -> float:
    """Return the CPU seconds of a new process from its start until the imports are done."""
    code = f"{IMPORTS}; import time; print(time.process_time())"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    return float(done.stdout)
