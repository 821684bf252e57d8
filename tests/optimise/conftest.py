"""Fixtures of all optimiser tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dispatch.i18n import language, set_language


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Judge messages by their English text."""
    before = language()
    set_language("en")
    yield
    set_language(before)
