"""What all reading of Python's syntax tree shares: limits, names, and saying what cannot be read."""

from __future__ import annotations

import ast
from typing import Final

from .shapes import mapped_path, without_sudo
from .source import Offsets
from .values import OpaqueValue, Symbol, Value

MAX_NESTING: Final = 90
MAX_STEPS: Final = 50_000

_KINDS: Final[dict[type[ast.expr], str]] = {
    ast.Lambda: "a lambda",
    ast.Subscript: "an element picked out of a value",
    ast.JoinedStr: "a formatted string with a value in it",
    ast.Dict: "a dictionary",
    ast.DictComp: "a dictionary comprehension",
    ast.BinOp: "a calculation",
    ast.UnaryOp: "a calculation",
    ast.Starred: "an unpacked value",
    ast.NamedExpr: "an assignment inside an expression",
    ast.Attribute: "an attribute of a computed value",
    ast.Call: "a call on a computed value",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.BoolOp: "a choice between computed values",
}


class TooComplex(Exception):
    """The text needs more work or nesting than is allowed."""


class ReaderBase:
    """Reads one text. ``bound`` holds the comprehension variables known at this point."""

    def __init__(self, text: str, offsets: Offsets) -> None:
        self.text = text
        self.offsets = offsets
        self.bound: dict[str, Value] = {}
        self._steps = 0
        self._depth = 0

    def enter(self) -> None:
        """Count one step down; the caller counts it up again."""
        self._steps += 1
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise TooComplex("it is nested too deeply")
        if self._steps > MAX_STEPS:
            raise TooComplex("it is too long to be followed")

    def leave(self) -> None:
        """The end of what :meth:`enter` began."""
        self._depth -= 1

    def symbol(self, node: ast.Name | ast.Attribute) -> Value:
        """A name with a path read from it; anything else is opaque."""
        path: list[str] = []
        at: ast.expr = node
        while True:
            if isinstance(at, ast.Attribute):
                path.append(at.attr)
                at = at.value
            elif (hop := mapped_path(at)) is not None:
                path.extend(reversed(hop[1]))
                at = hop[0]
            elif (inner := without_sudo(at)) is not None:
                at = inner
            else:
                break
        if not isinstance(at, ast.Name):
            return self.opaque(node)
        base = self.bound.get(at.id, Symbol(at.id))
        if not path:
            return base
        if isinstance(base, Symbol):
            return Symbol(base.root, base.path + tuple(reversed(path)))
        return self.opaque(node)

    def span(self, node: ast.expr) -> tuple[int, str]:
        """Where ``node`` starts in the text, and its source."""
        start = self.offsets.at(node.lineno, node.col_offset)
        end = self.offsets.at(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        return start, self.text[start:end]

    def opaque(self, node: ast.expr, why: str = "") -> OpaqueValue:
        """``node`` as a value that cannot be known."""
        start, source = self.span(node)
        kind = _KINDS.get(type(node), "this expression")
        return OpaqueValue(source, start, why or f"{kind} is only known by running it")
