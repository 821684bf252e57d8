"""Fixtures of all optimiser tests."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def in_english(english: None) -> None:
    """Judge messages by their English text."""
