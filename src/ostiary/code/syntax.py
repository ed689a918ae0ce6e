"""Python source as a syntax tree, without the parser's warnings: those are the author's affair, not the reader's."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Any

_LARGEST = 2**63
# Until Python 3.11 the parser looks for each expression of a formatted string from its beginning on.
_FORMATTED = re.compile(r"""\b(?:[fF][rR]?|[rR][fF])(\"{3}|'{3}|"|')""")
_LINE_END = re.compile(r"(?<!\\)\n")
_MOST_FORMATTED = 1_000_000_000


def parse_module(source: bytes | str) -> ast.Module:
    """The tree of a file; bytes are decoded as Python does (`# -*- coding: ... -*-`). Raises as `ast.parse` does, and
    ValueError for formatted strings that would take long."""
    if len(source) ** 2 > _MOST_FORMATTED:  # a shorter file can't come to so much
        text = source if isinstance(source, str) else source.decode("latin-1")
        if _formatted(text) > _MOST_FORMATTED:
            raise ValueError("its formatted strings are too long")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def parse_expression(source: str) -> ast.expr:
    """The tree of one expression. Raises as `ast.parse` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source.lstrip(" \t"), mode="eval").body


def _formatted(text: str) -> int:
    """About how many characters the parser looks at for the formatted strings of a file."""
    effort = at = 0
    while (found := _FORMATTED.search(text, at)) is not None:
        end = re.compile(found[1]) if len(found[1]) == 3 else _LINE_END
        closed = end.search(text, found.end())
        at = closed.start() if closed is not None else len(text)
        effort += text.count("{", found.end(), at) * (at - found.end())
    return effort


def literal(source: str) -> Any:
    """The value of a literal. Raises as `ast.literal_eval` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.literal_eval(source)


def storable(value: Any) -> bool:
    """Whether a constant can be kept as it is: no half of a character, no endless number, none beyond 64 bits."""
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, int):
        return -_LARGEST <= value < _LARGEST
    if isinstance(value, float):
        return value - value == 0
    return True
