"""Times of replanning as people write them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from dispatch.errors import InputError
from dispatch.replan_cli import seconds_of
from dispatch.scenario.events import load_events

PLAN = SimpleNamespace(start="2026-03-01T08:00:00+08:00")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("+01:30", 5400), ("2026-03-01T09:00+08:00", 3600), ("2026-03-01T09:00", 3600),
     ("2026-03-01T01:00+00:00", 3600)],
)  # fmt: skip
def test_a_time_is_read(text, seconds):
    assert seconds_of(text, PLAN) == seconds


@pytest.mark.parametrize("text", ["soon", "+1:99", "2026-03-01T07:59+08:00"])
def test_a_time_that_cannot_be_is_named(text):
    with pytest.raises(InputError) as caught:
        seconds_of(text, PLAN)
    assert caught.value.faults[0].value == text


def test_faults_of_events_name_their_line(tmp_path):
    path = tmp_path / "events.yaml"
    path.write_text("delays:\n  - team: far\n    minutes: -3\nfoo: 1\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_events(path)
    assert {(f.row, f.column) for f in caught.value.faults} == {
        (3, "delays[0].minutes"),
        (4, "foo"),
    }
