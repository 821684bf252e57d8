"""Office files that are the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

NEVER: Final = (2000, 1, 1, 0, 0, 0)

FONT: Final = "Microsoft YaHei"
"""Font that office programs on Chinese Windows have; others put one of theirs in its place."""

_MODIFIED: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def still(file: bytes, start: str) -> bytes:
    """Return an office file whose bytes don't depend on the hour it was made.

    Parameters
    ----------
    file : bytes
        A file of Office Open XML.
    start : str
        Time that it gives as that of its making, ISO 8601: the start of the plan.
    """
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(file)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = dated(content, start)
            part = zipfile.ZipInfo(name, NEVER)
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, content)
    return made.getvalue()


def dated(core: bytes, start: str) -> bytes:
    """Return the core properties of an office file with a time, ISO 8601, as that of its making."""
    return _MODIFIED.sub(rb"\g<1>" + start[:19].encode() + b"Z", core)
