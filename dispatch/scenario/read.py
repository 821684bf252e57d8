"""Reading a scenario file: YAML whose every key knows its line."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.scenario.faults import KeyPath, dotted, faults_of
from dispatch.scenario.records import Scenario


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
    data, lines, text = read_yaml(path)
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        raise InputError(faults_of(path.name, lines, error)) from None
    scenario._file = path.name
    scenario._sha256 = sha256(text.encode()).hexdigest()
    scenario._lines = lines
    return scenario


def read_yaml(path: Path) -> tuple[Any, dict[KeyPath, int], str]:
    """Return the values of a YAML file, the line of each key, and its text.

    Raises
    ------
    InputError
        As :func:`load_scenario` does.
    """
    text = _read_text(path)
    node, data = _parse(path, text)
    lines: dict[KeyPath, int] = {}
    faults = list(_walk(path.name, node, (), lines))
    if faults:
        raise InputError(faults)
    return data, lines, text


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
                    dotted(here),
                    str(key.value),
                    _("stands twice"),
                    _("keep one of the two"),
                )
                continue
            lines[here] = key.start_mark.line + 1
            yield from _walk(file, value, here, lines)
