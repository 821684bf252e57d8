"""Closures in words: what is shut, slowed or limited, from when and until when."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any, Protocol

from geopandas import GeoDataFrame

from dispatch.i18n import _, pick
from dispatch.render import labels
from dispatch.render.text import plain


class Clock(Protocol):
    """A plan that tells times."""

    def clock(self, seconds: int) -> str:
        """Return a time of the plan."""


def closure_lines(shown: Clock, closures: GeoDataFrame | None) -> Iterator[str]:
    """Yield a sentence for each closure of :func:`dispatch.plan.shut.closure_shapes`."""
    for row in () if closures is None else closures.itertuples():
        times = closure_times(shown, row)
        words = [_effect(row), *([times] if times else []), labels.reliability(row.reliability)]
        source = plain(pick(row.source, row.source_en))
        name = plain(pick(row.name, row.name_en))
        text = _("{name}: {words}").format(name=name, words=_(", ").join(words))
        yield text + (_(" ({source})").format(source=source) if source else "")


def closure_times(shown: Clock, row: Any) -> str:
    """Return from when and until when a closure holds; empty if from the start and for good."""
    since = _("from {time}").format(time=shown.clock(int(row.from_s))) if row.from_s > 0 else ""
    until = ""
    if isfinite(row.until_s):
        until = _("until {time}").format(time=shown.clock(int(row.until_s)))
    return " ".join(part for part in (since, until) if part)


def _effect(row: Any) -> str:
    if row.effect == "slowed":
        return _("slowed to {percent:.0f} %").format(percent=row.factor * 100)
    if row.effect == "limited":
        return _("closed above {tonnes:g} t").format(tonnes=row.max_mass_kg / 1000)
    return labels.effect(row.effect)
