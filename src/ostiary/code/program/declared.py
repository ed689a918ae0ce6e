"""What a client may call, as the program declares it: routes of controllers, and methods of models over RPC."""

from __future__ import annotations

from dataclasses import dataclass

from ostiary.code.program.controllers import Controller
from ostiary.code.program.things import Function, PyClass
from ostiary.policy.code import Route


@dataclass(frozen=True, slots=True, eq=False)
class DeclaredRoute:
    """A route: `chain` are the definitions of its method, the one that is served first. `cls` is the class of that.

    `unread` names the base classes that were not read and may define the method too.
    """

    chain: tuple[Function, ...]
    route: Route
    cls: PyClass
    controller: Controller
    unread: tuple[str, ...] = ()

    @property
    def function(self) -> Function:
        return self.chain[0]

    @property
    def name(self) -> str:
        """`module.Class.method`."""
        return f"{self.function.module}.{self.function.qualified}"


@dataclass(frozen=True, slots=True, eq=False)
class DeclaredMethod:
    """A definition of a public method of a model. `chain` begins with it and goes on with what it overrides.

    `static` says that it takes no records (`@api.model`), `risky` that it, or what it calls, does anything of interest.
    """

    model: str
    function: Function
    chain: tuple[Function, ...]
    static: bool
    risky: bool

    @property
    def name(self) -> str:
        """`model.method`."""
        return f"{self.model}.{self.function.name}"


Declared = DeclaredRoute | DeclaredMethod
