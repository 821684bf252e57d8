"""Text from data made fit for paper: no control marks, no more than there is room for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from rich.cells import cell_len, set_cell_size

MAX_FILE_NAME: Final = 60
"""Longest file name, in columns: a Chinese character takes two."""

_SPACES: Final = re.compile(r"\s+")
_NOT_IN_FILE_NAMES: Final = re.compile(r'[<>:"/\\|?*\s]+')
_SHARED: Final = re.compile(r"\s*[;,]\s*")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACE: Final = frozenset({"Zl", "Zp", "Zs"})


def plain(text: object) -> str:
    """Return a text in one line without control, format or unassigned characters.

    Marks that turn the direction of writing are among them: no name can turn
    the words beside it, and no XML writer stumbles over what XML forbids.
    """
    whole = str(text)
    # a text that can be printed holds none of these, and no space but the common one
    if not whole.isprintable():
        whole = "".join(_plain_character(character) for character in whole)
    return _SPACES.sub(" ", whole).strip()


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if character.isspace() or category in _SPACE:
        return " "
    return "" if category in _UNSEEN else character


def cut(text: object, columns: int) -> str:
    """Return a plain text of at most so many columns, with … where it was cut."""
    whole = plain(text)
    if cell_len(whole) <= columns:
        return whole
    return set_cell_size(whole, columns - 1).rstrip() + "…"


def way(roads: Iterable[str]) -> str:
    """Return road numbers in the order driven, changing as seldom as the roads allow.

    Roads that share a stretch divide their numbers by a mark: who drives G5,
    then where it is G20 as well, then G5, stays on G5. Where several numbers
    hold to the end they stand together.
    """
    told: list[list[str]] = []
    for road in roads:
        numbers = [number for number in _SHARED.split(plain(road)) if number]
        both = [number for number in told[-1] if number in numbers] if told else []
        if both:
            told[-1] = both
        elif numbers:
            told.append(numbers)
    return " → ".join("/".join(numbers) for numbers in told)


def file_name(number: int, text: object, ending: str) -> str:
    """Return a name that is safe on every file system: it can't leave its folder.

    Parameters
    ----------
    number : int
        Stands before the text, so that no two names are equal and none is
        one of those that Windows keeps for itself.
    text : object
        Anything; slashes, reserved characters and spaces become ``_``.
    ending : str
        With its dot.
    """
    safe = _NOT_IN_FILE_NAMES.sub("_", plain(text)).strip("._")
    if cell_len(safe) > MAX_FILE_NAME:
        safe = set_cell_size(safe, MAX_FILE_NAME).rstrip(" ._")
    return f"{number:03d}_{safe}{ending}"
