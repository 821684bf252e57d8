"""Node orders kept on disk, safe against damage and against a second run."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import zipfile
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from dispatch.network.cch_wheels import Parts

FORMAT: Final = b"dispatch node order 1\n"

_log = logging.getLogger(__name__)


def read(file: Path) -> Parts | None:
    """Return what was kept, or None where there is nothing or it is damaged."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        _log.warning("cached node order not readable, computed anew: %s", error)
        return None
    archive = content[len(FORMAT) + 32 :]
    if content != FORMAT + hashlib.sha256(archive).digest() + archive:
        _log.warning("cached node order damaged, computed anew: %s", file)
        return None
    with zipfile.ZipFile(io.BytesIO(archive)) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def write(file: Path, parts: Parts) -> None:
    """Keep parts; a reader sees the old file or the new one, never half of it.

    A folder that can't be written costs time at the next start and nothing
    else, so that it is logged and not raised.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as bundle:
        for name in sorted(parts):
            bundle.writestr(zipfile.ZipInfo(name), parts[name])
    archive = buffer.getvalue()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _replace(file, FORMAT + hashlib.sha256(archive).digest() + archive)
    except OSError as error:
        _log.warning("node order not kept: %s", error)


def _replace(file: Path, content: bytes) -> None:
    with NamedTemporaryFile(dir=file.parent, prefix=file.name, delete=False) as temporary:
        try:
            temporary.write(content)
            temporary.close()
            os.replace(temporary.name, file)
        except OSError:
            os.unlink(temporary.name)
            raise
