"""The runner of notebooks: runs from clean, and takes no notebook without a picture at its end."""

from __future__ import annotations

import base64
import importlib.util
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def runner():
    spec = importlib.util.spec_from_file_location(
        "run_notebooks", ROOT / "scripts" / "run_notebooks.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def notebook(*outputs):
    """Return a notebook whose last cell shows these pictures, by their sizes in bytes."""
    shown = [
        new_output("display_data", {"image/png": base64.b64encode(b"x" * size).decode()})
        for size in outputs
    ]
    return new_notebook(cells=[new_code_cell("1"), new_code_cell("2", outputs=shown)])


def test_the_last_picture_is_taken(runner):
    assert len(runner.last_picture(notebook(30_000, 40_000))) == 40_000


@pytest.mark.parametrize("sizes", [(), (100,), (40_000, 100)])
def test_no_picture_or_a_blank_one_is_refused(runner, sizes):
    with pytest.raises(ValueError, match="picture"):
        runner.last_picture(notebook(*sizes))


def test_a_notebook_runs_where_it_finds_the_project(runner, tmp_path):
    source = tmp_path / "a.ipynb"
    code = "from pathlib import Path; import dispatch; Path('pyproject.toml').is_file()"
    nbformat.write(new_notebook(cells=[new_code_cell(code)]), source)
    done = runner.executed(source, tmp_path / "b.ipynb")
    (output,) = done.cells[0].outputs
    assert output.data["text/plain"] == "True"
    assert (tmp_path / "b.ipynb").is_file()


def test_a_failure_is_told_and_counted(runner, tmp_path, monkeypatch, capsys):
    (tmp_path / "notebooks").mkdir()
    nbformat.write(new_notebook(cells=[new_code_cell("1/0")]), tmp_path / "notebooks" / "a.ipynb")
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["run_notebooks.py", str(tmp_path / "out")])
    assert runner.main() == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
