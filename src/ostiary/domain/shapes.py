"""Small shapes that the reader recognises: ``x.mapped('a.b')``, ``x.sudo()``, constant and boolean tests."""

from __future__ import annotations

import ast
import math
from keyword import iskeyword

from .values import AllOf, AnyOf, Choice, Literal, Sequence, Test, Truthy, Value


def join_tests(tests: list[Test | bool], *, every: bool) -> Test | bool:
    """All (or any) of ``tests``, constants folded and nested ones opened up."""
    kept: list[Test] = []
    for test in tests:
        if isinstance(test, bool):
            if test is not every:
                return test
        elif isinstance(test, AllOf if every else AnyOf):
            kept.extend(test.items)
        else:
            kept.append(test)
    if not kept:
        return every
    if len(kept) == 1:
        return kept[0]
    return AllOf(tuple(kept)) if every else AnyOf(tuple(kept))


def truth_of(value: Value) -> Test | bool:
    """Python's truth of a value: known for constants and lists, a :class:`Truthy` test otherwise."""
    if isinstance(value, Literal):
        return bool(value.value) and not (isinstance(value.value, float) and math.isnan(value.value))
    if isinstance(value, Sequence):
        return bool(value.items)
    if isinstance(value, Choice) and is_boolean(value):
        return value.test
    return Truthy(value)


def is_boolean(value: Value) -> bool:
    return isinstance(value, Choice) and value.then == Literal(True) and value.otherwise == Literal(False)


def mapped_path(node: ast.expr) -> tuple[ast.expr, tuple[str, ...]] | None:
    """``x`` and the path of ``x.mapped('path')``."""
    if not (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "mapped"
    ):
        return None
    if len(node.args) != 1 or node.keywords or not isinstance(node.args[0], ast.Constant):
        return None
    names = split_path(node.args[0].value)
    return None if names is None else (node.func.value, names)


def split_path(path: object) -> tuple[str, ...] | None:
    """The names of the path that ``mapped`` takes; a last ``id`` is ``ids``, since ``mapped`` gives a list."""
    if not isinstance(path, str) or not all(_is_name(name) for name in path.split(".")):
        return None
    names = path.split(".")
    return (*names[:-1], "ids" if names[-1] == "id" else names[-1])


def without_sudo(node: ast.expr) -> ast.expr | None:
    """``x`` of ``x.sudo()``: rules already read ``user`` in superuser mode, so it changes nothing."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sudo"):
        return None
    return node.func.value if not node.args and not node.keywords else None


def _is_name(name: str) -> bool:
    return name.isidentifier() and name.isascii() and not iskeyword(name)
