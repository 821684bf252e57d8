"""Plan files read back whole, or refused with one message."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.errors import InputError
from dispatch.plan.plan import SCHEMA_VERSION
from dispatch.plan.read import read_plan
from dispatch.plan.write import digest, plan_text

sys.path.append(str(Path(__file__).parents[1] / "render"))
import handmade

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(plan_text(handmade.make_plan()), encoding="utf-8")
    return path


def refusal(path):
    with pytest.raises(InputError) as caught:
        read_plan(path)
    (fault,) = caught.value.faults
    assert fault.remedy
    assert fault.file == str(path)
    return fault.problem


def test_a_plan_comes_back_as_it_was_written(file):
    assert read_plan(file) == handmade.make_plan()
    assert read_plan(str(file.parent)) == handmade.make_plan()


def test_hostile_names_come_back_as_they_were(file):
    plan = handmade.make_hostile_plan()
    file.write_text(plan_text(plan), encoding="utf-8")
    assert read_plan(file) == plan


def test_layout_is_no_content(file):
    content = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(content, sort_keys=True), encoding="utf-8", newline="\r\n")
    assert read_plan(file) == handmade.make_plan()


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.999])
def test_a_truncated_file_is_refused(file, share):
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    assert refusal(file) == "is cut short or not JSON"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[" * 100_000, b"\x00", b"{]"])
def test_what_is_no_json_is_refused(file, content):
    file.write_bytes(content)
    assert refusal(file) == "is cut short or not JSON"


@pytest.mark.parametrize("content", ["[]", "1", "null", "{}", '{"plan": 1}'])
def test_what_is_no_plan_is_refused(file, content):
    file.write_text(content)
    assert refusal(file) == "is not a plan"


def test_another_version_is_refused_by_its_number(file):
    for version in (SCHEMA_VERSION - 1, SCHEMA_VERSION + 1):
        plan = replace(handmade.make_plan(), schema_version=version)
        file.write_text(plan_text(plan), encoding="utf-8")
        assert refusal(file) == f"is a plan file of version {version}, not {SCHEMA_VERSION}"


@pytest.mark.parametrize(
    "edit",
    [
        lambda content: content["orders"][0].update(arrive_s=1),
        lambda content: content["orders"].pop(),
        lambda content: content.update(level="IV"),
        lambda content: content.update(sha256="0" * 64),
        lambda content: content.pop("sha256"),
        lambda content: content.update(more=1),
    ],
)
def test_a_changed_file_is_refused(file, edit):
    content = json.loads(file.read_text(encoding="utf-8"))
    edit(content)
    file.write_text(json.dumps(content), encoding="utf-8")
    assert refusal(file) == "has been changed or damaged since it was written"


@pytest.mark.parametrize(
    "edit",
    [
        lambda content: content["orders"][0].pop("arrive_s"),
        lambda content: content["orders"][0].update(arrive_s="soon"),
        lambda content: content.update(orders=None),
    ],
)
def test_a_sealed_file_of_another_shape_is_refused(file, edit):
    content = json.loads(file.read_text(encoding="utf-8"))
    edit(content)
    content["sha256"] = digest(content)
    file.write_text(json.dumps(content), encoding="utf-8")
    assert refusal(file) == "is not a plan"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert refusal(tmp_path / "plan.json") == "can't be read"
