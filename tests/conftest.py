"""What every test starts from: Chinese, the default language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dispatch.i18n import set_language


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Start in Chinese and leave no other language to the next test."""
    set_language("zh")
    yield
    set_language("zh")


@pytest.fixture
def english(chinese: None) -> None:
    """Compare texts in English."""
    set_language("en")
