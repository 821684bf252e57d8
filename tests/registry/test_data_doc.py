"""docs/data.md says what the contracts say."""

from __future__ import annotations

import runpy
from pathlib import Path

from dispatch.registry import data_dir
from dispatch.registry.load import read_contracts, read_folder

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "make_data_doc.py"))


def test_the_page_ends_with_the_contracts_as_they_are() -> None:
    contracts, faults = read_contracts(data_dir())
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    assert not faults
    assert page.startswith(SCRIPT["INTRO"])
    assert page.endswith(SCRIPT["contracts_part"](contracts)), "run scripts/make_data_doc.py"


def test_rows_and_invented_rows_are_counted(folder: Path) -> None:
    lines = SCRIPT["counts_part"](read_folder(folder)).splitlines()
    assert "| [teams/teams](#teamsteams) | 3 | 0 |" in lines
    assert lines[-1] == "| 合计 / all 9 | 24 | 0 |"
