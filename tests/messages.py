"""Which of the sentences that a module can say was said; for tests that want each said once."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import ModuleType

_SENTENCE = {"_": 0, "ngettext": 1}
"""Which argument of a call is the sentence."""


def sentences(module: ModuleType) -> set[str]:
    """Return every sentence of a module as it stands in the code, of counts that of many."""
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    calls = [
        node.args[_SENTENCE[node.func.id]]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _SENTENCE
    ]
    return {
        text.value
        for text in calls
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    }


def said(module: ModuleType, text: str) -> str:
    """Return the sentence of a module that a text is, with its gaps filled in.

    Raises
    ------
    LookupError
        If it is none of them.
    """
    fitting = [one for one in sentences(module) if _pattern(one).fullmatch(text)]
    if not fitting:
        raise LookupError(f"{text!r} is no sentence of {module.__name__}")
    # the one that leaves the least to its gaps
    return max(fitting, key=lambda one: len("".join(_words(one))))


def tells(module: ModuleType, text: str) -> bool:
    """Whether a text is a sentence of a module."""
    return any(_pattern(one).fullmatch(text) for one in sentences(module))


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(".+".join(map(re.escape, _words(sentence))), re.DOTALL)


def _words(sentence: str) -> list[str]:
    return re.split(r"\{.*?\}", sentence)
