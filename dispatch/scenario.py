"""The scenario: what happened, where, and under which policy we answer.

A scenario is a YAML file that people write by hand under pressure, so every
fault is reported with its line, and an unknown key is a fault, not a comment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    model_validator,
)

from dispatch.errors import Fault, InputError
from dispatch.geo import PROVINCE_BOUNDS
from dispatch.i18n import _

KeyPath = tuple[str | int, ...]

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Level = Literal["I", "II", "III", "IV"]


def _frozen_mapping(value: Mapping[str, float]) -> Mapping[str, float]:
    return MappingProxyType(dict(value))


Impact = Annotated[
    Mapping[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]],
    AfterValidator(_frozen_mapping),
]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DemandSpec(_Record):
    """A need stated outright, instead of the default needs of the type.

    ``minimum`` is the least that is of use; ``target_min`` and ``latest_min``
    count minutes from the start of the scenario.
    """

    capability: Name
    quantity: int = Field(gt=0, le=10_000_000)
    minimum: int = Field(default=1, gt=0)
    priority: Literal[1, 2, 3] = 1
    target_min: int = Field(gt=0, le=60 * 24 * 30)
    latest_min: int = Field(gt=0, le=60 * 24 * 30)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.latest_min < self.target_min:
            raise ValueError("latest_min lies before target_min")
        if self.minimum > self.quantity:
            raise ValueError("minimum is more than quantity")
        return self


class IncidentSpec(_Record):
    """An event at a place (EPSG:4326) with a type and its impact figures."""

    id: Slug
    name: Name
    name_en: str = ""
    type: Name
    lon: float = Field(allow_inf_nan=False)
    lat: float = Field(allow_inf_nan=False)
    impact: Impact = MappingProxyType({})
    demands: tuple[DemandSpec, ...] | None = None

    @model_validator(mode="after")
    def _in_province(self) -> Self:
        west, south, east, north = PROVINCE_BOUNDS
        if west <= self.lat <= east and south <= self.lon <= north:
            raise ValueError("lon and lat are exchanged")
        if not (west <= self.lon <= east and south <= self.lat <= north):
            raise ValueError("the place lies outside the province")
        return self


class Policy(_Record):
    """What the command has decided on travel.

    ``toll_free`` frees every rescue vehicle from toll; without it only
    vehicles that the law exempts pass free.
    """

    toll_free: bool = True


class Scenario(_Record):
    """A scenario, checked. Made by :func:`load_scenario`."""

    name: Slug
    title: Name
    title_en: str = ""
    note: str = ""
    start: AwareDatetime
    level: Literal["auto", "I", "II", "III", "IV"] = "auto"
    policy: Policy = Policy()
    incidents: tuple[IncidentSpec, ...]

    _file: str = PrivateAttr(default="")
    _sha256: str = PrivateAttr(default="")
    _lines: Mapping[KeyPath, int] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if not self.incidents:
            raise ValueError("there is no incident")
        ids = [incident.id for incident in self.incidents]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"two incidents share the id {twice[0]}")
        return self

    @property
    def file(self) -> str:
        """Name of the file the scenario was read from."""
        return self._file

    @property
    def sha256(self) -> str:
        """SHA-256 of the file, in hexadecimal."""
        return self._sha256

    def fault(self, path: KeyPath, value: object, problem: str, remedy: str) -> Fault:
        """Return a fault that names the line of a key of this scenario."""
        return _fault(self._file, self._lines, path, value, problem, remedy)


def load_scenario(path: str | Path) -> Scenario:
    """Read and check a scenario file.

    Parameters
    ----------
    path : str or Path
        YAML file in UTF-8.

    Returns
    -------
    Scenario

    Raises
    ------
    InputError
        With every fault found: no such file, not UTF-8, not YAML, a key twice,
        unknown or missing keys, values of the wrong type or out of range.
    """
    path = Path(path)
    text = _read_text(path)
    node, data = _parse(path, text)
    lines: dict[KeyPath, int] = {}
    faults = list(_walk(path.name, node, (), lines))
    if faults:
        raise InputError(faults)
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        raise InputError(
            _fault(path.name, lines, tuple(item["loc"]), item["input"], *_explain(item))
            for item in error.errors(include_url=False)
        ) from None
    scenario._file = path.name
    scenario._sha256 = sha256(text.encode()).hexdigest()
    scenario._lines = lines
    return scenario


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        problem, remedy = _("cannot be read ({reason})"), _("check the path")
        raise InputError(
            Fault(str(path), None, None, None, problem.format(reason=error.strerror), remedy)
        ) from None
    except UnicodeDecodeError:
        raise InputError(
            Fault(path.name, None, None, None, _("is not UTF-8 text"), _("save it as UTF-8"))
        ) from None


def _parse(path: Path, text: str) -> tuple[yaml.MappingNode, Any]:
    """Return the YAML of a file as nodes, which know their lines, and as values."""

    def fault(row: int | None, value: str | None, problem: str, remedy: str) -> InputError:
        return InputError(Fault(path.name, row, None, value, problem, remedy))

    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                # an alias can stand for itself or grow without bound, and nobody needs one
                row = event.start_mark.line + 1 if event.start_mark else None
                problem, remedy = _("aliases are not allowed"), _("write the value out")
                raise fault(row, f"*{event.anchor}", problem, remedy)
        node, data = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        detail = str(getattr(error, "problem", None) or error)
        raise fault(
            None if mark is None else mark.line + 1,
            None,
            _("is not valid YAML: {detail}").format(detail=detail),
            _("mend the indentation or quoting at this line"),
        ) from None
    if not isinstance(node, yaml.MappingNode):
        problem = _("is not a scenario")
        raise fault(1, None, problem, _("write keys such as name, title, start and incidents"))
    return node, data


def _walk(file: str, node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int]) -> Iterator[Fault]:
    """Note the line of every key, and yield a fault for each key that stands twice."""
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _walk(file, item, (*path, index), lines)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, str(key.value))
            if here in lines:
                yield Fault(
                    file,
                    key.start_mark.line + 1,
                    _dotted(here),
                    str(key.value),
                    _("stands twice"),
                    _("keep one of the two"),
                )
                continue
            lines[here] = key.start_mark.line + 1
            yield from _walk(file, value, here, lines)


def _fault(
    file: str,
    lines: Mapping[KeyPath, int],
    path: KeyPath,
    value: object,
    problem: str,
    remedy: str,
) -> Fault:
    known = path
    while known and known not in lines:
        known = known[:-1]
    shown = None if isinstance(value, dict | list) or value is None else str(value)
    return Fault(file, lines.get(known), _dotted(path) or None, shown, problem, remedy)


def _dotted(path: KeyPath) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _explain(item: Any) -> tuple[str, str]:
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
    }
    return remedies.get(message, (message, _("give each its own id")))
