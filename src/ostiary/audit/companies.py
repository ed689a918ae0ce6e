"""Whether a domain compares companies, and whether it compares anything else.

A company is an attribute that all portal users of one company share: what only compares companies
keeps companies apart, and lets every customer see every other customer's records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ostiary.domain import (
    And,
    Call,
    Constant,
    Domain,
    HasGroup,
    IfElse,
    Literal,
    Not,
    OpaqueValue,
    Or,
    Sequence,
    Subdomain,
    Symbol,
    Term,
    conjunction,
    find_operator,
    nodes,
    normalize,
    opaques,
    symbols,
    terms,
)
from ostiary.policy.definitions import Mode, RecordRule
from ostiary.policy.policy import Policy
from ostiary.policy.rules import parents_of

Tie = Callable[[Term], bool]

_NAMES = frozenset({"company_id", "company_ids", "allowed_company_ids"})
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


def open_to_company(domain: Domain) -> bool:
    """Whether somebody with no other tie to a record than its company may still be accepted.

    Every term that is about something else is taken to refuse. A domain without any company term is not open.
    """
    return mentions_company(domain) and _holds(domain, negated=False)


def keeps_companies(domain: Domain, tie: Tie | None = None) -> bool | None:
    """Whether nothing is accepted without comparing the record with the user's companies; None if it can't be told.

    Every alternative must compare, or accept only records of no company at all. With `tie`, a term that it
    recognizes (as one about the user's own records) will do instead.
    """
    simple = normalize(domain)
    return _keeps(simple, False, tie, frozenset(_compared(simple)))


def compares_own_companies(domain: Domain) -> bool:
    """Whether any part accepts only records of the user's companies, be it one alternative of several."""
    return any(
        _term_keeps(term, negated, None, frozenset())
        for term, negated in terms(normalize(domain))
        if isinstance(term.value, Subdomain) or _with_own_companies(term)
    )


def kept_globally(policy: Policy, model: str, modes: Iterable[Mode]) -> bool | None:
    """Whether the global rules of a model, or of what it delegates to, keep companies apart in all these modes."""
    return _every(
        keeps_companies(conjunction(_global_domains(policy, model, mode, frozenset()))) for mode in modes
    )


def bound_company_rule(policy: Policy, rule: RecordRule, outsiders: Iterable[str]) -> bool:
    """Whether a rule keeps companies apart and compares nothing else, but is bound to groups.

    One that is only for `outsiders` (share users) is not meant: it says nothing about anybody else.
    """
    return (
        not rule.is_global
        and only_companies(rule.domain)
        and keeps_companies(rule.domain) is True
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


def _global_domains(policy: Policy, model: str, mode: Mode, seen: frozenset[str]) -> Iterator[Domain]:
    for rule in policy.rules_by_model.get(model, ()):
        if rule.is_global and mode in rule.modes:
            yield rule.domain
    for parent, link in parents_of(policy, model).items():
        if parent not in seen | {model}:
            inner = conjunction(_global_domains(policy, parent, mode, seen | {model}))
            yield Term(link, "any", Subdomain(inner))


def _compared(domain: Domain) -> Iterator[str]:
    """The paths that are compared with the user's companies."""
    return (part.path for part in nodes(domain) if isinstance(part, Term) and _with_own_companies(part))


def _keeps(domain: Domain, negated: bool, tie: Tie | None, compared: frozenset[str]) -> bool | None:
    if isinstance(domain, Constant):
        return domain.value == negated
    if isinstance(domain, Not):
        return _keeps(domain.item, not negated, tie, compared)
    if isinstance(domain, And | Or):
        found = [_keeps(item, negated, tie, compared) for item in domain.items]
        return _some(found) if isinstance(domain, And) != negated else _every(found)
    if isinstance(domain, IfElse):
        then = _keeps(domain.then, negated, tie, compared)
        otherwise = _keeps(domain.otherwise, negated, tie, compared)
        if then is not otherwise and any(isinstance(part, HasGroup) for part in nodes(domain.test)):
            return None
        return _every((then, otherwise))
    return _term_keeps(domain, negated, tie, compared) if isinstance(domain, Term) else None


def _term_keeps(term: Term, negated: bool, tie: Tie | None, compared: frozenset[str]) -> bool | None:
    operator = find_operator(term.operator)
    negative = negated != (operator is not None and operator.negative)
    if isinstance(term.value, Subdomain):
        return _keeps(term.value.domain, negative, tie, compared)
    if any(isinstance(part, OpaqueValue) for part in opaques(term.value)):
        return None
    if negative:
        return False
    if _with_own_companies(term) or _of_no_company(term, compared) or (tie is not None and tie(term)):
        return True
    called = any(isinstance(part, Call) for part in nodes(term.value))
    return None if called and compares_company(term) else False


def _with_own_companies(term: Term) -> bool:
    """Whether its value comes from the companies of the user, or of the website they visit, and says which."""
    if isinstance(term.value, Subdomain) or term.path.endswith(_ATTRIBUTES):
        return False
    return any(
        _from_company(symbol) or (symbol.root == "website" and symbol.path[:1] == ("company_id",))
        for symbol in symbols(term.value)
    )


def _of_no_company(term: Term, compared: frozenset[str]) -> bool:
    """Whether it accepts only records without a company, or without the link that a company is read through."""
    if term.operator not in ("=", "in"):
        return False
    items = term.value.items if isinstance(term.value, Sequence) else (term.value,)
    if not items or any(item not in (Literal(False), Literal(None)) for item in items):
        return False
    hops = [hop for hop in term.path.split(".") if hop != "id"]
    path = ".".join(hops)
    return is_company_name(hops[-1] if hops else "") or any(
        other == path or other.startswith(f"{path}.") for other in compared
    )


def _every(found: Iterable[bool | None]) -> bool | None:
    known = list(found)
    return False if False in known else None if None in known else True


def _some(found: Iterable[bool | None]) -> bool | None:
    known = list(found)
    return True if True in known else None if None in known else False


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


def _holds(domain: Domain, negated: bool) -> bool:
    if isinstance(domain, Constant):
        return domain.value != negated
    if isinstance(domain, Not):
        return _holds(domain.item, not negated)
    if isinstance(domain, And | Or):
        every = isinstance(domain, And) != negated
        return (all if every else any)(_holds(item, negated) for item in domain.items)
    if isinstance(domain, IfElse):
        return _holds(domain.then, negated) or _holds(domain.otherwise, negated)
    return isinstance(domain, Term) and compares_company(domain)
