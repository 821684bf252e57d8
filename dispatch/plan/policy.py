"""The same scenario under another policy, as ``KEY=VALUE`` says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, get_args

from pydantic import ValidationError

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.plan.available import without
from dispatch.registry import Registry
from dispatch.scenario import ClosureSpec, Policy, Scenario
from dispatch.scenario.records import Level, Mode

KEYS: Final = ("toll_free=yes|no", "modes=road,rail,air", "level=auto|I|II|III|IV", "lose=ID")

CLOSED: Final = (
    ("airfield", "airbases/airbases"),
    ("station", "network/stations"),
    ("junction", "network/junctions"),
    ("link", "network/links"),
)
"""What is lost by closing it, and the table that knows its id."""


@dataclass(frozen=True, eq=False)
class Case:
    """A scenario and the registry that it is planned with."""

    registry: Registry
    scenario: Scenario


def changed(case: Case, changes: Iterable[str]) -> Case:
    """Return a case with some things decided otherwise; its title tells them.

    Parameters
    ----------
    case : Case
    changes : iterable of str
        ``toll_free=no``, ``modes=road,rail``, ``level=II``, or ``lose=ID`` of an
        airfield, station, junction, link or team.

    Raises
    ------
    InputError
        If a key, value or id is not known.
    """
    given = tuple(changes)
    for change in given:
        case = _change(case, change)
    tail = ", ".join(given)
    spec = case.scenario
    titles = {"title": f"{spec.title} [{tail}]"}
    if spec.title_en:
        titles["title_en"] = f"{spec.title_en} [{tail}]"
    return replace(case, scenario=spec.model_copy(update=titles))


def _change(case: Case, change: str) -> Case:
    key, _equals, value = change.partition("=")
    match key, value:
        case "toll_free", "yes" | "no":
            return _with_policy(case, change, toll_free=value == "yes")
        case "modes", _:
            modes = tuple(value.split(","))
            if not set(modes) <= set(get_args(Mode)):
                raise _refused(change)
            return _with_policy(case, change, modes=modes)
        case "level", _ if value in ("auto", *get_args(Level)):
            return replace(case, scenario=case.scenario.at_level(value))
        case "lose", _ if value:
            return _without(case, change, value)
    raise _refused(change)


def _with_policy(case: Case, change: str, **update: Any) -> Case:
    told = case.scenario.policy.model_dump() | update
    try:
        policy = Policy.model_validate(told)
    except ValidationError as error:
        raise _refused(change) from error
    return replace(case, scenario=case.scenario.model_copy(update={"policy": policy}))


def _without(case: Case, change: str, lost: str) -> Case:
    """Close a place, or take a team away."""
    registry, scenario = case.registry, case.scenario
    if lost in registry["teams/teams"].index:
        return replace(case, registry=without(registry, (lost,)))
    for key, table in CLOSED:
        if table in registry.tables and lost in registry[table].index:
            closure = ClosureSpec.model_validate({"name": change, key: lost})
            closures = (*scenario.closures, closure)
            return replace(case, scenario=scenario.model_copy(update={"closures": closures}))
    problem = _("is no airfield, station, junction, link or team")
    raise InputError(Fault("--change", None, None, change, problem, _remedy()))


def _refused(change: str) -> InputError:
    problem = _("is no change of policy")
    return InputError(Fault("--change", None, None, change, problem, _remedy()))


def _remedy() -> str:
    return _("use {codes}").format(codes=" ; ".join(KEYS))
