"""Which of the sentences that a module can say was said; for tests that want each said once."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import ModuleType


def sentences(module: ModuleType) -> set[str]:
    """Return every sentence of a module, as it stands in the code."""
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "_"
        and isinstance(node.args[0], ast.Constant)
    }


def said(module: ModuleType, text: str) -> str:
    """Return the sentence of a module that a text is, with its gaps filled in.

    Raises
    ------
    LookupError
        If it is none of them, or could be several.
    """
    fitting = [one for one in sentences(module) if _pattern(one).fullmatch(text)]
    if len(fitting) != 1:
        raise LookupError(f"{text!r} is {fitting or 'no sentence'} of {module.__name__}")
    return fitting[0]


def _pattern(sentence: str) -> re.Pattern[str]:
    words = re.split(r"\{.*?\}", sentence)
    return re.compile(".+".join(map(re.escape, words)), re.DOTALL)
