"""What a program is made of: files, classes and functions, by their names and places; trees only where asked for.

Each is one object for as long as its `Program` lives, so that they are compared by identity.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from ostiary.code.program.index import ClassIndex, FileIndex, FunctionIndex
from ostiary.policy.origin import Origin

if TYPE_CHECKING:
    from ostiary.code.program.sources import Sources


class Function:
    """A function or a method: `cls` is None of a function at the top of a file."""

    __slots__ = ("cls", "file", "index", "name")

    def __init__(self, index: FunctionIndex, file: File, cls: PyClass | None = None) -> None:
        self.index, self.file, self.cls = index, file, cls
        self.name = index.name

    def __repr__(self) -> str:
        return f"<{self.file.module}.{self.qualified} at {self.origin}>"

    @property
    def qualified(self) -> str:
        """`Class.method`, or the function's name."""
        return f"{self.cls.name}.{self.name}" if self.cls else self.name

    @property
    def module(self) -> str:
        return self.file.module

    @property
    def origin(self) -> Origin:
        return self.file.origin(self.index.line)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters, `self` included; `*args` and `**kwargs` with their stars."""
        return self.index.parameters

    @property
    def decorators(self) -> tuple[str, ...]:
        """Those that matter, by their last name: `route`, `model`, `private`, `depends`, `property`, ..."""
        return self.index.decorators

    @property
    def words(self) -> tuple[str, ...]:
        """What in its own source is of interest."""
        return self.index.words

    @property
    def node(self) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """Its tree, with the lines of its file; None where its file can't be read any more, or parsed."""
        return self.file.sources.function(self)


class PyClass:
    """A class. `model` is the technical name of the model it defines or extends, empty where it is no model's."""

    __slots__ = ("_methods", "file", "index", "inherit", "model", "name")

    def __init__(self, index: ClassIndex, file: File) -> None:
        self.index, self.file = index, file
        self.name = index.name
        self.model = ""
        self.inherit: tuple[str, ...] = ()
        self._methods: dict[str, Function] | None = None

    def __repr__(self) -> str:
        return f"<class {self.file.module}.{self.name}>"

    @property
    def module(self) -> str:
        return self.file.module

    @property
    def origin(self) -> Origin:
        return self.file.origin(self.index.line)

    @property
    def bases(self) -> tuple[str, ...]:
        """Its bases as they are written."""
        return self.index.bases

    @property
    def constants(self) -> dict[str, Any]:
        """What names of its body are bound to, as far as that is a constant."""
        return self.index.constants

    @property
    def methods(self) -> dict[str, Function]:
        """Its own methods by name: the last definition of each."""
        if self._methods is None:
            self._methods = {one.name: Function(one, self.file, self) for one in self.index.methods}
        return self._methods

    @property
    def node(self) -> ast.ClassDef | None:
        """Its tree; None where its file can't be read any more, or parsed."""
        return self.file.sources.cls(self)


class File:
    """A Python file of a module. `path` is relative to the module, `shown` is how the user knows the file."""

    __slots__ = ("classes", "functions", "index", "module", "path", "shown", "sources")

    def __init__(self, module: str, shown: str, index: FileIndex, sources: Sources) -> None:
        self.module, self.path, self.shown = module, index.path, shown
        self.index, self.sources = index, sources
        self.classes = {one.name: PyClass(one, self) for one in index.classes}
        self.functions = {one.name: Function(one, self) for one in index.functions}

    def __repr__(self) -> str:
        return f"<file {self.module}/{self.path}>"

    @property
    def imports(self) -> dict[str, str]:
        """The absolute dotted names that names of the file stand for."""
        return self.index.imports

    @property
    def constants(self) -> dict[str, Any]:
        """What names of the file are bound to, as far as that is a constant (`<code>` where not)."""
        return self.index.constants

    @property
    def tree(self) -> ast.Module | None:
        """The tree of the whole file; None where it can't be read any more, or parsed. Prefer `Function.node`."""
        return self.sources.tree(self)

    def origin(self, line: int) -> Origin:
        return Origin(path=self.shown, line=line, module=self.module)
