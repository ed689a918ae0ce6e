"""Values in data files, folded without running anything.

Odoo evaluates `eval="..."` as Python. Here the expression is parsed and folded to a plain JSON value:
scalars, lists, dicts, and three marked forms, each a dict with a single reserved key:

- `{"$ref": "module.name"}`: the record with that external id,
- `{"$search": [model, domain text, field]}`: what a search would find,
- `{"$code": "text"}`: an expression that can't be known without running it. It is never taken for a value.
"""

from __future__ import annotations

import ast
from typing import Any

from ostiary.code.syntax import parse_expression, storable

MAX_DEPTH = 60
MAX_TEXT = 200_000
MAX_CODE = 300

_COMMANDS = {"create": 0, "update": 1, "delete": 2, "unlink": 3, "link": 4, "clear": 5, "set": 6}


def ref(xmlid: str) -> dict[str, str]:
    return {"$ref": xmlid}


def code(text: str) -> dict[str, str]:
    return {"$code": text[:MAX_CODE].encode("utf-8", "replace").decode()}


def search(model: str, domain: str, use: str) -> dict[str, list[str]]:
    return {"$search": [model, domain, use]}


def as_ref(value: Any) -> str | None:
    """The external id a value stands for, or None."""
    return value.get("$ref") if isinstance(value, dict) else None


def as_search(value: Any) -> list[str] | None:
    return value.get("$search") if isinstance(value, dict) else None


def is_code(value: Any) -> bool:
    """Whether the value can't be known without running code."""
    return isinstance(value, dict) and "$code" in value


def holds_code(value: Any) -> bool:
    """Whether any part of the value can't be known."""
    if isinstance(value, dict):
        return "$code" in value or any(holds_code(item) for item in value.values())
    return isinstance(value, list) and any(holds_code(item) for item in value)


def truthy(value: Any) -> bool | None:
    """What Odoo takes the value for in a boolean field: text follows `str2bool`; None where unknown."""
    if is_code(value) or as_search(value) is not None:
        return None
    if isinstance(value, str):
        return value.lower() not in ("0", "false", "off")
    return bool(value)


class _Unknown(Exception):
    """The expression needs code to be run."""


def fold_eval(text: str, module: str) -> Any:
    """The value of an `eval` attribute of a file of `module`; `{"$code": text}` where it can't be folded.

    Never raises. `ref('x')` becomes a reference with the module's name in front, `Command.link(x)` and
    the like become Odoo's triples.
    """
    if len(text) > MAX_TEXT:
        return code(text)
    try:
        tree = parse_expression(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return code(text)
    try:
        return _fold(tree, module, 0)
    except (_Unknown, TypeError, ValueError, OverflowError, ArithmeticError, RecursionError, MemoryError):
        return code(text)


def qualified(xmlid: str, module: str) -> str:
    return xmlid if "." in xmlid else f"{module}.{xmlid}"


def _fold(node: ast.expr, module: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise _Unknown
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            return _kept(value)
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return [_item(item, module, depth + 1) for item in items]
        case ast.Dict(keys=keys, values=values):
            return _fold_dict(keys, values, module, depth)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(_fold(operand, module, depth + 1))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _constant(_fold(operand, module, depth + 1))
        case ast.BinOp(op=op, left=left, right=right):
            return _kept(_fold_binary(op, _fold(left, module, depth + 1), _fold(right, module, depth + 1)))
        case ast.Call(func=ast.Name(id="ref"), args=[ast.Constant(value=str() as xmlid), *_]):
            return ref(qualified(_kept(xmlid), module))
        case ast.Call(func=ast.Attribute(value=ast.Name(id="Command"), attr=name)) if name in _COMMANDS:
            return _command(_COMMANDS[name], node, module, depth)
        case ast.Call(func=ast.Name(id="str" | "int" | "bool" as name), args=[only], keywords=[]):
            value = _constant(_fold(only, module, depth + 1))
            return _kept({"str": str, "int": int, "bool": bool}[name](value))
        case ast.Attribute(value=ast.Call() as call, attr="id"):
            return _object(call, module)
    raise _Unknown


def _item(node: ast.expr, module: str, depth: int) -> Any:
    """An element of a list: one that can't be folded spoils itself, not its neighbours."""
    try:
        return _fold(node, module, depth)
    except (_Unknown, TypeError, ValueError, ArithmeticError):
        return code(ast.unparse(node))


def _object(call: ast.Call, module: str) -> Any:
    """`obj().env.ref('x').id`, the long way to say `ref('x')`."""
    match call:
        case ast.Call(func=ast.Attribute(attr="ref"), args=[ast.Constant(value=str() as xmlid), *_]):
            return ref(qualified(_kept(xmlid), module))
    raise _Unknown


def _fold_dict(keys: list[ast.expr | None], values: list[ast.expr], module: str, depth: int) -> Any:
    folded: dict[str, Any] = {}
    for key, value in zip(keys, values, strict=True):
        if not (isinstance(key, ast.Constant) and isinstance(key.value, str)) or key.value.startswith("$"):
            raise _Unknown
        folded[_kept(key.value)] = _item(value, module, depth + 1)
    return folded


def _command(number: int, node: ast.Call, module: str, depth: int) -> list[Any]:
    args = [_item(arg, module, depth + 1) for arg in node.args]
    args += [_item(keyword.value, module, depth + 1) for keyword in node.keywords]
    first: Any = 0
    second: Any = 0
    if number == 0:
        second = args[0] if args else {}
    elif number == 6:
        second = args[0] if args else []
    elif args:
        first = args[0]
        second = args[1] if len(args) > 1 else 0
    return [number, first, second]


def _fold_binary(op: ast.operator, left: Any, right: Any) -> Any:
    if isinstance(op, ast.Add):
        if isinstance(left, list) and isinstance(right, list) and len(left) + len(right) <= MAX_TEXT:
            return left + right
        if isinstance(left, str) and isinstance(right, str) and len(left) + len(right) <= MAX_TEXT:
            return left + right
        return _number(left) + _number(right)
    if isinstance(op, ast.Sub):
        return _number(left) - _number(right)
    if isinstance(op, ast.Mult):
        return _number(left) * _number(right)
    if isinstance(op, ast.Div):
        return _number(left) / _number(right)
    raise _Unknown


def _kept(value: Any) -> Any:
    if storable(value):
        return value
    raise _Unknown


def _number(value: Any) -> Any:
    if isinstance(value, int | float) and abs(value) < 1e30:
        return value
    raise _Unknown


def _constant(value: Any) -> Any:
    if isinstance(value, dict | list):
        raise _Unknown
    return value
