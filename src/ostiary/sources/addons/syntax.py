"""Python source as a syntax tree, without the parser's warnings: those are the author's affair, not the reader's."""

from __future__ import annotations

import ast
import warnings
from typing import Any

_LARGEST = 2**63


def parse_module(source: bytes | str) -> ast.Module:
    """The tree of a file; bytes are decoded as Python does (`# -*- coding: ... -*-`). Raises as `ast.parse` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def parse_expression(source: str) -> ast.expr:
    """The tree of one expression. Raises as `ast.parse` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source.lstrip(" \t"), mode="eval").body


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
