"""The program that the files of the modules make: files, classes and functions, what names stand for, and what a client
may call. Nothing is executed, and nothing is parsed before it is asked for."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cached_property

from ostiary.code.program.controllers import Controllers
from ostiary.code.program.declared import DeclaredMethod, DeclaredRoute
from ostiary.code.program.index import ModuleIndex
from ostiary.code.program.models import Models
from ostiary.code.program.names import Named, Names
from ostiary.code.program.routes import routes
from ostiary.code.program.rpc import Methods
from ostiary.code.program.scan import imported
from ostiary.code.program.sources import Read, Sources
from ostiary.code.program.things import File, Function, PyClass
from ostiary.policy.policy import Policy


class Program:
    """The code of a Policy's modules.

    `indexes` are the modules that were read, by name; `read` gives the bytes of a file of one of them, None where there
    is none. `shown` says how the user knows each module's folder, its name where it says nothing.
    """

    def __init__(
        self,
        policy: Policy,
        indexes: Mapping[str, ModuleIndex],
        read: Read,
        shown: Mapping[str, str] | None = None,
    ) -> None:
        self.policy = policy
        self.modules = tuple(name for name in policy.modules if name in indexes)
        self.context_modules = frozenset(
            name for name, module in policy.modules.items() if module.context or module.facts
        )
        self.sources = Sources(read)
        self.names = Names({name: indexes[name] for name in self.modules}, shown or {}, self.sources)

    # -- names -------------------------------------------------------------------------------------

    def file(self, module: str, path: str) -> File | None:
        """A file of a module by its path in it; None where there is none."""
        return self.names.file(module, path)

    def resolve(self, file: File, name: str) -> Named | None:
        """What a dotted name stands for in a file: a function, a class, a constant, a file, or the absolute dotted name
        of something outside (`odoo.http.request`). None where nothing is known: a builtin, a local name."""
        return self.names.resolve(file, name)

    def resolve_dotted(self, name: str) -> Named | None:
        """What an absolute dotted name stands for, as `resolve`."""
        return self.names.dotted(name)

    def imported(self, file: File, node: ast.Import | ast.ImportFrom) -> dict[str, str]:
        """The names that an import in a function binds, with the absolute dotted names they stand for."""
        return dict(imported(file.module, file.path, node))

    # -- methods -----------------------------------------------------------------------------------

    @cached_property
    def models(self) -> Models:
        return Models(self.names, self.modules, self.policy.semantics.dotted_class_names)

    @cached_property
    def controllers(self) -> Controllers:
        return Controllers(self.names, self.modules)

    @cached_property
    def methods(self) -> Methods:
        return Methods(
            self.models,
            self.names,
            frozenset(self.modules) - self.context_modules,
            self.policy.models,
            self.policy.semantics.private_methods,
        )

    def model_method(self, model: str, name: str) -> tuple[Function, ...]:
        """All definitions of a model's method, nearest first, those of inherited models last; `()` where none was
        read."""
        return self.models.chain(model, name)

    def patched(self, name: str) -> tuple[Function, ...]:
        """Functions at the top of a file that take `self`: methods that are put on Odoo's own classes afterwards
        (`models.BaseModel.name = name`)."""
        return self._patched.get(name, ())

    @cached_property
    def _patched(self) -> dict[str, tuple[Function, ...]]:
        found: dict[str, list[Function]] = {}
        for module in self.modules:
            for index in self.names.indexes[module].files:
                for one in index.functions:
                    if (
                        one.parameters[:1] == ("self",)
                        and (file := self.file(module, index.path)) is not None
                    ):
                        found.setdefault(one.name, []).append(file.functions[one.name])
        return {name: tuple(each) for name, each in found.items()}

    def controller_method(self, cls: PyClass, name: str) -> tuple[Function, ...]:
        """All definitions of a controller's method, nearest first: overrides of other modules come before it."""
        controller = self.controllers.of(cls)
        return controller.chain(name) if controller is not None else self.class_method(cls, name)

    def class_method(self, cls: PyClass, name: str) -> tuple[Function, ...]:
        """The definitions of a method of a plain class, in Python's order."""
        return tuple(one.methods[name] for one in self.names.linear(cls) if name in one.methods)

    # -- what a client may call --------------------------------------------------------------------

    def routes(self) -> tuple[DeclaredRoute, ...]:
        """Every route, also those of modules that are context, in Odoo's order."""
        return self._routes

    @cached_property
    def _routes(self) -> tuple[DeclaredRoute, ...]:
        return tuple(routes(self.controllers, self.names))

    def rpc_methods(self) -> tuple[DeclaredMethod, ...]:
        """Each definition of a method that a client may call over RPC, in the modules that are no context."""
        return self._rpc_methods

    @cached_property
    def _rpc_methods(self) -> tuple[DeclaredMethod, ...]:
        return tuple(self.methods.all())
