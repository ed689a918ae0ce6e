"""Answering the group tests of a domain for a known set of groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from .nodes import And, Domain, IfElse, Not, Or, Term
from .normal import normalize
from .shapes import join_tests, truth_of
from .values import (
    AllOf,
    AnyOf,
    Call,
    Choice,
    Compare,
    Concat,
    Each,
    HasGroup,
    Literal,
    Negated,
    Sequence,
    Subdomain,
    Test,
    Truthy,
    Value,
    concat,
)

Groups: TypeAlias = Callable[[str], bool | None]


def fold(domain: Domain, has_group: Groups) -> Domain:
    """The domain for a user whose groups are known, normalized.

    ``has_group`` is asked with external ids and answers whether the user holds the group, or ``None`` when
    that is not known: such tests stay. Raises nothing of its own.
    """
    return normalize(_domain(domain, has_group))


def _domain(domain: Domain, has_group: Groups) -> Domain:
    match domain:
        case And(items) | Or(items):
            return type(domain)(tuple([_domain(item, has_group) for item in items]))
        case Not(item):
            return Not(_domain(item, has_group))
        case IfElse(test, then, otherwise):
            asked = fold_test(test, has_group)
            if isinstance(asked, bool):
                return _domain(then if asked else otherwise, has_group)
            return IfElse(asked, _domain(then, has_group), _domain(otherwise, has_group))
        case Term(path, operator, value, position):
            return Term(path, operator, fold_value(value, has_group), position)
    return domain


def fold_value(value: Value, has_group: Groups) -> Value:
    """The value with its group tests answered, where they can be."""
    match value:
        case Choice(test, then, otherwise):
            asked = fold_test(test, has_group)
            if isinstance(asked, bool):
                return fold_value(then if asked else otherwise, has_group)
            return Choice(asked, fold_value(then, has_group), fold_value(otherwise, has_group))
        case Sequence(items):
            return Sequence(tuple([fold_value(item, has_group) for item in items]))
        case Concat(parts):
            return concat([fold_value(part, has_group) for part in parts])
        case Call(function, args, kwargs):
            return Call(
                function,
                tuple([fold_value(arg, has_group) for arg in args]),
                tuple([(name, fold_value(arg, has_group)) for name, arg in kwargs]),
            )
        case Each(element, variable, source, condition):
            kept = True if condition is None else fold_test(condition, has_group)
            if kept is False:
                return Sequence(())
            source = fold_value(source, has_group)
            return Each(fold_value(element, has_group), variable, source, None if kept is True else kept)
        case Subdomain(domain):
            return Subdomain(_domain(domain, has_group))
    return value


def fold_test(test: Test, has_group: Groups) -> Test | bool:
    """The answer to a test, or what is left of it."""
    match test:
        case HasGroup(xmlid):
            answer = has_group(xmlid)
            return test if answer is None else answer
        case Negated(item):
            inner = fold_test(item, has_group)
            return not inner if isinstance(inner, bool) else Negated(inner)
        case AllOf(items) | AnyOf(items):
            return join_tests([fold_test(item, has_group) for item in items], every=isinstance(test, AllOf))
        case Truthy(value):
            return truth_of(fold_value(value, has_group))
        case Compare(op, left, right):
            first, second = fold_value(left, has_group), fold_value(right, has_group)
            if op in ("==", "!=") and isinstance(first, Literal) and isinstance(second, Literal):
                return (first.value == second.value) is (op == "==")
            return Compare(op, first, second)
    raise TypeError(f"not a test: {type(test).__name__}")
