"""The classes of each model, in the order in which Odoo's registry looks methods up.

A model's class derives from all that define and extend it, the one loaded last first, and from the models it inherits
from (17 and 18: `odoo/models.py › _build_model`; 19: `odoo/orm/model_classes.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ostiary.code.program.index import ClassIndex
from ostiary.code.program.linear import linear
from ostiary.code.program.names import Names
from ostiary.code.program.things import Function, PyClass

_DOTTED = re.compile(r"(?<=[^_])([A-Z])")
_MAX_CHAIN = 100


class Models:
    """`modules` are in loading order. `dotted_names` says how a class without `_name` is named (19)."""

    def __init__(self, names: Names, modules: Iterable[str], dotted_names: bool) -> None:
        self.names = names
        self.dotted_names = dotted_names
        self.classes: list[PyClass] = []
        # What each model derives from: its own classes, and other models by name.
        self._bases: dict[str, list[PyClass | str]] = {}
        self._orders: dict[str, list[PyClass]] = {}
        self._chains: dict[tuple[str, str], tuple[Function, ...]] = {}
        for module in modules:
            for index in names.indexes[module].files if module in names.indexes else ():
                if index.loaded and any(_is_model(one) for one in index.classes):
                    self._load(module, index.path)

    def chain(self, model: str, method: str) -> tuple[Function, ...]:
        """All definitions of a model's method, nearest first."""
        key = (model, method)
        if key not in self._chains:
            found = (cls.methods[method] for cls in self.order(model) if method in cls.methods)
            self._chains[key] = tuple(found)[:_MAX_CHAIN]
        return self._chains[key]

    def order(self, model: str) -> list[PyClass]:
        """The classes of a model and of what it inherits from, nearest first."""
        if model not in self._orders:
            start: PyClass | str = model
            found = linear(start, self._of) if model in self._bases else []
            self._orders[model] = [one for one in found if isinstance(one, PyClass)]
        return self._orders[model]

    def _of(self, one: PyClass | str) -> list[PyClass | str]:
        if isinstance(one, str):
            bases = self._bases.get(one, [])
            return bases if one == "base" or "base" in bases else [*bases, "base"]
        found = (self.names.resolve(one.file, base) for base in one.bases)
        return [base for base in found if isinstance(base, PyClass)]

    def _load(self, module: str, path: str) -> None:
        file = self.names.file(module, path)
        for index in file.index.classes if file else ():
            cls = file.classes[index.name] if file else None
            if cls is None or cls.index is not index:
                continue
            if not _is_model(index):
                continue
            inherit = list(index.inherit)
            name = index.model or self._default(cls, inherit)
            cls.model = name
            cls.inherit = tuple(one for one in inherit if one != name)
            self.classes.append(cls)
            bases: list[PyClass | str] = [cls]
            for parent in inherit:
                bases += self._bases.get(name, []) if parent == name else [parent]
            self._bases[name] = _last(bases)

    def _default(self, cls: PyClass, inherit: list[str]) -> str:
        if len(inherit) == 1 and (not self.dotted_names or cls.index.text):
            return inherit[0]
        return _DOTTED.sub(r".\1", cls.name).lower() if self.dotted_names else cls.name


def _is_model(index: ClassIndex) -> bool:
    return bool(index.kind or index.model or index.inherit)


def _last(items: list[PyClass | str]) -> list[PyClass | str]:
    kept: dict[PyClass | str, None] = {}
    for item in items:
        kept.pop(item, None)
        kept[item] = None
    return list(kept)
