"""Both languages say everything, with the same blanks to fill."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

import dispatch
from dispatch import i18n

ROOT = Path(__file__).parents[1]
CATALOGUE = Path(dispatch.__file__).parent / "locale" / "zh" / "LC_MESSAGES" / "dispatch.po"


@pytest.fixture(autouse=True)
def _language():
    before = i18n.language()
    yield
    i18n.set_language(before)


def fields(text: str) -> set[str | None]:
    """Return the names of the blanks in a text."""
    return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def test_the_catalogue_is_complete_and_compiled():
    script = ROOT / "scripts" / "make_catalogue.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_translations_fill_the_same_blanks():
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh")
    wrong = [m.id for m in catalogue if m.id and fields(m.id) != fields(m.string)]
    assert not wrong


def test_languages():
    i18n.set_language("zh")
    assert i18n._("Team") == "队伍"
    assert i18n.pick("太原", "Taiyuan") == "太原"
    i18n.set_language("en")
    assert i18n._("Team") == "Team"
    assert i18n.pick("太原", "Taiyuan") == "Taiyuan"
    assert i18n.pick("太原", "") == "太原"


def test_another_language_is_refused():
    with pytest.raises(ValueError, match="fr"):
        i18n.set_language("fr")
