"""Faults of a scenario file: where they stand, what is wrong, what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from dispatch.errors import Fault
from dispatch.i18n import _

KeyPath = tuple[str | int, ...]


class Misfit(ValueError):
    """Values of a record that do not fit together.

    Parameters
    ----------
    problem : str
        One that :func:`explain` knows.
    path : KeyPath
        The key at fault, seen from the record.
    value : object
        What stands there.
    """

    def __init__(self, problem: str, path: KeyPath, value: object) -> None:
        super().__init__(problem)
        self.path, self.value = path, value


def faults_of(file: str, lines: Mapping[KeyPath, int], error: ValidationError) -> Iterator[Fault]:
    """Yield everything that pydantic finds wrong with a file."""
    for item in error.errors(include_url=False):
        path, value = tuple(item["loc"]), item["input"]
        misfit = item.get("ctx", {}).get("error")
        if isinstance(misfit, Misfit):
            path, value = (*path, *misfit.path), misfit.value
        yield fault_at(file, lines, path, value, *explain(item))


def fault_at(
    file: str,
    lines: Mapping[KeyPath, int],
    path: KeyPath,
    value: object,
    problem: str,
    remedy: str,
) -> Fault:
    """Return a fault that names the line of a key, or of the nearest key above it."""
    known = path
    while known and known not in lines:
        known = known[:-1]
    shown = None if isinstance(value, dict | list) or value is None else str(value)
    return Fault(file, lines.get(known), dotted(path) or None, shown, problem, remedy)


def dotted(path: KeyPath) -> str:
    """Return a key as people write it, such as ``incidents[0].lon``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def explain(item: Any) -> tuple[str, str]:
    """Return problem and remedy for one finding of pydantic."""
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        return _("unknown key"), _("remove it or mend its spelling")
    if kind == "missing":
        return _("is missing"), _("add it")
    if kind == "value_error":
        return _value_error(str(context["error"]))
    if kind == "timezone_aware":
        return _("has no time zone"), _("write it like 2010-03-28T13:40+08:00")
    if kind.startswith("datetime"):
        return _("is not a time"), _("write it like 2010-03-28T13:40+08:00")
    if kind == "literal_error":
        return _("is not one of the values allowed"), _("use {expected}").format(
            expected=context["expected"]
        )
    if kind == "string_pattern_mismatch":
        return (
            _("is not a short name"),
            _("use small letters, digits and hyphens, beginning with a letter or digit"),
        )
    if kind == "too_short" and item["loc"][-1] == "polygon":
        return _("has too few points"), _("give at least three points [lon, lat]")
    limits = {"greater_than": "> {gt}", "greater_than_equal": "≥ {ge}", "less_than_equal": "≤ {le}"}
    if kind in limits:
        return _("is out of range"), _("use a number {limit}").format(
            limit=limits[kind].format(**context)
        )
    return _("does not fit: {detail}").format(detail=item["msg"]), _("mend the value")


def _value_error(message: str) -> tuple[str, str]:
    remedies = {
        "there is no incident": (_("there is no incident"), _("describe at least one")),
        "latest_min lies before target_min": (
            _("latest_min lies before target_min"),
            _("make latest_min at least target_min"),
        ),
        "minimum is more than quantity": (
            _("minimum is more than quantity"),
            _("make minimum at most quantity"),
        ),
        "lon and lat are exchanged": (_("lon and lat are exchanged"), _("exchange them")),
        "the place lies outside the province": (
            _("the place lies outside the province"),
            _("give WGS84 degrees of a place in Shanxi"),
        ),
        "a closure names exactly one place": (
            _("a closure names exactly one place"),
            _("give one of polygon, link, junction, line, station, airfield"),
        ),
        "only a road can be slowed or limited": (
            _("only a road can be slowed or limited"),
            _("use the effect closed"),
        ),
        "a junction has no length to be slow on": (
            _("a junction has no length to be slow on"),
            _("use the effect closed, or slow a link or polygon"),
        ),
        "factor is missing": (
            _("factor is missing"),
            _("say to what part of its speed the road is slowed"),
        ),
        "factor belongs to the effect slowed": (
            _("factor belongs to the effect slowed"),
            _("remove it, or use the effect slowed"),
        ),
        "factor is too small": (
            _("factor is too small"),
            _("use 0 to close the road, or at least 0.01"),
        ),
        "max_mass_kg is missing": (
            _("max_mass_kg is missing"),
            _("say how heavy a vehicle may be"),
        ),
        "max_mass_kg belongs to the effect limited": (
            _("max_mass_kg belongs to the effect limited"),
            _("remove it, or use the effect limited"),
        ),
        "until_min is not after from_min": (
            _("until_min is not after from_min"),
            _("make until_min more than from_min"),
        ),
        "two incidents share this id": (
            _("two incidents share this id"),
            _("give each its own id"),
        ),
        "two closures share this name": (
            _("two closures share this name"),
            _("give each its own name"),
        ),
        "there is no shelter": (_("there is no shelter"), _("describe at least one")),
        "fewer people are affected than displaced": (
            _("fewer people are affected than displaced"),
            _("count the displaced among the affected"),
        ),
        "closes_h is not after opens_h": (
            _("closes_h is not after opens_h"),
            _("make closes_h more than opens_h"),
        ),
        "no mode is allowed": (_("no mode is allowed"), _("name at least one")),
        "a mode stands twice": (_("a mode stands twice"), _("name each once")),
    }
    return remedies.get(message, (message, _("give each its own id")))
