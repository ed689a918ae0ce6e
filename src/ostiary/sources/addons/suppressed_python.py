"""The comments of a Python file that name Ostiary, and the statement that each stands at."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field

from ostiary.code.syntax import in_utf8, parse_module

MAX_BYTES = 2_000_000
_OURS = re.compile(r"#\s*(ostiary:.*)")
Span = tuple[int, int]


@dataclass(slots=True)
class _Comments:
    """The comments of a file: those that name us as (text, line, alone), and the lines that hold nothing else."""

    ours: list[tuple[str, int, bool]] = field(default_factory=list)
    alone: set[int] = field(default_factory=set)


def python_comments(content: bytes) -> Iterator[tuple[str, int, int, int]]:
    """The text, line, and first and last line stood at, of each comment that names us.

    A comment behind code stands at the statement it is in, one alone on its line at the statement of the next line. At
    a class or a function that is the head only, not the body.
    """
    if len(content) > MAX_BYTES:
        return
    try:
        content = in_utf8(content)
    except (SyntaxError, ValueError):
        return
    comments = _comments(content)
    if not comments.ours:
        return
    spans = _spans(content)
    for text, line, alone in comments.ours:
        at = line
        while alone and at in comments.alone:
            at += 1
        first, last = spans.get(at, (at, at) if not spans and not alone else (0, 0))
        yield text, line, first, last


def _comments(content: bytes) -> _Comments:
    found = _Comments()
    try:
        for token in tokenize.tokenize(io.BytesIO(content).readline):
            if token.type != tokenize.COMMENT:
                continue
            alone = not token.line[: token.start[1]].strip()
            if alone:
                found.alone.add(token.start[0])
            if said := _OURS.search(token.string):
                found.ours.append((said[1], token.start[0], alone))
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        pass  # what comes after is no Python
    return found


def _spans(content: bytes) -> dict[int, Span]:
    """The first and last line of the statement that each line belongs to; empty for what is no Python."""
    try:
        tree = parse_module(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[int, Span] = {}
    pending: list[tuple[ast.stmt, int]] = [(node, 0) for node in tree.body]
    while pending:
        node, head = pending.pop()
        first, inner = _first(node), list(_inner(node))
        last = min(map(_first, inner)) - 1 if inner else node.end_lineno or first
        for line in range(first, max(first, last) + 1):
            found[line] = (head or first, max(first, last))
        in_head = isinstance(node, ast.ClassDef)
        for child in inner:
            # What stands above a class's fields (`_name`, its docstring) belongs to its head.
            in_head = in_head and _of_head(child)
            pending.append((child, first if in_head else 0))
    return found


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _inner(node: ast.stmt) -> Iterator[ast.stmt]:
    """The statements right inside a statement, in the order of the file."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from child.body


def _of_head(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name.startswith("_")
        case _:
            return False
