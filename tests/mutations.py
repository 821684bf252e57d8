"""A module's own code, changed in one place at a time: tests that notice nothing are too few."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

OTHER: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
}
"""What stands in the place of an operator."""

NAMES: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}


def mutations(module: ModuleType) -> Iterator[tuple[str, ModuleType]]:
    """Yield what was changed, as code before and after, and the module with that change."""
    text = Path(str(module.__file__)).read_text("utf-8")
    spots = len(list(_spots(ast.parse(text))))
    for spot in range(spots):
        tree = ast.parse(text)
        told = list(_spots(tree))[spot]()
        changed = ModuleType(module.__name__)
        # dataclasses look their module up by its name, which is that of the real one
        exec(compile(ast.fix_missing_locations(tree), told, "exec"), changed.__dict__)  # noqa: S102
        yield told, changed


class _Spot:
    """One thing that can be changed: called, it changes it and tells how."""

    def __init__(self, within: ast.AST, owner: object, key: object, to: object) -> None:
        self.within, self.owner, self.key, self.to = within, owner, key, to

    def __call__(self) -> str:
        before = _first_line(self.within)
        if isinstance(self.owner, list):
            self.owner[self.key] = self.to  # type: ignore[index]
        else:
            setattr(self.owner, str(self.key), self.to)
        after = "nothing" if isinstance(self.to, ast.Pass) else _first_line(self.within)
        return f"{before} -> {after}"


def _first_line(node: ast.AST) -> str:
    return ast.unparse(node).split("\n", 1)[0]


def _spots(tree: ast.Module) -> Iterator[_Spot]:
    for function in tree.body:
        if isinstance(function, ast.FunctionDef | ast.ClassDef):
            for statement in ast.walk(function):
                if isinstance(statement, ast.stmt):
                    yield from _dropped(statement)
                    yield from _changed(statement)


def _dropped(block: ast.stmt) -> Iterator[_Spot]:
    """Yield each statement within a block that could be left out."""
    for field in ("body", "orelse"):
        inner = getattr(block, field, [])
        for row, one in enumerate(inner):
            said = isinstance(one, ast.Expr) and isinstance(one.value, ast.Yield | ast.YieldFrom)
            if said or isinstance(one, ast.AugAssign | ast.Continue):
                yield _Spot(one, inner, row, ast.Pass())


def _changed(statement: ast.stmt) -> Iterator[_Spot]:
    for node in _own(statement):
        match node:
            case ast.Compare():
                for row, operator in enumerate(node.ops):
                    if type(operator) in OTHER:
                        yield _Spot(statement, node.ops, row, OTHER[type(operator)]())
            case ast.BoolOp() | ast.BinOp() | ast.AugAssign():
                if type(node.op) in OTHER:
                    yield _Spot(statement, node, "op", OTHER[type(node.op)]())
            case ast.UnaryOp(op=ast.Not()):
                yield _Spot(statement, node, "op", ast.UAdd())
            case ast.Name() if node.id in NAMES:
                yield _Spot(statement, node, "id", NAMES[node.id])
            case ast.Constant(value=bool()):
                yield _Spot(statement, node, "value", not node.value)
            case ast.Constant(value=int()):
                yield _Spot(statement, node, "value", int(node.value) + 1)


def _own(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the parts of a statement that are in no statement within it."""
    yield statement
    waiting = list(ast.iter_child_nodes(statement))
    while waiting:
        node = waiting.pop(0)
        # strict=True of a zip guards against a malformed problem, which comes to no checker
        if not isinstance(node, ast.stmt | ast.keyword):
            yield node
            waiting += ast.iter_child_nodes(node)
