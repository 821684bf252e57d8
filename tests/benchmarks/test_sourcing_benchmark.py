"""The sourcing benchmark says what it measured, tried on a province of two cities."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import sourcing
from dispatch.optimise.sourcing_validate import validate

TINY = sourcing.Size(cities=2, items=4, depots=3, days=4, suppliers=2)


def test_a_small_province_is_proved_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sourcing, "Size", lambda: TINY)
    target = tmp_path / "figures.json"
    monkeypatch.setattr(sys, "argv", ["sourcing", "--json", str(target), "--seed", "3"])
    sourcing.main()
    figures = json.loads(target.read_text(encoding="utf-8"))
    assert figures["proved"] is True
    assert set(figures["gaps"].values()) == {0.0}
    assert figures["size"]["cities"] == 2
    assert set(figures["nearest_first"]["values"]) == set(figures["stages"])
    printed = capsys.readouterr().out
    assert "| `served` | most |" in printed
    assert "| places and items short |" in printed


def test_without_proof_the_benchmark_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = sourcing.measure(TINY, 3, time_limit_s=0.0)
    assert not figures.proved
    monkeypatch.setattr(sourcing, "measure", lambda *_: figures)
    monkeypatch.setattr(sys, "argv", ["sourcing"])
    with pytest.raises(SystemExit):
        sourcing.main()


def test_the_case_is_the_same_each_time_and_of_the_size_promised() -> None:
    one, other = sourcing.case(sourcing.Size(), 1), sourcing.case(sourcing.Size(), 1)
    validate(one)
    assert (one.need_lots == other.need_lots).all()
    assert len(one.item_id) == 40
    assert one.days == 14
    assert len(one.fleet_id) == 20
