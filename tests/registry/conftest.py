"""The small province on disk, and faults in English."""

from __future__ import annotations

from pathlib import Path

import pytest
from registry_world import small_world, write_world


@pytest.fixture(autouse=True)
def in_english(english: None) -> None:
    """Problems and remedies are compared in English."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a data folder without faults."""
    return write_world(small_world(), tmp_path / "data")
