"""The ways in which a domain can be true where nothing ties a record to the user."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from ostiary.domain import (
    FALSE,
    TRUE,
    And,
    Concat,
    Constant,
    Domain,
    IfElse,
    Literal,
    Not,
    Or,
    Subdomain,
    Symbol,
    Term,
    Value,
    conjunction,
    disjunction,
    find_operator,
    normalize,
)
from ostiary.domain import Sequence as Values
from ostiary.policy import Policy
from ostiary.policy.paths import Step, walk
from ostiary.prove.identity import may_be_empty

MOST_WAYS = 48
"""How many ways of passing are looked at."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way of passing: statements about the record, and the names they have in a question; `user` are the names of
    those about the user."""

    domains: tuple[Domain, ...]
    parts: tuple[str, ...]
    user: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a term stands: the model of the question, those that relational fields lead to from it, and the fields."""

    models: tuple[str, ...]
    hops: tuple[str, ...] = ()

    @property
    def model(self) -> str:
        """The model that the term is about."""
        return self.models[-1]

    def beyond(self, hop: str, comodel: str) -> Place:
        """What lies behind a relational field."""
        return Place((*self.models, comodel), (*self.hops, hop))


Tied = Callable[[Place, Term], frozenset[Symbol]]
"""The names of the user's by which a term ties a record to them."""


def leaves_of(domain: Domain) -> Iterator[Term]:
    """The terms of a domain, both branches of conditionals, not those inside subdomains."""
    match domain:
        case And(items) | Or(items):
            for item in items:
                yield from leaves_of(item)
        case Not(item):
            yield from leaves_of(item)
        case IfElse(_, then, otherwise):
            yield from leaves_of(then)
            yield from leaves_of(otherwise)
        case Term():
            yield domain


def ways_of(policy: Policy, model: str, domain: Domain, tied: Tied) -> list[tuple[Domain, ...]]:
    """The ways in which a domain can be true without what ties to the user, each a set of statements; not all of them
    where there are very many."""
    left = normalize(_Untied(policy, tied).domain(Place((model,)), normalize(domain)))
    return [way for way in dict.fromkeys(_ways(left)[:MOST_WAYS]) if FALSE not in way]


def comodel_of(policy: Policy, model: str, path: str) -> str:
    """The model a path leads to; empty where that isn't known."""
    steps = list(walk(policy, model, path))
    last = steps[-1] if len(steps) == path.count(".") + 1 else None
    return (last.field.comodel or "") if isinstance(last, Step) else ""


def items_of(value: Value) -> list[Value]:
    """What a list holds, or the value itself."""
    if isinstance(value, Values):
        return list(value.items)
    if isinstance(value, Concat):
        return [item for part in value.parts for item in items_of(part)]
    return [value]


def _ways(domain: Domain) -> list[tuple[Domain, ...]]:
    """The domain as alternatives of statements that hold together; at most a few more than are looked at."""
    match domain:
        case Constant(True):
            return [()]
        case Constant(False):
            return []
        case Or(items):
            found = [way for item in items for way in _ways(item)]
            return found[: MOST_WAYS + 1]
        case And(items):
            every: list[tuple[Domain, ...]] = [()]
            for item in items:
                every = [
                    tuple(dict.fromkeys((*first, *second))) for first, second in product(every, _ways(item))
                ][: MOST_WAYS + 1]
            return every
        case Not(And(items)):
            return _ways(disjunction([Not(item) for item in items]))
        case Not(Or(items)):
            return _ways(conjunction([Not(item) for item in items]))
        case IfElse(test, then, otherwise):
            first = [(IfElse(test, TRUE, FALSE), *way) for way in _ways(then)]
            return first + [(IfElse(test, FALSE, TRUE), *way) for way in _ways(otherwise)]
    return [(domain,)]


class _Untied:
    """Rewrites domains to what they are where nothing ties the record to the user."""

    def __init__(self, policy: Policy, tied: Tied) -> None:
        self.policy = policy
        self.tied = tied

    def domain(self, place: Place, domain: Domain, *, negative: bool = False) -> Domain:
        """What is left of a domain; `negative`: it stands under an odd number of `!`."""
        match domain:
            case And(items):
                return conjunction([self.domain(place, item, negative=negative) for item in items])
            case Or(items):
                return disjunction([self.domain(place, item, negative=negative) for item in items])
            case Not(item):
                return _not(self.domain(place, item, negative=not negative))
            case IfElse(test, then, otherwise):
                return IfElse(
                    test,
                    self.domain(place, then, negative=negative),
                    self.domain(place, otherwise, negative=negative),
                )
            case Term(value=Subdomain(inner)):
                return self._any(place, domain, inner, negative=negative)
            case Term():
                return self._term(place, domain, negative=negative)
        return domain

    def _term(self, place: Place, term: Term, *, negative: bool) -> Domain:
        operator = find_operator(term.operator)
        used = self.tied(place, term)
        if not used or operator is None:
            return term
        hop, _, rest = term.path.partition(".")
        if rest and (operator.negative or negative):
            inner = Term(rest, term.operator, term.value)
            return self._any(place, Term(hop, "any", Subdomain(inner)), inner, negative=negative)
        others = [one for one in items_of(term.value) if one not in used]
        lacking = any(may_be_empty(self.policy, one) for one in used)
        if operator.negative:
            left = [*others, Literal(False)] if negative and lacking else [*others]
            if left and all(one == Literal(False) for one in left):
                return Term(term.path, "!=", Literal(False))
            return Term(term.path, "not in", Values(tuple(left))) if left else TRUE
        if term.operator == "=?":
            return Constant(lacking)
        parts: list[Domain] = []
        if others == [Literal(False)]:
            parts.append(Term(term.path, "=", Literal(False)))
        elif others:
            parts.append(
                Term(term.path, term.operator if operator.hierarchical else "in", Values(tuple(others)))
            )
        if not operator.hierarchical and lacking:
            parts.append(Term(term.path, "=", Literal(False)))
        return disjunction(parts)

    def _any(self, place: Place, term: Term, inner: Domain, *, negative: bool) -> Domain:
        comodel = comodel_of(self.policy, place.model, term.path)
        turned = negative is not term.operator.startswith("not")
        left = normalize(self.domain(place.beyond(term.path, comodel), inner, negative=turned))
        if left == FALSE:
            return FALSE if term.operator == "any" else TRUE
        if left == TRUE:
            return Term(term.path, "!=" if term.operator == "any" else "=", Literal(False))
        return Term(term.path, term.operator, Subdomain(left))


def _not(domain: Domain) -> Domain:
    """The opposite, in plainer words where there are any."""
    match domain:
        case Constant(value):
            return Constant(not value)
        case Term(path, "!=" | "=" as operator, Literal(False)) if "." not in path:
            return Term(path, "=" if operator == "!=" else "!=", Literal(False))
    return Not(domain)
