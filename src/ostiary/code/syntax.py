"""Python source as a syntax tree, without the parser's warnings: those are the author's affair, not the reader's."""

from __future__ import annotations

import ast
import codecs
import re
import warnings
from typing import Any

_LARGEST = 2**63
# Until Python 3.11 the parser looks for each expression of a formatted string from its beginning on.
_FORMATTED = re.compile(r"""\b(?:[fF][rR]?|[rR][fF])(\"{3}|'{3}|"|')""")
_LINE_END = re.compile(r"(?<!\\)\n")
_MOST_FORMATTED = 1_000_000_000
# What a file says of its encoding, on its first line or below a comment (PEP 263).
_CODING = re.compile(rb"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n?|\n))??[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)")
# Encodings in which what is ASCII stands for itself, and those that take long to read.
_ALIKE = ("utf-8", "ascii", "iso8859", "cp125", "koi8")
_SLOW = frozenset({"punycode", "idna"})


def parse_module(source: bytes | str) -> ast.Module:
    """The tree of a file; bytes are decoded as Python does (`# -*- coding: ... -*-`). Raises as `ast.parse` does, and
    ValueError for what would take long: formatted strings, an encoding."""
    if isinstance(source, bytes):
        source = in_utf8(source)
    # A shorter file, or one with fewer of them, can't come to so much.
    if _braces(source) * len(source) > _MOST_FORMATTED:
        text = source if isinstance(source, str) else source.decode("latin-1")
        if _formatted(text) > _MOST_FORMATTED:
            raise ValueError("its formatted strings are too long")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def in_utf8(source: bytes) -> bytes:
    """A file's source in UTF-8 where it says that it is in an encoding in which words may look otherwise than they do
    there (`unicode_escape`, `utf-7`); any other as it is, whatever is asked of its bytes. Raises SyntaxError and
    ValueError where it can't be read."""
    said = _CODING.match(source)
    if said is None:
        return source
    name = said[1].decode("ascii")
    try:
        encoding = codecs.lookup(name).name
        if encoding.startswith(_ALIKE):
            return source
        if encoding in _SLOW:
            raise ValueError(f"its encoding, {encoding}, is not read")
        text = source.decode(encoding).encode()
    except LookupError:  # there is none of that name, or it is not one of text
        raise SyntaxError(f"unknown encoding: {name}") from None
    found = _CODING.match(text)
    return text if found is None else text[: found.start(1)] + b"utf-8" + text[found.end(1) :]


def _braces(source: bytes | str) -> int:
    return source.count("{") if isinstance(source, str) else source.count(b"{")


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


# Kinds of nodes, and fields, that hold no others: they need not be looked into.
_LEAVES = (ast.Constant, ast.Name, ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)
_PLAIN = frozenset({"ctx", "op", "ops", "attr", "arg", "name", "names", "module", "level", "type_comment"})


def _holding(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a kind of node that may hold other nodes."""
    return () if issubclass(kind, _LEAVES) else tuple(name for name in kind._fields if name not in _PLAIN)


_HOLDING = {
    kind: _holding(kind)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right inside a node, in order: as `ast.iter_child_nodes`, without the leaves that say nothing:
    contexts and operators are half of a tree."""
    found: list[ast.AST] = []
    for name in _HOLDING[node.__class__]:
        inner = getattr(node, name, None)
        if isinstance(inner, ast.AST):
            found.append(inner)
        elif isinstance(inner, list):
            found += [one for one in inner if isinstance(one, ast.AST)]
    return found
