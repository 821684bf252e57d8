"""Events that do not fit: one message each, with file, row, value and remedy."""

from __future__ import annotations

import pytest
from little import registry, scenario

from dispatch.doctrine import load_doctrine
from dispatch.errors import InputError
from dispatch.plan import make_plan
from dispatch.plan.happened import check_events
from dispatch.registry import data_dir
from dispatch.scenario.events import load_events

PUMPING = "capability: pumping, quantity: 300, minimum: 100, target_min: 100, latest_min: 600"
DOCTRINE = load_doctrine(data_dir())
FLOOD = """\
incidents:
  - id: second
    name: 二
    type: {type}
    lon: {lon}
    lat: 37.0
    impact: {{trapped: 5}}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    told = scenario(tmp_path_factory.mktemp("s"), PUMPING)
    return told, make_plan(registry(), told, workers=1)


def faults(made, folder, text):
    told, plan = made
    path = folder / "events.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        happened, lines = load_events(path)
        check_events(path.name, lines, happened, plan, registry(), told, DOCTRINE)
    assert all(fault.file == "events.yaml" and fault.remedy for fault in caught.value.faults)
    return [(fault.row, fault.column, fault.value) for fault in caught.value.faults]


TWICE = "closures:\n  - {name: x, link: az}\n  - {name: x, link: am}\n"
CHANGED = "changes:\n  - incident: mine\n    {key}\n"
NEED = "{capability: flying, quantity: 1, target_min: 1, latest_min: 2}"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("delays:\n  - {team: nobody, minutes: 5}\n", (2, "delays[0].team", "nobody")),
        ("losses:\n  - id: nobody\n", (2, "losses[0].id", "nobody")),
        ("closures:\n  - name: x\n    link: zz\n", (3, "closures[0].link", "zz")),
        (TWICE, (3, "closures[1].name", "x")),
        ("changes:\n  - incident: none\n", (2, "changes[0].incident", "none")),
        (CHANGED.format(key=f"demands: [{NEED}]"),
         (3, "changes[0].demands[0].capability", "flying")),
        (CHANGED.format(key="impact: {ships: 1}"), (3, "changes[0].impact.ships", "1")),
        (FLOOD.format(type="storm", lon=112.5), (4, "incidents[0].type", "storm")),
        (FLOOD.format(type="mine_flood", lon=114.2), (5, "incidents[0].lon", "114.2, 37.0")),
        ("vehicles:\n  - {team: nobody, profile: truck, units: {}}\n",
         (2, "vehicles[0].team", "nobody")),
        ("vehicles:\n  - {team: far, profile: truck}\n", (2, "vehicles[0].units", None)),
        ("losses:\n  - id: far\nvehicles:\n  - {team: far, profile: truck, units: {}}\n",
         (4, "vehicles[0].team", "far")),
        ("delays: [\n", (2, None, None)),
    ],
)  # fmt: skip
def test_each_fault_is_named(made, tmp_path, text, fault):
    assert faults(made, tmp_path, text) == [fault]


def test_a_file_that_is_damaged_is_one_fault(made, tmp_path):
    assert len(faults(made, tmp_path, "\x00\x01")) == 1
    assert len(faults(made, tmp_path, "")) == 1


def test_all_faults_are_told_at_once(made, tmp_path):
    text = "losses:\n  - id: nobody\nclosures:\n  - {name: x, link: zz}\n"
    assert len(faults(made, tmp_path, text)) == 2
