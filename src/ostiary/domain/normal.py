"""Simpler forms of a domain that mean the same in every version, in SQL and in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from .nodes import FALSE, TRUE, And, Constant, Domain, IfElse, Not, Opaque, Or, Term
from .odoo_text import test_to_odoo, to_odoo, value_to_odoo
from .operators import OPERATORS
from .values import AllOf, AnyOf, Concat, Literal, Negated, Sequence, Subdomain, Symbol, Test, Value, concat

T = TypeVar("T")

_UNSET = (Literal(False), Literal(None))


def normalize(domain: Domain) -> Domain:
    """The domain with ``!`` only in front of terms, ``And`` and ``Or`` flat, constants folded, repeats
    dropped.

    Operators are never rewritten: ``Not(Term)`` stays, because what it does with an unset field differs
    between SQL, Python and versions (see ``distribute_not``). Folded are: ``id = False`` (nothing), ``id !=
    False`` (everything), ``in []`` (nothing), ``not in []`` and ``=? False`` on a field of the record itself
    (everything), ``child_of``/``parent_of`` of ``[]`` or ``False`` (nothing), ``any`` of nothing (nothing), a
    term *and* its ``!`` (nothing), a term *or* its ``!`` where ``!`` is an exact complement even for unset
    fields (everything). The order of the rest is kept, and normalizing twice changes nothing more. Takes any
    tree; raises nothing.
    """
    return _normal(domain, False)


def canonical(domain: Domain) -> Domain:
    """One form for domains that differ only in order, repeats or spelling: normalized, sorted, ``<>`` as
    ``!=``.

    Two domains of one canonical form accept the same records; the reverse is not promised. For fingerprints.
    """
    while True:
        ordered = _sorted(normalize(domain))
        if ordered == domain:
            return domain
        domain = ordered


def truth(domain: Domain) -> bool | None:
    """``True`` when it accepts every record, ``False`` when none, ``None`` when that depends or is not
    known."""
    simple = normalize(domain)
    return simple.value if isinstance(simple, Constant) else None


def join(items: Iterable[Domain], *, every: bool) -> Domain:
    """All (or any) of normalized ``items``, itself normalized."""
    unit, kind = (TRUE, And) if every else (FALSE, Or)
    kept: dict[Domain, None] = {}
    for item in items:
        for part in item.items if isinstance(item, And | Or) and isinstance(item, kind) else (item,):
            if isinstance(part, Constant):
                if part != unit:
                    return part
            else:
                kept[part] = None
    for part in kept:
        opposed = part.item if isinstance(part, Not) and part.item in kept else None
        if isinstance(opposed, Term) and (every or _complement_is_exact(opposed)):
            return Constant(not unit.value)
    if len(kept) > 1:
        return And(tuple(kept)) if every else Or(tuple(kept))
    return next(iter(kept), unit)


def _normal(domain: Domain, negated: bool) -> Domain:
    match domain:
        case Constant(value):
            return Constant(value is not negated)
        case Not(item):
            return _normal(item, not negated)
        case And(items) | Or(items):
            return join(
                [_normal(item, negated) for item in items], every=isinstance(domain, And) is not negated
            )
        case IfElse(test, then, otherwise):
            first, second = _normal(then, negated), _normal(otherwise, negated)
            return first if first == second else IfElse(test, first, second)
        case Term():
            simple = _term(domain)
            if isinstance(simple, Constant):
                return Constant(simple.value is not negated)
            return Not(simple) if negated else simple
        case Opaque():
            return Not(domain) if negated else domain
    raise TypeError(f"not a domain: {type(domain).__name__}")


def _term(term: Term) -> Term | Constant:
    """A term, or the constant it always is."""
    operator, value = term.operator, term.value
    if isinstance(value, Subdomain):
        inner = _normal(value.domain, False)
        if inner == FALSE and operator in ("any", "any!"):
            return FALSE
        return Term(term.path, operator, Subdomain(inner), term.position)
    own = "." not in term.path  # ('a.b', 'not in', []) is `a any [...]`: false for records without `a`
    if value in _UNSET:
        if term.path == "id" and operator in ("=", "!=", "<>"):
            return FALSE if operator == "=" else TRUE
        if operator == "=?" and own:
            return TRUE
    if value == Sequence(()):
        if operator in ("in", "child_of", "parent_of"):
            return FALSE
        if operator == "not in" and own:
            return TRUE
    if value == Literal(False) and operator in ("child_of", "parent_of"):
        return FALSE
    return term


def _complement_is_exact(term: Term) -> bool:
    """Whether every record matches the term or its ``!``, unset fields included, in SQL of every version too.

    ``! (date < x)`` and ``! (x child_of y)`` leave out unset fields in SQL up to 18, and Odoo 17 finds an
    unset number or text neither by ``= 0`` nor by ``!= 0``.
    """
    if term.operator in ("in", "not in", "any", "not any"):
        return True
    if term.operator not in ("=", "!="):
        return False
    value = term.value
    if isinstance(value, Literal):
        return value in _UNSET or bool(value.value)
    return isinstance(value, Symbol) and (
        value.path[-1:] in (("id",), ("ids",)) or value == Symbol("company_id")
    )


# -- order ---------------------------------------------------------------------------------------------------


def _sorted(domain: Domain) -> Domain:
    match domain:
        case And(items) | Or(items):
            return type(domain)(tuple(_unique([_sorted(item) for item in items], to_odoo)))
        case Not(item):
            return Not(_sorted(item))
        case IfElse(test, then, otherwise):
            return IfElse(_sorted_test(test), _sorted(then), _sorted(otherwise))
        case Term(path, operator, value, position):
            row = OPERATORS.get(operator)
            if row is not None:
                operator = row.same_as or operator
                value = _as_set(value) if row.takes_list or row.hierarchical else value
            if isinstance(value, Subdomain):
                value = Subdomain(_sorted(value.domain))
            return Term(path, operator, value, position)
    return domain


def _sorted_test(test: Test) -> Test:
    match test:
        case AllOf(items) | AnyOf(items):
            parts = _unique([_sorted_test(item) for item in items], test_to_odoo)
            return type(test)(tuple(parts)) if len(parts) > 1 else parts[0]
        case Negated(item):
            return Negated(_sorted_test(item))
    return test


def _as_set(value: Value) -> Value:
    """A list whose order does not matter, in order."""
    if isinstance(value, Sequence):
        return Sequence(tuple(_unique(value.items, value_to_odoo)))
    if isinstance(value, Concat):
        lists = [part for part in value.parts if isinstance(part, Sequence)]
        others: list[Value] = [part for part in value.parts if not isinstance(part, Sequence)]
        joined = _as_set(Sequence(tuple([item for part in lists for item in part.items])))
        return concat([*_unique(others, value_to_odoo), *([joined] if lists else [])])
    return value


def _unique(items: Iterable[T], text: Callable[[T], str]) -> list[T]:
    return sorted(dict.fromkeys(items), key=text)
