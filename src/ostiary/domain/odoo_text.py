"""A domain as Odoo text. ``parse`` reads it back to the same tree."""

from __future__ import annotations

import math
import re
from typing import Final

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

# How tightly Python's operators bind; a looser one inside a tighter place gets brackets.
_CHOICE: Final = 0
_OR: Final = 1
_AND: Final = 2
_NOT: Final = 3
_COMPARE: Final = 4
_SUM: Final = 5
_ATOM: Final = 6

_PLAIN = re.compile(r"[\w.\[\]()'\",]+")
_KEYWORD = re.compile(r"\b(?:not|if|else|or|and|in|is|await|yield|lambda|for)\b")


def to_odoo(domain: Domain) -> str:
    """The text of a domain, on one line, as ``domain_force`` takes it.

    ``parse(to_odoo(d))`` is ``d`` (positions aside) for every tree that ``parse`` can give. A tree in which a
    whole unreadable domain was joined to others prints its text after a ``+``, which reads back as
    unreadable.
    """
    if isinstance(domain, IfElse):
        return _either(domain)
    if isinstance(domain, Opaque) and not domain.is_term:
        return domain.text
    items = domain.items if isinstance(domain, And) else (domain,)
    return _join([part for item in items for part in _tokens(item)])


def value_to_odoo(value: Value) -> str:
    """The Python text of a value on the right of a term."""
    return _value(value, _CHOICE)


def test_to_odoo(test: Test) -> str:
    """The Python text of what a conditional asks."""
    return _test(test, _CHOICE)


def term_to_odoo(term: Term) -> str:
    """One triple: ``('field', '=', value)``."""
    return f"({term.path!r}, {term.operator!r}, {value_to_odoo(term.value)})"


class _Part(str):
    """A whole list expression among tokens: it is joined by ``+`` instead of being listed."""

    __slots__ = ()


def _tokens(domain: Domain) -> list[str]:
    """The tokens of a domain as exactly one operand."""
    match domain:
        case And(items) | Or(items):
            operator = "'&'" if isinstance(domain, And) else "'|'"
            tokens = [operator] * (len(items) - 1)
            for item in items:
                tokens.extend(_tokens(item))
            return tokens
        case Not(item):
            return ["'!'", *_tokens(item)]
        case Constant(value):
            return ["(1, '=', 1)" if value else "(0, '=', 1)"]
        case Term():
            return [term_to_odoo(domain)]
        case IfElse(test, then, otherwise):
            text = f"({_branch(then)} if {_test(test, _OR)} else {_branch(otherwise)})"
            return [_Part(text)]
        case Opaque(text):
            return [text] if domain.is_term else [_Part(f"({text})")]
    raise TypeError(f"not a domain: {type(domain).__name__}")


def _branch(domain: Domain) -> str:
    if isinstance(domain, Opaque) and not domain.is_term:
        return f"({domain.text})"
    if isinstance(domain, IfElse):
        return f"({_either(domain)})"
    return _join(_tokens(domain))


def _either(domain: IfElse) -> str:
    return f"{_branch(domain.then)} if {_test(domain.test, _OR)} else {_branch(domain.otherwise)}"


def _join(tokens: list[str]) -> str:
    """``[a, b] + (c if t else d) + [e]``."""
    parts: list[str] = []
    listed: list[str] = []
    for token in tokens:
        if isinstance(token, _Part):
            if listed:
                parts.append(f"[{', '.join(listed)}]")
                listed = []
            parts.append(token)
        else:
            listed.append(token)
    if listed or not parts:
        parts.append(f"[{', '.join(listed)}]")
    return " + ".join(parts)


def _value(value: Value, place: int) -> str:
    match value:
        case Literal(constant):
            return _constant(constant)
        case Symbol(root, path):
            return ".".join((root, *path))
        case Sequence(items):
            return f"[{', '.join([_value(item, _CHOICE) for item in items])}]"
        case Concat(parts):
            return _wrap(" + ".join([_value(part, _ATOM) for part in parts]), _SUM, place)
        case Choice(test, then, otherwise):
            text = f"{_value(then, _OR)} if {_test(test, _OR)} else {_value(otherwise, _CHOICE)}"
            return _wrap(text, _CHOICE, place)
        case Call(function, args, kwargs):
            listed = [_value(arg, _CHOICE) for arg in args]
            listed += [f"{name}={_value(arg, _CHOICE)}" for name, arg in kwargs]
            return f"{_value(function, _ATOM)}({', '.join(listed)})"
        case Each(element, variable, source, condition):
            tail = f" if {_test(condition, _OR)}" if condition is not None else ""
            return f"[{_value(element, _CHOICE)} for {variable} in {_value(source, _OR)}{tail}]"
        case Subdomain(domain):
            return to_odoo(domain)
        case OpaqueValue(text):
            simple = _PLAIN.fullmatch(text) and not _KEYWORD.search(text)
            return text if simple else f"({text})"
    raise TypeError(f"not a value: {type(value).__name__}")


def _test(test: Test, place: int) -> str:
    match test:
        case HasGroup(xmlid):
            return f"user.has_group({xmlid!r})"
        case Truthy(value):
            return _value(value, max(place, _OR))
        case Compare(op, left, right):
            return _wrap(f"{_value(left, _SUM)} {op} {_value(right, _SUM)}", _COMPARE, place)
        case AllOf(items):
            return _wrap(" and ".join([_test(item, _NOT) for item in items]), _AND, place)
        case AnyOf(items):
            return _wrap(" or ".join([_test(item, _AND) for item in items]), _OR, place)
        case Negated(item):
            return _wrap(f"not {_test(item, _NOT)}", _NOT, place)
    raise TypeError(f"not a test: {type(test).__name__}")


def _wrap(text: str, own: int, place: int) -> str:
    return text if own >= place else f"({text})"


def _constant(value: bool | int | float | str | None) -> str:
    if isinstance(value, float) and math.isinf(value):
        return "1e999" if value > 0 else "-1e999"
    return repr(value)
