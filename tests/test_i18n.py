"""Both languages say everything: no string that a reader sees is left out, empty or stale."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

import dispatch
from dispatch import i18n
from dispatch.render import counted

ROOT = Path(__file__).parents[1]
PACKAGE = Path(dispatch.__file__).parent
CATALOGUE = PACKAGE / "locale" / "zh" / "LC_MESSAGES" / "dispatch.po"

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LETTERS = re.compile(r"[A-Za-z]{3,}")

SPOKEN = {
    # where words for a reader go in: by position, from the left, or by keyword
    "Argument": ((), ("help",)),
    "BadParameter": ((), ()),
    "Fault": ((4, 5), ("problem", "remedy")),
    "Option": ((), ("help",)),
    "Page": ((0,), ("title",)),
    "Picture": ((1,), ("alt",)),
    "Points": ((1,), ("heading", "rest")),
    "Table": ((), ("title", "caption")),
    "Typer": ((), ("help", "epilog")),
    "Words": ((0,), ("text",)),
    "add_column": ((0,), ()),
    "add_heading": ((0,), ()),
    "command": ((), ("help",)),
    "print": ((0,), ()),
    "set_title": ((0,), ()),
    "suptitle": ((0,), ()),
    "write": ((3,), ()),
}
BILINGUAL = {
    # these say everything twice, in fields of either language
    "plan/incidents.py", "plan/reasons.py", "plan/roads.py", "plan/supply_routes.py",
    "registry/contract.py",
}  # fmt: skip
COUNTED = re.compile(
    r"\{(?:count|teams|needs|orders|rest|lots|days|people|shelters|vehicles|trips|rows|got)[^}]*\}"
    r"(?: more| other| illustrative)? (?!more\b|yuan\b)[a-z]*(?:s|people)\b"
)
WORDS = {"_": 1, "ngettext": 2}
"""How many arguments of these are texts of the catalogue."""

SAME_IN_BOTH = {"km", "{name} ({count})", "{name}: {words}"}


@pytest.fixture(autouse=True)
def _language():
    before = i18n.language()
    yield
    i18n.set_language(before)


@cache
def catalogue():
    """Return the Chinese catalogue."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh")


