"""A small boolean evaluator, apart from the code under test: every term is an atom that is true or false."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from ostiary.domain import (
    AllOf,
    And,
    AnyOf,
    Constant,
    Domain,
    HasGroup,
    IfElse,
    Negated,
    Not,
    Or,
    Term,
    Test,
)


def holds(domain: Domain, atoms: Mapping[Term, bool], groups: frozenset[str]) -> bool:
    """Whether a record on which ``atoms`` are so is accepted for a user in ``groups``."""
    match domain:
        case Constant(value):
            return value
        case And(items):
            return all(holds(item, atoms, groups) for item in items)
        case Or(items):
            return any(holds(item, atoms, groups) for item in items)
        case Not(item):
            return not holds(item, atoms, groups)
        case IfElse(test, then, otherwise):
            return holds(then if asks(test, groups) else otherwise, atoms, groups)
        case Term():
            return atoms[domain]
    raise AssertionError(domain)


def asks(test: Test, groups: frozenset[str]) -> bool:
    match test:
        case HasGroup(xmlid):
            return xmlid in groups
        case Negated(item):
            return not asks(item, groups)
        case AllOf(items):
            return all(asks(item, groups) for item in items)
        case AnyOf(items):
            return any(asks(item, groups) for item in items)
    raise AssertionError(test)


def worlds(
    atoms: tuple[Term, ...], groups: tuple[str, ...]
) -> Iterator[tuple[dict[Term, bool], frozenset[str]]]:
    """Every assignment of the atoms with every set of groups."""
    for values in product((False, True), repeat=len(atoms)):
        for held in product((False, True), repeat=len(groups)):
            chosen = frozenset(group for group, has in zip(groups, held, strict=True) if has)
            yield dict(zip(atoms, values, strict=True)), chosen
