"""What one module's Python holds, as it is kept: names, places and what is of interest, and no trees.

Made where a module's files are read (`scan`), and cached with what else is read of them. Paths are relative to the
module's folder, lines begin with 1.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ostiary.code.marks.found import FileMark
from ostiary.code.pages.declared import TemplateDecl

CODE = "<code>"
"""A value that only running the code would give."""


class FunctionIndex(msgspec.Struct, array_like=True, gc=False):
    """A function or method: `first` is the line of its first decorator, `line` that of its `def`, `end` its last.

    `decorators` are those that matter, by their last name (`route`, `model`, `private`, `depends`, `property`, ...).
    `routing` is what `@route` says, None without it; its values are constants, or `CODE`. `words` are what
    makes it of interest, `calls` the functions and methods it may call, by name (`helper`, `tools.helper`).
    `handed_on` says that it calls what it overrides, on the same records and as the same user.
    """

    name: str
    line: int
    first: int
    end: int
    parameters: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    routing: dict[str, Any] | None = None
    words: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    handed_on: bool = False


class ClassIndex(msgspec.Struct, array_like=True, gc=False):
    """A class: `bases` as they are written. `model` is `_name`, `inherit` is `_inherit`, `text` where that is no list.

    `kind` is the last name of its base among Odoo's (`Model`, `AbstractModel`, ...).
    """

    name: str
    line: int
    end: int
    bases: tuple[str, ...] = ()
    kind: str = ""
    model: str = ""
    inherit: tuple[str, ...] = ()
    text: bool = False
    constants: dict[str, Any] = {}
    methods: list[FunctionIndex] = []


class FileIndex(msgspec.Struct, array_like=True, gc=False):
    """A Python file. `imports` are the absolute dotted names that names stand for, `stars` what is imported with `*`.

    `loaded` says that importing the module runs it, `broken` that it is no Python.
    """

    path: str
    imports: dict[str, str] = {}
    stars: tuple[str, ...] = ()
    constants: dict[str, Any] = {}
    classes: list[ClassIndex] = []
    functions: list[FunctionIndex] = []
    marks: list[FileMark] = []
    loaded: bool = True
    broken: bool = False


class ModuleIndex(msgspec.Struct, array_like=True):
    """A module's Python files, in the order in which importing it runs them, and the templates of its data files."""

    name: str
    files: list[FileIndex] = []
    templates: list[TemplateDecl] = []
