"""Whether a domain compares companies, and whether it compares anything else.

A company is an attribute that all portal users of one company share: what only compares companies
keeps companies apart, and lets every customer see every other customer's records.
"""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.domain import And, Constant, Domain, IfElse, Not, Or, Subdomain, Symbol, Term, symbols

_NAMES = frozenset({"company_id", "company_ids", "allowed_company_ids"})


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
