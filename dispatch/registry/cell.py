"""What can be wrong with the text of one cell, judged by its column alone."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from dispatch.i18n import _
from dispatch.registry.contract import NUMERIC, Column

Trouble = tuple[str, str]
"""A problem and its remedy, ready to read."""

_INTEGER: Final = re.compile(r"-?[0-9]+")
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_EXPONENT: Final = re.compile(r"[+-]?[0-9.]+[eE][+-]?[0-9]+")
_WITH_UNIT: Final = re.compile(r"[+-]?[0-9][0-9.,]*\s*[^\s0-9.,+-].*", re.DOTALL)
_MISSING: Final = frozenset(
    {"nan", "null", "none", "nil", "n/a", "<na>", "inf", "-inf", "+inf", "infinity"}
    | {"#n/a", "#ref!", "#value!", "#num!", "#name?", "#div/0!", "#null!"}
)
_LARGEST: Final = 1e18  # fits 64 bits
# C0 and C1 but for the line feed, soft hyphen, zero-width and bidirectional marks, line
# separators, the byte order mark inside a text, the sign of a failed decoding.
_UNSEEN: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffd]"
)
# Full-width signs start a formula too in East Asian editions of spreadsheet programs.
_FORMULA: Final = re.compile("[=+\\-@\t\r＝＋－＠]")


def cell_trouble(column: Column, value: str) -> Trouble | None:
    """Return what is wrong with a value of a column, None if nothing is.

    References are checked for form only; whether the key exists is a matter
    of two tables. Degrees are checked for form only as well: a place in the
    wrong county is a matter of two columns.
    """
    if not value.strip():
        return _empty(column, value)
    if value.casefold() in _MISSING:
        remedy = _("write the value; leave the cell empty only where the column allows it")
        return _("the text stands for a value that is missing or infinite"), remedy
    if column.type in NUMERIC:
        return _number_trouble(column, value)
    if column.type == "choice":
        return _choice_trouble(column, value)
    return _text_trouble(value)


def _empty(column: Column, value: str) -> Trouble | None:
    if column.required:
        return _("no value stands here"), _("write: {what}").format(what=column.description)
    if value:
        return _("the cell holds blanks only"), _("leave it empty")
    return None


def _text_trouble(value: str) -> Trouble | None:
    if _FORMULA.match(value):
        problem = _("a spreadsheet program would run this text as a formula")
        return problem, _("begin the text with a letter, a figure or a Chinese character")
    if unseen := _UNSEEN.search(value):
        problem = _("the text holds a character that can't be seen, U+{code:04X}")
        return problem.format(code=ord(unseen.group())), _("delete the character")
    if value != value.strip():
        return _("blanks stand around the text"), _("write {value}").format(value=value.strip())
    return None


def _choice_trouble(column: Column, value: str) -> Trouble | None:
    if value in column.values:
        return None
    near = get_close_matches(value, column.values, 1)
    codes = " | ".join(near or column.values)
    return _("the column knows no such code"), _("write {codes}").format(codes=codes)


def _number_trouble(column: Column, value: str) -> Trouble | None:
    whole = column.type == "integer"
    if not (_INTEGER if whole else _NUMBER).fullmatch(value):
        return _not_a_number(column, value)
    number = float(value)
    least = -_LARGEST if column.minimum is None else column.minimum
    largest = _LARGEST if column.maximum is None else column.maximum
    if number < least:
        problem = _("the value is below the least one allowed, {least:.15g}").format(least=least)
    elif number > largest:
        problem = _("the value is above the largest one allowed, {largest:.15g}")
        problem = problem.format(largest=largest)
    else:
        return None
    return problem, _("put the value right")


def _not_a_number(column: Column, value: str) -> Trouble:
    if _EXPONENT.fullmatch(value):
        return _("the number is written with an exponent"), _("write all its digits")
    if _WITH_UNIT.fullmatch(value):
        problem = _("a unit or text stands behind the number")
        remedy = _("write the number alone, in {unit}") if column.unit else _("write it alone")
        return problem, remedy.format(unit=column.unit)
    if _NUMBER.fullmatch(value):
        return _("this is not a whole number"), _("write it without a fraction")
    return _("this is not a number"), _("write digits, with a point before a fraction")
