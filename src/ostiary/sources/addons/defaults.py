"""What a field's declaration says of its values: the default, the values of a selection. Nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

CODE = "<python>"
MAX_TEXT = 1_000

# What a function of the record (`lambda self: ...`) gives, by what follows the record's name.
_OF_RECORD = {
    "env.user": "<user>",
    "env.user.id": "<user>",
    "env.uid": "<user>",
    "_uid": "<user>",
    "env.company": "<company>",
    "env.company.id": "<company>",
    "env.companies": "<companies>",
    "env.companies.ids": "<companies>",
}
# Functions that Odoo calls with the record, and that may as well be called inside a lambda.
_CLOCKS = {
    "fields.Date.today": "<today>",
    "fields.Date.context_today": "<today>",
    "fields.Datetime.today": "<today>",
    "fields.Datetime.now": "<now>",
}
# Those of Python, where a server's clock is in UTC: they take no record, so that they stand in a lambda only.
_PYTHON_CLOCKS = {
    "date.today": "<today>",
    "datetime.date.today": "<today>",
    "datetime.now": "<now>",
    "datetime.today": "<now>",
    "datetime.datetime.now": "<now>",
    "datetime.datetime.today": "<now>",
}
_DEEPEST = 6


def default_of(node: ast.expr, fold: Callable[[ast.expr], Any], unknown: object) -> str | None:
    """`Field.default` for the expression that a class gives: None for no default.

    `fold` gives the value of a constant expression, or `unknown`.
    """
    folded = fold(node)
    if folded is not unknown:
        return constant(folded)
    if not isinstance(node, ast.Lambda):
        return _CLOCKS.get(_dotted(node), CODE)
    return _of_lambda(node, fold, unknown)


def constant(value: Any) -> str | None:
    """The source of a constant; None for None, which takes a default away."""
    if value is None:
        return None
    text = repr(value)
    return text if len(text) <= MAX_TEXT else CODE


def values_of(node: ast.expr, fold: Callable[[ast.expr], Any]) -> list[str] | None:
    """The values of a literal list of values and labels; None where they can't be told. A label may be any code."""
    if not isinstance(node, ast.List | ast.Tuple):
        return values_in(fold(node))
    return _texts(
        fold(item.elts[0]) if isinstance(item, ast.List | ast.Tuple) and item.elts else None
        for item in node.elts
    )


def values_in(folded: Any) -> list[str] | None:
    """The values of a constant list of values and labels; None where it is none."""
    if not isinstance(folded, list):
        return None
    return _texts(item[0] if isinstance(item, list) and item else None for item in folded)


def _texts(items: Iterable[Any]) -> list[str] | None:
    found = list(items)
    return found if all(isinstance(item, str) for item in found) else None


def _of_lambda(node: ast.Lambda, fold: Callable[[ast.expr], Any], unknown: object) -> str | None:
    arguments = node.args
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    taken = {*names, *(one.arg for one in (arguments.vararg, arguments.kwarg) if one)}
    body = node.body
    used = {one.id for one in ast.walk(body) if isinstance(one, ast.Name)}
    if not used & taken:
        folded = fold(body)
        if folded is not unknown:
            # Nothing is a default too here: the function is there, and gives it.
            return repr(folded) if folded is None else constant(folded)
    if isinstance(body, ast.Call):
        called = _dotted(body.func)
        plain = _PYTHON_CLOCKS.get(called, CODE) if not body.args and not body.keywords else CODE
        return _CLOCKS.get(called, plain)
    record, _, rest = _dotted(body).partition(".")
    return _OF_RECORD.get(rest, CODE) if names[:1] == [record] else CODE


def _dotted(node: ast.expr) -> str:
    """`a.b.c` for attributes of a name; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < _DEEPEST:
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
