"""Break a good table in every way we know, and see exactly that fault named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from registry_breaks import BREAKS
from registry_world import World, csv_bytes, small_world, write_world

from dispatch.registry import check_registry


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a good data folder; each example spoils one file and puts it back."""
    return write_world(small_world(), tmp_path_factory.mktemp("breaks") / "data")


def write_changes(world: World, folder: Path, back: bool = False) -> None:
    """Write the tables that differ from the good ones, or put the good ones back."""
    for table, rows in small_world().items():
        if rows != world[table] or back:
            (folder / f"{table}.csv").write_bytes(csv_bytes(rows if back else world[table]))


def test_the_good_tables_have_no_fault(shared: Path) -> None:
    assert check_registry(shared) == ()


@pytest.mark.parametrize("name", BREAKS)
@settings(max_examples=12, derandomize=True, deadline=None, database=None)
@given(data=st.data())
def test_a_break_is_named_and_nothing_else(name: str, shared: Path, data: st.DataObject) -> None:
    world = small_world()
    named = BREAKS[name](world, data)
    path = shared / named.file
    try:
        write_changes(world, shared)
        if named.spoil is not None:
            path.write_bytes(named.spoil(path.read_bytes()))
        faults = check_registry(shared)
    finally:
        write_changes(world, shared, back=True)
    assert len(faults) == 1, "\n".join(map(str, faults))
    fault = faults[0]
    assert (fault.file, fault.row, fault.column) == (named.file, named.row, named.column)
    assert named.problem in fault.problem
    assert named.value is None or fault.value == named.value
    assert fault.remedy
