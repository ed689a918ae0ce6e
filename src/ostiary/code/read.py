"""A policy's modules to its `Code`: what their routes and methods do, what their pages show, what their lines say."""

from __future__ import annotations

import ast
import contextlib
import gc
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from ostiary.policy.code import Code, Entry, Mark, Page
from ostiary.policy.origin import Origin
from ostiary.policy.policy import Policy

if TYPE_CHECKING:
    from ostiary.code.program import ModuleIndex, Program

Progress = Callable[[str, int, int], None]
Read = Callable[[str, str], bytes | None]


def read_code(
    policy: Policy,
    indexes: Mapping[str, ModuleIndex],
    read: Read,
    progress: Progress | None = None,
    shown: Mapping[str, str] | None = None,
    *,
    meanwhile: Callable[[], None] | None = None,
) -> Code:
    """What the code of a policy's modules does, of those that are no context.

    `indexes` are the modules that were read, by name; `read` gives the bytes of a file of one of them, None where there
    is none. `shown` says how the user knows each module's folder, its name where it says nothing. `meanwhile`
    is called when all is followed, before the pages are read. Never raises on any content; the same content gives the
    same code.
    """
    from ostiary.code.entries import wanted
    from ostiary.code.following import followed
    from ostiary.code.program import Program

    with _not_collecting():
        program = Program(policy, indexes, read, shown)
        entries = followed(program, wanted(program), progress, meanwhile)
        pages, said = _pages(program, entries)
        return Code(
            entries=entries, pages=pages, marks=_sorted([*_marks(program), *said]), unread=_unread(program)
        )


@contextlib.contextmanager
def _not_collecting() -> Iterator[None]:
    """Without looking for cycles: what is made here holds few, and going through all that is there takes long."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _pages(program: Program, entries: list[Entry]) -> tuple[list[Page], list[Mark]]:
    """What the templates show that entries render, and those of the modules that put something out as it is; and what
    views say of the fields that are shown."""
    from ostiary.code.pages import Templates, internal_words, pages

    names = program.names
    declared = {name: names.indexes[name].templates for name in program.modules}
    templates = Templates(program.policy, declared, names.sources.read, names.path)

    def definitions(model: str, name: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        nodes = (function.node for function in program.model_method(model, name))
        return [node for node in nodes if node is not None]

    found = pages(program.policy, templates, entries, definitions)
    return found, internal_words(program.policy, templates, found)


def _marks(program: Program) -> list[Mark]:
    found: list[Mark] = []
    for module in program.modules:
        if module in program.context_modules:
            continue
        for file in program.names.indexes[module].files:
            for one in file.marks:
                origin = Origin(program.names.path(module, file.path), one.line, module)
                found.append(
                    Mark(kind=one.kind, origin=origin, name=one.name, text=one.text, function=one.function)
                )
    return found


def _sorted(marks: list[Mark]) -> list[Mark]:
    return sorted(
        marks, key=lambda one: (one.origin.module, one.origin.path, one.origin.line, one.kind, one.name)
    )


def _unread(program: Program) -> list[Origin]:
    """The files that are no Python, and so were not looked at."""
    found = [
        Origin(program.names.path(module, file.path), 1, module)
        for module in program.modules
        if module not in program.context_modules
        for file in program.names.indexes[module].files
        if file.broken
    ]
    return sorted(found, key=lambda one: (one.module, one.path))
