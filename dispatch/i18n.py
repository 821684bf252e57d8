"""Chinese and English text by gettext.

Message ids are the English text. The language is chosen once per run, by the
environment variable ``DISPATCH_LANG`` or :func:`set_language`; the default is
Chinese, the language of most readers of a plan.
"""

from __future__ import annotations

import gettext as _gettext
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from typing import Final

LANGUAGES: Final = ("zh", "en")

_requested = os.environ.get("DISPATCH_LANG", "zh")
_current = _requested if _requested in LANGUAGES else "zh"
_translations: dict[str, _gettext.NullTranslations] = {}


def set_language(language: str) -> None:
    """Choose the language of all user text.

    Parameters
    ----------
    language : {"zh", "en"}

    Raises
    ------
    ValueError
        If the language is not one of :data:`LANGUAGES`.
    """
    global _current
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {LANGUAGES}, not {language!r}")
    _current = language


def language() -> str:
    """Return the language now in use."""
    return _current


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Use a language for a while."""
    before = language()
    set_language(lang)
    try:
        yield
    finally:
        set_language(before)


def told(say: Callable[[], str]) -> tuple[str, str]:
    """Return what is said in Chinese and in English."""
    with speaking("zh"):
        zh = say()
    with speaking("en"):
        return zh, say()


def _(message: str) -> str:
    """Translate a message into the language now in use."""
    return _catalogue(_current).gettext(message)


def ngettext(one: str, many: str, count: float) -> str:
    """Translate what is said of one thing or of many into the language now in use."""
    return _catalogue(_current).ngettext(one, many, count)  # type: ignore[arg-type]


def unit_of(count: float, zh: str, en: str) -> str:
    """Choose the unit of a count that comes from data; one of something has no plural."""
    return pick(zh, _singular(en) if count == 1 else en)


def _singular(word: str) -> str:
    if word == "people":
        return "person"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def pick(zh: str, en: str) -> str:
    """Choose between a Chinese and an English text that come from data."""
    return zh if _current == "zh" or not en else en


def _catalogue(name: str) -> _gettext.NullTranslations:
    if name not in _translations:
        with as_file(files("dispatch") / "locale") as folder:
            _translations[name] = _gettext.translation(
                "dispatch", localedir=folder, languages=[name], fallback=name == "en"
            )
    return _translations[name]
