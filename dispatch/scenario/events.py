"""Events after a plan was made: what has happened since, read from a YAML file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from dispatch.errors import InputError
from dispatch.scenario.faults import KeyPath, faults_of
from dispatch.scenario.read import read_yaml
from dispatch.scenario.records import (
    MAX_MIN,
    ClosureSpec,
    DemandSpec,
    Impact,
    IncidentSpec,
    Name,
    Slug,
    VehicleLoss,
    _Record,
)


class Delay(_Record):
    """A team that will be so many minutes later than ordered."""

    team: Name
    minutes: float = Field(gt=0, le=MAX_MIN)


class Loss(_Record):
    """A team or an aircraft that can no longer be used."""

    kind: Literal["team", "aircraft"] = "team"
    id: Name


class Change(_Record):
    """New impact figures or needs of an incident; ``demands`` replaces all of them.

    Times of the needs count from the start of the scenario.
    """

    incident: Slug
    impact: Impact | None = None
    demands: tuple[DemandSpec, ...] | None = None


class Events(_Record):
    """What has happened since a plan was made; ``vehicles`` are those lost.

    Times of new incidents' needs, and of closures, count from the moment of
    replanning.
    """

    incidents: tuple[IncidentSpec, ...] = ()
    closures: tuple[ClosureSpec, ...] = ()
    delays: tuple[Delay, ...] = ()
    losses: tuple[Loss, ...] = ()
    vehicles: tuple[VehicleLoss, ...] = ()
    changes: tuple[Change, ...] = ()


def load_events(path: str | Path) -> tuple[Events, dict[KeyPath, int]]:
    """Read and check a file of events; with the line of each of its keys.

    Raises
    ------
    InputError
        With every fault found, as :func:`dispatch.scenario.load_scenario` does.
    """
    path = Path(path)
    data, lines, _text = read_yaml(path)
    try:
        return Events.model_validate(data), lines
    except ValidationError as error:
        raise InputError(faults_of(path.name, lines, error)) from None
