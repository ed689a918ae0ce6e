"""Whether a domain compares companies, and whether it compares anything else.

A company is an attribute that all portal users of one company share: what only compares companies
keeps companies apart, and lets every customer see every other customer's records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ostiary.domain import (
    And,
    Concat,
    Constant,
    Domain,
    IfElse,
    Literal,
    Not,
    Or,
    Sequence,
    Subdomain,
    Symbol,
    Term,
    Value,
    find_operator,
    nodes,
    normalize,
    symbols,
)
from ostiary.policy.definitions import RecordRule

_NAMES = frozenset({"company_id", "company_ids", "allowed_company_ids"})
_TYING = frozenset({"=", "==", "in", "child_of", "parent_of", "!=", "<>", "not in"})
_ATTRIBUTES = ("country_id", "country_code", "currency_id", "lang")


def compares_company(term: Term) -> bool:
    """Whether a term is about companies alone: by its path, or because its value comes from companies alone."""
    hops = [hop for hop in term.path.split(".") if hop not in ("id", "ids")]
    if hops and is_company_name(hops[-1]):
        return True
    if isinstance(term.value, Subdomain):
        return only_companies(term.value.domain)
    roots = list(symbols(term.value))
    return bool(roots) and all(_from_company(symbol) for symbol in roots)


def is_company_name(name: str) -> bool:
    """Whether a field is named as Odoo names links to companies."""
    return name in _NAMES or name.endswith(("_company_id", "_company_ids"))


def mentions_company(domain: Domain) -> bool:
    """Whether any part of it compares companies, on the record or on something it links to."""
    return any(_mentions(term) for term in leaves(domain) if isinstance(term, Term))


def only_companies(domain: Domain) -> bool:
    """Whether it compares companies and nothing else."""
    parts = list(leaves(domain))
    return any(isinstance(part, Term) for part in parts) and all(
        isinstance(part, Constant) or (isinstance(part, Term) and compares_company(part)) for part in parts
    )


def compares_in_every_case(domain: Domain) -> bool:
    """Whether nothing is accepted without comparing a company of the record with the user's; no proof is needed then.

    Records of no company are nobody's. Those of companies above or below the user's (`parent_of`, `child_of`) are
    meant for branches.
    """
    return _compared_always(normalize(domain), False)


def compares_own_companies(domain: Domain) -> bool:
    """Whether any part of it accepts only records of the user's companies, be it one alternative of several."""
    return any(
        isinstance(node, Term) and not _negative(node) and _with_own_companies(node) for node in nodes(domain)
    )


def bound_company_rule(rule: RecordRule, outsiders: Iterable[str]) -> bool:
    """Whether a rule keeps companies apart and compares nothing else, but is bound to groups.

    One that is only for `outsiders` (share users) is not meant: it says nothing about anybody else.
    """
    return (
        not rule.is_global
        and only_companies(rule.domain)
        and compares_in_every_case(rule.domain)
        and not set(rule.group_names) <= set(outsiders)
    )


def leaves(domain: Domain) -> Iterator[Domain]:
    """The terms, constants and opaque parts of a domain."""
    if isinstance(domain, And | Or):
        for item in domain.items:
            yield from leaves(item)
    elif isinstance(domain, Not):
        yield from leaves(domain.item)
    elif isinstance(domain, IfElse):
        yield from leaves(domain.then)
        yield from leaves(domain.otherwise)
    else:
        yield domain


def _compared_always(domain: Domain, negated: bool) -> bool:
    match domain:
        case Constant(value):
            return value == negated
        case Not(item):
            return _compared_always(item, not negated)
        case And(items) | Or(items):
            some = isinstance(domain, And) != negated
            return (any if some else all)(_compared_always(item, negated) for item in items)
        case IfElse(_, then, otherwise):
            return _compared_always(then, negated) and _compared_always(otherwise, negated)
        case Term(value=Subdomain(inner)):
            return _compared_always(inner, negated != _negative(domain))
        case Term(_, operator, value) if negated == _negative(domain) and operator in _TYING:
            hops = [hop for hop in domain.path.split(".") if hop != "id"]
            return bool(hops) and is_company_name(hops[-1]) and _only_own(value)
    return False


def _only_own(value: Value) -> bool:
    """Whether a value holds nothing but the user's companies, or that there is none."""
    match value:
        case Sequence(items) | Concat(items):
            return bool(items) and all(_only_own(item) for item in items)
        case Literal(one):
            return one is False or one is None
        case Symbol("company_id" | "company_ids", path):
            return path in ((), ("id",), ("ids",))
        case Symbol("user", path):
            return path in (("company_id", "id"), ("company_id", "ids"), ("company_ids", "ids"))
        case Symbol("website", path):
            return path == ("company_id", "id")
    return False


def _negative(term: Term) -> bool:
    operator = find_operator(term.operator)
    return operator is not None and operator.negative


def _with_own_companies(term: Term) -> bool:
    """Whether its value comes from the companies of the user, or of the website they visit, and says which."""
    if isinstance(term.value, Subdomain) or term.path.endswith(_ATTRIBUTES):
        return False
    return any(
        _from_company(symbol) or (symbol.root == "website" and symbol.path[:1] == ("company_id",))
        for symbol in symbols(term.value)
    )


def _mentions(term: Term) -> bool:
    if any(is_company_name(hop) for hop in term.path.split(".")):
        return True
    if isinstance(term.value, Subdomain):
        return mentions_company(term.value.domain)
    return any(_from_company(symbol) for symbol in symbols(term.value))


def _from_company(symbol: Symbol) -> bool:
    if symbol.root in ("company_id", "company_ids"):
        return True
    return symbol.root == "user" and bool(symbol.path) and is_company_name(symbol.path[0])
