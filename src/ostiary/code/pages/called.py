"""What a method gives that a page calls on records, by what its definitions return. None of them is run."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
class World:
    """What expressions are followed in: the policy, and the methods of its models."""

    policy: Policy
    definitions: Definitions = lambda model, name: ()


def returned(evaluator: Evaluator, value: Value, name: str) -> Values:
    """The records, fields and names of templates that a method returns for some records; nothing where that is not
    known."""
    if evaluator.calls >= _MAX_CALLS:
        return ()
    found: list[Value] = []
    for node in evaluator.world.definitions(value.model, name)[:_MAX_DEFINITIONS]:
        scope: Scope = {"self": (value,)}
        for argument in node.args.args[1:]:
            scope[argument.arg] = (other(argument.arg),)
        inner = evaluator.within(scope)
        for statement in _statements(node.body):
            _bind(inner, statement)
            if isinstance(statement, ast.Return) and statement.value is not None:
                found += inner.of(statement.value)
        if not _goes_on(node):
            break
    return few(one for one in found if one.sort in (Sort.RECORDS, Sort.FIELD) or one.const)


def _bind(evaluator: Evaluator, statement: ast.stmt) -> None:
    """Note what a statement gives its names to; what they may have been before counts too."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
        ):
            pass
        case ast.AugAssign(target=ast.Name(id=name), value=value):
            pass
        case ast.For(target=ast.Name(id=name), iter=value):
            pass
        case _:
            return
    evaluator.scope[name] = few((*evaluator.of(value), *evaluator.scope.get(name, ())))


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


def _goes_on(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a definition calls the one that it overrides."""
    return any(isinstance(one, ast.Name) and one.id == "super" for one in ast.walk(node))
