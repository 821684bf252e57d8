"""Notebooks as they are kept: stripped, in both languages, ending with a picture.

``make notebooks`` runs them; here is what can be told without running.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LETTERS = re.compile(r"[A-Za-z]{3,}")

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path, kind):
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def test_there_are_four():
    assert [path.stem.partition("_")[0] for path in NOTEBOOKS] == ["1", "2", "3", "4"]


@every_notebook
def test_outputs_are_stripped(path):
    """Run ``make notebooks`` to see them; they are written elsewhere."""
    nbformat.validate(nbformat.read(path, as_version=4))
    for cell in cells(path, "code"):
        assert cell.outputs == []
        assert cell.execution_count is None
        assert cell.metadata == {}
    kept = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    assert kept["kernelspec"]["name"] == "python3"
    assert set(kept) == {"kernelspec", "language_info"}
    assert path.stat().st_size < 20_000


@every_notebook
def test_it_is_told_in_both_languages(path):
    title, *_rest = cells(path, "markdown")
    assert title.source.startswith("# ")
    for cell in cells(path, "markdown"):
        assert CHINESE.search(cell.source)
        assert LETTERS.search(cell.source)


@every_notebook
def test_it_ends_with_a_picture(path):
    *_before, last = cells(path, "code")
    end = ast.parse(last.source).body[-1]
    assert isinstance(end, ast.Expr)
    assert end.value.func.id in ("draw", "picture")


@every_notebook
def test_what_it_imports_and_reads_is_there(path):
    for cell in cells(path, "code"):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(node.module)
                assert all(hasattr(module, name.name) for name in node.names)
            elif isinstance(node, ast.Import):
                assert all(importlib.util.find_spec(name.name) for name in node.names)
            elif isinstance(node, ast.Constant) and str(node.value).startswith("scripts/"):
                assert (ROOT / node.value).is_file()
