"""The Python files of a module that Odoo would run, in order: those its imports reach from `__init__.py`.

Imports are followed depth first, because that is the order in which Odoo registers classes. Code that no import
reaches does not count. Nothing is imported or run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ostiary.code.syntax import in_utf8, parse_module
from ostiary.sources.addons.ops import ClassDecl, ProblemOp
from ostiary.sources.addons.python_classes import MAX_BUDGET, Constants, declare, module_constants

MAX_BYTES = 8_000_000
MAX_FILES = 20_000
MAX_CLASSES = 2_000

# What a file must hold to define anything, or to import a file of its own module: parsing is most of the work.
_INTERESTING = re.compile(rb"\b(?:def|class)\s|from\s+\.|odoo\.addons\s+import")
_ITSELF = b"odoo.addons.%s"

Reader = Callable[[str], bytes | None]
Parsed = Callable[[str, bytes, ast.Module | None], None]
"""What is given each file: its path, its bytes, and its tree, None where it is no Python."""


@dataclass(slots=True)
class PythonFiles:
    """What a module's Python files hold: model classes in registration order, the problems met, and the files that were
    followed in the order in which they run."""

    classes: list[ClassDecl] = field(default_factory=list)
    problems: list[ProblemOp] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def read_python(
    module: str, read: Reader, parsed: Parsed | None = None, starts: Iterable[str] = ("__init__.py",)
) -> PythonFiles:
    """What the Python files of a module hold.

    `read` returns the bytes of a path relative to the module, or None where there is no such file. `parsed` is given
    each file that holds anything, in the order in which they run: its path, bytes and tree. `starts` are the files that
    are run first. Never raises on any content.
    """
    walker = _Walker(module, read, parsed)
    for start in starts:
        walker.follow(start)
    return walker.found


Step = str | ast.ClassDef
"""What running a file does next: import the file of this path, or define this class."""


class _Walker:
    def __init__(self, module: str, read: Reader, parsed: Parsed | None) -> None:
        self.parsed = parsed
        self.module = module
        self.read = read
        self.itself = _ITSELF % module.encode()
        # What constants that are named again may add up to, in all the files of the module.
        self.budget = [MAX_BUDGET]
        self.found = PythonFiles()
        self.seen: set[str] = set()

    def follow(self, start: str) -> None:
        """Run through a file and all it imports; with an explicit stack, since chains may be longer than Python's."""
        stack: list[tuple[str, Constants, Iterator[Step]]] = []
        pending: str | None = start
        while pending is not None or stack:
            if pending is not None:
                if (tree := self._parse(pending)) is not None:
                    stack.append((pending, module_constants(tree, self.budget), self._steps(tree, pending)))
                pending = None
                continue
            path, constants, steps = stack[-1]
            step = next(steps, None)
            if step is None:
                stack.pop()
            elif isinstance(step, str):
                pending = step
            elif (declared := declare(step, path, constants)) is not None:
                if len(self.found.classes) >= MAX_CLASSES:
                    message = f"The module has more than {MAX_CLASSES} model classes; the rest is not read."
                    self.found.problems.append(ProblemOp("limit", message, path, step.lineno))
                    return
                self.found.classes.append(declared)

    def _parse(self, path: str) -> ast.Module | None:
        """A file's tree, once: None where there is no such file, it is known, or it holds nothing of interest."""
        if path in self.seen or len(self.seen) >= MAX_FILES:
            return None
        self.seen.add(path)
        content = self.read(path)
        if content is None:
            return None
        self.found.files.append(path)
        if len(content) > MAX_BYTES:
            self.found.problems.append(
                ProblemOp("limit", f"The file is larger than {MAX_BYTES // 10**6} MB; not read.", path)
            )
            return None
        try:
            content = in_utf8(content)
            if not (path.endswith("__init__.py") or self._interesting(content)):
                return None
            tree = parse_module(content)
        except SyntaxError as error:
            message, line = f"The Python is malformed: {error.msg}.", error.lineno or 0
        except (ValueError, RecursionError, MemoryError) as error:
            message, line = f"The Python can't be parsed: {str(error) or type(error).__name__}.", 0
        else:
            if self.parsed is not None:
                self.parsed(path, content, tree)
            return tree
        if self.parsed is not None:
            self.parsed(path, content, None)
        self.found.problems.append(ProblemOp("malformed-file", message, path, line))
        return None

    def _interesting(self, content: bytes) -> bool:
        # What holds a null byte is no Python, which is worth saying.
        if b"\0" in content or _INTERESTING.search(content):
            return True
        return self.itself in content and bool(re.search(re.escape(self.itself) + rb"\b", content))

    def _steps(self, tree: ast.Module, path: str) -> Iterator[Step]:
        pending: list[ast.stmt] = list(reversed(tree.body))
        while pending:
            node = pending.pop()
            match node:
                case ast.ImportFrom():
                    yield from self._imported(node, path)
                case ast.Import(names=names):
                    for alias in names:
                        yield from self._absolute(alias.name, [])
                case ast.ClassDef():
                    yield node
                case ast.If(body=body, orelse=orelse):
                    pending.extend(reversed(body + orelse))
                case (
                    ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final)
                    | ast.TryStar(body=body, handlers=handlers, orelse=orelse, finalbody=final)
                ):
                    caught = [statement for handler in handlers for statement in handler.body]
                    pending.extend(reversed(body + caught + orelse + final))
                case ast.With(body=body) | ast.For(body=body) | ast.While(body=body):
                    pending.extend(reversed(body))

    def _imported(self, node: ast.ImportFrom, path: str) -> Iterator[str]:
        names = [alias.name for alias in node.names]
        if node.level == 0:
            yield from self._absolute(node.module or "", names)
            return
        package = path.split("/")[:-1]
        for _ in range(node.level - 1):
            if not package:
                return
            package.pop()
        yield from self._package(package + (node.module.split(".") if node.module else []), names)

    def _absolute(self, dotted: str, names: list[str]) -> Iterator[str]:
        parts = dotted.split(".")
        if parts[:2] == ["odoo", "addons"]:
            if parts[2:3] == [self.module]:
                yield from self._package(parts[3:], names)
            elif len(parts) == 2 and self.module in names:
                yield "__init__.py"

    def _package(self, parts: list[str], names: list[str]) -> Iterator[str]:
        for end in range(1, len(parts) + 1):
            base = "/".join(parts[:end])
            yield self._file(base, end == len(parts))
        base = "/".join(parts)
        for name in names:
            target = f"{base}/{name}" if base else name
            yield self._file(target, True)

    def _file(self, base: str, module: bool) -> str:
        """The file Python takes for a name: the package, where there is a package and a module."""
        package = f"{base}/__init__.py"
        return f"{base}.py" if module and self.read(package) is None else package
