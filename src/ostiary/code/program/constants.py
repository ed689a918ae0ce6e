"""Constant expressions of Python, folded without running anything: what routes, templates and names are made of."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from ostiary.code.program.index import CODE
from ostiary.code.syntax import storable

MAX_LENGTH = 4_000
MAX_ITEMS = 400
_MAX_DEPTH = 30
_PLACE = re.compile(r"%(.?)", re.DOTALL)

Lookup = Callable[[str], Any]


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or a chain of attributes; empty where it is anything else."""
    parts: list[str] = []
    for _ in range(_MAX_DEPTH):
        if isinstance(node, ast.Name):
            parts.append(node.id)
            return ".".join(reversed(parts))
        if not isinstance(node, ast.Attribute):
            break
        parts.append(node.attr)
        node = node.value
    return ""


def fold(node: ast.expr, lookup: Lookup, depth: int = 0) -> Any:
    """A constant expression's value: text, number, boolean, None, a list or a dict of those.

    `lookup` gives the value of a dotted name, or `CODE`. What is no constant, or a large one, is `CODE`.
    """
    if depth > _MAX_DEPTH:
        return CODE
    match node:
        case ast.Constant(value=value):
            return _plain(value)
        case ast.Name() | ast.Attribute():
            name = dotted(node)
            return lookup(name) if name else CODE
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return _items(items, lookup, depth)
        case ast.Dict(keys=keys, values=values):
            return _mapping(keys, values, lookup, depth)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _joined(fold(left, lookup, depth + 1), fold(right, lookup, depth + 1))
        case ast.BinOp(op=ast.Mod(), left=left, right=right):
            return _formatted(fold(left, lookup, depth + 1), fold(right, lookup, depth + 1))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            value = fold(operand, lookup, depth + 1)
            return value if unknown(value) else not value
        case ast.JoinedStr(values=values):
            return _interpolated(values, lookup, depth)
        case ast.Call(func=ast.Name(id="_" | "_lt"), args=[ast.Constant(value=str() as text), *_]):
            return _plain(text)
    return CODE


def unknown(value: Any) -> bool:
    """Whether a value, or a part of it, is not known."""
    if isinstance(value, list):
        return any(unknown(item) for item in value)
    if isinstance(value, dict):
        return any(unknown(item) for item in value.values())
    return bool(value == CODE)


def _plain(value: object) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value if storable(value) else CODE
    return value if isinstance(value, str) and len(value) <= MAX_LENGTH and storable(value) else CODE


def _items(items: list[ast.expr], lookup: Lookup, depth: int) -> Any:
    if len(items) > MAX_ITEMS:
        return CODE
    found: list[Any] = []
    for item in items:
        if isinstance(item, ast.Starred):
            more = fold(item.value, lookup, depth + 1)
            found += more if isinstance(more, list) else [CODE]
        else:
            found.append(fold(item, lookup, depth + 1))
    return found if _size(found) <= MAX_LENGTH else CODE


def _mapping(keys: list[ast.expr | None], values: list[ast.expr], lookup: Lookup, depth: int) -> Any:
    if len(keys) > MAX_ITEMS:
        return CODE
    found: dict[str, Any] = {}
    for key, value in zip(keys, values, strict=True):
        name = fold(key, lookup, depth + 1) if key is not None else CODE
        if not isinstance(name, str) or name == CODE:
            return CODE
        found[name] = fold(value, lookup, depth + 1)
    return found if _size(found) <= MAX_LENGTH else CODE


def _joined(left: Any, right: Any) -> Any:
    if CODE in (left, right):
        return CODE
    if any(isinstance(left, kind) and isinstance(right, kind) for kind in (str, list)):
        return left + right if _size(left) + _size(right) <= MAX_LENGTH else CODE
    return CODE


def _formatted(pattern: Any, value: Any) -> Any:
    if not isinstance(pattern, str) or pattern == CODE:
        return CODE
    values = list(value) if isinstance(value, list) else [value]
    if len(_PLACE.findall(pattern)) > MAX_ITEMS or any(not isinstance(one, str | int) for one in values):
        return CODE
    if CODE in values or set(_PLACE.findall(pattern)) - set("sd%"):
        return CODE
    if sum(place != "%" for place in _PLACE.findall(pattern)) != len(values):
        return CODE
    rest = iter(values)
    text = _PLACE.sub(lambda found: "%" if found[1] == "%" else str(next(rest)), pattern)
    return text if len(text) <= MAX_LENGTH else CODE


def _interpolated(values: list[ast.expr], lookup: Lookup, depth: int) -> Any:
    parts: list[str] = []
    for value in values[:MAX_ITEMS]:
        inner = value.value if isinstance(value, ast.FormattedValue) else value
        if isinstance(value, ast.FormattedValue) and (value.format_spec or value.conversion not in (-1, 115)):
            return CODE
        folded = fold(inner, lookup, depth + 1)
        if unknown(folded) or not isinstance(folded, str | int):
            return CODE
        parts.append(str(folded))
    text = "".join(parts)
    return text if len(text) <= MAX_LENGTH and len(values) <= MAX_ITEMS else CODE


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return len(value) + sum(_size(item) for item in value)
    if isinstance(value, dict):
        return sum(len(key) + _size(item) for key, item in value.items())
    return 1
