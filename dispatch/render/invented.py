"""Records invented for illustration, named in the language in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dispatch.i18n import pick
from dispatch.plan.plan import IllustrativeRecord


def named_records(
    records: Iterable[IllustrativeRecord], english: Mapping[str, str]
) -> list[IllustrativeRecord]:
    """Return records with the names a reader knows them by.

    A plan keeps the Chinese name of a record alone.

    Parameters
    ----------
    records : iterable of IllustrativeRecord
    english : mapping of str to str
        English names of teams, places, items and aircraft, by their keys. What
        belongs to one of them, as a vehicle to a team, has its name; all else its key.
    """
    return [
        replace(one, name=pick(one.name, english.get(one.key.partition("/")[0]) or one.key))
        for one in records
    ]
