"""Chains of questions answered side by side, each question following from the answers before.

Processes answer them, since the engines of routes hold the interpreter's lock for most
of their time. Each chain gets the same answers in the same order as alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from types import ModuleType
from typing import TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")
Result = TypeVar("Result")


def cores() -> int:
    """Return how many cores this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def side_by_side(
    chains: Sequence[Generator[Question, Answer, Result]],
    answer: Callable[[Question], Answer],
    processes: int,
) -> list[Result]:
    """Run chains to their ends, the questions of earlier ones first.

    Parameters
    ----------
    chains : sequence of generators
        Each yields questions, is sent their answers, and returns its result.
    answer : callable
        Of a module that can be imported, as it is sent to other processes with its
        questions and answers.
    processes : int
        With 1, or one chain alone, everything happens in this process.

    Returns
    -------
    list
        What each chain returned. Where processes can't be had or break, this one answers.
    """
    asked: dict[int, Question] = {}
    results: dict[int, Result] = {}

    def tell(row: int, value: Answer | None) -> None:
        try:
            # None starts a generator
            asked[row] = chains[row].send(value)  # type: ignore[arg-type]
        except StopIteration as end:
            asked.pop(row, None)
            results[row] = end.value

    for row in range(len(chains)):
        tell(row, None)
    if min(processes, len(asked)) > 1:
        with suppress(BrokenProcessPool, OSError):  # what is still asked is answered here
            _by_processes(asked, tell, answer, min(processes, len(asked)))
    while asked:
        row = min(asked)
        tell(row, answer(asked[row]))
    return [results[row] for row in range(len(chains))]


def _by_processes(
    asked: dict[int, Question],
    tell: Callable[[int, Answer], None],
    answer: Callable[[Question], Answer],
    processes: int,
) -> None:
    """Have processes answer until nothing is asked any more."""
    running: dict[Future[Answer], int] = {}
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        while asked:
            for row in sorted(set(asked) - set(running.values()))[: processes - len(running)]:
                running[_submitted(pool, answer, asked[row])] = row
            done, _others = wait(running, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=running.__getitem__):
                tell(running.pop(future), future.result())


def _submitted(
    pool: ProcessPoolExecutor, answer: Callable[[Question], Answer], question: Question
) -> Future[Answer]:
    """Submit a question; a process started for it does not run the main module once more.

    It needs nothing of it, and a script without ``if __name__ == "__main__"`` would begin anew.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        return pool.submit(answer, question)
    finally:
        sys.modules["__main__"] = main
