"""Walking a domain: its terms, names, fields and unreadable parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .nodes import And, Constant, Domain, IfElse, Not, Opaque, Or, Term
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
    OpaqueValue,
    Sequence,
    Subdomain,
    Symbol,
    Test,
    Truthy,
    Value,
)

Node = Domain | Value | Test


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node of any kind, in reading order."""
    match node:
        case And(items) | Or(items) | AllOf(items) | AnyOf(items) | Sequence(items):
            return items
        case Not(item) | Negated(item):
            return (item,)
        case Term(value=value) | Truthy(value):
            return (value,)
        case IfElse(test, then, otherwise) | Choice(test, then, otherwise):
            return (test, then, otherwise)
        case Concat(parts):
            return parts
        case Call(function, args, kwargs):
            return (function, *args, *[value for _, value in kwargs])
        case Each(element, _, source, condition):
            return (source, element) if condition is None else (source, element, condition)
        case Subdomain(domain):
            return (domain,)
        case Compare(_, left, right):
            return (left, right)
        case Constant() | Opaque() | Literal() | Symbol() | OpaqueValue() | HasGroup():
            return ()
    raise TypeError(f"not a part of a domain: {type(node).__name__}")


def nodes(domain: Node) -> Iterator[Node]:
    """Every node of the tree in reading order, subdomains, values and tests included."""
    waiting = [domain]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def terms(domain: Domain, *, inner: bool = False) -> Iterator[tuple[Term, bool]]:
    """Every term with whether it stands under an odd number of ``!``, both branches of conditionals included.

    With ``inner``, the terms of subdomains too, after the term that holds them; their paths start at the
    comodel, and what they count is only the ``!`` inside their own subdomain.
    """
    waiting: list[tuple[Domain, bool]] = [(domain, False)]
    while waiting:
        node, negated = waiting.pop()
        match node:
            case Term():
                yield node, negated
                if inner and isinstance(node.value, Subdomain):
                    waiting.append((node.value.domain, False))
            case And(items) | Or(items):
                waiting.extend((item, negated) for item in reversed(items))
            case Not(item):
                waiting.append((item, not negated))
            case IfElse(_, then, otherwise):
                waiting.extend(((otherwise, negated), (then, negated)))


def paths(domain: Domain) -> frozenset[str]:
    """The field paths of the terms, as written, without those inside subdomains."""
    return frozenset(term.path for term, _ in terms(domain))


def symbols(domain: Node) -> Iterator[Symbol]:
    """Every name of the evaluation context that values and tests read, in reading order, repeats included.

    The variables of comprehensions are not names of the context and are left out. What unreadable parts use
    is not known: see :func:`opaques`.
    """
    for use in symbol_uses(domain):
        yield use.symbol


@dataclass(frozen=True, slots=True)
class SymbolUse:
    """A name that a domain reads. ``always``: it stands in no branch of a conditional and in no
    comprehension, so Odoo surely reads it. ``position``: that of the innermost term around it."""

    symbol: Symbol
    always: bool
    position: int | None


def symbol_uses(domain: Node) -> Iterator[SymbolUse]:
    """Like :func:`symbols`, with where and whether each is read."""
    waiting: list[tuple[Node, frozenset[str], bool, int | None]] = [(domain, frozenset(), True, None)]
    while waiting:
        node, bound, always, at = waiting.pop()
        match node:
            case Symbol(root):
                if root not in bound:
                    yield SymbolUse(node, always, at)
            case Each(element, variable, source, condition):
                inside = bound | {variable}
                if condition is not None:
                    waiting.append((condition, inside, False, at))
                waiting.append((element, inside, False, at))
                waiting.append((source, bound, always, at))
            case IfElse(test, then, otherwise) | Choice(test, then, otherwise):
                waiting.append((otherwise, bound, False, at))
                waiting.append((then, bound, False, at))
                waiting.append((test, bound, always, at))
            case AllOf(items) | AnyOf(items):  # the first is always asked, the others perhaps not
                waiting.extend((item, bound, False, at) for item in reversed(items[1:]))
                waiting.append((items[0], bound, always, at))
            case _:
                if isinstance(node, Term):
                    at = node.position
                waiting.extend((child, bound, always, at) for child in reversed(children(node)))


def opaques(domain: Node) -> Iterator[Opaque | OpaqueValue]:
    """Every part that cannot be read, in reading order, subdomains and tests included."""
    for node in nodes(domain):
        if isinstance(node, Opaque | OpaqueValue):
            yield node


def depth_exceeds(domain: Node, limit: int) -> bool:
    """Whether the tree is deeper than ``limit``; safe on a tree of any depth."""
    level: list[Node] = [domain]
    depth = 0
    while level:
        depth += 1
        if depth > limit:
            return True
        level = [child for node in level for child in children(node)]
    return False
