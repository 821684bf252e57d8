"""The small province on disk, and faults in English."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from registry_world import small_world, write_world

from dispatch.i18n import language, set_language


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Problems and remedies are compared in English."""
    before = language()
    set_language("en")
    yield
    set_language(before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a data folder without faults."""
    return write_world(small_world(), tmp_path / "data")
