"""A plan read back from disk, or refused with one message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.plan.plan import SCHEMA_VERSION, Plan
from dispatch.plan.write import DIGEST, PLAN_FILE, digest

_PLAN: Final = TypeAdapter(Plan)


def read_plan(path: Path | str) -> Plan:
    """Read a plan file, or the one in a plan's folder.

    Parameters
    ----------
    path : Path or str
        ``plan.json`` or the folder that holds it.

    Raises
    ------
    InputError
        With one fault: no such file, cut short or no JSON, made by another
        version, changed since it was written, or not a plan at all.
    """
    file = Path(path)
    if file.is_dir():
        file /= PLAN_FILE
    content = _content(file)
    version = content.get("schema_version")
    if version != SCHEMA_VERSION:
        problem = _("is a plan file of version {found}, not {wanted}").format(
            found=version, wanted=SCHEMA_VERSION
        )
        raise _refused(file, problem)
    if content.get(DIGEST) != digest(content):
        raise _refused(file, _("has been changed or damaged since it was written"))
    try:
        return _PLAN.validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        raise _refused(file, _("is not a plan")) from error


def _content(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_bytes())
    except OSError as error:
        raise _refused(file, _("can't be read")) from error
    # a damaged file may be no UTF-8, no JSON, or nested without end
    except (ValueError, RecursionError) as error:
        raise _refused(file, _("is cut short or not JSON")) from error
    if not isinstance(content, dict) or "schema_version" not in content:
        raise _refused(file, _("is not a plan"))
    return content


def _refused(file: Path, problem: str) -> InputError:
    remedy = _("make it anew with: dispatch plan SCENARIO")
    return InputError(Fault(str(file), None, None, None, problem, remedy))
