"""How fast travel is answered: ``python -m benchmarks.travel [--json FILE] [--seed N]``."""

from __future__ import annotations

import argparse
import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from math import isnan
from pathlib import Path
from typing import Any

from benchmarks.travel_case import Times
from benchmarks.travel_itineraries import (
    itineraries_keys,
    itineraries_text,
    measure_itineraries,
)
from benchmarks.travel_roads import LIMITS, PEAK_LIMIT_MB, RoadFigures, measure_roads

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
PACKAGES = ("pyroutingkit", "routingkit-cch", "scipy", "networkx", "pandana")


def main() -> None:
    """Measure, print tables for ``docs/benchmarks.md``, write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.travel", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--seed", type=int, default=1, help="which province (default: 1)")
    arguments = parser.parse_args()
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))  # before a wheel or a peer is loaded

    # Each part measures one thing and gives its own text and its own keys of the JSON.
    roads = measure_roads(arguments.seed)
    itineraries = measure_itineraries(arguments.seed)
    texts = [machine_text(), roads_text(roads), itineraries_text(itineraries)]
    keys = joined(roads_keys(roads), itineraries_keys(itineraries))

    print("\n\n".join(texts))
    if arguments.json:
        arguments.json.write_text(json.dumps(keys, indent=2) + "\n", encoding="utf-8")


def joined(*parts: dict[str, Any]) -> dict[str, Any]:
    """Put the keys of all parts into one dict, and their ratios into one of their own."""
    keys = {key: value for part in parts for key, value in part.items()}
    ratios = {key: value for part in parts for key, value in part["ratios"].items()}
    return keys | {"ratios": ratios}


# Roads: the made-up province.


def roads_keys(figures: RoadFigures) -> dict[str, object]:
    """Return the keys of the JSON."""
    return {
        "seed": figures.seed,
        "equal": figures.equal,
        "peak_rss_mb": round(figures.peak_rss_mb, 1),
        "ratios": {key: round(value, 4) for key, value in figures.ratios.items()},
    }


def roads_text(figures: RoadFigures) -> str:
    """Return two Markdown tables: what was promised, and every engine's seconds."""
    equal = "equal to SciPy's" if figures.equal else "NOT EQUAL TO SCIPY'S"
    lines = [
        f"Made-up province, seed {figures.seed}: {figures.n_nodes:,} nodes, "
        f"{figures.n_arcs:,} arcs. All distances and paths: {equal}.",
        "",
        "| figure | limit | measured |",
        "|---|---|---|",
    ]
    for key, (sign, limit) in LIMITS.items():
        lines.append(f"| `{key}` | {sign} {limit:g} | {figures.ratios[key]:.3g} |")
    lines += [
        f"| `peak_rss_mb` | < {PEAK_LIMIT_MB:.0f} | {figures.peak_rss_mb:.0f} |",
        "",
        "| engine | first start | restart | close 2,000 and 50 × 500 | 500 × 5,000 | 200 paths "
        "| peak MiB | note |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(times) for times in figures.times),
        f"| bare {figures.times[0].name} | | | {_seconds(figures.bare_s)} | | | | its own calls |",
    ]
    if all(times.name != "pandana" for times in figures.times):
        lines += ["", "pandana is not installed here and was not measured."]
    return "\n".join(lines)


def _row(times: Times) -> str:
    measured = (
        times.first_start_s,
        times.restart_s,
        times.close_and_matrix_s,
        times.big_matrix_s,
        times.paths_s,
    )
    cells = [times.name, *map(_seconds, measured), f"{times.peak_rss_mb:.0f}", times.note]
    return f"| {' | '.join(cells)} |"


def _seconds(value: float) -> str:
    return "" if isnan(value) else f"{value:.3g} s"


def machine_text() -> str:
    """Tell what this was measured on."""
    versions = []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return (
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, one thread used; {', '.join(versions)}."
    )


if __name__ == "__main__":
    main()
