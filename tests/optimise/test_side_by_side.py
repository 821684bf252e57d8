"""Chains of questions: alone or side by side, each hears the same answers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

import dispatch
from dispatch.optimise.side_by_side import cores, side_by_side


def squares(start: int, steps: int) -> Generator[int, int, list[int]]:
    """Ask for the square of a number, then of what follows from the answer."""
    heard, number = [], start
    for _ in range(steps):
        answer = yield number
        heard.append(answer)
        number = answer % 97 + 1
    return heard


def squared(number: int) -> int:
    return number * number


def squared_here(number: int) -> int:
    """Answer in one process alone: any other ends at once."""
    if os.getpid() != int(os.environ["ONLY_HERE"]):
        os._exit(1)
    return number * number


def refused(number: int) -> int:
    raise ValueError(f"nobody squares {number}")


def chains() -> list[Generator[int, int, list[int]]]:
    return [squares(start, steps) for start, steps in ((2, 3), (5, 0), (7, 4), (11, 1))]


def test_each_chain_hears_the_same_answers_side_by_side() -> None:
    alone = side_by_side(chains(), squared, 1)
    assert alone[0] == [4, 25, 676]
    assert [len(heard) for heard in alone] == [3, 0, 4, 1]
    assert side_by_side(chains(), squared, 2) == alone


def test_where_processes_break_this_one_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONLY_HERE", str(os.getpid()))
    assert side_by_side(chains(), squared_here, 2) == side_by_side(chains(), squared, 1)


def test_what_an_answer_raises_is_raised() -> None:
    for processes in (1, 2):
        with pytest.raises(ValueError, match="nobody squares"):
            side_by_side(chains(), refused, processes)


def test_a_script_is_not_run_again_by_the_processes(tmp_path: Path) -> None:
    """It has no guard, and would write a second line if it were."""
    script = tmp_path / "script.py"
    script.write_text(
        "print('run')\n"
        "from operator import neg\n"
        "from dispatch.optimise.side_by_side import side_by_side\n"
        "def once(number):\n"
        "    return (yield number)\n"
        "print(side_by_side([once(1), once(2)], neg, 2))\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, script],
        env=os.environ | {"PYTHONPATH": str(Path(dispatch.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["run", "[-1, -2]"]
    assert done.stderr == ""


def test_nothing_to_ask() -> None:
    assert side_by_side([], squared, 2) == []
    assert side_by_side([squares(2, 0)], squared, 2) == [[]]
    assert cores() >= 1
