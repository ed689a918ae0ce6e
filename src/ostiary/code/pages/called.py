"""What a method gives that a page calls on records, by what its definitions return. None of them is run."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ostiary.code.pages.names import names_of
from ostiary.code.pages.values import Scope, Sort, Value, Values, few, other
from ostiary.policy.policy import Policy

if TYPE_CHECKING:
    from ostiary.code.pages.expressions import Evaluator

Definitions = Callable[[str, str], Sequence[ast.FunctionDef | ast.AsyncFunctionDef]]
"""The definitions of a model's method, nearest first; none where they were not read."""

_MAX_CALLS = 3
_MAX_STATEMENTS = 120
_MAX_DEFINITIONS = 3


@dataclass(frozen=True, slots=True)
class Method:
    """A definition of a method, as far as it is followed.

    `parameters` are its own but the first. `steps` are what it gives its names to, in order, and what it returns, which
    has no name.
    """

    parameters: tuple[str, ...]
    steps: tuple[tuple[str, ast.expr], ...]


@dataclass(frozen=True, slots=True)
class World:
    """What expressions are followed in: the policy, and the methods of its models."""

    policy: Policy
    definitions: Definitions = lambda model, name: ()
    _methods: dict[tuple[str, str], tuple[Method, ...]] = field(default_factory=dict)

    def methods(self, model: str, name: str) -> tuple[Method, ...]:
        """The definitions of a method that run, nearest first: up to the one that does not call what it overrides."""
        found = self._methods.get((model, name))
        if found is None:
            found = self._methods[model, name] = tuple(_followed(self.definitions(model, name)))
        return found


def _followed(definitions: Sequence[ast.FunctionDef | ast.AsyncFunctionDef]) -> Iterator[Method]:
    for node in definitions[:_MAX_DEFINITIONS]:
        yield Method(tuple(one.arg for one in node.args.args[1:]), tuple(_steps(node.body)))
        if "super" not in names_of(node):
            return


def returned(evaluator: Evaluator, value: Value, name: str) -> Values:
    """The records, fields and names of templates that a method returns for some records; nothing where that is not
    known."""
    if evaluator.calls >= _MAX_CALLS:
        return ()
    found: list[Value] = []
    for method in evaluator.world.methods(value.model, name):
        scope: Scope = {"self": (value,)}
        for parameter in method.parameters:
            scope[parameter] = (other(parameter),)
        inner = evaluator.within(scope)
        for bound, expression in method.steps:
            values = inner.of(expression)
            if bound:  # what it may have been before counts too
                scope[bound] = few((*values, *scope.get(bound, ())))
            else:
                found += values
    return few(one for one in found if one.sort in (Sort.RECORDS, Sort.FIELD) or one.const)


def _steps(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """What the statements of a body give their names to, and what they return."""
    for statement in _statements(body):
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                | ast.AugAssign(target=ast.Name(id=name), value=value)
                | ast.For(target=ast.Name(id=name), iter=value)
            ):
                yield name, value
            case ast.Return(value=ast.expr() as value):
                yield "", value


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body, and of those in it, in order and no more than some."""
    waiting = list(reversed(body))
    for _ in range(_MAX_STATEMENTS):
        if not waiting:
            return
        statement = waiting.pop()
        yield statement
        inner = [*getattr(statement, "body", ()), *getattr(statement, "orelse", ())]
        waiting += reversed([one for one in inner if isinstance(one, ast.stmt)])
