"""What the methods give that pages call on records and texts."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ostiary.code.pages.called import returned
from ostiary.code.pages.values import PLAIN, Scope, Sort, Value, Values, few, made, other, read
from ostiary.policy.code import Given

if TYPE_CHECKING:
    from ostiary.code.pages.expressions import Evaluator

# The records that were there, or some of them.
_SAME = frozenset(
    {
        "with_context", "with_company", "with_env", "with_prefetch", "exists", "sorted", "ensure_one", "concat",
        "union", "grouped", "_origin", "with_lang",
    }
)  # fmt: skip
_SOME = frozenset({"filtered", "filtered_domain", "search", "search_fetch", "browse", "_filter_access_rules"})
_READING = frozenset({"read", "search_read", "web_read", "_read_format"})
_ASKED = frozenset(
    {"has_access", "check_access", "search_count", "fields_get", "get_metadata", "get_base_url"}
)
_TEXTS = frozenset(
    {
        "strip", "lstrip", "rstrip", "replace", "split", "splitlines", "join", "format", "lower", "upper", "title",
        "capitalize", "get", "getlist", "items", "values", "encode", "decode", "strftime", "isoformat", "astimezone",
        "date", "partition", "rpartition", "zfill", "center", "ljust", "rjust", "startswith", "endswith",
    }
)  # fmt: skip


def part_of(value: Value, key: str) -> Value:
    """One thing of what the caller sends, by its name.

    What has a name already is a text; something that can be looked into was made of it by the server, in a
    way that is not known.
    """
    if not key or any(one.name for one in value.given):
        return other(value.root, f"{value.path}['{key}']")
    return replace(
        value, given=tuple(Given(one.source, key) for one in value.given), path=f"{value.path}['{key}']"
    )


def of_text(value: Value, name: str, arguments: Values) -> Values:
    """What a method of a text or number gives."""
    if name in ("startswith", "endswith"):
        return (PLAIN,)
    return made((value, *arguments), "" if name in _TEXTS else name)


def of_records(evaluator: Evaluator, value: Value, name: str, node: ast.Call) -> Iterable[Value]:
    """What a method of records gives; something of them that is not known where the method was not read."""
    first = node.args[0] if node.args else None
    if name == "sudo":
        off = "False" if isinstance(first, ast.Constant) and first.value is False else ""
        return (replace(value, path=f"{value.path}.sudo({off})"),)
    if name == "with_user":
        return (replace(value, path=f"{value.path}.with_user()"),)
    if name in _SAME:
        return (value,)
    if name in _SOME:
        whose = "user" if any(_of_user(evaluator, argument) for argument in node.args) else ""
        return (replace(value, path=f"{value.path}.{name}({whose})"),)
    if name == "mapped" and first is not None:
        return _mapped(evaluator, value, first)
    if name in _READING:
        return _columns(evaluator, value, node)
    if name in _ASKED:
        return (PLAIN,)
    if found := returned(evaluator, value, name):
        return found
    return (
        Value(
            Sort.OTHER,
            root=value.root,
            path=f"{value.path}.{name}()",
            through=(*value.through, value.model),
        ),
    )


def _of_user(evaluator: Evaluator, node: ast.expr) -> bool:
    """Whether a domain or a filter names who asks."""
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and one.attr in ("user", "uid"):
            return True
        if isinstance(one, ast.Name):
            known = evaluator.scope.get(one.id, ())
            if any(value.root == "user_id" for value in known):
                return True
    return False


def _mapped(evaluator: Evaluator, value: Value, argument: ast.expr) -> Values:
    if isinstance(argument, ast.Lambda):
        bound: Scope = {one.arg: (value,) for one in argument.args.args[:1]}
        inside = evaluator.inside(bound)
        found = inside.of(argument.body)
        evaluator.took(inside)
        return found
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        here = value
        for step in argument.value.split(".")[:10]:
            if here.sort is not Sort.RECORDS:
                break
            here = read(evaluator.policy, here, step)
        return (here,)
    return (other(value.root, f"{value.path}.mapped()"),)


def _columns(evaluator: Evaluator, value: Value, node: ast.Call) -> Values:
    """The fields that `read` is told to read."""
    parts = [*node.args, *(one.value for one in node.keywords)]
    names = [
        one.value
        for part in parts
        if isinstance(part, ast.List | ast.Tuple)
        for one in part.elts
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]
    found = few(read(evaluator.policy, value, name) for name in names)
    return found or (other(value.root, f"{value.path}.read()"),)
