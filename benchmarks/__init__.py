"""Benchmarks: what the product promises in figures, measured by one command each."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

# read when NumPy is loaded, hence here: two threads are slower where matrices are small
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

T = TypeVar("T")

ROUNDS = 3


def best_of(question: Callable[[], T], rounds: int = ROUNDS) -> tuple[float, T]:
    """Return the shortest of several run times in seconds, and the last answer.

    Seconds of this process's CPU, all its threads together: what a clock shows
    on an idle machine, and still nearly that on a busy one.
    """
    times = []
    for _ in range(rounds):
        start = time.process_time()
        answer = question()
        times.append(time.process_time() - start)
    return min(times), answer


def peak_rss_mb() -> float:
    """Return the largest resident memory of this process so far, in MiB.

    Linux is asked for the high-water mark of this program alone; the usual
    ``ru_maxrss`` also remembers what the process was before it became Python.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)
