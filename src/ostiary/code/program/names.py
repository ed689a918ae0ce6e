"""What a name stands for: through imports, from file to file and module to module, bounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ostiary.code.program.index import FileIndex, ModuleIndex
from ostiary.code.program.linear import linear
from ostiary.code.program.scan import scan_source
from ostiary.code.program.sources import Sources
from ostiary.code.program.things import File, Function, PyClass

_ADDONS = ["odoo", "addons"]
_MAX_STEPS = 40
_MAX_FILES = 20_000


@dataclass(frozen=True, slots=True)
class Constant:
    """A name that stands for a constant; `value` is `<code>` where only running the code would give it."""

    value: Any


Named = File | Function | PyClass | Constant | str
"""What a name stands for; a text is the dotted name of something outside of the program (`odoo.http.request`), or in a
file of it that is no Python."""


class Names:
    """The files of a program, and what the names in them stand for. `shown` names the modules' folders to the user."""

    def __init__(
        self, indexes: Mapping[str, ModuleIndex], shown: Mapping[str, str], sources: Sources
    ) -> None:
        self.indexes, self.shown, self.sources = indexes, shown, sources
        self._files: dict[tuple[str, str], File | None] = {}
        self._known = {(module, one.path): one for module, index in indexes.items() for one in index.files}
        self._resolved: dict[tuple[File, str], Named | None] = {}

    def file(self, module: str, path: str) -> File | None:
        """A file of a module that was read, None where there is none. One that no import reaches is looked at now."""
        key = (module, path)
        if key not in self._files:
            if len(self._files) > _MAX_FILES:
                return None
            index = self._known.get(key) or self._look(module, path)
            self._files[key] = (
                None if index is None else File(module, self.path(module, path), index, self.sources)
            )
        return self._files[key]

    def resolve(self, file: File, name: str) -> Named | None:
        """What a dotted name stands for in a file; None where nothing is known of it (a builtin, a local name)."""
        key = (file, name)
        if key not in self._resolved:
            self._resolved[key] = None  # what comes back to itself is not known
            self._resolved[key] = self._resolve(file, name, set())
        return self._resolved[key]

    def base(self, cls: PyClass, written: str) -> Named | None:
        """What a base of a class stands for: `class Portal(Portal)` derives from the one that was imported before."""
        first, _, rest = written.partition(".")
        target = cls.file.imports.get(first)
        if first == cls.name and target is not None:
            return self._dotted(f"{target}.{rest}" if rest else target, set())
        return self.resolve(cls.file, written)

    def dotted(self, name: str) -> Named | None:
        """What an absolute dotted name stands for: `odoo.addons.sale.controllers.portal.CustomerPortal`."""
        return self._dotted(name, set())

    def linear(self, cls: PyClass) -> list[PyClass]:
        """A class and those it derives from, as far as they were read, nearest first."""

        def bases(one: PyClass) -> list[PyClass]:
            found = (self.base(one, base) for base in one.bases)
            return [base for base in found if isinstance(base, PyClass)]

        return linear(cls, bases)

    def _look(self, module: str, path: str) -> FileIndex | None:
        if module not in self.indexes or not path.endswith(".py"):
            return None
        lines = self.sources.lines(module, path)
        if lines is None:
            return None
        index = scan_source(module, path, lines.between(1, len(lines.lines)))
        index.loaded = False
        return index

    def path(self, module: str, path: str) -> str:
        shown = self.shown.get(module, module)
        return f"{shown}/{path}" if shown else path

    def _resolve(self, file: File, name: str, seen: set[tuple[str, str, str]]) -> Named | None:
        first, _, rest = name.partition(".")
        place = (file.module, file.path, name)
        if place in seen or len(seen) > _MAX_STEPS:
            return None
        seen.add(place)
        found: Named | None = file.classes.get(first) or file.functions.get(first)
        if found is None and first in file.constants:
            found = Constant(file.constants[first])
        if found is None and first in file.imports:
            target = file.imports[first]
            return self._dotted(f"{target}.{rest}" if rest else target, seen)
        if found is None:
            found = self._starred(file, first, seen)
        return self._inside(found, rest, seen) if found is not None and rest else found

    def _starred(self, file: File, name: str, seen: set[tuple[str, str, str]]) -> Named | None:
        for star in reversed(file.index.stars):
            found = self._dotted(star, seen)
            if isinstance(found, File) and (named := self._resolve(found, name, seen)) is not None:
                return named
        return None

    def _inside(self, found: Named, rest: str, seen: set[tuple[str, str, str]]) -> Named | None:
        """What the rest of a dotted name stands for, in what its beginning stands for."""
        if isinstance(found, File):
            return self._resolve(found, rest, seen)
        if isinstance(found, str):
            return f"{found}.{rest}"
        if isinstance(found, PyClass) and "." not in rest:
            if rest in found.methods:
                return found.methods[rest]
            if rest in found.constants:
                return Constant(found.constants[rest])
        return None

    def _dotted(self, name: str, seen: set[tuple[str, str, str]]) -> Named | None:
        parts = name.split(".")
        if parts[:2] != _ADDONS or len(parts) < 3 or parts[2] not in self.indexes:
            return name
        module, at = parts[2], 3
        folder = ""
        found = self.file(module, "__init__.py")
        while at < len(parts):
            package = f"{folder}{parts[at]}/__init__.py"
            if (below := self.file(module, package)) is not None:
                folder = f"{folder}{parts[at]}/"
            elif (below := self.file(module, f"{folder}{parts[at]}.py")) is not None:
                at += 1
                found = below
                break
            else:
                break
            found = below
            at += 1
        if found is None or at == len(parts):
            return found
        if found.index.broken:
            return name  # what it holds is as little known as what is outside
        return self._resolve(found, ".".join(parts[at:]), seen)
