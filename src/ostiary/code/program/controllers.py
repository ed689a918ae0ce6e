"""Controllers as Odoo serves them: one object for each class that derives from `Controller` directly, of a class that
derives from all the leaves below it (`odoo/http.py › _generate_routing_rules`, the same in 17 to 19)."""

from __future__ import annotations

from collections.abc import Iterable

from ostiary.code.program.linear import linear
from ostiary.code.program.names import Names
from ostiary.code.program.things import Function, PyClass

CONTROLLER = frozenset({"odoo.http.Controller", "openerp.http.Controller"})
_MAX_DEPTH = 40


def _controls(base: str) -> bool:
    """Whether a base that was not read is a controller: Odoo's own, or a class of another module's controllers."""
    return base in CONTROLLER or (base.startswith("odoo.addons.") and ".controllers." in base)


class Controller:
    """One object that serves: `top` is the class that derives from Odoo's `Controller`, or the dotted name of one that
    was not read; `order` are all the classes it is made of, nearest first, `unread` their bases that were not read."""

    __slots__ = ("order", "top", "unread")

    def __init__(self, top: PyClass | str, order: list[PyClass], unread: tuple[str, ...]) -> None:
        self.top, self.order, self.unread = top, order, unread

    def chain(self, method: str) -> tuple[Function, ...]:
        """All definitions of a method, nearest first."""
        return tuple(cls.methods[method] for cls in self.order if method in cls.methods)


class Controllers:
    """All controllers of the modules (given in loading order), as Odoo goes through them: by their modules' names."""

    def __init__(self, names: Names, modules: Iterable[str]) -> None:
        self.names = names
        self._bases: dict[PyClass, list[PyClass | str]] = {}
        self._children: dict[PyClass | str, list[PyClass]] = {}
        self._is: dict[PyClass, bool] = {}
        self._of: dict[PyClass, Controller] = {}
        tops: dict[PyClass | str, str] = {}
        for cls in self._candidates(modules):
            bases = self.bases(cls)
            for base in bases:
                self._children.setdefault(base, []).append(cls)
            if not CONTROLLER.isdisjoint(base for base in bases if isinstance(base, str)):
                tops[cls] = cls.module
            # Below a class that was not read: the best that can be said is that it begins there.
            unread = (base for base in bases if isinstance(base, str) and base not in CONTROLLER)
            for base in unread:
                tops.setdefault(base, cls.module)
        self.all = [self._build(top) for top in sorted(tops, key=lambda top: tops[top])]
        for controller in self.all:
            for cls in controller.order:
                self._of.setdefault(cls, controller)

    def of(self, cls: PyClass) -> Controller | None:
        """The first controller that a class is part of."""
        return self._of.get(cls)

    def bases(self, cls: PyClass) -> list[PyClass | str]:
        """What a class derives from: classes that were read, and dotted names of those that were not."""
        if cls not in self._bases:
            found: list[PyClass | str] = []
            for written in cls.bases:
                named = self.names.base(cls, written)
                if isinstance(named, PyClass | str):
                    found.append(named)
                elif written != "object":
                    found.append(written)
            self._bases[cls] = found
        return self._bases[cls]

    def _candidates(self, modules: Iterable[str]) -> Iterable[PyClass]:
        """The classes that are controllers, in the order in which importing the modules makes them."""
        for module in modules:
            for index in self.names.indexes[module].files if module in self.names.indexes else ():
                if not index.loaded or not any(one.bases and not one.kind for one in index.classes):
                    continue
                file = self.names.file(module, index.path)
                for cls in file.classes.values() if file else ():
                    if self._is_controller(cls, 0):
                        yield cls

    def _is_controller(self, cls: PyClass, depth: int) -> bool:
        """Whether a class derives from `Controller`, or has a route and derives from what was not read."""
        if cls in self._is or depth > _MAX_DEPTH:
            return self._is.get(cls, False)
        self._is[cls] = False
        bases = self.bases(cls)
        found = any(
            self._is_controller(base, depth + 1) if isinstance(base, PyClass) else _controls(base)
            for base in bases
        )
        if not found and any(isinstance(base, str) for base in bases):
            found = any("route" in method.decorators for method in cls.index.methods)
        self._is[cls] = found
        return found

    def _build(self, top: PyClass | str) -> Controller:
        leaves = list(dict.fromkeys(self._leaves(top)))
        unread: dict[str, None] = {}

        def above(one: PyClass | None) -> list[PyClass | None]:
            if one is None:
                return list(reversed(leaves))
            bases = self.bases(one)
            unread.update(dict.fromkeys(b for b in bases if isinstance(b, str) and b not in CONTROLLER))
            return [base for base in bases if isinstance(base, PyClass)]

        order = [one for one in linear(None, above) if one is not None]
        return Controller(top, order, tuple(unread))

    def _leaves(self, top: PyClass | str) -> list[PyClass]:
        """The classes below a class that have none below them, in Odoo's order; the class itself where none is."""
        found: list[PyClass] = []
        pending = [top]
        seen: set[PyClass | str] = set()
        while pending:
            one = pending.pop()
            children = self._children.get(one, [])
            if not children and isinstance(one, PyClass):
                found.append(one)
            elif one not in seen:
                seen.add(one)
                pending.extend(reversed(children))
        return found
