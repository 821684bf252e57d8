"""Node orders on disk: found again, distrusted when damaged, safe when two runs race."""

from __future__ import annotations

import os
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from dispatch.network import cch_cache
from dispatch.network import engine as engine_module
from dispatch.network.engine import Topology, build_engine, installed_backends

WHEELS = installed_backends()[:-1]
pytestmark = pytest.mark.skipif(not WHEELS, reason="no wheel installed: nothing is kept on disk")

N_NODES = 300


def ring() -> Topology:
    """0 → 1 → … → 299 → 0."""
    node = np.arange(N_NODES)
    angle = 2 * np.pi * node / N_NODES
    return Topology(N_NODES, node, (node + 1) % N_NODES, np.cos(angle), np.sin(angle))


def start(backend: str, folder: Path) -> tuple[float, bool]:
    """Build with a cache; return one distance, and whether the order was computed."""
    make = engine_module._WHEELS[backend]
    computed = []

    def recording(topology: Topology, parts: Any) -> Any:
        computed.append(parts is None)
        return make(topology, parts)

    with mock.patch.dict(engine_module._WHEELS, {backend: recording}):
        engine = build_engine(ring(), backend=backend, cache_dir=folder)
    metric = engine.customise(np.full(N_NODES, 2))
    return float(metric.matrix([1], [0])[0, 0]), computed[0]


@pytest.mark.parametrize("backend", WHEELS)
def test_second_start_reads_what_the_first_kept(backend: str, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "cache"
    assert start(backend, folder) == (2 * N_NODES - 2, True)
    (file,) = folder.iterdir()
    assert file.name.startswith(ring().digest)
    assert start(backend, folder) == (2 * N_NODES - 2, False)


def test_each_backend_keeps_its_own(tmp_path: Path) -> None:
    for backend in WHEELS:
        assert start(backend, tmp_path)[1]
    assert len(list(tmp_path.iterdir())) == len(WHEELS)


@pytest.mark.parametrize("backend", WHEELS)
@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "header", "longer"])
def test_damaged_file_is_made_anew(backend: str, damage: str, tmp_path: Path) -> None:
    start(backend, tmp_path)
    (file,) = tmp_path.iterdir()
    good = file.read_bytes()
    middle = len(good) // 2
    file.write_bytes({
        "empty": b"",
        "cut": good[:middle],
        "flipped": good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :],
        "header": b"x" + good[1:],
        "longer": good + b"\0",
    }[damage])  # fmt: skip
    assert start(backend, tmp_path) == (2 * N_NODES - 2, True)
    assert file.read_bytes() == good
    assert start(backend, tmp_path) == (2 * N_NODES - 2, False)


def test_a_folder_that_cant_be_used_costs_time_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    assert start(WHEELS[0], file) == (2 * N_NODES - 2, True)
    assert "node order not kept" in caplog.text


def test_an_unreadable_file_costs_time_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    start(WHEELS[0], tmp_path)
    with mock.patch.object(Path, "read_bytes", side_effect=PermissionError("no")):
        assert cch_cache.read(tmp_path / "any") is None
    assert "computed anew" in caplog.text


def test_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    with mock.patch.object(os, "replace", side_effect=OSError("disk full")):
        cch_cache.write(tmp_path / "order", {"order": b"123"})
    assert list(tmp_path.iterdir()) == []


def _race(backend: str, folder: Path, gate: Any, answers: Any) -> None:
    gate.wait()
    answers.put(start(backend, folder)[0])


@pytest.mark.parametrize("backend", WHEELS)
def test_two_runs_at_once(backend: str, tmp_path: Path) -> None:
    context = get_context("spawn")
    gate, answers = context.Barrier(2), context.Queue()
    runs = [
        context.Process(target=_race, args=(backend, tmp_path, gate, answers)) for _ in range(2)
    ]
    for run in runs:
        run.start()
    assert [answers.get(timeout=60) for _ in runs] == [2 * N_NODES - 2] * 2
    for run in runs:
        run.join(60)
        assert run.exitcode == 0
    (file,) = tmp_path.iterdir()
    assert cch_cache.read(file) is not None
    assert start(backend, tmp_path)[1] is False
