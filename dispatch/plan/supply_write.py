"""A supply plan on disk: JSON that keeps, sealed by its digest, and read back."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from dispatch.errors import Fault, InputError
from dispatch.i18n import _
from dispatch.plan.supply import SUPPLY_VERSION, SupplyPlan
from dispatch.plan.write import DIGEST, digest

SUPPLY_FILE: Final = "supply.json"

_PLAN: Final = TypeAdapter(SupplyPlan)


def write_supply(plan: SupplyPlan, folder: Path) -> None:
    """Write ``supply.json`` into a folder; the same plan gives the same bytes."""
    (folder / SUPPLY_FILE).write_text(supply_text(plan), encoding="utf-8")


def supply_text(plan: SupplyPlan) -> str:
    """Return a supply plan as JSON with the digest of its content."""
    # as lists, since that is how the digest sees them when they are read again
    content = json.loads(json.dumps(asdict(plan), ensure_ascii=False))
    sealed = content | {DIGEST: digest(content)}
    return json.dumps(sealed, ensure_ascii=False, indent=1) + "\n"


def read_supply(path: Path | str) -> SupplyPlan:
    """Read a supply plan, or the one in a folder.

    Raises
    ------
    InputError
        With one fault: no such file, cut short or no JSON, made by another
        version, changed since it was written, or not a supply plan at all.
    """
    file = Path(path)
    if file.is_dir():
        file /= SUPPLY_FILE
    content = _content(file)
    version = content.get("schema_version")
    if version != SUPPLY_VERSION:
        problem = _("is a plan file of version {found}, not {wanted}").format(
            found=version, wanted=SUPPLY_VERSION
        )
        raise _refused(file, problem)
    if content.pop(DIGEST, None) != digest(content):
        raise _refused(file, _("has been changed or damaged since it was written"))
    try:
        return _PLAN.validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        raise _refused(file, _("is not a supply plan")) from error


def _content(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_bytes())
    except OSError as error:
        raise _refused(file, _("can't be read")) from error
    # a damaged file may be no UTF-8, no JSON, or nested without end
    except (ValueError, RecursionError) as error:
        raise _refused(file, _("is cut short or not JSON")) from error
    if not isinstance(content, dict) or "schema_version" not in content:
        raise _refused(file, _("is not a supply plan"))
    return content


def _refused(file: Path, problem: str) -> InputError:
    remedy = _("make it anew with: dispatch supply SCENARIO")
    return InputError(Fault(str(file), None, None, None, problem, remedy))
