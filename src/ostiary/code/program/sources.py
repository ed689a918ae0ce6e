"""Source text and trees, when they are asked for: a function is parsed alone, and only so many trees are kept."""

from __future__ import annotations

import ast
import gc
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

from ostiary.code.program.scan import Lines, statements
from ostiary.code.program.things import File, Function, PyClass
from ostiary.code.syntax import parse_module

Read = Callable[[str, str], bytes | None]

MAX_BYTES = 8_000_000
_KEPT_FILES = 1_500
_KEPT_TREES = 60
_KEPT_FUNCTIONS = 4_000
# A file that says it is in another encoding than usual: a part of it does not say so.
_ENCODED = re.compile(rb"^[ \t\f]*#.*?coding[:=](?![ \t]*utf-?8\b)", re.MULTILINE | re.IGNORECASE)
_T = TypeVar("_T")
_K = TypeVar("_K", bound=Hashable)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Sources:
    """The source of a program's files. `read` gives the bytes of a file of a module, None where there is none."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self._lines: OrderedDict[tuple[str, str], Lines | None] = OrderedDict()
        self._trees: OrderedDict[tuple[str, str], ast.Module | None] = OrderedDict()
        self._functions: OrderedDict[Function, _Function | None] = OrderedDict()

    def lines(self, module: str, path: str) -> Lines | None:
        """The lines of a file; None where there is none, or it is too large."""
        if (known := self._lines.get((module, path))) is not None:
            return known

        def make() -> Lines | None:
            content = self.read(module, path)
            return None if content is None or len(content) > MAX_BYTES else Lines(content)

        return _kept(self._lines, (module, path), make, _KEPT_FILES)

    def tree(self, file: File) -> ast.Module | None:
        """The tree of a file; None where it can't be read or parsed."""

        def make() -> ast.Module | None:
            lines = self.lines(file.module, file.path)
            return None if lines is None else _parsed(lines.between(1, len(lines.lines)))

        return _kept(self._trees, (file.module, file.path), make, _KEPT_TREES)

    def cls(self, cls: PyClass) -> ast.ClassDef | None:
        """The tree of a class."""
        tree = self.tree(cls.file)
        found = (node for node in statements(tree.body) if isinstance(node, ast.ClassDef)) if tree else ()
        return next((node for node in found if node.lineno == cls.index.line), None)

    def function(self, function: Function) -> _Function | None:
        """The tree of a function, parsed alone where that can be done."""

        def make() -> _Function | None:
            found = self._alone(function)
            return found if found is not None else self._within(function)

        return _kept(self._functions, function, make, _KEPT_FUNCTIONS)

    def _alone(self, function: Function) -> _Function | None:
        lines = self.lines(function.file.module, function.file.path)
        if lines is None or (lines.lines and _ENCODED.search(b"".join(lines.lines[:2]))):
            return None
        wanted = (function.name, function.index.line)
        first = function.index.first
        text = lines.between(first, function.index.end)
        if text[:1] in b" \t\f":
            # What is indented stands in something; empty lines before it keep the numbers of its lines.
            text = b"\n" * (first - 2) + b"if 1:\n" + text if first > 1 else b""
        else:
            text = b"\n" * (first - 1) + text
        tree = _parsed(text)
        for node in statements(tree.body) if tree else ():
            if isinstance(node, _Function) and (node.name, node.lineno) == wanted:
                return node
        return None

    def _within(self, function: Function) -> _Function | None:
        wanted = (function.name, function.index.line)
        tree = self.tree(function.file)
        bodies = [tree.body] if tree else []
        while bodies:
            for node in statements(bodies.pop()):
                if isinstance(node, ast.ClassDef):
                    bodies.append(node.body)
                elif isinstance(node, _Function) and (node.name, node.lineno) == wanted:
                    return node
        return None


def _parsed(source: bytes) -> ast.Module | None:
    collecting = gc.isenabled()
    # Trees hold no cycles: looking for some while they grow takes longer than parsing.
    gc.disable()
    try:
        return parse_module(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    finally:
        if collecting:
            gc.enable()


def _kept(kept: OrderedDict[_K, _T], key: _K, make: Callable[[], _T], most: int) -> _T:
    """What is kept under a key, made if need be; what was not asked for longest goes."""
    if key in kept:
        kept.move_to_end(key)
        return kept[key]
    found = kept[key] = make()
    if len(kept) > most:
        kept.popitem(last=False)
    return found
