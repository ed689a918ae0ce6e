"""What is asked of the names in a mapping that was sent: `set(values) - ALLOWED`, `values.keys() <= ALLOWED`."""

from __future__ import annotations

import ast

from msgspec.structs import replace

from ostiary.code.flow.run import Run
from ostiary.code.flow.values import KEYS, Dict, Facts, Ident, Plain, Seq, Value, inner_given
from ostiary.policy.code import GuardKind


def difference(run: Run, node: ast.AST, names: Value, allowed: Value) -> Facts:
    """What holds where `names - allowed` is empty: the names are no longer any."""
    key = _names(names)
    if key is None or inner_given(allowed):
        return ()
    return ((key, run.guard(GuardKind.STATE, node)),)


def of_names(run: Run, node: ast.AST, names: Seq | Dict, method: str, allowed: Value) -> Value:
    """`names.issubset(allowed)`, `names.difference(allowed)`."""
    facts = difference(run, node, names, allowed)
    if method == "issubset":
        return Plain(given=names.given, number=True, yes=facts)
    return replace(names, no=facts)


def within(run: Run, node: ast.AST, op: ast.cmpop, left: Value, right: Value) -> Facts:
    """What holds where one set of names lies within the other: `left <= right`, `left >= right`."""
    names, allowed = (left, right) if isinstance(op, ast.Lt | ast.LtE) else (right, left)
    return difference(run, node, names, allowed)


def _names(value: Value) -> Ident | None:
    """What the names in a mapping are known by, where a value is these: the mapping itself, or its keys."""
    match value:
        case Dict(star=star, key=key) if star is not None and key is not None:
            return (KEYS, key)
        case Seq(rest=Plain(key=key)) if key is not None and key[0] == KEYS:
            return key
    return None
