"""Run the notebooks from clean, and save the picture that each ends with.

Usage: ``python scripts/run_notebooks.py FOLDER``. Works without a network. The
exit code is 1 where a notebook fails, or does not end with a picture.
"""

from __future__ import annotations

import base64
import os
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[1]
LONGEST_S = 300
LEAST_BYTES = 20_000
"""A picture worth showing is no blank sheet."""


def main() -> int:
    """Run every notebook; return the exit code."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    wrong = 0
    for source in sorted((ROOT / "notebooks").glob("*.ipynb")):
        start = time.perf_counter()
        try:
            picture = last_picture(executed(source, folder / source.name))
        except (CellExecutionError, ValueError) as error:
            print(f"{source.name}: {error}", file=sys.stderr)
            wrong += 1
            continue
        (folder / source.with_suffix(".png").name).write_bytes(picture)
        print(f"{source.name}: {time.perf_counter() - start:.0f} s")
    return 1 if wrong else 0


def executed(source: Path, target: Path) -> NotebookNode:
    """Run a notebook in a new kernel at the root of the project; write it with its outputs."""
    notebook = nbformat.read(source, as_version=4)
    with tempfile.TemporaryDirectory() as sockets:
        client = NotebookClient(
            notebook,
            timeout=LONGEST_S,
            kernel_name="python3",
            resources={"metadata": {"path": ROOT}},
            config=Config({"KernelManager": local(sockets)}),
        )
        try:
            client.execute()
        finally:
            nbformat.write(notebook, target)
    return notebook


def local(folder: str) -> dict[str, str]:
    """Let the kernel be spoken to by this user only, where the system has such sockets."""
    return {"transport": "ipc", "ip": f"{folder}/kernel"} if os.name == "posix" else {}


def last_picture(notebook: NotebookNode) -> bytes:
    """Return the picture that the last cell of code shows, as PNG.

    Raises
    ------
    ValueError
        If it shows none, or next to nothing.
    """
    last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    pictures = [out.data["image/png"] for out in last.outputs if "image/png" in out.get("data", {})]
    content = base64.b64decode(pictures[-1]) if pictures else b""
    if len(content) < LEAST_BYTES:
        raise ValueError("does not end with a picture")
    return content


if __name__ == "__main__":
    sys.exit(main())
