"""The registry as analysts meet it."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from registry_world import TABLES, csv_bytes, small_world

from dispatch.registry import Registry, load_registry


@pytest.fixture
def registry(folder: Path) -> Registry:
    return load_registry(folder)


def test_tables_are_had_by_long_and_short_names(registry: Registry) -> None:
    assert registry.teams.equals(registry["teams/teams"])
    assert registry["stocks"].equals(registry["depots/stocks"])
    assert list(registry.tables) == list(TABLES)
    assert {"teams", "links", "illustrative"} <= set(dir(registry))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("capabilities", "there is doctrine/capabilities, teams/capabilities"),
        ("teems", "teams/teams"),
        ("quux", "there is depots/depots, depots/items"),
    ],
)
def test_unknown_and_ambiguous_names_say_what_there_is(
    registry: Registry, name: str, hint: str
) -> None:
    with pytest.raises(AttributeError, match=hint):
        getattr(registry, name)
    with pytest.raises(KeyError, match=hint):
        registry[name]


def test_a_table_had_may_be_changed_at_will(registry: Registry) -> None:
    teams = registry.teams
    teams["personnel"] = 0
    teams.loc["t1", "personnel"] = 7
    assert registry.teams["personnel"].tolist() == [1, 1, 1]


def test_a_registry_can_be_sent_to_a_worker(registry: Registry) -> None:
    again = pickle.loads(pickle.dumps(registry))  # noqa: S301
    assert again.teams.equals(registry.teams)


def test_illustrative_rows_are_known(folder: Path) -> None:
    world = small_world()
    status = world["teams/teams"][0].index("status")
    world["teams/teams"][2][status] = "illustrative"
    (folder / "teams/teams.csv").write_bytes(csv_bytes(world["teams/teams"]))
    registry = load_registry(folder)
    assert {table: list(rows.index) for table, rows in registry.illustrative().items()} == {
        "teams/teams": ["t2"]
    }
    assert registry.summary().loc["teams/teams"].tolist() == [3, 1]
    assert "<td>teams/teams</td><td>3</td><td><b>1</b></td>" in registry._repr_html_()
    assert "1 of 24 records is invented for illustration." in registry._repr_html_()
    assert repr(registry) == "<Registry: 9 tables, 24 rows>"


def test_names_are_escaped_in_a_notebook(registry: Registry) -> None:
    tables = {"<script>/x": registry.teams}
    shown = Registry(tables, registry.county_polygons, {}, {})._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;/x" in shown