def fields(text: str) -> set[str | None]:
    """Return the names of the blanks in a text."""
    return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def texts(told: str | Sequence[str]) -> tuple[str, ...]:
    """Return the texts of a message: what is said of one and of many, or one text."""
    return (told,) if isinstance(told, str) else tuple(told)


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Yield every module of the package as a tree, by its path."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def name_of(call: ast.Call) -> str:
    """Return the last name of what is called."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def literal(node: ast.expr) -> str:
    """Return the words that stand in an expression as they are, markup left out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"\[/?[a-z ]*\]|\{\w*\}|\bdispatch\b", "", node.value)
    if isinstance(node, ast.JoinedStr):
        return " ".join(literal(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return literal(node.left) + literal(node.right)
    return ""


def docstrings(tree: ast.Module) -> set[int]:
    """Return the ids of strings that stand by themselves, as documentation does."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def test_the_catalogue_is_complete_and_compiled():
    script = ROOT / "scripts" / "make_catalogue.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    total, translated, unused = map(int, re.findall(r"\d+", done.stdout))
    assert (translated, unused) == (total, 0)
    assert total > 500


def test_nothing_in_the_catalogue_is_empty_doubtful_or_given_up():
    messages = [message for message in catalogue() if message.id]
    assert not [message.id for message in messages if not all(texts(message.string))]
    assert not [message.id for message in messages if message.fuzzy]
    assert not list(catalogue().obsolete)


def test_translations_fill_the_same_blanks():
    wrong = [
        m.id
        for m in catalogue()
        if m.id and len({frozenset(fields(t)) for t in (*texts(m.id), *texts(m.string))}) > 1
    ]
    assert not wrong


def test_translations_are_chinese():
    """What is worded in English has Chinese in its translation; codes and units may stay."""
    words = [m for m in catalogue() if m.id and LETTERS.search(re.sub(r"\{.*?\}", "", str(m.id)))]
    left = [m.id for m in words if not CHINESE.search(str(m.string))]
    assert not set(left) - SAME_IN_BOTH
    assert not [m.id for m in catalogue() if m.id and CHINESE.search(str(m.id))]


def test_only_written_out_messages_are_translated():
    """A message that is put together at run time can't be collected from the code."""
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and name_of(node) in WORDS and path != "i18n.py"
        if not all(isinstance(text, ast.Constant) for text in node.args[: WORDS[name_of(node)]])
    ]
    assert not wrong


def test_what_is_said_to_a_reader_goes_through_the_catalogue():
    """Words in arguments known to be read: helps, faults, headings, cells, prints."""
    wrong = [
        f"{path}:{node.lineno} {words!r}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and name_of(node) in SPOKEN
        for words in said(node)
        if LETTERS.search(words) or CHINESE.search(words)
    ]
    assert not wrong


def said(call: ast.Call) -> Iterator[str]:
    """Yield the words that a call says without asking the catalogue."""
    places, keywords = SPOKEN[name_of(call)]
    yield from (literal(call.args[place]) for place in places if place < len(call.args))
    yield from (literal(one.value) for one in call.keywords if one.arg in keywords)


@pytest.mark.parametrize(
    "line",
    [
        'Fault(file, 1, None, None, "is wrong", _("mend it"))',
        'Fault(file, None, None, None, problem=f"{name} is wrong", remedy=_("mend it"))',
        'table.add_column("Team")',
        'console.print("[bold]" + "Written" + "[/bold]")',
        'typer.Option("--out", help="File to write.")',
        'Words("共3队")',
    ],
)
def test_the_search_finds_what_was_forgotten(line):
    (call,) = [n for n in ast.walk(ast.parse(line)) if isinstance(n, ast.Call)
               and name_of(n) in SPOKEN]  # fmt: skip
    assert any(LETTERS.search(words) or CHINESE.search(words) for words in said(call))


def test_chinese_stands_in_the_catalogue_and_in_data_only():
    wrong = [
        f"{path}:{node.lineno} {node.value!r}"
        for path, tree in sources()
        if path not in BILINGUAL
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        and id(node) not in docstrings(tree) and CHINESE.search(node.value)
    ]  # fmt: skip
    assert not wrong


TEMPLATES = sorted((PACKAGE / "render" / "templates").glob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_say_nothing_of_their_own(path):
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"<(style|script)\b.*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    spoken = re.findall(r'\b(?:alt|title|aria-label|placeholder)="([^"]*)"', text)
    between = re.sub(r"<[^>]*>", " ", text)
    for words in (*spoken, between):
        assert not LETTERS.findall(words)
        assert not CHINESE.findall(words)


def test_scripts_say_nothing_of_their_own():
    """Words of the map come from the page; the script only puts them in place."""
    for path in sorted((PACKAGE / "render" / "templates").glob("*.js")):
        text = path.read_text(encoding="utf-8")
        put = re.findall(
            r"(?:textContent|innerText|innerHTML|title|ariaLabel|alt)\s*[=:]\s*([\"'`][^\"'`]*)",
            text,
        )
        put += re.findall(r"setAttribute\(\s*[\"']aria-label[\"'],\s*([\"'`][^\"'`]*)", text)
        words = [re.sub(r"<[^>]*>|\$\{.*?\}", " ", one) for one in put]
        assert not [one for one in words if LETTERS.search(one)]
        code = re.sub(r"//.*|/\*.*?\*/", "", text, flags=re.DOTALL)
        assert not CHINESE.search(code)


HELPS = """
import json, typer
from dispatch.cli import app
def told(command, path):
    yield path, command.help or ""
    for option in command.params:
        yield f"{path} {option.name}", getattr(option, "help", None) or ""
    for name, part in getattr(command, "commands", {}).items():
        yield from told(part, f"{path} {name}")
print(json.dumps(dict(told(typer.main.get_command(app), "dispatch"))))
"""


@cache
def helps(lang):
    """Return the help of every command and option; they are chosen when Python starts."""
    told = subprocess.run(
        [sys.executable, "-c", HELPS],
        capture_output=True,
        check=True,
        env=os.environ | {"DISPATCH_LANG": lang, "PYTHONIOENCODING": "utf-8"},
    )
    return json.loads(told.stdout)


def test_every_command_and_option_is_explained_in_both_languages():
    typers_own = {"help", "install_completion", "show_completion"}
    chinese, english = helps("zh"), helps("en")
    assert chinese.keys() == english.keys()
    for place, text in chinese.items():
        if place.split()[-1] not in typers_own:
            assert CHINESE.search(text), place
            assert LETTERS.search(english[place]), place
            assert not CHINESE.search(english[place]), place


def test_languages():
    i18n.set_language("zh")
    assert i18n._("Team") == "队伍"
    assert i18n.pick("太原", "Taiyuan") == "太原"
    i18n.set_language("en")
    assert i18n._("Team") == "Team"
    assert i18n.pick("太原", "Taiyuan") == "Taiyuan"
    assert i18n.pick("太原", "") == "太原"


def test_another_language_is_refused():
    with pytest.raises(ValueError, match="fr"):
        i18n.set_language("fr")


def test_one_of_something_is_told_in_the_singular():
    with i18n.speaking("en"):
        assert [counted.teams(n) for n in (0, 1, 2, 1200)] == [
            "0 teams", "1 team", "2 teams", "1,200 teams"
        ]  # fmt: skip
        assert [counted.people(n) for n in (1, 2)] == ["1 person", "2 people"]
        units = ("vehicles", "boxes", "batches", "people", "kW", "m³/h", "glass", "")
        assert [i18n.unit_of(1, "只", unit) for unit in units] == [
            "vehicle", "box", "batch", "person", "kW", "m³/h", "glass", "只"
        ]  # fmt: skip
        assert i18n.unit_of(2, "只", "dogs") == "dogs"
    with i18n.speaking("zh"):
        assert counted.teams(1) == counted.teams(2).replace("2", "1") == "1 支队伍"
        assert i18n.unit_of(1, "只", "dogs") == "只"


def test_a_count_before_a_noun_has_a_plural():
    """Of "{count} teams" there would be "1 teams": such text goes through ngettext."""
    found = {m.id for m in catalogue() if isinstance(m.id, str) and COUNTED.search(m.id)}
    # how much a page of paper takes is fixed, and more than one
    assert {text for text in found if not text.startswith("On paper stand")} == set()
