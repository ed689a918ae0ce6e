"""Going through a file's tree once, knowing what each node stands in. Nothing here recurses: depth is the file's."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ostiary.code.syntax import children

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Around:
    """What a node stands in: the function (`Class.method`), the text of documentation that opens it, and what the value
    it is part of is assigned to."""

    function: str = ""
    opening: ast.AST | None = None
    target: str = ""

    def documents(self, node: ast.AST) -> bool:
        """Whether the node is the docstring of what it stands in."""
        return node is self.opening


def walk(tree: ast.Module, lines: Iterable[int]) -> Iterator[tuple[ast.AST, Around]]:
    """The nodes of the statements that some lines stand in, in the order of the file, and what they stand in."""
    wanted = sorted(lines)
    waiting: list[tuple[ast.AST, Around]] = [(tree, Around("", _docstring(tree)))]
    while waiting:
        node, around = waiting.pop()
        yield node, around
        inside = around
        if isinstance(node, _SCOPES):
            name = f"{around.function}.{node.name}" if around.function else node.name
            inside = Around(name, _docstring(node))
        elif isinstance(node, ast.Assign):
            inside = Around(around.function, around.opening, name_of(node.targets[0]))
        below = [
            (child, inside)
            for child in children(node)
            if not isinstance(child, ast.stmt)
            or any_between(wanted, child.lineno, child.end_lineno or child.lineno)
        ]
        waiting.extend(reversed(below))


def any_between(lines: Sequence[int], first: int, last: int) -> bool:
    """Whether one of some lines, in order, lies between two."""
    at = bisect_left(lines, first)
    return at < len(lines) and lines[at] <= last


def _docstring(node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> ast.AST | None:
    match node.body[:1]:
        case [ast.Expr(value=ast.Constant() as text)]:
            return text
    return None


def name_of(node: ast.expr | None) -> str:
    """What a value is called where it stands: a name, an attribute, the key in brackets; empty for anything else."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=key):
            return text_of(key)
    return ""


def text_of(node: ast.expr | None) -> str:
    """The text that stands there, also where it is bytes; empty for anything else."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Constant(value=bytes(raw)):
            return raw.decode("latin-1")
    return ""
