"""What sort of thing a condition is: what somebody publishes, what many share, what has no owner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ostiary.domain import And, Domain, IfElse, Literal, Not, Or, Subdomain, Term, find_operator, symbols
from ostiary.policy import Policy
from ostiary.prove.identity import SHARED_MODELS, model_of
from ostiary.prove.verdict import Sort
from ostiary.prove.ways import comodel_of, items_of

# What is set on purpose for others to see: a condition on one of these publishes.
_PUBLISHING = (
    "published",
    "visib",
    "privacy",
    "public",
    "share",
    "sharing",
    "access_type",
    "access_mode",
    "in_portal",
    "on_portal",
    "on_website",
    "is_listed",
    "can_view",
    "can_access",
)
_ORDER = (Sort.PUBLISHING, Sort.PLAIN, Sort.SHARED, Sort.UNSET)


def sort_of(policy: Policy, model: str, alternatives: Sequence[Domain]) -> Sort:
    """What sort of condition some alternatives are: that of the alternative that protects least."""
    worst = max((_ORDER.index(_sort(policy, model, one)) for one in alternatives), default=0)
    return _ORDER[worst]


def _sort(policy: Policy, model: str, domain: Domain) -> Sort:
    """An alternative that publishes is one that somebody chose; otherwise its worst part counts."""
    parts = domain.items if isinstance(domain, And) else (domain,)
    sorts = [_sort_of_part(policy, model, part) for part in parts]
    if Sort.PUBLISHING in sorts:
        return Sort.PUBLISHING
    return max(sorts, key=_ORDER.index, default=Sort.PLAIN)


def _sort_of_part(policy: Policy, model: str, domain: Domain) -> Sort:
    found = list(_terms(policy, model, domain, negative=False))
    if any(_publishes(policy, term, negative) for _, term, negative in found):
        return Sort.PUBLISHING
    if any(_shares(policy, where, term) for where, term, _ in found):
        return Sort.SHARED
    if any(_asks_unset(policy, where, term, negative) for where, term, negative in found):
        return Sort.UNSET
    return Sort.PLAIN


def _shares(policy: Policy, model: str, term: Term) -> bool:
    """Whether a term compares with something of the user's. Ids of two models are only the same by chance."""
    holds = model if term.path == "id" else comodel_of(policy, model, term.path)
    return any(
        one.root == "user"
        and not (holds and one.path[-1:] in (("id",), ("ids",)) and holds != model_of(policy, one))
        for one in symbols(term.value)
    )


def _terms(policy: Policy, model: str, domain: Domain, *, negative: bool) -> Iterator[tuple[str, Term, bool]]:
    """The terms of a domain, those of subdomains too, with the model each is about and whether it stands under `!`."""
    match domain:
        case And(items) | Or(items):
            for item in items:
                yield from _terms(policy, model, item, negative=negative)
        case Not(item):
            yield from _terms(policy, model, item, negative=not negative)
        case IfElse(_, then, otherwise):
            yield from _terms(policy, model, then, negative=negative)
            yield from _terms(policy, model, otherwise, negative=negative)
        case Term(path, operator, Subdomain(inner)):
            turned = negative is not operator.startswith("not")
            yield from _terms(policy, comodel_of(policy, model, path), inner, negative=turned)
        case Term():
            yield model, domain, negative


def _publishes(policy: Policy, term: Term, negative: bool) -> bool:
    """Whether a term asks for something that somebody sets to show a record."""
    values = items_of(term.value)
    operator = find_operator(term.operator)
    refuses = negative is not (operator is not None and operator.negative)
    hops = term.path.split(".")
    if any(hop in policy.publishing or any(word in hop for word in _PUBLISHING) for hop in hops):
        plain = all(isinstance(one, Literal) and isinstance(one.value, bool | None) for one in values)
        return (
            any(isinstance(one, Literal) and bool(one.value) is not refuses for one in values)
            if plain
            else True
        )
    return not refuses and any(
        isinstance(one, Literal) and isinstance(one.value, str) and "public" in one.value.lower()
        for one in values
    )


def _asks_unset(policy: Policy, model: str, term: Term, negative: bool) -> bool:
    """Whether a term asks that a link to somebody (not to what many share) is not set."""
    if negative or term.operator not in ("=", "in"):
        return False
    if not any(isinstance(one, Literal) and not one.value for one in items_of(term.value)):
        return False
    comodel = comodel_of(policy, model, term.path)
    return bool(comodel) and comodel not in SHARED_MODELS
